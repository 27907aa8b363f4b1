//! Questions about what exists.

use std::collections::BTreeSet;

use super::links::Link;
use super::{
    Birth, Catalog, Column, Constraint, Domain, EnumType, Index, Key, Origin, Routine, Sequence, Shelf, Table, TableStatistics, Trigger,
    View,
};
use crate::change::{ConstraintKind, DataType, Ident, IndexPart, ObjectName};
use crate::engine::Engine;

/// Whether the history made something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Present,
    /// The history made it and dropped it again: referring to it is certain to fail.
    Dropped,
    /// The history never made it, and nothing else in it was met unmade.
    NeverMade,
    /// The history is known to be incomplete: it may well exist.
    Unknown,
}

impl Catalog {
    pub fn table(&self, name: &ObjectName) -> Option<&Table> {
        self.table_at(&self.resolve(name))
    }

    pub fn table_at(&self, key: &Key) -> Option<&Table> {
        self.tables.get(key).map(AsRef::as_ref)
    }

    pub fn column(&self, table: &ObjectName, column: &Ident) -> Option<&Column> {
        self.table(table)?.column(&column.value)
    }

    /// An index by name, with the table it is on. MySQL and MariaDB have index names per table, so
    /// `table` is needed there; elsewhere it may be left out.
    pub fn index(&self, table: Option<&ObjectName>, name: &ObjectName) -> Option<(&Table, &Index)> {
        let table = match (self.target.engine, table) {
            (Engine::Mysql | Engine::Mariadb, None) => return None,
            (Engine::Mysql | Engine::Mariadb, Some(table)) => self.table(table)?,
            (Engine::Postgres | Engine::Sqlite, _) => self.table_at(self.index_owners.get(&self.resolve_index(name))?)?,
        };
        Some((table, table.index(&name.name.value)?))
    }

    /// An index by its key (PostgreSQL, SQLite).
    pub fn index_at(&self, key: &Key) -> Option<(&Table, &Index)> {
        let table = self.table_at(self.index_owners.get(key)?)?;
        Some((table, table.index(&key.name)?))
    }

    pub fn view(&self, name: &ObjectName) -> Option<&View> {
        self.views.get(&self.resolve(name)).map(AsRef::as_ref)
    }

    pub fn sequence(&self, name: &ObjectName) -> Option<&Sequence> {
        self.sequences.get(&self.resolve(name)).map(AsRef::as_ref)
    }

    pub fn routine(&self, name: &ObjectName) -> Option<&Routine> {
        self.routines.get(&self.resolve_routine(name)).map(AsRef::as_ref)
    }

    pub fn domain(&self, name: &ObjectName) -> Option<&Domain> {
        self.domains.get(&self.resolve_type(name)).map(AsRef::as_ref)
    }

    pub fn enum_type(&self, name: &ObjectName) -> Option<&EnumType> {
        self.enums.get(&self.resolve_type(name)).map(AsRef::as_ref)
    }

    /// The name of a type as an object's, for types the history made.
    pub fn type_name(data_type: &DataType) -> ObjectName {
        ObjectName { schema: data_type.schema.clone(), name: Ident { value: data_type.name.clone(), quoted: false, span: data_type.span } }
    }

    /// The domain a column's type names.
    pub fn domain_of(&self, data_type: &DataType) -> Option<&Domain> {
        if self.domains.is_empty() { None } else { self.domain(&Self::type_name(data_type)) }
    }

    /// The enum a column's type names (PostgreSQL).
    pub fn enum_of(&self, data_type: &DataType) -> Option<&EnumType> {
        if self.enums.is_empty() { None } else { self.enum_type(&Self::type_name(data_type)) }
    }

    /// The age of something as seen from the statement being looked at.
    pub fn origin(&self, birth: Birth) -> Origin {
        birth.origin(self.now)
    }

