//! Constants of an INSERT that a constraint refuses whatever the table holds.

use std::collections::BTreeMap;

use sqlparser::ast::Query;

use super::outcome::Outcome;
use super::proof;
use super::ranges::{Point, Ranges};
use super::scene::{Scene, filled};
use super::types::{self, Family};
use crate::catalog::{Constraint, Index, Table, TableKind, constant_rows};
use crate::change::{Arbiter, ConstraintKind, Deferral, InsertRows, OnConflict};
use crate::effect::{FailureCause, Truth};

type Row = BTreeMap<String, Option<String>>;

pub(super) fn inserted(scene: Scene<'_>, table: &Table, rows: &InsertRows, query: &Query, out: &mut Outcome) {
    let new = constant_rows(table, rows, query);
    // A trigger of a partition may change the row on its way.
    let changed = scene.descendants(table).iter().any(|member| !member.triggers.is_empty());
    if new.is_empty() || changed || out.will_fail() || scene.catalog.session.setting("session_replication_role").is_some() {
        return;
    }
    let checked = table.constraints.iter().filter(|constraint| constraint.kind == ConstraintKind::Check && constraint.enforced);
    for constraint in checked {
        if new.iter().any(|row| breaks(scene, table, constraint, row)) {
            out.fail(
                "23514",
                format!("a row breaks the CHECK \"{}\" of \"{}\"", constraint.name, table.key),
                FailureCause::Data,
                Truth::Yes,
            );
            return;
        }
    }
    if repeated(scene, table, rows, &new, out) {
        return;
    }
    // Another part of the statement may bring the row that is referred to.
    if rows.on_conflict != OnConflict::Fail || scene.statement.changes.len() > 1 || query.with.is_some() {
        return;
    }
    for constraint in table.foreign_keys() {
        let pointing = |row: &Row| constraint.columns.iter().all(|column| matches!(row.get(column), Some(Some(_))));
        if !constraint.columns.is_empty() && new.iter().any(pointing) && nothing_there(scene, table, constraint) {
            let name = constraint.foreign_key.as_ref().map_or(String::new(), |key| key.references.to_string());
            out.fail("23503", format!("\"{name}\" has no rows yet that the row could refer to"), FailureCause::Data, Truth::Yes);
            return;
        }
    }
}

/// The same key twice: in this INSERT, or in one before it that nothing came after.
fn repeated(scene: Scene<'_>, table: &Table, rows: &InsertRows, new: &[Row], out: &mut Outcome) -> bool {
    for index in table.indexes.iter().filter(|index| index.unique && index.predicate.is_none() && checked_at_once(table, index)) {
        let Some(columns) = index.keys.iter().map(|key| key.column_name().map(|name| name.value.as_str())).collect::<Option<Vec<&str>>>()
        else {
            continue;
        };
        let key = |row: &Row| {
            columns
                .iter()
                .map(|column| row.get(*column).and_then(Clone::clone))
                .collect::<Option<Vec<String>>>()
                .filter(|key| !key.is_empty())
        };
        let mut seen: Vec<Vec<String>> = Vec::new();
        if rows.on_conflict == OnConflict::Fail {
            seen.extend(scene.catalog.session.given.iter().filter(|(of, _)| *of == table.key).filter_map(|(_, row)| key(row)));
        }
        let twice = new.iter().filter_map(key).any(|key| {
            let known = seen.contains(&key);
            seen.push(key);
            known
        });
        let by_it = matches!(&rows.arbiter, Some(Arbiter::Columns(names)) if names.len() == columns.len() && names.iter().all(|name| columns.contains(&name.value.as_str())));
        match rows.on_conflict {
            OnConflict::Fail if twice => {
                out.fail("23505", format!("the same key comes twice for \"{}\"", index.name), FailureCause::Data, Truth::Yes);
                return true;
            }
            OnConflict::Update if twice && by_it => {
                out.fail("21000", "ON CONFLICT DO UPDATE cannot change the same row twice", FailureCause::Data, Truth::Yes);
                return true;
            }
            _ => {}
        }
    }
    false
}

/// Not put off to the end of the transaction.
fn checked_at_once(table: &Table, index: &Index) -> bool {
    let deferred = |constraint: &Constraint| constraint.deferral != Deferral::NotDeferrable;
    !table.constraints.iter().any(|constraint| {
        (constraint.index.as_deref() == Some(index.name.as_str()) || index.constraint.as_deref() == Some(constraint.name.as_str()))
            && deferred(constraint)
    })
}

