//! CREATE TABLE: the new table is nobody's concern, what it refers to is.

use super::alter_table::{references, types_match};
use super::drop::default_partition;
use super::outcome::Outcome;
use super::partition;
use super::scene::{Relation, Scene};
use super::types;
use super::view;
use super::volatility;
use crate::catalog::{Key, Table, TableKind, postgres_columns};
use crate::change::{ConstraintBody, ConstraintDef, CreateTable, ForeignKey, KeyConstraint, Persistence};
use crate::effect::{Build, FailureCause, LockMode, RelationKind, Truth};

pub(super) fn create(scene: Scene<'_>, create: &CreateTable, out: &mut Outcome) {
    let key = if create.persistence == Persistence::Temporary {
        Key::new("pg_temp", create.name.name.value.clone())
    } else {
        scene.catalog.key(&create.name)
    };
    if scene.relation_at(&key).is_some() {
        if !create.if_not_exists {
            out.refuse("42P07", format!("relation \"{}\" already exists", create.name));
        } else if let Some(reads) = &create.as_query {
            // The query is analysed before that is noticed.
            view::read(scene, reads, false, Truth::No, out);
        }
        return;
    }
    if let Some(strategy) = create.partition_by.as_ref().map(|by| by.strategy.as_str())
        && strategy == "hash"
        && scene.major < 11
    {
        out.refuse("22023", "hash partitioning needs PostgreSQL 11");
        return;
    }
    scene.schema_exists(&create.name, out);
    if create.persistence == Persistence::Temporary
        && create.name.schema.as_ref().is_some_and(|schema| !schema.value.starts_with("pg_temp"))
    {
        out.refuse("42P16", "a temporary table cannot be made in a schema that is not temporary");
    }
    duplicates(create, out);
    named_columns(create, out);
    let mut table = Table::named(key.clone(), scene.catalog.now);
    table.persistence = create.persistence;
    table.complete = false;
    if create.partition_by.is_some() {
        table.kind = TableKind::Partitioned;
    }
    let inline = create.columns.iter().flat_map(|column| column.constraints.iter());
    for constraint in inline.chain(&create.constraints) {
        add_constraint(scene, create, &table, constraint, out);
    }
    for column in &create.columns {
        if let Some(default) = &column.default {
            for missing in volatility::judge(scene.catalog, &default.expression).missing {
                out.refuse("42883", format!("function {missing} does not exist in PostgreSQL {}", scene.major));
            }
            if let Some(data_type) = &column.data_type {
                super::default_type::fits(scene.catalog, &column.name.value, data_type, &default.expression, out);
                super::literal::default(scene, data_type, &default.expression, Truth::No, out);
                super::enums::unsafe_use(scene, data_type, &default.expression, out);
            }
        }
        if let Some(generated) = &column.generated
            && super::immutability::is_mutable(scene, &table, &generated.expression)
        {
            out.refuse("42P17", "a generated column's expression must be immutable");
        }
        if let Some(data_type) = &column.data_type {
            super::type_name::exists(scene, data_type, out);
        }
        super::type_name::clauses_fit(scene, column, out);
    }
    for like in &create.likes {
        match scene.relation(&like.source) {
            Some(relation) => {
                out.lock_relation(relation, LockMode::AccessShare);
                if let Relation::Table(source) = relation {
                    let twice = create.columns.iter().find(|own| source.columns.iter().any(|column| column.name == own.name.value));
                    if let Some(twice) = twice {
                        out.refuse("42701", format!("column \"{}\" comes from \"{}\" already", twice.name, source.key));
                    }
                    copied_indexes(&key, source, &like.including, out);
                }
            }
            None => missing(scene, &like.source, out),
        }
    }
    for parent in &create.inherits {
        match scene.relation(parent) {
            Some(Relation::Table(parent)) => {
                out.lock(parent, LockMode::ShareUpdateExclusive);
                for own in &create.columns {
                    let column = parent.columns.iter().find(|column| column.name == own.name.value);
                    if let (Some(wanted), Some(given)) = (column.and_then(|column| column.data_type.as_ref()), &own.data_type)
                        && !types::resolve(scene.catalog, wanted).same_base(&types::resolve(scene.catalog, given))
                    {
                        out.refuse("42804", format!("column \"{}\" has another type in \"{}\"", own.name, parent.key));
                    }
                }
                if parent.partitioning.is_some() {
                    out.refuse("42809", format!("cannot inherit from the partitioned table \"{}\"", parent.key));
                }
            }
            Some(_) => out.refuse("42809", format!("\"{parent}\" is not a table")),
            None => missing(scene, parent, out),
        }
    }
    if let Some(name) = &create.of_type {
        let key = scene.catalog.resolve_type(name);
        if scene.catalog.types.get(&key).is_none_or(|known| known.attributes.is_none()) && scene.table_at(&key).is_none() {
            super::type_name::not_composite(scene, name, out);
        }
        out.lock_key(&scene.catalog.resolve_type(name), RelationKind::Table, LockMode::AccessShare);
    }
    if let Some((parent, bound)) = &create.partition_of {
        match scene.relation(parent) {
            Some(Relation::Table(parent)) => partition_of(scene, &table, parent, bound, out),
            Some(_) => out.refuse("42809", format!("\"{parent}\" is not partitioned")),
            None => missing(scene, parent, out),
        }
    }
    if let Some(reads) = &create.as_query {
        let query = scene.statement.modifiers.note.as_ref().and_then(|note| note.query(scene.catalog.target));
        if let Some(refusal) = query.and_then(|query| super::literal::in_query(scene, &[], &query)) {
            out.refuse(refusal.code, refusal.reason);
        }
        view::read(scene, reads, !create.with_no_data, Truth::from(!create.with_no_data), out);
    }
}

