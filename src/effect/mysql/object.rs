//! Tables dropped, renamed, emptied; views, triggers, routines, databases, maintenance, transactions.

use super::create;
use super::failure;
use super::locks::{children, parents, push};
use super::rows;
use super::sequence;
use super::server::Server;
use super::session::Session;
use crate::catalog::{Catalog, Presence, Rows, Table};
use crate::change::{Action, Change, ObjectKind, ObjectName, SettingScope, Statement, TableLockMode};
use crate::effect::{Algorithm, Breakage, BreakageKind, Dml, Effects, LockMode, Loss, LossKind, Rewrite, Scan, ScanReason, Truth};

pub(super) fn effects(statement: &Statement, before: &Catalog) -> Vec<Effects> {
    let dropped: Vec<String> = statement
        .changes
        .iter()
        .filter(|change| matches!(change.action, Action::DropTable { .. }))
        .filter_map(|change| change.table.as_ref())
        .map(|name| before.resolve(name).to_string())
        .collect();
    statement
        .changes
        .iter()
        .enumerate()
        .map(|(at, change)| {
            let earlier = statement.changes.get(..at).unwrap_or_default();
            // MariaDB drops one table after the other, MySQL all at once (measured).
            let gone = if Server(before.target).is_mariadb() { dropped.get(..at).unwrap_or_default() } else { &dropped };
            let mut effects = one(change, earlier, before, gone, statement.verb.starts_with("ALTER"));
            if statement.modifiers.if_exists && matches!(change.action, Action::RenameTable { .. }) {
                effects.failures.retain(|failure| !matches!(failure.code.as_str(), "1146" | "1017"));
            }
            effects
        })
        .collect()
}

fn one(change: &Change, earlier: &[Change], before: &Catalog, dropped: &[String], altered: bool) -> Effects {
    let mut effects = Effects { reversible: Truth::Yes, implicit_commit: commits(&change.action, before), ..Effects::default() };
    let table = change.table.as_ref().and_then(|name| before.table(name));
    match &change.action {
        Action::CreateTable(create) => create::table(&mut effects, create, before),
        Action::DropTable { if_exists, temporary, .. } => {
            if let Some(name) = &change.table {
                drop_table(&mut effects, name, table, *if_exists, *temporary, before, dropped);
            }
        }
        Action::RenameTable { to } => {
            if let Some(name) = &change.table {
                rename_table(&mut effects, name, table, to, earlier, before);
                effects.failures.extend(super::failure::too_long(&to.name.value));
            }
        }
        Action::Truncate { .. } => {
            if let Some(name) = &change.table {
                truncate(&mut effects, name, table, before);
                sequence::refuse_rows(&mut effects, name, before);
            }
        }
        Action::Optimize => optimize(&mut effects, change, table, before),
        Action::Analyze { .. } | Action::CheckTable => {
            if let (Some(name), true) = (&change.table, matches!(change.action, Action::CheckTable)) {
                let key = before.resolve(name);
                push(&mut effects, &key, LockMode::MetadataShared);
                effects.scans.push(Scan {
                    table: key.to_string(),
                    reason: ScanReason::Maintenance,
                    certain: Truth::Yes,
                    under: Some(LockMode::MetadataShared),
                });
            } else if let Some(name) = &change.table {
                push(&mut effects, &before.resolve(name), LockMode::MetadataShared);
            }
            missing_table(&mut effects, change.table.as_ref(), before, 1146);
        }
        Action::RepairTable | Action::TablespaceFile { .. } => {
            if let Some(name) = &change.table {
                push(&mut effects, &before.resolve(name), LockMode::MetadataExclusive);
            }
        }
        Action::Flush { read_lock } => {
            if let Some(name) = &change.table {
                let exclusive = Server(before.target).is_mariadb();
                let mode = if *read_lock {
                    LockMode::MetadataSharedNoWrite
                } else if exclusive {
                    LockMode::MetadataExclusive
                } else {
                    LockMode::MetadataShared
                };
                push(&mut effects, &before.resolve(name), mode);
            }
        }
        Action::LockTables(lock) => {
            for (name, mode) in &lock.tables {
                let mode = if matches!(mode, TableLockMode::Read) { LockMode::MetadataShared } else { LockMode::MetadataExclusive };
                push(&mut effects, &before.resolve(name), mode);
                missing_table(&mut effects, Some(name), before, 1146);
            }
        }
        Action::CreateSequence(sequence) => sequence::created(&mut effects, sequence, before),
        Action::AlterSequence { name, if_exists, numbers, .. } => sequence::altered(&mut effects, name, numbers, *if_exists, before),
        Action::CreateView(view) => create::view(&mut effects, view, altered, before),
        Action::CallRoutine(call) => {
            // Where a table would be known to be missing, so is a routine.
            if before.routine(&call.name).is_none() && before.presence(&call.name) == Presence::NeverMade {
                let reason = format!("the procedure `{}` does not exist", call.name);
                effects.failures.push(failure::schema(1305, reason, Truth::Yes));
            }
            let known = before.routine(&call.name).filter(|_| !call.followed);
            if let (Some(known), Some(count)) = (known, call.arguments)
                && known.arguments != count
            {
                let reason = format!("`{}` takes {} arguments, not {count}", call.name, known.arguments);
                effects.failures.push(failure::schema(1318, reason, Truth::Yes));
            }
        }
        Action::CreateTrigger(trigger) => {
            if let Some(name) = &change.table {
                push(&mut effects, &before.resolve(name), LockMode::MetadataExclusive);
                super::trigger::created(&mut effects, trigger, name, table, before);
            }
        }
        Action::DropObject { kind, name, if_exists, .. } => drop_object(&mut effects, change, *kind, name, *if_exists, before),
        Action::CreateObject { kind: ObjectKind::Database | ObjectKind::Schema, name, if_not_exists, or_replace, .. } => {
            create_database(&mut effects, &name.name.value, *if_not_exists || *or_replace, before);
        }
        Action::CreateSchema { name: Some(name), if_not_exists } => create_database(&mut effects, &name.value, *if_not_exists, before),
        Action::AlterObject { kind: ObjectKind::Database | ObjectKind::Schema, name, .. } => {
            let schema = if name.name.value.is_empty() { before.current_schema() } else { name.name.value.to_lowercase() };
            // MySQL 8 locks every table of the database while its default changes (measured).
            if Server(before.target).locks_foreign_tables() {
                let keys: Vec<_> =
                    before.tables.iter().filter(|(key, _)| key.schema == schema).map(|(key, _)| key.clone()).take(64).collect();
                for key in keys {
                    push(&mut effects, &key, LockMode::MetadataExclusive);
                }
            }
        }
        Action::Insert(_) | Action::Update(_) | Action::Delete(_) | Action::Select { .. } | Action::Merge { .. } => {
            rows::effects(&mut effects, change, table, before);
            if let (Some(name), Action::Update(_) | Action::Delete(_)) = (&change.table, &change.action) {
                sequence::refuse_rows(&mut effects, name, before);
            }
        }
        _ => {}
    }
    effects
}

