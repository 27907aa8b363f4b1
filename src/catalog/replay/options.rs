//! ALTER TABLE, action by action, and what a table is as a whole.

use super::Step;
use super::copy::fits;
use super::types::is_text;
use crate::catalog::{Catalog, Key, Table, Validity};
use crate::change::{Action, ConstraintBody, ConstraintDef, ConstraintKind, Ident, Persistence, TableOption, TriggerScope};
use crate::engine::Engine;

impl Catalog {
    /// Actions on a table that is in the catalog.
    pub(super) fn alter_table(&mut self, key: &Key, action: &Action, step: Step) {
        match action {
            Action::CreateIndex(create) => self.create_index(key, create, step),
            Action::AddConstraint(def) => self.alter_add_constraint(key, def, step),
            Action::DropConstraint { name, kind, cascade, .. } => self.alter_drop_constraint(key, name.as_ref(), *kind, *cascade),
            Action::RenameConstraint { from, to } => self.rename_constraint(key, &from.value, &to.value),
            Action::ValidateConstraint { name } => {
                self.change_constraint(key, &name.value, |constraint| constraint.validity = Validity::Valid);
                self.proven_not_null(key, &name.value);
            }
            Action::AlterConstraint { name, enforced, deferral, inherit } => {
                let (enforced, deferral, inherit) = (*enforced, *deferral, *inherit);
                self.change_constraint(key, &name.value, move |constraint| {
                    if let Some(enforced) = enforced {
                        constraint.enforced = enforced;
                        constraint.validity = if enforced { Validity::Valid } else { Validity::NotValid };
                    }
                    constraint.deferral = deferral.unwrap_or(constraint.deferral);
                    constraint.no_inherit = inherit.map_or(constraint.no_inherit, |inherit| !inherit);
                });
            }
            Action::AddColumn { column, place, if_not_exists } => {
                let empty = !if_not_exists && self.proves_empty(key, column, step);
                self.add_column(key, column, place.as_ref(), step);
                if empty {
                    self.empty_family(key);
                }
                if self.target.engine == Engine::Postgres && !step.only {
                    self.hand_column_down(key, &column.name, step);
                }
            }
            Action::DropColumn { column, cascade, .. } => {
                for reached in self.reached(key, step) {
                    self.drop_column(&reached, column, *cascade);
                }
            }
            Action::RenameColumn { from, to, .. } => {
                for reached in self.reached(key, step) {
                    self.rename_column(&reached, &from.value, &to.value, step);
                }
            }
            Action::SetType { column, data_type, .. } => {
                for reached in self.reached(key, step) {
                    self.set_type(&reached, column, data_type);
                }
            }
            Action::ModifyColumn { column, definition, place, .. } => self.modify_column(key, column, definition, place.as_ref(), step),
            action => {
                if self.alter_inheritance(key, action, step) || self.alter_properties(key, action) {
                    return;
                }
                for reached in self.reached(key, step) {
                    self.alter_column(&reached, action);
                }
            }
        }
    }

    /// Children get a parent's new column as the parent has it, constraints under the same names.
    fn hand_column_down(&mut self, parent: &Key, column: &Ident, step: Step) {
        let Some(above) = self.shared_table(parent) else { return };
        let Some(column_above) = above.column(&column.value) else { return };
        let indexed = above.indexes_on(&column.value).any(|index| index.constraint.is_some() && index.birth == self.now);
        let children: Vec<Key> = self.children(parent).iter().map(|child| child.key.clone()).collect();
        for child in children {
            let Some(shared) = self.shared_table(&child) else { continue };
            let mut table = Table::clone(&shared);
            if table.column(&column.value).is_none() {
                table.columns.push(column_above.clone());
            }
            self.copy_checks(parent, &mut table);
            if table.partition_of.is_some() {
                self.copy_foreign_keys(parent, &mut table);
                if indexed {
                    self.copy_new_index(parent, &mut table, step);
                }
            }
            if let Some(slot) = self.tables.edit(&child) {
                *slot = table;
            }
            self.hand_column_down(&child, column, step);
        }
    }

