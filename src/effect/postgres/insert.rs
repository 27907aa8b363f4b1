//! INSERT.

use super::outcome::Outcome;
use super::route;
use super::rows::{look_up, target};
use super::scene::Scene;
use super::view;
use super::words::words;
use crate::catalog::{Table, TableKind};
use crate::change::{Arbiter, Change, ConstraintKind, Deferral, InsertRows, InsertSource, OnConflict, TriggerEvent};
use crate::effect::{FailureCause, LockMode, Truth};

pub(super) fn insert(scene: Scene<'_>, change: &Change, rows: &InsertRows, out: &mut Outcome) {
    let Some(table) = target(scene, change, out) else { return };
    out.lock(table, LockMode::RowExclusive);
    if table.kind == TableKind::MaterializedView {
        out.refuse("42809", format!("the materialized view \"{}\" cannot be changed", table.key));
        return;
    }
    if let Some(missing) = rows.columns.iter().find(|name| !table.columns.iter().any(|column| column.name == name.value))
        && table.complete
    {
        out.refuse("42703", format!("column \"{missing}\" of \"{}\" does not exist", table.key));
        return;
    }
    if let Some(twice) = rows.columns.iter().enumerate().find_map(|(at, name)| rows.columns.iter().take(at).find(|other| *other == name)) {
        out.refuse("42701", format!("column \"{twice}\" is given twice"));
        return;
    }
    if rows.on_conflict != OnConflict::Fail && table.rules.iter().any(|rule| matches!(rule.event.as_str(), "insert" | "update")) {
        out.refuse("0A000", format!("ON CONFLICT cannot be used with \"{}\", which has rules", table.key));
        return;
    }
    if super::rule::replaced(scene, &table.rules, "insert", out) {
        return;
    }
    widths(table, rows, out);
    arbiter(table, rows, out);
    if rows.on_conflict != OnConflict::Fail {
        arbiter_indexes(table, rows, out);
    }
    for parent in scene.ancestors(table) {
        out.lock(parent, LockMode::AccessShare);
    }
    let query = scene.statement.modifiers.note.as_ref().and_then(|note| note.query(scene.catalog.target));
    let query = query.as_deref();
    if route::outside(scene, table, rows, query) {
        out.fail("23514", format!("the row is outside the bound of \"{}\"", table.key), FailureCause::Data, Truth::Yes);
    }
    if table.partitioning.is_some() {
        if scene.major < 11 && rows.on_conflict != OnConflict::Fail {
            out.refuse("0A000", "ON CONFLICT is not supported with partitioned tables before PostgreSQL 11");
            return;
        }
        let routes = route::routes(scene, table, rows, query);
        if routes.lost {
            out.fail("23514", format!("no partition of \"{}\" takes the row", table.key), FailureCause::Data, Truth::Yes);
        }
        if scene.major < 12 {
            for member in scene.descendants(table) {
                out.lock(member, LockMode::RowExclusive);
            }
        } else {
            for partition in routes.locked {
                out.lock(partition, LockMode::RowExclusive);
            }
        }
        if scene.at_least(12) && routes.unknown {
            out.unknown("the values of the partition key", "which partitions are locked");
        }
    }
    advanced_sequences(scene, table, rows, out);
    super::fired::fire(scene, table, |event| matches!(event, TriggerEvent::Insert), out);
    if let InsertSource::Query { reads, bounded, .. } = &rows.source {
        view::read(scene, reads, true, if *bounded { Truth::Unknown } else { Truth::Yes }, out);
    }
    for constraint in table.foreign_keys() {
        let written =
            rows.columns.is_empty() || constraint.columns.iter().any(|column| rows.columns.iter().any(|name| name.value == *column));
        if written && !matches!(rows.source, InsertSource::DefaultValues) && !nulls_only(table, rows, query, &constraint.columns) {
            look_up(scene, constraint, out);
        }
    }
    required_columns(table, rows, out);
    given_identity(scene, table, rows, out);
    if let Some(note) = &scene.statement.modifiers.note {
        if let Some(query) = query {
            super::literal::inserted(scene, table, rows, query, out);
            if let Some(refusal) = super::literal::within(scene, &[], query) {
                out.fail(refusal.code, refusal.reason, FailureCause::Data, Truth::Yes);
            } else if let Some(refusal) = super::grouping::refused(scene, query) {
                out.refuse(refusal.code, refusal.reason);
            }
            super::constants::inserted(scene, table, rows, query, out);
        }
        let text = words(&note.written.text);
        for sequence in super::object::sequences_in(scene, &text) {
            out.lock_sequence(sequence, LockMode::RowExclusive);
        }
        for column in &table.columns {
            if let Some(data_type) = &column.data_type {
                super::enums::unsafe_use(scene, data_type, &note.written, out);
            }
        }
    }
}

