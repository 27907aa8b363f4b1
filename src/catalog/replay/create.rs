//! CREATE TABLE.

use std::sync::Arc;

use super::Step;
use super::rows::filled_by;
use crate::catalog::difference::same_keys;
use crate::catalog::links::Link;
use crate::catalog::{Catalog, Column, Index, Key, Partitioning, Parts, Rows, Table, TableKind};
use crate::change::{ColumnDef, ConstraintBody, CreateTable, Ident, ObjectName, PartitionBound, Persistence};
use crate::engine::Engine;

impl Catalog {
    pub(super) fn create_table(&mut self, create: &CreateTable, name: &ObjectName, step: Step) {
        let key = self.creation_key(create, name);
        if let Some(existing) = self.tables.get(&key) {
            // A second CREATE is refused or skipped; over a table known only by name it tells more.
            let known = existing.complete || create.if_not_exists;
            if create.or_replace {
                self.remove_table(&key);
            } else if known {
                return;
            }
        } else if self.views.contains_key(&key) {
            return;
        }
        let mut table = self.blank_table(create, key.clone(), step);
        self.copy_sources(create, &mut table, step);
        for def in &create.columns {
            self.define_column(&mut table, def);
        }
        if let Some(reads) = &create.as_query {
            self.columns_of_query(create, reads, &mut table);
        }
        self.appears(&key);
        self.tables.insert(key.clone(), Arc::new(Table::named(key.clone(), self.now)));
        // Keys first: a primary key makes columns NOT NULL and is what foreign keys refer to.
        for def in &create.columns {
            self.add_column_constraints(&mut table, def, step);
            self.add_implied_key(&mut table, def, step);
        }
        for constraint in &create.constraints {
            self.add_constraint(&mut table, constraint, step);
        }
        for index in &create.indexes {
            self.add_index(&mut table, index, step);
        }
        self.finish_parent_copy(create, &mut table, step);
        if self.target.engine == Engine::Postgres {
            self.merge_equal_keys(&mut table);
        }
        if create.on_commit_drop {
            self.dies_at_commit(&key);
        }
        if step.conditional {
            table.uncertain = true;
        }
        self.tables.insert(key, Arc::new(table));
    }

    fn creation_key(&self, create: &CreateTable, name: &ObjectName) -> Key {
        let mut key = self.key(name);
        if create.persistence == Persistence::Temporary {
            match self.target.engine {
                Engine::Postgres => key.schema = "pg_temp".to_owned(),
                Engine::Sqlite => key.schema = "temp".to_owned(),
                Engine::Mysql | Engine::Mariadb => {}
            }
        }
        key
    }

    fn blank_table(&mut self, create: &CreateTable, key: Key, step: Step) -> Table {
        let mut table = Table::named(key, self.now);
        table.origin = Some(step.at);
        table.persistence = create.persistence;
        table.kind = if create.foreign {
            TableKind::Foreign
        } else if create.virtual_module.is_some() {
            TableKind::Virtual
        } else if create.partition_by.is_some() {
            TableKind::Partitioned
        } else {
            TableKind::Table
        };
        table.set_options(&create.options);
        table.access_method = create.access_method.as_ref().map(|method| method.value.clone());
        table.tablespace = create.tablespace.as_ref().map(|tablespace| tablespace.value.clone());
        table.without_rowid = create.without_rowid;
        table.strict = create.strict;
        table.of_type = create.of_type.as_ref().map(|name| self.resolve_type(name));
        table.system_versioning = create.system_versioning;
        // What a virtual table's module makes of its arguments, and what a composite type or a
        // query brings along, is not written here.
        table.complete = create.virtual_module.is_none() && create.of_type.is_none();
        if let Some(by) = &create.partition_by {
            table.partitioning = Some(Partitioning::of(by));
        }
        for parent in &create.inherits {
            let parent = self.resolve(parent);
            self.links.add(Link::Child, &parent, &table.key);
            table.inherits.push(parent);
        }
        if let Some((parent, bound)) = &create.partition_of {
            let parent = self.resolve(parent);
            self.links.add(Link::Child, &parent, &table.key);
            self.enter_partition(&parent, &table.key, bound);
            table.partition_of = Some((parent, bound.clone()));
        }
        table
    }

    /// Tells the parent about a new partition.
    pub(super) fn enter_partition(&mut self, parent: &Key, child: &Key, bound: &PartitionBound) {
        if let Some(partitioning) = self.tables.edit(parent).and_then(|parent| parent.partitioning.as_mut()) {
            partitioning.partitions.push(child.clone());
            if *bound == PartitionBound::Default {
                partitioning.default_partition = Some(child.clone());
            }
        }
    }

