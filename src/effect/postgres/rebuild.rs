//! REINDEX and CLUSTER.

use super::index::missing;
use super::outcome::Outcome;
use super::scene::{Relation, Scene, attached, has_storage};
use crate::catalog::{Index, Table};
use crate::change::{ConstraintKind, ObjectName, Reindex, ReindexTarget};
use crate::effect::{FailureCause, LockMode, ScanReason, Truth};

pub(super) fn reindex(scene: Scene<'_>, reindex: &Reindex, out: &mut Outcome) {
    let concurrently = reindex.concurrently.is_some();
    if concurrently {
        out.forbid_transaction();
    }
    match &reindex.target {
        ReindexTarget::Index(name) => match scene.index(name) {
            Some((table, index)) if table.partitioning.is_some() => {
                if scene.major < 14 {
                    out.refuse("0A000", format!("the partitioned index \"{}\" cannot be rebuilt before PostgreSQL 14", index.name));
                    return;
                }
                out.forbid_transaction();
                out.lock(table, if concurrently { LockMode::ShareUpdateExclusive } else { LockMode::Share });
                out.lock_index(table, index, LockMode::AccessExclusive);
                for (member, child) in attached(scene, table, index) {
                    if has_storage(member) {
                        rebuild(member, child, concurrently, out);
                    }
                }
            }
            Some((table, index)) => {
                let excludes = index.constraint.as_ref().is_some_and(|name| {
                    table.constraints.iter().any(|known| known.name == *name && known.kind == ConstraintKind::Exclusion)
                });
                if excludes && concurrently {
                    out.refuse("0A000", "the index of an exclusion constraint cannot be rebuilt CONCURRENTLY");
                    return;
                }
                rebuild(table, index, concurrently, out);
            }
            None if scene.relation(name).is_some() => out.refuse("42809", format!("\"{name}\" is not an index")),
            None => missing(scene, name, "42P01", out),
        },
        ReindexTarget::Table(name) => match scene.relation(name) {
            Some(Relation::Table(table)) if table.kind == crate::catalog::TableKind::Foreign => {
                out.refuse("42809", format!("\"{name}\" is a foreign table: it has no indexes"));
            }
            Some(Relation::Table(table)) => {
                out.lock(table, if concurrently { LockMode::ShareUpdateExclusive } else { LockMode::Share });
                if table.partitioning.is_some() {
                    if scene.at_least(14) {
                        out.forbid_transaction();
                        for member in scene.descendants(table) {
                            all_indexes(member, concurrently, out);
                        }
                    }
                } else {
                    all_indexes(table, concurrently, out);
                }
            }
            Some(_) => out.refuse("42809", format!("\"{name}\" is neither a table nor a materialized view")),
            None => out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name)),
        },
        ReindexTarget::Schema(schema) => {
            out.forbid_transaction();
            for table in scene.catalog.tables.values().filter(|table| table.key.schema == schema.value && has_storage(table)) {
                all_indexes(table, concurrently, out);
            }
        }
        ReindexTarget::Database(_) => {
            out.forbid_transaction();
            for table in scene.catalog.tables.values().filter(|table| has_storage(table)) {
                all_indexes(table, concurrently, out);
            }
        }
        ReindexTarget::System(_) => {
            out.forbid_transaction();
            if concurrently {
                out.refuse("0A000", "system catalogs cannot be reindexed CONCURRENTLY");
            }
        }
        ReindexTarget::Any(_) => {}
    }
}

fn all_indexes(table: &Table, concurrently: bool, out: &mut Outcome) {
    out.lock(table, if concurrently { LockMode::ShareUpdateExclusive } else { LockMode::Share });
    for index in &table.indexes {
        rebuild(table, index, concurrently, out);
    }
}

fn rebuild(table: &Table, index: &Index, concurrently: bool, out: &mut Outcome) {
    out.lock(table, if concurrently { LockMode::ShareUpdateExclusive } else { LockMode::Share });
    out.lock_index(table, index, LockMode::AccessExclusive);
    out.scan(table, ScanReason::IndexBuild, Truth::Yes);
    out.build(table, &index.name, true, Truth::Yes);
}

/// Rows can be put in the order of a whole index that has one.
pub(super) fn clusterable(index: &Index, out: &mut Outcome) {
    if matches!(index.method.as_str(), "gin" | "brin" | "hash" | "spgist") {
        out.refuse("0A000", format!("\"{}\" has no order to cluster by", index.name));
    } else if index.predicate.is_some() {
        out.refuse("0A000", format!("the partial index \"{}\" cannot be clustered by", index.name));
    }
}

/// CLUSTER: the table is written anew in the index's order.
pub(super) fn cluster(scene: Scene<'_>, name: Option<&ObjectName>, index: Option<&str>, out: &mut Outcome) {
    let Some(name) = name else {
        out.forbid_transaction();
        return;
    };
    let Some(table) = scene.table(name) else {
        match scene.relation(name) {
            Some(_) => out.refuse("42809", format!("\"{name}\" is not a table")),
            None => out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name)),
        }
        return;
    };
    if let Some(index) = index
        && table.complete
        && !table.indexes.iter().any(|known| known.name == index)
    {
        out.refuse("42704", format!("index \"{index}\" for table \"{}\" does not exist", table.key));
        return;
    }
    if let Some(index) = index.and_then(|index| table.indexes.iter().find(|known| known.name == index)) {
        clusterable(index, out);
    }
    let repack = scene.statement.verb == "REPACK";
    if !repack && index.is_none() && table.complete && table.clustered_on.is_none() && (table.partitioning.is_none() || scene.at_least(15))
    {
        out.refuse("42704", format!("there is no previously clustered index for table \"{}\"", table.key));
        return;
    }
    if table.partitioning.is_some() {
        if scene.major < 15 {
            out.refuse("0A000", "a partitioned table cannot be clustered before PostgreSQL 15");
            return;
        }
        out.forbid_transaction();
    }
    for member in if table.partitioning.is_some() { scene.with_descendants(table) } else { vec![table] } {
        out.lock(member, LockMode::AccessExclusive);
        out.rewrite(member, Truth::Yes, "the rows are written anew in the order of an index");
    }
}
