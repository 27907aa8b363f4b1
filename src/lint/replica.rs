//! One catalog on its way through the history, and what is found meanwhile.

use std::sync::Arc;

use super::judge::{BothHits, Judge};
use super::pass::{Loaded, Options, Outcome, Seen, Visitor, told};
use super::prepare::{Prepared, Read};
use crate::catalog::{Callees, Catalog, Key, TableStatistics};
use crate::change::{Parsing, Statement};
use crate::discover::{Project, ProjectEntry};
use crate::effect::{self, StatementEffects, Truth};
use crate::facts::{Direction, Ledger, MigrationFacts, Scene};
use crate::finding::{Problem, Severity};
use crate::migration::{Down, LoadError, TransactionMode};
use crate::source::{Script, Span};

/// A migration with so many behind it has run: nobody writes on top of one that fails.
pub(super) const LONG_AGO: usize = 10;

pub(super) struct Replica<'a> {
    project: &'a Project,
    pub options: &'a Options<'a>,
    pub catalog: Catalog,
    pub outcome: Outcome,
    pub judge: Judge<'a>,
    /// A statement was refused, or taken back to be believed, since this was last looked at: one
    /// who only follows would not know.
    pub surprised: bool,
    /// The first migration that asked for what the history had never made.
    first_absent: Option<usize>,
    /// Statements of down scripts that are refused right after their up script, by the entry.
    pub refused_downs: Vec<(usize, Span)>,
}

impl<'a> Replica<'a> {
    pub fn new(project: &'a Project, options: &'a Options<'a>) -> Self {
        let (catalog, judge) = (Catalog::new(options.target), Judge::new(project, options));
        Replica {
            project,
            options,
            catalog,
            outcome: Outcome::default(),
            judge,
            surprised: false,
            first_absent: None,
            refused_downs: Vec::new(),
        }
    }

    /// Another one at the same place, which found nothing yet.
    pub fn second(&self) -> Self {
        Replica { catalog: self.catalog.clone(), first_absent: self.first_absent, ..Replica::new(self.project, self.options) }
    }

    /// Goes on from where the other one is, with what that one found beside its own.
    pub fn absorb(&mut self, other: &mut Replica<'a>) {
        std::mem::swap(&mut self.catalog, &mut other.catalog);
        self.outcome.absorb(std::mem::take(&mut other.outcome));
        self.judge.absorb(&mut other.judge);
        self.refused_downs.append(&mut other.refused_downs);
        self.first_absent = self.first_absent.or(other.first_absent);
    }

    /// Goes through migrations without a look at what they do: all are believed to run.
    pub fn follow_all(&mut self, history: &[Loaded]) {
        for (index, loaded) in history {
            match loaded {
                Ok(prepared) => self.follow(*index, prepared),
                Err(_) => self.catalog.open_world = true,
            }
        }
    }

    /// Goes through migrations and says what is to be said of them.
    pub fn take_all(&mut self, history: &[Loaded], visitor: &mut (dyn Visitor + Send)) {
        for (index, loaded) in history {
            self.take(*index, loaded, visitor);
        }
    }

    fn is_reported(&self, index: usize) -> bool {
        self.project.entries.get(index).is_some_and(ProjectEntry::is_reported)
    }

    /// Goes through a migration and believes that it runs.
    pub fn follow(&mut self, index: usize, prepared: &Prepared) {
        self.enter(index, prepared);
        let script = &prepared.migration.up;
        let mut walk = prepared.up.walk(script, self.options.target);
        let mut callees = Callees::of(script);
        while let Some((written, _)) = walk.step() {
            let followed = callees.follow(written, &self.catalog);
            let statement = followed.as_ref().unwrap_or(written);
            let traces = effect::leaves_traces(statement, &self.catalog).then(|| effect::predict(statement, &self.catalog));
            self.catalog.apply(statement, callees.script());
            if let Some(effects) = traces {
                effect::remember(statement, &effects, &mut self.catalog);
            }
        }
        self.catalog.end_migration();
    }

    /// Goes through a migration that is context only.
    pub fn replay(&mut self, index: usize, prepared: &Prepared) {
        self.enter(index, prepared);
        let up = Part { entry: index, prepared, script: &prepared.migration.up, read: &prepared.up, direction: Direction::Up };
        self.statements(&up, Interest::Context, &mut BothHits::default(), &mut ());
        self.catalog.end_migration();
    }

    /// What happens before the first statement of a migration.
    fn enter(&mut self, index: usize, prepared: &Prepared) {
        if self.project.entries.get(index).is_some_and(|entry| entry.entry.after_program) {
            self.catalog.doubt_all();
        }
        self.catalog.begin_migration(prepared.up.wrapped(prepared.migration.transaction, self.options.target));
        let entry = |index: usize| self.project.entries.get(index).map(|entry| &entry.entry);
        let before = index.checked_sub(1).and_then(entry);
        if entry(index).zip(before).is_some_and(|(own, before)| own.is_of_release_of(before)) {
            self.catalog.continue_release();
        }
        self.sent_as(prepared.migration.transaction);
        if self.is_reported(index) {
            self.measure();
        }
    }

