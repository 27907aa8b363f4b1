//! A rule, read and checked.

use std::sync::Arc;

use super::checks::Check;
use super::fixes::Fixer;
use super::markdown::Page;
use super::message::Template;
use super::when::{Options, When};
use crate::change::ChangeKind;
use crate::engine::Engine;
use crate::facts::ElementKind;
use crate::finding::Severity;

/// One rule: record, prose and examples.
#[derive(Debug)]
pub struct Rule {
    /// The file's stem: names the hazard, so that "ignore dropping-column" reads as English.
    pub id: String,
    /// The folder it lies in.
    pub category: String,
    /// Where it was read from, for messages.
    pub path: String,
    /// The whole file: record, prose, examples.
    pub text: Arc<str>,
    pub page: Page,
    /// The first paragraph of its prose.
    pub summary: String,
    pub severity: Severity,
    /// Part of the default set; otherwise a convention that a team switches on.
    pub enabled: bool,
    pub engines: Vec<Engine>,
    pub subject: Subject,
    pub options: Options,
    /// Former ids.
    pub aliases: Vec<String>,
    pub(super) when: Option<When>,
    pub(super) check: Option<&'static Check>,
    pub(super) words: Words,
    pub(super) cases: Vec<Case>,
    pub(super) small: Severity,
    pub(super) possible: Option<Severity>,
    pub(super) once: Once,
    pub(super) asked: Asked,
    pub(super) at: At,
    pub(super) related: Option<Place>,
    pub(super) yields_to: Vec<String>,
    pub(super) refused: bool,
}

/// What a rule is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Changes of these kinds; empty for every kind.
    Changes(Vec<ChangeKind>),
    /// Columns, constraints, indexes or names, wherever they are defined; and changes of these
    /// kinds as a whole.
    Elements(Vec<ElementKind>, Vec<ChangeKind>),
    /// A whole migration, at its end.
    Migration,
    /// All migrations together.
    History,
    /// Found by another room, which asks here for severity and prose.
    Elsewhere,
}

#[derive(Debug, Default)]
pub(super) struct Words {
    pub message: Template,
    pub label: Option<Template>,
    pub help: Option<Template>,
    pub note: Option<Template>,
    pub fix: Option<&'static Fixer>,
}

/// Other words, or another severity, for one situation.
#[derive(Debug)]
pub(super) struct Case {
    pub engines: Vec<Engine>,
    pub when: Option<When>,
    pub severity: Option<Severity>,
    pub message: Option<Template>,
    pub label: Option<Template>,
    pub help: Option<Template>,
    pub note: Option<Template>,
    pub fix: Option<&'static Fixer>,
}

/// How often a rule speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Once {
    Change,
    /// Once per table in a statement.
    Statement,
    /// Once per table in a migration.
    Table,
    Migration,
}

/// When a rule is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Just before the statement runs.
    Before,
    /// When the migration is over: what a later statement put right is right.
    MigrationEnd,
    /// When the whole history is over: what a later migration put right is right.
    HistoryEnd,
}

impl Asked {
    pub(super) const ALL: [Asked; 3] = [Asked::Before, Asked::MigrationEnd, Asked::HistoryEnd];
}

/// What a finding points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Change,
    Statement,
    /// Where reading stopped, or the clause that fails.
    Trouble,
}

/// Another place to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Where the table was created.
    Table,
    /// The first earlier statement of the migration that changed the schema.
    SchemaChange,
    /// The first earlier statement that wrote many rows.
    BulkChange,
    /// The statement that took the strongest lock still held.
    HeldLock,
    /// Where the transaction was opened.
    Transaction,
    /// Where the constraint was added.
    Constraint,
}

impl Rule {
    /// The prose without the record: what `explain` shows.
    pub fn prose(&self) -> &str {
        let Some(record) = self.page.blocks.first() else { return &self.text };
        let rest = self.text.get(record.body.end..).unwrap_or_default();
        rest.split_once('\n').map_or("", |(_, prose)| prose).trim_start()
    }

    /// Rules that say the same hazard better.
    pub fn yields_to(&self) -> &[String] {
        &self.yields_to
    }

    /// Found by another room, so its examples are not run here.
    pub fn is_elsewhere(&self) -> bool {
        self.subject == Subject::Elsewhere
    }

    pub fn applies_to(&self, engine: Engine) -> bool {
        self.engines.contains(&engine)
    }
}
