//! INSERT and REPLACE.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::read::engines::{MARIADB, MYSQL, POSTGRES, SQLITE};
use crate::change::read::{Read, Reading};
use crate::change::{Action, Arbiter, Change, Ident, InsertRows, InsertSource, ObjectName, OnConflict};
use crate::engine::Engine;
use crate::sql::{Cursor, Since, SyntaxError, Token};

pub(in crate::change::read) fn insert(reading: &mut Reading) -> Read {
    let mut on_conflict = OnConflict::Fail;
    if reading.eat_word("REPLACE") {
        let span = reading.previous_span();
        reading.needs(span, &[MYSQL, MARIADB, SQLITE]);
        on_conflict = OnConflict::Replace;
    } else {
        reading.expect_word("INSERT")?;
    }
    on_conflict = modifiers(reading, on_conflict)?;
    if !reading.eat_word("INTO") && !reading.is_mysql_family() {
        return Err(reading.error("INTO"));
    }
    let table = reading.object_name()?;
    if reading.is_mysql_family() && reading.eat_word("PARTITION") {
        reading.ident_list()?;
    }
    if !reading.is_mysql_family() && reading.eat_word("AS") {
        reading.ident()?;
    }
    let columns = columns(reading)?;
    let overriding = reading.is_postgres() && reading.eat_word("OVERRIDING");
    if overriding {
        if reading.eat_any_word(&["SYSTEM", "USER"]).is_none() {
            return Err(reading.error("SYSTEM or USER"));
        }
        reading.expect_word("VALUE")?;
    }
    let mut width = None;
    let (source, columns, mut extra) = source(reading, &table, columns, &mut width)?;
    let mut arbiter = None;
    on_conflict = conflict(reading, on_conflict, &mut arbiter)?;
    if reading.returning()? {
        let span = reading.previous_span();
        reading.needs(span, &[POSTGRES, Since(Engine::Mariadb, 10, 5, 0), Since(Engine::Sqlite, 3, 35, 0)]);
    }
    reading.expect_end()?;
    let rows = InsertRows { columns, source, on_conflict, overriding, width, arbiter };
    let mut changes = vec![Change::on(table, reading.whole, Action::Insert(Box::new(rows)))];
    changes.append(&mut extra);
    Ok(changes)
}

/// `LOW_PRIORITY`, `IGNORE` …, SQLite's `OR IGNORE`.
fn modifiers(reading: &mut Reading, on_conflict: OnConflict) -> Result<OnConflict, SyntaxError> {
    if reading.is_mysql_family() {
        reading.eat_any_word(&["LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY"]);
        return Ok(if reading.eat_word("IGNORE") { OnConflict::Ignore } else { on_conflict });
    }
    if reading.at_word("OR") {
        let span = reading.span();
        reading.advance();
        let found = reading.eat_any_word(&["ROLLBACK", "ABORT", "REPLACE", "FAIL", "IGNORE"]);
        let span = span.to(reading.previous_span());
        reading.needs(span, &[SQLITE]);
        return match found {
            Some("REPLACE") => Ok(OnConflict::Replace),
            Some("IGNORE") => Ok(OnConflict::Ignore),
            Some(_) => Ok(OnConflict::Fail),
            None => Err(reading.error("REPLACE, IGNORE, ROLLBACK, ABORT or FAIL")),
        };
    }
    if reading.at_word("IGNORE") {
        let span = reading.span();
        reading.needs(span, &[MYSQL, MARIADB]);
        reading.advance();
        return Ok(OnConflict::Ignore);
    }
    Ok(on_conflict)
}

/// `(a, b)`, unless a query stands in the parentheses.
fn columns(reading: &mut Reading) -> Result<Vec<Ident>, SyntaxError> {
    if !reading.at(&Lexeme::LParen) || is_query(reading) {
        return Ok(Vec::new());
    }
    let mysql = reading.is_mysql_family();
    reading.expect(&Lexeme::LParen)?;
    // MySQL takes `()`.
    if mysql && reading.eat(&Lexeme::RParen) {
        return Ok(Vec::new());
    }
    let columns = reading.comma_list(|cursor| {
        let mut column = cursor.column()?;
        loop {
            // MySQL qualifies, PostgreSQL reaches into composites and arrays.
            if cursor.eat(&Lexeme::Period) {
                let part = cursor.label()?;
                if mysql {
                    column = part;
                }
            } else if cursor.at(&Lexeme::LBracket) {
                while !cursor.is_end() && !cursor.eat(&Lexeme::RBracket) {
                    cursor.advance();
                }
            } else {
                return Ok(column);
            }
        }
    })?;
    reading.expect(&Lexeme::RParen)?;
    Ok(columns)
}

