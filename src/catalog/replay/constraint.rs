//! Constraints with the indexes they bring.

use super::Step;
use super::naming::{Label, mysql_key_name};
use super::types::{columns_in, names};
use crate::catalog::links::Link;
use crate::catalog::{Catalog, Constraint, ForeignKeyInfo, Index, IndexState, Key, Table, Validity};
use crate::change::{ColumnDef, ConstraintBody, ConstraintDef, ConstraintKind, ForeignKey, IndexKey, IndexKind, KeyConstraint};
use crate::engine::Engine;

impl Catalog {
    /// Constraints written inside a column's definition.
    pub(super) fn add_column_constraints(&mut self, table: &mut Table, def: &ColumnDef, step: Step) {
        for constraint in &def.constraints {
            let before = table.constraints.len();
            self.add_constraint(table, constraint, step);
            for made in table.constraints.iter_mut().skip(before) {
                made.column = Some(def.name.value.clone());
            }
        }
    }

    pub(super) fn add_constraint(&mut self, table: &mut Table, def: &ConstraintDef, step: Step) {
        let named = def.name.as_ref().map(|name| name.value.as_str());
        if named.is_some_and(|name| self.constraint_in_the_way(table, name, def.body.kind())) {
            return;
        }
        match &def.body {
            ConstraintBody::PrimaryKey(key) => {
                if table.primary_key().is_none() {
                    self.add_key(table, def, key, Label::PrimaryKey, step);
                }
            }
            ConstraintBody::Unique(key) => self.add_key(table, def, key, Label::Unique, step),
            ConstraintBody::Check(check) => {
                // MySQL before 8.0.16 reads CHECK and forgets it.
                if self.target.engine == Engine::Mysql && !self.target.at_least(8, 0, 16) {
                    return;
                }
                let columns = columns_in(&check.expression, &table.columns);
                let name = match named {
                    Some(name) => name.to_owned(),
                    // MariaDB names a column's own CHECK after the column.
                    None if self.target.engine == Engine::Mariadb && def.inline => columns.first().cloned().unwrap_or_default(),
                    None => self.constraint_name(table, &columns, Label::Check),
                };
                let mut constraint = self.constraint(def, name, columns, step);
                constraint.expression = Some(check.expression.clone());
                table.constraints.push(constraint);
            }
            ConstraintBody::ForeignKey(key) => self.add_foreign_key(table, def, key, step),
            ConstraintBody::Exclusion(exclusion) => {
                let name = named.map_or_else(|| self.index_name(table, &exclusion.columns, &[], Label::Exclusion), str::to_owned);
                let columns = key_columns(&exclusion.columns);
                let mut constraint = self.constraint(def, name.clone(), columns, step);
                constraint.index = Some(name.clone());
                table.constraints.push(constraint);
                let mut index = self.index_for(&name, exclusion.columns.clone(), false, step);
                index.method = exclusion.method.as_ref().map_or_else(|| "btree".to_owned(), |method| method.value.to_ascii_lowercase());
                index.predicate = exclusion.predicate.clone();
                index.constraint = Some(name.clone());
                self.own_index(&table.key, &name);
                table.indexes.push(index);
            }
            ConstraintBody::NotNull { column } => {
                if let Some(known) = table.columns.find_mut(|known| column.is(&known.name)) {
                    known.not_null |= def.not_valid.is_none();
                }
                let columns = vec![column.value.clone()];
                let name = named.map_or_else(|| self.postgres_name(table, &column.value, Label::NotNull), str::to_owned);
                let constraint = self.constraint(def, name, columns, step);
                table.constraints.push(constraint);
            }
        }
    }

    /// A CHECK written with a new column is not asked about the value that the old rows get: measured
    /// on MariaDB 10.5 to 11.8, and on SQLite before 3.37 (release notes 3.37.0).
    pub(super) fn takes_old_rows_on_trust(&self, column: &ColumnDef) -> bool {
        let given = column.default.is_some() || column.not_null.is_some();
        given
            && match self.target.engine {
                Engine::Mariadb => true,
                Engine::Sqlite => !self.target.at_least(3, 37, 0),
                Engine::Postgres | Engine::Mysql => false,
            }
    }

