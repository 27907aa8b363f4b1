//! `tx.*`

use super::lock::{MODES, mode_word};
use super::value::Scale;
use super::{Context, Fact, FactType, Tally, Value};
use crate::catalog::Birth;
use crate::change::ChangeKind;
use crate::effect::Lock;
use crate::engine::Engine;
use crate::migration::TransactionMode;

static MODE: Scale = Scale { ordered: false, words: &["per-migration", "none", "batch"] };

pub(super) fn tally<'r>(cx: &'r Context<'_>) -> Option<&'r Tally> {
    cx.scene.ledger.in_transaction(&cx.scene)
}

/// The strongest lock that an earlier statement of this transaction still holds and that stops
/// writes.
fn held<'r>(cx: &'r Context<'_>) -> Option<&'r Lock> {
    tally(cx)?.strongest().map(|(lock, _)| lock)
}

/// A limit of nothing is none, in whatever unit.
pub(super) fn is_zero(value: &str) -> bool {
    let number = value.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic() || c.is_whitespace());
    number.chars().all(|c| matches!(c, '0' | '.'))
}

/// Whether this migration has set the switch to off, or to on.
fn switched(cx: &Context<'_>, name: &str, off: bool) -> bool {
    let catalog = cx.catalog();
    let here = catalog.session.settings.get(name).is_some_and(|setting| setting.birth.migration == catalog.now.migration);
    here && catalog.session.is_off(name) == Some(off)
}

/// MySQL and MariaDB end the open transaction with the next BEGIN, too.
fn ends_transaction(kind: ChangeKind, engine: Engine) -> bool {
    matches!(kind, ChangeKind::Commit | ChangeKind::Rollback) || (kind == ChangeKind::Begin && engine.is_mysql_family())
}

