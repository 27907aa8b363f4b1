//! `index.*`

use super::value::Scale;
use super::{Context, Element, Fact, FactType, Value, scene::shown_name};
use crate::catalog::{Index, IndexState};
use crate::change::{Action, CreateIndex, IndexKey, IndexKind, IndexPart, ReindexTarget};
use crate::engine::Engine;

static KINDS: Scale = Scale { ordered: false, words: &["plain", "fulltext", "spatial", "vector"] };

fn created<'a>(cx: &Context<'a>) -> Option<&'a CreateIndex> {
    if let Some(Element::Index(index)) = cx.element {
        return Some(index);
    }
    match &cx.change.action {
        Action::CreateIndex(index) => Some(index),
        _ => None,
    }
}

/// The index of the catalog that the change names.
pub(super) fn existing<'a>(cx: &Context<'a>) -> Option<&'a Index> {
    let name = match &cx.change.action {
        Action::DropIndex(drop) => &drop.name.name.value,
        Action::RenameIndex { from, .. } => &from.name.value,
        Action::AlterIndex { index, .. } => &index.name.value,
        Action::SetIndexVisibility { index, .. } => &index.value,
        Action::Reindex(reindex) => match &reindex.target {
            ReindexTarget::Index(name) | ReindexTarget::Any(Some(name)) => &name.name.value,
            ReindexTarget::Table(_)
            | ReindexTarget::Schema(_)
            | ReindexTarget::Database(_)
            | ReindexTarget::System(_)
            | ReindexTarget::Any(None) => return None,
        },
        _ => return None,
    };
    cx.table()?.indexes.iter().find(|index| index.name.eq_ignore_ascii_case(name))
}

fn columns(cx: &Context<'_>) -> Vec<String> {
    let keys = match (created(cx), existing(cx)) {
        (Some(index), _) => &index.keys,
        (None, Some(index)) => &index.keys,
        (None, None) => return Vec::new(),
    };
    keys.iter()
        .map(|key| match &key.part {
            IndexPart::Column(name) => name.value.clone(),
            IndexPart::Expression(expression) => expression.text.to_string(),
        })
        .collect()
}

/// An index that begins with the same keys makes this one redundant, unless this one is unique (it
/// guards something), partial or of another kind.
fn covered_by(cx: &Context<'_>) -> Option<String> {
    let created = created(cx)?;
    let made_up = name(cx);
    let own = Some(created.name.as_ref().map_or_else(|| made_up.rsplit('.').next().unwrap_or_default(), |name| name.name.value.as_str()));
    let method = |written: &str| if written.is_empty() { "btree".to_owned() } else { written.to_ascii_lowercase() };
    let same = |mine: &IndexKey, theirs: &IndexKey| {
        let part = match (&mine.part, &theirs.part) {
            (IndexPart::Column(mine), IndexPart::Column(theirs)) => mine.is(&theirs.value),
            (IndexPart::Expression(mine), IndexPart::Expression(theirs)) => mine == theirs,
            (IndexPart::Column(_), IndexPart::Expression(_)) | (IndexPart::Expression(_), IndexPart::Column(_)) => false,
        };
        // MySQL: a longer prefix, or the whole column, answers for a shorter one.
        let long_enough = match (mine.prefix, theirs.prefix) {
            (_, None) => true,
            (Some(mine), Some(theirs)) => mine <= theirs,
            (None, Some(_)) => false,
        };
        let class = mine.opclass == theirs.opclass && mine.collation == theirs.collation;
        part && long_enough && class && mine.descending == theirs.descending && mine.nulls_first == theirs.nulls_first
    };
    cx.table()?
        .indexes
        .iter()
        .filter(|other| own.is_none_or(|own| !other.name.eq_ignore_ascii_case(own)) && !other.implied)
        .filter(|other| other.kind == created.kind && other.predicate.is_none() == created.predicate.is_none())
        .filter(|other| other.predicate == created.predicate && method(&other.method) == method(created.method.as_deref().unwrap_or("")))
        .filter(|other| created.include.iter().all(|name| other.include.iter().any(|theirs| name.is(theirs))))
        .find(|other| {
            let prefix =
                created.keys.len() <= other.keys.len() && created.keys.iter().zip(&other.keys).all(|(mine, theirs)| same(mine, theirs));
            let whole = created.keys.len() == other.keys.len();
            let ordered = method(&other.method) == "btree" && created.kind == IndexKind::Plain;
            prefix && (whole || ordered) && (!created.unique || whole && other.unique) && other.state != IndexState::Invalid
        })
        .map(|other| other.name.clone())
}

