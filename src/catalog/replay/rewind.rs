//! Statements taken back: from the schema after them to the schema before them.
//!
//! A schema dump may hold the outcome of the very migration that is to be judged. What the migration
//! made is taken out again; what it took away cannot be told from the dump. Where the history made
//! the table itself, it is asked; where it did not, the table counts as known in part.

use std::collections::BTreeSet;

use super::Step;
use crate::catalog::difference::same_keys;
use crate::catalog::{Catalog, Column, Index, Key, Table, Validity};
use crate::change::{
    Action, Change, ConstraintBody, ConstraintDef, ConstraintKind, CreateIndex, Ident, ObjectKind, ObjectName, Persistence, Statement,
};
use crate::source::Script;

/// What could not be taken back.
#[derive(Debug, Clone, Default)]
pub struct Lost {
    /// Tables that were changed in a way that does not show what was there before, or dropped.
    tables: BTreeSet<Key>,
    /// Indexes dropped by their name alone.
    indexes: BTreeSet<Key>,
    /// Something else is missing.
    others: bool,
}

impl Lost {
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.indexes.is_empty() && !self.others
    }
}

impl Catalog {
    /// Takes a script's statements back out of a schema that holds their outcome.
    pub fn take_back(&mut self, statements: &[Statement], script: &Script, lost: &mut Lost) {
        self.begin_migration(false);
        for change in statements.iter().flat_map(|statement| &statement.changes) {
            if matches!(change.action, Action::SetVariable(_) | Action::UseDatabase { .. }) {
                self.apply_change(change, step(script, change));
            }
        }
        for statement in statements.iter().rev() {
            for change in super::in_order(statement).into_iter().rev() {
                self.take_back_change(change, step(script, change), lost);
                if let (true, Some(table)) = (change.conditional, &change.table) {
                    lost.tables.insert(self.resolve(table));
                }
            }
        }
        self.end_migration();
    }

    /// After the last of them: what was lost comes from a replay of the history before, as far as
    /// that knows it; where it does not, nothing is certain about it.
    pub fn restore_lost(&mut self, mut lost: Lost, history: Option<&Catalog>) {
        self.begin_migration(false);
        let birth = self.now;
        if let Some(history) = history {
            let owner = |index: &Key| history.index_at(index).map(|(table, _)| table.key.clone());
            lost.tables.extend(lost.indexes.iter().filter_map(owner));
            lost.indexes.retain(|index| owner(index).is_none());
        }
        for key in &lost.tables {
            let known = history.and_then(|history| history.table_at(key)).filter(|table| table.complete && !table.uncertain);
            if let Some(known) = known {
                self.put(Table::clone(known), birth);
            } else if let Some(table) = self.tables.edit(key) {
                table.complete = false;
                table.uncertain = true;
            } else {
                self.open_world = true;
            }
        }
        self.open_world |= lost.others || !lost.indexes.is_empty();
        self.end_migration();
        self.forget_dropped();
    }

    /// What is gone was never there: what a dump drops first, what was taken back out of it.
    pub fn forget_dropped(&mut self) {
        let gone: Vec<Key> = self.dropped.keys().cloned().collect();
        for key in gone {
            self.dropped.remove(&key);
        }
    }

    /// A table as another catalog knows it, there for a long time.
    fn put(&mut self, mut table: Table, birth: crate::catalog::Birth) {
        let key = table.key.clone();
        self.remove_table(&key);
        // The two schemas may differ in who descends from whom.
        if table.inherits.iter().chain(table.partition_of.iter().map(|(parent, _)| parent)).any(|parent| self.descends(parent, &key)) {
            table.inherits.clear();
            table.partition_of = None;
            table.uncertain = true;
        }
        table.birth = birth;
        table.columns.iter_mut().for_each(|column| column.birth = birth);
        table.constraints.iter_mut().for_each(|constraint| constraint.birth = birth);
        table.indexes.iter_mut().for_each(|index| index.birth = birth);
        table.triggers.iter_mut().for_each(|trigger| trigger.birth = birth);
        let indexes: Vec<String> = table.indexes.iter().map(|index| index.name.clone()).collect();
        self.tables.insert(key.clone(), table.into());
        for index in indexes {
            self.own_index(&key, &index);
        }
        self.relink(&key);
    }

