//! New migrations come after all others: what a migration builds on that is there already must stay
//! where it is.

use super::Plan;
use super::depend::depends;
use super::part;
use super::recipe::{Moved, Proposal};
use super::survey::Found;
use super::words::Words;
use crate::change::Statement;
use crate::discover::Project;
use crate::lint;

/// A statement of the history, and what it speaks of.
struct Later {
    entry: usize,
    statement: Statement,
    words: Words,
}

/// Leaves out what later migrations build on.
pub fn prune(project: &Project, options: &lint::Options<'_>, all: &mut Vec<Vec<Found>>, plan: &mut Plan) {
    let first = all.iter().flatten().map(|one| one.entry).min().unwrap_or(0);
    let mut history = Vec::new();
    let mut unread = None;
    for (entry, later) in project.entries.iter().enumerate().skip(first + 1) {
        match part::read(project, options, &project.directory, &later.entry) {
            Ok(prepared) => {
                let text = std::sync::Arc::clone(&prepared.migration.up.text);
                history.extend(prepared.up.statements.into_iter().map(|statement| {
                    let words = Words::of(statement.span.slice(&text));
                    Later { entry, statement, words }
                }));
            }
            Err(why) => unread = Some((entry, format!("`{}` comes after it: {why}", later.entry.up))),
        }
    }
    // What is left out stays where it is, and others may have built on its going.
    loop {
        let reason = |one: &Found| match (moved(one)?, &unread) {
            (_, Some((entry, why))) if *entry > one.entry => Some(why.clone()),
            (moved, _) => builds_on(project, moved, one.entry, &history, all),
        };
        let lost: Vec<(usize, usize, String)> = all
            .iter()
            .enumerate()
            .flat_map(|(at, found)| found.iter().enumerate().map(move |(number, one)| (at, number, one)))
            .filter_map(|(at, number, one)| Some((at, number, reason(one)?)))
            .collect();
        if lost.is_empty() {
            break;
        }
        for (at, number, why) in lost.into_iter().rev() {
            if let Some(found) = all.get_mut(at)
                && number < found.len()
            {
                let one = found.remove(number);
                plan.refuse(&one, why);
            }
        }
    }
    all.retain(|found| !found.is_empty());
}

fn moved(found: &Found) -> Option<&Moved> {
    match &found.proposal {
        Proposal::Rewrite(rewrite) => rewrite.moved.as_ref(),
        Proposal::Refusal(_) => None,
    }
}

fn builds_on(project: &Project, moved: &Moved, entry: usize, history: &[Later], all: &[Vec<Found>]) -> Option<String> {
    let later = history.iter().filter(|later| later.entry > entry).find(|later| {
        // What is done later itself is no hindrance.
        let own = all.iter().flatten().filter(|one| one.entry == later.entry && one.statement == later.statement.span);
        let apart: Vec<usize> = own.map(|one| one.position).collect();
        depends(moved, &later.statement, &later.words, &apart)
    })?;
    let file = project.entries.get(later.entry).map(|entry| entry.entry.up.as_str()).unwrap_or_default();
    Some(format!("`{file}` comes after it and builds on it: part it by hand, or lint new migrations before more are written"))
}
