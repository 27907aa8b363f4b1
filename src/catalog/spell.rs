//! Columns and their types as the catalog knows them, written as SQL.

use super::{Catalog, Column, Table};
use crate::change::{DataType, GeneratedKind, PartitionBound};
use crate::engine::{Engine, Target};
use crate::sql::quoted;

/// A type as a definition writes it.
pub fn data_type(data_type: &DataType, target: Target) -> String {
    let mut out = String::new();
    if let Some(schema) = &data_type.schema {
        out.push_str(&format!("{}.", quoted(&schema.value, target)));
    }
    let (head, tail) = split(&data_type.name);
    let own = data_type.schema.is_some() || data_type.name.chars().any(|c| c.is_ascii_uppercase());
    out.push_str(&if own { quoted(&data_type.name, target) } else { head.to_owned() });
    let mut arguments: Vec<String> = data_type.args.iter().map(u64::to_string).collect();
    arguments.extend(data_type.negative_scale.map(|scale| scale.to_string()));
    arguments.extend(data_type.labels.iter().map(|label| format!("'{}'", label.replace('\'', "''"))));
    if !arguments.is_empty() {
        out.push_str(&format!("({})", arguments.join(",")));
    }
    if !own {
        out.push_str(tail);
    }
    if let Some(fields) = &data_type.fields {
        out.push_str(&format!(" {fields}"));
    }
    for (holds, word) in [(data_type.unsigned, " unsigned"), (data_type.zerofill, " zerofill"), (data_type.binary, " binary")] {
        if holds {
            out.push_str(word);
        }
    }
    for _ in 0..data_type.array {
        out.push_str("[]");
    }
    out
}

/// `timestamp(3) with time zone`: the number stands inside the name.
fn split(name: &str) -> (&str, &str) {
    match name.find(" with") {
        Some(at) if name.starts_with("time") => name.split_at(at),
        _ => (name, ""),
    }
}

/// A column's definition, without keys and other constraints; nothing when the history does not tell
/// enough.
pub fn definition(catalog: &Catalog, table: &Table, column: &Column) -> Option<String> {
    let target = catalog.target;
    let engine = target.engine;
    let mut out = quoted(&column.name, target);
    let counter = own_counter(catalog, table, column);
    match (&column.data_type, counter) {
        (Some(kind), Some(serial)) if kind.array == 0 => out.push_str(&format!(" {serial}")),
        (Some(kind), _) => out.push_str(&format!(" {}", data_type(kind, target))),
        (None, _) if engine == Engine::Sqlite => {}
        (None, _) => return None,
    }
    let charset =
        column.charset.as_deref().or(column.data_type.as_ref().and_then(|kind| kind.charset.as_ref()).map(|name| name.value.as_str()));
    // Named, it brings its own collation along; left out, the table's stays.
    let inherited = charset == table.charset.as_deref() && column.collation.is_none();
    if let Some(charset) = charset.filter(|_| engine.is_mysql_family() && !inherited) {
        out.push_str(&format!(" CHARACTER SET {charset}"));
    }
    let collation = column.collation.as_deref().or(column
        .data_type
        .as_ref()
        .and_then(|kind| kind.collation.as_ref())
        .map(|name| name.name.value.as_str()));
    if let Some(collation) = collation {
        out.push_str(&format!(" COLLATE {}", quoted(collation, target)));
    }
    if let Some(generated) = &column.generated {
        let kind = match generated.kind {
            GeneratedKind::Stored => "STORED",
            GeneratedKind::Virtual => "VIRTUAL",
        };
        out.push_str(&format!(" GENERATED ALWAYS AS ({}) {kind}", generated.expression.text.trim()));
    }
    if let Some(identity) = &column.identity {
        out.push_str(&format!(" GENERATED {} AS IDENTITY", if identity.always { "ALWAYS" } else { "BY DEFAULT" }));
    }
    let default = column.default.as_ref().filter(|_| counter.is_none() && column.identity.is_none() && column.generated.is_none());
    if column.not_null && counter.is_none() && !is_implied(engine, table, column) {
        out.push_str(" NOT NULL");
    } else if engine.is_mysql_family() && column.data_type.as_ref().is_some_and(|kind| kind.name == "timestamp") {
        // Without the word a TIMESTAMP may be NOT NULL (explicit_defaults_for_timestamp).
        out.push_str(" NULL");
    }
    if let Some(default) = default {
        out.push_str(&format!(" {}", default_clause(default)));
    }
    if let Some(update) = &column.on_update {
        out.push_str(&format!(" ON UPDATE {}", update.text.trim()));
    }
    if column.auto_increment {
        out.push_str(" AUTO_INCREMENT");
    }
    if column.invisible && engine.is_mysql_family() {
        out.push_str(" INVISIBLE");
    }
    if let Some(comment) = column.comment.as_ref().filter(|_| engine.is_mysql_family()) {
        out.push_str(&format!(" COMMENT '{}'", comment.replace('\\', "\\\\").replace('\'', "''")));
    }
    Some(out)
}

