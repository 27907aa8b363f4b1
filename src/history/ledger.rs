//! Reading and writing our tables.

use std::time::SystemTime;

use super::accepted::{self, Accepted};
use super::clock::timestamp;
use super::entry::{Entry, State, StepRow, StepState};
use super::schema::Names;
use crate::driver::{Row, ServerError, Session};

/// The ledger of one database.
#[derive(Debug, Clone)]
pub struct Ledger {
    names: Names,
}

/// What is known when a run begins.
#[derive(Debug, Clone)]
pub struct NewEntry<'a> {
    pub version: &'a str,
    pub name: &'a str,
    pub checksum: &'a str,
    pub down_script: Option<&'a str>,
    pub accepted: &'a [Accepted],
    pub started: SystemTime,
    pub state: State,
    /// For runs that are over when they are recorded.
    pub finished: Option<SystemTime>,
    pub error: Option<&'a str>,
}

/// A statement about to be sent.
#[derive(Debug, Clone)]
pub struct NewStep<'a> {
    pub position: u32,
    pub hash: &'a str,
    pub line: u32,
    pub statement: &'a str,
    pub state: StepState,
}

/// Statements are kept for people to recognise them; a bulk INSERT need not be kept whole.
const STATEMENT_LENGTH: usize = 2000;

impl Ledger {
    /// Finds where the ledger is or would be. Writes nothing.
    pub fn locate(session: &mut dyn Session) -> Result<Ledger, ServerError> {
        Ok(Ledger { names: Names::locate(session)? })
    }

    /// The schema or database that holds it.
    pub fn schema(&self) -> &str {
        &self.names.schema
    }

    /// A text that names this ledger among all of the server's, for the lock.
    pub(super) fn key(&self) -> &str {
        &self.names.history
    }

    /// Makes our tables where they are missing.
    pub fn create(&self, session: &mut dyn Session) -> Result<(), ServerError> {
        if self.names.exist(session)? {
            return Ok(());
        }
        for statement in self.names.create(session.engine()) {
            session.execute(&statement)?;
        }
        Ok(())
    }

    /// Every run, oldest first; none where our tables do not exist.
    pub fn runs(&self, session: &mut dyn Session) -> Result<Vec<Entry>, ServerError> {
        if !self.names.exist(session)? {
            return Ok(Vec::new());
        }
        let rows = session.query(&format!(
            "SELECT ordinal, version, name, checksum, state, started_at, finished_at, duration_ms, down_script, \
             applied_by, lockgate_version, accepted, error FROM {} ORDER BY ordinal",
            self.names.history
        ))?;
        rows.into_iter().map(entry).collect()
    }

    /// The newest run of each version, in the order in which they were run.
    pub fn entries(&self, session: &mut dyn Session) -> Result<Vec<Entry>, ServerError> {
        let mut newest: Vec<Entry> = Vec::new();
        for run in self.runs(session)? {
            newest.retain(|entry| entry.version != run.version);
            newest.push(run);
        }
        Ok(newest)
    }

    /// The recorded statements of a run, in order.
    pub fn steps(&self, session: &mut dyn Session, ordinal: u64) -> Result<Vec<StepRow>, ServerError> {
        let rows = session.query(&format!(
            "SELECT ordinal, position, hash, line, statement, state, started_at, finished_at, error, session \
             FROM {} WHERE ordinal = {ordinal} ORDER BY position",
            self.names.steps
        ))?;
        Ok(rows.into_iter().map(step).collect())
    }

    /// Writes a run's row and gives its ordinal.
    pub fn insert(&self, session: &mut dyn Session, new: &NewEntry<'_>) -> Result<u64, ServerError> {
        let last = session.query_value(&format!("SELECT max(ordinal) FROM {}", self.names.history))?;
        let ordinal = last.and_then(|text| text.parse::<u64>().ok()).unwrap_or(0) + 1;
        let finished = new.finished.map_or_else(|| "NULL".to_owned(), |at| session.quote(&timestamp(at)));
        let duration = match new.finished.map(|at| at.duration_since(new.started).unwrap_or_default()) {
            Some(duration) => duration.as_millis().to_string(),
            None => "NULL".to_owned(),
        };
        let sql = format!(
            "INSERT INTO {} (ordinal, version, name, checksum, state, started_at, finished_at, duration_ms, down_script, \
             applied_by, lockgate_version, accepted, error) \
             VALUES ({ordinal}, {}, {}, {}, {}, {}, {finished}, {duration}, {}, {}, {}, {}, {})",
            self.names.history,
            session.quote(new.version),
            session.quote(new.name),
            session.quote(new.checksum),
            session.quote(new.state.name()),
            session.quote(&timestamp(new.started)),
            optional(session, new.down_script),
            session.quote(&super::whoami()),
            session.quote(env!("CARGO_PKG_VERSION")),
            session.quote(&accepted::to_json(new.accepted)),
            optional(session, new.error),
        );
        session.execute(&sql)?;
        Ok(ordinal)
    }

