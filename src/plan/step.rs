//! One statement as it will be sent.

use crate::effect::{Lock, Loss};
use crate::source::{Script, Span};

use super::class::{Patience, Retry};
use super::duration::Duration;
use super::probe::{IndexBuild, Probe};

#[derive(Debug, Clone)]
pub struct Step {
    /// Place among the script's statements, from 0.
    pub position: u32,
    pub(super) script: Script,
    pub(super) span: Span,
    /// The lines that follow `COPY … FROM stdin`.
    pub(super) data: Option<Span>,
    /// As shown to people.
    pub path: String,
    pub line: u32,
    pub column: u32,
    pub verb: String,
    /// SHA-256 of its text.
    pub hash: String,
    pub patience: Patience,
    pub retry: Retry,
    /// It and a row of our own can share a transaction.
    pub fits: bool,
    /// Acts on the session alone.
    pub session: bool,
    /// Doing it twice is doing it once.
    pub repeatable: bool,
    /// Locks on what existed before.
    pub locks: Vec<Lock>,
    pub losses: Vec<Loss>,
    pub duration: Duration,
    /// How to see whether it was done.
    pub probe: Option<Probe>,
    /// An index built or dropped CONCURRENTLY.
    pub build: Option<IndexBuild>,
    /// A timeout the script sets by itself: from here on it is the author's.
    pub sets_timeout: bool,
    /// MySQL LOCK TABLES and UNLOCK TABLES: in between no other table can be used.
    pub locks_tables: bool,
    pub unlocks_tables: bool,
    /// SQLite: `PRAGMA foreign_keys`.
    pub foreign_keys: bool,
}

impl Step {
    pub fn text(&self) -> &str {
        self.span.slice(&self.script.text)
    }

    pub fn data(&self) -> Option<&str> {
        self.data.map(|span| span.slice(&self.script.text))
    }

    /// One line of it, for progress and reports.
    pub fn summary(&self) -> String {
        let mut out = String::new();
        for word in self.text().split_whitespace() {
            if out.chars().count() + word.chars().count() > 96 {
                out.push_str(" …");
                break;
            }
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
        }
        out
    }

    /// Line and column in the file of a place the server named: characters into the statement, from
    /// 1. `None` for SQL that was rendered from code, where such a place has no meaning.
    pub fn locate(&self, position: u32) -> Option<(u32, u32)> {
        if !matches!(self.script.map, crate::source::SpanMap::Same) {
            return None;
        }
        let (mut line, mut column) = (self.line, self.column);
        for c in self.text().chars().take((position as usize).saturating_sub(1)) {
            if c == '\n' {
                line += 1;
                column = 1;
            } else {
                column += 1;
            }
        }
        Some((line, column))
    }
}

/// Statements that stand or fall together.
#[derive(Debug, Clone)]
pub struct Group {
    pub kind: GroupKind,
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupKind {
    /// `begin` is the statement that opens it: the script may ask for an isolation level.
    Transaction { begin: String },
    /// One statement on its own.
    Alone,
}
