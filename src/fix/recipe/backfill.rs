//! An UPDATE of every row, in batches that commit.

use super::{Case, Here, Later, Moved, Proposal, Rewrite, What, refusal, rewrite};
use crate::catalog::Table;
use crate::change::{Action, ConstraintKind, Predicate, UpdateRows};
use crate::engine::Engine;
use crate::fix::edit::{Edit, excerpt};
use crate::migration::OutsideFor;
use crate::source::Span;

/// So many rows are written between two commits.
const BATCH: u32 = 5000;

/// A block that walks the primary key and commits after each batch, in a migration of its own.
pub fn in_batches(case: &Case<'_>) -> Option<Proposal> {
    let Action::Update(update) = &case.change.action else { return None };
    if case.change.conditional || !case.is_alone() {
        return refusal("it stands in a block or beside other work: write the batches by hand");
    }
    let key = case.table().and_then(single_key);
    let Some(shape) = shape(case, update) else {
        return refusal("it joins other tables or returns rows: write the batches by hand, by the key of the table that is updated");
    };
    match (case.target.engine, key) {
        // DO may commit from PostgreSQL 11 on (manual, Transaction Management in PL/pgSQL).
        (Engine::Postgres, Some(key)) if case.target.at_least(11, 0, 0) => rewrite(plan(case, update, &shape, &key)),
        (Engine::Postgres, Some(key)) => refusal(by_hand(case, &shape, &key)),
        (Engine::Mysql | Engine::Mariadb | Engine::Sqlite, Some(key)) => refusal(by_hand(case, &shape, &key)),
        (_, None) => {
            refusal("no primary key of one column is known for the table, so there is nothing to walk along: write the batches by hand")
        }
    }
}

/// Where a condition goes, and what the statement already says.
struct Shape {
    /// Edits that lead over to ` AND <condition>` or ` WHERE <condition>` at the end.
    edits: Vec<Edit>,
    lead: &'static str,
}

impl Shape {
    fn with(&self, case: &Case<'_>, condition: &str) -> String {
        let statement = excerpt(case.text, case.statement.span, &self.edits);
        format!("{}\n{} {condition}", statement.trim_end(), self.lead)
    }
}

fn shape(case: &Case<'_>, update: &UpdateRows) -> Option<Shape> {
    if update.joined || update.limited || !update.reads.is_empty() {
        return None;
    }
    // Nothing may stand behind what was read: RETURNING, ORDER BY.
    let end = case.statement.span.end;
    match &update.predicate {
        Predicate::None => {
            let last = update.assignments.last()?.1.span;
            let rest = case.words(Span::new(last.end, end));
            rest.trim().is_empty().then(|| Shape { edits: Vec::new(), lead: "WHERE" })
        }
        Predicate::Where(condition) => {
            let rest = case.words(Span::new(condition.span.end, end));
            let edits = vec![Edit::insert(condition.span.start, "("), Edit::insert(condition.span.end, ")")];
            rest.trim().is_empty().then_some(Shape { edits, lead: "AND" })
        }
        Predicate::Unread => None,
    }
}

/// The one column of the primary key.
fn single_key(table: &Table) -> Option<String> {
    let key = table.constraints.iter().find(|constraint| constraint.kind == ConstraintKind::PrimaryKey)?;
    match key.columns.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

fn plan(case: &Case<'_>, update: &UpdateRows, shape: &Shape, key: &str) -> Rewrite {
    let (table, column) = (case.table_words(), case.quoted(key));
    let only = if update.only { "ONLY " } else { "" };
    let inside = shape.with(case, &format!("{column} >= batch_start AND (batch_end IS NULL OR {column} < batch_end);"));
    let indented = inside.replace('\n', "\n        ");
    let block = format!(
        "DO $batches$
DECLARE
    batch_start {table}.{column}%TYPE;
    batch_end {table}.{column}%TYPE;
BEGIN
    SELECT {column} INTO batch_start FROM {only}{table} ORDER BY {column} LIMIT 1;
    WHILE batch_start IS NOT NULL LOOP
        SELECT {column} INTO batch_end FROM {only}{table} WHERE {column} >= batch_start ORDER BY {column} OFFSET {BATCH} LIMIT 1;
        {indented}
        COMMIT;
        batch_start := batch_end;
    END LOOP;
END
$batches$;"
    );
    let mut tables = vec![case.table_name().to_lowercase()];
    tables.extend(update.reads.iter().map(|read| read.name.value.to_lowercase()));
    let later = Later {
        name: format!("backfill_{}", case.table_name()),
        up: vec![block],
        outside: Some(OutsideFor::Batches),
        comment: Some(format!(
            "-- {BATCH} rows at a time by the primary key, each batch committed; it can be stopped, and run again from the start."
        )),
        ..Later::default()
    };
    Rewrite {
        title: format!("rows are updated {BATCH} at a time in a migration of its own, outside a transaction"),
        here: Here::Leaves,
        later: vec![later],
        undo: None,
        moved: Some(Moved { tables, names: Vec::new(), columns: Vec::new(), what: What::Rows }),
    }
}

/// What a person runs where no migration can commit between batches.
fn by_hand(case: &Case<'_>, shape: &Shape, key: &str) -> String {
    let column = case.quoted(key);
    let batch = shape.with(case, &format!("{column} > :last AND {column} <= :last + {BATCH};"));
    let batch = batch.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("take it out of the migrations and run it in batches, from a program or a shell, until nothing is left: {batch}")
}