    /// Ends a run, or takes it up again (`state` running).
    pub fn set_state(
        &self,
        session: &mut dyn Session,
        ordinal: u64,
        state: State,
        started: Option<SystemTime>,
        error: Option<&str>,
    ) -> Result<(), ServerError> {
        let now = SystemTime::now();
        let mut columns = format!("state = {}, error = {}", session.quote(state.name()), optional(session, error));
        if !matches!(state, State::Running | State::RollingBack) {
            columns.push_str(&format!(", finished_at = {}", session.quote(&timestamp(now))));
        }
        if let Some(started) = started {
            columns.push_str(&format!(", duration_ms = {}", now.duration_since(started).unwrap_or_default().as_millis()));
        }
        session.execute(&format!("UPDATE {} SET {columns} WHERE ordinal = {ordinal}", self.names.history))?;
        Ok(())
    }

    /// Makes a run that was taken up again tell of the file and the risks of now.
    pub fn take_up(&self, session: &mut dyn Session, ordinal: u64, checksum: &str, accepted: &[Accepted]) -> Result<(), ServerError> {
        let sql = format!(
            "UPDATE {} SET checksum = {}, accepted = {} WHERE ordinal = {ordinal}",
            self.names.history,
            session.quote(checksum),
            session.quote(&accepted::to_json(accepted)),
        );
        session.execute(&sql)?;
        Ok(())
    }

    /// Writes a statement's row before it is sent; one left by an earlier attempt is replaced.
    pub fn insert_step(&self, session: &mut dyn Session, ordinal: u64, new: &NewStep<'_>) -> Result<(), ServerError> {
        session.execute(&format!("DELETE FROM {} WHERE ordinal = {ordinal} AND position = {}", self.names.steps, new.position))?;
        let now = session.quote(&timestamp(SystemTime::now()));
        let finished = if new.state == StepState::Running { "NULL" } else { &now };
        let sql = format!(
            "INSERT INTO {} (ordinal, position, hash, line, statement, state, started_at, finished_at, session) \
             VALUES ({ordinal}, {}, {}, {}, {}, {}, {now}, {finished}, {})",
            self.names.steps,
            new.position,
            session.quote(new.hash),
            new.line,
            session.quote(shorten(new.statement)),
            session.quote(new.state.name()),
            session.quote(&session.id().to_string()),
        );
        session.execute(&sql)?;
        Ok(())
    }

    pub fn set_step(
        &self,
        session: &mut dyn Session,
        ordinal: u64,
        position: u32,
        state: StepState,
        error: Option<&str>,
    ) -> Result<(), ServerError> {
        let sql = format!(
            "UPDATE {} SET state = {}, finished_at = {}, error = {} WHERE ordinal = {ordinal} AND position = {position}",
            self.names.steps,
            session.quote(state.name()),
            session.quote(&timestamp(SystemTime::now())),
            optional(session, error),
        );
        session.execute(&sql)?;
        Ok(())
    }

    /// Forgets a run's statements: a rollback writes its own under the same run.
    pub fn clear_steps(&self, session: &mut dyn Session, ordinal: u64) -> Result<(), ServerError> {
        session.execute(&format!("DELETE FROM {} WHERE ordinal = {ordinal}", self.names.steps))?;
        Ok(())
    }
}

fn optional(session: &dyn Session, text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), |text| session.quote(text))
}

fn shorten(statement: &str) -> &str {
    let mut end = statement.len().min(STATEMENT_LENGTH);
    while !statement.is_char_boundary(end) {
        end -= 1;
    }
    statement.get(..end).unwrap_or_default()
}

fn entry(row: Row) -> Result<Entry, ServerError> {
    let mut columns = row.into_iter();
    let mut next = || columns.next().flatten();
    let ordinal = next().and_then(|text| text.parse().ok()).unwrap_or_default();
    let version = next().unwrap_or_default();
    let name = next().unwrap_or_default();
    let checksum = next().unwrap_or_default();
    let state = next().unwrap_or_default();
    let state = State::from_name(&state)
        .ok_or_else(|| ServerError::new("", format!("the ledger says `{state}` about {version}: it was written by a newer lockgate")))?;
    Ok(Entry {
        ordinal,
        version,
        name,
        checksum,
        state,
        started_at: next().unwrap_or_default(),
        finished_at: next(),
        duration_ms: next().and_then(|text| text.parse().ok()),
        down_script: next(),
        applied_by: next().unwrap_or_default(),
        lockgate_version: next().unwrap_or_default(),
        accepted: next().map(|text| accepted::from_json(&text)).unwrap_or_default(),
        error: next(),
    })
}

fn step(row: Row) -> StepRow {
    let mut columns = row.into_iter();
    let mut next = || columns.next().flatten();
    StepRow {
        ordinal: next().and_then(|text| text.parse().ok()).unwrap_or_default(),
        position: next().and_then(|text| text.parse().ok()).unwrap_or_default(),
        hash: next().unwrap_or_default(),
        line: next().and_then(|text| text.parse().ok()).unwrap_or_default(),
        statement: next().unwrap_or_default(),
        state: StepState::from_name(&next().unwrap_or_default()),
        started_at: next().unwrap_or_default(),
        finished_at: next(),
        error: next(),
        session: next().unwrap_or_default(),
    }
}
