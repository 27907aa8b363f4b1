//! MySQL and MariaDB: one INSERT … SELECT from a recursive query for each table.

use lockgate::driver::Session;

use super::super::lab::Data;
use super::{ROWS, quoted};

struct Column {
    name: String,
    /// `varchar`, `int`.
    kind: String,
    /// `varchar(20)`, `enum('a','b')`.
    declared: String,
    length: Option<u64>,
    nullable: bool,
    computed: bool,
    unique: bool,
    foreign: bool,
}

fn text_rows(session: &mut dyn Session, query: &str) -> Result<Vec<Vec<String>>, String> {
    let rows = session.query(query).map_err(|error| error.to_string())?;
    Ok(rows.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect())
}

/// Base tables of the current database.
pub fn tables(session: &mut dyn Session) -> Vec<String> {
    let query = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() \
                 AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY create_time, table_name";
    text_rows(session, query).unwrap_or_default().into_iter().map(|row| row.concat()).collect()
}

pub fn fill(session: &mut dyn Session, data: Data) -> Result<(), String> {
    session.execute("SET foreign_key_checks = 0").map_err(|error| error.to_string())?;
    for table in tables(session) {
        let columns = columns(session, &table)?;
        let checks = text_rows(session, &format!("SHOW CREATE TABLE `{table}`"))?.concat().concat();
        let mut first = None;
        for (listed, needed) in [(false, false), (true, false), (true, true)] {
            match insert(session, &table, &columns, data, listed.then_some(checks.as_str()), needed) {
                Ok(()) => {
                    first = None;
                    break;
                }
                Err(error) => first = first.or(Some(error)),
            }
        }
        if let Some(error) = first {
            return Err(format!("{table} cannot be filled: {error}"));
        }
    }
    session.execute("SET foreign_key_checks = 1").map(drop).map_err(|error| error.to_string())
}

fn columns(session: &mut dyn Session, table: &str) -> Result<Vec<Column>, String> {
    let query = format!(
        "SELECT c.column_name, c.data_type, c.column_type, c.character_maximum_length, c.is_nullable, c.extra, \
         EXISTS (SELECT 1 FROM information_schema.statistics s WHERE s.table_schema = c.table_schema AND s.table_name = c.table_name \
                 AND s.column_name = c.column_name AND s.non_unique = 0), \
         EXISTS (SELECT 1 FROM information_schema.key_column_usage k WHERE k.table_schema = c.table_schema AND k.table_name = c.table_name \
                 AND k.column_name = c.column_name AND k.referenced_table_name IS NOT NULL) \
         FROM information_schema.columns c WHERE c.table_schema = DATABASE() AND c.table_name = '{table}' ORDER BY c.ordinal_position"
    );
    let rows = text_rows(session, &query)?;
    let text = |row: &[String], at: usize| row.get(at).cloned().unwrap_or_default();
    Ok(rows
        .iter()
        .map(|row| {
            let extra = text(row, 5).to_ascii_uppercase();
            Column {
                name: text(row, 0),
                kind: text(row, 1).to_ascii_lowercase(),
                declared: text(row, 2),
                length: text(row, 3).parse().ok(),
                nullable: text(row, 4) == "YES",
                computed: extra.contains("GENERATED") && !extra.contains("DEFAULT_GENERATED") || extra.contains("PERSISTENT"),
                unique: text(row, 6) == "1",
                foreign: text(row, 7) == "1",
            }
        })
        .collect())
}

fn insert(
    session: &mut dyn Session,
    table: &str,
    columns: &[Column],
    data: Data,
    checks: Option<&str>,
    needed: bool,
) -> Result<(), String> {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for column in columns {
        let generated = column.computed || column.declared.contains("GENERATED");
        if generated || needed && column.nullable && !column.unique {
            continue;
        }
        let hostile = data == Data::Hostile && !column.unique && !column.foreign;
        let value = value(column, data, hostile, checks);
        values.push(if hostile && column.nullable { format!("IF(n % 7 > 0, {value}, NULL)") } else { value });
        names.push(format!("`{}`", column.name));
    }
    if names.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO `{table}` ({}) WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {ROWS}) SELECT {} FROM s",
        names.join(", "),
        values.join(", ")
    );
    session.execute(&sql).map(drop).map_err(|error| error.to_string())
}

fn value(column: &Column, data: Data, hostile: bool, checks: Option<&str>) -> String {
    let listing = checks.and_then(|text| text.split_once(&format!("`{}` in (", column.name)));
    let literals = listing.map(|(_, rest)| quoted(rest.split(')').next().unwrap_or_default())).unwrap_or_default();
    if !literals.is_empty() {
        let list: Vec<String> = literals.iter().map(|text| format!("'{text}'")).collect();
        return format!("ELT(1 + n % {}, {})", list.len(), list.join(", "));
    }
    match column.kind.as_str() {
        "tinyint" => "n % 100".to_owned(),
        "smallint" | "mediumint" | "int" | "bigint" | "float" | "double" => {
            if hostile {
                "(n DIV 2) + 20000".to_owned()
            } else {
                "n".to_owned()
            }
        }
        "decimal" => "n % 100".to_owned(),
        "bit" => "b'1'".to_owned(),
        "enum" | "set" => "1".to_owned(),
        "date" => "DATE '2024-01-01' + INTERVAL n DAY".to_owned(),
        "datetime" | "timestamp" => "TIMESTAMP '2024-01-01 12:00:00' + INTERVAL n DAY".to_owned(),
        "time" => "SEC_TO_TIME(n)".to_owned(),
        "year" => "2000 + n % 100".to_owned(),
        "json" => "JSON_OBJECT('n', n)".to_owned(),
        "uuid" => "CONCAT('00000000-0000-4000-8000-', LPAD(HEX(n), 12, '0'))".to_owned(),
        "inet6" => "CONCAT('2001:db8::', HEX(n))".to_owned(),
        "inet4" => "CONCAT('10.0.0.', n % 250)".to_owned(),
        "point" | "geometry" => "ST_GeomFromText(CONCAT('POINT(', n, ' ', n, ')'))".to_owned(),
        _ => {
            let text = match data {
                Data::Numbers if column.declared.contains("json_valid") => "JSON_OBJECT('n', n)",
                Data::Numbers => "CONCAT('', n)",
                Data::Dates => "CONCAT('', DATE '2024-01-01' + INTERVAL n DAY)",
                Data::Uuids => "CONCAT('', LPAD(HEX(n), 8, '0'), '-0000-4000-8000-000000000000')",
                Data::Hostile if hostile => "CONCAT('row number ', n DIV 2, REPEAT(' and so on', 20))",
                Data::Words | Data::Hostile => "CONCAT('w', n)",
            };
            match column.length {
                Some(length) => format!("LEFT({text}, {length})"),
                None => text.to_owned(),
            }
        }
    }
}
