//! SQLite: rows whose parent went away while foreign keys were switched off.

use std::collections::BTreeMap;

use super::error::Stop;
use crate::driver::{ServerError, Session};
use crate::engine::Engine;
use crate::plan::PlannedMigration;

/// How many rows of each table refer to nothing, by table and parent. Row ids change when a table is
/// rebuilt, numbers do not.
type Counts = BTreeMap<(String, String), u64>;

/// Compares before and after; nothing to compare unless the script switches foreign keys.
pub(super) struct Orphans {
    before: Option<Counts>,
}

impl Orphans {
    pub fn before(session: &mut dyn Session, migration: &PlannedMigration) -> Result<Orphans, ServerError> {
        let concerned = session.engine() == Engine::Sqlite && migration.steps().any(|step| step.foreign_keys);
        Ok(Orphans { before: if concerned { Some(count(session)?) } else { None } })
    }

    /// Those that were there before are not this migration's doing.
    pub fn after(&self, session: &mut dyn Session) -> Result<(), Stop> {
        let Some(before) = &self.before else { return Ok(()) };
        let after = count(session).map_err(Stop::Refused)?;
        let mut new = Vec::new();
        for ((table, parent), rows) in after {
            let known = before.get(&(table.clone(), parent.clone())).copied().unwrap_or(0);
            if rows > known {
                new.push(format!("{} rows of {table} refer to rows of {parent} that do not exist", rows - known));
            }
        }
        if new.is_empty() { Ok(()) } else { Err(Stop::Check(format!("PRAGMA foreign_key_check: {}", new.join("; ")))) }
    }
}

fn count(session: &mut dyn Session) -> Result<Counts, ServerError> {
    let mut counts = Counts::new();
    for row in session.query("SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2")? {
        let mut columns = row.into_iter().map(Option::unwrap_or_default);
        let key = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
        counts.insert(key, columns.next().and_then(|text| text.parse().ok()).unwrap_or_default());
    }
    Ok(counts)
}
