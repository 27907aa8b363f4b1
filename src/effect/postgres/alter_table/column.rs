//! ADD, DROP and RENAME COLUMN.

use super::{Alter, constraint, foreign_key, not_null};
use crate::catalog::Table;
use crate::change::{ColumnDef, ConstraintBody, DataType, DefaultValue, GeneratedKind};
use crate::effect::postgres::default_type;
use crate::effect::postgres::drop as removal;
use crate::effect::postgres::immutability;
use crate::effect::postgres::literal;
use crate::effect::postgres::outcome::Outcome;
use crate::effect::postgres::proof;
use crate::effect::postgres::scene::{self, filled};
use crate::effect::postgres::types::{self, Resolved};
use crate::effect::postgres::volatility::{self, Verdict};
use crate::effect::{BreakageKind, FailureCause, LockMode, LossKind, ScanReason, Truth};

/// How the rows that exist get the new column's value.
enum Fill {
    /// A stored null or a constant in the catalog.
    Free,
    Rewrite(Truth, String),
}

pub(super) fn add(alter: &Alter<'_>, column: &ColumnDef, if_not_exists: bool, out: &mut Outcome) {
    let table = alter.table;
    let name = &column.name.value;
    if name.is_empty() || (name == "oid" && alter.scene.major < 12) {
        // SET WITH OIDS (until 11) adds a hidden column.
        for member in &alter.family {
            out.rewrite(member, Truth::Yes, "every row gets an object identifier");
        }
        return;
    }
    let twice = alter.added.iter().filter(|added| added.name.value == *name).count() > 1;
    let exists = twice || table.columns.iter().any(|known| known.name == *name) && !alter.dropped_columns.contains(name);
    if exists {
        if !if_not_exists {
            out.refuse("42701", format!("column \"{name}\" of \"{}\" already exists", table.key));
        }
        return;
    }
    if super::is_system_column(name) {
        out.refuse("42701", format!("column name \"{name}\" conflicts with a system column name"));
        return;
    }
    if alter.is_partition() {
        out.refuse("42809", format!("\"{}\" is a partition: a column is added to its parent", table.key));
        return;
    }
    if alter.scene.statement.modifiers.only && !alter.scene.children(&table.key).is_empty() {
        out.refuse("42P16", format!("column \"{name}\" must be added to the child tables too"));
        return;
    }
    if let Some(data_type) = &column.data_type {
        super::super::type_name::exists(alter.scene, data_type, out);
    }
    super::super::type_name::clauses_fit(alter.scene, column, out);
    if column.identity.is_some() && alter.family.len() > 1 && (alter.scene.major < 17 || table.partitioning.is_none()) {
        out.refuse("42P16", "an identity column cannot be added to a table that has child tables");
        return;
    }
    if let (Some(default), Some(data_type)) = (&column.default, &column.data_type) {
        default_type::fits(alter.scene.catalog, &column.name.value, data_type, &default.expression, out);
        // Since 11 the value that the old rows get is computed once and kept; before, row by row.
        let stored = alter.family.iter().any(|member| scene::has_storage(member));
        let any = alter.family.iter().map(|member| filled(member)).max().unwrap_or(Truth::No);
        let computed = if alter.scene.at_least(11) { Truth::from(stored) } else { any };
        literal::default(alter.scene, data_type, &default.expression, computed, out);
    }
    let added = added_to(alter, name);
    for (member, _) in &added {
        out.lock(member, LockMode::AccessExclusive);
    }
    let resolved = column.data_type.as_ref().map(|data_type| types::resolve(alter.scene.catalog, data_type));
    let default = effective_default(alter, column);
    match fill(alter, column, resolved.as_ref(), default.as_ref(), out) {
        Fill::Free => {}
        Fill::Rewrite(certain, reason) => {
            for (member, _) in added.iter().filter(|(_, merged)| !merged) {
                out.rewrite(member, certain, reason.clone());
            }
        }
    }
    let filled_by_itself = default.is_some() || column.identity.is_some() || column.generated.is_some() || is_serial(column);
    required(alter, column, resolved.as_ref(), filled_by_itself, out);
    if let Some(generated) = &column.generated
        && generated.kind == GeneratedKind::Virtual
        && column.not_null.is_some()
    {
        for member in &alter.family {
            out.scan(member, ScanReason::Verify, Truth::Yes);
        }
    }
    for inline in &column.constraints {
        match &inline.body {
            ConstraintBody::ForeignKey(key) => {
                let verified = filled_by_itself && inline.not_valid.is_none() && inline.not_enforced.is_none();
                foreign_key::add(alter.scene, table, &alter.family, key, column.data_type.as_ref(), verified, out);
            }
            ConstraintBody::Check(check) => {
                constraint::add(alter, inline, out);
                let value = default.as_ref().and_then(|default| proof::literal_of(&default.expression));
                let allowed = check.expression.tree.as_ref().and_then(|tree| proof::allowed(tree, name));
                if let (Some(value), Some(allowed)) = (value, allowed)
                    && super::super::ranges::Ranges::only(value).disjoint(&allowed)
                {
                    let any = alter.family.iter().map(|member| filled(member)).max().unwrap_or(Truth::No);
                    out.fail("23514", "the default does not satisfy the column's own CHECK", FailureCause::Data, any);
                }
            }
            ConstraintBody::PrimaryKey(_) | ConstraintBody::Unique(_) | ConstraintBody::Exclusion(_) | ConstraintBody::NotNull { .. } => {
                constraint::add(alter, inline, out);
            }
        }
    }
}

