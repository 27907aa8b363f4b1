//! `name.*`

use super::element::{Element, NAMED, Named};
use super::value::Scale;
use super::{Context, Fact, FactType, Value};
use crate::engine::Engine;
use crate::sql::is_reserved;

static KINDS: Scale = Scale { ordered: false, words: NAMED };

fn named<'a>(cx: &Context<'a>) -> Option<Named<'a>> {
    match cx.element {
        Some(Element::Name(named)) => Some(named),
        Some(Element::Column(_) | Element::Constraint(_) | Element::Index(_)) | None => None,
    }
}

/// As it stands in the script, without its quotes.
fn written<'a>(cx: &Context<'a>, named: Named<'a>) -> &'a str {
    cx.words(named.name.span).trim_matches(['"', '`', '[', ']'])
}

/// How many bytes (PostgreSQL) or characters (MySQL, MariaDB) of a name the engine keeps.
fn limit(engine: Engine) -> Option<usize> {
    match engine {
        // NAMEDATALEN - 1, in bytes; the rest is cut with a NOTICE.
        Engine::Postgres => Some(63),
        // In characters; more is refused with 1059.
        Engine::Mysql | Engine::Mariadb => Some(64),
        Engine::Sqlite => None,
    }
}

fn length(cx: &Context<'_>, text: &str) -> usize {
    match cx.target().engine {
        Engine::Postgres => text.len(),
        Engine::Mysql | Engine::Mariadb | Engine::Sqlite => text.chars().count(),
    }
}

pub(super) static FACTS: &[Fact] = &[
    Fact {
        name: "name.value",
        kind: FactType::Text,
        doc: "The name as the engine stores it: PostgreSQL folds what is not quoted to lower case.",
        get: |cx| Value::maybe(named(cx).map(|named| named.name.value.as_str())),
    },
    Fact {
        name: "name.written",
        kind: FactType::Text,
        doc: "The name as it is written, without quotes.",
        get: |cx| Value::maybe(named(cx).map(|named| written(cx, named))),
    },
    Fact {
        name: "name.kind",
        kind: FactType::Level(&KINDS),
        doc: "What gets the name; `constraint` for a renamed one.",
        get: |cx| Value::word(&KINDS, named(cx).map_or("other", |named| named.kind)),
    },
    Fact {
        name: "name.quoted",
        kind: FactType::Flag,
        doc: "It is written in quotes.",
        get: |cx| Value::flag(named(cx).is_some_and(|named| named.name.quoted)),
    },
    Fact {
        name: "name.reserved",
        kind: FactType::Flag,
        doc: "It is a reserved word of this engine and version, so that it has to be quoted wherever it is used.",
        get: |cx| Value::flag(named(cx).is_some_and(|named| is_reserved(&named.name.value, cx.target()))),
    },
    Fact {
        name: "name.mixed_case",
        kind: FactType::Flag,
        doc: "It is stored with capital letters.",
        get: |cx| Value::flag(named(cx).is_some_and(|named| named.name.value.chars().any(char::is_uppercase))),
    },
    Fact {
        name: "name.length",
        kind: FactType::Number,
        doc: "Its length as the engine counts it: bytes on PostgreSQL, characters elsewhere.",
        get: |cx| Value::count(named(cx).map_or(0, |named| length(cx, written(cx, named)))),
    },
    Fact {
        name: "name.too_long",
        kind: FactType::Flag,
        doc: "It is longer than the engine keeps: 63 bytes on PostgreSQL, 64 characters on MySQL and MariaDB.",
        get: |cx| match (named(cx), limit(cx.target().engine)) {
            (Some(named), Some(limit)) => Value::flag(length(cx, written(cx, named)) > limit),
            (Some(_), None) | (None, _) => Value::flag(false),
        },
    },
    Fact {
        name: "name.kept",
        kind: FactType::Text,
        doc: "What PostgreSQL keeps of a name that is too long.",
        get: |cx| {
            let Some(named) = named(cx) else { return Value::text("") };
            let whole = written(cx, named);
            let cut = limit(cx.target().engine).map_or(whole.len(), |limit| whole.floor_char_boundary(limit.min(whole.len())));
            let kept = whole.get(..cut).unwrap_or(whole);
            Value::text(if named.name.quoted { kept.to_owned() } else { kept.to_lowercase() })
        },
    },
];