/// A row without a value for a column of the key references nothing.
fn nulls_only(table: &Table, rows: &InsertRows, query: Option<&sqlparser::ast::Query>, key: &[String]) -> bool {
    let Some(written) = query.and_then(crate::catalog::written_rows).filter(|written| written.whole) else { return false };
    if !table.triggers.is_empty() {
        return false;
    }
    let names = crate::catalog::filled_columns(table, rows);
    let is_null = |value: &sqlparser::ast::Expr| match value {
        sqlparser::ast::Expr::Value(value) => matches!(value.value, sqlparser::ast::Value::Null),
        _ => false,
    };
    written.rows.iter().all(|row| {
        key.iter().any(|column| names.iter().position(|name| name == column).and_then(|at| row.get(at)).is_some_and(|value| is_null(value)))
    })
}

/// As many values as columns; without a list of columns fewer will do.
fn widths(table: &Table, rows: &InsertRows, out: &mut Outcome) {
    let Some((narrow, wide)) = rows.width else { return };
    let listed = rows.columns.len() as u64;
    if matches!(rows.source, InsertSource::Values { .. }) && narrow != wide {
        out.fail("42601", "the rows of VALUES differ in length", FailureCause::Syntax, Truth::Yes);
    } else if listed > 0 && narrow < listed {
        out.fail("42601", "INSERT has more target columns than values", FailureCause::Syntax, Truth::Yes);
    } else if (listed > 0 && wide > listed) || (listed == 0 && table.complete && wide > table.columns.len() as u64) {
        out.fail("42601", "INSERT has more values than target columns", FailureCause::Syntax, Truth::Yes);
    }
}

/// ON CONFLICT needs the very unique index or constraint it names.
fn arbiter(table: &Table, rows: &InsertRows, out: &mut Outcome) {
    if !table.complete || table.uncertain {
        return;
    }
    match &rows.arbiter {
        Some(Arbiter::Columns(columns)) => {
            let same = |index: &crate::catalog::Index| {
                index.unique
                    && index.keys.len() == columns.len()
                    && index
                        .keys
                        .iter()
                        .all(|key| key.column_name().is_some_and(|name| columns.iter().any(|column| column.value == name.value)))
            };
            let partial = |index: &crate::catalog::Index| same(index) && index.predicate.is_some();
            if let Some(missing) = columns.iter().find(|name| !table.columns.iter().any(|column| column.name == name.value)) {
                out.refuse("42703", format!("column \"{missing}\" of \"{}\" does not exist", table.key));
            } else if !table.indexes.iter().any(same) || table.indexes.iter().filter(|index| same(index)).all(partial) {
                out.refuse("42P10", "there is no unique constraint or index over just the columns of ON CONFLICT");
            }
        }
        Some(Arbiter::Constraint(name)) if !table.constraints.iter().any(|known| known.name == name.value) => {
            out.refuse("42704", format!("constraint \"{name}\" for table \"{}\" does not exist", table.key));
        }
        Some(Arbiter::Constraint(_) | Arbiter::Unread) | None => {}
    }
}

