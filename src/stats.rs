//! How large the tables are: the small file that `lockgate stats` writes and `lint` reads. No
//! credentials and no data in it, so that it can be committed beside the migrations.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::catalog::{Key, TableStatistics};
use crate::engine::Target;

/// The measured tables of one database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stats {
    /// Of the file's form.
    pub version: u32,
    /// `postgres@16.4`
    pub engine: String,
    /// When it was measured: UTC, RFC 3339.
    pub measured_at: String,
    pub tables: Vec<TableStats>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableStats {
    /// Left out for the engine's default schema.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    pub table: String,
    /// Estimated.
    pub rows: u64,
    /// Of the table without its indexes.
    pub bytes: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<IndexStats>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexStats {
    pub name: String,
    pub bytes: u64,
}

/// The form written now.
pub const FORM: u32 = 1;

#[derive(Debug, thiserror::Error)]
pub enum StatsError {
    #[error("cannot read the table sizes in {path}: {error}")]
    Read { path: String, error: std::io::Error },
    #[error("{path} is not a file of table sizes: {error}")]
    Form { path: String, error: serde_json::Error },
    #[error("{path} is of form {found}, this lockgate reads form {FORM}: measure again or upgrade")]
    Version { path: String, found: u32 },
}

impl Stats {
    pub fn new(target: Target, measured_at: String, mut tables: Vec<TableStats>) -> Self {
        tables.sort_by(|a, b| (&a.schema, &a.table).cmp(&(&b.schema, &b.table)));
        Stats { version: FORM, engine: target.to_string(), measured_at, tables }
    }

    pub fn read(path: &Path) -> Result<Stats, StatsError> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| StatsError::Read { path: shown.clone(), error })?;
        Stats::parse(&text, &shown)
    }

    pub fn parse(text: &str, path: &str) -> Result<Stats, StatsError> {
        let stats: Stats = serde_json::from_str(text).map_err(|error| StatsError::Form { path: path.to_owned(), error })?;
        if stats.version != FORM {
            return Err(StatsError::Version { path: path.to_owned(), found: stats.version });
        }
        Ok(stats)
    }

    /// The file's text: one table per line would be unreadable, so it is indented; it ends in a line break.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// By name as [`Key`] displays it, lower-cased: what effects and catalogs name.
    pub fn by_name(&self) -> BTreeMap<String, TableStatistics> {
        let measured = |table: &TableStats| {
            let name = Key::new(table.schema.clone(), table.table.clone()).to_string();
            (name.to_lowercase(), TableStatistics { rows: table.rows, bytes: table.bytes })
        };
        self.tables.iter().map(measured).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;

    #[test]
    fn what_is_written_is_read_and_a_stranger_is_refused() {
        let table = TableStats { table: "Orders".to_owned(), rows: 7, bytes: 8192, ..TableStats::default() };
        let stats = Stats::new(Target::of(Engine::Sqlite), "2026-01-01T00:00:00.000Z".to_owned(), vec![table]);
        let again = Stats::parse(&stats.to_json(), "x").unwrap();
        assert_eq!(again, stats);
        assert_eq!(again.by_name()["orders"].rows, 7);
        assert!(matches!(Stats::parse(r#"{"version":9,"engine":"","measured_at":"","tables":[]}"#, "x"), Err(StatsError::Version { .. })));
        assert!(matches!(Stats::parse("[]", "x"), Err(StatsError::Form { .. })));
    }
}
