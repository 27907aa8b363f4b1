//! CREATE, DROP and ALTER INDEX.

use super::alter_table::is_system_column;
use super::outcome::Outcome;
use super::scene::{Relation, Scene, attached, filled, has_storage};
use super::types::{self, Family, Resolved};
use super::{content, immutability};
use crate::catalog::{Index, IndexState, Key, Table, TableKind, postgres_columns};
use crate::change::{CreateIndex, DropIndex, IndexKey, IndexPart, KeyConstraint, ObjectName};
use crate::effect::{FailureCause, LockMode, ScanReason, Truth};

pub(super) fn create(scene: Scene<'_>, on: Option<&ObjectName>, create: &CreateIndex, out: &mut Outcome) {
    let concurrently = create.concurrently.is_some();
    if concurrently {
        out.forbid_transaction();
    }
    let Some(name) = on else { return };
    let table = match scene.relation(name) {
        Some(Relation::Table(table)) => table,
        Some(_) => {
            out.refuse("42809", format!("\"{name}\" is neither a table nor a materialized view"));
            return;
        }
        None => {
            out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name));
            return;
        }
    };
    let mode = if concurrently { LockMode::ShareUpdateExclusive } else { LockMode::Share };
    if table.kind == TableKind::Foreign {
        out.refuse("42809", format!("an index cannot be made on the foreign table \"{}\"", table.key));
        return;
    }
    let partitioned = table.partitioning.is_some();
    if partitioned && scene.major < 11 {
        out.refuse("42809", format!("an index cannot be made on the partitioned table \"{}\" before PostgreSQL 11", table.key));
        return;
    }
    if partitioned && concurrently {
        out.refuse("0A000", format!("an index on the partitioned table \"{}\" cannot be made CONCURRENTLY", table.key));
        return;
    }
    out.lock(table, mode);
    let built = create.name.as_ref().map_or_else(|| made_up(table, create), |name| name.name.value.clone());
    let key = Key::new(table.key.schema.clone(), built.clone());
    if create.name.is_some() && (scene.relation_at(&key).is_some() || table.indexes.iter().any(|index| index.name == built)) {
        if !create.if_not_exists {
            out.refuse("42P07", format!("relation \"{built}\" already exists"));
        }
        return;
    }
    definition(scene, table, create, out);
    if let Some(predicate) = &create.predicate {
        super::literal::expression(scene, table, predicate, out);
    }
    if create.unique && partitioned && !includes_partition_key(table, &create.keys) {
        out.refuse("0A000", "a unique index on a partitioned table must include all partition key columns");
    }
    if out.will_fail() {
        return;
    }
    if partitioned && create.only {
        return;
    }
    for member in scene.with_descendants(table) {
        let below = member.key != table.key;
        if below && !partitioned {
            break;
        }
        out.lock(member, mode);
        if below && let Some(own) = member.indexes.iter().find(|index| equivalent(index, create)) {
            out.lock_index(member, own, LockMode::Share);
            continue;
        }
        if below && create.unique && member.partitioning.is_some() && !includes_partition_key(member, &create.keys) {
            out.refuse("0A000", format!("a unique index on \"{}\" must include all its partition key columns", member.key));
            return;
        }
        if !has_storage(member) {
            continue;
        }
        let name = if below { made_up(member, create) } else { built.clone() };
        out.scan(member, ScanReason::IndexBuild, Truth::Yes);
        out.build(member, &name, false, Truth::Yes);
        if create.unique && !distinct_already(member, &create.keys, create.nulls_not_distinct) {
            let mut reason = format!("two rows with the same value stop the build of `{name}`");
            if concurrently {
                reason.push_str("; an invalid index would be left behind");
            }
            out.fail("23505", reason, FailureCause::Data, Truth::Unknown.min(filled(member)));
        }
    }
}

