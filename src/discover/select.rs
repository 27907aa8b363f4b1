//! Which entries of the projects found are reported.

use std::cmp::Ordering;

use super::{ChangeKind, ChangedFiles, Discovery, Project, ProjectEntry, Standing};
use crate::migration::VersionOrder;

/// Leaves to be reported only what changed.
pub(super) fn only_changed(discovery: &mut Discovery, changed: &ChangedFiles) {
    for project in &mut discovery.projects {
        let root = project.root.clone();
        for entry in &mut project.entries {
            let kinds: Vec<ChangeKind> = entry.entry.files().filter_map(|file| changed.kind(&root.join(file))).collect();
            let up = changed.kind(&root.join(&entry.entry.up));
            // Any file's change makes the migration one that is looked at; its up script says how.
            entry.up_change = up;
            entry.change = up.or(kinds.first().map(|_| ChangeKind::Modified));
            if entry.change.is_none() && entry.standing == Standing::Reported {
                entry.standing = Standing::NotChanged;
            }
        }
        project.deleted = changed.deleted().filter(|path| path.starts_with(&root)).map(crate::source::shown).collect();
    }
}

/// Makes context of everything up to and with a version.
pub(super) fn start_after(project: &mut Project, version: &str) {
    let before = project.up_to(version);
    for (entry, before) in project.entries.iter_mut().zip(before) {
        if before && entry.standing == Standing::Reported {
            entry.standing = Standing::BeforeStart;
        }
    }
}

impl Project {
    /// Of each entry whether it comes up to and with a version. That may be written as the version,
    /// the file or directory name, or anything that stands between two versions.
    pub fn up_to(&self, version: &str) -> Vec<bool> {
        let order = self.format.order();
        let named = self.entries.iter().rposition(|entry| {
            let entry = &entry.entry;
            entry.version == version
                || entry.up == version
                || stem(&entry.up) == version
                || order.compare(&entry.version, version) == Ordering::Equal
        });
        let before = |(at, entry): (usize, &ProjectEntry)| match (named, order) {
            (Some(named), _) => at <= named && !entry.entry.repeatable,
            // A journal's order says nothing about a version that is not in it.
            (None, VersionOrder::Listed) => false,
            (None, VersionOrder::FileName) => stem(&entry.entry.up) <= version,
            (None, _) => order.compare(&entry.entry.version, version) != Ordering::Greater,
        };
        self.entries.iter().enumerate().map(before).collect()
    }
}

/// What people call a migration: `001_users` for `001_users.up.sql` and `001_users/up.sql`.
fn stem(up: &str) -> &str {
    match up.split_once('/') {
        Some((directory, _)) => directory,
        None => up.strip_suffix(".sql").map_or(up, |stem| stem.strip_suffix(".up").unwrap_or(stem)),
    }
}
