//! Columns added, dropped, renamed and changed.

use super::charset::definition_text;
use super::draft::{Draft, Slot, same};
use super::expression::Use;
use super::failure;
use super::flags::Flags;
use super::function;
use super::types::{Family, Shape, TypeChange, compare, family};
use crate::change::{ColumnDef, ConstraintBody, ConstraintKind, DefaultValue, GeneratedKind, Ident, Place};
use crate::effect::Truth;

impl Draft<'_> {
    pub(super) fn shape_of(&self, column: &ColumnDef) -> Option<Shape> {
        let data_type = column.data_type.clone()?;
        let text = self.converting.clone().unwrap_or_else(|| definition_text(&data_type, &self.text, self.server));
        let auto_increment = column.auto_increment.is_some() || data_type.name == "serial";
        Some(Shape { data_type, text, auto_increment })
    }

    pub(super) fn add_column(&mut self, column: &ColumnDef, if_not_exists: bool, place: Option<&Place>) {
        if self.slot(&column.name.value).is_some() {
            if !if_not_exists {
                let certain = self
                    .table
                    .map_or(Truth::from(self.creating).max(Truth::Unknown), |table| Truth::from(!table.uncertain).max(Truth::Unknown));
                self.fail(failure::schema(1060, format!("the table already has a column `{}`", column.name), certain));
            }
            return;
        }
        self.check_definition(column);
        let stored = !is_virtual(column);
        match &column.generated {
            Some(generated) if generated.kind == GeneratedKind::Virtual => self.flags |= Flags::ADD_VIRTUAL,
            Some(_) => {
                self.flags |= Flags::ADD_COMPUTED;
                self.cause(format!("the stored column `{}` is computed for every row", column.name));
            }
            None => self.add_stored(column),
        }
        let nullable = column.not_null.is_none() && !has_inline(column, ConstraintKind::PrimaryKey) && column.auto_increment.is_none();
        let slot = Slot {
            before: None,
            name: column.name.value.clone(),
            stored,
            nullable,
            auto_increment: column.auto_increment.is_some()
                || column.data_type.as_ref().is_some_and(|data_type| data_type.name == "serial"),
            shape: self.shape_of(column),
        };
        let position = self.position(place, self.visible());
        self.columns.insert(position.min(self.columns.len()), slot);
        self.inline_constraints(column, true);
        if column.data_type.as_ref().is_some_and(|data_type| data_type.name == "serial") {
            self.add_key(None, crate::change::IndexKind::Plain, true, false, std::slice::from_ref(&column.name.value));
        }
    }

    fn add_stored(&mut self, column: &ColumnDef) {
        self.flags |= Flags::ADD_STORED;
        let name = &column.name;
        if let Some(default) = &column.default {
            let functions = function::called(&default.expression.text);
            if self.server.is_mariadb() {
                // is_non_const_value: it names a column or a function that differs from row to row.
                if functions.iter().any(|function| function::differs_by_row(function)) || self.names_column(default) {
                    self.facts.row_default = true;
                    self.facts.takes_numbers |= functions.iter().any(|function| function == "nextval");
                    self.cause(format!("the default of `{name}` differs from row to row"));
                }
            } else if default.parenthesised {
                self.flags |= Flags::ADD_COMPUTED;
                self.cause(format!("the expression default of `{name}` is computed for every row"));
                if let Some(unsafe_function) = functions.iter().find(|function| function::is_unsafe(function)) {
                    let reason =
                        format!("the default of `{name}` calls {unsafe_function}(), which is unsafe to replicate while rows are filled");
                    self.fail(failure::schema(1674, reason, Truth::Yes));
                }
            }
        } else if column.not_null.is_some() && column.auto_increment.is_none() {
            self.fill_not_null(column);
        }
    }

    /// Existing rows get the type's zero value, which strict modes refuse for some types.
    fn fill_not_null(&mut self, column: &ColumnDef) {
        let Some(data_type) = &column.data_type else { return };
        let rows = self.rows();
        let name = &column.name;
        if self.server.is_mariadb() && self.copying && family(data_type) == Family::Json && rows.possible() {
            self.fail(failure::data(4025, format!("existing rows get '' in `{name}`, which is not valid JSON"), rows));
        }
        if self.server.is_mariadb() || !self.server.refuses_zero_dates() {
            return;
        }
        match family(data_type) {
            Family::Date | Family::Datetime if self.session.no_zero_date => {
                self.facts.zero_default = true;
                if rows.possible() {
                    let reason = format!("existing rows would need '0000-00-00' in `{name}`, which NO_ZERO_DATE refuses");
                    self.fail(failure::data(1292, reason, rows));
                }
            }
            Family::Geometry => {
                self.facts.zero_default = true;
                if rows.possible() {
                    self.fail(failure::data(1138, format!("existing rows have no geometry for `{name}`"), rows));
                }
            }
            _ => {}
        }
    }

    fn names_column(&self, default: &DefaultValue) -> bool {
        self.columns.iter().any(|slot| default.expression.mentions(&slot.name))
    }

    fn position(&mut self, place: Option<&Place>, otherwise: usize) -> usize {
        match place {
            None => otherwise,
            Some(Place::First) => 0,
            Some(Place::After(other)) => match self.slot(&other.value) {
                Some(at) => at + 1,
                None => {
                    let certain = self.known();
                    self.fail(failure::schema(1054, format!("there is no column `{other}` to stand after"), certain));
                    otherwise
                }
            },
        }
    }

    pub(super) fn require_column(&mut self, column: &Ident) -> Option<usize> {
        let found = self.slot(&column.value).or_else(|| self.old_slot(&column.value));
        if found.is_none() {
            let certain = self.known();
            self.fail(failure::schema(1054, format!("there is no column `{column}`"), certain));
        }
        found
    }

    pub(super) fn drop_column(&mut self, column: &Ident, if_exists: bool) {
        let Some(at) = self.slot(&column.value) else {
            if !if_exists {
                let certain = self.known();
                self.fail(failure::schema(1091, format!("there is no column `{column}` to drop"), certain));
            }
            // An unknown column of an unknown table: dropped as a plain one.
            if self.known() != Truth::Yes {
                self.flags |= Flags::DROP_STORED;
            }
            return;
        };
        self.check_dependents(column, true);
        let slot = self.columns.remove(at);
        self.flags |= if slot.stored { Flags::DROP_STORED } else { Flags::DROP_VIRTUAL };
        self.dropped_columns.push((self.at, slot.name.clone()));
        self.drop_from_keys(&slot.name);
        if self.columns.is_empty() && self.known() == Truth::Yes {
            self.fail(failure::schema(1090, "a table cannot lose all its columns this way", Truth::Yes));
        }
    }

    pub(super) fn rename_column(&mut self, from: &Ident, to: &Ident, if_exists: bool) {
        if from.value == to.value {
            return;
        }
        let Some(at) = self.old_slot(&from.value).or_else(|| self.slot(&from.value)) else {
            if !if_exists {
                let certain = self.known();
                self.fail(failure::schema(1054, format!("there is no column `{from}`"), certain));
                self.flags |= Flags::NAME;
            }
            return;
        };
        self.renamed.push(from.value.clone());
        self.rename_slot(at, from, to);
    }

    fn rename_slot(&mut self, at: usize, from: &Ident, to: &Ident) {
        if !same(&from.value, &to.value) {
            self.check_dependents(from, false);
        }
        self.flags |= Flags::NAME;
        self.facts.renames_foreign |= self.in_foreign_key(&from.value);
        self.facts.renames_referenced |= self.is_referenced(&from.value);
        if let Some(slot) = self.columns.get_mut(at) {
            slot.name.clone_from(&to.value);
        }
        for key in &mut self.keys {
            for part in &mut key.parts {
                if part.column.as_deref().is_some_and(|name| same(name, &from.value)) {
                    part.column = Some(to.value.clone());
                }
            }
        }
    }

    /// Another table's foreign key points at the column (`ok_to_rename_column`: InnoDB tells its
    /// name to those, which is no work of an instant).
    pub(super) fn is_referenced(&self, column: &str) -> bool {
        let Some(table) = self.table else { return false };
        self.catalog
            .referencing_foreign_keys(&table.key)
            .iter()
            .any(|(_, key)| key.foreign_key.as_ref().is_some_and(|info| info.referenced_columns.iter().any(|name| same(name, column))))
    }

    pub(super) fn old_column(&self, at: usize) -> Option<&crate::catalog::Column> {
        let before = self.columns.get(at)?.before?;
        self.table?.columns.get(before)
    }

    pub(super) fn set_default(&mut self, column: &Ident, default: Option<&DefaultValue>) {
        self.flags |= Flags::DEFAULT;
        let Some(at) = self.require_column(column) else { return };
        let Some(default) = default else { return };
        let data_type = self.columns.get(at).and_then(|slot| slot.shape.as_ref()).map(|shape| shape.data_type.clone());
        let slot = self.columns.get(at);
        let not_null = slot.is_some_and(|slot| !slot.nullable);
        let generated = self.old_column(at).is_some_and(|column| column.generated.is_some());
        if generated && !self.server.is_mariadb() {
            self.fail(failure::schema(1221, format!("`{column}` is generated and has no default"), Truth::Yes));
            return;
        }
        if default.parenthesised || self.server.is_mariadb() {
            self.use_expression(&column.value, Use::Default, &default.expression);
        }
        self.check_default(&column.value, data_type.as_ref(), default, not_null);
    }

    pub(super) fn modify_column(&mut self, column: &Ident, definition: &ColumnDef, place: Option<&Place>, if_exists: bool) {
        let Some(at) = self.old_slot(&column.value).or_else(|| self.slot(&column.value)) else {
            if if_exists {
                return;
            }
            let certain = self.known();
            if certain == Truth::Yes {
                self.fail(failure::schema(1054, format!("there is no column `{column}`"), certain));
                return;
            }
            return self.modify_unknown(column, definition);
        };
        let now = self.columns.get(at).map(|slot| slot.name.clone()).unwrap_or_default();
        if !same(&now, &column.value) && self.renamed.iter().any(|name| same(name, &column.value)) {
            self.fail(failure::schema(1054, format!("`{column}` has another name by now: `{now}`"), Truth::Yes));
            return;
        }
        self.check_definition(definition);
        let old = self.old_column(at).cloned();
        if column.value != definition.name.value {
            self.rename_slot(at, column, &definition.name);
        }
        let new_shape = self.shape_of(definition);
        let old_shape = self.columns.get(at).and_then(|slot| slot.shape.clone());
        if let Some(old) = &old {
            self.compare_generated(old, definition);
            self.compare_null(at, old, definition, new_shape.as_ref());
            self.compare_default(old, definition);
            if definition.invisible.unwrap_or(false) != old.invisible {
                self.flags |= Flags::VISIBILITY;
            }
        }
        if definition.generated.is_none() || old.as_ref().is_some_and(|old| old.generated.is_some()) {
            self.compare_types(&definition.name, old_shape.as_ref(), new_shape.as_ref(), is_virtual(definition));
        }
        if definition.auto_increment.is_some() && old.as_ref().is_some_and(|old| !old.auto_increment) {
            self.facts.adds_auto_increment = true;
        }
        let longer = match (&old_shape, &new_shape) {
            (Some(old), Some(new)) => new.bytes().1 > old.bytes().1,
            _ => false,
        };
        if let Some(slot) = self.columns.get_mut(at) {
            slot.shape = new_shape;
            slot.auto_increment = definition.auto_increment.is_some();
            slot.stored = !is_virtual(definition);
        }
        if longer {
            self.check_longer(&definition.name.value);
        }
        if place.is_some() && at < self.columns.len() {
            let slot = self.columns.remove(at);
            let position = self.position(place, at);
            self.columns.insert(position.min(self.columns.len()), slot);
        }
        self.inline_constraints(definition, false);
    }

    /// MODIFY of a column the history does not show.
    fn modify_unknown(&mut self, column: &Ident, definition: &ColumnDef) {
        let shown = self.table.map_or_else(|| column.value.clone(), |table| format!("{}.{column}", table.key));
        self.unknown(format!("the definition of {shown} so far"), "whether the table is copied");
        if column.value != definition.name.value {
            self.flags |= Flags::NAME;
        }
        if !self.optimistic {
            self.flags |= Flags::TYPE;
            self.cause(format!("the type of `{column}` may change"));
        }
        self.inline_constraints(definition, false);
    }

    fn compare_types(&mut self, column: &Ident, old: Option<&Shape>, new: Option<&Shape>, is_virtual: bool) {
        let (Some(old), Some(new)) = (old, new) else {
            let table = self.table_name();
            self.unknown(format!("the type of {table}.{column}"), "whether the table is copied");
            if !self.optimistic {
                self.flags |= Flags::TYPE;
                self.cause(format!("the type of `{column}` may change"));
            }
            return;
        };
        self.facts.converts_columns |= self.converting.is_some() && new.is_text() && old.text != new.text;
        let redundant = self.row_format().as_deref() == Some("redundant");
        let change = compare(old, new, self.keyed(&column.value), redundant, self.server);
        let change = if change == TypeChange::Unknown {
            let table = self.table_name();
            self.unknown(format!("the character set of {table}.{column}"), "whether the table is copied");
            if self.optimistic { TypeChange::SamePack } else { TypeChange::Convert }
        } else {
            change
        };
        match change {
            TypeChange::Same => {}
            TypeChange::SamePack => self.flags |= Flags::SAME_PACK,
            TypeChange::Reindex => {
                self.flags |= Flags::SAME_PACK;
                self.reindex(&column.value);
            }
            TypeChange::Convert | TypeChange::Unknown => {
                self.flags |= if is_virtual { Flags::VIRTUAL_TYPE } else { Flags::TYPE };
                let text = super::narrow::describe(old, new);
                self.cause(format!("`{column}` is converted from {} to {}", text.0, text.1));
            }
        }
    }

    fn compare_generated(&mut self, old: &crate::catalog::Column, new: &ColumnDef) {
        let name = &new.name;
        match (&old.generated, &new.generated) {
            (None, None) => {}
            (Some(before), Some(after)) => {
                if before.kind != after.kind {
                    self.refuse_generated(name);
                } else if self.server.is_mariadb() && after.kind == GeneratedKind::Stored {
                    // MODIFY and CHANGE read the expression anew and take it for another one (measured).
                    self.flags |= Flags::STORED_EXPRESSION;
                    self.cause(format!("the stored column `{name}` is computed anew"));
                } else if self.server.is_mariadb() && self.keyed(&name.value).before {
                    // … and for values that an index holds, dropped ones counted (measured).
                    self.flags |= Flags::VIRTUAL_TYPE;
                    self.cause(format!("the indexed column `{name}` is computed anew"));
                } else if before.expression != after.expression {
                    let (flag, cause) = match after.kind {
                        GeneratedKind::Stored => (Flags::STORED_EXPRESSION, true),
                        GeneratedKind::Virtual => (Flags::VIRTUAL_EXPRESSION, !self.server.is_mariadb()),
                    };
                    self.flags |= flag;
                    if cause {
                        self.cause(format!("the expression of `{name}` changes"));
                    }
                }
            }
            // A virtual column has no stored value to keep, a plain one would lose its own.
            (Some(generated), None) if generated.kind == GeneratedKind::Virtual => self.refuse_generated(name),
            (None, Some(generated)) if generated.kind == GeneratedKind::Virtual => self.refuse_generated(name),
            (Some(_), None) | (None, Some(_)) => {
                self.flags |= Flags::TYPE;
                self.cause(format!("`{name}` changes between a plain and a stored generated column"));
            }
        }
    }

    fn refuse_generated(&mut self, name: &Ident) {
        let code = if self.server.is_mariadb() { 1907 } else { 3106 };
        self.fail(failure::schema(
            code,
            format!("`{name}` cannot change between stored and virtual: drop the column and add it anew"),
            Truth::Yes,
        ));
    }

    fn compare_null(&mut self, at: usize, old: &crate::catalog::Column, new: &ColumnDef, shape: Option<&Shape>) {
        let name = new.name.value.clone();
        let primary = self.keys.iter().any(|key| key.primary && key.uses(&name)) || has_inline(new, ConstraintKind::PrimaryKey);
        let was_null = self.columns.get(at).is_some_and(|slot| slot.nullable);
        let becomes_null = new.not_null.is_none() && !primary && new.auto_increment.is_none() && !self.implicitly_not_null(new);
        if new.null.is_some() && primary {
            self.fail(failure::schema(1171, format!("`{name}` is in the primary key and cannot be NULL"), Truth::Yes));
        }
        if was_null && !becomes_null {
            self.flags |= Flags::NOT_NULL;
            self.cause(format!("`{name}` becomes NOT NULL"));
            let filled = new.default.is_some() || self.implicit_timestamp(new) || self.server.is_mariadb();
            if shape.is_some_and(|shape| shape.family() == Family::Timestamp) && filled {
                self.facts.timestamp_default = true;
            }
            let code = if self.server.is_mariadb() || self.copying { 1265 } else { 1138 };
            if self.rows().possible() && self.session.strict {
                self.fail(failure::data(code, format!("a row with NULL in `{name}` stops it"), Truth::Unknown));
            }
        } else if !was_null && becomes_null && (new.generated.is_none() || !self.server.is_mariadb()) {
            self.flags |= Flags::NULLABLE;
            self.cause(format!("`{name}` becomes nullable"));
        }
        let _ = old;
        if let Some(slot) = self.columns.get_mut(at) {
            slot.nullable = becomes_null;
        }
    }

    /// TIMESTAMP without NULL is NOT NULL while explicit_defaults_for_timestamp is off: MySQL before
    /// 8.0.2, MariaDB before 10.10.
    fn implicitly_not_null(&self, column: &ColumnDef) -> bool {
        let timestamp = column.data_type.as_ref().is_some_and(|data_type| family(data_type) == Family::Timestamp);
        timestamp && column.null.is_none() && self.implicit_timestamps()
    }

    fn implicit_timestamps(&self) -> bool {
        if self.server.is_mariadb() { !self.server.0.at_least(10, 10, 0) } else { !self.server.0.at_least(8, 0, 2) }
    }

    fn implicit_timestamp(&self, column: &ColumnDef) -> bool {
        self.implicit_timestamps() && column.default.is_none()
    }

    fn compare_default(&mut self, old: &crate::catalog::Column, new: &ColumnDef) {
        let before = old.default.as_ref().map(|default| &default.expression).filter(|expression| !same(expression.text.trim(), "null"));
        let after = new.default.as_ref().map(|default| &default.expression).filter(|expression| !same(expression.text.trim(), "null"));
        if before != after || old.on_update.is_some() != new.on_update.is_some() {
            self.flags |= Flags::DEFAULT;
        }
    }
}

pub(super) fn is_virtual(column: &ColumnDef) -> bool {
    column.generated.as_ref().is_some_and(|generated| generated.kind == GeneratedKind::Virtual)
}

pub(super) fn has_inline(column: &ColumnDef, kind: ConstraintKind) -> bool {
    column.constraints.iter().any(|constraint: &crate::change::ConstraintDef| ConstraintBody::kind(&constraint.body) == kind)
}
