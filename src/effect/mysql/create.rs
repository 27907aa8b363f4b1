//! CREATE TABLE and CREATE VIEW.

use super::draft::{Draft, same};
use super::locks::push;
use super::partition_key::Columns;
use super::server::Server;
use super::{bounds, failure};
use crate::catalog::{Catalog, Presence};
use crate::change::{Action, Change, ConstraintBody, CreateTable, CreateView, IndexKind, Persistence};
use crate::effect::{Breakage, BreakageKind, Effects, LockMode, Loss, LossKind, Scan, ScanReason, Truth};

pub(super) fn table(effects: &mut Effects, create: &CreateTable, before: &Catalog) {
    let server = Server(before.target);
    let key = before.resolve(&create.name);
    let temporary = create.persistence == Persistence::Temporary;
    if create.likes.iter().any(|like| before.resolve(&like.source) == key) {
        let reason = format!("`{}` cannot be made like itself", create.name);
        effects.failures.push(failure::schema(1066, reason, Truth::Yes));
        return;
    }
    let exists = before.presence(&create.name) == Presence::Present && !temporary;
    if exists && create.or_replace {
        replaced(effects, create, before);
    } else if exists && create.if_not_exists {
        return;
    } else if exists {
        let uncertain = before.table_at(&key).is_some_and(|table| table.uncertain);
        effects.failures.push(failure::schema(
            1050,
            format!("there is already a table `{}`", create.name),
            if uncertain { Truth::Unknown } else { Truth::Yes },
        ));
        return;
    }
    for like in &create.likes {
        push(effects, &before.resolve(&like.source), LockMode::MetadataShared);
        absent(effects, &like.source, before, 1146);
    }
    for source in create.as_query.iter().flatten() {
        let key = before.resolve(source);
        push(effects, &key, LockMode::MetadataShared);
        effects.scans.push(Scan {
            table: key.to_string(),
            reason: ScanReason::Query,
            certain: Truth::Unknown,
            under: Some(LockMode::MetadataShared),
        });
        absent(effects, source, before, 1146);
    }
    if temporary && create.constraints.iter().any(|constraint| matches!(constraint.body, ConstraintBody::ForeignKey(_))) {
        let code = if server.is_mariadb() { 1005 } else { 1215 };
        effects.failures.push(failure::schema(code, "a temporary table has no foreign keys", Truth::Yes));
    }
    if !create.columns.is_empty() && create.as_query.is_none() && create.columns.iter().all(|column| column.invisible == Some(true)) {
        let code = if server.is_mariadb() { 1113 } else { 4028 };
        effects.failures.push(failure::schema(code, "a table needs at least one column that can be seen", Truth::Yes));
    }
    let option =
        |name: &str| create.options.iter().rev().find(|option| option.name == name).map(|option| option.value.to_ascii_lowercase());
    let packed = option("key_block_size").is_some_and(|size| size != "0");
    let odd = option("key_block_size").is_some_and(|size| !matches!(size.as_str(), "0" | "1" | "2" | "4" | "8" | "16"));
    let own = option("engine").is_none_or(|engine| engine == "innodb");
    let format = option("row_format").unwrap_or_default();
    if own && (odd || format == "fixed" || packed && matches!(format.as_str(), "dynamic" | "compact" | "redundant")) {
        // innodb_strict_mode, which is on by default.
        let code = if server.is_mariadb() { 1005 } else { 1031 };
        effects.failures.push(failure::schema(code, "InnoDB has no such ROW_FORMAT and KEY_BLOCK_SIZE", Truth::Yes));
    }
    definition(effects, create, before);
    if let Some(name) = nullable_key(create).filter(|_| !server.is_mariadb()) {
        effects.failures.push(failure::schema(1171, format!("`{name}` is in the primary key and cannot be NULL"), Truth::Yes));
    }
    let partitions = create.partition_by.iter().flat_map(|by| &by.partitions);
    effects.failures.extend(bounds::refused(partitions.map(|partition| partition.bound.as_ref())));
    effects.failures.extend(failure::too_long(&create.name.name.value));
    partitioned(effects, create, server);
    let inline = create.columns.iter().flat_map(|column| &column.constraints).filter(|_| server.honours_inline_references());
    for constraint in create.constraints.iter().chain(inline) {
        if let ConstraintBody::ForeignKey(foreign) = &constraint.body {
            if let Some(name) = constraint.name.as_ref().filter(|_| own && !temporary) {
                effects.failures.extend(super::constraint::name_taken(before, &key, &name.value, 1005));
            }
            let parent = before.resolve(&foreign.references);
            if parent != key && before.table_at(&parent).is_some() {
                let mode = if server.locks_foreign_tables() { LockMode::MetadataExclusive } else { LockMode::MetadataShared };
                push(effects, &parent, mode);
            }
        }
    }
    if create.as_query.is_none() && create.likes.is_empty() && create.columns.is_empty() && create.virtual_module.is_none() {
        effects.failures.push(failure::schema(1113, "a table needs at least one column", Truth::Yes));
    }
}

