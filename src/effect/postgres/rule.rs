//! What the rules of a table or view do beside a change of its rows, or instead of it (manual, Rules on
//! INSERT, UPDATE, and DELETE).

use std::cell::Cell;

use super::fired;
use super::outcome::Outcome;
use super::scene::Scene;
use crate::catalog::RowRule;

/// Commands that meet rules themselves are followed so deep: rules may lead back to where they began.
const DEEPEST: u8 = 3;

thread_local! {
    static DEPTH: Cell<u8> = const { Cell::new(0) };
}

/// Runs the commands of the rules for an event. Whether the change itself is replaced by them.
pub(super) fn replaced(scene: Scene<'_>, rules: &[RowRule], event: &str, out: &mut Outcome) -> bool {
    let mut replaced = false;
    for rule in rules.iter().filter(|rule| rule.event == event) {
        replaced |= rule.instead && !rule.conditional;
        let depth = DEPTH.get();
        if depth < DEEPEST {
            DEPTH.set(depth + 1);
            rule.commands.iter().for_each(|command| fired::run(scene, command, out));
            DEPTH.set(depth);
        }
    }
    replaced
}
