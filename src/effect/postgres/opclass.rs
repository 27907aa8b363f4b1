//! Operator classes and collations that an index names (manual, Operator Classes; `pg_opclass`).

use super::outcome::Outcome;
use super::scene::Scene;
use super::types::{self, Family, Resolved};
use crate::catalog::Catalog;
use crate::change::{DataType, IndexKey, ObjectName};

/// An operator class of the server's own that takes few types: its methods and the types it takes.
const NARROW: &[(&str, &[&str], &[&str])] = &[
    ("text_pattern_ops", &["btree", "hash"], &["text", "varchar"]),
    ("varchar_pattern_ops", &["btree", "hash"], &["text", "varchar"]),
    ("bpchar_pattern_ops", &["btree", "hash"], &["bpchar"]),
    ("jsonb_path_ops", &["gin"], &["jsonb"]),
    ("jsonb_ops", &["btree", "hash", "gin"], &["jsonb"]),
    ("gin_trgm_ops", &["gin"], &["text", "varchar", "bpchar"]),
    ("gist_trgm_ops", &["gist"], &["text", "varchar", "bpchar"]),
];

pub(super) fn fits(scene: Scene<'_>, column: &str, data_type: &DataType, method: &str, key: &IndexKey, out: &mut Outcome) {
    let resolved = types::resolve(scene.catalog, data_type);
    if let Some(collation) = &key.collation {
        if collates(&resolved) == Some(false) {
            out.refuse("42804", format!("collations are not supported by the type of \"{column}\""));
        }
        collation_exists(scene.catalog, collation, out);
    }
    let Some(class) = key.opclass.as_ref() else { return };
    if class.schema.is_some() {
        return;
    }
    let class = class.name.value.as_str();
    match NARROW.iter().find(|(name, _, _)| *name == class) {
        Some((_, methods, _)) if !methods.contains(&method) => {
            out.refuse("42704", format!("operator class \"{class}\" does not exist for access method \"{method}\""));
        }
        Some((_, _, takes)) if resolved.family == Family::Builtin && (resolved.array || !takes.contains(&resolved.base.as_str())) => {
            out.refuse("42804", format!("operator class \"{class}\" does not accept the type of \"{column}\""));
        }
        Some(_) => {}
        // Those of the server itself all end so; the rest comes from extensions or CREATE OPERATOR CLASS.
        None if scene.catalog.extensions.is_empty() && !scene.catalog.open_world && is_made_up(class) => {
            out.refuse("42704", format!("operator class \"{class}\" does not exist for access method \"{method}\""));
        }
        None => {}
    }
}

/// None of the server's operator classes begins so.
fn is_made_up(class: &str) -> bool {
    const KNOWN: &[&str] = &[
        "array",
        "bit",
        "bool",
        "box",
        "bpchar",
        "bytea",
        "char",
        "cidr",
        "circle",
        "date",
        "float4",
        "float8",
        "inet",
        "int2",
        "int4",
        "int8",
        "interval",
        "jsonb",
        "kd",
        "macaddr",
        "money",
        "multirange",
        "name",
        "network",
        "numeric",
        "oid",
        "pg",
        "point",
        "poly",
        "quad",
        "range",
        "record",
        "text",
        "tid",
        "time",
        "timestamp",
        "timestamptz",
        "timetz",
        "tsquery",
        "tsvector",
        "uuid",
        "varbit",
        "varchar",
        "xid",
        "enum",
        "cid",
        "aclitem",
    ];
    !KNOWN.iter().any(|known| class.starts_with(known))
}

fn collates(of: &Resolved) -> Option<bool> {
    (of.family == Family::Builtin && !of.array).then(|| of.is_string())
}

/// Names of locales begin with a language of two or three letters; a name that does not, and is none
/// of the server's own, stands for nothing unless somebody made it.
pub(super) fn collation_exists(catalog: &Catalog, name: &ObjectName, out: &mut Outcome) {
    let own = ["default", "C", "POSIX", "ucs_basic", "unicode", "pg_c_utf8", "pg_unicode_fast"];
    let text = name.name.value.as_str();
    let language = text.split(['_', '-', '.', '@']).next().unwrap_or_default();
    let locale = language.len() < text.len() || language.len() < 4;
    if name.schema.is_some() || own.contains(&text) || locale || catalog.open_world || catalog.collations.contains_key(text) {
        return;
    }
    out.refuse("42704", format!("collation \"{name}\" does not exist"));
}
