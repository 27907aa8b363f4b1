//! `SET @s = 'statement'; PREPARE p FROM @s`: the text that a user variable holds.

use sqlparser::tokenizer::Token as Lexeme;

use crate::engine::Target;
use crate::sql::{Token, tokenise_at};

/// How far back the assignment is looked for.
const REACH: usize = 16 * 1024;

/// The string that was put into the variable before this point, when there is no doubt: one
/// assignment of a constant since it was prepared last, and nothing else that could fill it.
pub(super) fn constant(tokens: &[Token], text: &str, target: Target) -> Option<Token> {
    let (first, last) = (tokens.first()?, tokens.last()?);
    let name = text.get(first.span.start as usize..last.span.end as usize)?.trim().to_ascii_lowercase();
    let plain = name.strip_prefix('@').is_some_and(|rest| !rest.is_empty() && rest.chars().all(is_name));
    if !plain {
        return None;
    }
    let end = first.span.start as usize;
    let from = end.saturating_sub(REACH);
    let start = (from..=end).find(|at| text.is_char_boundary(*at))?;
    let window = text.get(start..end)?.to_ascii_lowercase();
    let mut assigned = None;
    // From the end back to where it was prepared before.
    for (at, _) in window.rmatch_indices(name.as_str()) {
        let (before, after) = (window.get(..at)?, window.get(at + name.len()..)?);
        if after.chars().next().is_some_and(is_name) || before.ends_with(['@', '`']) {
            continue;
        }
        let before = before.trim_end();
        let value = after.trim_start().strip_prefix(":=").or_else(|| after.trim_start().strip_prefix('='));
        let is_set = ends_with_word(before, "set") || before.ends_with(',');
        match value {
            Some(value) if is_set && assigned.is_none() => assigned = Some(end - value.len()),
            None if ends_with_word(before, "from") && assigned.is_some() => break,
            _ => return None,
        }
    }
    let value = assigned?;
    let tokens = tokenise_at(text.get(value..end)?, u32::try_from(value).ok()?, target);
    let alone = tokens.get(1).is_none_or(|next| matches!(next.token, Lexeme::SemiColon));
    let first = tokens.into_iter().next().filter(|_| alone)?;
    // What prepares further statements is left alone: they could go on for ever.
    let nested = first.span.slice(text).to_ascii_lowercase().contains("prepare");
    (!nested && matches!(first.token, Lexeme::SingleQuotedString(_) | Lexeme::DoubleQuotedString(_))).then_some(first)
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '.')
}

fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word).is_some_and(|rest| !rest.ends_with(is_name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::tokenise_at;

    fn held(before: &str) -> bool {
        let target: Target = "mysql@8.0".parse().unwrap();
        let text = format!("{before} PREPARE p FROM @s");
        let tokens = tokenise_at(&text, 0, target);
        let at = text.rfind('@').unwrap();
        let name: Vec<Token> = tokens.into_iter().filter(|token| token.span.start as usize >= at).collect();
        constant(&name, &text, target).is_some()
    }

    #[test]
    fn one_constant_is_known_and_nothing_else() {
        assert!(held("SET @s = 'SELECT 1';"));
        assert!(held("SET @s := 'SELECT 1'; PREPARE p FROM @s; SET @s = 'SELECT 2';"));
        assert!(!held("SET @s = 'SELECT 1'; SET @s = 'SELECT 2';"));
        assert!(!held("SET @s = CONCAT('SELECT', ' 1');"));
        assert!(!held("SET @s = 'SELECT 1'; SELECT 'x' INTO @s;"));
        assert!(!held("SET @s2 = 'SELECT 1';"));
    }
}
