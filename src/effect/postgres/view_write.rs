//! Rows of a view that are changed: by rules, by INSTEAD OF triggers, or through the view in the one
//! table it shows (manual, CREATE VIEW, Updatable Views; 55000 where there is no way).

use std::sync::Arc;

use sqlparser::ast::{Expr, GroupByExpr, Select, SelectItem, SetExpr, TableFactor};

use super::outcome::Outcome;
use super::rule;
use super::scene::{Relation, Scene};
use super::{fired, insert, rows, view as reading};
use crate::catalog::{Key, Table, View};
use crate::change::{Action, Change, Expression, Ident, InsertSource, ObjectName, Predicate, QueryText, TriggerEvent, TriggerTiming};
use crate::effect::names::{folded, plain_name};
use crate::effect::{LockMode, ScanReason, Truth};
use crate::source::Span;

/// Views over views are followed so deep.
const DEEPEST: usize = 16;

/// How a view shows the rows of what is below it.
enum Shown {
    /// Its columns, each with the column below that it is, if it is one.
    Plain {
        below: Key,
        columns: Vec<(String, Option<String>)>,
        filter: Option<Box<Expr>>,
    },
    /// Rows cannot be led back to those below.
    Computed(&'static str),
    Unread,
}

/// A change of rows of a view.
pub(super) fn through(scene: Scene<'_>, change: &Change, view: &View, out: &mut Outcome) {
    let (verb, event) = match &change.action {
        Action::Insert(_) => ("insert into", "insert"),
        Action::Update(_) => ("update", "update"),
        Action::Delete(_) => ("delete from", "delete"),
        _ => {
            out.lock_view(view, LockMode::RowExclusive);
            return;
        }
    };
    let mut change = change.clone();
    let mut view = view;
    for _ in 0..DEEPEST {
        out.lock_view(view, LockMode::RowExclusive);
        if rule::replaced(scene, &view.rules, event, out) {
            let asks = view.rules.iter().any(|rule| rule.event == event && !rule.commands.is_empty());
            if event != "insert" && asks {
                read(scene, view, &change, out);
            }
            return;
        }
        if by_trigger(scene, view, &change, out) {
            return;
        }
        let (below, columns, filter) = match shown(scene, view) {
            Shown::Plain { below, columns, filter } => (below, columns, filter),
            Shown::Computed(why) => {
                if !view.rules.iter().any(|rule| rule.event == event && rule.instead) {
                    out.refuse("55000", format!("cannot {verb} view \"{}\": {why}", view.key));
                }
                return;
            }
            Shown::Unread => return one_below(scene, view, &change, out),
        };
        if columns.iter().all(|(_, column)| column.is_none()) && event != "delete" {
            out.refuse("55000", format!("cannot {verb} view \"{}\": none of its columns is one of a table", view.key));
            return;
        }
        if !translate(&mut change, &columns, filter, &below, view, out) {
            return;
        }
        match scene.relation_at(&below) {
            Some(Relation::View(inner)) => view = inner,
            Some(Relation::Table(table)) if table.kind == crate::catalog::TableKind::MaterializedView => {
                out.refuse("55000", format!("cannot {verb} view \"{}\": it shows no table", view.key));
                return;
            }
            Some(Relation::Table(table)) => return in_table(scene, &change, table, out),
            _ => return,
        }
    }
}

fn in_table(scene: Scene<'_>, change: &Change, table: &Table, out: &mut Outcome) {
    match &change.action {
        Action::Insert(row) => {
            let told = !row.columns.is_empty() || matches!(row.source, InsertSource::DefaultValues);
            if told {
                insert::insert(scene, change, row, out);
            } else {
                out.lock(table, LockMode::RowExclusive);
                out.unknown("which columns are filled", "which further tables are looked at");
            }
        }
        Action::Update(row) => rows::update(scene, change, row, out),
        Action::Delete(row) => rows::delete(scene, change, row, out),
        _ => {}
    }
}

/// The query of the view is none that is understood: what is below is locked, and that is all one knows.
fn one_below(scene: Scene<'_>, view: &View, change: &Change, out: &mut Outcome) {
    let [below] = view.reads.as_slice() else { return };
    if let Some(Relation::Table(table)) = scene.relation_at(below) {
        out.lock(table, LockMode::RowExclusive);
        if !matches!(change.action, Action::Insert(_)) {
            out.lock_indexes(table, LockMode::RowExclusive);
            out.scan(table, ScanReason::Query, Truth::Unknown);
        }
    }
}

/// INSTEAD OF triggers for each row take the place of the change.
fn by_trigger(scene: Scene<'_>, view: &View, change: &Change, out: &mut Outcome) -> bool {
    let fits = |event: &TriggerEvent| {
        matches!(
            (event, &change.action),
            (TriggerEvent::Insert, Action::Insert(_))
                | (TriggerEvent::Update(_), Action::Update(_))
                | (TriggerEvent::Delete, Action::Delete(_))
        )
    };
    let mut instead = view.triggers.iter().filter(|trigger| trigger.timing == TriggerTiming::InsteadOf);
    if !instead.any(|trigger| trigger.events.iter().any(fits)) {
        return false;
    }
    fired::fire_those(scene, &view.triggers, fits, out);
    if !matches!(change.action, Action::Insert(_)) {
        read(scene, view, change, out);
    } else if let Action::Insert(row) = &change.action
        && let InsertSource::Query { reads, bounded, .. } = &row.source
    {
        reading::read(scene, reads, true, if *bounded { Truth::Unknown } else { Truth::Yes }, out);
    }
    true
}

/// The rows that a trigger or a rule works on are looked for.
fn read(scene: Scene<'_>, view: &View, change: &Change, out: &mut Outcome) {
    let whole = match &change.action {
        Action::Update(row) => matches!(row.predicate, Predicate::None),
        Action::Delete(row) => matches!(row.predicate, Predicate::None),
        _ => false,
    };
    for key in &view.reads {
        if let Some(relation) = scene.relation_at(key) {
            reading::read_below(scene, relation, if whole { Truth::Yes } else { Truth::Unknown }, out);
        }
    }
}

/// The change in the words of what is below. `false` where it is refused.
fn translate(
    change: &mut Change,
    columns: &[(String, Option<String>)],
    mut filter: Option<Box<Expr>>,
    below: &Key,
    view: &View,
    out: &mut Outcome,
) -> bool {
    let find = |name: &Ident| columns.iter().find(|(shown, _)| *shown == name.value);
    let renamed = columns.iter().any(|(shown, column)| column.as_ref() != Some(shown));
    let mut rename = |name: &mut Ident, verb: &str| match find(name) {
        None => {
            out.refuse("42703", format!("column \"{name}\" of \"{}\" does not exist", view.key));
            false
        }
        Some((_, None)) => {
            out.refuse("0A000", format!("cannot {verb} column \"{name}\" of view \"{}\", which is computed", view.key));
            false
        }
        Some((_, Some(column))) => {
            name.value.clone_from(column);
            true
        }
    };
    let mut narrow = |predicate: &mut Predicate| match (filter.take(), &*predicate) {
        (Some(filter), Predicate::None) => {
            let text = filter.to_string().into();
            *predicate = Predicate::Where(Expression { text, tree: Some(Arc::from(filter)), span: Span::default() });
        }
        (Some(_), _) => *predicate = Predicate::Unread,
        (None, Predicate::Where(_)) if renamed => *predicate = Predicate::Unread,
        (None, _) => {}
    };
    let fits = match &mut change.action {
        Action::Insert(row) => {
            if row.columns.is_empty()
                && let Some((_, wide)) = row.width
            {
                let wide = usize::try_from(wide).unwrap_or(usize::MAX);
                row.columns = columns.iter().take(wide).map(|(shown, _)| Ident { value: shown.clone(), ..Ident::default() }).collect();
            }
            row.columns.iter_mut().all(|name| rename(name, "insert into"))
        }
        Action::Update(row) => {
            narrow(&mut row.predicate);
            row.assignments.iter_mut().all(|(name, _)| rename(name, "update"))
        }
        Action::Delete(row) => {
            narrow(&mut row.predicate);
            true
        }
        _ => true,
    };
    change.table = Some(ObjectName {
        schema: Some(Ident { value: below.schema.clone(), ..Ident::default() }),
        name: Ident { value: below.name.clone(), ..Ident::default() },
    });
    fits
}

fn shown(scene: Scene<'_>, view: &View) -> Shown {
    let Some(query) = QueryText::new(view.query.clone()).query(scene.catalog.target) else { return Shown::Unread };
    if query.with.is_some() {
        return Shown::Computed("it has WITH");
    }
    if query.limit_clause.is_some() || query.fetch.is_some() {
        return Shown::Computed("it has LIMIT or OFFSET");
    }
    let SetExpr::Select(select) = query.body.as_ref() else { return Shown::Computed("it puts several queries together") };
    if let Some(why) = computed(scene, select) {
        return Shown::Computed(why);
    }
    let [from] = select.from.as_slice() else { return Shown::Computed("it reads no table, or more than one") };
    let TableFactor::Table { name, args: None, sample: None, .. } = &from.relation else {
        return Shown::Computed("it shows no table");
    };
    if !from.joins.is_empty() {
        return Shown::Computed("it joins tables");
    }
    let Some(below) = plain_name(name, scene.catalog).map(|name| scene.catalog.resolve(&name)) else { return Shown::Unread };
    let mut columns: Vec<(String, Option<String>)> = Vec::new();
    for item in &select.projection {
        let (tree, alias) = match item {
            SelectItem::UnnamedExpr(tree) => (tree, None),
            SelectItem::ExprWithAlias { expr, alias } => (expr, Some(folded(alias, scene.catalog))),
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {
                let Some(star) = &view.star else { return Shown::Unread };
                columns.extend(star.iter().map(|name| (name.clone(), Some(name.clone()))));
                continue;
            }
            _ => return Shown::Unread,
        };
        let column = match tree {
            Expr::Identifier(name) => Some(folded(name, scene.catalog)),
            Expr::CompoundIdentifier(names) => names.last().map(|name| folded(name, scene.catalog)),
            _ => None,
        };
        columns.push((alias.or_else(|| column.clone()).unwrap_or_default(), column));
    }
    if columns.len() == view.columns.len() {
        for (column, name) in columns.iter_mut().zip(&view.columns) {
            column.0.clone_from(name);
        }
    }
    Shown::Plain { below, columns, filter: select.selection.clone().map(Box::new) }
}

/// Why rows of this query are no rows of a table.
fn computed(scene: Scene<'_>, select: &Select) -> Option<&'static str> {
    let grouped = !matches!(&select.group_by, GroupByExpr::Expressions(list, _) if list.is_empty());
    if select.distinct.is_some() {
        return Some("it has DISTINCT");
    }
    if grouped || select.having.is_some() {
        return Some("it has GROUP BY or HAVING");
    }
    let trees = select.projection.iter().filter_map(|item| match item {
        SelectItem::UnnamedExpr(tree) | SelectItem::ExprWithAlias { expr: tree, .. } => Some(tree),
        _ => None,
    });
    trees.clone().any(|tree| super::grouping::has_aggregate(scene, tree)).then_some("it has aggregates").or_else(|| {
        let windowed = |tree: &Expr| matches!(tree, Expr::Function(function) if function.over.is_some());
        trees.clone().any(windowed).then_some("it has window functions")
    })
}
