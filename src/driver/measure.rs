//! Measures the tables of a database: from its own statistics where it keeps any, never by reading
//! a large table.

use std::collections::BTreeMap;

use super::{Row, ServerError, Session, quote_ident};
use crate::engine::Engine;
use crate::stats::{IndexStats, TableStats};

/// Every ordinary table with its estimated rows, its bytes and its indexes.
pub fn measure(session: &mut dyn Session) -> Result<Vec<TableStats>, ServerError> {
    let (tables, indexes) = match session.engine() {
        Engine::Postgres => (POSTGRES_TABLES, POSTGRES_INDEXES),
        Engine::Mysql => (MYSQL_TABLES, MYSQL_INDEXES),
        Engine::Mariadb => (MYSQL_TABLES, MARIADB_INDEXES),
        Engine::Sqlite => return sqlite(session),
    };
    let mut measured: BTreeMap<(String, String), TableStats> = BTreeMap::new();
    for row in session.query(tables)? {
        let [schema, table, rows, bytes] = fields(row);
        let (rows, bytes) = (number(&rows), number(&bytes));
        measured.insert((schema.clone(), table.clone()), TableStats { schema, table, rows, bytes, indexes: Vec::new() });
    }
    // A user may be shut out of the server's index statistics; the tables are what matters.
    for row in session.query(indexes).unwrap_or_default() {
        let [schema, table, name, bytes] = fields(row);
        if let Some(table) = measured.get_mut(&(schema, table)) {
            table.indexes.push(IndexStats { name, bytes: number(&bytes) });
        }
    }
    Ok(measured.into_values().collect())
}

/// reltuples is -1 before the first ANALYZE (14 and later); then pages times a usual row count.
/// A partitioned table has the sum of its partitions, which are listed as well.
const POSTGRES_TABLES: &str = "\
    WITH RECURSIVE leaves AS (\
      SELECT c.oid AS root, c.oid AS leaf FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p', 'm') \
      UNION ALL \
      SELECT l.root, i.inhrelid FROM leaves l JOIN pg_catalog.pg_class p ON p.oid = l.leaf AND p.relkind = 'p' \
        JOIN pg_catalog.pg_inherits i ON i.inhparent = l.leaf) \
    SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname END, c.relname, \
      sum(CASE WHEN d.reltuples >= 0 AND NOT (d.reltuples = 0 AND d.relpages = 0) THEN d.reltuples \
               ELSE pg_catalog.pg_relation_size(d.oid) / 8192 * 60 END)::bigint, \
      sum(pg_catalog.pg_relation_size(d.oid) + coalesce(pg_catalog.pg_relation_size(nullif(d.reltoastrelid, 0)), 0))::bigint \
    FROM leaves l JOIN pg_catalog.pg_class c ON c.oid = l.root JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
      JOIN pg_catalog.pg_class d ON d.oid = l.leaf AND d.relkind <> 'p' \
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname NOT LIKE 'pg_temp%' \
      AND c.relname NOT IN ('lockgate_history', 'lockgate_steps') \
    GROUP BY 1, 2";

const POSTGRES_INDEXES: &str = "\
    SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname END, t.relname, i.relname, pg_catalog.pg_relation_size(i.oid) \
    FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN pg_catalog.pg_class t ON t.oid = x.indrelid \
      JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace \
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname NOT LIKE 'pg_temp%' ORDER BY 3";

const MYSQL_TABLES: &str = "\
    SELECT '', table_name, coalesce(table_rows, 0), coalesce(data_length, 0) FROM information_schema.tables \
    WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND table_name NOT IN ('lockgate_history', 'lockgate_steps')";

const MYSQL_INDEXES: &str = "\
    SELECT '', table_name, index_name, stat_value * @@innodb_page_size FROM mysql.innodb_index_stats \
    WHERE database_name = DATABASE() AND stat_name = 'size' ORDER BY index_name";

const MARIADB_INDEXES: &str = MYSQL_INDEXES;

/// ANALYZE leaves row counts in sqlite_stat1. Without them rows are estimated from the pages where
/// the library can count those (dbstat), else counted.
fn sqlite(session: &mut dyn Session) -> Result<Vec<TableStats>, ServerError> {
    let names = session.query(
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         AND name NOT IN ('lockgate_history', 'lockgate_steps') AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
    )?;
    let mut pages = BTreeMap::new();
    for row in session.query("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").unwrap_or_default() {
        let [name, bytes] = fields(row);
        pages.insert(name, number(&bytes));
    }
    let mut measured = Vec::new();
    for row in names {
        let [table] = fields(row);
        let quoted = quote_ident(Engine::Sqlite, &table);
        let analysed = format!("SELECT stat FROM main.sqlite_stat1 WHERE tbl = {} LIMIT 1", session.quote(&table));
        let rows = match session.query_value(&analysed).ok().flatten() {
            Some(stat) => number(stat.split(' ').next().unwrap_or_default()),
            // The greatest rowid bounds the rows and is found without a scan; WITHOUT ROWID tables are counted.
            None => match session.query_value(&format!("SELECT max(rowid) FROM main.{quoted}")) {
                Ok(rowid) => rowid.map_or(0, |text| number(&text)),
                Err(_) => session.query_value(&format!("SELECT count(*) FROM main.{quoted}"))?.map_or(0, |text| number(&text)),
            },
        };
        let listed = session.query(&format!("SELECT name FROM pragma_index_list({})", session.quote(&table)))?;
        let indexes = listed.into_iter().map(|row| {
            let [name] = fields(row);
            IndexStats { bytes: pages.get(&name).copied().unwrap_or_default(), name }
        });
        let indexes = indexes.collect();
        // Without dbstat: about 100 bytes a row.
        let bytes = pages.get(&table).copied().unwrap_or_else(|| rows.saturating_mul(100));
        measured.push(TableStats { schema: String::new(), table, rows, bytes, indexes });
    }
    Ok(measured)
}

fn fields<const N: usize>(row: Row) -> [String; N] {
    let mut columns = row.into_iter();
    std::array::from_fn(|_| columns.next().flatten().unwrap_or_default())
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_default()
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::driver::{Access, connect};

    #[test]
    fn sqlite_tables_are_measured_with_and_without_analyze() {
        let mut session = connect(&"sqlite::memory:".parse().unwrap(), Access::Create).unwrap();
        for statement in [
            "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT)",
            "CREATE INDEX a_x ON a (x)",
            "CREATE TABLE b (id TEXT PRIMARY KEY) WITHOUT ROWID",
            "INSERT INTO a (x) VALUES ('1'), ('2'), ('3')",
            "INSERT INTO b VALUES ('1'), ('2')",
        ] {
            session.execute(statement).unwrap();
        }
        for analyse in [false, true] {
            if analyse {
                session.execute("ANALYZE").unwrap();
            }
            let tables = measure(session.as_mut()).unwrap();
            assert_eq!(tables.iter().map(|t| (t.table.as_str(), t.rows)).collect::<Vec<_>>(), [("a", 3), ("b", 2)]);
            assert_eq!(tables[0].indexes[0].name, "a_x");
            assert!(tables[0].bytes > 0);
        }
    }
}