/// Statements that end the open transaction (MySQL manual 15.3.3).
pub(super) fn commits(action: &Action, before: &Catalog) -> bool {
    match action {
        Action::Insert(_) | Action::Update(_) | Action::Delete(_) | Action::Select { .. } | Action::Merge { .. } | Action::Copy(_) => false,
        Action::CreateTable(create) => create.persistence != crate::change::Persistence::Temporary,
        Action::DropTable { temporary, .. } => !temporary,
        Action::Commit { .. }
        | Action::Rollback { .. }
        | Action::Savepoint { .. }
        | Action::ReleaseSavepoint { .. }
        | Action::RollbackToSavepoint { .. } => false,
        Action::Begin { .. } => before.session.transaction.as_ref().is_some_and(|transaction| transaction.explicit),
        Action::SetVariable(set) => {
            let on = set.value.as_deref().is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "1" | "on" | "true"));
            set.name == "autocommit"
                && on
                && !matches!(set.scope, SettingScope::Global | SettingScope::User)
                && before.session.is_off("autocommit") == Some(true)
        }
        Action::UnlockTables => before.session.setting("lock_tables").is_some(),
        Action::UseDatabase { .. }
        | Action::Explain { .. }
        | Action::Nothing
        | Action::CallRoutine { .. }
        | Action::DynamicSql { .. }
        | Action::Block { .. }
        | Action::Opaque { .. } => false,
        Action::CreateObject { .. } | Action::DropObject { .. } | Action::AlterObject { .. } | Action::RenameObject { .. } => true,
        _ => true,
    }
}

pub(super) fn missing_table(effects: &mut Effects, name: Option<&ObjectName>, before: &Catalog, code: u16) {
    let Some(name) = name else { return };
    let certain = match before.presence(name) {
        Presence::Dropped => Truth::Yes,
        Presence::NeverMade => Truth::Yes,
        Presence::Present | Presence::Unknown => return,
    };
    effects.failures.push(failure::schema(code, format!("the table `{name}` does not exist"), certain));
}

fn is_empty_and_new(table: Option<&Table>, before: &Catalog) -> bool {
    table.is_some_and(|table| before.origin(table.birth).is_new() && table.rows == Rows::None)
}

