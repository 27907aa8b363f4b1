//! Data types as the server tells them apart: base type, modifier, domain chain.

use crate::catalog::{Catalog, Domain, Key};
use crate::change::DataType;

/// A type with its domains looked through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolved {
    /// Internal name (`int4`, `varchar` …) for built-in types, else the name as written.
    pub base: String,
    /// Modifier: length, precision and scale; empty for none.
    pub modifier: Vec<i64>,
    /// Least field of an interval: 0 for seconds or unrestricted, up to 5 for years.
    pub least_field: u8,
    pub array: bool,
    pub family: Family,
    /// The outermost domain, if any.
    pub domain: Option<Key>,
    /// A domain of the chain has a CHECK or NOT NULL.
    pub constrained: bool,
    /// A domain of the chain forbids nulls.
    pub domain_not_null: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Builtin,
    Enum,
    Composite,
    /// Citext and the like: known by name from an extension.
    Extension,
    /// Nobody said what it is.
    Unknown,
}

const MAX_DOMAIN_DEPTH: usize = 16;

pub(super) fn resolve(catalog: &Catalog, data_type: &DataType) -> Resolved {
    let mut current = data_type.clone();
    let mut array = current.array > 0;
    let (mut constrained, mut domain_not_null, mut domain) = (false, false, None);
    for _ in 0..MAX_DOMAIN_DEPTH {
        if array {
            break;
        }
        let Some(found) = find_domain(catalog, &current) else { break };
        constrained |= found.not_null || !found.checks.is_empty();
        domain_not_null |= found.not_null;
        domain.get_or_insert_with(|| found.key.clone());
        current = found.base.clone();
        array = current.array > 0;
    }
    let base = internal_name(&current.name);
    let family = if is_builtin(base) && current.schema.as_ref().is_none_or(|schema| schema.value == "pg_catalog") {
        Family::Builtin
    } else if find_enum(catalog, &current) {
        Family::Enum
    } else if find_composite(catalog, &current) {
        Family::Composite
    } else if matches!(base, "citext" | "hstore" | "ltree" | "geometry" | "geography" | "vector") {
        Family::Extension
    } else {
        Family::Unknown
    };
    Resolved {
        base: base.to_owned(),
        modifier: modifier(base, &current),
        least_field: least_field(current.fields.as_deref()),
        array,
        family,
        domain,
        constrained,
        domain_not_null,
    }
}

pub(super) fn find_domain<'a>(catalog: &'a Catalog, data_type: &DataType) -> Option<&'a Domain> {
    find(catalog, data_type, |key| catalog.domains.get(key)).map(|domain| domain.as_ref())
}

fn find_enum(catalog: &Catalog, data_type: &DataType) -> bool {
    find(catalog, data_type, |key| catalog.enums.get(key)).is_some()
}

fn find_composite(catalog: &Catalog, data_type: &DataType) -> bool {
    find(catalog, data_type, |key| catalog.types.get(key)).is_some()
}

fn find<T>(catalog: &Catalog, data_type: &DataType, lookup: impl Fn(&Key) -> Option<T>) -> Option<T> {
    match &data_type.schema {
        Some(schema) => lookup(&Key::new(schema.value.clone(), data_type.name.clone())),
        None => super::scene::search_path(catalog).iter().find_map(|schema| lookup(&Key::new(*schema, data_type.name.clone()))),
    }
}

impl Resolved {
    /// Same type for every purpose but constraints.
    pub fn same_base(&self, other: &Resolved) -> bool {
        self.base == other.base && self.array == other.array
    }

    pub fn is_string(&self) -> bool {
        !self.array && matches!(self.base.as_str(), "text" | "varchar" | "bpchar" | "name" | "citext")
    }
}

/// The modifier the server stores, with the defaults it fills in.
fn modifier(base: &str, data_type: &DataType) -> Vec<i64> {
    let args: Vec<i64> = data_type.args.iter().map(|&arg| i64::try_from(arg).unwrap_or(i64::MAX)).collect();
    match base {
        "bpchar" | "bit" if args.is_empty() && data_type.name != "bpchar" => vec![1],
        "numeric" if args.len() == 1 => vec![args[0], data_type.negative_scale.unwrap_or(0)],
        _ => args,
    }
}

fn least_field(fields: Option<&str>) -> u8 {
    let Some(fields) = fields else { return 0 };
    let last = fields.rsplit(' ').next().unwrap_or(fields);
    match last.split('(').next().unwrap_or(last) {
        "minute" => 1,
        "hour" => 2,
        "day" => 3,
        "month" => 4,
        "year" => 5,
        _ => 0,
    }
}

