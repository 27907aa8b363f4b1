//! What a migration is, whatever system it was written for.

use std::path::PathBuf;

use crate::source::{Location, Script, Span};

/// One migration of a project, read from its files.
#[derive(Debug, Clone)]
pub struct Migration {
    /// As the system stores it in its history: `20240131120000`, `1`, `0001_init`.
    pub version: String,
    pub name: String,
    pub up: Script,
    pub down: Down,
    /// How the up script is wrapped.
    pub transaction: TransactionMode,
    pub down_transaction: TransactionMode,
    /// SHA-256 of the up script's bytes with Lockgate's own directives left out, hexadecimal.
    pub checksum: String,
    /// The files it was read from, as shown to people; the up script's first.
    pub paths: Vec<PathBuf>,
}

/// The way back.
#[derive(Debug, Clone)]
pub enum Down {
    Script(Script),
    /// The system has downs and this migration has none.
    Missing,
    /// There is a down section or file with no statement in it.
    Empty(Location),
    /// The system has no downs: nobody expects one.
    NotSupported,
    /// Declared impossible by the author.
    Irreversible(Location),
}

/// Whether the runner wraps a script in a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransactionMode {
    /// BEGIN and COMMIT around each migration.
    PerMigration,
    /// Statement by statement, each on its own.
    None,
    /// The whole script in one message: several statements form an implicit transaction, a single
    /// one runs alone (golang-migrate, Prisma and sqlx's `no-transaction` on PostgreSQL).
    Batch,
}

/// Where a format says something about the transaction: the directive, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Directive {
    pub span: Span,
}
