//! Where partitions end, and which values they hold: what the server compares before anything else.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::failure;
use crate::catalog::Partitioning;
use crate::change::{Expression, PartitionBound};
use crate::effect::{Failure, Truth};

/// A table's bounds in the order of its partitions.
pub(super) fn in_order(partitioning: &Partitioning) -> impl Iterator<Item = Option<&PartitionBound>> {
    partitioning.partitions.iter().map(|partition| partitioning.bounds.get(partition))
}

/// Why the server refuses these bounds one after the other, where that is certain.
pub(super) fn refused<'a>(bounds: impl Iterator<Item = Option<&'a PartitionBound>>) -> Option<Failure> {
    let mut last: Option<&[Expression]> = None;
    let mut listed = BTreeSet::new();
    for bound in bounds {
        match bound {
            Some(PartitionBound::Range { to, .. }) => {
                if let Some(before) = last {
                    if let [only] = before
                        && is_maxvalue(only)
                    {
                        let reason = "MAXVALUE can stand in the last partition only: split that one with REORGANIZE PARTITION";
                        return Some(failure::schema(1481, reason, Truth::Yes));
                    }
                    if compare(to, before).is_some_and(Ordering::is_le) {
                        let reason = "a partition must end above the one before it: VALUES LESS THAN is not increasing";
                        return Some(failure::schema(1493, reason, Truth::Yes));
                    }
                }
                last = Some(to);
            }
            Some(PartitionBound::List(values)) => {
                let again = values.iter().filter_map(value).find(|value| !listed.insert(value.clone()));
                if again.is_some() {
                    return Some(failure::schema(1495, "a value belongs to one partition of a list only", Truth::Yes));
                }
            }
            Some(PartitionBound::Default | PartitionBound::Hash { .. }) | None => last = None,
        }
    }
    None
}

fn is_maxvalue(expression: &Expression) -> bool {
    expression.text.trim().eq_ignore_ascii_case("maxvalue")
}

/// Column by column, as far as both are constants that can be compared without the server.
fn compare(a: &[Expression], b: &[Expression]) -> Option<Ordering> {
    for (a, b) in a.iter().zip(b) {
        let order = match (is_maxvalue(a), is_maxvalue(b)) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => value(a)?.order(&value(b)?)?,
        };
        if order != Ordering::Equal {
            return Some(order);
        }
    }
    Some(Ordering::Equal)
}

/// A constant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Number(i128),
    Text(String),
    /// A function that grows with its date: TO_DAYS('2024-01-01').
    Of(String, String),
}

fn value(expression: &Expression) -> Option<Value> {
    let text = expression.text.trim();
    if let Ok(number) = text.parse() {
        return Some(Value::Number(number));
    }
    if let Some(inner) = quoted(text) {
        return Some(Value::Text(inner.to_owned()));
    }
    let (function, argument) = text.split_once('(')?;
    let function = function.trim().to_ascii_lowercase();
    let grows = matches!(function.as_str(), "to_days" | "to_seconds" | "unix_timestamp");
    let date = quoted(argument.strip_suffix(')')?.trim()).filter(|_| grows)?;
    Some(Value::Of(function, date.to_owned()))
}

/// A string without escapes.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains(['\'', '"', '\\'])).then_some(inner)
}

impl Value {
    /// Dates sort as they are written; how other texts sort depends on the collation.
    fn is_date(text: &str) -> bool {
        text.len() >= 10
            && text.bytes().enumerate().all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { at > 9 || byte.is_ascii_digit() })
    }

    fn order(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
            (Value::Text(a), Value::Text(b)) if a == b => Some(Ordering::Equal),
            (Value::Text(a), Value::Text(b)) if Value::is_date(a) && Value::is_date(b) => Some(a.cmp(b)),
            (Value::Of(f, a), Value::Of(g, b)) if f == g && a == b => Some(Ordering::Equal),
            (Value::Of(f, a), Value::Of(g, b)) if f == g && Value::is_date(a) && Value::is_date(b) => Some(a.cmp(b)),
            _ => None,
        }
    }
}
