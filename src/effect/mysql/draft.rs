//! The table as an ALTER TABLE would leave it, built action by action, and what that asks of the
//! storage engine.

use std::cell::OnceCell;

use super::charset::{Text, column_text, database_text, table_text};
use super::expression::Used;
use super::failure;
use super::flags::Flags;
use super::server::Server;
use super::session::Session;
use super::types::Shape;
use crate::catalog::{Catalog, Rows, Table};
use crate::change::{Action, Change, ConstraintKind, GeneratedKind, IndexKind, IndexPart, Persistence};
use crate::effect::{Failure, FailureCause, Truth, Unknown};

/// One column of the table after the ALTER.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    /// Its place before; `None` for an added column.
    pub before: Option<usize>,
    pub name: String,
    pub stored: bool,
    pub nullable: bool,
    pub auto_increment: bool,
    pub shape: Option<Shape>,
}

/// One key of the table after the ALTER.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Key {
    pub name: String,
    pub kind: IndexKind,
    pub unique: bool,
    pub primary: bool,
    pub parts: Vec<Part>,
    pub method: String,
    pub comment: String,
    pub invisible: bool,
    /// It is there before the ALTER.
    pub old: bool,
    /// MariaDB: before the ALTER a hash stands for its values.
    pub hashed: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    /// `None` for an expression.
    pub column: Option<String>,
    pub prefix: Option<u64>,
    pub descending: bool,
}

/// Why the SQL layer copies without asking the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forced {
    /// Another engine, ORDER BY, partitioning.
    Impossible,
    /// A temporary table: nobody else sees it.
    Temporary,
    /// A CHECK that has to hold for the rows (MySQL).
    Check,
}

/// The draft and what was learnt on the way.
#[derive(Debug, Clone)]
pub(super) struct Draft<'a> {
    pub server: Server,
    pub catalog: &'a Catalog,
    pub session: Session,
    pub table: Option<&'a Table>,
    pub text: Text,
    pub columns: Vec<Slot>,
    pub keys: Vec<Key>,
    pub flags: Flags,
    pub forced: Option<Forced>,
    /// Nothing but RENAME TO and ENABLE/DISABLE KEYS so far.
    pub simple: bool,
    /// ENABLE or DISABLE KEYS: beside another action it makes the server copy (measured).
    pub toggles_keys: bool,
    /// Names of checks added.
    pub added_checks: Vec<String>,
    pub facts: Facts,
    /// With the number of the change that brought it.
    pub failures: Vec<(usize, Failure)>,
    pub unknowns: Vec<(usize, Unknown)>,
    /// Why rows are written anew, by change.
    pub causes: Vec<(usize, String)>,
    /// Names of indexes this ALTER builds, by change.
    pub builds: Vec<(usize, String, bool)>,
    /// CREATE TABLE: there is nothing before it.
    pub creating: bool,
    /// The name of the table being made.
    pub own_name: Option<String>,
    /// What is not known is taken for harmless instead of harmful.
    pub optimistic: bool,
    /// ALGORITHM=COPY was asked for: what stops the copying has other error numbers (measured).
    pub copying: bool,
    /// MariaDB `ALTER IGNORE TABLE`.
    pub ignore: bool,
    /// The change being applied.
    pub at: usize,
    /// Keys dropped, as they were, by change.
    pub dropped_keys: Vec<(usize, Key)>,
    /// Names of columns that RENAME COLUMN took away.
    pub renamed: Vec<String>,
    /// Names of columns that this ALTER adds.
    pub returning: Vec<String>,
    /// Columns of the keys that this ALTER adds.
    pub coming_parts: Vec<String>,
    /// CONVERT TO stands in this ALTER: every text column gets this, whatever is written for it.
    pub converting: Option<Text>,
    /// Columns that this ALTER describes anew.
    pub modified: Vec<String>,
    /// ROW_FORMAT of this statement.
    pub own_format: Option<String>,
    /// The change that adds a primary key beside the one there is.
    pub second_primary: Option<usize>,
    /// The engine that CREATE TABLE names.
    pub own_engine: Option<String>,
    /// Names of columns dropped in this ALTER.
    pub dropped_columns: Vec<(usize, String)>,
    /// Generated columns whose base goes, to be looked at again in the end.
    pub orphans: Vec<(usize, String, Failure)>,
    /// Names of foreign keys and checks dropped in this ALTER.
    pub dropped_constraints: Vec<String>,
    /// Expressions that this statement brings.
    pub expressions: Vec<Used>,
    /// The unique key that ordered the rows, once somebody asked.
    pub order: OnceCell<Option<String>>,
}

