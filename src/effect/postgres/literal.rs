//! Literals and the types they are given to: what the input function of a type refuses, and what
//! does not fit into it.

use std::ops::ControlFlow;

use sqlparser::ast::{BinaryOperator, DataType as SqlType, Expr, Query, UnaryOperator, Value, Visit, visit_expressions};

use super::conversion::{self, Cast};
use super::outcome::Outcome;
use super::scene::Scene;
use super::types::{self, Family, Resolved};
use super::using;
use super::words::words;
use crate::catalog::{Table, filled_columns, is_default, written_rows};
use crate::change::{DataType, Expression, InsertRows};
use crate::effect::{FailureCause, Truth};

/// Why a value is not taken.
pub(super) struct Refusal {
    pub code: &'static str,
    pub reason: String,
    /// It is told when the statement is read, not when the value is computed.
    pub at_once: bool,
}

impl Refusal {
    /// It is told when the statement is read.
    pub fn read(code: &'static str, reason: String) -> Refusal {
        Refusal { code, reason, at_once: true }
    }

    fn at_once(code: &'static str, reason: String) -> Option<Refusal> {
        Some(Refusal { code, reason, at_once: true })
    }

    fn computed(code: &'static str, reason: String) -> Option<Refusal> {
        Some(Refusal { code, reason, at_once: false })
    }
}