/// A column of the primary key that says NULL.
fn nullable_key(create: &CreateTable) -> Option<&str> {
    let keys = create.constraints.iter().filter_map(|constraint| match &constraint.body {
        ConstraintBody::PrimaryKey(key) => Some(key),
        _ => None,
    });
    let mut named = keys.flat_map(|key| &key.columns).filter_map(|part| part.column_name());
    let says_null = |name: &str| create.columns.iter().find(|column| column.name.is(name) && column.null.is_some());
    named.find_map(|name| says_null(&name.value)).map(|column| column.name.value.as_str())
}

/// The definition through the same checks as an ALTER that adds everything.
fn definition(effects: &mut Effects, create: &CreateTable, before: &Catalog) {
    if create.columns.is_empty() {
        return;
    }
    let mut draft = Draft::new(before, None, false);
    let options = Action::TableOptions(create.options.clone());
    let mut actions = vec![options];
    actions.extend(create.columns.iter().map(|column| Action::AddColumn {
        column: Box::new(column.clone()),
        if_not_exists: false,
        place: None,
    }));
    actions.extend(create.indexes.iter().map(|index| Action::CreateIndex(Box::new(index.clone()))));
    actions.extend(create.constraints.iter().map(|constraint| Action::AddConstraint(Box::new(constraint.clone()))));
    for (at, action) in actions.into_iter().enumerate() {
        let change = Change::on(create.name.clone(), crate::source::Span::default(), action);
        draft.creating = true;
        draft.own_name = Some(create.name.name.value.clone());
        draft.apply(at, &change);
    }
    draft.finish();
    if create.as_query.is_none() {
        draft.check_whole();
    }
    for (_, failure) in draft.failures {
        let rows = failure.cause == crate::effect::FailureCause::Data;
        let computed = matches!(failure.code.as_str(), "1674" | "1911");
        if !rows && !computed && !effects.failures.iter().any(|known| known.code == failure.code && known.reason == failure.reason) {
            effects.failures.push(failure);
        }
    }
}

/// PARTITION BY names the table's own columns, and every unique key holds them.
fn partitioned(effects: &mut Effects, create: &CreateTable, server: Server) {
    let Some(by) = &create.partition_by else { return };
    let engine = create.options.iter().rev().find(|option| option.name == "engine").map(|option| option.value.as_str());
    if create.persistence == Persistence::Temporary {
        let code = if server.is_mariadb() { 1506 } else { 1562 };
        effects.failures.push(failure::schema(code, "a temporary table has no partitions", Truth::Yes));
    }
    effects.failures.extend(bounds::unnative(engine, server));
    effects.failures.extend(bounds::undefined(by));
    effects.failures.extend(bounds::miscounted(by));
    effects.failures.extend(bounds::misfit(&by.strategy, &by.partitions));
    effects.failures.extend(bounds::misshapen(by));
    if create.as_query.is_some() || !create.likes.is_empty() {
        return;
    }
    // MySQL asks the engine for it first (measured).
    if !server.is_mariadb() && create.indexes.iter().any(|index| index.kind == IndexKind::Fulltext) {
        effects.failures.push(failure::schema(1214, "a partitioned table has no FULLTEXT indexes", Truth::Yes));
        return;
    }
    let columns = || by.keys.iter().filter_map(|key| key.column_name());
    let mut seen: Vec<&str> = Vec::new();
    for partition in &by.partitions {
        if seen.iter().any(|name| same(name, &partition.name.value)) {
            let reason = format!("there are two partitions `{}`", partition.name);
            effects.failures.push(failure::schema(1517, reason, Truth::Yes));
        }
        seen.push(&partition.name.value);
    }
    let foreign = create.constraints.iter().any(|constraint| matches!(constraint.body, ConstraintBody::ForeignKey(_)));
    if foreign {
        effects.failures.push(failure::schema(1506, "a partitioned table has no foreign keys", Truth::Yes));
    }
    if let Some(failure) = Columns::of_new(create).refuse(by) {
        effects.failures.push(failure);
        return;
    }
    let inline = create.columns.iter().filter_map(|column| {
        let key = column.constraints.iter().any(|one| matches!(one.body, ConstraintBody::PrimaryKey(_) | ConstraintBody::Unique(_)));
        key.then(|| vec![column.name.value.clone()])
    });
    let named = create.constraints.iter().filter_map(|constraint| match &constraint.body {
        ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => {
            Some(key.columns.iter().filter_map(|part| part.column_name()).map(|name| name.value.clone()).collect())
        }
        _ => None,
    });
    let keys: Vec<Vec<String>> = inline.chain(named).collect();
    if keys.iter().any(|key| columns().any(|wanted| !key.iter().any(|name| same(name, &wanted.value)))) {
        effects.failures.push(failure::schema(1503, "every unique key must contain every column the table is partitioned by", Truth::Yes));
    }
}