/// Whether a unique index on some of these columns proves that no two rows are alike in all of them.
pub(super) fn distinct_already(table: &Table, keys: &[IndexKey], nulls_not_distinct: bool) -> bool {
    let among = |known: &IndexKey| {
        known.column_name().is_some_and(|name| {
            keys.iter().any(|key| key.collation.is_none() && key.column_name().is_some_and(|column| column.value == name.value))
        })
    };
    table.indexes.iter().any(|index| {
        index.unique
            && index.state == IndexState::Valid
            && !index.only
            && index.predicate.is_none()
            && index.keys.iter().all(among)
            && (!nulls_not_distinct || index.nulls_not_distinct)
    })
}

/// What makes the definition itself impossible.
fn definition(scene: Scene<'_>, table: &Table, create: &CreateIndex, out: &mut Outcome) {
    let method = create.method.as_deref().unwrap_or("btree");
    let brings_methods = scene.catalog.extensions.keys().any(|name| {
        !matches!(
            name.as_str(),
            "citext" | "btree_gist" | "btree_gin" | "pgcrypto" | "uuid-ossp" | "pg_trgm" | "unaccent" | "hstore" | "plpgsql"
        )
    });
    if !matches!(method, "btree" | "hash" | "gist" | "gin" | "spgist" | "brin") && !brings_methods && !scene.catalog.open_world {
        out.refuse("42704", format!("access method \"{method}\" does not exist"));
        return;
    }
    if create.unique && matches!(method, "hash" | "gist" | "gin" | "spgist" | "brin") {
        out.refuse("0A000", format!("access method \"{method}\" does not support unique indexes"));
    }
    if create.keys.len() > 1 && matches!(method, "hash" | "spgist") {
        out.refuse("0A000", format!("access method \"{method}\" does not support indexes over several columns"));
    }
    if !create.include.is_empty() && matches!(method, "hash" | "gin" | "brin") {
        out.refuse("0A000", format!("access method \"{method}\" does not support included columns"));
    }
    for key in &create.keys {
        match &key.part {
            IndexPart::Column(name) => key_column(scene, table, &name.value, method, key, out),
            IndexPart::Expression(expression) => immutable(scene, table, expression, "index expression", out),
        }
    }
    for name in &create.include {
        if table.complete && !table.columns.iter().any(|column| column.name == name.value) {
            out.refuse("42703", format!("column \"{name}\" does not exist"));
        }
    }
    if let Some(predicate) = &create.predicate {
        immutable(scene, table, predicate, "index predicate", out);
        super::enums::unsafe_condition(scene, table, predicate, out);
    }
}

fn immutable(scene: Scene<'_>, table: &Table, expression: &crate::change::Expression, what: &str, out: &mut Outcome) {
    if let Some((code, reason)) = content::refused(expression, &format!("{what}s")) {
        out.refuse(code, reason);
    } else if immutability::is_mutable(scene, table, expression) {
        out.refuse("42P17", format!("functions in an {what} must be immutable"));
    }
}

fn key_column(scene: Scene<'_>, table: &Table, name: &str, method: &str, key: &IndexKey, out: &mut Outcome) {
    let Some(column) = table.columns.iter().find(|column| column.name == name) else {
        if is_system_column(name) {
            // Those of type xid have no order to begin with.
            let code = if matches!(name, "xmin" | "xmax" | "cmin" | "cmax") { "42704" } else { "0A000" };
            out.refuse(code, "system columns cannot be indexed");
        } else if table.complete {
            out.refuse("42703", format!("column \"{name}\" does not exist"));
        }
        return;
    };
    let Some(data_type) = &column.data_type else { return };
    super::opclass::fits(scene, name, data_type, method, key, out);
    if key.opclass.is_some() {
        return;
    }
    let resolved = types::resolve(scene.catalog, data_type);
    if has_default_class(scene, method, &resolved) == Truth::No {
        out.refuse("42704", format!("the type of \"{name}\" has no default operator class for access method \"{method}\""));
    }
}

