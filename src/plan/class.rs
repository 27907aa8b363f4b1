//! How long a statement may wait for locks, and whether it may be tried again.
//!
//! One timeout for everything is wrong: a short one breaks `CREATE INDEX CONCURRENTLY` (it gives up
//! and leaves an invalid index behind), a long one lets an ALTER TABLE queue in front of every query.

use crate::change::{Action, ChangeKind, Statement};
use crate::effect::{Effects, Transactionality};
use crate::engine::Engine;

/// How long to wait for a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Patience {
    /// Whoever waits for this lock blocks everybody behind: give up soon, try again later.
    Brief,
    /// Waits for rows at most.
    Normal,
    /// Waits without blocking others, and must not be interrupted by a timeout.
    Endless,
}

/// What may be done after a lock timeout or a deadlock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retry {
    /// Refused statements left nothing behind: run it again.
    Safe,
    /// It may have done part of its work.
    Unsafe,
}

pub(super) fn patience(engine: Engine, statement: &Statement) -> Patience {
    let of = statement.changes.iter().map(|change| of_action(engine, &change.action));
    // The statement waits as its most demanding change does.
    of.min_by_key(|patience| match patience {
        Patience::Endless => 0,
        Patience::Brief => 1,
        Patience::Normal => 2,
    })
    .unwrap_or(Patience::Brief)
}

fn of_action(engine: Engine, action: &Action) -> Patience {
    match action {
        Action::CreateIndex(index) if index.concurrently.is_some() => Patience::Endless,
        Action::DropIndex(index) if index.concurrently.is_some() => Patience::Endless,
        Action::Reindex(reindex) if reindex.concurrently.is_some() => Patience::Endless,
        Action::DetachPartition { concurrently: Some(_), .. } => Patience::Endless,
        Action::RefreshView { concurrently: Some(_), .. } => Patience::Endless,
        // SHARE UPDATE EXCLUSIVE: nobody's reads or writes wait behind it.
        Action::ValidateConstraint { .. } if engine == Engine::Postgres => Patience::Endless,
        Action::Vacuum { full: false, .. } if engine == Engine::Postgres => Patience::Endless,
        Action::Analyze { .. } if engine == Engine::Postgres => Patience::Endless,
        Action::Insert(_)
        | Action::Update(_)
        | Action::Delete(_)
        | Action::Copy(_)
        | Action::Merge { .. }
        | Action::Select { .. }
        | Action::SetVariable(_)
        | Action::Pragma(_)
        | Action::Explain { .. }
        | Action::Nothing => Patience::Normal,
        _ => Patience::Brief,
    }
}

/// A statement alone is atomic on every engine, with these exceptions.
pub(super) fn retry(engine: Engine, statement: &Statement) -> Retry {
    let partial = statement.changes.iter().any(|change| match &change.action {
        // Leaves an invalid index, a half-detached partition.
        Action::CreateIndex(index) => index.concurrently.is_some(),
        Action::DropIndex(index) => index.concurrently.is_some(),
        Action::Reindex(reindex) => reindex.concurrently.is_some(),
        Action::DetachPartition { concurrently, .. } => concurrently.is_some(),
        // MariaDB drops the tables it finds and then reports the one it does not.
        Action::DropTable { siblings, .. } => engine == Engine::Mariadb && *siblings > 1,
        // Procedures and blocks may commit on the way.
        Action::CallRoutine { .. } | Action::Block { .. } | Action::DynamicSql { .. } => true,
        Action::Opaque { .. } => engine.is_mysql_family(),
        _ => false,
    });
    if partial { Retry::Unsafe } else { Retry::Safe }
}

/// Acts on the session alone: run again by whoever goes on after a crash, never recorded.
pub(super) fn is_session(statement: &Statement) -> bool {
    !statement.changes.is_empty()
        && statement.changes.iter().all(|change| {
            matches!(
                change.action.kind(),
                ChangeKind::SetVariable | ChangeKind::Pragma | ChangeKind::UseDatabase | ChangeKind::SetConstraints | ChangeKind::Nothing
            )
        })
}

/// Reads or writes rows and leaves the schema alone.
pub(super) fn is_rows(statement: &Statement) -> bool {
    use ChangeKind::{Copy, Delete, Insert, Merge, Select, Update};
    !statement.changes.is_empty()
        && statement.changes.iter().all(|change| matches!(change.action.kind(), Insert | Update | Delete | Copy | Merge | Select))
}

/// Doing it twice is doing it once.
pub(super) fn is_repeatable(statement: &Statement) -> bool {
    !statement.changes.is_empty()
        && statement.changes.iter().all(|change| match &change.action {
            Action::Vacuum { .. }
            | Action::Analyze { .. }
            | Action::Optimize
            | Action::CheckTable
            | Action::Flush { .. }
            | Action::Checkpoint
            | Action::Cluster { .. }
            | Action::RefreshView { .. }
            | Action::Select { .. }
            | Action::Explain { .. }
            | Action::Nothing => true,
            Action::Reindex(reindex) => reindex.concurrently.is_none(),
            _ => false,
        })
}

/// Whether the statement and a row of our own can share a transaction.
pub(super) fn fits_transaction(engine: Engine, statement: &Statement, whole: &Effects) -> bool {
    if whole.transactionality == Transactionality::Forbidden || whole.implicit_commit {
        return false;
    }
    statement.changes.iter().all(|change| fits(engine, &change.action))
}

fn fits(engine: Engine, action: &Action) -> bool {
    let kind = action.kind();
    if let Action::Opaque { words, .. } = action {
        return fits_unread(engine, words);
    }
    match engine {
        Engine::Postgres => match action {
            Action::CreateIndex(index) => index.concurrently.is_none(),
            Action::DropIndex(index) => index.concurrently.is_none(),
            Action::Reindex(reindex) => reindex.concurrently.is_none(),
            Action::DetachPartition { concurrently, .. } => concurrently.is_none(),
            Action::Vacuum { .. } | Action::AlterSystem { .. } => false,
            _ => true,
        },
        // Everything that is not rows commits implicitly (MySQL manual 15.3.3).
        Engine::Mysql | Engine::Mariadb => matches!(
            kind,
            ChangeKind::Insert
                | ChangeKind::Update
                | ChangeKind::Delete
                | ChangeKind::Select
                | ChangeKind::SetVariable
                | ChangeKind::UseDatabase
                | ChangeKind::Savepoint
                | ChangeKind::ReleaseSavepoint
                | ChangeKind::RollbackToSavepoint
                | ChangeKind::Nothing
        ),
        Engine::Sqlite => !matches!(kind, ChangeKind::Vacuum | ChangeKind::AttachDatabase),
    }
}

/// A statement nobody could read: its leading words must do.
fn fits_unread(engine: Engine, words: &[String]) -> bool {
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    match engine {
        Engine::Postgres => !matches!(
            (word(0), word(1)),
            ("VACUUM", _) | ("CREATE" | "DROP" | "ALTER", "DATABASE" | "TABLESPACE" | "SYSTEM") | ("CREATE" | "DROP", "SUBSCRIPTION")
        ),
        Engine::Mysql | Engine::Mariadb => false,
        Engine::Sqlite => !matches!(word(0), "VACUUM" | "ATTACH" | "DETACH"),
    }
}
