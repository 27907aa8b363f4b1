//! ATTACH and DETACH PARTITION, and the bound a partition has to keep.

use super::alter_table::add_foreign_key;
use super::drop::default_partition;
use super::index;
use super::outcome::Outcome;
use super::proof;
use super::prune;
use super::ranges::Ranges;
use super::scene::{Relation, Scene, filled, has_storage, index_key};
use crate::catalog::{Constraint, Table, postgres_columns};
use crate::change::{ConstraintKind, Expression, ForeignKey, Ident, IndexPart, ObjectName, PartitionBound, RefAction};
use crate::effect::{BreakageKind, FailureCause, LockMode, ScanReason, Truth};

pub(super) fn attach(scene: Scene<'_>, parent: &Table, partition: &ObjectName, bound: &PartitionBound, out: &mut Outcome) {
    let Some(child) = child_table(scene, partition, out) else { return };
    if parent.partitioning.is_none() && parent.complete {
        let code = if scene.at_least(18) { "42809" } else { "42P17" };
        out.refuse(code, format!("\"{}\" is not partitioned", parent.key));
        return;
    }
    let parent_mode = if scene.at_least(12) { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive };
    out.lock(parent, parent_mode);
    for member in scene.with_descendants(child) {
        out.lock(member, LockMode::AccessExclusive);
    }
    if child.partition_of.is_some() {
        out.refuse("42809", format!("\"{}\" is a partition already", child.key));
        return;
    }
    columns_match(parent, child, out);
    overlaps(scene, parent, bound, out);
    if out.will_fail() {
        return;
    }
    if let Some(default) = default_partition(scene, parent)
        && !matches!(bound, PartitionBound::Default)
    {
        out.lock(default, LockMode::AccessExclusive);
        scan_default(scene, parent, default, bound, out);
    }
    if !proven(scene, parent, child, bound) {
        for member in scene.with_descendants(child) {
            out.scan(member, ScanReason::Verify, Truth::Yes);
        }
        out.fail(
            "23514",
            format!("rows of \"{}\" may lie outside the bound", child.key),
            FailureCause::Data,
            Truth::Unknown.min(filled(child)),
        );
    }
    indexes(scene, parent, child, out);
    for constraint in parent.foreign_keys() {
        if let Some(key) = as_definition(constraint)
            && !child.foreign_keys().any(|own| own.columns == constraint.columns && own.foreign_key == constraint.foreign_key)
        {
            add_foreign_key(scene, child, &[child], &key, None, true, out);
            if scene.major < 12
                && let Some(referenced) = scene.table(&key.references)
            {
                let name = referenced.key.to_string();
                for lock in out.effects.locks.iter_mut().filter(|lock| lock.relation == name) {
                    lock.mode = LockMode::RowShare;
                }
            }
        }
    }
}

fn child_table<'a>(scene: Scene<'a>, name: &ObjectName, out: &mut Outcome) -> Option<&'a Table> {
    match scene.relation(name) {
        Some(Relation::Table(table)) => Some(table),
        Some(_) => {
            out.refuse("42809", format!("\"{name}\" is not a table"));
            None
        }
        None => {
            out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name));
            None
        }
    }
}

fn as_definition(constraint: &Constraint) -> Option<ForeignKey> {
    let key = constraint.foreign_key.as_ref()?;
    let ident = |name: &String| Ident { value: name.clone(), ..Ident::default() };
    Some(ForeignKey {
        columns: constraint.columns.iter().map(ident).collect(),
        references: ObjectName { schema: Some(ident(&key.references.schema)), name: ident(&key.references.name) },
        referenced_columns: key.referenced_columns.iter().map(ident).collect(),
        on_delete: RefAction::NoAction,
        on_delete_columns: Vec::new(),
        on_update: RefAction::NoAction,
        match_full: false,
        index_name: None,
    })
}

