//! MySQL and MariaDB: which ALGORITHM and LOCK the server accepts, whether InnoDB gave the table a
//! new id, whether a row written before survives a ROLLBACK, and who waits for an open reader.

use std::collections::BTreeMap;

use lockgate::change::Action;
use lockgate::driver::{Outcome, ServerError, Session};
use lockgate::effect::LockMode;
use lockgate::engine::{Engine, Target};

use super::fill;
use super::lab::{Data, Lab, Observed, Online, Probe};

pub struct Mysql {
    session: Box<dyn Session>,
    /// Reads tables in transactions that stay open.
    reader: Box<dyn Session>,
    database: String,
    lost: bool,
}

/// Least intrusive first.
const MYSQL: [(&str, &str); 6] =
    [("INSTANT", ""), ("INPLACE", "NONE"), ("INPLACE", "SHARED"), ("INPLACE", "EXCLUSIVE"), ("COPY", "SHARED"), ("COPY", "EXCLUSIVE")];
const MARIADB: [(&str, &str); 10] = [
    ("INSTANT", "NONE"),
    ("NOCOPY", "NONE"),
    ("INPLACE", "NONE"),
    ("INSTANT", "SHARED"),
    ("NOCOPY", "SHARED"),
    ("INPLACE", "SHARED"),
    ("INPLACE", "EXCLUSIVE"),
    ("COPY", "NONE"),
    ("COPY", "SHARED"),
    ("COPY", "EXCLUSIVE"),
];

impl Mysql {
    pub fn new(session: Box<dyn Session>, reader: Box<dyn Session>, database: &str) -> Self {
        Mysql { session, reader, database: database.to_owned(), lost: false }
    }

    fn execute(&mut self, sql: &str) -> Result<Outcome, ServerError> {
        self.session.execute(sql).inspect_err(|error| self.lost |= error.connection_lost)
    }

    fn is_mariadb(&self) -> bool {
        self.session.info().engine == Engine::Mariadb
    }

    fn tables(&mut self) -> Vec<String> {
        fill::mysql::tables(self.session.as_mut())
    }

    /// InnoDB's number of each table and of its file: a table built anew has others.
    fn ids(&mut self) -> BTreeMap<String, String> {
        let old = self.is_mariadb() || !self.target().at_least(8, 0, 0);
        let view = if old { "INNODB_SYS_TABLES" } else { "INNODB_TABLES" };
        let query =
            format!("SELECT NAME, CONCAT(TABLE_ID, ' ', SPACE) FROM information_schema.{view} WHERE NAME LIKE '{}/%'", self.database);
        let rows = self.session.query(&query).unwrap_or_default();
        rows.into_iter().filter_map(|row| Some((row.first()?.clone()?, row.get(1)?.clone()?))).collect()
    }

    /// Somebody reads these tables and does not finish.
    fn read(&mut self, tables: &[String]) {
        let _ = self.reader.execute("ROLLBACK");
        let _ = self.reader.execute("START TRANSACTION");
        for table in tables {
            let _ = self.reader.query(&format!("SELECT 1 FROM `{}`.`{table}` LIMIT 1", self.database));
        }
    }

