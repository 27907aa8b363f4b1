//! MySQL changes no table that a subquery of the same statement reads (error 1093).

use std::cell::Cell;
use std::ops::ControlFlow;

use sqlparser::ast::{Expr, FromTable, Query, SetExpr, Statement as Written, TableFactor, TableObject, TableWithJoins, visit_expressions};

use super::failure;
use crate::catalog::{Catalog, Key};
use crate::change::{Change, ObjectName, Statement};
use crate::effect::names::plain_name;
use crate::effect::{Effects, Truth};

/// Only where the target stands by itself: of several tables some are only read.
pub(super) fn check(effects: &mut Effects, change: &Change, statement: &Statement, written: &Written, before: &Catalog) {
    let Some(table) = change.table.as_ref().filter(|_| statement.changes.len() == 1) else { return };
    let (target, through) = base(table, before);
    // Of a template's branches only one may be meant for MySQL.
    if target.name.contains(['{', '$']) {
        return;
    }
    let trees: Vec<&Expr> = match written {
        Written::Update(update) if alone(std::slice::from_ref(&update.table)) => {
            update.assignments.iter().map(|assignment| &assignment.value).chain(&update.selection).collect()
        }
        Written::Delete(delete) => {
            let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
            if delete.using.is_some() || !delete.tables.is_empty() || !alone(from) {
                return;
            }
            delete.selection.iter().collect()
        }
        Written::Insert(insert) if matches!(insert.table, TableObject::TableName(_)) => {
            match insert.source.as_ref().map(|it| it.body.as_ref()) {
                Some(SetExpr::Values(values)) => values.rows.iter().flat_map(|row| row.iter()).collect(),
                _ => return,
            }
        }
        _ => return,
    };
    let viewed = Cell::new(through);
    let same = |factor: &TableFactor| {
        let TableFactor::Table { name, args: None, .. } = factor else { return false };
        let Some((key, through)) = plain_name(name, before).map(|name| base(&name, before)) else { return false };
        viewed.set(viewed.get() || (through && key == target));
        key == target
    };
    if trees.into_iter().any(|tree| in_expression(tree, &same)) {
        if viewed.get() {
            let reason = format!("MySQL cannot change `{}` and read it through a view in a subquery at once", target.name);
            effects.failures.push(failure::schema(1443, reason, Truth::Yes));
            return;
        }
        let reason = format!("MySQL cannot change `{}` and read it in a subquery at once: read it in a derived table", target.name);
        effects.failures.push(failure::schema(1093, reason, Truth::Yes));
    }
}

/// The table behind a name, and whether a view stands between.
fn base(name: &ObjectName, before: &Catalog) -> (Key, bool) {
    match before.view(name).and_then(|view| super::view::rows_of(view, before)) {
        Some(table) => (table, true),
        None => (before.resolve(name), false),
    }
}

fn alone(from: &[TableWithJoins]) -> bool {
    matches!(from, [only] if only.joins.is_empty() && matches!(only.relation, TableFactor::Table { .. }))
}

fn in_expression(tree: &Expr, same: &dyn Fn(&TableFactor) -> bool) -> bool {
    let found = visit_expressions(tree, |part| match part {
        Expr::Subquery(query) | Expr::InSubquery { subquery: query, .. } | Expr::Exists { subquery: query, .. }
            if in_query(query, same) =>
        {
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    });
    found.is_break()
}

/// What a derived table reads is read before; a name from WITH may hide the table.
fn in_query(query: &Query, same: &dyn Fn(&TableFactor) -> bool) -> bool {
    query.with.is_none() && in_body(&query.body, same)
}

fn in_body(body: &SetExpr, same: &dyn Fn(&TableFactor) -> bool) -> bool {
    match body {
        SetExpr::Select(select) => {
            select.from.iter().any(|table| same(&table.relation) || table.joins.iter().any(|join| same(&join.relation)))
        }
        SetExpr::Query(query) => in_query(query, same),
        SetExpr::SetOperation { left, right, .. } => in_body(left, same) || in_body(right, same),
        _ => false,
    }
}
