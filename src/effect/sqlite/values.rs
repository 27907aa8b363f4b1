//! The rows that an INSERT writes out: a null where none may be, and what a STRICT table does not store.

use sqlparser::ast::{Expr, Statement as Written, UnaryOperator, Value as Literal};

use super::add_column::fits;
use super::constant::Value;
use crate::catalog::{Catalog, Column, Table, TableKind, filled_columns, written_rows};
use crate::change::{Action, InsertRows, OnConflict, Statement};
use crate::effect::{Effects, Failure, FailureCause, Truth};
use crate::sql::expression::written_of;

/// Adds the first value that is refused. A trigger may leave the row out before.
pub(super) fn check(effects: &mut Effects, statement: &Statement, before: &Catalog) {
    let [change] = statement.changes.as_slice() else { return };
    let (Action::Insert(rows), Some(name)) = (&change.action, &change.table) else { return };
    let Some(table) = before.table(name) else { return };
    let plain = table.kind == TableKind::Table && table.complete && !table.uncertain && table.triggers.is_empty();
    let ignores = matches!(rows.on_conflict, OnConflict::Ignore | OnConflict::Replace);
    if !plain || ignores || change.conditional || !effects.failures.is_empty() {
        return;
    }
    let text = statement.modifiers.note.as_ref().map(|note| &note.written.text);
    if let Some(Written::Insert(insert)) = text.and_then(|text| written_of(text, before.target)) {
        effects.failures.extend(first(table, rows, &insert));
    }
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
    let (kind, stored) = match value {
        Value::Null if column.not_null && !super::rows::rowid_alias(table, &column.name) => {
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
