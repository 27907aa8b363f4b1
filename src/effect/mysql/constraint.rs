//! Foreign keys and checks.

use super::charset::{column_text, table_text};
use super::draft::{Draft, Forced, same};
use super::expression::Use;
use super::failure;
use super::flags::Flags;
use super::types::{Family, Shape};
use crate::catalog::{Catalog, Constraint, Key as TableKey, Presence, Table};
use crate::change::{ColumnDef, ConstraintBody, ConstraintDef, ConstraintKind, ForeignKey, Ident, IndexKind, RefAction};
use crate::effect::{Failure, Truth};
use crate::engine::Engine;

impl Draft<'_> {
    pub(super) fn inline_constraints(&mut self, column: &ColumnDef, added: bool) {
        for constraint in &column.constraints {
            match &constraint.body {
                ConstraintBody::Check(check) if self.server.is_mariadb() => {
                    self.use_expression(&column.name.value, Use::Check, &check.expression);
                    // A column's own CHECK is part of its definition: no row is looked at (measured).
                    if !added {
                        self.flags |= Flags::DEFAULT;
                    }
                }
                ConstraintBody::ForeignKey(_) if !self.server.honours_inline_references() => {}
                _ => self.add_constraint(constraint),
            }
        }
    }

    pub(super) fn add_constraint(&mut self, constraint: &ConstraintDef) {
        match &constraint.body {
            ConstraintBody::PrimaryKey(key) => self.add_key_constraint(constraint.name.as_ref(), key, true, constraint.if_not_exists),
            ConstraintBody::Unique(key) => self.add_key_constraint(constraint.name.as_ref(), key, false, constraint.if_not_exists),
            ConstraintBody::ForeignKey(key) => self.add_foreign_key(constraint, key),
            ConstraintBody::Check(check) => {
                let name = constraint.name.as_ref().map_or("the check", |name| name.value.as_str());
                self.use_expression(name, Use::Check, &check.expression);
                self.add_check(constraint);
            }
            ConstraintBody::Exclusion(_) | ConstraintBody::NotNull { .. } => {}
        }
    }

    fn add_check(&mut self, constraint: &ConstraintDef) {
        if !self.server.enforces_checks() {
            return;
        }
        if let Some(name) = &constraint.name {
            let again = self.added_checks.iter().any(|added| same(added, &name.value));
            self.added_checks.push(name.value.clone());
            let dropped = self.dropped_constraints.iter().any(|gone| same(gone, &name.value));
            if again || (self.existing(name, ConstraintKind::Check).is_some() && !dropped) {
                if constraint.if_not_exists {
                    return;
                }
                let code = if self.server.is_mariadb() { 1826 } else { 3822 };
                self.fail(failure::schema(code, format!("there is already a check `{name}`"), Truth::Yes));
            }
        }
        if constraint.not_enforced.is_some() {
            self.flags |= Flags::DEFAULT;
            return;
        }
        self.check_rows(constraint.name.as_ref());
    }

    fn check_rows(&mut self, name: Option<&Ident>) {
        if self.server.is_mariadb() {
            self.flags |= Flags::ADD_CHECK;
        } else {
            self.forced.get_or_insert(Forced::Check);
        }
        let label = name.map_or_else(|| "the check".to_owned(), |name| format!("the check `{name}`"));
        self.cause(format!("{label} is tested on every row"));
        if self.rows().possible() {
            let code = if self.server.is_mariadb() { 4025 } else { 3819 };
            self.fail(failure::data(code, format!("a row that violates {label} stops it"), Truth::Unknown));
        }
    }

    pub(super) fn alter_constraint(&mut self, name: &Ident, enforced: Option<bool>) {
        if self.existing(name, ConstraintKind::Check).is_none() {
            let certain = self.known();
            self.fail(failure::schema(3821, format!("there is no check `{name}`"), certain));
        }
        let holds = self.existing(name, ConstraintKind::Check).is_some_and(|check| check.enforced);
        match enforced {
            // It is already (measured).
            Some(true) if holds => self.flags |= Flags::DROP_CHECK,
            Some(true) => self.check_rows(Some(name)),
            Some(false) | None => self.flags |= Flags::DROP_CHECK,
        }
    }

    fn existing(&self, name: &Ident, kind: ConstraintKind) -> Option<&Constraint> {
        self.table?.constraints.iter().find(|constraint| constraint.kind == kind && same(&constraint.name, &name.value))
    }

    pub(super) fn drop_constraint(&mut self, name: Option<&Ident>, kind: Option<ConstraintKind>, if_exists: bool) {
        if kind == Some(ConstraintKind::PrimaryKey) {
            return self.drop_primary(if_exists);
        }
        let Some(name) = name else { return };
        let found = self
            .table
            .and_then(|table| table.constraints.iter().find(|it| same(&it.name, &name.value) && kind.is_none_or(|kind| it.kind == kind)))
            .map(|constraint| constraint.kind);
        self.dropped_constraints.push(name.value.clone());
        match found.or(kind) {
            Some(ConstraintKind::PrimaryKey) => self.drop_primary(if_exists),
            Some(ConstraintKind::Unique) => {
                self.remove_key(&name.value);
            }
            Some(_) if found.is_none() && if_exists && self.known() == Truth::Yes => {}
            Some(ConstraintKind::ForeignKey) => self.flags |= Flags::DROP_FOREIGN,
            Some(_) if self.server.enforces_checks() => self.flags |= Flags::DROP_CHECK,
            Some(_) => {}
            None if self.remove_key(&name.value) => return,
            None => self.flags |= Flags::DROP_CHECK,
        }
        if found.is_some() || if_exists {
            return;
        }
        let certain = self.known();
        let code = match kind {
            Some(ConstraintKind::Check) if !self.server.is_mariadb() => 3821,
            None if !self.server.is_mariadb() => 3940,
            _ => 1091,
        };
        self.fail(failure::schema(code, format!("there is no constraint `{name}` to drop"), certain));
    }

    // -- foreign keys

    fn add_foreign_key(&mut self, constraint: &ConstraintDef, key: &ForeignKey) {
        if self.is_partitioned() {
            self.fail(failure::schema(1506, "a partitioned table has no foreign keys", Truth::Yes));
            return;
        }
        let given = key.referenced_columns.len();
        // Without columns it is the primary key (MariaDB, MySQL 9).
        if given != key.columns.len() && (given > 0 || !self.server.honours_inline_references()) {
            let reason = "the foreign key names another number of columns than it refers to";
            self.fail(failure::schema(1239, reason, Truth::Yes));
            return;
        }
        let columns: Vec<String> = key.columns.iter().map(|column| column.value.clone()).collect();
        if let Some(name) = constraint.name.as_ref().filter(|_| key.index_name.is_none() && !self.supported(&columns))
            && self.existing(name, ConstraintKind::ForeignKey).is_some()
            && self.keys.iter().any(|key| same(&key.name, &name.value))
        {
            // The index it would make has the name of the first one's.
            self.fail(failure::schema(1061, format!("the table already has an index `{name}`"), Truth::Yes));
        }
        if let Some(name) = &constraint.name
            && self.existing(name, ConstraintKind::ForeignKey).is_some()
        {
            // The servers look for the name before they drop anything (measured).
            if constraint.if_not_exists {
                return;
            }
            let code = if self.server.is_mariadb() && self.session.checks_foreign_keys { 1005 } else { 1826 };
            self.fail(failure::schema(code, format!("there is already a foreign key `{name}`"), Truth::Yes));
        } else if let (Some(name), Some(table)) = (&constraint.name, self.table) {
            let code = if self.session.checks_foreign_keys { 1005 } else { 1823 };
            let taken = name_taken(self.catalog, &table.key, &name.value, code);
            taken.into_iter().for_each(|failure| self.fail(failure));
        }
        self.flags |= Flags::ADD_FOREIGN;
        for column in &key.columns {
            if self.slot(&column.value).is_none() {
                let certain = self.known();
                self.fail(failure::schema(1072, format!("the key column `{column}` does not exist"), certain));
            }
        }
        self.check_computed_parts(key);
        self.check_parent(key);
        self.check_set_null(key);
        if !self.supported(&columns) {
            let name = key.index_name.as_ref().or(constraint.name.as_ref()).map(|name| name.value.clone());
            let name = name.filter(|name| !self.keys.iter().any(|key| same(&key.name, name)));
            self.add_key(name, IndexKind::Plain, false, false, &columns);
        }
        if self.session.checks_foreign_keys {
            self.cause(format!("every row is checked against `{}`", key.references));
            if self.rows().possible() {
                self.fail(failure::data(1452, format!("a row without its row in `{}` stops it", key.references), Truth::Unknown));
            }
        }
    }

    /// A key whose first columns are these.
    pub(super) fn supported(&self, columns: &[String]) -> bool {
        self.keys.iter().any(|key| {
            key.kind == IndexKind::Plain
                && key.parts.len() >= columns.len()
                && key
                    .parts
                    .iter()
                    .zip(columns)
                    .all(|(part, column)| part.prefix.is_none() && part.column.as_deref().is_some_and(|name| same(name, column)))
        })
    }

    pub(super) fn is_computed(&self, slot: &super::draft::Slot) -> bool {
        let old = || slot.before.and_then(|before| self.table?.columns.get(before)).is_some_and(|column| column.generated.is_some());
        let new = || self.expressions.iter().any(|used| same(&used.owner, &slot.name) && matches!(used.place, Use::Generated(_)));
        !slot.stored || old() || new()
    }

    /// A virtual column has no values to compare, and a computed one cannot be set (measured).
    fn check_computed_parts(&mut self, key: &ForeignKey) {
        let sets = |action| matches!(action, RefAction::SetNull | RefAction::SetDefault);
        let updates = sets(key.on_update) || key.on_update == RefAction::Cascade;
        for column in &key.columns {
            let Some(slot) = self.slot(&column.value).and_then(|at| self.columns.get(at)).cloned() else { continue };
            let computed = self.is_computed(&slot);
            if !slot.stored && !self.server.is_mariadb() && self.server.0.at_least(8, 0, 0) {
                self.fail(failure::schema(3733, format!("`{column}` is virtual and cannot be in a foreign key"), Truth::Yes));
            } else if computed && (sets(key.on_delete) || updates) {
                let code = if self.server.is_mariadb() { 1905 } else { 3104 };
                self.fail(failure::schema(code, format!("`{column}` is computed: the foreign key cannot set it"), Truth::Yes));
            }
        }
    }

    fn check_set_null(&mut self, key: &ForeignKey) {
        if key.on_delete != RefAction::SetNull && key.on_update != RefAction::SetNull {
            return;
        }
        for column in &key.columns {
            let not_null = self.slot(&column.value).and_then(|at| self.columns.get(at)).is_some_and(|slot| !slot.nullable);
            if not_null {
                let code = if self.server.is_mariadb() {
                    1005
                } else if self.server.has_foreign_key_errors() {
                    1830
                } else {
                    1215
                };
                self.fail(failure::schema(code, format!("SET NULL cannot work: `{column}` is NOT NULL"), Truth::Yes));
            }
        }
    }

    /// The referenced table, its columns, their types and the key they need.
    fn check_parent(&mut self, key: &ForeignKey) {
        let own = self.table.is_some_and(|table| self.catalog.resolve(&key.references) == table.key);
        if own || self.own_name.as_deref().is_some_and(|name| key.references.name.is(name)) {
            return;
        }
        let Some(parent) = self.catalog.table(&key.references) else {
            let certain = match self.catalog.presence(&key.references) {
                Presence::Dropped => Truth::Yes,
                Presence::NeverMade => Truth::Yes,
                Presence::Present | Presence::Unknown => Truth::No,
            };
            if self.session.checks_foreign_keys && certain.possible() {
                self.fail(failure::schema(
                    self.foreign_code(1824),
                    format!("the referenced table `{}` does not exist", key.references),
                    certain,
                ));
            }
            return;
        };
        let parent_known = Truth::from(parent.complete && !parent.uncertain).max(Truth::Unknown);
        let referenced: Vec<String> = if key.referenced_columns.is_empty() {
            parent.primary_key().map(|key| key.columns.clone()).unwrap_or_default()
        } else {
            key.referenced_columns.iter().map(|column| column.value.clone()).collect()
        };
        for name in &referenced {
            if parent.column(name).is_none() && parent_known == Truth::Yes {
                self.fail(failure::schema(self.foreign_code(3734), format!("`{}` has no column `{name}`", key.references), parent_known));
                return;
            }
        }
        self.check_foreign_types(key, parent, &referenced, parent_known);
        if parent_known != Truth::Yes || referenced.is_empty() {
            return;
        }
        let (any, unique) = parent_keys(parent, &referenced);
        if !any {
            let modern = if self.server.demands_unique_parent() { 6125 } else { 1822 };
            self.fail(failure::schema(
                self.foreign_code(modern),
                format!("no key of `{}` starts with the referenced columns", key.references),
                Truth::Yes,
            ));
        } else if !unique && self.server.demands_unique_parent() {
            self.fail(failure::schema(6125, format!("the referenced columns of `{}` are not a unique key", key.references), Truth::Yes));
        }
    }

    fn foreign_code(&self, modern: u16) -> u16 {
        if self.server.is_mariadb() {
            1005
        } else if self.server.has_foreign_key_errors() {
            modern
        } else {
            1215
        }
    }

    fn check_foreign_types(&mut self, key: &ForeignKey, parent: &Table, referenced: &[String], certain: Truth) {
        let text = table_text(parent, self.catalog);
        for (column, name) in key.columns.iter().zip(referenced) {
            let child = self.slot(&column.value).and_then(|at| self.columns.get(at)).and_then(|slot| slot.shape.clone());
            let Some(other) = parent.column(name) else { continue };
            let shape = other.data_type.as_ref().map(|data_type| Shape {
                data_type: data_type.clone(),
                text: column_text(other, &text, self.server),
                auto_increment: false,
            });
            if let (Some(child), Some(parent_shape)) = (child, shape)
                && !joinable(&child, &parent_shape, self.minds_charsets())
            {
                let reason = format!("`{column}` and `{}.{name}` have different types", key.references);
                let unchecked = self.server.is_mariadb() && !self.session.checks_foreign_keys;
                let code = if unchecked { 1825 } else { self.foreign_code(3780) };
                self.fail(failure::schema(code, reason, certain));
            }
        }
    }
}

