//! The rows of the ledger.

use super::accepted::Accepted;

/// One run of a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Counts runs in this database; the newest row of a version tells its state.
    pub ordinal: u64,
    pub version: String,
    pub name: String,
    /// Of the up script at the time.
    pub checksum: String,
    pub state: State,
    pub started_at: String,
    pub finished_at: Option<String>,
    pub duration_ms: Option<u64>,
    /// The way back as it was when the migration was applied: a rollback survives a deleted file.
    pub down_script: Option<String>,
    pub applied_by: String,
    pub lockgate_version: String,
    pub accepted: Vec<Accepted>,
    /// What went wrong, for a failed run.
    pub error: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Its statements are in the database.
    Applied,
    /// Recorded as applied by a person, without running it.
    Marked,
    /// Begun. If nobody is running now, that run died.
    Running,
    /// Begun and stopped by an error or a signal.
    Failed,
    RolledBack,
    /// A rollback was begun and did not end.
    RollingBack,
}

impl State {
    const ALL: [State; 6] = [State::Applied, State::Marked, State::Running, State::Failed, State::RolledBack, State::RollingBack];

    pub fn name(self) -> &'static str {
        match self {
            State::Applied => "applied",
            State::Marked => "marked",
            State::Running => "running",
            State::Failed => "failed",
            State::RolledBack => "rolled_back",
            State::RollingBack => "rolling_back",
        }
    }

    /// An unknown word was written by a newer version: it is not safe to take it for anything else.
    pub(super) fn from_name(name: &str) -> Option<State> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The migration's effects are in the database, all of them.
    pub fn is_applied(self) -> bool {
        matches!(self, State::Applied | State::Marked)
    }
}

/// One statement of a run that went statement by statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRow {
    pub ordinal: u64,
    /// Place in the script, from 0.
    pub position: u32,
    /// Of the statement's text.
    pub hash: String,
    pub line: u32,
    /// The statement, shortened.
    pub statement: String,
    pub state: StepState,
    pub started_at: String,
    pub finished_at: Option<String>,
    pub error: Option<String>,
    /// The server's name for the session that ran it.
    pub session: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepState {
    /// Sent, and no answer recorded: in doubt once nobody runs it any more.
    Running,
    Done,
    /// The server refused it: not done.
    Failed,
}

impl StepState {
    pub fn name(self) -> &'static str {
        match self {
            StepState::Running => "running",
            StepState::Done => "done",
            StepState::Failed => "failed",
        }
    }

    /// An unknown word counts as in doubt.
    pub(super) fn from_name(name: &str) -> StepState {
        match name {
            "done" => StepState::Done,
            "failed" => StepState::Failed,
            _ => StepState::Running,
        }
    }
}
