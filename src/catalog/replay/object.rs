//! Views, types, domains, sequences, routines, policies, schemas, extensions.

use std::sync::Arc;

use super::Step;
use super::publication::rename_in;
use super::rows::filled_by;
use crate::catalog::links::Link;
use crate::catalog::{Catalog, Column, EnumLabel, EnumType, Key, Rows, Sequence, Table, TableKind, UserType, View};
use crate::change::{Action, Change, CreateView, ObjectKind, ObjectName, Statement};
use crate::engine::Engine;

impl Catalog {
    /// `false` when the action is not about such an object.
    pub(super) fn apply_object(&mut self, change: &Change, step: Step) -> bool {
        match &change.action {
            Action::CreateView(create) => self.create_view(create, step),
            Action::RefreshView { with_no_data, .. } => {
                if let Some(name) = &change.table {
                    let key = self.resolve(name);
                    if let Some(view) = self.views.edit(&key) {
                        view.populated = !with_no_data;
                    }
                }
            }
            Action::CreateEnum(create) => {
                let key = self.key(&create.name);
                if !self.enums.contains_key(&key) {
                    let labels = create.labels.iter().map(|value| EnumLabel { value: value.clone(), birth: self.now }).collect();
                    self.enums.insert(key.clone(), Arc::new(EnumType { key, labels, birth: self.now }));
                }
            }
            Action::AddEnumValue { name, value, place, .. } => self.add_enum_value(name, value, place.as_ref()),
            Action::RenameEnumValue { name, from, to } => {
                let key = self.resolve_type(name);
                if let Some(label) = self.enums.edit(&key).and_then(|known| known.labels.iter_mut().find(|label| label.value == *from)) {
                    label.value.clone_from(to);
                }
            }
            Action::CreateType { name, attributes } => self.create_type(name, attributes.as_deref()),
            Action::AlterTypeAttribute { name, attribute, what, data_type, to, .. } => {
                self.alter_attribute(name, attribute, what, data_type.as_ref(), to.as_ref());
            }
            Action::CreateDomain(create) => self.create_domain(create),
            Action::AlterDomain { name, change } => self.alter_domain(name, change),
            Action::CreateSequence(create) => {
                let key = self.key(&create.name);
                if !self.sequences.contains_key(&key) {
                    let owned_by = create.owned_by.as_ref().map(|(table, column)| (self.resolve(table), column.value.clone()));
                    self.put_sequence(Sequence { key, owned_by, birth: self.now });
                }
            }
            Action::AlterSequence { name, owned_by: Some((table, column)), .. } => {
                let key = self.resolve(name);
                let owner = self.resolve(table);
                let birth = self.sequences.get(&key).map_or_else(Default::default, |known| known.birth);
                self.put_sequence(Sequence { key, owned_by: Some((owner, column.value.clone())), birth });
            }
            Action::CreateRoutine(_) => {}
            Action::CreateTrigger(create) => {
                if let Some(table) = &change.table {
                    self.create_trigger(create, table, step);
                }
            }
            Action::CreateRule(create) => {
                if let Some(table) = &change.table {
                    self.create_rule(create, table, step);
                }
            }
            Action::CreatePolicy(create) => self.edit_named(change, step, |table| {
                table.policies.push(create.name.value.clone());
                let conditions = create.using.iter().chain(&create.with_check);
                table.policy_conditions.extend(conditions.map(|condition| (create.name.value.clone(), condition.clone())));
            }),
            Action::CreateSchema { name: Some(name), .. } => {
                let key = self.fold(name);
                let now = self.now;
                if !self.schemas.contains_key(&key) {
                    self.schemas.insert(key, now);
                }
            }
            Action::CreateExtension { name, .. } => {
                let now = self.now;
                if !self.extensions.contains_key(&name.value) {
                    self.extensions.insert(name.value.clone(), now);
                }
            }
            Action::CreateObject { kind, name, .. } => {
                let now = self.now;
                match kind {
                    ObjectKind::Database | ObjectKind::Schema if self.target.engine.is_mysql_family() => {
                        self.schemas.insert(self.fold(&name.name), now);
                    }
                    ObjectKind::Type => {
                        self.types.insert(self.key(name), Arc::new(UserType { attributes: None, birth: now }));
                    }
                    ObjectKind::Publication => self.publish(change),
                    ObjectKind::Collation => {
                        self.collations.insert(name.name.value.clone(), now);
                    }
                    ObjectKind::Statistics => {
                        let key = self.key(name);
                        self.edit_named(change, step, |table| table.extended_statistics.push(key));
                    }
                    _ => {}
                }
            }
            Action::AlterObject { kind: ObjectKind::Publication, .. } => self.publish(change),
            // Whether it went is not known; it is taken to be there.
            Action::DropObject { kind: ObjectKind::View | ObjectKind::MaterializedView, name, .. } if step.conditional => {
                // Whether it is still there nobody knows; most of what follows makes it anew.
                let key = self.resolve(name);
                self.remove_view(&key, false);
                self.dropped.remove(&key);
                self.open_world = true;
            }
            Action::DropObject { .. } if step.conditional => {}
            Action::DropObject {
                kind: ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Aggregate,
                name,
                arguments,
                types,
                cascade,
                ..
            } => {
                self.drop_routine(name, *arguments, types.as_deref(), *cascade);
            }
            Action::DropObject { kind, name, cascade, .. } => self.drop_object(*kind, name, change.table.as_ref(), *cascade),
            Action::RenameObject { kind, name, to, .. } => self.rename_object(*kind, name, to, change.table.as_ref(), step),
            Action::SetObjectSchema { kind, name, to } => {
                let to = ObjectName { schema: Some(to.clone()), name: name.name.clone() };
                self.rename_object(*kind, name, &to, None, step);
            }
            Action::Opaque { .. } => self.open_world = true,
            // What it may have changed is noted where its text is at hand.
            Action::DynamicSql { .. } => {}
            Action::CallRoutine { .. }
            | Action::CreateSchema { name: None, .. }
            | Action::AlterSequence { owned_by: None, .. }
            | Action::AlterPolicy { .. }
            | Action::AlterObject { .. }
            | Action::Comment { .. }
            | Action::Privileges { .. }
            | Action::Block { .. }
            | Action::Explain { .. }
            | Action::Nothing => {}
            _ => return false,
        }
        true
    }

