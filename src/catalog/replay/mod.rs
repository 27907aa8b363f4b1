//! Statements into schema: what the catalog looks like after each of them. One file per noun.
//!
//! The replay believes the statement succeeded; whoever knows better does not apply it. What could
//! not have succeeded against the schema as known (a second CREATE of the same name, a column that
//! is not there) changes nothing.

mod call;
mod column;
mod constraint;
mod copy;
mod create;
mod database;
mod drop;
mod index;
mod inherit;
pub(in crate::catalog) mod naming;
mod object;
mod options;
mod publication;
mod rename;
mod rewind;
mod routine;
mod rows;
mod rule;
mod session;
mod trigger;
mod types;
mod user_type;

pub use rewind::Lost;

use std::sync::Arc;

#[cfg(test)]
mod tests;

use super::{Birth, Catalog, Key, Parts, Rows, Table, TableKind};
use crate::change::{Action, Change, ObjectName, Parsing, Persistence, ReindexTarget, Statement};
use crate::source::{Location, Script};

/// What every step of the replay needs to know about the change at hand.
#[derive(Clone, Copy)]
struct Step {
    at: Location,
    /// It may not be executed.
    conditional: bool,
    /// `IF EXISTS` on the table.
    if_exists: bool,
    /// PostgreSQL `ALTER TABLE ONLY`.
    only: bool,
}

impl Catalog {
    /// What the schema looks like after the statement.
    pub fn apply(&mut self, statement: &Statement, script: &Script) {
        match statement.taken_apart() {
            Some(parts) => parts.iter().for_each(|part| self.apply_one(part, script)),
            None => self.apply_one(statement, script),
        }
        self.next_statement();
    }

    /// A statement that does not consist of others.
    fn apply_one(&mut self, statement: &Statement, script: &Script) {
        self.commit_implicitly(statement);
        if let Parsing::Failed { .. } | Parsing::Partial { .. } = statement.parsing {
            self.open_world = true;
        }
        for change in in_order(statement) {
            if self.target.engine.is_mysql_family() {
                self.note_database(change, script);
            }
            if let Action::CreateRoutine(create) = &change.action {
                self.create_routine(create, script);
            }
            let step = Step {
                at: script.locate(change.span),
                conditional: change.conditional,
                if_exists: statement.modifiers.if_exists,
                only: statement.modifiers.only,
            };
            self.apply_change(change, step);
            self.note_call(change, script);
        }
        self.drop_views_together(statement);
        self.note_given(statement);
    }

    fn apply_change(&mut self, change: &Change, step: Step) {
        if self.apply_rows(change, step) || self.apply_session(change, step) {
            return;
        }
        if let Action::CreateTable(create) = &change.action {
            self.create_table(create, change.table.as_ref().unwrap_or(&create.name), step);
            return;
        }
        if self.apply_object(change, step) {
            return;
        }
        if let Action::DropIndex(drop) = &change.action {
            if !step.conditional {
                self.drop_index(drop, change.table.as_ref());
            }
            return;
        }
        let Some(name) = &change.table else {
            if let Action::RenameIndex { from, to, .. } = &change.action {
                self.rename_index(None, from, to);
            } else if let Action::AttachIndexPartition { index, child } = &change.action {
                self.attach_index(index, child);
            }
            return;
        };
        match &change.action {
            Action::DropTable { .. } if step.conditional => self.doubt(name),
            Action::DropTable { .. } => self.drop_table_named(name, &change.action, step),
            Action::RenameTable { to } => {
                let before = self.resolve(name);
                self.rename_table(name, to);
                if step.conditional {
                    self.dropped.remove(&before);
                    self.doubt(to);
                }
            }
            Action::SetSchema { to } => self.set_schema(name, to),
            Action::RenameIndex { from, to, .. } => self.rename_index(Some(name), from, to),
            Action::AttachIndexPartition { index, child } => self.attach_index(index, child),
            Action::Reindex(reindex) => {
                if let ReindexTarget::Index(index) = &reindex.target {
                    self.reindex(index);
                }
            }
            action => {
                let Some(key) = self.met(name, step) else { return };
                self.alter_table(&key, action, step);
                if step.conditional
                    && let Some(table) = self.tables.edit(&key)
                {
                    table.uncertain = true;
                }
            }
        }
    }

