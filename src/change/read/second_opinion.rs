//! What sqlparser says of a statement our own grammar could not read.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::Parsing;
use crate::engine::Target;
use crate::sql::{SyntaxError, Token, expression};

/// Beyond this sqlparser is not asked.
const MOST_TOKENS: usize = 2_000;

/// Partial when sqlparser accepts the whole statement, else failed where we stopped.
pub(super) fn on(tokens: &[Token], target: Target, error: SyntaxError) -> Parsing {
    let SyntaxError { at, expected } = error;
    let expected = expected.into_owned();
    if accepts(tokens, target) { Parsing::Partial { at, expected } } else { Parsing::Failed { at, expected } }
}

fn accepts(tokens: &[Token], target: Target) -> bool {
    if tokens.len() > MOST_TOKENS || expression::too_deep(tokens) || expression::long_chain(tokens) {
        return false;
    }
    let mut parser = expression::parser(tokens, target.engine);
    parser.parse_statement().is_ok() && parser.peek_token_ref().token == Lexeme::EOF
}
