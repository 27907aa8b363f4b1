//! What is said when a run does not end well. At three in the morning the questions are: what
//! exactly failed, is the database changed, and what do I do now.

use std::fmt::{self, Write as _};
use std::time::Duration;

use crate::driver::{DriverError, ServerError};
use crate::history::LockError;
use crate::plan::Doubt;

#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    #[error("{0}")]
    Lock(#[from] LockError),
    #[error("{database} does not take writes: {reason}")]
    ReadOnly { database: String, reason: String },
    #[error("cannot read or write lockgate's ledger: {0}")]
    Ledger(ServerError),
    #[error("cannot connect: {0}")]
    Connect(#[from] DriverError),
    /// The ledger is not what the plan was made for.
    #[error("the plan no longer fits the database: {0}")]
    Stale(String),
    #[error("{}", in_doubt(version, path, doubt))]
    InDoubt { version: String, path: String, doubt: Box<Doubt> },
    #[error(
        "{version} was run in part before, and line {line} has changed since: what is in the database is not what the file says\n  \
         as it was run: {statement}\n\
         Put the statement back as it was, then run `lockgate apply` again; it goes on after it."
    )]
    ChangedMidway { version: String, line: u32, statement: String },
    #[error("{0}")]
    Failed(Box<Failure>),
}

impl ApplyError {
    /// Whether the database may be different from what it was.
    pub fn changed(&self) -> Changed {
        match self {
            ApplyError::Failed(failure) if !failure.applied.is_empty() => Changed::Yes,
            ApplyError::Failed(failure) => failure.changed,
            ApplyError::Lock(_)
            | ApplyError::ReadOnly { .. }
            | ApplyError::Ledger(_)
            | ApplyError::Connect(_)
            | ApplyError::Stale(_)
            | ApplyError::InDoubt { .. }
            | ApplyError::ChangedMidway { .. } => Changed::No,
        }
    }

    /// Whether a migration was begun in this run.
    pub fn executed(&self) -> bool {
        matches!(self, ApplyError::Failed(_))
    }
}

fn in_doubt(version: &str, path: &str, doubt: &Doubt) -> String {
    format!(
        "{version} was interrupted while a statement was running, and nothing shows whether it was done\n  \
         {path}:{}: {}\n  sent at {}\n\
         Look in the database, then run `lockgate apply --assume-done` or `lockgate apply --assume-not-done`.",
        doubt.line, doubt.statement, doubt.started_at
    )
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    No,
    Yes,
    /// The connection broke and could not be had again.
    Unknown,
}

/// Where in the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub path: String,
    pub line: u32,
    pub column: u32,
    pub statement: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoneStatement {
    pub line: u32,
    pub summary: String,
}

/// Why a migration stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The server refused a statement, or the connection broke under it.
    Refused(ServerError),
    /// All statements were accepted and the COMMIT was not.
    Commit(ServerError),
    /// A check of our own failed: rows without their parent, an invalid index.
    Check(String),
    /// Somebody asked to stop.
    Interrupted,
}

/// A migration that was begun and did not end.
#[derive(Debug, Clone)]
pub struct Failure {
    pub version: String,
    pub name: String,
    pub stop: Stop,
    pub place: Option<Place>,
    pub attempts: u32,
    /// Who held the lock we waited for.
    pub blockers: Vec<String>,
    pub changed: Changed,
    /// Statements of this migration that are in the database.
    pub done: Vec<DoneStatement>,
    /// Statements of this migration that are not.
    pub not_done: Vec<DoneStatement>,
    /// Migrations of this run that are complete.
    pub applied: Vec<String>,
    /// How to go on, one sentence each.
    pub advice: Vec<String>,
    pub elapsed: Duration,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        self.write_head(&mut out)?;
        self.write_state(&mut out)?;
        for advice in &self.advice {
            writeln!(out, "{advice}")?;
        }
        f.write_str(out.trim_end())
    }
}

impl Failure {
    fn write_head(&self, out: &mut String) -> fmt::Result {
        let title = format!("{} ({})", self.version, self.name);
        match &self.stop {
            Stop::Refused(error) => {
                writeln!(out, "{title} failed: {error}")?;
                write_details(out, error)?;
            }
            Stop::Commit(error) => {
                writeln!(out, "{title} failed at COMMIT: {error}")?;
                write_details(out, error)?;
            }
            Stop::Check(reason) => writeln!(out, "{title} failed: {reason}")?,
            Stop::Interrupted => writeln!(out, "{title} was interrupted")?,
        }
        if let Some(place) = &self.place {
            writeln!(out, "  at {}:{}:{}", place.path, place.line, place.column)?;
            let lines: Vec<&str> = place.statement.lines().collect();
            for line in lines.iter().take(12) {
                writeln!(out, "    {line}")?;
            }
            if lines.len() > 12 {
                writeln!(out, "    … {} more lines", lines.len() - 12)?;
            }
        }
        if self.attempts > 1 {
            writeln!(out, "  tried {} times in {} s", self.attempts, self.elapsed.as_secs())?;
        }
        for blocker in &self.blockers {
            writeln!(out, "  waited for {blocker}")?;
        }
        Ok(())
    }

    fn write_state(&self, out: &mut String) -> fmt::Result {
        match (self.changed, self.done.is_empty()) {
            (Changed::No, _) => writeln!(out, "Nothing of {} is in the database.", self.version)?,
            (Changed::Yes, true) => writeln!(out, "The database may hold a part of {}.", self.version)?,
            (Changed::Yes, false) => writeln!(out, "The database is changed: a part of {} is in it.", self.version)?,
            (Changed::Unknown, _) => writeln!(out, "Whether {} is in the database is not known.", self.version)?,
        }
        if self.changed != Changed::No {
            write_list(out, "done", &self.done)?;
            write_list(out, "not done", &self.not_done)?;
        }
        if !self.applied.is_empty() {
            writeln!(out, "Before it, this run completed: {}.", self.applied.join(", "))?;
        }
        Ok(())
    }
}

fn write_details(out: &mut String, error: &ServerError) -> fmt::Result {
    let Some(more) = &error.more else { return Ok(()) };
    for (label, text) in [("detail", &more.detail), ("hint", &more.hint), ("in", &more.context)] {
        if let Some(text) = text {
            writeln!(out, "  {label}: {text}")?;
        }
    }
    Ok(())
}

fn write_list(out: &mut String, label: &str, statements: &[DoneStatement]) -> fmt::Result {
    for statement in statements.iter().take(20) {
        writeln!(out, "  {label}: line {}: {}", statement.line, statement.summary)?;
    }
    if statements.len() > 20 {
        writeln!(out, "  {label}: … {} more", statements.len() - 20)?;
    }
    Ok(())
}
