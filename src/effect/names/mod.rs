//! Names in queries and expressions that stand for nothing: the server looks each of them up before
//! it does anything.
//!
//! Only what the history tells for sure is said: where one table of a query is not known whole, a
//! name may be a column of it.

mod expression;
pub(super) mod native;
mod query;
mod scope;
mod sqlite;
mod written;

use sqlparser::ast;

use super::{Effects, Failure, FailureCause, Truth};
use crate::catalog::{Catalog, Presence, TableKind};
use crate::change::{
    Action, Change, ColumnDef, ConstraintBody, ConstraintDef, Expression, IndexPart, InsertSource, ObjectName, Predicate, Statement,
};
use crate::engine::Engine;
pub(super) use scope::is_value;
use scope::{Scope, Source, Stranger};

/// Adds what a statement of its own names in vain. Statements in bodies are left out: their names
/// may be variables.
pub(super) fn check(statement: &Statement, before: &Catalog, all: &mut [Effects]) {
    for (change, effects) in statement.changes.iter().zip(all) {
        check_change(statement, change, before, effects);
    }
}

/// The same for one change, which need not be among the statement's own.
pub(super) fn check_change(statement: &Statement, change: &Change, before: &Catalog, effects: &mut Effects) {
    let fails = effects.failures.iter().any(|failure| failure.certain == Truth::Yes && failure.cause != FailureCause::Transaction);
    if fails && effects.failures.iter().all(|failure| failure.cause != FailureCause::Data) {
        return;
    }
    if let Some(stranger) = stranger(statement, change, before) {
        refuse(&stranger, before.target.engine, effects);
    }
}

fn refuse(stranger: &Stranger, engine: Engine, effects: &mut Effects) {
    let (code, reason) = match (stranger, engine) {
        (Stranger::Column(name), Engine::Postgres) => ("42703", format!("column \"{name}\" does not exist")),
        (Stranger::Column(name), Engine::Mysql | Engine::Mariadb) => ("1054", format!("there is no column `{name}`")),
        (Stranger::Relation(name), Engine::Postgres) => ("42P01", format!("no table of the query is called \"{name}\"")),
        (Stranger::Relation(name), Engine::Mysql | Engine::Mariadb) => ("1054", format!("no table of the query is called `{name}`")),
        (Stranger::Ambiguous(name), Engine::Postgres) => ("42702", format!("column reference \"{name}\" is ambiguous")),
        (Stranger::Function(name), Engine::Sqlite) => ("SQLITE_ERROR", format!("no such function: {name}")),
        (Stranger::Miscounted(name), Engine::Sqlite) => ("SQLITE_ERROR", format!("wrong number of arguments to function {name}()")),
        (Stranger::Function(name), _) => ("1305", format!("there is no function {name}()")),
        (Stranger::Miscounted(name), _) => ("1582", format!("{name}() takes another number of arguments")),
        (Stranger::Elsewhere(name), _) => {
            ("3813", format!("the CHECK of a column refers to another one, `{name}`: write it as one of the table"))
        }
        (Stranger::Ambiguous(name), Engine::Mysql | Engine::Mariadb) => ("1052", format!("the column `{name}` is ambiguous")),
        (Stranger::Column(name), Engine::Sqlite) => ("SQLITE_ERROR", format!("no such column: {name}")),
        (Stranger::Relation(name), Engine::Sqlite) => ("SQLITE_ERROR", format!("no such column: {name}.…")),
        (Stranger::Ambiguous(name), Engine::Sqlite) => ("SQLITE_ERROR", format!("ambiguous column name: {name}")),
    };
    // The program that runs the migrations may have given SQLite the function.
    let brought = engine == Engine::Sqlite && matches!(stranger, Stranger::Function(_));
    let certain = if brought { Truth::Unknown } else { Truth::Yes };
    effects.failures.insert(0, Failure { code: code.to_owned(), reason, cause: FailureCause::Schema, certain, span: None });
    if brought {
        return;
    }
    effects.locks.clear();
    effects.rewrites.clear();
    effects.scans.clear();
    effects.builds.clear();
    effects.losses.clear();
}