fn missing(scene: Scene<'_>, name: &crate::change::ObjectName, out: &mut Outcome) {
    out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name));
}

fn duplicates(create: &CreateTable, out: &mut Outcome) {
    for (at, column) in create.columns.iter().enumerate() {
        if create.columns.iter().take(at).any(|other| other.name.value == column.name.value) {
            out.refuse("42701", format!("column \"{}\" is named twice", column.name));
        }
        if super::alter_table::is_system_column(&column.name.value) {
            out.refuse("42701", format!("column name \"{}\" conflicts with a system column name", column.name));
        }
    }
    let mut names: Vec<&str> = create
        .columns
        .iter()
        .flat_map(|column| &column.constraints)
        .chain(&create.constraints)
        .filter(|constraint| matches!(constraint.body, ConstraintBody::Check(_) | ConstraintBody::ForeignKey(_)))
        .filter_map(|constraint| constraint.name.as_ref().map(|name| name.value.as_str()))
        .collect();
    names.sort_unstable();
    if let Some([twice, _]) = names.windows(2).find(|pair| pair.first() == pair.get(1)) {
        out.refuse("42710", format!("constraint \"{twice}\" is there twice"));
    }
    let primary = create
        .columns
        .iter()
        .flat_map(|column| &column.constraints)
        .chain(&create.constraints)
        .filter(|constraint| matches!(constraint.body, ConstraintBody::PrimaryKey(_)))
        .count();
    if primary > 1 {
        out.refuse("42P16", "a table has one primary key at most");
    }
}

/// Keys and the partition key are made of the table's own columns.
fn named_columns(create: &CreateTable, out: &mut Outcome) {
    let whole = create.likes.is_empty() && create.inherits.is_empty() && create.partition_of.is_none() && create.of_type.is_none();
    if !whole || create.as_query.is_some() {
        return;
    }
    let missing =
        |name: &str| !create.columns.iter().any(|column| column.name.value == name) && !super::alter_table::is_system_column(name);
    let keys = create.constraints.iter().filter_map(|constraint| match &constraint.body {
        ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => Some(&key.columns),
        _ => None,
    });
    for key in keys.chain(create.partition_by.iter().map(|by| &by.keys)).flatten() {
        if let Some(name) = key.column_name().filter(|name| missing(&name.value)) {
            out.refuse("42703", format!("column \"{name}\" named in the key does not exist"));
        }
    }
}

fn add_constraint(scene: Scene<'_>, create: &CreateTable, table: &Table, constraint: &ConstraintDef, out: &mut Outcome) {
    match &constraint.body {
        ConstraintBody::ForeignKey(foreign) => {
            let itself = foreign.references.name.value == table.key.name
                && match &foreign.references.schema {
                    Some(schema) => schema.value == table.key.schema,
                    // Without a schema it is looked for along the search path, where another may come first.
                    None => scene.table(&foreign.references).is_none_or(|known| known.key == table.key),
                };
            if itself {
                own_reference(create, foreign, out);
                return;
            }
            if create.partition_by.is_some() && scene.major < 11 {
                out.refuse("0A000", "foreign keys are not supported on partitioned tables before PostgreSQL 11");
                return;
            }
            if references(scene, table, foreign, out).is_some() {
                typed_reference(scene, create, table, foreign, out);
            }
        }
        ConstraintBody::PrimaryKey(_) | ConstraintBody::Unique(_) | ConstraintBody::Exclusion(_) => {
            if create.partition_by.is_some() {
                if scene.major < 11 {
                    out.refuse("0A000", "keys are not supported on partitioned tables before PostgreSQL 11");
                } else if let (ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key), Some(by)) =
                    (&constraint.body, &create.partition_by)
                {
                    let covered = by.keys.iter().all(|wanted| {
                        wanted.column_name().is_some_and(|wanted| {
                            key.columns.iter().any(|part| part.column_name().is_some_and(|name| name.value == wanted.value))
                        })
                    });
                    if !covered {
                        out.refuse("0A000", "a key of a partitioned table must include all partition key columns");
                    }
                }
                return;
            }
            let name = constraint
                .name
                .as_ref()
                .map_or_else(|| super::alter_table::made_up_name(table, &constraint.body), |name| name.value.clone());
            push_build(table, name, out);
        }
        ConstraintBody::Check(_) | ConstraintBody::NotNull { .. } => {}
    }
}