fn columns_match(parent: &Table, child: &Table, out: &mut Outcome) {
    if !parent.complete || !child.complete {
        return;
    }
    for column in &parent.columns {
        match child.columns.iter().find(|own| own.name == column.name) {
            None => {
                out.refuse("42804", format!("\"{}\" has no column \"{}\"", child.key, column.name));
                return;
            }
            Some(own) if column.not_null && !own.not_null => {
                out.refuse("42804", format!("column \"{}\" of \"{}\" must be NOT NULL", column.name, child.key));
                return;
            }
            Some(own) => {
                if let (Some(one), Some(other)) = (&own.data_type, &column.data_type)
                    && (one.name != other.name || one.args != other.args || one.array != other.array)
                    && !(one.is_serial() || other.is_serial())
                {
                    out.refuse("42804", format!("column \"{}\" of \"{}\" has another type", column.name, child.key));
                    return;
                }
            }
        }
    }
    if let Some(extra) = child.columns.iter().find(|own| !parent.columns.iter().any(|column| column.name == own.name)) {
        out.refuse("42804", format!("\"{}\" has a column \"{}\" that \"{}\" has not", child.key, extra.name, parent.key));
    }
}

/// The column a table is partitioned by, where it is one column.
pub(super) fn key_column(parent: &Table) -> Option<&str> {
    match parent.partitioning.as_ref()?.by.keys.as_slice() {
        [key] => match &key.part {
            IndexPart::Column(name) => Some(&name.value),
            IndexPart::Expression(_) => None,
        },
        _ => None,
    }
}

/// The values a bound takes; `None` where that is not understood. The flag says that it takes nulls.
pub(super) fn taken(bound: &PartitionBound) -> Option<(Ranges, bool)> {
    match bound {
        PartitionBound::Range { from, to } => {
            let ([from], [to]) = (from.as_slice(), to.as_slice()) else { return None };
            let low = if is_word(from, "minvalue") { Ranges::all() } else { Ranges::at_least(proof::literal_of(from)?) };
            let high = if is_word(to, "maxvalue") { Ranges::all() } else { Ranges::below(proof::literal_of(to)?) };
            Some((low.intersect(&high), false))
        }
        PartitionBound::List(values) => {
            let mut all = Ranges::none();
            let mut nulls = false;
            for value in values {
                if is_word(value, "null") {
                    nulls = true;
                } else {
                    all = all.union(&Ranges::only(proof::literal_of(value)?));
                }
            }
            Some((all, nulls))
        }
        PartitionBound::Default | PartitionBound::Hash { .. } => None,
    }
}

fn is_word(expression: &Expression, word: &str) -> bool {
    expression.text.trim().eq_ignore_ascii_case(word)
}

pub(super) fn overlaps(scene: Scene<'_>, parent: &Table, bound: &PartitionBound, out: &mut Outcome) {
    if matches!(bound, PartitionBound::Default) {
        if parent.partitioning.as_ref().is_some_and(|partitioning| partitioning.by.strategy == "hash") {
            out.refuse("42P16", format!("\"{}\" is partitioned by hash and takes no default partition", parent.key));
        } else if let Some(default) = default_partition(scene, parent) {
            out.refuse("42P17", format!("\"{}\" is the default partition already", default.key));
        }
        return;
    }
    if !fits_strategy(parent, bound, out) {
        return;
    }
    if let PartitionBound::Hash { modulus, remainder } = bound {
        hash_overlaps(scene, parent, (*modulus, *remainder), out);
        return;
    }
    if let PartitionBound::Range { from, to } = bound {
        ranges_overlap(scene, parent, from, to, out);
    }
    let Some((wanted, nulls)) = taken(bound) else { return };
    if matches!(bound, PartitionBound::Range { .. }) && !out.will_fail() && wanted.disjoint(&Ranges::all()) {
        out.refuse("42P17", "the bound of the partition is empty: it ends where it begins or before");
        return;
    }
    for sibling in scene.children(&parent.key) {
        let Some((_, other)) = &sibling.partition_of else { continue };
        if let Some((used, used_nulls)) = taken(other)
            && (certainly_meet(&wanted, &used) || (nulls && used_nulls))
        {
            out.refuse("42P17", format!("the bound overlaps the partition \"{}\"", sibling.key));
            return;
        }
    }
}

