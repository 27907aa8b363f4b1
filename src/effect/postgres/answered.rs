//! Whether a condition makes the server read the whole table, or an index answers it.

use sqlparser::ast::{BinaryOperator, Expr};

use super::proof;
use crate::catalog::Table;
use crate::change::Predicate;
use crate::effect::Truth;

/// Whether a WHERE makes the server read the whole table: not when an index answers it.
pub(super) fn scanned(table: &Table, predicate: &Predicate) -> Truth {
    let tree = match predicate {
        Predicate::None => return Truth::Yes,
        Predicate::Unread => return Truth::Unknown,
        Predicate::Where(expression) => match &expression.tree {
            Some(tree) => tree,
            None => return Truth::Unknown,
        },
    };
    answers(table, tree)
}

/// The WHERE of a query over one table that reads all its rows and nothing else.
pub(super) fn only_condition(query: &sqlparser::ast::Query) -> Option<&Expr> {
    let sqlparser::ast::SetExpr::Select(select) = query.body.as_ref() else { return None };
    let plain = query.with.is_none() && query.limit_clause.is_none() && query.fetch.is_none() && query.order_by.is_none();
    let one = select.from.len() == 1 && select.from.iter().all(|from| from.joins.is_empty());
    let condition = select.selection.as_ref().filter(|_| plain && one && select.distinct.is_none())?;
    let mut simple = true;
    let _ = sqlparser::ast::visit_expressions(condition, |part: &Expr| {
        simple &= !matches!(part, Expr::Function(_) | Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. });
        std::ops::ControlFlow::<()>::Continue(())
    });
    let grouped = !matches!(&select.group_by, sqlparser::ast::GroupByExpr::Expressions(list, _) if list.is_empty());
    let computed = select.projection.iter().any(|item| match item {
        sqlparser::ast::SelectItem::UnnamedExpr(tree) | sqlparser::ast::SelectItem::ExprWithAlias { expr: tree, .. } => {
            !matches!(tree, Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Value(_))
        }
        _ => false,
    });
    (simple && !grouped && !computed).then_some(condition)
}

/// Whether a condition makes the server read the whole table.
pub(super) fn answers(table: &Table, tree: &Expr) -> Truth {
    let mut best = Truth::Yes;
    let mut open: Vec<&Expr> = vec![tree];
    while let Some(part) = open.pop() {
        if open.len() > 4096 {
            return Truth::Unknown;
        }
        match part {
            Expr::Nested(inner) => open.push(inner),
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                open.push(left);
                open.push(right);
            }
            _ => best = best.min(answered(table, part)),
        }
    }
    best
}

/// `No` when a unique index answers this condition, `Unknown` when some index may.
fn answered(table: &Table, part: &Expr) -> Truth {
    let leading = |equal: bool, column: &Expr| -> Truth {
        let mut best = if table.complete { Truth::Yes } else { Truth::Unknown };
        for index in &table.indexes {
            let mut columns = index.columns();
            let Some(first) = columns.next() else { continue };
            if !proof::is_column(column, first) || index.predicate.is_some() {
                continue;
            }
            let single = index.keys.len() == 1;
            best = best.min(if equal && index.unique && single { Truth::No } else { Truth::Unknown });
        }
        best
    };
    match part {
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => leading(true, left).min(leading(true, right)),
        Expr::BinaryOp { left, op: BinaryOperator::Lt | BinaryOperator::LtEq | BinaryOperator::Gt | BinaryOperator::GtEq, right } => {
            leading(false, left).min(leading(false, right))
        }
        Expr::InList { expr, negated: false, .. } | Expr::InSubquery { expr, negated: false, .. } => leading(true, expr).max(Truth::No),
        Expr::Between { expr, negated: false, .. } => leading(false, expr),
        Expr::IsNull(expr) | Expr::IsNotNull(expr) => leading(false, expr),
        _ => Truth::Yes,
    }
}
