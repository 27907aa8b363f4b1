//! Putting CONCURRENTLY in, and taking it out.

use super::insertion;
use crate::catalog::{Birth, IndexState, Table, TableKind};
use crate::change::{Action, ReindexTarget};
use crate::engine::Engine;
use crate::facts::Context;
use crate::finding::Safety;
use crate::rules::hit::Remedy;
use crate::source::Span;

/// `CREATE INDEX` becomes `CREATE INDEX CONCURRENTLY`. Only outside a transaction: inside one the
/// server would refuse it.
pub fn add(context: &Context<'_>) -> Option<Remedy> {
    if context.target().engine != Engine::Postgres {
        return None;
    }
    let in_transaction = context.catalog().session.transaction.is_some();
    let in_transaction_too = matches!(context.change.action, Action::RefreshView { .. });
    if in_transaction && !in_transaction_too {
        return None;
    }
    let (at, words) = place(context)?;
    // The partition then keeps its bound as a CHECK (manual, ALTER TABLE, DETACH PARTITION).
    let detaches = matches!(context.change.action, Action::DetachPartition { .. });
    let safety = if detaches { Safety::Unsafe } else { Safety::Safe };
    Some(insertion("add CONCURRENTLY", safety, at, words))
}

/// Where CONCURRENTLY goes, when the statement can have it at all.
fn place(context: &Context<'_>) -> Option<(u32, &'static str)> {
    let behind = |keyword: &str| after_word(context, keyword).map(|at| (at, " CONCURRENTLY"));
    let partitioned = context.table().is_some_and(|table| table.kind == TableKind::Partitioned);
    match &context.change.action {
        Action::CreateIndex(index) if !index.in_alter && !partitioned => Some((index.index_keyword.end, " CONCURRENTLY")),
        Action::DropIndex(drop) if drop.siblings <= 1 && !drop.cascade && !partitioned => behind("INDEX"),
        // PostgreSQL 12 (REINDEX).
        Action::Reindex(reindex) if context.target().at_least(12, 0, 0) => match &reindex.target {
            ReindexTarget::Index(_) => behind("INDEX"),
            ReindexTarget::Table(_) => behind("TABLE"),
            ReindexTarget::Schema(_) | ReindexTarget::Database(_) | ReindexTarget::System(_) | ReindexTarget::Any(_) => None,
        },
        Action::RefreshView { .. } if context.table().is_some_and(|view| is_filled(context, view) && has_row_identity(view)) => {
            behind("VIEW")
        }
        // PostgreSQL 14 (ALTER TABLE): not while there is a default partition, and alone in its statement.
        Action::DetachPartition { concurrently: None, finalize: false, .. } => {
            let default = context.table()?.partitioning.as_ref().is_some_and(|by| by.default_partition.is_some());
            let alone = context.scene.statement.changes.len() == 1;
            (context.target().at_least(14, 0, 0) && alone && !default).then_some((context.change.span.end, " CONCURRENTLY"))
        }
        _ => None,
    }
}

/// REFRESH CONCURRENTLY compares rows by a unique index over plain columns without a condition
/// (manual, REFRESH MATERIALIZED VIEW).
fn has_row_identity(view: &Table) -> bool {
    view.indexes.iter().any(|index| {
        let plain = index.keys.iter().all(|key| key.column_name().is_some());
        index.unique && index.predicate.is_none() && index.state != IndexState::Invalid && plain
    })
}

fn is_filled(context: &Context<'_>, view: &Table) -> bool {
    context.catalog().views.get(&view.key).is_some_and(|view| view.populated)
}

/// For tables that nobody else uses yet, where it brings nothing but the ban from transactions.
pub fn remove(context: &Context<'_>) -> Option<Remedy> {
    let word = match &context.change.action {
        Action::CreateIndex(index) => index.concurrently?,
        Action::DropIndex(drop) => drop.concurrently?,
        Action::Reindex(reindex) => reindex.concurrently?,
        _ => return None,
    };
    let is_new = |birth: Birth| birth.origin(context.catalog().now).is_new();
    if !context.table().is_some_and(|table| is_new(table.birth)) {
        return None;
    }
    // With the blank in front of it.
    let start = word.start.saturating_sub(1);
    Some(Remedy {
        title: "remove CONCURRENTLY: nobody uses the table yet".to_owned(),
        safety: Safety::Safe,
        edits: vec![(Span::new(start, word.end), String::new())],
    })
}

/// The end of the first occurrence of a key word in the statement.
fn after_word(context: &Context<'_>, keyword: &str) -> Option<u32> {
    let statement = context.scene.statement.span;
    let text = context.words(statement).to_ascii_uppercase();
    let bounded = |index: Option<usize>| {
        index.and_then(|index| text.as_bytes().get(index)).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
    };
    let mut places = text.match_indices(keyword).map(|(at, _)| at);
    let at = places.find(|at| bounded(at.checked_sub(1)) && bounded(Some(at + keyword.len())))?;
    Some(statement.start + u32::try_from(at + keyword.len()).ok()?)
}
