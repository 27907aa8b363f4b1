//! ADD COLUMN (lang_altertable 4).

use super::constant::{Value, constant, passes};
use super::create::refuse_collation;
use super::expression::{Place, problem};
use super::work::{Work, filled};
use crate::catalog::Table;
use crate::change::{ColumnDef, ConstraintBody, GeneratedKind};
use crate::effect::{BreakageKind, FailureCause, ScanReason, Truth};

pub(super) fn add(work: &mut Work<'_>, table: &Table, column: &ColumnDef) {
    let name = &column.name.value;
    if table.column(name).is_some() {
        let certain = if table.uncertain { Truth::Unknown } else { Truth::Yes };
        work.refuse(format!("duplicate column name: {name}"), certain);
        return;
    }
    for constraint in &column.constraints {
        match &constraint.body {
            ConstraintBody::PrimaryKey(_) => work.refuse("Cannot add a PRIMARY KEY column", Truth::Yes),
            ConstraintBody::Unique(_) => work.refuse("Cannot add a UNIQUE column", Truth::Yes),
            ConstraintBody::Check(_) | ConstraintBody::ForeignKey(_) | ConstraintBody::Exclusion(_) | ConstraintBody::NotNull { .. } => {}
        }
    }
    let default = column.default.as_ref().map(|default| constant(&default.expression));
    // Rows that are there must get a value: what cannot give one is refused unless the table is empty.
    let rows = filled(table);
    match &column.generated {
        Some(generated) if generated.kind == GeneratedKind::Stored => refuse_with_rows(work, table, "cannot add a STORED column", rows),
        Some(_) => {}
        None => refuse_default(work, table, column, default.as_ref(), rows),
    }
    strict_type(work, table, column, default.as_ref(), rows);
    expressions(work, table, column);
    checks(work, table, column, default.as_ref(), rows);
    let has_default = default.as_ref().is_some_and(|value| *value != Some(Value::Null));
    if column.not_null.is_some() && !has_default && column.generated.is_none() && work.in_use(table) {
        work.break_clients(
            BreakageKind::Insert,
            format!("{}.{name}", table.key),
            "INSERTs that leave the new column out are refused: it is NOT NULL and has no default",
            Truth::Yes,
        );
    }
    for (owner, trigger) in work.before.triggers_mentioning(&table.key) {
        if trigger.writes.iter().any(|(written, column)| *written == table.key && column == "*") {
            work.break_clients(
                BreakageKind::Trigger,
                format!("{} on {}", trigger.name, owner.key),
                format!("its INSERT INTO {} names no columns and supplies one value too few from now on", table.key),
                Truth::Yes,
            );
        }
    }
}

fn refuse_default(work: &mut Work<'_>, table: &Table, column: &ColumnDef, default: Option<&Option<Value>>, rows: Truth) {
    // DEFAULT NULL counts as no default.
    let written = default.filter(|value| **value != Some(Value::Null));
    let references = column.constraints.iter().any(|constraint| matches!(constraint.body, ConstraintBody::ForeignKey(_)));
    if references && written.is_some() {
        let certain = work.foreign_keys().and(rows);
        refuse_with_rows(work, table, "Cannot add a REFERENCES column with non-NULL default value", certain);
    }
    if column.not_null.is_some() && written.is_none() {
        refuse_with_rows(work, table, "Cannot add a NOT NULL column with default value NULL", rows);
    }
    if written == Some(&None) {
        refuse_with_rows(work, table, "Cannot add a column with non-constant default", rows);
    }
}

/// `sqlite3ErrorIfNotEmpty`.
fn refuse_with_rows(work: &mut Work<'_>, table: &Table, reason: &str, certain: Truth) {
    if certain.possible() {
        work.fail("SQLITE_ERROR", reason, FailureCause::Data, certain);
    }
    if certain == Truth::Unknown {
        work.unknown(format!("whether {} holds rows", table.key), "whether the column is refused");
    }
}

