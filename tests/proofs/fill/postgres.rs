//! PostgreSQL: one INSERT … SELECT FROM generate_series for each table.

use std::collections::BTreeSet;

use lockgate::driver::Session;

use super::super::lab::Data;
use super::{ROWS, quoted};

struct Column {
    name: String,
    /// The type below a domain, as `format_type` writes it.
    base: String,
    /// `b` base, `e` enum, `c` composite, `r` range, `d` domain.
    kind: String,
    array: bool,
    /// As it is declared.
    declared: String,
    not_null: bool,
    generated: bool,
    unique: bool,
    foreign: bool,
    checks: String,
}

struct Table {
    oid: String,
    /// Quoted.
    name: String,
    partitioned: bool,
}

fn text_rows(session: &mut dyn Session, query: &str) -> Result<Vec<Vec<String>>, String> {
    let rows = session.query(query).map_err(|error| error.to_string())?;
    Ok(rows.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect())
}

pub fn fill(session: &mut dyn Session, data: Data) -> Result<(), String> {
    let run = |session: &mut dyn Session, sql: &str| session.execute(sql).map_err(|error| format!("{error}"));
    run(session, "SET session_replication_role = replica")?;
    run(session, "SET row_security = off")?;
    let tables = text_rows(
        session,
        "SELECT c.oid, format('%I.%I', n.nspname, c.relname), c.relkind = 'p' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY c.oid",
    )?;
    for row in tables {
        let [oid, name, partitioned] = row.as_slice() else { continue };
        let table = Table { oid: oid.clone(), name: name.clone(), partitioned: partitioned == "t" };
        let columns = columns(session, &table)?;
        if let Err(error) = rows(session, &table, &columns, data) {
            return Err(format!("{name} cannot be filled: {error}"));
        }
    }
    for row in text_rows(session, "SELECT format('%I.%I', schemaname, matviewname) FROM pg_matviews WHERE ispopulated")? {
        run(session, &format!("REFRESH MATERIALIZED VIEW {}", row.concat()))?;
    }
    run(session, "SET session_replication_role = origin")?;
    run(session, "ANALYZE").map(drop)
}

/// Tables and materialised views that hold rows.
pub fn filled(session: &mut dyn Session) -> BTreeSet<String> {
    let relations = text_rows(
        session,
        "SELECT CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END, format('%I.%I', n.nspname, c.relname) \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE (c.relkind IN ('r', 'p') OR c.relkind = 'm' AND c.relispopulated) \
         AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'",
    );
    let mut found = BTreeSet::new();
    for row in relations.unwrap_or_default() {
        if let [name, quoted] = row.as_slice()
            && session.query(&format!("SELECT 1 FROM {quoted} LIMIT 1")).is_ok_and(|rows| !rows.is_empty())
        {
            found.insert(name.clone());
        }
    }
    found
}

fn columns(session: &mut dyn Session, table: &Table) -> Result<Vec<Column>, String> {
    let generated = if session.info().version.major >= 12 { "a.attgenerated <> ''" } else { "false" };
    let query = format!(
        "SELECT quote_ident(a.attname), format_type(b.oid, CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END), b.typtype, \
         b.typcategory = 'A', format_type(a.atttypid, a.atttypmod), a.attnotnull OR t.typnotnull, {generated}, \
         EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND a.attnum = ANY (i.indkey)), \
         EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'f' AND a.attnum = ANY (k.conkey)), \
         (SELECT string_agg(pg_get_constraintdef(k.oid), ' ') FROM pg_constraint k \
          WHERE k.contype = 'c' AND (k.conrelid = a.attrelid AND k.conkey = ARRAY[a.attnum] OR k.contypid = a.atttypid)) \
         FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid \
         JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END \
         WHERE a.attrelid = {} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        table.oid
    );
    let yes = |row: &[String], at: usize| row.get(at).is_some_and(|value| value == "t");
    let text = |row: &[String], at: usize| row.get(at).cloned().unwrap_or_default();
    let rows = text_rows(session, &query)?;
    Ok(rows
        .iter()
        .map(|row| Column {
            name: text(row, 0),
            base: text(row, 1),
            kind: text(row, 2),
            array: yes(row, 3),
            declared: text(row, 4),
            not_null: yes(row, 5),
            generated: yes(row, 6),
            unique: yes(row, 7),
            foreign: yes(row, 8),
            checks: text(row, 9),
        })
        .collect())
}

