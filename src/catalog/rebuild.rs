//! A table replaced by a copy of itself: made under another name, filled from the old one, the old
//! one dropped, the new one given its name. Recognised by where the rows go, whatever the names.

use std::sync::Arc;

use super::{Catalog, Key, Table};
use crate::change::OnConflict;
use crate::source::Location;

/// `INSERT INTO to … SELECT … FROM from`, seen in this migration.
#[derive(Debug, Clone)]
pub struct RowCopy {
    pub from: Key,
    pub to: Key,
    /// The columns filled; empty: all in order.
    pub columns: Vec<String>,
    /// `SELECT *`: the columns' order decides what goes where.
    pub star: bool,
    /// The old table's columns that were selected, in order; empty text for anything else.
    pub values: Vec<String>,
    pub on_conflict: OnConflict,
    pub at: Location,
}

/// An old table that was dropped after its rows went into a new one.
#[derive(Debug, Clone)]
pub struct Rebuild {
    /// As it was when it was dropped.
    pub old: Arc<Table>,
    /// The name clients know.
    pub name: Key,
    /// Where the copy stands now.
    pub new: Key,
    pub copy: RowCopy,
    pub dropped_at: Location,
    /// All steps so far ran in one transaction.
    pub atomic: bool,
    /// The old table was renamed away first: what referred to it followed (SQLite, and foreign keys
    /// everywhere) and now refers to nothing.
    pub renamed_first: bool,
}

/// What the copy does not have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RebuildLosses {
    pub columns: Vec<String>,
    pub indexes: Vec<String>,
    pub triggers: Vec<String>,
    /// Constraints by the columns or the name.
    pub constraints: Vec<String>,
    /// AUTOINCREMENT was there and is not, or its counter starts anew.
    pub autoincrement: bool,
}

/// Table copies and renames of the present migration.
#[derive(Debug, Clone, Default)]
pub(super) struct Moves {
    copies: Vec<RowCopy>,
    renames: Vec<(Key, Key)>,
    /// Copies made by migrations before this one: from where, and to where by its name of now.
    earlier: Vec<RowCopy>,
}

impl Catalog {
    /// The table that holds this one's rows already, by a copy made in this migration.
    pub fn successor_of(&self, key: &Key) -> Option<(&Table, &RowCopy)> {
        let copy = self.copy_of(key)?;
        Some((self.table_at(&copy.to)?, copy))
    }

    /// Where the table's rows went: into the table that has its name now, or else to the last place.
    fn copy_of(&self, key: &Key) -> Option<&RowCopy> {
        let name = self.original_name(key);
        let own = |copy: &&RowCopy| copy.from == *key;
        let back = self.moves.copies.iter().rev().filter(own).find(|copy| name != *key && copy.to == name);
        back.or_else(|| self.moves.copies.iter().rev().find(own))
    }

    /// Rebuilds of this migration whose old table is gone.
    pub fn rebuilds(&self) -> &[Rebuild] {
        &self.rebuilds
    }

    /// The name a table had when the migration began.
    pub fn original_name(&self, key: &Key) -> Key {
        let mut name = key.clone();
        for (from, to) in self.moves.renames.iter().rev() {
            if *to == name {
                name = from.clone();
            }
        }
        name
    }

    /// The tables that an earlier migration copied this one's rows into, under whatever name.
    pub fn earlier_successors(&self, key: &Key) -> impl Iterator<Item = &Table> {
        let copies = self.moves.earlier.iter().filter(move |copy| copy.from == *key);
        copies.filter_map(|copy| self.table_at(&copy.to))
    }

    /// The column of `new` that a copy of this or of an earlier migration filled from this one.
    pub fn copied_as<'a>(&'a self, old: &Key, column: &str, new: &'a Table) -> Option<&'a str> {
        let copies = self.moves.copies.iter().chain(&self.moves.earlier);
        copies.filter(|copy| copy.from == *old && copy.to == new.key).find_map(|copy| {
            let at = copy.values.iter().position(|value| value.eq_ignore_ascii_case(column))?;
            let filled = match copy.columns.as_slice() {
                [] => new.columns.iter().nth(at).map(|column| column.name.as_str()),
                columns => columns.get(at).map(String::as_str),
            };
            filled.filter(|name| new.column(name).is_some())
        })
    }

