//! `change.*`

use super::clause::{if_exists, if_not_exists, is_cascade, is_concurrent, named, new_name, replaces};
use super::ledger::is_mergeable;
use super::object::{is_gone, misses, object_birth};
use super::transaction::is_zero;
use super::value::Scale;
use super::{Context, Element, Fact, FactType, Value, changes_schema, scene::shown_name, writes_rows};
use crate::change::{Action, ObjectKind, ReindexTarget, TableOption};

static OBJECTS: Scale = Scale {
    ordered: false,
    words: &[
        "none",
        "table",
        "view",
        "materialized-view",
        "index",
        "sequence",
        "type",
        "domain",
        "function",
        "procedure",
        "aggregate",
        "trigger",
        "event-trigger",
        "rule",
        "policy",
        "schema",
        "database",
        "extension",
        "role",
        "publication",
        "subscription",
        "statistics",
        "foreign-table",
        "server",
        "tablespace",
        "collation",
        "event",
        "constraint",
        "column",
        "other",
    ],
};

static PARTS: Scale = Scale { ordered: false, words: &["none", "column", "constraint", "index", "name"] };

fn object_word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Table => "table",
        ObjectKind::View => "view",
        ObjectKind::MaterializedView => "materialized-view",
        ObjectKind::Index => "index",
        ObjectKind::Sequence => "sequence",
        ObjectKind::Type => "type",
        ObjectKind::Domain => "domain",
        ObjectKind::Function => "function",
        ObjectKind::Procedure => "procedure",
        ObjectKind::Aggregate => "aggregate",
        ObjectKind::Trigger => "trigger",
        ObjectKind::EventTrigger => "event-trigger",
        ObjectKind::Rule => "rule",
        ObjectKind::Policy => "policy",
        ObjectKind::Schema => "schema",
        ObjectKind::Database => "database",
        ObjectKind::Extension => "extension",
        ObjectKind::Role => "role",
        ObjectKind::Publication => "publication",
        ObjectKind::Subscription => "subscription",
        ObjectKind::Statistics => "statistics",
        ObjectKind::ForeignTable => "foreign-table",
        ObjectKind::Server => "server",
        ObjectKind::Tablespace => "tablespace",
        ObjectKind::Collation => "collation",
        ObjectKind::Event => "event",
        ObjectKind::Constraint => "constraint",
        ObjectKind::Column => "column",
        ObjectKind::Other => "other",
    }
}

fn object_kind(action: &Action) -> Option<ObjectKind> {
    match action {
        Action::Owner { kind, .. }
        | Action::CreateObject { kind, .. }
        | Action::DropObject { kind, .. }
        | Action::RenameObject { kind, .. }
        | Action::SetObjectSchema { kind, .. }
        | Action::AlterObject { kind, .. }
        | Action::Comment { kind, .. } => Some(*kind),
        _ => None,
    }
}

/// The object's own name: what is made, dropped, renamed or called.
fn name(cx: &Context<'_>) -> String {
    let named = match &cx.change.action {
        Action::CreateTable(table) => &table.name,
        Action::CreateView(view) => &view.name,
        Action::CreateSequence(sequence) => &sequence.name,
        Action::CreateEnum(one) => &one.name,
        Action::CreateDomain(domain) => &domain.name,
        Action::CreateRoutine(routine) => &routine.name,
        Action::CreateTrigger(trigger) => &trigger.name,
        Action::CallRoutine(call) => &call.name,
        Action::AlterSequence { name, .. }
        | Action::AddEnumValue { name, .. }
        | Action::RenameEnumValue { name, .. }
        | Action::CreateType { name, .. }
        | Action::AlterTypeAttribute { name, .. }
        | Action::AlterDomain { name, .. }
        | Action::CreateObject { name, .. }
        | Action::DropObject { name, .. }
        | Action::RenameObject { name, .. }
        | Action::SetObjectSchema { name, .. }
        | Action::AlterObject { name, .. }
        | Action::Comment { name, .. } => name,
        Action::AttachPartition { partition, .. } | Action::DetachPartition { partition, .. } => partition,
        Action::CreateSchema { name: Some(name), .. } | Action::CreateExtension { name, .. } => return name.value.clone(),
        Action::CreatePolicy(policy) => return policy.name.value.clone(),
        Action::AlterPolicy { name } => return name.value.clone(),
        Action::CreateRule(rule) => return rule.name.value.clone(),
        Action::SetVariable(setting) => return setting.name.clone(),
        Action::Pragma(pragma) => return pragma.name.clone(),
        Action::Opaque { name: Some(name), .. } => name,
        _ => return cx.spelled_table_name(),
    };
    shown_name(named)
}

