//! The pass over one project: replay everything, judge what is reported.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::lanes::Lanes;
use super::prepare::{Prepared, prepare};
use super::replica::Replica;
use crate::catalog::{Catalog, Difference, Lost, TableStatistics};
use crate::change::Statement;
use crate::discover::{Project, ProjectEntry};
use crate::effect::StatementEffects;
use crate::engine::{Target, TargetRange};
use crate::facts::{Direction, Scene, Thresholds};
use crate::finding::{Finding, Problem, Severity};
use crate::migration::{self, LoadError, ProblemKind, TransactionMode};
use crate::rules::RuleSet;
use crate::schema::{Base, SchemaDump};
use crate::source::{Script, Sources};

/// So many migrations are read ahead of the replay: enough to keep every processor busy, few
/// enough to bound memory.
const WINDOW: usize = 64;
/// Each migration may have up to this many files: source ids are numbered in such steps.
const FILES_PER_MIGRATION: u32 = 16;
/// Recursive descent over deep expressions needs room; address space only.
const STACK: usize = 64 * 1024 * 1024;

/// How to look at a project.
pub struct Options<'a> {
    pub target: Target,
    /// How the runner wraps a file that does not say so.
    pub transaction: Option<TransactionMode>,
    pub thresholds: Thresholds,
    /// What the history starts from.
    pub schema: Option<&'a SchemaDump>,
    /// Measured table sizes, by lower-case name as [`crate::stats::Stats::by_name`] gives them.
    pub statistics: &'a BTreeMap<String, TableStatistics>,
    /// The rules for a migration's path: severities may differ by path.
    pub rules: &'a (dyn Fn(&std::path::Path) -> Arc<RuleSet> + Sync),
    /// Judge the down scripts as if they were to run, newest first; ups are context.
    pub direction: Direction,
    /// Fill the findings' excerpts and run the rules at all: `facts` and `sql` only look.
    pub judge: bool,
    /// The migrations that are reported have not run: the database says so.
    pub pending: bool,
}

/// What is known of a database that nobody measured.
static UNMEASURED: BTreeMap<String, TableStatistics> = BTreeMap::new();

impl<'a> Options<'a> {
    /// How to judge a project of which nothing more is known.
    pub fn new(target: Target, rules: &'a (dyn Fn(&std::path::Path) -> Arc<RuleSet> + Sync)) -> Self {
        Options {
            target,
            transaction: None,
            thresholds: Thresholds::default(),
            schema: None,
            statistics: &UNMEASURED,
            rules,
            direction: Direction::Up,
            judge: true,
            pending: false,
        }
    }
}

/// What came out.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Open findings, sorted by path and position.
    pub findings: Vec<Finding>,
    /// Accepted findings.
    pub suppressed: Vec<Finding>,
    /// What is wrong with the files themselves, migrations that could not be read included.
    pub problems: Vec<Problem>,
    pub files: u32,
    pub migrations: u32,
    pub statements: u32,
}

impl Outcome {
    /// What was found further on in the same history.
    pub(super) fn absorb(&mut self, more: Outcome) {
        let Outcome { findings, suppressed, problems, files, migrations, statements } = more;
        self.findings.extend(findings);
        self.suppressed.extend(suppressed);
        self.problems.extend(problems);
        self.files += files;
        self.migrations += migrations;
        self.statements += statements;
    }

    pub(super) fn sort(&mut self) {
        self.findings.sort_by(|a, b| {
            let (left, right) = (&a.primary, &b.primary);
            left.path.cmp(&right.path).then_with(|| left.span.cmp(&right.span)).then_with(|| a.rule.cmp(&b.rule))
        });
    }
}

/// One statement of a reported migration, just before it runs.
pub struct Seen<'a> {
    pub prepared: &'a Prepared,
    /// Position among the project's entries.
    pub entry: usize,
    pub direction: Direction,
    pub script: &'a Script,
    pub scene: &'a Scene<'a>,
    /// As it was written; with what its calls run it is the scene's.
    pub statement: &'a Statement,
    pub effects: &'a StatementEffects,
    pub before: &'a Catalog,
}

/// Looks on while a project is checked.
pub trait Visitor {
    /// Whether there is anything to see for it. For nobody, migrations are judged side by side.
    fn looks_on(&self) -> bool {
        true
    }
    /// A project begins, which is looked at on each step of this range.
    fn project(&mut self, _range: TargetRange) {}
    /// Whether it wants to see every step of a range, or the newest only.
    fn wants_every_step(&self) -> bool {
        true
    }
    /// A reported migration begins.
    fn migration(&mut self, _prepared: &Prepared, _entry: usize) {}
    /// One of its statements.
    fn statement(&mut self, _seen: &Seen<'_>) {}
    /// What the schema after a migration's down script differs in from the one before its up script.
    fn way_back(&mut self, _entry: usize, _differences: &[Difference]) {}
    /// What the history made, up to the last reported migration at least.
    fn end(&mut self, _schema: &Catalog) {}
}

/// A visitor that does nothing.
impl Visitor for () {
    fn looks_on(&self) -> bool {
        false
    }
}

/// Checks a project.
pub fn check(project: &Project, options: &Options<'_>, visitor: &mut (dyn Visitor + Send)) -> Outcome {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK).thread_name(|n| format!("lockgate-{n}")).build();
    match pool {
        Ok(pool) => pool.install(|| Pass::new(project, options).run(visitor)),
        // No threads to be had: the calling thread does it alone.
        Err(_) => Pass::new(project, options).run(visitor),
    }
}

/// A migration as it was read, with its place among the project's entries.
pub(super) type Loaded = (usize, Result<Arc<Prepared>, LoadError>);

struct Pass<'a> {
    project: &'a Project,
    options: &'a Options<'a>,
    /// The schema dump the catalog was made from.
    base: Option<Base>,
    /// A place in a pair of windows is enough to know that nobody is reported any more.
    last_reported: usize,
}

