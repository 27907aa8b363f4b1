//! Words of a stretch of code that may be names of columns.

use std::collections::HashSet;

use sqlparser::tokenizer::{Token as Lexeme, Word};

use crate::sql::Token;

/// Every name in lower case, once, in order; `*` for a star that is no product.
pub(super) fn mentions(tokens: &[Token]) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut names = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let name = match &token.token {
            Lexeme::Word(Word { value, quote_style, .. }) => {
                // A name given behind AS is the query's own, whatever column is called the same.
                if at.checked_sub(1).is_some_and(|before| is_as(&tokens[before].token)) {
                    continue;
                }
                let called = matches!(tokens.get(at + 1).map(|token| &token.token), Some(Lexeme::LParen));
                if quote_style.is_none() && (called || is_clause(value)) {
                    continue;
                }
                value.to_lowercase()
            }
            Lexeme::Mul if is_star(tokens, at) => "*".to_owned(),
            _ => continue,
        };
        if seen.insert(name.clone()) {
            names.push(name);
        }
    }
    names
}

fn is_as(token: &Lexeme) -> bool {
    matches!(token, Lexeme::Word(Word { value, quote_style: None, .. }) if value.eq_ignore_ascii_case("AS"))
}

/// `*`, `t.*`, but not `a * b` and not `count(*)`.
fn is_star(tokens: &[Token], at: usize) -> bool {
    let is = |at: Option<usize>, wanted: &Lexeme| at.and_then(|at| tokens.get(at)).is_some_and(|token| token.token == *wanted);
    // `f(t.*)` passes the row as one value and rests on no column.
    if is(at.checked_sub(1), &Lexeme::Period) && (is(at.checked_sub(3), &Lexeme::LParen) || is(Some(at + 1), &Lexeme::RParen)) {
        return false;
    }
    match at.checked_sub(1).map(|before| &tokens[before].token) {
        Some(Lexeme::Comma | Lexeme::Period) => true,
        Some(Lexeme::Word(word)) => ["SELECT", "DISTINCT", "ALL", "RETURNING"].iter().any(|start| word.value.eq_ignore_ascii_case(start)),
        _ => false,
    }
}

/// The words every query has.
fn is_clause(word: &str) -> bool {
    const CLAUSES: &[&str] =
        &["SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "AS", "ON", "JOIN", "LEFT", "INNER", "ORDER", "GROUP", "BY", "NULL", "IS", "IN"];
    CLAUSES.iter().any(|clause| word.eq_ignore_ascii_case(clause))
}

/// Names behind `NEW.` and `OLD.` (SQLite and PostgreSQL's `NEW.x`, MySQL's too), lower case, once.
pub(super) fn row_columns(tokens: &[Token]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for window in tokens.windows(3) {
        let [row, dot, column] = window else { continue };
        let (Lexeme::Word(row), Lexeme::Period, Lexeme::Word(column)) = (&row.token, &dot.token, &column.token) else { continue };
        if row.value.eq_ignore_ascii_case("NEW") || row.value.eq_ignore_ascii_case("OLD") {
            let name = column.value.to_lowercase();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}
