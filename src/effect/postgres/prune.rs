//! Which partitions a condition leaves out, and whether a bound takes a row: by every column of the
//! partition key, at every level, the default partition included.

use std::cmp::Ordering;

use sqlparser::ast::{BinaryOperator, Expr};

use super::partition::taken;
use super::proof;
use super::ranges::{Point, Ranges};
use super::scene::Scene;
use crate::catalog::{Key, Table};
use crate::change::{Expression, IndexPart, PartitionBound, Predicate};

/// Deeper trees of partitions are not followed.
const MAX_LEVELS: usize = 64;

/// Whether a WHERE keeps a partition of the table it asks out (planned away unlocked from 12).
pub(super) fn pruned(scene: Scene<'_>, asked: &Key, partition: &Table, predicate: &Predicate) -> bool {
    let Predicate::Where(condition) = predicate else { return false };
    condition.tree.as_deref().is_some_and(|tree| pruned_by(scene, asked, partition, tree))
}

/// The same for the condition itself: the partition's own bound, or that of one between it and the table.
pub(super) fn pruned_by(scene: Scene<'_>, asked: &Key, partition: &Table, tree: &Expr) -> bool {
    let mut current = partition;
    for _ in 0..MAX_LEVELS {
        if current.key == *asked {
            return false;
        }
        let Some((parent, bound)) = &current.partition_of else { return false };
        let Some(parent) = scene.table_at(parent) else { return false };
        if left_out(scene, parent, bound, tree) {
            return true;
        }
        current = parent;
    }
    false
}

fn left_out(scene: Scene<'_>, parent: &Table, bound: &PartitionBound, tree: &Expr) -> bool {
    let keys = key_columns(parent);
    let Some(Some(first)) = keys.first() else { return false };
    if asks_for_null(tree, first) {
        return match bound {
            PartitionBound::Range { .. } => true,
            PartitionBound::List(_) => taken(bound).is_some_and(|(_, nulls)| !nulls),
            PartitionBound::Default => siblings(scene, parent).any(|other| taken(other).is_some_and(|(_, nulls)| nulls)),
            PartitionBound::Hash { .. } => false,
        };
    }
    let allowed: Vec<Option<Ranges>> = keys.iter().map(|key| key.and_then(|column| proof::allowed(tree, column))).collect();
    match bound {
        PartitionBound::Range { from, to } => outside(from, to, &allowed),
        PartitionBound::List(_) => {
            allowed.first().and_then(Option::as_ref).zip(taken(bound)).is_some_and(|(allowed, (used, _))| allowed.disjoint(&used))
        }
        PartitionBound::Default if keys.len() == 1 => allowed.first().and_then(Option::as_ref).is_some_and(|allowed| {
            let used = siblings(scene, parent).filter_map(taken).fold(Ranges::none(), |all, (used, _)| all.union(&used));
            allowed.within(&used)
        }),
        // Another partition takes the only row there can be.
        PartitionBound::Default => {
            let row: Option<Vec<Point>> = allowed.iter().map(|set| set.as_ref().and_then(Ranges::single).cloned()).collect();
            row.is_some_and(|row| {
                siblings(scene, parent).any(|other| match other {
                    PartitionBound::Range { from, to } => takes(from, to, &row) == Some(true),
                    PartitionBound::List(_) | PartitionBound::Hash { .. } | PartitionBound::Default => false,
                })
            })
        }
        // Only where one value is asked for in every column of the key.
        PartitionBound::Hash { modulus, remainder } => {
            let row: Option<Vec<Option<Point>>> =
                allowed.iter().map(|set| set.as_ref().and_then(Ranges::single).cloned().map(Some)).collect();
            row.and_then(|row| super::hashed::takes(scene, parent, &keys, &row, (*modulus, *remainder))) == Some(false)
        }
    }
}

fn siblings<'a>(scene: Scene<'a>, parent: &Table) -> impl Iterator<Item = &'a PartitionBound> {
    scene.children(&parent.key).into_iter().filter_map(|child| child.partition_of.as_ref().map(|(_, bound)| bound))
}

