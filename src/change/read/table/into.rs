//! PostgreSQL `SELECT … INTO table`: a CREATE TABLE AS in other words.

use sqlparser::tokenizer::{Token as Lexeme, Word};

use crate::change::read::query::query_facts;
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, CreateTable, Persistence};
use crate::sql::{Cursor, SyntaxError, Token};

pub(in crate::change::read) fn is_select_into(cursor: &Cursor) -> bool {
    cursor.is_postgres() && into_clause(cursor.rest()).is_some()
}

/// `SELECT … INTO [TEMP | UNLOGGED] [TABLE] name …`
pub(in crate::change::read) fn select_into(reading: &mut Reading) -> Read {
    let start = reading.mark();
    let Some(into) = into_clause(reading.rest()) else { return Err(reading.error("INTO")) };
    for _ in 0..=into {
        reading.advance();
    }
    let mut table = into_table(reading)?;
    reading.restore(start);
    let span = reading.skip_rest();
    table.as_query = Some(query_facts(reading.tokens_between(start, reading.mark()), reading.target()).reads);
    Ok(vec![Change::on(table.name.clone(), span, Action::CreateTable(Box::new(table)))])
}

fn into_table(cursor: &mut Cursor) -> Result<CreateTable, SyntaxError> {
    let mut table = CreateTable::default();
    cursor.eat_any_word(&["GLOBAL", "LOCAL"]);
    table.persistence = match cursor.eat_any_word(&["TEMPORARY", "TEMP", "UNLOGGED"]) {
        Some("UNLOGGED") => Persistence::Unlogged,
        Some(_) => Persistence::Temporary,
        None => Persistence::Permanent,
    };
    cursor.eat_word("TABLE");
    table.name = cursor.object_name()?;
    Ok(table)
}

/// Where the INTO of a `SELECT … INTO table` stands.
fn into_clause(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0usize;
    let mut selected = false;
    let mut previous: Option<&str> = None;
    for (at, token) in tokens.iter().enumerate() {
        match &token.token {
            Lexeme::LParen => depth += 1,
            Lexeme::RParen => depth = depth.saturating_sub(1),
            Lexeme::Word(Word { value, quote_style: None, .. }) if depth == 0 => {
                let word = |expected: &str| value.eq_ignore_ascii_case(expected);
                if word("INSERT") || word("MERGE") {
                    return None;
                }
                if word("INTO") && selected && !previous.is_some_and(|previous| previous.eq_ignore_ascii_case("AS")) {
                    return Some(at);
                }
                selected |= word("SELECT");
                previous = Some(value);
                continue;
            }
            _ => {}
        }
        previous = None;
    }
    None
}

/// Whether the last tokens are these words.
pub(super) fn ends_with(tokens: &[Token], words: &[&str]) -> bool {
    let Some(start) = tokens.len().checked_sub(words.len()) else { return false };
    tokens.get(start..).is_some_and(|tail| {
        tail.iter().zip(words).all(|(token, expected)| match &token.token {
            Lexeme::Word(Word { value, quote_style: None, .. }) => value.eq_ignore_ascii_case(expected),
            _ => false,
        })
    })
}
