//! A directory of migrations, taken all the way: discovered, read, planned, cleared and run.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lockgate::apply::{self, ApplyError, Event, Interrupt, Options, Progress, Report};
use lockgate::discover::{self, Standing};
use lockgate::driver::{Access, DatabaseUrl, Session, connect};
use lockgate::engine::Target;
use lockgate::facts::Direction;
use lockgate::finding::Severity;
use lockgate::history::{Entry, Ledger, StepRow};
use lockgate::lint;
use lockgate::migration::Migration;
use lockgate::plan::{self, Allowance, Blocked, Cleared, Plan, Planner, Policy};
use lockgate::rules::{RuleSet, Selection};

pub struct Project {
    directory: PathBuf,
    // Removed with the project that made it.
    _folder: Option<tempfile::TempDir>,
    pub url: DatabaseUrl,
    pub options: Options,
}

/// Why a run did not happen or did not end well.
#[derive(Debug)]
pub enum Stopped {
    Blocked(Blocked),
    Apply(ApplyError),
}

impl Stopped {
    #[track_caller]
    pub fn failure(self) -> Box<lockgate::apply::Failure> {
        match self {
            Stopped::Apply(ApplyError::Failed(failure)) => failure,
            other => panic!("not a failed migration: {other:?}"),
        }
    }

    pub fn text(&self) -> String {
        match self {
            Stopped::Blocked(blocked) => blocked.blockers.iter().map(|blocker| format!("{blocker}\n")).collect(),
            Stopped::Apply(error) => error.to_string(),
        }
    }
}

/// Everything a run told, as one line each.
#[derive(Clone, Default)]
pub struct Heard(pub Arc<Mutex<Vec<String>>>);

impl Heard {
    pub fn text(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }
}

impl Progress for Heard {
    fn event(&mut self, event: &Event<'_>) {
        let line = match event {
            Event::LockWait { holder, .. } => format!("lock-wait {holder}"),
            Event::MigrationStarted { migration, .. } => format!("start {}", migration.version),
            Event::MigrationSkipped { migration, reason } => format!("skip {}: {reason}", migration.version),
            Event::MigrationFinished { migration, .. } => format!("end {}", migration.version),
            Event::StatementStarted { step, .. } => format!("send {}", step.summary()),
            Event::StatementSkipped { step, reason } => format!("pass {}: {reason}", step.summary()),
            Event::StatementBlocked { blockers, .. } => format!("blocked {}", blockers.join("; ")),
            Event::StatementProgress { phase, .. } => format!("progress {phase}"),
            Event::StatementFinished { step, rows, .. } => format!("done {} ({rows})", step.summary()),
            Event::Retry { error, .. } => format!("retry {error}"),
            Event::Note { text } => format!("note {text}"),
        };
        self.0.lock().unwrap().push(line);
    }
}

impl Project {
    pub fn new(url: &str) -> Project {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().to_path_buf();
        Project { _folder: Some(folder), ..Project::at(directory, url) }
    }

    /// A project in a folder that is there.
    pub fn at(directory: impl Into<PathBuf>, url: &str) -> Project {
        let options = Options {
            lock_wait: Duration::from_secs(20),
            brief: Duration::from_millis(1000),
            normal: Duration::from_millis(1500),
            attempts: 3,
            pause: Duration::from_millis(200),
            ..Options::default()
        };
        Project { directory: directory.into(), _folder: None, url: url.parse().unwrap(), options }
    }

    pub fn path(&self) -> &Path {
        &self.directory
    }

    pub fn write(&self, name: &str, text: &str) -> &Project {
        std::fs::write(self.path().join(name), text).unwrap();
        self
    }

    pub fn remove(&self, name: &str) {
        std::fs::remove_file(self.path().join(name)).unwrap();
    }

    pub fn session(&self) -> Box<dyn Session> {
        connect(&self.url, Access::Create).unwrap()
    }

    pub fn sql(&self, statement: &str) {
        self.session().execute(statement).unwrap();
    }

    pub fn value(&self, query: &str) -> String {
        self.session().query_value(query).unwrap().unwrap_or_else(|| "NULL".to_owned())
    }

