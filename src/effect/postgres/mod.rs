//! PostgreSQL 10 to 18: what each change does.
//!
//! The claims are measured on real servers; where a page of the manual and a server disagree, the
//! server is right. Files are named for what they are about: `alter_table` for its actions,
//! `conversion` for column types, `volatility` for defaults, `proof` for what a CHECK proves.

mod alter_table;
mod answered;
mod branch;
mod broken;
mod composite;
mod constants;
mod content;
mod conversion;
mod create_table;
mod default_type;
mod depend;
mod domain;
mod drop;
mod drop_object;
mod enums;
mod explain;
mod expression_type;
mod fired;
mod grouping;
mod hashed;
mod immutability;
mod index;
mod insert;
mod literal;
mod lock_table;
mod maintenance;
mod merge;
mod narrowing;
mod object;
mod opclass;
mod outcome;
mod output;
mod partition;
mod proof;
mod prune;
mod publication;
mod ranges;
mod rebuild;
mod route;
mod routine;
mod row_names;
mod rows;
mod rule;
mod scene;
mod schema;
mod sequence;
mod sql_result;
mod trigger;
mod type_name;
mod types;
mod using;
mod view;
mod view_write;
mod volatility;
mod words;

#[cfg(test)]
mod tests;

use crate::catalog::{Catalog, Table};
use crate::change::{Action, Change, ObjectKind, Parsing, Statement};
use crate::effect::{Effects, FailureCause, LockMode, Transactionality, Truth};
use object::Alteration;
use outcome::Outcome;
use scene::Scene;

/// One `Effects` for each change of the statement.
pub(super) fn effects(statement: &Statement, before: &Catalog) -> Vec<Effects> {
    if let Parsing::Unsupported { at, needs } = &statement.parsing {
        return statement
            .changes
            .iter()
            .map(|_| {
                let mut out = Outcome::new();
                out.fail_at("42601", format!("this needs {needs}"), FailureCause::Syntax, Truth::Yes, Some(*at));
                out.effects
            })
            .collect();
    }
    let strangers = strangers(statement, before);
    let scene = Scene { catalog: before, statement, strangers: &strangers, major: before.target.version.major };
    let mut all: Vec<Effects> = statement.changes.iter().map(|change| effects_of(scene, change)).collect();
    finish(&mut all);
    all
}

/// Tables that are altered and were never made: they exist, and nothing is known of them.
fn strangers(statement: &Statement, before: &Catalog) -> Vec<Table> {
    let mut found: Vec<Table> = Vec::new();
    for change in &statement.changes {
        let Some(name) = &change.table else { continue };
        if before.presence(name) != crate::catalog::Presence::Unknown || before.index(None, name).is_some() || !on_table(&change.action) {
            continue;
        }
        let key = before.resolve(name);
        if found.iter().all(|table| table.key != key) {
            let mut table = Table::named(key, before.now);
            table.complete = false;
            table.rows = crate::catalog::Rows::Assumed;
            found.push(table);
        }
    }
    found
}

/// Actions whose `table` can only be a table.
fn on_table(action: &Action) -> bool {
    !matches!(
        action,
        Action::CreateTable(_)
            | Action::CreateView(_)
            | Action::RefreshView { .. }
            | Action::DropObject { .. }
            | Action::RenameObject { .. }
            | Action::SetObjectSchema { .. }
            | Action::AlterObject { .. }
            | Action::DropIndex(_)
            | Action::RenameIndex { .. }
            | Action::AlterIndex { .. }
            | Action::Reindex(_)
            | Action::Comment { .. }
            | Action::Select { .. }
            | Action::CreateObject { .. }
            | Action::CreateSequence(_)
            | Action::AlterSequence { .. }
    )
}

