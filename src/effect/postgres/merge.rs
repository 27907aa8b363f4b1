//! MERGE.

use super::outcome::Outcome;
use super::rows::{changed_rows, look_up, referenced_changes, target};
use super::scene::Scene;
use crate::change::{Change, ObjectName, Predicate};
use crate::effect::Truth;

/// The tables of foreign keys are asked only where a WHEN puts rows in, and those that refer here
/// only where one takes them out.
pub(super) fn merge(scene: Scene<'_>, change: &Change, reads: &[ObjectName], (writes, deletes): (bool, bool), out: &mut Outcome) {
    let Some(table) = target(scene, change, out) else { return };
    if !table.rules.is_empty() {
        out.refuse("0A000", format!("MERGE cannot work on \"{}\", which has rules", table.key));
        return;
    }
    changed_rows(scene, table, false, reads, true, &Predicate::None, out);
    for constraint in table.foreign_keys().filter(|_| writes) {
        look_up(scene, constraint, out);
    }
    for (child, constraint) in scene.referencing(&table.key).into_iter().filter(|_| deletes) {
        if let Some(key) = &constraint.foreign_key {
            referenced_changes(scene, child, constraint, key.on_delete, out);
        }
    }
    out.reversible(Truth::No);
}
