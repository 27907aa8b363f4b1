//! What is analysed or planned, and not run: EXPLAIN, the commands of a rule, the body of a function.

use super::outcome::Outcome;
use super::rows::{planner_mode, target};
use super::scene::{Scene, planned_indexes};
use super::view;
use crate::change::{Action, Change, InsertSource, ObjectName};
use crate::effect::{FailureCause, LockMode, Truth};

/// EXPLAIN takes the locks that planning takes, and fails where analysing the statement does.
pub(super) fn planned(scene: Scene<'_>, changes: &[Change], out: &mut Outcome) {
    for change in changes {
        if !refused(scene, change, true, out) {
            locks(scene, change, true, out);
        }
    }
}

/// Names are looked up and locked, nothing is planned. Names of columns are judged where they cannot
/// be those of parameters.
pub(super) fn analysed(scene: Scene<'_>, change: &Change, names: bool, out: &mut Outcome) {
    if !refused(scene, change, names, out) {
        locks(scene, change, false, out);
    }
}

/// What the statement would be refused for before it runs.
fn refused(scene: Scene<'_>, change: &Change, names: bool, out: &mut Outcome) -> bool {
    let mut effects = super::effects_of(scene, change);
    if names {
        crate::effect::names::check_change(scene.statement, change, scene.catalog, &mut effects);
    }
    let told: Vec<_> = effects.failures.into_iter().filter(|one| one.certain == Truth::Yes && one.cause == FailureCause::Schema).collect();
    let any = !told.is_empty();
    out.effects.failures.extend(told);
    any
}

fn locks(scene: Scene<'_>, change: &Change, planned: bool, out: &mut Outcome) {
    let none: &[ObjectName] = &[];
    let (reads, rows, searched) = match &change.action {
        Action::Select { reads, locks_rows: false, .. } => (reads.as_slice(), false, false),
        Action::Select { reads, .. } => {
            for table in reads.iter().filter_map(|name| scene.table(name)) {
                out.lock(table, LockMode::RowShare);
                if planned && planned_indexes(scene, table) {
                    out.lock_indexes(table, planner_mode(scene, LockMode::RowShare));
                }
            }
            return;
        }
        Action::CreateTable(create) => (create.as_query.as_ref().map_or(none, Vec::as_slice), false, false),
        Action::CreateView(create) if create.materialized => (create.reads.as_slice(), false, false),
        Action::Update(rows) => (rows.reads.as_slice(), true, true),
        Action::Delete(rows) => (rows.reads.as_slice(), true, true),
        Action::Merge { reads, .. } => (reads.as_slice(), true, true),
        Action::Insert(rows) => match &rows.source {
            InsertSource::Query { reads, .. } => (reads.as_slice(), true, false),
            InsertSource::Values { .. } | InsertSource::DefaultValues => (none, true, false),
        },
        _ => return,
    };
    view::read(scene, reads, planned, Truth::No, out);
    if !rows {
        return;
    }
    let Some(table) = target(scene, change, out) else { return };
    let members = if planned && searched { scene.with_descendants(table) } else { vec![table] };
    for member in members {
        out.lock(member, LockMode::RowExclusive);
        if planned && searched && planned_indexes(scene, member) {
            out.lock_indexes(member, LockMode::RowExclusive);
        }
    }
}
