//! CREATE TABLE of all engines, and SELECT INTO.

use sqlparser::tokenizer::Token as Lexeme;

use super::element::elements;
use super::into;
use super::mysql_option;
use crate::change::read::object::output_or_star;
use crate::change::read::query::query_facts;
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, ColumnDef, CreateTable, LikeTable, Persistence};
use crate::engine::Engine;
use crate::sql::{Cursor, Since, SyntaxError};

pub(in crate::change::read) fn create_table(reading: &mut Reading) -> Read {
    let start = reading.mark();
    let mut table = CreateTable::default();
    head(reading, &mut table)?;
    if reading.is_sqlite() && reading.eat_word("USING") {
        table.virtual_module = Some(reading.ident()?);
        if reading.at(&Lexeme::LParen) {
            reading.skip_parens()?;
        }
    } else {
        body(reading, &mut table)?;
        tail(reading, &mut table)?;
    }
    let span = reading.since(start);
    Ok(vec![Change::on(table.name.clone(), span, Action::CreateTable(Box::new(table)))])
}

/// Up to the table's name.
fn head(cursor: &mut Cursor, table: &mut CreateTable) -> Result<(), SyntaxError> {
    cursor.expect_word("CREATE")?;
    if let Some(span) = cursor.eat_words_at(&["OR", "REPLACE"]) {
        cursor.needs(span, &[Since(Engine::Mariadb, 10, 0, 8)]);
        table.or_replace = true;
    }
    if cursor.is_postgres() {
        cursor.eat_any_word(&["GLOBAL", "LOCAL"]);
    }
    let kind = cursor.eat_any_word(&["TEMPORARY", "TEMP", "UNLOGGED", "FOREIGN", "VIRTUAL", "EXTERNAL"]);
    let span = cursor.previous_span();
    match kind {
        Some("TEMP") => {
            cursor.needs(span, &[Since(Engine::Postgres, 0, 0, 0), Since(Engine::Sqlite, 0, 0, 0)]);
            table.persistence = Persistence::Temporary;
        }
        Some("TEMPORARY") => table.persistence = Persistence::Temporary,
        Some("UNLOGGED") => {
            cursor.needs(span, &[Since(Engine::Postgres, 0, 0, 0)]);
            table.persistence = Persistence::Unlogged;
        }
        Some("FOREIGN") => {
            cursor.needs(span, &[Since(Engine::Postgres, 0, 0, 0)]);
            table.foreign = true;
        }
        Some("EXTERNAL") => cursor.needs(span, &[Since(Engine::Mysql, 9, 4, 0)]),
        Some(_) => cursor.needs(span, &[Since(Engine::Sqlite, 0, 0, 0)]),
        None => {}
    }
    cursor.expect_word("TABLE")?;
    table.if_not_exists = cursor.eat_if_not_exists();
    table.name = cursor.object_name()?;
    Ok(())
}

fn body(cursor: &mut Cursor, table: &mut CreateTable) -> Result<(), SyntaxError> {
    if cursor.is_postgres() && cursor.eat_word("OF") {
        table.of_type = Some(cursor.object_name()?);
        if cursor.at(&Lexeme::LParen) {
            elements(cursor, table, true)?;
        }
    } else if cursor.is_postgres() && cursor.eat_words(&["PARTITION", "OF"]) {
        let parent = cursor.object_name()?;
        if cursor.at(&Lexeme::LParen) {
            elements(cursor, table, true)?;
        }
        table.partition_of = Some((parent, cursor.partition_bound()?));
    } else if cursor.eat_word("LIKE") {
        let span = cursor.previous_span();
        cursor.needs(span, &[Since(Engine::Mysql, 0, 0, 0), Since(Engine::Mariadb, 0, 0, 0)]);
        table.likes.push(LikeTable { source: cursor.object_name()?, including: vec!["all".to_owned()], excluding: Vec::new() });
    } else if cursor.is_mysql_family() && cursor.at(&Lexeme::LParen) && cursor.at_word_nth(1, "LIKE") {
        cursor.advance();
        cursor.advance();
        table.likes.push(LikeTable { source: cursor.object_name()?, including: vec!["all".to_owned()], excluding: Vec::new() });
        cursor.expect(&Lexeme::RParen)?;
    } else if cursor.at(&Lexeme::LParen) && !(cursor.is_mysql_family() && at_query(cursor)) {
        match bare_names(cursor)? {
            Some(columns) => table.columns = columns,
            None => elements(cursor, table, false)?,
        }
    } else if !at_query(cursor) && !cursor.at_word("AS") && !cursor.is_mysql_family() && !cursor.is_postgres() {
        return Err(cursor.error("`(` or AS"));
    }
    Ok(())
}

