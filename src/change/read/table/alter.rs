//! ALTER TABLE: its head, its actions one by one, and what the engines' actions have in common.

use sqlparser::tokenizer::Token as Lexeme;

use super::alter_mysql::{at_period, period};
use super::{alter_column, alter_mysql, alter_postgres};
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, ConstraintBody, ConstraintKind, DropIndex, Ident, ObjectName, Place};
use crate::engine::Engine;
use crate::sql::{Cursor, Mark, Since, SyntaxError};

const MYSQL: Since = Since(Engine::Mysql, 0, 0, 0);
const MARIADB: Since = Since(Engine::Mariadb, 0, 0, 0);
const POSTGRES: Since = Since(Engine::Postgres, 0, 0, 0);
const MARIADB_IF: Since = Since(Engine::Mariadb, 10, 0, 2);

pub(in crate::change::read) fn alter_table(reading: &mut Reading) -> Read {
    let start = reading.mark();
    reading.expect_word("ALTER")?;
    if let Some(span) = reading.eat_word_at("ONLINE") {
        reading.needs(span, &[MARIADB]);
        reading.modifiers.online = true;
    }
    if let Some(span) = reading.eat_word_at("IGNORE") {
        // MySQL dropped it in 5.7.4.
        if !(reading.is_mysql_family() && (reading.is_mariadb() || !reading.target().at_least(5, 7, 4))) {
            reading.needs(span, &[MARIADB]);
        }
        reading.modifiers.ignore = true;
    }
    if let Some(span) = reading.eat_word_at("FOREIGN") {
        reading.needs(span, &[POSTGRES]);
    }
    reading.expect_word("TABLE")?;
    if reading.is_postgres() && reading.at_words(&["ALL", "IN", "TABLESPACE"]) {
        return alter_postgres::all_in_tablespace(reading, start);
    }
    if let Some(span) = reading.eat_words_at(&["IF", "EXISTS"]) {
        reading.needs(span, &[POSTGRES, Since(Engine::Mariadb, 10, 5, 2)]);
        reading.modifiers.if_exists = true;
    }
    if let Some(span) = reading.eat_word_at("ONLY") {
        reading.needs(span, &[POSTGRES]);
        reading.modifiers.only = true;
    }
    let table = reading.object_name()?;
    if reading.is_postgres() {
        reading.eat(&Lexeme::Mul);
    }
    reading.lock_wait()?;
    actions(reading, &table)
}

/// The actions behind the table's name, commas between them.
pub(in crate::change::read) fn actions(reading: &mut Reading, table: &ObjectName) -> Read {
    let mut changes = Vec::new();
    // MySQL takes an ALTER TABLE that asks for nothing.
    if reading.is_end() {
        return if reading.is_mysql_family() { Ok(changes) } else { Err(reading.error("an action")) };
    }
    let mut count = 0usize;
    loop {
        let mark = reading.mark();
        let before = changes.len();
        match action(reading, table, &mut changes).and_then(|()| at_border(reading)) {
            Ok(()) => {}
            Err(error) => {
                // The action is not understood; its siblings may be.
                changes.truncate(before);
                reading.restore(mark);
                let words = reading.peek_word().map(str::to_ascii_uppercase).into_iter().collect();
                let span = reading.skip_item();
                changes.push(Change::on(table.clone(), span, Action::Opaque { words, name: Some(table.clone()) }));
                reading.lose(error);
            }
        }
        count += 1;
        alone(reading, mark, count, changes.get(before).map(|change| &change.action));
        let comma = reading.eat(&Lexeme::Comma);
        if comma && reading.is_mysql_family() && at_partitioning(reading) {
            let span = reading.previous_span();
            reading.refuse(span, "no comma before PARTITION BY");
        }
        if !comma && (reading.is_end() || reading.at(&Lexeme::RParen)) {
            return Ok(changes);
        }
        if comma && reading.is_end() {
            return Err(reading.error("an action"));
        }
    }
}

