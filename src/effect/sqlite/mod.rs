//! SQLite: one writer per file, a small ALTER TABLE, and a schema that is parsed again whenever it
//! changes.
//!
//! Facts rest on the manual (lang_altertable, lang_createtable, foreignkeys, pragma) and on what
//! releases 3.26 to 3.53 were seen to do; the wording of refusals is the library's own.

mod add_column;
mod alter;
mod constant;
mod create;
mod drop;
mod drop_column;
mod expression;
mod rename;
mod rows;
mod schema;
mod session;
mod syntax;
mod values;
mod work;

use super::effects::Effects;
use crate::catalog::Catalog;
use crate::change::{Action, Change, Statement};
use work::Work;

pub use session::ineffective_pragma;

/// One answer for each change of the statement, in order.
pub(super) fn effects(statement: &Statement, before: &Catalog) -> Vec<Effects> {
    let mut all: Vec<Effects> = statement.changes.iter().map(|change| one(change, before)).collect();
    if let [effects] = all.as_mut_slice() {
        values::check(effects, statement, before);
    }
    if let Some(failure) = syntax::refusal(statement, before.target)
        && let Some(first) = all.first_mut()
    {
        // Nothing is executed: the statement does not even compile.
        *first = Effects { failures: vec![failure], reversible: super::Truth::Yes, ..Effects::default() };
    }
    all
}

fn one(change: &Change, before: &Catalog) -> Effects {
    let mut work = Work::new(before, change.conditional);
    match &change.action {
        Action::CreateTable(create) => create::table(&mut work, create),
        Action::CreateIndex(create) => create::index(&mut work, change, create),
        Action::CreateView(create) => create::view(&mut work, create),
        Action::CreateTrigger(create) => create::trigger(&mut work, change, create),
        Action::DropTable { if_exists, .. } => drop::table(&mut work, change, *if_exists),
        Action::DropIndex(drop) => drop::index(&mut work, drop),
        Action::DropObject { kind, name, if_exists, .. } => drop::object(&mut work, *kind, name, *if_exists),
        Action::Insert(insert) => rows::insert(&mut work, change, insert),
        Action::Update(update) => rows::update(&mut work, change, update),
        Action::Delete(delete) => rows::delete(&mut work, change, delete),
        Action::Select { reads, .. } => rows::select(&mut work, reads),
        Action::Begin { .. }
        | Action::Commit { .. }
        | Action::Rollback { .. }
        | Action::Savepoint { .. }
        | Action::ReleaseSavepoint { .. }
        | Action::RollbackToSavepoint { .. } => session::transaction(&mut work, &change.action),
        Action::Pragma(pragma) => session::pragma(&mut work, pragma),
        Action::Vacuum { into, .. } => session::vacuum(&mut work, *into),
        Action::Reindex(reindex) => session::reindex(&mut work, &reindex.target),
        Action::Analyze { .. } => session::analyze(&mut work, change.table.as_ref()),
        Action::Nothing | Action::Explain { .. } | Action::AttachDatabase { .. } => {}
        Action::Opaque { .. } => work.write_lock(None),
        action => {
            if let Some(table) = &change.table {
                alter::table(&mut work, table, action);
            }
        }
    }
    work.finish()
}
