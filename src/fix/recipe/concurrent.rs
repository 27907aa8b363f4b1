//! CONCURRENTLY, in a migration of its own that runs outside a transaction.

use super::{Case, Here, Later, Moved, Proposal, Rewrite, Undo, What, partitioned, refusal, rewrite};
use crate::catalog::{Index, TableKind};
use crate::change::{Action, ReindexTarget};
use crate::engine::Engine;
use crate::fix::edit::{Edit, excerpt};
use crate::fix::words;
use crate::migration::OutsideFor;
use crate::source::Span;

/// What is known of the statement that goes.
struct Plan {
    /// What the file is called after.
    name: String,
    /// The index, where the statement names one.
    index: Option<String>,
    unique: bool,
    /// Words to put into the statement.
    edits: Vec<Edit>,
    down: Vec<String>,
    /// What is not as it would have been.
    note: &'static str,
}

pub fn move_out(case: &Case<'_>) -> Option<Proposal> {
    if case.target.engine != Engine::Postgres {
        return None;
    }
    let plan = match &case.change.action {
        Action::CreateIndex(_) | Action::DropIndex(_) | Action::Reindex(_) | Action::DetachPartition { .. } if case.change.conditional => {
            return refusal("it stands in a block, where CONCURRENTLY cannot: take it out of there first");
        }
        Action::CreateIndex(index) if !index.in_alter && !index.only && is_partitioned(case) => return partitioned::build(case, index),
        Action::CreateIndex(index) if !index.in_alter => match build(case, index) {
            Ok(plan) => plan,
            Err(why) => return refusal(why),
        },
        Action::DropIndex(drop) => {
            if drop.cascade {
                return refusal("CONCURRENTLY does not go with CASCADE");
            }
            if is_partitioned(case) {
                return refusal(
                    "the index of a partitioned table cannot be dropped CONCURRENTLY: set a short lock_timeout and try again until it gets through",
                );
            }
            let old = case.before.index(case.change.table.as_ref(), &drop.name);
            let down = old.and_then(|(table, index)| words::create_index(table, index, case.target));
            Plan {
                name: format!("drop_{}", drop.name.name.value),
                index: Some(drop.name.name.value.clone()),
                unique: old.is_some_and(|(_, index)| index.unique),
                edits: concurrently(case, drop.concurrently, "INDEX")?,
                down: down.map(|create| vec![create]).unwrap_or_default(),
                note: "",
            }
        }
        Action::Reindex(reindex) => {
            if !case.target.at_least(12, 0, 0) {
                return refusal("before PostgreSQL 12 build a new index CONCURRENTLY, drop the old one CONCURRENTLY, rename");
            }
            let (about, word) = match &reindex.target {
                ReindexTarget::Index(name) => (name.name.value.clone(), "INDEX"),
                ReindexTarget::Table(name) => (name.name.value.clone(), "TABLE"),
                ReindexTarget::Schema(_) | ReindexTarget::Database(_) | ReindexTarget::System(_) | ReindexTarget::Any(_) => {
                    return refusal("REINDEX of everything is no migration: run `reindexdb --concurrently`");
                }
            };
            let edits = concurrently(case, reindex.concurrently, word)?;
            Plan { name: format!("reindex_{about}"), index: None, unique: false, edits, down: Vec::new(), note: "" }
        }
        Action::DetachPartition { partition, concurrently, finalize } => {
            if !case.is_alone() {
                return refusal("DETACH PARTITION CONCURRENTLY must stand alone in its ALTER TABLE");
            }
            if !case.target.at_least(14, 0, 0) {
                return refusal(
                    "DETACH PARTITION knows CONCURRENTLY from PostgreSQL 14 on: set a short lock_timeout and try again until it gets through",
                );
            }
            if case.table().and_then(|table| table.partitioning.as_ref()).is_some_and(|by| by.default_partition.is_some()) {
                return refusal("CONCURRENTLY cannot be while there is a default partition");
            }
            let add = concurrently.is_none() && !finalize;
            let edits = if add { vec![Edit::insert(case.change.span.end, " CONCURRENTLY")] } else { Vec::new() };
            Plan {
                name: format!("detach_{}", partition.name.value),
                index: None,
                unique: true,
                edits,
                down: Vec::new(),
                note: "; the partition keeps its bound as a CHECK",
            }
        }
        _ => return None,
    };
    // The file runs outside a transaction already: the word is enough.
    if case.before.session.transaction.is_none() && case.is_alone() && !plan.edits.is_empty() {
        return rewrite(Rewrite {
            title: "runs CONCURRENTLY where it stands, outside a transaction, so that nobody waits".to_owned(),
            here: Here::Edits(plan.edits),
            later: Vec::new(),
            undo: None,
            moved: None,
        });
    }
    let moved = Moved {
        tables: case.change.table.iter().map(|table| table.name.value.to_lowercase()).collect(),
        names: plan.index.iter().map(|name| name.to_lowercase()).collect(),
        columns: Vec::new(),
        what: What::Index { unique: plan.unique },
    };
    let up = match &case.change.action {
        // CONCURRENTLY takes one index at a time.
        Action::DropIndex(drop) if drop.siblings > 1 => {
            let if_exists = if drop.if_exists { "IF EXISTS " } else { "" };
            format!("DROP INDEX CONCURRENTLY {if_exists}{}", case.words(drop.name.span()))
        }
        _ => excerpt(case.text, case.statement.span, &plan.edits),
    };
    let later =
        Later { name: plan.name, up: vec![format!("{up};")], down: plan.down, outside: Some(OutsideFor::Concurrently), ..Later::default() };
    rewrite(Rewrite {
        title: format!("runs CONCURRENTLY in a migration of its own, outside a transaction, so that nobody waits{}", plan.note),
        here: Here::Leaves,
        later: vec![later],
        undo: plan.index.map(Undo::Index),
        moved: Some(moved),
    })
}

