//! The names of an expression.

use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments};

use super::query;
use super::scope::{Scope, Stranger};

/// The first name that stands for nothing.
pub(super) fn check(tree: &Expr, scope: Scope<'_>) -> Option<Stranger> {
    let of = |inner: &Expr| check(inner, scope);
    match tree {
        Expr::Identifier(ident) => scope.column(ident),
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [qualifier, column] => scope.qualified(qualifier, column),
            _ => None,
        },
        Expr::BinaryOp { left, right, .. } | Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
            of(left).or_else(|| of(right))
        }
        Expr::AnyOp { left, right, .. } | Expr::AllOp { left, right, .. } => of(left).or_else(|| of(right)),
        Expr::UnaryOp { expr, .. }
        | Expr::Nested(expr)
        | Expr::Cast { expr, .. }
        | Expr::IsNull(expr)
        | Expr::IsNotNull(expr)
        | Expr::IsTrue(expr)
        | Expr::IsNotTrue(expr)
        | Expr::IsFalse(expr)
        | Expr::IsNotFalse(expr)
        | Expr::IsUnknown(expr)
        | Expr::IsNotUnknown(expr)
        | Expr::Collate { expr, .. }
        | Expr::Extract { expr, .. }
        | Expr::Ceil { expr, .. }
        | Expr::Floor { expr, .. }
        | Expr::AtTimeZone { timestamp: expr, .. } => of(expr),
        Expr::Between { expr, low, high, .. } => of(expr).or_else(|| of(low)).or_else(|| of(high)),
        Expr::Like { expr, pattern, .. } | Expr::ILike { expr, pattern, .. } | Expr::SimilarTo { expr, pattern, .. } => {
            of(expr).or_else(|| of(pattern))
        }
        Expr::InList { expr, list, .. } => of(expr).or_else(|| list.iter().find_map(of)),
        Expr::Tuple(list) => list.iter().find_map(of),
        Expr::InSubquery { expr, subquery, .. } => of(expr).or_else(|| query::check(subquery, scope.catalog, Some(&scope))),
        Expr::Exists { subquery, .. } | Expr::Subquery(subquery) => query::check(subquery, scope.catalog, Some(&scope)),
        Expr::Case { operand, conditions, else_result, .. } => operand
            .as_deref()
            .and_then(of)
            .or_else(|| conditions.iter().find_map(|when| of(&when.condition).or_else(|| of(&when.result))))
            .or_else(|| else_result.as_deref().and_then(of)),
        Expr::Substring { expr, substring_from, substring_for, .. } => {
            of(expr).or_else(|| substring_from.as_deref().and_then(of)).or_else(|| substring_for.as_deref().and_then(of))
        }
        Expr::Trim { expr, .. } => of(expr),
        Expr::Function(function) => arguments(function, scope),
        _ => None,
    }
}

fn arguments(function: &Function, scope: Scope<'_>) -> Option<Stranger> {
    let FunctionArguments::List(list) = &function.args else { return None };
    list.args.iter().find_map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(inner)) => check(inner, scope),
        _ => None,
    })
}
