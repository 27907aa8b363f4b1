//! INSERT, UPDATE, DELETE, SELECT.

use super::failure;
use super::locks::push;
use crate::catalog::{Catalog, Presence, Table};
use crate::change::{Action, Change, DeleteRows, InsertRows, InsertSource, ObjectName, OnConflict, Predicate, UpdateRows};
use crate::effect::{Effects, LockMode, Loss, LossKind, Scan, ScanReason, Truth};

pub(super) fn effects(effects: &mut Effects, change: &Change, table: Option<&Table>, before: &Catalog) {
    if let Some(name) = &change.table {
        push(effects, &before.resolve(name), LockMode::MetadataShared);
        absent(effects, name, before);
        if let Some(view) = before.view(name).filter(|_| !joined(&change.action)) {
            effects.failures.extend(super::view::written(view, change, before));
        }
    }
    match &change.action {
        Action::Insert(insert) => inserted(effects, insert, table, before),
        Action::Update(update) => updated(effects, update, change, table, before),
        Action::Delete(delete) => deleted(effects, delete, change, table, before),
        Action::Select { reads, .. } | Action::Merge { reads, .. } => sources(effects, reads, before, Truth::Unknown),
        _ => {}
    }
}

/// Several tables are named: which of them is written the view alone does not tell.
fn joined(action: &Action) -> bool {
    match action {
        Action::Update(update) => update.joined,
        Action::Delete(delete) => delete.joined,
        _ => false,
    }
}

fn absent(effects: &mut Effects, name: &ObjectName, before: &Catalog) {
    let certain = match before.presence(name) {
        Presence::Dropped => Truth::Yes,
        Presence::NeverMade => Truth::Yes,
        Presence::Present | Presence::Unknown => return,
    };
    effects.failures.push(failure::schema(1146, format!("the table `{name}` does not exist"), certain));
}

fn sources(effects: &mut Effects, reads: &[ObjectName], before: &Catalog, certain: Truth) {
    for name in reads {
        let key = before.resolve(name);
        push(effects, &key, LockMode::MetadataShared);
        let under = Some(LockMode::MetadataShared);
        effects.scans.push(Scan { table: key.to_string(), reason: ScanReason::Query, certain, under });
        absent(effects, name, before);
    }
}

fn inserted(effects: &mut Effects, insert: &InsertRows, table: Option<&Table>, before: &Catalog) {
    let values = match &insert.source {
        InsertSource::Query { reads, .. } => {
            sources(effects, reads, before, Truth::Unknown);
            true
        }
        InsertSource::Values { .. } => true,
        InsertSource::DefaultValues => false,
    };
    let Some(table) = table.filter(|table| table.complete && !table.uncertain) else { return };
    for column in &insert.columns {
        match table.column(&column.value) {
            None => effects.failures.push(failure::schema(1054, format!("there is no column `{column}`"), Truth::Yes)),
            Some(found) if found.generated.is_some() && values => {
                let reason = format!("`{column}` is generated: only DEFAULT may be given for it");
                let code = if super::server::Server(before.target).is_mariadb() { 1906 } else { 3105 };
                effects.failures.push(failure::schema(code, reason, Truth::Unknown));
            }
            Some(_) => {}
        }
    }
    let twice = insert.columns.iter().enumerate().find(|(at, name)| insert.columns.iter().take(*at).any(|other| other.is(&name.value)));
    if let Some((_, name)) = twice {
        effects.failures.push(failure::schema(1110, format!("the column `{name}` is given twice"), Truth::Yes));
        return;
    }
    widths(effects, insert, table);
    let ignores = insert.on_conflict == OnConflict::Ignore;
    // `()` gives no column a value.
    let empty = insert.width.is_some_and(|(_, wide)| wide == 0);
    if insert.columns.is_empty() && !empty || ignores || !super::session::Session::of(before).strict {
        return;
    }
    let left_out = table.columns.iter().find(|column| {
        let filled = column.default.is_some()
            || column.auto_increment
            || column.generated.is_some()
            || column.data_type.as_ref().is_none_or(|data_type| data_type.name == "timestamp");
        column.not_null && !filled && !insert.columns.iter().any(|name| name.is(&column.name))
    });
    // A trigger may fill it in.
    if let Some(column) = left_out.filter(|_| table.triggers.is_empty()) {
        let certain = if matches!(insert.source, InsertSource::Query { .. }) { Truth::Unknown } else { Truth::Yes };
        effects.failures.push(failure::schema(1364, format!("`{}` is NOT NULL without a default and not given", column.name), certain));
    }
}

