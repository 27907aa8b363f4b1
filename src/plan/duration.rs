//! How long a statement will take, in classes a person can plan with, and what that rests on.

use std::fmt;

use crate::catalog::TableStatistics;
use crate::effect::{Algorithm, Effects, ScanReason};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duration {
    pub class: DurationClass,
    /// `reads orders whole (12 GB, about 40,000,000 rows)`
    pub basis: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DurationClass {
    Instant,
    Seconds,
    Minutes,
    Hours,
    /// Grows with a table whose size nobody measured.
    Unknown,
}

impl DurationClass {
    pub fn name(self) -> &'static str {
        match self {
            DurationClass::Instant => "instant",
            DurationClass::Seconds => "seconds",
            DurationClass::Minutes => "minutes",
            DurationClass::Hours => "hours",
            DurationClass::Unknown => "unknown",
        }
    }

    fn of_seconds(seconds: u64) -> Self {
        match seconds {
            0 => DurationClass::Instant,
            1..=59 => DurationClass::Seconds,
            60..=3599 => DurationClass::Minutes,
            _ => DurationClass::Hours,
        }
    }
}

impl fmt::Display for DurationClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Bytes a second on ordinary cloud storage: deliberately slow figures, because the one who plans a
/// window is hurt by too short a promise only.
const READ: u64 = 100_000_000;
const WRITE: u64 = 20_000_000;
const SORT: u64 = 20_000_000;

/// `rows`: the statement is about rows, not about the schema.
pub(super) fn estimate(whole: &Effects, rows: bool, size: &dyn Fn(&str) -> Option<TableStatistics>) -> Duration {
    let mut works: Vec<(String, &str, u64)> = Vec::new();
    for rewrite in &whole.rewrites {
        works.push((rewrite.table.clone(), "writes", WRITE));
    }
    for build in &whole.builds {
        if !whole.rewrites.iter().any(|rewrite| rewrite.table == build.table) {
            works.push((build.table.clone(), "builds an index over", SORT));
        }
    }
    if whole.rewrites.is_empty() && matches!(whole.algorithm, Some(Algorithm::Copy)) {
        for lock in &whole.locks {
            works.push((lock.relation.clone(), "copies", WRITE));
        }
    }
    for scan in &whole.scans {
        let covered = works.iter().any(|(table, ..)| *table == scan.table);
        if !covered && !matches!(scan.reason, ScanReason::Rewrite | ScanReason::IndexBuild) {
            works.push((scan.table.clone(), "reads", READ));
        }
    }
    if works.is_empty() {
        let basis = if rows { "works on single rows" } else { "changes the catalog only" };
        return Duration { class: DurationClass::Instant, basis: basis.to_owned() };
    }
    let mut class = DurationClass::Instant;
    let mut basis = Vec::new();
    let mut seconds = 0;
    for (table, verb, rate) in works {
        match size(&table) {
            Some(size) => {
                seconds += size.bytes / rate;
                class = class.max(DurationClass::of_seconds(seconds));
                let how_large = match (size.bytes, size.rows) {
                    (0, 0) => "empty".to_owned(),
                    (large, rows) => format!("{}, about {} rows", bytes(large), thousands(rows)),
                };
                basis.push(format!("{verb} {table} ({how_large})"));
            }
            None => {
                class = DurationClass::Unknown;
                basis.push(format!("{verb} {table} (size not measured)"));
            }
        }
    }
    Duration { class, basis: basis.join(", ") }
}

/// `12 GB`
pub(crate) fn bytes(bytes: u64) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
    let mut value = bytes;
    let mut unit = 0;
    while value >= 10_000 && unit + 1 < units.len() {
        value /= 1000;
        unit += 1;
    }
    format!("{value} {}", units.get(unit).copied().unwrap_or_default())
}

/// `40,000,000`
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::effect::{Rewrite, Scan, Truth};

    #[test]
    fn size_decides_and_what_is_not_measured_is_said() {
        let scan = |table: &str| Scan { table: table.to_owned(), reason: ScanReason::Verify, certain: Truth::Yes, under: None };
        let rewrite = |table: &str| Rewrite { table: table.to_owned(), certain: Truth::Yes, reason: String::new() };
        let sizes = BTreeMap::from([
            ("orders".to_owned(), TableStatistics { rows: 40_000_000, bytes: 12_000_000_000 }),
            ("tiny".to_owned(), TableStatistics { rows: 3, bytes: 8192 }),
        ]);
        let of = |effects: Effects| estimate(&effects, false, &|table| sizes.get(&table.to_lowercase()).copied());
        assert_eq!(of(Effects::default()).class, DurationClass::Instant);
        assert_eq!(of(Effects { scans: vec![scan("tiny")], ..Effects::default() }).class, DurationClass::Instant);
        let read = of(Effects { scans: vec![scan("Orders")], ..Effects::default() });
        assert_eq!((read.class, read.basis.as_str()), (DurationClass::Minutes, "reads Orders (12 GB, about 40,000,000 rows)"));
        let whole = of(Effects { rewrites: vec![rewrite("orders")], scans: vec![scan("orders"), scan("x")], ..Effects::default() });
        assert_eq!(whole.class, DurationClass::Unknown);
        assert!(whole.basis.ends_with("reads x (size not measured)"), "{}", whole.basis);
    }
}
