//! Tables as the catalog knows them.

use super::{constraint, index};
use crate::catalog::spell;
use crate::catalog::{Catalog, Table, TableKind};
use crate::change::{ConstraintKind, Persistence};
use crate::engine::Engine;
use crate::fix::words;
use crate::sql::quoted;

/// The statements that make a table again, with its indexes; or why they cannot be written.
pub fn create(catalog: &Catalog, table: &Table) -> Result<Vec<String>, String> {
    let target = catalog.target;
    let key = words::key(&table.key, target);
    let unknown = || format!("the history does not tell how {} was made", table.key);
    if !table.complete || table.uncertain || table.kind != TableKind::Table && table.kind != TableKind::Partitioned {
        return Err(unknown());
    }
    if !table.inherits.is_empty() || table.of_type.is_some() || table.system_versioning {
        return Err(unknown());
    }
    if let Some(what) = beyond(table) {
        return Err(format!("{what} of {} cannot be written anew from here", table.key));
    }
    let mut lines = Vec::new();
    for column in &table.columns {
        let mut line = spell::definition(catalog, table, column).ok_or_else(unknown)?;
        // SQLite's rowid is an INTEGER PRIMARY KEY at its column only.
        if table.autoincrement && is_key(table, &column.name) && target.engine == Engine::Sqlite {
            line.push_str(" PRIMARY KEY AUTOINCREMENT");
        }
        lines.push(line);
    }
    let inline_key = table.autoincrement && target.engine == Engine::Sqlite;
    for one in table.constraints.iter().filter(|one| one.kind != ConstraintKind::NotNull) {
        if !(inline_key && one.kind == ConstraintKind::PrimaryKey) {
            lines.push(constraint::definition(table, one, target).ok_or_else(unknown)?);
        }
    }
    let kind = match table.persistence {
        Persistence::Permanent => "",
        Persistence::Temporary => "TEMPORARY ",
        Persistence::Unlogged => "UNLOGGED ",
    };
    let mut statements = vec![format!("CREATE {kind}TABLE {key} (\n    {}\n){};", lines.join(",\n    "), tail(table, target.engine)?)];
    for one in table.indexes.iter().filter(|one| one.constraint.is_none() && !one.primary && !one.implied) {
        statements.push(index::create(table, one, target).ok_or_else(unknown)?);
    }
    Ok(statements)
}

fn is_key(table: &Table, column: &str) -> bool {
    table.primary_key().is_some_and(|key| matches!(key.columns.as_slice(), [only] if only.eq_ignore_ascii_case(column)))
}

/// What hangs on a table and is not known word for word.
fn beyond(table: &Table) -> Option<&'static str> {
    let parted = table.partitioning.is_some() || table.partition_of.is_some();
    [
        (!table.triggers.is_empty(), "the triggers"),
        (!table.rules.is_empty(), "the rules"),
        (!table.policies.is_empty() || table.row_security, "the policies"),
        (parted, "the partitions"),
    ]
    .into_iter()
    .find_map(|(holds, what)| holds.then_some(what))
}

/// What stands behind the closing bracket.
fn tail(table: &Table, engine: Engine) -> Result<String, String> {
    let mut out = String::new();
    match engine {
        Engine::Mysql | Engine::Mariadb => {
            for option in &table.options {
                let text = option.name == "comment" || option.name == "connection";
                let value = if text { format!("'{}'", option.value.replace('\'', "''")) } else { option.value.clone() };
                out.push_str(&format!(" {}={value}", option.name.to_uppercase()));
            }
        }
        Engine::Sqlite => {
            let words: Vec<&str> = [(table.strict, "STRICT"), (table.without_rowid, "WITHOUT ROWID")]
                .iter()
                .filter(|(holds, _)| *holds)
                .map(|(_, word)| *word)
                .collect();
            if !words.is_empty() {
                out.push_str(&format!(" {}", words.join(", ")));
            }
        }
        Engine::Postgres => {
            if !table.options.is_empty() {
                let options: Vec<String> = table.options.iter().map(|option| format!("{} = {}", option.name, option.value)).collect();
                out.push_str(&format!(" WITH ({})", options.join(", ")));
            }
        }
    }
    Ok(out)
}

/// A column's name in quotes where it needs them.
pub fn column_words(catalog: &Catalog, name: &str) -> String {
    quoted(name, catalog.target)
}
