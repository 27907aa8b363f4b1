//! Which migrations a rollback takes back, and by which script.

use crate::history::{Entry, State};
use crate::migration::{Down, Migration};

/// One migration to be taken back.
#[derive(Debug, Clone)]
pub struct Revert<'a> {
    pub entry: &'a Entry,
    /// The file's own down script is used where there is one: it is what people can read and mend.
    pub migration: Option<&'a Migration>,
    /// The down script kept in the ledger, for migrations whose file is gone.
    pub stored: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevertError {
    #[error("nothing is applied that could be rolled back")]
    Nothing,
    #[error("{0} is not applied, so nothing can be rolled back to it")]
    NotApplied(String),
    #[error("{version} ({name}) has no down script, neither on disk nor in the ledger: it cannot be rolled back")]
    NoDown { version: String, name: String },
    #[error("{version} ({name}) was begun and did not end: run `lockgate apply` to bring it to an end first")]
    Unfinished { version: String, name: String },
}

/// The applied migrations after `to`, newest first; without `to`, the newest alone.
pub fn revertible<'a>(migrations: &'a [Migration], entries: &'a [Entry], to: Option<&str>) -> Result<Vec<Revert<'a>>, RevertError> {
    // A rollback that died is taken up again; anything else unfinished has to be settled first.
    let newest_first: Vec<&Entry> = entries.iter().rev().filter(|entry| entry.state != State::RolledBack).collect();
    let end = match to {
        None => 1.min(newest_first.len()),
        Some(version) => newest_first
            .iter()
            .position(|entry| entry.version == version && entry.state.is_applied())
            .ok_or_else(|| RevertError::NotApplied(version.to_owned()))?,
    };
    let mut reverts = Vec::new();
    for entry in newest_first.into_iter().take(end) {
        let (version, name) = (entry.version.clone(), entry.name.clone());
        match entry.state {
            State::Running | State::Failed => return Err(RevertError::Unfinished { version, name }),
            State::Applied | State::Marked | State::RollingBack | State::RolledBack => {}
        }
        let migration = migrations.iter().find(|migration| migration.version == entry.version);
        let on_disk = migration.filter(|migration| matches!(migration.down, Down::Script(_)));
        let stored = entry.down_script.as_deref().filter(|text| !text.trim().is_empty());
        if on_disk.is_none() && stored.is_none() {
            return Err(RevertError::NoDown { version, name });
        }
        reverts.push(Revert { entry, migration: on_disk, stored });
    }
    if reverts.is_empty() && to.is_none() {
        return Err(RevertError::Nothing);
    }
    Ok(reverts)
}
