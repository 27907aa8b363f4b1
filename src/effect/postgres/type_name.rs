//! Types that statements name: whether they are there, and what a column can be made of.

use super::outcome::Outcome;
use super::scene::Scene;
use super::types::{self, Family, Resolved};
use super::words::words;
use crate::catalog::Key;
use crate::change::{ColumnDef, DataType, Expression, ObjectName};
use crate::effect::{FailureCause, Truth};

/// A type that the history dropped, or that nothing made and no extension could bring.
pub(super) fn exists(scene: Scene<'_>, data_type: &DataType, out: &mut Outcome) {
    let resolved = types::resolve(scene.catalog, data_type);
    if resolved.family == Family::Builtin && matches!(resolved.base.as_str(), "varchar" | "bpchar") && data_type.args.as_slice() == [0] {
        out.refuse("22023", format!("the length of type {} must be at least 1", resolved.base));
    }
    if let Some((code, reason, certain)) = absent(scene, data_type, &resolved) {
        out.fail(code, reason, FailureCause::Schema, certain);
    }
}

/// Why a type is not there, and how sure that is.
pub(super) fn absent(scene: Scene<'_>, data_type: &DataType, resolved: &Resolved) -> Option<(&'static str, String, Truth)> {
    let catalog = scene.catalog;
    if resolved.array && types::find_domain(catalog, data_type).is_some() {
        let reason = format!("type \"{}[]\" does not exist: domains have arrays since PostgreSQL 11", data_type.name);
        return (scene.major < 11).then_some(("42704", reason, Truth::Yes));
    }
    if resolved.family != Family::Unknown || resolved.domain.is_some() {
        return None;
    }
    let sure = |sure: bool| if sure { Truth::Yes } else { Truth::Unknown };
    if let Some(schema) = &data_type.schema {
        if scene.schema_absence(&schema.value) == Truth::Yes {
            return Some(("3F000", format!("schema \"{schema}\" does not exist"), Truth::Yes));
        }
        // Extensions may have put types there.
        let made = catalog.schemas.contains_key(&schema.value) && catalog.extensions.is_empty();
        let absent = made && !catalog.open_world && scene.relation_at(&Key::new(schema.value.clone(), data_type.name.clone())).is_none();
        return absent.then(|| ("42704", format!("type \"{schema}.{}\" does not exist", data_type.name), Truth::Yes));
    }
    let key = Key::new(catalog.current_schema(), data_type.name.clone());
    if scene.relation_at(&key).is_some() || is_obscure(&data_type.name) {
        return None;
    }
    let harmless = catalog.extensions.keys().all(|name| {
        !super::drop_object::extension_types(name).contains(&data_type.name.as_str())
            && matches!(
                name.as_str(),
                "citext"
                    | "btree_gist"
                    | "btree_gin"
                    | "pgcrypto"
                    | "uuid-ossp"
                    | "pg_trgm"
                    | "unaccent"
                    | "hstore"
                    | "plpgsql"
                    | "pg_stat_statements"
            )
    });
    let certain = sure(!catalog.open_world && harmless && !catalog.tables.is_empty());
    Some(("42704", format!("type \"{}\" does not exist", data_type.name), certain))
}

/// Built-in types hardly ever met in a column.
fn is_obscure(name: &str) -> bool {
    name.starts_with("pg_")
        || name.starts_with("reg")
        || name.starts_with('_')
        || name.contains("multirange")
        || name.ends_with("vector")
        || name.starts_with("any")
        || name.ends_with("_handler")
        || matches!(
            name,
            "internal" | "aclitem" | "cstring" | "record" | "void" | "trigger" | "event_trigger" | "gtsvector" | "int4vector" | "unknown"
        )
}

/// What a new column's clauses cannot be together.
pub(super) fn clauses_fit(scene: Scene<'_>, column: &ColumnDef, out: &mut Outcome) {
    let Some(data_type) = &column.data_type else { return };
    let resolved = types::resolve(scene.catalog, data_type);
    let whole = !resolved.array && matches!(resolved.base.as_str(), "int2" | "int4" | "int8");
    if column.identity.is_some() && resolved.family == Family::Builtin && !whole {
        out.refuse("22023", "the type of an identity column must be smallint, integer or bigint");
    }
    if data_type.is_serial() && column.default.is_some() {
        out.refuse("42601", format!("\"{}\" gets two defaults: a serial has one of its own", column.name));
    }
    collates(scene, data_type, out);
    if let Some(default) = &column.default {
        relations_of(scene, &default.expression, out);
    }
}

/// `nextval('s')` names its sequence when the default is made.
pub(super) fn relations_of(scene: Scene<'_>, expression: &Expression, out: &mut Outcome) {
    if !expression.text.contains('\'') {
        return;
    }
    for name in super::object::relations_in(&words(&expression.text)) {
        if scene.relation(&name).is_none() {
            out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(&name));
        }
    }
}

/// A type that is named and is not there.
pub(super) fn missing(scene: Scene<'_>, name: &ObjectName, out: &mut Outcome) {
    let catalog = scene.catalog;
    if name.schema.as_ref().is_some_and(|schema| scene.schema_absence(&schema.value) == Truth::Yes) {
        scene.schema_exists(name, out);
        return;
    }
    let certain = if catalog.open_world || catalog.tables.is_empty() { Truth::Unknown } else { Truth::Yes };
    out.fail("42704", format!("type \"{name}\" does not exist"), FailureCause::Schema, certain);
}

/// OF a type that is none of the composite ones.
pub(super) fn not_composite(scene: Scene<'_>, name: &ObjectName, out: &mut Outcome) {
    let key = scene.catalog.resolve_type(name);
    let other = scene.catalog.enums.contains_key(&key) || scene.catalog.domains.contains_key(&key);
    if other || scene.catalog.types.contains_key(&key) {
        out.refuse("42809", format!("type \"{name}\" is not a composite type"));
    } else {
        named(scene, name, out);
    }
}

/// ALTER, COMMENT or GRANT on a type.
pub(super) fn named(scene: Scene<'_>, name: &ObjectName, out: &mut Outcome) {
    let key = scene.catalog.resolve_type(name);
    let catalog = scene.catalog;
    let made = catalog.enums.contains_key(&key) || catalog.domains.contains_key(&key) || catalog.types.contains_key(&key);
    let bare = DataType { schema: name.schema.clone(), name: name.name.value.clone(), ..DataType::default() };
    let known = types::resolve(catalog, &bare).family != Family::Unknown;
    if !made && !known && scene.relation(name).is_none() && !is_obscure(&name.name.value) {
        missing(scene, name, out);
    }
}

/// The attributes of a composite type.
pub(super) fn attributes(scene: Scene<'_>, all: &[ColumnDef], out: &mut Outcome) {
    for (at, attribute) in all.iter().enumerate() {
        if all.iter().take(at).any(|other| other.name.value == attribute.name.value) {
            out.refuse("42701", format!("attribute \"{}\" is named twice", attribute.name));
        }
        if let Some(data_type) = &attribute.data_type {
            exists(scene, data_type, out);
            collates(scene, data_type, out);
        }
    }
}

/// The collation a type is written with.
pub(super) fn collates(scene: Scene<'_>, data_type: &DataType, out: &mut Outcome) {
    let Some(collation) = &data_type.collation else { return };
    let resolved = types::resolve(scene.catalog, data_type);
    super::opclass::collation_exists(scene.catalog, collation, out);
    if !(resolved.is_string() || resolved.family != Family::Builtin || resolved.array) {
        out.refuse("42804", format!("collations are not supported by type {}", resolved.base));
    }
}
