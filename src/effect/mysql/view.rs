//! Rows written through a view: which views take them, and which of their columns (measured on MySQL
//! 8.0 and 9.7, MariaDB 10.5, 10.11 and 11.8).

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Query, Select, SelectItem, SetExpr, TableFactor, visit_expressions, visit_relations};

use super::failure;
use super::server::Server;
use super::session::Session;
use crate::catalog::{Catalog, Key, Presence, Table, View};
use crate::change::{Action, Change, InsertSource, OnConflict};
use crate::effect::names::plain_name;
use crate::effect::{Failure, Truth};
use crate::sql::expression::query_of;

/// Views of views further down are not followed.
const DEEPEST: usize = 8;

enum Shape {
    /// Its rows are no rows of a table.
    Result,
    /// Several tables side by side; with an outer join among them.
    Join { outer: bool },
    /// The rows of one table: its columns by the view's names, `None` for what is computed.
    Rows { table: Key, columns: Option<Vec<(String, Option<String>)>> },
}

/// What stops the statement because its target is a view.
pub(super) fn written(view: &View, change: &Change, before: &Catalog) -> Option<Failure> {
    let shape = shape(view, before, 0)?;
    let mariadb = Server(before.target).is_mariadb();
    let name = &view.key.name;
    let fails = |code: u16, reason: String| Some(failure::schema(code, reason, Truth::Yes));
    match (&change.action, shape) {
        (Action::Insert(_), Shape::Result | Shape::Join { outer: true }) => {
            fails(1471, format!("the view `{name}` takes no new rows: they would be no rows of a table"))
        }
        (Action::Update(_) | Action::Delete(_), Shape::Result) => {
            fails(1288, format!("the rows of the view `{name}` are no rows of a table and cannot be changed"))
        }
        (Action::Delete(_), Shape::Join { outer }) => {
            fails(if outer { 1288 } else { 1395 }, format!("the view `{name}` joins tables: no row of it can be deleted"))
        }
        (Action::Update(_), Shape::Join { outer: true }) if !mariadb => {
            fails(1288, format!("the view `{name}` has an outer join and cannot be changed"))
        }
        (Action::Insert(insert), Shape::Join { outer: false })
            if insert.columns.is_empty() && !matches!(insert.source, InsertSource::DefaultValues) =>
        {
            fails(1394, format!("the view `{name}` joins tables: say which columns the row is for"))
        }
        (Action::Update(update), Shape::Rows { columns: Some(columns), .. }) => {
            let computed = |wanted: &str| columns.iter().any(|(name, base)| base.is_none() && name.eq_ignore_ascii_case(wanted));
            let column = update.assignments.iter().find(|(column, _)| computed(&column.value)).map(|(column, _)| column)?;
            fails(1348, format!("`{column}` of the view `{name}` is computed and cannot be set"))
        }
        (Action::Insert(insert), Shape::Rows { table, columns: Some(columns) }) => {
            let named = |column: &str| insert.columns.is_empty() || insert.columns.iter().any(|other| other.is(column));
            let computed = columns.iter().any(|(_, base)| base.is_none());
            if computed && columns.iter().any(|(column, base)| base.is_none() && named(column)) {
                return fails(if mariadb { 1471 } else { 1348 }, format!("the view `{name}` has computed columns, which take no value"));
            }
            let base = |at: usize| columns.get(at).and_then(|(_, base)| base.as_deref());
            let same = |one: usize, other: usize| base(one).zip(base(other)).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b));
            let doubled = (0..columns.len()).any(|one| (0..one).any(|other| same(one, other)));
            if computed || doubled {
                // Measured: 10.5 no, 10.11 yes.
                let lenient = mariadb && before.target.at_least(10, 6, 0);
                return if lenient {
                    None
                } else {
                    fails(1471, format!("the view `{name}` takes no new rows: not every column of it is one of its table"))
                };
            }
            let table = before.table_at(&table).filter(|table| table.complete && !table.uncertain && table.triggers.is_empty())?;
            let ignores = insert.on_conflict == OnConflict::Ignore || matches!(insert.source, InsertSource::Query { .. });
            let given = |wanted: &str| {
                columns.iter().any(|(name, base)| base.as_deref().is_some_and(|base| base.eq_ignore_ascii_case(wanted)) && named(name))
            };
            let missed = missing(table, &given).filter(|_| !ignores && Session::of(before).strict)?;
            fails(1423, format!("`{missed}` behind the view `{name}` is NOT NULL without a default and not given"))
        }
        _ => None,
    }
}

/// The table whose rows the view shows.
pub(super) fn rows_of(view: &View, before: &Catalog) -> Option<Key> {
    match shape(view, before, 0)? {
        Shape::Rows { table, .. } => Some(table),
        Shape::Result | Shape::Join { .. } => None,
    }
}

fn missing<'t>(table: &'t Table, given: &dyn Fn(&str) -> bool) -> Option<&'t str> {
    let needed = table.columns.iter().find(|column| {
        let stamp = column.data_type.as_ref().is_none_or(|data_type| data_type.name == "timestamp");
        let filled = column.default.is_some() || column.auto_increment || column.generated.is_some() || stamp;
        column.not_null && !filled && !given(&column.name)
    });
    needed.map(|column| column.name.as_str())
}

