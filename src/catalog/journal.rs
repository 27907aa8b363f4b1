//! Migrations, transactions and savepoints: where the catalog can be put back to.

use super::rebuild::Moves;
use super::shelf::Recorded;
use super::{Birth, Catalog, Key, Rows, Session, Transaction};
use crate::change::Persistence;
use crate::engine::Engine;
use crate::source::Location;

pub(super) const SHELVES: usize = 14;

/// A point of every shelf's record.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mark([usize; SHELVES]);

#[derive(Debug, Clone, Default)]
pub(super) struct Journal {
    /// Numbers given out so far.
    migrations: u32,
    transactions: u32,
    /// Where the up script of the present migration began.
    pub(super) migration: Mark,
    /// Where the open transaction began, with the session as it was.
    transaction: Option<Point>,
    savepoints: Vec<(String, Point)>,
    /// Temporary tables made ON COMMIT DROP.
    dying: Vec<Key>,
    /// Where the down script began.
    down: Option<(Point, Birth, Moves)>,
    release: Release,
}

/// Migrations that are deployed together: nobody uses what the first of them made before the last of
/// them has run.
#[derive(Debug, Clone, Default)]
struct Release {
    /// The first migration of it, and of the one before.
    first: u32,
    before: u32,
    /// Tables in which nothing was at the end of one of its migrations.
    unfilled: Vec<Key>,
}

#[derive(Debug, Clone)]
struct Point {
    mark: Mark,
    session: Session,
    open_world: bool,
}

impl Catalog {
    /// A new migration, on a new connection. `wrapped`: the runner opens a transaction around it.
    pub fn begin_migration(&mut self, wrapped: bool) {
        self.forget();
        self.journal.migrations += 1;
        self.journal.migration = self.mark();
        self.start_script(wrapped);
        self.journal.release.before = std::mem::replace(&mut self.journal.release.first, self.now.migration);
    }

    /// The migration that just began belongs to the same release as the one before it.
    pub fn continue_release(&mut self) {
        self.journal.release.first = self.journal.release.before;
        for key in std::mem::take(&mut self.journal.release.unfilled) {
            if self.tables.get(&key).is_some_and(|table| table.rows == Rows::Assumed)
                && let Some(table) = self.tables.edit(&key)
            {
                table.rows = Rows::None;
            }
        }
    }

    /// Whether something was made by the release that is being deployed.
    pub fn is_of_this_release(&self, birth: Birth) -> bool {
        // For a down script, what the up script made is in use.
        let first = if self.journal.down.is_some() { self.now.migration } else { self.journal.release.first };
        birth.migration >= first.max(1)
    }

    /// Commits what is open; tables made in the migration count as filled from now on.
    pub fn end_migration(&mut self) {
        self.session.one_message = false;
        self.commit();
        self.drop_temporary();
        let written: Vec<_> = self.tables.since(self.journal.migration.0[0]).into_keys().cloned().collect();
        let mut unfilled = Vec::new();
        for key in written {
            if self.tables.get(&key).is_some_and(|table| table.rows == Rows::None)
                && let Some(table) = self.tables.edit(&key)
            {
                table.rows = Rows::Assumed;
                unfilled.push(key);
            }
        }
        self.journal.release.unfilled = unfilled;
    }

    /// The connection ends, and with it its temporary tables.
    fn drop_temporary(&mut self) {
        let temporary: Vec<Key> = self
            .tables
            .since(self.journal.migration.0[0])
            .into_keys()
            .filter(|key| self.tables.get(key).is_some_and(|table| table.persistence == Persistence::Temporary))
            .cloned()
            .collect();
        for key in temporary {
            self.remove_table(&key);
            self.dropped.remove(&key);
        }
    }

    /// The down script of the migration that just ended. For it, what the up script made is old.
    pub fn begin_down(&mut self, wrapped: bool) {
        let point = self.point();
        self.journal.down = Some((point, self.now, self.moves()));
        self.journal.migrations += 1;
        self.start_script(wrapped);
    }

    /// What the down script left different from the state before the up script. Puts the catalog
    /// back to where it was before `begin_down`.
    pub fn end_down(&mut self) -> Vec<super::Difference> {
        self.session.one_message = false;
        self.commit();
        self.drop_temporary();
        let differences = self.differences_since(self.journal.migration.0);
        if let Some((point, now, moves)) = self.journal.down.take() {
            self.restore(point);
            self.restore_moves(moves);
            self.now = now;
        }
        differences
    }

    /// The script that was just begun goes to the server as one message; the other engines take its
    /// statements one by one all the same.
    pub fn in_one_message(&mut self) {
        self.session.one_message = self.target.engine == Engine::Postgres;
    }

    fn start_script(&mut self, wrapped: bool) {
        self.session = Session::opened(self.target.engine);
        self.forget_moves();
        self.now = Birth { migration: self.journal.migrations, transaction: 0, statement: 0 };
        if wrapped {
            self.begin(false, None);
        }
        self.next_statement();
    }

