//! Looks at a project: what the rules find, and which recipes know a way.

use std::path::PathBuf;

use super::recipe::{Case, Proposal, RECIPES};
use crate::discover::Project;
use crate::facts::Direction;
use crate::finding::{Finding, Severity};
use crate::lint::{self, Outcome, Seen, Visitor};
use crate::source::{Span, SpanMap};

/// A proposal for one change.
#[derive(Debug, Clone)]
pub struct Found {
    /// Position among the project's entries.
    pub entry: usize,
    /// The statement and the change, in the file.
    pub statement: Span,
    pub change: Span,
    pub position: usize,
    pub path: PathBuf,
    pub line: u32,
    /// The rule whose finding calls for it.
    pub rule: String,
    pub proposal: Proposal,
}

/// What came of it.
pub struct Survey {
    pub outcome: Outcome,
    /// In the order of the history, each with an open finding behind it.
    pub found: Vec<Found>,
}

/// Checks the project and asks the recipes.
pub fn survey(project: &Project, options: &lint::Options<'_>) -> Survey {
    let mut surveyor = Surveyor { asked: Vec::new() };
    let outcome = lint::check(project, options, &mut surveyor);
    let found = surveyor.asked.into_iter().filter_map(|(rules, found)| {
        let calls = |finding: &&Finding| {
            let here = found.change.contains(finding.primary.span) && finding.primary.path == found.path;
            here && finding.severity > Severity::Note && rules.contains(&finding.rule.as_str())
        };
        let rule = outcome.findings.iter().find(calls)?.rule.clone();
        Some(Found { rule, ..found })
    });
    Survey { found: found.collect(), outcome }
}

struct Surveyor {
    asked: Vec<(&'static [&'static str], Found)>,
}

impl Visitor for Surveyor {
    fn statement(&mut self, seen: &Seen<'_>) {
        let plain = matches!(seen.script.map, SpanMap::Same);
        let Some(file) = seen.prepared.sources.get(seen.script.source).filter(|_| plain && seen.direction == Direction::Up) else { return };
        for (position, change) in seen.statement.changes.iter().enumerate() {
            let case = Case {
                target: seen.before.target,
                script: seen.script,
                text: &file.text,
                statement: seen.statement,
                change,
                before: seen.before,
            };
            // What nobody uses yet needs no care.
            if case.table().is_some_and(|table| table.birth.origin(seen.before.now).is_new()) {
                continue;
            }
            for recipe in RECIPES {
                if let Some(proposal) = (recipe.propose)(&case) {
                    let found = Found {
                        entry: seen.entry,
                        statement: seen.statement.span,
                        change: change.span,
                        position,
                        path: file.path.clone(),
                        line: file.line_of(change.span.start),
                        rule: String::new(),
                        proposal,
                    };
                    self.asked.push((recipe.rules, found));
                }
            }
        }
    }
}
