//! DROP TABLE, INDEX, VIEW and TRIGGER.

use super::work::{Work, absent, filled};
use crate::catalog::{Catalog, Constraint, Table, missing_columns};
use crate::change::{Change, Deferral, DropIndex, ObjectKind, ObjectName, OnConflict, RefAction};
use crate::effect::{BreakageKind, FailureCause, LossKind, ScanReason, Truth};

pub(super) fn table(work: &mut Work<'_>, change: &Change, if_exists: bool) {
    let before = work.before;
    let Some(name) = &change.table else { return };
    let Some(table) = before.table(name) else {
        if before.view(name).is_some() {
            work.refuse(format!("use DROP VIEW to delete view {}", name.name), Truth::Yes);
        } else if name.name.value.to_ascii_lowercase().starts_with("sqlite_") {
            work.refuse(format!("table {} may not be dropped", name.name), Truth::Yes);
        } else {
            match absent(before, name) {
                Truth::No => work.write_lock(None),
                certain if !if_exists => work.refuse(format!("no such table: {}", name.name), certain),
                _ => {}
            }
        }
        return;
    };
    work.write_lock(Some(&table.key));
    delete_rows_first(work, table);
    let rows = filled(table);
    match before.successor_of(&table.key) {
        // The rows are in the new table already; what it has no column for is lost.
        Some((successor, copy)) => {
            for column in missing_columns(table, successor) {
                if rows.possible() {
                    work.lose(LossKind::Column, format!("{}.{column}", before.original_name(&table.key)), Truth::Yes);
                }
            }
            if matches!(copy.on_conflict, OnConflict::Ignore | OnConflict::Replace) && rows.possible() {
                work.lose(LossKind::Rows, table.key.to_string(), Truth::Unknown);
            }
        }
        None => {
            if rows.possible() {
                work.lose(LossKind::Table, table.key.to_string(), Truth::Yes);
            }
            if work.in_use(table) {
                work.break_clients(BreakageKind::Name, table.key.to_string(), "the table is gone", Truth::Yes);
            }
            for view in before.dependent_views(&table.key) {
                let reason = format!("it reads {}, and fails from now on", table.key);
                work.break_clients(BreakageKind::View, view.key.to_string(), reason, Truth::Yes);
            }
            for (owner, trigger) in before.triggers_mentioning(&table.key) {
                if owner.key != table.key {
                    let reason = format!("its body uses {}: every statement that fires it fails", table.key);
                    work.break_clients(BreakageKind::Trigger, format!("{} on {}", trigger.name, owner.key), reason, Truth::Yes);
                }
            }
        }
    }
}

/// With foreign keys enforced, DROP TABLE deletes the rows first, as DELETE FROM would: ON DELETE
/// actions fire, and what still refers to them stops it (foreignkeys 5).
fn delete_rows_first(work: &mut Work<'_>, table: &Table) {
    let enforced = work.foreign_keys();
    let before = work.before;
    let children = before.referencing_foreign_keys(&table.key);
    if enforced == Truth::No || children.is_empty() {
        return;
    }
    let rows = filled(table);
    work.scan(table, ScanReason::ForeignKey, enforced, true);
    if before.session.is_off("foreign_keys").is_none() {
        work.unknown(
            "whether the connection enforces foreign keys",
            format!("whether rows of the tables that refer to {} are touched", table.key),
        );
    }
    for (child, foreign) in children {
        if child.key == table.key {
            continue;
        }
        if !child.indexes.iter().any(|index| foreign.columns.first().is_some_and(|first| index.columns().next() == Some(first))) {
            work.scan(child, ScanReason::ForeignKey, enforced, true);
        }
        let certain = enforced.and(rows).and(filled(child));
        if !certain.possible() {
            continue;
        }
        let Some(info) = &foreign.foreign_key else { continue };
        match info.on_delete {
            RefAction::Cascade => {
                work.lose(LossKind::Rows, child.key.to_string(), certain);
                cascade(work, child, certain, &mut vec![table.key.clone()]);
            }
            RefAction::SetNull | RefAction::SetDefault => {
                work.lose(LossKind::Values, format!("{}.{}", child.key, foreign.columns.join(", ")), certain);
            }
            RefAction::NoAction | RefAction::Restrict => {
                let when = if deferred(before, foreign, info.on_delete) { " at COMMIT" } else { "" };
                // Rows whose reference is NULL do not count.
                work.fail(
                    "SQLITE_CONSTRAINT_FOREIGNKEY",
                    format!("FOREIGN KEY constraint failed{when}: rows of {} refer to {}", child.key, table.key),
                    FailureCause::Data,
                    certain.and(Truth::Unknown),
                );
            }
        }
    }
}

/// Rows deleted by a cascade delete further rows.
fn cascade(work: &mut Work<'_>, parent: &Table, certain: Truth, seen: &mut Vec<crate::catalog::Key>) {
    if seen.contains(&parent.key) {
        return;
    }
    seen.push(parent.key.clone());
    let before = work.before;
    for (child, foreign) in before.referencing_foreign_keys(&parent.key) {
        let cascades = foreign.foreign_key.as_ref().is_some_and(|info| info.on_delete == RefAction::Cascade);
        let certain = certain.and(filled(child)).and(Truth::Unknown);
        if cascades && certain.possible() && !seen.contains(&child.key) {
            work.lose(LossKind::Rows, child.key.to_string(), certain);
            cascade(work, child, certain, seen);
        }
    }
}

