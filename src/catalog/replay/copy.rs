//! What a new table takes from others: LIKE, INHERITS, PARTITION OF.

use super::Step;
use super::naming::Label;
use crate::catalog::difference::same_keys;
use crate::catalog::links::Link;
use crate::catalog::{Catalog, Column, Constraint, Index, Key, Table};
use crate::change::{ConstraintKind, CreateTable, LikeTable};
use crate::engine::Engine;

impl Catalog {
    /// Columns of every table this one is made after. What the history does not know leaves the
    /// new table incomplete.
    pub(super) fn copy_sources(&mut self, create: &CreateTable, table: &mut Table, _step: Step) {
        for parent in table.inherits.clone().iter().chain(table.partition_of.clone().map(|(parent, _)| parent).iter()) {
            self.copy_columns(parent, table, |_| {});
        }
        for like in &create.likes {
            let source = self.resolve(&like.source);
            let engine = self.target.engine;
            self.copy_columns(&source, table, |column| {
                if engine == Engine::Postgres {
                    strip_excluded(column, like);
                }
            });
        }
    }

    fn copy_columns(&mut self, source: &Key, table: &mut Table, strip: impl Fn(&mut Column)) {
        let Some(source) = self.tables.get(source) else {
            table.complete = false;
            self.open_world = true;
            return;
        };
        let source = std::sync::Arc::clone(source);
        table.complete &= source.complete;
        table.uncertain |= source.uncertain;
        for mut column in self.adopt(&source.columns) {
            strip(&mut column);
            if table.column(&column.name).is_none() {
                table.columns.push(column);
            }
        }
    }

    /// Constraints and indexes that come with LIKE, INHERITS and PARTITION OF.
    pub(super) fn finish_parent_copy(&mut self, create: &CreateTable, table: &mut Table, step: Step) {
        for parent in table.inherits.clone() {
            self.copy_checks(&parent, table);
        }
        if let Some((parent, _)) = table.partition_of.clone() {
            self.copy_checks(&parent, table);
            self.copy_foreign_keys(&parent, table);
            self.copy_indexes(&parent, table, true, step);
        }
        for like in &create.likes {
            let source = self.resolve(&like.source);
            // MySQL's LIKE takes indexes and checks, foreign keys stay behind (manual 15.1.20.3).
            let all = self.target.engine != Engine::Postgres;
            if all || included(like, "constraints") {
                self.copy_checks(&source, table);
            }
            if all || included(like, "indexes") {
                self.copy_indexes(&source, table, false, step);
            }
            if all && let Some(options) = self.tables.get(&source).map(|source| source.options.clone()) {
                table.set_options(&options);
            }
        }
    }

    /// CHECK constraints (and PostgreSQL 18's named NOT NULL) of a parent; NO INHERIT ones stay.
    pub(super) fn copy_checks(&mut self, source: &Key, table: &mut Table) {
        let Some(source) = self.tables.get(source) else { return };
        for constraint in &source.constraints {
            let wanted = matches!(constraint.kind, ConstraintKind::Check | ConstraintKind::NotNull) && !constraint.no_inherit;
            if !wanted || (self.target.engine == Engine::Postgres && table.constraint(&constraint.name).is_some()) {
                continue;
            }
            let mut copy = Constraint { birth: self.now, ..constraint.clone() };
            if self.target.engine == Engine::Mysql {
                copy.name = self.constraint_name(table, &copy.columns, Label::Check);
            }
            table.constraints.push(copy);
        }
    }

    /// Foreign keys of a partitioned table hold for its partitions.
    pub(super) fn copy_foreign_keys(&mut self, source: &Key, table: &mut Table) {
        let Some(source) = self.tables.get(source) else { return };
        for constraint in source.foreign_keys() {
            let Some(info) = &constraint.foreign_key else { continue };
            if table.constraints.iter().any(|known| known.foreign_key.as_ref() == Some(info) && known.columns == constraint.columns) {
                continue;
            }
            self.links.add(Link::Foreign, &info.references, &table.key);
            table.constraints.push(Constraint { birth: self.now, ..constraint.clone() });
        }
    }

    /// Indexes with their constraints, under names made for this table. `attach`: a partition's
    /// indexes belong to the parent's; one that fits is taken instead of built.
    pub(super) fn copy_indexes(&mut self, source: &Key, table: &mut Table, attach: bool, step: Step) {
        if let Some(source) = self.tables.get(source).cloned() {
            self.copy_indexes_from(&source, table, attach, step);
        }
    }

    pub(super) fn copy_indexes_from(&mut self, source: &Table, table: &mut Table, attach: bool, step: Step) {
        for index in &source.indexes {
            if index.implied {
                continue;
            }
            let parent = Key { schema: source.key.schema.clone(), name: index.name.clone() };
            if attach && let Some(fitting) = table.indexes.find_mut(|own| own.attached_to.is_none() && fits(own, index)) {
                fitting.attached_to = Some(parent);
                continue;
            }
            let name = match self.target.engine {
                Engine::Mysql | Engine::Mariadb => index.name.clone(),
                Engine::Postgres | Engine::Sqlite => self.index_name(table, &index.keys, &index.include, label_of(source, index)),
            };
            let constraint = index.constraint.as_ref().and_then(|known| source.constraint(known));
            let mut copy = Index { name: name.clone(), birth: self.now, origin: Some(step.at), ..index.clone() };
            copy.attached_to = attach.then_some(parent);
            copy.constraint = constraint.is_some().then(|| name.clone());
            if let Some(constraint) = constraint {
                table.constraints.push(Constraint {
                    name: name.clone(),
                    index: Some(name.clone()),
                    birth: self.now,
                    origin: Some(step.at),
                    ..constraint.clone()
                });
                if constraint.kind == ConstraintKind::PrimaryKey {
                    for column in &mut table.columns {
                        column.not_null |= constraint.columns.contains(&column.name);
                    }
                }
            }
            self.own_index(&table.key, &name);
            table.indexes.push(copy);
        }
    }
}

/// An index that serves as the other's partition: same keys, method, uniqueness and predicate.
pub(super) fn fits(own: &Index, parent: &Index) -> bool {
    own.method == parent.method
        && own.unique == parent.unique
        && own.predicate == parent.predicate
        && own.include == parent.include
        && (parent.constraint.is_none() || own.constraint.is_some())
        && same_keys(&own.keys, &parent.keys)
}

fn label_of(table: &Table, index: &Index) -> Label {
    match index.constraint.as_ref().and_then(|name| table.constraint(name)).map(|constraint| constraint.kind) {
        Some(ConstraintKind::PrimaryKey) => Label::PrimaryKey,
        Some(ConstraintKind::Unique) => Label::Unique,
        Some(ConstraintKind::Exclusion) => Label::Exclusion,
        Some(ConstraintKind::Check | ConstraintKind::ForeignKey | ConstraintKind::NotNull) | None => Label::Index,
    }
}

fn included(like: &LikeTable, what: &str) -> bool {
    // The last word counts in PostgreSQL; exclusions after INCLUDING ALL are how it is used.
    let has = |list: &[String], name: &str| list.iter().any(|option| option == name);
    (has(&like.including, what) || has(&like.including, "all")) && !has(&like.excluding, what)
}

fn strip_excluded(column: &mut Column, like: &LikeTable) {
    if !included(like, "defaults") {
        column.default = None;
    }
    if !included(like, "identity") {
        column.identity = None;
    }
    if !included(like, "generated") {
        column.generated = None;
    }
    if !included(like, "comments") {
        column.comment = None;
    }
}
