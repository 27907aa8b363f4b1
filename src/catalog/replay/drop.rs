//! Dropping tables, views and what goes with them.

use super::Step;
use crate::catalog::{Catalog, Key};
use crate::change::{Action, ObjectName};
use crate::engine::Engine;

impl Catalog {
    pub(super) fn drop_table_named(&mut self, name: &ObjectName, action: &Action, step: Step) {
        let Action::DropTable { if_exists, cascade, .. } = action else { return };
        let key = self.resolve(name);
        if self.tables.contains_key(&key) {
            if self.drop_refused(&key, *cascade) {
                return;
            }
            if let Some(table) = self.shared_table(&key) {
                self.note_drop(&table, step.at);
            }
            if *cascade {
                self.cascade_from(&key);
            }
            self.remove_table(&key);
        } else if !self.views.contains_key(&key) {
            if !if_exists && !self.dropped.contains_key(&key) {
                self.open_world = true;
            }
            // Whether it was there or not: now it is not.
            self.disappears(&key);
        }
    }

    /// PostgreSQL without CASCADE refuses while views read the table, MySQL while foreign keys of
    /// other tables point to it.
    fn drop_refused(&self, key: &Key, cascade: bool) -> bool {
        let outside = || self.referencing_foreign_keys(key).iter().any(|(table, _)| table.key != *key);
        match self.target.engine {
            Engine::Postgres if !cascade => outside() || !self.dependent_views(key).is_empty(),
            Engine::Mysql | Engine::Mariadb => self.session.is_off("foreign_key_checks") != Some(true) && outside(),
            Engine::Postgres | Engine::Sqlite => false,
        }
    }

    /// What DROP … CASCADE takes along from outside the table.
    pub(super) fn cascade_from(&mut self, key: &Key) {
        if self.target.engine != Engine::Postgres {
            return;
        }
        let views: Vec<Key> = self.dependent_views(key).iter().map(|view| view.key.clone()).collect();
        for view in views {
            self.remove_view(&view, true);
        }
        let foreign: Vec<(Key, String)> = self
            .referencing_foreign_keys(key)
            .iter()
            .filter(|(table, _)| table.key != *key)
            .map(|(table, constraint)| (table.key.clone(), constraint.name.clone()))
            .collect();
        for (table, constraint) in foreign {
            if let Some(table) = self.tables.edit(&table) {
                table.constraints.retain(|known| known.name != constraint);
            }
        }
        let inheriting: Vec<Key> =
            self.children(key).iter().filter(|child| child.partition_of.is_none()).map(|child| child.key.clone()).collect();
        for child in inheriting {
            self.remove_table(&child);
        }
    }

    /// The table with its indexes, partitions and owned sequences. Partitions may go in circles where
    /// the server would have refused them.
    pub(in crate::catalog) fn remove_table(&mut self, key: &Key) {
        let mut going = vec![key.clone()];
        while let Some(key) = going.pop() {
            going.extend(self.children(&key).iter().filter(|child| child.partition_of.is_some()).map(|child| child.key.clone()));
            let owned: Vec<Key> = self.owned_sequences(&key).iter().map(|sequence| sequence.key.clone()).collect();
            for sequence in owned {
                self.sequences.remove(&sequence);
                self.disappears(&sequence);
            }
            let Some(table) = self.tables.remove(&key) else { continue };
            for index in &table.indexes {
                self.disown_index(&key, &index.name);
            }
            if let Some((parent, _)) = &table.partition_of {
                self.leave_parent(parent, &key);
            }
            self.disappears(&key);
        }
    }

    pub(super) fn leave_parent(&mut self, parent: &Key, child: &Key) {
        let listed = self.tables.get(parent).is_some_and(|parent| parent.partitioning.is_some());
        if listed && let Some(partitioning) = self.tables.edit(parent).and_then(|parent| parent.partitioning.as_mut()) {
            partitioning.partitions.retain(|partition| partition != child);
            if partitioning.default_partition.as_ref() == Some(child) {
                partitioning.default_partition = None;
            }
        }
    }

    /// A view and, with CASCADE, the views that read it.
    pub(super) fn remove_view(&mut self, key: &Key, cascade: bool) {
        if self.views.remove(key).is_none() {
            return;
        }
        if let Some(table) = self.tables.remove(key) {
            for index in &table.indexes {
                self.disown_index(key, &index.name);
            }
        }
        self.disappears(key);
        if cascade {
            let views: Vec<Key> = self.dependent_views(key).iter().map(|view| view.key.clone()).collect();
            for view in views {
                self.remove_view(&view, true);
            }
        }
    }

    /// DROP SCHEMA CASCADE, DROP DATABASE: everything in it.
    pub(super) fn remove_schema(&mut self, schema: &str) {
        let inside = |key: &Key| key.schema == schema;
        let views: Vec<Key> = self.views.keys().filter(|key| inside(key)).cloned().collect();
        for view in views {
            self.remove_view(&view, true);
        }
        let tables: Vec<Key> = self.tables.keys().filter(|key| inside(key)).cloned().collect();
        for table in tables {
            self.cascade_from(&table);
            self.remove_table(&table);
        }
        let sequences: Vec<Key> = self.sequences.keys().filter(|key| inside(key)).cloned().collect();
        for sequence in sequences {
            self.sequences.remove(&sequence);
            self.disappears(&sequence);
        }
        macro_rules! clear {
            ($shelf:ident) => {
                let keys: Vec<Key> = self.$shelf.keys().filter(|key| inside(key)).cloned().collect();
                for key in keys {
                    self.$shelf.remove(&key);
                }
            };
        }
        clear!(enums);
        clear!(domains);
        clear!(types);
        clear!(routines);
        self.schemas.remove(&schema.to_owned());
    }
}
