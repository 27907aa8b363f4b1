//! What a validated CHECK proves: that a column holds no null, that rows fit a partition's bound.
//!
//! The server compares the expressions' trees; so does this, for the shapes it understands. What
//! it does not understand proves nothing.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value};

use super::ranges::{Point, Ranges};
use crate::catalog::{Constraint, Table, Validity};
use crate::change::{ConstraintKind, Expression};

const MAX_DEPTH: u8 = 64;

/// CHECK constraints that hold for every row, in the order of the catalog.
pub(super) fn validated_checks<'a>(table: &'a Table, dropped: &'a [String]) -> impl Iterator<Item = &'a Constraint> {
    table.constraints.iter().filter(move |constraint| {
        constraint.kind == ConstraintKind::Check
            && constraint.validity == Validity::Valid
            && constraint.enforced
            && !dropped.contains(&constraint.name)
    })
}

/// From 12 SET NOT NULL skips the scan when a validated CHECK implies it (manual, ALTER TABLE).
pub(super) fn proves_not_null(table: &Table, column: &str, dropped: &[String]) -> bool {
    validated_checks(table, dropped)
        .filter_map(|constraint| constraint.expression.as_ref())
        .filter_map(|expression| expression.tree.as_ref())
        .any(|tree| implies_not_null(tree, column, MAX_DEPTH))
}

fn implies_not_null(tree: &Expr, column: &str, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match tree {
        Expr::Nested(inner) => implies_not_null(inner, column, depth),
        Expr::IsNotNull(inner) => is_column(inner, column),
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => is_null_test(expr, column),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            implies_not_null(left, column, depth) || implies_not_null(right, column, depth)
        }
        Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
            implies_not_null(left, column, depth) && implies_not_null(right, column, depth)
        }
        _ => false,
    }
}

fn is_null_test(tree: &Expr, column: &str) -> bool {
    match tree {
        Expr::Nested(inner) => is_null_test(inner, column),
        Expr::IsNull(inner) => is_column(inner, column),
        _ => false,
    }
}

/// A column named alone or behind its table.
pub(super) fn is_column(tree: &Expr, column: &str) -> bool {
    match tree {
        Expr::Nested(inner) => is_column(inner, column),
        Expr::Identifier(name) => same(name, column),
        Expr::CompoundIdentifier(names) => names.last().is_some_and(|name| same(name, column)),
        _ => false,
    }
}

pub(super) fn same(name: &sqlparser::ast::Ident, column: &str) -> bool {
    if name.quote_style.is_some() { name.value == column } else { name.value.to_lowercase() == column }
}

/// The values of a column that a condition lets through; `None` when it is not understood.
pub(super) fn allowed(tree: &Expr, column: &str) -> Option<Ranges> {
    allowed_at(tree, column, MAX_DEPTH)
}

fn allowed_at(tree: &Expr, column: &str, depth: u8) -> Option<Ranges> {
    let depth = depth.checked_sub(1)?;
    match tree {
        Expr::Nested(inner) => allowed_at(inner, column, depth),
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => exact(expr, column, depth).map(|ranges| ranges.complement()),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            match (allowed_at(left, column, depth), allowed_at(right, column, depth)) {
                (Some(left), Some(right)) => Some(left.intersect(&right)),
                (Some(one), None) | (None, Some(one)) => Some(one),
                (None, None) => None,
            }
        }
        Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
            Some(allowed_at(left, column, depth)?.union(&allowed_at(right, column, depth)?))
        }
        _ => exact(tree, column, depth),
    }
}

