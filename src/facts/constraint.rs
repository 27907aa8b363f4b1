//! `constraint.*`

use super::value::Scale;
use super::{Context, Element, Fact, FactType, Value, scene::shown_name};
use crate::catalog::{Constraint, Table, Validity};
use crate::change::{Action, Change, ConstraintBody, ConstraintDef, ConstraintKind, DataType, ForeignKey, Ident, KeyConstraint};
use crate::effect::Truth;
use crate::engine::Engine;

static KINDS: Scale = Scale { ordered: false, words: &["none", "primary-key", "unique", "check", "foreign-key", "exclusion", "not-null"] };

pub(super) fn kind_word(kind: ConstraintKind) -> &'static str {
    match kind {
        ConstraintKind::PrimaryKey => "primary-key",
        ConstraintKind::Unique => "unique",
        ConstraintKind::Check => "check",
        ConstraintKind::ForeignKey => "foreign-key",
        ConstraintKind::Exclusion => "exclusion",
        ConstraintKind::NotNull => "not-null",
    }
}

/// The constraint the change writes: its own action, or inside a new column the first that is no
/// plain NOT NULL.
pub(super) fn definition<'a>(cx: &Context<'a>) -> Option<&'a ConstraintDef> {
    match cx.element {
        Some(Element::Constraint(constraint)) => return Some(constraint),
        Some(Element::Column(column)) => return column.constraints.first(),
        Some(Element::Index(_) | Element::Name(_)) | None => {}
    }
    match &cx.change.action {
        Action::AddConstraint(constraint) => Some(constraint),
        Action::AddColumn { column, .. } => column.constraints.first(),
        Action::ModifyColumn { definition, .. } => definition.constraints.first(),
        _ => None,
    }
}

pub(super) fn foreign_key<'a>(cx: &Context<'a>) -> Option<&'a ForeignKey> {
    let of = |constraint: &'a ConstraintDef| match &constraint.body {
        ConstraintBody::ForeignKey(foreign) => Some(foreign),
        ConstraintBody::PrimaryKey(_)
        | ConstraintBody::Unique(_)
        | ConstraintBody::Check(_)
        | ConstraintBody::Exclusion(_)
        | ConstraintBody::NotNull { .. } => None,
    };
    if let Some(Element::Constraint(constraint)) = cx.element {
        return of(constraint);
    }
    match &cx.change.action {
        Action::AddConstraint(constraint) => of(constraint),
        Action::AddColumn { column, .. } => column.constraints.iter().find_map(of),
        _ => None,
    }
}

fn key<'a>(cx: &Context<'a>) -> Option<&'a KeyConstraint> {
    match &definition(cx)?.body {
        ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => Some(key),
        ConstraintBody::Check(_) | ConstraintBody::ForeignKey(_) | ConstraintBody::Exclusion(_) | ConstraintBody::NotNull { .. } => None,
    }
}

/// The constraint of the catalog that the change names.
pub(super) fn existing<'a>(cx: &Context<'a>) -> Option<&'a Constraint> {
    let table = cx.table()?;
    let by_name = |name: &str| table.constraints.iter().find(|one| one.name.eq_ignore_ascii_case(name));
    match &cx.change.action {
        Action::ValidateConstraint { name } | Action::AlterConstraint { name, .. } => by_name(&name.value),
        Action::RenameConstraint { from, .. } => by_name(&from.value),
        Action::DropConstraint { name: Some(name), .. } => by_name(&name.value),
        Action::DropConstraint { name: None, kind: Some(kind), .. } => table.constraints.iter().find(|one| one.kind == *kind),
        _ => None,
    }
}

fn columns(cx: &Context<'_>) -> Vec<String> {
    let Some(definition) = definition(cx) else {
        return existing(cx).map(|one| one.columns.clone()).unwrap_or_default();
    };
    match &definition.body {
        ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => key
            .columns
            .iter()
            .map(|part| part.column_name().map_or_else(|| cx.words(part.span).to_owned(), |name| name.value.clone()))
            .collect(),
        ConstraintBody::Exclusion(exclusion) => exclusion.columns.iter().map(|part| cx.words(part.span).to_owned()).collect(),
        ConstraintBody::ForeignKey(foreign) => foreign.columns.iter().map(|name| name.value.clone()).collect(),
        ConstraintBody::NotNull { column } => vec![column.value.clone()],
        ConstraintBody::Check(_) => Vec::new(),
    }
}