    /// MariaDB `check_constraint_checks = 0`, SQLite `PRAGMA ignore_check_constraints = ON`.
    fn checks_are_off(&self) -> bool {
        match self.target.engine {
            Engine::Mariadb => self.session.is_off("check_constraint_checks") == Some(true),
            Engine::Sqlite => self.session.is_off("ignore_check_constraints") == Some(false),
            Engine::Postgres | Engine::Mysql => false,
        }
    }

    /// Refused or skipped for its name. SQLite does not compare constraint names.
    fn constraint_in_the_way(&self, table: &Table, name: &str, kind: ConstraintKind) -> bool {
        match self.target.engine {
            Engine::Postgres => table.constraint(name).is_some(),
            // Keys and the other constraints have separate names.
            Engine::Mysql | Engine::Mariadb => {
                table.constraint(name).is_some_and(|known| is_key(known.kind) == is_key(kind) && (is_key(kind) || known.kind == kind))
            }
            Engine::Sqlite => false,
        }
    }

    fn constraint(&self, def: &ConstraintDef, name: String, columns: Vec<String>, step: Step) -> Constraint {
        let unchecked = def.body.kind() == ConstraintKind::Check && self.checks_are_off();
        Constraint {
            name,
            kind: def.body.kind(),
            columns,
            expression: None,
            foreign_key: None,
            validity: if def.not_valid.is_some() || def.not_enforced.is_some() || unchecked { Validity::NotValid } else { Validity::Valid },
            enforced: def.not_enforced.is_none(),
            no_inherit: def.no_inherit,
            deferral: def.deferral,
            index: None,
            inline: def.inline,
            column: None,
            birth: self.now,
            origin: Some(step.at),
        }
    }

    fn add_key(&mut self, table: &mut Table, def: &ConstraintDef, key: &KeyConstraint, label: Label, step: Step) {
        let primary = label == Label::PrimaryKey;
        if let Some(existing) = &key.using_index {
            self.adopt_index(table, def, &existing.value, primary, step);
            return;
        }
        let columns = key_columns(&key.columns);
        if primary {
            for at in 0..table.columns.len() {
                let not_null = table.columns.get(at).is_some_and(|column| {
                    columns.iter().any(|name| name.eq_ignore_ascii_case(&column.name)) && self.primary_key_is_not_null(table, column)
                });
                if let Some(column) = table.columns.get_mut(at) {
                    column.not_null |= not_null;
                }
            }
            table.autoincrement |= key.autoincrement;
        }
        let written = def.name.as_ref().map(|name| name.value.clone());
        let engine = self.target.engine;
        let needs_index = engine != Engine::Sqlite || self.sqlite_key_has_index(table, &columns, primary);
        let index = match engine {
            Engine::Mysql | Engine::Mariadb if primary => "PRIMARY".to_owned(),
            Engine::Mysql | Engine::Mariadb => key
                .index_name
                .as_ref()
                .map(|name| name.value.clone())
                .or_else(|| written.clone())
                .unwrap_or_else(|| self.index_name(table, &key.columns, &names(&key.include), label)),
            Engine::Postgres => written.clone().unwrap_or_else(|| self.index_name(table, &key.columns, &names(&key.include), label)),
            Engine::Sqlite => self.index_name(table, &key.columns, &names(&key.include), label),
        };
        let name = match engine {
            Engine::Sqlite => written.unwrap_or_default(),
            Engine::Postgres | Engine::Mysql | Engine::Mariadb => index.clone(),
        };
        let mut constraint = self.constraint(def, name.clone(), columns, step);
        constraint.index = needs_index.then(|| index.clone());
        table.constraints.push(constraint);
        if needs_index {
            let mut made = self.index_for(&index, key.columns.clone(), true, step);
            made.primary = primary;
            made.include = names(&key.include);
            made.nulls_not_distinct = key.nulls_not_distinct;
            made.visible = !key.invisible;
            made.comment.clone_from(&key.comment);
            if let Some(method) = &key.method {
                made.method.clone_from(method);
            }
            if key.without_overlaps {
                made.method = "gist".to_owned();
            }
            made.constraint = Some(name);
            self.drop_needless_implied(table, &made);
            self.own_index(&table.key, &index);
            table.indexes.push(made);
        }
    }

