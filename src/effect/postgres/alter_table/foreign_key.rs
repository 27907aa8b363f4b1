//! Foreign keys: both tables are locked, and a validated one joins them.

use crate::catalog::{Constraint, Index, Table, TableKind};
use crate::change::{DataType, ForeignKey, Persistence};
use crate::effect::postgres::conversion::{binary_coercible, operator_family};
use crate::effect::postgres::outcome::Outcome;
use crate::effect::postgres::scene::{Scene, filled, has_storage, planned_indexes};
use crate::effect::postgres::types::{self, Family, Resolved};
use crate::effect::{FailureCause, LockMode, ScanReason, Truth};

/// Adds a foreign key to `family` (a table with its partitions). `column_type` is the type of a
/// column that is being added with it; `verified` when existing rows are checked.
pub(in crate::effect::postgres) fn add(
    scene: Scene<'_>,
    table: &Table,
    family: &[&Table],
    key: &ForeignKey,
    column_type: Option<&DataType>,
    verified: bool,
    out: &mut Outcome,
) {
    if table.partitioning.is_some() && scene.major < 11 {
        out.refuse("0A000", "foreign keys are not supported on partitioned tables before PostgreSQL 11");
        return;
    }
    let on_partitions = table.partitioning.is_some();
    if on_partitions {
        for member in family {
            out.lock(member, LockMode::ShareRowExclusive);
        }
    }
    let Some(parent) = references(scene, table, key, out) else { return };
    if scene.table_at(&table.key).is_some() {
        types_match(scene, table, parent, key, column_type, out);
    }
    if !verified {
        return;
    }
    let children: Vec<&Table> = if on_partitions { family.to_vec() } else { vec![table] };
    join(scene, &children, parent, out);
    may_refer_to_nothing(&children, out);
}

/// Locks the referenced table and checks that it can be referenced.
pub(in crate::effect::postgres) fn references<'a>(
    scene: Scene<'a>,
    table: &Table,
    key: &ForeignKey,
    out: &mut Outcome,
) -> Option<&'a Table> {
    let Some(parent) = scene.table(&key.references) else {
        match scene.relation(&key.references) {
            Some(_) => out.refuse("42809", format!("\"{}\" is not a table", key.references)),
            None => {
                let reason = format!("relation \"{}\" does not exist", key.references);
                out.fail("42P01", reason, FailureCause::Schema, scene.absence(&key.references));
            }
        }
        return None;
    };
    if matches!(parent.kind, TableKind::MaterializedView | TableKind::Foreign) {
        out.refuse("42809", format!("referenced relation \"{}\" is not a table", parent.key));
        return None;
    }
    out.lock(parent, LockMode::ShareRowExclusive);
    if parent.partitioning.is_some() {
        if scene.major < 12 {
            out.refuse("42809", format!("the partitioned table \"{}\" cannot be referenced before PostgreSQL 12", parent.key));
            return None;
        }
        for member in scene.descendants(parent) {
            out.lock(member, LockMode::ShareRowExclusive);
        }
    }
    if mismatched(table.persistence, parent.persistence) {
        out.refuse("42P16", "constraints may not mix permanent, unlogged and temporary tables this way");
        return None;
    }
    if !parent.complete {
        return Some(parent);
    }
    if key.referenced_columns.is_empty() {
        if parent.primary_key().is_none() {
            out.refuse("42704", format!("there is no primary key for the referenced table \"{}\"", parent.key));
            return None;
        }
    } else {
        if let Some(missing) = key.referenced_columns.iter().find(|name| !parent.columns.iter().any(|column| column.name == name.value)) {
            out.refuse("42703", format!("column \"{missing}\" referenced in the foreign key does not exist"));
            return None;
        }
        let wanted: Vec<&str> = key.referenced_columns.iter().map(|name| name.value.as_str()).collect();
        let unique = parent.indexes.iter().any(|index| {
            let columns: Vec<&str> = index.columns().collect();
            index.unique
                && index.predicate.is_none()
                && columns.len() == index.keys.len()
                && columns.len() == wanted.len()
                && wanted.iter().all(|name| columns.contains(name))
        });
        let late = |constraint: &crate::catalog::Constraint| {
            constraint.deferral != crate::change::Deferral::NotDeferrable
                && matches!(constraint.kind, crate::change::ConstraintKind::PrimaryKey | crate::change::ConstraintKind::Unique)
                && constraint.columns.len() == wanted.len()
                && wanted.iter().all(|name| constraint.columns.iter().any(|column| column == name))
        };
        if unique && parent.constraints.iter().any(late) {
            out.refuse("55000", format!("the key of \"{}\" is checked late, so that nothing can reference it", parent.key));
            return None;
        }
        if !unique {
            out.refuse("42830", format!("there is no unique constraint matching the given keys of \"{}\"", parent.key));
            return None;
        }
    }
    let columns: Vec<String> = key.referenced_columns.iter().map(|name| name.value.clone()).collect();
    lock_key(scene, parent, &columns, out);
    Some(parent)
}

