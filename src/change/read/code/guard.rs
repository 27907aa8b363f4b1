//! Conditions that the server's version decides: `IF current_setting('server_version_num')::int >= 120000`.

use sqlparser::tokenizer::{Token as Lexeme, Word};

use crate::engine::{Engine, Target};
use crate::sql::Token;

/// Whether such a condition holds on a server of that version; `None` where something else decides.
pub(super) fn holds(condition: &[Token], target: Target) -> Option<bool> {
    if target.engine != Engine::Postgres {
        return None;
    }
    let said: Vec<&Lexeme> = condition.iter().map(|token| &token.token).filter(|token| !is_wrapping(token)).collect();
    let (setting, rest) = said.split_at_checked(2)?;
    let [Lexeme::Word(Word { value: call, .. }), Lexeme::SingleQuotedString(name)] = setting else { return None };
    if !call.eq_ignore_ascii_case("current_setting") || !name.eq_ignore_ascii_case("server_version_num") {
        return None;
    }
    // https://www.postgresql.org/docs/current/runtime-config-preset.html: 140005 is 14.5.
    let newest = u32::from(target.version.minor.min(99));
    let mut server = u32::from(target.version.major) * 10_000 + newest;
    let rest = match rest {
        [Lexeme::Div, Lexeme::Number(by, _), rest @ ..] => {
            server = server.checked_div(by.parse().ok()?)?;
            rest
        }
        rest => rest,
    };
    let [comparison, Lexeme::Number(number, _)] = rest else { return None };
    let other: u32 = number.parse().ok()?;
    match comparison {
        Lexeme::Gt => Some(server > other),
        Lexeme::GtEq => Some(server >= other),
        Lexeme::Lt => Some(server < other),
        Lexeme::LtEq => Some(server <= other),
        _ => None,
    }
}

/// Parentheses, SELECT, and a cast to a whole number say nothing of the value.
fn is_wrapping(token: &Lexeme) -> bool {
    match token {
        Lexeme::LParen | Lexeme::RParen | Lexeme::DoubleColon => true,
        Lexeme::Word(Word { value, quote_style: None, .. }) => {
            ["select", "int", "integer", "bigint", "numeric", "int4", "int8"].iter().any(|word| value.eq_ignore_ascii_case(word))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;
    use crate::sql::tokenise;

    fn told(text: &str, target: &str) -> Option<bool> {
        let target: Target = target.parse().unwrap();
        holds(&tokenise(text, Span::new(0, text.len() as u32), target), target)
    }

    #[test]
    fn the_version_decides() {
        let modern = "current_setting('server_version_num')::int > 120000";
        assert_eq!(
            (told(modern, "postgres@11"), told(modern, "postgres@12"), told(modern, "postgres@16")),
            (Some(false), Some(true), Some(true))
        );
        let major = "(SELECT current_setting('server_version_num')::integer / 10000) < 14";
        assert_eq!((told(major, "postgres@13"), told(major, "postgres@14")), (Some(true), Some(false)));
        for other in ["current_setting('server_version_num')::int > 120000 AND x", "current_setting('work_mem')::int > 12", "x > 12", ""] {
            assert_eq!(told(other, "postgres@16"), None, "{other}");
        }
    }
}
