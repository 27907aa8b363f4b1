//! A table with everything that hangs on it.

use std::collections::BTreeMap;

use super::birth::Birth;
use super::key::Key;
use super::object::RowRule;
use super::parts::Parts;
use crate::change::{
    ConstraintKind, DataType, DefaultValue, Deferral, Expression, Generated, Ident, Identity, IndexKey, IndexKind, PartitionBound,
    PartitionBy, PartitionDef, Persistence, RefAction, TableOption, TriggerEvent, TriggerState, TriggerTiming,
};
use crate::source::Location;

#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub key: Key,
    pub kind: TableKind,
    pub persistence: Persistence,
    pub columns: Parts<Column>,
    pub constraints: Parts<Constraint>,
    pub indexes: Parts<Index>,
    pub triggers: Parts<Trigger>,
    pub rules: Vec<RowRule>,
    pub policies: Vec<String>,
    /// USING and WITH CHECK of each policy, by its name.
    pub policy_conditions: Vec<(String, Expression)>,
    /// PostgreSQL: the publications it is in by name.
    pub publications: Vec<Published>,
    /// PostgreSQL: extended statistics of it.
    pub extended_statistics: Vec<Key>,
    /// PostgreSQL `OF type`.
    pub of_type: Option<Key>,
    pub row_security: bool,
    pub force_row_security: bool,
    pub partitioning: Option<Partitioning>,
    /// The partitioned table this is a partition of, and its bound.
    pub partition_of: Option<(Key, PartitionBound)>,
    pub inherits: Vec<Key>,
    /// `engine`, `row_format`, `default charset` … by lower-case name.
    pub options: Vec<TableOption>,
    pub charset: Option<String>,
    pub collation: Option<String>,
    pub access_method: Option<String>,
    pub tablespace: Option<String>,
    pub replica_identity: Option<String>,
    pub without_rowid: bool,
    pub strict: bool,
    pub autoincrement: bool,
    pub system_versioning: bool,
    pub birth: Birth,
    /// All its columns, constraints and indexes are known. A table met for the first time in an
    /// ALTER is entered as incomplete: what is missing from it proves nothing.
    pub complete: bool,
    /// A change that may not have been executed (a DO block, a condition) touched it: neither the
    /// presence nor the absence of its parts is certain.
    pub uncertain: bool,
    pub rows: Rows,
    pub statistics: Option<TableStatistics>,
    /// MySQL: how often columns were added or dropped instantly since its rows were last written anew.
    pub row_versions: u16,
    /// PostgreSQL: the index that CLUSTER goes by when none is named.
    pub clustered_on: Option<String>,
    /// Where it was created, for related locations.
    pub origin: Option<Location>,
}

/// A table's place in a publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub publication: String,
    /// The columns that its list and its WHERE name; empty when neither is there.
    pub columns: Vec<String>,
    pub birth: Birth,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    Table,
    Partitioned,
    Foreign,
    Virtual,
    MaterializedView,
}

/// Whether rows can be expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rows {
    /// Created in this migration and nothing inserted since.
    None,
    /// Nothing in the history fills it, but it has been live since an earlier migration.
    Assumed,
    /// A statement of the history inserts into it, or statistics say so.
    Some,
}

