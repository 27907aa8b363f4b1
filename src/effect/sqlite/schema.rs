//! RENAME and DROP COLUMN read every view and trigger of the schema again; one that does not
//! resolve stops them (`sqlite_rename_test`, lang_altertable 2).

use super::work::{Work, lacks};
use crate::catalog::{Catalog, Key, Presence, Table, Trigger, View};
use crate::change::{Ident, ObjectName};
use crate::effect::Truth;

/// Refuses when a view or trigger is broken already. legacy_alter_table leaves them unread.
pub(super) fn refuse_broken(work: &mut Work<'_>) {
    let before = work.before;
    if before.legacy_alter_table() {
        return;
    }
    for view in before.views.values() {
        if let Some((reason, certain)) = broken_view(before, view) {
            work.refuse(format!("error in view {}: {reason}", view.key.name), certain);
            return;
        }
    }
    for table in before.tables.values() {
        for trigger in &table.triggers {
            if let Some((reason, certain)) = broken_trigger(before, trigger) {
                work.refuse(format!("error in trigger {}: {reason}", trigger.name), certain);
                return;
            }
        }
    }
}

/// A table it reads is gone, or a column it names is in none of them.
pub(super) fn broken_view(before: &Catalog, view: &View) -> Option<(String, Truth)> {
    let mut tables: Vec<&Table> = Vec::new();
    let mut all_known = true;
    for read in &view.reads {
        if let Some(certain) = missing(before, read) {
            return Some((no_such_table(read), certain));
        }
        match before.table_at(read) {
            Some(table) => tables.push(table),
            None => all_known = false,
        }
    }
    if !all_known || tables.is_empty() || tables.iter().any(|table| !table.complete || table.uncertain) {
        return None;
    }
    for name in view.mentions.iter().filter(|name| *name != "*") {
        let found = tables.iter().any(|table| lacks(table, name) == Truth::No || table.key.name == *name);
        let output = view.columns.iter().any(|column| column.eq_ignore_ascii_case(name));
        // In double quotes it may be a string (quirks 8).
        let text = &view.query.text;
        let string = text.contains(&format!("\"{name}\""));
        // A name of its own making: a derived table's or an alias's column.
        let aliased = text.to_ascii_lowercase().contains(&format!(" as {name}"));
        if !found && !string && !aliased {
            let certain = if output && tables.len() == 1 || !output { Truth::Yes } else { Truth::Unknown };
            return Some((format!("no such column: {name}"), certain));
        }
    }
    None
}

pub(super) fn broken_trigger(before: &Catalog, trigger: &Trigger) -> Option<(String, Truth)> {
    trigger.mentions.iter().find_map(|mentioned| missing(before, mentioned).map(|certain| (no_such_table(mentioned), certain)))
}

fn no_such_table(key: &Key) -> String {
    format!("no such table: main.{}", key.name)
}

/// How sure it is that a relation is gone; `None` when it is there or may be.
fn missing(before: &Catalog, key: &Key) -> Option<Truth> {
    let name = ObjectName::bare(Ident { value: key.name.clone(), quoted: true, span: crate::source::Span::default() });
    if key.name.starts_with("sqlite_") || !key.schema.is_empty() {
        return None;
    }
    match before.presence(&name) {
        Presence::Dropped => Some(Truth::Yes),
        // A common table expression of its own looks the same.
        Presence::NeverMade => Some(Truth::Unknown),
        Presence::Present | Presence::Unknown => None,
    }
}

/// Views and triggers that a dropped column leaves unresolved, with the message.
pub(super) fn broken_without(before: &Catalog, table: &Table, column: &str) -> Vec<(String, Truth)> {
    if before.legacy_alter_table() {
        return Vec::new();
    }
    let mut broken = Vec::new();
    for view in before.dependent_views(&table.key) {
        if !view.mentions.iter().any(|name| name.eq_ignore_ascii_case(column)) {
            continue;
        }
        let others = view
            .reads
            .iter()
            .filter(|read| **read != table.key)
            .any(|read| before.table_at(read).is_none_or(|other| lacks(other, column) != Truth::Yes));
        let certain = if others { Truth::Unknown } else { Truth::Yes };
        broken.push((format!("error in view {} after drop column: no such column: {column}", view.key.name), certain));
    }
    for trigger in &table.triggers {
        if trigger.row_columns.iter().any(|name| name.eq_ignore_ascii_case(column)) {
            broken.push((format!("error in trigger {} after drop column: no such column: new.{column}", trigger.name), Truth::Yes));
        }
    }
    for (_, trigger) in before.triggers_mentioning(&table.key) {
        if !trigger.reads.iter().any(|name| name.eq_ignore_ascii_case(column)) {
            continue;
        }
        let others = trigger
            .mentions
            .iter()
            .filter(|read| **read != table.key)
            .any(|read| before.table_at(read).is_none_or(|other| lacks(other, column) != Truth::Yes));
        let row = trigger.row_columns.iter().any(|name| name.eq_ignore_ascii_case(column));
        let certain = if others || row { Truth::Unknown } else { Truth::Yes };
        broken.push((format!("error in trigger {} after drop column: no such column: {column}", trigger.name), certain));
    }
    broken
}