/// A constant that is assigned to a column of this type.
pub(super) fn assigned(scene: Scene<'_>, data_type: &DataType, tree: &Expr) -> Option<Refusal> {
    let wanted = types::resolve(scene.catalog, data_type);
    if wanted.array || matches!(wanted.family, Family::Unknown | Family::Composite) {
        return None;
    }
    match tree {
        Expr::Nested(inner) => assigned(scene, data_type, inner),
        Expr::Cast { expr, data_type: cast, .. } => {
            let cast = read_type(cast)?;
            let given = types::resolve(scene.catalog, &cast);
            let literal = string_of(expr).and_then(|text| input(scene, &cast, &given, text));
            literal.or_else(|| match conversion::cast(&given, &wanted) {
                Cast::None | Cast::Explicit if given.family != Family::Unknown => {
                    Refusal::at_once("42804", format!("a value of type {} does not convert by itself", given.base))
                }
                _ => None,
            })
        }
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => {
                let base = scene.catalog.domain_of(data_type).map_or(data_type, |domain| &domain.base);
                input(scene, base, &wanted, text).or_else(|| too_long(&wanted, text))
            }
            Value::Number(number, _) => out_of_range(&wanted, number),
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match expr.as_ref() {
            Expr::Value(value) => match &value.value {
                Value::Number(number, _) => out_of_range(&wanted, &format!("-{number}")),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

fn string_of(tree: &Expr) -> Option<&str> {
    match tree {
        Expr::Nested(inner) => string_of(inner),
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn read_type(data_type: &SqlType) -> Option<DataType> {
    using::data_type(&words(&data_type.to_string().to_ascii_lowercase()))
}

/// What the type's input function says to a string.
fn input(scene: Scene<'_>, data_type: &DataType, wanted: &Resolved, text: &str) -> Option<Refusal> {
    if wanted.array {
        return None;
    }
    if wanted.family == Family::Enum {
        let known = scene.catalog.enum_of(data_type)?;
        let missing = known.labels.iter().all(|label| label.value != text);
        return missing.then(|| Refusal::at_once("22P02", format!("\"{text}\" is not a label of enum \"{}\"", known.key))).flatten();
    }
    let trimmed = text.trim_matches(|c: char| c.is_ascii_whitespace());
    let invalid = |wrong: bool, code: &'static str| {
        wrong.then(|| Refusal::at_once(code, format!("\"{text}\" is no value of type {}", wanted.base))).flatten()
    };
    match wanted.base.as_str() {
        "int2" | "int4" | "int8" => whole_number(wanted, trimmed, text),
        "bool" => invalid(!is_boolean(&trimmed.to_ascii_lowercase()), "22P02"),
        "uuid" => invalid(text.chars().filter(char::is_ascii_hexdigit).count() != 32, "22P02"),
        "date" | "timestamp" | "timestamptz" => {
            if is_no_time(trimmed) {
                invalid(true, "22007")
            } else {
                invalid(day_of(trimmed).is_some_and(|day| !is_day(day)), "22008")
            }
        }
        "json" | "jsonb" => invalid(is_no_json(text), "22P02"),
        "numeric" | "float4" | "float8" => {
            let word = trimmed.chars().all(|c| c.is_ascii_alphabetic());
            let special = ["nan", "inf", "infinity"].contains(&trimmed.to_ascii_lowercase().as_str());
            invalid(trimmed.is_empty() || word && !special, "22P02")
        }
        _ => None,
    }
}

fn whole_number(wanted: &Resolved, trimmed: &str, text: &str) -> Option<Refusal> {
    let digits = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    // 0x1F and 1_000 since 16.
    if digits.starts_with('0') && digits.len() > 1 || digits.contains('_') {
        return None;
    }
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Refusal::at_once("22P02", format!("\"{text}\" is no value of type {}", wanted.base));
    }
    out_of_range(wanted, trimmed).map(|refusal| Refusal { at_once: true, ..refusal })
}

/// A number too large for the column.
fn out_of_range(wanted: &Resolved, number: &str) -> Option<Refusal> {
    let value: f64 = number.parse().ok()?;
    let too_large = match wanted.base.as_str() {
        "int2" => !(-32_768.5..32_767.5).contains(&value),
        "int4" => !(-2_147_483_648.5..2_147_483_647.5).contains(&value),
        "int8" => value.abs() > 9_223_372_036_854_777_000.0,
        "numeric" => match wanted.modifier.as_slice() {
            [precision, scale] => {
                let digits = i32::try_from(precision.checked_sub(*scale)?).ok()?;
                value.abs() >= 10f64.powi(digits)
            }
            _ => false,
        },
        _ => false,
    };
    too_large.then(|| Refusal::computed("22003", format!("{number} is out of range for {}", wanted.base))).flatten()
}

/// A string longer than the column; blanks at its end are cut off.
fn too_long(wanted: &Resolved, text: &str) -> Option<Refusal> {
    let (true, Some(length)) = (matches!(wanted.base.as_str(), "varchar" | "bpchar"), wanted.modifier.first()) else {
        return match wanted.base.as_str() {
            "numeric" => out_of_range(wanted, text.trim()),
            _ => None,
        };
    };
    let longer = i64::try_from(text.trim_end_matches(' ').chars().count()).is_ok_and(|count| count > *length);
    longer.then(|| Refusal::computed("22001", format!("\"{text}\" is longer than {length} characters"))).flatten()
}

fn is_boolean(text: &str) -> bool {
    !text.is_empty()
        && (["true", "false", "yes", "no"].iter().any(|word| word.starts_with(text)) || ["on", "of", "off", "1", "0"].contains(&text))
}

/// One word that names neither a day nor a month nor anything else of the calendar.
fn is_no_time(text: &str) -> bool {
    const KNOWN: &[&str] =
        &["now", "today", "tomorrow", "yesterday", "epoch", "infinity", "allballs", "invalid", "current", "late", "early"];
    const BEGINNINGS: &[&str] = &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "tue", "wed", "thu", "fri", "sat", "sun",
    ];
    let lower = text.to_ascii_lowercase();
    text.is_empty()
        || text.len() > 4
            && text.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !KNOWN.contains(&lower.as_str())
            && !BEGINNINGS.iter().any(|begin| lower.starts_with(begin))
}

/// `2021-02-30` and what follows it.
fn day_of(text: &str) -> Option<(u32, u32, u32)> {
    let day = text.get(..10)?;
    if text.get(10..11).is_some_and(|next| next != " " && next != "T") {
        return None;
    }
    let mut parts = day.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || month.len() != 2 || parts.next().is_some() {
        return None;
    }
    Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

fn is_day((year, month, day): (u32, u32, u32)) -> bool {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    year > 0 && (1..=days).contains(&day)
}

fn is_no_json(text: &str) -> bool {
    // Escapes and depth are judged differently from type to type.
    !text.contains("\\u")
        && text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() < 64
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_err_and(|error| error.is_syntax() || error.is_eof())
}

/// A default that is written down.
pub(super) fn default(scene: Scene<'_>, data_type: &DataType, expression: &Expression, computed: Truth, out: &mut Outcome) {
    let Some(refusal) = expression.tree.as_deref().and_then(|tree| assigned(scene, data_type, tree)) else { return };
    if refusal.at_once {
        out.refuse(refusal.code, refusal.reason);
    } else {
        out.fail(refusal.code, refusal.reason, FailureCause::Data, computed);
    }
}

/// The first constant within an expression that its type refuses: in a cast, or beside a column.
pub(super) fn within(scene: Scene<'_>, tables: &[&Table], tree: &impl Visit) -> Option<Refusal> {
    let found = visit_expressions(tree, |part: &Expr| match refused_here(scene, tables, part) {
        Some(refusal) => ControlFlow::Break(refusal),
        None => ControlFlow::Continue(()),
    });
    match found {
        ControlFlow::Break(refusal) => Some(refusal),
        ControlFlow::Continue(()) => None,
    }
}

/// Why a query is refused before it runs.
pub(super) fn in_query(scene: Scene<'_>, tables: &[&Table], query: &Query) -> Option<Refusal> {
    within(scene, tables, query).or_else(|| super::grouping::refused(scene, query))
}

fn refused_here(scene: Scene<'_>, tables: &[&Table], part: &Expr) -> Option<Refusal> {
    let beside = |column: &Expr, value: &Expr| {
        let data_type = column_type(scene, tables, column)?;
        let wanted = types::resolve(scene.catalog, data_type);
        input(scene, data_type, &wanted, string_of(value)?)
    };
    match part {
        Expr::Cast { expr, data_type, .. } => {
            let cast = read_type(data_type)?;
            let resolved = types::resolve(scene.catalog, &cast);
            let written = data_type.to_string();
            let word = !written.contains(['"', ' ']) && !matches!(cast.name.as_str(), "nchar" | "national" | "setof");
            if word && let Some((code, reason, Truth::Yes)) = super::type_name::absent(scene, &cast, &resolved) {
                return Refusal::at_once(code, reason);
            }
            input(scene, &cast, &resolved, string_of(expr)?)
        }
        Expr::Function(function) => {
            let [sqlparser::ast::ObjectNamePart::Identifier(name)] = function.name.0.as_slice() else { return None };
            let name = crate::effect::names::folded(name, scene.catalog);
            let missing = super::volatility::comes_later(scene.catalog, &name);
            missing.then(|| Refusal::read("42883", format!("function {name} does not exist in PostgreSQL {}", scene.major)))
        }
        Expr::BinaryOp { left, op, right } if is_comparison(op) => beside(left, right).or_else(|| beside(right, left)),
        Expr::InList { expr, list, .. } => list.iter().find_map(|value| beside(expr, value)),
        Expr::Between { expr, low, high, .. } => beside(expr, low).or_else(|| beside(expr, high)),
        _ => None,
    }
}

fn is_comparison(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

/// The type of a column that only one of the tables has.
fn column_type<'a>(scene: Scene<'_>, tables: &[&'a Table], column: &Expr) -> Option<&'a DataType> {
    let Expr::Identifier(name) = column else { return None };
    let folded = crate::effect::names::folded(name, scene.catalog);
    let mut found = tables.iter().filter_map(|table| table.columns.iter().find(|column| column.name == folded));
    let only = found.next().filter(|_| found.next().is_none())?;
    only.data_type.as_ref()
}

/// An expression over one table that is read with the statement.
pub(super) fn expression(scene: Scene<'_>, table: &Table, expression: &Expression, out: &mut Outcome) {
    if let Some(refusal) = expression.tree.as_deref().and_then(|tree| within(scene, &[table], tree)) {
        out.refuse(refusal.code, refusal.reason);
    }
}

/// The values of an INSERT, row by row: literals, and nulls where none may be.
pub(super) fn inserted(scene: Scene<'_>, table: &Table, rows: &InsertRows, query: &Query, out: &mut Outcome) {
    if rows.columns.is_empty() && !table.complete {
        return;
    }
    let Some(written) = written_rows(query) else { return };
    let names = filled_columns(table, rows);
    for values in &written.rows {
        row(scene, table, &names, values, written.sure, out);
    }
}

/// One row, which comes for `sure` where no table is read for it.
fn row(scene: Scene<'_>, table: &Table, names: &[&str], values: &[&Expr], sure: bool, out: &mut Outcome) {
    let mut null = None;
    for (name, value) in names.iter().zip(values) {
        let Some(column) = table.columns.iter().find(|column| column.name == *name) else { continue };
        if column.generated.is_some() && !is_default(value) {
            out.refuse("428C9", format!("\"{name}\" is a generated column: it takes DEFAULT only"));
            return;
        }
        if let Some(refusal) = column.data_type.as_ref().and_then(|data_type| assigned(scene, data_type, value)) {
            out.fail(refusal.code, refusal.reason, FailureCause::Data, Truth::Yes);
            return;
        }
        let is_null = matches!(value, Expr::Value(value) if matches!(value.value, Value::Null));
        if is_null && column.not_null && table.triggers.is_empty() {
            null = null.or(sure.then_some(name));
        }
    }
    if let Some(name) = null {
        out.fail("23502", format!("\"{name}\" of \"{}\" is NOT NULL", table.key), FailureCause::Data, Truth::Yes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_no_values() {
        assert!(is_boolean("t") && is_boolean("off") && !is_boolean("maybe") && !is_boolean("o"));
        assert!(is_no_time("nothing") && !is_no_time("tomorrow") && !is_no_time("2020-01-01"));
        assert!(day_of("2021-02-30").is_some_and(|day| !is_day(day)));
        assert!(day_of("2020-02-29 10:00").is_some_and(is_day));
        assert!(is_no_json("{") && !is_no_json(" [1, {\"a\": null}] "));
    }
}
