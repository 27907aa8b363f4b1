//! `lockgate fix`: a dangerous migration is parted into several that are safe, and a way back is
//! written where there is none.
//!
//! Recipes propose, for the clauses that rules report; a migration is taken apart and the new ones
//! are laid in the project's own layout; then the whole history is replayed and checked again. What
//! does not lead to the same schema, or is reported elsewhere, is not done. Nothing is written here:
//! a [`Plan`] holds the texts.

mod assemble;
mod depend;
pub mod down;
mod edit;
mod lay;
mod part;
mod prove;
mod recipe;
mod survey;
mod undo;
mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::catalog::Catalog;
use crate::discover::Project;
use crate::lint::{self, Outcome};
use crate::migration::Directory;
use part::Parted;
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
    let all: Vec<Vec<Found>> = by_entry.into_values().collect();
    if all.is_empty() {
        return plan;
    }
    let old = Old { project, outcome: &outcome, schema: &prove::replay(project, options), options };
    // Together first: that is one replay. Only when it fails each is tried by itself.
    let (directory, parted) = match old.attempt(&project.directory, &all, now) {
        Ok(done) => done,
        Err(_) => old.one_by_one(&all, now, &mut plan),
    };
    plan.take(project, &directory, parted);
    plan
}

/// What a new history is compared with.
struct Old<'a> {
    project: &'a Project,
    outcome: &'a Outcome,
    schema: &'a Catalog,
    options: &'a lint::Options<'a>,
}

impl Old<'_> {
    /// Parts some migrations and proves the result.
    fn attempt(&self, directory: &Directory, all: &[Vec<Found>], now: &str) -> Result<(Directory, Vec<Parted>), String> {
        let mut directory = directory.clone();
        let mut parted = Vec::new();
        let mut served = Vec::new();
        for found in all.iter().filter(|found| !found.is_empty()) {
            parted.push(part::part(self.project, self.options, &mut directory, found, all, now)?);
            served.extend(found.iter().map(|one| (one.path.clone(), one.rule.clone())));
        }
        let new = prove::project_with(self.project, directory.clone());
        match prove::objection((self.project, self.outcome, self.schema), &new, self.options, &served) {
            Some(why) => Err(why),
            None => Ok((directory, parted)),
        }
    }

    /// Takes up one migration after the other, the last first: what comes after it is settled then.
    /// Of those that do not go as a whole one finding is left out, or one after the other is tried.
    fn one_by_one(&self, all: &[Vec<Found>], now: &str, plan: &mut Plan) -> (Directory, Vec<Parted>) {
        let mut taken: Vec<Vec<Found>> = Vec::new();
        let mut best = (self.project.directory.clone(), Vec::new());
        for found in all.iter().rev() {
            let with = |some: Vec<Found>| std::iter::once(some).chain(taken.iter().cloned()).collect::<Vec<_>>();
            let attempt = |some: Vec<Found>| {
                let tried = with(some);
                self.attempt(&self.project.directory, &tried, now).map(|done| (done, tried))
            };
            match attempt(found.clone()) {
                Ok((done, tried)) => (best, taken) = (done, tried),
                Err(why) => {
                    let (some, refused) = self.some_of(found, &attempt, why);
                    refused.into_iter().for_each(|(one, why)| plan.refuse(&one, why));
                    if let Ok((done, tried)) = attempt(some) {
                        (best, taken) = (done, tried);
                    }
                }
            }
        }
        best
    }

    /// The findings of one migration that go together, and the others with the reason.
    fn some_of<T>(
        &self,
        found: &[Found],
        attempt: &impl Fn(Vec<Found>) -> Result<T, String>,
        why: String,
    ) -> (Vec<Found>, Vec<(Found, String)>) {
        // Mostly one of them is in the way of the others.
        for left_out in (0..found.len()).filter(|_| found.len() > 1) {
            let mut some = found.to_vec();
            let one = some.remove(left_out);
            if attempt(some.clone()).is_ok() {
                return (some, vec![(one, why)]);
            }
        }
        let (mut some, mut refused) = (Vec::new(), Vec::new());
        for one in found {
            some.push(one.clone());
            if let Err(why) = attempt(some.clone()) {
                some.pop();
                refused.push((one.clone(), why));
            }
        }
        (some, refused)
    }
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
