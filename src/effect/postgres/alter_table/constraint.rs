//! ADD, DROP, VALIDATE, RENAME and ALTER CONSTRAINT.

use super::{Alter, foreign_key, made_up_name, not_null};
use crate::catalog::{Column, Constraint, Table, TableKind, Validity};
use crate::change::{Action, ConstraintBody, ConstraintDef, ConstraintKind, GeneratedKind, KeyConstraint};
use crate::effect::postgres::content;
use crate::effect::postgres::drop as removal;
use crate::effect::postgres::index as indexes;
use crate::effect::postgres::literal;
use crate::effect::postgres::outcome::Outcome;
use crate::effect::postgres::scene::{filled, has_storage};
use crate::effect::{BreakageKind, FailureCause, LockMode, ScanReason, Truth};

pub(super) fn add(alter: &Alter<'_>, constraint: &ConstraintDef, out: &mut Outcome) {
    let table = alter.table;
    if let Some(name) = &constraint.name {
        let taken = table.constraints.iter().any(|known| known.name == name.value) && !alter.dropped_constraints.contains(&name.value);
        if taken {
            let index = matches!(constraint.body, ConstraintBody::PrimaryKey(_) | ConstraintBody::Unique(_) | ConstraintBody::Exclusion(_));
            if index && table.indexes.iter().any(|known| known.name == name.value) {
                out.refuse("42P07", format!("relation \"{name}\" already exists"));
            } else if !constraint.if_not_exists {
                out.refuse("42710", format!("constraint \"{name}\" for relation \"{}\" already exists", table.key));
            }
            return;
        }
    }
    // The grammar takes NOT VALID behind any constraint, the server behind three kinds (manual, ALTER TABLE).
    if constraint.not_valid.is_some()
        && matches!(constraint.body, ConstraintBody::PrimaryKey(_) | ConstraintBody::Unique(_) | ConstraintBody::Exclusion(_))
    {
        out.refuse("0A000", "UNIQUE, PRIMARY KEY and EXCLUDE constraints cannot be marked NOT VALID");
        return;
    }
    let key = matches!(constraint.body, ConstraintBody::PrimaryKey(_) | ConstraintBody::Unique(_) | ConstraintBody::Exclusion(_));
    if key && table.kind == TableKind::Foreign {
        out.refuse("0A000", format!("\"{}\" is a foreign table: it has no keys", table.key));
        return;
    }
    if key && constraint.not_enforced.is_some() {
        out.refuse("0A000", "UNIQUE, PRIMARY KEY and EXCLUDE constraints cannot be marked NOT ENFORCED");
        return;
    }
    match &constraint.body {
        ConstraintBody::Check(check) => {
            if let Some((code, reason)) = content::refused(&check.expression, "check constraints") {
                out.refuse(code, reason);
                return;
            }
            literal::expression(alter.scene, table, &check.expression, out);
            super::super::enums::unsafe_condition(alter.scene, alter.table, &check.expression, out);
            add_check(alter, constraint, out);
        }
        ConstraintBody::ForeignKey(key) => {
            // Version 10 knows no foreign keys of partitioned tables at all, and says so first.
            if constraint.not_valid.is_some() && table.partitioning.is_some() && (11..18).contains(&alter.scene.major) {
                out.refuse("42809", format!("a NOT VALID foreign key cannot be added to the partitioned table \"{}\"", table.key));
                return;
            }
            // Written as a clause of its own it is verified even where the column is added beside it,
            // NULL in every row; only REFERENCES at the column itself is believed without looking.
            let verified = constraint.not_valid.is_none() && constraint.not_enforced.is_none();
            let verified = verified || (constraint.not_valid.is_some() && validated_here(alter, constraint));
            foreign_key::add(alter.scene, table, &alter.family, key, None, verified, out);
            let nulls = !key.columns.is_empty() && key.columns.iter().all(|column| super::column::added_as_null(alter, &column.value));
            if nulls {
                // No row refers to anything: the other table is not read.
                let own = table.key.to_string();
                out.effects.scans.retain(|scan| scan.table == own || scan.reason != ScanReason::ForeignKey);
            }
        }
        ConstraintBody::PrimaryKey(key) => add_key(alter, constraint, key, true, out),
        ConstraintBody::Unique(key) => add_key(alter, constraint, key, false, out),
        ConstraintBody::Exclusion(exclusion) => {
            if table.partitioning.is_some() && alter.scene.major < 17 {
                out.refuse("0A000", "exclusion constraints are not supported on partitioned tables");
                return;
            }
            if table.partitioning.is_some() && !super::super::index::includes_partition_key(table, &exclusion.columns) {
                out.refuse("0A000", "an exclusion constraint on a partitioned table must include all partition key columns");
                return;
            }
            let name = index_name(table, constraint);
            for key in &exclusion.columns {
                if let Some(column) = key.column_name() {
                    alter.need_column(&column.value, out);
                }
            }
            out.scan(table, ScanReason::IndexBuild, Truth::Yes);
            out.build(table, &name, false, Truth::Yes);
            out.fail("23P01", "rows may exclude each other", FailureCause::Data, Truth::Unknown.min(filled(table)));
        }
        ConstraintBody::NotNull { column } => {
            alter.need_column(&column.value, out);
            if let Some(name) = &constraint.name
                && not_null::known(alter, &column.value)
                && !has_name(table, &column.value, &name.value)
            {
                out.refuse("55000", format!("\"{column}\" of \"{}\" is NOT NULL under another name", table.key));
                return;
            }
            let own = constraint.no_inherit;
            alter.lock_family(LockMode::AccessExclusive, out);
            if constraint.not_valid.is_none() {
                for member in alter.family.iter().filter(|member| !own || member.key == table.key) {
                    not_null::verify(alter, member, &column.value, out);
                }
            }
        }
    }
}