    /// Numbers the statement that comes next; outside a transaction each is one of its own.
    pub(super) fn next_statement(&mut self) {
        self.now.statement += 1;
        if self.session.transaction.is_none() {
            self.journal.transactions += 1;
            self.now.transaction = self.journal.transactions;
        }
    }

    pub(super) fn begin(&mut self, explicit: bool, opened: Option<Location>) {
        let one_message = self.session.one_message;
        if let Some(open) = &mut self.session.transaction {
            if one_message && explicit && !open.explicit {
                open.explicit = true;
                open.opened = opened;
            }
            return;
        }
        let point = self.point();
        self.journal.transaction = Some(point);
        self.journal.transactions += 1;
        self.now.transaction = self.journal.transactions;
        self.session.transaction = Some(Transaction {
            number: self.journal.transactions,
            explicit,
            opened,
            savepoints: Vec::new(),
            unchecked: Vec::new(),
            checks_at_once: false,
        });
    }

    pub(super) fn dies_at_commit(&mut self, table: &Key) {
        if self.session.transaction.is_some() {
            self.journal.dying.push(table.clone());
        }
    }

    pub(super) fn commit(&mut self) {
        for table in std::mem::take(&mut self.journal.dying) {
            self.remove_table(&table);
        }
        self.journal.transaction = None;
        self.journal.savepoints.clear();
        self.session.end_transaction();
        if self.session.one_message {
            self.begin(false, None);
        }
    }

    pub(super) fn roll_back(&mut self) {
        self.journal.savepoints.clear();
        let one_message = self.session.one_message;
        if let Some(point) = self.journal.transaction.take() {
            self.restore(point);
        }
        self.session.end_transaction();
        self.session.one_message = one_message;
        if one_message {
            self.begin(false, None);
        }
    }

    pub(super) fn savepoint(&mut self, name: &str) {
        let point = self.point();
        self.journal.savepoints.push((name.to_owned(), point));
        if let Some(transaction) = &mut self.session.transaction {
            transaction.savepoints.push(name.to_owned());
        }
    }

    pub(super) fn release_savepoint(&mut self, name: &str) {
        if let Some(at) = self.journal.savepoints.iter().rposition(|(known, _)| known.eq_ignore_ascii_case(name)) {
            self.journal.savepoints.truncate(at);
            if let Some(transaction) = &mut self.session.transaction {
                transaction.savepoints.truncate(at);
            }
        }
    }

    pub(super) fn roll_back_to(&mut self, name: &str) {
        if let Some(at) = self.journal.savepoints.iter().rposition(|(known, _)| known.eq_ignore_ascii_case(name)) {
            self.journal.savepoints.truncate(at + 1);
            let names = self.take_savepoint_names();
            if let Some((_, point)) = self.journal.savepoints.get(at).cloned() {
                self.restore(point);
            }
            if let Some(transaction) = &mut self.session.transaction {
                transaction.savepoints = names;
                transaction.savepoints.truncate(at + 1);
            }
        }
    }

    fn take_savepoint_names(&mut self) -> Vec<String> {
        self.session.transaction.as_mut().map(|transaction| std::mem::take(&mut transaction.savepoints)).unwrap_or_default()
    }

    /// The names of the savepoints stay out of it: a list in each of many savepoints would grow with
    /// the square of their number.
    fn point(&mut self) -> Point {
        let names = self.take_savepoint_names();
        let session = self.session.clone();
        if let Some(transaction) = &mut self.session.transaction {
            transaction.savepoints = names;
        }
        Point { mark: self.mark(), session, open_world: self.open_world }
    }

    fn restore(&mut self, point: Point) {
        for (shelf, mark) in self.shelves().into_iter().zip(point.mark.0) {
            shelf.unwind(mark);
        }
        self.session.restore(point.session, self.target.engine);
        self.open_world = point.open_world;
    }

    fn mark(&mut self) -> Mark {
        let mut mark = Mark::default();
        for (shelf, at) in self.shelves().into_iter().zip(&mut mark.0) {
            *at = shelf.mark();
        }
        mark
    }

    fn forget(&mut self) {
        for shelf in self.shelves() {
            shelf.forget();
        }
        self.journal.savepoints.clear();
        self.journal.transaction = None;
        self.journal.down = None;
        self.journal.dying.clear();
    }

    fn shelves(&mut self) -> [&mut dyn Recorded; SHELVES] {
        [
            &mut self.tables,
            &mut self.views,
            &mut self.enums,
            &mut self.domains,
            &mut self.types,
            &mut self.sequences,
            &mut self.routines,
            &mut self.schemas,
            &mut self.extensions,
            &mut self.index_owners,
            &mut self.dropped,
            &mut self.dropped_routines,
            &mut self.publications,
            &mut self.collations,
        ]
    }
}