/// Notes an action that must not stand with others.
fn alone(cursor: &mut Cursor, mark: Mark, count: usize, action: Option<&Action>) {
    let span = cursor.since(mark);
    if cursor.is_sqlite() && count > 1 {
        cursor.refuse(span, "an ALTER TABLE of its own");
    }
    let solitary = matches!(
        action,
        Some(
            Action::RenameTable { .. }
                | Action::RenameColumn { .. }
                | Action::RenameConstraint { .. }
                | Action::SetSchema { .. }
                | Action::AttachPartition { .. }
                | Action::DetachPartition { .. }
        )
    );
    if cursor.is_postgres() && solitary && (count > 1 || cursor.at(&Lexeme::Comma)) {
        cursor.refuse(span, "an ALTER TABLE of its own");
    }
    // Not even ALGORITHM or LOCK stand beside DISCARD and IMPORT TABLESPACE.
    if cursor.is_mysql_family() && matches!(action, Some(Action::TablespaceFile { .. })) && (count > 1 || cursor.at(&Lexeme::Comma)) {
        cursor.refuse(span, "an ALTER TABLE of its own");
    }
}

fn at_partitioning(cursor: &Cursor) -> bool {
    cursor.at_words(&["PARTITION", "BY"]) || cursor.at_words(&["REMOVE", "PARTITIONING"])
}

fn at_border(cursor: &mut Cursor) -> Result<(), SyntaxError> {
    let partitioning = cursor.is_mysql_family() && at_partitioning(cursor);
    if cursor.at_any_word(&["ALGORITHM", "LOCK"]) && cursor.at_nth(1, &Lexeme::Eq) {
        let span = cursor.span();
        cursor.refuse(span, "a comma before it");
        return Ok(());
    }
    let border = cursor.is_end() || cursor.at(&Lexeme::Comma) || cursor.at(&Lexeme::RParen) || partitioning;
    if border { Ok(()) } else { Err(cursor.error("`,` or the end of the statement")) }
}

fn action(reading: &mut Reading, table: &ObjectName, changes: &mut Vec<Change>) -> Result<(), SyntaxError> {
    let start = reading.mark();
    if reading.algorithm_or_lock()? {
        return Ok(());
    }
    let first = reading.peek_word().unwrap_or_default();
    let is = |word: &str| first.eq_ignore_ascii_case(word);
    let cursor: &mut Cursor = reading;
    let action = if let Some(action) = if cursor.is_mysql_family() { cursor.mysql_partition_action()? } else { None } {
        action
    } else if is("ADD") {
        return add(cursor, table, changes);
    } else if is("DROP") {
        drop(cursor)?
    } else if is("ALTER") {
        alter_column::alter(cursor)?
    } else if is("RENAME") {
        rename(cursor)?
    } else {
        let own = if cursor.is_mysql_family() { alter_mysql::action(cursor)? } else { alter_postgres::action(cursor)? };
        match own {
            Some(action) => action,
            None => foreign(cursor)?,
        }
    };
    let span = cursor.since(start);
    changes.push(Change::on(table.clone(), span, action));
    Ok(())
}

/// An action of another engine: read, and noted as refused.
fn foreign(cursor: &mut Cursor) -> Result<Action, SyntaxError> {
    let start = cursor.mark();
    let (action, accepted_by) = if cursor.is_mysql_family() {
        (alter_postgres::action(cursor)?, &[POSTGRES, POSTGRES])
    } else {
        (alter_mysql::action(cursor)?, &[MYSQL, MARIADB])
    };
    let span = cursor.since(start);
    match action {
        Some(action) => {
            cursor.needs(span, accepted_by);
            Ok(action)
        }
        None => Err(cursor.error("an action")),
    }
}