/// Whether the parenthesis here opens a query.
fn is_query(cursor: &Cursor) -> bool {
    let mut n = 0;
    while cursor.at_nth(n, &Lexeme::LParen) {
        n += 1;
    }
    cursor.peek_word_nth(n).is_some_and(|word| ["SELECT", "WITH", "VALUES", "TABLE"].iter().any(|start| word.eq_ignore_ascii_case(start)))
        && (n > 1 || !matches!(cursor.peek_nth(n + 1), Some(Lexeme::Comma | Lexeme::RParen)))
}

type Source = (InsertSource, Vec<Ident>, Vec<Change>);

fn source(reading: &mut Reading, table: &ObjectName, columns: Vec<Ident>, width: &mut Option<(u64, u64)>) -> Result<Source, SyntaxError> {
    if reading.eat_words(&["DEFAULT", "VALUES"]) {
        let span = reading.previous_span();
        reading.needs(span, &[POSTGRES, SQLITE]);
        return Ok((InsertSource::DefaultValues, columns, Vec::new()));
    }
    if reading.at_word("VALUES") || (reading.is_mysql_family() && reading.at_word("VALUE")) {
        reading.advance();
        let rows = if reading.bulk { reading.rows } else { Some(rows(reading, width)?) };
        if reading.is_mysql_family() && reading.eat_word("AS") {
            reading.ident()?;
            if reading.at(&Lexeme::LParen) {
                reading.ident_list()?;
            }
        }
        // `VALUES … UNION ALL SELECT …` is a query after all.
        if reading.at_any_word(&["UNION", "INTERSECT", "EXCEPT"]) {
            let from = reading.mark();
            skip_query(reading);
            let facts = reading.facts_between(from, reading.mark());
            let reads = super::others(facts.reads, table);
            *width = None;
            return Ok((
                InsertSource::Query { reads, bounded: false, narrow: false, left_joined: false, star: facts.star, values: Vec::new() },
                columns,
                Vec::new(),
            ));
        }
        return Ok((InsertSource::Values { rows }, columns, Vec::new()));
    }
    if reading.is_mysql_family() && columns.is_empty() && reading.eat_word("SET") {
        let columns = reading.comma_list(|cursor| {
            let name = cursor.object_name()?;
            if !cursor.eat(&Lexeme::Eq) && !cursor.eat(&Lexeme::Assignment) {
                return Err(cursor.error("`=`"));
            }
            cursor.expression_until(&["ON", "AS", "RETURNING"])?;
            Ok(name.name)
        })?;
        if reading.eat_word("AS") {
            reading.ident()?;
        }
        return Ok((InsertSource::Values { rows: Some(1) }, columns, Vec::new()));
    }
    if !reading.at_any_word(&["SELECT", "WITH", "TABLE"]) && !reading.at(&Lexeme::LParen) {
        return Err(reading.error("VALUES or a query"));
    }
    let mut values = Vec::new();
    *width = selected(reading, &mut values);
    let from = reading.mark();
    skip_query(reading);
    let facts = reading.facts_between(from, reading.mark());
    let narrow = is_narrow(reading.tokens_between(from, reading.mark()));
    let left_joined = left_joined(reading.tokens_between(from, reading.mark()), facts.reads.len());
    let extra = super::with::changes_between(reading, from)?;
    let bounded = facts.reads.is_empty() && facts.calls.iter().all(|call| !call.name.name.is("generate_series"));
    // The target may be read as well; that is worth knowing, so it stays in the list.
    Ok((InsertSource::Query { reads: facts.reads, bounded, narrow, left_joined, star: facts.star, values }, columns, extra))
}

