//! What every engine's laboratory can do, and what is seen in it.

use std::collections::{BTreeMap, BTreeSet};

use lockgate::change::Statement;
use lockgate::driver::ServerError;
use lockgate::effect::StatementEffects;
use lockgate::engine::Target;

/// A database that is made anew for every case.
pub trait Lab: Send {
    fn target(&self) -> Target;

    /// `PostgreSQL 15`, `MariaDB 10.11`.
    fn name(&self) -> String;

    /// An empty database and a fresh session.
    fn reset(&mut self) -> Result<(), String>;

    /// A statement of the schema.
    fn prepare(&mut self, sql: &str) -> Result<(), ServerError>;

    /// Rows for every table.
    fn fill(&mut self, data: Data) -> Result<(), String>;

    /// The runner's own transaction around a migration.
    fn begin(&mut self) -> Result<(), ServerError>;
    fn commit(&mut self) -> Result<(), ServerError>;

    /// Runs a statement and looks.
    fn observe(&mut self, probe: &Probe<'_>) -> Observed;

    /// What the statements of a table of statements leave is thrown away after each of them, where
    /// that is quicker than a new database.
    fn isolate(&mut self, _probe: &Probe<'_>) -> Option<Observed> {
        None
    }

    /// Runs a statement as it is, and does not look.
    fn run(&mut self, sql: &str) -> Result<(), ServerError>;

    /// The rows of a query, NULL as nothing.
    fn ask(&mut self, query: &str) -> Result<Vec<Vec<String>>, ServerError>;

    /// The connection can be used no longer.
    fn lost(&self) -> bool {
        false
    }
}

/// A statement that is about to run.
pub struct Probe<'a> {
    pub sql: &'a str,
    pub statement: &'a Statement,
    pub predicted: &'a StatementEffects,
    /// Inside a transaction, the runner's or the script's own.
    pub in_transaction: bool,
}

/// What the rows look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// No NULLs, all different, small; text is a number, a date, a UUID, a word.
    Numbers,
    Dates,
    Uuids,
    Words,
    /// NULLs, duplicates, long text, large numbers, no parents.
    Hostile,
}

/// What a server did.
#[derive(Debug, Default)]
pub struct Observed {
    pub error: Option<ServerError>,
    /// It was refused inside a transaction and then ran alone.
    pub forbidden: bool,
    pub locks: Option<Locks>,
    pub rewrites: Option<BTreeSet<String>>,
    pub scans: Option<BTreeSet<String>>,
    pub builds: Option<BTreeSet<String>>,
    /// Tables that held rows before it.
    pub filled: BTreeSet<String>,
    pub online: Option<Online>,
    /// The open transaction was committed by it.
    pub commits: Option<bool>,
    /// Whether it waits for somebody who has merely read the table.
    pub waits: BTreeMap<String, bool>,
    /// Nothing was observed, and why.
    pub skipped: Option<String>,
}

/// Locks on relations that existed before the statement, strongest mode by the server's name.
#[derive(Debug, Default)]
pub struct Locks {
    pub before: BTreeMap<String, String>,
    pub after: BTreeMap<String, String>,
    /// Seen from outside while it ran: at least these.
    pub sampled: bool,
}

/// MySQL and MariaDB: the least intrusive way the server accepts.
#[derive(Debug)]
pub struct Online {
    pub algorithm: &'static str,
    pub writes: bool,
    pub rebuilt: bool,
}
