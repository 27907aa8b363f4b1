//! EXCHANGE PARTITION: the two tables must be made alike, and the rows must belong in the partition.

use super::draft::{Draft, Key, same};
use super::failure;
use super::server::Server;
use super::types::{Keyed, TypeChange, compare};
use crate::catalog::{Catalog, Partitioning, Presence, Rows, Table};
use crate::change::{Ident, ObjectName, Persistence};
use crate::effect::{Failure, Truth};

/// The first thing the servers refuse an exchange for, in their order (measured: all agree).
pub(super) fn refused(
    table: &Table,
    partitioning: &Partitioning,
    partition: &Ident,
    with: &ObjectName,
    unchecked: bool,
    before: &Catalog,
) -> Option<Failure> {
    let schema = |code, reason: String| Some(failure::schema(code, reason, Truth::Yes));
    if before.view(with).is_some() {
        let code = if Server(before.target).is_mariadb() { 1347 } else { 1177 };
        return schema(code, format!("`{with}` is a view, which has no rows to exchange"));
    }
    let Some(other) = before.table(with) else {
        let missing = matches!(before.presence(with), Presence::Dropped | Presence::NeverMade);
        return if missing { schema(1146, format!("the table `{with}` does not exist")) } else { None };
    };
    let uncertain = other.uncertain || table.uncertain;
    let engine = |table: &Table| table.option("engine").unwrap_or("innodb").to_ascii_lowercase();
    let code_and_reason = if other.partitioning.is_some() {
        Some((1732, format!("`{with}` is partitioned itself")))
    } else if other.persistence == Persistence::Temporary {
        Some((1733, format!("`{with}` is a temporary table")))
    } else if other.foreign_keys().next().is_some() || !before.referencing_foreign_keys(&other.key).is_empty() {
        Some((1740, format!("`{with}` takes part in a foreign key")))
    } else if !partitioning.partitions.is_empty()
        && !partitioning.partitions.iter().any(|key| key.name.eq_ignore_ascii_case(&partition.value))
    {
        Some((1735, format!("there is no partition `{partition}`")))
    } else if engine(table) != engine(other) {
        Some((1497, format!("`{with}` has another storage engine")))
    } else if table.complete && other.complete && !uncertain {
        differs(table, other, before).map(|what| (1736, format!("`{with}` is made differently: {what}")))
    } else {
        None
    };
    if let Some((code, reason)) = code_and_reason {
        return Some(failure::schema(code, reason, if uncertain { Truth::Unknown } else { Truth::Yes }));
    }
    let hashed = partitioning.by.strategy.contains("hash") || partitioning.by.strategy.contains("key");
    let fits = unchecked || other.rows == Rows::None || hashed && partitioning.partitions.len() == 1;
    let reason = format!("a row of `{with}` that does not belong in `{partition}` stops it");
    (!fits).then(|| failure::data(1737, reason, Truth::Unknown))
}

/// What sets the two definitions apart: columns one by one, keys by their names. Defaults and
/// comments may differ (measured).
fn differs(table: &Table, other: &Table, before: &Catalog) -> Option<String> {
    let (a, b) = (Draft::new(before, Some(table), true), Draft::new(before, Some(other), true));
    if a.columns.len() != b.columns.len() {
        return Some(format!("{} columns against {}", a.columns.len(), b.columns.len()));
    }
    for (one, two) in a.columns.iter().zip(&b.columns) {
        let (Some(old), Some(new)) = (&one.shape, &two.shape) else { continue };
        let changed = matches!(compare(old, new, Keyed::default(), false, a.server), TypeChange::Convert | TypeChange::SamePack);
        if !same(&one.name, &two.name) || one.nullable != two.nullable || one.stored != two.stored || changed {
            return Some(format!("the column `{}`", two.name));
        }
    }
    let alike = |one: &Key, two: &Key| {
        same(&one.name, &two.name)
            && one.unique == two.unique
            && one.parts.len() == two.parts.len()
            && one.parts.iter().zip(&two.parts).all(|(a, b)| a.column == b.column && a.prefix == b.prefix)
    };
    let lacks = |one: &Draft<'_>, two: &Draft<'_>| {
        one.keys.iter().find(|key| !two.keys.iter().any(|other| alike(key, other))).map(|key| format!("the key `{}`", key.name))
    };
    lacks(&a, &b).or_else(|| lacks(&b, &a))
}
