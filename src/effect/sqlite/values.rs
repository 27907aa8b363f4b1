//! The rows that an INSERT writes out: a null where none may be, and what a STRICT table does not store.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, FunctionArguments, SetExpr, Statement as Written, UnaryOperator, Value as Literal, visit_expressions};

use super::add_column::fits;
use super::constant::Value;
use crate::catalog::{Catalog, Column, Table, TableKind, Trigger, filled_columns, written_rows};
use crate::change::{Action, InsertRows, OnConflict, Statement, TriggerEvent, TriggerTiming};
use crate::effect::{Effects, Failure, FailureCause, Truth};
use crate::sql::expression::written_of;

/// Adds the first value that is refused. A trigger may leave the row out before.
pub(super) fn check(effects: &mut Effects, statement: &Statement, before: &Catalog) {
    let [change] = statement.changes.as_slice() else { return };
    if matches!(change.action, Action::Insert(_) | Action::Update(_) | Action::Delete(_)) && effects.failures.is_empty() {
        let text = statement.modifiers.note.as_ref().map(|note| &note.written.text).filter(|text| may_aggregate(text));
        let refused = text.and_then(|text| written_of(text, before.target)).and_then(|written| gathered(&written));
        if let Some(function) = refused {
            let reason = format!("misuse of aggregate function {function}()");
            let (code, cause) = ("SQLITE_ERROR".to_owned(), FailureCause::Schema);
            effects.failures.push(Failure { code, reason, cause, certain: Truth::Yes, span: None });
            return;
        }
    }
    let (Action::Insert(rows), Some(name)) = (&change.action, &change.table) else { return };
    let Some(table) = before.table(name) else { return };
    let before_row = |trigger: &Trigger| {
        trigger.timing != TriggerTiming::After && trigger.events.iter().any(|event| matches!(event, TriggerEvent::Insert))
    };
    let plain = table.kind == TableKind::Table && table.complete && !table.uncertain && !table.triggers.iter().any(before_row);
    let ignores = matches!(rows.on_conflict, OnConflict::Ignore | OnConflict::Replace);
    if !plain || ignores || change.conditional || !effects.failures.is_empty() {
        return;
    }
    let text = statement.modifiers.note.as_ref().map(|note| &note.written.text);
    if let Some(Written::Insert(insert)) = text.and_then(|text| written_of(text, before.target)) {
        effects.failures.extend(first(table, rows, &insert));
    }
}

/// A cheap look before the statement is parsed.
fn may_aggregate(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    AGGREGATES.iter().any(|name| text.contains(name))
}

const AGGREGATES: [&str; 9] = ["count", "sum", "total", "avg", "max", "min", "group_concat", "json_group_array", "json_group_object"];

/// An aggregate where there are no rows to gather: a value of VALUES, of SET, a WHERE (measured from
/// 3.26 to 3.53). Where a subquery stands beside it nothing is said.
fn gathered(written: &Written) -> Option<String> {
    let trees: Vec<&Expr> = match written {
        Written::Insert(insert) => match insert.source.as_ref().map(|source| source.body.as_ref()) {
            Some(SetExpr::Values(values)) => values.rows.iter().flat_map(|row| row.iter()).collect(),
            _ => return None,
        },
        Written::Update(update) => update.assignments.iter().map(|assignment| &assignment.value).chain(&update.selection).collect(),
        Written::Delete(delete) => delete.selection.iter().collect(),
        _ => return None,
    };
    trees.into_iter().find_map(misused)
}

fn misused(tree: &Expr) -> Option<String> {
    let mut found = None;
    let subquery = visit_expressions(tree, |part| match part {
        Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::Exists { .. } => ControlFlow::Break(()),
        Expr::Function(function) if found.is_none() && function.over.is_none() => {
            let name = function.name.to_string();
            let arguments = match &function.args {
                FunctionArguments::List(list) => list.args.len(),
                FunctionArguments::None | FunctionArguments::Subquery(_) => 0,
            };
            let known = AGGREGATES.iter().any(|known| name.eq_ignore_ascii_case(known));
            let several = name.eq_ignore_ascii_case("max") || name.eq_ignore_ascii_case("min");
            if known && (!several || arguments == 1) {
                found = Some(name);
            }
            ControlFlow::Continue(())
        }
        _ => ControlFlow::Continue(()),
    });
    if subquery.is_break() { None } else { found }
}

fn first(table: &Table, rows: &InsertRows, insert: &sqlparser::ast::Insert) -> Option<Failure> {
    let written = insert.source.as_ref().and_then(|source| written_rows(source)).filter(|written| written.sure && written.whole)?;
    let names: Vec<&str> = if rows.columns.is_empty() {
        table.columns.iter().filter(|column| column.generated.is_none()).map(|column| column.name.as_str()).collect()
    } else {
        filled_columns(table, rows)
    };
    let wrong = |row: &Vec<&Expr>| {
        let given = row.len() == names.len();
        let mut pairs = names.iter().zip(row).filter(|_| given);
        pairs.find_map(|(name, value)| misfit(table, table.column(name)?, value))
    };
    written.rows.iter().find_map(wrong)
}

fn misfit(table: &Table, column: &Column, value: &Expr) -> Option<Failure> {
    let value = literal(value)?;
    let whole = format!("{}.{}", table.key, column.name);
    let fails =
        |code: &str, reason| Some(Failure { code: code.to_owned(), reason, cause: FailureCause::Data, certain: Truth::Yes, span: None });
    if super::rows::rowid_alias(table, &column.name) {
        let number = match &value {
            Value::Null => true,
            Value::Number(number) => number.fract() == 0.0,
            Value::Text(text) => text.trim().parse::<f64>().is_ok(),
            Value::Blob => false,
        };
        return if number { None } else { fails("SQLITE_MISMATCH", "datatype mismatch".to_owned()) };
    }
    let (kind, stored) = match value {
        Value::Null if column.not_null => {
            return fails("SQLITE_CONSTRAINT_NOTNULL", format!("NOT NULL constraint failed: {whole}"));
        }
        Value::Null => return None,
        Value::Number(number) if number.fract() == 0.0 => ("INT", value),
        Value::Number(_) => ("REAL", value),
        Value::Text(_) => ("TEXT", value),
        Value::Blob => ("BLOB", value),
    };
    let data_type = column.data_type.as_ref().filter(|_| table.strict)?;
    let name = data_type.name.to_uppercase();
    if fits(&stored, &data_type.name) {
        return None;
    }
    fails("SQLITE_CONSTRAINT_DATATYPE", format!("cannot store {kind} value in {name} column {whole}"))
}

fn literal(tree: &Expr) -> Option<Value> {
    match tree {
        Expr::Nested(inner) => literal(inner),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match literal(expr)? {
            Value::Number(number) => Some(Value::Number(-number)),
            _ => None,
        },
        Expr::Value(value) => match &value.value {
            Literal::Null => Some(Value::Null),
            Literal::Number(number, _) => number.parse().ok().map(Value::Number),
            Literal::SingleQuotedString(text) => Some(Value::Text(text.clone())),
            Literal::HexStringLiteral(_) => Some(Value::Blob),
            _ => None,
        },
        _ => None,
    }
}