/// Particulars that decide between algorithms.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// An added column that a key of this ALTER uses is AUTO_INCREMENT.
    pub auto_increment_key: bool,
    /// A key of this ALTER uses a virtual column of this ALTER.
    pub virtual_key: bool,
    pub added_fulltext: u32,
    pub added_spatial: u32,
    /// A zero date would have to be written into every row.
    pub zero_default: bool,
    /// MariaDB: a default that differs from row to row.
    pub row_default: bool,
    /// NULL becomes NOT NULL in a TIMESTAMP column with a default.
    pub timestamp_default: bool,
    /// A column of a foreign key is renamed.
    pub renames_foreign: bool,
    /// One that another table refers to.
    pub renames_referenced: bool,
    /// MariaDB gives a reason for ROW_FORMAT and the like, none for KEY_BLOCK_SIZE.
    pub format_reason: bool,
    /// CONVERT TO changes a column's collation.
    pub converts_columns: bool,
    /// … and writes CHAR or TEXT values anew, with nobody else writing.
    pub converts_alone: bool,
    pub adds_auto_increment: bool,
    pub reindexes: bool,
    /// MariaDB: a unique key whose values stand in a hidden hash column.
    pub rehashes: bool,
    /// A default that takes numbers from a sequence.
    pub takes_numbers: bool,
}

impl<'a> Draft<'a> {
    pub fn new(catalog: &'a Catalog, table: Option<&'a Table>, optimistic: bool) -> Self {
        let server = Server(catalog.target);
        let text = table.map_or_else(|| database_text(&catalog.current_schema(), catalog), |table| table_text(table, catalog));
        let mut draft = Draft {
            server,
            catalog,
            session: Session::of(catalog),
            table,
            text,
            columns: Vec::new(),
            keys: Vec::new(),
            flags: Flags::NONE,
            forced: None,
            simple: true,
            toggles_keys: false,
            added_checks: Vec::new(),
            facts: Facts::default(),
            failures: Vec::new(),
            unknowns: Vec::new(),
            causes: Vec::new(),
            builds: Vec::new(),
            creating: false,
            ignore: false,
            own_name: None,
            optimistic,
            copying: false,
            at: 0,
            dropped_keys: Vec::new(),
            renamed: Vec::new(),
            returning: Vec::new(),
            coming_parts: Vec::new(),
            order: OnceCell::new(),
            converting: None,
            modified: Vec::new(),
            own_format: None,
            second_primary: None,
            own_engine: None,
            dropped_columns: Vec::new(),
            orphans: Vec::new(),
            dropped_constraints: Vec::new(),
            expressions: Vec::new(),
        };
        if let Some(table) = table {
            draft.read(table);
        }
        draft
    }

    fn read(&mut self, table: &Table) {
        for (number, column) in table.columns.iter().enumerate() {
            let shape = column.data_type.as_ref().map(|data_type| Shape {
                data_type: data_type.clone(),
                text: column_text(column, &self.text, self.server),
                auto_increment: column.auto_increment,
            });
            self.columns.push(Slot {
                before: Some(number),
                name: column.name.clone(),
                stored: !column.generated.as_ref().is_some_and(|generated| generated.kind == GeneratedKind::Virtual),
                nullable: !column.not_null
                    && !table.primary_key().is_some_and(|key| key.columns.iter().any(|name| same(name, &column.name))),
                auto_increment: column.auto_increment,
                shape,
            });
        }
        for index in &table.indexes {
            let parts = index.keys.iter().map(part).collect();
            self.keys.push(Key {
                name: index.name.clone(),
                kind: index.kind,
                unique: index.unique || index.primary,
                primary: index.primary,
                parts,
                method: index.method.clone(),
                comment: index.comment.clone(),
                invisible: !index.visible,
                old: true,
                hashed: false,
            });
        }
        self.read_hidden(table);
        for constraint in &table.constraints {
            let primary = constraint.kind == ConstraintKind::PrimaryKey;
            let known = self.keys.iter().any(|key| {
                (primary && key.primary)
                    || same(&key.name, &constraint.name)
                    || constraint.index.as_deref().is_some_and(|name| same(&key.name, name))
            });
            if known || !(primary || constraint.kind == ConstraintKind::Unique) {
                continue;
            }
            let parts =
                constraint.columns.iter().map(|name| Part { column: Some(name.clone()), prefix: None, descending: false }).collect();
            let name = if primary { "PRIMARY".to_owned() } else { constraint.name.clone() };
            self.keys.push(Key { name, unique: true, primary, parts, old: true, ..Key::default() });
        }
        for at in 0..self.keys.len() {
            let hashed = self.keys.get(at).is_some_and(|key| self.is_hashed(key));
            if let Some(key) = self.keys.get_mut(at).filter(|_| hashed) {
                key.hashed = true;
            }
        }
    }

