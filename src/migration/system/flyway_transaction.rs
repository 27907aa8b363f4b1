//! Flyway reads a PostgreSQL script's statements and leaves the transaction out by itself when one
//! of them cannot run in it.

use sqlparser::tokenizer::Token;

use crate::engine::{Engine, Target};
use crate::source::Span;
use crate::sql::{self, Piece};

pub(super) struct Look {
    /// A statement that must stand outside a transaction.
    pub outside: Option<Span>,
    /// Whether there are others.
    pub inside: bool,
}

/// Words without which there is nothing to look for.
const HINTS: [&str; 9] = ["concurrently", "vacuum", "reindex", "system", "database", "tablespace", "subscription", "discard", "value"];

pub(super) fn look(text: &str, target: Target) -> Look {
    let mut look = Look { outside: None, inside: false };
    if target.engine != Engine::Postgres {
        return look;
    }
    let lower = text.to_ascii_lowercase();
    if !HINTS.iter().any(|hint| lower.contains(hint)) {
        return look;
    }
    for piece in sql::split(text, target).pieces {
        if outside(&words(&piece), target) {
            look.outside.get_or_insert(piece.span);
        } else {
            look.inside = true;
        }
    }
    look
}

/// The statement's first words, upper case.
fn words(piece: &Piece) -> Vec<String> {
    let word = |token: &sql::Token| match &token.token {
        Token::Word(word) => word.value.to_ascii_uppercase(),
        _ => String::new(),
    };
    piece.tokens.iter().take(10).map(word).collect()
}

fn outside(words: &[String], target: Target) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["CREATE", "INDEX" | "UNIQUE", rest @ ..] => rest.iter().take(2).any(|word| *word == "CONCURRENTLY"),
        ["DROP", "INDEX", "CONCURRENTLY", ..] | ["VACUUM" | "DISCARD", ..] | ["ALTER", "SYSTEM", ..] => true,
        ["REINDEX", "DATABASE" | "SYSTEM" | "SCHEMA", ..] => true,
        ["REINDEX", rest @ ..] => rest.contains(&"CONCURRENTLY"),
        ["CREATE" | "DROP", "DATABASE" | "TABLESPACE" | "SUBSCRIPTION", ..] => true,
        ["ALTER", "TYPE", rest @ ..] => !target.at_least(12, 0, 0) && rest.windows(2).any(|pair| pair == ["ADD", "VALUE"]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (bool, bool) {
        let look = look(text, Target::of(Engine::Postgres));
        (look.outside.is_some(), look.inside)
    }

    #[test]
    fn statements_decide() {
        assert_eq!(found("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a);"), (true, false));
        assert_eq!(found("CREATE INDEX concurrently i ON t (a); SELECT 1;"), (true, true));
        assert_eq!(found("INSERT INTO t VALUES ('VACUUM; DROP DATABASE x');"), (false, true));
        assert_eq!(found("ALTER TYPE e ADD VALUE 'x';"), (false, true));
        assert_eq!(found("SELECT 1;"), (false, false));
    }
}