    pub fn entries(&self) -> Vec<Entry> {
        let mut session = self.session();
        Ledger::locate(session.as_mut()).unwrap().runs(session.as_mut()).unwrap()
    }

    pub fn steps(&self, ordinal: u64) -> Vec<StepRow> {
        let mut session = self.session();
        Ledger::locate(session.as_mut()).unwrap().steps(session.as_mut(), ordinal).unwrap()
    }

    /// `version state` of every run, oldest first.
    pub fn states(&self) -> Vec<String> {
        self.entries().iter().map(|entry| format!("{} {}", entry.version, entry.state.name())).collect()
    }

    pub fn apply(&self) -> Result<Report, Stopped> {
        self.apply_with(&Interrupt::default(), &mut Heard::default())
    }

    pub fn apply_with(&self, interrupt: &Interrupt, heard: &mut Heard) -> Result<Report, Stopped> {
        let cleared = self.cleared(Direction::Up, None)?;
        self.run(&cleared, interrupt, heard)
    }

    pub fn rollback(&self, to: Option<&str>) -> Result<Report, Stopped> {
        let cleared = self.cleared(Direction::Down, to)?;
        self.run(&cleared, &Interrupt::default(), &mut Heard::default())
    }

    pub fn run(&self, cleared: &Cleared, interrupt: &Interrupt, heard: &mut Heard) -> Result<Report, Stopped> {
        apply::apply(self.session(), &self.url, cleared, &self.options, interrupt, heard).map_err(Stopped::Apply)
    }

    /// A plan with every risk taken but those the ledger shows.
    pub fn cleared(&self, direction: Direction, to: Option<&str>) -> Result<Cleared, Stopped> {
        let plan = self.plan(direction, to);
        let losses = ["dropping-table", "dropping-column", "truncating-table", "lossy-type-change", "recreating-column"];
        let allow = losses.map(|rule| Allowance { rule: rule.to_owned(), reason: "a test".to_owned() }).to_vec();
        plan::check(plan, &[], &Policy { fail_on: Severity::Error, allow, confirmation: None }).map_err(Stopped::Blocked)
    }

    pub fn plan(&self, direction: Direction, to: Option<&str>) -> Plan {
        let mut session = self.session();
        let target = session.info().target();
        let entries = Ledger::locate(session.as_mut()).unwrap().entries(session.as_mut()).unwrap();
        let migrations = load(self.path(), target);
        let (wanted, problems) = match direction {
            Direction::Up => {
                let pending = plan::pending(&migrations, &entries, None, to);
                (pending.migrations.iter().map(|migration| migration.version.clone()).collect::<Vec<_>>(), pending.problems)
            }
            Direction::Down => {
                let reverts = plan::revertible(&migrations, &entries, to).unwrap();
                (reverts.iter().map(|revert| revert.entry.version.clone()).collect(), Vec::new())
            }
        };
        let mut planner = Planner::new(target, direction, Default::default());
        visit(self.path(), target, direction, &wanted, &mut planner);
        planner.finish(problems)
    }
}

fn load(directory: &Path, target: Target) -> Vec<Migration> {
    let mut discovery = discover::discover(&[directory.to_path_buf()], &discover::Options::default()).unwrap();
    let project = discovery.projects.remove(0);
    let prepared = project
        .entries
        .iter()
        .map(|entry| lint::prepare(project.format, &project.directory, &entry.entry, target, None, true, 0).unwrap().migration);
    prepared.collect()
}

fn visit(directory: &Path, target: Target, direction: Direction, wanted: &[String], planner: &mut Planner) {
    let mut discovery = discover::discover(&[directory.to_path_buf()], &discover::Options::default()).unwrap();
    let mut project = discovery.projects.remove(0);
    for entry in &mut project.entries {
        if !wanted.contains(&entry.entry.version) {
            entry.standing = Standing::BeforeStart;
        }
    }
    let rules = Arc::new(RuleSet::select(&Selection::default()).unwrap());
    let pick = |_: &Path| Arc::clone(&rules);
    let options = lint::Options { direction, judge: false, ..lint::Options::new(target, &pick) };
    let outcome = lint::check(&project, &options, planner);
    assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
}
