//! Constraints, inline or on the table.

use super::index::IndexKey;
use super::name::{Ident, ObjectName};
use super::types::Expression;
use crate::source::Span;

#[derive(Debug, Clone, PartialEq)]
pub struct ConstraintDef {
    pub name: Option<Ident>,
    pub body: ConstraintBody,
    /// Span of `NOT VALID`.
    pub not_valid: Option<Span>,
    /// Span of `NOT ENFORCED` (PostgreSQL 18, MySQL 8.0.16).
    pub not_enforced: Option<Span>,
    pub no_inherit: bool,
    pub deferral: Deferral,
    /// Written inside a column definition.
    pub inline: bool,
    /// MariaDB `ADD CONSTRAINT IF NOT EXISTS`.
    pub if_not_exists: bool,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ConstraintBody {
    PrimaryKey(KeyConstraint),
    Unique(KeyConstraint),
    Check(CheckConstraint),
    ForeignKey(ForeignKey),
    Exclusion(ExclusionConstraint),
    /// PostgreSQL 18 `CONSTRAINT name NOT NULL column`.
    NotNull {
        column: Ident,
    },
}

impl ConstraintBody {
    pub fn kind(&self) -> ConstraintKind {
        match self {
            ConstraintBody::PrimaryKey(_) => ConstraintKind::PrimaryKey,
            ConstraintBody::Unique(_) => ConstraintKind::Unique,
            ConstraintBody::Check(_) => ConstraintKind::Check,
            ConstraintBody::ForeignKey(_) => ConstraintKind::ForeignKey,
            ConstraintBody::Exclusion(_) => ConstraintKind::Exclusion,
            ConstraintBody::NotNull { .. } => ConstraintKind::NotNull,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConstraintKind {
    PrimaryKey,
    Unique,
    Check,
    ForeignKey,
    Exclusion,
    NotNull,
}

/// PRIMARY KEY and UNIQUE.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeyConstraint {
    pub columns: Vec<IndexKey>,
    pub include: Vec<Ident>,
    pub nulls_not_distinct: bool,
    /// PostgreSQL `USING INDEX name`.
    pub using_index: Option<Ident>,
    /// PostgreSQL 18 `WITHOUT OVERLAPS` on the last column.
    pub without_overlaps: bool,
    pub tablespace: Option<Ident>,
    /// MySQL index name after UNIQUE KEY.
    pub index_name: Option<Ident>,
    /// MySQL and MariaDB: `USING method` or `TYPE method`, lower case.
    pub method: Option<String>,
    /// MySQL INVISIBLE, MariaDB IGNORED.
    pub invisible: bool,
    /// MySQL and MariaDB: of its index; empty where there is none.
    pub comment: String,
    /// SQLite `INTEGER PRIMARY KEY AUTOINCREMENT`.
    pub autoincrement: bool,
    /// SQLite `ON CONFLICT` resolution, lower case.
    pub on_conflict: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CheckConstraint {
    pub expression: Expression,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ForeignKey {
    pub columns: Vec<Ident>,
    pub references: ObjectName,
    /// Empty: the primary key of the referenced table.
    pub referenced_columns: Vec<Ident>,
    pub on_delete: RefAction,
    /// PostgreSQL 15 `SET NULL (columns)`; empty: all of the key's.
    pub on_delete_columns: Vec<Ident>,
    pub on_update: RefAction,
    pub match_full: bool,
    pub index_name: Option<Ident>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RefAction {
    #[default]
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

impl RefAction {
    /// As written after ON DELETE; nothing for what needs no word.
    pub fn words(self) -> Option<&'static str> {
        match self {
            RefAction::NoAction => None,
            RefAction::Restrict => Some("RESTRICT"),
            RefAction::Cascade => Some("CASCADE"),
            RefAction::SetNull => Some("SET NULL"),
            RefAction::SetDefault => Some("SET DEFAULT"),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct ExclusionConstraint {
    pub method: Option<Ident>,
    pub columns: Vec<IndexKey>,
    pub predicate: Option<Expression>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Deferral {
    #[default]
    NotDeferrable,
    Deferrable,
    InitiallyDeferred,
}

impl Deferral {
    /// As written; nothing for what needs no word.
    pub fn words(self) -> Option<&'static str> {
        match self {
            Deferral::NotDeferrable => None,
            Deferral::Deferrable => Some("DEFERRABLE"),
            Deferral::InitiallyDeferred => Some("DEFERRABLE INITIALLY DEFERRED"),
        }
    }
}
