//! Functions and procedures.

use super::name::ObjectName;
use super::types::DataType;
use crate::source::Span;

#[derive(Debug, Clone, PartialEq)]
pub struct CreateRoutine {
    pub name: ObjectName,
    pub kind: RoutineKind,
    pub or_replace: bool,
    pub if_not_exists: bool,
    /// Lower case; `sql` for MySQL routines and SQL-standard bodies.
    pub language: String,
    pub volatility: Volatility,
    pub arguments: u32,
    pub returns: Option<DataType>,
    /// The body inside its quotes, in the script.
    pub body: Option<Span>,
    /// The body as text with quotes resolved.
    pub body_text: Option<String>,
    pub security_definer: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoutineKind {
    Function,
    Procedure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Volatility {
    Immutable,
    Stable,
    #[default]
    Volatile,
}