    /// The rowid's alias needs no index, nor does a key over the columns of an earlier one.
    fn sqlite_key_has_index(&self, table: &Table, columns: &[String], primary: bool) -> bool {
        let alias = primary
            && !table.without_rowid
            && columns.len() == 1
            && columns
                .first()
                .and_then(|name| table.column(name))
                .is_some_and(|column| column.data_type.as_ref().is_some_and(|data_type| data_type.name.eq_ignore_ascii_case("integer")));
        let repeated = table.indexes.iter().any(|index| {
            index.constraint.is_some()
                && index.keys.len() == columns.len()
                && index.columns().zip(columns).all(|(own, other)| own.eq_ignore_ascii_case(other))
        });
        !alias && !repeated
    }

    /// `ADD CONSTRAINT … USING INDEX`: the index takes the constraint's name.
    fn adopt_index(&mut self, table: &mut Table, def: &ConstraintDef, index: &str, primary: bool, step: Step) {
        let name = def.name.as_ref().map_or_else(|| index.to_owned(), |name| name.value.clone());
        let Some(found) = table.indexes.find_mut(|known| known.name.eq_ignore_ascii_case(index)) else {
            table.complete = false;
            let mut constraint = self.constraint(def, name.clone(), Vec::new(), step);
            constraint.index = Some(name);
            table.constraints.push(constraint);
            return;
        };
        let columns: Vec<String> = found.columns().map(str::to_owned).collect();
        let before = std::mem::replace(&mut found.name, name.clone());
        found.primary = primary;
        found.constraint = Some(name.clone());
        if primary {
            for column in &mut table.columns {
                column.not_null |= columns.contains(&column.name);
            }
        }
        let mut constraint = self.constraint(def, name.clone(), columns, step);
        constraint.index = Some(name.clone());
        table.constraints.push(constraint);
        self.disown_index(&table.key, &before);
        self.own_index(&table.key, &name);
    }

    fn add_foreign_key(&mut self, table: &mut Table, def: &ConstraintDef, key: &ForeignKey, step: Step) {
        // Inline REFERENCES is read and forgotten by MySQL before 9.0 and MariaDB before 10.5.
        let forgotten = match self.target.engine {
            Engine::Mysql => !self.target.at_least(9, 0, 0),
            Engine::Mariadb => !self.target.at_least(10, 5, 0),
            Engine::Postgres | Engine::Sqlite => false,
        };
        if def.inline && forgotten {
            return;
        }
        let references = if key.references.name.is(&table.key.name) && key.references.schema.is_none() {
            table.key.clone()
        } else {
            self.resolve(&key.references)
        };
        let columns = names(&key.columns);
        let mut referenced_columns = names(&key.referenced_columns);
        if references == table.key {
            if referenced_columns.is_empty() {
                referenced_columns = table.primary_key().map(|key| key.columns.clone()).unwrap_or_default();
            }
        } else if let Some(parent) = self.tables.get(&references) {
            if referenced_columns.is_empty() {
                referenced_columns = parent.primary_key().map(|key| key.columns.clone()).unwrap_or_default();
            }
        } else if self.target.engine != Engine::Sqlite && !self.dropped.contains_key(&references) {
            self.open_world = true;
        }
        // MariaDB names the constraint after the index name where only that is written.
        let written = def.name.as_ref().or(key.index_name.as_ref().filter(|_| self.target.engine == Engine::Mariadb));
        let index = def.name.as_ref().or(key.index_name.as_ref()).map(|name| name.value.as_str());
        let name = written.map_or_else(|| self.constraint_name(table, &columns, Label::ForeignKey), |name| name.value.clone());
        let unchecked = match self.target.engine {
            Engine::Mysql | Engine::Mariadb => self.session.is_off("foreign_key_checks") == Some(true),
            Engine::Postgres | Engine::Sqlite => false,
        };
        self.links.add(Link::Foreign, &references, &table.key);
        let mut constraint = self.constraint(def, name, columns, step);
        if unchecked {
            constraint.validity = Validity::NotValid;
        }
        constraint.foreign_key = Some(ForeignKeyInfo {
            references,
            referenced_columns,
            on_delete: key.on_delete,
            on_delete_columns: names(&key.on_delete_columns),
            on_update: key.on_update,
            match_full: key.match_full,
        });
        if self.target.engine.is_mysql_family() {
            self.index_foreign_key(table, &constraint, index, &key.columns, step);
        }
        table.constraints.push(constraint);
    }

