//! Rows of constants: what a script has put into its tables and can still count on.

use std::collections::BTreeMap;

use sqlparser::ast::{Expr, Query, SelectItem, SetExpr, UnaryOperator, Value};

use super::{Catalog, Key, Table, TableKind};
use crate::change::{Action, InsertRows, OnConflict, Statement};
use crate::engine::Engine;

/// Values by column; null is `None`. A column that is missing has a value that was not told.
pub type Given = (Key, BTreeMap<String, Option<String>>);

/// So many rows are kept in mind.
const MOST: usize = 256;

impl Catalog {
    /// Keeps the rows of an INSERT, as long as only statements follow that change no rows.
    pub(super) fn note_given(&mut self, statement: &Statement) {
        if self.target.engine != Engine::Postgres {
            return;
        }
        if !statement.changes.iter().all(|change| keeps_rows(&change.action)) {
            self.session.given.clear();
            return;
        }
        let [change] = statement.changes.as_slice() else { return };
        let (Action::Insert(rows), Some(name)) = (&change.action, &change.table) else { return };
        let key = self.resolve(name);
        let below = self.descendants(&key).iter().all(|member| member.triggers.is_empty());
        let Some(table) = self.tables.get(&key).filter(|table| below && is_plain(table)) else {
            // Triggers and rules do what they like.
            self.session.given.clear();
            return;
        };
        if change.conditional || rows.on_conflict != OnConflict::Fail || self.session.given.len() >= MOST {
            return;
        }
        let Some(query) = statement.modifiers.note.as_ref().and_then(|note| note.query(self.target)) else { return };
        let new = constant_rows(table, rows, &query);
        self.session.given.extend(new.into_iter().take(MOST).map(|row| (key.clone(), row)));
    }
}

/// A table that keeps rows as they are given.
fn is_plain(table: &Table) -> bool {
    matches!(table.kind, TableKind::Table | TableKind::Partitioned)
        && table.complete
        && !table.uncertain
        && table.triggers.is_empty()
        && table.rules.is_empty()
}

fn keeps_rows(action: &Action) -> bool {
    match action {
        Action::Insert(rows) => matches!(rows.on_conflict, OnConflict::Fail | OnConflict::Ignore),
        Action::Select { calls, .. } => calls.is_empty(),
        Action::CreateTable(create) => create.as_query.is_none(),
        Action::CreateIndex(_)
        | Action::CreateSequence(_)
        | Action::CreateEnum(_)
        | Action::CreateType { .. }
        | Action::CreateDomain(_)
        | Action::CreateSchema { .. }
        | Action::CreateView(_)
        | Action::CreateRoutine(_)
        | Action::AddConstraint(_)
        | Action::AddColumn { .. }
        | Action::SetVariable(_)
        | Action::Comment { .. }
        | Action::Begin { .. }
        | Action::Commit { .. }
        | Action::Nothing => true,
        _ => false,
    }
}

/// The columns that an INSERT gives values to, in order.
pub fn filled_columns<'a>(table: &'a Table, rows: &'a InsertRows) -> Vec<&'a str> {
    if rows.columns.is_empty() {
        table.columns.iter().map(|column| column.name.as_str()).collect()
    } else {
        rows.columns.iter().map(|column| column.value.as_str()).collect()
    }
}

/// The values of an INSERT.
pub struct WrittenRows<'a> {
    pub rows: Vec<Vec<&'a Expr>>,
    /// No table is read for them: so many rows come.
    pub sure: bool,
    /// Every value stands by itself; else those are told that come before a star.
    pub whole: bool,
}

pub fn written_rows(query: &Query) -> Option<WrittenRows<'_>> {
    match query.body.as_ref() {
        SetExpr::Values(values) => {
            let rows = values.rows.iter().map(|row| row.iter().collect()).collect();
            Some(WrittenRows { rows, sure: true, whole: true })
        }
        SetExpr::Select(select) => {
            let told = select.projection.iter().map_while(|item| match item {
                SelectItem::UnnamedExpr(tree) | SelectItem::ExprWithAlias { expr: tree, .. } => Some(tree),
                _ => None,
            });
            let row: Vec<&Expr> = told.collect();
            let whole = row.len() == select.projection.len();
            Some(WrittenRows { rows: vec![row], sure: select.from.is_empty() && select.selection.is_none(), whole })
        }
        _ => None,
    }
}

/// `DEFAULT` in the place of a value.
pub fn is_default(tree: &Expr) -> bool {
    matches!(tree, Expr::Identifier(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("default"))
}

/// The rows of an INSERT as far as they are constants; none for a table that changes what it is given.
pub fn constant_rows(table: &Table, rows: &InsertRows, query: &Query) -> Vec<BTreeMap<String, Option<String>>> {
    if !is_plain(table) {
        return Vec::new();
    }
    let names = filled_columns(table, rows);
    let row = |values: Vec<&Expr>| {
        let mut told = BTreeMap::new();
        for column in table.columns.iter() {
            let written = names.iter().position(|name| *name == column.name).and_then(|at| values.get(at).copied());
            let tree = match written {
                Some(tree) if !is_default(tree) => Some(tree),
                _ => column.default.as_ref().and_then(|default| default.expression.tree.as_deref()),
            };
            let whole =
                column.data_type.as_ref().is_some_and(|data_type| matches!(data_type.name.as_str(), "integer" | "bigint" | "smallint"));
            if let Some(value) = tree.and_then(|tree| constant(tree, whole)) {
                told.insert(column.name.clone(), value);
            }
        }
        told
    };
    written_rows(query)
        .filter(|written| written.sure && written.whole)
        .map_or_else(Vec::new, |written| written.rows.into_iter().map(row).collect())
}

/// The text of a constant; whole numbers in one spelling.
fn constant(tree: &Expr, whole: bool) -> Option<Option<String>> {
    let text = match tree {
        Expr::Nested(inner) => return constant(inner, whole),
        Expr::Value(value) => match &value.value {
            Value::Null => return Some(None),
            Value::Number(number, _) => number.clone(),
            Value::SingleQuotedString(text) => text.clone(),
            Value::Boolean(value) => value.to_string(),
            _ => return None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match expr.as_ref() {
            Expr::Value(value) => match &value.value {
                Value::Number(number, _) => format!("-{number}"),
                _ => return None,
            },
            _ => return None,
        },
        _ => return None,
    };
    if whole { Some(Some(text.trim().parse::<i64>().ok()?.to_string())) } else { Some(Some(text)) }
}
