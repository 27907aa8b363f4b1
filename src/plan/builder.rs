//! Collects analysed statements into a plan.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::class;
use super::duration;
use super::grouping::{Item, group};
use super::pending::{Problem, ProblemKind};
use super::probe;
use super::step::Step;
use super::{Direction, Plan, PlannedMigration, hex};
use crate::catalog::{Catalog, Rows, TableStatistics};
use crate::change::{Action, Parsing, Statement};
use crate::effect::{StatementEffects, Transactionality};
use crate::engine::Target;
use crate::lint::{Prepared, Seen, Visitor};
use crate::migration::{Down, Migration};
use crate::source::{Position, Script, SourceFile, Span};
use crate::sql::Splitter;

/// One statement with what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Analysed<'a> {
    pub migration: &'a Migration,
    pub direction: Direction,
    pub script: &'a Script,
    pub statement: &'a Statement,
    pub effects: &'a StatementEffects,
    /// The schema just before it.
    pub before: &'a Catalog,
    /// The file as shown to people, and where the statement begins in it.
    pub path: &'a str,
    pub at: Position,
}

/// Builds a plan statement by statement, in the order in which they will run.
#[derive(Debug)]
pub struct Planner {
    target: Target,
    direction: Direction,
    sizes: BTreeMap<String, TableStatistics>,
    /// The sizes are those of every table in the database.
    whole: bool,
    open: Vec<Draft>,
    problems: Vec<Problem>,
}

#[derive(Debug)]
struct Draft {
    version: String,
    head: PlannedMigration,
    mode: crate::migration::TransactionMode,
    items: Vec<Item>,
    count: u32,
}

impl Planner {
    /// `sizes` by table name as [`crate::stats::Stats::by_name`] gives them.
    pub fn new(target: Target, direction: Direction, sizes: BTreeMap<String, TableStatistics>) -> Self {
        Planner { target, direction, sizes, whole: false, open: Vec::new(), problems: Vec::new() }
    }

    /// The sizes were read off the whole database just now: what is not among them is not there.
    #[must_use]
    pub fn of_the_whole_database(self) -> Self {
        Planner { whole: true, ..self }
    }

    /// Announces a migration. One without statements is planned as well: it is recorded when its
    /// turn comes.
    pub fn migration(&mut self, migration: &Migration, path: &str) {
        if self.open.iter().any(|draft| draft.version == migration.version) {
            return;
        }
        let mode = match self.direction {
            Direction::Up => migration.transaction,
            Direction::Down => migration.down_transaction,
        };
        let head = PlannedMigration {
            version: migration.version.clone(),
            name: migration.name.clone(),
            checksum: migration.checksum(),
            path: path.to_owned(),
            direction: self.direction,
            wrapping: super::Wrapping::Atomic,
            groups: Vec::new(),
            down_script: match &migration.down {
                Down::Script(script) => Some(script.text.trim().to_owned()),
                Down::Missing | Down::Empty(_) | Down::NotSupported | Down::Irreversible(_) => None,
            },
        };
        self.open.push(Draft { version: migration.version.clone(), head, mode, items: Vec::new(), count: 0 });
    }

    /// Adds the next statement.
    pub fn add(&mut self, seen: Analysed<'_>) {
        self.migration(seen.migration, seen.path);
        let Some(draft) = self.open.iter_mut().find(|draft| draft.version == seen.migration.version) else { return };
        let text = seen.statement.span.slice(&seen.script.text);
        if text.starts_with('\\') {
            if let Some(problem) = client_command(&draft.version, text, seen.at) {
                self.problems.push(problem);
            }
            return;
        }
        // What a block or a called routine does about transactions is its own affair.
        let own = seen.statement.changes.iter().filter(|_| seen.statement.parts.is_empty());
        if let Some(item) = own.map(|change| &change.action).find_map(|action| control(action, text)) {
            draft.items.push(item);
            return;
        }
        let position = draft.count;
        draft.count += 1;
        draft.items.push(Item::Step(Box::new(step(self.target, &self.sizes, self.whole, seen, position))));
    }

    /// The plan, with what was found wrong between files and ledger.
    pub fn finish(mut self, mut problems: Vec<Problem>) -> Plan {
        let mut migrations = Vec::new();
        if self.direction == Direction::Down {
            // Files are read in the order in which they were applied; the way back is the other way round.
            self.open.reverse();
        }
        for draft in self.open {
            let grouped = group(self.target.engine, draft.mode, draft.items);
            if let Some(why) = grouped.irregular {
                let message = format!("{} cannot be run: {why}", draft.version);
                self.problems.push(Problem { kind: ProblemKind::TransactionControl, version: draft.version, message });
            }
            migrations.push(PlannedMigration { wrapping: grouped.wrapping, groups: grouped.groups, ..draft.head });
        }
        problems.append(&mut self.problems);
        Plan { target: self.target, direction: self.direction, migrations, problems }
    }
}

/// Connects a plan to the pass that judges the same statements.
impl Visitor for Planner {
    fn migration(&mut self, prepared: &Prepared, _: usize) {
        let path = prepared.sources.get(prepared.migration.up.source).map(SourceFile::display_path).unwrap_or_default();
        self.migration(&prepared.migration, &path);
    }