/// A foreign key asks for its columns by value: an index whose first keys are these serves it, also one
/// that leaves out the rows in which one of them is NULL (PostgreSQL uses it, measured on 16).
fn begins_with(index: &crate::catalog::Index, wanted: &[String]) -> bool {
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '"')).collect::<String>().to_lowercase();
    let asked = |predicate: &str| wanted.iter().any(|name| bare(predicate) == format!("{}isnotnull", name.to_lowercase()));
    let plain = index.predicate.as_ref().is_none_or(|predicate| asked(&predicate.text))
        && index.kind == crate::change::IndexKind::Plain
        && !wanted.is_empty();
    let ordered = matches!(index.method.as_str(), "" | "btree" | "hash");
    let first: Vec<&str> = index.keys.iter().take(wanted.len()).filter_map(|key| Some(key.column_name()?.value.as_str())).collect();
    plain && ordered && wanted.iter().all(|name| first.iter().any(|key| key.eq_ignore_ascii_case(name)))
}

/// The first pair of columns of a foreign key whose types differ.
fn mismatch(cx: &Context<'_>) -> Option<String> {
    let foreign = foreign_key(cx)?;
    let (own, other) = (cx.table()?, cx.find(&foreign.references)?);
    let there: Vec<String> = match foreign.referenced_columns.is_empty() {
        true => other.primary_key()?.columns.clone(),
        false => foreign.referenced_columns.iter().map(|name| name.value.clone()).collect(),
    };
    foreign.columns.iter().zip(&there).find_map(|(here, there)| {
        let here = base(cx, own.column(&here.value)?.data_type.as_ref()?);
        let there = base(cx, other.column(there)?.data_type.as_ref()?);
        let differ = stored_as(&here.name) != stored_as(&there.name) || here.unsigned != there.unsigned;
        differ.then(|| format!("{} here, {} there", stored_as(&here.name), stored_as(&there.name)))
    })
}

/// A domain compares as what it is made of.
pub(super) fn base<'a>(cx: &Context<'a>, data_type: &'a DataType) -> &'a DataType {
    let inner = |data_type| cx.catalog().domain_of(data_type).map(|domain| &domain.base);
    // A domain over a domain, and no deeper than anybody writes.
    std::iter::successors(Some(data_type), |data_type| inner(data_type)).take(8).last().unwrap_or(data_type)
}

/// A serial is an integer with a default; texts of any kind compare as they are.
fn stored_as(name: &str) -> &str {
    match name {
        "smallserial" => "smallint",
        "serial" => "integer",
        "bigserial" => "bigint",
        "character" | "character varying" | "citext" => "text",
        other => other,
    }
}

/// The constraint that a change drops by its name.
pub(super) fn dropped(change: &Change) -> Option<&Ident> {
    match &change.action {
        Action::DropConstraint { name, .. } => name.as_ref(),
        _ => None,
    }
}

/// What the constraint at hand demands: as it is defined, as it stands, or as DROP calls it.
fn kind(cx: &Context<'_>) -> Option<ConstraintKind> {
    definition(cx).map(|one| one.body.kind()).or_else(|| existing(cx).map(|one| one.kind)).or(match &cx.change.action {
        Action::DropConstraint { kind, .. } => *kind,
        _ => None,
    })
}

/// The name of the very constraint that the change adds, where it stands there already: at the end
/// of the migration.
fn standing(cx: &Context<'_>, table: &Table, body: &ConstraintBody) -> Option<String> {
    let named = |constraint: &Constraint| constraint.name.clone();
    match body {
        ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => {
            let index = table.indexes.iter().find(|index| !key.columns.is_empty() && index.keys == key.columns)?;
            index.constraint.clone()
        }
        ConstraintBody::Check(check) => {
            let same = |one: &crate::change::Expression| one.span == check.expression.span && one.text == check.expression.text;
            table.constraints.iter().find(|constraint| constraint.expression.as_ref().is_some_and(same)).map(named)
        }
        ConstraintBody::ForeignKey(foreign) => {
            let now = cx.catalog().now.migration;
            let same = |constraint: &&Constraint| {
                constraint.kind == ConstraintKind::ForeignKey
                    && constraint.birth.migration == now
                    && constraint.columns.iter().map(String::as_str).eq(foreign.columns.iter().map(|one| one.value.as_str()))
            };
            table.constraints.iter().find(same).map(named)
        }
        ConstraintBody::Exclusion(_) | ConstraintBody::NotNull { .. } => None,
    }
}

