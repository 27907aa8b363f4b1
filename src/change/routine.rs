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
    /// How many arguments go in at most, and how many must.
    pub arguments: u32,
    pub required: u32,
    pub parameters: Vec<Parameter>,
    pub returns: Option<DataType>,
    /// The body inside its quotes, in the script.
    pub body: Option<Span>,
    /// The body as text with quotes resolved.
    pub body_text: Option<String>,
    pub security_definer: bool,
    /// PostgreSQL: `BEGIN ATOMIC` or `RETURN`, read when it is made: it depends on what it names.
    pub atomic: bool,
    /// PostgreSQL: `SET search_path` of the routine, under which its body runs.
    pub search_path: Option<Vec<String>>,
}

/// One parameter as it is declared.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    pub name: Option<String>,
    /// `None` where it could not be read.
    pub data_type: Option<DataType>,
    /// A value goes in: IN, INOUT, VARIADIC.
    pub input: bool,
    /// It has a default.
    pub optional: bool,
}

/// A call of a routine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub name: ObjectName,
    /// How many arguments are given, where that was told.
    pub arguments: Option<u32>,
    /// What its body does follows as changes of its own.
    pub followed: bool,
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