/// Whether the query's own WHERE holds `column = value` and no OR.
fn is_narrow(tokens: &[Token]) -> bool {
    let mut depth = 0usize;
    let outer: Vec<&Token> = tokens
        .iter()
        .filter(|token| {
            depth += usize::from(token.token == Lexeme::LParen);
            let own = depth == 0;
            depth -= usize::from(token.token == Lexeme::RParen && depth > 0);
            own
        })
        .collect();
    let is = |token: &Token, name: &str| word(token).is_some_and(|word| word.eq_ignore_ascii_case(name));
    let Some(condition) = outer.iter().position(|token| is(token, "WHERE")).and_then(|at| outer.get(at + 1..)) else { return false };
    let is_value =
        |token: &Token| matches!(token.token, Lexeme::Number(..) | Lexeme::SingleQuotedString(_) | Lexeme::NationalStringLiteral(_));
    let compares = |three: &[&Token]| matches!(three, [column, equal, value] if equal.token == Lexeme::Eq && is_value(value) && matches!(column.token, Lexeme::Word(_)));
    !outer.iter().any(|token| ["UNION", "EXCEPT", "INTERSECT"].iter().any(|other| is(token, other)))
        && !condition.iter().any(|token| is(token, "OR"))
        && condition.windows(3).any(compares)
}

/// Whether all of the tables but one stand behind a LEFT JOIN.
fn left_joined(tokens: &[Token], tables: usize) -> bool {
    let words: Vec<&str> = tokens.iter().filter_map(word).collect();
    let is = |at: Option<usize>, word: &str| at.and_then(|at| words.get(at)).is_some_and(|other| other.eq_ignore_ascii_case(word));
    let joins: Vec<usize> = (0..words.len()).filter(|at| is(Some(*at), "JOIN")).collect();
    let left = |at: &usize| is(at.checked_sub(1), "LEFT") || is(at.checked_sub(1), "OUTER") && is(at.checked_sub(2), "LEFT");
    joins.len() + 1 == tables && joins.iter().all(left)
}

fn word(token: &Token) -> Option<&str> {
    match &token.token {
        Lexeme::Word(word) if word.quote_style.is_none() => Some(&word.value),
        _ => None,
    }
}

/// The rows of VALUES, counted.
fn rows(reading: &mut Reading, width: &mut Option<(u64, u64)>) -> Result<u64, SyntaxError> {
    let mut rows = 0;
    loop {
        if reading.is_mysql_family() {
            reading.eat_word("ROW");
        }
        let values = row(reading)?;
        *width = Some(width.map_or((values, values), |(narrow, wide)| (narrow.min(values), wide.max(values))));
        rows += 1;
        if !reading.eat(&Lexeme::Comma) {
            return Ok(rows);
        }
    }
}

/// `( value, … )`, counted: a comma without a value is the mistake people make.
fn row(reading: &mut Reading) -> Result<u64, SyntaxError> {
    reading.expect(&Lexeme::LParen)?;
    if reading.is_mysql_family() && reading.eat(&Lexeme::RParen) {
        return Ok(0);
    }
    let mut values = 0;
    loop {
        if matches!(reading.peek(), Some(Lexeme::Comma | Lexeme::RParen)) {
            return Err(reading.error("a value"));
        }
        reading.skip_item();
        values += 1;
        if !reading.eat(&Lexeme::Comma) {
            reading.expect(&Lexeme::RParen)?;
            return Ok(values);
        }
    }
}

