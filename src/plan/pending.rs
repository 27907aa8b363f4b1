//! What the files say against what the ledger says.

use std::fmt;

use crate::history::{Entry, State};
use crate::migration::Migration;

/// What is still to be run, and what does not agree.
#[derive(Debug, Clone, Default)]
pub struct Pending<'a> {
    pub migrations: Vec<&'a Migration>,
    pub problems: Vec<Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub kind: ProblemKind,
    pub version: String,
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// Changed after it was applied.
    Edited,
    /// Applied, and its file is gone.
    Missing,
    /// Pending, and older than what is applied.
    OutOfOrder,
    /// Opens and closes transactions in a way that cannot be followed.
    TransactionControl,
    /// Holds a command of another client.
    ClientCommand,
    /// `--to` or `start-after` names a version that does not exist.
    UnknownVersion,
}

impl ProblemKind {
    /// The rule people know it by, and accept it by where that can be.
    pub fn rule(self) -> &'static str {
        match self {
            ProblemKind::Edited => "edited-migration",
            ProblemKind::Missing => "missing-migration",
            ProblemKind::OutOfOrder => "out-of-order-version",
            ProblemKind::TransactionControl => "transaction-control",
            ProblemKind::ClientCommand => "client-command",
            ProblemKind::UnknownVersion => "unknown-version",
        }
    }

    /// Whether a person may overrule it: the others cannot be run at all.
    pub fn acceptable(self) -> bool {
        match self {
            ProblemKind::Edited | ProblemKind::Missing | ProblemKind::OutOfOrder => true,
            ProblemKind::TransactionControl | ProblemKind::ClientCommand | ProblemKind::UnknownVersion => false,
        }
    }
}

/// Where a migration stands in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    Applied,
    /// Recorded by a person without running it.
    Marked,
    /// Older than `start-after`: taken as applied before lockgate came.
    Baseline,
    Pending,
    /// Applied, and the file has changed since.
    Edited,
    /// Applied, and the file is gone.
    Missing,
    /// Begun and stopped by an error or a signal.
    Failed,
    /// Being run now, or its runner died.
    Running,
    RolledBack,
}

impl Standing {
    pub fn name(self) -> &'static str {
        match self {
            Standing::Applied => "applied",
            Standing::Marked => "marked",
            Standing::Baseline => "baseline",
            Standing::Pending => "pending",
            Standing::Edited => "edited",
            Standing::Missing => "missing",
            Standing::Failed => "failed",
            Standing::Running => "running",
            Standing::RolledBack => "rolled back",
        }
    }

    /// `apply` would run it.
    pub fn is_pending(self) -> bool {
        matches!(self, Standing::Pending | Standing::Failed | Standing::Running | Standing::RolledBack)
    }
}

/// Every migration on disk in its order, then those only the ledger knows.
pub fn standings<'a>(
    migrations: &'a [Migration],
    entries: &'a [Entry],
    start_after: Option<&str>,
) -> Vec<(Standing, Option<&'a Migration>, Option<&'a Entry>)> {
    let baseline = start_after.map(|version| baseline_length(migrations, version));
    let mut all = Vec::new();
    for (at, migration) in migrations.iter().enumerate() {
        let entry = entries.iter().find(|entry| entry.version == migration.version);
        let standing = match entry.map(|entry| entry.state) {
            None if baseline.is_some_and(|length| at < length) => Standing::Baseline,
            None => Standing::Pending,
            Some(State::Applied | State::Marked) if entry.is_some_and(|entry| entry.checksum != migration.checksum()) => Standing::Edited,
            Some(State::Applied) => Standing::Applied,
            Some(State::Marked) => Standing::Marked,
            Some(State::Running | State::RollingBack) => Standing::Running,
            Some(State::Failed) => Standing::Failed,
            Some(State::RolledBack) => Standing::RolledBack,
        };
        all.push((standing, Some(migration), entry));
    }
    for entry in entries.iter().filter(|entry| migrations.iter().all(|migration| migration.version != entry.version)) {
        let standing = match entry.state {
            State::Applied | State::Marked => Standing::Missing,
            State::Running | State::RollingBack => Standing::Running,
            State::Failed => Standing::Failed,
            State::RolledBack => Standing::RolledBack,
        };
        all.push((standing, None, Some(entry)));
    }
    all
}

/// How many migrations from the first are at or before a version.
fn baseline_length(migrations: &[Migration], version: &str) -> usize {
    if let Some(at) = migrations.iter().position(|migration| migration.version == version) {
        return at + 1;
    }
    let before = |migration: &&Migration| match (migration.version.parse::<u128>(), version.parse::<u128>()) {
        (Ok(ours), Ok(theirs)) => ours <= theirs,
        _ => migration.version.as_str() <= version,
    };
    migrations.iter().take_while(before).count()
}

