//! Triggers.

use super::Step;
use crate::catalog::links::Link;
use crate::catalog::{Catalog, Key, Table, Trigger};
use crate::change::{Action, CreateTrigger, Expression, InsertSource, ObjectName, Predicate, Statement, TriggerState};
use crate::engine::Engine;

impl Catalog {
    pub(super) fn create_trigger(&mut self, create: &CreateTrigger, table: &ObjectName, step: Step) {
        let key = self.resolve(table);
        let of_view = self.views.contains_key(&key) && !self.tables.contains_key(&key);
        if of_view && self.target.engine != Engine::Postgres {
            return;
        }
        let Some(key) = (if of_view { Some(key) } else { self.met(table, step) }) else { return };
        let mentions: Vec<Key> = create.mentions.iter().map(|name| self.resolve(name)).collect();
        for mentioned in &mentions {
            self.links.add(Link::Mention, mentioned, &key);
        }
        let trigger = Trigger {
            name: create.name.name.value.clone(),
            timing: create.timing,
            events: create.events.clone(),
            constraint: create.constraint,
            function: create.function.as_ref().map(|name| self.resolve_routine(name)),
            condition: create.when.clone(),
            state: TriggerState::Enable,
            row_columns: create.row_columns.clone(),
            mentions,
            words: create.words.clone(),
            writes: self.written_columns(&create.body),
            reads: read_names(create),
            birth: self.now,
        };
        if let (true, Some(view)) = (of_view, self.views.edit(&key)) {
            view.triggers.retain(|known| known.name != trigger.name);
            view.triggers.push(trigger);
            return;
        }
        let Some(table) = self.tables.edit(&key) else { return };
        match table.triggers.find_mut(|known| known.name.eq_ignore_ascii_case(&trigger.name)) {
            Some(known) if create.or_replace => *known = trigger,
            Some(_) => {}
            None => table.triggers.push(trigger),
        }
    }

    /// Columns the statements of a trigger's body write by name.
    fn written_columns(&self, body: &[Statement]) -> Vec<(Key, String)> {
        let mut written = Vec::new();
        for change in body.iter().flat_map(|statement| &statement.changes) {
            let Some(table) = &change.table else { continue };
            let key = self.resolve(table);
            match &change.action {
                Action::Insert(insert) if insert.columns.is_empty() && insert.source != InsertSource::DefaultValues => {
                    written.push((key, "*".to_owned()));
                }
                Action::Insert(insert) => written.extend(insert.columns.iter().map(|column| (key.clone(), column.value.to_lowercase()))),
                Action::Update(update) => {
                    written.extend(update.assignments.iter().map(|(column, _)| (key.clone(), column.value.to_lowercase())));
                }
                _ => {}
            }
        }
        written
    }

    pub(super) fn drop_triggers_calling(&mut self, function: &Key) {
        let owners: Vec<Key> = self
            .tables
            .values()
            .filter(|table| table.triggers.iter().any(|trigger| trigger.function.as_ref() == Some(function)))
            .map(|table| table.key.clone())
            .collect();
        for owner in owners {
            if let Some(table) = self.tables.edit(&owner) {
                table.triggers.retain(|trigger| trigger.function.as_ref() != Some(function));
            }
        }
    }

    pub(super) fn rename_trigger_function(&mut self, from: &Key, to: &Key) {
        let calls = |trigger: &Trigger| trigger.function.as_ref() == Some(from);
        let owners: Vec<Key> =
            self.tables.values().filter(|table| table.triggers.iter().any(calls)).map(|table| table.key.clone()).collect();
        for owner in owners {
            let Some(table) = self.tables.edit(&owner) else { continue };
            for trigger in table.triggers.filter_mut(|trigger| calls(trigger)) {
                trigger.function = Some(to.clone());
            }
        }
    }

    /// MySQL and SQLite name a trigger without its table.
    pub(super) fn drop_trigger(&mut self, name: &ObjectName, table: Option<&ObjectName>) {
        let owner = match table {
            Some(table) => Some(self.resolve(table)),
            None => self.trigger_owner(&name.name.value).map(|table| table.key.clone()),
        };
        let Some(owner) = owner else { return };
        if let Some(table) = self.tables.edit(&owner) {
            table.triggers.retain(|trigger| !name.name.is(&trigger.name));
        } else if let Some(view) = self.views.edit(&owner) {
            view.triggers.retain(|trigger| !name.name.is(&trigger.name));
        }
    }

    /// The table a trigger is on, where trigger names are not per table. Looks through all tables.
    pub fn trigger_owner(&self, trigger: &str) -> Option<&Table> {
        self.tables.values().find(|table| table.trigger(trigger).is_some()).map(AsRef::as_ref)
    }
}

/// Names in the body of a trigger that are looked up as columns. Where a query is in the way, every
/// word of the body may be one.
fn read_names(create: &CreateTrigger) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |expression: &Expression| names.extend(expression.names().map(str::to_lowercase));
    for change in create.body.iter().flat_map(|statement| &statement.changes) {
        let predicate = match &change.action {
            Action::Update(update) if update.reads.is_empty() => {
                update.assignments.iter().for_each(|(_, value)| add(value));
                &update.predicate
            }
            Action::Delete(delete) if delete.reads.is_empty() => &delete.predicate,
            Action::Insert(insert) if matches!(insert.source, InsertSource::Values { .. } | InsertSource::DefaultValues) => continue,
            _ => return create.words.clone(),
        };
        match predicate {
            Predicate::None => {}
            Predicate::Where(expression) => add(expression),
            Predicate::Unread => return create.words.clone(),
        }
    }
    names
}
