//! Whether a statement builds on something that is now done later.
//!
//! In doubt it does: then it moves along, and the order stays as it was.

use super::recipe::{Moved, What};
use super::words::mentions;
use crate::change::{Action, Change, Statement};

/// Whether one of the statement's changes, those in `apart` left out, must come after what was moved.
pub fn depends(moved: &Moved, statement: &Statement, words: &str, apart: &[usize]) -> bool {
    if moved.names.iter().any(|name| mentions(words, name)) {
        return true;
    }
    if !moved.tables.iter().any(|table| mentions(words, table)) {
        return false;
    }
    statement.changes.iter().enumerate().any(|(at, change)| !apart.contains(&at) && !is_harmless(change, moved.what))
}

/// Whether a change of the same table does not care.
fn is_harmless(change: &Change, what: What) -> bool {
    if change.conditional {
        return false;
    }
    match &change.action {
        Action::Comment { .. } | Action::Privileges { .. } | Action::Nothing | Action::Analyze | Action::Owner { .. } => true,
        Action::AddColumn { .. } | Action::SetDefault { .. } | Action::DropDefault { .. } | Action::SetColumnAttribute { .. } => true,
        Action::SetStorageParameters { .. } | Action::DropNotNull { .. } => true,
        Action::CreateIndex(index) => !(index.unique && what == What::Rows),
        Action::DropIndex(_) => what != What::Rows,
        // A foreign key needs the key it points at; a CHECK is asked of every row that is written.
        Action::AddConstraint(constraint) => match what {
            What::Check | What::Index { unique: false } => true,
            What::Rows => constraint.not_valid.is_some(),
            What::Index { unique: true } | What::Promise => false,
        },
        Action::CreateTable(_) => matches!(what, What::Check | What::Index { unique: false } | What::Rows),
        Action::Insert(_) | Action::Update(_) | Action::Delete(_) | Action::Select { .. } => {
            matches!(what, What::Check | What::Index { unique: false })
        }
        _ => false,
    }
}