/// The tables a new column comes to. A child that has it already keeps its own, and nobody looks below
/// that child (measured).
fn added_to<'a>(alter: &Alter<'a>, name: &str) -> Vec<(&'a Table, bool)> {
    let mut found = vec![(alter.table, false)];
    let mut at = 0;
    while let Some((table, merged)) = found.get(at).copied() {
        at += 1;
        if merged {
            continue;
        }
        for child in alter.family.iter().filter(|member| {
            member.inherits.contains(&table.key) || member.partition_of.as_ref().is_some_and(|(parent, _)| *parent == table.key)
        }) {
            if !found.iter().any(|(known, _)| known.key == child.key) {
                found.push((child, child.columns.iter().any(|column| column.name == name)));
            }
        }
    }
    found
}

fn is_serial(column: &ColumnDef) -> bool {
    column.data_type.as_ref().is_some_and(DataType::is_serial)
}

fn is_null(default: &DefaultValue) -> bool {
    let text = default.expression.text.trim().to_lowercase();
    text == "null" || text.starts_with("null::")
}

/// The default rows get: the column's own, else its domain's.
fn effective_default(alter: &Alter<'_>, column: &ColumnDef) -> Option<DefaultValue> {
    if let Some(default) = &column.default {
        return (!is_null(default)).then(|| default.clone());
    }
    let mut data_type = column.data_type.clone()?;
    for _ in 0..16 {
        let domain = types::find_domain(alter.scene.catalog, &data_type)?;
        if let Some(expression) = &domain.default {
            let span = expression.span;
            return Some(DefaultValue { expression: expression.clone(), span, parenthesised: false });
        }
        data_type = domain.base.clone();
    }
    None
}

fn fill(alter: &Alter<'_>, column: &ColumnDef, resolved: Option<&Resolved>, default: Option<&DefaultValue>, out: &mut Outcome) -> Fill {
    if is_serial(column) || column.identity.is_some() {
        return Fill::Rewrite(Truth::Yes, "every row gets a number of its own from a sequence".to_owned());
    }
    if let Some(generated) = &column.generated {
        let computed = alter.table.columns.iter().filter(|other| other.generated.is_some());
        if computed.into_iter().any(|other| generated.expression.mentions(&other.name)) {
            out.refuse("42P17", "a generated column cannot be computed from another one");
        } else if immutability::is_mutable(alter.scene, alter.table, &generated.expression) {
            out.refuse("42P17", "a generated column's expression must be immutable");
        }
        return match generated.kind {
            GeneratedKind::Stored => Fill::Rewrite(Truth::Yes, "a stored generated column is computed for every row".to_owned()),
            GeneratedKind::Virtual => Fill::Free,
        };
    }
    let mut verdict = Verdict::default();
    if let Some(default) = default {
        verdict = volatility::judge(alter.scene.catalog, &default.expression);
        for missing in &verdict.missing {
            out.refuse("42883", format!("function {missing} does not exist in PostgreSQL {}", alter.scene.major));
        }
    }
    // The domain's own constraints are checked row by row, whatever the default (10 to 18).
    if resolved.is_some_and(|resolved| resolved.constrained) {
        return Fill::Rewrite(Truth::Yes, "the type is a domain with a constraint, which is checked for every row".to_owned());
    }
    if default.is_none() {
        return Fill::Free;
    }
    if alter.scene.major < 11 {
        lock_sequences(alter, &verdict, out);
        return Fill::Rewrite(Truth::Yes, "before version 11 every default is written into every row".to_owned());
    }
    // 11 and 12 look at the column's own default only, not at its domain's.
    if column.default.is_none() && alter.scene.major < 13 {
        return Fill::Free;
    }
    match verdict.volatile {
        Truth::No => Fill::Free,
        Truth::Yes => {
            lock_sequences(alter, &verdict, out);
            let because = verdict.because.unwrap_or_default();
            Fill::Rewrite(Truth::Yes, format!("`{because}` is volatile, so the default is computed for every row"))
        }
        Truth::Unknown => {
            let because = verdict.because.unwrap_or_default();
            out.unknown(format!("the volatility of {because}"), "whether the table is rewritten");
            Fill::Rewrite(Truth::Unknown, format!("`{because}` may be volatile"))
        }
    }
}

