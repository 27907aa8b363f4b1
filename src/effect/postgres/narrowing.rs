//! Values that do not fit a new type: refused, cut or rounded.

use super::outcome::Outcome;
use super::scene::filled;
use super::types::{Resolved, modifier_holds};
use crate::catalog::Table;
use crate::effect::{FailureCause, LossKind, Truth};

/// What becomes of values which the new type cannot hold.
enum Fate {
    Fits,
    /// The server refuses, with this SQLSTATE.
    Refused(&'static str, &'static str),
    /// They are changed silently.
    Changed,
}

pub(super) fn judge(table: &Table, column: &str, from: &Resolved, to: &Resolved, explicit: bool, out: &mut Outcome) {
    let possible = Truth::Unknown.min(filled(table));
    match fate(from, to, explicit) {
        Fate::Fits => {}
        Fate::Refused(code, reason) => out.fail(code, format!("values of \"{column}\" {reason}"), FailureCause::Data, possible),
        Fate::Changed => out.lose(LossKind::Values, format!("{}.{column}", table.key), possible),
    }
    if to.constrained && from.domain != to.domain {
        out.fail("23514", format!("values of \"{column}\" may violate the domain"), FailureCause::Data, possible);
    }
}

/// Every value goes through the change as it is.
pub(super) fn fits(from: &Resolved, to: &Resolved, explicit: bool) -> bool {
    matches!(fate(from, to, explicit), Fate::Fits)
}

fn width(base: &str) -> Option<u8> {
    match base {
        "int2" => Some(2),
        "int4" => Some(4),
        "int8" => Some(8),
        _ => None,
    }
}

fn fate(from: &Resolved, to: &Resolved, explicit: bool) -> Fate {
    if from.array || to.array {
        return Fate::Fits;
    }
    if from.same_base(to) {
        if modifier_holds(from, to) {
            return Fate::Fits;
        }
        return match to.base.as_str() {
            "varchar" | "bpchar" if wider(from, to) => Fate::Fits,
            "varchar" | "bpchar" | "varbit" if explicit => Fate::Changed,
            "varchar" | "bpchar" => Fate::Refused("22001", "may be too long"),
            "varbit" => Fate::Refused("22001", "may be too long"),
            "bit" => Fate::Refused("22026", "do not have the new length"),
            "numeric" if numeric_grows(from, to) => Fate::Fits,
            "numeric" if numeric_shrinks(from, to) => Fate::Refused("22003", "may be too large"),
            "numeric" | "timestamp" | "timestamptz" | "time" | "timetz" | "interval" => Fate::Changed,
            _ => Fate::Fits,
        };
    }
    let (a, b) = (from.base.as_str(), to.base.as_str());
    if let (Some(old), Some(new)) = (width(a), width(b)) {
        return if new < old { Fate::Refused("22003", "may be out of range") } else { Fate::Fits };
    }
    match (a, b) {
        ("numeric" | "float4" | "float8", "int2" | "int4" | "int8") => Fate::Changed,
        ("float8", "float4") | ("numeric", "float4" | "float8") | ("int8", "float4" | "float8") | ("int4", "float4") => Fate::Changed,
        ("timestamp" | "timestamptz", "date" | "time" | "timetz") | ("timetz", "time") => Fate::Changed,
        ("json", "jsonb") => Fate::Changed,
        ("inet", "cidr") => Fate::Changed,
        ("text", "varchar" | "bpchar") | ("varchar", "bpchar") if !to.modifier.is_empty() => {
            if wider(from, to) {
                Fate::Fits
            } else if explicit {
                Fate::Changed
            } else {
                Fate::Refused("22001", "may be too long")
            }
        }
        // Blanks at the end of char(n) mean nothing.
        ("bpchar", "varchar") if wider(from, to) => Fate::Fits,
        (other, "varchar" | "bpchar") if longest(other).zip(to.modifier.first()).is_some_and(|(longest, most)| longest <= *most) => {
            Fate::Fits
        }
        (_, "varchar" | "bpchar") if !to.modifier.is_empty() => Fate::Refused("22001", "may be too long"),
        ("text" | "varchar" | "bpchar" | "citext", other) if !matches!(other, "text" | "varchar" | "bpchar" | "citext" | "name") => {
            Fate::Refused("22P02", "may not be of the new type")
        }
        ("text" | "varchar", "name") => Fate::Changed,
        _ => Fate::Fits,
    }
}

/// The longest text a value of the type is written as.
fn longest(base: &str) -> Option<i64> {
    match base {
        "bool" => Some(5),
        "int2" => Some(6),
        "int4" => Some(11),
        "int8" => Some(20),
        "uuid" => Some(36),
        _ => None,
    }
}

fn wider(from: &Resolved, to: &Resolved) -> bool {
    matches!((from.modifier.first(), to.modifier.first()), (Some(old), Some(new)) if new >= old)
}

/// As many digits on both sides of the point, or more.
fn numeric_grows(from: &Resolved, to: &Resolved) -> bool {
    match (from.modifier.as_slice(), to.modifier.as_slice()) {
        ([old, old_scale, ..], [new, new_scale, ..]) => new - new_scale >= old - old_scale && new_scale >= old_scale,
        _ => false,
    }
}

fn numeric_shrinks(from: &Resolved, to: &Resolved) -> bool {
    match (from.modifier.as_slice(), to.modifier.as_slice()) {
        ([old, old_scale, ..], [new, new_scale, ..]) => new - new_scale < old - old_scale,
        ([], [_, ..]) => true,
        _ => false,
    }
}
