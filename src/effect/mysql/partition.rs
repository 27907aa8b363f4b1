//! Partition maintenance. MySQL 8 partitions natively and takes ALGORITHM and LOCK; MariaDB (and MySQL
//! 5.7) work through the partitions in the SQL layer, copying rows where they move.

use super::assertion::{Asked, Lock, asked};
use super::locks;
use super::partition_key::Columns;
use super::server::Server;
use super::{bounds, exchange, failure};
use crate::catalog::{Catalog, Partitioning, Rows, Table};
use crate::change::{Action, Change, PartitionAction, PartitionBy, Statement};
use crate::effect::{Algorithm, Alone, Dml, Effects, LockMode, Loss, LossKind, Rewrite, Scan, ScanReason, Truth};

pub(super) fn effects(statement: &Statement, before: &Catalog) -> Vec<Effects> {
    statement.changes.iter().map(|change| one(statement, change, before)).collect()
}

/// What a partition action does to the rows.
struct Work {
    algorithm: Algorithm,
    rebuild: bool,
    dml: Dml,
    /// ALGORITHM and LOCK are read and have no effect.
    deaf: bool,
    /// The whole table is copied by the SQL layer.
    whole: bool,
}

fn work(action: &PartitionAction, table: Option<&Table>, server: Server) -> Work {
    let hashed = table.and_then(|table| table.partitioning.as_ref()).is_some_and(hashed);
    let native = server.partitions_in_place();
    let light = Work { algorithm: Algorithm::Inplace, rebuild: false, dml: Dml::Allowed, deaf: false, whole: false };
    let moved = Work {
        algorithm: if native { Algorithm::Inplace } else { Algorithm::Copy },
        rebuild: true,
        dml: Dml::Blocked,
        deaf: false,
        whole: false,
    };
    match action {
        PartitionAction::Add { count, .. } if hashed || count.is_some() => moved,
        PartitionAction::Add { .. } | PartitionAction::Drop { .. } => light,
        PartitionAction::Truncate { .. } | PartitionAction::Exchange { .. } => Work { dml: Dml::Blocked, deaf: true, ..light },
        PartitionAction::Discard { .. } | PartitionAction::Import { .. } => Work { dml: Dml::Blocked, deaf: true, ..light },
        PartitionAction::Reorganize { .. } | PartitionAction::Coalesce { .. } | PartitionAction::Rebuild { .. } => moved,
        PartitionAction::Optimize { .. } => Work { deaf: true, algorithm: Algorithm::Inplace, ..moved },
        PartitionAction::Analyze { .. } | PartitionAction::Check { .. } => Work { deaf: true, ..light },
        PartitionAction::Repair { .. } => Work { deaf: true, dml: Dml::Blocked, ..light },
        PartitionAction::Remove | PartitionAction::By(_) => {
            let dml = if server.online_copy() { Dml::Allowed } else { Dml::Blocked };
            Work { algorithm: Algorithm::Copy, rebuild: true, dml, deaf: false, whole: true }
        }
    }
}

fn hashed(partitioning: &Partitioning) -> bool {
    let strategy = partitioning.by.strategy.as_str();
    strategy.contains("hash") || strategy.contains("key")
}

