//! CREATE of objects that have no grammar of their own here, schemas and extensions.

use sqlparser::tokenizer::Token as Lexeme;

use super::kind::kind;
use crate::change::read::engines::POSTGRES;
use crate::change::read::{Read, Reading, dispatch};
use crate::change::{Action, Change, Ident, ObjectKind, ObjectName, Parsing, Statement};
use crate::engine::Engine;
use crate::sql::{Cursor, Since, SyntaxError};

pub(in crate::change::read) fn create(reading: &mut Reading, noun: &str) -> Read {
    let before = reading.past_noun(noun)?;
    let kind = kind(noun, reading);
    reading.eat_any_word(&["CONFIGURATION", "DICTIONARY", "PARSER", "TEMPLATE", "GROUP"]);
    let start = reading.mark();
    let if_not_exists = reading.eat_if_not_exists();
    if if_not_exists {
        let span = reading.since(start);
        if reading.is_postgres() && !CONDITIONAL.contains(&noun) {
            return Err(SyntaxError { at: span, expected: format!("a name: {noun} has no IF NOT EXISTS").into() });
        }
        if kind == ObjectKind::Role {
            reading.needs(span, &[Since(Engine::Mysql, 5, 7, 8), Since(Engine::Mariadb, 10, 1, 3)]);
        }
    }
    match (noun, kind) {
        ("SCHEMA", ObjectKind::Schema) => return schema(reading, if_not_exists),
        ("EXTENSION", _) => return extension(reading, if_not_exists),
        ("CAST" | "TRANSFORM", _) => return unnamed(reading),
        ("USER MAPPING", _) => {
            reading.expect_word("FOR")?;
        }
        ("STATISTICS", _) if reading.is_postgres() && (reading.at(&Lexeme::LParen) || reading.at_word("ON")) => {
            let span = reading.span();
            reading.needs(span, &[Since(Engine::Postgres, 16, 0, 0)]);
            return unnamed(reading);
        }
        _ => {}
    }
    let names = match kind {
        ObjectKind::Role if reading.is_mysql_family() && noun == "ROLE" => {
            reading.comma_list(|cursor| cursor.account().map(ObjectName::bare))?
        }
        ObjectKind::Role => vec![ObjectName::bare(reading.account()?)],
        _ => vec![reading.any_name()?],
    };
    let mut tables = Vec::new();
    if kind == ObjectKind::Publication {
        publication(reading);
        if reading.eat_words(&["FOR", "TABLE"]) {
            tables = published(reading);
        }
    }
    if kind == ObjectKind::Statistics {
        tables.push(statistics_table(reading)?);
    }
    reading.skip_rest();
    let whole = reading.whole;
    let or_replace = before.or_replace;
    let change = |name: &ObjectName, table: Option<ObjectName>, columns: Vec<Ident>| {
        Change::of(table, whole, Action::CreateObject { kind, name: name.clone(), or_replace, if_not_exists, columns })
    };
    if tables.is_empty() {
        return Ok(names.iter().map(|name| change(name, None, Vec::new())).collect());
    }
    Ok(names
        .iter()
        .flat_map(|name| tables.iter().map(move |(table, columns)| change(name, Some(table.clone()), columns.clone())))
        .collect())
}

/// The tables of a publication with the columns named for each, up to what is not one.
pub(super) fn published(cursor: &mut Cursor) -> Vec<(ObjectName, Vec<Ident>)> {
    let mut tables = Vec::new();
    loop {
        cursor.eat_word("TABLE");
        cursor.eat_word("ONLY");
        let Ok(name) = cursor.object_name() else { break };
        cursor.eat(&Lexeme::Mul);
        let mut columns = Vec::new();
        let whole = (!cursor.at(&Lexeme::LParen) || columns_inside(cursor, &mut columns))
            && (!cursor.eat_word("WHERE") || (cursor.at(&Lexeme::LParen) && columns_inside(cursor, &mut columns)));
        tables.push((name, columns));
        if !whole || !cursor.eat(&Lexeme::Comma) || cursor.at_any_word(&["TABLES", "ALL"]) {
            break;
        }
    }
    tables
}

/// Every name in the parentheses ahead; `false` when they do not close.
fn columns_inside(cursor: &mut Cursor, columns: &mut Vec<Ident>) -> bool {
    let Ok((from, to)) = cursor.skip_parens() else { return false };
    let mut inside = cursor.part(from, to);
    while !inside.is_end() {
        match inside.ident() {
            Ok(name) => columns.push(name),
            Err(_) => {
                inside.advance();
            }
        }
    }
    true
}

/// What PostgreSQL creates only if it is not there.
const CONDITIONAL: &[&str] = &["SCHEMA", "EXTENSION", "STATISTICS", "COLLATION", "SERVER", "USER MAPPING", "FOREIGN TABLE"];

/// `CREATE STATISTICS name [(kinds)] ON columns FROM table`
fn statistics_table(reading: &mut Reading) -> Result<(ObjectName, Vec<Ident>), SyntaxError> {
    if reading.at(&Lexeme::LParen) {
        reading.paren_list(|cursor| {
            if !cursor.at_any_word(&["NDISTINCT", "DEPENDENCIES", "MCV"]) {
                return Err(cursor.error("ndistinct, dependencies or mcv"));
            }
            cursor.advance();
            Ok(())
        })?;
    }
    reading.expect_word("ON")?;
    let mut columns = Vec::new();
    let mut expressions = Vec::new();
    reading.comma_list(|cursor| {
        let start = cursor.mark();
        if let Ok(name) = cursor.ident()
            && (cursor.at(&Lexeme::Comma) || cursor.at_word("FROM"))
        {
            columns.push(name);
            return Ok(());
        }
        cursor.restore(start);
        expressions.push(cursor.expression_until(&["FROM"])?.span);
        Ok(())
    })?;
    if let Some(span) = expressions.first() {
        reading.needs(*span, &[Since(Engine::Postgres, 14, 0, 0)]);
    } else if let [only] = columns.as_slice() {
        // One column by itself has its own statistics (42P17).
        columns.push(only.clone());
    }
    reading.expect_word("FROM")?;
    Ok((reading.object_name()?, columns))
}

