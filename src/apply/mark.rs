//! Records migrations as applied without running them: for a database that was there before lockgate.

use std::time::SystemTime;

use super::error::ApplyError;
use super::interrupt::Interrupt;
use super::options::Options;
use super::progress::Progress;
use super::run::take_lock;
use crate::driver::{DatabaseUrl, Session};
use crate::history::{Ledger, NewEntry, State};
use crate::migration::{Down, Migration};

/// Records every migration up to and including `version` that the ledger does not know; gives their
/// versions.
pub fn mark(
    session: &mut dyn Session,
    url: &DatabaseUrl,
    migrations: &[Migration],
    version: &str,
    options: &Options,
    interrupt: &Interrupt,
    progress: &mut dyn Progress,
) -> Result<Vec<String>, ApplyError> {
    let Some(last) = migrations.iter().position(|migration| migration.version == version) else {
        return Err(ApplyError::Stale(format!("there is no migration {version}")));
    };
    let ledger = Ledger::locate(session).map_err(ApplyError::Ledger)?;
    let lock = take_lock(session, &ledger, url, options, interrupt, progress)?;
    let marked = mark_all(session, &ledger, migrations.get(..=last).unwrap_or_default());
    lock.release(session);
    marked
}

fn mark_all(session: &mut dyn Session, ledger: &Ledger, migrations: &[Migration]) -> Result<Vec<String>, ApplyError> {
    ledger.create(session).map_err(ApplyError::Ledger)?;
    let entries = ledger.entries(session).map_err(ApplyError::Ledger)?;
    let mut marked = Vec::new();
    for migration in migrations {
        let known = entries.iter().find(|entry| entry.version == migration.version);
        if known.is_some_and(|entry| !matches!(entry.state, State::RolledBack | State::Failed)) {
            continue;
        }
        let now = SystemTime::now();
        let checksum = migration.checksum();
        let down = match &migration.down {
            Down::Script(script) => Some(script.text.trim()),
            Down::Missing | Down::Empty(_) | Down::NotSupported | Down::Irreversible(_) => None,
        };
        let new = NewEntry {
            version: &migration.version,
            name: &migration.name,
            checksum: &checksum,
            down_script: down,
            accepted: &[],
            started: now,
            state: State::Marked,
            finished: Some(now),
            error: None,
        };
        ledger.insert(session, &new).map_err(ApplyError::Ledger)?;
        marked.push(migration.version.clone());
    }
    Ok(marked)
}