fn one(statement: &Statement, change: &Change, before: &Catalog) -> Effects {
    let mut effects = Effects { reversible: Truth::Yes, implicit_commit: true, ..Effects::default() };
    let Some(name) = &change.table else { return effects };
    let Action::Partition(action) = &change.action else { return effects };
    let table = before.table(name);
    let key = before.resolve(name);
    let server = Server(before.target);
    let work = work(action, table, server);
    effects.algorithm = Some(work.algorithm);
    effects.rebuild = Truth::from(work.rebuild);
    effects.dml = Some(work.dml);
    effects.alone = Some(Alone { algorithm: work.algorithm, rebuild: work.rebuild, dml: work.dml });
    let analysing = matches!(action, PartitionAction::Analyze { .. } | PartitionAction::Check { .. });
    locks::push(&mut effects, &key, if analysing { LockMode::MetadataShared } else { LockMode::MetadataExclusive });
    if let PartitionAction::Exchange { with, .. } = action {
        locks::push(&mut effects, &before.resolve(with), LockMode::MetadataExclusive);
    }
    let shown = key.to_string();
    let under = Some(if work.dml == Dml::Blocked { LockMode::MetadataSharedNoWrite } else { LockMode::MetadataShared });
    if work.rebuild {
        let reason = match action {
            PartitionAction::By(_) => "every row moves to its partition",
            PartitionAction::Remove => "every row moves out of its partition",
            PartitionAction::Rebuild { .. } | PartitionAction::Optimize { .. } => "the rows of the partitions are written anew",
            _ => "rows move between partitions",
        };
        effects.rewrites.push(Rewrite { table: shown.clone(), certain: Truth::Yes, reason: reason.to_owned() });
        effects.scans.push(Scan { table: shown.clone(), reason: ScanReason::Rewrite, certain: Truth::Yes, under });
        if work.dml == Dml::Blocked {
            effects.lasting = Truth::Yes;
        }
    }
    losses(&mut effects, action, &shown, table);
    checks(&mut effects, action, table, &key.to_string(), before);
    if let PartitionAction::Exchange { without_validation: false, .. } = action {
        let with_scan = Scan { table: shown, reason: ScanReason::Verify, certain: Truth::Yes, under: Some(LockMode::MetadataExclusive) };
        effects.scans.push(with_scan);
        effects.lasting = Truth::Yes;
    }
    if !work.deaf || !server.partitions_in_place() {
        assert(&mut effects, statement, &work, server);
    }
    effects
}

fn losses(effects: &mut Effects, action: &PartitionAction, table: &str, known: Option<&Table>) {
    // The servers drop such rows without a word (measured on every one).
    if let (PartitionAction::Reorganize { names, into }, Some(partitioning)) =
        (action, known.filter(|table| table.rows != Rows::None).and_then(|table| table.partitioning.as_ref()))
        && let Some(left) = bounds::left_out(partitioning, names, into)
    {
        effects.reversible = Truth::No;
        effects.losses.push(Loss { kind: LossKind::Rows, object: format!("{table}.{left}"), certain: Truth::Yes });
        return;
    }
    let (names, kind) = match action {
        PartitionAction::Drop { names, .. } => (names, LossKind::Partition),
        PartitionAction::Truncate { names } => (names, LossKind::Rows),
        _ => return,
    };
    effects.reversible = Truth::No;
    let empty = known.is_some_and(|table| table.rows == Rows::None);
    if empty {
        return;
    }
    if names.is_empty() {
        effects.losses.push(Loss { kind, object: table.to_owned(), certain: Truth::Yes });
    }
    for name in names {
        effects.losses.push(Loss { kind, object: format!("{table}.{name}"), certain: Truth::Yes });
    }
}

