//! What a migration is, whatever system it was written for.
//!
//! A system is one file under [`system`] that implements [`Format`], and one line in its list.
//! [`Directory`] is what a system sees of the disk; it lists [`Entry`]s without holding any
//! contents, and loads one [`Migration`] at a time, so that memory is bounded by the largest file.

mod checksum;
mod detect;
mod directive;
mod directory;
mod encoding;
mod format;
mod laying;
mod problem;
mod reading;
mod section;
pub mod system;
mod version;

pub use checksum::checksum;
pub use detect::{Candidate, Evidence, Strength, candidates, detect};
pub use directive::{Directive, DirectiveScope, removal};
pub use directory::Directory;
pub use encoding::text_of as decode;
pub use format::{EngineEvidence, Entry, Format, Listing, NewFile, UnknownFormat};
pub use laying::{Cannot, DownPlace, Outside, OutsideFor};
pub use problem::{LoadError, Problem, ProblemKind};
pub use reading::Reading;
pub use version::{Numbering, VersionOrder};

use std::path::PathBuf;

use crate::engine::Target;
use crate::source::{Location, Script};

/// One migration of a project, read from its files.
#[derive(Debug, Clone)]
pub struct Migration {
    /// What it was read for.
    pub target: Target,
    /// As the system stores it in its history: `20240131120000`, `1`, `0001_init`.
    pub version: String,
    pub name: String,
    pub up: Script,
    pub down: Down,
    /// How the up script is wrapped.
    pub transaction: TransactionMode,
    pub down_transaction: TransactionMode,
    /// Where the file itself says how its up script is wrapped.
    pub transaction_directive: Option<Location>,
    /// The files it was read from, as shown to people; the up script's first.
    pub paths: Vec<PathBuf>,
    /// Run again whenever its text changes (Flyway's `R__`, Liquibase's `runOnChange`).
    pub repeatable: bool,
    /// Where the tool fills in values that are not in the file (`${name}`, `{{ . }}`). The script
    /// holds stand-ins of the same length there: good for reading, not for running.
    pub placeholders: Vec<Location>,
    /// What is wrong with the files themselves. The scripts hold what could still be read.
    pub problems: Vec<Problem>,
}

impl Migration {
    /// SHA-256 of the up script with Lockgate's own directives left out, hexadecimal; see
    /// [`checksum`].
    pub fn checksum(&self) -> String {
        checksum(&self.up, self.target)
    }
}

/// The way back.
#[derive(Debug, Clone)]
pub enum Down {
    Script(Script),
    /// The system has downs and this migration has none.
    Missing,
    /// There is a down section or file with no statement in it.
    Empty(Location),
    /// The system, or this project's use of it, has no downs: nobody expects one.
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
