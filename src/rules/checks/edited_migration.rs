//! A migration that the base branch has was changed.

use super::{Check, FileChange, Found, HistoryEntry, Run};
use crate::effect::Truth;

pub const CHECK: Check = Check { name: "edited-migration", values: &["version"], run: Run::History(run) };

fn run(entries: &[HistoryEntry<'_>]) -> Vec<Found> {
    let edited = entries.iter().enumerate().filter(|(_, entry)| entry.change == Some(FileChange::Modified));
    edited
        .map(|(index, entry)| Found {
            truth: Truth::Yes,
            entry: Some(index),
            object: entry.version.to_owned(),
            values: vec![("version", entry.version.to_owned())],
            ..Found::default()
        })
        .collect()
}