/// Columns of a CREATE TABLE IF NOT EXISTS that the table which is there does not have; the type of
/// an ADD COLUMN IF NOT EXISTS that differs.
fn hidden(cx: &Context<'_>) -> Vec<String> {
    match &cx.change.action {
        Action::CreateTable(asked) if asked.if_not_exists => match cx.find(&asked.name) {
            Some(there) if there.complete => {
                let missing = asked.columns.iter().filter(|column| there.column(&column.name.value).is_none());
                missing.map(|column| format!("column {}", column.name)).collect()
            }
            Some(_) | None => Vec::new(),
        },
        Action::AddColumn { column, if_not_exists: true, .. } => {
            let there = cx.column().and_then(|there| there.data_type.as_ref());
            match (there, &column.data_type) {
                (Some(there), Some(asked)) if there.name != asked.name || there.args != asked.args || there.array != asked.array => {
                    vec![format!("type {}", cx.words(asked.span))]
                }
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

pub(super) static FACTS: &[Fact] = &[
    Fact {
        name: "change.kind",
        kind: FactType::Text,
        doc: "The kind of change, as named in a rule's `on`.",
        get: |cx| Value::text(cx.change.action.kind().name()),
    },
    Fact {
        name: "change.part",
        kind: FactType::Level(&PARTS),
        doc: "Which part of it is looked at alone; `none` when a rule is asked about the whole change.",
        get: |cx| {
            let part = match cx.element {
                None => "none",
                Some(Element::Column(_)) => "column",
                Some(Element::Constraint(_)) => "constraint",
                Some(Element::Index(_)) => "index",
                Some(Element::Name(_)) => "name",
            };
            Value::word(&PARTS, part)
        },
    },
    Fact {
        name: "change.name",
        kind: FactType::Text,
        doc: "The object that is made, dropped or altered; the table where there is no other.",
        get: |cx| Value::text(name(cx)),
    },
    Fact {
        name: "change.to",
        kind: FactType::Text,
        doc: "The new name or schema of a rename, or the label an enum value gets.",
        get: |cx| Value::maybe(new_name(&cx.change.action)),
    },
    Fact {
        name: "change.object",
        kind: FactType::Level(&OBJECTS),
        doc: "The kind of object, for `drop-object`, `rename-object`, `alter-object` and their like.",
        get: |cx| Value::word(&OBJECTS, object_kind(&cx.change.action).map_or("none", object_word)),
    },
    Fact {
        name: "change.sql",
        kind: FactType::Text,
        doc: "The clause's text, for messages.",
        get: |cx| Value::text(cx.words(cx.change.span)),
    },
    Fact {
        name: "change.number",
        kind: FactType::Number,
        doc: "Its place in the statement, from 1.",
        get: |cx| Value::count(cx.position + 1),
    },
    Fact {
        name: "change.schema",
        kind: FactType::Flag,
        doc: "It changes the schema, as opposed to rows, settings or nothing at all.",
        get: |cx| Value::flag(changes_schema(cx.change.action.kind())),
    },
    Fact { name: "change.rows", kind: FactType::Flag, doc: "It writes rows.", get: |cx| Value::flag(writes_rows(cx.change.action.kind())) },
    Fact {
        name: "change.conditional",
        kind: FactType::Flag,
        doc: "It stands inside a block or under a condition and may not be executed.",
        get: |cx| Value::flag(cx.change.conditional),
    },
    Fact {
        name: "change.concurrently",
        kind: FactType::Flag,
        doc: "It says CONCURRENTLY.",
        get: |cx| Value::flag(is_concurrent(&cx.change.action)),
    },
    Fact {
        name: "change.if_exists",
        kind: FactType::Flag,
        doc: "It says IF EXISTS.",
        get: |cx| Value::flag(if_exists(&cx.change.action) || cx.scene.statement.modifiers.if_exists),
    },
    Fact {
        name: "change.if_not_exists",
        kind: FactType::Flag,
        doc: "It says IF NOT EXISTS.",
        get: |cx| Value::flag(if_not_exists(&cx.change.action)),
    },
    Fact { name: "change.cascade", kind: FactType::Flag, doc: "It says CASCADE.", get: |cx| Value::flag(is_cascade(&cx.change.action)) },
    Fact {
        name: "change.or_replace",
        kind: FactType::Flag,
        doc: "It says OR REPLACE.",
        get: |cx| Value::flag(replaces(&cx.change.action)),
    },
    Fact {
        name: "change.only",
        kind: FactType::Flag,
        doc: "It says ONLY: partitions or children are left out.",
        get: |cx| match &cx.change.action {
            Action::CreateIndex(index) => Value::flag(index.only),
            Action::Truncate { only, .. } => Value::flag(*only),
            _ => Value::flag(cx.scene.statement.modifiers.only),
        },
    },
    Fact {
        name: "change.renames_column",
        kind: FactType::Flag,
        doc: "A CHANGE COLUMN that gives the column another name.",
        get: |cx| match &cx.change.action {
            Action::ModifyColumn { column, definition, .. } => Value::flag(!definition.name.is(&column.value)),
            Action::RenameColumn { from, to, .. } => Value::flag(!to.is(&from.value)),
            _ => Value::flag(false),
        },
    },
    Fact {
        name: "change.with_no_data",
        kind: FactType::Flag,
        doc: "It says WITH NO DATA.",
        get: |cx| match &cx.change.action {
            Action::RefreshView { with_no_data, .. } => Value::flag(*with_no_data),
            Action::CreateView(view) => Value::flag(view.with_no_data),
            Action::CreateTable(table) => Value::flag(table.with_no_data),
            _ => Value::flag(false),
        },
    },
    Fact {
        name: "change.value",
        kind: FactType::Text,
        doc: "The value of a setting or pragma, or the label of an enum value.",
        get: |cx| match &cx.change.action {
            Action::SetVariable(setting) => Value::maybe(setting.value.as_deref()),
            Action::Pragma(pragma) => Value::maybe(pragma.value.as_deref()),
            Action::AddEnumValue { value, .. } => Value::text(value.as_str()),
            Action::RenameEnumValue { from, .. } => Value::text(from.as_str()),
            Action::AlterObject { what, .. } => Value::text(what.as_str()),
            _ => Value::text(""),
        },
    },
    Fact {
        name: "change.disables",
        kind: FactType::Flag,
        doc: "It switches a trigger, rule or protection off.",
        get: |cx| match &cx.change.action {
            Action::SetTriggerState { state, .. } | Action::SetRuleState { state, .. } => {
                Value::flag(*state == crate::change::TriggerState::Disable)
            }
            Action::RowSecurity { enable, force } => Value::flag(*enable == Some(false) || *force == Some(false)),
            _ => Value::flag(false),
        },
    },
    Fact {
        name: "change.whole_database",
        kind: FactType::Flag,
        doc: "A REINDEX, VACUUM or ANALYZE that names no table.",
        get: |cx| match &cx.change.action {
            Action::Reindex(reindex) => Value::flag(matches!(
                reindex.target,
                ReindexTarget::Schema(_) | ReindexTarget::Database(_) | ReindexTarget::System(_) | ReindexTarget::Any(None)
            )),
            Action::Vacuum { .. } | Action::Analyze { .. } | Action::Cluster { .. } => Value::flag(cx.change.table.is_none()),
            _ => Value::flag(false),
        },
    },
    Fact {
        name: "change.temporary",
        kind: FactType::Flag,
        doc: "It makes or drops something temporary.",
        get: |cx| match &cx.change.action {
            Action::CreateTable(table) => Value::flag(table.persistence == crate::change::Persistence::Temporary),
            Action::DropTable { temporary, .. } => Value::flag(*temporary),
            Action::CreateView(view) => Value::flag(view.temporary),
            Action::CreateSequence(sequence) => Value::flag(sequence.temporary),
            _ => Value::flag(false),
        },
    },
    Fact {
        name: "change.object_new",
        kind: FactType::Flag,
        doc: "The view, type, sequence, function or schema it names was made in this migration, or got this name in it.",
        get: |cx| {
            let made = object_birth(cx).is_some_and(|birth| cx.catalog().origin(birth).is_new());
            let named = match &cx.change.action {
                Action::DropObject { name, .. } => {
                    let earlier = cx.scene.statement.changes.iter().take(cx.position);
                    let to_it = |change: &crate::change::Change| matches!(&change.action, Action::RenameObject { to, .. } if to.name.value == name.name.value);
                    cx.scene.ledger.migration.named.contains(&name.name.value) || earlier.into_iter().any(to_it)
                }
                _ => false,
            };
            Value::flag(made || named)
        },
    },
    Fact {
        name: "change.returns",
        kind: FactType::Flag,
        doc: "A view, function, trigger, type or sequence that is dropped or renamed here is created again further down in this migration; for a trigger, another one for the same moment and the same events will do.",
        get: |cx| {
            let own = name(cx);
            Value::flag(cx.later().any(|change| match &change.action {
                Action::CreateView(view) => shown_name(&view.name) == own,
                Action::CreateRoutine(routine) => shown_name(&routine.name) == own,
                Action::CreateTrigger(trigger) => shown_name(&trigger.name) == own || super::trigger::succeeds(cx, trigger, change),
                Action::CreateEnum(one) => shown_name(&one.name) == own,
                Action::CreateDomain(domain) => shown_name(&domain.name) == own,
                Action::CreateSequence(sequence) => shown_name(&sequence.name) == own,
                Action::CreateType { name, .. } | Action::CreateObject { name, .. } => shown_name(name) == own,
                Action::RenameObject { to, .. } => shown_name(to) == own,
                _ => false,
            }))
        },
    },
    Fact {
        name: "change.unnamed",
        kind: FactType::Flag,
        doc: "The function it drops or renames returns `trigger`, or the sequence is owned by a column: no statement of a client names it, and it cannot go before what uses it.",
        get: |cx| {
            let (Action::DropObject { kind, name, .. } | Action::RenameObject { kind, name, .. }) = &cx.change.action else {
                return Value::flag(false);
            };
            Value::flag(match kind {
                ObjectKind::Function => {
                    let returns = cx.catalog().routine(name).and_then(|routine| routine.returns.as_ref());
                    returns.is_some_and(|data_type| data_type.name.eq_ignore_ascii_case("trigger"))
                }
                ObjectKind::Sequence => cx.catalog().sequence(name).is_some_and(|sequence| sequence.owned_by.is_some()),
                _ => false,
            })
        },
    },
    Fact {
        name: "change.called_by",
        kind: FactType::Text,
        doc: "The triggers that execute the function it drops, which CASCADE takes along; empty where the history knows none.",
        get: |cx| {
            let Action::DropObject { kind: ObjectKind::Function, name, .. } = &cx.change.action else { return Value::text("") };
            Value::text(super::trigger::calling(cx.catalog(), &cx.catalog().resolve_routine(name)).join(", "))
        },
    },
    Fact {
        name: "change.object_known",
        kind: FactType::Flag,
        doc: "The view, type, sequence, function or schema it names stands in the history; unknown otherwise.",
        get: |cx| if object_birth(cx).is_some() { Value::flag(true) } else { Value::Unknown },
    },
    Fact {
        name: "change.object_gone",
        kind: FactType::Flag,
        doc: "The history made the view, sequence or function it names, and dropped it again; or it made no function of that name with so many arguments.",
        get: |cx| Value::flag(is_gone(cx)),
    },
    Fact {
        name: "change.misses",
        kind: FactType::Flag,
        doc: "It drops a function by a list of arguments, and those of that name in the history take another number of them.",
        get: |cx| Value::flag(misses(cx)),
    },
    Fact {
        name: "change.computes",
        kind: FactType::Flag,
        doc: "A USING clause converts the values, by more than a cast of the column itself.",
        get: |cx| match &cx.change.action {
            Action::SetType { column, using: Some(using), .. } => Value::flag(!super::clause::is_cast_of(&using.text, &column.value)),
            _ => Value::flag(false),
        },
    },
    Fact {
        name: "change.hidden",
        kind: FactType::Names,
        doc: "What an IF NOT EXISTS asks for and silently does not get, because something of that name is there already with another shape.",
        get: |cx| Value::Names(hidden(cx).into_iter().map(Into::into).collect()),
    },
    Fact {
        name: "change.engine",
        kind: FactType::Text,
        doc: "MySQL and MariaDB: the storage engine an ALTER TABLE asks for, in lower case.",
        get: |cx| match &cx.change.action {
            Action::TableOptions(options) => {
                Value::maybe(options.iter().find(|option| option.name == "engine").map(|option| option.value.to_ascii_lowercase()))
            }
            _ => Value::text(""),
        },
    },
    Fact {
        name: "change.unlogged",
        kind: FactType::Flag,
        doc: "It makes a table UNLOGGED, or an existing one.",
        get: |cx| match &cx.change.action {
            Action::CreateTable(table) => Value::flag(table.persistence == crate::change::Persistence::Unlogged),
            Action::SetLogged { logged } => Value::flag(!logged),
            _ => Value::flag(false),
        },
    },
    Fact {
        name: "change.zero",
        kind: FactType::Flag,
        doc: "It sets a setting or pragma to nothing: 0 in whatever unit.",
        get: |cx| match &cx.change.action {
            Action::SetVariable(setting) => Value::flag(setting.value.as_deref().is_some_and(is_zero)),
            Action::Pragma(pragma) => Value::flag(pragma.value.as_deref().is_some_and(is_zero)),
            _ => Value::flag(false),
        },
    },
    Fact {
        name: "change.charset",
        kind: FactType::Text,
        doc: "MySQL and MariaDB: the character set a table is made with or converted to, in lower case.",
        get: |cx| {
            let of = |options: &[TableOption]| {
                let charset = options.iter().find(|option| option.name.ends_with("charset") || option.name.ends_with("character set"));
                charset.map(|option| option.value.to_ascii_lowercase())
            };
            match &cx.change.action {
                Action::CreateTable(table) => Value::maybe(of(&table.options)),
                Action::TableOptions(options) => Value::maybe(of(options)),
                Action::ConvertCharset { charset, .. } => Value::text(charset.to_ascii_lowercase()),
                _ => Value::text(""),
            }
        },
    },
    Fact {
        name: "change.unqualified",
        kind: FactType::Flag,
        doc: "It makes or names a table, view, type, function or sequence without its schema.",
        get: |cx| Value::flag(named(cx.change).is_some_and(|name| name.schema.is_none() && !name.name.value.is_empty())),
    },
    Fact {
        name: "change.continues",
        kind: FactType::Flag,
        doc: "The statement right before this one is an ALTER TABLE of the same table too, and the two could be one.",
        get: |cx| {
            let own = cx.table_name();
            let first = cx.position == 0 && !own.is_empty() && is_mergeable(cx.scene.statement);
            Value::flag(first && cx.scene.ledger.last_altered.as_deref() == Some(own.as_str()))
        },
    },
    Fact {
        name: "change.full",
        kind: FactType::Flag,
        doc: "VACUUM FULL.",
        get: |cx| Value::flag(matches!(cx.change.action, Action::Vacuum { full: true, .. })),
    },
];
