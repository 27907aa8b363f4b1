//! What an earlier run left unfinished, and what is to become of it.

use super::error::ApplyError;
use super::options::Assume;
use super::probe::is_done;
use super::progress::Event;
use super::run::{End, Runner};
use crate::driver::ServerError;
use crate::history::{Entry, State, StepState};
use crate::plan::{Direction, Doubt, PlannedMigration, Step, resume};

/// Statements of this migration that are in the database already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Begun {
    pub done: Vec<u32>,
}

impl Begun {
    pub fn is_empty(&self) -> bool {
        self.done.is_empty()
    }
}

impl Runner<'_> {
    /// The run to be taken up, by its number in the ledger, and how far it came. We hold the lock,
    /// so nobody is running it any more: not even a server session whose client has died.
    pub(super) fn begun_before(&mut self, migration: &PlannedMigration, entry: Option<&Entry>) -> Result<Option<(u64, Begun)>, End> {
        let Some(entry) = entry else { return Ok(None) };
        match (migration.direction, entry.state) {
            (Direction::Up, State::Running | State::Failed) | (Direction::Down, State::RollingBack) => {}
            _ => return Ok(None),
        }
        let rows = self.ledger.steps(self.session.as_mut(), entry.ordinal).map_err(ledger)?;
        if rows.is_empty() && entry.state == State::Failed {
            // It failed whole: this is a new attempt with a row of its own.
            return Ok(None);
        }
        let found = resume(migration.steps(), &rows);
        if let Some((line, statement)) = found.changed {
            return Err(End::Error(ApplyError::ChangedMidway { version: migration.version.clone(), line, statement }));
        }
        let mut done = found.done;
        if let Some(doubt) = found.doubt {
            let was_done = self.resolve(migration, &doubt)?;
            let state = if was_done { StepState::Done } else { StepState::Failed };
            let note = Some("settled by the next run");
            self.ledger.set_step(self.session.as_mut(), entry.ordinal, doubt.position, state, note).map_err(ledger)?;
            if was_done {
                done.push(doubt.position);
            }
        }
        if !done.is_empty() {
            let text = format!(
                "{} was begun on {} and did not end; going on after line {}",
                migration.version,
                entry.started_at,
                last_line(migration, &done)
            );
            self.progress.event(&Event::Note { text: &text });
        }
        Ok(Some((entry.ordinal, Begun { done })))
    }

    /// Whether the statement nobody heard the answer of was done.
    fn resolve(&mut self, migration: &PlannedMigration, doubt: &Doubt) -> Result<bool, End> {
        let in_doubt = || {
            End::Error(ApplyError::InDoubt {
                version: migration.version.clone(),
                path: migration.path.clone(),
                doubt: Box::new(doubt.clone()),
            })
        };
        let (answer, how) = match self.options.assume {
            Some(Assume::Done) => (true, "as you said"),
            Some(Assume::NotDone) => (false, "as you said"),
            None => {
                let step = migration.steps().find(|step| step.position == doubt.position && doubt.same).ok_or_else(in_doubt)?;
                match self.was_done(step).map_err(ledger)? {
                    Some(answer) => (answer, "the database shows it"),
                    None => return Err(in_doubt()),
                }
            }
        };
        let outcome = if answer { "was done" } else { "was not done" };
        let text = format!("line {}: the statement an earlier run was sending when it died {outcome} ({how})", doubt.line);
        self.progress.event(&Event::Note { text: &text });
        Ok(answer)
    }

    /// `None`: nothing in the database tells.
    pub(super) fn was_done(&mut self, step: &Step) -> Result<Option<bool>, ServerError> {
        if step.repeatable {
            return Ok(Some(false));
        }
        match &step.probe {
            Some(probe) => is_done(self.session.as_mut(), probe).map(Some),
            None => Ok(None),
        }
    }
}

fn last_line(migration: &PlannedMigration, done: &[u32]) -> u32 {
    migration.steps().filter(|step| done.contains(&step.position)).map(|step| step.line).max().unwrap_or_default()
}

pub(super) fn ledger(error: ServerError) -> End {
    End::Error(ApplyError::Ledger(error))
}
