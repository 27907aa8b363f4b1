//! Statements that write rows: the schema does not change, and the old values are nowhere.

use super::{Inverse, Scene};
use crate::change::{Action, Change};

pub fn invert(scene: &Scene<'_>, change: &Change) -> Option<Inverse> {
    let table = change.table.as_ref().map(|table| table.name.value.clone()).unwrap_or_default();
    let note = match &change.action {
        Action::Insert(_) | Action::Merge { .. } => format!("rows that were written into {table} stay"),
        Action::Copy(copy) if copy.from => format!("rows that were written into {table} stay"),
        Action::Copy(_) => return Some(Inverse::nothing()),
        Action::Update(_) => format!("the former values of {table} do not come back"),
        Action::Delete(_) | Action::Truncate { .. } => format!("rows that were deleted from {table} do not come back"),
        _ => return None,
    };
    // What was made in this migration goes with it.
    let new = scene.old(change).is_some_and(|table| table.birth.origin(scene.before.now).is_new());
    Some(if new { Inverse::nothing() } else { Inverse::nothing().but(note) })
}