fn add(cursor: &mut Cursor, table: &ObjectName, changes: &mut Vec<Change>) -> Result<(), SyntaxError> {
    let start = cursor.mark();
    cursor.expect_word("ADD")?;
    let versioning = cursor.at_words(&["SYSTEM", "VERSIONING"]) || at_period(cursor);
    if cursor.is_mysql_family() && versioning {
        let action = if cursor.eat_words(&["SYSTEM", "VERSIONING"]) {
            Action::SystemVersioning { add: true }
        } else {
            let action = period(cursor, true)?;
            cursor.ident_list()?;
            action
        };
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mariadb, 10, 3, 4)]);
        changes.push(Change::on(table.clone(), span, action));
    } else if cursor.at_index_element() {
        let index = cursor.index_element()?;
        let span = cursor.since(start);
        cursor.needs(span, &[MYSQL, MARIADB]);
        changes.push(Change::on(table.clone(), span, Action::CreateIndex(Box::new(index))));
    } else if cursor.at_table_constraint() {
        let constraint = cursor.table_constraint()?;
        let span = cursor.since(start);
        // SQLite 3.53 adds CHECK constraints, and no others.
        let check = matches!(constraint.body, ConstraintBody::Check(_));
        let sqlite = if check { Since(Engine::Sqlite, 3, 53, 0) } else { POSTGRES };
        cursor.needs(span, &[POSTGRES, MYSQL, MARIADB, sqlite]);
        changes.push(Change::on(table.clone(), span, Action::AddConstraint(Box::new(constraint))));
    } else {
        add_column(cursor, start, table, changes)?;
    }
    Ok(())
}

fn add_column(cursor: &mut Cursor, start: Mark, table: &ObjectName, changes: &mut Vec<Change>) -> Result<(), SyntaxError> {
    cursor.eat_word("COLUMN");
    let exists = cursor.eat_words_at(&["IF", "NOT", "EXISTS"]);
    if let Some(span) = exists {
        cursor.needs(span, &[Since(Engine::Postgres, 9, 6, 0), MARIADB_IF]);
    }
    let if_not_exists = exists.is_some();
    let change =
        |column, place, span| Change::on(table.clone(), span, Action::AddColumn { column: Box::new(column), if_not_exists, place });
    if cursor.at(&Lexeme::LParen) {
        // MySQL: several columns, and keys among them, in one action.
        let span = cursor.span();
        cursor.needs(span, &[MYSQL, MARIADB]);
        cursor.expect(&Lexeme::LParen)?;
        loop {
            let item = cursor.mark();
            if cursor.at_index_element() {
                let index = cursor.index_element()?;
                changes.push(Change::on(table.clone(), cursor.since(item), Action::CreateIndex(Box::new(index))));
            } else if cursor.at_table_constraint() {
                let constraint = cursor.table_constraint()?;
                changes.push(Change::on(table.clone(), cursor.since(item), Action::AddConstraint(Box::new(constraint))));
            } else {
                let column = cursor.column_definition()?;
                changes.push(change(column, None, cursor.since(item)));
            }
            if !cursor.eat(&Lexeme::Comma) {
                return cursor.expect(&Lexeme::RParen);
            }
        }
    }
    let column = cursor.column_definition()?;
    let place = cursor.place()?;
    changes.push(change(column, place, cursor.since(start)));
    Ok(())
}

