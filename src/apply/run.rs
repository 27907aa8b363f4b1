//! The run: take the lock, look again, apply one migration after the other.

use std::time::{Duration, Instant, SystemTime};

use super::error::{ApplyError, Changed, DoneStatement, Failure, Place, Stop};
use super::interrupt::Interrupt;
use super::options::Options;
use super::progress::{Event, Progress};
use super::session::Home;
use crate::driver::{DatabaseUrl, ServerError, Session};
use crate::history::{Accepted, Entry, Ledger, LockError, NewEntry, RunLock, State, acquire};
use crate::plan::{Cleared, Direction, GroupKind, Patience, PlannedMigration, Step};

/// A run that ended well.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What this run applied or rolled back.
    pub ran: Vec<Ran>,
    /// What another run had done in the meantime.
    pub skipped: Vec<String>,
    pub elapsed: Duration,
}

#[derive(Debug, Clone)]
pub struct Ran {
    pub version: String,
    pub name: String,
    pub elapsed: Duration,
}

pub(super) struct Runner<'a> {
    pub session: Box<dyn Session>,
    pub url: &'a DatabaseUrl,
    pub ledger: Ledger,
    pub lock: Option<RunLock>,
    pub options: &'a Options,
    pub interrupt: &'a Interrupt,
    pub progress: &'a mut dyn Progress,
    /// What the session waits like now, and whether that ends with the transaction.
    pub patience: Option<(Patience, bool)>,
    /// The script has set a lock timeout of its own.
    pub author_timeouts: bool,
    /// Statements of the migration at hand that are in the database.
    pub done: Vec<u32>,
    /// Who was last seen in the way of the statement.
    pub blockers: Vec<String>,
}

/// A migration that stopped, before it is put into words.
#[derive(Debug)]
pub(super) struct Trouble {
    pub stop: Stop,
    pub step: Option<Box<Step>>,
    pub attempts: u32,
    pub changed: Changed,
    pub advice: Vec<String>,
}

impl Trouble {
    pub fn new(stop: Stop, step: Option<&Step>) -> Trouble {
        Trouble { stop, step: step.cloned().map(Box::new), attempts: 1, changed: Changed::No, advice: Vec::new() }
    }

    pub fn error(&self) -> Option<&ServerError> {
        match &self.stop {
            Stop::Refused(error) | Stop::Commit(error) => Some(error),
            Stop::Check(_) | Stop::Interrupted => None,
        }
    }
}

/// How a migration ends other than well.
#[derive(Debug)]
pub(super) enum End {
    Trouble(Box<Trouble>),
    Error(ApplyError),
}

impl From<Trouble> for End {
    fn from(trouble: Trouble) -> End {
        End::Trouble(Box::new(trouble))
    }
}

/// Runs a cleared plan.
pub fn apply(
    session: Box<dyn Session>,
    url: &DatabaseUrl,
    cleared: &Cleared,
    options: &Options,
    interrupt: &Interrupt,
    progress: &mut dyn Progress,
) -> Result<Report, ApplyError> {
    let started = Instant::now();
    if cleared.plan().is_empty() {
        return Ok(Report::default());
    }
    let mut session = session;
    if let Some(reason) = session.info().read_only.clone() {
        return Err(ApplyError::ReadOnly { database: session.info().database.clone(), reason });
    }
    let ledger = Ledger::locate(session.as_mut()).map_err(ApplyError::Ledger)?;
    let home = Home::remember(session.as_mut()).map_err(ApplyError::Ledger)?;
    let lock = take_lock(session.as_mut(), &ledger, url, options, interrupt, progress)?;
    let mut runner = Runner {
        session,
        url,
        ledger,
        lock: Some(lock),
        options,
        interrupt,
        progress,
        patience: None,
        author_timeouts: false,
        done: Vec::new(),
        blockers: Vec::new(),
    };
    let result = runner.run_all(cleared, &home);
    if let Some(lock) = runner.lock.take() {
        lock.release(runner.session.as_mut());
    }
    result.map(|report| Report { elapsed: started.elapsed(), ..report })
}

