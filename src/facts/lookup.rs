//! Finding what a change talks about in the catalog.

use crate::catalog::{Catalog, Key, Origin, Table};
use crate::change::{Action, Change, ConstraintBody, ConstraintDef, Ident, ObjectName, Persistence, ReindexTarget};

/// The table of a change; for index statements, the index's owner.
pub fn table_of<'a>(catalog: &'a Catalog, change: &Change) -> Option<&'a Table> {
    if let Some(found) = change.table.as_ref().and_then(|name| table(catalog, name)) {
        return Some(found);
    }
    let index = match &change.action {
        Action::DropIndex(drop) => &drop.name,
        Action::RenameIndex { from, .. } => from,
        Action::AlterIndex { index, .. } | Action::AttachIndexPartition { index, .. } => index,
        Action::Reindex(reindex) => match &reindex.target {
            ReindexTarget::Index(name) | ReindexTarget::Any(Some(name)) => name,
            ReindexTarget::Table(_) | ReindexTarget::Schema(_) | ReindexTarget::Database(_) | ReindexTarget::System(_) => return None,
            ReindexTarget::Any(None) => return None,
        },
        _ => return None,
    };
    catalog.index(change.table.as_ref(), index).map(|(table, _)| table)
}

/// A table by its written name.
pub fn table<'a>(catalog: &'a Catalog, name: &ObjectName) -> Option<&'a Table> {
    catalog.table(name)
}

/// A table by the name effects and messages use.
pub fn shown<'a>(catalog: &'a Catalog, name: &str) -> Option<&'a Table> {
    // Names may have dots of their own: `"Platform.url"`, `{{ .Schema }}.users`.
    let split = name.match_indices('.').filter_map(|(at, _)| Some(Key::new(name.get(..at)?, name.get(at + 1..)?)));
    let bare = ["public", "", "main"].into_iter().map(|schema| Key::new(schema, name));
    bare.chain(split).find_map(|key| catalog.table_at(&key))
}

/// The running application may be using the table: it was there before this migration (or the
/// history does not tell), and other sessions can see it.
pub fn is_live(catalog: &Catalog, table: &Table) -> bool {
    let new = table.origin.is_some() && catalog.is_of_this_release(table.birth);
    table.persistence != Persistence::Temporary && !new
}

/// A table that the history never made was met in passing: it was there before.
pub fn origin(catalog: &Catalog, table: &Table) -> Origin {
    if table.origin.is_none() { Origin::Unknown } else { catalog.origin(table.birth) }
}

/// The one column a change works on.
pub fn column_name(change: &Change) -> Option<&Ident> {
    match &change.action {
        Action::AddColumn { column, .. } => Some(&column.name),
        Action::DropColumn { column, .. }
        | Action::SetType { column, .. }
        | Action::ModifyColumn { column, .. }
        | Action::SetDefault { column, .. }
        | Action::DropDefault { column }
        | Action::SetNotNull { column }
        | Action::DropNotNull { column }
        | Action::SetExpression { column, .. }
        | Action::DropExpression { column, .. }
        | Action::AddIdentity { column, .. }
        | Action::AlterIdentity { column }
        | Action::DropIdentity { column, .. }
        | Action::SetColumnAttribute { column, .. } => Some(column),
        Action::RenameColumn { from, .. } => Some(from),
        Action::AddConstraint(constraint) => match &constraint.body {
            ConstraintBody::NotNull { column } => Some(column),
            ConstraintBody::PrimaryKey(_)
            | ConstraintBody::Unique(_)
            | ConstraintBody::Check(_)
            | ConstraintBody::ForeignKey(_)
            | ConstraintBody::Exclusion(_) => None,
        },
        _ => None,
    }
}

/// The constraint a change adds: an action of its own, or the first one inside a new column.
pub fn added_constraint(change: &Change) -> Option<&ConstraintDef> {
    match &change.action {
        Action::AddConstraint(constraint) => Some(constraint),
        _ => None,
    }
}