fn drop_table(
    effects: &mut Effects,
    name: &ObjectName,
    table: Option<&Table>,
    if_exists: bool,
    temporary: bool,
    before: &Catalog,
    dropped: &[String],
) {
    let server = Server(before.target);
    if !if_exists {
        missing_table(effects, Some(name), before, 1051);
    }
    let key = before.resolve(name);
    if before.view(name).is_some() {
        if !if_exists {
            let code = if server.is_mariadb() { 1965 } else { 1051 };
            effects.failures.push(failure::schema(code, format!("`{name}` is a view: DROP VIEW takes it away"), Truth::Yes));
        }
        return;
    }
    if temporary || table.is_some_and(|table| table.persistence == crate::change::Persistence::Temporary) {
        return;
    }
    if table.is_some() || !if_exists || before.presence(name) == Presence::Unknown {
        push(effects, &key, LockMode::MetadataExclusive);
    }
    let shown = key.to_string();
    if !is_empty_and_new(table, before) {
        effects.losses.push(Loss { kind: LossKind::Table, object: shown.clone(), certain: Truth::Yes });
        effects.breaks.push(Breakage {
            kind: BreakageKind::Name,
            object: shown.clone(),
            reason: format!("clients that use `{shown}` fail with error 1146"),
            certain: Truth::Yes,
        });
        effects.reversible = Truth::No;
    }
    let Some(table) = table else { return };
    for view in before.dependent_views(&table.key) {
        let reason = format!("the view `{}` stays: reading it fails with error 1356", view.key);
        effects.breaks.push(Breakage { kind: BreakageKind::View, object: view.key.to_string(), reason, certain: Truth::Yes });
    }
    if server.locks_foreign_tables() {
        parents(effects, table);
    }
    let child = before
        .referencing_foreign_keys(&table.key)
        .into_iter()
        .find(|(child, _)| child.key != table.key && !dropped.contains(&child.key.to_string()));
    if let Some((child, constraint)) = child {
        if Session::of(before).checks_foreign_keys {
            let code = match (server.is_mariadb(), server.has_foreign_key_errors()) {
                (true, _) => 1451,
                (false, true) => 3730,
                (false, false) => 1217,
            };
            let reason = format!("the foreign key `{}` of `{}` references it", constraint.name, child.key);
            effects.failures.push(failure::schema(code, reason, Truth::Yes));
        } else if server.locks_foreign_tables() {
            children(effects, before, table);
        }
    }
}

fn rename_table(effects: &mut Effects, name: &ObjectName, table: Option<&Table>, to: &ObjectName, earlier: &[Change], before: &Catalog) {
    let server = Server(before.target);
    let key = before.resolve(name);
    // A name may be given to a table by an earlier rename of the same statement.
    let renamed = |wanted: &ObjectName, from: bool| {
        earlier.iter().any(|other| match &other.action {
            Action::RenameTable { to } => {
                let candidate = if from { other.table.as_ref() } else { Some(to) };
                candidate.is_some_and(|candidate| candidate.name.is(&wanted.name.value))
            }
            _ => false,
        })
    };
    if !renamed(name, false) {
        // Before 8.0 the server looks for the table's file.
        let code = if server.has_dictionary() { 1146 } else { 1017 };
        missing_table(effects, Some(name), before, code);
        push(effects, &key, LockMode::MetadataExclusive);
    }
    let taken = before.presence(to) == Presence::Present && !renamed(to, true);
    if taken && before.resolve(to) != key {
        effects.failures.push(failure::schema(1050, format!("there is already a table `{to}`"), Truth::Yes));
    }
    let shown = key.to_string();
    // A swap puts another table in its place at the same moment.
    let replaced = renamed(name, false);
    if !replaced && !is_empty_and_new(table, before) {
        let reason = format!("clients that use `{shown}` fail with error 1146: it is `{to}`");
        effects.breaks.push(Breakage { kind: BreakageKind::Name, object: shown, reason, certain: Truth::Yes });
        if let Some(table) = table {
            for view in before.dependent_views(&table.key) {
                let reason = format!("the view `{}` still selects from the old name: reading it fails with error 1356", view.key);
                effects.breaks.push(Breakage { kind: BreakageKind::View, object: view.key.to_string(), reason, certain: Truth::Yes });
            }
        }
    }
    if let (Some(table), true) = (table, server.locks_foreign_tables()) {
        children(effects, before, table);
        parents(effects, table);
    }
}

fn truncate(effects: &mut Effects, name: &ObjectName, table: Option<&Table>, before: &Catalog) {
    missing_table(effects, Some(name), before, 1146);
    if before.view(name).is_some() {
        effects.failures.push(failure::schema(1146, format!("`{name}` is a view, which has no rows of its own"), Truth::Yes));
        return;
    }
    let key = before.resolve(name);
    push(effects, &key, LockMode::MetadataExclusive);
    if !is_empty_and_new(table, before) {
        effects.losses.push(Loss { kind: LossKind::Rows, object: key.to_string(), certain: Truth::Yes });
        effects.reversible = Truth::No;
    }
    let Some(table) = table else { return };
    if table.system_versioning {
        effects.failures.push(failure::schema(4137, "a system-versioned table cannot be truncated", Truth::Yes));
    }
    let child = before.referencing_foreign_keys(&table.key).into_iter().find(|(child, _)| child.key != table.key);
    if let (Some((child, constraint)), true) = (child, Session::of(before).checks_foreign_keys) {
        let reason = format!("the foreign key `{}` of `{}` references it", constraint.name, child.key);
        effects.failures.push(failure::schema(1701, reason, Truth::Yes));
    }
}

