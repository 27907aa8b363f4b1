//! What a constraint or a new column says, written again in part.

use super::super::Context;
use super::{line, listed, name, table};
use crate::change::{Action, ConstraintBody, Deferral, ForeignKey, Place};
use crate::source::Span;
use crate::sql::one_line;

/// What the constraint demands, as written: without its name and NOT VALID.
pub(super) fn demand(cx: &Context<'_>) -> Option<String> {
    let definition = super::super::constraint::definition(cx)?;
    Some(match &definition.body {
        ConstraintBody::Check(check) => {
            format!("CHECK ({}){}", line(&check.expression), if definition.no_inherit { " NO INHERIT" } else { "" })
        }
        ConstraintBody::PrimaryKey(key) => format!("PRIMARY KEY ({})", listed(cx, &key.columns)),
        ConstraintBody::Unique(key) => format!("UNIQUE ({})", listed(cx, &key.columns)),
        ConstraintBody::NotNull { column } => format!("NOT NULL {}", name(cx, &column.value)),
        ConstraintBody::Exclusion(_) => cx.words(definition.span).to_owned(),
        ConstraintBody::ForeignKey(foreign) => {
            let columns: Vec<String> = match (&foreign.columns[..], cx.column_name()) {
                ([], Some(column)) => vec![name(cx, &column.value)],
                (columns, _) => columns.iter().map(|column| name(cx, &column.value)).collect(),
            };
            let there: Vec<String> = foreign.referenced_columns.iter().map(|column| name(cx, &column.value)).collect();
            let there = if there.is_empty() { String::new() } else { format!(" ({})", there.join(", ")) };
            let parent = name(cx, &super::super::shown_name(&foreign.references));
            format!("FOREIGN KEY ({}) REFERENCES {parent}{there}{}", columns.join(", "), behaviour(cx, foreign, definition.deferral))
        }
    })
}

/// What a foreign key does beside referring: without it the key would be another one.
pub(super) fn behaviour(cx: &Context<'_>, foreign: &ForeignKey, deferral: Deferral) -> String {
    let mut out = String::new();
    if foreign.match_full {
        out.push_str(" MATCH FULL");
    }
    if let Some(words) = foreign.on_delete.words() {
        out.push_str(&format!(" ON DELETE {words}"));
    }
    if !foreign.on_delete_columns.is_empty() {
        let some: Vec<String> = foreign.on_delete_columns.iter().map(|column| name(cx, &column.value)).collect();
        out.push_str(&format!(" ({})", some.join(", ")));
    }
    for words in foreign.on_update.words().map(|words| format!("ON UPDATE {words}")).into_iter().chain(deferral.words().map(str::to_owned))
    {
        out.push_str(&format!(" {words}"));
    }
    out
}

/// A new column as it is written, without what it checks: PRIMARY KEY, UNIQUE, CHECK, REFERENCES.
pub(super) fn unchecked(cx: &Context<'_>) -> Option<String> {
    let Action::AddColumn { column, .. } = &cx.change.action else { return None };
    unchecked_after(cx, column.name.span.end)
}

/// The same from a place in it on.
pub(super) fn unchecked_after(cx: &Context<'_>, at: u32) -> Option<String> {
    let Action::AddColumn { column, .. } = &cx.change.action else { return None };
    Some(without(cx, at, column.span.end, column.constraints.iter().map(|one| one.span).collect()))
}

/// What stands behind the table in the CREATE INDEX that a key or unique constraint can take over.
pub(super) fn key_words(cx: &Context<'_>) -> Option<String> {
    let definition = super::super::constraint::definition(cx)?;
    let (ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key)) = &definition.body else { return None };
    let columns: Vec<String> = match (&key.columns[..], cx.column_name()) {
        ([], Some(column)) => vec![name(cx, &column.value)],
        (columns, _) => columns.iter().filter_map(|key| key.column_name()).map(|column| name(cx, &column.value)).collect(),
    };
    let mut out = format!("({})", columns.join(", "));
    if !key.include.is_empty() {
        let all: Vec<String> = key.include.iter().map(|column| name(cx, &column.value)).collect();
        out.push_str(&format!(" INCLUDE ({})", all.join(", ")));
    }
    if key.nulls_not_distinct {
        out.push_str(" NULLS NOT DISTINCT");
    }
    if let Some(tablespace) = &key.tablespace {
        out.push_str(&format!(" TABLESPACE {}", name(cx, &tablespace.value)));
    }
    Some(out)
}

