//! What a table may be partitioned by: columns it has, of types that partitions can tell apart, and
//! functions of them that are the same at any time and in any time zone.

use super::draft::same;
use super::types::{Family, family};
use super::{failure, function};
use crate::catalog::Table;
use crate::change::{CreateTable, DataType, Expression, IndexPart, PartitionBound, PartitionBy};
use crate::effect::{Failure, Truth};

/// The columns of a table, with their types as far as they are known.
pub(super) struct Columns<'a> {
    columns: Vec<(&'a str, Option<&'a DataType>)>,
    /// What is missing is really missing.
    complete: Truth,
}

impl<'a> Columns<'a> {
    pub(super) fn of_table(table: &'a Table) -> Self {
        let columns = table.columns.iter().map(|column| (column.name.as_str(), column.data_type.as_ref())).collect();
        Columns { columns, complete: if table.complete && !table.uncertain { Truth::Yes } else { Truth::Unknown } }
    }

    pub(super) fn of_new(create: &'a CreateTable) -> Self {
        let columns = create.columns.iter().map(|column| (column.name.value.as_str(), column.data_type.as_ref())).collect();
        Columns { columns, complete: Truth::Yes }
    }

    fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|(known, _)| same(known, name))
    }

    fn family(&self, name: &str) -> Option<Family> {
        let (_, data_type) = self.columns.iter().find(|(known, _)| same(known, name))?;
        data_type.map(family)
    }

    /// The first thing the server finds wrong, before it looks at the keys (measured on MySQL 8.0 and
    /// 9.7, MariaDB 10.5, 10.11 and 11.8, which agree).
    pub(super) fn refuse(&self, by: &PartitionBy) -> Option<Failure> {
        let named = || by.keys.iter().filter_map(|key| key.column_name()).map(|name| name.value.as_str());
        let listed = by.strategy.contains("columns") || by.strategy.contains("key");
        let function = by.keys.iter().find_map(|key| match &key.part {
            IndexPart::Expression(expression) => Some(expression),
            IndexPart::Column(_) => None,
        });
        if let Some(name) = function.and_then(moment) {
            let reason = format!("{name}() is another value at another time, which no partition can be found by");
            return Some(failure::syntax(1064, reason, by.span));
        }
        if let Some(missing) = named().find(|name| !self.has(name)) {
            let code = if listed { 1488 } else { 1054 };
            return Some(failure::schema(code, format!("there is no column `{missing}` to partition by"), self.complete));
        }
        named()
            .find_map(|name| self.mistyped(name, by, listed))
            .or_else(|| function.and_then(|function| self.misused(function)))
            .filter(|_| !by.strategy.starts_with("system"))
    }

    /// A column by itself: BLOB never, and only integers where no COLUMNS stands.
    fn mistyped(&self, name: &str, by: &PartitionBy, listed: bool) -> Option<Failure> {
        let family = self.family(name)?;
        if matches!(family, Family::Blob | Family::Json) {
            return Some(failure::schema(1502, format!("`{name}` can be of any length, and no partition is chosen by that"), Truth::Yes));
        }
        let fits = match family {
            Family::Integer => true,
            Family::Year | Family::Bit => !by.strategy.contains("columns") || !valued(by),
            Family::Date | Family::Time | Family::Datetime | Family::Char | Family::Varchar => listed,
            Family::Decimal | Family::Float | Family::Double | Family::Timestamp | Family::Enum | Family::Set => {
                listed && (by.strategy.contains("key") || !valued(by))
            }
            Family::Blob | Family::Json | Family::Geometry | Family::Other => true,
        };
        let reason = || format!("the type of `{name}` is not one that {} takes", by.strategy.to_uppercase());
        (!fits).then(|| failure::schema(1659, reason(), Truth::Yes))
    }

    /// A function of columns. TIMESTAMP means another date in another time zone, except to
    /// UNIX_TIMESTAMP, to which every other type does.
    fn misused(&self, function: &Expression) -> Option<Failure> {
        let names: Vec<&str> = function.names().filter(|name| self.has(name)).collect();
        let called = function::called(&function.text);
        let stamped = names.iter().any(|name| self.family(name) == Some(Family::Timestamp));
        let typed = names.iter().all(|name| self.family(name).is_some());
        let epoch = called.iter().any(|name| name == "unix_timestamp");
        if names.is_empty() && self.complete == Truth::Yes || typed && !names.is_empty() && stamped != epoch {
            let reason = "the partitions must follow from the row alone: no constant, and no date that the time zone decides";
            return Some(failure::schema(1486, reason, Truth::Yes));
        }
        let barred = called.iter().find(|name| !ALLOWED.contains(&name.as_str()) && !same("in", name) && !self.has(name))?;
        Some(failure::schema(1564, format!("{barred}() cannot choose a partition"), Truth::Yes))
    }
}

/// A function whose value is of the moment.
fn moment(function: &Expression) -> Option<String> {
    let momentary = |name: &String| name != "unix_timestamp" && function::reach_in_mysql(name) == function::Reach::Statement;
    function::called(&function.text).into_iter().find(momentary)
}

/// Some partition names a value: without one the server does not look at the type.
fn valued(by: &PartitionBy) -> bool {
    by.partitions.iter().any(|partition| match &partition.bound {
        Some(PartitionBound::Range { to, .. }) => to.iter().any(|value| !value.text.trim().eq_ignore_ascii_case("maxvalue")),
        Some(PartitionBound::List(_)) => true,
        Some(PartitionBound::Default | PartitionBound::Hash { .. }) | None => false,
    })
}

/// Functions a partitioning may call (MySQL manual 26.6.3, MariaDB's Partitioning Limitations).
const ALLOWED: &[&str] = &[
    "abs",
    "ceil",
    "ceiling",
    "datediff",
    "day",
    "dayofmonth",
    "dayofweek",
    "dayofyear",
    "extract",
    "floor",
    "hour",
    "microsecond",
    "minute",
    "mod",
    "month",
    "quarter",
    "second",
    "time_to_sec",
    "to_days",
    "to_seconds",
    "unix_timestamp",
    "weekday",
    "year",
    "yearweek",
];
