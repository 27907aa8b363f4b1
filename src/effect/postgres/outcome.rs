//! Collects what a change does, by the words of this room.

use super::scene::{Relation, filled, has_storage, index_key};
use crate::catalog::{Index, Key, Sequence, Table, TableKind, View};
use crate::effect::{
    Breakage, BreakageKind, Build, Effects, Failure, FailureCause, Lock, LockMode, Loss, LossKind, RelationKind, Rewrite, Scan, ScanReason,
    Transactionality, Truth, Unknown,
};
use crate::source::Span;

pub(super) struct Outcome {
    pub effects: Effects,
    /// Another name of the same DROP stands for nothing that can be dropped so: that is told first.
    pub names_wrong: bool,
}

impl Outcome {
    pub fn new() -> Self {
        Outcome { effects: Effects { reversible: Truth::Yes, ..Effects::default() }, names_wrong: false }
    }

    pub fn lock_key(&mut self, relation: &Key, kind: RelationKind, mode: LockMode) {
        let relation = relation.to_string();
        match self.effects.locks.iter_mut().find(|lock| lock.relation == relation) {
            Some(lock) => lock.mode = lock.mode.max(mode),
            None => self.effects.locks.push(Lock { relation, kind, mode }),
        }
    }

    pub fn lock(&mut self, table: &Table, mode: LockMode) {
        let kind = match table.kind {
            TableKind::Table | TableKind::Virtual => RelationKind::Table,
            TableKind::Partitioned => RelationKind::Partitioned,
            TableKind::Foreign => RelationKind::Foreign,
            TableKind::MaterializedView => RelationKind::MaterializedView,
        };
        self.lock_key(&table.key, kind, mode);
    }

    pub fn lock_view(&mut self, view: &View, mode: LockMode) {
        let kind = if view.materialized { RelationKind::MaterializedView } else { RelationKind::View };
        self.lock_key(&view.key, kind, mode);
    }

    pub fn lock_index(&mut self, table: &Table, index: &Index, mode: LockMode) {
        self.lock_key(&index_key(table, index), RelationKind::Index, mode);
    }

    pub fn lock_indexes(&mut self, table: &Table, mode: LockMode) {
        for index in &table.indexes {
            self.lock_index(table, index, mode);
        }
    }

    pub fn lock_sequence(&mut self, sequence: &Sequence, mode: LockMode) {
        self.lock_key(&sequence.key, RelationKind::Sequence, mode);
    }

    pub fn lock_relation(&mut self, relation: Relation<'_>, mode: LockMode) {
        match relation {
            Relation::Table(table) => self.lock(table, mode),
            Relation::View(view) => self.lock_view(view, mode),
            Relation::Index(table, index) => self.lock_index(table, index, mode),
            Relation::Sequence(sequence) => self.lock_sequence(sequence, mode),
        }
    }

    /// The table is read whole. A table made in this migration and still empty has nothing to read.
    pub fn scan(&mut self, table: &Table, reason: ScanReason, certain: Truth) {
        if has_storage(table) && filled(table) != Truth::No {
            self.scan_key(&table.key, reason, certain);
        }
    }

    pub fn scan_key(&mut self, table: &Key, reason: ScanReason, certain: Truth) {
        let table = table.to_string();
        match self.effects.scans.iter_mut().find(|scan| scan.table == table && scan.reason == reason) {
            Some(scan) => scan.certain = scan.certain.max(certain),
            None => self.effects.scans.push(Scan { table, reason, certain, under: None }),
        }
    }

    /// The rows are written anew: read once, all indexes built again.
    pub fn rewrite(&mut self, table: &Table, certain: Truth, reason: impl Into<String>) {
        if !has_storage(table) {
            return;
        }
        let name = table.key.to_string();
        if let Some(known) = self.effects.rewrites.iter_mut().find(|rewrite| rewrite.table == name) {
            known.certain = known.certain.max(certain);
        } else {
            self.effects.rewrites.push(Rewrite { table: name, certain, reason: reason.into() });
        }
        self.scan(table, ScanReason::Rewrite, certain);
        self.lock_indexes(table, LockMode::AccessExclusive);
        for index in &table.indexes {
            self.build(table, &index.name, true, certain);
        }
    }

    pub fn build(&mut self, table: &Table, index: &str, rebuilt: bool, certain: Truth) {
        let name = Key::new(table.key.schema.clone(), index).to_string();
        let table = table.key.to_string();
        match self.effects.builds.iter_mut().find(|build| build.index == name) {
            Some(build) => build.certain = build.certain.max(certain),
            None => self.effects.builds.push(Build { index: name, table, rebuilt, certain }),
        }
    }

    pub fn fail(&mut self, code: &str, reason: impl Into<String>, cause: FailureCause, certain: Truth) {
        self.fail_at(code, reason, cause, certain, None);
    }

    pub fn fail_at(&mut self, code: &str, reason: impl Into<String>, cause: FailureCause, certain: Truth, span: Option<Span>) {
        if certain.possible() {
            self.effects.failures.push(Failure { code: code.to_owned(), reason: reason.into(), cause, certain, span });
        }
    }

    /// The schema or the version makes it fail.
    pub fn refuse(&mut self, code: &str, reason: impl Into<String>) {
        self.fail(code, reason, FailureCause::Schema, Truth::Yes);
    }

    pub fn lose(&mut self, kind: LossKind, object: impl Into<String>, certain: Truth) {
        if certain.possible() {
            self.effects.losses.push(Loss { kind, object: object.into(), certain });
            self.effects.reversible = Truth::No;
        }
    }

    pub fn break_client(&mut self, kind: BreakageKind, object: impl Into<String>, reason: impl Into<String>, certain: Truth) {
        self.effects.breaks.push(Breakage { kind, object: object.into(), reason: reason.into(), certain });
    }

    pub fn unknown(&mut self, what: impl Into<String>, decides: impl Into<String>) {
        let unknown = Unknown { what: what.into(), decides: decides.into() };
        if !self.effects.unknowns.contains(&unknown) {
            self.effects.unknowns.push(unknown);
        }
    }

    pub fn forbid_transaction(&mut self) {
        self.effects.transactionality = Transactionality::Forbidden;
    }

    pub fn reversible(&mut self, truth: Truth) {
        self.effects.reversible = self.effects.reversible.min(truth);
    }

    pub fn will_fail(&self) -> bool {
        self.effects.failures.iter().any(|failure| failure.certain == Truth::Yes)
    }
}
