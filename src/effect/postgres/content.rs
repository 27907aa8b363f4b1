//! What may not stand in a CHECK, an index or a generated column.

use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments};

use crate::change::Expression;

/// The code and the reason with which an expression is refused for what it holds.
pub(super) fn refused(expression: &Expression, place: &str) -> Option<(&'static str, String)> {
    match find(expression.tree.as_deref()?)? {
        Guest::Query => Some(("0A000", format!("subqueries are not allowed in {place}"))),
        Guest::Aggregate => Some(("42803", format!("aggregate functions are not allowed in {place}"))),
        Guest::Window => Some(("42P20", format!("window functions are not allowed in {place}"))),
    }
}

enum Guest {
    Query,
    Aggregate,
    Window,
}

fn find(tree: &Expr) -> Option<Guest> {
    match tree {
        Expr::Subquery(_) | Expr::Exists { .. } => Some(Guest::Query),
        Expr::InSubquery { .. } => Some(Guest::Query),
        Expr::Function(function) => call(function),
        Expr::BinaryOp { left, right, .. } => find(left).or_else(|| find(right)),
        Expr::UnaryOp { expr, .. } | Expr::Nested(expr) | Expr::Cast { expr, .. } | Expr::IsNull(expr) | Expr::IsNotNull(expr) => {
            find(expr)
        }
        Expr::Between { expr, low, high, .. } => find(expr).or_else(|| find(low)).or_else(|| find(high)),
        Expr::InList { expr, list, .. } => find(expr).or_else(|| list.iter().find_map(find)),
        Expr::Case { operand, conditions, else_result, .. } => operand
            .as_deref()
            .and_then(find)
            .or_else(|| conditions.iter().find_map(|when| find(&when.condition).or_else(|| find(&when.result))))
            .or_else(|| else_result.as_deref().and_then(find)),
        _ => None,
    }
}

fn call(function: &Function) -> Option<Guest> {
    if function.over.is_some() {
        return Some(Guest::Window);
    }
    let name = function.name.to_string().to_lowercase();
    if AGGREGATES.contains(&name.as_str()) {
        return Some(Guest::Aggregate);
    }
    let FunctionArguments::List(list) = &function.args else { return None };
    list.args.iter().find_map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(tree)) => find(tree),
        _ => None,
    })
}

const AGGREGATES: &[&str] =
    &["count", "sum", "avg", "min", "max", "array_agg", "string_agg", "bool_and", "bool_or", "every", "json_agg", "jsonb_agg"];