/// What `apply` would run, in order, up to and including `to`.
pub fn pending<'a>(migrations: &'a [Migration], entries: &'a [Entry], start_after: Option<&str>, to: Option<&str>) -> Pending<'a> {
    let mut pending = Pending::default();
    if let Some(version) = to
        && migrations.iter().all(|migration| migration.version != version)
    {
        let message = format!("there is no migration {version} to stop at");
        pending.problems.push(Problem { kind: ProblemKind::UnknownVersion, version: version.to_owned(), message });
        return pending;
    }
    let standings = standings(migrations, entries, start_after);
    let newest = standings.iter().rposition(|(standing, migration, _)| {
        migration.is_some() && matches!(standing, Standing::Applied | Standing::Marked | Standing::Edited)
    });
    let mut past_end = false;
    for (at, (standing, migration, entry)) in standings.into_iter().enumerate() {
        let mut problem = |kind, version: &str, message| pending.problems.push(Problem { kind, version: version.to_owned(), message });
        match (standing, migration, entry) {
            (Standing::Edited, Some(migration), Some(entry)) => problem(
                ProblemKind::Edited,
                &migration.version,
                format!("{} was applied on {} and its file has changed since", migration.version, day(entry)),
            ),
            (Standing::Missing, None, Some(entry)) => problem(
                ProblemKind::Missing,
                &entry.version,
                format!("{} ({}) was applied on {} and its file is gone", entry.version, entry.name, day(entry)),
            ),
            (standing, Some(migration), _) if standing.is_pending() && !past_end => {
                if newest.is_some_and(|newest| at < newest) && standing == Standing::Pending {
                    let message = format!("{} is pending, but a newer migration is applied already", migration.version);
                    problem(ProblemKind::OutOfOrder, &migration.version, message);
                }
                pending.migrations.push(migration);
            }
            (Standing::Running | Standing::Failed, None, Some(entry)) => problem(
                ProblemKind::Missing,
                &entry.version,
                format!("{} ({}) was begun on {}, did not end, and its file is gone", entry.version, entry.name, day(entry)),
            ),
            _ => {}
        }
        past_end |= migration.is_some_and(|migration| Some(migration.version.as_str()) == to);
    }
    pending
}

fn day(entry: &Entry) -> &str {
    entry.started_at.split('T').next().unwrap_or(&entry.started_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Engine, Target};
    use crate::migration::{Down, TransactionMode};
    use crate::source::{Script, SourceId};

    fn migration(version: &str) -> Migration {
        Migration {
            target: Target::of(Engine::Postgres),
            version: version.to_owned(),
            name: String::new(),
            up: Script::whole(SourceId(0), version.into()),
            down: Down::Missing,
            transaction: TransactionMode::PerMigration,
            down_transaction: TransactionMode::PerMigration,
            transaction_directive: None,
            paths: Vec::new(),
            repeatable: false,
            placeholders: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn entry(version: &str, state: State) -> Entry {
        Entry {
            ordinal: 1,
            version: version.to_owned(),
            name: String::new(),
            checksum: migration(version).checksum(),
            state,
            started_at: "2026-01-01T00:00:00.000Z".to_owned(),
            finished_at: None,
            duration_ms: None,
            down_script: None,
            applied_by: String::new(),
            lockgate_version: String::new(),
            accepted: Vec::new(),
            error: None,
        }
    }

    fn versions<'a>(pending: &Pending<'a>) -> Vec<&'a str> {
        pending.migrations.iter().map(|migration| migration.version.as_str()).collect()
    }

    #[test]
    fn what_start_after_covers_is_not_run_and_to_ends_the_list() {
        let all = ["2", "9", "10", "11"].map(migration);
        assert_eq!(versions(&pending(&all, &[], Some("9"), None)), ["10", "11"]);
        // A version that is not there counts by its number.
        assert_eq!(versions(&pending(&all, &[], Some("8"), Some("10"))), ["9", "10"]);
        let unknown = pending(&all, &[], None, Some("12"));
        assert_eq!((versions(&unknown).len(), unknown.problems[0].kind), (0, ProblemKind::UnknownVersion));
    }

    #[test]
    fn unfinished_runs_are_taken_up_and_late_comers_are_reported() {
        let all = ["1", "2", "3"].map(migration);
        let entries = [entry("2", State::Applied), entry("3", State::Failed)];
        let found = pending(&all, &entries, None, None);
        assert_eq!(versions(&found), ["1", "3"]);
        assert_eq!(found.problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(), [ProblemKind::OutOfOrder]);
        let lost = [entry("0", State::Running)];
        assert_eq!(pending(&all, &lost, None, None).problems[0].kind, ProblemKind::Missing);
    }
}
