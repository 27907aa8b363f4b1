//! SQLite: one INSERT … SELECT from a recursive query for each table.

use rusqlite::Connection;

use super::super::lab::Data;
use super::quoted;

/// Ordinary tables, oldest first.
pub fn tables(connection: &Connection) -> Result<Vec<String>, String> {
    let query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
                 AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')";
    let mut statement = connection.prepare(query).map_err(|error| error.to_string())?;
    let names = statement.query_map([], |row| row.get(0)).map_err(|error| error.to_string())?;
    names.collect::<Result<Vec<String>, _>>().map_err(|error| error.to_string())
}

pub fn fill(connection: &Connection, table: &str, data: Data, rows: u32) -> Result<(), String> {
    let run = |listed: bool, needed: bool| insert(connection, table, data, rows, listed, needed);
    // Triggers would fill other tables as well: they are away meanwhile.
    let triggers = triggers(connection, table)?;
    for (name, _) in &triggers {
        connection.execute(&format!("DROP TRIGGER \"{name}\""), []).map_err(|error| error.to_string())?;
    }
    let done = run(false, false).or_else(|first| run(true, false).or_else(|_| run(true, true)).map_err(|_| first));
    for (_, definition) in &triggers {
        connection.execute(definition, []).map_err(|error| error.to_string())?;
    }
    done
}

fn triggers(connection: &Connection, table: &str) -> Result<Vec<(String, String)>, String> {
    let query = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE";
    let mut statement = connection.prepare(query).map_err(|error| error.to_string())?;
    let found = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?))).map_err(|error| error.to_string())?;
    found.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())
}

fn insert(connection: &Connection, table: &str, data: Data, rows: u32, listed: bool, needed: bool) -> Result<(), String> {
    let failed = |error: rusqlite::Error| error.to_string();
    let quote = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let definition: String =
        connection.query_row("SELECT sql FROM sqlite_schema WHERE name = ?1", [table], |row| row.get(0)).map_err(failed)?;
    let unique: Vec<String> = {
        let query = "SELECT DISTINCT i.name FROM pragma_index_list(?1) l, pragma_index_info(l.name) i WHERE l.\"unique\"";
        let mut statement = connection.prepare(query).map_err(failed)?;
        let names = statement.query_map([table], |row| row.get::<_, Option<String>>(0)).map_err(failed)?;
        names.flatten().flatten().collect()
    };
    let mut statement = connection.prepare("SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?1)").map_err(failed)?;
    let columns = statement
        .query_map([table], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, bool>(2)?,
                row.get::<_, u32>(3)? > 0,
                row.get::<_, u32>(4)?,
            ))
        })
        .map_err(failed)?;
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for (name, kind, not_null, key, hidden) in columns.flatten() {
        let unique = key || unique.contains(&name);
        if hidden > 1 || needed && !not_null && !unique {
            continue;
        }
        let value = value(&name, &kind, &definition, data, unique, listed);
        let nullable = data == Data::Hostile && !unique && !not_null;
        values.push(if nullable { format!("CASE WHEN n % 3 > 0 THEN {value} END") } else { value });
        names.push(quote(&name));
    }
    if names.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows}) INSERT INTO {} ({}) SELECT {} FROM s",
        quote(table),
        names.join(", "),
        values.join(", ")
    );
    connection.execute(&sql, []).map(drop).map_err(failed)
}

fn value(name: &str, kind: &str, definition: &str, data: Data, unique: bool, listed: bool) -> String {
    let kind = kind.to_ascii_uppercase();
    // The CHECK that lists this column's values, if it has one.
    let listing = definition.split_once(&format!("{name} IN (")).map(|(_, rest)| rest.split(')').next().unwrap_or_default());
    if let Some(literals) = listing.map(quoted).filter(|literals| listed && !literals.is_empty()) {
        let arms: Vec<String> = literals.iter().enumerate().map(|(number, text)| format!("WHEN {number} THEN '{text}'")).collect();
        return format!("CASE n % {} {} END", literals.len(), arms.join(" "));
    }
    let hostile = data == Data::Hostile && !unique;
    if kind.contains("INT") || kind.contains("NUM") || kind.contains("DEC") || kind.contains("BOOL") {
        return if hostile { "n / 2 + 20000".to_owned() } else { "n".to_owned() };
    }
    if kind.contains("REAL") || kind.contains("FLOA") || kind.contains("DOUB") {
        return "n + 0.5".to_owned();
    }
    if kind.contains("BLOB") {
        return "randomblob(16)".to_owned();
    }
    match data {
        Data::Numbers => "CAST(n AS TEXT)".to_owned(),
        Data::Dates => "date('2024-01-01', n || ' days')".to_owned(),
        Data::Uuids => "lower(hex(zeroblob(12))) || printf('%08x', n)".to_owned(),
        Data::Words => "'w' || n".to_owned(),
        Data::Hostile if hostile => "'row number ' || (n / 2)".to_owned(),
        Data::Hostile => "'w' || n".to_owned(),
    }
}