    fn take_back_change(&mut self, change: &Change, step: Step, lost: &mut Lost) {
        if self.take_back_object(change, step, lost) {
            return;
        }
        let Some(name) = &change.table else {
            match &change.action {
                Action::DropIndex(drop) => {
                    lost.indexes.insert(self.key(&drop.name));
                }
                Action::RenameIndex { from, to, .. } => self.take_back_index_name(None, from, to),
                Action::Opaque { .. } | Action::DynamicSql { .. } => lost.others = true,
                _ => {}
            }
            return;
        };
        let key = self.resolve(name);
        match &change.action {
            Action::CreateTable(_) => {
                self.cascade_from(&key);
                self.remove_table(&key);
                lost.tables.remove(&key);
            }
            Action::DropTable { .. } => {
                lost.tables.insert(key);
            }
            Action::RenameTable { to } => {
                let schema = if to.schema.is_some() { self.key(to).schema } else { self.key(name).schema };
                self.move_back(&Key { schema, name: self.fold(&to.name) }, &self.key(name), lost);
            }
            Action::SetSchema { to } => {
                let old = self.key(name);
                self.move_back(&Key { schema: self.fold(to), name: old.name.clone() }, &old, lost);
            }
            Action::AddColumn { column, .. } => self.drop_column(&key, &column.name, true),
            Action::RenameColumn { from, to, .. } => self.rename_column(&key, &to.value, &from.value, step),
            Action::SetType { column, .. } => {
                self.edit_column(&key, column, |column| column.data_type = None);
                lost.tables.insert(key);
            }
            Action::ModifyColumn { column, definition, .. } => {
                if !definition.name.is(&column.value) {
                    self.rename_column(&key, &definition.name.value, &column.value, step);
                }
                self.edit_column(&key, column, |known| *known = Column { birth: known.birth, ..Column::unknown(known.name.clone()) });
                lost.tables.insert(key);
            }
            Action::SetNotNull { column } => self.edit_column(&key, column, |column| column.not_null = false),
            Action::DropNotNull { column } => self.edit_column(&key, column, |column| column.not_null = true),
            Action::AddIdentity { column, .. } => self.edit_column(&key, column, |column| column.identity = None),
            Action::AddConstraint(def) => self.take_back_constraint(&key, def, lost),
            Action::ValidateConstraint { name } => self.edit_table(&key, |table| {
                for constraint in table.constraints.iter_mut().filter(|constraint| name.is(&constraint.name)) {
                    constraint.validity = Validity::NotValid;
                }
            }),
            Action::RenameConstraint { from, to } => self.rename_constraint(&key, &to.value, &from.value),
            Action::CreateIndex(create) => self.take_back_index(&key, create),
            Action::RenameIndex { from, to, .. } => self.take_back_index_name(Some(name), from, to),
            Action::RowSecurity { enable, force } => self.edit_table(&key, |table| {
                table.row_security ^= enable.is_some_and(|enable| enable == table.row_security);
                table.force_row_security ^= force.is_some_and(|force| force == table.force_row_security);
            }),
            Action::SetLogged { logged } => self.edit_table(&key, |table| {
                table.persistence = if *logged { Persistence::Unlogged } else { Persistence::Permanent };
            }),
            Action::AttachPartition { partition, .. } => {
                let undo = Action::DetachPartition { partition: partition.clone(), concurrently: None, finalize: false };
                self.apply_change(&Change { action: undo, ..change.clone() }, step);
            }
            Action::Inherit { parent } => {
                self.apply_change(&Change { action: Action::NoInherit { parent: parent.clone() }, ..change.clone() }, step);
            }
            Action::DropColumn { .. }
            | Action::SetDefault { .. }
            | Action::DropDefault { .. }
            | Action::SetExpression { .. }
            | Action::DropExpression { .. }
            | Action::DropIdentity { .. }
            | Action::DropConstraint { .. }
            | Action::AlterConstraint { .. }
            | Action::DropIndex(_)
            | Action::DetachPartition { .. }
            | Action::NoInherit { .. }
            | Action::Partition(_)
            | Action::TableOptions(_)
            | Action::ConvertCharset { .. }
            | Action::SystemVersioning { .. }
            | Action::Period { .. }
            | Action::Opaque { .. } => {
                lost.tables.insert(key);
            }
            // Rows, settings and what the catalog does not keep.
            _ => {}
        }
    }

