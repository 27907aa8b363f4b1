//! What we say: one hazard at one place.

mod edits;
mod fingerprint;

pub use edits::apply_fixes;
pub use fingerprint::{Fingerprint, fingerprint};

use std::fmt;
use std::path::PathBuf;

use crate::engine::Versions;
use crate::source::{Position, Span};

/// How bad it is if it is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    Note,
    Warning,
    Error,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }

    pub fn from_name(name: &str) -> Option<Severity> {
        [Severity::Note, Severity::Warning, Severity::Error].into_iter().find(|severity| severity.name() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How sure we are: `Possible` where an unknown fact decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Confidence {
    Possible,
    Certain,
}

impl Confidence {
    pub fn name(self) -> &'static str {
        match self {
            Confidence::Possible => "possible",
            Confidence::Certain => "certain",
        }
    }
}

/// A place in a file with its words. Positions are resolved when the finding is made, so that a
/// file's text need not be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// As shown to people: relative where possible.
    pub path: PathBuf,
    /// Bytes in the file.
    pub span: Span,
    pub start: Position,
    pub end: Position,
    pub message: String,
}

/// One hazard.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    pub severity: Severity,
    pub confidence: Confidence,
    pub message: String,
    /// What it is about, a table as a rule; empty when nothing in particular.
    pub object: String,
    pub primary: Label,
    pub related: Vec<Label>,
    pub help: Option<String>,
    /// Further sentences: what it rests on.
    pub notes: Vec<String>,
    pub fix: Option<Fix>,
    pub fingerprint: Fingerprint,
    /// First line of the statement (from 1).
    pub statement_line: u32,
    /// The engine, and the versions of it on which this holds.
    pub engine: Versions,
    pub suppression: Option<Suppression>,
}

/// Something wrong with a file itself, apart from its SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// As shown to people.
    pub path: PathBuf,
    pub line: Option<u32>,
    pub column: Option<u32>,
    pub severity: Severity,
    pub message: String,
    pub help: Option<String>,
    /// The file could not be read as it should be, so nobody knows what it hides.
    pub fatal: bool,
}

/// A finding that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    pub reason: Option<String>,
    pub source: SuppressionSource,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuppressionSource {
    /// A comment in the migration.
    Directive,
    /// `[[ignore]]` in `lockgate.toml`.
    Config,
}

/// A change of the source that removes the hazard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub title: String,
    pub safety: Safety,
    pub edits: Vec<Edit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safety {
    /// The outcome is the same, only safer.
    Safe,
    /// The outcome may differ; a person must look.
    Unsafe,
}

/// Replaces the bytes of `span` in the finding's file. Positions are resolved, as in a [`Label`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub start: Position,
    pub end: Position,
    pub text: String,
}
