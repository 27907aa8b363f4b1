//! UPDATE, of one table or several.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::read::engines::{MARIADB, MYSQL, POSTGRES, SQLITE};
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, Expression, Ident, ObjectName, Predicate, UpdateRows};
use crate::engine::Engine;
use crate::source::Span;
use crate::sql::{Cursor, Since, SyntaxError};

/// An assigned column, with the table or alias before it, and its value.
type Assignment = (Option<Ident>, Ident, Expression);

pub(in crate::change::read) fn update(reading: &mut Reading) -> Read {
    reading.expect_word("UPDATE")?;
    if reading.is_mysql_family() {
        reading.eat_word("LOW_PRIORITY");
        reading.eat_word("IGNORE");
    } else if reading.at_word("OR") {
        let span = reading.span();
        reading.advance();
        if reading.eat_any_word(&["ROLLBACK", "ABORT", "REPLACE", "FAIL", "IGNORE"]).is_none() {
            return Err(reading.error("REPLACE, IGNORE, ROLLBACK, ABORT or FAIL"));
        }
        let span = span.to(reading.previous_span());
        reading.needs(span, &[SQLITE]);
    }
    let from = reading.mark();
    let (targets, only, derived) = if reading.is_mysql_family() {
        let (targets, derived) = joined_tables(reading)?;
        (targets, false, derived)
    } else {
        let (targets, only) = one_table(reading)?;
        (targets, only, false)
    };
    let multiple = targets.len() > 1;
    reading.expect_word("SET")?;
    let behind_set = reading.mark();
    let assigned = assignments(reading, &["FROM", "WHERE", "RETURNING", "ORDER", "LIMIT"])?;
    let set = reading.since(behind_set);
    let mut joined = multiple || derived;
    if !reading.is_mysql_family() && reading.at_word("FROM") {
        let span = reading.span();
        reading.needs(span, &[POSTGRES, Since(Engine::Sqlite, 3, 33, 0)]);
        skip_from(reading)?;
        joined = true;
    }
    let predicate = if reading.is_postgres() && reading.at_words(&["WHERE", "CURRENT", "OF"]) {
        // One row under a cursor.
        reading.advance();
        let start = reading.mark();
        reading.skip_rest();
        Predicate::Where(reading.expression_between(start, reading.mark()))
    } else {
        reading.predicate()?
    };
    let before_limit = reading.mark();
    let limited = reading.order_and_limit()?;
    if reading.mark() > before_limit {
        let span = reading.since(before_limit);
        reading.needs(span, &[MYSQL, MARIADB, SQLITE]);
    }
    if reading.returning()? {
        let span = reading.previous_span();
        reading.needs(span, &[POSTGRES, Since(Engine::Sqlite, 3, 35, 0), Since(Engine::Mariadb, 13, 0, 0)]);
    }
    reading.expect_end()?;
    let mut facts = reading.facts_between(from, reading.mark());
    // In the list of tables itself nothing says FROM.
    for (name, _) in &targets {
        if multiple && !facts.reads.contains(name) {
            facts.reads.push(name.clone());
        }
    }
    Ok(changes(reading, &targets, assigned, &facts.reads, UpdateParts { only, set, joined, predicate, limited }))
}

struct UpdateParts {
    only: bool,
    set: Span,
    joined: bool,
    predicate: Predicate,
    limited: bool,
}

/// One change per table that is written.
fn changes(
    reading: &Reading,
    targets: &[(ObjectName, Option<Ident>)],
    assigned: Vec<Assignment>,
    reads: &[ObjectName],
    parts: UpdateParts,
) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let single = targets.len() == 1;
    for (name, alias) in targets {
        let called = alias.as_ref().unwrap_or(&name.name);
        let mine: Vec<(Ident, Expression)> = assigned
            .iter()
            .filter(|(qualifier, ..)| single || qualifier.as_ref().is_none_or(|qualifier| qualifier.is(&called.value)))
            .map(|(_, column, value)| (column.clone(), value.clone()))
            .collect();
        if mine.is_empty() {
            continue;
        }
        let rows = UpdateRows {
            only: parts.only,
            alias: alias.clone(),
            set: parts.set,
            assignments: mine,
            reads: reads.iter().filter(|read| *read != name).cloned().collect(),
            joined: parts.joined,
            predicate: parts.predicate.clone(),
            limited: parts.limited,
        };
        changes.push(Change::on(name.clone(), reading.whole, Action::Update(Box::new(rows))));
    }
    changes
}

type Targets = (Vec<(ObjectName, Option<Ident>)>, bool);

fn one_table(reading: &mut Reading) -> Result<Targets, SyntaxError> {
    let (table, only) = reading.table_with_only()?;
    reading.portion()?;
    if reading.is_sqlite() && reading.eat_words(&["INDEXED", "BY"]) {
        reading.ident()?;
    } else if reading.is_sqlite() {
        reading.eat_words(&["NOT", "INDEXED"]);
    }
    let alias = reading.table_alias(&["SET"])?;
    if reading.is_sqlite() && reading.eat_words(&["INDEXED", "BY"]) {
        reading.ident()?;
    }
    Ok((vec![(table, alias)], only))
}