/// The name of a column's NOT NULL: the one written, else the one the server makes up (18).
fn has_name(table: &Table, column: &str, name: &str) -> bool {
    let written =
        table.constraints.iter().find(|known| known.kind == ConstraintKind::NotNull && known.columns.iter().any(|it| it == column));
    written.map_or_else(|| name == format!("{}_{column}_not_null", table.key.name), |known| known.name == name)
}

/// VALIDATE CONSTRAINT of the same name stands in the same statement.
fn validated_here(alter: &Alter<'_>, constraint: &ConstraintDef) -> bool {
    let Some(name) = &constraint.name else { return false };
    alter.scene.actions().any(|action| matches!(action, Action::ValidateConstraint { name: validated } if validated == name))
}

fn add_check(alter: &Alter<'_>, constraint: &ConstraintDef, out: &mut Outcome) {
    let family: &[&Table] = if constraint.no_inherit { std::slice::from_ref(&alter.table) } else { &alter.family };
    if constraint.no_inherit && alter.table.partitioning.is_some() {
        out.refuse("42P16", "a NO INHERIT constraint cannot be added to a partitioned table");
        return;
    }
    if alter.scene.statement.modifiers.only && !constraint.no_inherit && !alter.scene.children(&alter.table.key).is_empty() {
        out.refuse("42P16", "the constraint must be added to the child tables too");
        return;
    }
    for member in family {
        out.lock(member, LockMode::AccessExclusive);
    }
    if constraint.no_inherit && alter.scene.at_least(18) {
        alter.lock_family(LockMode::AccessExclusive, out);
    }
    if constraint.not_valid.is_some() || constraint.not_enforced.is_some() {
        return;
    }
    for member in family {
        out.scan(member, ScanReason::Verify, Truth::Yes);
        let reason = format!("rows of \"{}\" may violate the CHECK", member.key);
        out.fail("23514", reason, FailureCause::Data, Truth::Unknown.min(filled(member)));
    }
}

fn index_name(table: &Table, constraint: &ConstraintDef) -> String {
    constraint.name.as_ref().map_or_else(|| made_up_name(table, &constraint.body), |name| name.value.clone())
}

