//! The pass over one project: replay everything, judge what is reported.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::judge::{BothHits, Judge};
use super::prepare::{Prepared, Read, prepare};
use crate::catalog::{Callees, Catalog, Difference, Key, Lost, TableStatistics};
use crate::change::Statement;
use crate::discover::{Project, ProjectEntry};
use crate::effect::{self, StatementEffects, Truth};
use crate::engine::{Target, TargetRange};
use crate::facts::{Direction, Ledger, MigrationFacts, Scene, Thresholds};
use crate::finding::{Finding, Problem, Severity};
use crate::migration::{self, Down, LoadError, ProblemKind, TransactionMode};
use crate::rules::RuleSet;
use crate::schema::{Base, SchemaDump};
use crate::source::{Script, Sources, Span};

/// So many migrations are read ahead of the replay: enough to keep every processor busy, few
/// enough to bound memory.
const WINDOW: usize = 64;
/// Each migration may have up to this many files: source ids are numbered in such steps.
const FILES_PER_MIGRATION: u32 = 16;
/// Recursive descent over deep expressions needs room; address space only.
const STACK: usize = 64 * 1024 * 1024;

/// A migration with so many behind it has run: nobody writes on top of one that fails.
const LONG_AGO: usize = 10;

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
impl Visitor for () {}

/// Checks a project.
pub fn check(project: &Project, options: &Options<'_>, visitor: &mut (dyn Visitor + Send)) -> Outcome {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK).thread_name(|n| format!("lockgate-{n}")).build();
    match pool {
        Ok(pool) => pool.install(|| Pass::new(project, options).run(visitor)),
        // No threads to be had: the calling thread does it alone.
        Err(_) => Pass::new(project, options).run(visitor),
    }
}

type Loaded = (usize, Result<Prepared, LoadError>);

struct Pass<'a> {
    project: &'a Project,
    options: &'a Options<'a>,
    catalog: Catalog,
    outcome: Outcome,
    judge: Judge<'a>,
    /// The schema dump the catalog was made from.
    base: Option<Base>,
    /// A place in a pair of windows is enough to know that nobody is reported any more.
    last_reported: usize,
    /// How far the history was replayed.
    reached: usize,
    /// The first migration that asked for what the history had never made.
    first_absent: Option<usize>,
    /// Statements of down scripts that are refused right after their up script, by the entry.
    refused_downs: Vec<(usize, Span)>,
}

impl<'a> Pass<'a> {
    fn new(project: &'a Project, options: &'a Options<'a>) -> Self {
        let last_reported = project.entries.iter().rposition(ProjectEntry::is_reported).map_or(0, |index| index + 1);
        Pass {
            project,
            options,
            catalog: Catalog::new(options.target),
            outcome: Outcome::default(),
            judge: Judge::new(project, options),
            base: None,
            last_reported,
            reached: 0,
            first_absent: None,
            refused_downs: Vec::new(),
        }
    }

    /// The schema dump as the catalog; what it holds of the migrations to be judged is taken out.
    fn start(&mut self) {
        let Some(dump) = self.options.schema else { return };
        let mut base = Base::of(dump, self.project, self.options.target);
        self.outcome.problems.extend(base.problem.take());
        self.catalog = std::mem::replace(&mut base.catalog, Catalog::new(self.options.target));
        let taken = base.to_take_back();
        let mut lost = Lost::default();
        for window in taken.chunks(WINDOW) {
            for (_, prepared) in self.load(window) {
                // One that cannot be read is told of when its turn comes.
                let Ok(prepared) = prepared else { continue };
                self.catalog.take_back(&prepared.up.statements, &prepared.migration.up, &mut lost);
            }
        }
        if !taken.is_empty() {
            let history = (!lost.is_empty()).then(|| self.history(&base.held()));
            self.catalog.restore_lost(lost, history.as_ref());
        }
        self.base = Some(base);
    }

    /// What a part of the history alone makes.
    fn history(&self, entries: &[usize]) -> Catalog {
        let mut alone = Pass::new(self.project, self.options);
        for window in entries.chunks(WINDOW) {
            for (entry, prepared) in self.load(window) {
                let Ok(prepared) = prepared else {
                    alone.catalog.open_world = true;
                    continue;
                };
                alone.catalog.begin_migration(prepared.up.wrapped(prepared.migration.transaction, self.options.target));
                let script = &prepared.migration.up;
                let up = Part { entry, prepared: &prepared, script, read: &prepared.up, direction: Direction::Up };
                alone.statements(&up, Interest::Context, &mut BothHits::default(), &mut ());
                alone.catalog.end_migration();
            }
        }
        alone.catalog
    }

    /// Whether an entry is to be replayed.
    fn is_replayed(&self, entry: usize) -> bool {
        !self.base.as_ref().is_some_and(|base| base.holds(entry))
    }

