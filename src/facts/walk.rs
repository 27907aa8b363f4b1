//! `sql.key` and its kin: walking the rows of a table by its key, for the help.

use super::Context;
use crate::catalog::Table;
use crate::change::{Action, ConstraintKind};
use crate::engine::Engine;
use crate::sql::quoted_where_needed;

/// Stands where nothing says what the key is called.
const UNKNOWN_KEY: &str = "<key>";

/// SQLite numbers the rows of every table that does not say otherwise.
const ROWID: &str = "rowid";

/// So many rows are written between two commits.
const BATCH: u32 = 5000;

/// The columns that tell the rows of the change's table apart, as far as the history says.
pub(super) fn key(cx: &Context<'_>) -> Option<Vec<String>> {
    let catalog = cx.catalog();
    let written = cx.change.table.as_ref().map(|name| catalog.resolve(name));
    let at = cx.table().map(|table| table.key.clone()).or(written)?;
    let primary = cx.table().and_then(Table::primary_key).map(|key| key.columns.clone());
    // A foreign key can point at nothing but a key.
    let pointed_at = || {
        let pointing = catalog.referencing_foreign_keys(&at);
        pointing.into_iter().find_map(|(_, one)| one.foreign_key.as_ref().map(|far| far.referenced_columns.clone()))
    };
    let habitual = || cx.table()?.column("id").map(|column| vec![column.name.clone()]);
    primary.or_else(|| pointed_at().filter(|columns| !columns.is_empty())).or_else(|| unique(cx.table()?)).or_else(habitual)
}

/// A unique key over columns that are never NULL.
fn unique(table: &Table) -> Option<Vec<String>> {
    let filled = |name: &String| table.column(name).is_some_and(|column| column.not_null);
    let mut keys = table.constraints.iter().filter(|one| one.kind == ConstraintKind::Unique);
    keys.find(|one| !one.columns.is_empty() && one.columns.iter().all(filled)).map(|one| one.columns.clone())
}

fn has_rowid(cx: &Context<'_>) -> bool {
    cx.target().engine == Engine::Sqlite && cx.table().is_none_or(|table| !table.without_rowid)
}

/// The column that batches go along: the first of the key.
fn leading(cx: &Context<'_>) -> Option<String> {
    key(cx)?.into_iter().next()
}

fn quoted(cx: &Context<'_>, name: &str) -> String {
    quoted_where_needed(name, cx.target()).into_owned()
}

/// Whole numbers can be counted on; of other keys only the order is known.
fn is_number(cx: &Context<'_>, column: &str) -> bool {
    let data_type = cx.table().and_then(|table| table.column(column)).and_then(|column| column.data_type.as_ref());
    data_type.is_some_and(|own| {
        own.is_serial() || matches!(own.name.as_str(), "integer" | "int" | "bigint" | "smallint" | "mediumint" | "tinyint")
    })
}

/// The condition of one batch.
pub(super) fn batch(cx: &Context<'_>) -> String {
    let qualifier = match &cx.change.action {
        Action::Update(update) if update.joined => match &update.alias {
            Some(alias) => format!("{}.", quoted(cx, &alias.value)),
            None => format!("{}.", quoted(cx, &cx.spelled_table_name())),
        },
        _ => String::new(),
    };
    let known = leading(cx);
    let bare = column(cx);
    let walked = format!("{qualifier}{bare}");
    if known.map_or_else(|| has_rowid(cx), |name| is_number(cx, &name)) {
        return format!("{walked} > :last AND {walked} <= :last + {BATCH}");
    }
    let table = quoted(cx, &cx.spelled_table_name());
    // The derived table is for MySQL, which neither reads the table it writes nor takes LIMIT behind IN.
    format!("{walked} IN (SELECT {bare} FROM (SELECT {bare} FROM {table} WHERE {bare} > :last ORDER BY {bare} LIMIT {BATCH}) b)")
}

/// What SELECT takes to keep a column's values together with the rows they belong to.
pub(super) fn kept(cx: &Context<'_>) -> String {
    let Some(own) = cx.column_name() else { return "*".to_owned() };
    match key(cx) {
        Some(columns) if columns.iter().all(|name| !own.is(name)) => {
            let all: Vec<String> = columns.iter().chain([&own.value]).map(|name| quoted(cx, name)).collect();
            all.join(", ")
        }
        Some(_) | None => "*".to_owned(),
    }
}

/// The column batches go along, as it is written.
pub(super) fn column(cx: &Context<'_>) -> String {
    let unknown = if has_rowid(cx) { ROWID } else { UNKNOWN_KEY };
    leading(cx).map_or_else(|| unknown.to_owned(), |name| quoted(cx, &name))
}

/// The table an UPDATE writes, with the alias its values are written for.
pub(super) fn target(cx: &Context<'_>) -> String {
    let table = quoted(cx, &cx.spelled_table_name());
    match &cx.change.action {
        Action::Update(update) => match &update.alias {
            Some(alias) => format!("{table} {}", quoted(cx, &alias.value)),
            None => table,
        },
        _ => table,
    }
}