/// What `lockgate stats` or a live server measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableStatistics {
    pub rows: u64,
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub name: String,
    /// `None` where the history does not tell.
    pub data_type: Option<DataType>,
    pub not_null: bool,
    pub default: Option<DefaultValue>,
    pub generated: Option<Generated>,
    pub identity: Option<Identity>,
    pub auto_increment: bool,
    pub on_update: Option<Expression>,
    pub comment: Option<String>,
    pub invisible: bool,
    pub charset: Option<String>,
    pub collation: Option<String>,
    pub birth: Birth,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// The name written, or the one the engine makes up.
    pub name: String,
    pub kind: ConstraintKind,
    /// Key columns, or the columns a CHECK mentions.
    pub columns: Vec<String>,
    /// CHECK expression.
    pub expression: Option<Expression>,
    pub foreign_key: Option<ForeignKeyInfo>,
    pub validity: Validity,
    pub enforced: bool,
    pub no_inherit: bool,
    pub deferral: Deferral,
    /// The index behind a key or exclusion constraint.
    pub index: Option<String>,
    /// Written inside a column definition.
    pub inline: bool,
    /// The column in whose definition it was written: SQLite drops it with that column.
    pub column: Option<String>,
    pub birth: Birth,
    pub origin: Option<Location>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// Every row satisfies it.
    Valid,
    /// NOT VALID, or added while checks were off.
    NotValid,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKeyInfo {
    pub references: Key,
    pub referenced_columns: Vec<String>,
    pub on_delete: RefAction,
    /// PostgreSQL 15 `SET NULL (columns)`; empty: all of the key's.
    pub on_delete_columns: Vec<String>,
    pub on_update: RefAction,
    pub match_full: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    pub name: String,
    pub kind: IndexKind,
    pub unique: bool,
    pub primary: bool,
    /// Lower case; MariaDB: empty where none is written, which is not the same to it.
    pub method: String,
    pub keys: Vec<IndexKey>,
    pub include: Vec<String>,
    pub predicate: Option<Expression>,
    pub nulls_not_distinct: bool,
    pub state: IndexState,
    pub visible: bool,
    /// MySQL and MariaDB; empty where there is none.
    pub comment: String,
    /// The constraint it implements.
    pub constraint: Option<String>,
    /// MySQL and MariaDB made it for a foreign key; it goes when another index serves the key.
    pub implied: bool,
    /// For an index of a partition: the parent's index it is attached to.
    pub attached_to: Option<Key>,
    /// PostgreSQL `ON ONLY` parent index with children missing.
    pub only: bool,
    pub birth: Birth,
    pub origin: Option<Location>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexState {
    Valid,
    Invalid,
    /// CONCURRENTLY without a way to know the outcome.
    Unknown,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Partitioning {
    pub by: PartitionBy,
    /// PostgreSQL: tables; MySQL and MariaDB: partition names.
    pub partitions: Vec<Key>,
    pub default_partition: Option<Key>,
    /// MySQL and MariaDB: where each partition ends, or the values it holds.
    pub bounds: BTreeMap<Key, PartitionBound>,
}

impl Partitioning {
    /// A table's partitions as they are defined with it (MySQL, MariaDB) or none yet (PostgreSQL).
    pub(super) fn of(by: &PartitionBy) -> Self {
        let mut new = Partitioning { by: by.clone(), partitions: Vec::new(), default_partition: None, bounds: BTreeMap::new() };
        new.insert(0, &by.partitions);
        if by.partitions.is_empty() {
            new.number(by.count.unwrap_or(1));
        }
        new
    }

    /// Partitions of HASH and KEY that have no names of their own: the server calls them p0, p1 …
    pub(super) fn number(&mut self, count: u64) {
        /// The most a table can have (MySQL manual 26.6).
        const MOST: u64 = 8192;
        let from = self.partitions.len() as u64;
        if self.by.strategy.contains("hash") || self.by.strategy.contains("key") {
            let names = (from..from.saturating_add(count).min(MOST)).map(|number| Key::new("", format!("p{number}")));
            self.partitions.extend(names);
        }
    }

    pub(super) fn insert(&mut self, at: usize, partitions: &[PartitionDef]) {
        let key = |partition: &PartitionDef| Key::new("", partition.name.value.to_lowercase());
        let bounds = partitions.iter().filter_map(|partition| Some((key(partition), partition.bound.clone()?)));
        self.bounds.extend(bounds);
        let at = at.min(self.partitions.len());
        self.partitions.splice(at..at, partitions.iter().map(key));
    }

    /// Takes partitions out; the place of the first.
    pub(super) fn remove(&mut self, names: &[Ident]) -> Option<usize> {
        let named = |key: &Key| names.iter().any(|name| name.value.to_lowercase() == key.name);
        let at = self.partitions.iter().position(named);
        self.partitions.retain(|key| !named(key));
        self.bounds.retain(|key, _| !named(key));
        at
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    pub name: String,
    pub timing: TriggerTiming,
    pub events: Vec<TriggerEvent>,
    pub constraint: bool,
    pub function: Option<Key>,
    /// `WHEN`.
    pub condition: Option<Expression>,
    pub state: TriggerState,
    /// Columns of its own table after NEW. and OLD., lower case.
    pub row_columns: Vec<String>,
    /// Tables its body mentions.
    pub mentions: Vec<Key>,
    pub words: Vec<String>,
    /// Columns its body writes by name (INSERT lists, SET); `*` for an INSERT without a list.
    pub writes: Vec<(Key, String)>,
    /// Names in the conditions, values and queries of its body, lower case: what SQLite looks up
    /// again whenever the schema changes. Names that are only written are not among them.
    pub reads: Vec<String>,
    pub birth: Birth,
}