    /// The age of a table; `Unknown` when the history never made it.
    pub fn origin_of(&self, table: &ObjectName) -> Origin {
        match self.table(table) {
            Some(table) if table.origin.is_none() => Origin::Unknown,
            Some(table) => self.origin(table.birth),
            None => Origin::Unknown,
        }
    }

    /// Whether a table, view or sequence of this name exists.
    pub fn presence(&self, name: &ObjectName) -> Presence {
        let key = self.resolve(name);
        if self.tables.contains_key(&key) || self.views.contains_key(&key) || self.sequences.contains_key(&key) {
            return Presence::Present;
        }
        if self.dropped.contains_key(&key) {
            return Presence::Dropped;
        }
        if made_by_others(&key.name) {
            return Presence::Unknown;
        }
        let foreign_schema = name.schema.is_some() && !self.knows_schema(&key.schema);
        if self.open_world || self.tables.is_empty() || foreign_schema { Presence::Unknown } else { Presence::NeverMade }
    }

    /// Whether the history made this schema or put something in it.
    pub fn knows_schema(&self, schema: &str) -> bool {
        schema.is_empty()
            || schema == "public"
            || self.schemas.contains_key(schema)
            || holds(&self.tables, schema)
            || holds(&self.views, schema)
            || holds(&self.routines, schema)
            || holds(&self.enums, schema)
            || holds(&self.types, schema)
            || holds(&self.domains, schema)
            || holds(&self.sequences, schema)
    }

    /// Foreign keys of any table (itself included) that reference this one.
    pub fn referencing_foreign_keys(&self, key: &Key) -> Vec<(&Table, &Constraint)> {
        let mut found = Vec::new();
        for child in self.links.of(Link::Foreign, key) {
            let Some(table) = self.table_at(child) else { continue };
            for constraint in &table.constraints {
                if constraint.foreign_key.as_ref().is_some_and(|info| info.references == *key) {
                    found.push((table, constraint));
                }
            }
        }
        found
    }

    /// Views, materialised or not, whose query reads this table or view; not those that read them.
    pub fn dependent_views(&self, key: &Key) -> Vec<&View> {
        self.links
            .of(Link::Read, key)
            .filter_map(|view| self.views.get(view))
            .filter(|view| view.reads.contains(key))
            .map(AsRef::as_ref)
            .collect()
    }

    /// Views that read this table and mention the column, or take all of them with a star.
    pub fn dependent_views_on(&self, key: &Key, column: &str) -> Vec<&View> {
        let mut views = self.dependent_views(key);
        views.retain(|view| view.star_takes(column) || view.mentions.iter().any(|name| name.eq_ignore_ascii_case(column)));
        views
    }

    /// Whether a view's query uses this column of this table. A name may be another table's column,
    /// and a star may be another table's star: only where it reads nothing else that has the column
    /// is it sure.
    pub fn view_uses(&self, view: &View, key: &Key, column: &str) -> Usage {
        if !view.reads.contains(key) {
            return Usage::No;
        }
        let named = view.mentions.iter().any(|name| name.eq_ignore_ascii_case(column));
        let star = view.star_takes(column);
        let others = || view.reads.iter().filter(|read| *read != key);
        let ambiguous = |read: &Key| match self.table_at(read) {
            Some(other) => !other.complete || other.uncertain || other.column(column).is_some(),
            None => self
                .views
                .get(read)
                .is_none_or(|other| other.columns.is_empty() || other.columns.iter().any(|name| name.eq_ignore_ascii_case(column))),
        };
        match (named, star) {
            (true, _) if !others().any(ambiguous) => Usage::Surely,
            (false, true) if others().next().is_none() && view.output_is_star() => Usage::Surely,
            (false, false) => Usage::No,
            _ => Usage::Perhaps,
        }
    }

