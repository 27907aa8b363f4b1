//! What undoes one change, from the schema before it and after it.

mod column;
mod constraint;
mod object;
mod rows;
mod table;

use super::definitions::Definitions;
use crate::catalog::{Catalog, Presence, Table};
use crate::change::{Action, Change, ObjectName, Statement};
use crate::engine::Target;
use crate::source::Span;
use crate::sql::quoted;

/// One statement between two states of the schema.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub before: &'a Catalog,
    pub after: &'a Catalog,
    pub statement: &'a Statement,
    pub text: &'a str,
    pub definitions: &'a Definitions,
    /// The way back may run outside a transaction.
    pub outside: bool,
}

/// What undoes a change.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Inverse {
    /// In the order in which they run.
    pub statements: Vec<String>,
    /// What the statements do not bring back, for the reader of the script.
    pub notes: Vec<String>,
    /// Why there is no way back at all.
    pub impossible: Vec<String>,
}

impl Inverse {
    fn run(statement: impl Into<String>) -> Self {
        Inverse { statements: vec![statement.into()], ..Inverse::default() }
    }

    fn all(statements: Vec<String>) -> Self {
        Inverse { statements, ..Inverse::default() }
    }

    fn nothing() -> Self {
        Inverse::default()
    }

    fn impossible(why: impl Into<String>) -> Self {
        Inverse { impossible: vec![why.into()], ..Inverse::default() }
    }

    fn but(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

impl<'a> Scene<'a> {
    pub fn target(&self) -> Target {
        self.before.target
    }

    fn name(&self, name: &str) -> String {
        quoted(name, self.target())
    }

    fn words(&self, span: Span) -> &'a str {
        span.slice(self.text)
    }

    /// The table a change works on, as it was.
    fn old(&self, change: &Change) -> Option<&'a Table> {
        self.before.table(change.table.as_ref()?)
    }

    /// The same table, as it is.
    fn made(&self, change: &Change) -> Option<&'a Table> {
        self.after.table(change.table.as_ref()?)
    }

    /// The table's name as the script writes it.
    fn table_words(&self, change: &Change) -> &'a str {
        change.table.as_ref().map_or("", |table| self.words(table.span()))
    }

    /// `ALTER TABLE t <clause>;`
    fn alter(&self, change: &Change, clause: &str) -> Inverse {
        Inverse::run(format!("ALTER TABLE {} {clause};", self.table_words(change)))
    }

    /// Whether the history is sure that there is no such table or view.
    fn is_absent(&self, name: &ObjectName) -> bool {
        matches!(self.before.presence(name), Presence::Dropped | Presence::NeverMade)
    }

    /// The change in a few words, for notes.
    fn said(&self, change: &Change) -> String {
        let words = self.words(change.span).split_whitespace().collect::<Vec<_>>().join(" ");
        let end = words.floor_char_boundary(80);
        if end < words.len() { format!("{}...", words.get(..end).unwrap_or_default()) } else { words }
    }
}

/// What undoes a whole statement: its changes, the last first.
pub fn of_statement(scene: &Scene<'_>) -> Inverse {
    let mut whole = Inverse::default();
    for change in scene.statement.changes.iter().rev() {
        let one = of_change(scene, change);
        for statement in one.statements {
            if !whole.statements.contains(&statement) {
                whole.statements.push(statement);
            }
        }
        whole.notes.extend(one.notes);
        whole.impossible.extend(one.impossible);
    }
    whole
}

fn of_change(scene: &Scene<'_>, change: &Change) -> Inverse {
    if change.conditional {
        return Inverse::impossible(format!("what a block did is not known: {}", scene.said(change)));
    }
    let found = table::invert(scene, change)
        .or_else(|| column::invert(scene, change))
        .or_else(|| constraint::invert(scene, change))
        .or_else(|| object::invert(scene, change))
        .or_else(|| rows::invert(scene, change));
    found.unwrap_or_else(|| match &change.action {
        // Neither schema nor rows.
        Action::Nothing
        | Action::Explain { .. }
        | Action::Select { .. }
        | Action::Begin { .. }
        | Action::Commit { .. }
        | Action::Rollback { .. }
        | Action::Savepoint { .. }
        | Action::ReleaseSavepoint { .. }
        | Action::RollbackToSavepoint { .. }
        | Action::SetVariable(_)
        | Action::Pragma(_)
        | Action::LockTables(_)
        | Action::UnlockTables
        | Action::UseDatabase { .. }
        | Action::SetConstraints { .. }
        | Action::Vacuum { .. }
        | Action::Analyze { .. }
        | Action::Cluster { .. }
        | Action::Optimize
        | Action::CheckTable
        | Action::RepairTable
        | Action::Flush { .. }
        | Action::Checkpoint
        | Action::AttachDatabase { .. }
        | Action::ValidateConstraint { .. }
        | Action::Reindex(_)
        | Action::RefreshView { .. }
        | Action::ForceRebuild
        | Action::OrderBy
        | Action::Keys { .. }
        | Action::ClusterOn { .. }
        | Action::Comment { .. } => Inverse::nothing(),
        // Not the shape of the schema, and what was there before is not kept.
        Action::Privileges { .. }
        | Action::Owner { .. }
        | Action::SetColumnAttribute { .. }
        | Action::SetStorageParameters { .. }
        | Action::SetTablespace { .. }
        | Action::AlterIndex { .. }
        | Action::AlterSystem { .. } => Inverse::nothing().but(format!("stays as it is: {}", scene.said(change))),
        _ => Inverse::impossible(format!("nothing says what was there before: {}", scene.said(change))),
    })
}
