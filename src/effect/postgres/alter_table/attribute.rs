//! Defaults, generated expressions and identity.

use super::Alter;
use crate::catalog::{Column, Key};
use crate::change::{DefaultValue, GeneratedKind};
use crate::effect::postgres::default_type;
use crate::effect::postgres::enums;
use crate::effect::postgres::literal;
use crate::effect::postgres::object;
use crate::effect::postgres::outcome::Outcome;
use crate::effect::postgres::type_name;
use crate::effect::postgres::types;
use crate::effect::postgres::volatility;
use crate::effect::postgres::words::words;
use crate::effect::{BreakageKind, LockMode, RelationKind, Truth};

fn column<'a>(alter: &'a Alter<'_>, name: &str) -> Option<&'a Column> {
    alter.table.columns.iter().find(|column| column.name == name)
}

pub(super) fn set_default(alter: &Alter<'_>, name: &str, default: Option<&DefaultValue>, out: &mut Outcome) {
    if default.is_none() && alter.table.complete && column(alter, name).is_none() {
        // DROP DEFAULT runs with the drops, before columns are added.
        out.refuse("42703", format!("column \"{name}\" of \"{}\" does not exist", alter.table.key));
        return;
    }
    alter.need_column(name, out);
    alter.lock_family(LockMode::AccessExclusive, out);
    if let Some(column) = column(alter, name) {
        if column.generated.is_some() {
            out.refuse("42601", format!("\"{name}\" is a generated column"));
        } else if column.identity.is_some() {
            out.refuse("42601", format!("\"{name}\" is an identity column"));
        }
        if default.is_none() && column.default.is_some() && column.not_null {
            let object = format!("{}.{name}", alter.table.key);
            out.break_client(BreakageKind::Insert, object, "inserts that rely on the default fail", Truth::Yes);
        }
    }
    if let Some(default) = default {
        if let Some(data_type) = column(alter, name).and_then(|column| column.data_type.as_ref()) {
            default_type::fits(alter.scene.catalog, name, data_type, &default.expression, out);
            literal::default(alter.scene, data_type, &default.expression, Truth::No, out);
            enums::unsafe_use(alter.scene, data_type, &default.expression, out);
        }
        for missing in volatility::judge(alter.scene.catalog, &default.expression).missing {
            out.refuse("42883", format!("function {missing} does not exist in PostgreSQL {}", alter.scene.major));
        }
        type_name::relations_of(alter.scene, &default.expression, out);
        // What a default comes to depend on is locked while that is noted.
        if alter.scene.at_least(19) {
            for sequence in object::sequences_in(alter.scene, &words(&default.expression.text)) {
                out.lock_sequence(sequence, LockMode::AccessShare);
            }
        }
    }
}

/// SET EXPRESSION (17): a stored column is computed anew.
pub(super) fn set_expression(alter: &Alter<'_>, name: &str, out: &mut Outcome) {
    alter.need_column(name, out);
    alter.lock_family(LockMode::AccessExclusive, out);
    let Some(column) = column(alter, name) else { return };
    match column.generated.as_ref().map(|generated| generated.kind) {
        None => out.refuse("55000", format!("\"{name}\" is not a generated column")),
        Some(GeneratedKind::Virtual) => {
            if alter.scene.major < 19 {
                out.refuse("0A000", "SET EXPRESSION is not supported for virtual generated columns");
            }
        }
        Some(GeneratedKind::Stored) => {
            for member in &alter.family {
                out.rewrite(member, Truth::Yes, "the stored generated column is computed anew for every row");
            }
        }
    }
}

pub(super) fn drop_expression(alter: &Alter<'_>, name: &str, if_exists: bool, out: &mut Outcome) {
    alter.need_column(name, out);
    alter.lock_family(LockMode::AccessExclusive, out);
    let Some(column) = column(alter, name) else { return };
    match column.generated.as_ref().map(|generated| generated.kind) {
        None if !if_exists => out.refuse("55000", format!("\"{name}\" is not a generated column")),
        Some(GeneratedKind::Virtual) => {
            out.refuse("0A000", "DROP EXPRESSION is not supported for virtual generated columns");
        }
        None | Some(GeneratedKind::Stored) => {}
    }
}

