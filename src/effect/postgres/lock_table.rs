//! LOCK TABLE.

use super::outcome::Outcome;
use super::scene::{Relation, Scene};
use super::view;
use crate::catalog::TableKind;
use crate::change::{LockTables, TableLockMode};
use crate::effect::{FailureCause, LockMode, Truth};

pub(super) fn lock_tables(scene: Scene<'_>, lock: &LockTables, out: &mut Outcome) {
    let session = &scene.catalog.session;
    if session.transaction.is_none() && !session.one_message {
        out.fail("25P01", "LOCK TABLE can only be used in transaction blocks", FailureCause::Transaction, Truth::Yes);
    }
    for (name, mode) in &lock.tables {
        let mode = match mode {
            TableLockMode::AccessShare => LockMode::AccessShare,
            TableLockMode::RowShare => LockMode::RowShare,
            TableLockMode::RowExclusive => LockMode::RowExclusive,
            TableLockMode::ShareUpdateExclusive => LockMode::ShareUpdateExclusive,
            TableLockMode::Share => LockMode::Share,
            TableLockMode::ShareRowExclusive => LockMode::ShareRowExclusive,
            TableLockMode::Exclusive => LockMode::Exclusive,
            TableLockMode::AccessExclusive | TableLockMode::Read | TableLockMode::Write => LockMode::AccessExclusive,
        };
        match scene.relation(name) {
            Some(Relation::Table(table)) if matches!(table.kind, TableKind::MaterializedView | TableKind::Foreign) => {
                out.refuse("42809", format!("\"{name}\" cannot be locked: it is no table"));
            }
            Some(Relation::Table(table)) => {
                for member in if scene.statement.modifiers.only { vec![table] } else { scene.with_descendants(table) } {
                    out.lock(member, mode);
                }
            }
            Some(Relation::View(view)) if scene.at_least(11) && !view.materialized => view::lock_deep(scene, view, mode, out, 32),
            Some(_) => out.refuse("42809", format!("\"{name}\" is not a table")),
            None => out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name)),
        }
    }
}