    fn edit_named(&mut self, change: &Change, step: Step, edit: impl FnOnce(&mut Table)) {
        let Some(name) = &change.table else { return };
        if let Some(key) = self.met(name, step)
            && let Some(table) = self.tables.edit(&key)
        {
            edit(table);
        }
    }

    fn create_view(&mut self, create: &CreateView, step: Step) {
        let mut key = self.key(&create.name);
        if create.temporary {
            match self.target.engine {
                Engine::Postgres => key.schema = "pg_temp".to_owned(),
                Engine::Sqlite => key.schema = "temp".to_owned(),
                Engine::Mysql | Engine::Mariadb => {}
            }
        }
        let birth = match self.views.get(&key) {
            Some(_) if !create.or_replace => return,
            Some(known) => known.birth,
            None if self.tables.contains_key(&key) => return,
            None => self.now,
        };
        let reads: Vec<Key> = create.reads.iter().map(|name| self.resolve(name)).collect();
        let written: Vec<String> = create.columns.iter().map(|name| name.value.clone()).collect();
        let columns = if written.is_empty() { create.output.clone() } else { written };
        for read in &reads {
            self.links.add(Link::Read, read, &key);
        }
        if create.materialized {
            let mut table = Table::named(key.clone(), birth);
            table.kind = TableKind::MaterializedView;
            table.complete = !columns.is_empty();
            table.columns = columns.iter().map(|name| Column { birth, ..Column::unknown(name.clone()) }).collect();
            table.rows = if create.with_no_data { Rows::None } else { filled_by(self, &create.reads) };
            table.origin = Some(step.at);
            self.tables.insert(key.clone(), Arc::new(table));
        }
        self.appears(&key);
        let star = self.star_columns(&reads);
        let (rules, triggers) = self.views.get(&key).map(|known| (known.rules.clone(), known.triggers.clone())).unwrap_or_default();
        let view = View {
            key: key.clone(),
            materialized: create.materialized,
            columns,
            reads,
            mentions: create.mentions.clone(),
            star,
            query: create.query.written.clone(),
            populated: !create.with_no_data,
            rules,
            triggers,
            birth,
            origin: Some(step.at),
        };
        self.views.insert(key, Arc::new(view));
    }

