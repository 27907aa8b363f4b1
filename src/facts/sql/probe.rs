//! Queries that find the rows which would stop the statement.

use super::super::Context;
use super::{line, name, table};
use crate::catalog::Column;
use crate::change::{Action, ConstraintBody, ConstraintDef, DataType, Expression, ForeignKey, IndexKey, IndexPart};

/// A query whose rows keep the statement from succeeding.
pub(super) fn probe(cx: &Context<'_>) -> Option<String> {
    match &cx.change.action {
        Action::CreateIndex(index) if index.unique => Some(duplicates(cx, &index.keys, index.predicate.as_ref(), index.nulls_not_distinct)),
        Action::AddConstraint(added) => constraint_probe(cx, added),
        Action::SetNotNull { column } => Some(nulls(cx, &column.value)),
        Action::SetType { column, data_type, .. } => misfits(cx, &column.value, data_type),
        Action::ModifyColumn { column, definition, .. } => {
            let was = cx.column();
            let nullable = was.is_some_and(|was| !was.not_null);
            if definition.not_null.is_some() && nullable {
                return Some(nulls(cx, &column.value));
            }
            definition.data_type.as_ref().and_then(|data_type| misfits(cx, &column.value, data_type))
        }
        _ => None,
    }
}

fn constraint_probe(cx: &Context<'_>, added: &ConstraintDef) -> Option<String> {
    match &added.body {
        // A NULL stops a primary key as a duplicate does.
        ConstraintBody::PrimaryKey(key) if key.using_index.is_none() => Some(duplicates(cx, &key.columns, None, true)),
        ConstraintBody::Unique(key) if key.using_index.is_none() => Some(duplicates(cx, &key.columns, None, key.nulls_not_distinct)),
        ConstraintBody::PrimaryKey(_) | ConstraintBody::Unique(_) | ConstraintBody::Exclusion(_) => None,
        ConstraintBody::Check(check) => Some(format!("SELECT count(*) FROM {} WHERE NOT ({});", table(cx), line(&check.expression))),
        ConstraintBody::ForeignKey(foreign) => orphans(cx, foreign),
        ConstraintBody::NotNull { column } => Some(nulls(cx, &column.value)),
    }
}

fn duplicates(cx: &Context<'_>, parts: &[IndexKey], predicate: Option<&Expression>, nulls_are_alike: bool) -> String {
    // Without DESC and operator classes, which GROUP BY does not take; with what makes values alike.
    let plain = |key: &IndexKey| match &key.part {
        IndexPart::Column(column) => alike(cx, name(cx, &column.value), key),
        IndexPart::Expression(expression) => alike(cx, line(expression), key),
    };
    // NULL is like no other NULL, and GROUP BY puts them together all the same.
    let may_be_null = |key: &&IndexKey| match (key.column_name(), cx.table()) {
        (Some(name), Some(table)) => !table.column(&name.value).is_some_and(|column| column.not_null),
        (Some(_) | None, _) => true,
    };
    let said = predicate.map(|predicate| line(predicate).to_lowercase()).unwrap_or_default();
    let nulls: Vec<String> = match nulls_are_alike {
        true => Vec::new(),
        false => {
            let all = parts.iter().filter(may_be_null).map(|key| format!("{} IS NOT NULL", plain(key)));
            all.filter(|one| !said.contains(&one.to_lowercase())).collect()
        }
    };
    let parts = parts.iter().map(plain).collect::<Vec<_>>().join(", ");
    let own = predicate.map(|predicate| match nulls.is_empty() {
        true => line(predicate),
        false => format!("({})", line(predicate)),
    });
    let conditions: Vec<String> = own.into_iter().chain(nulls).collect();
    let filter = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
    format!("SELECT {parts}, count(*) FROM {}{filter} GROUP BY {parts} HAVING count(*) > 1;", table(cx))
}

