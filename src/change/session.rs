//! Settings, locks and pragmas.

use super::name::ObjectName;
use crate::source::Span;

#[derive(Debug, Clone, PartialEq)]
pub struct SetVariable {
    /// Lower case, without `@@` and scope.
    pub name: String,
    pub scope: SettingScope,
    /// The value as text without quotes; `None` for DEFAULT and RESET.
    pub value: Option<String>,
    /// Each item of a list value (`search_path`).
    pub values: Vec<String>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SettingScope {
    /// SET, SET SESSION.
    #[default]
    Session,
    /// SET LOCAL, or `set_config(…, true)`.
    Local,
    Global,
    /// MySQL user variable.
    User,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LockTables {
    pub tables: Vec<(ObjectName, TableLockMode)>,
    pub nowait: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableLockMode {
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
    /// MySQL `LOCK TABLES t READ`.
    Read,
    /// MySQL `LOCK TABLES t WRITE`.
    Write,
}

/// SQLite PRAGMA.
#[derive(Debug, Clone, PartialEq)]
pub struct Pragma {
    pub schema: Option<String>,
    /// Lower case.
    pub name: String,
    /// Lower case, without quotes.
    pub value: Option<String>,
}