    /// What a star in a query over these relations stands for, where the server fixes that when the
    /// view is made; SQLite looks anew each time.
    fn star_columns(&self, reads: &[Key]) -> Option<Vec<String>> {
        if self.target.engine == Engine::Sqlite {
            return None;
        }
        let mut names = Vec::new();
        for read in reads {
            if let Some(table) = self.table_at(read) {
                if !table.complete || table.uncertain {
                    return None;
                }
                names.extend(table.columns.iter().map(|column| column.name.to_lowercase()));
            } else {
                let view = self.views.get(read).filter(|view| !view.columns.is_empty())?;
                names.extend(view.columns.iter().map(|name| name.to_lowercase()));
            }
        }
        Some(names)
    }

    fn put_sequence(&mut self, sequence: Sequence) {
        let key = sequence.key.clone();
        if let Some((table, _)) = &sequence.owned_by {
            self.links.add(Link::Owned, table, &key);
        }
        self.appears(&key);
        self.sequences.insert(key, Arc::new(sequence));
    }

    /// Views of one DROP may read each other: what one pass leaves because another still reads it,
    /// the next takes.
    pub(super) fn drop_views_together(&mut self, statement: &Statement) {
        let view =
            |change: &&Change| matches!(change.action, Action::DropObject { kind: ObjectKind::View | ObjectKind::MaterializedView, .. });
        if statement.changes.len() < 2 || self.target.engine != Engine::Postgres || !statement.changes.iter().all(|change| view(&change)) {
            return;
        }
        let names = |catalog: &Catalog| -> Vec<Key> {
            let keys = statement.changes.iter().filter_map(|change| match &change.action {
                Action::DropObject { name, .. } => Some(catalog.resolve(name)),
                _ => None,
            });
            keys.filter(|key| catalog.views.contains_key(key)).collect()
        };
        let mut left = names(self);
        // Nothing outside the list may read one of them, or the whole statement is refused.
        let others = left.iter().any(|key| self.dependent_views(key).iter().any(|view| !left.contains(&view.key)));
        if !others {
            left.drain(..).for_each(|key| self.remove_view(&key, false));
        }
    }

    fn drop_object(&mut self, kind: ObjectKind, name: &ObjectName, table: Option<&ObjectName>, cascade: bool) {
        match kind {
            ObjectKind::View | ObjectKind::MaterializedView => {
                let key = self.resolve(name);
                let held = self.target.engine == Engine::Postgres && !cascade && !self.dependent_views(&key).is_empty();
                if !held {
                    self.remove_view(&key, cascade && self.target.engine == Engine::Postgres);
                }
            }
            ObjectKind::Sequence => {
                let key = self.resolve(name);
                if self.sequences.remove(&key).is_some() {
                    self.disappears(&key);
                }
            }
            ObjectKind::Type | ObjectKind::Domain => self.drop_type(name, cascade),
            ObjectKind::Trigger => self.drop_trigger(name, table),
            ObjectKind::Rule => {
                if let Some(table) = table {
                    self.edit_rules(table, |rules| rules.retain(|known| !name.name.is(&known.name)));
                }
            }
            ObjectKind::Policy => {
                let Some(table) = table else { return };
                let key = self.resolve(table);
                if let Some(table) = self.tables.edit(&key) {
                    table.policies.retain(|known| !name.name.is(known));
                    table.policy_conditions.retain(|(known, _)| !name.name.is(known));
                }
            }
            ObjectKind::Schema => self.remove_schema(&self.fold(&name.name)),
            ObjectKind::Database if self.target.engine.is_mysql_family() => self.remove_schema(&self.fold(&name.name)),
            ObjectKind::Extension => {
                self.extensions.remove(&name.name.value);
            }
            ObjectKind::Publication => self.unpublish(&name.name.value),
            ObjectKind::Collation => {
                self.collations.remove(&name.name.value);
            }
            ObjectKind::Statistics => self.drop_statistics(name),
            _ => {}
        }
    }

