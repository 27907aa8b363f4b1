//! Tables and partitions.

use super::column::ColumnDef;
use super::constraint::ConstraintDef;
use super::index::{CreateIndex, IndexKey};
use super::name::{Ident, ObjectName};
use super::types::Expression;
use crate::source::Span;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateTable {
    pub name: ObjectName,
    pub persistence: Persistence,
    pub if_not_exists: bool,
    pub or_replace: bool,
    pub columns: Vec<ColumnDef>,
    pub constraints: Vec<ConstraintDef>,
    /// MySQL `KEY`/`INDEX`/`FULLTEXT`/`SPATIAL` elements.
    pub indexes: Vec<CreateIndex>,
    pub likes: Vec<LikeTable>,
    pub inherits: Vec<ObjectName>,
    pub of_type: Option<ObjectName>,
    pub partition_of: Option<(ObjectName, PartitionBound)>,
    pub partition_by: Option<PartitionBy>,
    /// `CREATE TABLE … AS query` or `SELECT INTO`: the tables the query reads.
    pub as_query: Option<Vec<ObjectName>>,
    /// Names of that query's columns where they can be told; `*` alone for a bare star.
    pub output: Vec<String>,
    /// `AS … WITH NO DATA`.
    pub with_no_data: bool,
    pub options: Vec<TableOption>,
    pub access_method: Option<Ident>,
    pub tablespace: Option<Ident>,
    /// PostgreSQL `CREATE FOREIGN TABLE`.
    pub foreign: bool,
    /// SQLite virtual table: the module.
    pub virtual_module: Option<Ident>,
    pub without_rowid: bool,
    pub strict: bool,
    pub on_commit_drop: bool,
    /// MariaDB `WITH SYSTEM VERSIONING`.
    pub system_versioning: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Persistence {
    #[default]
    Permanent,
    Temporary,
    Unlogged,
}

/// `LIKE source [INCLUDING …]`; the options in lower case (`all`, `defaults`, `indexes` …).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LikeTable {
    pub source: ObjectName,
    pub including: Vec<String>,
    pub excluding: Vec<String>,
}

/// How a table is partitioned: `range`, `list`, `hash`, `key`, `linear hash`, `system_time` …
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionBy {
    pub strategy: String,
    pub keys: Vec<IndexKey>,
    /// MySQL and MariaDB: the partitions defined with it.
    pub partitions: Vec<PartitionDef>,
    /// MySQL and MariaDB: how many there are, where it is written.
    pub count: Option<u64>,
    pub span: Span,
}

/// MySQL and MariaDB: a partition as it is defined. Of `VALUES LESS THAN` only the upper end is
/// written; MAXVALUE stands there as a word.
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionDef {
    pub name: Ident,
    pub bound: Option<PartitionBound>,
}

/// The bound of one partition.
#[derive(Debug, Clone, PartialEq)]
pub enum PartitionBound {
    Default,
    Range { from: Vec<Expression>, to: Vec<Expression> },
    List(Vec<Expression>),
    Hash { modulus: u64, remainder: u64 },
}

/// A table option: `engine`, `row_format`, `default charset`, `collate`, `comment`,
/// `auto_increment`, storage parameters … the name in lower case, the value without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableOption {
    pub name: String,
    pub value: String,
    pub span: Span,
}

/// MySQL and MariaDB partition maintenance; names as written, empty for ALL.
#[derive(Debug, Clone, PartialEq)]
pub enum PartitionAction {
    Add { partitions: Vec<PartitionDef>, count: Option<u64> },
    Drop { names: Vec<Ident>, if_exists: bool },
    Truncate { names: Vec<Ident> },
    Reorganize { names: Vec<Ident>, into: Vec<PartitionDef> },
    Exchange { name: Ident, with: ObjectName, without_validation: bool },
    Coalesce { count: u64 },
    Rebuild { names: Vec<Ident> },
    Analyze { names: Vec<Ident> },
    Check { names: Vec<Ident> },
    Optimize { names: Vec<Ident> },
    Repair { names: Vec<Ident> },
    Discard { names: Vec<Ident> },
    Import { names: Vec<Ident> },
    Remove,
    By(PartitionBy),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriggerState {
    Enable,
    EnableReplica,
    EnableAlways,
    Disable,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerScope {
    Named(Ident),
    All,
    User,
}