/// A range over several columns: as many values as columns, not empty, and nobody else's.
fn ranges_overlap(scene: Scene<'_>, parent: &Table, from: &[Expression], to: &[Expression], out: &mut Outcome) {
    let Some(partitioning) = &parent.partitioning else { return };
    let keys = partitioning.by.keys.len();
    if keys > 0 && (from.len() != keys || to.len() != keys) {
        out.refuse("42P16", "FROM and TO name one value for each column of the partition key");
        return;
    }
    if keys < 2 {
        return;
    }
    if prune::compare(from, to).is_some_and(std::cmp::Ordering::is_ge) {
        out.refuse("42P17", "the bound of the partition is empty: it ends where it begins or before");
        return;
    }
    for sibling in scene.children(&parent.key) {
        let Some((_, PartitionBound::Range { from: low, to: high })) = &sibling.partition_of else { continue };
        let meets = prune::compare(from, high).is_some_and(std::cmp::Ordering::is_lt)
            && prune::compare(low, to).is_some_and(std::cmp::Ordering::is_lt);
        if meets {
            out.refuse("42P17", format!("the bound overlaps the partition \"{}\"", sibling.key));
            return;
        }
    }
}

/// FROM … TO for ranges, IN for lists, WITH for hashes.
fn fits_strategy(parent: &Table, bound: &PartitionBound, out: &mut Outcome) -> bool {
    let Some(partitioning) = &parent.partitioning else { return true };
    let wanted = match bound {
        PartitionBound::Range { .. } => "range",
        PartitionBound::List(_) => "list",
        PartitionBound::Hash { .. } => "hash",
        PartitionBound::Default => return true,
    };
    let strategy = partitioning.by.strategy.as_str();
    if strategy != wanted && matches!(strategy, "range" | "list" | "hash") {
        out.refuse("42P16", format!("this is no bound of a {strategy} partition"));
        return false;
    }
    true
}

/// Moduli divide one another, remainders are below them, and no two partitions take the same rows.
fn hash_overlaps(scene: Scene<'_>, parent: &Table, (modulus, remainder): (u64, u64), out: &mut Outcome) {
    if modulus == 0 || remainder >= modulus {
        out.refuse("42P16", "the remainder of a hash partition must be less than its modulus");
        return;
    }
    let siblings = scene.children(&parent.key);
    let hashes = siblings.iter().filter_map(|sibling| match &sibling.partition_of {
        Some((_, PartitionBound::Hash { modulus, remainder })) if *modulus > 0 => Some((*modulus, *remainder, sibling)),
        _ => None,
    });
    for (other, rest, sibling) in hashes {
        if modulus.max(other) % modulus.min(other) != 0 {
            out.refuse("42P17", "every hash partition modulus must be a factor of the next larger modulus");
            return;
        }
        if remainder % modulus.min(other) == rest % modulus.min(other) {
            out.refuse("42P17", format!("the bound overlaps the partition \"{}\"", sibling.key));
            return;
        }
    }
}

/// Both sets are known and share a value.
fn certainly_meet(one: &Ranges, other: &Ranges) -> bool {
    !one.disjoint(other) && one.comparable(other)
}

fn never_null(table: &Table, column: &str) -> bool {
    table.columns.iter().any(|own| own.name == column && own.not_null) || proof::proves_not_null(table, column, &[])
}

/// Whether the child's constraints prove that every row fits (manual, ALTER TABLE, ATTACH PARTITION).
fn proven(scene: Scene<'_>, parent: &Table, child: &Table, bound: &PartitionBound) -> bool {
    let Some(column) = key_column(parent) else { return false };
    match bound {
        PartitionBound::Hash { .. } => false,
        PartitionBound::Default => {
            let others: Vec<&Table> = scene.children(&parent.key);
            if others.is_empty() {
                return true;
            }
            let Some(allowed) = proof::allowed_by_checks(child, column, &[]) else { return false };
            others.iter().all(|other| {
                other
                    .partition_of
                    .as_ref()
                    .and_then(|(_, bound)| taken(bound))
                    .is_some_and(|(used, nulls)| used.disjoint(&allowed) && (!nulls || never_null(child, column)))
            })
        }
        PartitionBound::Range { .. } | PartitionBound::List(_) => {
            let Some((wanted, nulls)) = taken(bound) else { return false };
            (nulls || never_null(child, column))
                && proof::allowed_by_checks(child, column, &[]).is_some_and(|allowed| allowed.within(&wanted))
        }
    }
}