/// InnoDB recreates the table and its indexes in place (manual: OPTIMIZE TABLE, InnoDB details).
fn optimize(effects: &mut Effects, change: &Change, table: Option<&Table>, before: &Catalog) {
    let Some(name) = &change.table else { return };
    missing_table(effects, Some(name), before, 1146);
    let key = before.resolve(name);
    push(effects, &key, LockMode::MetadataExclusive);
    let fulltext = table.is_some_and(|table| table.indexes.iter().any(|index| index.kind == crate::change::IndexKind::Fulltext));
    let (algorithm, dml) = match (fulltext, Server(before.target).is_mariadb()) {
        (true, false) => (Algorithm::Copy, Dml::Blocked),
        (true, true) => (Algorithm::Inplace, Dml::Blocked),
        (false, _) => (Algorithm::Inplace, Dml::Allowed),
    };
    effects.algorithm = Some(algorithm);
    effects.dml = Some(dml);
    effects.rebuild = Truth::Yes;
    effects.lasting = Truth::from(dml == Dml::Blocked);
    let under = Some(if dml == Dml::Blocked { LockMode::MetadataSharedNoWrite } else { LockMode::MetadataShared });
    effects.rewrites.push(Rewrite { table: key.to_string(), certain: Truth::Yes, reason: "OPTIMIZE recreates the table".to_owned() });
    effects.scans.push(Scan { table: key.to_string(), reason: ScanReason::Rewrite, certain: Truth::Yes, under });
}

fn drop_object(effects: &mut Effects, change: &Change, kind: ObjectKind, name: &ObjectName, if_exists: bool, before: &Catalog) {
    match kind {
        ObjectKind::View => {
            let key = before.resolve(name);
            if before.view(name).is_some() {
                push(effects, &key, LockMode::MetadataExclusive);
                effects.breaks.push(Breakage {
                    kind: BreakageKind::Name,
                    object: key.to_string(),
                    reason: format!("clients that read the view `{key}` fail with error 1146"),
                    certain: Truth::Yes,
                });
            } else if before.table(name).is_some() {
                if !if_exists {
                    let code = if Server(before.target).is_mariadb() { 4092 } else { 1347 };
                    effects.failures.push(failure::schema(code, format!("`{name}` is a table, not a view"), Truth::Yes));
                }
            } else if !if_exists {
                let code = if Server(before.target).is_mariadb() { 4092 } else { 1051 };
                missing_table(effects, Some(name), before, code);
            }
        }
        ObjectKind::Sequence if Server(before.target).is_mariadb() => sequence::dropped(effects, name, if_exists, before),
        ObjectKind::Trigger => {
            let owner = before.tables.iter().find(|(_, table)| table.trigger(&name.name.value).is_some()).map(|(key, _)| key.clone());
            match owner {
                Some(key) => push(effects, &key, LockMode::MetadataExclusive),
                None if !if_exists && !before.open_world && !before.tables.is_empty() => {
                    effects.failures.push(failure::schema(1360, format!("there is no trigger `{name}`"), Truth::Unknown));
                }
                None => {}
            }
            let _ = change;
        }
        ObjectKind::Function | ObjectKind::Procedure if !if_exists && before.presence(name) == Presence::NeverMade => {
            let absent = before.routine(name).is_none_or(|routine| routine.is_procedure != (kind == ObjectKind::Procedure));
            if absent {
                effects.failures.push(failure::schema(1305, format!("the routine `{name}` does not exist"), Truth::Yes));
            }
        }
        ObjectKind::Database | ObjectKind::Schema => {
            effects.losses.push(Loss { kind: LossKind::Schema, object: name.to_string(), certain: Truth::Yes });
            effects.reversible = Truth::No;
            let schema = name.name.value.to_lowercase();
            let keys: Vec<_> = before.tables.iter().filter(|(key, _)| key.schema == schema).map(|(key, _)| key.clone()).collect();
            for key in keys {
                push(effects, &key, LockMode::MetadataExclusive);
            }
        }
        _ => {}
    }
}

fn create_database(effects: &mut Effects, name: &str, tolerant: bool, before: &Catalog) {
    if !tolerant && before.schemas.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
        effects.failures.push(failure::schema(1007, format!("there is already a database `{name}`"), Truth::Yes));
    }
}
