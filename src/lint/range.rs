//! One report for a range of versions: what holds on any of them, said once.

use std::collections::HashMap;

use super::Outcome;
use crate::engine::TargetRange;
use crate::finding::Finding;
use crate::suppress::UNUSED;

/// Joins what came out on each step of a range, the oldest first. A finding that does not hold on
/// all of them says on which; where they differ in how bad it is, the worst is told.
pub fn merge(range: TargetRange, outcomes: Vec<Outcome>) -> Outcome {
    let steps = outcomes.len();
    let mut merged = Outcome::default();
    let (mut open, mut accepted) = (Merged::default(), Merged::default());
    for (step, outcome) in outcomes.into_iter().enumerate() {
        outcome.findings.into_iter().for_each(|finding| open.add(step, steps, finding));
        outcome.suppressed.into_iter().for_each(|finding| accepted.add(step, steps, finding));
        for problem in outcome.problems {
            if !merged.problems.contains(&problem) {
                merged.problems.push(problem);
            }
        }
        merged.files = merged.files.max(outcome.files);
        merged.migrations = merged.migrations.max(outcome.migrations);
        merged.statements = merged.statements.max(outcome.statements);
    }
    merged.findings = open.finish(range);
    merged.suppressed = accepted.finish(range);
    merged.sort();
    merged
}

#[derive(Default)]
struct Merged {
    list: Vec<Held>,
    /// By rule, place and what it is about.
    known: HashMap<(String, String, u32, u32, String), usize>,
}

/// A finding and the steps on which it was made.
struct Held {
    finding: Finding,
    steps: Vec<bool>,
}

impl Merged {
    fn add(&mut self, step: usize, steps: usize, finding: Finding) {
        let place = &finding.primary;
        let path = place.path.to_string_lossy().into_owned();
        let key = (finding.rule.clone(), path, place.span.start, place.span.end, finding.fingerprint.to_string());
        let at = *self.known.entry(key).or_insert(self.list.len());
        let Some(held) = self.list.get_mut(at) else {
            self.list.push(Held { finding, steps: (0..steps).map(|at| at == step).collect() });
            return;
        };
        if let Some(slot) = held.steps.get_mut(step) {
            *slot = true;
        }
        // A fix that one version needs in another form fits none of them for certain.
        let fix = held.finding.fix.take().filter(|fix| finding.fix.as_ref() == Some(fix));
        if (finding.severity, finding.confidence) > (held.finding.severity, held.finding.confidence) {
            held.finding = finding;
        }
        held.finding.fix = fix;
    }

    fn finish(self, range: TargetRange) -> Vec<Finding> {
        let all = |held: &Held| held.steps.iter().all(|held| *held);
        // What one version has a use for is not unused.
        let kept = self.list.into_iter().filter(|held| held.finding.rule != UNUSED || all(held));
        kept.map(|held| {
            let everywhere = all(&held);
            let mut finding = held.finding;
            finding.engine = range.held_on(&held.steps);
            if !everywhere {
                finding.message = format!("{} (on {})", finding.message, finding.engine.prose());
            }
            finding
        })
        .collect()
    }
}
