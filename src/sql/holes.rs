//! Holes a tool fills before the server sees the text: psql's `:name`, `${name}`, `{{ name }}`.
//! Each becomes one word, so that the statement around it can still be read.

use sqlparser::tokenizer::Token as Lexeme;

use super::token::Token;
use crate::engine::Engine;
use crate::source::Span;

/// Joins the tokens of each hole, and of the name it is part of, into one word.
pub(super) fn join_holes(text: &str, engine: Engine, tokens: &mut Vec<Token>) {
    let suspicious = |token: &Token| match token.token {
        Lexeme::LBrace => true,
        Lexeme::Colon => engine == Engine::Postgres,
        _ => false,
    };
    if !tokens.iter().any(suspicious) {
        return;
    }
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let end = match token.token {
            Lexeme::LBrace => brace_end(tokens, at),
            Lexeme::Colon if engine == Engine::Postgres => variable_end(text, tokens, at),
            _ => None,
        };
        let Some(mut end) = end else {
            joined.push(token.clone());
            at += 1;
            continue;
        };
        let mut span = Span::new(token.span.start, tokens[end - 1].span.end);
        // `app_${env}` and `${schema}_users` are one name each.
        while let Some(before) = joined.last()
            && before.span.end == span.start
            && is_part(&before.token)
        {
            span.start = before.span.start;
            joined.pop();
        }
        while let Some(after) = tokens.get(end)
            && after.span.start == span.end
            && is_part(&after.token)
        {
            span.end = after.span.end;
            end += 1;
        }
        // psql quotes what `:'name'` and `:"name"` stand for.
        let lexeme = match tokens.get(end - 1).map(|token| &token.token) {
            Some(Lexeme::SingleQuotedString(name)) if end == at + 2 => Lexeme::SingleQuotedString(name.clone()),
            _ => Lexeme::make_word(span.slice(text), None),
        };
        joined.push(Token { token: lexeme, span });
        at = end;
    }
    *tokens = joined;
}

/// Whether a name, as written without quotes or shown, has a hole in it: what it is in the end is not
/// known, and neither folding nor quotes are for what stands in the hole.
pub fn has_hole(name: &str) -> bool {
    name.starts_with(':') || ["${", "{{"].iter().any(|mark| name.contains(mark)) && name.contains('}')
}

/// Folds what stands around the holes of a name.
pub fn fold_around(name: &mut String) {
    if name.starts_with(':') {
        return;
    }
    let mut depth = 0u32;
    let folded = name.chars().map(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 { c.to_ascii_lowercase() } else { c }
    });
    *name = folded.collect();
}

fn is_part(token: &Lexeme) -> bool {
    match token {
        Lexeme::Word(word) => word.quote_style.is_none(),
        Lexeme::Number(..) => true,
        Lexeme::Placeholder(text) => text == "$",
        _ => false,
    }
}

/// After the brace that closes the one at `at`, within one short stretch.
fn brace_end(tokens: &[Token], at: usize) -> Option<usize> {
    let mut depth = 0u32;
    for (index, token) in tokens.iter().enumerate().skip(at).take(24) {
        match token.token {
            Lexeme::LBrace => depth += 1,
            Lexeme::RBrace => {
                depth -= 1;
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// psql's `:name`, `:'name'`, `:"name"`: the name follows the colon at once, and nothing that could
/// be an array stands before it.
fn variable_end(text: &str, tokens: &[Token], at: usize) -> Option<usize> {
    let colon = tokens[at].span;
    let name = tokens.get(at + 1)?;
    let before = text.as_bytes().get((colon.start as usize).checked_sub(1)?)?;
    let free = before.is_ascii_whitespace() || matches!(before, b'(' | b',' | b'=' | b'.' | b'@');
    let named = matches!(name.token, Lexeme::Word(_) | Lexeme::SingleQuotedString(_));
    (free && named && name.span.start == colon.end).then_some(at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_hole_is_not_folded() {
        let mut name = r#"App_{{ index .Options "Namespace" }}_Users"#.to_owned();
        assert!(has_hole(&name));
        fold_around(&mut name);
        assert_eq!(name, r#"app_{{ index .Options "Namespace" }}_users"#);
        assert!(!has_hole("Users") && !has_hole("$1"));
    }
}
