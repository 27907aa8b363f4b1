//! The rows that an INSERT writes out: values that their columns cannot hold, under a strict sql_mode.

use sqlparser::ast::{Expr, Insert, Statement as Written, TableObject, UnaryOperator, Value};

use super::failure;
use super::literal::{digits_beyond, refused};
use super::server::Server;
use super::session::Session;
use super::types::{Family, family};
use crate::catalog::{Catalog, Column, Table, TableKind, filled_columns, is_default, written_rows};
use crate::change::{Action, Change, DataType, InsertRows, OnConflict};
use crate::effect::{Effects, Failure, Truth};

/// Adds the first value that is refused. Triggers may put another one in its place.
pub(super) fn check(effects: &mut Effects, change: &Change, written: &Written, before: &Catalog) {
    let (Action::Insert(rows), Some(name), Written::Insert(insert)) = (&change.action, &change.table, written) else { return };
    if rows.on_conflict == OnConflict::Ignore || !Session::of(before).strict || !effects.failures.is_empty() {
        return;
    }
    let Some(table) = before.table(name) else { return };
    let plain = table.kind == TableKind::Table && table.complete && !table.uncertain && table.triggers.is_empty();
    if !plain || insert.ignore || table.columns.iter().any(|column| column.invisible) || !matches!(insert.table, TableObject::TableName(_))
    {
        return;
    }
    effects.failures.extend(first(table, rows, insert, before));
}

fn first(table: &Table, rows: &InsertRows, insert: &Insert, before: &Catalog) -> Option<Failure> {
    let written = insert.source.as_ref().and_then(|source| written_rows(source)).filter(|written| written.sure && written.whole)?;
    let names = filled_columns(table, rows);
    let wrong = |row: &Vec<&Expr>| {
        let given = row.len() == names.len();
        let mut pairs = names.iter().zip(row).filter(|_| given);
        pairs.find_map(|(name, value)| misfit(table.column(name)?, value, before))
    };
    written.rows.iter().find_map(wrong)
}

fn misfit(column: &Column, value: &Expr, before: &Catalog) -> Option<Failure> {
    let data_type = column.data_type.as_ref()?;
    let kind = family(data_type);
    if column.generated.is_some() || data_type.name == "serial" {
        return None;
    }
    let name = &column.name;
    let fails = |code: u16, reason: String| Some(failure::schema(code, reason, Truth::Yes));
    if is_default(value) {
        let has_none = column.not_null && column.default.is_none() && !column.auto_increment && kind != Family::Timestamp;
        // An ENUM falls back on its first value.
        return if has_none && kind != Family::Enum { fails(1364, format!("`{name}` is NOT NULL and has no default")) } else { None };
    }
    match literal(value)? {
        Literal::Null if column.not_null && !column.auto_increment && kind != Family::Timestamp => {
            fails(1048, format!("`{name}` is NOT NULL"))
        }
        Literal::Null => None,
        Literal::Number(text) => {
            let beyond = match kind {
                Family::Integer => rounded(&text).is_some_and(|number| !range(data_type).is_some_and(|range| range.contains(&number))),
                Family::Decimal => digits_beyond(data_type, &text),
                Family::Year => refused(kind, data_type, &text, Server(before.target)).is_some(),
                _ => false,
            };
            if beyond { fails(1264, format!("{text} is out of the range of `{name}`")) } else { None }
        }
        Literal::Text(text) if text.contains('\\') => None,
        Literal::Text(text) => {
            let (code, reason) = text_misfit(column, data_type, kind, &text, before)?;
            fails(code, format!("'{}' {reason} `{name}`", text.chars().take(40).collect::<String>()))
        }
    }
}

fn text_misfit(column: &Column, data_type: &DataType, kind: Family, text: &str, before: &Catalog) -> Option<(u16, &'static str)> {
    let no_digit = !text.chars().any(|c| c.is_ascii_digit());
    match kind {
        Family::Integer => {
            let number = text.trim();
            if no_digit && !number.starts_with(['+', '-', '.']) {
                return Some((1366, "is no number for"));
            }
            let whole = number.parse::<i128>().ok()?;
            let fits = range(data_type).is_none_or(|range| range.contains(&whole));
            (!fits).then_some((1264, "is out of the range of"))
        }
        Family::Decimal => (no_digit && !text.trim().starts_with(['+', '-', '.'])).then_some((1366, "is no number for")),
        Family::Char | Family::Varchar => {
            let most = data_type.length().or((kind == Family::Char).then_some(1))?;
            let bytes = data_type.name.ends_with("binary");
            let kept = text.trim_end_matches(' ');
            let length = if bytes { kept.len() } else { kept.chars().count() };
            u64::try_from(length).is_ok_and(|length| length > most).then_some((1406, "is too long for"))
        }
        Family::Enum => {
            let label = |one: &String| one.trim_end().to_lowercase() == text.trim_end().to_lowercase();
            let told = !data_type.labels.is_empty() && !data_type.labels.iter().any(|one| one.contains(['\\', '\'']));
            // A number picks the value in that place.
            let number = text.trim().parse::<u64>().is_ok();
            (told && !number && !data_type.labels.iter().any(label)).then_some((1265, "is none of the values of"))
        }
        Family::Date | Family::Datetime | Family::Timestamp => {
            let mode = before.session.setting("sql_mode").map(str::to_ascii_uppercase).unwrap_or_default();
            let session = Session::of(before);
            let zero = text.starts_with("0000-00-00") && session.no_zero_date;
            let impossible = refused(kind, data_type, &format!("'{text}'"), Server(before.target)).is_some();
            let no_date = no_digit && column.data_type.is_some();
            (!mode.contains("ALLOW_INVALID") && (zero || impossible || no_date)).then_some((1292, "is no date for"))
        }
        _ => None,
    }
}

enum Literal {
    Null,
    Number(String),
    Text(String),
}

fn literal(tree: &Expr) -> Option<Literal> {
    match tree {
        Expr::Nested(inner) => literal(inner),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match literal(expr)? {
            Literal::Number(number) if !number.starts_with('-') => Some(Literal::Number(format!("-{number}"))),
            _ => None,
        },
        Expr::Value(value) => match &value.value {
            Value::Null => Some(Literal::Null),
            Value::Number(number, _) => Some(Literal::Number(number.clone())),
            Value::SingleQuotedString(text) => Some(Literal::Text(text.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// A number as an integer column takes it: a half goes away from zero.
fn rounded(text: &str) -> Option<i128> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let negative = whole.starts_with('-');
    let number: i128 = whole.trim_start_matches('-').parse().ok()?;
    if !rest.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let up = rest.chars().next().is_some_and(|first| first >= '5');
    let number = number.checked_add(i128::from(up))?;
    Some(if negative { -number } else { number })
}

fn range(data_type: &DataType) -> Option<std::ops::RangeInclusive<i128>> {
    let bits = match data_type.name.as_str() {
        "tinyint" | "bool" | "boolean" => 8,
        "smallint" => 16,
        "mediumint" => 24,
        "int" | "integer" => 32,
        "bigint" => 64,
        _ => return None,
    };
    let span = 1i128 << bits;
    Some(if data_type.unsigned || data_type.zerofill { 0..=span - 1 } else { -span / 2..=span / 2 - 1 })
}
