//! Where the rows of an INSERT into a partitioned table go, as far as their keys are constants.

use sqlparser::ast::{Expr, Query, Value};

use super::drop::default_partition;
use super::partition::{key_column, taken};
use super::proof;
use super::prune;
use super::ranges::{Point, Ranges};
use super::scene::Scene;
use super::types::{self, Family};
use crate::catalog::{Table, filled_columns, is_default, written_rows};
use crate::change::{InsertRows, InsertSource, PartitionBound};

/// Where one row goes.
enum Place<'a> {
    /// Through these partitions, the last of which keeps it.
    Into(Vec<&'a Table>),
    /// No partition takes it.
    Nowhere,
    Unknown,
}

/// What becomes of all rows.
pub(super) struct Routes<'a> {
    /// The partitions that rows go through.
    pub locked: Vec<&'a Table>,
    /// A row that finds none.
    pub lost: bool,
    /// Some row goes where its values decide.
    pub unknown: bool,
}

pub(super) fn routes<'a>(scene: Scene<'a>, table: &'a Table, rows: &InsertRows, query: Option<&Query>) -> Routes<'a> {
    let mut routes = Routes { locked: Vec::new(), lost: false, unknown: false };
    let names = filled_columns(table, rows);
    let mut add = |values: Vec<&Expr>| {
        let given: Vec<(&str, &Expr)> = names.iter().copied().zip(values).collect();
        match place(scene, table, &given) {
            Place::Into(through) => {
                for partition in through {
                    if !routes.locked.iter().any(|known| known.key == partition.key) {
                        routes.locked.push(partition);
                    }
                }
            }
            Place::Nowhere => routes.lost = true,
            Place::Unknown => routes.unknown = true,
        }
    };
    let written = query.and_then(written_rows).filter(|written| written.whole);
    match (&rows.source, written) {
        (InsertSource::DefaultValues, _) => add(Vec::new()),
        (_, Some(written)) => {
            let sure = written.sure;
            written.rows.into_iter().for_each(add);
            // Whether any row comes, and so whether one is lost, its source decides.
            routes.lost &= sure;
        }
        _ => routes.unknown = true,
    }
    routes
}

fn place<'a>(scene: Scene<'a>, table: &'a Table, given: &[(&str, &Expr)]) -> Place<'a> {
    let mut through = Vec::new();
    let mut current = table;
    while current.partitioning.is_some() {
        if through.len() > 64 || !current.complete {
            return Place::Unknown;
        }
        match choose(scene, current, given) {
            Place::Into(next) => {
                let Some(partition) = next.first() else { return Place::Unknown };
                through.push(*partition);
                current = partition;
            }
            other => return other,
        }
    }
    Place::Into(through)
}

/// One level down.
fn choose<'a>(scene: Scene<'a>, table: &'a Table, given: &[(&str, &Expr)]) -> Place<'a> {
    let mut row = Vec::new();
    for column in prune::key_columns(table) {
        let Some(column) = column else { return Place::Unknown };
        let hashed = table.partitioning.as_ref().is_some_and(|partitioning| partitioning.by.strategy == "hash");
        if !hashed && !compares_as_written(scene, table, column) || !table.triggers.is_empty() {
            return Place::Unknown;
        }
        let Some(value) = value_of(table, column, given) else { return Place::Unknown };
        row.push(value);
    }
    if row.is_empty() {
        return Place::Unknown;
    }
    let whole: Option<Vec<Point>> = row.iter().cloned().collect();
    for partition in scene.children(&table.key) {
        let Some((_, bound)) = &partition.partition_of else { continue };
        let takes = match (bound, row.first(), &whole) {
            (PartitionBound::Default, _, _) => continue,
            // Nulls are nowhere in a range.
            (PartitionBound::Range { .. }, _, None) => Some(false),
            (PartitionBound::Range { from, to }, _, Some(row)) => prune::takes(from, to, row),
            (PartitionBound::List(_), Some(value), _) => taken(bound).and_then(|(used, nulls)| match value {
                None => Some(nulls),
                Some(point) => {
                    let point = Ranges::only(point.clone());
                    point.comparable(&used).then(|| !point.disjoint(&used))
                }
            }),
            (PartitionBound::List(_), None, _) => None,
            (PartitionBound::Hash { modulus, remainder }, _, _) => {
                super::hashed::takes(scene, table, &prune::key_columns(table), &row, (*modulus, *remainder))
            }
        };
        match takes {
            Some(true) => return Place::Into(vec![partition]),
            Some(false) => {}
            None => return Place::Unknown,
        }
    }
    match default_partition(scene, table) {
        Some(default) => Place::Into(vec![default]),
        None => Place::Nowhere,
    }
}

/// Numbers and moments compare as they are written; of texts and labels only whether they are equal.
fn compares_as_written(scene: Scene<'_>, table: &Table, column: &str) -> bool {
    let list = table.partitioning.as_ref().is_some_and(|partitioning| partitioning.by.strategy == "list");
    let data_type = table.columns.iter().find(|known| known.name == column).and_then(|known| known.data_type.as_ref());
    let Some(resolved) = data_type.map(|data_type| types::resolve(scene.catalog, data_type)) else { return false };
    let ordered = matches!(resolved.base.as_str(), "int2" | "int4" | "int8" | "numeric" | "date" | "timestamp");
    let equal = resolved.family == Family::Enum || matches!(resolved.base.as_str(), "text" | "varchar" | "bool");
    !resolved.array && (ordered || list && equal)
}

/// The key's value: `Some(None)` is null.
fn value_of(table: &Table, column: &str, given: &[(&str, &Expr)]) -> Option<Option<Point>> {
    let known = table.columns.iter().find(|known| known.name == column)?;
    let written = given.iter().find(|(name, _)| *name == column).map(|(_, value)| *value);
    let tree = match written {
        Some(tree) if !is_default(tree) => Some(tree),
        _ => None,
    };
    let tree = match (tree, &known.default) {
        (Some(tree), _) => tree,
        (None, Some(default)) => default.expression.tree.as_deref()?,
        (None, None) if known.identity.is_some() || known.generated.is_some() => return None,
        (None, None) => return Some(None),
    };
    if matches!(tree, Expr::Value(value) if matches!(value.value, Value::Null)) {
        return Some(None);
    }
    Some(Some(proof::literal(tree)?))
}

/// Whether the constants of a row written straight into a partition break its bound.
pub(super) fn outside(scene: Scene<'_>, partition: &Table, rows: &InsertRows, query: Option<&Query>) -> bool {
    let Some((parent, bound)) = &partition.partition_of else { return false };
    let (Some(parent), Some((range, nulls))) = (scene.table_at(parent), taken(bound)) else { return false };
    let Some(column) = key_column(parent).filter(|column| compares_as_written(scene, parent, column)) else { return false };
    let Some(written) = query.and_then(written_rows).filter(|written| written.sure && written.whole) else { return false };
    let names = filled_columns(partition, rows);
    partition.triggers.is_empty()
        && written.rows.iter().any(|row| {
            let given: Vec<(&str, &Expr)> = names.iter().copied().zip(row.iter().copied()).collect();
            match value_of(partition, column, &given) {
                Some(Some(point)) => Ranges::only(point).disjoint(&range),
                Some(None) => !nulls,
                None => false,
            }
        })
}
