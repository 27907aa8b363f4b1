//! SELECT, VALUES, TABLE.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token as Lexeme, Word};

use crate::change::read::query::QueryFacts;
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, SetVariable, SettingScope};
use crate::sql::SyntaxError;

pub(in crate::change::read) fn select(reading: &mut Reading) -> Read {
    let start = reading.mark();
    check_query(reading)?;
    let facts = reading.facts_between(start, reading.mark());
    if reading.is_postgres() {
        let settings = set_config(reading, start);
        if !settings.is_empty() {
            return Ok(settings);
        }
    }
    Ok(vec![plain(reading, facts)])
}

fn plain(reading: &Reading, facts: QueryFacts) -> Change {
    let QueryFacts { reads, calls, locks_rows, .. } = facts;
    Change::free(reading.whole, Action::Select { reads, calls, locks_rows })
}

/// Passes the query and reports what no query may look like: parentheses that do not match, clauses
/// without anything in them.
pub(in crate::change::read) fn check_query(reading: &mut Reading) -> Result<(), SyntaxError> {
    let mut open = Vec::new();
    let mut before: Option<&Lexeme> = None;
    // PostgreSQL: ORDER BY a USING <.
    let mut using = false;
    let mut history: [Option<&Lexeme>; 2] = [None, None];
    while let Some(lexeme) = reading.peek() {
        match lexeme {
            Lexeme::LParen => open.push(reading.mark()),
            Lexeme::RParen => {
                if open.pop().is_none() {
                    return Err(reading.error("the end of the statement"));
                }
                if matches!(before, Some(Lexeme::Comma)) {
                    return Err(reading.error("an expression"));
                }
            }
            Lexeme::Comma if matches!(before, Some(Lexeme::Comma | Lexeme::LParen)) => return Err(reading.error("an expression")),
            Lexeme::Word(word) if open.is_empty() && is_plain(word) && misplaced(reading, &history) => {
                return Err(reading.error(if matches!(before, Some(Lexeme::Mul)) { "FROM or `,`" } else { "`,` or a clause" }));
            }
            Lexeme::Word(_) if reading.at_any_word(CLAUSES) && asks_for_more(before) && !using && !reading.at_nth(1, &Lexeme::LParen) => {
                return Err(reading.error("an expression"));
            }
            _ => {}
        }
        using = matches!(before, Some(Lexeme::Word(word)) if word.value.eq_ignore_ascii_case("USING"));
        history = [before, Some(lexeme)];
        before = Some(lexeme);
        reading.advance();
    }
    if let Some(open) = open.pop() {
        reading.restore(open);
        return Err(reading.error("a closing parenthesis for this one"));
    }
    if asks_for_more(before) && !using
        || matches!(before, Some(Lexeme::Word(word)) if word.quote_style.is_none() && NEVER_LAST.iter().any(|last| word.value.eq_ignore_ascii_case(last)))
    {
        return Err(reading.error("an expression"));
    }
    Ok(())
}

/// A word that is nobody's keyword.
fn is_plain(word: &Word) -> bool {
    let looked_up = Lexeme::make_word(&word.value, word.quote_style);
    word.quote_style.is_none() && matches!(looked_up, Lexeme::Word(Word { keyword: Keyword::NoKeyword, .. }))
}

/// A plain word behind the star of a select list, or the third plain word in a row: `SELECT * FORM t`.
fn misplaced(reading: &Reading, history: &[Option<&Lexeme>; 2]) -> bool {
    match history {
        [Some(Lexeme::Word(first)), Some(Lexeme::Mul)] => {
            first.quote_style.is_none() && first.value.eq_ignore_ascii_case("SELECT") && !reading.at_nth(1, &Lexeme::LParen)
        }
        [Some(Lexeme::Word(first)), Some(Lexeme::Word(second))] => is_plain(first) && is_plain(second),
        _ => false,
    }
}

/// Operators and commas cannot stand before a clause or the end.
pub(super) fn asks_for_more(before: Option<&Lexeme>) -> bool {
    matches!(
        before,
        Some(
            Lexeme::Comma
                | Lexeme::Eq
                | Lexeme::DoubleEq
                | Lexeme::Plus
                | Lexeme::Minus
                | Lexeme::Lt
                | Lexeme::Gt
                | Lexeme::LtEq
                | Lexeme::GtEq
                | Lexeme::Neq
        )
    )
}

const CLAUSES: &[&str] = &["FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "RETURNING"];

/// Words no statement ends with.
const NEVER_LAST: &[&str] = &["FROM", "WHERE", "JOIN", "AND", "OR", "BY", "HAVING", "UNION", "INTERSECT", "EXCEPT"];

/// `SELECT set_config('name', 'value', local), …` and nothing else.
fn set_config(reading: &Reading, start: crate::sql::Mark) -> Vec<Change> {
    let mut cursor = reading.part(start, reading.mark());
    cursor.eat_word("SELECT");
    let calls = cursor.comma_list(|cursor| {
        let from = cursor.mark();
        cursor.eat_word("pg_catalog");
        cursor.eat(&Lexeme::Period);
        cursor.expect_word("set_config")?;
        cursor.expect(&Lexeme::LParen)?;
        let name = cursor.string()?.to_ascii_lowercase();
        cursor.expect(&Lexeme::Comma)?;
        let value = if cursor.at_string() { cursor.string()? } else { cursor.expression_until(&[])?.text.to_string() };
        cursor.skip_cast();
        cursor.expect(&Lexeme::Comma)?;
        let local = cursor.at_any_word(&["true"]) || cursor.at_string();
        cursor.skip_item();
        cursor.expect(&Lexeme::RParen)?;
        let scope = if local { SettingScope::Local } else { SettingScope::Session };
        let span = cursor.since(from);
        let values: Vec<String> =
            value.split(',').map(|item| item.trim().trim_matches('"').to_owned()).filter(|item| !item.is_empty()).collect();
        Ok(Change::free(span, Action::SetVariable(SetVariable { name, scope, value: Some(value), values, span })))
    });
    match calls {
        Ok(changes) if cursor.is_end() => changes,
        _ => Vec::new(),
    }
}

impl crate::sql::Cursor<'_> {
    /// `::type` behind a literal.
    fn skip_cast(&mut self) {
        while self.eat(&Lexeme::DoubleColon) {
            self.advance();
        }
    }
}
