//! One statement of a script.

use super::action::Change;
use super::query_text::QueryText;
use crate::source::Span;

/// A statement and the changes it asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// From the first to the last token, without leading comments and without the delimiter.
    pub span: Span,
    /// Its leading keywords, upper case: `ALTER TABLE`, `CREATE INDEX`, `DO`.
    pub verb: String,
    pub changes: Vec<Change>,
    pub modifiers: StatementModifiers,
    pub parsing: Parsing,
    /// A block and what it runs: the statements it is made of, in order, which share out `changes`
    /// among them. Empty for a statement that is one by itself.
    pub parts: Vec<Part>,
}

/// A statement that another one runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// So many of the changes are its.
    pub changes: usize,
    pub verb: String,
    pub modifiers: StatementModifiers,
    pub parsing: Parsing,
}

impl Statement {
    /// Adds a statement that this one runs, with what that one runs in turn.
    pub fn include(&mut self, inner: Statement) {
        if inner.parts.is_empty() {
            let Statement { verb, changes, modifiers, parsing, .. } = inner;
            self.parts.push(Part { changes: changes.len(), verb, modifiers, parsing });
            self.changes.extend(changes);
        } else {
            self.parts.extend(inner.parts);
            self.changes.extend(inner.changes);
        }
    }

    /// The statements it is made of, each by itself; `None` where it is one.
    pub fn taken_apart(&self) -> Option<Vec<Statement>> {
        if self.parts.is_empty() {
            return None;
        }
        let mut changes = self.changes.iter();
        let apart = self.parts.iter().map(|part| {
            let own: Vec<Change> = changes.by_ref().take(part.changes).cloned().collect();
            let span = own.iter().map(|change| change.span).reduce(Span::to).unwrap_or(self.span);
            let (verb, modifiers, parsing) = (part.verb.clone(), part.modifiers.clone(), part.parsing.clone());
            Statement { span, verb, changes: own, modifiers, parsing, parts: Vec::new() }
        });
        Some(apart.collect())
    }
}

/// How well a statement was understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Parsing {
    /// Every clause was read.
    Complete,
    /// Recognised, but `at` and what follows was not read.
    Partial { at: Span, expected: String },
    /// Not recognised at all, or refused by the engine's grammar.
    Failed { at: Span, expected: String },
    /// Recognised as another engine's or a newer version's syntax: certain to be refused.
    /// `needs` says by what it is accepted (`PostgreSQL 12`, `MariaDB`).
    Unsupported { at: Span, needs: String },
}

/// Clauses that steer a statement as a whole.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StatementModifiers {
    /// `ALGORITHM = x`, lower case: `default`, `instant`, `inplace`, `copy`, `nocopy`.
    pub algorithm: Option<Assertion>,
    /// `LOCK = x`, lower case: `default`, `none`, `shared`, `exclusive`.
    pub lock: Option<Assertion>,
    /// MariaDB `ALTER ONLINE TABLE`.
    pub online: bool,
    /// MariaDB `ALTER IGNORE TABLE`.
    pub ignore: bool,
    /// MariaDB `WAIT n` / `NOWAIT`, seconds.
    pub wait: Option<u64>,
    /// PostgreSQL `ALTER TABLE ONLY`.
    pub only: bool,
    /// `ALTER TABLE IF EXISTS`.
    pub if_exists: bool,
    /// `NOWAIT` of PostgreSQL's `ALL IN TABLESPACE` and LOCK.
    pub nowait: bool,
    /// PostgreSQL: the whole text of a small SELECT or INSERT.
    pub note: Option<QueryText>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    pub value: String,
    pub span: Span,
}
