//! `migration.*`

use super::scene::{Direction, DownKind};
use super::value::Scale;
use super::{Fact, FactType, Value};

static DOWN: Scale = Scale { ordered: false, words: &["script", "missing", "empty", "not-supported", "irreversible"] };
static DIRECTION: Scale = Scale { ordered: false, words: &["up", "down"] };

pub(super) static FACTS: &[Fact] = &[
    Fact {
        name: "migration.version",
        kind: FactType::Text,
        doc: "Its version as the system stores it.",
        get: |cx| Value::text(cx.scene.migration.version),
    },
    Fact { name: "migration.name", kind: FactType::Text, doc: "Its name.", get: |cx| Value::text(cx.scene.migration.name) },
    Fact {
        name: "migration.direction",
        kind: FactType::Level(&DIRECTION),
        doc: "Whether the script at hand is the way up or the way back.",
        get: |cx| {
            Value::word(
                &DIRECTION,
                match cx.scene.migration.direction {
                    Direction::Up => "up",
                    Direction::Down => "down",
                },
            )
        },
    },
    Fact {
        name: "migration.down",
        kind: FactType::Level(&DOWN),
        doc: "Which way back it has.",
        get: |cx| {
            Value::word(
                &DOWN,
                match cx.scene.migration.down {
                    DownKind::Script => "script",
                    DownKind::Missing => "missing",
                    DownKind::Empty => "empty",
                    DownKind::NotSupported => "not-supported",
                    DownKind::Irreversible => "irreversible",
                },
            )
        },
    },
    Fact {
        name: "migration.statements",
        kind: FactType::Number,
        doc: "How many statements the script has.",
        get: |cx| Value::count(cx.scene.migration.statements),
    },
    Fact {
        name: "migration.settled",
        kind: FactType::Flag,
        doc: "So many migrations were written since that its way up has run: nobody builds on one that fails. Never so where it is known to be pending.",
        get: |cx| Value::flag(cx.scene.migration.settled),
    },
    Fact {
        name: "migration.schema_changes",
        kind: FactType::Number,
        doc: "How many earlier statements changed the schema.",
        get: |cx| Value::count(cx.scene.ledger.migration.schema_changes),
    },
    Fact {
        name: "migration.unrepeatable_changes",
        kind: FactType::Number,
        doc: "How many earlier statements changed the schema in a way that cannot be run once more: without IF EXISTS, IF NOT EXISTS, OR REPLACE or a condition around them.",
        get: |cx| Value::count(cx.scene.ledger.migration.unrepeatable_changes),
    },
    Fact {
        name: "migration.live_schema_changes",
        kind: FactType::Number,
        doc: "How many earlier statements changed something that was there before this migration.",
        get: |cx| Value::count(cx.scene.ledger.migration.live_schema_changes),
    },
    Fact {
        name: "migration.row_changes",
        kind: FactType::Number,
        doc: "How many earlier statements wrote rows.",
        get: |cx| Value::count(cx.scene.ledger.migration.row_changes),
    },
    Fact {
        name: "migration.begins",
        kind: FactType::Number,
        doc: "How many earlier statements open a transaction of the script's own.",
        get: |cx| Value::count(cx.scene.ledger.migration.begins),
    },
    Fact {
        name: "migration.lost",
        kind: FactType::Names,
        doc: "What its earlier statements are certain to delete of what was there before.",
        get: |cx| Value::Names(cx.scene.ledger.migration.lost.iter().map(|lost| lost.as_str().into()).collect()),
    },
    Fact {
        name: "migration.bulk_row_changes",
        kind: FactType::Number,
        doc: "How many earlier statements wrote many rows of a table that was there before.",
        get: |cx| Value::count(cx.scene.ledger.migration.bulk_row_changes),
    },
];
