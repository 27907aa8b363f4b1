//! SET and DROP NOT NULL.

use super::{Alter, column};
use crate::catalog::{Table, Validity};
use crate::change::ConstraintKind;
use crate::effect::postgres::outcome::Outcome;
use crate::effect::postgres::proof;
use crate::effect::postgres::scene::filled;
use crate::effect::{BreakageKind, FailureCause, LockMode, ScanReason, Truth};

pub(super) fn set(alter: &Alter<'_>, name: &str, out: &mut Outcome) {
    alter.need_column(name, out);
    if alter.scene.statement.modifiers.only
        && alter.table.partitioning.is_some()
        && !holds(alter.table, name)
        && alter.scene.children(&alter.table.key).iter().any(|child| !holds(child, name))
    {
        out.refuse("42P16", "the constraint must be added to the partitions too");
        return;
    }
    alter.lock_family(LockMode::AccessExclusive, out);
    for member in &alter.family {
        verify(alter, member, name, out);
    }
    if alter.family.iter().any(|member| !holds(member, name)) {
        let object = format!("{}.{name}", alter.table.key);
        out.break_client(BreakageKind::Insert, object, "writes that leave the column null fail", Truth::Unknown);
    }
}

/// Whether the catalog says that the column of the table as it stands has no nulls.
fn holds(table: &Table, name: &str) -> bool {
    let waiting = table.constraints.iter().any(|constraint| {
        constraint.kind == ConstraintKind::NotNull
            && constraint.validity == Validity::NotValid
            && constraint.columns.iter().any(|column| column == name)
    });
    !waiting && table.columns.iter().any(|column| column.name == name && column.not_null)
}

pub(super) fn known(alter: &Alter<'_>, name: &str) -> bool {
    holds(alter.table, name)
}

/// Reads the rows of one table unless it is known that none is null. From 12 a validated CHECK
/// that implies it is proof enough, but not one that the same statement drops.
pub(super) fn verify(alter: &Alter<'_>, table: &Table, name: &str, out: &mut Outcome) {
    if holds(table, name) || (alter.scene.at_least(12) && proof::proves_not_null(table, name, &alter.dropped_constraints)) {
        return;
    }
    if !table.complete && !table.columns.iter().any(|column| column.name == name) {
        out.unknown(format!("whether {}.{name} is NOT NULL already", table.key), "whether the table is scanned");
        out.scan(table, ScanReason::Verify, Truth::Unknown);
    } else {
        out.scan(table, ScanReason::Verify, Truth::Yes);
    }
    let certain = if column::added_as_null(alter, name) { filled(table) } else { Truth::Unknown.min(filled(table)) };
    out.fail("23502", format!("column \"{name}\" of \"{}\" may contain nulls", table.key), FailureCause::Data, certain);
}

pub(super) fn drop(alter: &Alter<'_>, name: &str, out: &mut Outcome) {
    let table = alter.table;
    alter.need_column(name, out);
    alter.lock_family(LockMode::AccessExclusive, out);
    let primary_stays = table
        .primary_key()
        .is_some_and(|key| key.columns.iter().any(|column| column == name) && !alter.dropped_constraints.contains(&key.name));
    if table.columns.iter().any(|column| column.name == name && column.identity.is_some()) {
        out.refuse("42601", format!("\"{name}\" is an identity column"));
    } else if primary_stays {
        out.refuse("42P16", format!("\"{name}\" is in the primary key of \"{}\"", table.key));
    } else if alter.is_inherited(name) && (alter.is_partition() || alter.scene.at_least(18)) {
        let parents = table.inherits.iter().filter_map(|parent| alter.scene.table_at(parent));
        let parent_holds = alter.scene.ancestors(table).into_iter().chain(parents).any(|parent| holds(parent, name));
        if parent_holds {
            out.refuse("42P16", format!("\"{name}\" is NOT NULL in the parent table"));
        }
    }
    if holds(table, name) {
        let object = format!("{}.{name}", table.key);
        out.break_client(BreakageKind::Guarantee, object, "readers may meet nulls", Truth::Unknown);
    }
}
