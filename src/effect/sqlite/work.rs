//! The effects of one change while they are worked out.

use crate::catalog::{Catalog, Key, Presence, Rows, Table};
use crate::change::ObjectName;
use crate::effect::{
    Breakage, BreakageKind, Build, Effects, Failure, FailureCause, Lock, LockMode, Loss, LossKind, RelationKind, Rewrite, Scan, ScanReason,
    Truth, Unknown,
};

pub(super) struct Work<'a> {
    pub before: &'a Catalog,
    pub effects: Effects,
    conditional: bool,
}

impl<'a> Work<'a> {
    pub fn new(before: &'a Catalog, conditional: bool) -> Self {
        Work { before, effects: Effects { reversible: Truth::Yes, ..Effects::default() }, conditional }
    }

    /// What was found; certain failures of a change that may not run are possible ones.
    pub fn finish(mut self) -> Effects {
        if self.conditional {
            for failure in &mut self.effects.failures {
                failure.certain = failure.certain.and(Truth::Unknown);
            }
        }
        self.effects
    }

    /// The one write lock of the file, named after the table that is written.
    pub fn write_lock(&mut self, table: Option<&Key>) {
        if table.is_some_and(|key| key.schema == "temp") {
            return;
        }
        let existing = table.filter(|key| self.before.tables.contains_key(key));
        let relation = existing.map_or_else(|| "main".to_owned(), ToString::to_string);
        if !self.effects.locks.iter().any(|lock| lock.relation == relation) {
            self.effects.locks.push(Lock { relation, kind: RelationKind::Database, mode: LockMode::SqliteWrite });
        }
    }

    /// The table is read from end to end.
    pub fn scan(&mut self, table: &Table, reason: ScanReason, certain: Truth, writing: bool) {
        if table.rows == Rows::None || certain == Truth::No {
            return;
        }
        self.effects.scans.push(Scan { table: table.key.to_string(), reason, certain, under: writing.then_some(LockMode::SqliteWrite) });
        if writing {
            self.effects.lasting = self.effects.lasting.or(certain);
        }
    }

    pub fn rewrite(&mut self, table: &Table, certain: Truth, reason: &str) {
        if table.rows == Rows::None || certain == Truth::No {
            return;
        }
        self.effects.rewrites.push(Rewrite { table: table.key.to_string(), certain, reason: reason.to_owned() });
        self.scan(table, ScanReason::Rewrite, certain, true);
    }

    pub fn build(&mut self, index: &str, table: &Table, rebuilt: bool) {
        self.effects.builds.push(Build { index: index.to_owned(), table: table.key.to_string(), rebuilt, certain: Truth::Yes });
    }

    /// The library refuses with SQLITE_ERROR: the schema or the version does not allow it.
    pub fn refuse(&mut self, reason: impl Into<String>, certain: Truth) {
        self.fail("SQLITE_ERROR", reason, FailureCause::Schema, certain);
    }

    pub fn fail(&mut self, code: &str, reason: impl Into<String>, cause: FailureCause, certain: Truth) {
        self.effects.failures.push(Failure { code: code.to_owned(), reason: reason.into(), cause, certain, span: None });
    }

    pub fn lose(&mut self, kind: LossKind, object: impl Into<String>, certain: Truth) {
        self.effects.losses.push(Loss { kind, object: object.into(), certain });
        if certain == Truth::Yes {
            self.effects.reversible = Truth::No;
        }
    }

    pub fn break_clients(&mut self, kind: BreakageKind, object: impl Into<String>, reason: impl Into<String>, certain: Truth) {
        self.effects.breaks.push(Breakage { kind, object: object.into(), reason: reason.into(), certain });
    }

    /// Somebody may be using the table: it was not made by this very migration.
    pub fn in_use(&self, table: &Table) -> bool {
        !self.before.origin(table.birth).is_new()
    }

    pub fn unknown(&mut self, what: impl Into<String>, decides: impl Into<String>) {
        self.effects.unknowns.push(Unknown { what: what.into(), decides: decides.into() });
    }

    /// Whether foreign keys are enforced. The library's default is off, most drivers and frameworks
    /// turn them on: what nobody said is unknown.
    pub fn foreign_keys(&self) -> Truth {
        match self.before.session.is_off("foreign_keys") {
            Some(true) => Truth::No,
            Some(false) => Truth::Yes,
            None => Truth::Unknown,
        }
    }

    /// The table a statement is about, or the refusal that there is none.
    pub fn existing_table(&mut self, name: &ObjectName) -> Option<&'a Table> {
        let before = self.before;
        if let Some(table) = before.table(name) {
            return Some(table);
        }
        match absent(before, name) {
            Truth::No => {}
            certain => self.refuse(format!("no such table: {}", name.name), certain),
        }
        None
    }
}

/// How sure it is that nothing of this name exists.
pub(super) fn absent(before: &Catalog, name: &ObjectName) -> Truth {
    let system = name.name.value.to_ascii_lowercase();
    if system.starts_with("sqlite_") || name.schema.as_ref().is_some_and(|schema| !schema.is("main") && !schema.is("temp")) {
        return Truth::No;
    }
    match before.presence(name) {
        Presence::Present | Presence::Unknown => Truth::No,
        Presence::Dropped | Presence::NeverMade => Truth::Yes,
    }
}

/// How sure the table holds rows.
pub(super) fn filled(table: &Table) -> Truth {
    match table.rows {
        Rows::None => Truth::No,
        Rows::Assumed => Truth::Unknown,
        Rows::Some => Truth::Yes,
    }
}

/// How sure it is that a column of this name is not there.
pub(super) fn lacks(table: &Table, column: &str) -> Truth {
    if table.column(column).is_some() {
        return Truth::No;
    }
    let rowid = !table.without_rowid && ["rowid", "oid", "_rowid_"].iter().any(|name| name.eq_ignore_ascii_case(column));
    match (rowid, table.complete && !table.uncertain) {
        (true, _) => Truth::No,
        (false, true) => Truth::Yes,
        (false, false) => Truth::Unknown,
    }
}
