//! CREATE TABLE, INDEX, VIEW and TRIGGER.

use super::add_column::strict_problem;
use super::work::{Work, absent, filled, lacks};
use crate::catalog::{Key, TableKind};
use crate::change::{Change, ConstraintBody, CreateIndex, CreateTable, CreateTrigger, CreateView, IndexPart, Persistence, TriggerTiming};
use crate::effect::{FailureCause, ScanReason, Truth};

pub(super) fn table(work: &mut Work<'_>, create: &CreateTable) {
    let before = work.before;
    let mut key = before.key(&create.name);
    if create.persistence == Persistence::Temporary {
        key.schema = "temp".to_owned();
    }
    let name = &create.name.name;
    if let Some(kind) = taken(work, &key) {
        if !create.if_not_exists || kind == "index" {
            let reason = match kind {
                "index" => format!("there is already an index named {name}"),
                // Before 3.34 a view was called a table here.
                kind => format!("{kind} {name} already exists"),
            };
            work.refuse(reason, Truth::Yes);
        }
        return;
    }
    if key.name.starts_with("sqlite_") {
        work.refuse(format!("object name reserved for internal use: {name}"), Truth::Yes);
    }
    definition(work, create, &key);
    if key.schema != "temp" {
        work.write_lock(None);
    }
    for read in create.as_query.iter().flatten() {
        if let Some(source) = before.table(read) {
            work.scan(source, ScanReason::Query, Truth::Yes, true);
        } else {
            missing_source(work, read);
        }
    }
}

fn definition(work: &mut Work<'_>, create: &CreateTable, key: &Key) {
    let columns = &create.columns;
    for (at, column) in columns.iter().enumerate() {
        if columns.iter().take(at).any(|earlier| earlier.name.is(&column.name.value)) {
            work.refuse(format!("duplicate column name: {}", column.name), Truth::Yes);
        }
        if create.strict
            && let Some((problem, datatype)) = strict_problem(column)
        {
            work.refuse(format!("{problem} for {}.{}{datatype}", key.name, column.name), Truth::Yes);
        }
    }
    let inline = columns.iter().flat_map(|column| &column.constraints);
    let all: Vec<_> = inline.chain(&create.constraints).collect();
    let primary: Vec<_> = all.iter().filter(|constraint| matches!(constraint.body, ConstraintBody::PrimaryKey(_))).collect();
    if primary.len() > 1 {
        work.refuse(format!("table \"{}\" has more than one primary key", create.name.name), Truth::Yes);
    }
    if create.without_rowid && primary.is_empty() {
        work.refuse(format!("PRIMARY KEY missing on table {}", create.name.name), Truth::Yes);
    }
    let known = |name: &str| columns.iter().any(|column| column.name.is(name));
    let open = create.as_query.is_some() || create.virtual_module.is_some() || columns.is_empty();
    for constraint in all {
        match &constraint.body {
            ConstraintBody::PrimaryKey(primary) | ConstraintBody::Unique(primary) => {
                let unknown = primary.columns.iter().filter_map(|key| key.column_name()).find(|name| !known(&name.value));
                if let Some(unknown) = unknown.filter(|_| !open) {
                    work.refuse(format!("no such column: {unknown}"), Truth::Yes);
                }
                let alias = primary.columns.first().and_then(|key| key.column_name()).and_then(|name| {
                    columns.iter().find(|column| column.name.is(&name.value)).and_then(|column| column.data_type.as_ref())
                });
                let integer = alias.is_some_and(|data_type| data_type.name.eq_ignore_ascii_case("integer") && data_type.args.is_empty());
                if primary.autoincrement && (!integer || primary.columns.len() != 1) {
                    work.refuse("AUTOINCREMENT is only allowed on an INTEGER PRIMARY KEY", Truth::Yes);
                } else if primary.autoincrement && create.without_rowid {
                    work.refuse("AUTOINCREMENT not allowed on WITHOUT ROWID tables", Truth::Yes);
                }
            }
            ConstraintBody::ForeignKey(foreign) => {
                if let Some(unknown) = foreign.columns.iter().find(|name| !known(&name.value)).filter(|_| !open) {
                    work.refuse(format!("unknown column \"{unknown}\" in foreign key definition"), Truth::Yes);
                }
                if !foreign.referenced_columns.is_empty() && foreign.referenced_columns.len() != foreign.columns.len() {
                    work.refuse(
                        "number of columns in foreign key does not match the number of columns in the referenced table",
                        Truth::Yes,
                    );
                }
            }
            ConstraintBody::Check(_) | ConstraintBody::Exclusion(_) | ConstraintBody::NotNull { .. } => {}
        }
    }
    if !columns.is_empty() && create.as_query.is_none() && columns.iter().all(|column| column.generated.is_some()) {
        work.refuse("must have at least one non-generated column", Truth::Yes);
    }
}