/// The planner opens the indexes to find the arbiter among them: all for a list of columns, up to its
/// own for a constraint, none where no arbiter is named. UPDATE plans with all of them (measured).
fn arbiter_indexes(table: &Table, rows: &InsertRows, out: &mut Outcome) {
    let late = |constraint: &&crate::catalog::Constraint| {
        matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::Exclusion)
            && constraint.deferral != Deferral::NotDeferrable
    };
    let same = |constraint: &&crate::catalog::Constraint, columns: &[crate::change::Ident]| {
        constraint.columns.len() == columns.len() && columns.iter().all(|name| constraint.columns.contains(&name.value))
    };
    match &rows.arbiter {
        Some(Arbiter::Columns(columns)) => {
            let others = table
                .indexes
                .iter()
                .any(|index| index.unique && index.constraint.is_none() && index.keys.len() == columns.len() && index.predicate.is_none());
            if !others && table.constraints.iter().filter(late).any(|constraint| same(&constraint, columns)) {
                out.refuse("55000", "ON CONFLICT cannot go by a constraint that is checked late");
            }
        }
        Some(Arbiter::Constraint(name)) => {
            let known = table.constraints.iter().find(|known| known.name == name.value);
            if known.is_some_and(|known| known.kind == ConstraintKind::Exclusion) && rows.on_conflict == OnConflict::Update {
                out.refuse("42809", "ON CONFLICT DO UPDATE cannot go by an exclusion constraint");
            } else if known.as_ref().is_some_and(late) {
                out.refuse("55000", "ON CONFLICT cannot go by a constraint that is checked late");
            }
            if rows.on_conflict != OnConflict::Update {
                for index in &table.indexes {
                    out.lock_index(table, index, LockMode::RowExclusive);
                    if index.constraint.as_deref() == Some(name.value.as_str()) {
                        break;
                    }
                }
                return;
            }
        }
        None if rows.on_conflict == OnConflict::Ignore => {
            if table.constraints.iter().any(|constraint| late(&constraint)) {
                out.refuse("55000", "ON CONFLICT cannot go by a constraint that is checked late");
            }
            return;
        }
        Some(Arbiter::Unread) | None => {}
    }
    out.lock_indexes(table, LockMode::RowExclusive);
}

/// Columns that are left out take their numbers from their sequences.
fn advanced_sequences(scene: Scene<'_>, table: &Table, rows: &InsertRows, out: &mut Outcome) {
    if rows.columns.is_empty() && !matches!(rows.source, InsertSource::DefaultValues) {
        return;
    }
    for column in table.columns.iter().filter(|column| !rows.columns.iter().any(|name| name.value == column.name)) {
        if let Some(default) = &column.default {
            for sequence in super::object::sequences_in(scene, &words(&default.expression.text)) {
                out.lock_sequence(sequence, LockMode::RowExclusive);
            }
        }
        if column.identity.is_some() || column.data_type.as_ref().is_some_and(crate::change::DataType::is_serial) {
            for sequence in scene.owned_sequences(&table.key, Some(&column.name)) {
                out.lock_sequence(sequence, LockMode::RowExclusive);
            }
        }
    }
}

/// GENERATED ALWAYS takes no value from outside, unless OVERRIDING says so.
fn given_identity(scene: Scene<'_>, table: &Table, rows: &InsertRows, out: &mut Outcome) {
    if rows.overriding || matches!(rows.source, InsertSource::DefaultValues) {
        return;
    }
    let Some(column) = table.columns.iter().find(|column| {
        column.identity.as_ref().is_some_and(|identity| identity.always) && rows.columns.iter().any(|name| name.value == column.name)
    }) else {
        return;
    };
    // The word DEFAULT may stand in its place.
    let default = scene.statement.modifiers.note.as_ref().is_none_or(|note| note.written.text.to_ascii_lowercase().contains("default"));
    let certain = if default { Truth::Unknown } else { Truth::Yes };
    let reason = format!("\"{}\" is GENERATED ALWAYS and takes a value with OVERRIDING SYSTEM VALUE only", column.name);
    out.fail("428C9", reason, FailureCause::Schema, certain);
}

/// A row without a value for a NOT NULL column.
fn required_columns(table: &Table, rows: &InsertRows, out: &mut Outcome) {
    if rows.columns.is_empty() || !table.complete {
        return;
    }
    let rows_come = match &rows.source {
        InsertSource::Values { .. } | InsertSource::DefaultValues => Truth::Yes,
        InsertSource::Query { .. } => Truth::Unknown,
    };
    for column in &table.columns {
        let filled = column.default.is_some()
            || column.identity.is_some()
            || column.generated.is_some()
            || column.data_type.as_ref().is_some_and(crate::change::DataType::is_serial)
            || column.data_type.as_ref().is_some_and(|data_type| !super::types::is_builtin(super::types::internal_name(&data_type.name)));
        if column.not_null && !filled && !rows.columns.iter().any(|name| name.value == column.name) && table.triggers.is_empty() {
            out.fail("23502", format!("\"{}\" is NOT NULL and gets no value", column.name), FailureCause::Data, rows_come);
        }
    }
}
