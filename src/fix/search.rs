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
        loop {
            left.retain(|found| !found.is_empty());
            if left.is_empty() {
                return (self.project.directory.clone(), Vec::new());
            }
            let (at, why) = match self.lay(&left) {
                Err(refused) => refused,
                Ok((directory, parted)) => match self.objection(&directory, &left) {
                    None => return (directory, parted),
                    Some(objection) => match self.culprit(&objection, &parted, &left, &patience) {
                        Some(at) => (at, objection.why),
                        None => {
                            left.iter().flatten().for_each(|one| plan.refuse(one, objection.why.clone()));
                            left.clear();
                            continue;
                        }
                    },
                },
            };
            if let Some(found) = left.get_mut(at) {
                self.shrink(found, &why, &patience, plan);
            }
        }
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

    fn objection(&self, directory: &Directory, all: &[Vec<Found>]) -> Option<Objection> {
        let served: Vec<(PathBuf, String)> = all.iter().flatten().map(|one| (one.path.clone(), one.rule.clone())).collect();
        let new = prove::project_with(self.project, directory.clone());
        prove::objection((self.project, self.outcome, self.schema), &new, self.options, &served)
    }

    /// Whether findings go by themselves.
    fn holds(&self, found: &[Found], patience: &Cell<u32>) -> bool {
        patience.set(patience.get().saturating_sub(1));
        let all = [found.to_vec()];
        self.lay(&all).is_ok_and(|(directory, _)| self.objection(&directory, &all).is_none())
    }

    /// The migration that an objection is about: the one whose file it names, else the first that does
    /// not go by itself.
    fn culprit(&self, objection: &Objection, parted: &[Parted], all: &[Vec<Found>], patience: &Cell<u32>) -> Option<usize> {
        let named = objection
            .path
            .as_ref()
            .and_then(|path| parted.iter().position(|parted| parted.changed.iter().any(|file| self.project.directory.path(file) == *path)));
        named.or_else(|| all.iter().position(|found| patience.get() > 0 && !self.holds(found, patience)))
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
