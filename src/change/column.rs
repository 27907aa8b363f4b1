//! A column definition.

use super::constraint::ConstraintDef;
use super::name::Ident;
use super::types::{DataType, Expression};
use crate::source::Span;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct ColumnDef {
    pub name: Ident,
    /// `None` in SQLite (typeless columns) and in `PARTITION OF`/`OF` lists.
    pub data_type: Option<DataType>,
    /// `Some(span of NOT NULL)`.
    pub not_null: Option<Span>,
    /// An explicit `NULL`.
    pub null: Option<Span>,
    /// PostgreSQL 18 named or NOT VALID not-null constraints.
    pub not_null_name: Option<Ident>,
    pub default: Option<DefaultValue>,
    pub generated: Option<Generated>,
    pub identity: Option<Identity>,
    pub auto_increment: Option<Span>,
    /// MySQL `ON UPDATE CURRENT_TIMESTAMP`.
    pub on_update: Option<Expression>,
    pub comment: Option<String>,
    pub invisible: Option<bool>,
    pub storage: Option<Ident>,
    pub compression: Option<Ident>,
    pub srid: Option<u64>,
    /// PRIMARY KEY, UNIQUE, CHECK, REFERENCES written inline; their column lists are filled in.
    pub constraints: Vec<ConstraintDef>,
    /// The whole definition.
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DefaultValue {
    pub expression: Expression,
    /// From `DEFAULT` to the end of the expression.
    pub span: Span,
    /// Written in parentheses: an expression default in MySQL and SQLite.
    pub parenthesised: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    pub expression: Expression,
    pub kind: GeneratedKind,
    /// Neither STORED nor VIRTUAL was written; `kind` is the engine's default for the version.
    pub implied: bool,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GeneratedKind {
    Stored,
    Virtual,
}

/// PostgreSQL `GENERATED { ALWAYS | BY DEFAULT } AS IDENTITY`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub always: bool,
    pub span: Span,
}

/// MySQL and MariaDB column position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    First,
    After(Ident),
}
