//! The columns that the query of a view or of CREATE TABLE … AS gives: each by a name of its own.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, JoinConstraint, JoinOperator, Query, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, TableFactor, visit_expressions,
};

use super::failure;
use crate::catalog::{Catalog, Presence};
use crate::change::{CreateView, Ident};
use crate::effect::names::plain_name;
use crate::effect::{Failure, Truth};

pub(super) fn of_view(view: &CreateView, before: &Catalog) -> Option<Failure> {
    let query = view.query.query(before.target)?;
    let variable = visit_expressions(&*query, |part| match part {
        Expr::Identifier(name) if name.quote_style.is_none() && name.value.starts_with('@') => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    if variable.is_break() {
        return Some(failure::schema(1351, "the query of a view cannot hold a variable", Truth::Yes));
    }
    if view.columns.is_empty() {
        return twice(&query, before);
    }
    let listed = |name: &Ident| view.columns.iter().filter(|other| other.is(&name.value)).count() > 1;
    let count = outputs(&query, before).map(|outputs| outputs.len());
    if count.is_some_and(|count| count != view.columns.len()) {
        return Some(failure::schema(1353, "the view names another number of columns than its query gives", Truth::Yes));
    }
    view.columns.iter().find(|name| listed(name)).map(|name| again(&name.value))
}

/// A name that two columns of the query have.
pub(super) fn twice(query: &Query, before: &Catalog) -> Option<Failure> {
    let outputs = outputs(query, before)?;
    let known: Vec<String> = outputs.into_iter().flatten().map(|name| name.to_lowercase()).collect();
    known.iter().enumerate().find(|(at, name)| known.iter().take(*at).any(|other| other == *name)).map(|(_, name)| again(name))
}

fn again(name: &str) -> Failure {
    failure::schema(1060, format!("two columns of the query are called `{name}`"), Truth::Yes)
}

/// USING and NATURAL make one column of two.
fn on_its_own(operator: &JoinOperator) -> bool {
    match operator {
        JoinOperator::Join(on) | JoinOperator::Inner(on) | JoinOperator::Left(on) | JoinOperator::LeftOuter(on) => {
            matches!(on, JoinConstraint::On(_) | JoinConstraint::None)
        }
        JoinOperator::CrossJoin(on) => matches!(on, JoinConstraint::On(_) | JoinConstraint::None),
        _ => false,
    }
}

/// The names in order, without those that the server makes up; nothing where a star hides them.
fn outputs(query: &Query, before: &Catalog) -> Option<Vec<Option<String>>> {
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    if query.with.is_some() {
        return None;
    }
    let mut sources = Vec::new();
    let mut merged = false;
    for table in &select.from {
        sources.push(&table.relation);
        for join in &table.joins {
            merged |= !on_its_own(&join.join_operator);
            sources.push(&join.relation);
        }
    }
    let columns = |factor: &TableFactor| -> Option<Vec<Option<String>>> {
        let TableFactor::Table { name, args: None, .. } = factor else { return None };
        let name = plain_name(name, before)?;
        let known = (before.presence(&name) == Presence::Present).then(|| before.table(&name)).flatten()?;
        let whole = known.complete && !known.uncertain && !known.columns.is_empty() && !known.columns.iter().any(|column| column.invisible);
        whole.then(|| known.columns.iter().map(|column| Some(column.name.clone())).collect())
    };
    let mut all = Vec::new();
    for item in &select.projection {
        match item {
            SelectItem::ExprWithAlias { alias, .. } => all.push(Some(alias.value.clone())),
            SelectItem::UnnamedExpr(Expr::Identifier(name)) => all.push(Some(name.value.clone())),
            SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => all.push(parts.last().map(|name| name.value.clone())),
            SelectItem::UnnamedExpr(_) => all.push(None),
            SelectItem::Wildcard(_) if !merged => {
                for source in &sources {
                    all.extend(columns(source)?);
                }
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                let wanted = plain_name(name, before)?.name.value;
                let named = |factor: &&&TableFactor| match factor {
                    TableFactor::Table { alias: Some(alias), .. } => alias.name.value.eq_ignore_ascii_case(&wanted),
                    TableFactor::Table { name, .. } => {
                        plain_name(name, before).is_some_and(|name| name.name.value.eq_ignore_ascii_case(&wanted))
                    }
                    _ => false,
                };
                all.extend(columns(sources.iter().find(named)?)?);
            }
            _ => return None,
        }
    }
    Some(all)
}
