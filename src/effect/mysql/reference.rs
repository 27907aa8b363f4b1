//! Foreign keys that are there already, on either end of an altered table: what they do not let go.

use super::charset::column_text;
use super::constraint::joinable;
use super::draft::{Draft, Key, same};
use super::failure;
use super::types::{Keyed, Shape, TypeChange, compare};
use crate::catalog::{Constraint, Table};
use crate::change::RefAction;
use crate::effect::Truth;

impl Draft<'_> {
    pub(super) fn in_foreign_key(&self, column: &str) -> bool {
        let Some(table) = self.table else { return false };
        let own = table.foreign_keys().any(|key| key.columns.iter().any(|name| same(name, column)));
        own || self.is_referenced(column)
    }

    /// Foreign keys that stay, against columns and keys that went or changed type.
    pub(super) fn check_foreign_keys(&mut self) {
        let Some(table) = self.table else { return };
        self.check_own_ends();
        let keys: Vec<Constraint> =
            table.foreign_keys().filter(|key| !self.dropped_constraints.iter().any(|name| same(name, &key.name))).cloned().collect();
        for key in &keys {
            self.check_own_foreign_key(key);
        }
        let catalog = self.catalog;
        for (child, key) in catalog.referencing_foreign_keys(&table.key) {
            if child.key != table.key {
                self.check_referenced(child, key);
            } else if !self.dropped_constraints.iter().any(|name| same(name, &key.name)) {
                self.check_referenced(table, key);
            }
        }
    }

    /// A foreign key of the table to itself: the referenced end is looked at first, and MySQL compares
    /// what the two ends become (measured).
    fn check_own_ends(&mut self) {
        let Some(table) = self.table else { return };
        for key in table.foreign_keys() {
            let Some(info) = &key.foreign_key else { continue };
            if !self.refers_to_itself(key) || self.dropped_constraints.iter().any(|name| same(name, &key.name)) {
                continue;
            }
            let strict = self.server.is_mariadb() || !self.ends_fit(key);
            if strict || self.session.checks_foreign_keys {
                let codes = if strict { None } else { Some((1833, 1832)) };
                self.check_retyped(key, &info.referenced_columns, 1833, Some(table), codes.map(|it| it.0));
                self.check_retyped(key, &key.columns, 1832, None, codes.map(|it| it.1));
            }
        }
    }

    fn refers_to_itself(&self, key: &Constraint) -> bool {
        let own = self.table.map(|table| &table.key);
        key.foreign_key.as_ref().is_some_and(|info| Some(&info.references) == own)
    }

    /// Whether the two ends, as they will be, can be joined.
    fn ends_fit(&self, key: &Constraint) -> bool {
        let Some(info) = &key.foreign_key else { return true };
        let shape = |name: &str| self.columns.get(self.old_slot(name)?)?.shape.as_ref();
        key.columns
            .iter()
            .zip(&info.referenced_columns)
            .all(|(own, other)| shape(own).zip(shape(other)).is_none_or(|(child, parent)| joinable(child, parent, self.minds_charsets())))
    }

    fn check_own_foreign_key(&mut self, key: &Constraint) {
        let before = self.at;
        if let Some((at, name)) = self.dropped_columns.iter().find(|(_, name)| key.columns.iter().any(|column| same(column, name))).cloned()
        {
            self.at = at;
            let code = if self.server.has_foreign_key_errors() || self.copying || self.unchecked() { 1828 } else { 1553 };
            self.fail(failure::schema(code, format!("`{name}` is needed by the foreign key `{}`", key.name), Truth::Yes));
        } else if let Some((at, dropped)) = self
            .dropped_keys
            .iter()
            .find(|(_, dropped)| {
                key.columns.first().is_some_and(|column| {
                    dropped.parts.first().and_then(|part| part.column.as_deref()).is_some_and(|name| same(name, column))
                })
            })
            .cloned()
            && !self.supported(&key.columns)
            && !self.unchecked()
            && let Some(code) = self.missed_key(&dropped)
        {
            self.at = at;
            self.fail(failure::schema(
                code,
                format!("the index `{}` is needed by the foreign key `{}`", dropped.name, key.name),
                Truth::Yes,
            ));
        }
        if !self.refers_to_itself(key) {
            self.check_retyped(key, &key.columns, 1832, None, None);
        }
        if key.foreign_key.as_ref().is_some_and(|info| info.on_delete == RefAction::SetNull || info.on_update == RefAction::SetNull) {
            let column = key
                .columns
                .iter()
                .find(|name| {
                    self.slot(name).and_then(|at| self.columns.get(at)).is_some_and(|slot| {
                        !slot.nullable
                            && slot.before.is_some_and(|before| {
                                self.table.and_then(|table| table.columns.get(before)).is_some_and(|column| !column.not_null)
                            })
                    })
                })
                .cloned();
            if let Some(column) = column {
                // Measured on 5.6 and 10.5, and not on 10.11: the copying minds the changed column first.
                let code = if self.copying && self.server.copies_blindly() { 1832 } else { 1830 };
                self.fail(failure::schema(code, format!("`{column}` cannot be NOT NULL: `{}` sets it to NULL", key.name), Truth::Yes));
            }
        }
        self.at = before;
    }

    /// The error for dropping a key that a foreign key needs. MySQL 8 looks before it begins; the
    /// others leave it to the engine, which finds out when a copy cannot be renamed to the table
    /// (measured), and from some version after 10.5 on MariaDB's does not look at all where the rows
    /// are ordered by another primary key (measured on 10.11 and 11.8).
    fn missed_key(&self, dropped: &Key) -> Option<u16> {
        let orders_rows = dropped.primary && self.server.is_mariadb();
        let replaced = self.keys.iter().any(|key| key.primary && !key.old);
        match () {
            () if self.server.has_foreign_key_errors() => Some(1553),
            () if self.copying || orders_rows && !replaced => Some(1025),
            () if orders_rows && self.server.forgets_referenced_keys() => None,
            () => Some(1553),
        }
    }

    fn check_referenced(&mut self, child: &Table, key: &Constraint) {
        let Some(info) = &key.foreign_key else { return };
        let before = self.at;
        if let Some((at, name)) =
            self.dropped_columns.iter().find(|(_, name)| info.referenced_columns.iter().any(|column| same(column, name))).cloned()
        {
            self.at = at;
            let own = self.table.is_some_and(|table| table.key == child.key);
            let code = if self.server.has_foreign_key_errors() || self.unchecked() || own { 1829 } else { 1553 };
            self.fail(failure::schema(
                code,
                format!("`{name}` is referenced by the foreign key `{}` of `{}`", key.name, child.key),
                Truth::Yes,
            ));
        } else if let Some((at, dropped)) = self
            .dropped_keys
            .iter()
            .find(|(_, dropped)| info.referenced_columns.first().is_some_and(|column| dropped.uses(column)))
            .cloned()
            && !self.supported(&info.referenced_columns)
            && (self.session.checks_foreign_keys || self.server.has_foreign_key_errors())
            && let Some(code) = self.missed_key(&dropped)
        {
            self.at = at;
            self.fail(failure::schema(
                code,
                format!("the key `{}` is needed by the foreign key `{}` of `{}`", dropped.name, key.name, child.key),
                Truth::Yes,
            ));
        }
        if self.table.is_none_or(|table| table.key != child.key) {
            self.check_retyped(key, &info.referenced_columns, 1833, Some(child), None);
        }
        self.at = before;
    }

    /// With foreign_key_checks off MySQL lets the two ends of a key differ in their character set and
    /// collation, so that one can be changed after the other (measured on 8.0 and 9.7).
    pub(super) fn minds_charsets(&self) -> bool {
        self.session.checks_foreign_keys || self.server.is_mariadb()
    }

    /// Columns of a foreign key keep a type that the other end can be joined with, whatever
    /// foreign_key_checks says; while the checks are on (MariaDB: always) they keep their type, but
    /// for what only the dictionary knows (measured).
    /// `fitting`: the code where both ends change alike.
    fn check_retyped(&mut self, key: &Constraint, columns: &[String], old_code: u16, child: Option<&Table>, fitting: Option<u16>) {
        let Some(table) = self.table else { return };
        for name in columns {
            let Some(before) = table.columns.iter().position(|column| same(&column.name, name)) else { continue };
            let Some(old) = table.columns.get(before) else { continue };
            let Some(slot) = self.columns.iter().find(|slot| slot.before == Some(before)) else { continue };
            let (Some(data_type), Some(new)) = (&old.data_type, &slot.shape) else { continue };
            let text = column_text(old, &self.text, self.server);
            let old_shape = Shape { data_type: data_type.clone(), text, auto_increment: old.auto_increment };
            let (code, rule) = if !joinable(&old_shape, new, self.minds_charsets()) {
                (fitting.unwrap_or_else(|| self.retyped_code(old_code)), "whose two ends must have one type")
            } else if (self.session.checks_foreign_keys || self.server.is_mariadb()) && self.retyped(&old_shape, new) {
                (old_code, "and cannot change its type while the key is there")
            } else {
                continue;
            };
            let owner = child.map_or_else(String::new, |child| format!(" of `{}`", child.key));
            self.fail(failure::schema(code, format!("`{name}` is in the foreign key `{}`{owner}, {rule}", key.name), Truth::Yes));
        }
    }

    fn retyped_code(&self, old_code: u16) -> u16 {
        match () {
            () if self.server.has_foreign_key_errors() => 3780,
            () if self.server.is_mariadb() || self.session.checks_foreign_keys => old_code,
            () => 1025,
        }
    }

    /// MariaDB does not look for what foreign keys need while foreign_key_checks is off (measured).
    fn unchecked(&self) -> bool {
        self.server.is_mariadb() && !self.session.checks_foreign_keys
    }

    fn retyped(&self, old: &Shape, new: &Shape) -> bool {
        // AUTO_INCREMENT may come (measured on MariaDB).
        let old = &Shape { auto_increment: old.auto_increment || self.server.is_mariadb() && new.auto_increment, ..old.clone() };
        match compare(old, new, Keyed { before: true, after: true, ..Keyed::default() }, false, self.server) {
            TypeChange::Convert => true,
            // measured: a VARCHAR that grows
            TypeChange::SamePack => self.server.is_mariadb(),
            TypeChange::Same | TypeChange::Reindex | TypeChange::Unknown => false,
        }
    }
}