/// The name written, or the one PostgreSQL would make up.
pub(super) fn name(cx: &Context<'_>) -> String {
    let written = match &cx.change.action {
        _ if created(cx).is_some() => created(cx).and_then(|index| index.name.as_ref()),
        Action::DropIndex(drop) => Some(&drop.name),
        Action::RenameIndex { from, .. } => Some(from),
        Action::AlterIndex { index, .. } | Action::AttachIndexPartition { index, .. } => Some(index),
        Action::Reindex(reindex) => match &reindex.target {
            ReindexTarget::Index(name) | ReindexTarget::Any(Some(name)) => Some(name),
            ReindexTarget::Table(_)
            | ReindexTarget::Schema(_)
            | ReindexTarget::Database(_)
            | ReindexTarget::System(_)
            | ReindexTarget::Any(None) => None,
        },
        _ => None,
    };
    match written {
        Some(name) => shown_name(name),
        None if created(cx).is_some() => {
            if let (Some(table), Some(made), Engine::Postgres) = (cx.table(), created(cx), cx.target().engine) {
                // At the end of the migration it stands there already.
                let there = table.indexes.iter().find(|index| !made.keys.is_empty() && index.keys == made.keys);
                return there.map_or_else(|| cx.catalog().made_up_index(table, &made.keys, &made.include), |index| index.name.clone());
            }
            let table = cx.table_name();
            format!("{}_{}_idx", crate::sql::without_schema(&table), columns(cx).join("_"))
        }
        None => String::new(),
    }
}

pub(super) static FACTS: &[Fact] = &[
    Fact {
        name: "index.name",
        kind: FactType::Text,
        doc: "Its name, or the one the engine will make up.",
        get: |cx| Value::text(name(cx)),
    },
    Fact {
        name: "index.columns",
        kind: FactType::Names,
        doc: "Its keys: columns, and expressions as written.",
        get: |cx| Value::Names(columns(cx).into_iter().map(Into::into).collect()),
    },
    Fact {
        name: "index.width",
        kind: FactType::Number,
        doc: "How many keys it has, without those that are only INCLUDEd.",
        get: |cx| Value::count(columns(cx).len()),
    },
    Fact {
        name: "index.covered_by",
        kind: FactType::Text,
        doc: "Another index of the table that answers whatever this one does: the same keys, or these and more behind them.",
        get: |cx| Value::maybe(covered_by(cx)),
    },
    Fact {
        name: "index.unique",
        kind: FactType::Flag,
        doc: "It is unique.",
        get: |cx| Value::flag(created(cx).map(|index| index.unique).or_else(|| existing(cx).map(|index| index.unique)).unwrap_or(false)),
    },
    Fact {
        name: "index.kind",
        kind: FactType::Level(&KINDS),
        doc: "Plain, or one of the special kinds of MySQL and MariaDB.",
        get: |cx| {
            let kind = created(cx).map(|index| index.kind).or_else(|| existing(cx).map(|index| index.kind)).unwrap_or_default();
            let word = match kind {
                IndexKind::Plain => "plain",
                IndexKind::Fulltext => "fulltext",
                IndexKind::Spatial => "spatial",
                IndexKind::Vector => "vector",
            };
            Value::word(&KINDS, word)
        },
    },
    Fact {
        name: "index.method",
        kind: FactType::Text,
        doc: "The access method written after `USING`, in lower case.",
        get: |cx| Value::maybe(created(cx).and_then(|index| index.method.as_deref())),
    },
    Fact {
        name: "index.functional",
        kind: FactType::Flag,
        doc: "One of its keys is an expression.",
        get: |cx| Value::flag(created(cx).is_some_and(|index| index.keys.iter().any(|key| matches!(key.part, IndexPart::Expression(_))))),
    },
    Fact {
        name: "index.exists",
        kind: FactType::Flag,
        doc: "The table had it before the statement; unknown when its definition is not known.",
        get: |cx| match (existing(cx).is_some(), cx.table().is_some_and(|table| table.complete)) {
            (true, _) => Value::flag(true),
            (false, true) => Value::flag(false),
            (false, false) => Value::Unknown,
        },
    },
    Fact {
        name: "index.new",
        kind: FactType::Flag,
        doc: "It was built earlier in this migration.",
        get: |cx| Value::flag(existing(cx).is_some_and(|index| index.birth.origin(cx.catalog().now).is_new())),
    },
    Fact {
        name: "index.dropped_before",
        kind: FactType::Flag,
        doc: "An earlier statement of this migration drops an index of its name.",
        get: |cx| Value::flag(cx.scene.ledger.migration.dropped_indexes.contains(&name(cx).to_lowercase())),
    },
    Fact {
        name: "index.distinct",
        kind: FactType::Flag,
        doc: "A unique key that no two rows can share: a unique key over some of its columns stands, or held until this migration gave it up, or one of them was added in this migration and is NULL everywhere or another in every row, and nothing was written there since.",
        get: |cx| Value::flag(super::proof::is_distinct(cx)),
    },
    Fact {
        name: "index.invalid",
        kind: FactType::Flag,
        doc: "It is known to be left invalid.",
        get: |cx| Value::flag(existing(cx).is_some_and(|index| index.state == IndexState::Invalid)),
    },
    Fact {
        name: "index.backs_constraint",
        kind: FactType::Flag,
        doc: "It implements a primary key, unique or exclusion constraint.",
        get: |cx| Value::flag(existing(cx).is_some_and(|index| index.primary || index.constraint.is_some())),
    },
];