    /// A column of the list. Names of a partition's list and repeated inherited ones refine what
    /// the parent gave.
    fn define_column(&mut self, table: &mut Table, def: &ColumnDef) {
        let column = self.column_from(table, def);
        match table.columns.find_mut(|known| def.name.is(&known.name)) {
            Some(known) => {
                known.not_null |= column.not_null;
                known.default = column.default.or_else(|| known.default.take());
                known.data_type = column.data_type.or_else(|| known.data_type.take());
            }
            None => table.columns.push(column),
        }
    }

    /// PostgreSQL makes one index of keys over the same columns in one CREATE TABLE, the primary key
    /// first (`transformIndexConstraints`).
    fn merge_equal_keys(&mut self, table: &mut Table) {
        let mut doomed: Vec<String> = Vec::new();
        for (at, index) in table.indexes.iter().enumerate() {
            let unique = |it: &Index| it.unique && it.constraint.is_some() && it.attached_to.is_none();
            if index.primary || !unique(index) {
                continue;
            }
            let twin = table.indexes.iter().enumerate().any(|(other, twin)| {
                other != at
                    && (twin.primary || other < at)
                    && unique(twin)
                    && same_keys(&twin.keys, &index.keys)
                    && twin.include == index.include
            });
            if twin {
                doomed.push(index.name.clone());
            }
        }
        for name in doomed {
            table.indexes.retain(|index| index.name != name);
            table.constraints.retain(|constraint| constraint.index.as_deref() != Some(name.as_str()));
            self.disown_index(&table.key, &name);
        }
    }

    /// MySQL's SERIAL brings a unique key.
    pub(super) fn add_implied_key(&mut self, table: &mut Table, def: &ColumnDef, step: Step) {
        let serial = def.data_type.as_ref().is_some_and(|data_type| data_type.name == "serial");
        let keyed = def.constraints.iter().any(|it| matches!(it.body, ConstraintBody::PrimaryKey(_) | ConstraintBody::Unique(_)));
        if self.target.engine.is_mysql_family() && serial && !keyed {
            self.add_unique_on(table, &def.name, step);
        }
    }

    /// `AS query` and `SELECT INTO`: the columns the query names, behind those that are written.
    fn columns_of_query(&mut self, create: &CreateTable, reads: &[ObjectName], table: &mut Table) {
        table.rows = if create.with_no_data { Rows::None } else { filled_by(self, reads) };
        let sources: Vec<Arc<Table>> = reads.iter().filter_map(|read| self.shared_table(&self.resolve(read))).collect();
        let all_known = sources.len() == reads.len() && sources.iter().all(|source| source.complete);
        let star = create.output.iter().any(|name| name == "*");
        let written = !table.columns.is_empty() && table.columns.iter().all(|column| column.data_type.is_some());
        if written && !self.target.engine.is_mysql_family() {
            return;
        }
        let names: Vec<String> = match (star, sources.as_slice()) {
            (true, [source]) if reads.len() == 1 => source.columns.iter().map(|column| column.name.clone()).collect(),
            (true, _) => Vec::new(),
            (false, _) => create.output.clone(),
        };
        table.complete = !names.is_empty() && (!star || all_known);
        // A column list without types renames the query's columns one by one.
        let renamed = table.columns.len();
        for (at, name) in names.iter().enumerate() {
            let mut found = sources.iter().filter_map(|source| source.column(name));
            // Of several tables with such a column nobody knows which is meant.
            let source = found.next().filter(|_| found.next().is_none());
            if !written && at < renamed {
                continue;
            }
            if table.column(name).is_none() {
                let data_type = source.and_then(|column| column.data_type.clone());
                let not_null = self.target.engine.is_mysql_family() && source.is_some_and(|column| column.not_null);
                table.columns.push(Column { data_type, not_null, birth: self.now, ..Column::unknown(name.clone()) });
            }
        }
    }

    /// Columns of another table as fresh ones of this.
    pub(super) fn adopt(&self, columns: &Parts<Column>) -> Vec<Column> {
        columns.iter().map(|column| Column { birth: self.now, ..column.clone() }).collect()
    }

    pub(super) fn add_unique_on(&mut self, table: &mut Table, column: &Ident, step: Step) {
        let key = crate::change::KeyConstraint {
            columns: vec![crate::change::IndexKey::column(column.clone())],
            ..crate::change::KeyConstraint::default()
        };
        let def = crate::change::ConstraintDef {
            name: None,
            body: ConstraintBody::Unique(key),
            not_valid: None,
            not_enforced: None,
            no_inherit: false,
            deferral: crate::change::Deferral::NotDeferrable,
            inline: true,
            if_not_exists: false,
            span: column.span,
        };
        self.add_constraint(table, &def, step);
    }
}
