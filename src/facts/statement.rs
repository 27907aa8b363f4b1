//! `statement.*`

use super::value::Scale;
use super::{Fact, FactType, Value};
use crate::change::Parsing;
use crate::effect::{Dml, Truth};

static PARSING: Scale = Scale { ordered: true, words: &["complete", "partial", "failed", "unsupported"] };

pub(super) static FACTS: &[Fact] = &[
    Fact {
        name: "statement.verb",
        kind: FactType::Text,
        doc: "Its leading key words in capitals: `ALTER TABLE`, `CREATE INDEX`.",
        get: |cx| Value::text(cx.scene.statement.verb.as_str()),
    },
    Fact {
        name: "statement.parsing",
        kind: FactType::Level(&PARSING),
        doc: "How well it was read: whole, in part, not at all, or recognised as something this engine or version does not accept.",
        get: |cx| {
            let word = match cx.scene.statement.parsing {
                Parsing::Complete => "complete",
                Parsing::Partial { .. } => "partial",
                Parsing::Failed { .. } => "failed",
                Parsing::Unsupported { .. } => "unsupported",
            };
            Value::word(&PARSING, word)
        },
    },
    Fact {
        name: "statement.expected",
        kind: FactType::Text,
        doc: "What the reader expected where it stopped.",
        get: |cx| match &cx.scene.statement.parsing {
            Parsing::Partial { expected, .. } | Parsing::Failed { expected, .. } => Value::text(expected.as_str()),
            Parsing::Unsupported { .. } | Parsing::Complete => Value::text(""),
        },
    },
    Fact {
        name: "statement.needs",
        kind: FactType::Text,
        doc: "Which engine or version accepts the syntax that this one refuses.",
        get: |cx| match &cx.scene.statement.parsing {
            Parsing::Unsupported { needs, .. } => Value::text(needs.as_str()),
            Parsing::Partial { .. } | Parsing::Failed { .. } | Parsing::Complete => Value::text(""),
        },
    },
    Fact {
        name: "statement.stopped_at",
        kind: FactType::Text,
        doc: "The word at which reading stopped, or which is not supported.",
        get: |cx| match &cx.scene.statement.parsing {
            Parsing::Partial { at, .. } | Parsing::Failed { at, .. } | Parsing::Unsupported { at, .. } => {
                Value::text(cx.words(*at).lines().next().unwrap_or("").trim())
            }
            Parsing::Complete => Value::text(""),
        },
    },
    Fact {
        name: "statement.sql",
        kind: FactType::Text,
        doc: "The statement's text, for messages.",
        get: |cx| Value::text(cx.words(cx.scene.statement.span)),
    },
    Fact {
        name: "statement.changes",
        kind: FactType::Number,
        doc: "How many changes the statement asks for.",
        get: |cx| Value::count(cx.scene.statement.changes.len()),
    },
    Fact {
        name: "statement.algorithm",
        kind: FactType::Text,
        doc: "The word after `ALGORITHM =` in lower case; empty when none was asked for.",
        get: |cx| Value::maybe(cx.scene.statement.modifiers.algorithm.as_ref().map(|clause| clause.value.as_str())),
    },
    Fact {
        name: "statement.lock",
        kind: FactType::Text,
        doc: "The word after `LOCK =` in lower case; empty when none was asked for.",
        get: |cx| Value::maybe(cx.scene.statement.modifiers.lock.as_ref().map(|clause| clause.value.as_str())),
    },
    Fact {
        name: "statement.needless_rebuild",
        kind: FactType::Flag,
        doc: "MySQL and MariaDB: the table is built anew only because these actions stand in one statement; none of them would do it alone.",
        get: |cx| {
            let effects = cx.scene.effects;
            let apart = effects.changes.iter().all(|one| one.alone.is_some_and(|alone| !alone.rebuild));
            Value::flag(effects.changes.len() > 1 && effects.whole.rebuild == Truth::Yes && apart)
        },
    },
    Fact {
        name: "statement.writes_wait",
        kind: FactType::Flag,
        doc: "MySQL and MariaDB: writes wait until the statement is done, for whichever of its actions.",
        get: |cx| Value::flag(cx.scene.effects.whole.dml == Some(Dml::Blocked)),
    },
    Fact {
        name: "statement.ignore",
        kind: FactType::Flag,
        doc: "`ALTER IGNORE TABLE`: rows that do not fit are deleted.",
        get: |cx| Value::flag(cx.scene.statement.modifiers.ignore),
    },
];
