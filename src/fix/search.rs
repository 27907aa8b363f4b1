//! Which findings go together: all of them at first; what stands in the way is left out.

use std::cell::Cell;
use std::path::PathBuf;

use super::Plan;
use super::part::{Parted, part};
use super::prove::{self, Objection};
use super::survey::Found;
use crate::catalog::Catalog;
use crate::discover::Project;
use crate::lint::{self, Outcome};
use crate::migration::Directory;

/// So many replays are spent on keeping part of a migration's findings; after that a migration that
/// stands in the way is left out whole.
const PATIENCE: u32 = 48;
/// So often the whole is tried.
const ROUNDS: usize = 24;
/// More migrations than this in the way of the others are left out whole.
const FEW: usize = 6;

/// What a new history is compared with.
pub struct Old<'a> {
    pub project: &'a Project,
    pub outcome: &'a Outcome,
    pub schema: &'a Catalog,
    pub options: &'a lint::Options<'a>,
    pub now: &'a str,
}

type Laid = (Directory, Vec<Parted>);

impl Old<'_> {
    /// The largest plan that was found to hold.
    pub fn search(&self, mut left: Vec<Vec<Found>>, plan: &mut Plan) -> Laid {
        let patience = Cell::new(PATIENCE);
        for _ in 0..ROUNDS {
            left.retain(|found| !found.is_empty());
            let culprits = match self.lay(&left) {
                _ if left.is_empty() => return (self.project.directory.clone(), Vec::new()),
                Err(refused) => vec![refused],
                Ok((directory, parted)) => match self.objections(&directory, &left) {
                    objections if objections.is_empty() => return (directory, parted),
                    objections => self.culprits(objections, &parted, &left, &patience),
                },
            };
            // Where many are in the way there is no time to look for the part of each that is not.
            if culprits.len() > FEW {
                patience.set(0);
            }
            for (at, why) in culprits {
                if let Some(found) = left.get_mut(at) {
                    self.shrink(found, &why, &patience, plan);
                }
            }
        }
        let why = "too much was asked for at once: name fewer migrations, or set start-after".to_owned();
        left.iter().flatten().for_each(|one| plan.refuse(one, why.clone()));
        (self.project.directory.clone(), Vec::new())
    }

    /// Parts the migrations one after the other; says which one cannot be.
    fn lay(&self, all: &[Vec<Found>]) -> Result<Laid, (usize, String)> {
        let mut directory = self.project.directory.clone();
        let mut parted = Vec::new();
        for (at, found) in all.iter().enumerate() {
            parted.push(part(self.project, self.options, &mut directory, found, self.now).map_err(|why| (at, why))?);
        }
        Ok((directory, parted))
    }

    fn objections(&self, directory: &Directory, all: &[Vec<Found>]) -> Vec<Objection> {
        let served: Vec<(PathBuf, String)> = all.iter().flatten().map(|one| (one.path.clone(), one.rule.clone())).collect();
        let new = prove::project_with(self.project, directory.clone());
        prove::objections((self.project, self.outcome, self.schema), &new, self.options, &served)
    }

    /// Whether findings go by themselves.
    fn holds(&self, found: &[Found], patience: &Cell<u32>) -> bool {
        patience.set(patience.get().saturating_sub(1));
        let all = [found.to_vec()];
        self.lay(&all).is_ok_and(|(directory, _)| self.objections(&directory, &all).is_empty())
    }

    /// The migrations that objections are about: those whose files they name, else the first that does
    /// not go by itself, else all.
    fn culprits(&self, objections: Vec<Objection>, parted: &[Parted], all: &[Vec<Found>], patience: &Cell<u32>) -> Vec<(usize, String)> {
        let mut culprits: Vec<(usize, String)> = Vec::new();
        let mut first = String::new();
        for Objection { why, path } in objections {
            let file = |file: &String| path.as_ref().is_some_and(|path| self.project.directory.path(file) == *path);
            match parted.iter().position(|parted| parted.changed.iter().any(file)) {
                Some(at) if culprits.iter().all(|(other, _)| *other != at) => culprits.push((at, why)),
                Some(_) => {}
                None => first = why,
            }
        }
        if culprits.is_empty() {
            let alone = all.iter().position(|found| patience.get() > 0 && !self.holds(found, patience));
            culprits.extend(match alone {
                Some(at) => vec![(at, first)],
                None => (0..all.len()).map(|at| (at, first.clone())).collect(),
            });
        }
        culprits
    }

    /// Leaves out of a migration's findings what stands in the way; at least one.
    fn shrink(&self, found: &mut Vec<Found>, why: &str, patience: &Cell<u32>, plan: &mut Plan) {
        let whole = std::mem::take(found);
        if whole.len() > 1 && patience.get() > 0 {
            // Mostly one of them is in the way of the others.
            for left_out in 0..whole.len() {
                let mut some = whole.clone();
                let one = some.remove(left_out);
                if patience.get() > 0 && self.holds(&some, patience) {
                    plan.refuse(&one, why.to_owned());
                    *found = some;
                    return;
                }
            }
            let mut lost = Vec::new();
            for one in &whole {
                found.push(one.clone());
                if patience.get() == 0 || !self.holds(found, patience) {
                    lost.extend(found.pop());
                }
            }
            if !lost.is_empty() {
                lost.iter().for_each(|one| plan.refuse(one, why.to_owned()));
                return;
            }
            // Each goes by itself, and not with the others.
            found.clear();
        }
        whole.iter().for_each(|one| plan.refuse(one, why.to_owned()));
    }
}