/// Since 19 what a constraint comes to depend on is locked while that is noted: the index of the
/// referenced key. No columns stand for the primary key.
pub(in crate::effect::postgres) fn lock_key(scene: Scene<'_>, parent: &Table, columns: &[String], out: &mut Outcome) {
    if scene.major < 19 {
        return;
    }
    let primary: &[String] = parent.primary_key().map_or(&[], |key| &key.columns);
    let wanted = if columns.is_empty() { primary } else { columns };
    let serves = |index: &&Index| {
        index.unique
            && index.predicate.is_none()
            && index.keys.len() == wanted.len()
            && index.columns().all(|name| wanted.iter().any(|it| it == name))
    };
    if let Some(index) = parent.indexes.iter().find(serves) {
        out.lock_index(parent, index, LockMode::AccessShare);
    }
}

fn mismatched(child: Persistence, parent: Persistence) -> bool {
    match (child, parent) {
        (Persistence::Permanent, Persistence::Permanent)
        | (Persistence::Unlogged, Persistence::Permanent | Persistence::Unlogged)
        | (Persistence::Temporary, Persistence::Temporary) => false,
        (Persistence::Permanent, Persistence::Temporary | Persistence::Unlogged)
        | (Persistence::Unlogged, Persistence::Temporary)
        | (Persistence::Temporary, Persistence::Permanent | Persistence::Unlogged) => true,
    }
}

pub(in crate::effect::postgres) fn types_match(
    scene: Scene<'_>,
    table: &Table,
    parent: &Table,
    key: &ForeignKey,
    column_type: Option<&DataType>,
    out: &mut Outcome,
) {
    let referenced: Vec<String> = if key.referenced_columns.is_empty() {
        parent.primary_key().map(|key| key.columns.clone()).unwrap_or_default()
    } else {
        key.referenced_columns.iter().map(|name| name.value.clone()).collect()
    };
    if !key.columns.is_empty() && !referenced.is_empty() && key.columns.len() != referenced.len() {
        out.refuse("42830", "the foreign key and the referenced key have different numbers of columns");
        return;
    }
    for (own, other) in key.columns.iter().zip(&referenced) {
        let own_type = table.columns.iter().find(|column| column.name == own.value);
        let own_type =
            column_type.or_else(|| own_type.and_then(|column| column.data_type.as_ref())).or_else(|| added_type(scene, &own.value));
        if own_type.is_none() {
            if table.complete && !table.columns.iter().any(|column| column.name == own.value) && !table.columns.is_empty() {
                out.refuse("42703", format!("column \"{own}\" referenced in the foreign key does not exist"));
            }
            continue;
        }
        let other_type = parent.columns.iter().find(|column| column.name == *other).and_then(|column| column.data_type.as_ref());
        let (Some(own_type), Some(other_type)) = (own_type, other_type) else { continue };
        let own_type = types::resolve(scene.catalog, own_type);
        let other_type = types::resolve(scene.catalog, other_type);
        if comparable(&own_type, &other_type) == Truth::No {
            out.refuse("42804", format!("the key columns \"{own}\" and \"{other}\" are of incompatible types"));
        }
    }
}

/// The type of a column which the same ALTER TABLE adds.
fn added_type<'a>(scene: Scene<'a>, name: &str) -> Option<&'a DataType> {
    scene.actions().find_map(|action| match action {
        crate::change::Action::AddColumn { column, .. } if column.name.value == name => column.data_type.as_ref(),
        _ => None,
    })
}

