//! What the earlier statements of a migration did.

use std::collections::{HashMap, HashSet};

use super::lookup;
use super::moved::MovedColumns;
use super::proof::Proofs;
use super::scene::{Scene, shown_name};
use crate::catalog::{Catalog, Key};
use crate::change::{Action, Change, ChangeKind, InsertSource, ObjectName, Persistence, Statement};
use crate::effect::{Effects, Lock, LockMode, RelationKind, StatementEffects, Truth};
use crate::source::Span;

/// Book-keeping over one migration, written after each statement and read by the facts of the
/// statements that follow.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Since the migration began.
    pub migration: Tally,
    /// Since the transaction at hand began; outside of any, the statement before last is forgotten.
    pub transaction: Tally,
    transaction_number: u32,
    /// The table of the statement right before, when that was an ALTER TABLE whose actions others
    /// could join.
    pub last_altered: Option<String>,
    /// The transaction as it was at each savepoint: going back to one lets go of what was locked
    /// since (manual, Explicit Locking).
    savepoints: Vec<(String, Tally)>,
    /// Statements that the server is certain to refuse.
    refused: HashSet<Span>,
    /// What they show of the rows.
    pub(super) proofs: Proofs,
}

/// Each holds a copy of the transaction's tally.
const MOST_SAVEPOINTS: usize = 16;
/// Nobody reads a longer list.
const MOST_LOST: usize = 50;

/// What was done so far.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub statements: u32,
    /// Statements that change the schema for good.
    pub schema_changes: u32,
    /// Those of them that fail, or do something else, when they are run once more.
    pub unrepeatable_changes: u32,
    /// The same, tables and indexes made in this migration left out.
    pub live_schema_changes: u32,
    /// Statements that write rows.
    pub row_changes: u32,
    /// The same, for rows of tables that were there before, many at once.
    pub bulk_row_changes: u32,
    /// Locks on tables that were there before, the strongest per table, with the clause.
    locks: Vec<(Lock, Span)>,
    /// Their positions by table: a script may lock very many.
    by_relation: HashMap<String, Vec<usize>>,
    /// The position of the strongest one that stops writes, and how many do.
    strongest: Option<usize>,
    blocking: usize,
    /// Where the first schema change and the first bulk change of rows stand.
    pub first_schema_change: Option<Span>,
    pub first_bulk_change: Option<Span>,
    /// Statements that read a table whole or wrote it anew.
    pub heavy: u32,
    /// What is certain to be deleted, by name.
    pub lost: Vec<String>,
    /// Tables whose rows were copied into another one.
    copied: HashSet<String>,
    /// A statement was certain to be refused.
    pub broken: bool,
    /// Indexes that were dropped, in lower case.
    pub dropped_indexes: HashSet<String>,
    /// Constraints that were dropped by name, in lower case.
    pub dropped_constraints: HashSet<String>,
    /// Statements that open a transaction.
    pub begins: u32,
    /// The positions of locks whose statement stands in a block or under a condition.
    doubtful: HashSet<usize>,
    /// Names of tables that were given up by a rename or a drop.
    pub vacated: HashSet<String>,
    /// Those of them that a rename took again: clients know the name, and rows are behind it.
    pub retaken: HashSet<String>,
    /// What was done with columns.
    pub columns: MovedColumns,
    /// Names that views, types, functions and their like got by a rename: nobody uses them yet.
    pub named: HashSet<String>,
}

impl Ledger {
    /// An empty book, to be opened for each migration.
    pub fn new() -> Self {
        Ledger::default()
    }

    /// Enters a statement after its rules were checked.
    pub fn record(&mut self, statement: &Statement, effects: &StatementEffects, before: &Catalog) {
        let now = before.now.transaction;
        self.last_altered = match is_mergeable(statement) {
            true => statement
                .changes
                .first()
                .and_then(|change| change.table.as_ref())
                .map(|name| before.table(name).map_or_else(|| shown_name(name), |table| table.key.to_string())),
            false => None,
        };
        if now != self.transaction_number || before.session.transaction.is_none() {
            self.transaction = Tally::default();
            self.transaction_number = now;
            self.savepoints.clear();
        }
        let begins = statement.changes.iter().filter(|change| change.action.kind() == ChangeKind::Begin).count();
        self.migration.begins += u32::try_from(begins).unwrap_or(u32::MAX);
        // What the server refuses does nothing and holds nothing.
        if effects.whole.certain_failure().is_some() {
            self.refused.insert(statement.span);
            self.transaction.broken = true;
            return;
        }
        for change in &statement.changes {
            self.savepoint(&change.action);
        }
        let entry = Entry { statement, effects, before, proofs: &self.proofs };
        let counted = Counted::of(entry);
        self.migration.record(entry, &counted);
        self.transaction.record(entry, &counted);
        // What it shows of the rows holds for those that follow.
        self.proofs.record(statement, before);
    }