/// `nextval('s')` advances the sequence row by row.
fn lock_sequences(alter: &Alter<'_>, verdict: &Verdict, out: &mut Outcome) {
    for name in &verdict.sequences {
        if let Some(sequence) = super::super::object::sequence_named(alter.scene, name) {
            out.lock_sequence(sequence, LockMode::RowExclusive);
        }
    }
}

/// NOT NULL without a value for the rows that exist.
fn required(alter: &Alter<'_>, column: &ColumnDef, resolved: Option<&Resolved>, filled_by_itself: bool, out: &mut Outcome) {
    let primary = column.constraints.iter().any(|inline| matches!(inline.body, ConstraintBody::PrimaryKey(_)));
    let not_null = column.not_null.is_some() || primary || resolved.is_some_and(|resolved| resolved.domain_not_null);
    if !not_null || filled_by_itself {
        return;
    }
    let name = &column.name.value;
    let any = alter.family.iter().map(|member| filled(member)).max().unwrap_or(Truth::No);
    out.fail("23502", format!("the rows that exist would have no value for \"{name}\", which is NOT NULL"), FailureCause::Data, any);
    out.break_client(
        BreakageKind::Insert,
        format!("{}.{name}", alter.table.key),
        "inserts that do not name the new column fail",
        Truth::Yes,
    );
}

pub(super) fn drop(alter: &Alter<'_>, column: &str, if_exists: bool, cascade: bool, out: &mut Outcome) {
    let table = alter.table;
    if super::is_system_column(column) {
        out.refuse("0A000", format!("cannot drop system column \"{column}\""));
        return;
    }
    let present = if table.columns.iter().any(|known| known.name == column) {
        Truth::Yes
    } else if table.complete {
        Truth::No
    } else {
        Truth::Unknown
    };
    if present == Truth::No {
        if !if_exists {
            out.refuse("42703", format!("column \"{column}\" of \"{}\" does not exist", table.key));
        }
        return;
    }
    if alter.is_partition_key(column) {
        out.refuse("42P16", format!("\"{column}\" is part of the partition key of \"{}\"", table.key));
        return;
    }
    if alter.is_inherited(column) {
        out.refuse("42P16", format!("\"{column}\" is inherited: it is dropped on the parent"));
        return;
    }
    if alter.scene.statement.modifiers.only && table.partitioning.is_some() && !alter.scene.children(&table.key).is_empty() {
        out.refuse("42P16", format!("\"{column}\" cannot be dropped from the partitioned table alone"));
        return;
    }
    alter.lock_family(LockMode::AccessExclusive, out);
    if alter.scene.statement.modifiers.only {
        for child in alter.scene.children(&table.key) {
            out.lock(child, LockMode::AccessExclusive);
        }
    }
    for member in &alter.family {
        removal::column(alter.scene, member, column, cascade, out);
    }
    out.lose(LossKind::Column, format!("{}.{column}", table.key), Truth::Yes);
    out.break_client(BreakageKind::Name, format!("{}.{column}", table.key), "the column is gone", Truth::Yes);
}

pub(super) fn rename(alter: &Alter<'_>, from: &str, to: &str, out: &mut Outcome) {
    let table = alter.table;
    alter.need_column(from, out);
    if table.columns.iter().any(|column| column.name == to) {
        out.refuse("42701", format!("column \"{to}\" of \"{}\" already exists", table.key));
    }
    if super::is_system_column(to) {
        out.refuse("42701", format!("column name \"{to}\" conflicts with a system column name"));
    }
    if alter.scene.statement.modifiers.only && !alter.scene.children(&table.key).is_empty() {
        out.refuse("42P16", format!("inherited column \"{from}\" must be renamed in child tables too"));
    }
    if alter.is_inherited(from) {
        out.refuse("42P16", format!("\"{from}\" is inherited: it is renamed on the parent"));
    }
    alter.lock_family(LockMode::AccessExclusive, out);
    out.break_client(BreakageKind::Name, format!("{}.{from}", table.key), format!("the column is called \"{to}\" afterwards"), Truth::Yes);
}

/// A column that the same statement adds without any value is null in every row.
pub(super) fn added_as_null(alter: &Alter<'_>, column: &str) -> bool {
    alter.added.iter().any(|added| {
        added.name.value == column
            && effective_default(alter, added).is_none()
            && added.identity.is_none()
            && added.generated.is_none()
            && !is_serial(added)
    }) && !not_null::known(alter, column)
}
