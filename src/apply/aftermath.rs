//! After a broken connection: is it in the database or not?
//!
//! A new session first waits for the run lock. The old session held it, and the server gives it back
//! only when that session has come to its end, so from then on the answer cannot change any more.

use std::time::Duration;

use super::error::{Changed, Stop};
use super::progress::Event;
use super::run::{Runner, Trouble};
use crate::driver::{Access, ServerError, connect};
use crate::history::{State, StepState, acquire};
use crate::plan::{Direction, PlannedMigration, Step};

/// How long to try to get back, and then to wait for what the old session was doing.
const RECONNECT: Duration = Duration::from_secs(15);
const ORPHAN: Duration = Duration::from_secs(30);

impl Runner<'_> {
    /// `None`: the transaction was committed, only its answer was lost, and the run goes on with a
    /// new connection.
    pub(super) fn after_loss_in_transaction(&mut self, migration: &PlannedMigration, trouble: Trouble) -> Option<Trouble> {
        if !trouble.error().is_some_and(|error| error.connection_lost) {
            return Some(trouble);
        }
        if !self.reconnect() {
            return Some(Trouble { changed: Changed::Unknown, ..trouble });
        }
        let Ok(entries) = self.ledger.entries(self.session.as_mut()) else {
            return Some(Trouble { changed: Changed::Unknown, ..trouble });
        };
        let state = entries.iter().find(|entry| entry.version == migration.version).map(|entry| entry.state);
        let committed = match migration.direction {
            Direction::Up => state.is_some_and(State::is_applied),
            Direction::Down => state == Some(State::RolledBack),
        };
        if committed {
            self.progress.event(&Event::Note { text: "the connection broke, but the transaction had been committed" });
            return None;
        }
        Some(Trouble { changed: Changed::No, ..trouble })
    }

    /// The same for one of several transactions of a migration.
    pub(super) fn after_loss_in_group(&mut self, ordinal: u64, steps: &[&Step], trouble: Trouble) -> Option<Trouble> {
        if !trouble.error().is_some_and(|error| error.connection_lost) {
            return Some(trouble);
        }
        if !self.reconnect() {
            return Some(Trouble { changed: Changed::Unknown, ..trouble });
        }
        let Ok(rows) = self.ledger.steps(self.session.as_mut(), ordinal) else {
            return Some(Trouble { changed: Changed::Unknown, ..trouble });
        };
        let recorded = |step: &&&Step| rows.iter().any(|row| row.position == step.position && row.state == StepState::Done);
        let committed = steps.iter().filter(|step| !step.session).all(|step| recorded(&step));
        // Settings the script made are gone with the old session: going on would run the rest without them.
        let trouble = Trouble { changed: Changed::No, ..trouble };
        if committed {
            self.done.extend(steps.iter().map(|step| step.position));
            let advice = vec!["The connection broke after the transaction had been committed.".to_owned()];
            return Some(Trouble { changed: Changed::Yes, advice, ..trouble });
        }
        Some(trouble)
    }

    /// The same for a statement outside any transaction: its object tells, where it has one.
    pub(super) fn after_loss_bare(&mut self, ordinal: u64, step: &Step, error: ServerError) -> Option<Trouble> {
        let trouble = Trouble::new(Stop::Refused(error), Some(step));
        if !self.reconnect() {
            return Some(Trouble { changed: Changed::Unknown, ..trouble });
        }
        let (state, changed, said) = match self.was_done(step) {
            Ok(Some(true)) => (StepState::Done, Changed::Yes, "The connection broke, and the statement was done: the database shows it."),
            Ok(Some(false)) => {
                (StepState::Failed, Changed::No, "The connection broke, and the statement was not done: the database shows it.")
            }
            Ok(None) | Err(_) => return Some(Trouble { changed: Changed::Unknown, ..trouble }),
        };
        let _ = self.ledger.set_step(self.session.as_mut(), ordinal, step.position, state, Some("the connection broke"));
        let mut advice = vec![said.to_owned()];
        if state == StepState::Done {
            self.done.push(step.position);
        } else {
            advice.extend(step.build.as_ref().and_then(|build| self.clean_up(build)));
        }
        Some(Trouble { changed, advice, ..trouble })
    }

    /// A new session that holds the lock.
    fn reconnect(&mut self) -> bool {
        self.progress.event(&Event::Note { text: "the connection broke; connecting again to see what became of the statement" });
        let started = std::time::Instant::now();
        let mut session = loop {
            match connect(self.url, Access::Existing) {
                Ok(session) => break session,
                Err(_) if started.elapsed() > RECONNECT || self.interrupt.urgent() => return false,
                Err(_) => std::thread::sleep(Duration::from_millis(500)),
            }
        };
        // A lock file of our own process is still ours.
        if session.engine() != crate::engine::Engine::Sqlite {
            let interrupt = self.interrupt;
            match acquire(session.as_mut(), &self.ledger, self.url, ORPHAN, &mut |_, _| !interrupt.urgent()) {
                Ok(lock) => self.lock = Some(lock),
                Err(_) => return false,
            }
        }
        self.session = session;
        self.patience = None;
        true
    }
}

/// How to go on.
pub(super) fn advice(migration: &PlannedMigration, stop: &Stop, changed: Changed) -> Vec<String> {
    let mut advice = Vec::new();
    let command = match migration.direction {
        Direction::Up => "lockgate apply",
        Direction::Down => "lockgate rollback",
    };
    if let Stop::Refused(error) | Stop::Commit(error) = stop {
        if error.is_lock_timeout() {
            advice.push("Somebody kept the lock for longer than it is safe to wait; run it again when that session has ended.".to_owned());
        }
        if error.is_disk_full() {
            advice.push("The disk is full: make room before anything else.".to_owned());
        }
        if error.is_cancelled() && matches!(error.code.as_str(), "57014" | "3024" | "1969") {
            advice.push("The statement was cancelled: by statement_timeout, by an administrator, or by another session.".to_owned());
        }
    }
    advice.push(match (changed, stop) {
        (Changed::No, Stop::Interrupted) => format!("Run `{command}` again to start it afresh."),
        (Changed::No, Stop::Refused(error) | Stop::Commit(error)) if error.connection_lost => {
            format!("Run `{command}` again when the server can be reached: it starts afresh.")
        }
        (Changed::Yes, Stop::Refused(error) | Stop::Commit(error)) if error.connection_lost => {
            format!("Run `{command}` again when the server can be reached: it goes on after what is done.")
        }
        (Changed::No, _) => format!("Mend it and run `{command}` again: it starts afresh."),
        (Changed::Yes, Stop::Interrupted) => format!("Run `{command}` again: it goes on after what is done."),
        (Changed::Yes, _) => {
            format!("Mend the statement, leave those above it as they are, and run `{command}` again: it goes on after what is done.")
        }
        (Changed::Unknown, _) => {
            format!("Run `{command}` again when the server can be reached: it waits for the old session and looks for itself.")
        }
    });
    advice
}
