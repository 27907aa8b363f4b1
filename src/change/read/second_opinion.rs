//! What sqlparser says of a statement our own grammar could not read.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::Parsing;
use crate::engine::{Engine, Target};
use crate::sql::{SyntaxError, Token, expression, is_reserved};

/// Beyond this sqlparser is not asked.
const MOST_TOKENS: usize = 2_000;

/// Partial when sqlparser accepts the whole statement, else failed where we stopped.
pub(super) fn on(tokens: &[Token], target: Target, error: SyntaxError) -> Parsing {
    let certain = is_certain(&error, tokens, target);
    let SyntaxError { at, expected } = error;
    let expected = expected.into_owned();
    if certain {
        return Parsing::Failed { at, expected };
    }
    if accepts(tokens, target) { Parsing::Partial { at, expected } } else { Parsing::Failed { at, expected } }
}

/// A reserved word or a comma where a name is owed, a word MySQL has no type for: refused, however
/// lenient sqlparser is.
pub(super) fn is_certain(error: &SyntaxError, tokens: &[Token], target: Target) -> bool {
    let stopped = tokens.iter().find(|token| token.span == error.at);
    let name_owed = matches!(&*error.expected, "a name" | "a column name");
    match stopped.map(|token| &token.token) {
        Some(Lexeme::Word(word)) if word.quote_style.is_none() => {
            // A semicolon was forgotten.
            let next = ["CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE"].iter().any(|verb| word.value.eq_ignore_ascii_case(verb));
            if next && &*error.expected == "the end of the statement" {
                return true;
            }
            let reserved = name_owed && is_reserved(&word.value, target);
            reserved || (target.engine == Engine::Mysql && &*error.expected == "a data type")
        }
        // The statement ends where more is owed.
        None => error.at.is_empty(),
        Some(Lexeme::Comma | Lexeme::LParen | Lexeme::RParen | Lexeme::Eq) => name_owed,
        _ => false,
    }
}

fn accepts(tokens: &[Token], target: Target) -> bool {
    if tokens.len() > MOST_TOKENS || expression::too_deep(tokens) || expression::long_chain(tokens) {
        return false;
    }
    let mut parser = expression::parser(tokens, target.engine);
    parser.parse_statement().is_ok() && parser.peek_token_ref().token == Lexeme::EOF
}