/// Notes what newer versions alone can publish.
fn publication(reading: &mut Reading) {
    let mut probe = reading.part(reading.mark(), reading.end_mark());
    while !probe.is_end() {
        if probe.eat_word("TABLE") || probe.eat(&Lexeme::Comma) {
            probe.eat_word("ONLY");
            if probe.object_name().is_ok() {
                probe.eat(&Lexeme::Mul);
                // A list of columns.
                if probe.at(&Lexeme::LParen) {
                    let span = probe.span();
                    reading.needs(span, &[Since(Engine::Postgres, 15, 0, 0)]);
                }
            }
        } else if let Some(span) = probe.eat_words_at(&["TABLES", "IN", "SCHEMA"]).or_else(|| probe.eat_word_at("WHERE")) {
            reading.needs(span, &[Since(Engine::Postgres, 15, 0, 0)]);
        } else if let Some(span) = probe.eat_words_at(&["ALL", "SEQUENCES"]) {
            reading.needs(span, &[Since(Engine::Postgres, 19, 0, 0)]);
        } else {
            probe.advance();
        }
    }
}

/// Objects without a name of their own.
fn unnamed(reading: &mut Reading) -> Read {
    let kind = ObjectKind::Other;
    let span = reading.skip_rest();
    let name = ObjectName::bare(Ident::new(span.slice(reading.text()), span));
    Ok(vec![Change::free(reading.whole, Action::CreateObject { kind, name, or_replace: false, columns: Vec::new(), if_not_exists: false })])
}

/// `CREATE SCHEMA [name] [AUTHORIZATION role] [statement …]`
fn schema(reading: &mut Reading, if_not_exists: bool) -> Read {
    let mut name = None;
    if !reading.at_word("AUTHORIZATION") {
        name = Some(reading.ident()?);
    }
    if reading.eat_word("AUTHORIZATION") {
        let role = reading.account()?;
        name = name.or(Some(role));
    } else if name.is_none() {
        return Err(reading.error("a name"));
    }
    let made = Change::free(reading.whole, Action::CreateSchema { name, if_not_exists });
    // Elements follow without delimiters; each begins where the one before it stopped.
    while reading.at_any_word(&["CREATE", "GRANT"]) {
        let start = reading.mark();
        reading.advance();
        while !reading.is_end() && !reading.at_any_word(&["CREATE", "GRANT"]) {
            if reading.at(&Lexeme::LParen) {
                reading.skip_parens()?;
            } else {
                reading.advance();
            }
        }
        let end = reading.mark();
        let whole = reading.since(start);
        let mut element =
            Reading { cursor: reading.part(start, end), whole, bulk: false, rows: None, modifiers: Default::default(), inner: Vec::new() };
        let verb = dispatch::verb(&element);
        let Some(read) = dispatch::statement(&mut element) else { return Err(element.error("a schema element")) };
        let (changes, modifiers) = (read?, std::mem::take(&mut element.modifiers));
        element.expect_end()?;
        reading.inner.push(Statement { span: whole, verb, changes, modifiers, parsing: Parsing::Complete, parts: Vec::new() });
        reading.absorb(element.cursor);
    }
    reading.expect_end()?;
    Ok(vec![made])
}

/// `CREATE EXTENSION name [WITH] [SCHEMA s] [VERSION v] [FROM v] [CASCADE]`
fn extension(reading: &mut Reading, if_not_exists: bool) -> Read {
    let name = reading.ident()?;
    reading.eat_word("WITH");
    let mut schema = None;
    let mut cascade = false;
    while !reading.is_end() {
        if reading.eat_word("SCHEMA") {
            schema = Some(reading.ident()?);
        } else if reading.eat_any_word(&["VERSION", "FROM"]).is_some() {
            if reading.at_string() { drop(reading.string()?) } else { drop(reading.label()?) }
        } else if reading.eat_word("CASCADE") {
            cascade = true;
        } else {
            return Err(reading.error("SCHEMA, VERSION or CASCADE"));
        }
    }
    Ok(vec![Change::free(reading.whole, Action::CreateExtension { name, if_not_exists, schema, cascade })])
}

/// `IMPORT FOREIGN SCHEMA …`: makes foreign tables nobody can name from here. MySQL `IMPORT TABLE`.
pub(in crate::change::read) fn import_schema(reading: &mut Reading) -> Read {
    reading.expect_word("IMPORT")?;
    if reading.is_mysql_family() {
        reading.expect_word("TABLE")?;
        let span = reading.skip_rest();
        let name = ObjectName::bare(Ident::new(span.slice(reading.text()), span));
        let action = Action::CreateObject { kind: ObjectKind::Table, name, or_replace: false, columns: Vec::new(), if_not_exists: false };
        return Ok(vec![Change::free(reading.whole, action)]);
    }
    let span = reading.expect_words(&["FOREIGN", "SCHEMA"])?;
    reading.needs(span, &[POSTGRES]);
    let name = ObjectName::bare(reading.ident()?);
    reading.skip_rest();
    let action =
        Action::CreateObject { kind: ObjectKind::ForeignTable, name, or_replace: false, columns: Vec::new(), if_not_exists: false };
    Ok(vec![Change::free(reading.whole, action)])
}
