//! What a rule says about one place, before it has a file and a line.

use std::collections::HashSet;
use std::sync::Arc;

use super::rule::Rule;
use crate::catalog::Callees;
use crate::change::Within;
use crate::finding::{Confidence, Safety, Severity};
use crate::source::{Location, Span};

/// One hazard found in a script.
#[derive(Debug, Clone)]
pub struct Hit {
    pub rule: Arc<Rule>,
    pub severity: Severity,
    pub confidence: Confidence,
    pub message: String,
    /// Words for the primary place.
    pub label: String,
    /// The clause, in the script.
    pub span: Span,
    /// The whole statement, in the script.
    pub statement: Span,
    pub related: Vec<Related>,
    pub help: Option<String>,
    pub notes: Vec<String>,
    pub fix: Option<Remedy>,
    /// What the hazard is about, for the fingerprint: a table, an index, a version.
    pub object: String,
    /// For findings about the history: which entry, counted from 0.
    pub entry: Option<usize>,
    /// The called routine in whose body it was found.
    pub within: Option<Within>,
}

/// What was found in a script so far, and which rules have spoken.
#[derive(Debug, Default)]
pub struct Hits {
    list: Vec<Hit>,
    /// Few, however long the list grows.
    spoken: Vec<Arc<Rule>>,
    /// What was found in bodies of this script: a routine that is called again says nothing new.
    in_bodies: HashSet<(String, Span, String)>,
}

impl Hits {
    pub fn push(&mut self, hit: Hit) {
        if !self.has(&hit.rule) {
            self.spoken.push(Arc::clone(&hit.rule));
        }
        self.list.push(hit);
    }

    /// Whether the rule has spoken.
    pub(super) fn has(&self, rule: &Arc<Rule>) -> bool {
        self.spoken.iter().any(|spoken| Arc::ptr_eq(spoken, rule))
    }

    /// Keeps of what was found after the first `count` only what is wanted.
    pub fn retain_after(&mut self, count: usize, mut wanted: impl FnMut(&Hit) -> bool) {
        let late = self.list.split_off(count.min(self.list.len()));
        self.list.extend(late.into_iter().filter(|hit| wanted(hit)));
    }
}

impl Hits {
    /// Gives what was found in the bodies of called routines, after the first `count`, its places:
    /// in this script the finding points into the body and shows the call, elsewhere the other way
    /// round.
    pub fn settle_after(&mut self, count: usize, callees: &Callees) {
        let late = self.list.split_off(count.min(self.list.len()));
        for mut hit in late {
            let Some(within) = hit.within.take() else {
                self.list.push(hit);
                continue;
            };
            for related in &mut hit.related {
                if let Related::Here { span, message } = related
                    && let Some(location) = callees.place(*span)
                {
                    *related = Related::There { location, message: std::mem::take(message) };
                }
            }
            if let Some(location) = callees.place(hit.span) {
                let message = format!("here, in `{}`, which is called", within.routine);
                hit.related.insert(0, Related::There { location, message });
                hit.span = within.call;
                hit.fix = None;
            } else if hit.span != within.call {
                if !self.in_bodies.insert((hit.rule.id.clone(), hit.span, hit.message.clone())) {
                    continue;
                }
                hit.related.insert(0, Related::Here { span: within.call, message: format!("`{}` is called here", within.routine) });
            }
            self.list.push(hit);
        }
    }
}

impl std::ops::Deref for Hits {
    type Target = [Hit];

    fn deref(&self) -> &[Hit] {
        &self.list
    }
}

impl IntoIterator for Hits {
    type Item = Hit;
    type IntoIter = std::vec::IntoIter<Hit>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl Extend<Hit> for Hits {
    fn extend<T: IntoIterator<Item = Hit>>(&mut self, hits: T) {
        hits.into_iter().for_each(|hit| self.push(hit));
    }
}

/// A change of the script that removes the hazard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    pub title: String,
    pub safety: Safety,
    /// What to put in place of which span of the script.
    pub edits: Vec<(Span, String)>,
}

/// Another place that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Related {
    /// In the same script.
    Here { span: Span, message: String },
    /// Anywhere.
    There { location: Location, message: String },
}

impl Hit {
    /// The rule's id.
    pub fn id(&self) -> &str {
        &self.rule.id
    }
}
