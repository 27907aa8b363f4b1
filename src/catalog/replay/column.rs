//! Columns: added, dropped, changed.

use super::Step;
use crate::catalog::links::Link;
use crate::catalog::{Catalog, Column, Key, Parts, Validity};
use crate::change::{Action, ColumnDef, ConstraintKind, DataType, DefaultValue, Generated, GeneratedKind, Ident, IndexPart, Place};
use crate::engine::Engine;

impl Catalog {
    pub(super) fn add_column(&mut self, key: &Key, def: &ColumnDef, place: Option<&Place>, step: Step) {
        let Some(shared) = self.tables.get(key) else { return };
        if shared.column(&def.name.value).is_some() {
            return;
        }
        self.rework(key, |catalog, table| {
            let column = catalog.column_from(table, def);
            let at = place_of(&table.columns, place);
            table.columns.insert(at, column);
            let first = table.constraints.len();
            catalog.add_column_constraints(table, def, step);
            if catalog.takes_old_rows_on_trust(def) {
                let added = table.constraints.iter_mut().skip(first).filter(|added| added.kind == ConstraintKind::Check);
                added.for_each(|added| added.validity = Validity::NotValid);
            }
            catalog.add_implied_key(table, def, step);
        });
    }

    /// DROP COLUMN takes along what each engine takes along.
    pub(super) fn drop_column(&mut self, key: &Key, column: &Ident, cascade: bool) {
        let Some(name) = self.tables.get(key).and_then(|table| table.column(&column.value)).map(|column| column.name.clone()) else {
            return;
        };
        match self.target.engine {
            Engine::Postgres => self.drop_postgres_column(key, &name, cascade),
            Engine::Mysql | Engine::Mariadb => self.drop_mysql_column(key, &name),
            Engine::Sqlite => {
                if let Some(table) = self.tables.edit(key) {
                    table.columns.retain(|column| column.name != name);
                    table.constraints.retain(|constraint| constraint.column.as_deref() != Some(name.as_str()));
                }
            }
        }
    }

    /// PostgreSQL drops every index and constraint the column is part of, and what the column owns;
    /// with CASCADE also what depends on it from outside.
    fn drop_postgres_column(&mut self, key: &Key, name: &str, cascade: bool) {
        let Some(shared) = self.tables.get(key).cloned() else { return };
        let doomed: Vec<String> = shared.constraints_on(name).map(|constraint| constraint.name.clone()).collect();
        for constraint in &doomed {
            self.remove_constraint(key, constraint, cascade);
        }
        let indexes: Vec<String> = shared.indexes_on(name).map(|index| index.name.clone()).collect();
        for index in &indexes {
            self.remove_index(key, index, true);
        }
        let sequences: Vec<Key> = self
            .owned_sequences(key)
            .iter()
            .filter(|sequence| sequence.owned_by.as_ref().is_some_and(|(_, column)| column == name))
            .map(|sequence| sequence.key.clone())
            .collect();
        for sequence in sequences {
            self.sequences.remove(&sequence);
            self.disappears(&sequence);
        }
        if cascade {
            let views: Vec<Key> = self.dependent_views_on(key, name).iter().map(|view| view.key.clone()).collect();
            for view in views {
                self.remove_view(&view, true);
            }
        }
        let generated: Vec<String> = if cascade { shared.generated_from(name).map(|it| it.name.clone()).collect() } else { Vec::new() };
        if let Some(table) = self.tables.edit(key) {
            table.columns.retain(|column| column.name != name && !generated.contains(&column.name));
            if cascade {
                table.triggers.retain(|trigger| !trigger.row_columns.iter().any(|it| it == name));
            }
        }
    }

