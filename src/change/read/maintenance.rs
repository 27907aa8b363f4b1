//! Statements that look after tables: VACUUM, ANALYZE, CLUSTER, OPTIMIZE and their kin.

use sqlparser::tokenizer::Token as Lexeme;

use super::engines::{MARIADB, MYSQL, POSTGRES, SQLITE};
use super::{Read, Reading};
use crate::change::{Action, Change, Ident, ObjectName};
use crate::engine::Engine;
use crate::source::Span;
use crate::sql::{Since, SyntaxError};

/// One change per table, or one for the whole database.
fn each(reading: &Reading, tables: Vec<(ObjectName, Span)>, mut action: impl FnMut() -> Action) -> Vec<Change> {
    if tables.is_empty() {
        return vec![Change::free(reading.whole, action())];
    }
    let several = tables.len() > 1;
    let change = |(table, span)| Change::on(table, if several { span } else { reading.whole }, action());
    tables.into_iter().map(change).collect()
}

/// `t [(columns)], …` up to the end; none when nothing follows.
fn tables(reading: &mut Reading) -> Result<Tables, SyntaxError> {
    if reading.is_end() {
        return Ok((Vec::new(), Vec::new()));
    }
    let mut columns = Vec::new();
    let tables = reading.comma_list(|cursor| {
        let start = cursor.mark();
        let (table, _) = cursor.table_with_only()?;
        let listed = cursor.is_postgres() && cursor.at(&Lexeme::LParen);
        columns.push(if listed { cursor.ident_list()? } else { Vec::new() });
        Ok((table, cursor.since(start)))
    })?;
    if let [_, (_, second), ..] = tables.as_slice() {
        let span = *second;
        reading.needs(span, &[Since(Engine::Postgres, 11, 0, 0)]);
    }
    Ok((tables, columns))
}

/// Tables, and the columns named for each.
type Tables = (Vec<(ObjectName, Span)>, Vec<Vec<Ident>>);

/// The options in parentheses: whether each of the names is on.
fn options<const N: usize>(reading: &mut Reading, names: [&str; N]) -> Result<[bool; N], SyntaxError> {
    let mut on = [false; N];
    reading.paren_list(|cursor| {
        let name = cursor.label()?.value;
        let value = if matches!(cursor.peek(), Some(Lexeme::Comma | Lexeme::RParen)) {
            true
        } else {
            let text = cursor.skip_item();
            let text = text.slice(cursor.text()).trim_matches('\'').to_ascii_lowercase();
            !matches!(text.as_str(), "off" | "false" | "0" | "no")
        };
        for (known, on) in names.iter().zip(on.iter_mut()) {
            if name.eq_ignore_ascii_case(known) {
                *on = value;
            }
        }
        Ok(())
    })?;
    Ok(on)
}

pub(super) fn vacuum(reading: &mut Reading) -> Read {
    let span = reading.expect_word("VACUUM")?;
    reading.needs(span, &[POSTGRES, SQLITE]);
    if reading.is_sqlite() {
        if !reading.is_end() && !reading.at_word("INTO") {
            reading.ident()?;
        }
        let into = reading.eat_word("INTO");
        if into {
            reading.expression_until(&[])?;
        }
        reading.expect_end()?;
        return Ok(vec![Change::free(reading.whole, Action::Vacuum { full: !into, analyze: false, into })]);
    }
    let (mut full, mut analyze) = (false, false);
    if reading.at(&Lexeme::LParen) {
        [full, analyze] = options(reading, ["full", "analyze"])?;
    } else {
        while let Some(word) = reading.eat_any_word(&["FULL", "FREEZE", "VERBOSE", "ANALYZE", "ANALYSE"]) {
            full |= word == "FULL";
            analyze |= word.starts_with("ANALY");
        }
    }
    let (tables, _) = tables(reading)?;
    reading.expect_end()?;
    Ok(each(reading, tables, || Action::Vacuum { full, analyze, into: false }))
}

pub(super) fn analyze(reading: &mut Reading) -> Read {
    reading.advance();
    if reading.is_mysql_family() {
        if reading.eat_word("FORMAT") || !is_table_word(reading) {
            // MariaDB ANALYZE statement: runs it.
            return super::administration::explain_inner(reading, true);
        }
        return mysql_tables(reading, || Action::Analyze { columns: Vec::new() });
    }
    if reading.is_sqlite() {
        let table = if reading.is_end() { None } else { Some(reading.object_name()?) };
        reading.expect_end()?;
        return Ok(vec![Change::of(table, reading.whole, Action::Analyze { columns: Vec::new() })]);
    }
    if reading.at(&Lexeme::LParen) {
        options(reading, ["verbose"])?;
    } else {
        reading.eat_word("VERBOSE");
    }
    let (tables, columns) = tables(reading)?;
    reading.expect_end()?;
    let mut columns = columns.into_iter();
    Ok(each(reading, tables, || Action::Analyze { columns: columns.next().unwrap_or_default() }))
}