/// How many columns a plain `SELECT a, b …` gives; `None` for stars, unions and the like.
fn selected(cursor: &Cursor, names: &mut Vec<String>) -> Option<(u64, u64)> {
    let mut cursor = cursor.clone();
    if !cursor.eat_word("SELECT") || cursor.at_any_word(&["DISTINCT", "ALL", "TOP"]) {
        return None;
    }
    let mut values = 0;
    loop {
        let start = cursor.mark();
        let mut depth = 0usize;
        // A column alone, with or without its table: `a`, `t.a`.
        let (mut column, mut plain, mut length) = (String::new(), true, 0u32);
        while let Some(lexeme) = cursor.peek() {
            match lexeme {
                Lexeme::LParen | Lexeme::LBracket => depth += 1,
                Lexeme::RParen | Lexeme::RBracket => depth = depth.checked_sub(1)?,
                Lexeme::Comma if depth == 0 => break,
                Lexeme::Mul if depth == 0 && (start == cursor.mark() || matches!(cursor.peek_nth(1), None | Some(Lexeme::Comma))) => {
                    return None;
                }
                Lexeme::Mul if depth == 0 && cursor.at_word_nth(1, "FROM") => return None,
                Lexeme::Word(_) if depth == 0 && cursor.at_any_word(&["UNION", "INTERSECT", "EXCEPT", "INTO"]) => return None,
                Lexeme::Word(_) if depth == 0 && cursor.at_any_word(ENDS) => break,
                _ => {}
            }
            match lexeme {
                Lexeme::Word(word) if length % 2 == 0 => column.clone_from(&word.value),
                Lexeme::Period if length % 2 == 1 => {}
                _ => plain = false,
            }
            length = length.saturating_add(1);
            cursor.advance();
        }
        values += 1;
        names.push(if plain { column } else { String::new() });
        if !cursor.eat(&Lexeme::Comma) {
            return Some((values, values));
        }
    }
}

/// What may follow a select list.
const ENDS: &[&str] = &["FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FETCH", "ON", "RETURNING", "WINDOW", "FOR"];

/// Passes a query up to ON CONFLICT, ON DUPLICATE or RETURNING.
fn skip_query(reading: &mut Reading) {
    let mut depth = 0usize;
    while let Some(lexeme) = reading.peek() {
        match lexeme {
            Lexeme::LParen => depth += 1,
            Lexeme::RParen if depth == 0 => return,
            Lexeme::RParen => depth -= 1,
            Lexeme::Word(_) if depth == 0 => {
                let on = reading.at_word("ON") && (reading.at_word_nth(1, "CONFLICT") || reading.at_word_nth(1, "DUPLICATE"));
                if on || reading.at_word("RETURNING") {
                    return;
                }
            }
            _ => {}
        }
        reading.advance();
    }
}

/// `ON CONFLICT …`, `ON DUPLICATE KEY UPDATE …`
fn conflict(reading: &mut Reading, mut on_conflict: OnConflict, arbiter: &mut Option<Arbiter>) -> Result<OnConflict, SyntaxError> {
    while let Some(span) = reading.eat_words_at(&["ON", "CONFLICT"]) {
        reading.needs(span, &[POSTGRES, SQLITE]);
        if reading.at(&Lexeme::LParen) {
            let start = reading.mark();
            // Expressions and operator classes stay unread.
            let plain = reading.ident_list().ok().filter(|_| !reading.at_word("WHERE"));
            reading.restore(start);
            reading.skip_parens()?;
            *arbiter = Some(plain.map_or(Arbiter::Unread, Arbiter::Columns));
            if reading.eat_word("WHERE") {
                reading.expression_until(&["DO"])?;
            }
        } else if reading.eat_words(&["ON", "CONSTRAINT"]) {
            *arbiter = Some(Arbiter::Constraint(reading.ident()?));
        }
        reading.expect_word("DO")?;
        if reading.eat_word("NOTHING") {
            on_conflict = OnConflict::Ignore;
            continue;
        }
        if let Some(span) = reading.eat_word_at("SELECT") {
            reading.needs(span, &[Since(Engine::Postgres, 19, 0, 0)]);
            while !reading.is_end() && !reading.at_any_word(&["WHERE", "RETURNING"]) {
                reading.advance();
            }
            if reading.eat_word("WHERE") {
                reading.expression_until(&["RETURNING"])?;
            }
            on_conflict = OnConflict::Ignore;
            continue;
        }
        reading.expect_words(&["UPDATE", "SET"])?;
        super::update::assignments(reading, &["WHERE", "RETURNING", "ON"])?;
        if reading.eat_word("WHERE") {
            reading.expression_until(&["RETURNING", "ON"])?;
        }
        on_conflict = OnConflict::Update;
    }
    if let Some(span) = reading.eat_words_at(&["ON", "DUPLICATE", "KEY", "UPDATE"]) {
        reading.needs(span, &[MYSQL, MARIADB]);
        super::update::assignments(reading, &["RETURNING"])?;
        on_conflict = OnConflict::Update;
    }
    Ok(on_conflict)
}
