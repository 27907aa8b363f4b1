//! Whether a statement builds on something that is now done later.
//!
//! In doubt it does: then it moves along, and the order stays as it was.

use super::recipe::{Moved, What};
use super::words::Words;
use crate::change::{Action, Change, ConstraintBody, ConstraintDef, Statement};

/// Whether one of the statement's changes, those in `apart` left out, must come after what was moved.
pub fn depends(moved: &Moved, statement: &Statement, words: &Words, apart: &[usize]) -> bool {
    if moved.names.iter().any(|name| words.hold(name)) {
        return true;
    }
    if !moved.tables.iter().any(|table| words.hold(table)) {
        return false;
    }
    statement.changes.iter().enumerate().any(|(at, change)| !apart.contains(&at) && !is_harmless(change, moved))
}

/// Whether a change of the same table does not care.
fn is_harmless(change: &Change, moved: &Moved) -> bool {
    if change.conditional {
        return false;
    }
    let what = moved.what;
    match &change.action {
        Action::Comment { .. } | Action::Privileges { .. } | Action::Nothing | Action::Analyze { .. } | Action::Owner { .. } => true,
        Action::AddColumn { .. } | Action::SetDefault { .. } | Action::DropDefault { .. } | Action::SetColumnAttribute { .. } => true,
        Action::SetStorageParameters { .. } | Action::DropNotNull { .. } => true,
        // What was proven spares it a scan.
        Action::SetNotNull { column } => what != What::Rows && !moved.columns.iter().any(|proven| column.is(proven)),
        Action::CreateIndex(index) => !(index.unique && what == What::Rows),
        Action::DropIndex(_) => what != What::Rows,
        Action::AddConstraint(constraint) => constraint_is_harmless(constraint, moved),
        Action::CreateTable(table) => {
            let points = table.constraints.iter().chain(table.columns.iter().flat_map(|column| &column.constraints));
            !needs_key(what) || points.into_iter().all(|one| !points_at(one, moved))
        }
        Action::Insert(_) | Action::Update(_) | Action::Delete(_) | Action::Select { .. } => {
            matches!(what, What::Check | What::Index { unique: false })
        }
        _ => false,
    }
}

fn constraint_is_harmless(constraint: &ConstraintDef, moved: &Moved) -> bool {
    if moved.what == What::Rows {
        // The rows are checked as they are now.
        return constraint.not_valid.is_some();
    }
    match &constraint.body {
        ConstraintBody::Check(_) | ConstraintBody::NotNull { .. } | ConstraintBody::Unique(_) | ConstraintBody::Exclusion(_) => true,
        ConstraintBody::ForeignKey(_) => !needs_key(moved.what) || !points_at(constraint, moved),
        ConstraintBody::PrimaryKey(_) => moved.what != What::Promise,
    }
}

/// Whether a foreign key may need what was moved.
fn needs_key(what: What) -> bool {
    matches!(what, What::Promise | What::Index { unique: true })
}

/// A foreign key needs the key it points at.
fn points_at(constraint: &ConstraintDef, moved: &Moved) -> bool {
    match &constraint.body {
        ConstraintBody::ForeignKey(key) => moved.tables.iter().any(|table| key.references.name.is(table)),
        _ => false,
    }
}