    /// Runs the statement with readers on all tables it should not wait for, after seeing that it
    /// waits for those it should wait for.
    fn run(&mut self, sql: &str, probe: &Probe<'_>, seen: &mut Observed) -> Result<Outcome, ServerError> {
        if !self.is_mariadb() || probe.in_transaction || !is_ddl(probe) {
            return self.execute(sql);
        }
        let all = self.tables();
        let locked: Vec<String> = (all.iter())
            .filter(|table| {
                let taken = |lock: &lockgate::effect::Lock| lock.relation == **table && lock.mode == LockMode::MetadataExclusive;
                probe.predicted.whole.locks.iter().any(taken)
            })
            .cloned()
            .collect();
        let free: Vec<String> = all.iter().filter(|table| !locked.contains(table)).cloned().collect();
        // Without patience: who would wait fails at once.
        self.execute("SET SESSION lock_wait_timeout = 0")?;
        let mut result = None;
        for table in &locked {
            self.read(std::slice::from_ref(table));
            let ran = self.execute(sql);
            let waits = ran.as_ref().is_err_and(ServerError::is_lock_timeout);
            if !waits {
                // It failed for another reason, or went through.
                if ran.is_ok() {
                    seen.waits.insert(table.clone(), false);
                }
                result = Some(ran);
                break;
            }
            seen.waits.insert(table.clone(), true);
        }
        if result.is_none() {
            self.read(&free);
            let ran = self.execute(sql);
            if ran.as_ref().is_err_and(ServerError::is_lock_timeout) {
                let mut waiting = None;
                for table in &free {
                    self.read(std::slice::from_ref(table));
                    let ran = self.execute(sql);
                    let waits = ran.as_ref().is_err_and(ServerError::is_lock_timeout);
                    if waits {
                        seen.waits.insert(table.clone(), true);
                    } else {
                        waiting = Some(ran);
                        break;
                    }
                }
                let _ = self.reader.execute("ROLLBACK");
                result = Some(waiting.unwrap_or_else(|| self.execute(sql)));
            } else {
                if ran.is_ok() {
                    seen.waits.extend(free.iter().map(|table| (table.clone(), false)));
                }
                result = Some(ran);
            }
        }
        let _ = self.reader.execute("ROLLBACK");
        let _ = self.execute("SET SESSION lock_wait_timeout = 30");
        result.unwrap_or_else(|| self.execute(sql))
    }

    /// The least intrusive ALGORITHM and LOCK the server takes, used.
    fn attempts(&mut self, probe: &Probe<'_>, seen: &mut Observed) -> Option<Result<Outcome, ServerError>> {
        let all: &[(&'static str, &'static str)] = if self.is_mariadb() { &MARIADB } else { &MYSQL };
        let before = self.ids();
        for (algorithm, lock) in all {
            let sql = with_clauses(probe, algorithm, lock);
            match self.run(&sql, probe, seen) {
                Ok(outcome) => {
                    let after = self.ids();
                    let rebuilt = before.iter().any(|(name, id)| after.get(name).is_some_and(|now| now != id));
                    let named = match *algorithm {
                        _ if outcome.rows > 0 => "copy",
                        "INSTANT" => "instant",
                        "COPY" => "copy",
                        _ => "inplace",
                    };
                    let writes = matches!(*lock, "" | "NONE");
                    seen.online = Some(Online { algorithm: named, writes, rebuilt: rebuilt || outcome.rows > 0 });
                    return Some(Ok(outcome));
                }
                Err(error) if matches!(error.code.as_str(), "1845" | "1846" | "1221" | "1235") => {}
                Err(error) => return Some(Err(error)),
            }
        }
        None
    }
}

fn is_ddl(probe: &Probe<'_>) -> bool {
    let first = probe.statement.verb.split(' ').next().unwrap_or_default();
    matches!(first, "ALTER" | "CREATE" | "DROP" | "RENAME" | "TRUNCATE" | "OPTIMIZE") && !probe.statement.verb.contains("DATABASE")
}

/// ALTER TABLE and the index statements, where they do not say themselves how.
fn takes_clauses(probe: &Probe<'_>, mariadb: bool) -> bool {
    let verb = probe.statement.verb.as_str();
    // MariaDB's DROP INDEX has no such clauses.
    if mariadb && verb == "DROP INDEX" {
        return false;
    }
    let modifiers = &probe.statement.modifiers;
    let kind = verb == "ALTER TABLE" || verb.ends_with(" INDEX") && (verb.starts_with("CREATE") || verb.starts_with("DROP"));
    let fits = |action: &Action| {
        !matches!(action, Action::RenameTable { .. } | Action::Partition(_) | Action::Opaque { .. } | Action::OrderBy | Action::Keys { .. })
    };
    kind && modifiers.algorithm.is_none()
        && modifiers.lock.is_none()
        && !modifiers.online
        && probe.statement.changes.iter().all(|change| fits(&change.action))
}