    // -- what is known

    /// Whether what is missing from the table is really missing.
    pub fn known(&self) -> Truth {
        match self.table {
            Some(table) if table.complete && !table.uncertain => Truth::Yes,
            None if self.creating => Truth::Yes,
            Some(_) | None => Truth::Unknown,
        }
    }

    /// Whether there are rows that could be in the way.
    pub fn rows(&self) -> Truth {
        match self.table.map(|table| table.rows) {
            _ if self.creating => Truth::No,
            Some(Rows::None) => Truth::No,
            Some(Rows::Some) => Truth::Yes,
            Some(Rows::Assumed) | None => Truth::Unknown,
        }
    }

    pub fn table_name(&self) -> String {
        self.table.map(|table| table.key.to_string()).unwrap_or_default()
    }

    pub fn slot(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|slot| same(&slot.name, name))
    }

    /// A column as it was before the ALTER: names in one ALTER mean the old table's columns.
    pub fn old_slot(&self, name: &str) -> Option<usize> {
        let before = self.table?.columns.iter().position(|column| same(&column.name, name))?;
        self.columns.iter().position(|slot| slot.before == Some(before))
    }

    pub fn is_temporary(&self) -> bool {
        self.table.is_some_and(|table| table.persistence == Persistence::Temporary)
    }

    pub fn engine_name(&self) -> Option<&str> {
        self.own_engine.as_deref().or_else(|| self.table.and_then(|table| table.option("engine")))
    }

    /// Not InnoDB.
    pub fn is_foreign_engine(&self) -> bool {
        self.engine_name().is_some_and(|engine| !same(engine, "innodb"))
    }

    pub fn row_format(&self) -> Option<String> {
        self.table.and_then(|table| table.option("row_format")).map(str::to_ascii_lowercase)
    }

    /// No more instant changes of columns: 64 until 9.0, 255 from 9.1 (MySQL manual 17.12.1).
    pub fn versions_spent(&self) -> bool {
        let most = if self.server.0.at_least(9, 1, 0) { 255 } else { 64 };
        self.table.is_some_and(|table| table.row_versions >= most)
    }

    pub fn is_compressed(&self) -> bool {
        self.row_format().as_deref() == Some("compressed")
            || self.table.is_some_and(|table| table.option("key_block_size").is_some_and(|size| size != "0"))
    }

    pub fn is_partitioned(&self) -> bool {
        self.table.is_some_and(|table| table.partitioning.is_some())
    }

    // -- notes

    pub fn fail(&mut self, mut failure: Failure) {
        // What a table has after a change that may not have happened is no more certain than that.
        if failure.cause == FailureCause::Schema && self.table.is_some_and(|table| table.uncertain) {
            failure.certain = failure.certain.and(Truth::Unknown);
        }
        self.failures.push((self.at, failure));
    }

    pub fn cause(&mut self, text: impl Into<String>) {
        self.causes.push((self.at, text.into()));
    }

    pub fn unknown(&mut self, what: impl Into<String>, decides: impl Into<String>) {
        self.unknowns.push((self.at, Unknown { what: what.into(), decides: decides.into() }));
    }

    // -- actions

    pub fn apply(&mut self, at: usize, change: &Change) {
        self.at = at;
        self.simple &= matches!(change.action, Action::RenameTable { .. } | Action::Keys { .. });
        self.check_versioned(&change.action);
        match &change.action {
            Action::AddColumn { column, if_not_exists, place } => self.add_column(column, *if_not_exists, place.as_ref()),
            Action::DropColumn { column, if_exists, .. } => self.drop_column(column, *if_exists),
            Action::RenameColumn { from, to, if_exists } => self.rename_column(from, to, *if_exists),
            Action::ModifyColumn { column, definition, place, if_exists } => {
                self.modify_column(column, definition, place.as_ref(), *if_exists)
            }
            Action::SetDefault { column, default } => self.set_default(column, Some(default)),
            Action::DropDefault { column } => self.set_default(column, None),
            Action::SetColumnAttribute { column, .. } => {
                self.flags |= Flags::VISIBILITY;
                self.require_column(column);
            }
            Action::AddConstraint(constraint) => {
                if let Some(name) = &constraint.name {
                    self.check_name(&name.value);
                }
                self.add_constraint(constraint);
            }
            Action::DropConstraint { name, kind, if_exists, .. } => self.drop_constraint(name.as_ref(), *kind, *if_exists),
            Action::AlterConstraint { name, enforced, .. } => self.alter_constraint(name, *enforced),
            Action::CreateIndex(index) => self.create_index(index),
            Action::DropIndex(index) => self.drop_index(&index.name.name, index.if_exists),
            Action::RenameIndex { from, to, if_exists } => self.rename_index(&from.name, to, *if_exists),
            Action::SetIndexVisibility { index, visible } => self.set_index_visibility(index, *visible),
            Action::TableOptions(options) => self.table_options(options),
            Action::ConvertCharset { charset, collation } => self.convert_charset(charset, collation.as_deref()),
            Action::ForceRebuild => {
                self.flags |= Flags::RECREATE;
                self.cause("FORCE asks for a rebuild");
            }
            Action::OrderBy => {
                // The rows lie in the order of that key: MySQL 5.6 fails over it, later servers warn.
                if self.server.forgets_checks() && self.table.is_some_and(|table| table.primary_key().is_some()) {
                    self.fail(failure::schema(1105, "the primary key keeps the rows in its own order", Truth::Yes));
                }
                self.forced = Some(Forced::Impossible);
                self.cause("ORDER BY sorts the rows anew");
            }
            Action::RenameTable { .. } => self.flags |= Flags::RENAME,
            Action::Keys { .. } => self.toggles_keys = true,
            Action::SystemVersioning { add: false }
                if self.table.is_some_and(|table| self.known() == Truth::Yes && !table.system_versioning) =>
            {
                self.fail(failure::schema(4124, "the table keeps no history", Truth::Yes));
            }
            Action::Period { add, name: Some(name), .. } => {
                // A period is held by a CHECK.
                self.flags |= if *add { Flags::ADD_CHECK } else { Flags::DROP_CHECK };
                if *add {
                    self.cause(format!("every row is held against the period `{name}`"));
                    let certain = self.rows().and(Truth::Unknown);
                    self.fail(failure::data(4025, format!("a row whose `{name}` ends before it begins stops it"), certain));
                }
            }
            Action::SystemVersioning { add } => {
                self.flags |= if *add { Flags::ADD_VERSIONING } else { Flags::DROP_VERSIONING };
                self.cause(if *add { "row versions are added to every row" } else { "row versions are taken out of every row" });
            }
            _ => {}
        }
    }

    /// What follows from all actions together.
    pub fn finish(&mut self) {
        self.hide_parts();
        self.hash_keys();
        self.finish_convert();
        self.order_flags();
        self.key_flags();
        if self.toggles_keys && !self.simple {
            self.forced.get_or_insert(Forced::Impossible);
        }
        if self.is_temporary() {
            self.forced = Some(Forced::Temporary);
        }
    }

    /// Positions of the columns that stay, counted as the SQL layer does: stored ones among stored
    /// ones, virtual ones among all (MySQL 9.7: among virtual ones).
    fn order_flags(&mut self) {
        let Some(table) = self.table else { return };
        let hidden = self.hidden_before();
        let virtual_before: Vec<bool> = table
            .columns
            .iter()
            .map(|column| column.generated.as_ref().is_some_and(|generated| generated.kind == GeneratedKind::Virtual))
            .chain(std::iter::repeat_n(true, hidden))
            .collect();
        let (mut stored, mut virtuals) = (0, 0);
        let mut flags = Flags::NONE;
        for (position, slot) in self.columns.iter().enumerate() {
            if let Some(before) = slot.before {
                let earlier = virtual_before.get(..before).unwrap_or_default();
                let (virtual_earlier, stored_earlier) =
                    (earlier.iter().filter(|is_virtual| **is_virtual).count(), earlier.iter().filter(|is_virtual| !**is_virtual).count());
                let moved = match (slot.stored, self.server.counts_virtual_apart()) {
                    (true, _) => stored != stored_earlier,
                    (false, true) => virtuals != virtual_earlier,
                    (false, false) => position != before,
                };
                if moved {
                    flags |= if slot.stored { Flags::STORED_ORDER } else { Flags::VIRTUAL_ORDER };
                }
            }
            if slot.stored { stored += 1 } else { virtuals += 1 }
        }
        self.flags |= flags;
    }

    /// Virtual columns that stay keep their order, and new ones come after them
    /// (`check_v_col_in_order`).
    pub fn virtual_order_kept(&self) -> bool {
        let mut last = None;
        let mut met_new = false;
        for slot in self.columns.iter().filter(|slot| !slot.stored) {
            match slot.before {
                None => met_new = true,
                Some(_) if met_new => return false,
                Some(before) if last.is_some_and(|last| before < last) => return false,
                Some(before) => last = Some(before),
            }
        }
        true
    }
}

pub(super) fn part(key: &crate::change::IndexKey) -> Part {
    let column = match &key.part {
        IndexPart::Column(name) => Some(name.value.clone()),
        IndexPart::Expression(_) => None,
    };
    Part { column, prefix: key.prefix, descending: key.descending }
}

pub(super) fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
