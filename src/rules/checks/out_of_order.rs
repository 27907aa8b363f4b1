//! A new migration that stands before one which the base branch has.

use super::{Check, FileChange, Found, HistoryEntry, Run};
use crate::effect::Truth;

pub const CHECK: Check = Check { name: "out-of-order-version", values: &["version", "newest"], run: Run::History(run) };

/// The entries come in the order in which the system runs them.
fn run(entries: &[HistoryEntry<'_>]) -> Vec<Found> {
    let is_new = |entry: &HistoryEntry<'_>| entry.change == Some(FileChange::Added);
    let on_base = |entry: &HistoryEntry<'_>| !is_new(entry) && entry.change != Some(FileChange::Deleted);
    let Some(newest) = entries.iter().rposition(on_base) else { return Vec::new() };
    let Some(base) = entries.get(newest) else { return Vec::new() };
    let early = entries.iter().enumerate().take(newest).filter(|(_, entry)| is_new(entry) && entry.version != base.version);
    early
        .map(|(index, entry)| Found {
            truth: Truth::Yes,
            entry: Some(index),
            object: entry.version.to_owned(),
            values: vec![("version", entry.version.to_owned()), ("newest", base.version.to_owned())],
            ..Found::default()
        })
        .collect()
}