    fn savepoint(&mut self, action: &Action) {
        match action {
            Action::Savepoint { name } if self.savepoints.len() < MOST_SAVEPOINTS => {
                self.savepoints.push((name.value.to_lowercase(), self.transaction.clone()));
            }
            Action::RollbackToSavepoint { name } => {
                let wanted = name.value.to_lowercase();
                if let Some(at) = self.savepoints.iter().rposition(|(name, _)| *name == wanted) {
                    self.savepoints.truncate(at + 1);
                    if let Some((_, then)) = self.savepoints.last() {
                        self.transaction = then.clone();
                    }
                }
                self.transaction.broken = false;
            }
            _ => {}
        }
    }

    /// Whether the server refuses the statement, so that it did nothing.
    pub fn was_refused(&self, statement: Span) -> bool {
        self.refused.contains(&statement)
    }

    /// What was done in the transaction that `scene` runs in.
    pub fn in_transaction(&self, scene: &Scene<'_>) -> Option<&Tally> {
        let same = scene.before.now.transaction == self.transaction_number && scene.before.session.transaction.is_some();
        same.then_some(&self.transaction)
    }
}

/// An ALTER TABLE whose actions could stand in one statement with others: none that must be alone
/// (renames, partitions), and none that is better alone, because it works long under a weak lock.
pub(super) fn is_mergeable(statement: &Statement) -> bool {
    statement.verb == "ALTER TABLE"
        && !statement.changes.is_empty()
        && statement.changes.iter().all(|change| {
            matches!(
                change.action.kind(),
                ChangeKind::AddColumn
                    | ChangeKind::DropColumn
                    | ChangeKind::SetType
                    | ChangeKind::ModifyColumn
                    | ChangeKind::SetDefault
                    | ChangeKind::DropDefault
                    | ChangeKind::SetNotNull
                    | ChangeKind::DropNotNull
                    | ChangeKind::AddConstraint
                    | ChangeKind::DropConstraint
                    | ChangeKind::CreateIndex
                    | ChangeKind::DropIndex
            )
        })
}

/// A statement with its effects and what existed before it.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub statement: &'a Statement,
    pub effects: &'a StatementEffects,
    pub before: &'a Catalog,
    pub proofs: &'a Proofs,
}

impl Tally {
    fn record(&mut self, scene: Entry<'_>, counted: &Counted<'_>) {
        for change in &scene.statement.changes {
            self.columns.note(change);
            let copied: &[ObjectName] = match &change.action {
                Action::Insert(insert) => match &insert.source {
                    InsertSource::Query { reads, .. } => reads,
                    InsertSource::Values { .. } | InsertSource::DefaultValues => &[],
                },
                Action::CreateTable(table) => table.as_query.as_deref().unwrap_or_default(),
                _ => &[],
            };
            self.copied.extend(copied.iter().map(|name| shown_name(name).to_ascii_lowercase()));
            if let Action::DropIndex(drop) = &change.action {
                self.dropped_indexes.insert(drop.name.name.value.to_lowercase());
            }
            self.dropped_constraints.extend(super::constraint::dropped(change).map(|name| name.value.to_lowercase()));
            if let Action::RenameObject { to, .. } = &change.action {
                self.named.insert(to.name.value.clone());
            }
            if let Action::RenameTable { to } = &change.action
                && self.vacated.contains(&shown_name(to))
            {
                self.retaken.insert(shown_name(to));
            }
            if matches!(change.action.kind(), ChangeKind::RenameTable | ChangeKind::DropTable)
                && let Some(name) = &change.table
            {
                self.vacated.insert(shown_name(name));
            }
        }
        self.statements += 1;
        self.schema_changes += u32::from(counted.schema);
        self.unrepeatable_changes += u32::from(counted.unrepeatable);
        self.live_schema_changes += u32::from(counted.live);
        self.row_changes += u32::from(counted.rows);
        self.bulk_row_changes += u32::from(counted.bulk);
        if counted.schema {
            self.first_schema_change.get_or_insert(scene.statement.span);
        }
        if counted.bulk {
            self.first_bulk_change.get_or_insert(scene.statement.span);
        }
        let whole = &scene.effects.whole;
        if whole.lasting == Truth::Yes || !whole.rewrites.is_empty() {
            self.heavy += 1;
        }
        let lost = whole.losses.iter().filter(|loss| loss.certain == Truth::Yes);
        let room = MOST_LOST.saturating_sub(self.lost.len());
        self.lost.extend(lost.map(|loss| loss.object.clone()).take(room));
        for lock in &counted.locks {
            self.enter(lock, scene.statement.span, Counted::is_doubtful(scene, lock));
        }
        for change in &scene.statement.changes {
            if let (Action::RenameTable { to }, Some(name)) = (&change.action, &change.table) {
                self.follow(&scene.before.resolve(name), to, scene.before);
            }
        }
    }