fn add_key(alter: &Alter<'_>, constraint: &ConstraintDef, key: &KeyConstraint, primary: bool, out: &mut Outcome) {
    let table = alter.table;
    let owned = key.using_index.as_ref().and_then(|name| table.index(&name.value)).is_some_and(|index| index.constraint.is_some());
    if primary
        && !owned
        && let Some(existing) = table.primary_key()
        && !alter.dropped_constraints.contains(&existing.name)
        && !existing.columns.iter().any(|column| alter.dropped_columns.contains(column))
    {
        out.refuse("42P16", format!("\"{}\" has a primary key already", table.key));
        return;
    }
    if let Some(index) = &key.using_index {
        using_index(alter, &index.value, constraint.name.as_ref().map(|name| name.value.as_str()), primary, out);
        return;
    }
    if let (true, Some(column)) = (key.without_overlaps, key.columns.last().and_then(|part| part.column_name()))
        && let Some(data_type) = table.columns.iter().find(|known| known.name == column.value).and_then(|known| known.data_type.as_ref())
    {
        let resolved = crate::effect::postgres::types::resolve(alter.scene.catalog, data_type);
        let builtin = resolved.family == crate::effect::postgres::types::Family::Builtin;
        if builtin && (resolved.array || !resolved.base.ends_with("range")) {
            out.refuse("42804", format!("\"{column}\" in WITHOUT OVERLAPS is no range"));
            return;
        }
    }
    for part in &key.columns {
        if let Some(column) = part.column_name() {
            alter.need_column(&column.value, out);
            let generated = table.columns.iter().find(|known| known.name == column.value).and_then(|known| known.generated.as_ref());
            let added = alter.added.iter().find(|added| added.name == *column).and_then(|added| added.generated.as_ref());
            if generated.or(added).is_some_and(|generated| generated.kind == GeneratedKind::Virtual) {
                out.refuse("0A000", format!("\"{column}\" is a virtual generated column: it is no part of a key"));
                return;
            }
            let known = table.columns.iter().find(|known| known.name == column.value);
            if let Some(data_type) = known.and_then(|known| known.data_type.as_ref())
                && !indexes::orderable(&crate::effect::postgres::types::resolve(alter.scene.catalog, data_type))
            {
                out.refuse("42704", format!("the type of \"{column}\" has no default operator class for access method \"btree\""));
            }
        }
    }
    if table.partitioning.is_some() && !indexes::partitioned_key_allowed(alter.scene, table, key, primary, out) {
        return;
    }
    if out.will_fail() {
        return;
    }
    let mut without = table.clone();
    without.constraints.retain(|known| !alter.dropped_constraints.contains(&known.name));
    without.indexes.retain(|known| known.constraint.as_ref().is_none_or(|name| !alter.dropped_constraints.contains(name)));
    let name = index_name(&without, constraint);
    if alter.scene.relation_at(&crate::catalog::Key::new(table.key.schema.clone(), name.clone())).is_some()
        && !alter.dropped_constraints.contains(&name)
    {
        out.refuse("42P07", format!("relation \"{name}\" already exists"));
        return;
    }
    let nullable: Vec<&str> = key
        .columns
        .iter()
        .filter_map(|part| part.column_name())
        .map(|column| column.value.as_str())
        .filter(|column| primary && !alter.family.iter().all(|member| column_not_null(member, column)))
        .collect();
    for member in &alter.family {
        let below = member.key != table.key;
        if below {
            // 18 records NOT NULL of a key on every partition, and takes the lock for it.
            let mode = if alter.scene.at_least(18) || !nullable.is_empty() { LockMode::AccessExclusive } else { LockMode::Share };
            if table.partitioning.is_none() {
                // Children get no index, but the key's NOT NULL.
                if mode == LockMode::AccessExclusive {
                    out.lock(member, mode);
                    for column in &nullable {
                        not_null::verify(alter, member, column, out);
                    }
                }
                continue;
            }
            out.lock(member, mode);
        }
        for column in &nullable {
            not_null::verify(alter, member, column, out);
        }
        if has_storage(member) {
            let built = if below { made_up_name(member, &constraint.body) } else { name.clone() };
            out.scan(member, ScanReason::IndexBuild, Truth::Yes);
            out.build(member, &built, false, Truth::Yes);
            if !indexes::distinct_already(member, &key.columns, key.nulls_not_distinct) {
                let reason = format!("two rows with the same value stop the build of `{built}`");
                out.fail("23505", reason, FailureCause::Data, Truth::Unknown.min(filled(member)));
            }
        }
    }
}

fn column_not_null(table: &Table, name: &str) -> bool {
    table.columns.iter().any(|column| column.name == name && column.not_null)
}

/// UNIQUE or PRIMARY KEY USING INDEX: nothing is built, but a primary key still checks for nulls.
fn using_index(alter: &Alter<'_>, name: &str, constraint: Option<&str>, primary: bool, out: &mut Outcome) {
    let table = alter.table;
    if table.partitioning.is_some() {
        out.refuse("0A000", "USING INDEX is not supported on partitioned tables");
        return;
    }
    let Some(index) = table.indexes.iter().find(|index| index.name == name) else {
        if table.complete {
            out.refuse("42704", format!("index \"{name}\" does not exist"));
        }
        return;
    };
    // The index takes the constraint's name; without one the constraint takes the index's (proven).
    let renamed = constraint.is_some_and(|constraint| constraint != name);
    let mode = match (renamed, alter.scene.at_least(12)) {
        (false, _) => LockMode::AccessShare,
        (true, true) => LockMode::ShareUpdateExclusive,
        (true, false) => LockMode::AccessExclusive,
    };
    out.lock_index(table, index, mode);
    if index.constraint.is_some() {
        out.refuse("55000", format!("index \"{name}\" belongs to a constraint already"));
    } else if !index.unique {
        out.refuse("42809", format!("\"{name}\" is not a unique index"));
    } else if index.predicate.is_some() || index.keys.iter().any(|key| key.column_name().is_none()) {
        out.refuse("42809", format!("index \"{name}\" is partial or contains expressions"));
    } else if primary {
        for column in index.columns() {
            not_null::verify(alter, table, column, out);
        }
    }
}

