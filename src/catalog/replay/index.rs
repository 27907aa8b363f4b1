//! Indexes.

use std::sync::Arc;

use super::Step;
use super::naming::Label;
use crate::catalog::{Catalog, Index, IndexState, Key, Table};
use crate::change::{CreateIndex, DropIndex, Ident, ObjectName};
use crate::engine::Engine;

impl Catalog {
    /// CREATE INDEX and ADD INDEX on a table that is in the catalog.
    pub(super) fn create_index(&mut self, table: &Key, create: &CreateIndex, step: Step) {
        let mut made = None;
        let parent = !self.children(table).is_empty();
        self.rework(table, |catalog, table| {
            let before = table.indexes.len();
            catalog.add_index(table, create, step);
            if parent && table.indexes.len() > before {
                made = table.indexes.last().cloned();
            }
        });
        if let Some(made) = made
            && self.target.engine == Engine::Postgres
            && !create.only
        {
            let children: Vec<Key> =
                self.children(table).iter().filter(|child| child.partition_of.is_some()).map(|child| child.key.clone()).collect();
            for child in children {
                self.index_partition(table, &made, &child, step);
            }
        }
    }

    /// A partitioned table's index reaches its partitions: one that fits is taken, else one is made.
    fn index_partition(&mut self, parent: &Key, index: &Index, child: &Key, step: Step) {
        let Some(table) = self.tables.get(child).map(Arc::clone) else { return };
        let name =
            self.index_name(&table, &index.keys, &index.include, if index.constraint.is_some() { Label::Unique } else { Label::Index });
        let attached_to = Some(self.index_key(parent, &index.name));
        let fitting = table.indexes.iter().position(|own| own.attached_to.is_none() && super::copy::fits(own, index));
        let made = Index { name: name.clone(), attached_to: attached_to.clone(), origin: Some(step.at), ..index.clone() };
        let Some(table) = self.tables.edit(child) else { return };
        if let Some(own) = fitting.and_then(|at| table.indexes.get_mut(at)) {
            own.attached_to = attached_to;
            return;
        }
        table.indexes.push(made.clone());
        self.own_index(child, &name);
        let grandchildren: Vec<Key> = self.children(child).iter().map(|table| table.key.clone()).collect();
        for grandchild in grandchildren {
            self.index_partition(child, &made, &grandchild, step);
        }
    }

    pub(super) fn add_index(&mut self, table: &mut Table, create: &CreateIndex, step: Step) {
        let name = match &create.name {
            Some(name) => name.name.value.clone(),
            None => self.index_name(table, &create.keys, &super::types::names(&create.include), Label::Index),
        };
        if let Some(at) = table.indexes.iter().position(|index| index.name.eq_ignore_ascii_case(&name)) {
            if !create.or_replace {
                return;
            }
            table.indexes.remove(at);
        } else if !self.target.engine.is_mysql_family() {
            let key = self.index_key(&table.key, &name);
            if self.index_owners.contains_key(&key) || self.tables.contains_key(&key) {
                return;
            }
        }
        let mut index = self.index_for(&name, create.keys.clone(), create.unique, step);
        index.kind = create.kind;
        index.include = super::types::names(&create.include);
        index.predicate = create.predicate.clone();
        index.nulls_not_distinct = create.nulls_not_distinct;
        index.visible = !create.invisible;
        index.comment.clone_from(&create.comment);
        index.only = create.only && !self.children(&table.key).is_empty();
        if let Some(method) = &create.method {
            index.method = method.clone();
        }
        index.state = match create.concurrently {
            // A unique build may have found duplicates; IF NOT EXISTS would not repair what an
            // interrupted one left.
            Some(_) if create.unique => IndexState::Unknown,
            _ if index.only => IndexState::Invalid,
            _ => IndexState::Valid,
        };
        self.drop_needless_implied(table, &index);
        self.own_index(&table.key, &name);
        table.indexes.push(index);
    }

    pub(super) fn drop_index(&mut self, drop: &DropIndex, table: Option<&ObjectName>) {
        let key = match (self.target.engine, table) {
            (Engine::Mysql | Engine::Mariadb, Some(table)) => self.resolve(table),
            (Engine::Mysql | Engine::Mariadb, None) => return,
            (Engine::Postgres | Engine::Sqlite, _) => {
                let index = self.resolve_index(&drop.name);
                match self.index_owners.get(&index) {
                    Some(table) => table.clone(),
                    None => {
                        if !drop.if_exists && !self.dropped.contains_key(&index) {
                            self.open_world = true;
                        }
                        // A later reference to it fails all the same.
                        self.disappears(&index);
                        return;
                    }
                }
            }
        };
        let name = &drop.name.name.value;
        if drop.cascade
            && let Some(index) = self.tables.get(&key).and_then(|table| table.index(name)).filter(|index| index.unique)
        {
            let columns: Vec<String> = index.columns().map(str::to_owned).collect();
            self.drop_dependent_foreign_keys(&key, &columns);
        }
        self.remove_index(&key, name, drop.cascade);
    }