fn drop(cursor: &mut Cursor) -> Result<Action, SyntaxError> {
    cursor.expect_word("DROP")?;
    let start = cursor.mark();
    let named = |cursor: &mut Cursor| -> Result<(bool, Ident), SyntaxError> {
        let exists = cursor.eat_words_at(&["IF", "EXISTS"]);
        if let Some(span) = exists {
            cursor.needs(span, &[POSTGRES, MARIADB_IF]);
        }
        Ok((exists.is_some(), cursor.ident()?))
    };
    if cursor.eat_words(&["PRIMARY", "KEY"]) || (cursor.is_mariadb() && cursor.eat_words(&["CONSTRAINT", "PRIMARY", "KEY"])) {
        let span = cursor.since(start);
        cursor.needs(span, &[MYSQL, MARIADB]);
        return Ok(Action::DropConstraint { name: None, kind: Some(ConstraintKind::PrimaryKey), if_exists: false, cascade: false });
    }
    if cursor.eat_words(&["FOREIGN", "KEY"]) {
        let span = cursor.since(start);
        cursor.needs(span, &[MYSQL, MARIADB]);
        let (if_exists, name) = named(cursor)?;
        return Ok(Action::DropConstraint { name: Some(name), kind: Some(ConstraintKind::ForeignKey), if_exists, cascade: false });
    }
    if cursor.eat_word("CHECK") {
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mysql, 8, 0, 16)]);
        let (if_exists, name) = named(cursor)?;
        return Ok(Action::DropConstraint { name: Some(name), kind: Some(ConstraintKind::Check), if_exists, cascade: false });
    }
    if cursor.eat_word("CONSTRAINT") {
        let span = cursor.since(start);
        cursor.needs(span, &[POSTGRES, Since(Engine::Mysql, 8, 0, 19), Since(Engine::Mariadb, 10, 2, 1), Since(Engine::Sqlite, 3, 53, 0)]);
        let (if_exists, name) = named(cursor)?;
        return Ok(Action::DropConstraint { name: Some(name), kind: None, if_exists, cascade: cursor.drop_behaviour() });
    }
    let keyed = cursor.at_any_word(&["INDEX", "KEY"]) && (cursor.is_mysql_family() || names_index(cursor));
    if keyed && cursor.eat_any_word(&["INDEX", "KEY"]).is_some() {
        let span = cursor.since(start);
        cursor.needs(span, &[MYSQL, MARIADB]);
        let (if_exists, name) = named(cursor)?;
        let name = ObjectName::bare(name);
        return Ok(Action::DropIndex(DropIndex { name, concurrently: None, if_exists, cascade: false, siblings: 1, in_alter: true }));
    }
    if cursor.is_mysql_family() && cursor.eat_words(&["SYSTEM", "VERSIONING"]) {
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mariadb, 10, 3, 4)]);
        return Ok(Action::SystemVersioning { add: false });
    }
    if cursor.is_mysql_family() && at_period(cursor) {
        let action = period(cursor, false)?;
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mariadb, 10, 3, 4)]);
        return Ok(action);
    }
    let column_word = cursor.at_word("COLUMN");
    if !column_word && cursor.is_sqlite() && cursor.at_word_nth(1, "COLUMN") {
        return Err(cursor.error("COLUMN"));
    }
    cursor.eat_word("COLUMN");
    let (if_exists, column) = named(cursor)?;
    let cascade = cursor.drop_behaviour();
    let span = cursor.since(start);
    cursor.needs(span, &[POSTGRES, MYSQL, MARIADB, Since(Engine::Sqlite, 3, 35, 0)]);
    Ok(Action::DropColumn { column, if_exists, cascade })
}

/// `DROP INDEX name` where INDEX could as well be a column.
fn names_index(cursor: &Cursor) -> bool {
    matches!(cursor.peek_nth(1), Some(Lexeme::Word(_))) && !["CASCADE", "RESTRICT"].iter().any(|word| cursor.at_word_nth(1, word))
}

fn rename(cursor: &mut Cursor) -> Result<Action, SyntaxError> {
    let start = cursor.mark();
    cursor.expect_word("RENAME")?;
    // MySQL: `RENAME [TO | AS | =] name`
    let direct = cursor.eat_word("TO") || (cursor.is_mysql_family() && (cursor.eat_word("AS") || cursor.eat(&Lexeme::Eq)));
    if direct {
        let to = cursor.object_name()?;
        if let (true, Some(schema)) = (!cursor.is_mysql_family(), &to.schema) {
            // Elsewhere a table cannot change its schema this way.
            cursor.refuse(schema.span, "a name without a schema");
        }
        return Ok(Action::RenameTable { to });
    }
    let index = cursor.at_any_word(&["INDEX", "KEY"]) && !cursor.at_word_nth(1, "TO");
    if index {
        cursor.advance();
        let exists = cursor.eat_words_at(&["IF", "EXISTS"]);
        if let Some(span) = exists {
            cursor.needs(span, &[Since(Engine::Mariadb, 10, 5, 2)]);
        }
        let from = ObjectName::bare(cursor.ident()?);
        cursor.expect_word("TO")?;
        let to = cursor.ident()?;
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mysql, 5, 7, 1), Since(Engine::Mariadb, 10, 5, 2)]);
        return Ok(Action::RenameIndex { from, to, if_exists: exists.is_some() });
    }
    if cursor.eat_word("CONSTRAINT") {
        let from = cursor.ident()?;
        cursor.expect_word("TO")?;
        let to = cursor.ident()?;
        let span = cursor.since(start);
        cursor.needs(span, &[POSTGRES]);
        return Ok(Action::RenameConstraint { from, to });
    }
    let written = cursor.at_word("COLUMN") && !cursor.at_word_nth(1, "TO");
    if cursor.is_mysql_family() && !written {
        return Ok(Action::RenameTable { to: cursor.object_name()? });
    }
    if written {
        cursor.advance();
    }
    let exists = cursor.eat_words_at(&["IF", "EXISTS"]);
    if let Some(span) = exists {
        cursor.needs(span, &[Since(Engine::Mariadb, 10, 5, 2)]);
    }
    let from = cursor.column()?;
    cursor.expect_word("TO")?;
    let to = cursor.column()?;
    let span = cursor.since(start);
    let accepted_by = [POSTGRES, Since(Engine::Mysql, 8, 0, 3), Since(Engine::Mariadb, 10, 5, 2), Since(Engine::Sqlite, 3, 25, 0)];
    cursor.needs(span, &accepted_by);
    Ok(Action::RenameColumn { from, to, if_exists: exists.is_some() })
}