/// `(a, b)` of `CREATE TABLE t (a, b) AS query`. SQLite's columns need no type anyway.
fn bare_names(cursor: &mut Cursor) -> Result<Option<Vec<ColumnDef>>, SyntaxError> {
    if !cursor.is_postgres() {
        return Ok(None);
    }
    let mark = cursor.mark();
    let names = cursor.ident_list();
    if names.is_err() || cursor.is_end() {
        cursor.restore(mark);
        return Ok(None);
    }
    Ok(Some(names?.into_iter().map(|name| ColumnDef { span: name.span, name, ..ColumnDef::default() }).collect()))
}

fn at_query(cursor: &Cursor) -> bool {
    let mut n = 0;
    while cursor.at_nth(n, &Lexeme::LParen) && n < 64 {
        n += 1;
    }
    ["SELECT", "VALUES", "TABLE", "EXECUTE"].iter().any(|word| cursor.at_word_nth(n, word))
        || (cursor.at_word_nth(n, "WITH") && !cursor.at_nth(n + 1, &Lexeme::LParen) && !cursor.at_word_nth(n + 1, "SYSTEM"))
}

/// What follows the elements.
fn tail(cursor: &mut Cursor, table: &mut CreateTable) -> Result<(), SyntaxError> {
    match cursor.engine() {
        Engine::Postgres => postgres_tail(cursor, table)?,
        Engine::Mysql | Engine::Mariadb => mysql_tail(cursor, table)?,
        Engine::Sqlite => sqlite_tail(cursor, table)?,
    }
    foreign_options(cursor, table)?;
    let as_word = cursor.eat_word("AS");
    if as_word || (cursor.is_mysql_family() && at_query(cursor)) {
        let from = cursor.mark();
        if !at_query(cursor) {
            return Err(cursor.error("a query"));
        }
        if cursor.is_sqlite() && (!table.columns.is_empty() || cursor.at(&Lexeme::LParen) || cursor.at_word("TABLE")) {
            let span = cursor.previous_span();
            cursor.refuse(span, "AS behind the table's name and a bare SELECT behind it");
        }
        cursor.skip_rest();
        let tokens = cursor.tokens_between(from, cursor.mark());
        table.as_query = Some(query_facts(tokens, cursor.target()).reads);
        table.output = output_or_star(cursor, from, cursor.mark());
        table.with_no_data = into::ends_with(tokens, &["WITH", "NO", "DATA"]);
        return Ok(());
    }
    let has_body = !table.columns.is_empty()
        || !table.likes.is_empty()
        || table.of_type.is_some()
        || table.partition_of.is_some()
        || cursor.previous_span() != table.name.name.span;
    // MySQL's grammar takes a table without columns.
    if has_body || cursor.is_mysql_family() { Ok(()) } else { Err(cursor.error("`(` or AS")) }
}