    /// Where a copy of this migration put a column's values, beside the table's successor: `table.column`.
    pub fn copied_aside(&self, old: &Key, column: &str) -> Option<String> {
        self.moves.copies.iter().filter(|copy| copy.from == *old).find_map(|copy| {
            let at = copy.values.iter().position(|value| value.eq_ignore_ascii_case(column))?;
            Some(format!("{}.{}", copy.to, copy.columns.get(at)?))
        })
    }

    pub(super) fn forget_moves(&mut self) {
        let moves = std::mem::take(&mut self.moves);
        let copies = moves.copies.into_iter().filter(|copy| copy.on_conflict == OnConflict::Fail);
        // Once the copy has the name, or one of both is gone, it is no rebuild in progress any more.
        let going_on = |copy: &RowCopy| copy.from != copy.to && self.tables.contains_key(&copy.to);
        self.moves.earlier = moves.earlier.into_iter().chain(copies).filter(going_on).collect();
        self.rebuilds.clear();
    }

    pub(super) fn moves(&self) -> Moves {
        self.moves.clone()
    }

    pub(super) fn restore_moves(&mut self, moves: Moves) {
        self.moves = moves;
    }

    pub(super) fn note_copy(&mut self, copy: RowCopy) {
        if copy.from != copy.to {
            self.moves.copies.push(copy);
        }
    }

    pub(super) fn note_drop(&mut self, old: &Arc<Table>, at: Location) {
        let Some(copy) = self.copy_of(&old.key).cloned() else { return };
        let Some(new) = self.table_at(&copy.to) else { return };
        let atomic = self.session.transaction.is_some() && new.birth.transaction == self.now.transaction;
        let name = self.original_name(&old.key);
        let renamed_first = name != old.key;
        self.rebuilds.push(Rebuild { old: Arc::clone(old), name, new: copy.to.clone(), copy, dropped_at: at, atomic, renamed_first });
    }

    pub(super) fn note_rename(&mut self, old: &Key, new: &Key) {
        for copy in &mut self.moves.copies {
            for key in [&mut copy.from, &mut copy.to] {
                if key == old {
                    *key = new.clone();
                }
            }
        }
        for copy in self.moves.earlier.iter_mut().filter(|copy| copy.to == *old) {
            copy.to = new.clone();
        }
        for rebuild in self.rebuilds.iter_mut().filter(|rebuild| rebuild.new == *old) {
            rebuild.new = new.clone();
        }
        self.moves.renames.push((old.clone(), new.clone()));
    }
}

impl Rebuild {
    /// The copy carries the name clients know.
    pub fn finished(&self) -> bool {
        self.new == self.name
    }

    /// What the old table had and its copy has not, as things stand in `now`.
    pub fn losses(&self, now: &Catalog) -> RebuildLosses {
        let mut lost = RebuildLosses::default();
        let Some(new) = now.table_at(&self.new) else { return lost };
        lost.columns = missing_columns(&self.old, new);
        let own = |name: &&super::Index| name.constraint.is_none() && !name.implied;
        for index in self.old.indexes.iter().filter(own) {
            // An index on a column that went cannot come back.
            let columns: Vec<&str> = index.columns().collect();
            let same = new.indexes.iter().any(|other| {
                other.columns().map(str::to_lowercase).eq(columns.iter().map(|column| column.to_lowercase()))
                    && other.unique == index.unique
            });
            if !same && columns.iter().all(|column| new.column(column).is_some()) {
                lost.indexes.push(index.name.clone());
            }
        }
        lost.triggers = self.old.triggers.iter().filter(|it| new.trigger(&it.name).is_none()).map(|it| it.name.clone()).collect();
        for constraint in &self.old.constraints {
            let kept = new.constraints.iter().any(|other| {
                other.kind == constraint.kind
                    && other.columns.len() == constraint.columns.len()
                    && other.columns.iter().zip(&constraint.columns).all(|(a, b)| a.eq_ignore_ascii_case(b))
            });
            if !kept && constraint.columns.iter().all(|column| new.column(column).is_some()) {
                let name = if constraint.name.is_empty() { constraint.columns.join(", ") } else { constraint.name.clone() };
                lost.constraints.push(name);
            }
        }
        lost.autoincrement = self.old.autoincrement;
        lost
    }
}

/// Columns of the old table that the new one lacks.
pub fn missing_columns(old: &Table, new: &Table) -> Vec<String> {
    if !new.complete {
        return Vec::new();
    }
    old.columns.iter().filter(|column| new.column(&column.name).is_none()).map(|column| column.name.clone()).collect()
}