fn build(case: &Case<'_>, index: &crate::change::CreateIndex) -> Result<Plan, String> {
    let mut edits = Vec::new();
    if index.concurrently.is_none() {
        edits.push(Edit::insert(index.index_keyword.end, " CONCURRENTLY"));
    }
    let (name, words) = match &index.name {
        Some(name) => (name.name.value.clone(), case.words(name.name.span).to_owned()),
        None => {
            let name = made_up(case).ok_or("give the index a name")?;
            let words = case.quoted(&name);
            // The way back needs the name, so it is not left to the server.
            let at = index.concurrently.unwrap_or(index.index_keyword).end;
            edits.push(Edit::insert(at, format!(" {words}")));
            (name, words)
        }
    };
    // An index lives in its table's schema.
    let schema = case.change.table.as_ref().and_then(|table| table.schema.as_ref());
    let schema = schema.map(|schema| format!("{}.", case.words(schema.span))).unwrap_or_default();
    let down = vec![format!("DROP INDEX CONCURRENTLY IF EXISTS {schema}{words};")];
    Ok(Plan { name: format!("create_{name}"), index: Some(name), unique: index.unique, edits, down, note: "" })
}

/// The name the server would give the index.
fn made_up(case: &Case<'_>) -> Option<String> {
    let after = case.after();
    let table = after.table(case.change.table.as_ref()?)?;
    let is_old = |index: &Index| case.table().is_some_and(|table| table.index(&index.name).is_some());
    table.indexes.iter().find(|index| !is_old(index)).map(|index| index.name.clone())
}

fn is_partitioned(case: &Case<'_>) -> bool {
    case.table().is_some_and(|table| table.kind == TableKind::Partitioned)
}

/// The word behind the first occurrence of a key word in the statement, unless it is there.
fn concurrently(case: &Case<'_>, there: Option<Span>, keyword: &str) -> Option<Vec<Edit>> {
    if there.is_some() {
        return Some(Vec::new());
    }
    let at = words::behind(case.text, case.statement.span, keyword)?;
    Some(vec![Edit::insert(at, " CONCURRENTLY")])
}