pub(super) fn add_identity(alter: &Alter<'_>, name: &str, out: &mut Outcome) {
    alter.need_column(name, out);
    let Some(column) = column(alter, name) else { return };
    let whole = column.data_type.as_ref().is_none_or(|data_type| {
        let known = types::resolve(alter.scene.catalog, data_type);
        !known.array && matches!(known.base.as_str(), "int2" | "int4" | "int8")
    });
    if !whole {
        out.refuse("22023", "the type of an identity column must be smallint, integer or bigint");
    } else if column.identity.is_some() {
        out.refuse("55000", format!("\"{name}\" is an identity column already"));
    } else if (column.default.is_some() || column.data_type.as_ref().is_some_and(crate::change::DataType::is_serial))
        && !alter.scene.actions().any(|action| matches!(action, crate::change::Action::DropDefault { column } if column.value == name))
    {
        out.refuse("55000", format!("\"{name}\" has a default already"));
    } else if !column.not_null {
        let set_here =
            alter.scene.actions().any(|action| matches!(action, crate::change::Action::SetNotNull { column } if column.value == name));
        if !set_here {
            out.refuse("55000", format!("\"{name}\" must be NOT NULL before it can become an identity column"));
        }
    }
}

/// SET GENERATED, RESTART and the like, or DROP IDENTITY.
pub(super) fn alter_identity(alter: &Alter<'_>, name: &str, drop: bool, if_exists: bool, out: &mut Outcome) {
    alter.need_column(name, out);
    let identity = column(alter, name).is_some_and(|column| column.identity.is_some());
    if !identity {
        if column(alter, name).is_some() && !if_exists {
            out.refuse("55000", format!("\"{name}\" is not an identity column"));
        }
        return;
    }
    lock_sequence(alter, name, if drop { LockMode::AccessExclusive } else { LockMode::ShareRowExclusive }, out);
}

/// The sequence behind a serial or identity column, by the server's naming where none is recorded.
pub(super) fn lock_sequence(alter: &Alter<'_>, column: &str, mode: LockMode, out: &mut Outcome) {
    let owned = alter.scene.owned_sequences(&alter.table.key, Some(column));
    for sequence in &owned {
        out.lock_sequence(sequence, mode);
    }
    if owned.is_empty() {
        let key = Key::new(alter.table.key.schema.clone(), format!("{}_{column}_seq", alter.table.key.name));
        out.lock_key(&key, RelationKind::Sequence, mode);
    }
}

/// Types of fixed length are stored in place, and as they are.
pub(super) fn storable(alter: &Alter<'_>, name: &str, attribute: &str, value: &str, out: &mut Outcome) {
    let Some(data_type) = column(alter, name).and_then(|column| column.data_type.as_ref()) else { return };
    let known = types::resolve(alter.scene.catalog, data_type);
    if known.array || known.family != types::Family::Builtin || !FIXED.contains(&known.base.as_str()) {
        return;
    }
    if attribute.contains("storage") && !matches!(value.to_lowercase().as_str(), "plain" | "default") {
        out.refuse("0A000", format!("the type of \"{name}\" can only have storage PLAIN"));
    } else if attribute.contains("compression") && !value.eq_ignore_ascii_case("default") {
        out.refuse("0A000", format!("the type of \"{name}\" does not support compression"));
    }
}

const FIXED: &[&str] = &[
    "int2",
    "int4",
    "int8",
    "float4",
    "float8",
    "bool",
    "date",
    "time",
    "timetz",
    "timestamp",
    "timestamptz",
    "interval",
    "uuid",
    "money",
    "oid",
    "name",
    "macaddr",
    "macaddr8",
    "point",
    "box",
    "line",
    "lseg",
    "circle",
];