/// Types without an order: no B-tree key without an operator class of somebody's making.
pub(super) fn orderable(of: &Resolved) -> bool {
    if of.family != Family::Builtin {
        return true;
    }
    !matches!(
        of.base.as_str(),
        "json" | "xml" | "point" | "line" | "lseg" | "box" | "path" | "polygon" | "circle" | "xid" | "cid" | "jsonpath"
    )
}

fn has_default_class(scene: Scene<'_>, method: &str, of: &Resolved) -> Truth {
    if of.family != Family::Builtin {
        return Truth::Unknown;
    }
    let base = of.base.as_str();
    match method {
        "btree" => Truth::from(orderable(of)),
        "hash" => Truth::from(
            orderable(of) && !matches!(base, "money" | "bit" | "varbit" | "tsvector" | "tsquery") || matches!(base, "xid" | "cid"),
        ),
        "gin" => {
            if of.array || matches!(base, "jsonb" | "tsvector") {
                Truth::Yes
            } else if scene.catalog.extensions.contains_key("btree_gin") || scene.catalog.open_world {
                Truth::Unknown
            } else {
                Truth::No
            }
        }
        "gist" => {
            if matches!(base, "point" | "box" | "polygon" | "circle" | "tsvector" | "tsquery") || base.ends_with("range") {
                Truth::Yes
            } else if scene.catalog.extensions.contains_key("btree_gist") || scene.catalog.open_world {
                Truth::Unknown
            } else {
                Truth::No
            }
        }
        // Points, boxes, ranges, addresses and texts (manual, SP-GiST).
        "spgist" => {
            let takes = matches!(base, "point" | "box" | "polygon" | "inet" | "cidr" | "text" | "varchar" | "bpchar");
            if takes || base.ends_with("range") || !scene.catalog.extensions.is_empty() { Truth::Unknown } else { Truth::No }
        }
        _ => Truth::Unknown,
    }
}

pub(super) fn includes_partition_key(table: &Table, keys: &[IndexKey]) -> bool {
    let Some(partitioning) = &table.partitioning else { return true };
    partitioning.by.keys.iter().all(|wanted| {
        wanted.column_name().is_some_and(|wanted| keys.iter().any(|key| key.column_name().is_some_and(|name| name.value == wanted.value)))
    })
}

/// UNIQUE and PRIMARY KEY on a partitioned table: from 11, and only over the partition key.
pub(super) fn partitioned_key_allowed(scene: Scene<'_>, table: &Table, key: &KeyConstraint, primary: bool, out: &mut Outcome) -> bool {
    let what = if primary { "a primary key" } else { "a unique constraint" };
    if scene.major < 11 {
        out.refuse("0A000", format!("{what} is not supported on partitioned tables before PostgreSQL 11"));
        return false;
    }
    if !includes_partition_key(table, &key.columns) {
        out.refuse("0A000", format!("{what} on a partitioned table must include all partition key columns"));
        return false;
    }
    true
}

/// An index of a partition that the parent's index takes as its own instead of building one.
fn equivalent(index: &Index, create: &CreateIndex) -> bool {
    index.method_name() == create.method.as_deref().unwrap_or("btree")
        && (index.unique || !create.unique)
        && same_keys(&index.keys, &create.keys)
        && index.predicate == create.predicate
        && index.attached_to.is_none()
}

pub(super) fn same_keys(one: &[IndexKey], other: &[IndexKey]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.part == b.part && a.opclass == b.opclass)
}

trait MethodName {
    fn method_name(&self) -> &str;
}

impl MethodName for Index {
    fn method_name(&self) -> &str {
        if self.method.is_empty() { "btree" } else { &self.method }
    }
}

/// Whether a partition's index serves as the child of the parent's.
pub(super) fn serves(child: &Index, parent: &Index) -> bool {
    child.method_name() == parent.method_name()
        && child.unique == parent.unique
        && same_keys(&child.keys, &parent.keys)
        && child.predicate == parent.predicate
}

