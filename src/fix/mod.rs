//! `lockgate fix`: a dangerous migration is parted into several that are safe, and a way back is
//! written where there is none.
//!
//! Recipes propose, for the clauses that rules report; a migration is taken apart and the new ones
//! are laid in the project's own layout; then the whole history is replayed and checked again. What
//! does not lead to the same schema, or is reported elsewhere, is not done. Nothing is written here:
//! a [`Plan`] holds the texts.

mod ahead;
mod assemble;
mod depend;
pub mod down;
mod edit;
mod lay;
mod part;
mod prove;
mod recipe;
mod search;
mod survey;
mod undo;
mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::discover::Project;
use crate::lint;
use crate::migration::Directory;
use part::Parted;
use search::Old;
use survey::{Found, Survey};

/// What would be done to a project.
#[derive(Debug, Default)]
pub struct Plan {
    /// Files whose text changes, and new ones, in order.
    pub files: Vec<File>,
    pub done: Vec<Done>,
    pub refused: Vec<Refused>,
    /// What is left to a person afterwards.
    pub afterwards: Option<&'static str>,
}

/// A file as it will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// As shown to people.
    pub path: PathBuf,
    /// As it is; `None` for a new file.
    pub before: Option<String>,
    pub after: String,
}

/// A finding that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub rule: String,
    pub path: PathBuf,
    pub line: u32,
    pub title: String,
    /// The new migrations, in order.
    pub new: Vec<PathBuf>,
}

/// A finding that a person must see to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub rule: String,
    pub path: PathBuf,
    pub line: u32,
    /// Why, and what to do.
    pub why: String,
}

/// Parts what can be parted. `now` is the time in UTC as `YYYYMMDDhhmmss`.
pub fn plan(project: &Project, options: &lint::Options<'_>, now: &str) -> Plan {
    let Survey { outcome, found } = survey::survey(project, options);
    let mut plan = Plan::default();
    let mut by_entry: BTreeMap<usize, Vec<Found>> = BTreeMap::new();
    for one in found {
        match &one.proposal {
            recipe::Proposal::Refusal(why) => plan.refuse(&one, why.clone()),
            recipe::Proposal::Rewrite(_) => by_entry.entry(one.entry).or_default().push(one),
        }
    }
    let mut all: Vec<Vec<Found>> = by_entry.into_values().collect();
    if all.is_empty() {
        return plan;
    }
    ahead::prune(project, options, &mut all, &mut plan);
    let old = Old { project, outcome: &outcome, schema: &prove::replay(project, options), options, now };
    let (directory, parted) = old.search(all, &mut plan);
    plan.take(project, &directory, parted);
    plan
}

impl Plan {
    fn refuse(&mut self, found: &Found, why: String) {
        self.refused.push(Refused { rule: found.rule.clone(), path: found.path.clone(), line: found.line, why });
    }

    fn take(&mut self, project: &Project, directory: &Directory, parted: Vec<Parted>) {
        let mut changed: Vec<String> = Vec::new();
        for one in parted {
            self.done.extend(one.done);
            for path in one.changed {
                if !changed.contains(&path) {
                    changed.push(path);
                }
            }
        }
        for path in changed {
            let before = project.directory.text(&path);
            let after = directory.text(&path).unwrap_or_default();
            self.files.push(File { path: project.directory.path(&path), before, after });
        }
        if !self.files.is_empty() {
            self.afterwards = project.format.afterwards();
        }
    }
}