/// When the constraint is checked: `DEFERRABLE INITIALLY DEFERRED`.
pub(super) fn deferral(cx: &Context<'_>) -> Option<String> {
    super::super::constraint::definition(cx)?.deferral.words().map(str::to_owned)
}

/// The new column alone, for a constraint that is written inside it.
pub(super) fn column_first(cx: &Context<'_>) -> Option<String> {
    let Action::AddColumn { column, .. } = &cx.change.action else { return None };
    Some(format!("ALTER TABLE {} ADD COLUMN {} {};", table(cx), name(cx, &column.name.value), unchecked(cx)?))
}

/// The new column without NOT NULL and what it checks.
pub(super) fn loose(cx: &Context<'_>) -> Option<String> {
    let Action::AddColumn { column, .. } = &cx.change.action else { return None };
    let skipped = column.constraints.iter().map(|one| one.span).chain(column.not_null);
    Some(placed(cx, without(cx, column.name.span.end, column.span.end, skipped.collect())))
}

/// With its place among the columns, where it says one.
fn placed(cx: &Context<'_>, definition: String) -> String {
    match &cx.change.action {
        Action::AddColumn { place: Some(Place::First), .. } => format!("{definition} FIRST"),
        Action::AddColumn { place: Some(Place::After(other)), .. } => format!("{definition} AFTER {}", name(cx, &other.value)),
        _ => definition,
    }
}

/// The same without its default.
pub(super) fn bare(cx: &Context<'_>) -> Option<String> {
    let Action::AddColumn { column, .. } = &cx.change.action else { return None };
    let skipped = column.constraints.iter().map(|one| one.span).chain(column.not_null).chain(column.null);
    let default = column.default.as_ref().map(|default| default.span);
    Some(placed(cx, without(cx, column.name.span.end, column.span.end, skipped.chain(default).collect())))
}

/// What proves that the columns of a primary key hold no NULL, where they may.
pub(super) struct KeyChecks {
    pub add: String,
    pub validate: String,
    pub drop: String,
}

pub(super) fn key_checks(cx: &Context<'_>) -> Option<KeyChecks> {
    let definition = super::super::constraint::definition(cx)?;
    let ConstraintBody::PrimaryKey(key) = &definition.body else { return None };
    let whole = cx.table();
    let nullable = |column: &&str| !whole.and_then(|table| table.column(column)).is_some_and(|column| column.not_null);
    let columns: Vec<&str> =
        key.columns.iter().filter_map(|key| key.column_name()).map(|one| one.value.as_str()).filter(nullable).collect();
    let own = cx.table_name();
    let bare = crate::sql::without_schema(&own);
    let each = |make: &dyn Fn(&str, &str) -> String| {
        let made: Vec<String> = columns
            .iter()
            .map(|column| {
                let constraint = name(cx, &format!("{bare}_{column}_set"));
                format!("ALTER TABLE {} {};", table(cx), make(&constraint, &name(cx, column)))
            })
            .collect();
        made.join(" ")
    };
    (!columns.is_empty()).then(|| KeyChecks {
        add: each(&|constraint, column| format!("ADD CONSTRAINT {constraint} CHECK ({column} IS NOT NULL) NOT VALID")),
        validate: each(&|constraint, _| format!("VALIDATE CONSTRAINT {constraint}")),
        drop: each(&|constraint, _| format!("DROP CONSTRAINT {constraint}")),
    })
}

/// A stretch of the script without some spans of it.
fn without(cx: &Context<'_>, mut at: u32, end: u32, mut skipped: Vec<Span>) -> String {
    skipped.sort_unstable_by_key(|span| span.start);
    let mut kept = Vec::new();
    for skip in skipped {
        kept.push(cx.words(Span::new(at, skip.start.max(at))));
        at = at.max(skip.end);
    }
    kept.push(cx.words(Span::new(at, end.max(at))));
    one_line(&kept.join(" "))
}