/// The columns a table is partitioned by; `None` for an expression.
pub(super) fn key_columns(parent: &Table) -> Vec<Option<&str>> {
    let keys = parent.partitioning.as_ref().map(|partitioning| partitioning.by.keys.as_slice()).unwrap_or_default();
    keys.iter()
        .map(|key| match &key.part {
            IndexPart::Column(name) => Some(name.value.as_str()),
            IndexPart::Expression(_) => None,
        })
        .collect()
}

/// The condition holds for rows only whose column is null.
fn asks_for_null(tree: &Expr, column: &str) -> bool {
    match tree {
        Expr::Nested(inner) => asks_for_null(inner, column),
        Expr::IsNull(inner) => proof::is_column(inner, column),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => asks_for_null(left, column) || asks_for_null(right, column),
        _ => false,
    }
}

/// Whether every key these values can make lies outside of the range, for certain. Keys compare
/// column by column: the next counts only where the one before it meets the end exactly.
pub(super) fn outside(from: &[Expression], to: &[Expression], values: &[Option<Ranges>]) -> bool {
    all_below(from, values) || all_from(to, values) || between(from, to, values.first().and_then(Option::as_ref))
}

/// Values on both sides of the range, and none that its first column takes.
fn between(from: &[Expression], to: &[Expression], values: Option<&Ranges>) -> bool {
    let side = |end: Option<&Expression>| end.and_then(End::of);
    match (side(from.first()), side(to.first()), values) {
        (Some(End::At(low)), Some(End::At(high)), Some(values)) => {
            values.disjoint(&Ranges::at_least(low).intersect(&Ranges::at_most(high)))
        }
        _ => false,
    }
}

fn all_below(end: &[Expression], values: &[Option<Ranges>]) -> bool {
    let (Some((end, ends)), Some((Some(set), rest))) = (end.split_first(), values.split_first()) else { return false };
    match End::of(end) {
        Some(End::Max) => true,
        Some(End::Min) | None => false,
        Some(End::At(point)) => {
            set.disjoint(&Ranges::at_least(point.clone())) || set.disjoint(&Ranges::at_most(point).complement()) && all_below(ends, rest)
        }
    }
}

fn all_from(end: &[Expression], values: &[Option<Ranges>]) -> bool {
    let Some((end, ends)) = end.split_first() else { return true };
    let Some((Some(set), rest)) = values.split_first() else { return false };
    match End::of(end) {
        Some(End::Min) => true,
        Some(End::Max) | None => false,
        Some(End::At(point)) => {
            set.disjoint(&Ranges::at_most(point.clone())) || set.disjoint(&Ranges::below(point)) && all_from(ends, rest)
        }
    }
}

/// Whether a range takes the row with these key values; `None` where they do not compare.
pub(super) fn takes(from: &[Expression], to: &[Expression], row: &[Point]) -> Option<bool> {
    let values: Vec<Option<Ranges>> = row.iter().cloned().map(|point| Some(Ranges::only(point))).collect();
    let comparable = |ends: &[Expression]| {
        ends.iter().zip(&values).all(|(end, value)| match (End::of(end), value) {
            (Some(End::At(point)), Some(value)) => Ranges::only(point).comparable(value),
            (found, _) => found.is_some(),
        })
    };
    (from.len() == row.len() && comparable(from) && comparable(to)).then(|| !outside(from, to, &values))
}

/// Where `one` lies before `other`; `None` where that is not known.
pub(super) fn compare(one: &[Expression], other: &[Expression]) -> Option<Ordering> {
    for (one, other) in one.iter().zip(other) {
        let order = match (End::of(one)?, End::of(other)?) {
            (End::Min, End::Min) | (End::Max, End::Max) => Ordering::Equal,
            (End::Min, _) | (_, End::Max) => Ordering::Less,
            (End::Max, _) | (_, End::Min) => Ordering::Greater,
            (End::At(one), End::At(other)) => one.compare(&other)?,
        };
        if order != Ordering::Equal {
            return Some(order);
        }
    }
    Some(Ordering::Equal)
}

enum End {
    Min,
    Max,
    At(Point),
}

impl End {
    fn of(expression: &Expression) -> Option<End> {
        let text = expression.text.trim();
        if text.eq_ignore_ascii_case("minvalue") {
            Some(End::Min)
        } else if text.eq_ignore_ascii_case("maxvalue") {
            Some(End::Max)
        } else {
            proof::literal_of(expression).map(End::At)
        }
    }
}