    /// Views that depend on this relation directly or through other views, nearest first.
    pub fn dependent_views_recursive(&self, key: &Key) -> Vec<&View> {
        let mut found: Vec<&View> = Vec::new();
        let mut seen = BTreeSet::from([key.clone()]);
        let mut queue = vec![key.clone()];
        while let Some(next) = queue.pop() {
            for view in self.dependent_views(&next) {
                if seen.insert(view.key.clone()) {
                    found.push(view);
                    queue.push(view.key.clone());
                }
            }
        }
        found
    }

    /// Partitions and inheriting tables, one level.
    pub fn children(&self, key: &Key) -> Vec<&Table> {
        self.links
            .of(Link::Child, key)
            .filter_map(|child| self.table_at(child))
            .filter(|child| child.inherits.contains(key) || child.partition_of.as_ref().is_some_and(|(parent, _)| parent == key))
            .collect()
    }

    /// Partitions and inheriting tables, all levels.
    pub fn descendants(&self, key: &Key) -> Vec<&Table> {
        let mut found: Vec<&Table> = Vec::new();
        let mut seen = BTreeSet::from([key.clone()]);
        let mut queue = vec![key.clone()];
        while let Some(next) = queue.pop() {
            for child in self.children(&next) {
                if seen.insert(child.key.clone()) {
                    found.push(child);
                    queue.push(child.key.clone());
                }
            }
        }
        found
    }

    /// Partitions of a partitioned table, all levels.
    pub fn partitions(&self, key: &Key) -> Vec<&Table> {
        let mut found = self.descendants(key);
        found.retain(|table| table.partition_of.is_some());
        found
    }

    /// Sequences owned by a column of the table: dropped with it.
    pub fn owned_sequences(&self, key: &Key) -> Vec<&Sequence> {
        self.links
            .of(Link::Owned, key)
            .filter_map(|sequence| self.sequences.get(sequence))
            .filter(|sequence| sequence.owned_by.as_ref().is_some_and(|(table, _)| table == key))
            .map(AsRef::as_ref)
            .collect()
    }

    /// Triggers, on whatever table, whose body mentions this table.
    pub fn triggers_mentioning(&self, key: &Key) -> Vec<(&Table, &Trigger)> {
        let mut found = Vec::new();
        for owner in self.links.of(Link::Mention, key) {
            let Some(table) = self.table_at(owner) else { continue };
            found.extend(table.triggers.iter().filter(|trigger| trigger.mentions.contains(key)).map(|trigger| (table, trigger)));
        }
        found
    }

    /// Columns whose type is this domain, enum or composite type. Looks through every table.
    pub fn columns_of_type(&self, key: &Key) -> Vec<(&Table, &Column)> {
        let mut found = Vec::new();
        for table in self.tables.values() {
            for column in &table.columns {
                let Some(data_type) = &column.data_type else { continue };
                if data_type.name == key.name && self.resolve_type(&Self::type_name(data_type)) == *key {
                    found.push((table.as_ref(), column));
                }
            }
        }
        found
    }

    /// How often an instant ALTER has made a new version of the table's rows.
    pub fn set_row_versions(&mut self, key: &Key, versions: u16) {
        if let Some(table) = self.tables.edit(key) {
            table.row_versions = versions;
        }
    }

    /// What a stats file or a live server says about a table's size.
    pub fn set_statistics(&mut self, key: &Key, statistics: TableStatistics) {
        if let Some(table) = self.tables.edit(key) {
            table.statistics = Some(statistics);
            if statistics.rows > 0 {
                table.rows = super::Rows::Some;
            }
        }
    }
}

/// Whether a shelf has anything of a schema.
fn holds<V: Clone>(shelf: &Shelf<Key, V>, schema: &str) -> bool {
    shelf.range(Key { schema: schema.to_owned(), name: String::new() }..).next().is_some_and(|(key, _)| key.schema == schema)
}

/// Whether something uses something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    No,
    Perhaps,
    Surely,
}

impl View {
    /// Whether a star of the query may stand for this column too.
    fn star_takes(&self, column: &str) -> bool {
        self.mentions.iter().any(|name| name == "*")
            && self.star.as_ref().is_none_or(|names| names.iter().any(|name| name.eq_ignore_ascii_case(column)))
    }