/// The name the server makes up: table, columns, `idx`.
fn made_up(table: &Table, create: &CreateIndex) -> String {
    let include: Vec<String> = create.include.iter().map(|name| name.value.clone()).collect();
    free_name(table, &format!("{}_{}_idx", table.key.name, postgres_columns(&create.keys, &include)))
}

pub(super) fn free_name(table: &Table, base: &str) -> String {
    let taken = |name: &str| table.indexes.iter().any(|index| index.name == name);
    if !taken(base) {
        return base.to_owned();
    }
    (1..1000).map(|n| format!("{base}{n}")).find(|name| !taken(name)).unwrap_or_else(|| base.to_owned())
}

/// How sure it is that no index has this name.
fn absence(scene: Scene<'_>, name: &ObjectName) -> Truth {
    let key = scene.catalog.resolve_index(name);
    if scene.catalog.dropped.contains_key(&key) {
        return Truth::Yes;
    }
    let incomplete =
        scene.catalog.open_world || scene.catalog.tables.is_empty() || scene.catalog.tables.values().any(|table| !table.complete);
    if incomplete { Truth::Unknown } else { Truth::Yes }
}

pub(super) fn missing(scene: Scene<'_>, name: &ObjectName, code: &str, out: &mut Outcome) {
    out.fail(code, format!("index \"{name}\" does not exist"), FailureCause::Schema, absence(scene, name));
}

pub(super) fn drop(scene: Scene<'_>, drop: &DropIndex, out: &mut Outcome) {
    let concurrently = drop.concurrently.is_some();
    if concurrently {
        out.forbid_transaction();
        if drop.siblings > 1 {
            out.refuse("0A000", "DROP INDEX CONCURRENTLY takes one index at a time");
            return;
        }
        if drop.cascade {
            out.refuse("0A000", "DROP INDEX CONCURRENTLY does not take CASCADE");
            return;
        }
    }
    let (table, index) = match scene.relation(&drop.name) {
        Some(Relation::Index(table, index)) => (table, index),
        Some(_) => {
            out.refuse("42809", format!("\"{}\" is not an index", drop.name));
            return;
        }
        None => {
            if !drop.if_exists {
                missing(scene, &drop.name, "42704", out);
            }
            return;
        }
    };
    if let Some(parent) = &index.attached_to {
        out.refuse("2BP01", format!("index \"{}\" belongs to the index \"{parent}\" of the partitioned table", index.name));
        return;
    }
    if let Some(constraint) = &index.constraint {
        out.refuse("2BP01", format!("constraint \"{constraint}\" of \"{}\" needs the index", table.key));
        return;
    }
    if concurrently && table.partitioning.is_some() {
        out.refuse("0A000", format!("the partitioned index \"{}\" cannot be dropped CONCURRENTLY", index.name));
        return;
    }
    if !drop.cascade && needed_by_foreign_key(scene, table, index) {
        out.refuse("2BP01", format!("a foreign key needs the index \"{}\"", index.name));
        return;
    }
    // CONCURRENTLY waits for everybody, then takes ACCESS EXCLUSIVE on an index nobody uses.
    out.lock(table, if concurrently { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive });
    out.lock_index(table, index, LockMode::AccessExclusive);
    if table.partitioning.is_some() {
        for member in scene.descendants(table) {
            out.lock(member, LockMode::AccessExclusive);
        }
        for (member, child) in attached(scene, table, index) {
            out.lock_index(member, child, LockMode::AccessExclusive);
        }
    }
}

/// A unique index without a constraint of its own, that a foreign key rests on.
fn needed_by_foreign_key(scene: Scene<'_>, table: &Table, index: &Index) -> bool {
    let columns: Vec<&str> = index.columns().collect();
    index.unique
        && scene.referencing(&table.key).iter().any(|(_, constraint)| {
            constraint.foreign_key.as_ref().is_some_and(|key| {
                let wanted = &key.referenced_columns;
                let served = |other: &Index| other.unique && other.columns().eq(wanted.iter().map(String::as_str));
                wanted.iter().map(String::as_str).eq(columns.iter().copied())
                    && !table.indexes.iter().any(|other| other.name != index.name && served(other))
            })
        })
}