    fn rename_object(&mut self, kind: ObjectKind, name: &ObjectName, to: &ObjectName, table: Option<&ObjectName>, step: Step) {
        match kind {
            ObjectKind::Table | ObjectKind::View | ObjectKind::MaterializedView | ObjectKind::Sequence | ObjectKind::ForeignTable => {
                self.rename_table(name, to);
            }
            ObjectKind::Index => self.rename_index(table, name, &to.name),
            ObjectKind::Type | ObjectKind::Domain => {
                let old = self.resolve_type(name);
                let new = self.renamed(&old, to);
                self.rename_type(&old, &new);
            }
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Aggregate => {
                let old = self.resolve_routine(name);
                let new = self.renamed(&old, to);
                if let Some(mut routine) = self.routines.remove(&old) {
                    Arc::make_mut(&mut routine).key = new.clone();
                    self.routines.insert(new.clone(), routine);
                }
                self.rename_trigger_function(&old, &new);
            }
            ObjectKind::Trigger => {
                let Some(table) = table else { return };
                let key = self.resolve(table);
                if let Some(table) = self.tables.edit(&key) {
                    for trigger in table.triggers.filter_mut(|trigger| name.name.is(&trigger.name)) {
                        trigger.name.clone_from(&to.name.value);
                    }
                }
            }
            ObjectKind::Rule => {
                if let Some(table) = table {
                    self.edit_rules(table, |rules| {
                        for known in rules.iter_mut().filter(|known| name.name.is(&known.name)) {
                            known.name.clone_from(&to.name.value);
                        }
                    });
                }
            }
            ObjectKind::Policy => {
                let Some(table) = table else { return };
                let key = self.resolve(table);
                if let Some(table) = self.tables.edit(&key) {
                    for known in table.policies.iter_mut().filter(|known| name.name.is(known)) {
                        known.clone_from(&to.name.value);
                    }
                    for (known, _) in table.policy_conditions.iter_mut().filter(|(known, _)| name.name.is(known)) {
                        known.clone_from(&to.name.value);
                    }
                }
            }
            ObjectKind::Constraint => {
                if let Some(key) = table.and_then(|table| self.met(table, step)) {
                    self.rename_constraint(&key, &name.name.value, &to.name.value);
                }
            }
            ObjectKind::Schema => self.rename_schema(&self.fold(&name.name), &self.fold(&to.name)),
            ObjectKind::Publication => rename_in(&mut self.publications, &name.name.value, &to.name.value),
            ObjectKind::Collation => rename_in(&mut self.collations, &name.name.value, &to.name.value),
            _ => {}
        }
    }

    fn renamed(&self, old: &Key, to: &ObjectName) -> Key {
        let schema = if to.schema.is_some() { self.key(to).schema } else { old.schema.clone() };
        Key { schema, name: self.fold(&to.name) }
    }

    fn rename_type(&mut self, old: &Key, new: &Key) {
        let users: Vec<Key> = self.columns_of_type(old).iter().map(|(table, _)| table.key.clone()).collect();
        for key in users {
            let Some(table) = self.tables.edit(&key) else { continue };
            for data_type in table.columns.iter_mut().filter_map(|column| column.data_type.as_mut()) {
                if data_type.name == old.name {
                    data_type.name.clone_from(&new.name);
                    if let Some(schema) = &mut data_type.schema {
                        schema.value.clone_from(&new.schema);
                    }
                }
            }
        }
        if let Some(mut known) = self.enums.remove(old) {
            Arc::make_mut(&mut known).key = new.clone();
            self.enums.insert(new.clone(), known);
        }
        if let Some(mut known) = self.domains.remove(old) {
            Arc::make_mut(&mut known).key = new.clone();
            self.domains.insert(new.clone(), known);
        }
        if let Some(birth) = self.types.remove(old) {
            self.types.insert(new.clone(), birth);
        }
    }

    fn rename_schema(&mut self, old: &str, new: &str) {
        let relations: Vec<Key> = self.tables.keys().chain(self.views.keys()).chain(self.sequences.keys()).cloned().collect();
        for key in relations.into_iter().filter(|key| key.schema == old) {
            let moved = Key { schema: new.to_owned(), name: key.name.clone() };
            self.move_relation(&key, &moved);
        }
        let types: Vec<Key> = self.enums.keys().chain(self.domains.keys()).chain(self.types.keys()).cloned().collect();
        for key in types.into_iter().filter(|key| key.schema == old) {
            let moved = Key { schema: new.to_owned(), name: key.name.clone() };
            self.rename_type(&key, &moved);
        }
        let routines: Vec<Key> = self.routines.keys().filter(|key| key.schema == old).cloned().collect();
        for key in routines {
            let moved = Key { schema: new.to_owned(), name: key.name.clone() };
            self.rename_trigger_function(&key, &moved);
            if let Some(mut known) = self.routines.remove(&key) {
                Arc::make_mut(&mut known).key = moved.clone();
                self.routines.insert(moved, known);
            }
        }
        if let Some(birth) = self.schemas.remove(&old.to_owned()) {
            self.schemas.insert(new.to_owned(), birth);
        }
    }
}