/// Whether a foreign key may join these types. InnoDB compares what it stores: any two character
/// strings of one collation, any two of what it keeps as bytes (binary strings, DECIMAL, BIT, times
/// and dates with times), labels and years of one size, integers of one size and sign (measured).
pub(super) fn joinable(a: &Shape, b: &Shape, charsets: bool) -> bool {
    match (Stored::of(a), Stored::of(b)) {
        (Stored::Text, Stored::Text) => {
            let (a, b) = (a.effective_text(), b.effective_text());
            !charsets || a.charset.is_none() || b.charset.is_none() || a == b
        }
        (Stored::Other, Stored::Other) => a.family() == b.family(),
        (a, b) => a == b,
    }
}

#[derive(PartialEq)]
enum Stored {
    Text,
    Bytes,
    Integer { bytes: u64, unsigned: bool },
    Labels(u64),
    Other,
}

impl Stored {
    fn of(shape: &Shape) -> Stored {
        let data_type = &shape.data_type;
        match shape.family() {
            Family::Char | Family::Varchar | Family::Blob if shape.is_text() => Stored::Text,
            Family::Char | Family::Varchar | Family::Blob => Stored::Bytes,
            Family::Decimal | Family::Bit | Family::Time | Family::Datetime | Family::Timestamp => Stored::Bytes,
            Family::Integer => {
                Stored::Integer { bytes: shape.bytes().0, unsigned: data_type.unsigned || data_type.zerofill || data_type.name == "serial" }
            }
            Family::Enum | Family::Set | Family::Year => Stored::Labels(shape.bytes().0),
            Family::Other if matches!(data_type.name.as_str(), "uuid" | "inet4" | "inet6") => Stored::Bytes,
            Family::Float | Family::Double | Family::Date | Family::Json | Family::Geometry | Family::Other => Stored::Other,
        }
    }
}

