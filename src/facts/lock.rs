//! `lock.*`

use super::value::Scale;
use super::{Context, Fact, FactType, Value, lookup};
use crate::effect::{Lock, LockMode, RelationKind};

pub(super) static MODES: Scale = Scale {
    ordered: true,
    words: &[
        "none",
        "access-share",
        "row-share",
        "row-exclusive",
        "share-update-exclusive",
        "share",
        "share-row-exclusive",
        "exclusive",
        "access-exclusive",
        "metadata-shared",
        "metadata-shared-no-write",
        "metadata-exclusive",
        "database-write",
    ],
};

pub(super) fn mode_word(mode: LockMode) -> &'static str {
    match mode {
        LockMode::AccessShare => "access-share",
        LockMode::RowShare => "row-share",
        LockMode::RowExclusive => "row-exclusive",
        LockMode::ShareUpdateExclusive => "share-update-exclusive",
        LockMode::Share => "share",
        LockMode::ShareRowExclusive => "share-row-exclusive",
        LockMode::Exclusive => "exclusive",
        LockMode::AccessExclusive => "access-exclusive",
        LockMode::MetadataShared => "metadata-shared",
        LockMode::MetadataSharedNoWrite => "metadata-shared-no-write",
        LockMode::MetadataExclusive => "metadata-exclusive",
        LockMode::SqliteWrite => "database-write",
    }
}

/// Locks on relations with rows that other sessions may be using.
fn live_locks<'r>(cx: &'r Context<'_>) -> impl Iterator<Item = &'r Lock> {
    cx.effects.locks.iter().filter(|lock| match lock.kind {
        RelationKind::Index | RelationKind::View | RelationKind::Sequence => false,
        RelationKind::Database => true,
        RelationKind::Table | RelationKind::Partitioned | RelationKind::MaterializedView | RelationKind::Foreign => {
            cx.relation(&lock.relation).is_none_or(|table| lookup::is_live(cx.catalog(), table))
        }
    })
}

/// An earlier statement of the transaction holds as much on the same relation.
fn is_held(cx: &Context<'_>, lock: &Lock) -> bool {
    super::transaction::tally(cx).and_then(|tally| tally.lock_on(&lock.relation)) >= Some(lock.mode)
}

fn strongest<'r>(cx: &'r Context<'_>) -> Option<&'r Lock> {
    let own = cx.table_name();
    // Of two equal locks the change's own table is the one to name.
    live_locks(cx).max_by_key(|lock| (lock.mode, lock.relation == own))
}

/// Locks that stop the writers of other tables than the change's own.
fn others<'r>(cx: &'r Context<'_>) -> impl Iterator<Item = &'r Lock> {
    let own = cx.table_name();
    live_locks(cx).filter(move |lock| lock.mode.blocks_writes() && lock.relation != own && !is_held(cx, lock))
}

pub(super) static FACTS: &[Fact] = &[
    Fact {
        name: "lock.mode",
        kind: FactType::Level(&MODES),
        doc: "The strongest lock.",
        get: |cx| Value::word(&MODES, strongest(cx).map_or("none", |lock| mode_word(lock.mode))),
    },
    Fact {
        name: "lock.on_table",
        kind: FactType::Level(&MODES),
        doc: "The strongest lock that the statement, with all its actions, takes on the change's own table.",
        get: |cx| {
            let own = cx.table_name();
            let locks = cx.scene.effects.whole.locks.iter().filter(|lock| lock.relation == own);
            Value::word(&MODES, locks.map(|lock| lock.mode).max().map_or("none", mode_word))
        },
    },
    Fact {
        name: "lock.on_referenced",
        kind: FactType::Level(&MODES),
        doc: "The strongest lock that the statement, with all its actions, takes on the table the foreign key points at.",
        get: |cx| {
            let far = super::constraint::foreign_key(cx).map(|foreign| match cx.find(&foreign.references) {
                Some(table) => table.key.to_string(),
                None => super::shown_name(&foreign.references),
            });
            let locks = cx.scene.effects.whole.locks.iter().filter(|lock| far.as_ref() == Some(&lock.relation));
            Value::word(&MODES, locks.map(|lock| lock.mode).max().map_or("none", mode_word))
        },
    },
    Fact {
        name: "lock.held",
        kind: FactType::Flag,
        doc: "Earlier statements of this transaction hold every lock it takes on a table at least as strongly: it waits for nobody, and nobody waits longer for it alone.",
        get: |cx| {
            let mut tables =
                cx.effects.locks.iter().filter(|lock| !matches!(lock.kind, RelationKind::Index | RelationKind::Sequence)).peekable();
            Value::flag(tables.peek().is_some() && tables.all(|lock| is_held(cx, lock)))
        },
    },
    Fact {
        name: "lock.title",
        kind: FactType::Text,
        doc: "The strongest lock as manuals print it: `ACCESS EXCLUSIVE`.",
        get: |cx| Value::maybe(strongest(cx).map(|lock| lock.mode.prose())),
    },
    Fact {
        name: "lock.relation",
        kind: FactType::Text,
        doc: "The table the strongest lock is on.",
        get: |cx| Value::maybe(strongest(cx).map(|lock| lock.relation.as_str())),
    },
    Fact {
        name: "lock.blocks_reads",
        kind: FactType::Flag,
        doc: "Even plain SELECT waits.",
        get: |cx| Value::flag(live_locks(cx).any(|lock| lock.mode.blocks_reads())),
    },
    Fact {
        name: "lock.blocks_writes",
        kind: FactType::Flag,
        doc: "INSERT, UPDATE and DELETE wait.",
        get: |cx| Value::flag(live_locks(cx).any(|lock| lock.mode.blocks_writes())),
    },
    Fact {
        name: "lock.who_waits",
        kind: FactType::Text,
        doc: "Whom the strongest lock stops, for messages: `reads and writes`, `writes`.",
        get: |cx| {
            let waits = match strongest(cx).map(|lock| lock.mode) {
                Some(mode) if mode.blocks_reads() => "reads and writes",
                Some(mode) if mode.blocks_writes() => "writes",
                Some(_) | None => "nobody",
            };
            Value::text(waits)
        },
    },
    Fact {
        name: "lock.others",
        kind: FactType::Names,
        doc: "Other tables on which writes wait as well, those left out that an earlier statement of the transaction holds as strongly.",
        get: |cx| Value::Names(others(cx).map(|lock| lock.relation.as_str().into()).collect()),
    },
    Fact {
        name: "lock.on_others",
        kind: FactType::Level(&MODES),
        doc: "The strongest lock on one of those tables.",
        get: |cx| Value::word(&MODES, others(cx).map(|lock| lock.mode).max().map_or("none", mode_word)),
    },
    Fact {
        name: "lock.further",
        kind: FactType::Names,
        doc: "Tables on which writes wait from here on: those where they wait for an earlier statement of the transaction already are left out.",
        get: |cx| {
            let waits = |lock: &Lock| super::transaction::tally(cx).and_then(|tally| tally.lock_on(&lock.relation));
            let further = live_locks(cx).filter(|lock| lock.mode.blocks_writes() && !waits(lock).is_some_and(LockMode::blocks_writes));
            Value::Names(further.map(|lock| lock.relation.as_str().into()).collect())
        },
    },
    Fact {
        name: "lock.tables",
        kind: FactType::Number,
        doc: "On how many tables writes wait.",
        get: |cx| Value::count(live_locks(cx).filter(|lock| lock.mode.blocks_writes()).count()),
    },
];