/// The catalog's short name of a built-in type.
pub(super) fn internal_name(name: &str) -> &str {
    match name {
        "integer" | "int" | "int4" | "serial" | "serial4" => "int4",
        "bigint" | "int8" | "bigserial" | "serial8" => "int8",
        "smallint" | "int2" | "smallserial" | "serial2" => "int2",
        "character varying" | "varchar" => "varchar",
        "character" | "char" | "bpchar" => "bpchar",
        "timestamp without time zone" | "timestamp" => "timestamp",
        "timestamp with time zone" | "timestamptz" => "timestamptz",
        "time without time zone" | "time" => "time",
        "time with time zone" | "timetz" => "timetz",
        "bit varying" | "varbit" => "varbit",
        "real" | "float4" => "float4",
        "double precision" | "float8" | "float" => "float8",
        "boolean" | "bool" => "bool",
        "numeric" | "decimal" | "dec" => "numeric",
        "\"char\"" => "\"char\"",
        other => other,
    }
}

pub(super) fn is_builtin(base: &str) -> bool {
    matches!(
        base,
        "int4"
            | "int8"
            | "int2"
            | "varchar"
            | "bpchar"
            | "timestamp"
            | "timestamptz"
            | "time"
            | "timetz"
            | "varbit"
            | "bit"
            | "float4"
            | "float8"
            | "bool"
            | "numeric"
            | "\"char\""
            | "text"
            | "name"
            | "bytea"
            | "date"
            | "interval"
            | "json"
            | "jsonb"
            | "jsonpath"
            | "uuid"
            | "inet"
            | "cidr"
            | "macaddr"
            | "macaddr8"
            | "money"
            | "oid"
            | "xml"
            | "xid"
            | "xid8"
            | "cid"
            | "tid"
            | "point"
            | "line"
            | "lseg"
            | "box"
            | "path"
            | "polygon"
            | "circle"
            | "tsvector"
            | "tsquery"
            | "int4range"
            | "int8range"
            | "numrange"
            | "tsrange"
            | "tstzrange"
            | "daterange"
            | "int4multirange"
            | "int8multirange"
            | "nummultirange"
            | "tsmultirange"
            | "tstzmultirange"
            | "datemultirange"
            | "pg_lsn"
            | "txid_snapshot"
            | "pg_snapshot"
            | "refcursor"
    ) || is_reg(base)
}

pub(super) fn is_reg(base: &str) -> bool {
    matches!(
        base,
        "regclass"
            | "regproc"
            | "regprocedure"
            | "regoper"
            | "regoperator"
            | "regtype"
            | "regrole"
            | "regnamespace"
            | "regconfig"
            | "regdictionary"
            | "regcollation"
    )
}

/// Whether the length, precision or fields of `to` hold every value of `from`, so that the server
/// leaves the length function out (the planner support functions of varchar, numeric, varbit,
/// time, timestamp and interval; `char` and `bit` have none).
pub(super) fn modifier_holds(from: &Resolved, to: &Resolved) -> bool {
    if from.modifier == to.modifier && from.least_field == to.least_field {
        return true;
    }
    let (old, new) = (from.modifier.as_slice(), to.modifier.as_slice());
    if from.array || to.array {
        return new.is_empty() && to.least_field == 0;
    }
    match to.base.as_str() {
        "varchar" | "varbit" => new.is_empty() || old.first().is_some_and(|old| new.first().is_some_and(|new| new >= old)),
        "numeric" => match (old, new) {
            (_, []) => true,
            ([old_precision, old_scale, ..], [new_precision, new_scale, ..]) => old_scale == new_scale && new_precision >= old_precision,
            _ => false,
        },
        "timestamp" | "timestamptz" | "time" | "timetz" => match (old.first(), new.first()) {
            (_, None) => true,
            (_, Some(new)) if *new >= 6 => true,
            (Some(old), Some(new)) => new >= old,
            (None, Some(_)) => false,
        },
        "interval" => {
            let fields_hold = to.least_field <= from.least_field;
            let precision_holds = from.least_field > 0
                || match (old.first(), new.first()) {
                    (_, None) => true,
                    (_, Some(new)) if *new >= 6 => true,
                    (Some(old), Some(new)) => new >= old,
                    (None, Some(_)) => false,
                };
            fields_hold && precision_holds
        }
        _ => new.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(base: &str, modifier: &[i64], least_field: u8) -> Resolved {
        Resolved {
            base: base.to_owned(),
            modifier: modifier.to_vec(),
            least_field,
            array: false,
            family: Family::Builtin,
            domain: None,
            constrained: false,
            domain_not_null: false,
        }
    }

    #[test]
    fn widening_keeps_values_and_narrowing_does_not() {
        assert!(modifier_holds(&of("varchar", &[10], 0), &of("varchar", &[20], 0)));
        assert!(!modifier_holds(&of("varchar", &[], 0), &of("varchar", &[20], 0)));
        assert!(modifier_holds(&of("numeric", &[10, 2], 0), &of("numeric", &[12, 2], 0)));
        assert!(!modifier_holds(&of("numeric", &[10, 2], 0), &of("numeric", &[12, 4], 0)));
        assert!(!modifier_holds(&of("bit", &[8], 0), &of("bit", &[16], 0)));
        assert!(modifier_holds(&of("interval", &[], 0), &of("interval", &[], 0)));
        assert!(!modifier_holds(&of("interval", &[], 0), &of("interval", &[], 3)));
        assert!(modifier_holds(&of("interval", &[], 3), &of("interval", &[], 0)));
    }
}
