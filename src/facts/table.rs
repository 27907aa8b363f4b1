//! `table.*`

use super::value::Scale;
use super::{Context, Fact, FactType, Value, lookup, rebuild, shown_name};
use crate::catalog::{Catalog, Origin, Presence, Rows, Table, TableKind, Validity};
use crate::change::{Action, ConstraintKind, ObjectKind, ObjectName, Persistence};
use crate::effect::Truth;
use crate::engine::Engine;

static KINDS: Scale =
    Scale { ordered: false, words: &["none", "table", "partitioned", "foreign", "virtual", "materialized-view", "view", "sequence"] };
static ROWS: Scale = Scale { ordered: true, words: &["none", "assumed", "some"] };

/// A table nobody knows is taken for one that is in use.
fn is_live(cx: &Context<'_>) -> bool {
    let retaken = |table: &Table| cx.scene.ledger.migration.retaken.contains(&table.key.to_string());
    !cx.made_in_block() && cx.table().is_none_or(|table| lookup::is_live(cx.catalog(), table) || retaken(table))
}

fn known_rows(cx: &Context<'_>) -> Option<u64> {
    cx.table().and_then(|table| table.statistics).map(|statistics| statistics.rows)
}

/// The statistics say so, or it cannot have more than one row.
pub(super) fn is_small(cx: &Context<'_>) -> bool {
    known_rows(cx).is_some_and(|rows| rows < cx.scene.thresholds.large_table_rows) || cx.table().is_some_and(has_one_row)
}

/// A CHECK allows one value in a column, and a key allows that once: `CHECK (id = 1)`.
fn has_one_row(table: &Table) -> bool {
    let keyed = |name: &str| {
        let alone = |columns: &mut dyn Iterator<Item = &str>| {
            columns.next().is_some_and(|one| one.eq_ignore_ascii_case(name)) && columns.next().is_none()
        };
        let known = table.column(name).is_some_and(|column| column.not_null);
        known
            && table.indexes.iter().any(|index| (index.unique || index.primary) && index.predicate.is_none() && alone(&mut index.columns()))
    };
    let checks =
        table.constraints.iter().filter(|one| one.kind == ConstraintKind::Check && one.enforced && one.validity == Validity::Valid);
    checks.filter_map(|one| one.expression.as_ref()).any(|expression| {
        let text: String = expression.text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '"' | '`')).collect();
        match text.split_once('=') {
            Some((name, value)) => {
                let literal = value.parse::<i64>().is_ok()
                    || value.eq_ignore_ascii_case("true")
                    || value.len() > 2 && value.starts_with('\'') && value.ends_with('\'') && value.matches('\'').count() == 2;
                literal && keyed(name)
            }
            // A boolean column that has to be true.
            None => {
                keyed(&text)
                    && table.column(&text).and_then(|column| column.data_type.as_ref()).is_some_and(|it| it.name.starts_with("bool"))
            }
        }
    })
}

/// Nothing can be in it: emptied in this migration, or this very statement goes through only if
/// nothing is.
pub(super) fn is_empty(cx: &Context<'_>, table: &Table) -> bool {
    table.rows == Rows::None || cx.table().is_some_and(|own| own.key == table.key) && needs_no_rows(cx)
}

/// A clause of the statement is refused as soon as there is a row: NOT NULL without a value.
fn needs_no_rows(cx: &Context<'_>) -> bool {
    let refuses = matches!(cx.target().engine, Engine::Postgres | Engine::Sqlite);
    let others = cx.scene.statement.changes.iter().filter(|other| other.span != cx.change.span && other.table == cx.change.table);
    refuses
        && others.filter(|other| !other.conditional).any(|other| match &other.action {
            Action::AddColumn { column, if_not_exists, .. } => !if_not_exists && super::column::is_required(column),
            _ => false,
        })
}

