//! Statements that read or write rows.

use super::name::{Ident, ObjectName};
use super::types::Expression;
use crate::source::Span;

#[derive(Debug, Clone, PartialEq)]
pub struct InsertRows {
    /// Empty: all columns in order.
    pub columns: Vec<Ident>,
    pub source: InsertSource,
    pub on_conflict: OnConflict,
    /// PostgreSQL: `OVERRIDING SYSTEM VALUE` or `OVERRIDING USER VALUE`.
    pub overriding: bool,
    /// How many values the narrowest and the widest row have; `None` where a query or a star decides.
    pub width: Option<(u64, u64)>,
    /// `ON CONFLICT (a, b)` or `ON CONFLICT ON CONSTRAINT name`.
    pub arbiter: Option<Arbiter>,
}

/// What tells that a row is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arbiter {
    Columns(Vec<Ident>),
    Constraint(Ident),
    /// Expressions or operator classes.
    Unread,
}

#[derive(Debug, Clone, PartialEq)]
pub enum InsertSource {
    /// Literal rows; the count where it was cheap to tell.
    Values {
        rows: Option<u64>,
    },
    /// `INSERT … SELECT`: the tables read; `bounded` when it selects without any table.
    Query {
        reads: Vec<ObjectName>,
        bounded: bool,
        /// Its WHERE compares a column with a value: few rows are picked, as far as one can tell.
        narrow: bool,
        /// Every table but the first is joined by LEFT JOIN: each row of the first one comes, unless a
        /// condition keeps it away.
        left_joined: bool,
        star: bool,
        /// The columns selected, in order, where they are told one by one; empty text for anything
        /// that is more than a column.
        values: Vec<String>,
    },
    DefaultValues,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnConflict {
    #[default]
    Fail,
    /// OR IGNORE, INSERT IGNORE, ON CONFLICT DO NOTHING.
    Ignore,
    /// OR REPLACE, REPLACE INTO.
    Replace,
    /// ON CONFLICT DO UPDATE, ON DUPLICATE KEY UPDATE.
    Update,
}

/// The condition of an UPDATE or DELETE.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// No WHERE.
    None,
    Where(Expression),
    /// There is a WHERE, the statement was too large to read it.
    Unread,
}

#[derive(Debug, Clone, PartialEq)]
pub struct UpdateRows {
    pub only: bool,
    /// What the statement calls the table, if not by its name.
    pub alias: Option<Ident>,
    /// What stands behind SET.
    pub set: Span,
    /// Assigned columns with the values.
    pub assignments: Vec<(Ident, Expression)>,
    /// Other tables named in FROM, JOIN or subqueries.
    pub reads: Vec<ObjectName>,
    /// The target is joined to another table (FROM, JOIN).
    pub joined: bool,
    pub predicate: Predicate,
    /// MySQL LIMIT, SQLite LIMIT.
    pub limited: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DeleteRows {
    pub only: bool,
    pub reads: Vec<ObjectName>,
    pub joined: bool,
    pub predicate: Predicate,
    pub limited: bool,
}

/// PostgreSQL COPY.
#[derive(Debug, Clone, PartialEq)]
pub struct CopyRows {
    /// `FROM`, as opposed to `TO`.
    pub from: bool,
    pub stdin: bool,
    pub reads: Vec<ObjectName>,
}
