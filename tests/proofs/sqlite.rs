//! SQLite in this process: the steps of its virtual machine tell a scan, the pages of the file a
//! rewrite. Each table in turn is the large one, in a file of its own: what grows is what is read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use lockgate::driver::ServerError;
use lockgate::engine::{Engine, Target};
use rusqlite::{Connection, Error, StatementStatus};

use super::fill;
use super::lab::{Data, Lab, Observed, Probe};

const FEW: u32 = 6;
const MANY: u32 = 400;

pub struct Sqlite {
    folder: tempfile::TempDir,
    files: u32,
    /// All tables are small.
    base: Option<Connection>,
    /// A table, and the file in which it is large.
    large: Vec<(String, PathBuf, Connection)>,
    schema: Vec<String>,
}

impl Sqlite {
    pub fn new() -> std::io::Result<Self> {
        Ok(Sqlite { folder: tempfile::tempdir()?, files: 0, base: None, large: Vec::new(), schema: Vec::new() })
    }

    fn open(&mut self) -> Result<(PathBuf, Connection), ServerError> {
        self.files += 1;
        let path = self.folder.path().join(format!("{}.db", self.files));
        let connection = Connection::open(&path).map_err(|error| refusal(&error))?;
        let settings = "PRAGMA page_size = 512; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF";
        connection.execute_batch(settings).map_err(|error| refusal(&error))?;
        Ok((path, connection))
    }

    fn forget(&mut self) {
        self.base = None;
        for (_, path, connection) in self.large.drain(..) {
            drop(connection);
            let _ = std::fs::remove_file(path);
        }
    }

    fn connections(&mut self) -> impl Iterator<Item = &mut Connection> {
        self.base.iter_mut().chain(self.large.iter_mut().map(|(_, _, connection)| connection))
    }

    fn everywhere(&mut self, sql: &str) -> Result<(), ServerError> {
        let mut result = Ok(());
        for connection in self.connections() {
            if let Err(error) = steps(connection, sql) {
                result = Err(error);
            }
        }
        result
    }
}

/// Runs one statement; the steps of the virtual machine it took.
fn steps(connection: &Connection, sql: &str) -> Result<i64, ServerError> {
    let mut statement = connection.prepare(sql).map_err(|error| refusal(&error))?;
    let mut rows = statement.raw_query();
    loop {
        match rows.next() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => return Err(refusal(&error)),
        }
    }
    drop(rows);
    Ok(i64::from(statement.get_status(StatementStatus::VmStep)))
}

fn refusal(error: &Error) -> ServerError {
    let (code, text) = match error {
        Error::SqliteFailure(code, text) => (code.extended_code, text.clone().unwrap_or_else(|| error.to_string())),
        Error::SqlInputError { error: code, msg, .. } => (code.extended_code, msg.clone()),
        other => (1, other.to_string()),
    };
    let name = match (code, code & 255) {
        (787, _) => "SQLITE_CONSTRAINT_FOREIGNKEY",
        (275, _) => "SQLITE_CONSTRAINT_CHECK",
        (1299, _) => "SQLITE_CONSTRAINT_NOTNULL",
        (1555, _) => "SQLITE_CONSTRAINT_PRIMARYKEY",
        (2067, _) => "SQLITE_CONSTRAINT_UNIQUE",
        (_, 19) => "SQLITE_CONSTRAINT",
        (_, 20) => "SQLITE_MISMATCH",
        (_, 6) => "SQLITE_LOCKED",
        (_, 8) => "SQLITE_READONLY",
        _ => "SQLITE_ERROR",
    };
    ServerError::new(name, text)
}

/// The pages of a table and what stands on each page of the file.
struct Pages {
    of: BTreeMap<String, Vec<usize>>,
    content: Vec<Vec<u8>>,
}

fn pages(path: &PathBuf, connection: &Connection) -> Option<Pages> {
    let mut statement = connection.prepare("SELECT name, pageno FROM dbstat").ok()?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)? as usize))).ok()?;
    let mut of: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (name, page) in rows.flatten() {
        of.entry(name).or_default().push(page);
    }
    let content = std::fs::read(path).ok()?.chunks(512).map(<[u8]>::to_vec).collect();
    Some(Pages { of, content })
}

/// More than half of the table's pages are not what they were.
fn changed(before: &Pages, after: &Pages, table: &str) -> bool {
    let Some(own) = before.of.get(table) else { return false };
    let differs = own.iter().filter(|page| before.content.get(**page - 1) != after.content.get(**page - 1)).count();
    own.len() > 4 && differs * 2 > own.len()
}

impl Lab for Sqlite {
    fn target(&self) -> Target {
        let version = rusqlite::version().parse().unwrap_or_else(|_| Engine::Sqlite.default_version());
        Target::new(Engine::Sqlite, version)
    }

    fn name(&self) -> String {
        format!("SQLite {}", rusqlite::version())
    }