/// Values of unique keys that another collation takes for one: a query for each key with texts.
pub(super) fn clashes(cx: &Context<'_>) -> Option<String> {
    let Action::ConvertCharset { charset, collation } = &cx.change.action else { return None };
    let whole = cx.table()?;
    let converted = |column: &str| {
        let own = name(cx, column);
        match collation {
            Some(collation) => format!("CONVERT({own} USING {charset}) COLLATE {collation}"),
            None => format!("CONVERT({own} USING {charset})"),
        }
    };
    let text = |column: &str| whole.column(column).is_some_and(|one| one.data_type.is_some() && is_text(Some(one)));
    let mut queries = Vec::new();
    for index in whole.indexes.iter().filter(|index| index.unique) {
        let columns: Option<Vec<&str>> = index.keys.iter().map(|key| key.column_name().map(|one| one.value.as_str())).collect();
        let Some(columns) = columns.filter(|columns| columns.iter().any(|column| text(column))) else { continue };
        let parts: Vec<String> = (columns.iter().zip(&index.keys))
            .map(|(column, key)| alike(cx, if text(column) { converted(column) } else { name(cx, column) }, key))
            .collect();
        let nulls: Vec<String> = columns
            .iter()
            .filter(|column| !whole.column(column).is_some_and(|one| one.not_null))
            .map(|column| format!("{} IS NOT NULL", name(cx, column)))
            .collect();
        let filter = if nulls.is_empty() { String::new() } else { format!(" WHERE {}", nulls.join(" AND ")) };
        let parts = parts.join(", ");
        queries.push(format!("SELECT {parts}, count(*) FROM {}{filter} GROUP BY {parts} HAVING count(*) > 1;", table(cx)));
    }
    (!queries.is_empty()).then(|| queries.join(" "))
}

/// What a unique index compares: the first letters only, or under another collation.
fn alike(cx: &Context<'_>, own: String, key: &IndexKey) -> String {
    if let Some(length) = key.prefix {
        return format!("left({own}, {length})");
    }
    match &key.collation {
        Some(collation) => format!("{own} COLLATE {}", name(cx, &super::super::shown_name(collation))),
        None => own,
    }
}

fn nulls(cx: &Context<'_>, column: &str) -> String {
    format!("SELECT count(*) FROM {} WHERE {} IS NULL;", table(cx), name(cx, column))
}

/// Rows that point at nothing.
pub(super) fn orphans(cx: &Context<'_>, foreign: &ForeignKey) -> Option<String> {
    let there: Vec<String> = match foreign.referenced_columns.is_empty() {
        true => cx.find(&foreign.references)?.primary_key()?.columns.clone(),
        false => foreign.referenced_columns.iter().map(|one| one.value.clone()).collect(),
    };
    let pairs: Vec<(String, String)> =
        foreign.columns.iter().zip(&there).map(|(own, other)| (name(cx, &own.value), name(cx, other))).collect();
    let joined = pairs.iter().map(|(own, other)| format!("p.{other} = c.{own}")).collect::<Vec<_>>().join(" AND ");
    let given = pairs.iter().map(|(own, _)| format!("c.{own} IS NOT NULL")).collect::<Vec<_>>().join(" AND ");
    let parent = name(cx, &super::super::shown_name(&foreign.references));
    (!pairs.is_empty())
        .then(|| format!("SELECT count(*) FROM {} c WHERE {given} AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {joined});", table(cx)))
}

/// Values that the new type cannot hold, where a simple query tells.
fn misfits(cx: &Context<'_>, column: &str, to: &DataType) -> Option<String> {
    let own = name(cx, column);
    let select = format!("SELECT count(*) FROM {} WHERE", table(cx));
    let range = |low: &str, high: &str| Some(format!("{select} {own} NOT BETWEEN {low} AND {high};"));
    match (to.name.as_str(), to.unsigned) {
        ("character varying" | "character" | "varchar" | "char", _) => {
            let length = to.length()?;
            let function = if cx.target().engine.is_mysql_family() { "char_length" } else { "length" };
            let text = if is_text(cx.column()) { own } else { format!("{own}::text") };
            Some(format!("{select} {function}({text}) > {length};"))
        }
        ("tinyint", false) => range("-128", "127"),
        ("tinyint", true) => range("0", "255"),
        ("smallint", false) => range("-32768", "32767"),
        ("smallint", true) => range("0", "65535"),
        ("integer" | "int", false) => range("-2147483648", "2147483647"),
        ("integer" | "int", true) => range("0", "4294967295"),
        _ => None,
    }
}

/// MySQL and SQLite measure numbers as texts without being asked to.
pub(super) fn is_text(column: Option<&Column>) -> bool {
    column.and_then(|column| column.data_type.as_ref()).is_none_or(|old| {
        matches!(
            old.name.as_str(),
            "text" | "character varying" | "character" | "varchar" | "char" | "citext" | "tinytext" | "mediumtext" | "longtext"
        )
    })
}