    fn alter_add_constraint(&mut self, key: &Key, def: &ConstraintDef, step: Step) {
        let mut constraint = None;
        let mut indexed = false;
        self.rework(key, |catalog, table| {
            let before = (table.constraints.len(), table.indexes.len());
            catalog.add_constraint(table, def, step);
            constraint = table.constraints.get(before.0).map(|made| made.name.clone());
            indexed = table.indexes.len() > before.1;
        });
        if self.target.engine != Engine::Postgres || step.only {
            return;
        }
        let children: Vec<Key> = self.children(key).iter().map(|child| child.key.clone()).collect();
        for child in children {
            self.constrain_child(key, &child, def, constraint.as_deref(), indexed, step);
        }
    }

    /// A new constraint of a parent holds for its children: CHECKs for all, keys and foreign keys
    /// for partitions.
    fn constrain_child(&mut self, parent: &Key, child: &Key, def: &ConstraintDef, name: Option<&str>, indexed: bool, step: Step) {
        let Some(shared) = self.shared_table(child) else { return };
        let mut table = Table::clone(&shared);
        match &def.body {
            ConstraintBody::Check(_) | ConstraintBody::NotNull { .. } if !def.no_inherit => {
                let named = def.name.clone().or_else(|| name.map(|name| Ident::new(name, def.span)));
                self.add_constraint(&mut table, &ConstraintDef { name: named, ..def.clone() }, step);
            }
            ConstraintBody::ForeignKey(_) if table.partition_of.is_some() => self.copy_foreign_keys(parent, &mut table),
            ConstraintBody::PrimaryKey(_) | ConstraintBody::Unique(_) | ConstraintBody::Exclusion(_)
                if indexed && table.partition_of.is_some() =>
            {
                self.copy_new_index(parent, &mut table, step);
            }
            _ => return,
        }
        if let Some(slot) = self.tables.edit(child) {
            *slot = table;
        }
        let grandchildren: Vec<Key> = self.children(child).iter().map(|table| table.key.clone()).collect();
        for grandchild in grandchildren {
            self.constrain_child(child, &grandchild, def, name, indexed, step);
        }
    }

    /// The parent's newest index alone.
    fn copy_new_index(&mut self, parent: &Key, table: &mut Table, step: Step) {
        let Some(shared) = self.shared_table(parent) else { return };
        let Some(newest) = shared.indexes.last() else { return };
        let taken = table.indexes.iter().any(|own| own.attached_to.is_some() && fits(own, newest));
        if !taken {
            let lone = Table { indexes: [newest.clone()].into_iter().collect(), ..Table::clone(&shared) };
            self.copy_indexes_from(&lone, table, true, step);
        }
    }

    fn alter_drop_constraint(&mut self, key: &Key, name: Option<&Ident>, kind: Option<ConstraintKind>, cascade: bool) {
        let Some(table) = self.tables.get(key) else { return };
        let found = table.constraints.iter().find(|constraint| {
            let kind_fits = kind.is_none_or(|kind| constraint.kind == kind);
            kind_fits
                && name.is_none_or(|name| name.is(&constraint.name))
                && (name.is_some() || constraint.kind == ConstraintKind::PrimaryKey)
        });
        let Some(found) = found.map(|constraint| constraint.name.clone()) else { return };
        let before = table.columns.clone();
        self.remove_constraint(key, &found, cascade);
        // Dropping a primary key leaves its columns NOT NULL everywhere but in SQLite.
        if self.target.engine == Engine::Sqlite
            && let Some(table) = self.tables.edit(key)
        {
            table.columns = before;
        }
    }

    /// PostgreSQL 18: a NOT NULL that was NOT VALID holds for the column once it is validated.
    fn proven_not_null(&mut self, key: &Key, name: &str) {
        let constraint = self.tables.get(key).and_then(|table| table.constraint(name));
        let columns = constraint.filter(|one| one.kind == ConstraintKind::NotNull).map(|one| one.columns.clone()).unwrap_or_default();
        if columns.is_empty() {
            return;
        }
        for column in self.tables.edit(key).into_iter().flat_map(|table| &mut table.columns) {
            column.not_null |= columns.iter().any(|name| name.eq_ignore_ascii_case(&column.name));
        }
    }