fn stranger(statement: &Statement, change: &Change, before: &Catalog) -> Option<Stranger> {
    let own = || change.table.as_ref().map(|name| altered(statement, name, before));
    match &change.action {
        Action::Select { .. } => in_text(statement, before),
        Action::Insert(_) if before.target.engine != Engine::Postgres => in_written(statement, before),
        Action::Insert(rows) if matches!(rows.source, InsertSource::Query { .. }) => in_text(statement, before),
        Action::Update(_) | Action::Delete(_) if before.target.engine != Engine::Postgres && statement.modifiers.note.is_some() => {
            in_written(statement, before)
        }
        Action::CreateTable(create) if create.as_query.is_some() => in_text(statement, before),
        Action::CreateView(view) if before.target.engine != Engine::Sqlite => {
            query::check(&*view.query.query(before.target)?, before, None)
        }
        Action::Update(rows) if !rows.joined => {
            let mut source = own()?;
            match &rows.alias {
                // The table goes by no other name then.
                Some(alias) if before.target.engine == Engine::Postgres => source.name.clone_from(&alias.value),
                _ => source = source.unqualified(),
            }
            let values = rows.assignments.iter().map(|(_, value)| value);
            let condition = match &rows.predicate {
                Predicate::Where(condition) => Some(condition),
                Predicate::None | Predicate::Unread => None,
            };
            in_expressions(values.chain(condition), source, before)
        }
        Action::Delete(rows) if !rows.joined => match &rows.predicate {
            Predicate::Where(condition) => in_expressions([condition].into_iter(), own()?.unqualified(), before),
            Predicate::None | Predicate::Unread => None,
        },
        Action::AddConstraint(constraint) => in_constraints(std::slice::from_ref(constraint), own()?, before),
        Action::SetType { using: Some(using), .. } => in_expressions(std::iter::once(using), own()?, before),
        Action::AddColumn { column, .. } => in_column(column, own()?, before),
        Action::ModifyColumn { definition, .. } if before.target.engine.is_mysql_family() => in_column(definition, own()?, before),
        Action::CreateIndex(create) => {
            let keys = create.keys.iter().filter_map(|key| match &key.part {
                IndexPart::Expression(expression) => Some(expression),
                IndexPart::Column(_) => None,
            });
            in_expressions(keys.chain(&create.predicate), own()?, before)
        }
        Action::CreatePolicy(policy) => in_expressions(policy.using.iter().chain(&policy.with_check), own()?, before),
        Action::CreateTable(create)
            if create.partition_of.is_none() && create.of_type.is_none() && create.inherits.is_empty() && create.likes.is_empty() =>
        {
            let columns = create.columns.iter().map(|column| column.name.value.clone()).collect();
            let source = Source::table(create.name.name.value.as_str(), columns);
            let inline = create.columns.iter().find_map(|column| in_column(column, source.clone(), before));
            inline.or_else(|| in_constraints(&create.constraints, source, before))
        }
        _ => None,
    }
}

fn in_text(statement: &Statement, before: &Catalog) -> Option<Stranger> {
    query::check(&*statement.modifiers.note.as_ref()?.query(before.target)?, before, None)
}

fn in_written(statement: &Statement, before: &Catalog) -> Option<Stranger> {
    let text = &statement.modifiers.note.as_ref()?.written.text;
    written::check(&crate::sql::expression::written_of(text, before.target)?, before)
}

fn in_column(column: &ColumnDef, source: Source, before: &Catalog) -> Option<Stranger> {
    let generated = column.generated.as_ref().map(|generated| &generated.expression);
    let checked = if before.target.engine == Engine::Mysql {
        // A column's own CHECK sees no other column (MySQL manual 15.1.20.6).
        let own = Source::table(&source.name, vec![column.name.value.clone()]);
        in_constraints(&column.constraints, own, before).map(|stranger| match stranger {
            Stranger::Column(name) => Stranger::Elsewhere(name),
            other => other,
        })
    } else {
        in_constraints(&column.constraints, source.clone(), before)
    };
    // MySQL and MariaDB let a default read other columns.
    let default = column.default.as_ref().filter(|default| default.parenthesised && before.target.engine.is_mysql_family());
    checked.or_else(|| in_expressions(generated.into_iter().chain(default.map(|default| &default.expression)), source, before))
}

fn in_constraints(constraints: &[ConstraintDef], source: Source, before: &Catalog) -> Option<Stranger> {
    // Before 8.0.16 MySQL reads a CHECK and forgets it.
    if before.target.engine == Engine::Mysql && !before.target.at_least(8, 0, 16) {
        return None;
    }
    let checks = constraints.iter().filter_map(|constraint| match &constraint.body {
        ConstraintBody::Check(check) => Some(&check.expression),
        _ => None,
    });
    in_expressions(checks, source, before)
}

fn in_expressions<'a>(mut all: impl Iterator<Item = &'a Expression>, source: Source, before: &Catalog) -> Option<Stranger> {
    let sources = [source];
    let scope = Scope { sources: &sources, merged: false, outer: None, catalog: before };
    all.find_map(|expression| expression::check(expression.tree.as_deref()?, scope))
}