    /// MySQL and MariaDB take the column out of every key; a key without columns goes.
    fn drop_mysql_column(&mut self, key: &Key, name: &str) {
        // MariaDB refuses to narrow a unique key (error 1072).
        let refused = self.target.engine == Engine::Mariadb
            && self.tables.get(key).is_some_and(|table| table.indexes.iter().any(|it| it.unique && it.keys.len() > 1 && it.uses(name)));
        if refused {
            return;
        }
        let Some(table) = self.tables.edit(key) else { return };
        table.columns.retain(|column| column.name != name);
        for index in &mut table.indexes {
            index.keys.retain(|key| !matches!(&key.part, IndexPart::Column(column) if column.is(name)));
        }
        let gone: Vec<String> = table.indexes.iter().filter(|index| index.keys.is_empty()).map(|index| index.name.clone()).collect();
        table.indexes.retain(|index| !index.keys.is_empty());
        for constraint in &mut table.constraints {
            if matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique) {
                constraint.columns.retain(|column| !column.eq_ignore_ascii_case(name));
            }
        }
        table.constraints.retain(|constraint| match constraint.kind {
            ConstraintKind::PrimaryKey | ConstraintKind::Unique => {
                constraint.index.as_ref().is_none_or(|index| !gone.contains(index)) && !constraint.columns.is_empty()
            }
            // A CHECK on this column alone goes with it.
            ConstraintKind::Check => !(constraint.columns.len() == 1 && constraint.columns.iter().all(|it| it.eq_ignore_ascii_case(name))),
            ConstraintKind::ForeignKey | ConstraintKind::Exclusion | ConstraintKind::NotNull => true,
        });
    }

    /// MODIFY and CHANGE: the new definition replaces the old one whole; keys stay.
    pub(super) fn modify_column(&mut self, key: &Key, old: &Ident, def: &ColumnDef, place: Option<&Place>, step: Step) {
        let Some(shared) = self.tables.get(key) else { return };
        let known = shared.column(&old.value).map(|column| (column.name.clone(), column.birth));
        let Some((name, birth)) = known else {
            if !shared.complete {
                self.add_column(key, def, place, step);
                if let Some(column) = self.tables.edit(key).and_then(|table| table.columns.find_mut(|it| def.name.is(&it.name))) {
                    column.birth = crate::catalog::Birth::default();
                }
            }
            return;
        };
        if !def.name.is(&name) {
            self.rename_column(key, &name, &def.name.value, step);
        }
        self.rework(key, |catalog, table| {
            let mut column = catalog.column_from(table, def);
            column.birth = birth;
            column.not_null |=
                table.primary_key().is_some_and(|primary| primary.columns.iter().any(|it| it.eq_ignore_ascii_case(&column.name)));
            let at = table.columns.iter().position(|it| it.name.eq_ignore_ascii_case(&column.name));
            if let Some(at) = at {
                table.columns.remove(at);
                let at = if place.is_some() { place_of(&table.columns, place) } else { at };
                table.columns.insert(at.min(table.columns.len()), column);
            }
            catalog.add_column_constraints(table, def, step);
        });
    }

    pub(super) fn set_type(&mut self, key: &Key, column: &Ident, data_type: &DataType) {
        if let Some(column) = self.column_mut(key, column) {
            column.collation = data_type.collation.as_ref().map(|name| name.name.value.clone());
            column.data_type = Some(data_type.clone());
        }
    }

    /// Changes of one column's properties. `false` when the action is none of them.
    pub(super) fn alter_column(&mut self, key: &Key, action: &Action) -> bool {
        match action {
            Action::SetDefault { column, default } => {
                let default: DefaultValue = default.clone();
                if let Some(column) = self.column_mut(key, column) {
                    column.default = Some(default);
                }
            }
            Action::DropDefault { column } => {
                if let Some(column) = self.column_mut(key, column) {
                    column.default = None;
                }
            }
            Action::SetNotNull { column } => {
                if let Some(column) = self.column_mut(key, column) {
                    column.not_null = true;
                }
            }
            Action::DropNotNull { column } => {
                if let Some(column) = self.column_mut(key, column) {
                    column.not_null = false;
                }
            }
            Action::SetExpression { column, expression } => {
                if let Some(column) = self.column_mut(key, column) {
                    let kind = column.generated.as_ref().map_or(GeneratedKind::Stored, |generated| generated.kind);
                    column.generated = Some(Generated { expression: expression.clone(), kind, implied: true, span: expression.span });
                }
            }
            Action::DropExpression { column, .. } => {
                if let Some(column) = self.column_mut(key, column) {
                    column.generated = None;
                }
            }
            Action::AddIdentity { column, identity } => {
                if let Some(found) = self.column_mut(key, column) {
                    found.identity = Some(identity.clone());
                    let name = found.name.clone();
                    if let Some(table) = self.tables.get(key).cloned() {
                        self.own_sequence(&table, &name);
                    }
                }
            }
            Action::DropIdentity { column, .. } => {
                if let Some(found) = self.column_mut(key, column) {
                    found.identity = None;
                    let name = found.name.clone();
                    self.drop_owned_sequences(key, &name);
                }
            }
            Action::AlterIdentity { .. } => {}
            Action::SetColumnAttribute { column, attribute, .. } => {
                let visible = match attribute.to_ascii_lowercase().as_str() {
                    "visible" => true,
                    "invisible" => false,
                    _ => return true,
                };
                if let Some(column) = self.column_mut(key, column) {
                    column.invisible = !visible;
                }
            }
            _ => return false,
        }
        true
    }

    fn drop_owned_sequences(&mut self, key: &Key, column: &str) {
        let owned: Vec<Key> = self
            .owned_sequences(key)
            .iter()
            .filter(|sequence| sequence.owned_by.as_ref().is_some_and(|(_, owner)| owner == column))
            .map(|sequence| sequence.key.clone())
            .collect();
        for sequence in owned {
            self.sequences.remove(&sequence);
            self.disappears(&sequence);
        }
    }

    /// A column for changing. One that an incompletely known table must have is entered.
    fn column_mut(&mut self, key: &Key, column: &Ident) -> Option<&mut Column> {
        let table = self.tables.edit(key)?;
        let at = table.columns.iter().position(|known| known.name == column.value);
        let at = at.or_else(|| table.columns.iter().position(|known| column.is(&known.name)));
        if at.is_none() && !table.complete {
            table.columns.push(Column::unknown(column.value.clone()));
            return table.columns.last_mut();
        }
        table.columns.get_mut(at?)
    }

    /// Takes a constraint off a table, with its index; in PostgreSQL off its partitions too, and
    /// with CASCADE foreign keys that rest on it.
    pub(super) fn remove_constraint(&mut self, key: &Key, name: &str, cascade: bool) {
        let Some(constraint) = self.tables.get(key).and_then(|table| table.constraint(name)).cloned() else { return };
        if cascade && matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique) {
            self.drop_dependent_foreign_keys(key, &constraint.columns);
        }
        let children: Vec<Key> = if self.target.engine == Engine::Postgres && !constraint.no_inherit {
            self.children(key).iter().map(|child| child.key.clone()).collect()
        } else {
            Vec::new()
        };
        if let Some(table) = self.tables.edit(key) {
            table.constraints.retain(|known| known.name != constraint.name || known.kind != constraint.kind);
            if constraint.kind == ConstraintKind::NotNull {
                for column in table.columns.filter_mut(|column| constraint.columns.contains(&column.name)) {
                    column.not_null = false;
                }
            }
        }
        if let Some(index) = &constraint.index {
            self.remove_index(key, index, true);
        }
        if matches!(constraint.kind, ConstraintKind::Check | ConstraintKind::ForeignKey | ConstraintKind::NotNull) {
            for child in children {
                self.remove_constraint(&child, &constraint.name, cascade);
            }
        }
    }

    pub(super) fn drop_dependent_foreign_keys(&mut self, key: &Key, columns: &[String]) {
        let dependants: Vec<(Key, String)> = self
            .referencing_foreign_keys(key)
            .iter()
            .filter(|(_, foreign)| foreign.foreign_key.as_ref().is_some_and(|info| same_set(&info.referenced_columns, columns)))
            .map(|(table, foreign)| (table.key.clone(), foreign.name.clone()))
            .collect();
        for (table, foreign) in dependants {
            if let Some(table) = self.tables.edit(&table) {
                table.constraints.retain(|known| known.name != foreign);
            }
        }
    }

    /// Foreign keys of this table, seen from the tables they reference.
    pub(super) fn relink(&mut self, key: &Key) {
        let Some(table) = self.tables.get(key) else { return };
        for info in table.constraints.iter().filter_map(|constraint| constraint.foreign_key.as_ref()) {
            self.links.add(Link::Foreign, &info.references, key);
        }
        for parent in &table.inherits {
            self.links.add(Link::Child, parent, key);
        }
        if let Some((parent, _)) = &table.partition_of {
            self.links.add(Link::Child, parent, key);
        }
        for mentioned in table.triggers.iter().flat_map(|trigger| &trigger.mentions) {
            self.links.add(Link::Mention, mentioned, key);
        }
    }
}

impl Column {
    /// A column known by name alone.
    pub fn unknown(name: String) -> Column {
        Column {
            name,
            data_type: None,
            not_null: false,
            default: None,
            generated: None,
            identity: None,
            auto_increment: false,
            on_update: None,
            comment: None,
            invisible: false,
            charset: None,
            collation: None,
            birth: crate::catalog::Birth::default(),
        }
    }
}

fn place_of(columns: &Parts<Column>, place: Option<&Place>) -> usize {
    match place {
        Some(Place::First) => 0,
        Some(Place::After(after)) => columns.iter().position(|column| after.is(&column.name)).map_or(columns.len(), |at| at + 1),
        None => columns.len(),
    }
}

fn same_set(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|name| b.contains(name))
}
