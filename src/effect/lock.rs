//! Locks, by the engines' own names.

use std::fmt;

/// A lock on a relation that existed before the statement.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lock {
    /// The relation's name as [`crate::catalog::Key`] displays it.
    pub relation: String,
    pub kind: RelationKind,
    pub mode: LockMode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RelationKind {
    Table,
    Partitioned,
    Index,
    View,
    MaterializedView,
    Sequence,
    Foreign,
    /// SQLite locks the whole file.
    Database,
}

/// PostgreSQL's table locks from weak to strong (manual 13.3.1), then MySQL's metadata locks, then
/// SQLite's one write lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LockMode {
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
    /// MySQL and MariaDB: readers and writers go on.
    MetadataShared,
    /// MySQL and MariaDB: rows can be read, not written (LOCK=SHARED, or the copying of a table).
    MetadataSharedNoWrite,
    /// MySQL and MariaDB: an exclusive metadata lock, however short, waits for every open
    /// transaction on the table and queues everybody behind it.
    MetadataExclusive,
    /// SQLite: one writer per file.
    SqliteWrite,
}

impl LockMode {
    /// The server's own name.
    pub fn name(self) -> &'static str {
        match self {
            LockMode::AccessShare => "AccessShareLock",
            LockMode::RowShare => "RowShareLock",
            LockMode::RowExclusive => "RowExclusiveLock",
            LockMode::ShareUpdateExclusive => "ShareUpdateExclusiveLock",
            LockMode::Share => "ShareLock",
            LockMode::ShareRowExclusive => "ShareRowExclusiveLock",
            LockMode::Exclusive => "ExclusiveLock",
            LockMode::AccessExclusive => "AccessExclusiveLock",
            LockMode::MetadataShared => "SHARED",
            LockMode::MetadataSharedNoWrite => "SHARED_NO_WRITE",
            LockMode::MetadataExclusive => "EXCLUSIVE",
            LockMode::SqliteWrite => "RESERVED",
        }
    }

    /// The name manuals print in prose: `ACCESS EXCLUSIVE`.
    pub fn prose(self) -> &'static str {
        match self {
            LockMode::AccessShare => "ACCESS SHARE",
            LockMode::RowShare => "ROW SHARE",
            LockMode::RowExclusive => "ROW EXCLUSIVE",
            LockMode::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            LockMode::Share => "SHARE",
            LockMode::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            LockMode::Exclusive => "EXCLUSIVE",
            LockMode::AccessExclusive => "ACCESS EXCLUSIVE",
            LockMode::MetadataShared => "shared metadata",
            LockMode::MetadataSharedNoWrite => "shared-no-write metadata",
            LockMode::MetadataExclusive => "exclusive metadata",
            LockMode::SqliteWrite => "database write",
        }
    }

    /// Plain SELECT waits for it (or it waits for SELECT).
    pub fn blocks_reads(self) -> bool {
        matches!(self, LockMode::AccessExclusive | LockMode::MetadataExclusive)
    }

    /// INSERT, UPDATE and DELETE wait for it.
    pub fn blocks_writes(self) -> bool {
        match self {
            LockMode::AccessShare
            | LockMode::RowShare
            | LockMode::RowExclusive
            | LockMode::ShareUpdateExclusive
            | LockMode::MetadataShared => false,
            LockMode::Share
            | LockMode::ShareRowExclusive
            | LockMode::Exclusive
            | LockMode::AccessExclusive
            | LockMode::MetadataSharedNoWrite
            | LockMode::MetadataExclusive
            | LockMode::SqliteWrite => true,
        }
    }
}

impl fmt::Display for LockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.prose())
    }
}