/// As [`allowed`], but only where the set is exactly what the condition says.
fn exact(tree: &Expr, column: &str, depth: u8) -> Option<Ranges> {
    let depth = depth.checked_sub(1)?;
    match tree {
        Expr::Nested(inner) => exact(inner, column, depth),
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => exact(expr, column, depth).map(|ranges| ranges.complement()),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            Some(exact(left, column, depth)?.intersect(&exact(right, column, depth)?))
        }
        Expr::BinaryOp { left, op: BinaryOperator::Or, right } => Some(exact(left, column, depth)?.union(&exact(right, column, depth)?)),
        Expr::BinaryOp { left, op, right } => {
            if is_column(left, column) {
                compared(op, &literal(right)?)
            } else if is_column(right, column) {
                compared(&mirrored(op)?, &literal(left)?)
            } else {
                None
            }
        }
        Expr::Between { expr, negated, low, high } if is_column(expr, column) => {
            let within = Ranges::at_least(literal(low)?).intersect(&Ranges::at_most(literal(high)?));
            Some(if *negated { within.complement() } else { within })
        }
        Expr::InList { expr, list, negated } if is_column(expr, column) => {
            let mut all = Ranges::none();
            for item in list {
                all = all.union(&Ranges::only(literal(item)?));
            }
            Some(if *negated { all.complement() } else { all })
        }
        Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. } if is_column(left, column) => {
            let Expr::Array(array) = uncast(right) else { return None };
            let mut all = Ranges::none();
            for item in &array.elem {
                all = all.union(&Ranges::only(literal(item)?));
            }
            Some(all)
        }
        _ => None,
    }
}

fn compared(op: &BinaryOperator, value: &Point) -> Option<Ranges> {
    let value = value.clone();
    match op {
        BinaryOperator::Eq => Some(Ranges::only(value)),
        BinaryOperator::NotEq => Some(Ranges::only(value).complement()),
        BinaryOperator::Lt => Some(Ranges::at_least(value).complement()),
        BinaryOperator::LtEq => Some(Ranges::at_most(value)),
        BinaryOperator::Gt => Some(Ranges::at_most(value).complement()),
        BinaryOperator::GtEq => Some(Ranges::at_least(value)),
        _ => None,
    }
}

fn mirrored(op: &BinaryOperator) -> Option<BinaryOperator> {
    match op {
        BinaryOperator::Eq => Some(BinaryOperator::Eq),
        BinaryOperator::NotEq => Some(BinaryOperator::NotEq),
        BinaryOperator::Lt => Some(BinaryOperator::Gt),
        BinaryOperator::LtEq => Some(BinaryOperator::GtEq),
        BinaryOperator::Gt => Some(BinaryOperator::Lt),
        BinaryOperator::GtEq => Some(BinaryOperator::LtEq),
        _ => None,
    }
}

fn uncast(tree: &Expr) -> &Expr {
    let mut tree = tree;
    for _ in 0..MAX_DEPTH {
        match tree {
            Expr::Nested(inner) => tree = inner,
            Expr::Cast { expr, .. } => tree = expr,
            _ => break,
        }
    }
    tree
}

/// A literal as a point on the line of its type.
pub(super) fn literal(tree: &Expr) -> Option<Point> {
    match uncast(tree) {
        Expr::Value(value) => match &value.value {
            Value::Number(number, _) => Point::number(number),
            Value::SingleQuotedString(text) => Some(Point::text(text)),
            Value::Boolean(value) => Some(Point::text(if *value { "true" } else { "false" })),
            _ => None,
        },
        Expr::TypedString(typed) => match &typed.value.value {
            Value::SingleQuotedString(text) => Some(Point::text(text)),
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match uncast(expr) {
            Expr::Value(value) => match &value.value {
                Value::Number(number, _) => Point::number(&format!("-{number}")),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn literal_of(expression: &Expression) -> Option<Point> {
    literal(expression.tree.as_ref()?)
}

/// What all validated CHECKs of a table together let through for a column.
pub(super) fn allowed_by_checks(table: &Table, column: &str, dropped: &[String]) -> Option<Ranges> {
    validated_checks(table, dropped)
        .filter_map(|constraint| allowed(constraint.expression.as_ref()?.tree.as_ref()?, column))
        .reduce(|one, other| one.intersect(&other))
}
