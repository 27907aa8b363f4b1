//! The schema around a statement: what a name means, and what hangs on what.

use super::outcome::Outcome;
use crate::catalog::{Catalog, Constraint, Index, Key, Presence, Rows, Sequence, Table, TableKind, Usage, View};
use crate::change::{Action, Change, ObjectName, Statement};
use crate::effect::{FailureCause, Truth};

/// One statement before the catalog it will meet.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub catalog: &'a Catalog,
    pub statement: &'a Statement,
    /// Tables the statement alters and the history never made: taken to exist, nothing known.
    pub strangers: &'a [Table],
    /// Major version: 10 to 19.
    pub major: u16,
}

const MADE_WITH_THE_SERVER: &[&str] = &["pg_catalog", "information_schema", "pg_temp", "pg_toast"];

/// Schemas that hosts of databases and well-known tools make, outside any migration.
const MADE_BY_HOSTS: &[&str] = &[
    "auth",
    "storage",
    "realtime",
    "_realtime",
    "extensions",
    "graphql",
    "graphql_public",
    "vault",
    "net",
    "cron",
    "pgmq",
    "pgsodium",
    "pgbouncer",
    "supabase_",
    "hdb_",
    "tiger",
    "tiger_data",
    "topology",
    "partman",
    "repack",
    "drizzle",
    "neon_auth",
    "google_",
    "rds_",
    "azure_",
    "heroku_",
];

/// Extensions that put no schema of their own beside what they bring.
pub(super) const BRING_NO_SCHEMA: &[&str] = &[
    "citext",
    "btree_gist",
    "btree_gin",
    "pgcrypto",
    "uuid-ossp",
    "pg_trgm",
    "unaccent",
    "hstore",
    "ltree",
    "plpgsql",
    "pg_stat_statements",
    "vector",
    "postgis",
    "fuzzystrmatch",
    "intarray",
    "tablefunc",
    "cube",
    "earthdistance",
    "postgres_fdw",
    "file_fdw",
];

/// What a relation name may stand for.
#[derive(Clone, Copy)]
pub(super) enum Relation<'a> {
    Table(&'a Table),
    View(&'a View),
    Index(&'a Table, &'a Index),
    Sequence(&'a Sequence),
}

pub(super) fn search_path(catalog: &Catalog) -> Vec<&str> {
    let path: Vec<&str> = catalog.session.search_path.iter().map(String::as_str).filter(|schema| *schema != "$user").collect();
    if path.is_empty() { vec!["public"] } else { path }
}

impl<'a> Scene<'a> {
    pub fn at_least(&self, major: u16) -> bool {
        self.major >= major
    }

    pub fn relation(&self, name: &ObjectName) -> Option<Relation<'a>> {
        let key = self.catalog.resolve(name);
        self.relation_at(&key).or_else(|| self.relation_at(&self.catalog.resolve_index(name)))
    }

    pub fn relation_at(&self, key: &Key) -> Option<Relation<'a>> {
        let catalog = self.catalog;
        if let Some(table) = self.table_at(key) {
            return Some(Relation::Table(table));
        }
        if let Some(view) = catalog.views.get(key) {
            return Some(Relation::View(view));
        }
        if let Some(sequence) = catalog.sequences.get(key) {
            return Some(Relation::Sequence(sequence));
        }
        catalog.index_at(key).map(|(table, index)| Relation::Index(table, index))
    }

    pub fn table(&self, name: &ObjectName) -> Option<&'a Table> {
        match self.relation(name)? {
            Relation::Table(table) => Some(table),
            Relation::View(_) | Relation::Index(..) | Relation::Sequence(_) => None,
        }
    }

    pub fn table_at(&self, key: &Key) -> Option<&'a Table> {
        let catalog: &'a Catalog = self.catalog;
        catalog.table_at(key).or_else(|| self.strangers.iter().find(|table| table.key == *key))
    }

    pub fn index(&self, name: &ObjectName) -> Option<(&'a Table, &'a Index)> {
        match self.relation(name)? {
            Relation::Index(table, index) => Some((table, index)),
            Relation::Table(_) | Relation::View(_) | Relation::Sequence(_) => None,
        }
    }

    /// How sure it is that a name stands for nothing.
    pub fn absence(&self, name: &ObjectName) -> Truth {
        let system = name.schema.as_ref().is_some_and(|schema| matches!(schema.value.as_str(), "pg_catalog" | "information_schema"))
            || (name.schema.is_none() && name.name.value.starts_with("pg_"));
        match self.catalog.presence(name) {
            Presence::Dropped => Truth::Yes,
            Presence::NeverMade if !system => Truth::Yes,
            Presence::Present | Presence::NeverMade | Presence::Unknown => Truth::Unknown,
        }
    }

    /// Something is put into a schema, or the schema itself is named.
    pub fn schema_exists(&self, name: &ObjectName, out: &mut Outcome) {
        if let Some(schema) = &name.schema {
            self.schema_named(&schema.value, out);
        }
    }

    pub fn schema_named(&self, schema: &str, out: &mut Outcome) {
        let certain = self.schema_absence(schema);
        out.fail("3F000", format!("schema \"{schema}\" does not exist"), FailureCause::Schema, certain);
    }

    /// How sure it is that a schema is not there. Where the history makes schemas, one that it did not
    /// make is missing, unless it may have come with an extension or with the place the database runs in.
    pub fn schema_absence(&self, schema: &str) -> Truth {
        let catalog = self.catalog;
        if catalog.knows_schema(schema) || MADE_WITH_THE_SERVER.contains(&schema) {
            return Truth::No;
        }
        let brought = schema.starts_with("pg_")
            || MADE_BY_HOSTS
                .iter()
                .any(|known| schema == *known || schema.starts_with(known.trim_end_matches('_')) && known.ends_with('_'))
            || !catalog.extensions.keys().all(|name| BRING_NO_SCHEMA.contains(&name.as_str()));
        if catalog.open_world || catalog.schemas.is_empty() || brought { Truth::Unknown } else { Truth::Yes }
    }

    /// Partitions and inheritance children, however deep, without the table itself.
    pub fn descendants(&self, table: &Table) -> Vec<&'a Table> {
        let catalog: &'a Catalog = self.catalog;
        catalog.descendants(&table.key)
    }

    pub fn children(&self, parent: &Key) -> Vec<&'a Table> {
        let catalog: &'a Catalog = self.catalog;
        catalog.children(parent)
    }

    /// Rows of this transaction that a deferred constraint has yet to check stand in the way (measured).
    pub fn no_pending_checks(&self, verb: &str, table: &Table, out: &mut Outcome) {
        if self.catalog.session.transaction.as_ref().is_some_and(|it| it.unchecked.contains(&table.key)) {
            out.refuse("55006", format!("cannot {verb} TABLE \"{}\" because it has pending trigger events", table.key.name));
        }
    }

    /// The table and everything below it.
    pub fn with_descendants(&self, table: &'a Table) -> Vec<&'a Table> {
        let mut all = vec![table];
        all.extend(self.descendants(table));
        all
    }

    /// The partitioned table above, with every level up.
    pub fn ancestors(&self, table: &Table) -> Vec<&'a Table> {
        let mut found = Vec::new();
        let mut current = table.partition_of.as_ref().map(|(parent, _)| parent.clone());
        while let Some(parent) = current.as_ref().and_then(|key| self.table_at(key)) {
            if found.len() > 64 {
                break;
            }
            found.push(parent);
            current = parent.partition_of.as_ref().map(|(up, _)| up.clone());
        }
        found
    }

    /// Foreign keys elsewhere (or on itself) that reference this table.
    pub fn referencing(&self, table: &Key) -> Vec<(&'a Table, &'a Constraint)> {
        let catalog: &'a Catalog = self.catalog;
        catalog.referencing_foreign_keys(table)
    }

    /// Views and materialised views that read this relation.
    pub fn views_over(&self, key: &Key) -> Vec<&'a View> {
        let catalog: &'a Catalog = self.catalog;
        catalog.dependent_views(key)
    }

    /// Views that read this column. `Unknown` where a name or a star may be another table's.
    pub fn views_over_column(&self, table: &Table, column: &str) -> Vec<(&'a View, Truth)> {
        let used = |view: &'a View| match self.catalog.view_uses(view, &table.key, column) {
            Usage::No => None,
            Usage::Perhaps => Some((view, Truth::Unknown)),
            Usage::Surely => Some((view, Truth::Yes)),
        };
        self.views_over(&table.key).into_iter().filter_map(used).collect()
    }

    /// Sequences owned by a column of the table (all of them without a column).
    pub fn owned_sequences(&self, table: &Key, column: Option<&str>) -> Vec<&'a Sequence> {
        let catalog: &'a Catalog = self.catalog;
        let mut owned = catalog.owned_sequences(table);
        owned.retain(|sequence| column.is_none_or(|column| sequence.owned_by.as_ref().is_some_and(|(_, owner)| owner == column)));
        owned
    }

    /// The actions of this statement on the same table.
    pub fn actions(&self) -> impl Iterator<Item = &'a Action> {
        let statement: &'a Statement = self.statement;
        statement.changes.iter().map(|change: &Change| &change.action)
    }
}