    /// Locks stay on a table that gets another name.
    fn follow(&mut self, old: &Key, to: &ObjectName, before: &Catalog) {
        let schema = to.schema.as_ref().map_or_else(|| old.schema.clone(), |schema| before.fold(schema));
        let new = Key { schema, name: before.fold(&to.name) }.to_string();
        let Some(positions) = self.by_relation.remove(&old.to_string()) else { return };
        for at in &positions {
            if let Some((lock, _)) = self.locks.get_mut(*at) {
                lock.relation.clone_from(&new);
            }
        }
        self.by_relation.insert(new, positions);
    }

    fn enter(&mut self, lock: &Lock, statement: Span, doubtful: bool) {
        let positions = self.by_relation.get(&lock.relation).map_or(&[][..], Vec::as_slice);
        let known = positions.iter().copied().find(|at| self.locks.get(*at).is_some_and(|(mine, _)| mine.kind == lock.kind));
        match known.and_then(|at| Some((at, self.locks.get_mut(at)?))) {
            Some((at, (mine, span))) if mine.mode < lock.mode => {
                let blocked = mine.mode.blocks_writes();
                mine.mode = lock.mode;
                *span = statement;
                self.weigh(at, blocked);
                self.doubt(at, doubtful);
            }
            Some((at, (mine, _))) if mine.mode == lock.mode && !doubtful => self.doubt(at, false),
            Some(_) => {}
            None => {
                let at = self.locks.len();
                self.by_relation.entry(lock.relation.clone()).or_default().push(at);
                self.locks.push((lock.clone(), statement));
                self.weigh(at, false);
                self.doubt(at, doubtful);
            }
        }
    }

    fn doubt(&mut self, at: usize, doubtful: bool) {
        if doubtful {
            self.doubtful.insert(at);
        } else {
            self.doubtful.remove(&at);
        }
    }

    /// Whether the strongest lock is held for certain.
    pub fn is_sure(&self) -> bool {
        self.strongest.is_none_or(|at| !self.doubtful.contains(&at))
    }

    /// Takes note of a lock that is new or has become stronger.
    fn weigh(&mut self, at: usize, blocked: bool) {
        let mode = |at: usize| self.locks.get(at).map(|(lock, _)| lock.mode);
        let Some(new) = mode(at).filter(|mode| mode.blocks_writes()) else { return };
        self.blocking += usize::from(!blocked);
        if self.strongest.and_then(|best| Some((mode(best)?, best))).is_none_or(|best| best <= (new, at)) {
            self.strongest = Some(at);
        }
    }

    /// The strongest lock that stops writes, and its clause.
    pub fn strongest(&self) -> Option<(&Lock, Span)> {
        self.locks.get(self.strongest?).map(|(lock, span)| (lock, *span))
    }

    /// On how many tables locks stop writes.
    pub fn blocking(&self) -> usize {
        self.blocking
    }

    /// The strongest lock held on a table.
    pub fn lock_on(&self, relation: &str) -> Option<LockMode> {
        self.by_relation.get(relation)?.iter().filter_map(|at| self.locks.get(*at)).map(|(lock, _)| lock.mode).max()
    }

