//! One statement of a script.

use super::action::Change;
use super::types::Expression;
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
    pub note: Option<Expression>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    pub value: String,
    pub span: Span,
}
