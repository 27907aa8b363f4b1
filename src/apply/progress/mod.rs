//! What a run tells while it works.

mod human;
mod jsonl;

pub use human::Human;
pub use jsonl::Jsonl;

use std::time::Duration;

use crate::driver::ServerError;
use crate::history::Holder;
use crate::plan::{PlannedMigration, Step};

/// Something that happened.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// Another run has the lock.
    LockWait {
        holder: &'a Holder,
        waited: Duration,
    },
    MigrationStarted {
        migration: &'a PlannedMigration,
        number: usize,
        total: usize,
    },
    /// It is in the database already.
    MigrationSkipped {
        migration: &'a PlannedMigration,
        reason: &'a str,
    },
    MigrationFinished {
        migration: &'a PlannedMigration,
        elapsed: Duration,
    },
    StatementStarted {
        migration: &'a PlannedMigration,
        step: &'a Step,
        attempt: u32,
    },
    /// Done by an earlier run.
    StatementSkipped {
        step: &'a Step,
        reason: &'a str,
    },
    /// It waits for somebody.
    StatementBlocked {
        step: &'a Step,
        blockers: &'a [String],
        elapsed: Duration,
    },
    /// How far the server says it is.
    StatementProgress {
        step: &'a Step,
        phase: &'a str,
        done: u64,
        total: u64,
        elapsed: Duration,
    },
    StatementFinished {
        step: &'a Step,
        rows: u64,
        notices: &'a [String],
        elapsed: Duration,
    },
    /// Refused for now; it is tried again after a pause.
    Retry {
        step: Option<&'a Step>,
        error: &'a ServerError,
        pause: Duration,
        attempt: u32,
        attempts: u32,
    },
    /// A sentence for people.
    Note {
        text: &'a str,
    },
}

/// Hears of every event, from whichever thread watches.
pub trait Progress: Send {
    fn event(&mut self, event: &Event<'_>);
}

/// Says nothing.
#[derive(Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn event(&mut self, _: &Event<'_>) {}
}

/// `1.2 s`, `340 ms`, `3 min 20 s`
pub(super) fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..=59 => format!("{seconds}.{} s", duration.subsec_millis() / 100),
        60..=3599 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}