/// A table that references itself needs the key in the same statement.
fn own_reference(create: &CreateTable, foreign: &ForeignKey, out: &mut Outcome) {
    let keys = || create.columns.iter().flat_map(|column| &column.constraints).chain(&create.constraints);
    let columns = |key: &KeyConstraint| -> Vec<String> {
        key.columns.iter().filter_map(|part| part.column_name()).map(|name| name.value.clone()).collect()
    };
    let wanted: Vec<String> = foreign.referenced_columns.iter().map(|name| name.value.clone()).collect();
    let primary = keys().any(|constraint| matches!(constraint.body, ConstraintBody::PrimaryKey(_)));
    if wanted.is_empty() {
        if !primary && create.likes.is_empty() {
            out.refuse("42704", "there is no primary key for the table to reference");
        }
        return;
    }
    let served = keys().any(|constraint| match &constraint.body {
        ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => {
            let own = columns(key);
            own.len() == wanted.len() && wanted.iter().all(|name| own.contains(name))
        }
        ConstraintBody::Check(_) | ConstraintBody::ForeignKey(_) | ConstraintBody::Exclusion(_) | ConstraintBody::NotNull { .. } => false,
    });
    if !served && create.likes.is_empty() {
        out.refuse("42830", "there is no unique constraint matching the given keys of the table itself");
    }
}

/// The column's type has to compare with the key it references.
fn typed_reference(scene: Scene<'_>, create: &CreateTable, table: &Table, foreign: &ForeignKey, out: &mut Outcome) {
    if let [column] = foreign.columns.as_slice()
        && let Some(defined) = create.columns.iter().find(|defined| defined.name.value == column.value)
        && let Some(parent) = scene.table(&foreign.references)
    {
        types_match(scene, table, parent, foreign, defined.data_type.as_ref(), out);
    }
}

/// Names are told apart among so many indexes of one statement; no table has more.
const MOST_BUILDS: usize = 500;

fn push_build(table: &Table, name: String, out: &mut Outcome) {
    let shown = |name: &str| Key::new(table.key.schema.clone(), name).to_string();
    let mut index = shown(&name);
    if out.effects.builds.len() < MOST_BUILDS {
        let mut further = (1..100).map(|n| shown(&format!("{name}{n}")));
        while out.effects.builds.iter().any(|build| build.index == index)
            && let Some(next) = further.next()
        {
            index = next;
        }
    }
    out.effects.builds.push(Build { index, table: table.key.to_string(), rebuilt: false, certain: Truth::Yes });
}

/// LIKE … INCLUDING INDEXES names the copies anew.
fn copied_indexes(key: &Key, source: &Table, including: &[String], out: &mut Outcome) {
    if !including.iter().any(|option| option == "all" || option == "indexes") {
        return;
    }
    let table = Table::named(key.clone(), source.birth);
    for index in &source.indexes {
        let columns = postgres_columns(&index.keys, &index.include);
        let name = if index.primary {
            format!("{}_pkey", key.name)
        } else {
            let suffix = if index.constraint.is_some() { "key" } else { "idx" };
            format!("{}_{columns}_{suffix}", key.name)
        };
        push_build(&table, name, out);
    }
}

fn partition_of(scene: Scene<'_>, table: &Table, parent: &Table, bound: &crate::change::PartitionBound, out: &mut Outcome) {
    out.lock(parent, LockMode::AccessExclusive);
    if parent.partitioning.is_none() && parent.complete {
        out.refuse("42P17", format!("\"{}\" is not partitioned", parent.key));
        return;
    }
    partition::overlaps(scene, parent, bound, out);
    if out.will_fail() {
        return;
    }
    if let Some(default) = default_partition(scene, parent) {
        out.lock(default, LockMode::AccessExclusive);
        partition::scan_default(scene, parent, default, bound, out);
    }
    for key in parent.foreign_keys().filter_map(|constraint| constraint.foreign_key.as_ref()) {
        if let Some(referenced) = scene.table_at(&key.references) {
            out.lock(referenced, if scene.at_least(12) { LockMode::ShareRowExclusive } else { LockMode::AccessShare });
        }
    }
    if parent.partitioning.is_some() {
        if scene.at_least(12) {
            out.lock_indexes(parent, LockMode::ShareUpdateExclusive);
        }
        if table.kind != TableKind::Partitioned {
            copied_indexes(&table.key, parent, &["all".to_owned()], out);
        }
    }
}