fn effects_of(scene: Scene<'_>, change: &Change) -> Effects {
    let mut out = Outcome::new();
    one(scene, change, &mut out);
    let doubted = change.table.as_ref().and_then(|name| scene.table(name)).is_some_and(|table| table.uncertain);
    for failure in out.effects.failures.iter_mut().filter(|failure| doubted && failure.cause == FailureCause::Schema) {
        // What the table has is no more certain than what was done to it.
        failure.certain = failure.certain.min(Truth::Unknown);
    }
    if change.conditional {
        // It may not be reached, and what it raises may be caught.
        for failure in &mut out.effects.failures {
            failure.certain = failure.certain.min(Truth::Unknown);
        }
    }
    out.effects
}

/// A change of rows, or a query, in the body of a trigger's function.
fn rows_of(scene: Scene<'_>, change: &Change, out: &mut Outcome) {
    if matches!(&change.action, Action::Insert(_) | Action::Update(_) | Action::Delete(_) | Action::Select { .. }) {
        one(scene, change, out);
    }
}

fn one(scene: Scene<'_>, change: &Change, out: &mut Outcome) {
    let table = change.table.as_ref();
    match &change.action {
        Action::CreateTable(create) => create_table::create(scene, create, out),
        Action::DropTable { if_exists, cascade, .. } => {
            if let Some(name) = table {
                drop::table(scene, name, *if_exists, *cascade, out);
            }
        }
        Action::CreateIndex(create) => index::create(scene, table, create, out),
        Action::DropIndex(drop) => index::drop(scene, drop, out),
        Action::Reindex(reindex) => rebuild::reindex(scene, reindex, out),
        Action::RenameIndex { from, to, if_exists } => index::rename(scene, from, &to.value, *if_exists, out),
        Action::AttachIndexPartition { index, child } => index::attach(scene, index, child, out),
        Action::AlterIndex { index, attribute, value, if_exists } => index::alter(scene, index, attribute, value, *if_exists, out),
        Action::CreateView(create) => view::create(scene, change, create, out),
        Action::RefreshView { concurrently, with_no_data } => {
            if let Some(name) = table {
                view::refresh(scene, name, concurrently.is_some(), *with_no_data, out);
            }
        }
        Action::CreateSequence(create) => {
            scene.schema_exists(&create.name, out);
            let exists = scene.relation_at(&scene.catalog.key(&create.name)).is_some();
            if exists && !create.if_not_exists {
                out.refuse("42P07", format!("relation \"{}\" already exists", create.name));
            } else if !exists {
                sequence::create(scene, create, out);
            }
            if let Some((owner, column)) = &create.owned_by {
                object::owner(scene, owner, &column.value, out);
            }
        }
        Action::AlterSequence { name, owned_by, if_exists, numbers, .. } => {
            if scene.relation(name).is_some() {
                sequence::fit(numbers, out);
            }
            object::alter_sequence(scene, name, owned_by.as_ref(), *if_exists, out);
        }
        Action::CreateEnum(create) => {
            taken_type(scene, &create.name, out);
            enums::distinct(create, out);
        }
        Action::CreateType { name, attributes } => {
            taken_type(scene, name, out);
            type_name::attributes(scene, attributes.as_deref().unwrap_or_default(), out);
        }
        Action::CreateDomain(create) => {
            taken_type(scene, &create.name, out);
            type_name::exists(scene, &create.base, out);
            type_name::collates(scene, &create.base, out);
            for check in &create.checks {
                domain::names_value(&check.1.expression, out);
            }
            if let Some(default) = &create.default {
                literal::default(scene, &create.base, default, Truth::No, out);
            }
        }
        Action::AddEnumValue { name, value, if_not_exists, place } => {
            enums::add(scene, name, value, *if_not_exists, place.as_ref(), out);
        }
        Action::RenameEnumValue { name, from, to } => enums::rename(scene, name, from, to, out),
        Action::AlterTypeAttribute { .. } => composite::alter(scene, change, out),
        Action::AlterDomain { name, change } => domain::alter(scene, name, change, out),
        Action::CreateTrigger(trigger) => trigger::create_trigger(scene, change, trigger, out),
        Action::CreateRule(rule) => trigger::create_rule(scene, change, rule, out),
        Action::ReleaseSavepoint { name } | Action::RollbackToSavepoint { name } => no_savepoint(scene, name, out),
        Action::CreatePolicy(policy) => trigger::policy(scene, change, &policy.name.value, true, &trigger::read_by(policy), out),
        Action::AlterPolicy { name } => trigger::policy(scene, change, &name.value, false, &trigger::read_in_note(scene), out),
        Action::CreateSchema { name: Some(name), if_not_exists } => {
            if name.value.starts_with("pg_") {
                out.refuse("42939", format!("\"{name}\" begins with pg_, which is the server's own"));
            }
            if !if_not_exists && (scene.catalog.schemas.contains_key(&name.value) || name.value == "public") {
                out.refuse("42P06", format!("schema \"{name}\" already exists"));
            }
        }
        Action::CreateExtension { name, if_not_exists, .. } => {
            if !if_not_exists && scene.catalog.extensions.contains_key(&name.value) {
                out.refuse("42710", format!("extension \"{name}\" already exists"));
            }
        }
        Action::CreateObject { kind, .. } => object::create_object(scene, change, *kind, out),
        Action::DropObject { kind, name, if_exists, cascade, .. } => {
            drop_object::drop(scene, change, *kind, name, *if_exists, *cascade, out)
        }
        Action::RenameObject { kind, name, .. } => object::alter(scene, change, *kind, name, Alteration::Rename, out),
        Action::SetObjectSchema { kind, name, .. } => object::alter(scene, change, *kind, name, Alteration::Schema, out),
        Action::AlterObject { kind, name, what, .. } => {
            if *kind == ObjectKind::Database && what.contains("tablespace") {
                out.forbid_transaction();
            }
            // The grammar of 17 and later takes it, and that is all.
            if *kind == ObjectKind::Type && what == "drop value" && scene.at_least(17) {
                out.refuse("0A000", "dropping an enum value is not implemented");
            }
            let what = if what.contains("logged") { Alteration::Storage } else { Alteration::Other };
            // OPTIONS of a foreign table are an action of ALTER TABLE.
            let name = table.filter(|_| name.name.value.is_empty()).unwrap_or(name);
            object::alter(scene, change, *kind, name, what, out);
        }
        Action::Owner { kind, .. } if *kind != ObjectKind::Table && *kind != ObjectKind::ForeignTable => {
            if let Some(name) = table {
                object::alter(scene, change, *kind, name, Alteration::Owner, out);
            }
        }
        Action::Comment { kind, name } => object::comment(scene, change, *kind, name, out),
        Action::Privileges { tables, columns, objects, .. } => object::privileges(scene, tables, columns, objects, out),
        Action::Insert(rows) => insert::insert(scene, change, rows, out),
        Action::Update(rows) => rows::update(scene, change, rows, out),
        Action::Delete(rows) => rows::delete(scene, change, rows, out),
        Action::Truncate { cascade, restart_identity, only, .. } => {
            rows::truncate(scene, change, *cascade, *restart_identity, *only, out);
        }
        Action::Copy(copy) => rows::copy(scene, change, copy, out),
        Action::Merge { reads, writes, deletes } => merge::merge(scene, change, reads, (*writes, *deletes), out),
        Action::Select { reads, locks_rows, calls } => {
            rows::calls(scene, calls, out);
            rows::select(scene, reads, *locks_rows, out);
        }
        Action::LockTables(lock) => lock_table::lock_tables(scene, lock, out),
        Action::Vacuum { full, .. } => maintenance::vacuum(scene, table, *full, out),
        Action::Analyze { columns } => maintenance::analyze(scene, table, columns, out),
        Action::Cluster { index, concurrently } => {
            if concurrently.is_some() {
                out.forbid_transaction();
            }
            rebuild::cluster(scene, table, index.as_ref().map(|index| index.value.as_str()), out);
        }
        Action::AlterSystem { .. } => out.forbid_transaction(),
        Action::Explain { planned } => explain::planned(scene, planned, out),
        Action::DynamicSql { .. } => out.unknown("the SQL that is run", "everything it does"),
        Action::Opaque { .. } => {
            out.effects.transactionality = Transactionality::Unknown;
            out.unknown("the meaning of the statement", "everything it does");
        }
        Action::SetVariable(_) => {
            if scene.statement.verb == "DISCARD" {
                out.forbid_transaction();
            }
        }
        Action::CreateRoutine(create) => routine::create(scene, create, out),
        Action::CallRoutine(call) => rows::calls(scene, std::slice::from_ref(call), out),
        Action::CreateSchema { name: None, .. }
        | Action::Begin { .. }
        | Action::Commit { .. }
        | Action::Rollback { .. }
        | Action::Savepoint { .. }
        | Action::Pragma(_)
        | Action::UnlockTables
        | Action::UseDatabase { .. }
        | Action::SetConstraints { .. }
        | Action::Checkpoint
        | Action::AttachDatabase { .. }
        | Action::Block { .. }
        | Action::Nothing => {}
        _ => alter_table::effects(scene, change, out),
    }
}

