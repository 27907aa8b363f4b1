//! Partitions and inheritance, after creation.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Step;
use crate::catalog::links::Link;
use crate::catalog::{Catalog, Key, Partitioning, Rows, Table, TableKind};
use crate::change::{Action, ObjectName, PartitionAction, PartitionBound};

impl Catalog {
    /// `false` when the action is none of these.
    pub(super) fn alter_inheritance(&mut self, key: &Key, action: &Action, step: Step) -> bool {
        match action {
            Action::AttachPartition { partition, bound } => self.attach_partition(key, partition, bound, step),
            Action::DetachPartition { partition, .. } => self.detach_partition(key, partition),
            Action::Partition(action) => self.alter_partitions(key, action),
            Action::Inherit { parent } => {
                let parent = self.resolve(parent);
                // What PostgreSQL refuses (42P07, circular inheritance) would never end here.
                if self.descends(&parent, key) {
                    return true;
                }
                self.links.add(Link::Child, &parent, key);
                if let Some(table) = self.tables.edit(key) {
                    table.inherits.push(parent);
                }
            }
            Action::NoInherit { parent } => {
                let parent = self.resolve(parent);
                if let Some(table) = self.tables.edit(key) {
                    table.inherits.retain(|known| *known != parent);
                }
            }
            Action::OfType { .. } => {}
            _ => return false,
        }
        true
    }

    fn attach_partition(&mut self, parent: &Key, partition: &ObjectName, bound: &PartitionBound, step: Step) {
        let Some(child) = self.met(partition, step) else { return };
        if self.descends(parent, &child) {
            return;
        }
        self.links.add(Link::Child, parent, &child);
        self.enter_partition(parent, &child, bound);
        self.rework(&child, |catalog, table| {
            table.partition_of = Some((parent.clone(), bound.clone()));
            catalog.copy_foreign_keys(parent, table);
            catalog.copy_indexes(parent, table, true, step);
        });
    }

    fn detach_partition(&mut self, parent: &Key, partition: &ObjectName) {
        let child = self.resolve(partition);
        self.leave_parent(parent, &child);
        if let Some(table) = self.tables.edit(&child) {
            table.partition_of = None;
            for index in &mut table.indexes {
                index.attached_to = None;
            }
        }
    }

    /// Whether a table is another one or descends from it.
    pub(super) fn descends(&self, table: &Key, from: &Key) -> bool {
        let mut open = vec![table.clone()];
        let mut seen = BTreeSet::new();
        while let Some(key) = open.pop() {
            if key == *from {
                return true;
            }
            if seen.insert(key.clone())
                && let Some(table) = self.tables.get(&key)
            {
                open.extend(table.inherits.iter().cloned().chain(table.partition_of.iter().map(|(parent, _)| parent.clone())));
            }
        }
        false
    }

    /// MySQL and MariaDB: partitions are names inside the table.
    fn alter_partitions(&mut self, key: &Key, action: &PartitionAction) {
        let exchanged = match action {
            PartitionAction::Exchange { with, .. } => Some(self.resolve(with)),
            _ => None,
        };
        if let Some(with) = exchanged
            && self.tables.contains_key(&with)
            && let Some(table) = self.tables.edit(&with)
        {
            table.rows = Rows::Some;
        }
        let Some(table) = self.tables.edit(key) else { return };
        match action {
            PartitionAction::By(by) => {
                table.kind = TableKind::Partitioned;
                table.partitioning = Some(Partitioning::of(by));
            }
            PartitionAction::Remove => {
                table.kind = TableKind::Table;
                table.partitioning = None;
            }
            PartitionAction::Add { partitions, count } => {
                if let Some(partitioning) = &mut table.partitioning {
                    partitioning.insert(usize::MAX, partitions);
                    partitioning.number(count.unwrap_or_default());
                }
            }
            PartitionAction::Coalesce { count } => {
                if let Some(partitioning) = &mut table.partitioning {
                    let left = partitioning.partitions.len().saturating_sub(usize::try_from(*count).unwrap_or(usize::MAX));
                    // The last one stays: the server refuses to take it.
                    partitioning.partitions.truncate(left.max(1));
                }
            }
            PartitionAction::Drop { names, .. } => {
                if let Some(partitioning) = &mut table.partitioning {
                    partitioning.remove(names);
                }
            }
            PartitionAction::Reorganize { names, into } => {
                if let Some(partitioning) = &mut table.partitioning {
                    let at = partitioning.remove(names);
                    partitioning.insert(at.unwrap_or(usize::MAX), into);
                }
            }
            PartitionAction::Truncate { .. }
            | PartitionAction::Exchange { .. }
            | PartitionAction::Rebuild { .. }
            | PartitionAction::Analyze { .. }
            | PartitionAction::Check { .. }
            | PartitionAction::Optimize { .. }
            | PartitionAction::Repair { .. }
            | PartitionAction::Discard { .. }
            | PartitionAction::Import { .. } => {}
        }
    }

    /// Tables an ALTER of this one reaches: itself and, in PostgreSQL, all that descend from it.
    pub(super) fn reached(&self, key: &Key, step: Step) -> Vec<Key> {
        let mut reached = vec![key.clone()];
        if self.target.engine == crate::engine::Engine::Postgres && !step.only {
            reached.extend(self.descendants(key).iter().map(|table| table.key.clone()));
        }
        reached
    }

    pub(super) fn shared_table(&self, key: &Key) -> Option<Arc<Table>> {
        self.tables.get(key).map(Arc::clone)
    }
}
