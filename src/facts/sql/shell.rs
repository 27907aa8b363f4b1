//! What stands on the command line of a tool that alters tables in the background.

use super::super::Context;
use super::{listed, name, table};
use crate::change::{Action, IndexKind};
use crate::sql::one_line;

/// The statement as clauses of ALTER TABLE: a tool that runs in its place has to do all of it.
pub(super) fn clause(cx: &Context<'_>) -> String {
    let whole = || {
        let all = cx.scene.statement.changes.iter().filter(|change| change.table == cx.change.table);
        let mut clauses: Vec<String> = all.map(|change| one_line(cx.words(change.span))).collect();
        clauses.dedup();
        clauses.join(", ")
    };
    let Action::CreateIndex(index) = &cx.change.action else { return whole() };
    if index.in_alter {
        return whole();
    }
    let kind = match (index.kind, index.unique) {
        (IndexKind::Fulltext, _) => "FULLTEXT ",
        (IndexKind::Spatial, _) => "SPATIAL ",
        (IndexKind::Vector, _) => "VECTOR ",
        (IndexKind::Plain, true) => "UNIQUE ",
        (IndexKind::Plain, false) => "",
    };
    let own = index.name.as_ref().map(|one| format!(" {}", name(cx, &one.name.value))).unwrap_or_default();
    format!("ADD {kind}INDEX{own} ({})", listed(cx, &index.keys))
}

/// In quotes that a shell takes.
pub(super) fn for_shell(text: &str) -> String {
    if !text.contains('\'') {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// The table on a command line. Tools of MySQL and MariaDB take its bare name, the database's apart,
/// and in backticks a shell would execute it; those of PostgreSQL read it as SQL does.
pub(super) fn shell_table(cx: &Context<'_>) -> String {
    let written = || cx.change.table.as_ref().map(|name| name.name.value.clone());
    bare(match cx.target().engine.is_mysql_family() {
        true => written().unwrap_or_else(|| cx.table_name()),
        false => table(cx),
    })
}

/// The table's database on a command line.
pub(super) fn shell_database(cx: &Context<'_>) -> String {
    let written = || cx.change.table.as_ref().map(|name| cx.catalog().resolve(name).schema);
    let schema = cx.table().map(|table| table.key.schema.clone()).or_else(written);
    schema.filter(|schema| !schema.is_empty()).map_or_else(|| "your_database".to_owned(), bare)
}

fn bare(name: String) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    if plain { name } else { for_shell(&name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_survives_the_shell() {
        assert_eq!(for_shell("ADD COLUMN a int"), "'ADD COLUMN a int'");
        assert_eq!(for_shell("ADD a char DEFAULT '$1'"), "\"ADD a char DEFAULT '\\$1'\"");
    }
}