/// SQLite makes the key of a STRICT or WITHOUT ROWID table NOT NULL by itself.
fn is_implied(engine: Engine, table: &Table, column: &Column) -> bool {
    let keyed = || table.primary_key().is_some_and(|key| key.columns.iter().any(|name| name.eq_ignore_ascii_case(&column.name)));
    engine == Engine::Sqlite && (table.strict || table.without_rowid) && keyed()
}

/// `DEFAULT` with its expression.
pub fn default_clause(default: &crate::change::DefaultValue) -> String {
    let text = default.expression.text.trim();
    let bracketed = text.starts_with('(') && text.ends_with(')');
    if default.parenthesised && !bracketed { format!("DEFAULT ({text})") } else { format!("DEFAULT {text}") }
}

/// `serial` and its kin, for a column whose sequence goes with it.
fn own_counter(catalog: &Catalog, table: &Table, column: &Column) -> Option<&'static str> {
    if catalog.target.engine != Engine::Postgres || column.identity.is_some() {
        return None;
    }
    let default = column.default.as_ref()?;
    if !default.expression.text.trim_start().to_ascii_lowercase().starts_with("nextval(") {
        return None;
    }
    let owned = catalog.sequences.values().any(|sequence| {
        sequence.owned_by.as_ref().is_some_and(|(owner, name)| *owner == table.key && name.eq_ignore_ascii_case(&column.name))
    });
    match column.data_type.as_ref()?.name.as_str() {
        _ if !owned => None,
        "bigint" => Some("bigserial"),
        "integer" => Some("serial"),
        "smallint" => Some("smallserial"),
        _ => None,
    }
}

/// The bound of a partition; nothing for one that is not read.
pub fn bound(bound: &PartitionBound) -> String {
    let values = |list: &[crate::change::Expression]| list.iter().map(|value| value.text.trim().to_owned()).collect::<Vec<_>>().join(", ");
    match bound {
        PartitionBound::Default => "DEFAULT".to_owned(),
        PartitionBound::Range { from, to } => format!("FOR VALUES FROM ({}) TO ({})", values(from), values(to)),
        PartitionBound::List(list) => format!("FOR VALUES IN ({})", values(list)),
        PartitionBound::Hash { modulus, remainder } => format!("FOR VALUES WITH (MODULUS {modulus}, REMAINDER {remainder})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_inside_the_name_of_a_time() {
        let target = Target::of(Engine::Postgres);
        let stamp = DataType { name: "timestamp with time zone".to_owned(), args: vec![3], ..DataType::default() };
        assert_eq!(data_type(&stamp, target), "timestamp(3) with time zone");
        let number = DataType { name: "numeric".to_owned(), args: vec![10, 2], array: 1, ..DataType::default() };
        assert_eq!(data_type(&number, target), "numeric(10,2)[]");
        let choice = DataType { name: "enum".to_owned(), labels: vec!["a'b".to_owned()], ..DataType::default() };
        assert_eq!(data_type(&choice, Target::of(Engine::Mysql)), "enum('a''b')");
    }
}
