//! The names of a statement that writes rows: its values, what it does on conflict, what it returns.

use sqlparser::ast::{
    Assignment, AssignmentTarget, Delete, Expr, FromTable, Ident, Insert, ObjectName, ObjectNamePart, OnConflictAction, OnInsert,
    SelectItem, SetExpr, Statement, TableObject, Update, UpdateTableFromKind,
};

use super::scope::{Scope, Source, Stranger};
use super::{expression, known, plain_name, query};
use crate::catalog::Catalog;
use crate::engine::Engine;

/// The first name that stands for nothing.
pub(super) fn check(written: &Statement, catalog: &Catalog) -> Option<Stranger> {
    match written {
        Statement::Insert(insert) => inserted(insert, catalog),
        Statement::Update(update) => updated(update, catalog),
        Statement::Delete(delete) => deleted(delete, catalog),
        _ => None,
    }
}

fn inserted(insert: &Insert, catalog: &Catalog) -> Option<Stranger> {
    let TableObject::TableName(name) = &insert.table else { return None };
    let target = known(&plain_name(name, catalog)?, catalog).unqualified();
    let sqlite = catalog.target.engine == Engine::Sqlite;
    let mut queried = false;
    let source = insert.source.as_ref().and_then(|source| match source.body.as_ref() {
        SetExpr::Values(values) => {
            // MySQL and MariaDB let a value read the columns before it; in SQLite it sees none.
            let seen = if sqlite { Vec::new() } else { vec![target.clone()] };
            let scope = Scope { sources: &seen, merged: false, outer: None, catalog };
            values.rows.iter().flat_map(|row| row.iter()).find_map(|tree| expression::check(tree, scope))
        }
        _ => {
            queried = true;
            query::check(source, catalog, None)
        }
    });
    source.or_else(|| set(&insert.assignments, &target, catalog)).or_else(|| on_conflict(insert, queried, &target, catalog)).or_else(|| {
        let sources = [target.clone()];
        returned(insert.returning.as_deref(), Scope { sources: &sources, merged: false, outer: None, catalog })
    })
}

/// MySQL's `INSERT … SET`.
fn set(assignments: &[Assignment], target: &Source, catalog: &Catalog) -> Option<Stranger> {
    let sources = [target.clone()];
    let scope = Scope { sources: &sources, merged: false, outer: None, catalog };
    assignments.iter().find_map(|assignment| assigned(assignment, scope).or_else(|| expression::check(&assignment.value, scope)))
}

fn on_conflict(insert: &Insert, queried: bool, target: &Source, catalog: &Catalog) -> Option<Stranger> {
    let own = [target.clone()];
    let own = Scope { sources: &own, merged: false, outer: None, catalog };
    match insert.on.as_ref()? {
        OnInsert::DuplicateKeyUpdate(assignments) => {
            let targets = || assignments.iter().find_map(|assignment| assigned(assignment, own));
            // Values may come from the query, or from a name that the new row is given.
            let told = !queried && insert.insert_alias.is_none();
            let values = || assignments.iter().find_map(|assignment| expression::check(&assignment.value, own));
            targets().or_else(|| if told { values() } else { None })
        }
        OnInsert::OnConflict(conflict) if catalog.target.engine == Engine::Sqlite => {
            let OnConflictAction::DoUpdate(update) = &conflict.action else { return None };
            let excluded = Source { name: "excluded".to_owned(), strict: true, ..target.clone() };
            let sources = [target.clone(), excluded];
            // A plain name is the one of the row that is there.
            let both = Scope { sources: &sources, merged: true, outer: None, catalog };
            let targets = update.assignments.iter().find_map(|assignment| assigned(assignment, own));
            let values = update.assignments.iter().map(|assignment| &assignment.value);
            targets.or_else(|| values.chain(&update.selection).find_map(|tree| expression::check(tree, both)))
        }
        _ => None,
    }
}

/// The column that an assignment is for.
fn assigned(assignment: &Assignment, scope: Scope<'_>) -> Option<Stranger> {
    match target(assignment)? {
        Expr::Identifier(column) => scope.column(&Ident { quote_style: None, ..column }),
        other => expression::check(&other, scope),
    }
}

fn target(assignment: &Assignment) -> Option<Expr> {
    let AssignmentTarget::ColumnName(ObjectName(parts)) = &assignment.target else { return None };
    let ident = |part: &ObjectNamePart| match part {
        ObjectNamePart::Identifier(ident) => Some(ident.clone()),
        ObjectNamePart::Function(_) => None,
    };
    let mut names: Vec<Ident> = parts.iter().map(ident).collect::<Option<_>>()?;
    if names.len() == 1 { names.pop().map(Expr::Identifier) } else { Some(Expr::CompoundIdentifier(names)) }
}

fn returned(items: Option<&[SelectItem]>, scope: Scope<'_>) -> Option<Stranger> {
    items.unwrap_or_default().iter().find_map(|item| match item {
        SelectItem::UnnamedExpr(tree) | SelectItem::ExprWithAlias { expr: tree, .. } => expression::check(tree, scope),
        _ => None,
    })
}

fn values(items: Option<&[SelectItem]>) -> impl Iterator<Item = &Expr> {
    items.unwrap_or_default().iter().filter_map(|item| match item {
        SelectItem::UnnamedExpr(tree) | SelectItem::ExprWithAlias { expr: tree, .. } => Some(tree),
        _ => None,
    })
}

fn updated(update: &Update, catalog: &Catalog) -> Option<Stranger> {
    let from = match &update.from {
        Some(UpdateTableFromKind::BeforeSet(tables) | UpdateTableFromKind::AfterSet(tables)) => tables.as_slice(),
        None => &[],
    };
    // In SQLite an assignment is for the target alone, and has been looked up there.
    let every_table = catalog.target.engine != Engine::Sqlite;
    let targets: Vec<Expr> = update.assignments.iter().filter(|_| every_table).filter_map(target).collect();
    let trees = update.assignments.iter().map(|assignment| &assignment.value).chain(&update.selection);
    let trees = targets.iter().chain(trees).chain(values(update.returning.as_deref()));
    query::over(std::iter::once(&update.table).chain(from), trees, catalog)
}

fn deleted(delete: &Delete, catalog: &Catalog) -> Option<Stranger> {
    let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
    // `DELETE FROM a USING a JOIN b` names its targets first.
    let tables = delete.using.as_deref().unwrap_or(from);
    query::over(tables.iter(), delete.selection.iter().chain(values(delete.returning.as_deref())), catalog)
}
