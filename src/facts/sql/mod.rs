//! `sql.*`: pieces of SQL for the help, made of this statement's own names.

mod beside;
mod demand;
mod domain;
mod partition;
mod probe;
mod shell;

use super::{Context, Fact, FactType, Value, keys, walk};
use crate::catalog::Key;
use crate::change::{Action, Expression, IndexKey};
use crate::sql::{one_line, quoted_where_needed};

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

/// The name after a rename: one that is written alone stays in the table's schema.
fn renamed(cx: &Context<'_>) -> Option<String> {
    let Action::RenameTable { to } = &cx.change.action else { return None };
    let schema = match &to.schema {
        Some(schema) => schema.value.clone(),
        None => cx.table().map(|table| table.key.schema.clone()).unwrap_or_default(),
    };
    Some(name(cx, &Key::new(schema.as_str(), to.name.value.as_str()).to_string()))
}

fn line(expression: &Expression) -> String {
    one_line(&expression.text)
}

pub(super) static FACTS: &[Fact] = &[
    Fact {
        name: "sql.probe",
        kind: FactType::Text,
        doc: "A query that finds the rows which would make the statement fail; empty where a simple one cannot tell.",
        get: |cx| Value::maybe(probe::probe(cx)),
    },
    Fact {
        name: "sql.orphans",
        kind: FactType::Text,
        doc: "A query that counts the rows whose foreign key points at nothing; empty where the columns are not known.",
        get: |cx| {
            let foreign = super::constraint::foreign_key(cx);
            Value::maybe(foreign.and_then(|foreign| probe::orphans(cx, foreign)))
        },
    },
    Fact {
        name: "sql.demand",
        kind: FactType::Text,
        doc: "What the constraint demands, as written, without its name and NOT VALID: `CHECK (total > 0)`.",
        get: |cx| Value::maybe(demand::demand(cx)),
    },
    Fact {
        name: "sql.clause",
        kind: FactType::Text,
        doc: "The statement as clauses of ALTER TABLE, in quotes for a shell: what gh-ost and pt-online-schema-change take.",
        get: |cx| Value::text(shell::for_shell(&shell::clause(cx))),
    },
    Fact {
        name: "sql.shell_table",
        kind: FactType::Text,
        doc: "The table's name on the command line of such a tool, in quotes for a shell where it needs them.",
        get: |cx| Value::text(shell::shell_table(cx)),
    },
    Fact {
        name: "sql.nullable",
        kind: FactType::Text,
        doc: "What makes the column nullable: `ALTER TABLE orders ALTER COLUMN email DROP NOT NULL;`; empty where it numbers the rows that leave it out.",
        get: |cx| Value::maybe(beside::nullable(cx)),
    },
    Fact {
        name: "sql.domain_base",
        kind: FactType::Text,
        doc: "What the domain of a new column is made of: `text`; empty where the history does not know the domain.",
        get: |cx| Value::maybe(domain::domain_base(cx)),
    },
    Fact {
        name: "sql.domain_demand",
        kind: FactType::Text,
        doc: "What the domain of a new column demands, said of the column: `price > 0`; empty where it demands nothing or is not known.",
        get: |cx| Value::maybe(domain::domain_demand(cx)),
    },
    Fact {
        name: "sql.database",
        kind: FactType::Text,
        doc: "The table's database alone, for a shell; `your_database` where the migration does not say.",
        get: |cx| Value::text(shell::shell_database(cx)),
    },
    Fact {
        name: "sql.unchecked",
        kind: FactType::Text,
        doc: "What stands behind a new column's name, without PRIMARY KEY, UNIQUE, CHECK and REFERENCES: `int DEFAULT 0 NOT NULL`.",
        get: |cx| Value::maybe(demand::unchecked(cx)),
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
        get: |cx| Value::text(beside::column_type(cx)),
    },
    Fact {
        name: "sql.beside",
        kind: FactType::Text,
        doc: "What stands behind the name of a second column beside this one: type, collation and comment, without NOT NULL; `...` where the type is not known.",
        get: |cx| Value::text(beside::definition(cx)),
    },
    Fact {
        name: "sql.kept_default",
        kind: FactType::Text,
        doc: "The statement that gives the second column the default of the first; empty where it has none.",
        get: |cx| Value::maybe(beside::kept_default(cx)),
    },
    Fact {
        name: "sql.converted",
        kind: FactType::Text,
        doc: "The value of the second column, from the first.",
        get: |cx| Value::maybe(beside::converted(cx)),
    },
    Fact {
        name: "sql.unfilled",
        kind: FactType::Text,
        doc: "The condition of rows whose second column is to be filled.",
        get: |cx| Value::maybe(beside::unfilled(cx)),
    },
    Fact {
        name: "sql.carried",
        kind: FactType::Text,
        doc: "Half a sentence on what the column has and a second one beside it has not: NOT NULL, indexes, constraints; empty where that is nothing.",
        get: |cx| Value::maybe(beside::carried(cx)),
    },
    Fact {
        name: "sql.default",
        kind: FactType::Text,
        doc: "The default the change gives, as ALTER COLUMN takes it.",
        get: |cx| Value::maybe(beside::written_default(cx)),
    },
    Fact {
        name: "sql.based",
        kind: FactType::Text,
        doc: "What stands behind a new column's name, with the base type in the place of its domain.",
        get: |cx| Value::maybe(domain::based(cx)),
    },
    Fact {
        name: "sql.key_words",
        kind: FactType::Text,
        doc: "What stands behind the table in the CREATE INDEX that a key or unique constraint can take over: `(a, b) INCLUDE (c)`.",
        get: |cx| Value::maybe(demand::key_words(cx)),
    },
    Fact {
        name: "sql.deferral",
        kind: FactType::Text,
        doc: "When the constraint is checked: `DEFERRABLE INITIALLY DEFERRED`; empty where it says nothing.",
        get: |cx| Value::maybe(demand::deferral(cx)),
    },
    Fact {
        name: "sql.partition_bound",
        kind: FactType::Text,
        doc: "The bound of the partition that is made or attached: `FOR VALUES IN (1)`.",
        get: |cx| Value::maybe(partition::bound(cx)),
    },
    Fact {
        name: "sql.partition_by",
        kind: FactType::Text,
        doc: "How the partition that is made is partitioned itself; empty where it is not.",
        get: |cx| Value::maybe(partition::partitioned(cx)),
    },
    Fact {
        name: "sql.bound_demand",
        kind: FactType::Text,
        doc: "What the bound of an attached partition demands of each row; empty where no simple CHECK says it.",
        get: |cx| Value::maybe(partition::condition(cx)),
    },
    Fact {
        name: "sql.index_words",
        kind: FactType::Text,
        doc: "What stands behind the table in CREATE INDEX.",
        get: |cx| Value::maybe(partition::index_words(cx)),
    },
    Fact {
        name: "sql.partition_builds",
        kind: FactType::Text,
        doc: "The statements that build the index on each partition; empty where the partitions are not known, or very many.",
        get: |cx| Value::maybe(partition::builds(cx).map(|all| all.make.join(" "))),
    },
    Fact {
        name: "sql.partition_attaches",
        kind: FactType::Text,
        doc: "The statements that attach those indexes.",
        get: |cx| Value::maybe(partition::builds(cx).map(|all| all.attach.join(" "))),
    },
    Fact {
        name: "sql.unique",
        kind: FactType::Text,
        doc: "`UNIQUE` where the index that is made is unique.",
        get: |cx| Value::maybe(partition::unique(cx)),
    },
    Fact {
        name: "sql.column_first",
        kind: FactType::Text,
        doc: "The statement that adds the column alone, for a constraint written inside a new column; empty for others.",
        get: |cx| Value::maybe(demand::column_first(cx)),
    },
    Fact {
        name: "sql.loose",
        kind: FactType::Text,
        doc: "What stands behind a new column's name, without NOT NULL and all that it checks.",
        get: |cx| Value::maybe(demand::loose(cx)),
    },
    Fact {
        name: "sql.key_checks",
        kind: FactType::Text,
        doc: "The statements that promise that no column of a primary key is NULL, for those that may be; empty where none may.",
        get: |cx| Value::maybe(demand::key_checks(cx).map(|all| all.add)),
    },
    Fact {
        name: "sql.key_validations",
        kind: FactType::Text,
        doc: "The statements that validate those promises.",
        get: |cx| Value::maybe(demand::key_checks(cx).map(|all| all.validate)),
    },
    Fact {
        name: "sql.key_unchecks",
        kind: FactType::Text,
        doc: "The statements that drop them again.",
        get: |cx| Value::maybe(demand::key_checks(cx).map(|all| all.drop)),
    },
    Fact {
        name: "sql.partition_of",
        kind: FactType::Text,
        doc: "The table that the partition at hand is made a part of.",
        get: |cx| Value::maybe(partition::parent(cx)),
    },
    Fact {
        name: "sql.counted",
        kind: FactType::Text,
        doc: "The type of a new column that numbers rows, without the numbering: `bigint` for `bigserial`.",
        get: |cx| Value::maybe(beside::counted(cx)),
    },
    Fact {
        name: "sql.sequence",
        kind: FactType::Text,
        doc: "The sequence that the server makes for such a column, as a text names it.",
        get: |cx| Value::maybe(beside::sequence(cx)),
    },
    Fact {
        name: "sql.index",
        kind: FactType::Text,
        doc: "The index that is built, with the schema that it shares with its table.",
        get: |cx| Value::maybe(partition::index(cx)),
    },
    Fact {
        name: "sql.concurrently",
        kind: FactType::Text,
        doc: "The CREATE INDEX itself, with CONCURRENTLY.",
        get: |cx| Value::maybe(partition::concurrently(cx)),
    },
    Fact {
        name: "sql.bare",
        kind: FactType::Text,
        doc: "What stands behind a new column's name, without NOT NULL, its default and all that it checks.",
        get: |cx| Value::maybe(demand::bare(cx)),
    },
    Fact {
        name: "sql.untouched",
        kind: FactType::Text,
        doc: "MySQL and MariaDB: what else an UPDATE assigns so that columns ON UPDATE CURRENT_TIMESTAMP stay as they are: `, at = at`.",
        get: |cx| Value::maybe(beside::untouched(cx)),
    },
    Fact {
        name: "sql.repeated",
        kind: FactType::Text,
        doc: "A MODIFY or CHANGE that repeats what the column has and the statement leaves out; empty where the column is not known.",
        get: |cx| Value::maybe(beside::repeated(cx)),
    },
    Fact {
        name: "sql.dropped_partition",
        kind: FactType::Text,
        doc: "MySQL and MariaDB: the first partition that is dropped or emptied.",
        get: |cx| Value::maybe(partition::dropped(cx).map(|(first, _)| first)),
    },
    Fact {
        name: "sql.dropped_partitions",
        kind: FactType::Names,
        doc: "The other ones that the statement names.",
        get: |cx| Value::Names(partition::dropped(cx).map(|(_, more)| more).unwrap_or_default().into_iter().map(Into::into).collect()),
    },
    Fact {
        name: "sql.clashes",
        kind: FactType::Text,
        doc: "MySQL and MariaDB: queries for the values of unique keys that CONVERT TO CHARACTER SET makes alike; empty where no key has texts.",
        get: |cx| Value::maybe(probe::clashes(cx)),
    },
];
