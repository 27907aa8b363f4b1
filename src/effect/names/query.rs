//! The names of a query.

use sqlparser::ast::{
    Expr, GroupByExpr, JoinConstraint, JoinOperator, OrderByExpr, OrderByKind, Query, Select, SelectItem, SetExpr, TableFactor,
    TableWithJoins,
};

use super::expression;
use super::scope::{Scope, Source, Stranger};
use super::{folded, known, plain_name};
use crate::catalog::Catalog;
use crate::engine::Engine;

/// The first name that stands for nothing.
pub(super) fn check(query: &Query, catalog: &Catalog, outer: Option<&Scope<'_>>) -> Option<Stranger> {
    let mut common: Vec<String> = Vec::new();
    // A name from WITH is seen by everything inside.
    let mut around = outer;
    while let Some(scope) = around {
        common.extend(scope.sources.iter().filter(|source| source.name.starts_with(COMMON)).map(|source| source.name.clone()));
        around = scope.outer;
    }
    if let Some(with) = &query.with {
        common.extend(with.cte_tables.iter().map(|table| format!("{COMMON}{}", folded(&table.alias.name, catalog))));
    }
    let order = query.order_by.as_ref().and_then(|order| match &order.kind {
        OrderByKind::Expressions(list) if catalog.target.engine != Engine::Postgres => Some(list.as_slice()),
        _ => None,
    });
    match query.body.as_ref() {
        SetExpr::Select(select) => in_select(select, order.unwrap_or_default(), catalog, outer, &common),
        other => body(other, catalog, outer, &common),
    }
}

/// The first stranger among expressions that see the tables of a FROM.
pub(super) fn over<'a>(
    tables: impl Iterator<Item = &'a TableWithJoins>,
    trees: impl Iterator<Item = &'a Expr>,
    catalog: &Catalog,
) -> Option<Stranger> {
    let mut found = Found { sources: Vec::new(), merged: false, inner: Vec::new(), conditions: Vec::new() };
    for table in tables {
        found.add(table, catalog, &[])?;
    }
    let scope = Scope { sources: &found.sources, merged: found.merged, outer: None, catalog };
    let inner = found.inner.iter().find_map(|query| check(query, catalog, Some(&scope)));
    inner.or_else(|| trees.chain(found.conditions.iter().copied()).find_map(|tree| expression::check(tree, scope)))
}

/// Marks names from WITH among the sources.
const COMMON: &str = "\0";

fn body(body: &SetExpr, catalog: &Catalog, outer: Option<&Scope<'_>>, common: &[String]) -> Option<Stranger> {
    match body {
        SetExpr::Select(select) => in_select(select, &[], catalog, outer, common),
        SetExpr::Query(query) => check(query, catalog, outer),
        SetExpr::SetOperation { left, right, .. } => {
            self::body(left, catalog, outer, common).or_else(|| self::body(right, catalog, outer, common))
        }
        _ => None,
    }
}

fn in_select(select: &Select, order: &[OrderByExpr], catalog: &Catalog, outer: Option<&Scope<'_>>, common: &[String]) -> Option<Stranger> {
    let mut found = Found { sources: Vec::new(), merged: false, inner: Vec::new(), conditions: Vec::new() };
    for table in &select.from {
        found.add(table, catalog, common)?;
    }
    let carried = common.iter().map(|name| Source { name: name.clone(), columns: Some(Vec::new()), strict: true });
    let sources: Vec<Source> = found.sources.into_iter().chain(carried).collect();
    let scope = Scope { sources: &sources, merged: found.merged, outer, catalog };
    let inner = found.inner.iter().find_map(|query| check(query, catalog, Some(&scope)));
    inner
        .or_else(|| {
            select.projection.iter().find_map(|item| match item {
                SelectItem::UnnamedExpr(tree) | SelectItem::ExprWithAlias { expr: tree, .. } => expression::check(tree, scope),
                _ => None,
            })
        })
        .or_else(|| found.conditions.iter().find_map(|tree| expression::check(tree, scope)))
        .or_else(|| grouped(select).find_map(|tree| expression::check(tree, scope)))
        .or_else(|| select.selection.as_ref().and_then(|tree| expression::check(tree, scope)))
        .or_else(|| ordered(select, order).find_map(|tree| expression::check(tree, scope)))
}