    fn change_constraint(&mut self, key: &Key, name: &str, change: impl Fn(&mut crate::catalog::Constraint) + Copy) {
        let held = self.tables.get(key).is_some_and(|table| table.constraint(name).is_some());
        if held && let Some(table) = self.tables.edit(key) {
            for constraint in table.constraints.filter_mut(|constraint| constraint.name.eq_ignore_ascii_case(name)) {
                change(constraint);
            }
        }
        if self.target.engine == Engine::Postgres {
            let children: Vec<Key> = self.children(key).iter().map(|child| child.key.clone()).collect();
            for child in children {
                self.change_constraint(&child, name, change);
            }
        }
    }

    /// `false` when the action is about a column.
    fn alter_properties(&mut self, key: &Key, action: &Action) -> bool {
        let mysql = self.target.engine.is_mysql_family();
        let Some(table) = self.tables.edit(key) else { return true };
        match action {
            Action::SetIndexVisibility { index, visible } => {
                for known in table.indexes.filter_mut(|known| index.is(&known.name)) {
                    known.visible = *visible;
                }
            }
            Action::ReplicaIdentity { value } => table.replica_identity = Some(value.clone()),
            Action::RowSecurity { enable, force } => {
                table.row_security = enable.unwrap_or(table.row_security);
                table.force_row_security = force.unwrap_or(table.force_row_security);
            }
            Action::SetTriggerState { trigger, state } => {
                for known in &mut table.triggers {
                    let meant = match trigger {
                        TriggerScope::Named(name) => name.is(&known.name),
                        TriggerScope::All | TriggerScope::User => true,
                    };
                    if meant {
                        known.state = *state;
                    }
                }
            }
            Action::SetLogged { logged } => table.persistence = if *logged { Persistence::Permanent } else { Persistence::Unlogged },
            Action::SetTablespace { tablespace } => table.tablespace = Some(tablespace.value.clone()),
            Action::SetAccessMethod { method } => table.access_method = method.as_ref().map(|method| method.value.clone()),
            Action::SetStorageParameters { options, reset } => {
                if *reset {
                    table.options.retain(|known| !options.iter().any(|option| option.name == known.name));
                } else {
                    table.set_options(options);
                }
            }
            Action::TableOptions(options) => table.set_options(options),
            Action::ConvertCharset { charset, collation } => {
                table.charset = Some(charset.to_ascii_lowercase());
                table.collation = collation.as_ref().map(|name| name.to_ascii_lowercase());
                for column in &mut table.columns {
                    if mysql && column.data_type.as_ref().is_some_and(is_text) {
                        column.charset = table.charset.clone();
                        column.collation = table.collation.clone();
                        if let Some(data_type) = &mut column.data_type {
                            data_type.charset = None;
                            data_type.collation = None;
                        }
                    }
                }
            }
            Action::SystemVersioning { add } => table.system_versioning = *add,
            Action::ClusterOn { index } => table.clustered_on = index.as_ref().map(|index| index.value.clone()),
            Action::SetRuleState { .. }
            | Action::Owner { .. }
            | Action::ForceRebuild
            | Action::OrderBy
            | Action::Period { .. }
            | Action::Keys { .. }
            | Action::TablespaceFile { .. }
            | Action::AlterIndex { .. } => {}
            _ => return false,
        }
        true
    }
}

impl Table {
    /// Later options replace earlier ones of the same name.
    pub(super) fn set_options(&mut self, options: &[TableOption]) {
        for option in options {
            match option.name.as_str() {
                "default charset" | "charset" | "character set" | "default character set" => {
                    self.charset = Some(option.value.to_ascii_lowercase());
                    self.collation = None;
                }
                "collate" | "default collate" => {
                    let collation = option.value.to_ascii_lowercase();
                    if self.charset.is_none() {
                        self.charset = collation.split('_').next().map(str::to_owned);
                    }
                    self.collation = Some(collation);
                }
                _ => {}
            }
            match self.options.iter_mut().find(|known| known.name == option.name) {
                Some(known) => *known = option.clone(),
                None => self.options.push(option.clone()),
            }
        }
    }
}