fn is_table_word(reading: &Reading) -> bool {
    let n = usize::from(reading.at_any_word(&["NO_WRITE_TO_BINLOG", "LOCAL"]));
    reading.at_word_nth(n, "TABLE") || reading.at_word_nth(n, "TABLES")
}

/// MySQL `OPTIMIZE | ANALYZE | CHECK | REPAIR | CHECKSUM [LOCAL] TABLE t, … [options]`
pub(super) fn mysql_maintenance(reading: &mut Reading, action: fn() -> Action) -> Read {
    let span = reading.span();
    reading.needs(span, &[MYSQL, MARIADB]);
    reading.advance();
    mysql_tables(reading, action)
}

fn mysql_tables(reading: &mut Reading, action: fn() -> Action) -> Read {
    reading.eat_any_word(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
    if reading.eat_any_word(&["TABLE", "TABLES", "VIEW"]).is_none() {
        return Err(reading.error("TABLE"));
    }
    let tables = reading.comma_list(|cursor| {
        let start = cursor.mark();
        let table = cursor.object_name()?;
        if cursor.eat_words(&["PERSISTENT", "FOR"]) {
            cursor.skip_rest();
        }
        Ok((table, cursor.since(start)))
    })?;
    reading.lock_wait()?;
    let known = &["UPDATE", "DROP", "QUICK", "EXTENDED", "USE_FRM", "FOR", "FAST", "MEDIUM", "CHANGED", "FORCE", "FROM"];
    if reading.at_any_word(known) {
        reading.skip_rest();
    }
    reading.expect_end()?;
    Ok(each(reading, tables, action))
}

/// `CLUSTER [(options)] [VERBOSE] [table [USING index]]`, the older `CLUSTER index ON table`, and
/// PostgreSQL 19's `REPACK`.
pub(super) fn cluster(reading: &mut Reading) -> Read {
    let span = reading.span();
    let repack = reading.at_word("REPACK");
    reading.advance();
    reading.needs(span, &[if repack { Since(Engine::Postgres, 19, 0, 0) } else { POSTGRES }]);
    let mut concurrently = None;
    if reading.at(&Lexeme::LParen) {
        let start = reading.mark();
        if let [true] = options(reading, ["concurrently"])? {
            concurrently = Some(reading.since(start));
        }
    }
    reading.eat_word("VERBOSE");
    if reading.is_end() {
        return Ok(vec![Change::free(reading.whole, Action::Cluster { index: None, concurrently })]);
    }
    let first = reading.object_name()?;
    if reading.eat_word("ON") {
        let table = reading.object_name()?;
        reading.expect_end()?;
        return Ok(vec![Change::on(table, reading.whole, Action::Cluster { index: Some(first.name), concurrently })]);
    }
    let index = if reading.eat_word("USING") {
        reading.eat_word("INDEX");
        if reading.is_end() { None } else { Some(reading.object_name()?.name) }
    } else {
        None
    };
    reading.expect_end()?;
    Ok(vec![Change::on(first, reading.whole, Action::Cluster { index, concurrently })])
}

pub(super) fn checkpoint(reading: &mut Reading) -> Read {
    let span = reading.expect_word("CHECKPOINT")?;
    reading.needs(span, &[POSTGRES]);
    if reading.at(&Lexeme::LParen) {
        reading.skip_parens()?;
    }
    reading.expect_end()?;
    Ok(vec![Change::free(reading.whole, Action::Checkpoint)])
}

/// SQLite `ATTACH [DATABASE] file AS name`, `DETACH [DATABASE] name`
pub(super) fn attach(reading: &mut Reading) -> Read {
    let attach = reading.at_word("ATTACH");
    let span = reading.span();
    reading.advance();
    reading.needs(span, &[SQLITE]);
    reading.eat_word("DATABASE");
    if attach {
        reading.expression_until(&["AS"])?;
        reading.expect_word("AS")?;
    }
    reading.expression_until(&["KEY"])?;
    reading.skip_rest();
    Ok(vec![Change::free(reading.whole, Action::AttachDatabase { attach })])
}

/// MySQL `FLUSH …`
pub(super) fn flush(reading: &mut Reading) -> Read {
    let span = reading.expect_word("FLUSH")?;
    reading.needs(span, &[MYSQL, MARIADB]);
    reading.eat_any_word(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
    if reading.is_end() {
        return Err(reading.error("what to flush"));
    }
    if reading.eat_any_word(&["TABLES", "TABLE"]).is_none() {
        reading.skip_rest();
        return Ok(vec![Change::free(reading.whole, Action::Nothing)]);
    }
    let mut names = Vec::new();
    if !reading.is_end() && !reading.at_words(&["WITH", "READ"]) {
        names = reading.comma_list(|cursor| {
            let start = cursor.mark();
            let table = cursor.object_name()?;
            Ok((table, cursor.since(start)))
        })?;
    }
    let read_lock = reading.eat_words(&["WITH", "READ", "LOCK"]) || reading.eat_words(&["FOR", "EXPORT"]);
    reading.skip_rest();
    Ok(each(reading, names, || Action::Flush { read_lock }))
}
