//! What a rule says about one place, before it has a file and a line.

use std::sync::Arc;

use super::rule::Rule;
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