    /// Goes through a migration and says what is to be said of it.
    fn take(&mut self, index: usize, loaded: &Result<Arc<Prepared>, LoadError>, visitor: &mut (dyn Visitor + Send)) {
        let prepared = match loaded {
            Ok(prepared) => prepared,
            Err(error) => {
                // Its statements are missing from the history: absence proves nothing any more.
                self.catalog.open_world = true;
                self.outcome.problems.push(unreadable(error));
                return;
            }
        };
        if self.is_reported(index) {
            self.report(index, prepared, visitor);
        } else {
            self.replay(index, prepared);
        }
    }

    fn report(&mut self, index: usize, prepared: &Arc<Prepared>, visitor: &mut (dyn Visitor + Send)) {
        self.outcome.migrations += 1;
        self.outcome.files += u32::try_from(prepared.sources.len()).unwrap_or(u32::MAX);
        let problems = prepared.migration.problems.iter().map(|problem| told(problem, Some(&prepared.sources)));
        self.outcome.problems.extend(problems);
        visitor.migration(prepared, index);
        let mut hits = BothHits::default();
        let (interest, of_down) = match self.options.direction {
            Direction::Up => (Interest::Judged, Interest::OnlyWhetherItRuns),
            Direction::Down => (Interest::Context, Interest::Judged),
        };
        self.enter(index, prepared);
        let up = Part { entry: index, prepared, script: &prepared.migration.up, read: &prepared.up, direction: Direction::Up };
        let ledger = self.statements(&up, interest, &mut hits, visitor);
        self.catalog.end_migration();
        let mut differences = None;
        if let (Some(read), Down::Script(script)) = (&prepared.down, &prepared.migration.down) {
            self.catalog.begin_down(read.wrapped(prepared.migration.down_transaction, self.options.target));
            self.sent_as(prepared.migration.down_transaction);
            let down = Part { entry: index, prepared, script, read, direction: Direction::Down };
            let refused = self.refused_downs.len();
            self.statements(&down, of_down, &mut hits, visitor);
            let found = self.catalog.end_down();
            visitor.way_back(index, &found);
            // A script that stops on its way leads nowhere: that it is refused has been said.
            differences = (self.refused_downs.len() == refused).then_some(found);
        }
        if self.options.judge {
            if interest == Interest::Judged {
                self.judge.migration(index, prepared, differences.as_deref(), &ledger, &self.catalog, &mut hits);
            }
            self.judge.finish(index, prepared, hits, &mut self.outcome);
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
    /// written since, and the database was not asked.
    fn ran_long_ago(&self, index: usize) -> bool {
        !self.is_reported(index) || !self.options.pending && index + LONG_AGO < self.project.entries.len()
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
        self.catalog.open_world = absent && (again || self.project.is_fragment || self.ran_long_ago(index));
        if self.catalog.open_world {
            *effects = believed;
        } else if absent {
            self.first_absent.get_or_insert(index);
        }
    }

    /// Runs through a script in the catalog. The ledger says what it did.
    fn statements(&mut self, part: &Part<'_>, interest: Interest, hits: &mut BothHits, visitor: &mut (dyn Visitor + Send)) -> Ledger {
        let Part { entry: index, prepared, script, read, direction } = *part;
        let facts = MigrationFacts {
            settled: direction == Direction::Up && self.ran_long_ago(index),
            ..MigrationFacts::of(&prepared.migration, direction, read.spans.len())
        };
        let mut ledger = Ledger::new();
        let mut walk = read.walk(script, self.options.target);
        let mut callees = Callees::of(script);
        while let Some((written, following)) = walk.step() {
            let followed = callees.follow(written, &self.catalog);
            let statement = followed.as_ref().unwrap_or(written);
            let script = callees.script();
            let mut effects = effect::predict(statement, &self.catalog);
            if direction == Direction::Up && is_refused(&effects) {
                self.surprised = true;
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
            let refused = is_refused(&effects) || matches!(statement.parsing, Parsing::Unsupported { .. });
            if !is_refused(&effects) {
                self.catalog.apply(statement, script);
                effect::remember(statement, &effects, &mut self.catalog);
            }
            if refused && interest == Interest::OnlyWhetherItRuns {
                self.refused_downs.push((index, written.span));
            }
        }
        ledger
    }
}

/// Whether the server is certain to refuse it.
pub(super) fn is_refused(effects: &StatementEffects) -> bool {
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
