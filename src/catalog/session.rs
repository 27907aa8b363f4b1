//! The session that runs the migrations: transaction and settings.

use std::collections::BTreeMap;

use super::birth::Birth;
use super::given::Given;
use super::key::Key;
use crate::engine::Engine;
use crate::source::Location;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Session {
    pub transaction: Option<Transaction>,
    /// Current settings by lower-case name: `search_path`, `lock_timeout`, `timezone`,
    /// `foreign_key_checks`, `foreign_keys`, `sql_mode`, `session_replication_role` …
    pub settings: BTreeMap<String, Setting>,
    /// Values that a SET LOCAL hides until the transaction ends.
    pub(super) hidden: BTreeMap<String, Option<Setting>>,
    /// The script arrives as one message: PostgreSQL puts a transaction around its statements by
    /// itself, which a BEGIN makes the script's own, and opens the next one behind a COMMIT.
    pub one_message: bool,
    /// PostgreSQL search path or MySQL's current database, first entry first.
    pub search_path: Vec<String>,
    /// PostgreSQL: rows of constants that INSERTs of this migration have put in and nothing can have
    /// changed since.
    pub given: Vec<Given>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub value: String,
    /// SET LOCAL: ends with the transaction.
    pub local: bool,
    pub birth: Birth,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Transaction {
    pub number: u32,
    /// The script's own BEGIN; otherwise the runner wrapped the migration.
    pub explicit: bool,
    pub opened: Option<Location>,
    pub savepoints: Vec<String>,
    /// PostgreSQL: tables with new rows that a deferred constraint has yet to check.
    pub unchecked: Vec<Key>,
    /// SET CONSTRAINTS … IMMEDIATE: nothing is deferred.
    pub checks_at_once: bool,
}

impl Session {
    /// A new connection's session.
    pub fn opened(engine: Engine) -> Self {
        let search_path = match engine {
            Engine::Postgres => vec!["$user".to_owned(), "public".to_owned()],
            Engine::Mysql | Engine::Mariadb | Engine::Sqlite => Vec::new(),
        };
        Session { search_path, ..Session::default() }
    }

    /// The transaction is over, and with it SET LOCAL.
    pub(super) fn end_transaction(&mut self) {
        self.transaction = None;
        if self.hidden.is_empty() {
            return;
        }
        for (name, setting) in std::mem::take(&mut self.hidden) {
            match setting {
                Some(setting) => self.settings.insert(name, setting),
                None => self.settings.remove(&name),
            };
        }
        self.read_search_path();
    }

    /// A rollback undoes SET in PostgreSQL; elsewhere settings stay.
    pub(super) fn restore(&mut self, before: Session, engine: Engine) {
        match engine {
            Engine::Postgres => *self = before,
            Engine::Mysql | Engine::Mariadb | Engine::Sqlite => self.transaction = before.transaction,
        }
    }

    /// Reads `search_path` again from the settings (PostgreSQL).
    pub(super) fn read_search_path(&mut self) {
        self.search_path = match self.settings.get("search_path") {
            Some(setting) => setting
                .value
                .split(',')
                .map(|schema| schema.trim().trim_matches(['"', '\'']).to_owned())
                .filter(|schema| !schema.is_empty())
                .collect(),
            None => Session::opened(Engine::Postgres).search_path,
        };
    }

    /// The value of a setting, as it was set.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(|setting| setting.value.as_str())
    }

    /// Whether an on/off setting is off; `None` when nothing has set it.
    pub fn is_off(&self, name: &str) -> Option<bool> {
        let value = self.setting(name)?;
        Some(matches!(value.to_ascii_lowercase().as_str(), "0" | "off" | "false" | "no"))
    }
}
