//! Statement by statement, for what cannot share one transaction with its row in the ledger.
//!
//! A statement that can share a transaction with its own row does: then nothing about it can ever be
//! in doubt. The others (MySQL's DDL, `CONCURRENTLY`) are written down as running, sent, and written
//! down as done.

use std::time::{Instant, SystemTime};

use super::error::{Changed, Stop};
use super::progress::Event;
use super::recovery::{Begun, ledger as ledger_error};
use super::run::{End, Runner, Trouble, describe, new_entry};
use crate::driver::{ServerError, Session};
use crate::engine::Engine;
use crate::history::{Accepted, Entry, Ledger, NewStep, State, StepState};
use crate::plan::{Direction, GroupKind, PlannedMigration, Retry, Step};

impl Runner<'_> {
    pub(super) fn stepwise(
        &mut self,
        migration: &PlannedMigration,
        entry: Option<&Entry>,
        begun: Option<(u64, Begun)>,
        accepted: &[Accepted],
    ) -> Result<(), End> {
        let started = SystemTime::now();
        let (running, ended) = match migration.direction {
            Direction::Up => (State::Running, State::Applied),
            Direction::Down => (State::RollingBack, State::RolledBack),
        };
        let (ordinal, mut done) = match (begun, migration.direction, entry) {
            (Some((ordinal, begun)), ..) => (ordinal, begun.done),
            (None, Direction::Down, Some(entry)) => {
                self.ledger.clear_steps(self.session.as_mut(), entry.ordinal).map_err(ledger_error)?;
                (entry.ordinal, Vec::new())
            }
            (None, ..) => {
                let new = new_entry(migration, accepted, started, State::Running, None, None);
                (self.ledger.insert(self.session.as_mut(), &new).map_err(ledger_error)?, Vec::new())
            }
        };
        self.ledger.set_state(self.session.as_mut(), ordinal, running, None, None).map_err(ledger_error)?;
        match self.groups(migration, ordinal, &mut done) {
            Ok(()) => {
                if migration.direction == Direction::Up {
                    self.ledger.take_up(self.session.as_mut(), ordinal, &migration.checksum, accepted).map_err(ledger_error)?;
                }
                self.ledger.set_state(self.session.as_mut(), ordinal, ended, Some(started), None).map_err(ledger_error)
            }
            Err(mut trouble) => {
                if trouble.changed == Changed::No && !(done.is_empty() && self.done.is_empty()) {
                    trouble.changed = Changed::Yes;
                }
                self.done.extend(done);
                // While it is not known whether the last statement was done the run stays open.
                if trouble.changed != Changed::Unknown {
                    let state = if migration.direction == Direction::Up { State::Failed } else { State::RollingBack };
                    let error = describe(&trouble.stop);
                    let _ = self.ledger.set_state(self.session.as_mut(), ordinal, state, Some(started), Some(&error));
                }
                Err(trouble.into())
            }
        }
    }

    fn groups(&mut self, migration: &PlannedMigration, ordinal: u64, done: &mut Vec<u32>) -> Result<(), Trouble> {
        // Rows that cannot be written yet: between LOCK TABLES and UNLOCK TABLES no other table can
        // be used, ours neither.
        let mut held: Vec<&Step> = Vec::new();
        for group in &migration.groups {
            match &group.kind {
                GroupKind::Transaction { begin } => {
                    let left: Vec<&Step> = group.steps.iter().filter(|step| step.session || !done.contains(&step.position)).collect();
                    if left.iter().any(|step| !step.session) {
                        self.recorded_transaction(migration, ordinal, begin, &left)?;
                        done.extend(left.iter().map(|step| step.position));
                    }
                }
                GroupKind::Alone => {
                    for step in &group.steps {
                        if done.contains(&step.position) {
                            self.progress.event(&Event::StatementSkipped { step, reason: "done by an earlier run" });
                        } else {
                            self.one(migration, ordinal, step, &mut held, done)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn one<'s>(
        &mut self,
        migration: &PlannedMigration,
        ordinal: u64,
        step: &'s Step,
        held: &mut Vec<&'s Step>,
        done: &mut Vec<u32>,
    ) -> Result<(), Trouble> {
        if self.interrupt.requested() {
            self.release_tables(ordinal, held, done);
            return Err(Trouble::new(Stop::Interrupted, Some(step)));
        }
        if step.session {
            return self
                .send(migration, step, step.patience, false, 1)
                .map(drop)
                .map_err(|error| Trouble::new(Stop::Refused(error), Some(step)));
        }
        if step.locks_tables || !held.is_empty() {
            if held.is_empty() {
                self.note_step(ordinal, step, StepState::Running).map_err(|error| Trouble::new(Stop::Refused(error), Some(step)))?;
            }
            let sent = self.send(migration, step, step.patience, false, 1);
            if let Err(error) = sent {
                self.release_tables(ordinal, held, done);
                return Err(Trouble::new(Stop::Refused(error), Some(step)));
            }
            held.push(step);
            if step.unlocks_tables {
                self.release_tables(ordinal, held, done);
            }
            return Ok(());
        }
        if step.fits && step.retry == Retry::Safe {
            let begin = match self.session.engine() {
                Engine::Postgres => "BEGIN",
                Engine::Mysql | Engine::Mariadb => "START TRANSACTION",
                Engine::Sqlite => "BEGIN IMMEDIATE",
            };
            self.recorded_transaction(migration, ordinal, begin, &[step])?;
        } else {
            self.bare(migration, ordinal, step)?;
        }
        done.push(step.position);
        Ok(())
    }

    /// Statements and their rows in one transaction.
    fn recorded_transaction(&mut self, migration: &PlannedMigration, ordinal: u64, begin: &str, steps: &[&Step]) -> Result<(), Trouble> {
        let closing = |session: &mut dyn Session, ledger: &Ledger| {
            for step in steps.iter().filter(|step| !step.session) {
                ledger.insert_step(session, ordinal, &new_step(step, StepState::Done))?;
            }
            Ok(())
        };
        match self.transaction(migration, begin, steps, &closing) {
            Ok(()) => Ok(()),
            Err(trouble) => match self.after_loss_in_group(ordinal, steps, trouble) {
                Some(trouble) => Err(trouble),
                None => Ok(()),
            },
        }
    }

    /// A statement that shares no transaction with anything.
    fn bare(&mut self, migration: &PlannedMigration, ordinal: u64, step: &Step) -> Result<(), Trouble> {
        let refused = |error: ServerError| Trouble::new(Stop::Refused(error), Some(step));
        if let Some(build) = &step.build {
            self.clear_leftover(build).map_err(|problem| match problem {
                Ok(reason) => Trouble::new(Stop::Check(reason), Some(step)),
                Err(error) => refused(error),
            })?;
        }
        let started = Instant::now();
        let mut attempt = 1;
        loop {
            self.note_step(ordinal, step, StepState::Running).map_err(refused)?;
            let error = match self.send(migration, step, step.patience, false, attempt) {
                Ok(_) => break,
                Err(error) => error,
            };
            if error.connection_lost {
                // It may have been done all the same.
                return match self.after_loss_bare(ordinal, step, error) {
                    Some(trouble) => Err(trouble),
                    None => Ok(()),
                };
            }
            let curable = step.retry == Retry::Safe && (error.is_lock_timeout() || error.is_deadlock());
            if curable && self.may_retry(attempt, started) {
                attempt += 1;
                let pause = self.options.pause_before(attempt);
                let attempts = self.options.attempts;
                self.progress.event(&Event::Retry { step: Some(step), error: &error, pause, attempt: attempt - 1, attempts });
                if self.interrupt.sleep(pause) {
                    continue;
                }
            }
            return Err(self.bare_failed(ordinal, step, error, attempt));
        }
        if let Some(build) = &step.build
            && let Some(reason) = self.check_valid(build).map_err(refused)?
        {
            let _ = self.ledger.set_step(self.session.as_mut(), ordinal, step.position, StepState::Failed, Some(&reason));
            return Err(Trouble { changed: Changed::Yes, ..Trouble::new(Stop::Check(reason), Some(step)) });
        }
        // Should this not get through, the statement stays in doubt, and the next run looks for it.
        self.ledger.set_step(self.session.as_mut(), ordinal, step.position, StepState::Done, None).map_err(refused)?;
        self.settle();
        Ok(())
    }

    fn bare_failed(&mut self, ordinal: u64, step: &Step, error: ServerError, attempts: u32) -> Trouble {
        let advice: Vec<String> = step.build.as_ref().and_then(|build| self.clean_up(build)).into_iter().collect();
        let _ = self.ledger.set_step(self.session.as_mut(), ordinal, step.position, StepState::Failed, Some(&error.to_string()));
        self.settle();
        let interrupted = error.is_cancelled() && self.interrupt.urgent();
        let stop = if interrupted { Stop::Interrupted } else { Stop::Refused(error) };
        // CALL, DO and several tables in one DROP on MariaDB may have come part of the way.
        let changed = if step.retry == Retry::Unsafe && step.build.is_none() { Changed::Yes } else { Changed::No };
        Trouble { attempts, advice, changed, ..Trouble::new(stop, Some(step)) }
    }

    fn note_step(&mut self, ordinal: u64, step: &Step, state: StepState) -> Result<(), ServerError> {
        self.ledger.insert_step(self.session.as_mut(), ordinal, &new_step(step, state))?;
        self.settle();
        Ok(())
    }

    /// Scripts made by dumps switch autocommit off; what the ledger says must not wait for theirs.
    fn settle(&mut self) {
        if self.session.engine().is_mysql_family() {
            let _ = self.session.execute("COMMIT");
        }
    }

    /// Gives locked tables back and writes the rows that had to wait.
    fn release_tables(&mut self, ordinal: u64, held: &mut Vec<&Step>, done: &mut Vec<u32>) {
        if held.is_empty() {
            return;
        }
        if self.session.engine().is_mysql_family() {
            let _ = self.session.execute("UNLOCK TABLES");
        }
        for step in held.drain(..) {
            let _ = self.note_step(ordinal, step, StepState::Done);
            done.push(step.position);
        }
    }
}

fn new_step(step: &Step, state: StepState) -> NewStep<'_> {
    NewStep { position: step.position, hash: &step.hash, line: step.line, statement: step.text(), state }
}