fn postgres_tail(cursor: &mut Cursor, table: &mut CreateTable) -> Result<(), SyntaxError> {
    if cursor.eat_word("INHERITS") {
        table.inherits = cursor.paren_list(|cursor| cursor.object_name())?;
    }
    if table.foreign {
        if cursor.at_words(&["PARTITION", "BY"]) {
            table.partition_by = Some(cursor.partition_by()?);
        }
        cursor.expect_word("SERVER")?;
        cursor.ident()?;
        if cursor.eat_word("OPTIONS") {
            cursor.skip_parens()?;
        }
        return Ok(());
    }
    if cursor.at_words(&["PARTITION", "BY"]) {
        table.partition_by = Some(cursor.partition_by()?);
    }
    if cursor.eat_word("USING") {
        let span = cursor.previous_span();
        cursor.needs(span, &[Since(Engine::Postgres, 12, 0, 0)]);
        table.access_method = Some(cursor.ident()?);
    }
    if cursor.at_word("WITH") && cursor.at_nth(1, &Lexeme::LParen) {
        cursor.advance();
        table.options = cursor.storage_parameters()?;
    } else if let Some(span) = cursor.eat_words_at(&["WITH", "OIDS"]) {
        if cursor.target().at_least(12, 0, 0) {
            cursor.refuse(span, "PostgreSQL 11 or older");
        }
    } else {
        cursor.eat_words(&["WITHOUT", "OIDS"]);
    }
    if cursor.eat_words(&["ON", "COMMIT"]) {
        if cursor.eat_word("DROP") {
            table.on_commit_drop = true;
        } else if !cursor.eat_words(&["DELETE", "ROWS"]) {
            cursor.expect_words(&["PRESERVE", "ROWS"])?;
        }
    }
    if cursor.eat_word("TABLESPACE") {
        table.tablespace = Some(cursor.ident()?);
    }
    Ok(())
}

fn mysql_tail(cursor: &mut Cursor, table: &mut CreateTable) -> Result<(), SyntaxError> {
    loop {
        if cursor.eat_words(&["WITH", "SYSTEM"]) {
            cursor.expect_word("VERSIONING")?;
            let span = cursor.previous_span();
            cursor.needs(span, &[Since(Engine::Mariadb, 10, 3, 4)]);
            table.system_versioning = true;
        } else if cursor.at_words(&["PARTITION", "BY"]) {
            table.partition_by = Some(cursor.mysql_partition_by()?);
        } else if let Some(option) = mysql_option::read(cursor)? {
            table.options.push(option);
            cursor.eat(&Lexeme::Comma);
        } else {
            break;
        }
    }
    // What to do with duplicate rows of the query.
    cursor.eat_any_word(&["IGNORE", "REPLACE"]);
    Ok(())
}

fn sqlite_tail(cursor: &mut Cursor, table: &mut CreateTable) -> Result<(), SyntaxError> {
    while sqlite_option(cursor, table) {
        if !cursor.eat(&Lexeme::Comma) {
            break;
        }
    }
    Ok(())
}

fn sqlite_option(cursor: &mut Cursor, table: &mut CreateTable) -> bool {
    if let Some(span) = cursor.eat_words_at(&["WITHOUT", "ROWID"]) {
        cursor.needs(span, &[Since(Engine::Sqlite, 3, 8, 2)]);
        table.without_rowid = true;
    } else if let Some(span) = cursor.eat_word_at("STRICT") {
        cursor.needs(span, &[Since(Engine::Sqlite, 3, 37, 0)]);
        table.strict = true;
    } else {
        return false;
    }
    true
}