pub(super) static FACTS: &[Fact] = &[
    Fact {
        name: "tx.open",
        kind: FactType::Flag,
        doc: "The statement runs inside a transaction, the runner's or the script's own.",
        get: |cx| Value::flag(cx.catalog().session.transaction.is_some()),
    },
    Fact {
        name: "tx.explicit",
        kind: FactType::Flag,
        doc: "The transaction was opened by the script's own BEGIN.",
        get: |cx| Value::flag(cx.catalog().session.transaction.as_ref().is_some_and(|open| open.explicit)),
    },
    Fact {
        name: "tx.left_open",
        kind: FactType::Flag,
        doc: "For BEGIN: nothing further down in the script ends the transaction.",
        get: |cx| {
            let mut later = cx.later();
            let ended = later.any(|change| ends_transaction(change.action.kind(), cx.target().engine));
            Value::flag(!ended && cx.is_read_to_the_end())
        },
    },
    Fact {
        name: "tx.reopened",
        kind: FactType::Flag,
        doc: "The next statement of the script opens a transaction.",
        get: |cx| {
            Value::flag(
                cx.scene.following.first().is_some_and(|next| next.changes.iter().any(|change| change.action.kind() == ChangeKind::Begin)),
            )
        },
    },
    Fact {
        name: "tx.mode",
        kind: FactType::Level(&MODE),
        doc: "How the runner wraps the script: one transaction per migration, none, or one batch.",
        get: |cx| {
            let word = match cx.scene.migration.transaction {
                TransactionMode::PerMigration => "per-migration",
                TransactionMode::None => "none",
                TransactionMode::Batch => "batch",
            };
            Value::word(&MODE, word)
        },
    },
    Fact {
        name: "tx.schema_changes",
        kind: FactType::Number,
        doc: "How many earlier statements of this transaction changed the schema.",
        get: |cx| Value::count(tally(cx).map_or(0, |tally| tally.schema_changes)),
    },
    Fact {
        name: "tx.row_changes",
        kind: FactType::Number,
        doc: "How many earlier statements of this transaction wrote rows.",
        get: |cx| Value::count(tally(cx).map_or(0, |tally| tally.row_changes)),
    },
    Fact {
        name: "tx.lock",
        kind: FactType::Level(&MODES),
        doc: "The strongest lock stopping writes that earlier statements of this transaction still hold on a table which was there before; unknown where the statement may not have been executed.",
        get: |cx| match held(cx) {
            Some(_) if tally(cx).is_some_and(|tally| !tally.is_sure()) => Value::Unknown,
            lock => Value::word(&MODES, lock.map_or("none", |lock| mode_word(lock.mode))),
        },
    },
    Fact {
        name: "tx.lock_title",
        kind: FactType::Text,
        doc: "That lock as manuals print it.",
        get: |cx| Value::maybe(held(cx).map(|lock| lock.mode.prose())),
    },
    Fact {
        name: "tx.locked",
        kind: FactType::Text,
        doc: "The table that lock is on.",
        get: |cx| Value::maybe(held(cx).map(|lock| lock.relation.as_str())),
    },
    Fact {
        name: "tx.locked_tables",
        kind: FactType::Number,
        doc: "On how many tables earlier statements of this transaction hold locks that stop writes.",
        get: |cx| Value::count(tally(cx).map_or(0, Tally::blocking)),
    },
    Fact {
        name: "tx.table_lock",
        kind: FactType::Level(&MODES),
        doc: "The lock that earlier statements of this transaction hold on the change's own table.",
        get: |cx| {
            let own = cx.table_name();
            Value::word(&MODES, tally(cx).and_then(|tally| tally.lock_on(&own)).map_or("none", mode_word))
        },
    },
    Fact {
        name: "tx.broken",
        kind: FactType::Flag,
        doc: "PostgreSQL: an earlier statement of this transaction is refused, and with it everything up to the rollback, whatever it is.",
        get: |cx| Value::flag(cx.catalog().target.engine == Engine::Postgres && tally(cx).is_some_and(|tally| tally.broken)),
    },
    Fact {
        name: "tx.uses_new_label",
        kind: FactType::Flag,
        doc: "The statement names an enum label that this very transaction added to a type which was there before.",
        get: |cx| {
            let catalog = cx.catalog();
            if catalog.session.transaction.is_none() {
                return Value::flag(false);
            }
            let text = cx.words(cx.scene.statement.span);
            let here = |birth: Birth| birth.migration == catalog.now.migration && birth.transaction == catalog.now.transaction;
            let types = catalog.enums.values().filter(|one| !here(one.birth));
            let mut labels = types.flat_map(|one| &one.labels).filter(|label| here(label.birth));
            Value::flag(labels.any(|label| text.contains(&format!("'{}'", label.value))))
        },
    },
    Fact {
        name: "tx.foreign_keys_off",
        kind: FactType::Flag,
        doc: "This migration has switched the checking of foreign keys off (`foreign_key_checks`, `PRAGMA foreign_keys`) and not on again.",
        get: |cx| Value::flag(["foreign_key_checks", "foreign_keys"].into_iter().any(|name| switched(cx, name, true))),
    },
    Fact {
        name: "tx.checks_off",
        kind: FactType::Flag,
        doc: "This migration has switched the checking of CHECK constraints off (`check_constraint_checks`, `PRAGMA ignore_check_constraints`) and not on again.",
        get: |cx| Value::flag(switched(cx, "check_constraint_checks", true) || switched(cx, "ignore_check_constraints", false)),
    },
    Fact {
        name: "tx.statement_timeout",
        kind: FactType::Flag,
        doc: "The session limits how long a statement may take (`statement_timeout`, `max_statement_time`).",
        get: |cx| {
            let session = &cx.catalog().session;
            let limited = |name: &str| session.setting(name).is_some_and(|value| !is_zero(value));
            Value::flag(["statement_timeout", "max_statement_time"].into_iter().any(limited))
        },
    },
    Fact {
        name: "tx.lock_timeout",
        kind: FactType::Flag,
        doc: "The session limits how long it waits for a lock (`lock_timeout`, `lock_wait_timeout`, `busy_timeout`).",
        get: |cx| {
            let session = &cx.catalog().session;
            let set = ["lock_timeout", "lock_wait_timeout", "innodb_lock_wait_timeout", "busy_timeout"]
                .into_iter()
                .any(|name| session.setting(name).is_some_and(|value| !is_zero(value)));
            Value::flag(set)
        },
    },
];