    /// Its output columns are hidden behind a star.
    fn output_is_star(&self) -> bool {
        self.columns.is_empty()
    }
}

impl Table {
    /// A column by name: as written first, else without case.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name).or_else(|| self.columns.iter().find(|column| same(&column.name, name)))
    }

    pub fn index(&self, name: &str) -> Option<&Index> {
        self.indexes.iter().find(|index| index.name == name).or_else(|| self.indexes.iter().find(|index| same(&index.name, name)))
    }

    pub fn constraint(&self, name: &str) -> Option<&Constraint> {
        self.constraints.iter().find(|it| it.name == name).or_else(|| self.constraints.iter().find(|it| same(&it.name, name)))
    }

    pub fn trigger(&self, name: &str) -> Option<&Trigger> {
        self.triggers.iter().find(|trigger| same(&trigger.name, name))
    }

    pub fn primary_key(&self) -> Option<&Constraint> {
        self.constraints.iter().find(|constraint| constraint.kind == ConstraintKind::PrimaryKey)
    }

    pub fn foreign_keys(&self) -> impl Iterator<Item = &Constraint> {
        self.constraints.iter().filter(|constraint| constraint.kind == ConstraintKind::ForeignKey)
    }

    /// Constraints whose columns (or whose expression, for CHECK) mention the column.
    pub fn constraints_on<'a>(&'a self, column: &'a str) -> impl Iterator<Item = &'a Constraint> {
        self.constraints.iter().filter(move |constraint| constraint.columns.iter().any(|name| same(name, column)))
    }

    /// Indexes that use the column as a key, in INCLUDE, in an expression or in their predicate.
    pub fn indexes_on<'a>(&'a self, column: &'a str) -> impl Iterator<Item = &'a Index> {
        self.indexes.iter().filter(move |index| index.uses(column))
    }

    /// Generated columns computed from this one.
    pub fn generated_from<'a>(&'a self, column: &'a str) -> impl Iterator<Item = &'a Column> {
        self.columns.iter().filter(move |other| other.generated.as_ref().is_some_and(|generated| generated.expression.mentions(column)))
    }

    /// A table option (`engine`, `row_format` …), the last one written.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().rev().find(|option| option.name == name).map(|option| option.value.as_str())
    }
}

impl Index {
    /// Names of its plain key columns, in order; expressions are left out.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter_map(|key| key.column_name()).map(|name| name.value.as_str())
    }

    /// Whether the column is a key, included, or part of an expression or of the predicate.
    pub fn uses(&self, column: &str) -> bool {
        self.keys.iter().any(|key| match &key.part {
            IndexPart::Column(name) => name.is(column),
            IndexPart::Expression(expression) => expression.mentions(column),
        }) || self.include.iter().any(|name| same(name, column))
            || self.predicate.as_ref().is_some_and(|predicate| predicate.mentions(column))
    }
}

/// Tables that no migration makes: the system's own, and those in which migration tools keep their
/// books.
fn made_by_others(name: &str) -> bool {
    const BOOKS: &[&str] = &[
        "schema_migrations",
        "__diesel_schema_migrations",
        "_prisma_migrations",
        "_sqlx_migrations",
        "goose_db_version",
        "flyway_schema_history",
        "schema_version",
        "databasechangelog",
        "databasechangeloglock",
        "alembic_version",
        "django_migrations",
        "knex_migrations",
        "knex_migrations_lock",
        "ar_internal_metadata",
        "migrations",
        "sequelizemeta",
        "atlas_schema_revisions",
        "seaql_migrations",
        "refinery_schema_history",
    ];
    let name = name.to_ascii_lowercase();
    name.starts_with("pg_") || name.starts_with("sqlite_") || name == "dual" || BOOKS.contains(&name.as_str())
}

pub(super) fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