    fn run(mut self, visitor: &mut (dyn Visitor + Send)) -> Outcome {
        self.outcome.problems.extend(self.project.problems.iter().map(|problem| told(problem, None)));
        self.start();
        // What comes after the last reported migration cannot change what is said about it.
        let indices: Vec<usize> = (0..self.last_reported).filter(|entry| self.is_replayed(*entry)).collect();
        let mut windows = indices.chunks(WINDOW);
        let mut ready = windows.next().map(|window| self.load(window));
        while let Some(loaded) = ready {
            let next = windows.next();
            let (project, options) = (self.project, self.options);
            // The next window is read while this one is replayed.
            let ((), following) = rayon::join(
                || {
                    for (index, prepared) in loaded {
                        self.take(index, prepared, visitor);
                    }
                },
                || next.map(|window| load(project, options, window)),
            );
            ready = following;
        }
        if self.judge.is_waiting() {
            // A migration that nobody asked about may have put it right since.
            let rest: Vec<usize> = (self.last_reported..self.project.entries.len()).filter(|entry| self.is_replayed(*entry)).collect();
            for window in rest.chunks(WINDOW) {
                for (index, prepared) in self.load(window) {
                    if let Ok(prepared) = prepared {
                        self.take(index, Ok(prepared), visitor);
                    }
                }
            }
            self.judge.in_the_end(&self.catalog, &mut self.outcome);
        }
        if self.options.judge {
            self.judge.history(&mut self.outcome);
        }
        visitor.end(&self.catalog);
        if self.options.judge && self.options.direction == Direction::Up {
            self.settle_downs();
        }
        self.outcome.sort();
        self.outcome
    }

    fn load(&self, window: &[usize]) -> Vec<Loaded> {
        load(self.project, self.options, window)
    }