/// The new definition of the table is read again before anything is written.
fn expressions(work: &mut Work<'_>, table: &Table, column: &ColumnDef) {
    let target = work.before.target;
    if let Some(collation) = column.data_type.as_ref().and_then(|data_type| data_type.collation.as_ref()) {
        refuse_collation(work, &collation.name.value);
    }
    let generated = column.generated.as_ref().and_then(|generated| problem(&generated.expression, Place::Generated, target));
    let check = column.constraints.iter().find_map(|constraint| match &constraint.body {
        ConstraintBody::Check(check) => problem(&check.expression, Place::Check, target),
        _ => None,
    });
    if let Some(reason) = generated.or(check) {
        let context = if target.at_least(3, 37, 0) { "after add column" } else { "after rename" };
        let prefix = if target.at_least(3, 35, 0) { format!("error in table {} {context}: ", table.key.name) } else { String::new() };
        work.refuse(format!("{prefix}{reason}"), Truth::Yes);
    }
}

/// STRICT tables know six types (stricttables 2), and a default must be of the column's.
fn strict_type(work: &mut Work<'_>, table: &Table, column: &ColumnDef, default: Option<&Option<Value>>, rows: Truth) {
    if table.strict
        && let Some(problem) = strict_problem(column)
    {
        work.refuse(
            format!("error in table {0} after add column: {1} for {0}.{2}{3}", table.key, problem.0, column.name, problem.1),
            Truth::Yes,
        );
    }
    let Some(data_type) = column.data_type.as_ref().filter(|_| table.strict) else { return };
    if let Some(Some(value)) = default
        && !fits(value, &data_type.name)
    {
        refuse_with_rows(work, table, "type mismatch on DEFAULT", rows);
    }
}

/// Whether a STRICT column of the type stores the value, as it is or made into its own kind.
pub(super) fn fits(value: &Value, data_type: &str) -> bool {
    let number = match value {
        Value::Null => return true,
        Value::Number(number) => Some(*number),
        Value::Text(text) => text.trim().parse().ok(),
        Value::Blob => None,
    };
    match data_type.to_ascii_lowercase().as_str() {
        "int" | "integer" => number.is_some_and(|number| number.fract() == 0.0),
        "real" => number.is_some(),
        "text" => !matches!(value, Value::Blob),
        "blob" => matches!(value, Value::Blob),
        _ => true,
    }
}

/// `unknown datatype` and the quoted type, where a STRICT table does not take it.
pub(super) fn strict_problem(column: &ColumnDef) -> Option<(&'static str, String)> {
    let Some(data_type) = &column.data_type else { return Some(("missing datatype", String::new())) };
    let known = ["int", "integer", "real", "text", "blob", "any"].iter().any(|name| data_type.name.eq_ignore_ascii_case(name));
    if known && data_type.args.is_empty() {
        return None;
    }
    let args: Vec<String> = data_type.args.iter().map(u64::to_string).collect();
    let written = if args.is_empty() { data_type.name.clone() } else { format!("{}({})", data_type.name, args.join(",")) };
    Some(("unknown datatype", format!(": \"{written}\"")))
}

/// Since 3.37 rows are read to see whether they pass the column's own CHECK, and whenever the table
/// is STRICT; before, violations stayed unseen.
fn checks(work: &mut Work<'_>, table: &Table, column: &ColumnDef, default: Option<&Option<Value>>, rows: Truth) {
    let mut own = column
        .constraints
        .iter()
        .filter_map(|constraint| match &constraint.body {
            ConstraintBody::Check(check) => Some(check),
            _ => None,
        })
        .peekable();
    let checked = own.peek().is_some();
    let generated_not_null = column.generated.is_some() && column.not_null.is_some();
    if !work.before.target.at_least(3, 37, 0) || !(checked || table.strict || generated_not_null) {
        return;
    }
    work.scan(table, ScanReason::Verify, Truth::Yes, true);
    if generated_not_null && rows.possible() {
        work.fail("SQLITE_ERROR", "NOT NULL constraint failed", FailureCause::Data, rows.and(Truth::Unknown));
    }
    let value = match (&column.generated, default) {
        (Some(_), _) | (None, Some(None)) => None,
        (None, Some(Some(value))) => Some(value.clone()),
        (None, None) => Some(Value::Null),
    };
    for check in own {
        let fails = match &value {
            Some(value) => !passes(&check.expression, &column.name.value, value),
            None => Truth::Unknown,
        };
        let certain = rows.and(fails);
        if certain.possible() {
            work.fail("SQLITE_ERROR", "CHECK constraint failed", FailureCause::Data, certain);
        }
    }
}