/// MariaDB's CREATE OR REPLACE TABLE drops what was there.
fn replaced(effects: &mut Effects, create: &CreateTable, before: &Catalog) {
    let key = before.resolve(&create.name);
    push(effects, &key, LockMode::MetadataExclusive);
    effects.losses.push(Loss { kind: LossKind::Table, object: key.to_string(), certain: Truth::Yes });
    effects.reversible = Truth::No;
    let Some(table) = before.table_at(&key) else { return };
    for column in table.columns.iter().filter(|column| !create.columns.iter().any(|new| same(&new.name.value, &column.name))) {
        let object = format!("{key}.{}", column.name);
        effects.breaks.push(Breakage {
            kind: BreakageKind::Name,
            object,
            reason: format!("clients that use `{}` fail with error 1054", column.name),
            certain: Truth::Yes,
        });
    }
    let child = before.referencing_foreign_keys(&key).into_iter().find(|(child, _)| child.key != key);
    if let (Some((child, constraint)), true) = (child, super::session::Session::of(before).checks_foreign_keys) {
        let reason = format!("the foreign key `{}` of `{}` references it", constraint.name, child.key);
        effects.failures.push(failure::schema(1451, reason, Truth::Yes));
    }
}

fn absent(effects: &mut Effects, name: &crate::change::ObjectName, before: &Catalog, code: u16) {
    let certain = match before.presence(name) {
        Presence::Dropped => Truth::Yes,
        Presence::NeverMade => Truth::Yes,
        Presence::Present | Presence::Unknown => return,
    };
    effects.failures.push(failure::schema(code, format!("the table `{name}` does not exist"), certain));
}

/// CREATE VIEW and ALTER VIEW (`altered`), which wants one to be there.
pub(super) fn view(effects: &mut Effects, view: &CreateView, altered: bool, before: &Catalog) {
    let key = before.resolve(&view.name);
    if altered {
        absent(effects, &view.name, before, 1146);
    }
    let is_table = before.table_at(&key).is_some();
    let is_view = before.views.contains_key(&key);
    if is_table {
        let code = if view.or_replace { 1347 } else { 1050 };
        effects.failures.push(failure::schema(code, format!("`{}` is a table", view.name), Truth::Yes));
    } else if is_view && !view.or_replace && !view.if_not_exists {
        effects.failures.push(failure::schema(1050, format!("there is already a view `{}`", view.name), Truth::Yes));
    } else if is_view {
        push(effects, &key, LockMode::MetadataExclusive);
    }
    if !is_table && (is_view || view.or_replace) && view.reads.iter().any(|source| before.resolve(source) == key) {
        effects.failures.push(failure::schema(1146, format!("the view `{}` reads itself", view.name), Truth::Yes));
    }
    for source in &view.reads {
        push(effects, &before.resolve(source), LockMode::MetadataShared);
        absent(effects, source, before, 1146);
    }
}
