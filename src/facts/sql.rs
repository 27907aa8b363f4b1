//! `sql.*`: pieces of SQL for the help, made of this statement's own names.

use super::{Context, Fact, FactType, Value, keys, walk};
use crate::catalog::{Column, Key};
use crate::change::{Action, ColumnDef, ConstraintBody, ConstraintDef, DataType, Deferral, Expression, ForeignKey, IndexKey, IndexKind};
use crate::source::Span;
use crate::sql::quoted_where_needed;

fn name(cx: &Context<'_>, name: &str) -> String {
    quoted_where_needed(name, cx.target()).into_owned()
}

fn table(cx: &Context<'_>) -> String {
    name(cx, &cx.spelled_table_name())
}

/// The keys as written, joined with commas.
fn listed(cx: &Context<'_>, keys: &[IndexKey]) -> String {
    keys.iter().map(|key| cx.words(key.span)).collect::<Vec<_>>().join(", ")
}

/// A query whose rows keep the statement from succeeding.
fn probe(cx: &Context<'_>) -> Option<String> {
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

fn line(expression: &Expression) -> String {
    expression.text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn duplicates(cx: &Context<'_>, parts: &[IndexKey], predicate: Option<&Expression>, nulls_are_alike: bool) -> String {
    // Without DESC, operator classes and prefix lengths, which GROUP BY does not take.
    let plain = |key: &IndexKey| match key.column_name() {
        Some(column) => name(cx, &column.value),
        None => cx.words(key.span).to_owned(),
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

fn nulls(cx: &Context<'_>, column: &str) -> String {
    format!("SELECT count(*) FROM {} WHERE {} IS NULL;", table(cx), name(cx, column))
}

/// Rows that point at nothing.
fn orphans(cx: &Context<'_>, foreign: &ForeignKey) -> Option<String> {
    let there: Vec<String> = match foreign.referenced_columns.is_empty() {
        true => cx.find(&foreign.references)?.primary_key()?.columns.clone(),
        false => foreign.referenced_columns.iter().map(|one| one.value.clone()).collect(),
    };
    let pairs: Vec<(String, String)> =
        foreign.columns.iter().zip(&there).map(|(own, other)| (name(cx, &own.value), name(cx, other))).collect();
    let joined = pairs.iter().map(|(own, other)| format!("p.{other} = c.{own}")).collect::<Vec<_>>().join(" AND ");
    let given = pairs.iter().map(|(own, _)| format!("c.{own} IS NOT NULL")).collect::<Vec<_>>().join(" AND ");
    let parent = name(cx, &super::shown_name(&foreign.references));
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
fn is_text(column: Option<&Column>) -> bool {
    column.and_then(|column| column.data_type.as_ref()).is_none_or(|old| {
        matches!(
            old.name.as_str(),
            "text" | "character varying" | "character" | "varchar" | "char" | "citext" | "tinytext" | "mediumtext" | "longtext"
        )
    })
}

/// What the constraint demands, as written: without its name and NOT VALID.
fn demand(cx: &Context<'_>) -> Option<String> {
    let definition = super::constraint::definition(cx)?;
    Some(match &definition.body {
        ConstraintBody::Check(check) => format!("CHECK ({})", line(&check.expression)),
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
            let parent = name(cx, &super::shown_name(&foreign.references));
            format!("FOREIGN KEY ({}) REFERENCES {parent}{there}{}", columns.join(", "), behaviour(cx, foreign, definition.deferral))
        }
    })
}

/// What a foreign key does beside referring: without it the key would be another one.
fn behaviour(cx: &Context<'_>, foreign: &ForeignKey, deferral: Deferral) -> String {
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

/// The name after a rename: one that is written alone stays in the table's schema.
fn renamed(cx: &Context<'_>) -> Option<String> {
    let Action::RenameTable { to } = &cx.change.action else { return None };
    let schema = match &to.schema {
        Some(schema) => schema.value.clone(),
        None => cx.table().map(|table| table.key.schema.clone()).unwrap_or_default(),
    };
    Some(name(cx, &Key::new(schema.as_str(), to.name.value.as_str()).to_string()))
}

/// The statement as clauses of ALTER TABLE: a tool that runs in its place has to do all of it.
fn clause(cx: &Context<'_>) -> String {
    let whole = || {
        let all = cx.scene.statement.changes.iter().filter(|change| change.table == cx.change.table);
        let mut clauses: Vec<String> = all.map(|change| line_of(cx.words(change.span))).collect();
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

pub(super) fn line_of(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A new column as it is written, without what it checks: PRIMARY KEY, UNIQUE, CHECK, REFERENCES.
fn unchecked(cx: &Context<'_>) -> Option<String> {
    let Action::AddColumn { column, .. } = &cx.change.action else { return None };
    let mut kept = Vec::new();
    let mut at = column.name.span.end;
    let mut checks: Vec<Span> = column.constraints.iter().map(|one| one.span).collect();
    checks.sort_unstable_by_key(|span| span.start);
    for check in checks {
        kept.push(cx.words(Span::new(at, check.start.max(at))));
        at = at.max(check.end);
    }
    kept.push(cx.words(Span::new(at, column.span.end.max(at))));
    Some(line_of(&kept.join(" ")))
}

/// In quotes that a shell takes.
fn for_shell(text: &str) -> String {
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

/// What lets rows in that leave the column out.
fn nullable(cx: &Context<'_>) -> Option<String> {
    let column = name(cx, &cx.column_name()?.value);
    Some(match cx.target().engine.is_mysql_family() {
        true => format!("ALTER TABLE {} MODIFY {column} {} NULL;", table(cx), column_type(cx)),
        false => format!("ALTER TABLE {} ALTER COLUMN {column} DROP NOT NULL;", table(cx)),
    })
}

/// The table on a command line. Tools of MySQL and MariaDB take its bare name, the database's apart,
/// and in backticks a shell would execute it; those of PostgreSQL read it as SQL does.
fn shell_table(cx: &Context<'_>) -> String {
    let written = || cx.change.table.as_ref().map(|name| name.name.value.clone());
    bare(match cx.target().engine.is_mysql_family() {
        true => written().unwrap_or_else(|| cx.table_name()),
        false => table(cx),
    })
}

/// The table's database on a command line.
fn shell_database(cx: &Context<'_>) -> String {
    let written = || cx.change.table.as_ref().map(|name| cx.catalog().resolve(name).schema);
    let schema = cx.table().map(|table| table.key.schema.clone()).or_else(written);
    schema.filter(|schema| !schema.is_empty()).map_or_else(|| "your_database".to_owned(), bare)
}

fn bare(name: String) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    if plain { name } else { for_shell(&name) }
}

/// The base type of a new column's domain, as far as domains go.
fn domain_base(cx: &Context<'_>) -> Option<String> {
    Some(super::column::printed_type(super::constraint::base(cx, added_type(cx)?)))
}

fn added_type<'a>(cx: &Context<'a>) -> Option<&'a DataType> {
    match &cx.change.action {
        Action::AddColumn { column, .. } => column.data_type.as_ref().filter(|own| cx.catalog().domain_of(own).is_some()),
        _ => None,
    }
}

/// What a new column's domain demands, said of the column.
fn domain_demand(cx: &Context<'_>) -> Option<String> {
    let column = name(cx, &cx.column_name()?.value);
    let mut demands = Vec::new();
    let mut next = added_type(cx);
    // A domain over a domain, and no deeper than anybody writes.
    for _ in 0..8 {
        let Some(domain) = next.and_then(|own| cx.catalog().domain_of(own)) else { break };
        demands.extend(domain.checks.iter().map(|one| format!("({})", said_of(&line(&one.check.expression), &column))));
        if domain.not_null {
            demands.push(format!("{column} IS NOT NULL"));
        }
        next = Some(&domain.base);
    }
    match demands.as_slice() {
        [] => None,
        [one] => Some(one.strip_prefix('(').and_then(|one| one.strip_suffix(')')).unwrap_or(one).to_owned()),
        several => Some(several.join(" AND ")),
    }
}

/// A condition of a domain with the column in the place of VALUE, texts left alone.
fn said_of(condition: &str, column: &str) -> String {
    let mut out = String::with_capacity(condition.len());
    for (number, part) in condition.split('\'').enumerate() {
        if number > 0 {
            out.push('\'');
        }
        if number % 2 == 1 {
            out.push_str(part);
            continue;
        }
        let mut rest = part;
        while !rest.is_empty() {
            let is_word = |c: char| c == '_' || c == '$' || c.is_alphanumeric();
            let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let (head, tail) = rest.split_at(word);
            out.push_str(if head.eq_ignore_ascii_case("value") { column } else { head });
            let gap = tail.find(is_word).unwrap_or(tail.len());
            let (between, tail) = tail.split_at(gap);
            out.push_str(between);
            rest = tail;
        }
    }
    out
}

/// The new column's type, for a column beside it.
fn column_type(cx: &Context<'_>) -> String {
    let defined = |definition: &ColumnDef| definition.data_type.as_ref().map(|one| cx.words(one.span).to_owned());
    let written = match &cx.change.action {
        Action::AddColumn { column, .. } => defined(column),
        Action::ModifyColumn { definition, .. } => defined(definition),
        Action::SetType { data_type, .. } => Some(cx.words(data_type.span).to_owned()),
        _ => None,
    };
    let known = || cx.column().and_then(|column| column.data_type.as_ref()).map(super::column::printed_type);
    written.or_else(known).filter(|words| !words.trim().is_empty()).unwrap_or_else(|| "...".to_owned())
}

pub(super) static FACTS: &[Fact] = &[
    Fact {
        name: "sql.probe",
        kind: FactType::Text,
        doc: "A query that finds the rows which would make the statement fail; empty where a simple one cannot tell.",
        get: |cx| Value::maybe(probe(cx)),
    },
    Fact {
        name: "sql.orphans",
        kind: FactType::Text,
        doc: "A query that counts the rows whose foreign key points at nothing; empty where the columns are not known.",
        get: |cx| {
            let foreign = super::constraint::foreign_key(cx);
            Value::maybe(foreign.and_then(|foreign| orphans(cx, foreign)))
        },
    },
    Fact {
        name: "sql.demand",
        kind: FactType::Text,
        doc: "What the constraint demands, as written, without its name and NOT VALID: `CHECK (total > 0)`.",
        get: |cx| Value::maybe(demand(cx)),
    },
    Fact {
        name: "sql.clause",
        kind: FactType::Text,
        doc: "The statement as clauses of ALTER TABLE, in quotes for a shell: what gh-ost and pt-online-schema-change take.",
        get: |cx| Value::text(for_shell(&clause(cx))),
    },
    Fact {
        name: "sql.shell_table",
        kind: FactType::Text,
        doc: "The table's name on the command line of such a tool, in quotes for a shell where it needs them.",
        get: |cx| Value::text(shell_table(cx)),
    },
    Fact {
        name: "sql.nullable",
        kind: FactType::Text,
        doc: "What makes the column nullable: `ALTER TABLE orders ALTER COLUMN email DROP NOT NULL;`.",
        get: |cx| Value::maybe(nullable(cx)),
    },
    Fact {
        name: "sql.domain_base",
        kind: FactType::Text,
        doc: "What the domain of a new column is made of: `text`; empty where the history does not know the domain.",
        get: |cx| Value::maybe(domain_base(cx)),
    },
    Fact {
        name: "sql.domain_demand",
        kind: FactType::Text,
        doc: "What the domain of a new column demands, said of the column: `price > 0`; empty where it demands nothing or is not known.",
        get: |cx| Value::maybe(domain_demand(cx)),
    },
    Fact {
        name: "sql.database",
        kind: FactType::Text,
        doc: "The table's database alone, for a shell; `your_database` where the migration does not say.",
        get: |cx| Value::text(shell_database(cx)),
    },
    Fact {
        name: "sql.unchecked",
        kind: FactType::Text,
        doc: "What stands behind a new column's name, without PRIMARY KEY, UNIQUE, CHECK and REFERENCES: `int DEFAULT 0 NOT NULL`.",
        get: |cx| Value::maybe(unchecked(cx)),
    },
    Fact {
        name: "sql.row",
        kind: FactType::Text,
        doc: "What tells one row of the table from another, for IN: all columns of its key, in parentheses where they are several; `ctid` or `rowid` where none is known.",
        get: |cx| Value::text(keys::row(cx)),
    },
    Fact { name: "sql.row_columns", kind: FactType::Text, doc: "The same columns for a SELECT.", get: |cx| Value::text(keys::listed(cx)) },
    Fact {
        name: "sql.renamed",
        kind: FactType::Text,
        doc: "The table's new name in full, with the schema or database that it stays in.",
        get: |cx| Value::maybe(renamed(cx)),
    },
    Fact {
        name: "sql.key",
        kind: FactType::Text,
        doc: "The column that the table's rows can be walked along: the first of its primary key, of what foreign keys point at or of a unique key; `<key>` where none is known.",
        get: |cx| Value::text(walk::column(cx)),
    },
    Fact {
        name: "sql.batch",
        kind: FactType::Text,
        doc: "The condition of one batch of an UPDATE, by that column: `id > :last AND id <= :last + 5000`.",
        get: |cx| Value::text(walk::batch(cx)),
    },
    Fact {
        name: "sql.kept",
        kind: FactType::Text,
        doc: "What a SELECT takes to keep the column's values: the table's key and the column, or `*` where no other key is known.",
        get: |cx| Value::text(walk::kept(cx)),
    },
    Fact {
        name: "sql.target",
        kind: FactType::Text,
        doc: "The table an UPDATE writes, with the alias its values are written for: `orders o`.",
        get: |cx| Value::text(walk::target(cx)),
    },
    Fact {
        name: "sql.type",
        kind: FactType::Text,
        doc: "The column's type after the change, for a second column beside it; `...` where it is not known.",
        get: |cx| Value::text(column_type(cx)),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_survives_the_shell() {
        assert_eq!(for_shell("ADD COLUMN a int"), "'ADD COLUMN a int'");
        assert_eq!(for_shell("ADD a char DEFAULT '$1'"), "\"ADD a char DEFAULT '\\$1'\"");
    }

    #[test]
    fn a_condition_is_said_of_the_column() {
        assert_eq!(said_of("length(trim(value)) > 10 AND VALUE <> 'value'", "id"), "length(trim(id)) > 10 AND id <> 'value'");
        assert_eq!(said_of("a_value IS NULL", "id"), "a_value IS NULL");
    }
}
