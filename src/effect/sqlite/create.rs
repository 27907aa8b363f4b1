//! CREATE TABLE, INDEX, VIEW and TRIGGER.

use std::collections::{BTreeMap, BTreeSet};

use super::add_column::strict_problem;
use super::expression::{Place, asks_for_now, default_problem, has_parameters, is_collation, is_now, is_rowid, problem};
use super::work::{Work, absent, filled, lacks};
use crate::catalog::{Key, Table, TableKind};
use crate::change::{
    Change, ColumnDef, ConstraintBody, CreateIndex, CreateTable, CreateTrigger, CreateView, Ident, IndexKey, IndexPart, Persistence,
    TriggerTiming,
};
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
        column_problems(work, column);
    }
    loops(work, columns);
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
                let generated = |name: &Ident| columns.iter().any(|column| column.generated.is_some() && column.name.is(&name.value));
                let is_primary = matches!(constraint.body, ConstraintBody::PrimaryKey(_));
                if is_primary && primary.columns.iter().filter_map(|key| key.column_name()).any(generated) {
                    work.refuse("generated columns cannot be part of the PRIMARY KEY", Truth::Yes);
                }
                collations(work, &primary.columns);
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
            ConstraintBody::Check(check) => {
                if let Some(reason) = problem(&check.expression, Place::Check, work.before.target) {
                    work.refuse(reason, Truth::Yes);
                }
            }
            ConstraintBody::Exclusion(_) | ConstraintBody::NotNull { .. } => {}
        }
    }
    if !columns.is_empty() && create.as_query.is_none() && columns.iter().all(|column| column.generated.is_some()) {
        work.refuse("must have at least one non-generated column", Truth::Yes);
    }
}

/// What is wrong with a column whatever else the table holds; its CHECKs are looked at with the table's.
fn column_problems(work: &mut Work<'_>, column: &ColumnDef) {
    let target = work.before.target;
    if let Some(collation) = column.data_type.as_ref().and_then(|data_type| data_type.collation.as_ref()) {
        refuse_collation(work, &collation.name.value);
    }
    if let Some(default) = &column.default {
        if column.generated.is_some() {
            work.refuse("cannot use DEFAULT on a generated column", Truth::Yes);
        } else if let Some(reason) = default_problem(&column.name, default, target) {
            work.refuse(reason, Truth::Yes);
        }
    }
    if let Some(generated) = &column.generated
        && let Some(reason) = problem(&generated.expression, Place::Generated, target)
    {
        work.refuse(reason, Truth::Yes);
    }
}

pub(super) fn refuse_collation(work: &mut Work<'_>, name: &str) {
    if !is_collation(name) {
        work.refuse(format!("no such collation sequence: {name}"), Truth::Yes);
    }
}

fn collations(work: &mut Work<'_>, keys: &[IndexKey]) {
    for collation in keys.iter().filter_map(|key| key.collation.as_ref()) {
        refuse_collation(work, &collation.name.value);
    }
}

/// Generated columns that are made from one another. Releases before 3.46 see it when a row is written.
fn loops(work: &mut Work<'_>, columns: &[ColumnDef]) {
    if !work.before.target.at_least(3, 46, 0) {
        return;
    }
    let lower = |name: &str| name.to_ascii_lowercase();
    let mut made_from: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for column in columns {
        if let Some(generated) = &column.generated {
            made_from.insert(lower(&column.name.value), generated.expression.names().map(lower).collect());
        }
    }
    // Those whose sources are settled are taken away, with what then is; what stays is a loop or hangs on one.
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, sources) in &made_from {
        let sources = sources.iter().filter(|source| made_from.contains_key(*source));
        open.insert(name, sources.clone().count());
        sources.for_each(|source| users.entry(source).or_default().push(name));
    }
    let mut settled: Vec<&str> = open.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
    while let Some(name) = settled.pop() {
        open.remove(name);
        for user in users.get(name).into_iter().flatten() {
            if let Some(count) = open.get_mut(user) {
                *count -= 1;
                if *count == 0 {
                    settled.push(user);
                }
            }
        }
    }
    if let Some(last) = columns.iter().rev().find(|column| open.contains_key(lower(&column.name.value).as_str())) {
        work.refuse(format!("generated column loop on \"{}\"", last.name), Truth::Yes);
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
    keys(work, table, create);
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

/// Columns that are not there, and expressions that no index can hold.
fn keys(work: &mut Work<'_>, table: &Table, create: &CreateIndex) {
    let target = work.before.target;
    for part in &create.keys {
        if let Some(first) = part.nulls_first {
            work.refuse(format!("unsupported use of NULLS {}", if first { "FIRST" } else { "LAST" }), Truth::Yes);
        }
        match &part.part {
            IndexPart::Column(column) if !column.quoted && is_now(&column.value) => {
                work.refuse("non-deterministic functions prohibited in index expressions", Truth::Yes);
            }
            IndexPart::Column(column) if is_rowid(&column.value) && table.complete && table.column(&column.value).is_none() => {
                work.refuse(format!("no such column: {column}"), Truth::Yes);
            }
            IndexPart::Column(column) => match lacks(table, &column.value) {
                Truth::No => {}
                // A name nobody knows is a string in double quotes (quirks 8).
                certain if column.quoted => work.refuse(format!("no such column: {column}"), certain.and(Truth::Unknown)),
                certain => work.refuse(format!("no such column: {column}"), certain),
            },
            IndexPart::Expression(expression) => {
                if let Some(reason) = problem(expression, Place::Index, target) {
                    work.refuse(reason, Truth::Yes);
                }
            }
        }
    }
    collations(work, &create.keys);
    if let Some(reason) = create.predicate.as_ref().and_then(|predicate| problem(predicate, Place::PartialIndex, target)) {
        work.refuse(reason, Truth::Yes);
    }
    let expressions = create.keys.iter().filter_map(|key| match &key.part {
        IndexPart::Expression(expression) => Some(expression),
        IndexPart::Column(_) => None,
    });
    if let Some(function) = expressions.chain(&create.predicate).find_map(|expression| asks_for_now(expression, target)) {
        let rows = filled(table);
        if target.at_least(3, 31, 0) && rows.possible() {
            work.fail("SQLITE_ERROR", format!("non-deterministic use of {function}() in an index"), FailureCause::Data, rows);
        }
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
    if has_parameters(&create.query.written, work.before.target) {
        work.refuse("parameters are not allowed in views", Truth::Yes);
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