fn checks(effects: &mut Effects, action: &PartitionAction, table: Option<&Table>, shown: &str, before: &Catalog) {
    let Some(table) = table else { return };
    let Some(partitioning) = &table.partitioning else {
        let creates = matches!(action, PartitionAction::By(_));
        let maintains = matches!(
            action,
            PartitionAction::Add { .. }
                | PartitionAction::Drop { .. }
                | PartitionAction::Reorganize { .. }
                | PartitionAction::Coalesce { .. }
                | PartitionAction::Rebuild { .. }
                | PartitionAction::Exchange { .. }
                | PartitionAction::Truncate { .. }
                | PartitionAction::Remove
        );
        if maintains && !creates && table.complete && !table.uncertain {
            effects.failures.push(failure::schema(1505, format!("`{shown}` is not partitioned"), Truth::Yes));
        }
        if let PartitionAction::By(by) = action {
            divided(effects, by, table, before);
        }
        return;
    };
    if let PartitionAction::By(by) = action {
        divided(effects, by, table, before);
    }
    let has = |name: &str| partitioning.partitions.iter().any(|key| key.name.eq_ignore_ascii_case(name));
    let known = !partitioning.partitions.is_empty();
    match action {
        PartitionAction::Coalesce { count: 0 } if hashed(partitioning) => {
            effects.failures.push(failure::schema(1515, "at least one partition must go", Truth::Yes));
        }
        PartitionAction::Reorganize { names, into } if names.is_empty() && into.is_empty() && !hashed(partitioning) => {
            let reason = "REORGANIZE PARTITION without partitions is for HASH and KEY";
            effects.failures.push(failure::schema(1511, reason, Truth::Yes));
        }
        PartitionAction::Coalesce { count } if hashed(partitioning) && known && *count as usize >= partitioning.partitions.len() => {
            effects.failures.push(failure::schema(1508, "the last partition cannot go: drop the table", Truth::Yes));
        }
        PartitionAction::Drop { .. } if hashed(partitioning) => {
            effects.failures.push(failure::schema(1512, "only RANGE and LIST partitions can be dropped", Truth::Yes));
        }
        PartitionAction::Drop { names, if_exists } if known => {
            if let Some(name) = names.iter().find(|name| !has(&name.value)).filter(|_| !if_exists) {
                effects.failures.push(failure::schema(1507, format!("there is no partition `{name}`"), Truth::Yes));
            } else if names.len() >= partitioning.partitions.len() {
                effects.failures.push(failure::schema(1508, "the last partition cannot be dropped: drop the table", Truth::Yes));
            }
        }
        PartitionAction::Add { partitions, count } => {
            effects.failures.extend(bounds::misfit(&partitioning.by.strategy, partitions));
            if count.is_some() && !hashed(partitioning) {
                effects.failures.push(failure::schema(1492, "each partition of RANGE and LIST must be defined", Truth::Yes));
            }
            if let Some(known) = partitions.iter().find(|partition| has(&partition.name.value)) {
                effects.failures.push(failure::schema(1517, format!("there is already a partition `{}`", known.name), Truth::Yes));
            }
            effects.failures.extend(bounds::refused(bounds::in_order(partitioning).chain(partitions.iter().map(|it| it.bound.as_ref()))));
        }
        PartitionAction::Truncate { names } if known => {
            if let Some(name) = names.iter().find(|name| !has(&name.value)) {
                effects.failures.push(failure::schema(1735, format!("there is no partition `{name}`"), Truth::Yes));
            }
        }
        PartitionAction::Exchange { name, with, without_validation } => {
            effects.failures.extend(exchange::refused(table, partitioning, name, with, *without_validation, before));
        }
        PartitionAction::Coalesce { .. } if !hashed(partitioning) => {
            effects.failures.push(failure::schema(1509, "only HASH and KEY partitions can be coalesced", Truth::Yes));
        }
        PartitionAction::Rebuild { names } | PartitionAction::Reorganize { names, .. } if known => {
            if let Some(name) = names.iter().find(|name| !has(&name.value)) {
                effects.failures.push(failure::schema(1507, format!("there is no partition `{name}`"), Truth::Yes));
            } else if let PartitionAction::Reorganize { into, .. } = action {
                effects.failures.extend(bounds::reorganised(partitioning, names, into));
            }
        }
        _ => {}
    }
    if let PartitionAction::Reorganize { into, .. } = action {
        effects.failures.extend(bounds::refused(into.iter().map(|it| it.bound.as_ref())));
    }
}

