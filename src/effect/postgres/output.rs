//! The columns a query gives back: their names and, where it is plain to see, their types.

use sqlparser::ast::{Expr, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, TableFactor, TableWithJoins};

use super::expression_type::type_of;
use super::scene::{Relation, Scene};
use super::types::{self, Resolved};
use crate::catalog::View;
use crate::change::QueryText;
use crate::effect::names::{folded, plain_name};

/// Views over views are followed so deep.
const DEEPEST: u8 = 8;

/// One column of a query, or of something in FROM.
#[derive(Debug, Clone)]
pub(super) struct Output {
    pub name: String,
    pub data_type: Option<Resolved>,
}

/// Something in FROM, by the name it goes by.
pub(super) struct Source {
    pub name: String,
    /// `None` where they are not known whole.
    pub columns: Option<Vec<Output>>,
}

/// `None` where a star hides what there is, or the query is none of the plain ones.
pub(super) fn of_query(scene: Scene<'_>, query: &Query) -> Option<Vec<Output>> {
    level(scene, query, None, DEEPEST)
}

/// What a view gave back when it was made.
pub(super) fn of_view(scene: Scene<'_>, view: &View) -> Option<Vec<Output>> {
    view_columns(scene, view, DEEPEST)
}

/// `star`: what a star stood for when the query was written.
fn level(scene: Scene<'_>, query: &Query, star: Option<&[String]>, depth: u8) -> Option<Vec<Output>> {
    let depth = depth.checked_sub(1)?;
    if query.with.is_some() {
        return None;
    }
    match query.body.as_ref() {
        SetExpr::Select(select) => of_select(scene, select, star, depth),
        SetExpr::Query(inner) => level(scene, inner, star, depth),
        _ => None,
    }
}

fn of_select(scene: Scene<'_>, select: &Select, star: Option<&[String]>, depth: u8) -> Option<Vec<Output>> {
    let sources = sources(scene, &select.from, depth);
    let mut outputs = Vec::new();
    let stood = |output: &&Output| star.is_none_or(|star| star.iter().any(|name| name.eq_ignore_ascii_case(&output.name)));
    for item in &select.projection {
        match item {
            SelectItem::UnnamedExpr(tree) => outputs.push(Output { name: name_of(scene, tree), data_type: type_of(scene, tree, &sources) }),
            SelectItem::ExprWithAlias { expr, alias } => {
                outputs.push(Output { name: folded(alias, scene.catalog), data_type: type_of(scene, expr, &sources) });
            }
            SelectItem::Wildcard(_) => {
                let merges = select.from.iter().any(|from| !from.joins.is_empty());
                if merges || sources.is_empty() {
                    return None;
                }
                for source in &sources {
                    outputs.extend(source.columns.as_ref()?.iter().filter(stood).cloned());
                }
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                let name = plain_name(name, scene.catalog)?;
                let source = sources.iter().find(|source| source.name == name.name.value)?;
                outputs.extend(source.columns.as_ref()?.iter().filter(stood).cloned());
            }
            _ => return None,
        }
    }
    Some(outputs)
}

pub(super) fn sources(scene: Scene<'_>, from: &[TableWithJoins], depth: u8) -> Vec<Source> {
    let mut found = Vec::new();
    for table in from {
        found.push(source(scene, &table.relation, depth));
        found.extend(table.joins.iter().map(|join| source(scene, &join.relation, depth)));
    }
    found
}

fn source(scene: Scene<'_>, factor: &TableFactor, depth: u8) -> Source {
    let unknown = |name: String| Source { name, columns: None };
    match factor {
        TableFactor::Table { name, alias, args: None, .. } => {
            let Some(name) = plain_name(name, scene.catalog) else { return unknown(String::new()) };
            let called = alias.as_ref().map_or_else(|| name.name.value.clone(), |alias| folded(&alias.name, scene.catalog));
            if alias.as_ref().is_some_and(|alias| !alias.columns.is_empty()) {
                return unknown(called);
            }
            let columns = match scene.relation(&name) {
                Some(Relation::Table(table)) if table.complete && !table.uncertain && !scene.catalog.views.contains_key(&table.key) => {
                    let output = |column: &crate::catalog::Column| Output {
                        name: column.name.clone(),
                        data_type: column.data_type.as_ref().map(|data_type| types::resolve(scene.catalog, data_type)),
                    };
                    Some(table.columns.iter().map(output).collect())
                }
                Some(_) => scene.catalog.view(&name).and_then(|view| view_columns(scene, view, depth)),
                None => None,
            };
            Source { name: called, columns }
        }
        TableFactor::Derived { subquery, alias: Some(alias), .. } if alias.columns.is_empty() => {
            Source { name: folded(&alias.name, scene.catalog), columns: level(scene, subquery, None, depth) }
        }
        _ => unknown(String::new()),
    }
}

fn view_columns(scene: Scene<'_>, view: &View, depth: u8) -> Option<Vec<Output>> {
    let text = QueryText::new(view.query.clone());
    let has_star = view.mentions.iter().any(|name| name == "*");
    let star = view.star.as_deref().filter(|_| has_star);
    let outputs = text.query(scene.catalog.target).and_then(|query| level(scene, &query, star, depth));
    if view.columns.is_empty() {
        // Columns that the tables got since are none of the view's.
        return outputs.filter(|_| star.is_some());
    }
    let typed = outputs.filter(|outputs| outputs.len() == view.columns.len() && !has_star);
    let data_type = |at: usize| typed.as_ref().and_then(|outputs| outputs.get(at)?.data_type.clone());
    Some(view.columns.iter().enumerate().map(|(at, name)| Output { name: name.clone(), data_type: data_type(at) }).collect())
}

fn name_of(scene: Scene<'_>, tree: &Expr) -> String {
    match tree {
        Expr::Identifier(name) => folded(name, scene.catalog),
        Expr::CompoundIdentifier(names) => names.last().map_or_else(String::new, |name| folded(name, scene.catalog)),
        _ => String::new(),
    }
}