/// A table with what the statement's other actions make of it.
fn altered(statement: &Statement, name: &ObjectName, before: &Catalog) -> Source {
    let mut source = known(name, before);
    if let Some(columns) = &mut source.columns {
        for change in &statement.changes {
            match &change.action {
                Action::AddColumn { column, .. } => columns.push(column.name.value.clone()),
                Action::RenameColumn { to, .. } => columns.push(to.value.clone()),
                Action::ModifyColumn { definition, .. } => columns.push(definition.name.value.clone()),
                _ => {}
            }
        }
    }
    source
}

/// A table or view by name; without columns where they are not known whole.
fn known(name: &ObjectName, before: &Catalog) -> Source {
    let mut source = Source { name: name.name.value.clone(), columns: None, strict: true };
    if before.presence(name) != Presence::Present {
        return source;
    }
    if let Some(table) = before.table(name) {
        let whole = table.complete && !table.uncertain && !table.columns.is_empty();
        let plain = matches!(table.kind, TableKind::Table | TableKind::Partitioned);
        source.columns = (whole && plain).then(|| table.columns.iter().map(|column| column.name.clone()).collect());
    }
    source
}

/// The plain name of a relation in a query.
pub(super) fn plain_name(name: &ast::ObjectName, before: &Catalog) -> Option<ObjectName> {
    let mut parts = name.0.iter().rev().map(|part| match part {
        ast::ObjectNamePart::Identifier(ident) => Some(crate::change::Ident { value: folded(ident, before), ..Default::default() }),
        _ => None,
    });
    let name = parts.next()??;
    let schema = parts.next().flatten();
    Some(ObjectName { schema, name })
}

/// A name as the engine stores it.
pub(super) fn folded(ident: &ast::Ident, before: &Catalog) -> String {
    let folds = before.target.engine == Engine::Postgres && ident.quote_style.is_none();
    if folds { ident.value.to_lowercase() } else { ident.value.clone() }
}

#[cfg(test)]
mod tests {
    use crate::effect::testing::code;

    #[test]
    fn names_are_looked_up_where_they_stand() {
        let postgres = |sql: &str| code("postgres", &format!("CREATE TABLE a (id int, x text); CREATE TABLE b (id int, y text);{sql}"));
        for (sql, expected) in [
            ("SELECT x, \"y\" FROM a, b", "ok"),
            ("SELECT id FROM a, b", "42702"),
            ("SELECT id FROM a JOIN b USING (id)", "ok"),
            ("SELECT nope FROM a", "42703"),
            ("SELECT nope FROM a, unknown_table", "42P01"),
            ("SELECT a.nope FROM a", "42703"),
            ("SELECT b.id FROM a", "42P01"),
            ("SELECT (SELECT y FROM b WHERE b.id = a.id AND x = 'x') FROM a WHERE EXISTS (SELECT 1 FROM b c WHERE c.y = a.x)", "ok"),
            ("WITH q AS (SELECT id AS n FROM a) SELECT n, anything FROM q ORDER BY 1", "ok"),
            ("SELECT ctid, a, current_user, count(*) AS n FROM a GROUP BY 1 HAVING count(*) > 1 ORDER BY n", "ok"),
            ("SELECT s.v FROM a, LATERAL (SELECT a.x AS v) s", "ok"),
            ("UPDATE a SET x = nope", "42703"),
            ("UPDATE a AS t SET x = t.x WHERE t.id IN (SELECT id FROM b)", "ok"),
            ("ALTER TABLE a ADD CHECK (nope > 1)", "42703"),
            ("ALTER TABLE a ADD COLUMN z int, ADD CHECK (z > 1)", "ok"),
            ("CREATE INDEX ON a (x) WHERE nope", "42703"),
            ("CREATE VIEW v AS SELECT nope FROM b", "42703"),
            ("CREATE TABLE c (id int, CHECK (nope > id))", "42703"),
            ("INSERT INTO a SELECT id, nope FROM b", "42703"),
            ("INSERT INTO a SELECT id, y FROM b ON CONFLICT DO NOTHING", "ok"),
        ] {
            assert_eq!(postgres(sql), expected, "{sql}");
        }
        let mysql = |sql: &str| code("mysql", &format!("CREATE TABLE a (id int, x text);{sql}"));
        assert_eq!(mysql("SELECT X, @y, TIMESTAMPDIFF(DAY, x, NOW()) FROM A"), "ok");
        assert_eq!(mysql("DELETE FROM a WHERE nope = 1"), "1054");
        assert_eq!(code("sqlite", "CREATE TABLE a (id int); SELECT rowid, \"text\" FROM a"), "ok");
        assert_eq!(code("sqlite", "CREATE TABLE a (id int); UPDATE a SET id = nope"), "SQLITE_ERROR");
    }
}