pub(super) fn take_lock(
    session: &mut dyn Session,
    ledger: &Ledger,
    url: &DatabaseUrl,
    options: &Options,
    interrupt: &Interrupt,
    progress: &mut dyn Progress,
) -> Result<RunLock, LockError> {
    let mut told: Option<Duration> = None;
    acquire(session, ledger, url, options.lock_wait, &mut |holder, waited| {
        if told.is_none_or(|told| waited.saturating_sub(told) > Duration::from_secs(10)) {
            let waited = if told.is_none() { Duration::ZERO } else { waited };
            told = Some(waited);
            progress.event(&Event::LockWait { holder, waited });
        }
        !interrupt.requested()
    })
}

impl Runner<'_> {
    fn run_all(&mut self, cleared: &Cleared, home: &Home) -> Result<Report, ApplyError> {
        let plan = cleared.plan();
        self.ledger.create(self.session.as_mut()).map_err(ApplyError::Ledger)?;
        // Only now, with the lock held, does what the ledger says stay true.
        let entries = self.ledger.entries(self.session.as_mut()).map_err(ApplyError::Ledger)?;
        let total = plan.migrations.len();
        let mut report = Report::default();
        let entry_of = |version: &str| entries.iter().find(|entry| entry.version == version);
        for migration in &plan.migrations {
            fits(migration, entry_of(&migration.version))?;
        }
        for (at, migration) in plan.migrations.iter().enumerate() {
            let entry = entry_of(&migration.version);
            if is_there(migration.direction, entry) {
                let reason = "another run was quicker";
                self.progress.event(&Event::MigrationSkipped { migration, reason });
                report.skipped.push(migration.version.clone());
                continue;
            }
            let started = Instant::now();
            self.progress.event(&Event::MigrationStarted { migration, number: at + 1, total });
            self.done.clear();
            let ended = self.run_one(migration, entry, &cleared.accepted(&migration.version));
            self.patience = None;
            self.author_timeouts = false;
            match ended {
                Ok(()) => {}
                Err(End::Error(error)) => return Err(error),
                Err(End::Trouble(trouble)) => {
                    home.restore(self.session.as_mut());
                    let applied = report.ran.into_iter().map(|ran| ran.version).collect();
                    return Err(ApplyError::Failed(Box::new(self.failure(migration, *trouble, applied, started.elapsed()))));
                }
            }
            home.restore(self.session.as_mut());
            let elapsed = started.elapsed();
            self.progress.event(&Event::MigrationFinished { migration, elapsed });
            report.ran.push(Ran { version: migration.version.clone(), name: migration.name.clone(), elapsed });
        }
        Ok(report)
    }

    fn run_one(&mut self, migration: &PlannedMigration, entry: Option<&Entry>, accepted: &[Accepted]) -> Result<(), End> {
        let begun = self.begun_before(migration, entry)?;
        if !migration.is_atomic() || begun.as_ref().is_some_and(|(_, resume)| !resume.is_empty()) {
            return self.stepwise(migration, entry, begun, accepted);
        }
        self.atomic(migration, entry, accepted)
    }

    /// The whole migration and its row in one transaction.
    fn atomic(&mut self, migration: &PlannedMigration, entry: Option<&Entry>, accepted: &[Accepted]) -> Result<(), End> {
        let started = SystemTime::now();
        let closing = |session: &mut dyn Session, ledger: &Ledger| match (migration.direction, entry) {
            (Direction::Down, Some(entry)) => ledger.set_state(session, entry.ordinal, State::RolledBack, None, None),
            (Direction::Down, None) => Ok(()),
            (Direction::Up, _) => {
                let finished = Some(SystemTime::now());
                ledger.insert(session, &new_entry(migration, accepted, started, State::Applied, finished, None)).map(drop)
            }
        };
        let mut recorded = false;
        for group in &migration.groups {
            let steps: Vec<&Step> = group.steps.iter().collect();
            let ran = match &group.kind {
                GroupKind::Transaction { begin } => {
                    recorded = true;
                    self.transaction(migration, begin, &steps, &closing)
                }
                GroupKind::Alone => self.plainly(migration, &steps),
            };
            if let Err(trouble) = ran {
                let trouble = match self.after_loss_in_transaction(migration, trouble) {
                    Some(trouble) => trouble,
                    // The reply to COMMIT was lost and the transaction is there.
                    None => continue,
                };
                self.record_failure(migration, accepted, started, &trouble);
                return Err(trouble.into());
            }
        }
        if !recorded {
            // Nothing to do but to say that it was done.
            closing(self.session.as_mut(), &self.ledger).map_err(|error| End::Error(ApplyError::Ledger(error)))?;
        }
        Ok(())
    }

    /// Statements that act on the session alone.
    fn plainly(&mut self, migration: &PlannedMigration, steps: &[&Step]) -> Result<(), Trouble> {
        for step in steps {
            self.send(migration, step, step.patience, false, 1).map_err(|error| Trouble::new(Stop::Refused(error), Some(step)))?;
        }
        Ok(())
    }

    /// Leaves a trace of an attempt that changed nothing; `status` shows it.
    fn record_failure(&mut self, migration: &PlannedMigration, accepted: &[Accepted], started: SystemTime, trouble: &Trouble) {
        if migration.direction == Direction::Down || trouble.error().is_some_and(|error| error.connection_lost) {
            return;
        }
        let error = describe(&trouble.stop);
        let new = new_entry(migration, accepted, started, State::Failed, Some(SystemTime::now()), Some(&error));
        let _ = self.ledger.insert(self.session.as_mut(), &new);
    }

    fn failure(&self, migration: &PlannedMigration, trouble: Trouble, applied: Vec<String>, elapsed: Duration) -> Failure {
        let place = trouble.step.as_ref().map(|step| {
            let position = trouble.error().and_then(|error| error.position).and_then(|position| step.locate(position));
            let (line, column) = position.unwrap_or((step.line, step.column));
            Place { path: step.path.clone(), line, column, statement: step.text().to_owned() }
        });
        let steps = migration.steps().filter(|step| !step.session);
        let (done, not_done): (Vec<&Step>, Vec<&Step>) = steps.partition(|step| self.done.contains(&step.position));
        let said = |steps: Vec<&Step>| {
            steps.into_iter().map(|step| DoneStatement { line: step.line, summary: step.summary() }).collect::<Vec<_>>()
        };
        let waited = trouble.error().is_some_and(ServerError::is_lock_timeout);
        let mut advice = trouble.advice;
        advice.extend(super::aftermath::advice(migration, &trouble.stop, trouble.changed));
        Failure {
            version: migration.version.clone(),
            name: migration.name.clone(),
            stop: trouble.stop,
            place,
            attempts: trouble.attempts,
            blockers: if waited { self.blockers.clone() } else { Vec::new() },
            changed: trouble.changed,
            done: said(done),
            not_done: said(not_done),
            applied,
            advice,
            elapsed,
        }
    }
}

