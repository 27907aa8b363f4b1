//! A migration that the base branch has is gone.

use super::{Check, FileChange, Found, HistoryEntry, Run};
use crate::effect::Truth;

pub const CHECK: Check = Check { name: "missing-migration", values: &["path"], run: Run::History(run) };

fn run(entries: &[HistoryEntry<'_>]) -> Vec<Found> {
    let gone = entries.iter().enumerate().filter(|(_, entry)| entry.change == Some(FileChange::Deleted));
    gone.map(|(index, entry)| Found {
        truth: Truth::Yes,
        entry: Some(index),
        object: entry.path.to_owned(),
        values: vec![("path", entry.path.to_owned())],
        ..Found::default()
    })
    .collect()
}