    /// Whether the table's rows were copied into another one.
    pub fn was_copied(&self, shown: &str) -> bool {
        self.copied.contains(&shown.to_ascii_lowercase())
    }
}

/// What a statement counts for, in the migration and in the transaction.
#[derive(Default)]
struct Counted<'a> {
    schema: bool,
    unrepeatable: bool,
    live: bool,
    rows: bool,
    bulk: bool,
    /// Its locks on tables that others may be using.
    locks: Vec<&'a Lock>,
}

impl<'a> Counted<'a> {
    fn of(scene: Entry<'a>) -> Self {
        let mut counted = Counted::default();
        for change in &scene.statement.changes {
            let kind = change.action.kind();
            if changes_schema(kind) && !is_of_session(scene.before, change) {
                counted.schema = true;
                counted.unrepeatable |= !super::clause::is_repeatable(change);
                let live = lookup::table_of(scene.before, change).is_none_or(|table| lookup::is_live(scene.before, table));
                counted.live |= live && kind != ChangeKind::CreateTable;
            }
            if writes_rows(kind) {
                counted.rows |= !change.conditional;
                counted.bulk |= super::bulk::is_bulk(scene, change);
            }
        }
        let on_tables = |lock: &&Lock| !matches!(lock.kind, RelationKind::Index | RelationKind::View | RelationKind::Sequence);
        let live = |lock: &&Lock| lookup::shown(scene.before, &lock.relation).is_none_or(|table| lookup::is_live(scene.before, table));
        counted.locks = scene.effects.whole.locks.iter().filter(on_tables).filter(live).collect();
        counted
    }
}

/// What goes with the connection: a temporary table, and what is done to one.
fn is_of_session(before: &Catalog, change: &Change) -> bool {
    let temporary = |persistence: Persistence| persistence == Persistence::Temporary;
    match &change.action {
        Action::CreateTable(table) => temporary(table.persistence),
        _ => change.table.as_ref().and_then(|name| before.table(name)).is_some_and(|table| temporary(table.persistence)),
    }
}

impl Counted<'_> {
    /// Only changes that stand in a block or under a condition take the lock.
    fn is_doubtful(scene: Entry<'_>, lock: &Lock) -> bool {
        let taken = |effects: &Effects| effects.locks.iter().any(|one| one.relation == lock.relation && one.mode >= lock.mode);
        let mut takers = scene.statement.changes.iter().zip(&scene.effects.changes).filter(|(_, effects)| taken(effects)).peekable();
        takers.peek().is_some() && takers.all(|(change, _)| change.conditional)
    }
}

/// Whether a kind of change alters the schema.
pub fn changes_schema(kind: ChangeKind) -> bool {
    !matches!(
        kind,
        ChangeKind::Insert
            | ChangeKind::Update
            | ChangeKind::Delete
            | ChangeKind::Truncate
            | ChangeKind::Copy
            | ChangeKind::Merge
            | ChangeKind::Select
            | ChangeKind::Begin
            | ChangeKind::Commit
            | ChangeKind::Rollback
            | ChangeKind::Savepoint
            | ChangeKind::ReleaseSavepoint
            | ChangeKind::RollbackToSavepoint
            | ChangeKind::SetVariable
            | ChangeKind::Pragma
            | ChangeKind::LockTables
            | ChangeKind::UnlockTables
            | ChangeKind::UseDatabase
            | ChangeKind::SetConstraints
            | ChangeKind::Vacuum
            | ChangeKind::Analyze
            | ChangeKind::Cluster
            | ChangeKind::Optimize
            | ChangeKind::CheckTable
            | ChangeKind::RepairTable
            | ChangeKind::Flush
            | ChangeKind::Checkpoint
            | ChangeKind::AlterSystem
            | ChangeKind::AttachDatabase
            | ChangeKind::Block
            | ChangeKind::CallRoutine
            | ChangeKind::DynamicSql
            | ChangeKind::RefreshView
            | ChangeKind::Reindex
            | ChangeKind::Privileges
            | ChangeKind::Comment
            | ChangeKind::Nothing
            | ChangeKind::Opaque
    )
}

/// Whether a kind of change writes rows.
pub fn writes_rows(kind: ChangeKind) -> bool {
    matches!(
        kind,
        ChangeKind::Insert | ChangeKind::Update | ChangeKind::Delete | ChangeKind::Copy | ChangeKind::Merge | ChangeKind::Truncate
    )
}
