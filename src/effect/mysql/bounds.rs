//! Where partitions end, and which values they hold: what the server compares before anything else.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::failure;
use super::server::Server;
use crate::catalog::Partitioning;
use crate::change::{Expression, Ident, PartitionBound, PartitionBy, PartitionDef};
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

/// LESS THAN belongs to RANGE, IN to LIST, neither to HASH and KEY; RANGE and LIST cannot do without.
pub(super) fn misfit(strategy: &str, partitions: &[PartitionDef]) -> Option<Failure> {
    let (range, list) = (strategy.starts_with("range"), strategy.starts_with("list"));
    for partition in partitions.iter().filter(|_| !strategy.starts_with("system")) {
        let fits = match &partition.bound {
            Some(PartitionBound::Range { .. }) => range,
            Some(PartitionBound::List(_)) => list,
            Some(PartitionBound::Default | PartitionBound::Hash { .. }) | None => continue,
        };
        if !fits {
            let reason = "LESS THAN is for RANGE partitions, IN for LIST partitions";
            return Some(failure::schema(1480, reason, Truth::Yes));
        }
    }
    None
}

/// PARTITION BY RANGE or LIST without a partition.
pub(super) fn undefined(by: &PartitionBy) -> Option<Failure> {
    let needs = by.strategy.starts_with("range") || by.strategy.starts_with("list");
    (needs && by.partitions.is_empty()).then(|| failure::schema(1492, "each partition of RANGE and LIST must be defined", Truth::Yes))
}

/// How many partitions a table may have (measured on every server).
pub(super) fn miscounted(by: &PartitionBy) -> Option<Failure> {
    match by.count? {
        0 => Some(failure::schema(1504, "a partitioned table has at least one partition", Truth::Yes)),
        count if count > 8192 => Some(failure::schema(1499, "a table has at most 8192 partitions", Truth::Yes)),
        _ => None,
    }
}

/// As many values as columns, and numbers where a number decides.
pub(super) fn misshapen(by: &PartitionBy) -> Option<Failure> {
    let listed = by.strategy.contains("columns");
    let constants = |partition: &PartitionDef| match &partition.bound {
        Some(PartitionBound::Range { to, .. }) => to.clone(),
        Some(PartitionBound::List(values)) => values.clone(),
        Some(PartitionBound::Default | PartitionBound::Hash { .. }) | None => Vec::new(),
    };
    for partition in &by.partitions {
        let ranged = matches!(partition.bound, Some(PartitionBound::Range { .. }));
        let values = constants(partition);
        if listed && ranged && values.len() != by.keys.len() {
            let reason = format!("the partition `{}` has another number of values than there are columns", partition.name);
            return Some(failure::schema(1653, reason, Truth::Yes));
        }
        if !listed && values.iter().any(|expression| matches!(value(expression), Some(Value::Text(_)))) {
            let reason = format!("the partition `{}` must be given a number", partition.name);
            return Some(failure::schema(1697, reason, Truth::Yes));
        }
    }
    None
}

/// Two partitions of one name.
pub(super) fn named_twice(partitions: &[PartitionDef]) -> Option<Failure> {
    let again = |at: usize, name: &str| partitions.iter().take(at).any(|other| other.name.value.eq_ignore_ascii_case(name));
    let twice = partitions.iter().enumerate().find(|(at, partition)| again(*at, &partition.name.value))?;
    Some(failure::schema(1517, format!("there are two partitions `{}`", twice.1.name), Truth::Yes))
}

/// From MySQL 8.0 on only InnoDB and NDB partition (manual 26.6.2).
pub(super) fn unnative(engine: Option<&str>, server: Server) -> Option<Failure> {
    let engine = engine.filter(|_| server.partitions_in_place())?.to_ascii_lowercase();
    let other = matches!(engine.as_str(), "myisam" | "memory" | "heap" | "archive" | "csv" | "blackhole" | "merge" | "mrg_myisam");
    other.then(|| failure::schema(1178, format!("the engine {engine} has no partitions"), Truth::Yes))
}

/// REORGANIZE PARTITION: neighbours only, and a range stays as wide as it was.
pub(super) fn reorganised(known: &Partitioning, names: &[Ident], into: &[PartitionDef]) -> Option<Failure> {
    if let Some(failure) = misfit(&known.by.strategy, into) {
        return Some(failure);
    }
    if let Some(failure) = refused(into.iter().map(|partition| partition.bound.as_ref())) {
        return Some(failure);
    }
    // A value of a list may not be in a partition that stays.
    let stays = |key: &&crate::catalog::Key| !names.iter().any(|name| key.name.eq_ignore_ascii_case(&name.value));
    if known.by.strategy.starts_with("list") && into.iter().all(|partition| partition.bound.is_some()) {
        let kept = known.partitions.iter().filter(stays).map(|key| known.bounds.get(key));
        return refused(kept.chain(into.iter().map(|partition| partition.bound.as_ref())));
    }
    let place = |name: &Ident| known.partitions.iter().position(|key| key.name.eq_ignore_ascii_case(&name.value));
    let places: Vec<usize> = names.iter().filter_map(place).collect();
    if !known.by.strategy.starts_with("range") || places.len() != names.len() {
        return None;
    }
    if places.windows(2).any(|pair| matches!(pair, [one, next] if *next != one + 1)) {
        return Some(failure::schema(1519, "partitions that are reorganized together must be neighbours", Truth::Yes));
    }
    let last = *places.last()?;
    let old = known.bounds.get(known.partitions.get(last)?)?;
    let new = into.last()?.bound.as_ref()?;
    let (PartitionBound::Range { to: old, .. }, PartitionBound::Range { to: new, .. }) = (old, new) else { return None };
    let changed = match compare(new, old)? {
        Ordering::Equal => false,
        Ordering::Greater => last + 1 != known.partitions.len(),
        Ordering::Less => true,
    };
    if changed {
        let reason = "REORGANIZE cannot change the range as a whole, except to widen the last partition";
        return Some(failure::schema(1520, reason, Truth::Yes));
    }
    None
}

/// Whether some value belongs in none of these partitions.
pub(super) fn leave_out(by: &PartitionBy) -> bool {
    let all = |bound: &Option<PartitionBound>| match bound {
        Some(PartitionBound::Range { to, .. }) => to.iter().all(is_maxvalue),
        Some(PartitionBound::Default | PartitionBound::Hash { .. }) | None => true,
        Some(PartitionBound::List(_)) => false,
    };
    !by.partitions.is_empty() && !by.partitions.iter().any(|partition| all(&partition.bound))
}

/// REORGANIZE of a LIST whose new partitions do not hold every value the old ones held: the name of a
/// partition that loses some.
pub(super) fn left_out(known: &Partitioning, names: &[Ident], into: &[PartitionDef]) -> Option<String> {
    let constants = |bound: Option<&PartitionBound>| match bound {
        Some(PartitionBound::List(values)) => values.iter().map(value).collect::<Option<Vec<Value>>>(),
        _ => None,
    };
    let mut kept = Vec::new();
    for partition in into {
        kept.extend(constants(partition.bound.as_ref())?);
    }
    let reorganised = known.partitions.iter().filter(|key| names.iter().any(|name| key.name.eq_ignore_ascii_case(&name.value)));
    reorganised
        .filter(|key| constants(known.bounds.get(key)).is_some_and(|held| held.iter().any(|value| !kept.contains(value))))
        .map(|key| key.name.clone())
        .next()
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
    Null,
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
    if text.eq_ignore_ascii_case("null") {
        return Some(Value::Null);
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