    /// `false` when the action is not about an object beside tables.
    fn take_back_object(&mut self, change: &Change, step: Step, lost: &mut Lost) -> bool {
        match &change.action {
            Action::CreateView(create) if create.or_replace => {}
            Action::CreateView(create) => {
                let key = self.resolve(&create.name);
                self.remove_view(&key, true);
            }
            Action::CreateSequence(create) => {
                let key = self.resolve(&create.name);
                self.sequences.remove(&key);
            }
            Action::CreateEnum(create) => self.forget_type(&create.name),
            Action::CreateDomain(create) => self.forget_type(&create.name),
            Action::CreateType { name, .. } => self.forget_type(name),
            Action::CreateObject { kind: ObjectKind::Type, name, .. } => self.forget_type(name),
            Action::AddEnumValue { name, value, .. } => {
                let key = self.resolve_type(name);
                if let Some(known) = self.enums.edit(&key) {
                    known.labels.retain(|label| label.value != *value);
                }
            }
            Action::RenameEnumValue { name, from, to } => {
                let key = self.resolve_type(name);
                if let Some(known) = self.enums.edit(&key) {
                    known.labels.iter_mut().filter(|label| label.value == *to).for_each(|label| label.value.clone_from(from));
                }
            }
            Action::CreateRoutine(create) if create.or_replace => {}
            Action::CreateRoutine(create) => {
                let key = self.resolve_routine(&create.name);
                self.routines.remove(&key);
            }
            Action::CreateTrigger(create) => self.drop_trigger(&create.name, change.table.as_ref()),
            Action::CreatePolicy(create) => self.take_back_part(change, step, ObjectKind::Policy, &create.name),
            Action::CreateRule(create) => self.take_back_part(change, step, ObjectKind::Rule, &create.name),
            Action::CreateSchema { name: Some(name), .. } => {
                let key = self.fold(name);
                self.schemas.remove(&key);
            }
            Action::CreateExtension { name, .. } => {
                self.extensions.remove(&name.value);
            }
            Action::RenameObject { kind, name, to, .. } => {
                let back = ObjectName { schema: to.schema.clone().or_else(|| name.schema.clone()), name: to.name.clone() };
                let undo = Action::RenameObject { kind: *kind, name: back, to: name.clone(), if_exists: true };
                self.apply_change(&Change { action: undo, ..change.clone() }, step);
            }
            Action::AlterDomain { .. } | Action::DropObject { .. } => lost.others = true,
            _ => return false,
        }
        true
    }

    fn take_back_part(&mut self, change: &Change, step: Step, kind: ObjectKind, name: &Ident) {
        let undo =
            Action::DropObject { kind, name: ObjectName::bare(name.clone()), arguments: None, types: None, if_exists: true, cascade: true };
        self.apply_change(&Change { action: undo, ..change.clone() }, step);
    }

    /// The columns that have it go by statements of their own.
    fn forget_type(&mut self, name: &ObjectName) {
        let key = self.resolve_type(name);
        self.enums.remove(&key);
        self.domains.remove(&key);
        self.types.remove(&key);
    }

    fn take_back_constraint(&mut self, key: &Key, def: &ConstraintDef, lost: &mut Lost) {
        let columns: Vec<&str> = match &def.body {
            ConstraintBody::Unique(it) => it.columns.iter().filter_map(|key| Some(key.column_name()?.value.as_str())).collect(),
            ConstraintBody::ForeignKey(it) => it.columns.iter().map(|column| column.value.as_str()).collect(),
            ConstraintBody::NotNull { column } => vec![column.value.as_str()],
            ConstraintBody::PrimaryKey(_) | ConstraintBody::Check(_) | ConstraintBody::Exclusion(_) => Vec::new(),
        };
        let kind = def.body.kind();
        let Some(table) = self.tables.get(key) else { return };
        let is_it = |known: &&crate::catalog::Constraint| match &def.name {
            Some(name) => name.is(&known.name) || (kind == ConstraintKind::PrimaryKey && known.kind == kind),
            None if known.kind != kind => false,
            None if columns.is_empty() => kind == ConstraintKind::PrimaryKey,
            None => known.columns.iter().map(String::as_str).eq(columns.iter().copied()),
        };
        match table.constraints.iter().rev().find(is_it).map(|known| known.name.clone()) {
            Some(name) => self.remove_constraint(key, &name, true),
            None => {
                lost.tables.insert(key.clone());
            }
        }
    }

    fn take_back_index(&mut self, key: &Key, create: &CreateIndex) {
        let Some(table) = self.tables.get(key) else { return };
        let is_it = |known: &&Index| match &create.name {
            Some(name) => name.name.is(&known.name),
            None => same_keys(&known.keys, &create.keys) && known.unique == create.unique,
        };
        if let Some(name) = table.indexes.iter().rev().find(is_it).map(|known| known.name.clone()) {
            self.remove_index(key, &name, true);
        }
    }

    fn take_back_index_name(&mut self, table: Option<&ObjectName>, from: &ObjectName, to: &Ident) {
        let now = ObjectName { schema: from.schema.clone(), name: to.clone() };
        self.rename_index(table, &now, &from.name);
    }

    fn move_back(&mut self, now: &Key, old: &Key, lost: &mut Lost) {
        self.move_relation(now, old);
        if lost.tables.remove(now) {
            lost.tables.insert(old.clone());
        }
    }

    fn edit_table(&mut self, key: &Key, edit: impl FnOnce(&mut Table)) {
        if let Some(table) = self.tables.edit(key) {
            edit(table);
        }
    }

    fn edit_column(&mut self, key: &Key, name: &Ident, edit: impl FnOnce(&mut Column)) {
        self.edit_table(key, |table| {
            if let Some(column) = table.columns.iter_mut().find(|column| name.is(&column.name)) {
                edit(column);
            }
        });
    }
}

fn step(script: &Script, change: &Change) -> Step {
    Step { at: script.locate(change.span), conditional: false, if_exists: true, only: false }
}