/// What already has the name.
fn taken(work: &Work<'_>, key: &Key) -> Option<&'static str> {
    if let Some(table) = work.before.table_at(key) {
        // Known from an ALTER alone it may have been made elsewhere; made it was.
        return (!table.uncertain).then_some("table");
    }
    if work.before.views.contains_key(key) {
        return Some(if work.before.target.at_least(3, 35, 0) { "view" } else { "table" });
    }
    work.before.index_owners.contains_key(key).then_some("index")
}

fn missing_source(work: &mut Work<'_>, read: &crate::change::ObjectName) {
    if work.before.view(read).is_none() && absent(work.before, read) == Truth::Yes {
        // A common table expression would look the same.
        work.refuse(format!("no such table: {}", read.name), Truth::Unknown);
    }
}

pub(super) fn index(work: &mut Work<'_>, change: &Change, create: &CreateIndex) {
    let before = work.before;
    let (Some(on), Some(name)) = (&change.table, &create.name) else { return };
    if before.view(on).is_some_and(|view| !view.materialized) {
        work.refuse("views may not be indexed", Truth::Yes);
        return;
    }
    let Some(table) = before.table(on) else {
        match absent(before, on) {
            Truth::No => work.write_lock(None),
            certain => work.refuse(format!("no such table: main.{}", on.name), certain),
        }
        return;
    };
    let key = before.key(name);
    if before.tables.contains_key(&key) {
        work.refuse(format!("there is already a table named {}", name.name), Truth::Yes);
        return;
    }
    if before.index_owners.contains_key(&key) {
        if !create.if_not_exists {
            work.refuse(format!("index {} already exists", name.name), Truth::Yes);
        }
        return;
    }
    if table.kind == TableKind::Virtual {
        work.refuse("virtual tables may not be indexed", Truth::Yes);
        return;
    }
    for column in create.keys.iter().filter_map(|key| key.column_name()) {
        match lacks(table, &column.value) {
            Truth::No => {}
            certain => work.refuse(format!("no such column: {column}"), certain),
        }
    }
    for part in &create.keys {
        if let IndexPart::Expression(expression) = &part.part
            && ["random(", "randomblob(", "changes(", "last_insert_rowid("]
                .iter()
                .any(|call| expression.text.to_ascii_lowercase().replace(' ', "").contains(call))
        {
            work.refuse("non-deterministic functions prohibited in index expressions", Truth::Yes);
        }
    }
    work.write_lock(Some(&table.key));
    work.scan(table, ScanReason::IndexBuild, Truth::Yes, true);
    work.build(&key.to_string(), table, false);
    if create.unique && filled(table).possible() && !already_unique(table, create) {
        let columns: Vec<String> = create.keys.iter().filter_map(|key| key.column_name()).map(|it| format!("{}.{it}", table.key)).collect();
        work.fail(
            "SQLITE_CONSTRAINT_UNIQUE",
            format!("UNIQUE constraint failed: {}", columns.join(", ")),
            FailureCause::Data,
            Truth::Unknown,
        );
        work.unknown(format!("whether {} are unique", columns.join(", ")), "whether the index can be built");
    }
}

/// A unique index over some of the same columns shows that all of them are unique.
fn already_unique(table: &crate::catalog::Table, create: &CreateIndex) -> bool {
    let mine: Vec<&str> = create.keys.iter().filter_map(|key| key.column_name()).map(|name| name.value.as_str()).collect();
    let given = |column: &str| mine.iter().any(|own| own.eq_ignore_ascii_case(column));
    let by_index = table.indexes.iter().any(|index| {
        index.unique && index.predicate.is_none() && index.columns().count() == index.keys.len() && index.columns().all(given)
    });
    let by_key = table.primary_key().is_some_and(|primary| primary.columns.iter().all(|column| given(column)));
    by_index || by_key
}

pub(super) fn view(work: &mut Work<'_>, create: &CreateView) {
    let key = work.before.key(&create.name);
    if let Some(kind) = taken(work, &key).filter(|kind| *kind != "index") {
        if !create.if_not_exists {
            work.refuse(format!("{kind} {} already exists", create.name.name), Truth::Yes);
        }
        return;
    }
    // What it reads is not looked at before somebody reads the view.
    if !create.temporary {
        work.write_lock(None);
    }
}

pub(super) fn trigger(work: &mut Work<'_>, change: &Change, create: &CreateTrigger) {
    let before = work.before;
    let Some(on) = &change.table else { return };
    let view = before.view(on).is_some();
    let name = &create.name.name;
    if !view && before.table(on).is_none() {
        match absent(before, on) {
            Truth::No => work.write_lock(None),
            certain => work.refuse(format!("no such table: main.{}", on.name), certain),
        }
        return;
    }
    if let Some(owner) = before.trigger_owner(&name.value) {
        let certain = if owner.uncertain { Truth::Unknown } else { Truth::Yes };
        if !create.if_not_exists {
            work.refuse(format!("trigger {name} already exists"), certain);
        }
        return;
    }
    match create.timing {
        TriggerTiming::InsteadOf if !view => work.refuse(format!("cannot create INSTEAD OF trigger on table: {}", on.name), Truth::Yes),
        TriggerTiming::Before if view => work.refuse(format!("cannot create BEFORE trigger on view: {}", on.name), Truth::Yes),
        TriggerTiming::After if view => work.refuse(format!("cannot create AFTER trigger on view: {}", on.name), Truth::Yes),
        TriggerTiming::InsteadOf | TriggerTiming::Before | TriggerTiming::After => {}
    }
    work.write_lock(before.table(on).map(|table| &table.key));
}
