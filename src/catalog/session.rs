//! The session that runs the migrations: transaction and settings.

use std::collections::BTreeMap;

use super::birth::Birth;
use crate::source::Location;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Session {
    pub transaction: Option<Transaction>,
    /// Current settings by lower-case name: `search_path`, `lock_timeout`, `timezone`,
    /// `foreign_key_checks`, `foreign_keys`, `sql_mode`, `session_replication_role` …
    pub settings: BTreeMap<String, Setting>,
    /// PostgreSQL search path or MySQL's current database, first entry first.
    pub search_path: Vec<String>,
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
}

impl Session {
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