pub(super) fn rename(scene: Scene<'_>, from: &ObjectName, to: &str, if_exists: bool, out: &mut Outcome) {
    match scene.relation(from) {
        Some(Relation::Index(table, index)) => {
            if table.indexes.iter().any(|known| known.name == to) {
                out.refuse("42P07", format!("relation \"{to}\" already exists"));
            }
            let mode = if scene.at_least(12) { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive };
            out.lock_index(table, index, mode);
        }
        // ALTER INDEX renames any relation.
        Some(other) => out.lock_relation(other, LockMode::AccessExclusive),
        None if if_exists => {}
        None => missing(scene, from, "42P01", out),
    }
}

pub(super) fn attach(scene: Scene<'_>, parent: &ObjectName, child: &ObjectName, out: &mut Outcome) {
    let (Some((table, index)), Some((part, own))) = (scene.index(parent), scene.index(child)) else {
        for name in [parent, child] {
            if scene.index(name).is_none() {
                missing(scene, name, "42P01", out);
            }
        }
        return;
    };
    if table.partitioning.is_none() {
        out.refuse("42809", format!("\"{parent}\" is not the index of a partitioned table"));
        return;
    }
    out.lock_index(table, index, if scene.at_least(12) { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive });
    out.lock_index(part, own, LockMode::AccessExclusive);
    out.lock(table, LockMode::AccessShare);
    out.lock(part, LockMode::AccessShare);
    let is_partition = part.partition_of.as_ref().is_some_and(|(of, _)| *of == table.key);
    if !is_partition || !serves(own, index) {
        out.refuse("42P17", format!("index \"{child}\" does not match \"{parent}\""));
    }
}

/// SET (…), SET TABLESPACE, ALTER COLUMN … SET STATISTICS, DEPENDS ON EXTENSION.
pub(super) fn alter(scene: Scene<'_>, name: &ObjectName, attribute: &str, value: &str, if_exists: bool, out: &mut Outcome) {
    let Some((table, index)) = scene.index(name) else {
        if !if_exists {
            missing(scene, name, "42P01", out);
        }
        return;
    };
    let attribute = attribute.to_lowercase();
    let position = attribute.split_whitespace().find_map(|word| word.parse::<usize>().ok());
    let column = position.and_then(|position| index.keys.get(position.checked_sub(1)?)).and_then(|key| key.column_name());
    if let (true, Some(column)) = (attribute.contains("statistics"), column) {
        out.refuse("0A000", format!("the statistics of the plain column \"{column}\" are the table's"));
    } else if attribute.contains("tablespace") {
        out.lock_index(table, index, LockMode::AccessExclusive);
        if value != "pg_default" {
            out.build(table, &index.name, true, Truth::Yes);
        }
    } else if attribute.contains("depends") {
        out.lock_index(table, index, LockMode::AccessExclusive);
    } else if table.partitioning.is_some() && !attribute.contains("statistics") {
        out.refuse("42809", format!("storage parameters cannot be set on the partitioned index \"{}\"", index.name));
    } else if matches!(index.method.as_str(), "gin" | "brin") && (attribute.contains("fillfactor") || value.contains("fillfactor")) {
        out.refuse("22023", format!("an index of the method {} has no parameter \"fillfactor\"", index.method));
    } else {
        let strong = ["fastupdate", "buffering", "gin_pending_list_limit", "pages_per_range", "autosummarize"]
            .iter()
            .any(|name| attribute.contains(name) || value.to_lowercase().contains(name));
        out.lock_index(table, index, if strong { LockMode::AccessExclusive } else { LockMode::ShareUpdateExclusive });
    }
}