/// MySQL: tables joined with commas or JOIN, up to SET; and whether a derived one is among them.
fn joined_tables(reading: &mut Reading) -> Result<Targets, SyntaxError> {
    let mut targets = Vec::new();
    let mut derived = false;
    let mut depth = 0usize;
    // Whether a table name comes next.
    let mut expects = true;
    // Whether a table with its alias has just been read: another word there is a mistake.
    let mut behind_table = false;
    loop {
        if expects {
            while reading.eat(&Lexeme::LParen) {
                depth += 1;
            }
            if reading.at_any_word(&["SELECT", "WITH", "VALUES", "TABLE"]) || reading.at_word("LATERAL") {
                // Not a target.
                derived = true;
                reading.skip_to_close();
            } else if reading.at_word("JSON_TABLE") && reading.at_nth(1, &Lexeme::LParen) {
                derived = true;
                reading.advance();
                reading.skip_parens()?;
            } else {
                let table = reading.object_name()?;
                if reading.eat_word("PARTITION") {
                    reading.ident_list()?;
                }
                reading.portion()?;
                let alias = reading.table_alias(TABLE_STOPS)?;
                targets.push((table, alias));
                behind_table = true;
            }
            expects = false;
            continue;
        }
        let border = std::mem::take(&mut behind_table);
        match reading.peek() {
            None => return Err(reading.error("SET")),
            Some(Lexeme::Comma) => expects = true,
            Some(Lexeme::LParen) => {
                reading.skip_parens()?;
                continue;
            }
            Some(Lexeme::RParen) if depth > 0 => depth -= 1,
            Some(_) if depth == 0 && reading.at_word("SET") => return Ok((targets, derived)),
            Some(_) if reading.at_any_word(&["JOIN", "STRAIGHT_JOIN"]) => expects = true,
            Some(Lexeme::Word(_)) if border && depth == 0 && !reading.at_any_word(TABLE_STOPS) => {
                return Err(reading.error("SET"));
            }
            Some(_) => {}
        }
        reading.advance();
    }
}

pub(super) const TABLE_STOPS: &[&str] = &[
    "SET",
    "JOIN",
    "INNER",
    "CROSS",
    "LEFT",
    "RIGHT",
    "NATURAL",
    "STRAIGHT_JOIN",
    "ON",
    "USING",
    "USE",
    "FORCE",
    "IGNORE",
    "PARTITION",
    "WHERE",
    "ORDER",
    "LIMIT",
    "RETURNING",
    "FROM",
    "INDEXED",
    "NOT",
    "OUTER",
];

/// `FROM tables`, up to WHERE or RETURNING of this level.
fn skip_from(reading: &mut Reading) -> Result<(), SyntaxError> {
    reading.expect_word("FROM")?;
    if reading.is_end() || reading.at_any_word(&["WHERE", "RETURNING"]) {
        return Err(reading.error("a table"));
    }
    while !reading.is_end() && !reading.at_any_word(&["WHERE", "RETURNING", "ORDER", "LIMIT"]) {
        if reading.at(&Lexeme::LParen) {
            reading.skip_parens()?;
        } else {
            reading.advance();
        }
    }
    Ok(())
}

/// `a = 1, (b, c) = (2, 3), …`
pub(super) fn assignments(cursor: &mut Cursor, stops: &[&str]) -> Result<Vec<Assignment>, SyntaxError> {
    let mut all = Vec::new();
    loop {
        if cursor.at(&Lexeme::LParen) {
            several(cursor, stops, &mut all)?;
        } else {
            let (qualifier, column) = assigned_column(cursor)?;
            equals(cursor)?;
            let value = cursor.whole_expression(stops)?;
            all.push((qualifier, column, value));
        }
        if !cursor.eat(&Lexeme::Comma) {
            return Ok(all);
        }
    }
}

fn equals(cursor: &mut Cursor) -> Result<(), SyntaxError> {
    if cursor.eat(&Lexeme::Eq) || (cursor.is_mysql_family() && cursor.eat(&Lexeme::Assignment)) { Ok(()) } else { Err(cursor.error("`=`")) }
}

/// `column`, `t.column`; PostgreSQL's `column.field` and `column[1]`.
fn assigned_column(cursor: &mut Cursor) -> Result<(Option<Ident>, Ident), SyntaxError> {
    let mut column = cursor.column()?;
    let mut qualifier = None;
    loop {
        if cursor.eat(&Lexeme::Period) {
            let part = cursor.label()?;
            if cursor.is_mysql_family() {
                qualifier = Some(std::mem::replace(&mut column, part));
            }
        } else if cursor.at(&Lexeme::LBracket) {
            while !cursor.is_end() && !cursor.eat(&Lexeme::RBracket) {
                cursor.advance();
            }
        } else {
            return Ok((qualifier, column));
        }
    }
}

/// `(a, b) = (1, 2)`, `(a, b) = (SELECT …)`, `(a, b) = ROW (…)`
fn several(cursor: &mut Cursor, stops: &[&str], all: &mut Vec<Assignment>) -> Result<(), SyntaxError> {
    let columns = cursor.paren_list(|cursor| assigned_column(cursor).map(|(_, column)| column))?;
    equals(cursor)?;
    let start = cursor.mark();
    cursor.eat_word("ROW");
    let mut values = Vec::new();
    if cursor.at(&Lexeme::LParen) && !cursor.at_word_nth(1, "SELECT") && !cursor.at_word_nth(1, "WITH") {
        values = cursor.paren_list(|cursor| cursor.expression_until(&[]))?;
    }
    if values.len() == columns.len() {
        all.extend(columns.into_iter().zip(values).map(|(column, value)| (None, column, value)));
        return Ok(());
    }
    cursor.restore(start);
    let whole = cursor.expression_until(stops)?;
    all.extend(columns.into_iter().map(|column| (None, column, whole.clone())));
    Ok(())
}
