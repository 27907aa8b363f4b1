//! What changing a column's type costs: nothing, a rewrite, or a refusal.
//!
//! The server keeps the rows when the conversion is a mere relabelling (binary coercible types,
//! no length to enforce, no domain constraint to check); everything else is computed row by row
//! (manual, ALTER TABLE, notes; measured on 10 to 18).

use super::types::{Family, Resolved, is_reg, modifier_holds};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Conversion {
    /// The rows stay as they are.
    Free,
    /// Between timestamp and timestamptz: free from 12 in a session whose zone is UTC.
    ZoneDependent,
    /// Every row is computed anew; why.
    Rewrite(String),
    /// No cast that the server would use by itself.
    Refused,
    /// The types are not known well enough.
    Unknown,
}

/// How a cast may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cast {
    None,
    Explicit,
    /// Applied on storing into a column, and so by ALTER COLUMN TYPE without USING.
    Assignment,
    Unknown,
}

/// The conversion of a column of type `from`. `explicit` when written as a cast of the column.
pub(super) fn convert(from: &Resolved, to: &Resolved, explicit: bool) -> Conversion {
    let cast = cast(from, to);
    match cast {
        Cast::None => return Conversion::Refused,
        Cast::Explicit if !explicit => return Conversion::Refused,
        Cast::Unknown => return Conversion::Unknown,
        Cast::Explicit | Cast::Assignment => {}
    }
    if to.constrained && from.domain != to.domain {
        return Conversion::Rewrite("every value has to be checked against the domain".to_owned());
    }
    if from.same_base(to) {
        return if modifier_holds(from, to) {
            Conversion::Free
        } else {
            Conversion::Rewrite("values may not fit the new length or precision as they are stored".to_owned())
        };
    }
    let unmodified = to.modifier.is_empty() && to.least_field == 0;
    if is_zone_pair(from, to) {
        let precision_free = to.modifier.first().is_none_or(|precision| *precision >= 6);
        return if precision_free {
            Conversion::ZoneDependent
        } else {
            Conversion::Rewrite("the precision has to be enforced on every value".to_owned())
        };
    }
    if binary_coercible(from, to) {
        return if unmodified { Conversion::Free } else { Conversion::Rewrite("the length has to be enforced on every value".to_owned()) };
    }
    Conversion::Rewrite("the two types are stored differently".to_owned())
}

fn is_zone_pair(from: &Resolved, to: &Resolved) -> bool {
    !from.array
        && !to.array
        && matches!((from.base.as_str(), to.base.as_str()), ("timestamp", "timestamptz") | ("timestamptz", "timestamp"))
}

/// Casts without a function (`castmethod = 'b'`). Arrays of such types are still converted element
/// by element.
pub(super) fn binary_coercible(from: &Resolved, to: &Resolved) -> bool {
    if from.array || to.array {
        return from.same_base(to);
    }
    let (from, to) = (from.base.as_str(), to.base.as_str());
    from == to
        || match (from, to) {
            ("text" | "varchar", "text" | "varchar" | "bpchar" | "citext") => true,
            ("citext", "text" | "varchar" | "bpchar") => true,
            ("xml", "text" | "varchar" | "bpchar") => true,
            ("cidr", "inet") => true,
            ("bit", "varbit") | ("varbit", "bit") => true,
            ("int4", "oid") | ("oid", "int4") => true,
            ("int4" | "oid", reg) if is_reg(reg) => true,
            (reg, "int4" | "oid") if is_reg(reg) => true,
            ("regproc", "regprocedure") | ("regprocedure", "regproc") => true,
            ("regoper", "regoperator") | ("regoperator", "regoper") => true,
            _ => false,
        }
}

pub(super) fn cast(from: &Resolved, to: &Resolved) -> Cast {
    if from.array != to.array {
        let other = if from.array { to } else { from };
        return if to.array {
            if from.is_string() { Cast::Explicit } else { Cast::None }
        } else if other.is_string() {
            Cast::Assignment
        } else {
            Cast::None
        };
    }
    if from.base == to.base {
        return Cast::Assignment;
    }
    if from.array && to.array {
        // Arrays convert as their elements do.
        let element = |of: &Resolved| Resolved { array: false, ..of.clone() };
        return cast(&element(from), &element(to));
    }
    if from.family == Family::Unknown || to.family == Family::Unknown {
        return if to.is_string() && from.family == Family::Unknown { Cast::Assignment } else { Cast::Unknown };
    }
    if to.is_string() {
        return Cast::Assignment;
    }
    if from.is_string() {
        return string_cast(from, to);
    }
    if from.family != Family::Builtin || to.family != Family::Builtin {
        return if from.family == Family::Extension || to.family == Family::Extension { Cast::Unknown } else { Cast::None };
    }
    builtin_cast(&from.base, &to.base)
}

