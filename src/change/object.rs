//! Views, types, domains, sequences, triggers, policies, rules.

use super::constraint::CheckConstraint;
use super::name::{Ident, ObjectName};
use super::query_text::QueryText;
use super::statement::Statement;
use super::types::{DataType, Expression};

/// Kinds of schema objects that are created, dropped, renamed or altered by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectKind {
    Table,
    View,
    MaterializedView,
    Index,
    Sequence,
    Type,
    Domain,
    Function,
    Procedure,
    Aggregate,
    Trigger,
    EventTrigger,
    Rule,
    Policy,
    Schema,
    Database,
    Extension,
    Role,
    Publication,
    Subscription,
    Statistics,
    ForeignTable,
    Server,
    Tablespace,
    Collation,
    Event,
    Constraint,
    Column,
    /// Operators, casts, text search objects, languages, access methods, user mappings …
    Other,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateView {
    pub name: ObjectName,
    pub materialized: bool,
    pub or_replace: bool,
    pub if_not_exists: bool,
    pub temporary: bool,
    /// The column list, when written.
    pub columns: Vec<Ident>,
    /// Tables and views the query reads.
    pub reads: Vec<ObjectName>,
    /// Column names the query mentions anywhere (qualified or not), lower case; `*` for a star.
    pub mentions: Vec<String>,
    /// Names of the output columns where they can be told; empty when a star hides them.
    pub output: Vec<String>,
    pub query: QueryText,
    /// Materialised views: `WITH NO DATA`.
    pub with_no_data: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateEnum {
    pub name: ObjectName,
    pub labels: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnumValuePlace {
    Before(String),
    After(String),
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateDomain {
    pub name: ObjectName,
    pub base: DataType,
    pub not_null: bool,
    pub default: Option<Expression>,
    pub checks: Vec<(Option<Ident>, CheckConstraint)>,
}

/// ALTER DOMAIN.
#[derive(Debug, Clone, PartialEq)]
pub enum DomainChange {
    AddCheck { name: Option<Ident>, check: CheckConstraint, not_valid: bool },
    AddNotNull { name: Option<Ident> },
    DropConstraint { name: Ident, if_exists: bool, cascade: bool },
    ValidateConstraint { name: Ident },
    RenameConstraint { from: Ident, to: Ident },
    SetNotNull,
    DropNotNull,
    SetDefault(Expression),
    DropDefault,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateSequence {
    pub name: ObjectName,
    pub if_not_exists: bool,
    /// MariaDB: even a table of this name is replaced.
    pub or_replace: bool,
    pub temporary: bool,
    /// `OWNED BY table.column`.
    pub owned_by: Option<(ObjectName, Ident)>,
    pub data_type: Option<DataType>,
    pub numbers: SequenceNumbers,
}

/// The numbers that the options of a sequence give; `None` where one is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SequenceNumbers {
    pub increment: Option<i128>,
    pub minimum: Option<i128>,
    pub maximum: Option<i128>,
    pub start: Option<i128>,
    pub restart: Option<i128>,
    pub cache: Option<i128>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriggerTiming {
    Before,
    After,
    InsteadOf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerEvent {
    Insert,
    /// The columns of `UPDATE OF`; empty for any.
    Update(Vec<Ident>),
    Delete,
    Truncate,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateTrigger {
    pub name: ObjectName,
    pub or_replace: bool,
    pub if_not_exists: bool,
    pub constraint: bool,
    pub temporary: bool,
    pub timing: TriggerTiming,
    pub events: Vec<TriggerEvent>,
    pub for_each_row: bool,
    /// REFERENCING names tables of the rows that were changed.
    pub transition: bool,
    pub when: Option<Expression>,
    /// PostgreSQL `EXECUTE FUNCTION name`.
    pub function: Option<ObjectName>,
    /// PostgreSQL constraint triggers: the other table, `FROM t`.
    pub from: Option<ObjectName>,
    /// MySQL, MariaDB and SQLite bodies, statement by statement; spans are in the script.
    pub body: Vec<Statement>,
    /// Names after NEW. and OLD. anywhere in the body or condition, lower case.
    pub row_columns: Vec<String>,
    /// Tables the body mentions.
    pub mentions: Vec<ObjectName>,
    /// Words of the body that may be column names, lower case.
    pub words: Vec<String>,
    /// MySQL and MariaDB: each `NEW.column` and `OLD.column` of the body.
    pub row_names: Vec<RowName>,
    /// MySQL and MariaDB: the trigger of FOLLOWS or PRECEDES.
    pub beside: Option<Ident>,
}

/// A column of the row that fired a trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowName {
    /// `OLD.` rather than `NEW.`
    pub old: bool,
    pub column: Ident,
    /// SET gives it a value.
    pub set: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreatePolicy {
    pub name: Ident,
    pub permissive: bool,
    pub using: Option<Expression>,
    pub with_check: Option<Expression>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateRule {
    pub name: Ident,
    pub or_replace: bool,
    /// `select`, `insert`, `update`, `delete`.
    pub event: String,
    pub instead: bool,
    /// It has a WHERE.
    pub conditional: bool,
    /// Tables its condition reads.
    pub reads: Vec<ObjectName>,
    /// Names after NEW. and OLD. in its commands, lower case.
    pub row_columns: Vec<String>,
    /// What it does.
    pub commands: Vec<Statement>,
}