fn flag(cx: &Context<'_>, test: fn(&Table) -> bool) -> Value<'static> {
    Value::flag(cx.table().is_some_and(test))
}

pub(super) static FACTS: &[Fact] = &[
    Fact {
        name: "table.name",
        kind: FactType::Text,
        doc: "Its name, with the schema unless that is the default one.",
        get: |cx| Value::text(cx.spelled_table_name()),
    },
    Fact {
        name: "table.exists",
        kind: FactType::Flag,
        doc: "The history, or what was read from the database, holds it; unknown when the history does not reach back.",
        get: |cx| match cx.change.table.as_ref().map(|name| cx.catalog().presence(name)) {
            Some(Presence::Present) => Value::flag(true),
            Some(Presence::Dropped | Presence::NeverMade) => Value::flag(Truth::No),
            Some(Presence::Unknown) | None => Value::Unknown,
        },
    },
    Fact {
        name: "table.new",
        kind: FactType::Flag,
        doc: "Made in this migration: nobody else uses it yet.",
        get: |cx| Value::flag(cx.made_in_block() || cx.table().is_some_and(|table| lookup::origin(cx.catalog(), table).is_new())),
    },
    Fact {
        name: "table.unseen",
        kind: FactType::Flag,
        doc: "Made in this very transaction: nobody else can see it.",
        get: |cx| {
            let unseen = |table| lookup::origin(cx.catalog(), table) == Origin::ThisTransaction;
            Value::flag(cx.made_in_block() || cx.table().is_some_and(unseen))
        },
    },
    Fact {
        name: "table.live",
        kind: FactType::Flag,
        doc: "The running application may be using it: it was there before this migration (or the history does not tell) and is not temporary.",
        get: |cx| Value::flag(is_live(cx)),
    },
    Fact {
        name: "table.rows",
        kind: FactType::Level(&ROWS),
        doc: "Whether rows can be expected: `none` when it was made in this migration and not filled since, `assumed` for a table of an earlier migration, `some` when the history or statistics show them.",
        get: |cx| match cx.table().map(|table| table.rows) {
            Some(Rows::None) => Value::word(&ROWS, "none"),
            Some(Rows::Assumed) | None => Value::word(&ROWS, "assumed"),
            Some(Rows::Some) => Value::word(&ROWS, "some"),
        },
    },
    Fact {
        name: "table.populated",
        kind: FactType::Flag,
        doc: "It holds rows, or must be expected to.",
        get: |cx| Value::flag(known_rows(cx) != Some(0) && cx.table().is_none_or(|table| !is_empty(cx, table))),
    },
    Fact {
        name: "table.large",
        kind: FactType::Flag,
        doc: "It has at least `large-table-rows` rows by the statistics; without statistics every table that was there before counts as large.",
        get: |cx| match known_rows(cx) {
            Some(rows) => Value::flag(rows >= cx.scene.thresholds.large_table_rows),
            None => Value::flag(is_live(cx)),
        },
    },
    Fact {
        name: "table.row_count",
        kind: FactType::Number,
        doc: "Rows by the statistics; unknown without them.",
        get: |cx| known_rows(cx).map_or(Value::Unknown, Value::count),
    },
    Fact {
        name: "table.name_returns",
        kind: FactType::Flag,
        doc: "A name given up by a rename or a drop is taken again later in this migration, by another table or a view: clients find something under it.",
        get: |cx| {
            let Some(name) = &cx.change.table else { return Value::flag(false) };
            let shown = shown_name(name);
            Value::flag(cx.later().any(|change| match &change.action {
                Action::RenameTable { to } => to.name.value == name.name.value,
                Action::CreateView(view) => shown_name(&view.name) == shown,
                Action::CreateTable(table) => shown_name(&table.name) == shown,
                _ => false,
            }))
        },
    },
    Fact {
        name: "table.restores_name",
        kind: FactType::Flag,
        doc: "A rename to a name that an earlier statement of this migration gave up, or that an earlier migration copied the rows from: the second half of a swap.",
        get: |cx| match &cx.change.action {
            Action::RenameTable { to } => {
                let own = rebuild::old_key(cx);
                let source = cx.catalog().resolve(to);
                if cx.catalog().table_at(&source).is_none() && cx.catalog().earlier_successors(&source).any(|table| table.key == own) {
                    return Value::flag(true);
                }
                let shown = shown_name(to);
                let here = cx.scene.statement.changes.iter().take(cx.position);
                let gave_up = |change: &crate::change::Change| {
                    matches!(change.action, Action::RenameTable { .. } | Action::DropTable { .. })
                        && change.table.as_ref().is_some_and(|name| shown_name(name) == shown)
                };
                Value::flag(cx.scene.ledger.migration.vacated.contains(&shown) || here.into_iter().any(gave_up))
            }
            _ => Value::flag(false),
        },
    },
    Fact {
        name: "table.carried",
        kind: FactType::Flag,
        doc: "This migration gave columns of other tables values that come from its rows.",
        get: |cx| {
            let columns = &cx.scene.ledger.migration.columns;
            Value::flag(cx.change.table.as_ref().is_some_and(|name| columns.is_emptied_into_others(&shown_name(name))))
        },
    },
    Fact {
        name: "table.goes",
        kind: FactType::Flag,
        doc: "It is dropped further down in this migration.",
        get: |cx| {
            let named = || cx.change.table.as_ref().map(|name| cx.catalog().resolve(name));
            let Some(own) = cx.table().map(|table| table.key.clone()).or_else(named) else { return Value::flag(false) };
            let same = |other: &ObjectName| cx.catalog().resolve(other) == own;
            Value::flag(
                cx.later().any(|change| matches!(change.action, Action::DropTable { .. }) && change.table.as_ref().is_some_and(same)),
            )
        },
    },
    Fact {
        name: "table.replaced",
        kind: FactType::Flag,
        doc: "Its rows were copied into another table earlier in this migration, and a rename brings its name back, or it was renamed out of the way and the other one has its name, or it is made anew and filled from there: the dance in which a table is rebuilt.",
        get: |cx| {
            let Some(name) = &cx.change.table else { return Value::flag(false) };
            let comes_back = cx.later().any(|change| matches!(&change.action, Action::RenameTable { to } if to.name.is(&name.name.value)));
            if rebuild::heir_of_renamed(cx).is_some() || rebuild::is_made_again(cx) {
                return Value::flag(true);
            }
            Value::flag(comes_back && cx.scene.ledger.migration.was_copied(&shown_name(name)))
        },
    },
    Fact {
        name: "table.copied_to",
        kind: FactType::Text,
        doc: "The table that its rows were copied into earlier in this migration; empty when they were not.",
        get: |cx| Value::text(rebuild::copied_to(cx).map(|heir| heir.key.to_string()).unwrap_or_default()),
    },
    Fact {
        name: "table.copied_before",
        kind: FactType::Flag,
        doc: "An earlier migration copied its rows into another table, with most of its columns: a rebuild spread over several migrations.",
        get: |cx| Value::flag(rebuild::copied_before(cx).is_some()),
    },
    Fact {
        name: "table.rebuild_loses",
        kind: FactType::Names,
        doc: "What the table that takes its place in a rebuild does not have: columns, and indexes and triggers that nobody creates again.",
        get: |cx| Value::Names(rebuild::loses(cx).into_iter().map(Into::into).collect()),
    },
    Fact {
        name: "table.rebuild_retypes",
        kind: FactType::Names,
        doc: "SQLite: columns whose values the table that takes its place in a rebuild converts and cannot give back, as `code from TEXT to INTEGER`.",
        get: |cx| Value::Names(rebuild::retypes(cx).into_iter().map(Into::into).collect()),
    },
    Fact {
        name: "table.rebuild_requires",
        kind: FactType::Names,
        doc: "Columns that the table which takes its place in a rebuild has anew and that every INSERT must name: NOT NULL without a default.",
        get: |cx| Value::Names(rebuild::requires(cx).into_iter().map(Into::into).collect()),
    },
    Fact {
        name: "table.original",
        kind: FactType::Text,
        doc: "The name it had when this migration began: what clients call it.",
        get: |cx| Value::text(cx.table().map_or_else(|| cx.table_name(), |table| cx.catalog().original_name(&table.key).to_string())),
    },
    Fact {
        name: "table.renamed_away",
        kind: FactType::Flag,
        doc: "It had another name when this migration began, which its successor in a rebuild has now: what pointed at it has followed the rename.",
        get: |cx| Value::flag(rebuild::heir_of_renamed(cx).is_some()),
    },
    Fact {
        name: "table.columns",
        kind: FactType::Names,
        doc: "The names of its columns; unknown when its definition is not known.",
        get: |cx| match cx.table() {
            Some(table) if table.complete => Value::Names(table.columns.iter().map(|column| column.name.as_str().into()).collect()),
            Some(_) | None => Value::Unknown,
        },
    },
    Fact {
        name: "table.commented",
        kind: FactType::Flag,
        doc: "The change gives it a COMMENT, or this migration does further down.",
        get: |cx| {
            let inline = match &cx.change.action {
                Action::CreateTable(table) => table.options.iter().any(|option| option.name == "comment" && !option.value.is_empty()),
                _ => false,
            };
            let Some(own) = &cx.change.table else { return Value::flag(inline) };
            let later = cx
                .later()
                .any(|change| matches!(&change.action, Action::Comment { kind: ObjectKind::Table, name } if name.name.is(&own.name.value)));
            Value::flag(inline || later)
        },
    },
    Fact { name: "table.known", kind: FactType::Flag, doc: "The history holds it.", get: |cx| Value::flag(cx.table().is_some()) },
    Fact {
        name: "table.kind",
        kind: FactType::Level(&KINDS),
        doc: "What kind of relation it is; `none` when it is not known.",
        get: |cx| {
            let named = |test: fn(&Catalog, &ObjectName) -> bool| cx.change.table.as_ref().is_some_and(|name| test(cx.catalog(), name));
            let word = match cx.table().map(|table| table.kind) {
                None if named(|catalog, name| catalog.view(name).is_some()) => "view",
                None if named(|catalog, name| catalog.sequence(name).is_some()) => "sequence",
                None => "none",
                Some(TableKind::Table) => "table",
                Some(TableKind::Partitioned) => "partitioned",
                Some(TableKind::Foreign) => "foreign",
                Some(TableKind::Virtual) => "virtual",
                Some(TableKind::MaterializedView) => "materialized-view",
            };
            Value::word(&KINDS, word)
        },
    },
    Fact {
        name: "table.temporary",
        kind: FactType::Flag,
        doc: "A temporary table.",
        get: |cx| flag(cx, |table| table.persistence == Persistence::Temporary),
    },
    Fact {
        name: "table.partition",
        kind: FactType::Flag,
        doc: "It is a partition of another table.",
        get: |cx| flag(cx, |table| table.partition_of.is_some()),
    },
    Fact {
        name: "table.default_partition",
        kind: FactType::Flag,
        doc: "It has a default partition, or the table has that it is a partition of.",
        get: |cx| {
            let Some(own) = cx.table() else { return Value::Unknown };
            let parent = own.partition_of.as_ref().and_then(|(parent, _)| cx.catalog().table_at(parent));
            let whole = parent.or(Some(own)).and_then(|table| table.partitioning.as_ref());
            Value::flag(whole.is_some_and(|whole| whole.default_partition.is_some()))
        },
    },
    Fact {
        name: "table.parent",
        kind: FactType::Text,
        doc: "The partitioned table it is a partition of.",
        get: |cx| Value::maybe(cx.table().and_then(|table| table.partition_of.as_ref()).map(|(parent, _)| parent.to_string())),
    },
    Fact {
        name: "table.complete",
        kind: FactType::Flag,
        doc: "All its columns, constraints and indexes are known.",
        get: |cx| flag(cx, |table| table.complete),
    },
    Fact {
        name: "table.row_security",
        kind: FactType::Flag,
        doc: "Row level security is enabled.",
        get: |cx| flag(cx, |table| table.row_security),
    },
    Fact {
        name: "table.policies",
        kind: FactType::Number,
        doc: "How many row security policies it has.",
        get: |cx| Value::count(cx.table().map_or(0, |table| table.policies.len())),
    },
    Fact {
        name: "table.has_primary_key",
        kind: FactType::Flag,
        doc: "It has a primary key; unknown when its definition is not known.",
        get: |cx| match cx.table() {
            Some(table) if table.indexes.iter().any(|index| index.primary) => Value::flag(true),
            Some(table) if table.constraints.iter().any(|one| one.kind == crate::change::ConstraintKind::PrimaryKey) => Value::flag(true),
            Some(table) if table.complete => Value::flag(false),
            Some(_) | None => Value::Unknown,
        },
    },
    Fact {
        name: "table.left_pointing",
        kind: FactType::Names,
        doc: "The tables whose foreign keys point at it, without those that this migration drops as well.",
        get: |cx| {
            let Some(own) = cx.table() else { return Value::Names(Vec::new()) };
            let pointing = cx.catalog().referencing_foreign_keys(&own.key).into_iter().map(|(table, _)| table.key.to_string());
            Value::Names(pointing.filter(|name| !rebuild::is_saved(cx, name)).map(Into::into).collect())
        },
    },
    Fact {
        name: "table.referenced_by",
        kind: FactType::Names,
        doc: "The tables whose foreign keys point at it.",
        get: |cx| {
            let Some(own) = cx.table() else { return Value::Names(Vec::new()) };
            let points_here = |table: &Table| {
                table.constraints.iter().any(|one| one.foreign_key.as_ref().is_some_and(|foreign| foreign.references == own.key))
            };
            Value::Names(
                cx.catalog().tables.values().filter(|table| points_here(table)).map(|table| table.key.to_string().into()).collect(),
            )
        },
    },
];