    /// InnoDB wants an index that begins with the foreign key's columns, and makes one where there
    /// is none.
    fn index_foreign_key(
        &mut self,
        table: &mut Table,
        constraint: &Constraint,
        name: Option<&str>,
        columns: &[crate::change::Ident],
        step: Step,
    ) {
        if table.indexes.iter().any(|index| serves(index, &constraint.columns)) {
            return;
        }
        let first = constraint.columns.first().map_or("", String::as_str);
        let name = name.map_or_else(|| mysql_key_name(table, first), str::to_owned);
        let keys = columns.iter().cloned().map(IndexKey::column).collect();
        let mut index = self.index_for(&name, keys, false, step);
        index.implied = true;
        table.indexes.push(index);
    }

    /// An index made for a foreign key alone goes when another can do its work.
    pub(super) fn drop_needless_implied(&self, table: &mut Table, made: &Index) {
        table.indexes.retain(|index| {
            let columns: Vec<String> = index.columns().map(str::to_owned).collect();
            !(index.implied && serves(made, &columns))
        });
    }

    pub(super) fn index_for(&self, name: &str, keys: Vec<IndexKey>, unique: bool, step: Step) -> Index {
        Index {
            name: name.to_owned(),
            kind: IndexKind::Plain,
            unique,
            primary: false,
            method: if self.target.engine == Engine::Mariadb { String::new() } else { "btree".to_owned() },
            keys,
            include: Vec::new(),
            predicate: None,
            nulls_not_distinct: false,
            state: IndexState::Valid,
            visible: true,
            comment: String::new(),
            constraint: None,
            implied: false,
            attached_to: None,
            only: false,
            birth: self.now,
            origin: Some(step.at),
        }
    }

    /// Notes whose an index is, where index names are not per table.
    pub(super) fn own_index(&mut self, table: &Key, index: &str) {
        if !self.target.engine.is_mysql_family() {
            let key = self.index_key(table, index);
            self.appears(&key);
            self.index_owners.insert(key, table.clone());
        }
    }

    pub(super) fn disown_index(&mut self, table: &Key, index: &str) {
        if !self.target.engine.is_mysql_family() {
            let key = self.index_key(table, index);
            self.index_owners.remove(&key);
            self.disappears(&key);
        }
    }

    pub(super) fn index_key(&self, table: &Key, index: &str) -> Key {
        let name = if self.target.engine == Engine::Sqlite { index.to_lowercase() } else { index.to_owned() };
        Key { schema: table.schema.clone(), name }
    }
}

fn is_key(kind: ConstraintKind) -> bool {
    match kind {
        ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::Exclusion => true,
        ConstraintKind::Check | ConstraintKind::ForeignKey | ConstraintKind::NotNull => false,
    }
}

/// Whether the index begins with these columns (in any order InnoDB accepts: the written one).
fn serves(index: &Index, columns: &[String]) -> bool {
    index.kind == IndexKind::Plain
        && index.keys.len() >= columns.len()
        && index.keys.iter().zip(columns).all(|(key, column)| key.prefix.is_none() && key.column_name().is_some_and(|name| name.is(column)))
}

pub(super) fn key_columns(keys: &[IndexKey]) -> Vec<String> {
    keys.iter().filter_map(|key| key.column_name()).map(|name| name.value.clone()).collect()
}
