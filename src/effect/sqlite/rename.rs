//! RENAME TO and RENAME COLUMN (lang_altertable 2 and 3).

use super::schema::refuse_broken;
use super::work::{Work, lacks};
use crate::catalog::{Key, Table};
use crate::change::{Ident, ObjectName};
use crate::effect::{BreakageKind, Truth};

pub(super) fn table(work: &mut Work<'_>, table: &Table, to: &ObjectName) {
    let before = work.before;
    let new = Key { schema: table.key.schema.clone(), name: before.fold(&to.name) };
    if before.tables.contains_key(&new) || before.views.contains_key(&new) || before.index_owners.contains_key(&new) {
        // Not even the case of a name can be changed.
        work.refuse(format!("there is already another table or index with this name: {}", to.name), Truth::Yes);
        return;
    }
    if new.name.starts_with("sqlite_") {
        work.refuse(format!("object name reserved for internal use: {}", to.name), Truth::Yes);
        return;
    }
    refuse_broken(work);
    if work.in_use(table) {
        work.break_clients(BreakageKind::Name, table.key.to_string(), format!("it is called {} from now on", to.name), Truth::Yes);
    }
    if !before.foreign_keys_follow_rename() {
        let children: Vec<String> = before
            .referencing_foreign_keys(&table.key)
            .iter()
            .filter(|(child, _)| child.key != table.key)
            .map(|(child, _)| child.key.to_string())
            .collect();
        for child in children {
            work.break_clients(
                BreakageKind::Guarantee,
                child,
                format!("with legacy_alter_table its foreign keys go on naming {}", table.key),
                Truth::Yes,
            );
        }
    }
    if !before.follows_rename() {
        for view in before.dependent_views(&table.key) {
            work.break_clients(
                BreakageKind::View,
                view.key.to_string(),
                format!("with legacy_alter_table it goes on reading {}", table.key),
                Truth::Yes,
            );
        }
    }
}

pub(super) fn column(work: &mut Work<'_>, table: &Table, from: &Ident, to: &Ident) {
    let name = &table.key.name;
    match lacks(table, &from.value) {
        Truth::No if table.column(&from.value).is_some() => {}
        Truth::Unknown => {}
        _ => {
            work.refuse(format!("no such column: \"{from}\""), Truth::Yes);
            return;
        }
    }
    refuse_broken(work);
    if !to.is(&from.value) && table.column(&to.value).is_some() {
        let reason = if work.before.target.at_least(3, 35, 0) {
            format!("error in table {name} after rename: duplicate column name: {to}")
        } else {
            format!("duplicate column name: {to}")
        };
        work.refuse(reason, Truth::Yes);
        return;
    }
    ambiguous_views(work, table, from, to);
    if from.value != to.value && work.in_use(table) {
        let object = format!("{}.{from}", table.key);
        work.break_clients(BreakageKind::Name, object, format!("it is called {to} from now on"), Truth::Yes);
    }
}

/// A view that joins the table to another with a column of the new name.
fn ambiguous_views(work: &mut Work<'_>, table: &Table, from: &Ident, to: &Ident) {
    let before = work.before;
    for view in before.dependent_views_on(&table.key, &from.value) {
        let also = |name: &str| view.mentions.iter().any(|mention| mention.eq_ignore_ascii_case(name));
        let other = view
            .reads
            .iter()
            .filter(|read| **read != table.key)
            .any(|read| before.table_at(read).is_some_and(|other| other.column(&to.value).is_some()));
        if other && also(&to.value) {
            let certain = if view.query.text.contains('.') { Truth::Unknown } else { Truth::Yes };
            work.refuse(format!("error in view {} after rename: ambiguous column name: {to}", view.key.name), certain);
        }
    }
}
