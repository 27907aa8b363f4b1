//! Sends one statement.

use std::time::Instant;

use super::progress::Event;
use super::run::Runner;
use super::watch::{Watched, watched};
use crate::driver::{Outcome, ServerError};
use crate::plan::{Patience, PlannedMigration, Step};

impl Runner<'_> {
    /// Sends a statement as patient as its class says; `local`: inside a transaction.
    pub(super) fn send(
        &mut self,
        migration: &PlannedMigration,
        step: &Step,
        patience: Patience,
        local: bool,
        attempt: u32,
    ) -> Result<Outcome, ServerError> {
        self.be_patient(patience, local)?;
        self.progress.event(&Event::StatementStarted { migration, step, attempt });
        let started = Instant::now();
        let watch = Watched { url: self.url, interrupt: self.interrupt, step: Some(step) };
        let (answer, blockers) = watched(self.session.as_mut(), self.progress, &watch, |session| match step.data() {
            Some(data) => session.copy_in(step.text(), data),
            None => session.execute(step.text()),
        });
        if !blockers.is_empty() {
            self.blockers = blockers;
        }
        let outcome = answer?;
        self.author_timeouts |= step.sets_timeout;
        let (rows, notices) = (outcome.rows, outcome.notices.as_slice());
        self.progress.event(&Event::StatementFinished { step, rows, notices, elapsed: started.elapsed() });
        Ok(outcome)
    }

    /// Ends a transaction; deferred constraints may take their time and may refuse.
    pub(super) fn commit(&mut self) -> Result<(), ServerError> {
        let watch = Watched { url: self.url, interrupt: self.interrupt, step: None };
        let (answer, _) = watched(self.session.as_mut(), self.progress, &watch, |session| session.execute("COMMIT"));
        answer.map(drop)
    }

    pub(super) fn be_patient(&mut self, patience: Patience, local: bool) -> Result<(), ServerError> {
        // Once the script has set a timeout the author has decided.
        if self.author_timeouts || self.patience == Some((patience, local)) {
            return Ok(());
        }
        for statement in self.options.patience(self.session.as_ref(), patience, self.patience.map(|(was, _)| was), local) {
            self.session.execute(&statement)?;
        }
        self.patience = Some((patience, local));
        Ok(())
    }
}