fn with_clauses(probe: &Probe<'_>, algorithm: &str, lock: &str) -> String {
    let sql = probe.sql.trim_end();
    let index = probe.statement.verb != "ALTER TABLE";
    let (comma, between) = if index { ("", " ") } else { (",", ", ") };
    let lock = if lock.is_empty() { String::new() } else { format!("{between}LOCK={lock}") };
    format!("{sql}{comma} ALGORITHM={algorithm}{lock}")
}

impl Lab for Mysql {
    fn target(&self) -> Target {
        self.session.info().target()
    }

    fn name(&self) -> String {
        let version = self.session.info().version;
        format!("{} {}.{}", self.session.info().engine.title(), version.major, version.minor)
    }

    fn reset(&mut self) -> Result<(), String> {
        let database = self.database.clone();
        let failed = |error: ServerError| format!("the database cannot be emptied: {error}");
        let _ = self.reader.execute("ROLLBACK");
        for sql in ["ROLLBACK", "UNLOCK TABLES", "SET SESSION sql_mode = DEFAULT", "SET SESSION lock_wait_timeout = 30"] {
            self.execute(sql).map_err(failed)?;
        }
        for sql in ["SET SESSION foreign_key_checks = 0", "SET SESSION autocommit = 1", "SET SESSION unique_checks = 1"] {
            self.execute(sql).map_err(failed)?;
        }
        let others = "SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN \
                      ('mysql', 'sys', 'information_schema', 'performance_schema', 'test', 'lockgate_marker')";
        for row in self.session.query(others).map_err(failed)? {
            let name = row.into_iter().flatten().next().unwrap_or_default();
            self.execute(&format!("DROP DATABASE `{name}`")).map_err(failed)?;
        }
        for sql in [
            format!("CREATE DATABASE `{database}` CHARACTER SET utf8mb4"),
            format!("USE `{database}`"),
            "CREATE DATABASE IF NOT EXISTS lockgate_marker".to_owned(),
            "CREATE TABLE IF NOT EXISTS lockgate_marker.marker (x int) ENGINE=InnoDB".to_owned(),
            "SET SESSION foreign_key_checks = 1".to_owned(),
        ] {
            self.execute(&sql).map_err(failed)?;
        }
        Ok(())
    }

    fn prepare(&mut self, sql: &str) -> Result<(), ServerError> {
        self.execute(sql).map(drop)
    }

    fn fill(&mut self, data: Data) -> Result<(), String> {
        fill::mysql::fill(self.session.as_mut(), data)
    }

    fn begin(&mut self) -> Result<(), ServerError> {
        self.execute("START TRANSACTION").map(drop)
    }

    fn commit(&mut self) -> Result<(), ServerError> {
        self.execute("COMMIT").map(drop)
    }

    fn observe(&mut self, probe: &Probe<'_>) -> Observed {
        let mut seen = Observed { filled: self.tables().into_iter().map(|name| name.to_lowercase()).collect(), ..Observed::default() };
        if takes_clauses(probe, self.is_mariadb())
            && let Some(ran) = self.attempts(probe, &mut seen)
        {
            seen.error = ran.err();
            return seen;
        }
        seen.waits.clear();
        let marked = is_ddl(probe) && !probe.in_transaction;
        if marked {
            let _ = self.execute("START TRANSACTION");
            let _ = self.execute("INSERT INTO lockgate_marker.marker VALUES (1)");
        }
        let ran = if marked { self.execute(probe.sql) } else { self.run(probe.sql, probe, &mut seen) };
        if marked {
            let _ = self.execute("ROLLBACK");
            let kept = self.reader.query_value("SELECT COUNT(*) FROM lockgate_marker.marker").ok().flatten();
            if ran.is_ok() {
                seen.commits = kept.map(|count| count != "0");
            }
            let _ = self.reader.execute("DELETE FROM lockgate_marker.marker");
        }
        seen.error = ran.err();
        seen
    }

    fn run(&mut self, sql: &str) -> Result<(), ServerError> {
        self.execute(sql).map(drop)
    }

    fn ask(&mut self, query: &str) -> Result<Vec<Vec<String>>, ServerError> {
        self.session.query(query).map(fill::plain)
    }

    fn lost(&self) -> bool {
        self.lost
    }
}
