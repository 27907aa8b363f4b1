//! Two migrations under one version.

use std::collections::HashMap;

use super::{Check, Found, HistoryEntry, Run};
use crate::effect::Truth;

pub const CHECK: Check = Check { name: "duplicate-version", values: &["version", "other"], run: Run::History(run) };

fn run(entries: &[HistoryEntry<'_>]) -> Vec<Found> {
    let mut first: HashMap<&str, &HistoryEntry<'_>> = HashMap::new();
    let mut found = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        match first.get(entry.version) {
            None => {
                first.insert(entry.version, entry);
            }
            Some(earlier) => found.push(Found {
                truth: Truth::Yes,
                entry: Some(index),
                object: entry.version.to_owned(),
                values: vec![("version", entry.version.to_owned()), ("other", earlier.path.to_owned())],
                ..Found::default()
            }),
        }
    }
    found
}