impl<'a> Pass<'a> {
    fn new(project: &'a Project, options: &'a Options<'a>) -> Self {
        let last_reported = project.entries.iter().rposition(ProjectEntry::is_reported).map_or(0, |index| index + 1);
        Pass { project, options, base: None, last_reported }
    }

    /// The schema dump as the catalog; what it holds of the migrations to be judged is taken out.
    fn start(&mut self) -> Replica<'a> {
        let mut first = Replica::new(self.project, self.options);
        first.outcome.problems.extend(self.project.problems.iter().map(|problem| told(problem, None)));
        let Some(dump) = self.options.schema else { return first };
        let mut base = Base::of(dump, self.project, self.options.target);
        first.outcome.problems.extend(base.problem.take());
        first.catalog = std::mem::replace(&mut base.catalog, Catalog::new(self.options.target));
        let taken = base.to_take_back();
        let mut lost = Lost::default();
        for window in taken.chunks(WINDOW) {
            for (_, prepared) in self.load(window) {
                // One that cannot be read is told of when its turn comes.
                let Ok(prepared) = prepared else { continue };
                first.catalog.take_back(&prepared.up.statements, &prepared.migration.up, &mut lost);
            }
        }
        if !taken.is_empty() {
            let history = (!lost.is_empty()).then(|| self.history(&base.held()));
            first.catalog.restore_lost(lost, history.as_ref());
        }
        self.base = Some(base);
        first
    }

    /// What a part of the history alone makes.
    fn history(&self, entries: &[usize]) -> Catalog {
        let mut alone = Replica::new(self.project, self.options);
        for window in entries.chunks(WINDOW) {
            for (entry, prepared) in self.load(window) {
                match prepared {
                    Ok(prepared) => alone.replay(entry, &prepared),
                    Err(_) => alone.catalog.open_world = true,
                }
            }
        }
        alone.catalog
    }

    /// Whether an entry is to be replayed.
    fn is_replayed(&self, entry: usize) -> bool {
        !self.base.as_ref().is_some_and(|base| base.holds(entry))
    }

    fn run(mut self, visitor: &mut (dyn Visitor + Send)) -> Outcome {
        let first = self.start();
        let width = if visitor.looks_on() { 1 } else { rayon::current_num_threads() };
        let mut lanes = Lanes::new(first, width);
        // What comes after the last reported migration cannot change what is said about it.
        let indices: Vec<usize> = (0..self.last_reported).filter(|entry| self.is_replayed(*entry)).collect();
        let mut windows = indices.chunks(WINDOW);
        let mut ready = windows.next().map(|window| self.load(window));
        while let Some(loaded) = ready {
            let next = windows.next();
            let this = &self;
            // The next window is read while this one is replayed.
            ((), ready) = rayon::join(|| lanes.take(&loaded, visitor), || next.map(|window| this.load(window)));
        }
        let mut replica = lanes.join();
        let mut reached = self.last_reported;
        if replica.judge.is_waiting() {
            reached = self.project.entries.len();
            // A migration that nobody asked about may have put it right since.
            let rest: Vec<usize> = (self.last_reported..self.project.entries.len()).filter(|entry| self.is_replayed(*entry)).collect();
            for window in rest.chunks(WINDOW) {
                for loaded in self.load(window).iter().filter(|(_, prepared)| prepared.is_ok()) {
                    replica.take_all(std::slice::from_ref(loaded), visitor);
                }
            }
            replica.judge.in_the_end(&replica.catalog, &mut replica.outcome);
        }
        if self.options.judge {
            replica.judge.history(&mut replica.outcome);
        }
        visitor.end(&replica.catalog);
        if self.options.judge && self.options.direction == Direction::Up {
            self.settle_downs(&mut replica, reached);
            self.settle_parts(&mut replica);
        }
        replica.outcome.sort();
        replica.outcome
    }

    /// Reads a window of migrations in parallel.
    fn load(&self, window: &[usize]) -> Vec<Loaded> {
        let Pass { project, options, .. } = *self;
        window
            .par_iter()
            .filter_map(|&index| {
                let entry = project.entries.get(index)?;
                let first = first_id(index);
                let prepared = prepare(
                    project.format,
                    &project.directory,
                    &entry.entry,
                    options.target,
                    options.transaction,
                    entry.is_reported(),
                    first,
                );
                Some((index, prepared.map(Arc::new)))
            })
            .collect()
    }
}

/// A problem with its place resolved.
pub(super) fn told(problem: &migration::Problem, sources: Option<&Sources>) -> Problem {
    let place = problem.location.and_then(|location| {
        let file = sources?.get(location.source)?;
        Some(file.position(location.span.start))
    });
    Problem {
        path: problem.path.clone(),
        line: place.map(|place| place.line),
        column: place.map(|place| place.column),
        severity: if problem.kind.is_error() { Severity::Error } else { Severity::Warning },
        message: problem.message.clone(),
        help: problem.help.clone(),
        fatal: problem.kind == ProblemKind::Encoding,
    }
}

/// Which entry a source id belongs to.
pub(super) fn entry_of(source: crate::source::SourceId) -> usize {
    (source.0 / FILES_PER_MIGRATION) as usize
}

/// The first source id of an entry.
pub(super) fn first_id(entry: usize) -> u32 {
    u32::try_from(entry).unwrap_or(u32::MAX).saturating_mul(FILES_PER_MIGRATION)
}

mod rollback;
#[cfg(test)]
mod tests;
