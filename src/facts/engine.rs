//! `engine.*`

use super::value::Scale;
use super::{Fact, FactType, Value};

static ENGINES: Scale = Scale { ordered: false, words: &["postgres", "mysql", "mariadb", "sqlite"] };

pub(super) static FACTS: &[Fact] = &[
    Fact {
        name: "engine.name",
        kind: FactType::Level(&ENGINES),
        doc: "The engine the project runs on.",
        get: |cx| Value::word(&ENGINES, cx.target().engine.name()),
    },
    Fact {
        name: "engine.title",
        kind: FactType::Text,
        doc: "The engine as its vendor writes it, for messages.",
        get: |cx| Value::text(cx.target().engine.title()),
    },
    Fact {
        name: "engine.version",
        kind: FactType::Version,
        doc: "The version, compared as in `engine.version >= \"8.0.29\"`.",
        get: |cx| Value::Version(cx.target().version),
    },
    Fact {
        name: "engine.mysql_family",
        kind: FactType::Flag,
        doc: "MySQL or MariaDB.",
        get: |cx| Value::flag(cx.target().engine.is_mysql_family()),
    },
];