    fn statement(&mut self, seen: &Seen<'_>) {
        if seen.direction != self.direction {
            return;
        }
        let location = seen.script.locate(seen.statement.span);
        let file = seen.prepared.sources.get(location.source);
        let path = file.map(SourceFile::display_path).unwrap_or_default();
        let at = file.map_or(Position { line: 1, column: 1 }, |file| file.position(location.span.start));
        let (script, statement, effects, before) = (seen.script, seen.scene.statement, seen.effects, seen.before);
        let direction = seen.direction;
        self.add(Analysed { migration: &seen.prepared.migration, direction, script, statement, effects, before, path: &path, at });
    }
}

fn control(action: &Action, text: &str) -> Option<Item> {
    match action {
        Action::Begin { .. } => Some(Item::Begin(text.to_owned())),
        Action::Commit { .. } => Some(Item::Commit),
        Action::Rollback { .. } => Some(Item::Rollback),
        _ => None,
    }
}

/// psql's own commands never reach a server. Those that only print are left out; the others would
/// change what runs.
fn client_command(version: &str, text: &str, at: Position) -> Option<Problem> {
    let word = text.split_whitespace().next().unwrap_or_default();
    let harmless =
        ["\\echo", "\\qecho", "\\warn", "\\timing", "\\pset", "\\set", "\\unset", "\\restrict", "\\unrestrict", "\\encoding", "\\x"];
    if harmless.contains(&word) {
        return None;
    }
    let message = format!("{version}, line {}: `{word}` is a command of psql, not SQL: lockgate cannot run it", at.line);
    Some(Problem { kind: ProblemKind::ClientCommand, version: version.to_owned(), message })
}

fn step(target: Target, sizes: &BTreeMap<String, TableStatistics>, measured: bool, seen: Analysed<'_>, position: u32) -> Step {
    let statement = seen.statement;
    let whole = &seen.effects.whole;
    let text = statement.span.slice(&seen.script.text);
    let unread = matches!(statement.parsing, Parsing::Failed { .. } | Parsing::Unsupported { .. });
    let guessed = unread || whole.transactionality == Transactionality::Unknown;
    let alone = Some(statement).filter(|statement| statement.parts.is_empty());
    let has = |test: &dyn Fn(&Action) -> bool| statement.changes.iter().any(|change| test(&change.action));
    let pragma = |name: &str| statement.changes.iter().any(|change| matches!(&change.action, Action::Pragma(p) if p.name == name));
    Step {
        position,
        script: seen.script.clone(),
        span: statement.span,
        data: copy_data(target, seen),
        path: seen.path.to_owned(),
        line: seen.at.line,
        column: seen.at.column,
        verb: statement.verb.clone(),
        hash: hex(&Sha256::digest(text.as_bytes())),
        patience: class::patience(target.engine, statement),
        retry: if guessed { class::Retry::Unsafe } else { class::retry(target.engine, statement) },
        fits: class::fits_transaction(target.engine, statement, whole),
        session: class::is_session(statement),
        repeatable: class::is_repeatable(statement),
        locks: whole.locks.clone(),
        losses: whole.losses.clone(),
        duration: duration::estimate(whole, class::is_rows(statement), &|table| size(sizes, measured, seen.before, table)),
        // A part that is done says nothing of the others.
        probe: alone.and_then(|statement| probe::probe(target.engine, statement)),
        build: alone.and_then(probe::index_build),
        sets_timeout: statement.changes.iter().any(|change| sets_timeout(&change.action)),
        locks_tables: target.engine.is_mysql_family() && has(&|action| matches!(action, Action::LockTables(_))),
        unlocks_tables: has(&|action| matches!(action, Action::UnlockTables)),
        foreign_keys: pragma("foreign_keys"),
    }
}

/// How large a table is: nothing, as long as this migration has made it and put no row in it. When
/// the whole database was measured, a table that is not there yet is made by this plan.
fn size(sizes: &BTreeMap<String, TableStatistics>, whole: bool, before: &Catalog, table: &str) -> Option<TableStatistics> {
    let nothing = TableStatistics { rows: 0, bytes: 0 };
    let known = before.tables.iter().find(|(key, _)| key.to_string() == table).map(|(_, table)| table);
    if known.is_some_and(|table| table.rows == Rows::None) {
        return Some(nothing);
    }
    let measured = sizes.get(&table.to_lowercase()).copied().or_else(|| known.and_then(|table| table.statistics));
    let filled = known.is_some_and(|table| table.rows == Rows::Some);
    measured.or_else(|| (whole && !filled).then_some(nothing))
}

fn sets_timeout(action: &Action) -> bool {
    matches!(action, Action::SetVariable(set) if matches!(set.name.as_str(), "lock_timeout" | "lock_wait_timeout" | "statement_timeout"))
}

/// The lines after a COPY; the splitter is asked again, from the statement on.
fn copy_data(target: Target, seen: Analysed<'_>) -> Option<Span> {
    let copies = |action: &Action| matches!(action, Action::Copy(copy) if copy.from && copy.stdin);
    if !seen.statement.changes.iter().any(|change| copies(&change.action)) {
        return None;
    }
    let start = seen.statement.span.start;
    let tail = seen.script.text.get(start as usize..)?;
    let data = Splitter::new(tail, target).next()?.data;
    Some(data.map_or(Span::new(start, start), |data| Span::new(start + data.start, start + data.end)))
}