    /// Takes an index off its table, with the constraint it implements and its partitions.
    pub(super) fn remove_index(&mut self, table: &Key, name: &str, cascade: bool) {
        let Some(index) = self.tables.get(table).and_then(|table| table.index(name)).cloned() else { return };
        // PostgreSQL refuses to drop what a constraint requires.
        if index.constraint.is_some() && self.target.engine == Engine::Postgres && !cascade {
            return;
        }
        let attached = self.index_key(table, &index.name);
        let partitions: Vec<Key> = if self.target.engine == Engine::Postgres {
            self.children(table).iter().map(|child| child.key.clone()).collect()
        } else {
            Vec::new()
        };
        if let Some(table) = self.tables.edit(table) {
            table.indexes.retain(|known| known.name != index.name);
            if let Some(constraint) = &index.constraint {
                table.constraints.retain(|known| known.name != *constraint || known.index.as_deref() != Some(index.name.as_str()));
            }
        }
        self.disown_index(table, &index.name);
        for child in partitions {
            let part =
                self.tables.get(&child).and_then(|child| child.indexes.iter().find(|own| own.attached_to.as_ref() == Some(&attached)));
            if let Some(part) = part.map(|part| part.name.clone()) {
                self.remove_index(&child, &part, true);
            }
        }
    }

    pub(super) fn rename_index(&mut self, table: Option<&ObjectName>, from: &ObjectName, to: &Ident) {
        let owner = match (self.target.engine, table) {
            (Engine::Mysql | Engine::Mariadb, Some(table)) => self.resolve(table),
            (Engine::Mysql | Engine::Mariadb, None) => return,
            (Engine::Postgres | Engine::Sqlite, _) => match self.index_owners.get(&self.resolve_index(from)) {
                Some(owner) => owner.clone(),
                None => {
                    // ALTER INDEX … RENAME works on any relation (PostgreSQL).
                    let key = self.resolve(from);
                    if self.tables.contains_key(&key) {
                        self.rename_table(from, &ObjectName::bare(to.clone()));
                    }
                    return;
                }
            },
        };
        self.rename_index_of(&owner, &from.name.value, &to.value);
    }

    /// An index and the constraint it implements share a name.
    pub(super) fn rename_index_of(&mut self, owner: &Key, from: &str, to: &str) {
        let Some(table) = self.tables.edit(owner) else { return };
        let Some(index) = table.indexes.find_mut(|index| index.name.eq_ignore_ascii_case(from)) else { return };
        let before = std::mem::replace(&mut index.name, to.to_owned());
        if index.constraint.is_some() {
            index.constraint = Some(to.to_owned());
        }
        for constraint in &mut table.constraints {
            if constraint.index.as_deref() == Some(before.as_str()) {
                constraint.index = Some(to.to_owned());
                constraint.name = to.to_owned();
            }
        }
        let children: Vec<Key> = table.partitioning.as_ref().map(|it| it.partitions.clone()).unwrap_or_default();
        self.disown_index(owner, &before);
        self.own_index(owner, to);
        let (old, new) = (self.index_key(owner, &before), self.index_key(owner, to));
        for child in children {
            let holds = self.tables.get(&child).is_some_and(|child| child.indexes.iter().any(|it| it.attached_to.as_ref() == Some(&old)));
            if holds && let Some(child) = self.tables.edit(&child) {
                for index in child.indexes.filter_mut(|index| index.attached_to.as_ref() == Some(&old)) {
                    index.attached_to = Some(new.clone());
                }
            }
        }
    }

    /// ALTER INDEX parent ATTACH PARTITION child: the parent is valid once every partition has one.
    pub(super) fn attach_index(&mut self, index: &ObjectName, child: &ObjectName) {
        let parent = self.resolve_index(index);
        let part = self.resolve_index(child);
        let (Some(parent_table), Some(child_table)) = (self.index_owners.get(&parent).cloned(), self.index_owners.get(&part).cloned())
        else {
            return;
        };
        if let Some(own) = self.tables.edit(&child_table).and_then(|table| table.indexes.find_mut(|own| own.name == part.name)) {
            own.attached_to = Some(parent.clone());
        }
        let complete =
            self.children(&parent_table).iter().all(|child| child.indexes.iter().any(|own| own.attached_to.as_ref() == Some(&parent)));
        if complete
            && let Some(own) = self.tables.edit(&parent_table).and_then(|table| table.indexes.find_mut(|own| own.name == parent.name))
        {
            own.only = false;
            own.state = IndexState::Valid;
        }
    }

    /// REINDEX repairs an invalid index.
    pub(super) fn reindex(&mut self, name: &ObjectName) {
        let key = self.resolve_index(name);
        let Some(owner) = self.index_owners.get(&key).cloned() else { return };
        let broken = self.tables.get(&owner).and_then(|table| table.index(&key.name)).is_some_and(|index| index.state != IndexState::Valid);
        if broken && let Some(index) = self.tables.edit(&owner).and_then(|table| table.indexes.find_mut(|index| index.name == key.name)) {
            index.state = IndexState::Valid;
        }
    }
}