/// As many values as columns; `()` stands for all defaults.
fn widths(effects: &mut Effects, insert: &InsertRows, table: &Table) {
    let Some((narrow, wide)) = insert.width else { return };
    // MariaDB's row of a system-versioned table and MySQL's invisible columns are left out of `*`.
    let visible = table.columns.iter().filter(|column| !column.invisible).count() as u64;
    let wanted = if insert.columns.is_empty() { visible } else { insert.columns.len() as u64 };
    if (narrow, wide) != (wanted, wanted) && !(wide == 0 && insert.columns.is_empty()) {
        effects.failures.push(failure::schema(1136, "a row has another number of values than there are columns", Truth::Yes));
    }
}

fn updated(effects: &mut Effects, update: &UpdateRows, change: &Change, table: Option<&Table>, before: &Catalog) {
    sources(effects, &update.reads, before, Truth::Unknown);
    scanned(effects, &update.predicate, update.limited, change, table, before);
    effects.reversible = Truth::No;
    let Some(table) = table.filter(|table| table.complete && !table.uncertain && !update.joined) else { return };
    let server = super::server::Server(before.target);
    for (column, value) in &update.assignments {
        match table.column(&column.value) {
            None => effects.failures.push(failure::schema(1054, format!("there is no column `{column}`"), Truth::Yes)),
            Some(found) if found.generated.is_some() && !value.text.trim().eq_ignore_ascii_case("default") => {
                // MySQL says so before it looks for rows, MariaDB at the first one and in strict mode.
                let reason = format!("`{column}` is generated: only DEFAULT may be given for it");
                let failure = match (server.is_mariadb(), super::session::Session::of(before).strict) {
                    (false, _) => failure::schema(3105, reason, Truth::Yes),
                    (true, true) => failure::data(1906, reason, Truth::Unknown),
                    (true, false) => continue,
                };
                effects.failures.push(failure);
            }
            Some(found) if found.not_null && value.text.trim().eq_ignore_ascii_case("null") => {
                if super::session::Session::of(before).strict && table.triggers.is_empty() {
                    let reason = format!("`{column}` is NOT NULL");
                    effects.failures.push(failure::data(1048, reason, Truth::Unknown));
                }
            }
            Some(_) => {}
        }
    }
}

fn deleted(effects: &mut Effects, delete: &DeleteRows, change: &Change, table: Option<&Table>, before: &Catalog) {
    sources(effects, &delete.reads, before, Truth::Unknown);
    scanned(effects, &delete.predicate, delete.limited, change, table, before);
    effects.reversible = Truth::No;
    if let Some(name) = &change.table {
        let certain = if matches!(delete.predicate, Predicate::None) && !delete.limited { Truth::Yes } else { Truth::Unknown };
        effects.losses.push(Loss { kind: LossKind::Rows, object: before.resolve(name).to_string(), certain });
    }
}

/// Whether the rows are found by reading all of them, which also locks all of them.
fn scanned(effects: &mut Effects, predicate: &Predicate, limited: bool, change: &Change, table: Option<&Table>, before: &Catalog) {
    let Some(name) = &change.table else { return };
    let certain = match predicate {
        Predicate::None if limited => Truth::Unknown,
        Predicate::None => Truth::Yes,
        Predicate::Unread => Truth::Unknown,
        Predicate::Where(expression) => {
            let leading = |column: &str| {
                table.is_some_and(|table| {
                    table.indexes.iter().any(|index| index.columns().next().is_some_and(|first| first.eq_ignore_ascii_case(column)))
                })
            };
            let key = |column: &str| {
                table
                    .and_then(Table::primary_key)
                    .is_some_and(|key| key.columns.first().is_some_and(|first| first.eq_ignore_ascii_case(column)))
            };
            let mut names = expression.names().peekable();
            let named = names.peek().is_some();
            if names.any(|name| leading(name) || key(name)) {
                Truth::Unknown
            } else if table.is_some_and(|table| table.complete) && named {
                Truth::Yes
            } else {
                Truth::Unknown
            }
        }
    };
    let under = Some(LockMode::MetadataShared);
    effects.scans.push(Scan { table: before.resolve(name).to_string(), reason: ScanReason::Query, certain, under });
    if certain == Truth::Yes {
        effects.lasting = Truth::No;
    }
}
