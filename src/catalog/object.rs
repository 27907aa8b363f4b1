//! Views, types, sequences and routines.

use std::sync::{Arc, OnceLock};

use super::birth::Birth;
use super::key::Key;
use super::table::Trigger;
use crate::change::{CheckConstraint, DataType, Expression, Parameter, Statement, Volatility};
use crate::source::{Location, Span};

#[derive(Debug, Clone, PartialEq)]
pub struct View {
    pub key: Key,
    /// Materialised views are tables of kind `MaterializedView` as well; this holds the query.
    pub materialized: bool,
    pub columns: Vec<String>,
    pub reads: Vec<Key>,
    /// Column names the query mentions, lower case; `*` for a star.
    pub mentions: Vec<String>,
    /// The columns its stars stand for, lower case: those the relations had when it was made.
    /// `None` where the server reads a star anew each time, or the columns were not known.
    pub star: Option<Vec<String>>,
    pub query: Expression,
    pub populated: bool,
    pub rules: Vec<RowRule>,
    /// Triggers, which are INSTEAD OF where they are for each row.
    pub triggers: Vec<Trigger>,
    pub birth: Birth,
    pub origin: Option<Location>,
}

/// What a PostgreSQL rule does beside or instead of a change of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct RowRule {
    pub name: String,
    /// `select`, `insert`, `update`, `delete`.
    pub event: String,
    pub instead: bool,
    pub conditional: bool,
    pub commands: Arc<[Statement]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumType {
    pub key: Key,
    pub labels: Vec<EnumLabel>,
    pub birth: Birth,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumLabel {
    pub value: String,
    pub birth: Birth,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Domain {
    pub key: Key,
    pub base: DataType,
    pub not_null: bool,
    pub default: Option<Expression>,
    pub checks: Vec<DomainCheck>,
    pub birth: Birth,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DomainCheck {
    pub name: String,
    pub check: CheckConstraint,
    pub valid: bool,
    pub birth: Birth,
}

/// A composite, range or base type.
#[derive(Debug, Clone, PartialEq)]
pub struct UserType {
    /// Of a composite type, which is a relation of its own.
    pub attributes: Option<Vec<(String, DataType)>>,
    pub birth: Birth,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    pub key: Key,
    pub owned_by: Option<(Key, String)>,
    pub birth: Birth,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Routine {
    pub key: Key,
    pub is_procedure: bool,
    pub language: String,
    pub volatility: Volatility,
    /// How many arguments go in at most, and how many must.
    pub arguments: u32,
    pub required: u32,
    pub parameters: Vec<Parameter>,
    pub body: Option<String>,
    /// Where the body stands: in the script that made it, and in that script's file.
    pub code: Option<(Span, Location)>,
    /// Routines of the same name with other arguments.
    pub overloads: Vec<Arc<Routine>>,
    pub returns: Option<DataType>,
    /// Its body was read when it was made, and holds on to what it names.
    pub atomic: bool,
    /// The search path it sets for its body.
    pub search_path: Option<Vec<String>>,
    pub birth: Birth,
    pub fired: Fired,
}

/// What a trigger's function runs for each of the four operations, read when it is first asked for:
/// every statement that changes rows asks again. It says nothing that the body does not.
#[derive(Debug, Clone, Default)]
pub struct Fired(Arc<[OnceLock<Vec<Statement>>; 4]>);

impl Fired {
    /// The statements for the operation of that number, which `read` takes from the body.
    pub fn statements(&self, operation: usize, read: impl FnOnce() -> Vec<Statement>) -> &[Statement] {
        self.0.get(operation).map_or(&[][..], |known| known.get_or_init(read))
    }
}

impl PartialEq for Fired {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