fn shape(view: &View, before: &Catalog, depth: usize) -> Option<Shape> {
    if depth > DEEPEST {
        return None;
    }
    let query = query_of(&view.query.text, before.target)?;
    if query.with.is_some() {
        return None;
    }
    let SetExpr::Select(select) = query.body.as_ref() else {
        return matches!(query.body.as_ref(), SetExpr::SetOperation { .. }).then_some(Shape::Result);
    };
    if gathers(&query, select) {
        return Some(Shape::Result);
    }
    let [from] = select.from.as_slice() else {
        return Some(if select.from.is_empty() { Shape::Result } else { Shape::Join { outer: false } });
    };
    if !from.joins.is_empty() {
        use sqlparser::ast::JoinOperator::{Left, LeftOuter, Right, RightOuter};
        let outer = from.joins.iter().any(|join| matches!(join.join_operator, Left(_) | LeftOuter(_) | Right(_) | RightOuter(_)));
        return Some(Shape::Join { outer });
    }
    let name = match &from.relation {
        TableFactor::Table { name, args: None, .. } => plain_name(name, before)?,
        TableFactor::Derived { .. } => return Some(Shape::Result),
        _ => return None,
    };
    let (table, inner) = match before.view(&name) {
        Some(inner) => match shape(inner, before, depth + 1)? {
            Shape::Rows { table, columns } => (table, columns),
            other => return Some(other),
        },
        None if before.presence(&name) == Presence::Present => {
            let key = before.resolve(&name);
            let known = before.table_at(&key).filter(|table| table.complete && !table.uncertain);
            let columns = known.map(|table| table.columns.iter().map(|column| (column.name.clone(), Some(column.name.clone()))).collect());
            (key, columns)
        }
        None => return None,
    };
    // A subquery of its WHERE that reads the same table makes a copy of it.
    let again = select.selection.as_ref().is_some_and(|condition| {
        let found = visit_relations(condition, |relation| {
            let same = plain_name(relation, before).is_some_and(|name| before.resolve(&name) == table);
            if same { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        found.is_break()
    });
    if again {
        return Some(Shape::Result);
    }
    let columns = inner.and_then(|inner| columns(view, select, &inner));
    Some(Shape::Rows { table, columns })
}

/// DISTINCT, GROUP BY, LIMIT, aggregates and windows: rows that are computed from several.
fn gathers(query: &Query, select: &Select) -> bool {
    let grouped = match &select.group_by {
        sqlparser::ast::GroupByExpr::All(_) => true,
        sqlparser::ast::GroupByExpr::Expressions(list, modifiers) => !list.is_empty() || !modifiers.is_empty(),
    };
    let computes = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(tree) | SelectItem::ExprWithAlias { expr: tree, .. } => aggregates(tree),
        _ => false,
    };
    grouped
        || select.distinct.is_some()
        || select.having.is_some()
        || query.limit_clause.is_some()
        || query.fetch.is_some()
        || select.projection.iter().any(computes)
}

fn aggregates(tree: &Expr) -> bool {
    if matches!(tree, Expr::Subquery(_)) {
        return false;
    }
    let found = visit_expressions(tree, |part| match part {
        Expr::Function(function) if function.over.is_some() || is_aggregate(&function.name.to_string()) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    found.is_break()
}

fn is_aggregate(name: &str) -> bool {
    let all = [
        "count",
        "sum",
        "avg",
        "min",
        "max",
        "group_concat",
        "bit_and",
        "bit_or",
        "bit_xor",
        "std",
        "stddev",
        "stddev_pop",
        "stddev_samp",
        "variance",
        "var_pop",
        "var_samp",
        "json_arrayagg",
        "json_objectagg",
    ];
    all.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The view's columns and what of the table stands behind each; nothing where they cannot be told.
fn columns(view: &View, select: &Select, inner: &[(String, Option<String>)]) -> Option<Vec<(String, Option<String>)>> {
    let behind = |name: &str| inner.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, base)| base.clone());
    let mut all: Vec<(String, Option<String>)> = Vec::new();
    for item in &select.projection {
        let (tree, alias) = match item {
            SelectItem::UnnamedExpr(tree) => (tree, None),
            SelectItem::ExprWithAlias { expr, alias } => (expr, Some(alias.value.clone())),
            SelectItem::Wildcard(_) => {
                all.extend(inner.iter().cloned());
                continue;
            }
            _ => return None,
        };
        let plain = match tree {
            Expr::Identifier(name) => Some(name.value.clone()),
            Expr::CompoundIdentifier(parts) => parts.last().map(|name| name.value.clone()),
            _ => None,
        };
        let base = match &plain {
            Some(name) => behind(name)?,
            None => None,
        };
        all.push((alias.or(plain).unwrap_or_default(), base));
    }
    if view.columns.len() == all.len() {
        for (column, name) in all.iter_mut().zip(&view.columns) {
            column.0.clone_from(name);
        }
    }
    Some(all)
}