/// The name written, or the one PostgreSQL would make up.
pub(super) fn name(cx: &Context<'_>) -> String {
    if let Some(written) = definition(cx).and_then(|one| one.name.as_ref()) {
        return written.value.clone();
    }
    match &cx.change.action {
        Action::ValidateConstraint { name } | Action::AlterConstraint { name, .. } => return name.value.clone(),
        Action::RenameConstraint { from, .. } => return from.value.clone(),
        Action::DropConstraint { name: Some(name), .. } => return name.value.clone(),
        Action::DropConstraint { kind: Some(ConstraintKind::PrimaryKey), .. } if existing(cx).is_none() => return "PRIMARY".to_owned(),
        _ => {}
    }
    if let Some(existing) = existing(cx) {
        return existing.name.clone();
    }
    let Some(definition) = definition(cx) else { return String::new() };
    if let (Some(table), Engine::Postgres) = (cx.table(), cx.target().engine) {
        let new = match &cx.change.action {
            Action::AddColumn { column, .. } => Some(column.name.value.as_str()),
            _ => None,
        };
        if let Some(there) = standing(cx, table, &definition.body) {
            return there;
        }
        // What the same statement drops is gone when its name is wanted.
        let base = crate::catalog::postgres_join(&table.key.name, "", "pkey");
        let freed = || cx.scene.statement.changes.iter().any(|change| dropped(change).is_some_and(|name| name.is(&base)));
        if definition.body.kind() == ConstraintKind::PrimaryKey && freed() {
            return base;
        }
        let added = cx.scene.statement.changes.iter().filter_map(|change| match &change.action {
            Action::AddColumn { column, .. } => Some(column.name.value.as_str()),
            _ => None,
        });
        return cx.catalog().made_up_constraint(table, &definition.body, new, &added.collect::<Vec<_>>());
    }
    let table = cx.table_name();
    let table = crate::sql::without_schema(&table);
    let columns = columns(cx).join("_");
    match definition.body.kind() {
        ConstraintKind::PrimaryKey => format!("{table}_pkey"),
        ConstraintKind::Unique => format!("{table}_{columns}_key"),
        ConstraintKind::Check => format!("{table}_check"),
        ConstraintKind::ForeignKey => format!("{table}_{columns}_fkey"),
        ConstraintKind::Exclusion => format!("{table}_{columns}_excl"),
        ConstraintKind::NotNull => format!("{table}_{columns}_not_null"),
    }
}