fn find<'a>(alter: &Alter<'a>, name: &str) -> Option<&'a Constraint> {
    alter.table.constraints.iter().find(|constraint| constraint.name == name)
}

/// From 18 NOT NULL is a constraint with a name, made up where none was written: from the names the
/// table and the column had at that time, with a number behind it where that was taken.
fn is_not_null_name(alter: &Alter<'_>, name: &str) -> bool {
    let table = alter.table;
    let named = |column: &Column| {
        table.constraints.iter().any(|known| known.kind == ConstraintKind::NotNull && known.columns.contains(&column.name))
    };
    alter.scene.at_least(18)
        && name.trim_end_matches(|c: char| c.is_ascii_digit()).ends_with("_not_null")
        && table.columns.iter().any(|column| column.not_null && !named(column))
}

/// A parent of the table has it, and gave it.
fn is_inherited(alter: &Alter<'_>, constraint: &Constraint) -> bool {
    alter.table.partition_of.iter().map(|(parent, _)| parent).chain(&alter.table.inherits).any(|parent| {
        alter.scene.table_at(parent).is_some_and(|parent| {
            parent.constraints.iter().any(|known| known.name == constraint.name && known.kind == constraint.kind && !known.no_inherit)
        })
    })
}

pub(super) fn drop(alter: &Alter<'_>, name: &str, if_exists: bool, cascade: bool, out: &mut Outcome) {
    let table = alter.table;
    let Some(constraint) = find(alter, name) else {
        if is_not_null_name(alter, name) {
            let in_key = table.primary_key().is_some_and(|key| {
                key.columns.iter().any(|column| has_name(table, column, name)) && !alter.dropped_constraints.contains(&key.name)
            });
            if in_key {
                out.refuse("42P16", format!("the column of \"{name}\" is in the primary key"));
                return;
            }
            alter.lock_family(LockMode::AccessExclusive, out);
        } else if table.complete && !if_exists {
            out.refuse("42704", format!("constraint \"{name}\" of relation \"{}\" does not exist", table.key));
        }
        return;
    };
    let inherited = is_inherited(alter, constraint);
    let attached =
        constraint.index.as_ref().is_some_and(|name| table.indexes.iter().any(|index| index.name == *name && index.attached_to.is_some()));
    if inherited || attached {
        out.refuse("42P16", format!("constraint \"{name}\" is inherited: it is dropped on the parent"));
        return;
    }
    match constraint.kind {
        ConstraintKind::Check | ConstraintKind::NotNull => {
            if !constraint.no_inherit {
                alter.lock_family(LockMode::AccessExclusive, out);
                // ONLY leaves the children theirs, as their own from then on.
                for child in alter.scene.children(&table.key) {
                    out.lock(child, LockMode::AccessExclusive);
                }
            }
        }
        ConstraintKind::ForeignKey | ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::Exclusion => {
            if table.partitioning.is_some() {
                alter.lock_family(LockMode::AccessExclusive, out);
            }
        }
    }
    removal::constraint(alter.scene, table, constraint, cascade, out);
    let what = match constraint.kind {
        ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::Exclusion => "rows may be duplicates afterwards",
        ConstraintKind::ForeignKey => "rows may refer to nothing afterwards",
        ConstraintKind::Check | ConstraintKind::NotNull => "rows may break the rule afterwards",
    };
    out.break_client(BreakageKind::Guarantee, format!("{}.{name}", table.key), what, Truth::Unknown);
}

