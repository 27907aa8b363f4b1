//! Putting CONCURRENTLY in, and taking it out.

use super::insertion;
use crate::change::{Action, ReindexTarget};
use crate::facts::Context;
use crate::finding::Safety;
use crate::rules::hit::Remedy;
use crate::source::Span;

/// `CREATE INDEX` becomes `CREATE INDEX CONCURRENTLY`. Only outside a transaction: inside one the
/// server would refuse it.
pub fn add(context: &Context<'_>) -> Option<Remedy> {
    if context.catalog().session.transaction.is_some() {
        return None;
    }
    let after = |keyword: &str| after_word(context, keyword);
    let at = match &context.change.action {
        Action::CreateIndex(index) if !index.in_alter => index.index_keyword.end,
        Action::DropIndex(drop) if drop.siblings <= 1 && !drop.cascade => after("INDEX")?,
        Action::Reindex(reindex) => match &reindex.target {
            ReindexTarget::Index(_) => after("INDEX")?,
            ReindexTarget::Table(_) => after("TABLE")?,
            ReindexTarget::Schema(_) | ReindexTarget::Database(_) | ReindexTarget::System(_) | ReindexTarget::Any(_) => return None,
        },
        Action::RefreshView { .. } => after("VIEW")?,
        _ => return None,
    };
    Some(insertion("add CONCURRENTLY", Safety::Safe, at, " CONCURRENTLY"))
}

/// For tables that nobody else sees yet, where it brings nothing but the ban from transactions.
pub fn remove(context: &Context<'_>) -> Option<Remedy> {
    let word = match &context.change.action {
        Action::CreateIndex(index) => index.concurrently?,
        Action::DropIndex(drop) => drop.concurrently?,
        Action::Reindex(reindex) => reindex.concurrently?,
        _ => return None,
    };
    // With the blank in front of it.
    let start = word.start.saturating_sub(1);
    Some(Remedy {
        title: "remove CONCURRENTLY".to_owned(),
        safety: Safety::Unsafe,
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