/// Tries rows that are ever plainer until the table takes them.
fn rows(session: &mut dyn Session, table: &Table, columns: &[Column], data: Data) -> Result<(), String> {
    let all = |column: &&Column| !column.generated;
    let needed = |column: &&Column| !column.generated && (column.not_null || column.unique);
    let plans: [(&dyn Fn(&&Column) -> bool, bool); 3] = [(&all, false), (&all, true), (&needed, true)];
    let mut first = None;
    for (wanted, listed) in plans {
        let chosen: Vec<&Column> = columns.iter().filter(wanted).collect();
        if chosen.is_empty() && !columns.is_empty() {
            continue;
        }
        let done = if table.partitioned {
            partitions(session, table, &chosen, data, listed)
        } else {
            insert(session, table, &chosen, data, listed, &[], 0)
        };
        match done {
            Ok(()) => return Ok(()),
            Err(error) => first = first.or(Some(error)),
        }
    }
    first.map_or(Ok(()), Err)
}

fn insert(
    session: &mut dyn Session,
    table: &Table,
    columns: &[&Column],
    data: Data,
    listed: bool,
    fixed: &[(String, String)],
    from: u32,
) -> Result<(), String> {
    if columns.is_empty() {
        return session.execute(&format!("INSERT INTO {} DEFAULT VALUES", table.name)).map(drop).map_err(|error| error.to_string());
    }
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let values: Vec<String> = columns
        .iter()
        .map(|column| match fixed.iter().find(|(name, _)| *name == column.name) {
            Some((_, literal)) => format!("({literal})::{}", column.declared),
            None => value(column, data, listed),
        })
        .collect();
    let sql = format!(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM generate_series({}, {}) n",
        table.name,
        names.join(", "),
        values.join(", "),
        from + 1,
        from + ROWS
    );
    session.execute(&sql).map(drop).map_err(|error| error.to_string())
}

/// Some rows for every partition whose bound can be read.
fn partitions(session: &mut dyn Session, table: &Table, columns: &[&Column], data: Data, listed: bool) -> Result<(), String> {
    let key = text_rows(session, &format!("SELECT pg_get_partkeydef({})", table.oid))?.concat().concat();
    let children = text_rows(
        session,
        &format!(
            "SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = {} ORDER BY c.oid",
            table.oid
        ),
    )?;
    let (method, key) = key.split_once(" (").unwrap_or(("", ""));
    let names: Vec<&str> = key.trim_end_matches(')').split(", ").map(|name| name.split(' ').next().unwrap_or(name)).collect();
    if method == "HASH" {
        return if children.is_empty() { Ok(()) } else { insert(session, table, columns, data, listed, &[], 0) };
    }
    let (mut number, mut error) = (0, None);
    for child in children {
        let bound = child.concat();
        let Some((_, values)) = bound.split_once("FROM (").or_else(|| bound.split_once("IN (")) else { continue };
        let values = values.split(')').next().unwrap_or_default();
        if values.contains("MINVALUE") {
            continue;
        }
        let fixed: Vec<(String, String)> =
            names.iter().zip(values.split(", ")).map(|(name, value)| ((*name).to_owned(), value.to_owned())).collect();
        if let Err(why) = insert(session, table, columns, data, listed, &fixed, number * ROWS) {
            error = error.or(Some(why));
        }
        number += 1;
    }
    error.map_or(Ok(()), Err)
}