/// The plain names of ORDER BY that are no names of the select list's own.
fn ordered<'a>(select: &'a Select, order: &'a [OrderByExpr]) -> impl Iterator<Item = &'a Expr> {
    let own = |item: &SelectItem| matches!(item, SelectItem::ExprWithAlias { .. } | SelectItem::QualifiedWildcard(..));
    let telling = !select.projection.iter().any(own);
    let plain = |tree: &&Expr| matches!(tree, Expr::Identifier(ident) if ident.quote_style.is_none());
    order.iter().filter(move |_| telling).map(|order| &order.expr).filter(plain)
}

fn condition(operator: &JoinOperator) -> Option<&Expr> {
    match operator {
        JoinOperator::Join(JoinConstraint::On(on))
        | JoinOperator::Inner(JoinConstraint::On(on))
        | JoinOperator::Left(JoinConstraint::On(on))
        | JoinOperator::LeftOuter(JoinConstraint::On(on)) => Some(on),
        _ => None,
    }
}

/// The plain names of GROUP BY that are no names of the select list's own.
fn grouped(select: &Select) -> impl Iterator<Item = &Expr> {
    let list: &[Expr] = match &select.group_by {
        GroupByExpr::Expressions(list, _) => list,
        GroupByExpr::All(_) => &[],
    };
    let given = |name: &str| {
        select
            .projection
            .iter()
            .any(|item| matches!(item, SelectItem::ExprWithAlias { alias, .. } if alias.value.eq_ignore_ascii_case(name)))
    };
    list.iter().filter(move |tree| match tree {
        Expr::Identifier(ident) => !given(&ident.value),
        Expr::CompoundIdentifier(_) => true,
        _ => false,
    })
}

/// What FROM brings.
struct Found<'a> {
    sources: Vec<Source>,
    merged: bool,
    /// Queries in FROM.
    inner: Vec<&'a Query>,
    /// What stands behind ON.
    conditions: Vec<&'a Expr>,
}

impl<'a> Found<'a> {
    fn add(&mut self, table: &'a TableWithJoins, catalog: &Catalog, common: &[String]) -> Option<()> {
        self.factor(&table.relation, catalog, common)?;
        for join in &table.joins {
            self.factor(&join.relation, catalog, common)?;
            let plain = match &join.join_operator {
                JoinOperator::Join(on)
                | JoinOperator::Inner(on)
                | JoinOperator::Left(on)
                | JoinOperator::LeftOuter(on)
                | JoinOperator::Right(on)
                | JoinOperator::RightOuter(on)
                | JoinOperator::FullOuter(on) => matches!(on, JoinConstraint::On(_) | JoinConstraint::None),
                JoinOperator::CrossJoin(_) => true,
                _ => false,
            };
            self.merged |= !plain;
            self.conditions.extend(condition(&join.join_operator));
        }
        Some(())
    }

    fn factor(&mut self, factor: &'a TableFactor, catalog: &Catalog, common: &[String]) -> Option<()> {
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let name = plain_name(name, catalog)?;
                let is_common = name.schema.is_none() && common.iter().any(|other| other.get(1..) == Some(name.name.value.as_str()));
                let mut source = if is_common { Source::unknown(name.name.value.as_str()) } else { known(&name, catalog) };
                if let Some(alias) = alias {
                    source.name = folded(&alias.name, catalog);
                    if !alias.columns.is_empty() {
                        source.columns = None;
                    }
                }
                self.sources.push(source);
            }
            TableFactor::Derived { subquery, alias, .. } => {
                self.inner.push(subquery);
                self.sources.push(Source::unknown(alias.as_ref().map_or(String::new(), |alias| folded(&alias.name, catalog))));
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => self.add(table_with_joins, catalog, common)?,
            // Functions and the like go by many names.
            _ => self.sources.push(Source::unknown("").unqualified()),
        }
        Some(())
    }
}
