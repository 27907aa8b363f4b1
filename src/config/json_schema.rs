//! A JSON Schema of `lockgate.toml`, for editors: made of the same keys that reading knows.

use serde_json::{Map, Value, json};

use super::{FailOn, KEYS, Key, Level};
use crate::migration::system;
use crate::rules::{OptionValue, builtin};

/// Keys whose value is a text or a list of them.
const LISTS: [&str; 6] = ["extends", "migrations", "exclude", "rule-paths", "paths", "rules"];
/// Tables of which there are several.
const REPEATED: [&str; 3] = ["override", "ignore", "project"];

/// The schema, which editors find by a comment `#:schema lockgate.schema.json` or their settings.
pub fn json_schema() -> Value {
    let mut top = properties("");
    top.insert("rules".to_owned(), levels());
    top.insert("options".to_owned(), options());
    top.insert("apply".to_owned(), table("apply"));
    for name in REPEATED {
        top.insert(name.to_owned(), json!({ "type": "array", "items": table(name) }));
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "lockgate.toml",
        "type": "object",
        "additionalProperties": false,
        "properties": top,
    })
}

fn table(name: &str) -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": properties(name) })
}

fn properties(table: &str) -> Map<String, Value> {
    KEYS.iter().filter(|key| key.table == table && key.name != "RULE").map(|key| (key.name.to_owned(), described(key))).collect()
}

fn described(key: &Key) -> Value {
    let mut shape = shape(key);
    if let Value::Object(shape) = &mut shape {
        shape.insert("description".to_owned(), json!(key.meaning));
    }
    shape
}

fn shape(key: &Key) -> Value {
    match (key.table, key.name) {
        ("override", "rules") => levels(),
        ("override", "options") => options(),
        (_, "fail-on") => json!({ "enum": FailOn::NAMES }),
        (_, "transaction") => json!({ "enum": ["per-migration", "none"] }),
        (_, "format") => json!({ "enum": system::ALL.iter().map(|format| format.id()).collect::<Vec<_>>() }),
        (_, name) if LISTS.contains(&name) => {
            json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
        }
        (_, _) if key.example.starts_with(|c: char| c.is_ascii_digit()) => json!({ "type": "integer", "minimum": 0 }),
        (_, _) => json!({ "type": "string" }),
    }
}

fn type_of(value: &OptionValue) -> Value {
    match value {
        OptionValue::Flag(_) => json!({ "type": "boolean" }),
        OptionValue::Number(_) => json!({ "type": "integer" }),
        OptionValue::Text(_) => json!({ "type": "string" }),
        OptionValue::List(_) => json!({ "type": "array", "items": { "type": "string" } }),
    }
}

/// Rules and categories with their severities; rules of a team's own are let pass.
fn levels() -> Value {
    let mut known = Map::new();
    for rule in builtin().into_iter().flatten() {
        known.insert(rule.id.clone(), json!({ "enum": Level::NAMES, "description": rule.summary }));
        known.entry(rule.category.clone()).or_insert_with(|| json!({ "enum": Level::NAMES, "description": "every rule of the category" }));
    }
    json!({ "type": "object", "properties": known, "additionalProperties": { "enum": Level::NAMES } })
}

/// Each rule's own options, of the type that their defaults have.
fn options() -> Value {
    let mut known = Map::new();
    for rule in builtin().into_iter().flatten().filter(|rule| !rule.options.is_empty()) {
        let own: Map<String, Value> = rule.options.iter().map(|(name, value)| (name.clone(), type_of(value))).collect();
        known.insert(rule.id.clone(), json!({ "type": "object", "additionalProperties": false, "properties": own }));
    }
    json!({ "type": "object", "properties": known, "additionalProperties": { "type": "object" } })
}