impl Cursor<'_> {
    /// MySQL `FIRST` or `AFTER column`.
    pub(super) fn place(&mut self) -> Result<Option<Place>, SyntaxError> {
        let start = self.mark();
        let place = if self.eat_word("FIRST") {
            Place::First
        } else if self.eat_word("AFTER") {
            Place::After(self.column()?)
        } else {
            return Ok(None);
        };
        let span = self.since(start);
        self.needs(span, &[MYSQL, MARIADB]);
        Ok(Some(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::read::testing::{action, actions, needs, statement};
    use crate::change::{ChangeKind, Parsing, TriggerScope};

    fn kinds(target: &str, sql: &str) -> Vec<ChangeKind> {
        actions(target, sql).iter().map(Action::kind).collect()
    }

    #[test]
    fn one_change_per_action_with_its_span() {
        let sql = "ALTER TABLE IF EXISTS ONLY s.t ADD a numeric(10, 2) DEFAULT 1, DROP COLUMN IF EXISTS b CASCADE, ALTER c SET NOT NULL";
        let statement = statement("postgres@14", sql);
        let spans: Vec<_> = statement.changes.iter().map(|change| change.span.slice(sql)).collect();
        assert_eq!(spans, ["ADD a numeric(10, 2) DEFAULT 1", "DROP COLUMN IF EXISTS b CASCADE", "ALTER c SET NOT NULL"]);
        assert!(statement.modifiers.only && statement.modifiers.if_exists);
        assert!(statement.changes.iter().all(|change| change.table.as_ref().is_some_and(|table| table.to_string() == "s.t")));
    }

    #[test]
    fn an_unreadable_action_leaves_its_siblings() {
        let sql = "ALTER TABLE t ADD a int, FROB (x, y) b, DROP c";
        let statement = statement("postgres@14", sql);
        let Parsing::Partial { at, .. } = statement.parsing else { panic!("{:?}", statement.parsing) };
        assert_eq!(at.slice(sql), "FROB");
        let kinds: Vec<_> = statement.changes.iter().map(|change| change.action.kind()).collect();
        assert_eq!(kinds, [ChangeKind::AddColumn, ChangeKind::Opaque, ChangeKind::DropColumn]);
    }

    #[test]
    fn mysql_says_how_to_run_it() {
        let statement = statement("mysql@8.0", "ALTER TABLE t ADD a int FIRST, ALGORITHM = INPLACE, LOCK NONE, MODIFY b int AFTER a");
        assert_eq!(statement.modifiers.algorithm.map(|assertion| assertion.value).as_deref(), Some("inplace"));
        assert_eq!(statement.modifiers.lock.map(|assertion| assertion.value).as_deref(), Some("none"));
        assert_eq!(statement.changes.len(), 2);
        let statement = self::statement("mariadb@10.11", "ALTER ONLINE IGNORE TABLE t WAIT 5 ADD IF NOT EXISTS a int");
        assert!(statement.modifiers.online && statement.modifiers.ignore && statement.modifiers.wait == Some(5));
        assert!(matches!(statement.changes[0].action, Action::AddColumn { if_not_exists: true, .. }));
    }

    #[test]
    fn actions_are_told_apart() {
        use ChangeKind as Kind;
        assert_eq!(kinds("mysql@8.0", "ALTER TABLE t ADD (a int, b int, KEY (a))"), [Kind::AddColumn, Kind::AddColumn, Kind::CreateIndex]);
        assert_eq!(kinds("mysql@8.0", "ALTER TABLE t RENAME u, RENAME COLUMN a TO b"), [Kind::RenameTable, Kind::RenameColumn]);
        assert_eq!(kinds("mysql@8.0", "ALTER TABLE t DROP PARTITION p1, p2"), [Kind::Partition]);
        assert_eq!(kinds("mysql@8.0", "ALTER TABLE t ORDER BY a, b DESC"), [Kind::OrderBy]);
        assert_eq!(kinds("mariadb@10.11", "ALTER TABLE t ADD SYSTEM VERSIONING"), [Kind::SystemVersioning]);
        assert_eq!(kinds("postgres@14", "ALTER TABLE t RENAME a TO b"), [Kind::RenameColumn]);
        assert_eq!(kinds("postgres@14", "ALTER TABLE t ADD index int, DROP key"), [Kind::AddColumn, Kind::DropColumn]);
        let all = action("postgres@14", "ALTER TABLE t DISABLE TRIGGER ALL");
        assert!(matches!(all, Action::SetTriggerState { trigger: TriggerScope::All, .. }));
    }

    #[test]
    fn what_is_refused_names_who_accepts_it() {
        for (target, sql, accepted_by) in [
            ("mysql@8.0", "ALTER TABLE t DROP COLUMN IF EXISTS a", "PostgreSQL or MariaDB 10.0.2"),
            ("postgres@14", "ALTER TABLE t MODIFY a int", "MySQL or MariaDB"),
            ("sqlite", "ALTER TABLE t ALTER COLUMN a TYPE int", "PostgreSQL"),
            ("postgres@13", "ALTER TABLE t DETACH PARTITION p CONCURRENTLY", "PostgreSQL 14"),
            ("postgres@16", "ALTER TABLE t ALTER a SET EXPRESSION AS (b)", "PostgreSQL 17"),
            ("sqlite@3.34", "ALTER TABLE t DROP COLUMN a", "PostgreSQL or MySQL or MariaDB or SQLite 3.35"),
            ("sqlite@3.52", "ALTER TABLE t ALTER COLUMN a SET NOT NULL", "PostgreSQL or SQLite 3.53"),
            ("sqlite", "ALTER TABLE t ADD a int, ADD b int", "an ALTER TABLE of its own"),
            ("postgres@14", "ALTER TABLE t RENAME a TO b, ADD c int", "an ALTER TABLE of its own"),
            ("mysql@5.7", "ALTER TABLE t RENAME COLUMN a TO b", "PostgreSQL or MySQL 8.0.3 or MariaDB 10.5.2 or SQLite 3.25"),
        ] {
            assert_eq!(needs(target, sql), accepted_by, "{target}: {sql}");
            assert!(statement(target, sql).changes.iter().all(|change| change.action.kind() != ChangeKind::Opaque), "{sql}");
        }
    }

    #[test]
    fn nesting_and_noise_do_no_harm() {
        let deep = format!("ALTER TABLE t ADD CHECK ({}a{})", "(".repeat(20_000), ")".repeat(20_000));
        assert_eq!(statement("postgres@14", &deep).changes.len(), 1);
        let chain = format!("ALTER TABLE t ADD CHECK (a{})", " AND a".repeat(20_000));
        assert_eq!(statement("postgres@14", &chain).changes.len(), 1);
        for target in ["postgres@14", "mysql@8.0", "mariadb@10.11", "sqlite"] {
            for noise in [
                "ALTER TABLE",
                "ALTER TABLE t ADD (",
                "ALTER TABLE t ,,,",
                "CREATE TABLE t ((((",
                "CREATE INDEX ON",
                "ALTER TABLE t ADD a int DEFAULT",
            ] {
                assert!(!matches!(statement(target, noise).parsing, Parsing::Complete), "{target}: {noise}");
            }
        }
    }
}