pub(super) static FACTS: &[Fact] = &[
    Fact {
        name: "constraint.name",
        kind: FactType::Text,
        doc: "Its name, or the one the engine will make up.",
        get: |cx| Value::text(name(cx)),
    },
    Fact {
        name: "constraint.kind",
        kind: FactType::Level(&KINDS),
        doc: "What it demands; `none` when the change has no constraint or the history does not know it.",
        get: |cx| Value::word(&KINDS, kind(cx).map_or("none", kind_word)),
    },
    Fact {
        name: "constraint.named",
        kind: FactType::Flag,
        doc: "The change gives it a name, rather than to leave that to the engine.",
        get: |cx| {
            let index = key(cx).and_then(|key| key.index_name.as_ref().or(key.using_index.as_ref()));
            Value::flag(definition(cx).is_some_and(|one| one.name.is_some()) || index.is_some())
        },
    },
    Fact {
        name: "constraint.inline",
        kind: FactType::Flag,
        doc: "It is written inside the definition of a column.",
        get: |cx| Value::flag(definition(cx).is_some_and(|one| one.inline)),
    },
    Fact {
        name: "constraint.not_enforced",
        kind: FactType::Flag,
        doc: "It is written `NOT ENFORCED`.",
        get: |cx| Value::flag(definition(cx).is_some_and(|one| one.not_enforced.is_some())),
    },
    Fact {
        name: "constraint.unvalidated",
        kind: FactType::Flag,
        doc: "It stands in the schema, and the rows that were there have not been checked.",
        get: |cx| {
            let (own, kind) = (name(cx), definition(cx).map(|one| one.body.kind()));
            // One inside a new column is known by that: the engine makes up its name.
            let column = match &cx.change.action {
                Action::AddColumn { column, .. } => Some(column.name.value.as_str()),
                _ => None,
            };
            let same = |one: &Constraint| match column {
                Some(column) => Some(one.kind) == kind && one.columns.iter().any(|name| name.eq_ignore_ascii_case(column)),
                None => one.name.eq_ignore_ascii_case(&own),
            };
            // One that was dropped and added again since is another one.
            let here = cx.scene.script.locate(cx.change.span);
            let own = |one: &Constraint| one.origin.is_none_or(|origin| origin == here);
            let unchecked = |one: &Constraint| same(one) && own(one) && one.validity == Validity::NotValid;
            Value::flag(cx.table().is_some_and(|table| table.constraints.iter().any(unchecked)))
        },
    },
    Fact {
        name: "constraint.latest",
        kind: FactType::Flag,
        doc: "It was added by the newest migration there is; asked at the end, when the history is known.",
        get: |cx| {
            let own = name(cx);
            let here = |one: &&Constraint| one.name.eq_ignore_ascii_case(&own) && one.birth.origin(cx.catalog().now).is_new();
            Value::flag(cx.table().is_some_and(|table| table.constraints.iter().any(|one| here(&one))))
        },
    },
    Fact {
        name: "constraint.indexed",
        kind: FactType::Flag,
        doc: "An index of the table begins with its columns, in any order, whole or without the rows where one of them is NULL; unknown when the table's definition is not known.",
        get: |cx| {
            let Some(table) = cx.table() else { return Value::Unknown };
            let wanted = columns(cx);
            match (table.indexes.iter().any(|index| begins_with(index, &wanted)), table.complete && !table.uncertain) {
                (true, _) => Value::flag(true),
                (false, true) => Value::flag(false),
                (false, false) => Value::Unknown,
            }
        },
    },
    Fact {
        name: "constraint.gone",
        kind: FactType::Flag,
        doc: "At the history's end: the table has no constraint of this kind over these columns any more; it was dropped, or a column was.",
        get: |cx| {
            let (Some(table), Some(kind)) = (cx.table(), kind(cx)) else { return Value::Unknown };
            let wanted = columns(cx);
            let same = |one: &&Constraint| {
                one.kind == kind
                    && one.columns.len() == wanted.len()
                    && one.columns.iter().zip(&wanted).all(|(a, b)| a.eq_ignore_ascii_case(b))
            };
            Value::flag(table.complete && !table.constraints.iter().any(|one| same(&one)))
        },
    },
    Fact {
        name: "constraint.mismatch",
        kind: FactType::Text,
        doc: "A foreign key's column and the one it points at, where their types differ: `bigint here, integer there`; empty when they agree or the history does not tell.",
        get: |cx| Value::maybe(mismatch(cx)),
    },
    Fact {
        name: "constraint.columns",
        kind: FactType::Names,
        doc: "The columns of a key or foreign key.",
        get: |cx| Value::Names(columns(cx).into_iter().map(Into::into).collect()),
    },
    Fact {
        name: "constraint.expression",
        kind: FactType::Text,
        doc: "The condition of a CHECK, as written.",
        get: |cx| match definition(cx).map(|one| &one.body) {
            Some(ConstraintBody::Check(check)) => Value::text(&*check.expression.text),
            Some(_) => Value::text(""),
            None => Value::maybe(existing(cx).and_then(|one| one.expression.as_ref()).map(|expression| &*expression.text)),
        },
    },
    Fact {
        name: "constraint.not_valid",
        kind: FactType::Flag,
        doc: "It is added `NOT VALID`, or stands in the schema unvalidated.",
        get: |cx| match (definition(cx), existing(cx)) {
            (Some(one), _) => Value::flag(one.not_valid.is_some()),
            (None, Some(one)) => Value::flag(one.validity == Validity::NotValid),
            (None, None) => Value::Unknown,
        },
    },
    Fact {
        name: "constraint.using_index",
        kind: FactType::Flag,
        doc: "A key that takes over an existing index.",
        get: |cx| Value::flag(key(cx).is_some_and(|key| key.using_index.is_some())),
    },
    Fact {
        name: "constraint.references",
        kind: FactType::Text,
        doc: "The table a foreign key points at.",
        get: |cx| match (foreign_key(cx), existing(cx).and_then(|one| one.foreign_key.as_ref())) {
            (Some(foreign), _) => {
                Value::text(cx.find(&foreign.references).map_or_else(|| shown_name(&foreign.references), |table| table.key.to_string()))
            }
            (None, Some(foreign)) => Value::text(foreign.references.to_string()),
            (None, None) => Value::text(""),
        },
    },
    Fact {
        name: "constraint.parent_live",
        kind: FactType::Flag,
        doc: "The table a foreign key points at is another one than its own, and was there before this migration: whoever writes to it waits too.",
        get: |cx| match foreign_key(cx) {
            Some(foreign) => {
                let own = cx.table().map(|table| &table.key);
                let parent = cx.find(&foreign.references);
                let live = parent.is_none_or(|table| super::lookup::is_live(cx.catalog(), table));
                Value::flag(live && own != Some(&cx.catalog().resolve(&foreign.references)))
            }
            None => Value::flag(false),
        },
    },
    Fact {
        name: "constraint.referenced_columns",
        kind: FactType::Names,
        doc: "The columns a foreign key points at; empty for the primary key.",
        get: |cx| {
            let written = foreign_key(cx).map(|foreign| foreign.referenced_columns.iter().map(|name| name.value.clone().into()).collect());
            Value::Names(written.unwrap_or_default())
        },
    },
    Fact {
        name: "constraint.new",
        kind: FactType::Flag,
        doc: "It was added earlier in this migration.",
        get: |cx| Value::flag(existing(cx).is_some_and(|one| one.birth.origin(cx.catalog().now).is_new())),
    },
    Fact {
        name: "constraint.frees_name",
        kind: FactType::Flag,
        doc: "An earlier statement of this migration drops an index of its name.",
        get: |cx| Value::flag(cx.scene.ledger.migration.dropped_indexes.contains(&name(cx).to_lowercase())),
    },
    Fact {
        name: "constraint.succeeds",
        kind: FactType::Flag,
        doc: "A constraint of its name is dropped before it, in this migration: until then the name is taken.",
        get: |cx| {
            let own = name(cx);
            let before = cx.scene.statement.changes.iter().take(cx.position);
            let here = before.into_iter().any(|change| dropped(change).is_some_and(|name| name.is(&own)));
            Value::flag(here || cx.scene.ledger.migration.dropped_constraints.contains(&own.to_lowercase()))
        },
    },
    Fact {
        name: "constraint.uncommitted",
        kind: FactType::Flag,
        doc: "It was added earlier in this very transaction, whose lock is still held.",
        get: |cx| {
            let held = cx.catalog().session.transaction.is_some();
            let here = existing(cx).is_some_and(|one| {
                one.birth.migration == cx.catalog().now.migration && one.birth.transaction == cx.catalog().now.transaction
            });
            Value::flag(held && here)
        },
    },
    Fact {
        name: "constraint.words",
        kind: FactType::Text,
        doc: "What it demands, for messages: `the foreign key`.",
        get: |cx| {
            Value::text(match kind(cx) {
                Some(ConstraintKind::PrimaryKey) => "the primary key",
                Some(ConstraintKind::Unique) => "the unique constraint",
                Some(ConstraintKind::Check) => "the CHECK",
                Some(ConstraintKind::ForeignKey) => "the foreign key",
                Some(ConstraintKind::Exclusion) => "the exclusion constraint",
                Some(ConstraintKind::NotNull) => "the NOT NULL",
                None => "the constraint",
            })
        },
    },
    Fact {
        name: "constraint.returns",
        kind: FactType::Flag,
        doc: "A constraint of the same name, or another primary key, is added to the table further down in this migration.",
        get: |cx| {
            let own = name(cx);
            let dropped_key = kind(cx) == Some(ConstraintKind::PrimaryKey);
            Value::flag(cx.much_later().any(|change| match &change.action {
                Action::AddConstraint(added) => {
                    added.name.as_ref().is_some_and(|name| name.is(&own)) || dropped_key && added.body.kind() == ConstraintKind::PrimaryKey
                }
                _ => false,
            }))
        },
    },
    Fact {
        name: "constraint.covered",
        kind: FactType::Flag,
        doc: "Another key or foreign key enforces as much, or its table, one of its columns or the table it points at goes in this migration too.",
        get: |cx| Value::flag(existing(cx).is_some_and(|one| super::covered::is_covered(cx, one))),
    },
    Fact {
        name: "constraint.helps_not_null",
        kind: FactType::Flag,
        doc: "A CHECK that says only that a column is not NULL, and the column is NOT NULL by now.",
        get: |cx| {
            let (Some(one), Some(table)) = (existing(cx), cx.table()) else { return Value::flag(false) };
            let text = one.expression.as_ref().map(|expression| expression.text.to_ascii_lowercase()).unwrap_or_default();
            let said = text.contains("is not null") && one.columns.len() == 1;
            let sets = |wanted: &str| {
                let mut changes = cx.scene.statement.changes.iter();
                changes.any(|change| matches!(&change.action, Action::SetNotNull { column } if column.is(wanted)))
            };
            let proven = one.columns.iter().all(|name| sets(name) || table.column(name).is_some_and(|column| column.not_null));
            Value::flag(said && proven)
        },
    },
    Fact {
        name: "constraint.known",
        kind: FactType::Flag,
        doc: "The change writes it, or the history holds it.",
        get: |cx| Value::flag(if definition(cx).is_some() || existing(cx).is_some() { Truth::Yes } else { Truth::No }),
    },
];