pub(super) fn validate(alter: &Alter<'_>, name: &str, out: &mut Outcome) {
    let table = alter.table;
    let Some(constraint) = find(alter, name) else {
        let added = alter.scene.actions().find_map(|action| match action {
            Action::AddConstraint(constraint) if constraint.name.as_ref().is_some_and(|it| it.value == name) => Some(constraint),
            _ => None,
        });
        match added.map(|constraint| &constraint.body) {
            Some(ConstraintBody::Check(_)) => {
                for member in &alter.family {
                    out.scan(member, ScanReason::Verify, Truth::Yes);
                }
            }
            Some(ConstraintBody::NotNull { column }) => {
                for member in &alter.family {
                    not_null::verify(alter, member, &column.value, out);
                }
            }
            Some(_) => {}
            None if is_not_null_name(alter, name) => {}
            None if table.complete => {
                out.refuse("42704", format!("constraint \"{name}\" of relation \"{}\" does not exist", table.key));
            }
            None => {
                out.unknown(format!("constraint \"{name}\" of {}", table.key), "which tables are read");
                out.scan(table, ScanReason::Verify, Truth::Unknown);
            }
        }
        return;
    };
    if !constraint.enforced {
        out.refuse("55000", format!("constraint \"{name}\" is NOT ENFORCED"));
        return;
    }
    let waiting = constraint.validity == Validity::NotValid;
    match constraint.kind {
        ConstraintKind::Check | ConstraintKind::NotNull => {
            if waiting {
                let code = if constraint.kind == ConstraintKind::Check { "23514" } else { "23502" };
                for member in &alter.family {
                    out.lock(member, LockMode::ShareUpdateExclusive);
                    out.scan(member, ScanReason::Verify, Truth::Yes);
                    let reason = format!("rows of \"{}\" may violate \"{name}\"", member.key);
                    out.fail(code, reason, FailureCause::Data, Truth::Unknown.min(filled(member)));
                }
            }
        }
        ConstraintKind::ForeignKey => {
            if waiting {
                foreign_key::validate(alter.scene, table, constraint, out);
            }
        }
        ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::Exclusion => {
            out.refuse("42809", format!("constraint \"{name}\" is neither a foreign key nor a CHECK"));
        }
    }
}

pub(super) fn rename(alter: &Alter<'_>, from: &str, to: &str, out: &mut Outcome) {
    let table = alter.table;
    if let Some(constraint) = find(alter, from) {
        if constraint.kind == ConstraintKind::Check && is_inherited(alter, constraint) {
            out.refuse("42P16", format!("constraint \"{from}\" is inherited: it is renamed on the parent"));
            return;
        }
        if table.constraints.iter().any(|known| known.name == to) {
            out.refuse("42710", format!("constraint \"{to}\" for relation \"{}\" already exists", table.key));
        }
        if constraint.kind == ConstraintKind::Check && !constraint.no_inherit {
            alter.lock_family(LockMode::AccessExclusive, out);
        }
        if let Some(index) = constraint.index.as_ref().and_then(|name| table.indexes.iter().find(|index| index.name == *name)) {
            let mode = if alter.scene.at_least(12) { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive };
            out.lock_index(table, index, mode);
        }
    } else if table.complete && !is_not_null_name(alter, from) {
        out.refuse("42704", format!("constraint \"{from}\" for table \"{}\" does not exist", table.key));
    }
}

pub(super) fn alter(alter: &Alter<'_>, name: &str, enforced: Option<bool>, deferral: bool, inherit: bool, out: &mut Outcome) {
    let table = alter.table;
    let Some(constraint) = find(alter, name) else {
        if table.complete && !is_not_null_name(alter, name) {
            out.refuse("42704", format!("constraint \"{name}\" of relation \"{}\" does not exist", table.key));
        }
        return;
    };
    let foreign = constraint.kind == ConstraintKind::ForeignKey;
    if !foreign && enforced.is_some() && alter.scene.major < 19 {
        out.refuse("42809", format!("the enforcement of constraint \"{name}\" cannot be changed"));
    } else if !foreign && deferral {
        out.refuse("42809", format!("constraint \"{name}\" is not a foreign key"));
    } else if inherit && constraint.kind != ConstraintKind::NotNull {
        out.refuse("42809", format!("constraint \"{name}\" is not a NOT NULL constraint"));
    } else if enforced == Some(true) && !constraint.enforced {
        match foreign {
            true => foreign_key::enforce(alter.scene, table, constraint, out),
            false => {
                for member in &alter.family {
                    out.scan(member, ScanReason::Verify, Truth::Yes);
                }
            }
        }
    } else if enforced == Some(false)
        && foreign
        && constraint.enforced
        && let Some(parent) = constraint.foreign_key.as_ref().and_then(|key| alter.scene.table_at(&key.references))
    {
        out.lock(parent, LockMode::AccessExclusive);
    }
}