/// Options of other engines: noted, and read so that the table is known.
fn foreign_options(cursor: &mut Cursor, table: &mut CreateTable) -> Result<(), SyntaxError> {
    if !cursor.is_sqlite() {
        sqlite_tail(cursor, table)?;
    }
    if !cursor.is_postgres() && cursor.at_word("INHERITS") && cursor.at_nth(1, &Lexeme::LParen) {
        let span = cursor.span();
        cursor.needs(span, &[Since(Engine::Postgres, 0, 0, 0)]);
        cursor.advance();
        table.inherits = cursor.paren_list(|cursor| cursor.object_name())?;
    }
    if cursor.is_sqlite() && cursor.at_words(&["PARTITION", "BY"]) {
        let span = cursor.skip_rest();
        cursor.needs(span, &[Since(Engine::Postgres, 10, 0, 0), Since(Engine::Mysql, 0, 0, 0), Since(Engine::Mariadb, 0, 0, 0)]);
    }
    while !cursor.is_mysql_family() && !cursor.at_word("AS") {
        let Some(option) = mysql_option::read(cursor)? else { break };
        cursor.needs(option.span, &[Since(Engine::Mysql, 0, 0, 0), Since(Engine::Mariadb, 0, 0, 0)]);
        table.options.push(option);
        cursor.eat(&Lexeme::Comma);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::read::testing::{action, needs, statement};
    use crate::change::{Parsing, PartitionBound};

    fn created(target: &str, sql: &str) -> CreateTable {
        match action(target, sql) {
            Action::CreateTable(table) => *table,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn like_and_keys_are_not_columns() {
        let table = created("postgres@14", "CREATE TABLE t (a int, LIKE src INCLUDING ALL EXCLUDING INDEXES)");
        assert_eq!((table.columns.len(), table.likes.len()), (1, 1));
        assert_eq!(created("mysql@8.0", "CREATE TABLE t (LIKE src)").likes.len(), 1);
        let table = created("mariadb@11.8", "CREATE TABLE t (a int, v vector(3), KEY (a), VECTOR INDEX (v))");
        assert_eq!((table.columns.len(), table.indexes.len()), (2, 2));
    }

    #[test]
    fn partitions_override_columns_without_types() {
        let table = created("postgres@14", "CREATE TABLE p PARTITION OF t (b NOT NULL DEFAULT 1, c UNIQUE) FOR VALUES IN (1, NULL)");
        let [b, c] = table.columns.as_slice() else { panic!() };
        assert!(b.data_type.is_none() && b.not_null.is_some() && b.null.is_none() && b.default.is_some());
        assert!(c.data_type.is_none() && c.constraints.len() == 1);
        assert!(matches!(table.partition_of, Some((_, PartitionBound::List(values))) if values.len() == 2));
        let by = created("postgres@14", "CREATE TABLE t (a int) PARTITION BY RANGE (a, lower(b))").partition_by.unwrap();
        assert_eq!((by.strategy.as_str(), by.keys.first().is_some_and(|key| key.column_name().is_some())), ("range", true));
    }

    #[test]
    fn queries_tell_what_they_read() {
        let table = created("postgres@14", "CREATE TABLE t (a, b) AS SELECT * FROM x JOIN y USING (i) WITH NO DATA");
        assert_eq!((table.columns.len(), table.as_query.map(|reads| reads.len()), table.with_no_data), (2, Some(2), true));
        let table = created("postgres@14", "SELECT a, b INTO TEMP t FROM x");
        assert_eq!((table.name.to_string().as_str(), table.persistence), ("t", Persistence::Temporary));
        assert!(created("mysql@8.0", "CREATE TABLE t (a int) ENGINE=InnoDB IGNORE SELECT 1 AS a").as_query.is_some());
    }

    #[test]
    fn options_and_partitions_of_mysql() {
        let sql = "CREATE TABLE t (a int) ENGINE=InnoDB, DEFAULT CHARSET utf8mb4 COMMENT 'x' PARTITION BY LIST COLUMNS (a) \
                   (PARTITION p0 VALUES IN (1, 2), PARTITION p1 VALUES IN (3) ENGINE=InnoDB)";
        let table = created("mysql@8.0", sql);
        let names: Vec<_> = table.options.iter().map(|option| (option.name.as_str(), option.value.as_str())).collect();
        assert_eq!(names, [("engine", "InnoDB"), ("default charset", "utf8mb4"), ("comment", "x")]);
        let by = table.partition_by.unwrap();
        assert_eq!((by.strategy.as_str(), by.partitions.len()), ("list columns", 2));
    }

    #[test]
    fn sqlite_tables() {
        let sql =
            "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a, UNIQUE (a) ON CONFLICT REPLACE CHECK (a > 0)) STRICT, WITHOUT ROWID";
        let table = created("sqlite@3.40", sql);
        assert!(table.strict && table.without_rowid);
        assert_eq!((table.columns.len(), table.constraints.len()), (2, 2));
        assert!(table.columns.iter().any(|column| column.data_type.is_none()));
        assert_eq!(created("sqlite", "CREATE VIRTUAL TABLE t USING fts5(a, b)").virtual_module.unwrap().value, "fts5");
        assert_eq!(needs("sqlite@3.36", "CREATE TABLE t (a int) STRICT"), "SQLite 3.37");
    }

    #[test]
    fn an_unreadable_element_leaves_its_siblings() {
        let statement = statement("postgres@14", "CREATE TABLE t (a int, FROB, b int FROB 5, c int)");
        assert!(matches!(statement.parsing, Parsing::Partial { .. }));
        assert!(matches!(&statement.changes[0].action, Action::CreateTable(table) if table.columns.len() == 3));
    }
}