/// Checked at COMMIT. RESTRICT never waits (foreignkeys 4.3).
fn deferred(before: &Catalog, foreign: &Constraint, action: RefAction) -> bool {
    action != RefAction::Restrict
        && (foreign.deferral == Deferral::InitiallyDeferred || before.session.is_off("defer_foreign_keys") == Some(false))
}

/// For the name of an index that a constraint made: whether it is there, and so cannot be dropped.
fn automatic(before: &Catalog, drop: &DropIndex) -> Option<Truth> {
    let name = drop.name.name.value.to_ascii_lowercase();
    let owner = name.strip_prefix("sqlite_autoindex_")?;
    let local = drop.name.schema.as_ref().is_none_or(|schema| schema.is("main") || schema.is("temp"));
    Some(match owner.rsplit_once('_') {
        // Nothing is found in a database that is not attached, and IF EXISTS is content with that.
        _ if !drop.if_exists => Truth::Yes,
        _ if !local => Truth::No,
        Some((table, _)) if before.tables.iter().any(|(key, _)| key.name.eq_ignore_ascii_case(table)) => Truth::Yes,
        _ => Truth::Unknown,
    })
}

pub(super) fn index(work: &mut Work<'_>, drop: &DropIndex) {
    let before = work.before;
    let name = &drop.name.name;
    if let Some(found) = automatic(before, drop) {
        if found.possible() {
            work.refuse("index associated with UNIQUE or PRIMARY KEY constraint cannot be dropped", found);
        }
        return;
    }
    if let Some((table, _)) = before.index(None, &drop.name) {
        work.write_lock(Some(&table.key));
        return;
    }
    let key = before.resolve_index(&drop.name);
    let certain =
        if before.dropped.contains_key(&key) || (!before.open_world && !before.tables.is_empty()) { Truth::Yes } else { Truth::No };
    match certain {
        Truth::Yes if !drop.if_exists => work.refuse(format!("no such index: {name}"), certain),
        Truth::Yes => {}
        Truth::No | Truth::Unknown => work.write_lock(None),
    }
}

pub(super) fn object(work: &mut Work<'_>, kind: ObjectKind, name: &ObjectName, if_exists: bool) {
    let before = work.before;
    match kind {
        ObjectKind::View => {
            if before.table(name).is_some() {
                work.refuse(format!("use DROP TABLE to delete table {}", name.name), Truth::Yes);
                return;
            }
            let Some(view) = before.view(name) else {
                if absent(before, name) == Truth::Yes {
                    if !if_exists {
                        work.refuse(format!("no such view: {}", name.name), Truth::Yes);
                    }
                    return;
                }
                work.write_lock(None);
                return;
            };
            if !before.origin(view.birth).is_new() {
                work.break_clients(BreakageKind::Name, view.key.to_string(), "the view is gone", Truth::Yes);
            }
            for reader in before.dependent_views(&view.key) {
                work.break_clients(BreakageKind::View, reader.key.to_string(), format!("it reads {}", view.key), Truth::Yes);
            }
            work.write_lock(None);
        }
        ObjectKind::Trigger => match before.trigger_owner(&name.name.value) {
            Some(table) => work.write_lock(Some(&table.key)),
            None if !before.open_world && !before.tables.is_empty() => {
                if !if_exists {
                    // Triggers on views are not followed.
                    let certain = if before.views.is_empty() { Truth::Yes } else { Truth::Unknown };
                    work.refuse(format!("no such trigger: {}", name.name), certain);
                }
            }
            None => work.write_lock(None),
        },
        _ => work.write_lock(None),
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;
    use crate::change;
    use crate::effect::{Truth, predict};
    use crate::source::{Script, SourceId};

    fn refused(sql: &str) -> Truth {
        let mut catalog = Catalog::new("sqlite@3.45".parse().unwrap());
        let read = |sql: &str, catalog: &Catalog| {
            let script = Script::whole(SourceId(0), sql.into());
            (change::read(&script, catalog.target), script)
        };
        let (schema, script) = read("CREATE TABLE a (b text UNIQUE)", &catalog);
        catalog.apply(schema.first().unwrap(), &script);
        let (statements, _) = read(sql, &catalog);
        let effects = predict(statements.first().unwrap(), &catalog);
        effects.changes.iter().flat_map(|change| &change.failures).map(|failure| failure.certain).max().unwrap_or(Truth::No)
    }

    #[test]
    fn the_index_of_a_constraint_cannot_be_dropped_where_it_is() {
        assert_eq!(refused("DROP INDEX sqlite_autoindex_a_1"), Truth::Yes);
        assert_eq!(refused("DROP INDEX IF EXISTS sqlite_autoindex_a_1"), Truth::Yes);
        assert_eq!(refused("DROP INDEX IF EXISTS sqlite_autoindex_c_1"), Truth::Unknown);
        assert_eq!(refused("DROP INDEX IF EXISTS a.sqlite_autoindex_a_1"), Truth::No);
    }
}