fn value(column: &Column, data: Data, listed: bool) -> String {
    let declared = &column.declared;
    let literals = quoted(&column.checks);
    if listed && !literals.is_empty() {
        let list: Vec<String> = literals.iter().map(|text| format!("'{text}'")).collect();
        return format!("((ARRAY[{}])[1 + n % {}])::{declared}", list.join(", "), list.len());
    }
    let hostile = data == Data::Hostile && !column.unique && !column.foreign;
    let value = format!("({})::{declared}", plain(column, data, hostile));
    if hostile && !column.not_null { format!("CASE WHEN n % 7 > 0 THEN {value} END") } else { value }
}

/// Tables are cut up by years that differ from schema to schema.
fn year(data: Data) -> u32 {
    match data {
        Data::Numbers | Data::Hostile => 2026,
        Data::Words => 2025,
        Data::Dates | Data::Uuids => 2024,
    }
}

fn plain(column: &Column, data: Data, hostile: bool) -> String {
    let number = if hostile { "(n / 2 + 20000)" } else { "n" };
    if column.array {
        return "'{}'".to_owned();
    }
    match column.kind.as_str() {
        "e" => return format!("(enum_range(NULL::{0}))[1 + n % array_length(enum_range(NULL::{0}), 1)]", column.base),
        "c" => return "NULL".to_owned(),
        _ => {}
    }
    let year = year(data);
    let name = column.base.split('(').next().unwrap_or_default().trim();
    let length: Option<u32> = column.base.split_once('(').and_then(|(_, rest)| rest.split([',', ')']).next()?.parse().ok());
    match name {
        "smallint" | "integer" | "bigint" | "oid" | "real" | "double precision" | "money" => number.to_owned(),
        "numeric" => "n % 100".to_owned(),
        "boolean" => "n % 2 = 0".to_owned(),
        "date" | "timestamp without time zone" | "timestamp with time zone" => format!("timestamp '{year}-01-01' + n * interval '1 day'"),
        "timestamp" | "time" | "time without time zone" | "time with time zone" => "timestamp '2024-01-01' + n * interval '1 minute'".to_owned(),
        "interval" => "n * interval '1 minute'".to_owned(),
        "json" | "jsonb" => "jsonb_build_object('n', n)".to_owned(),
        "uuid" => "md5(n::text)".to_owned(),
        "bytea" => "convert_to(n::text, 'UTF8')".to_owned(),
        "inet" | "cidr" => "'10.0.' || n % 250 || '.1'".to_owned(),
        "macaddr" => "'08:00:2b:01:02:' || lpad(to_hex(n % 250), 2, '0')".to_owned(),
        "tsvector" => "to_tsvector('simple', n::text)".to_owned(),
        "xml" => "'<n/>'".to_owned(),
        "point" => "point(n, n)".to_owned(),
        "bit" => format!("repeat('0', {})", length.unwrap_or(1)),
        "bit varying" => "'0'".to_owned(),
        "int4range" | "int8range" | "numrange" => format!("{name}(n, n + 1)"),
        "daterange" => "daterange(date '2024-01-01' + n, date '2024-01-02' + n)".to_owned(),
        "tsrange" => "tsrange(timestamp '2024-01-01' + n * interval '1 day', timestamp '2024-01-01' + n * interval '1 day' + interval '1 hour')".to_owned(),
        "tstzrange" => "tstzrange(timestamptz '2024-01-01' + n * interval '1 day', timestamptz '2024-01-01' + n * interval '1 day' + interval '1 hour')".to_owned(),
        _ => {
            let text = match data {
                Data::Numbers => "n::text",
                Data::Dates => "(date '2024-01-01' + n)::text",
                Data::Uuids => "md5(n::text)::uuid::text",
                Data::Words => "'w' || n || '@example.org'",
                Data::Hostile if hostile => "'row number ' || n / 2 || repeat(' and so on', 30)",
                Data::Hostile => "'w' || n",
            };
            match length {
                Some(length) => format!("left({text}, {length})"),
                None => text.to_owned(),
            }
        }
    }
}