/// The default partition must hold no row of the new one.
pub(super) fn scan_default(scene: Scene<'_>, parent: &Table, default: &Table, bound: &PartitionBound, out: &mut Outcome) {
    let excluded = key_column(parent).zip(taken(bound)).is_some_and(|(column, (wanted, nulls))| {
        !nulls && proof::allowed_by_checks(default, column, &[]).is_some_and(|allowed| allowed.disjoint(&wanted))
    });
    for member in scene.with_descendants(default) {
        if member.key != default.key {
            out.lock(member, LockMode::AccessExclusive);
        }
        if !excluded {
            out.scan(member, ScanReason::Verify, Truth::Yes);
        }
    }
    if !excluded {
        let reason = format!("rows of the default partition \"{}\" may belong to the new one", default.key);
        out.fail("23514", reason, FailureCause::Data, Truth::Unknown.min(filled(default)));
    }
}

/// Every index of the parent needs its like on the child; missing ones are built.
fn indexes(scene: Scene<'_>, parent: &Table, child: &Table, out: &mut Outcome) {
    for wanted in &parent.indexes {
        if scene.at_least(12) {
            out.lock_index(parent, wanted, LockMode::ShareUpdateExclusive);
        }
        for member in scene.with_descendants(child).into_iter().filter(|member| has_storage(member)) {
            let served = member.indexes.iter().any(|own| {
                index::serves(own, wanted) && (wanted.constraint.is_none() || own.constraint.is_some()) && own.attached_to.is_none()
            });
            if served {
                continue;
            }
            if wanted.primary && member.primary_key().is_some() {
                out.refuse("42P16", format!("\"{}\" has a primary key of its own", member.key));
                return;
            }
            let columns = postgres_columns(&wanted.keys, &[]);
            let suffix = if wanted.constraint.is_some() { "key" } else { "idx" };
            let name = if wanted.primary {
                format!("{}_pkey", member.key.name)
            } else {
                index::free_name(member, &format!("{}_{columns}_{suffix}", member.key.name))
            };
            out.scan(member, ScanReason::IndexBuild, Truth::Yes);
            out.build(member, &name, false, Truth::Yes);
        }
    }
}

pub(super) fn detach(scene: Scene<'_>, parent: &Table, partition: &ObjectName, concurrently: bool, finalize: bool, out: &mut Outcome) {
    if concurrently {
        out.forbid_transaction();
    }
    if parent.partitioning.is_none() && parent.complete {
        let code = if scene.at_least(18) { "42809" } else { "42P17" };
        out.refuse(code, format!("\"{}\" is not partitioned", parent.key));
        return;
    }
    let Some(child) = child_table(scene, partition, out) else { return };
    let is_partition = child.partition_of.as_ref().is_some_and(|(of, _)| *of == parent.key);
    if !is_partition && child.complete && parent.complete {
        out.refuse("42P01", format!("\"{}\" is not a partition of \"{}\"", child.key, parent.key));
        return;
    }
    let default = default_partition(scene, parent);
    if concurrently && let Some(default) = default {
        out.refuse("55000", format!("a partition cannot be detached CONCURRENTLY beside the default partition \"{}\"", default.key));
        return;
    }
    let gentle = concurrently || finalize;
    out.lock(parent, if gentle { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive });
    out.lock(child, if gentle || scene.at_least(14) { LockMode::AccessExclusive } else { LockMode::ShareUpdateExclusive });
    if let Some(default) = default {
        out.lock(default, LockMode::AccessExclusive);
    }
    // What is below it is opened as well, to take the triggers of the parent away (measured).
    for member in scene.descendants(child) {
        out.lock(member, LockMode::AccessExclusive);
    }
    for own in &child.indexes {
        if parent.indexes.iter().any(|index| own.attached_to.as_ref() == Some(&index_key(parent, index))) {
            out.lock_index(child, own, LockMode::AccessExclusive);
        }
    }
    // The partition's foreign keys become its own.
    for key in parent.constraints.iter().filter(|it| it.kind == ConstraintKind::ForeignKey).filter_map(|it| it.foreign_key.as_ref()) {
        if let Some(referenced) = scene.table_at(&key.references) {
            out.lock(referenced, LockMode::ShareRowExclusive);
        }
    }
    out.break_client(
        BreakageKind::Guarantee,
        parent.key.to_string(),
        format!("rows of \"{}\" are no longer found through the parent", child.key),
        Truth::Yes,
    );
}
