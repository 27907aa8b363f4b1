//! A group of statements in one transaction, together with the rows of the ledger that tell of it.

use std::time::Instant;

use super::error::{Changed, Stop};
use super::foreign_keys::Orphans;
use super::progress::Event;
use super::run::{Runner, Trouble};
use super::session::drop_role;
use crate::driver::{ServerError, Session};
use crate::engine::Engine;
use crate::history::Ledger;
use crate::plan::{Patience, PlannedMigration, Step};

/// Writes the ledger's rows at the end of the transaction.
pub(super) type Closing<'c> = dyn Fn(&mut dyn Session, &Ledger) -> Result<(), ServerError> + 'c;

impl Runner<'_> {
    /// Runs the steps and `closing` in one transaction, again and again while only locks stand in
    /// the way.
    pub(super) fn transaction(
        &mut self,
        migration: &PlannedMigration,
        begin: &str,
        steps: &[&Step],
        closing: &Closing<'_>,
    ) -> Result<(), Trouble> {
        let started = Instant::now();
        let mut attempt = 1;
        loop {
            let trouble = match self.try_transaction(migration, begin, steps, closing, attempt) {
                Ok(()) => return Ok(()),
                Err(trouble) => Trouble { attempts: attempt, ..trouble },
            };
            let (Stop::Refused(error) | Stop::Commit(error)) = &trouble.stop else { return Err(trouble) };
            let curable = (error.is_lock_timeout() || error.is_deadlock()) && trouble.changed == Changed::No;
            if !curable || !self.may_retry(attempt, started) {
                return Err(trouble);
            }
            attempt += 1;
            let pause = self.options.pause_before(attempt);
            let step = trouble.step.as_deref();
            self.progress.event(&Event::Retry { step, error, pause, attempt: attempt - 1, attempts: self.options.attempts });
            if !self.interrupt.sleep(pause) {
                return Err(Trouble { stop: Stop::Interrupted, ..trouble });
            }
        }
    }

    pub(super) fn may_retry(&self, attempt: u32, started: Instant) -> bool {
        attempt < self.options.attempts && started.elapsed() < self.options.retry_for && !self.interrupt.requested()
    }

    fn try_transaction(
        &mut self,
        migration: &PlannedMigration,
        begin: &str,
        steps: &[&Step],
        closing: &Closing<'_>,
        attempt: u32,
    ) -> Result<(), Trouble> {
        if self.interrupt.requested() {
            return Err(Trouble::new(Stop::Interrupted, None));
        }
        let orphans = Orphans::before(self.session.as_mut(), migration).map_err(|error| Trouble::new(Stop::Refused(error), None))?;
        let author_timeouts = self.author_timeouts;
        // What was set before BEGIN holds inside; what is set inside ends with the transaction.
        let patience = self.patience;
        if self.session.engine() == Engine::Sqlite
            && let Err(error) = self.be_patient(Patience::Brief, false)
        {
            return Err(Trouble::new(Stop::Refused(error), None));
        }
        if let Err(error) = self.session.execute(begin) {
            return Err(self.undo(Trouble::new(Stop::Refused(error), None), author_timeouts, patience));
        }
        let mut strong = false;
        for step in steps {
            if self.interrupt.requested() {
                return Err(self.undo(Trouble::new(Stop::Interrupted, Some(step)), author_timeouts, patience));
            }
            // Waiting for ever is harmless only while nobody waits for us.
            let wait = if strong && step.patience == Patience::Endless { Patience::Normal } else { step.patience };
            strong |= step.patience == Patience::Brief;
            if let Err(error) = self.send(migration, step, wait, true, attempt) {
                let stop = if error.is_cancelled() && self.interrupt.urgent() { Stop::Interrupted } else { Stop::Refused(error) };
                return Err(self.undo(Trouble::new(stop, Some(step)), author_timeouts, patience));
            }
        }
        let closed = orphans.after(self.session.as_mut()).and_then(|()| {
            let session = self.session.as_mut();
            drop_role(session).and_then(|()| closing(session, &self.ledger)).map_err(Stop::Refused)
        });
        if let Err(stop) = closed {
            return Err(self.undo(Trouble::new(stop, None), author_timeouts, patience));
        }
        if let Err(error) = self.commit() {
            return Err(self.undo(Trouble::new(Stop::Commit(error), None), author_timeouts, patience));
        }
        self.patience = None;
        Ok(())
    }

    /// Rolls back, and says whether that brought everything back.
    fn undo(&mut self, mut trouble: Trouble, author_timeouts: bool, patience: Option<(Patience, bool)>) -> Trouble {
        self.author_timeouts = author_timeouts;
        self.patience = patience;
        if let Stop::Refused(error) | Stop::Commit(error) = &trouble.stop
            && error.connection_lost
        {
            trouble.changed = Changed::Unknown;
            return trouble;
        }
        // SQLite stays inside the transaction after some errors (a full disk) and outside after others.
        if self.session.in_transaction() == Some(false) {
            return trouble;
        }
        match self.session.execute("ROLLBACK") {
            // 1196: tables of an engine without transactions keep what was written.
            Ok(outcome) if outcome.notices.iter().any(|notice| notice.contains("1196")) => trouble.changed = Changed::Yes,
            Ok(_) => {}
            Err(error) if error.connection_lost => trouble.changed = Changed::Unknown,
            Err(_) => trouble.changed = if self.session.engine() == Engine::Sqlite { Changed::Unknown } else { trouble.changed },
        }
        trouble
    }
}