    /// The key of a table that is about to be altered. One the history never made is entered as
    /// incomplete; from then on the history is known not to tell everything.
    fn met(&mut self, name: &ObjectName, step: Step) -> Option<Key> {
        let key = self.resolve(name);
        if self.tables.contains_key(&key) {
            return Some(key);
        }
        let elsewhere = self.views.contains_key(&key) || self.sequences.contains_key(&key) || self.index_owners.contains_key(&key);
        if elsewhere || step.if_exists || self.dropped.contains_key(&key) {
            return None;
        }
        self.open_world = true;
        let table = Table { complete: false, rows: Rows::Assumed, ..Table::named(key.clone(), Birth::default()) };
        self.tables.insert(key.clone(), table.into());
        Some(key)
    }

    /// Works on a table that needs the catalog beside it (for names, for other tables). While it is
    /// worked on its own place in the catalog is empty.
    fn rework(&mut self, key: &Key, work: impl FnOnce(&mut Catalog, &mut Table)) {
        let stand_in = Arc::clone(&self.stand_in);
        let Some(mut table) = self.tables.take(key, stand_in) else { return };
        work(self, Arc::make_mut(&mut table));
        self.tables.put_back(key, table);
    }

    /// Neither what the table has nor what it lacks is certain any more.
    fn doubt(&mut self, name: &ObjectName) {
        let key = self.resolve(name);
        if let Some(table) = self.tables.edit(&key) {
            table.uncertain = true;
        }
        self.open_world = true;
    }

    /// A relation of this name exists from now on.
    fn appears(&mut self, key: &Key) {
        self.dropped.remove(key);
    }

    /// A relation of this name is gone.
    fn disappears(&mut self, key: &Key) {
        self.dropped.insert(key.clone(), self.now);
    }
}

/// Engines drop before they add, whatever the order written (PostgreSQL's ALTER passes, MySQL's
/// `mysql_prepare_alter_table`), and rename the table last.
fn in_order(statement: &Statement) -> Vec<&Change> {
    let mut changes: Vec<&Change> = statement.changes.iter().collect();
    if changes.len() > 1 && statement.verb.starts_with("ALTER TABLE") && !changes.iter().any(|change| change.conditional) {
        changes.sort_by_key(|change| match &change.action {
            Action::DropColumn { .. } | Action::DropConstraint { .. } | Action::DropIndex(_) => 0,
            Action::RenameTable { .. } => 2,
            _ => 1,
        });
    }
    changes
}

impl Table {
    /// A table with nothing in it.
    pub fn named(key: Key, birth: Birth) -> Table {
        Table {
            key,
            kind: TableKind::Table,
            persistence: Persistence::Permanent,
            columns: Parts::default(),
            constraints: Parts::default(),
            indexes: Parts::default(),
            triggers: Parts::default(),
            rules: Vec::new(),
            policies: Vec::new(),
            publications: Vec::new(),
            extended_statistics: Vec::new(),
            policy_conditions: Vec::new(),
            of_type: None,
            row_security: false,
            force_row_security: false,
            partitioning: None,
            partition_of: None,
            inherits: Vec::new(),
            options: Vec::new(),
            charset: None,
            collation: None,
            access_method: None,
            tablespace: None,
            replica_identity: None,
            without_rowid: false,
            strict: false,
            autoincrement: false,
            system_versioning: false,
            birth,
            complete: true,
            uncertain: false,
            rows: Rows::None,
            statistics: None,
            clustered_on: None,
            row_versions: 0,
            origin: None,
        }
    }
}