/// Every unique key must contain the columns of the partitioning.
fn unique_keys(effects: &mut Effects, table: &Table, by: &PartitionBy) {
    let columns: Vec<&str> = by.keys.iter().filter_map(|key| key.column_name()).map(|name| name.value.as_str()).collect();
    let bad = table.indexes.iter().find(|index| (index.unique || index.primary) && columns.iter().any(|column| !index.uses(column)));
    if let Some(index) = bad {
        let kind = if index.primary { "the primary key".to_owned() } else { format!("the unique key `{}`", index.name) };
        effects.failures.push(failure::schema(1503, format!("{kind} must contain every column the table is partitioned by"), Truth::Yes));
    }
}

/// PARTITION BY, in the order in which the servers look (measured): MariaDB at foreign keys on either
/// side before all else, MySQL at the table's own first and at those of others last.
fn divided(effects: &mut Effects, by: &PartitionBy, table: &Table, before: &Catalog) {
    let mariadb = Server(before.target).is_mariadb();
    let code = if mariadb { 1217 } else { 1506 };
    let tied = failure::schema(code, "a table that takes part in a foreign key cannot be partitioned", Truth::Yes);
    let own = table.foreign_keys().next().is_some();
    let referenced = !before.referencing_foreign_keys(&table.key).is_empty();
    if own || mariadb && referenced {
        effects.failures.push(tied.clone());
    }
    let server = Server(before.target);
    if let Some(refusal) = bounds::unnative(table.option("engine"), server) {
        effects.failures.push(refusal);
    }
    effects.failures.extend(bounds::undefined(by));
    effects.failures.extend(bounds::miscounted(by));
    effects.failures.extend(bounds::misfit(&by.strategy, &by.partitions));
    effects.failures.extend(bounds::misshapen(by));
    effects.failures.extend(Columns::of_table(table).refuse(by));
    effects.failures.extend(bounds::named_twice(&by.partitions));
    unique_keys(effects, table, by);
    effects.failures.extend(bounds::refused(by.partitions.iter().map(|it| it.bound.as_ref())));
    if !own && !mariadb && referenced {
        effects.failures.push(tied);
    }
    if table.rows != Rows::None && bounds::leave_out(by) {
        let reason = "a row that belongs in none of the partitions stops it";
        effects.failures.push(failure::data(1526, reason, Truth::Unknown));
    }
}

fn assert(effects: &mut Effects, statement: &Statement, work: &Work, server: Server) {
    let (algorithm, lock) = asked(&statement.modifiers);
    let clause = statement.modifiers.algorithm.as_ref().or(statement.modifiers.lock.as_ref()).map(|assertion| assertion.span);
    let code = if algorithm == Asked::Instant && !server.is_mariadb() && !server.has_instant() {
        Some(1800)
    } else if work.whole {
        match (algorithm, lock) {
            (Asked::Instant | Asked::Nocopy, Lock::Default | Lock::Shared | Lock::Exclusive) if server.ignores_impossible_algorithm() => {
                None
            }
            (Asked::Instant | Asked::Nocopy, Lock::None) if server.ignores_impossible_algorithm() && work.dml == Dml::Blocked => Some(1846),
            (Asked::Instant | Asked::Inplace | Asked::Nocopy, _) => Some(1845),
            (_, Lock::None) if work.dml == Dml::Blocked => Some(1846),
            _ => None,
        }
    } else if server.partitions_in_place() {
        match (algorithm, lock) {
            (Asked::Instant, Lock::Default) => Some(1845),
            (Asked::Instant, _) => Some(1221),
            (Asked::Copy, Lock::None) => Some(1846),
            (Asked::Default | Asked::Inplace, Lock::None) if work.dml == Dml::Blocked => Some(1845),
            _ => None,
        }
    } else if statement.modifiers.algorithm.is_some() || statement.modifiers.lock.is_some() {
        Some(1064)
    } else {
        None
    };
    if let Some(code) = code {
        effects.failures.push(failure::assertion(
            code,
            "the ALGORITHM or LOCK clause cannot be met by this partition operation",
            Truth::Yes,
            clause,
        ));
    }
}