fn no_savepoint(scene: Scene<'_>, name: &crate::change::Ident, out: &mut Outcome) {
    let transaction = scene.catalog.session.transaction.as_ref();
    if transaction.is_some_and(|transaction| !transaction.savepoints.contains(&name.value)) {
        out.refuse("3B001", format!("savepoint \"{name}\" does not exist"));
    }
}

fn taken_type(scene: Scene<'_>, name: &crate::change::ObjectName, out: &mut Outcome) {
    scene.schema_exists(name, out);
    let key = scene.catalog.key(name);
    let catalog = scene.catalog;
    if catalog.tables.contains_key(&key)
        || catalog.views.contains_key(&key)
        || catalog.enums.contains_key(&key)
        || catalog.domains.contains_key(&key)
        || catalog.types.contains_key(&key)
    {
        out.refuse("42710", format!("type \"{name}\" already exists"));
    }
}

/// A statement is one: its strongest lock is held while any part of it works, and when one part is
/// refused nothing of it happens.
fn finish(all: &mut [Effects]) {
    let refused = all.iter().any(|effects| {
        effects.failures.iter().any(|failure| {
            failure.certain == Truth::Yes && failure.cause != FailureCause::Data && failure.cause != FailureCause::Transaction
        })
    });
    if refused {
        for effects in all.iter_mut() {
            effects.locks.clear();
            effects.rewrites.clear();
            effects.scans.clear();
            effects.builds.clear();
            effects.losses.clear();
            effects.breaks.clear();
            effects.unknowns.clear();
            effects.failures.retain(|failure| failure.certain == Truth::Yes);
        }
        return;
    }
    let mut strongest: Vec<(String, LockMode)> = Vec::new();
    for lock in all.iter().flat_map(|effects| &effects.locks) {
        match strongest.iter_mut().find(|(relation, _)| *relation == lock.relation) {
            Some((_, mode)) => *mode = lock.mode.max(*mode),
            None => strongest.push((lock.relation.clone(), lock.mode)),
        }
    }
    for effects in all.iter_mut() {
        for scan in &mut effects.scans {
            scan.under = strongest.iter().find(|(relation, _)| *relation == scan.table).map(|(_, mode)| *mode);
        }
        let work = effects
            .scans
            .iter()
            .map(|scan| scan.certain)
            .chain(effects.rewrites.iter().map(|rewrite| rewrite.certain))
            .max()
            .unwrap_or(Truth::No);
        // CONCURRENTLY takes its strongest lock, on an index nobody uses any more, after the work.
        let concurrent = effects.transactionality == Transactionality::Forbidden
            && effects.locks.iter().all(|lock| lock.mode != LockMode::AccessExclusive || lock.kind == crate::effect::RelationKind::Index)
            && effects.locks.iter().any(|lock| lock.mode == LockMode::ShareUpdateExclusive);
        let stronger_on_index = effects.locks.iter().any(|lock| lock.mode == LockMode::AccessExclusive);
        effects.lasting = if concurrent && stronger_on_index { Truth::No } else { work };
    }
}