/// Strings convert to anything by the type's input function, but only when asked to.
fn string_cast(from: &Resolved, to: &Resolved) -> Cast {
    match to.base.as_str() {
        "regclass" if !to.array && matches!(from.base.as_str(), "text" | "varchar") => Cast::Assignment,
        "\"char\"" => Cast::Assignment,
        _ => Cast::Explicit,
    }
}

fn is_number(base: &str) -> bool {
    matches!(base, "int2" | "int4" | "int8" | "float4" | "float8" | "numeric")
}

/// The casts of `pg_cast` between types that are not strings.
fn builtin_cast(from: &str, to: &str) -> Cast {
    if is_number(from) && is_number(to) {
        return Cast::Assignment;
    }
    let assignment = match (from, to) {
        ("money", "numeric") | ("numeric" | "int4" | "int8", "money") => true,
        ("int2" | "int4" | "int8", "oid") | ("oid", "int4" | "int8") => true,
        ("int2" | "int4" | "int8" | "oid", reg) if is_reg(reg) => true,
        (reg, "int4" | "int8" | "oid") if is_reg(reg) => true,
        (one, other) if is_reg(one) && is_reg(other) => {
            matches!(
                (one, other),
                ("regproc", "regprocedure") | ("regprocedure", "regproc") | ("regoper", "regoperator") | ("regoperator", "regoper")
            )
        }
        ("date", "timestamp" | "timestamptz") => true,
        ("timestamp", "timestamptz" | "date" | "time") => true,
        ("timestamptz", "timestamp" | "date" | "time" | "timetz") => true,
        ("time", "interval" | "timetz") | ("interval", "time") | ("timetz", "time") => true,
        ("json", "jsonb") | ("jsonb", "json") => true,
        ("inet", "cidr") | ("cidr", "inet") => true,
        ("macaddr", "macaddr8") | ("macaddr8", "macaddr") => true,
        ("bit", "varbit") | ("varbit", "bit") => true,
        ("point", "box") | ("box", "circle") | ("polygon", "path") | ("path", "polygon") => true,
        ("box", "polygon") => true,
        ("int4range", "int4multirange") | ("int8range", "int8multirange") | ("numrange", "nummultirange") => true,
        ("tsrange", "tsmultirange") | ("tstzrange", "tstzmultirange") | ("daterange", "datemultirange") => true,
        _ => false,
    };
    if assignment {
        return Cast::Assignment;
    }
    let explicit = matches!(
        (from, to),
        ("bool", "int4")
            | ("int4", "bool")
            | ("int4" | "int8", "bit")
            | ("bit", "int4" | "int8")
            | ("\"char\"", "int4")
            | ("int4", "\"char\"")
            | ("jsonb", "bool" | "numeric" | "int2" | "int4" | "int8" | "float4" | "float8")
            | ("bytea", "int2" | "int4" | "int8")
            | ("int2" | "int4" | "int8", "bytea")
            | ("xid8", "xid")
            | ("box" | "lseg" | "polygon" | "circle", "point")
            | ("circle", "box" | "polygon")
            | ("polygon", "box" | "circle")
            | ("box", "lseg")
    );
    if explicit { Cast::Explicit } else { Cast::None }
}

/// The operator class family an index on this type uses by default: the index survives a type
/// change that keeps the rows when the family stays the same.
pub(super) fn operator_family(of: &Resolved) -> String {
    if of.array {
        return "array_ops".to_owned();
    }
    match of.base.as_str() {
        "text" | "varchar" => "text_ops".to_owned(),
        "inet" | "cidr" => "inet_ops".to_owned(),
        reg if is_reg(reg) => "oid_ops".to_owned(),
        other => format!("{other}_ops"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(base: &str) -> Resolved {
        Resolved {
            base: base.to_owned(),
            modifier: Vec::new(),
            least_field: 0,
            array: false,
            family: Family::Builtin,
            domain: None,
            constrained: false,
            domain_not_null: false,
        }
    }

    #[test]
    fn relabelling_is_free_and_computing_is_not() {
        assert_eq!(convert(&of("varchar"), &of("text"), false), Conversion::Free);
        assert_eq!(convert(&of("int4"), &of("oid"), false), Conversion::Free);
        assert!(matches!(convert(&of("int4"), &of("int8"), false), Conversion::Rewrite(_)));
        assert_eq!(convert(&of("timestamp"), &of("timestamptz"), false), Conversion::ZoneDependent);
        assert_eq!(convert(&of("text"), &of("int4"), false), Conversion::Refused);
        assert!(matches!(convert(&of("text"), &of("int4"), true), Conversion::Rewrite(_)));
        assert_eq!(convert(&of("uuid"), &of("int4"), true), Conversion::Refused);
    }
}
