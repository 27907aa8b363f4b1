//! Whether tables hold rows.

use super::Step;
use crate::catalog::{Catalog, Key, RowCopy, Rows};
use crate::change::{Action, Change, ColumnDef, Deferral, InsertSource, ObjectName, Predicate};
use crate::engine::Engine;

impl Catalog {
    /// `false` when the action neither reads nor writes rows.
    pub(super) fn apply_rows(&mut self, change: &Change, step: Step) -> bool {
        let rows = match &change.action {
            Action::Insert(insert) => match &insert.source {
                InsertSource::Values { .. } | InsertSource::DefaultValues => Rows::Some,
                InsertSource::Query { bounded: true, .. } => Rows::Some,
                InsertSource::Query { reads, .. } => filled_by(self, reads),
            },
            Action::Copy(copy) if copy.from => Rows::Some,
            Action::Merge { reads, .. } => filled_by(self, reads),
            // It fills nothing, and finds nothing in an empty table.
            Action::Update(_) => return true,
            Action::Delete(delete) => {
                if delete.predicate == Predicate::None && !delete.limited && !delete.joined && !change.conditional {
                    self.empty(change, false);
                }
                return true;
            }
            Action::Truncate { cascade, .. } => {
                if !change.conditional {
                    self.empty(change, *cascade);
                }
                return true;
            }
            Action::Copy(_) | Action::Select { .. } => return true,
            _ => return false,
        };
        let Some(name) = &change.table else { return true };
        self.note_copied_rows(change, name, step);
        self.note_unchecked(change);
        if rows == Rows::None {
            return true;
        }
        if let Some(key) = self.met(name, step)
            && self.tables.get(&key).is_some_and(|table| table.rows != Rows::Some)
        {
            self.set_rows(&key, rows);
        }
        true
    }

    /// All rows of one table into another: the first half of a rebuild.
    fn note_copied_rows(&mut self, change: &Change, into: &ObjectName, step: Step) {
        let Action::Insert(insert) = &change.action else { return };
        let InsertSource::Query { reads, left_joined, star, values, .. } = &insert.source else { return };
        let Some(from) = reads.first().filter(|_| reads.len() == 1 || *left_joined) else { return };
        let copy = RowCopy {
            from: self.resolve(from),
            to: self.resolve(into),
            columns: insert.columns.iter().map(|column| column.value.clone()).collect(),
            star: *star,
            values: values.clone(),
            on_conflict: insert.on_conflict,
            at: step.at,
        };
        self.note_copy(copy);
    }

    /// Rows that certainly come and whose foreign keys are looked up at COMMIT.
    fn note_unchecked(&mut self, change: &Change) {
        let comes =
            matches!(&change.action, Action::Insert(insert) if !matches!(insert.source, InsertSource::Query { bounded: false, .. }));
        let Some(key) = self.known(change).filter(|_| comes && !change.conditional && self.target.engine == Engine::Postgres) else {
            return;
        };
        let deferred = self
            .tables
            .get(&key)
            .is_some_and(|table| table.foreign_keys().any(|it| it.enforced && it.deferral == Deferral::InitiallyDeferred));
        if let Some(transaction) =
            self.session.transaction.as_mut().filter(|it| deferred && !it.checks_at_once && !it.unchecked.contains(&key))
        {
            transaction.unchecked.push(key);
        }
    }

    fn known(&self, change: &Change) -> Option<Key> {
        let key = self.resolve(change.table.as_ref()?);
        self.tables.contains_key(&key).then_some(key)
    }

    /// Also of the partitioned tables above it.
    fn set_rows(&mut self, key: &Key, rows: Rows) {
        if self.tables.get(key).is_some_and(|table| table.rows != rows)
            && let Some(table) = self.tables.edit(key)
        {
            table.rows = rows;
        }
        let family: Vec<Key> = match self.tables.get(key) {
            Some(table) if rows != Rows::None && table.partition_of.is_some() => {
                table.partition_of.iter().map(|(parent, _)| parent.clone()).collect()
            }
            _ => Vec::new(),
        };
        for parent in family {
            if self.tables.get(&parent).is_some_and(|table| table.rows != rows && table.rows != Rows::Some) {
                self.set_rows(&parent, rows);
            }
        }
    }

    /// A column that is NOT NULL and that nothing gives a value is refused as soon as there is a row
    /// (PostgreSQL 23502, SQLite's `sqlite3ErrorIfNotEmpty`): once it is there, there was none.
    pub(super) fn proves_empty(&self, key: &Key, column: &ColumnDef, step: Step) -> bool {
        let refuses = matches!(self.target.engine, Engine::Postgres | Engine::Sqlite);
        let known = self.tables.get(key).is_none_or(|table| table.column(&column.name.value).is_some());
        let serves_itself = column.default.is_some() || column.generated.is_some() || column.identity.is_some();
        // A domain may have a default of its own.
        let typed = column.data_type.as_ref().is_some_and(|it| !it.is_serial() && self.domain_of(it).is_none());
        refuses && !known && !serves_itself && typed && column.not_null.is_some() && !step.conditional && !step.only
    }

    /// Nothing is left in a table, its partitions and its children.
    pub(super) fn empty_family(&mut self, key: &Key) {
        let family: Vec<Key> = self.descendants(key).iter().map(|table| table.key.clone()).collect();
        for key in family.iter().chain([key]) {
            self.set_rows(key, Rows::None);
        }
    }

    fn empty(&mut self, change: &Change, cascade: bool) {
        let Some(key) = self.known(change) else { return };
        let mut emptied = vec![key.clone()];
        emptied.extend(self.descendants(&key).iter().map(|table| table.key.clone()));
        if cascade {
            // TRUNCATE … CASCADE empties every table that references one it empties.
            let mut at = 0;
            while let Some(next) = emptied.get(at).cloned() {
                for (table, _) in self.referencing_foreign_keys(&next) {
                    if !emptied.contains(&table.key) {
                        emptied.push(table.key.clone());
                    }
                }
                at += 1;
            }
        }
        for key in emptied {
            self.set_rows(&key, Rows::None);
        }
    }
}

/// What a query over these tables yields.
pub(super) fn filled_by(catalog: &Catalog, reads: &[ObjectName]) -> Rows {
    let empty = |name: &ObjectName| catalog.table(name).is_some_and(|table| table.rows == Rows::None);
    match reads {
        // It reads no table: whatever it says is there.
        [] => Rows::Some,
        _ if reads.iter().all(empty) => Rows::None,
        // Nobody knows what a condition leaves, or whether anything was there.
        _ => Rows::Assumed,
    }
}
