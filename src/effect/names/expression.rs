//! The names of an expression.

use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectNamePart};

use super::native::{Native, native};
use super::query;
use super::scope::{Scope, Stranger};
use crate::catalog::Presence;
use crate::change::{Ident, ObjectName};
use crate::engine::Engine;

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
        Expr::Substring { substring_from: None, shorthand, .. } if scope.catalog.target.engine == Engine::Sqlite => {
            Some(Stranger::Miscounted(if *shorthand { "substr" } else { "substring" }.to_owned()))
        }
        Expr::Substring { expr, substring_from, substring_for, .. } => {
            of(expr).or_else(|| substring_from.as_deref().and_then(of)).or_else(|| substring_for.as_deref().and_then(of))
        }
        Expr::Trim { expr, .. } => of(expr),
        Expr::Function(function) => called(function, scope).or_else(|| arguments(function, scope)),
        _ => None,
    }
}

/// A function that no server has and nobody made, or one with another number of arguments.
fn called(function: &Function, scope: Scope<'_>) -> Option<Stranger> {
    let [ObjectNamePart::Identifier(ident)] = function.name.0.as_slice() else { return None };
    let FunctionArguments::List(list) = &function.args else { return None };
    let name = ident.value.to_lowercase();
    let plain = list.args.iter().all(|argument| matches!(argument, FunctionArg::Unnamed(FunctionArgExpr::Expr(_))));
    let counted = (plain && list.duplicate_treatment.is_none() && list.clauses.is_empty()).then_some(list.args.len());
    match native(&name, counted, scope.catalog.target) {
        Native::Fits => None,
        Native::Miscounted => Some(Stranger::Miscounted(name)),
        Native::Absent => {
            let own = ObjectName { schema: None, name: Ident { value: ident.value.clone(), ..Ident::default() } };
            let made = scope.catalog.routine(&own).is_some() || scope.catalog.presence(&own) == Presence::Unknown;
            (!made).then_some(Stranger::Function(name))
        }
    }
}

/// MariaDB: the argument is a sequence, not a column.
fn takes_sequence(function: &Function) -> bool {
    let name = function.name.to_string().to_lowercase();
    matches!(name.as_str(), "nextval" | "lastval" | "setval" | "next_value" | "previous_value")
}

fn arguments(function: &Function, scope: Scope<'_>) -> Option<Stranger> {
    if takes_sequence(function) && scope.catalog.target.engine.is_mysql_family() {
        return None;
    }
    let FunctionArguments::List(list) = &function.args else { return None };
    list.args.iter().find_map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(inner)) => check(inner, scope),
        _ => None,
    })
}
