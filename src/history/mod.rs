//! What has been run: our own tables in the database itself, and who may run now.
//!
//! `lockgate_history` has one row per run of a migration, newest last; `lockgate_steps` has one row
//! per statement that could not share a transaction with that row: written before the statement is
//! sent, so that a crash in the middle is seen by whoever comes next.

mod accepted;
mod clock;
mod entry;
mod ledger;
mod lock;
mod schema;

pub use accepted::Accepted;
pub use clock::timestamp;
pub use entry::{Entry, State, StepRow, StepState};
pub use ledger::{Ledger, NewEntry, NewStep};
pub use lock::{Holder, LockError, RunLock, acquire};

use std::sync::OnceLock;

/// Who runs: `user@host`, for the ledger and for whoever waits.
pub fn whoami() -> String {
    static SAID: OnceLock<String> = OnceLock::new();
    SAID.get_or_init(ask).clone()
}

fn ask() -> String {
    let said = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let user = said.or_else(account).unwrap_or_else(|| "unknown".to_owned());
    let host = std::env::var("HOSTNAME")
        .ok()
        .or_else(|| std::fs::read_to_string("/proc/sys/kernel/hostname").ok())
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .map(|host| host.trim().to_owned())
        .filter(|host| !host.is_empty())
        .unwrap_or_else(|| "unknown".to_owned());
    format!("{user}@{host}")
}

/// Jobs and containers often run without the usual variables.
fn account() -> Option<String> {
    let output = std::process::Command::new("id").arg("-un").output().ok()?;
    let name = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !name.is_empty()).then_some(name)
}