    fn take(&mut self, index: usize, prepared: Result<Prepared, LoadError>, visitor: &mut (dyn Visitor + Send)) {
        let reported = self.project.entries.get(index).is_some_and(ProjectEntry::is_reported);
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                // Its statements are missing from the history: absence proves nothing any more.
                self.catalog.open_world = true;
                self.outcome.problems.push(unreadable(&error));
                return;
            }
        };
        if self.project.entries.get(index).is_some_and(|entry| entry.entry.after_program) {
            self.catalog.doubt_all();
        }
        if reported {
            self.outcome.migrations += 1;
            self.outcome.files += u32::try_from(prepared.sources.len()).unwrap_or(u32::MAX);
            let problems = prepared.migration.problems.iter().map(|problem| told(problem, Some(&prepared.sources)));
            self.outcome.problems.extend(problems);
            visitor.migration(&prepared, index);
        }
        self.reached = self.reached.max(index + 1);
        let mut hits = BothHits::default();
        let interest = match (reported, self.options.direction) {
            (false, _) => Interest::Context,
            (true, Direction::Up) => Interest::Judged,
            (true, Direction::Down) => Interest::Context,
        };
        self.catalog.begin_migration(prepared.up.wrapped(prepared.migration.transaction, self.options.target));
        self.sent_as(prepared.migration.transaction);
        if reported {
            self.measure();
        }
        let up = Part { entry: index, prepared: &prepared, script: &prepared.migration.up, read: &prepared.up, direction: Direction::Up };
        let ledger = self.statements(&up, interest, &mut hits, visitor);
        self.catalog.end_migration();
        if !reported {
            return;
        }
        let mut differences = None;
        if let (Some(read), Down::Script(script)) = (&prepared.down, &prepared.migration.down) {
            let interest = match self.options.direction {
                Direction::Up => Interest::OnlyWhetherItRuns,
                Direction::Down => Interest::Judged,
            };
            self.catalog.begin_down(read.wrapped(prepared.migration.down_transaction, self.options.target));
            self.sent_as(prepared.migration.down_transaction);
            let down = Part { entry: index, prepared: &prepared, script, read, direction: Direction::Down };
            self.statements(&down, interest, &mut hits, visitor);
            let found = self.catalog.end_down();
            visitor.way_back(index, &found);
            differences = Some(found);
        }
        if self.options.judge {
            if interest == Interest::Judged {
                self.judge.migration(index, &prepared, differences.as_deref(), &ledger, &self.catalog, &mut hits);
            }
            self.judge.finish(index, &prepared, hits, &mut self.outcome);
            self.judge.keep(index, prepared);
        }
    }

    fn sent_as(&mut self, mode: TransactionMode) {
        if mode == TransactionMode::Batch {
            self.catalog.in_one_message();
        }
    }

    /// Tells the catalog how large its tables were when they were measured.
    fn measure(&mut self) {
        if self.options.statistics.is_empty() {
            return;
        }
        let unmeasured = self.catalog.tables.iter().filter(|(_, table)| table.statistics.is_none()).map(|(key, _)| key);
        let known: Vec<(Key, TableStatistics)> =
            unmeasured.filter_map(|key| Some((key.clone(), *self.options.statistics.get(&key.to_string().to_lowercase())?))).collect();
        for (key, statistics) in known {
            self.catalog.set_statistics(&key, statistics);
        }
    }

    /// Whether a migration is history: it is not among those that are reported, or many have been
    /// written since.
    fn ran_long_ago(&self, index: usize) -> bool {
        let reported = self.project.entries.get(index).is_some_and(ProjectEntry::is_reported);
        !reported || index + LONG_AGO < self.project.entries.len()
    }

    /// A statement that ran long ago was not refused, nor does anybody write a second migration on
    /// top of one that fails. Where it would be for what the history never made, the history begins
    /// later than the schema: from here on absence proves nothing.
    fn believe(&mut self, index: usize, statement: &Statement, effects: &mut StatementEffects) {
        if self.catalog.open_world {
            return;
        }
        self.catalog.open_world = true;
        let believed = effect::predict(statement, &self.catalog);
        let absent = !is_refused(&believed);
        let again = self.first_absent.is_some_and(|first| first < index);
        self.catalog.open_world = absent && (again || self.ran_long_ago(index));
        if self.catalog.open_world {
            *effects = believed;
        } else if absent {
            self.first_absent.get_or_insert(index);
        }
    }

    /// Runs through a script in the catalog. The ledger says what it did.
    fn statements(&mut self, part: &Part<'_>, interest: Interest, hits: &mut BothHits, visitor: &mut (dyn Visitor + Send)) -> Ledger {
        let Part { entry: index, prepared, script, read, direction } = *part;
        let facts = MigrationFacts::of(&prepared.migration, direction, read.spans.len());
        let mut ledger = Ledger::new();
        let mut walk = read.walk(script, self.options.target);
        let mut callees = Callees::of(script);
        while let Some((written, following)) = walk.step() {
            let followed = callees.follow(written, &self.catalog);
            let statement = followed.as_ref().unwrap_or(written);
            let script = callees.script();
            let mut effects = effect::predict(statement, &self.catalog);
            if direction == Direction::Up && is_refused(&effects) {
                self.believe(index, statement, &mut effects);
            }
            if interest != Interest::Context {
                let thresholds = self.options.thresholds;
                let before = &self.catalog;
                let scene =
                    Scene { script, statement, following, effects: &effects, before, migration: &facts, ledger: &ledger, thresholds };
                match interest {
                    Interest::Judged => {
                        self.outcome.statements += 1;
                        if self.options.judge {
                            self.judge.statement(&prepared.migration, &scene, &callees, hits);
                        }
                    }
                    Interest::OnlyWhetherItRuns if self.options.judge => {
                        self.judge.down_statement(&prepared.migration, &scene, &callees, hits)
                    }
                    Interest::OnlyWhetherItRuns | Interest::Context => {}
                }
                visitor.statement(&Seen {
                    prepared,
                    entry: index,
                    direction,
                    script,
                    scene: &scene,
                    statement: written,
                    effects: &effects,
                    before,
                });
                ledger.record(statement, &effects, before);
            }
            if !is_refused(&effects) {
                self.catalog.apply(statement, script);
                effect::remember(statement, &effects, &mut self.catalog);
            } else if interest == Interest::OnlyWhetherItRuns {
                self.refused_downs.push((index, written.span));
            }
        }
        ledger
    }
}

/// Whether the server is certain to refuse it.
fn is_refused(effects: &StatementEffects) -> bool {
    effects.whole.failures.iter().any(|failure| failure.certain == Truth::Yes)
}

/// What is wanted of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interest {
    /// Its effect on the catalog.
    Context,
    /// Whether the server takes it.
    OnlyWhetherItRuns,
    /// Everything.
    Judged,
}

/// One script of a migration.
#[derive(Clone, Copy)]
struct Part<'a> {
    entry: usize,
    prepared: &'a Prepared,
    script: &'a Script,
    read: &'a Read,
    direction: Direction,
}

/// A problem with its place resolved.
fn told(problem: &migration::Problem, sources: Option<&Sources>) -> Problem {
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

fn unreadable(error: &LoadError) -> Problem {
    Problem {
        path: error.path().to_path_buf(),
        line: None,
        column: None,
        severity: Severity::Error,
        message: error.to_string(),
        help: None,
        fatal: true,
    }
}

/// Reads a window of migrations in parallel.
fn load(project: &Project, options: &Options<'_>, window: &[usize]) -> Vec<Loaded> {
    window
        .par_iter()
        .filter_map(|&index| {
            let entry = project.entries.get(index)?;
            let first = u32::try_from(index).unwrap_or(u32::MAX).saturating_mul(FILES_PER_MIGRATION);
            let prepared =
                prepare(project.format, &project.directory, &entry.entry, options.target, options.transaction, entry.is_reported(), first);
            Some((index, prepared))
        })
        .collect()
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