pub(super) fn describe(stop: &Stop) -> String {
    match stop {
        Stop::Refused(error) => error.to_string(),
        Stop::Commit(error) => format!("at COMMIT: {error}"),
        Stop::Check(reason) => reason.clone(),
        Stop::Interrupted => "interrupted".to_owned(),
    }
}

pub(super) fn new_entry<'a>(
    migration: &'a PlannedMigration,
    accepted: &'a [Accepted],
    started: SystemTime,
    state: State,
    finished: Option<SystemTime>,
    error: Option<&'a str>,
) -> NewEntry<'a> {
    NewEntry {
        version: &migration.version,
        name: &migration.name,
        checksum: &migration.checksum,
        down_script: migration.down_script.as_deref(),
        accepted,
        started,
        state,
        finished,
        error,
    }
}

/// Somebody else has done it since the plan was made.
fn is_there(direction: Direction, entry: Option<&Entry>) -> bool {
    match direction {
        Direction::Up => entry.is_some_and(|entry| entry.state.is_applied()),
        Direction::Down => entry.is_some_and(|entry| entry.state == State::RolledBack),
    }
}

/// Whether the plan still fits what the ledger says now.
fn fits(migration: &PlannedMigration, entry: Option<&Entry>) -> Result<(), ApplyError> {
    let version = &migration.version;
    match (migration.direction, entry.map(|entry| entry.state)) {
        (Direction::Up, Some(State::Applied | State::Marked)) if entry.is_some_and(|entry| entry.checksum != migration.checksum) => {
            Err(ApplyError::Stale(format!("{version} was applied by another run, and from a different file")))
        }
        (Direction::Up, Some(State::RollingBack)) => {
            Err(ApplyError::Stale(format!("a rollback of {version} was begun and did not end: run `lockgate rollback` to end it")))
        }
        (Direction::Down, None | Some(State::Running | State::Failed)) => {
            Err(ApplyError::Stale(format!("{version} is not applied, so it cannot be rolled back")))
        }
        (Direction::Up, _) | (Direction::Down, _) => Ok(()),
    }
}