    fn reset(&mut self) -> Result<(), String> {
        self.forget();
        self.schema.clear();
        let (_, connection) = self.open().map_err(|error| error.to_string())?;
        self.base = Some(connection);
        Ok(())
    }

    fn prepare(&mut self, sql: &str) -> Result<(), ServerError> {
        self.schema.push(sql.to_owned());
        let base = self.base.as_ref().ok_or_else(|| ServerError::new("", "no database"))?;
        steps(base, sql).map(drop)
    }

    fn fill(&mut self, data: Data) -> Result<(), String> {
        let base = self.base.as_ref().ok_or("no database")?;
        let tables = fill::sqlite::tables(base)?;
        for table in &tables {
            fill::sqlite::fill(base, table, data, FEW).map_err(|error| format!("{table} cannot be filled: {error}"))?;
        }
        for large in &tables {
            let (path, connection) = self.open().map_err(|error| error.to_string())?;
            for sql in &self.schema {
                steps(&connection, sql).map_err(|error| error.to_string())?;
            }
            for table in &tables {
                let rows = if table == large { MANY } else { FEW };
                fill::sqlite::fill(&connection, table, data, rows).map_err(|error| format!("{table} cannot be filled: {error}"))?;
            }
            self.large.push((large.clone(), path, connection));
        }
        self.everywhere("PRAGMA foreign_keys = OFF").map_err(|error| error.to_string())
    }

    fn run(&mut self, sql: &str) -> Result<(), ServerError> {
        let base = self.base.as_ref().ok_or_else(|| ServerError::new("", "no database"))?;
        steps(base, sql).map(drop)
    }

    fn ask(&mut self, query: &str) -> Result<Vec<Vec<String>>, ServerError> {
        let base = self.base.as_ref().ok_or_else(|| ServerError::new("", "no database"))?;
        let mut statement = base.prepare(query).map_err(|error| refusal(&error))?;
        let width = statement.column_count();
        let text = |value: rusqlite::types::Value| match value {
            rusqlite::types::Value::Null => String::new(),
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Real(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            rusqlite::types::Value::Blob(bytes) => format!("{bytes:?}"),
        };
        let rows = statement
            .query_map([], |row| (0..width).map(|at| row.get::<_, rusqlite::types::Value>(at).map(text)).collect::<Result<Vec<_>, _>>())
            .map_err(|error| refusal(&error))?;
        rows.collect::<Result<Vec<_>, _>>().map_err(|error| refusal(&error))
    }

    fn begin(&mut self) -> Result<(), ServerError> {
        self.everywhere("BEGIN")
    }

    fn commit(&mut self) -> Result<(), ServerError> {
        self.everywhere("COMMIT")
    }

    fn observe(&mut self, probe: &Probe<'_>) -> Observed {
        let mut seen = Observed::default();
        let Some(base) = &self.base else { return seen };
        seen.filled = self.large.iter().map(|(table, _, _)| table.to_lowercase()).filter(|table| !table.is_empty()).collect();
        let usual = match steps(base, probe.sql) {
            Ok(usual) => usual,
            Err(error) => {
                seen.error = Some(error);
                0
            }
        };
        // VACUUM and what is about transactions work outside of the statement that is counted.
        let counted = !matches!(probe.statement.verb.as_str(), "VACUUM" | "PRAGMA");
        let looked_at = !probe.in_transaction && probe.statement.verb == "ALTER TABLE";
        let (mut scans, mut rewrites) = (BTreeSet::new(), BTreeSet::new());
        for (table, path, connection) in &self.large {
            let before = if looked_at { pages(path, connection) } else { None };
            let taken = match steps(connection, probe.sql) {
                Ok(taken) => taken,
                Err(error) => {
                    if seen.error.is_none() {
                        seen.error = Some(error);
                    }
                    continue;
                }
            };
            if taken - usual >= i64::from(MANY - FEW) && !table.is_empty() {
                scans.insert(table.to_lowercase());
            }
            if let (Some(before), Some(after)) = (before, if looked_at { pages(path, connection) } else { None })
                && changed(&before, &after, table)
            {
                rewrites.insert(table.to_lowercase());
            }
        }
        // A table that is renamed stays the large one; of a dropped one another may take the name.
        for change in probe.statement.changes.iter().filter(|_| seen.error.is_none()) {
            if let (lockgate::change::Action::DropTable { .. }, Some(gone)) = (&change.action, &change.table) {
                for (table, _, _) in self.large.iter_mut().filter(|(table, _, _)| table.eq_ignore_ascii_case(&gone.name.value)) {
                    table.clear();
                }
            }
            if let (lockgate::change::Action::RenameTable { to }, Some(from)) = (&change.action, &change.table) {
                for (table, _, _) in self.large.iter_mut().filter(|(table, _, _)| table.eq_ignore_ascii_case(&from.name.value)) {
                    *table = to.name.value.clone();
                }
            }
        }
        seen.scans = counted.then_some(scans);
        seen.rewrites = looked_at.then_some(rewrites);
        seen
    }
}
