//! INHERIT, NO INHERIT, OF and NOT OF.

use super::Alter;
use crate::change::ObjectName;
use crate::effect::postgres::outcome::Outcome;
use crate::effect::{FailureCause, LockMode, RelationKind};

pub(super) fn inherit(alter: &Alter<'_>, parent: &ObjectName, begin: bool, out: &mut Outcome) {
    match alter.scene.table(parent) {
        Some(table) => {
            out.lock(table, if begin { LockMode::ShareUpdateExclusive } else { LockMode::AccessShare });
            if begin && table.partitioning.is_some() {
                out.refuse("42809", format!("cannot inherit from the partitioned table \"{}\"", table.key));
            } else if begin && alter.scene.with_descendants(alter.table).iter().any(|member| member.key == table.key) {
                out.refuse("42P07", "circular inheritance not allowed");
            } else if !begin && alter.is_partition() {
                out.refuse("42809", format!("\"{}\" is a partition: it is detached, not disinherited", alter.table.key));
            } else if !begin && !alter.table.inherits.contains(&table.key) && alter.table.complete {
                out.refuse("42P01", format!("\"{}\" is not a parent of \"{}\"", table.key, alter.table.key));
            } else if begin && alter.table.complete {
                let missing = table.columns.iter().find(|column| !alter.table.columns.iter().any(|own| own.name == column.name));
                let nullable = table
                    .columns
                    .iter()
                    .find(|column| column.not_null && alter.table.columns.iter().any(|own| own.name == column.name && !own.not_null));
                if let Some(missing) = missing {
                    out.refuse("42804", format!("\"{}\" has no column \"{}\"", alter.table.key, missing.name));
                } else if let Some(nullable) = nullable {
                    out.refuse("42804", format!("column \"{}\" of \"{}\" must be NOT NULL", nullable.name, alter.table.key));
                }
            }
        }
        None => out.fail("42P01", format!("relation \"{parent}\" does not exist"), FailureCause::Schema, alter.scene.absence(parent)),
    }
}

pub(super) fn of_type(alter: &Alter<'_>, type_name: Option<&ObjectName>, out: &mut Outcome) {
    if let Some(name) = type_name {
        let key = alter.scene.catalog.resolve_type(name);
        let attributes = alter.scene.catalog.types.get(&key).map(|known| known.attributes.as_deref());
        if attributes.is_none() && alter.scene.table_at(&key).is_none() {
            super::super::type_name::not_composite(alter.scene, name, out);
            return;
        }
        let columns = alter.table.columns.iter().map(|column| column.name.as_str());
        if let Some(Some(attributes)) = attributes
            && alter.table.complete
            && !columns.eq(attributes.iter().map(|(name, _)| name.as_str()))
        {
            out.refuse("42804", format!("the columns of \"{}\" are not those of the type \"{name}\"", alter.table.key));
            return;
        }
        out.lock_key(&key, RelationKind::Table, LockMode::AccessShare);
    } else if alter.table.complete && alter.table.of_type.is_none() {
        out.refuse("42809", format!("\"{}\" is not a typed table", alter.table.key));
    }
}