/// Whether a key of the parent starts with these columns, and whether a unique one is just these.
fn parent_keys(parent: &Table, columns: &[String]) -> (bool, bool) {
    let starts = |names: &mut dyn Iterator<Item = &str>| {
        let names: Vec<&str> = names.collect();
        names.len() >= columns.len() && names.iter().zip(columns).all(|(name, column)| same(name, column))
    };
    let mut any = false;
    let mut unique = false;
    for index in &parent.indexes {
        if starts(&mut index.columns()) {
            any = true;
            unique |= (index.unique || index.primary) && index.keys.len() == columns.len();
        }
    }
    for constraint in &parent.constraints {
        let is_key = matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique);
        if is_key && starts(&mut constraint.columns.iter().map(String::as_str)) {
            any = true;
            unique |= constraint.columns.len() == columns.len();
        }
    }
    // The server made an index for the parent's own foreign key on these columns.
    any |= parent.foreign_keys().any(|key| starts(&mut key.columns.iter().map(String::as_str)));
    (any, unique)
}

/// Another table of the database has a foreign key of this name: MySQL 8.0 keeps their names as it keeps
/// those of tables, MariaDB before 12.1 has them in a dictionary of InnoDB (measured).
pub(super) fn name_taken(before: &Catalog, own: &TableKey, name: &str, code: u16) -> Option<Failure> {
    let mariadb = before.target.engine == Engine::Mariadb;
    let kept = if mariadb { !before.target.at_least(12, 1, 0) } else { before.target.at_least(8, 0, 0) };
    // The names that a server makes up follow those of their tables.
    if !kept || name.contains("_ibfk_") {
        return None;
    }
    let owner = before.tables.values().find(|table| {
        let sure = table.complete && !table.uncertain && table.option("engine").is_none_or(|engine| engine.eq_ignore_ascii_case("innodb"));
        sure && table.key.schema == own.schema && table.key != *own && table.foreign_keys().any(|foreign| same(&foreign.name, name))
    })?;
    let reason = format!("`{}` already has a foreign key `{name}`, and a database has each name once", owner.key.name);
    Some(failure::schema(if mariadb { code } else { 1826 }, reason, Truth::Yes))
}