/// Whether rows can be expected in the table itself.
pub(super) fn filled(table: &Table) -> Truth {
    if let Some(statistics) = table.statistics {
        return Truth::from(statistics.rows > 0);
    }
    match table.rows {
        Rows::None => Truth::No,
        Rows::Assumed => Truth::Unknown,
        Rows::Some => Truth::Yes,
    }
}

/// A table that keeps rows itself, as opposed to a partitioned one.
pub(super) fn has_storage(table: &Table) -> bool {
    match table.kind {
        TableKind::Table | TableKind::MaterializedView => true,
        TableKind::Partitioned | TableKind::Foreign | TableKind::Virtual => false,
    }
}

/// Whether the planner opens the table's indexes: those of a partitioned table from 16.
pub(super) fn planned_indexes(scene: Scene<'_>, table: &Table) -> bool {
    has_storage(table) || (table.partitioning.is_some() && scene.at_least(16))
}

/// The indexes of partitions that hang on an index of the partitioned table, however deep.
pub(super) fn attached<'a>(scene: Scene<'a>, table: &Table, index: &Index) -> Vec<(&'a Table, &'a Index)> {
    let members = scene.descendants(table);
    let mut above = vec![index_key(table, index)];
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(parent) = above.get(at).cloned() {
        at += 1;
        for member in &members {
            for child in member.indexes.iter().filter(|child| child.attached_to.as_ref() == Some(&parent)) {
                let key = index_key(member, child);
                if !above.contains(&key) {
                    above.push(key);
                    found.push((*member, child));
                }
            }
        }
    }
    found
}

pub(super) fn index_key(table: &Table, index: &Index) -> Key {
    Key::new(table.key.schema.clone(), index.name.clone())
}

/// Whether a constraint depends on a column of its own table.
pub(super) fn constraint_uses(constraint: &Constraint, column: &str) -> bool {
    constraint.columns.iter().any(|name| name == column)
        || constraint.expression.as_ref().is_some_and(|expression| expression.mentions(column))
}
