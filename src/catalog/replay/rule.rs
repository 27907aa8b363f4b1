//! Rules of tables and views.

use super::Step;
use crate::catalog::{Catalog, RowRule};
use crate::change::{CreateRule, ObjectName};

impl Catalog {
    pub(super) fn create_rule(&mut self, create: &CreateRule, table: &ObjectName, step: Step) {
        let rule = RowRule {
            name: create.name.value.clone(),
            event: create.event.clone(),
            instead: create.instead,
            conditional: create.conditional,
            commands: create.commands.clone().into(),
        };
        let view = self.views.get(&self.resolve(table)).is_some_and(|view| !view.materialized);
        if !view && self.met(table, step).is_none() {
            return;
        }
        self.edit_rules(table, |rules| match rules.iter_mut().find(|known| known.name == rule.name) {
            Some(known) if create.or_replace => *known = rule,
            Some(_) => {}
            None => rules.push(rule),
        });
    }

    pub(super) fn edit_rules(&mut self, table: &ObjectName, edit: impl FnOnce(&mut Vec<RowRule>)) {
        let key = self.resolve(table);
        if let Some(table) = self.tables.edit(&key) {
            edit(&mut table.rules);
        } else if let Some(view) = self.views.edit(&key) {
            edit(&mut view.rules);
        }
    }
}
