//! Reading one migration: its files, its scripts, their statements.

use crate::change::{self, Statement};
use crate::engine::{Engine, Target};
use crate::migration::{Directory, Down, Entry, Format, LoadError, Migration, Reading, TransactionMode};
use crate::source::{Script, Sources};
use crate::sql::Comment;

/// A migration with everything that can be told without the ones before it.
#[derive(Debug)]
pub struct Prepared {
    pub migration: Migration,
    /// The files it came from; spans of its scripts point into these.
    pub sources: Sources,
    pub up: Read,
    /// `None` where there is no down script.
    pub down: Option<Read>,
}

/// The statements of a script.
#[derive(Debug, Default)]
pub struct Read {
    pub statements: Vec<Statement>,
    pub comments: Vec<Comment>,
}

impl Read {
    fn of(script: &Script, target: Target) -> Self {
        let (statements, comments) = change::read_with_comments(script, target);
        Read { statements, comments }
    }

    /// Whether the script runs inside a transaction that its runner opened.
    pub fn wrapped(&self, mode: TransactionMode, target: Target) -> bool {
        match mode {
            TransactionMode::PerMigration => true,
            TransactionMode::None => false,
            // PostgreSQL makes one transaction of several statements in one message (manual
            // 54.2.2.1); the other engines run them one by one.
            TransactionMode::Batch => target.engine == Engine::Postgres && self.statements.len() > 1,
        }
    }
}

/// Reads a migration. `with_down` is false for migrations that are context only.
pub fn prepare(
    format: &dyn Format,
    directory: &Directory,
    entry: &Entry,
    target: Target,
    transaction: Option<TransactionMode>,
    with_down: bool,
    first_source: u32,
) -> Result<Prepared, LoadError> {
    let mut sources = Sources::numbered_from(first_source);
    let mut reading = Reading { target, transaction, sources: &mut sources };
    let migration = format.load(directory, entry, &mut reading)?;
    let up = Read::of(&migration.up, target);
    let down = match &migration.down {
        Down::Script(script) if with_down => Some(Read::of(script, target)),
        _ => None,
    };
    Ok(Prepared { migration, sources, up, down })
}