/// Whether an equality operator of the referenced key's index takes the two types.
pub(super) fn comparable(own: &Resolved, other: &Resolved) -> Truth {
    if own.family == Family::Unknown || other.family == Family::Unknown {
        return if own.base == other.base { Truth::Yes } else { Truth::Unknown };
    }
    if own.array != other.array {
        return Truth::No;
    }
    let integers = |base: &str| matches!(base, "int2" | "int4" | "int8");
    let dates = |base: &str| matches!(base, "date" | "timestamp" | "timestamptz");
    let (a, b) = (own.base.as_str(), other.base.as_str());
    let same = a == b
        || (operator_family(own) == operator_family(other))
        || binary_coercible(own, other)
        || (integers(a) && integers(b))
        || (dates(a) && dates(b))
        || (own.is_string() && other.is_string())
        || (integers(a) && matches!(b, "numeric" | "float4" | "float8" | "oid"))
        || (matches!(a, "numeric" | "float4") && b == "float8")
        || (matches!(a, "float4" | "float8") && matches!(b, "float4" | "float8"));
    Truth::from(same)
}

/// The check of all rows: one query that joins both tables, planned with all their indexes.
fn join(scene: Scene<'_>, children: &[&Table], parent: &Table, out: &mut Outcome) {
    let mut read = Truth::No;
    for child in children {
        if planned_indexes(scene, child) {
            out.lock_indexes(child, LockMode::AccessShare);
        }
        out.scan(child, ScanReason::ForeignKey, Truth::Yes);
        read = read.max(if has_storage(child) { filled(child) } else { Truth::No });
    }
    for member in std::iter::once(parent).chain(scene.descendants(parent)) {
        if planned_indexes(scene, member) {
            out.lock_indexes(member, LockMode::AccessShare);
        }
        // An empty referencing table ends the join before the other side is read.
        if read != Truth::No {
            out.scan(member, ScanReason::ForeignKey, Truth::Yes);
        }
    }
}

fn may_refer_to_nothing(children: &[&Table], out: &mut Outcome) {
    let Some(first) = children.first() else { return };
    let read = children.iter().filter(|child| has_storage(child)).map(|child| filled(child)).max().unwrap_or(Truth::No);
    out.fail("23503", format!("rows of \"{}\" may refer to nothing", first.key), FailureCause::Data, Truth::Unknown.min(read));
}

fn parent<'a>(scene: Scene<'a>, constraint: &Constraint) -> Option<&'a Table> {
    scene.table_at(&constraint.foreign_key.as_ref()?.references)
}

/// VALIDATE CONSTRAINT: ROW SHARE on the referenced table.
pub(super) fn validate(scene: Scene<'_>, table: &Table, constraint: &Constraint, out: &mut Outcome) {
    let Some(parent) = parent(scene, constraint) else { return };
    out.lock(parent, LockMode::RowShare);
    let mut children = vec![table];
    if table.partitioning.is_some() {
        for member in scene.descendants(table) {
            out.lock(member, LockMode::ShareUpdateExclusive);
            children.push(member);
        }
    }
    join(scene, &children, parent, out);
    may_refer_to_nothing(&children, out);
}

/// ALTER CONSTRAINT … ENFORCED (18).
pub(super) fn enforce(scene: Scene<'_>, table: &Table, constraint: &Constraint, out: &mut Outcome) {
    let Some(parent) = parent(scene, constraint) else { return };
    out.lock(parent, LockMode::ShareRowExclusive);
    join(scene, &[table], parent, out);
    may_refer_to_nothing(&[table], out);
}

/// A foreign key dropped and made again because a column's type changes: both tables are locked;
/// the rows are checked again unless the comparison stays the same. They refer to what they did
/// before where every value stays what it is.
pub(super) fn remake(scene: Scene<'_>, child: &Table, parent: &Table, check: bool, keeps: bool, out: &mut Outcome) {
    out.lock(child, LockMode::AccessExclusive);
    out.lock(parent, LockMode::AccessExclusive);
    if check {
        join(scene, &[child], parent, out);
        if !keeps {
            may_refer_to_nothing(&[child], out);
        }
    }
}
