//! sqlparser's tree of an expression, where it is small enough to be worth one.

use std::sync::Arc;

use sqlparser::ast::{BinaryOperator, Expr, Query, Statement, Value};
use sqlparser::dialect::{Dialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::{Parser, ParserOptions};
use sqlparser::tokenizer::{self, Token as Lexeme, TokenWithSpan};

use super::token::Token;
use super::tokenise::tokenise;
use crate::engine::{Engine, Target};
use crate::source::Span;

/// Beyond this a tree is not made: trees of long operator chains overflow small stacks when dropped.
const MOST_TOKENS: usize = 300;
/// Parentheses, brackets and CASE may nest this deep.
const DEEPEST: usize = 40;

pub fn dialect(engine: Engine) -> &'static dyn Dialect {
    match engine {
        Engine::Postgres => &PostgreSqlDialect {},
        Engine::Mysql | Engine::Mariadb => &MySqlDialect {},
        Engine::Sqlite => &SQLiteDialect {},
    }
}

/// Nothing but columns that are equal to each other.
pub fn is_plain_join(expression: &Expr) -> bool {
    let is_column = |side: &Expr| matches!(side, Expr::Identifier(_) | Expr::CompoundIdentifier(_));
    match expression {
        Expr::Nested(inner) => is_plain_join(inner),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => is_plain_join(left) && is_plain_join(right),
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => is_column(left) && is_column(right),
        _ => false,
    }
}

/// The tree of an expression that takes up all of the tokens; `None` when it is too large or not
/// one for sqlparser.
pub fn tree(tokens: &[Token], engine: Engine) -> Option<Arc<Expr>> {
    // The most frequent defaults need no parser.
    if let [Token { token: literal, .. }] = tokens {
        let value = match literal {
            Lexeme::Number(digits, long) => Some(Value::Number(digits.clone(), *long)),
            Lexeme::SingleQuotedString(text) => Some(Value::SingleQuotedString(text.clone())),
            _ => None,
        };
        if let Some(value) = value {
            return Some(Arc::new(Expr::value(value)));
        }
    }
    if tokens.is_empty() || tokens.len() > MOST_TOKENS || too_deep(tokens) {
        return None;
    }
    let mut parser = parser(tokens, engine);
    let expression = parser.parse_expr().ok()?;
    (parser.peek_token_ref().token == Lexeme::EOF).then(|| Arc::new(expression))
}

/// The query in a small text, or the one that a CREATE TABLE or an INSERT takes its rows from.
pub fn query_of(text: &str, target: Target) -> Option<Box<Query>> {
    let tokens = few_tokens(text, target)?;
    let mut parser = parser(&tokens, target.engine);
    let begins = |word: &str| matches!(tokens.first().map(|token| &token.token), Some(Lexeme::Word(first)) if first.value.eq_ignore_ascii_case(word));
    if begins("INSERT") {
        let Statement::Insert(insert) = parser.parse_statement().ok()? else { return None };
        // What is left over was not understood, and may have been the FROM of the query.
        return if parser.peek_token_ref().token == Lexeme::EOF { insert.source } else { None };
    }
    if !begins("CREATE") {
        let query = parser.parse_query().ok()?;
        return (parser.peek_token_ref().token == Lexeme::EOF).then_some(query);
    }
    let Statement::CreateTable(table) = parser.parse_statement().ok()? else { return None };
    let rest = &parser.peek_token_ref().token;
    let data = matches!(rest, Lexeme::Word(word) if word.value.eq_ignore_ascii_case("WITH"));
    if data || *rest == Lexeme::EOF { table.query } else { None }
}

/// A statement that writes rows, where sqlparser understands all of it.
pub fn written_of(text: &str, target: Target) -> Option<Statement> {
    let tokens = few_tokens(text, target)?;
    let mut parser = parser(&tokens, target.engine);
    let statement = parser.parse_statement().ok()?;
    (parser.peek_token_ref().token == Lexeme::EOF).then_some(statement)
}

fn few_tokens(text: &str, target: Target) -> Option<Vec<Token>> {
    let length = u32::try_from(text.len()).ok().filter(|length| *length < 16_384)?;
    let tokens = tokenise(text, Span::new(0, length), target);
    let many = tokens.len() > 4 * MOST_TOKENS || too_deep(&tokens) || long_chain(&tokens);
    (!many).then_some(tokens)
}

/// sqlparser's parser over tokens of ours.
pub fn parser(tokens: &[Token], engine: Engine) -> Parser<'static> {
    let empty = tokenizer::Span::empty();
    // Keywords are looked up for its parser alone.
    let tokens = tokens.iter().map(|token| match &token.token {
        Lexeme::Word(word) => TokenWithSpan::new(Lexeme::make_word(&word.value, word.quote_style), empty),
        other => TokenWithSpan::new(other.clone(), empty),
    });
    let tokens = tokens.collect();
    Parser::new(dialect(engine))
        .with_options(ParserOptions::new().with_unescape(true))
        .with_recursion_limit(200)
        .with_tokens_with_locations(tokens)
}

pub fn too_deep(tokens: &[Token]) -> bool {
    let mut depth = 0usize;
    for token in tokens {
        match &token.token {
            Lexeme::LParen | Lexeme::LBracket | Lexeme::LBrace => depth += 1,
            Lexeme::RParen | Lexeme::RBracket | Lexeme::RBrace => depth = depth.saturating_sub(1),
            Lexeme::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("case") => depth += 1,
            Lexeme::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("end") => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

/// More set operations than are safe to hold: `SELECT … UNION ALL SELECT …` by the hundreds.
pub fn long_chain(tokens: &[Token]) -> bool {
    let is_link = |token: &&Token| match &token.token {
        Lexeme::Word(word) => ["UNION", "INTERSECT", "EXCEPT", "AND", "OR"].iter().any(|link| word.value.eq_ignore_ascii_case(link)),
        Lexeme::StringConcat | Lexeme::DoubleColon | Lexeme::Plus | Lexeme::Minus | Lexeme::Mul => true,
        _ => false,
    };
    tokens.iter().filter(is_link).count() > MOST_TOKENS
}
