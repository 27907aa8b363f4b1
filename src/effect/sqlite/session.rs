//! Transactions, pragmas and maintenance.

use super::work::{Work, absent};
use crate::catalog::Catalog;
use crate::change::{Action, ObjectName, Pragma, ReindexTarget};
use crate::effect::{FailureCause, ScanReason, Transactionality, Truth};

pub(super) fn transaction(work: &mut Work<'_>, action: &Action) {
    let open = work.before.session.transaction.as_ref();
    let known = |name: &str| open.is_some_and(|transaction| transaction.savepoints.iter().any(|it| it.eq_ignore_ascii_case(name)));
    let refused = match action {
        Action::Begin { .. } if open.is_some() => Some("cannot start a transaction within a transaction".to_owned()),
        Action::Commit { .. } if open.is_none() => Some("cannot commit - no transaction is active".to_owned()),
        Action::Rollback { .. } if open.is_none() => Some("cannot rollback - no transaction is active".to_owned()),
        Action::ReleaseSavepoint { name } | Action::RollbackToSavepoint { name } if !known(&name.value) => {
            Some(format!("no such savepoint: {name}"))
        }
        _ => None,
    };
    if let Some(reason) = refused {
        work.fail("SQLITE_ERROR", reason, FailureCause::Transaction, Truth::Yes);
    }
}

/// Why a pragma does nothing, where it does nothing without saying so.
pub fn ineffective_pragma(pragma: &Pragma, before: &Catalog) -> Option<&'static str> {
    pragma.value.as_ref()?;
    let open = before.session.transaction.is_some();
    match pragma.name.as_str() {
        "foreign_keys" if open => Some("PRAGMA foreign_keys does nothing inside a transaction"),
        "defer_foreign_keys" if !open => {
            Some("PRAGMA defer_foreign_keys is switched off again by the next COMMIT: outside a transaction it does nothing")
        }
        "page_size" | "auto_vacuum" if !before.tables.is_empty() => Some("takes effect on a database with tables only after VACUUM"),
        "encoding" if !before.tables.is_empty() => Some("the encoding of a database that has tables cannot be changed"),
        _ => None,
    }
}

pub(super) fn pragma(work: &mut Work<'_>, pragma: &Pragma) {
    let open = work.before.session.transaction.is_some();
    let value = pragma.value.as_deref().unwrap_or("");
    let refused = match pragma.name.as_str() {
        "journal_mode" if value == "wal" => {
            work.effects.transactionality = Transactionality::Forbidden;
            work.write_lock(None);
            Some("cannot change into wal mode from within a transaction")
        }
        "synchronous" if pragma.value.is_some() => {
            work.effects.transactionality = Transactionality::Forbidden;
            Some("Safety level may not be changed inside a transaction")
        }
        "incremental_vacuum" | "user_version" | "application_id" if pragma.value.is_some() => {
            work.write_lock(None);
            None
        }
        "integrity_check" | "quick_check" | "foreign_key_check" => {
            scan_all(work, Truth::Yes, false);
            None
        }
        _ => None,
    };
    if open && let Some(reason) = refused {
        work.fail("SQLITE_ERROR", reason, FailureCause::Transaction, Truth::Yes);
    }
}

/// The whole file is written anew, and nobody may have it open for writing (lang_vacuum 3).
pub(super) fn vacuum(work: &mut Work<'_>, into: bool) {
    work.effects.transactionality = Transactionality::Forbidden;
    if work.before.session.transaction.is_some() {
        work.fail("SQLITE_ERROR", "cannot VACUUM from within a transaction", FailureCause::Transaction, Truth::Yes);
    }
    if into {
        scan_all(work, Truth::Yes, false);
        return;
    }
    work.write_lock(None);
    let before = work.before;
    for table in before.tables.values().filter(|table| table.key.schema != "temp") {
        work.rewrite(table, Truth::Yes, "VACUUM writes the whole file anew");
    }
}

pub(super) fn analyze(work: &mut Work<'_>, table: Option<&ObjectName>) {
    work.write_lock(None);
    match table {
        None => scan_all(work, Truth::Yes, true),
        Some(name) => {
            let before = work.before;
            if let Some(table) = before.table(name) {
                work.scan(table, ScanReason::Maintenance, Truth::Yes, true);
            } else if let Some((table, _)) = before.index(None, name) {
                work.scan(table, ScanReason::Maintenance, Truth::Yes, true);
            } else if absent(before, name) == Truth::Yes {
                work.refuse(format!("no such table: {}", name.name), Truth::Yes);
            }
        }
    }
}

pub(super) fn reindex(work: &mut Work<'_>, target: &ReindexTarget) {
    let before = work.before;
    let name = match target {
        ReindexTarget::Index(name) | ReindexTarget::Table(name) | ReindexTarget::Any(Some(name)) => Some(name),
        ReindexTarget::Any(None) | ReindexTarget::Schema(_) | ReindexTarget::Database(_) | ReindexTarget::System(_) => None,
    };
    work.write_lock(None);
    let Some(name) = name else {
        for table in before.tables.values() {
            for index in &table.indexes {
                work.build(&index.name, table, true);
            }
            if !table.indexes.is_empty() {
                work.scan(table, ScanReason::IndexBuild, Truth::Yes, true);
            }
        }
        return;
    };
    if let Some(table) = before.table(name) {
        for index in &table.indexes {
            work.build(&index.name, table, true);
        }
        work.scan(table, ScanReason::IndexBuild, Truth::Yes, true);
    } else if let Some((table, index)) = before.index(None, name) {
        work.build(&index.name, table, true);
        work.scan(table, ScanReason::IndexBuild, Truth::Yes, true);
    } else if absent(before, name) == Truth::Yes && !["binary", "nocase", "rtrim"].iter().any(|collation| name.name.is(collation)) {
        work.refuse("unable to identify the object to be reindexed", Truth::Unknown);
    }
}

fn scan_all(work: &mut Work<'_>, certain: Truth, writing: bool) {
    let before = work.before;
    for table in before.tables.values() {
        work.scan(table, ScanReason::Maintenance, certain, writing);
    }
}
