//! What is asked: every statement of a script as typed changes, one per action.
//!
//! This room is syntax without opinion and without schema: it knows grammars, not tables. A
//! statement nobody could read stays here as [`Action::Opaque`], never lost.

mod action;
mod column;
mod constraint;
mod index;
mod kind;
mod name;
mod object;
mod query_text;
pub mod read;
mod routine;
mod rows;
mod session;
mod statement;
mod table;
mod types;

pub use action::{Action, Change, Within};
pub use column::{ColumnDef, DefaultValue, Generated, GeneratedKind, Identity, Place};
pub use constraint::{
    CheckConstraint, ConstraintBody, ConstraintDef, ConstraintKind, Deferral, ExclusionConstraint, ForeignKey, KeyConstraint, RefAction,
};
pub use index::{CreateIndex, DropIndex, IndexKey, IndexKind, IndexPart, Reindex, ReindexTarget};
pub use kind::ChangeKind;
pub use name::{Ident, ObjectName};
pub use object::{
    CreateDomain, CreateEnum, CreatePolicy, CreateRule, CreateSequence, CreateTrigger, CreateView, DomainChange, EnumValuePlace,
    ObjectKind, RowName, SequenceNumbers, TriggerEvent, TriggerTiming,
};
pub use query_text::QueryText;
pub use read::{read, read_piece, read_routine, read_with_comments};
pub use routine::{Call, CreateRoutine, Parameter, RoutineKind, Volatility};
pub use rows::{Arbiter, CopyRows, DeleteRows, InsertRows, InsertSource, OnConflict, Predicate, UpdateRows};
pub use session::{LockTables, Pragma, SetVariable, SettingScope, TableLockMode};
pub use statement::{Assertion, Parsing, Part, Statement, StatementModifiers};
pub use table::{
    CreateTable, LikeTable, PartitionAction, PartitionBound, PartitionBy, PartitionDef, Persistence, TableOption, TriggerScope,
    TriggerState,
};
pub use types::{DataType, Expression};