/// Whether a constant lies outside what a CHECK lets through, where values compare as they are written.
fn breaks(scene: Scene<'_>, table: &Table, constraint: &Constraint, row: &Row) -> bool {
    let Some(expression) = &constraint.expression else { return false };
    let Some(tree) = expression.tree.as_deref() else { return false };
    row.iter().any(|(name, value)| {
        let Some(value) = value else { return false };
        let data_type = table.columns.iter().find(|column| column.name == *name).and_then(|column| column.data_type.as_ref());
        let Some(resolved) = data_type.map(|data_type| types::resolve(scene.catalog, data_type)) else { return false };
        if resolved.array || resolved.domain.is_some() {
            return false;
        }
        let ordered = expression.text.replace("<>", "").contains(['<', '>']) || expression.text.to_lowercase().contains("between");
        let point = match resolved.base.as_str() {
            "int2" | "int4" | "int8" | "numeric" => value.parse::<i32>().ok().and_then(|number| Point::number(&number.to_string())),
            "text" | "varchar" => (!ordered).then(|| Point::text(value)),
            _ if resolved.family == Family::Enum => (!ordered).then(|| Point::text(value)),
            _ => None,
        };
        let (Some(point), Some(allowed)) = (point, proof::allowed(tree, name)) else { return false };
        Ranges::only(point).disjoint(&allowed)
    })
}

/// The table referred to was made in this migration and nothing can have filled it.
fn nothing_there(scene: Scene<'_>, table: &Table, constraint: &Constraint) -> bool {
    let catalog = scene.catalog;
    let Some(parent) = constraint.foreign_key.as_ref().and_then(|key| scene.table_at(&key.references)) else { return false };
    parent.key != table.key
        && parent.kind == TableKind::Table
        && parent.complete
        && !parent.uncertain
        && filled(parent) == Truth::No
        && parent.partition_of.is_none()
        && parent.inherits.is_empty()
        && constraint.enforced
        && constraint.deferral == Deferral::NotDeferrable
        && !catalog.open_world
        && catalog.routines.is_empty()
        && scene.views_over(&parent.key).is_empty()
}

#[cfg(test)]
mod tests {
    use crate::effect::testing::code;

    fn last_code(sql: &str) -> String {
        let made =
            "CREATE TABLE par (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, par_id int REFERENCES par, a text DEFAULT 'x');";
        code("postgres", &format!("{made}{sql}"))
    }

    #[test]
    fn what_a_script_has_put_in_is_there_until_something_may_change_it() {
        let again = "INSERT INTO t (id) VALUES (2);";
        let first = "INSERT INTO t (id) VALUES (1), ('2');";
        for (between, expected) in [
            ("", "23505"),
            ("CREATE INDEX ON t (a); COMMENT ON TABLE t IS 'x'; SELECT 1;", "23505"),
            ("INSERT INTO t (id) SELECT 7;", "23505"),
            ("DELETE FROM t WHERE id = 2;", "ok"),
            ("UPDATE t SET id = 5;", "ok"),
            ("TRUNCATE t;", "ok"),
            ("DELETE FROM par;", "ok"),
            ("SELECT clean();", "ok"),
            ("DO $$ BEGIN DELETE FROM t; END $$;", "ok"),
            ("DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY);", "ok"),
        ] {
            assert_eq!(last_code(&format!("{first}{between}{again}")), expected, "{between}");
        }
        assert_eq!(last_code(&format!("BEGIN;{first} ROLLBACK;{again}")), "ok");
        assert_eq!(last_code(&format!("INSERT INTO t (id) VALUES (2) ON CONFLICT DO NOTHING;{again}")), "ok");
    }

    #[test]
    fn an_empty_table_has_nothing_to_refer_to() {
        assert_eq!(last_code("INSERT INTO t VALUES (1, 1)"), "23503");
        assert_eq!(last_code("INSERT INTO t VALUES (1, NULL)"), "ok");
        assert_eq!(last_code("INSERT INTO par VALUES (1); INSERT INTO t VALUES (1, 2)"), "ok");
        assert_eq!(last_code("WITH p AS (INSERT INTO par VALUES (1)) INSERT INTO t VALUES (1, 1)"), "ok");
        assert_eq!(last_code("DO $$ BEGIN INSERT INTO par VALUES (1); END $$; INSERT INTO t VALUES (1, 1)"), "ok");
    }
}
