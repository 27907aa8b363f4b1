//! Which system a directory belongs to, and what speaks for it.

use std::path::PathBuf;

use super::{Directory, Format, system};

/// How much a piece of evidence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// A dependency in a manifest, a directory's name.
    Weak,
    /// File names of the system's pattern.
    Medium,
    /// A marker in a file's content, a file only this system writes.
    Strong,
}

/// One reason to believe that a directory belongs to a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub strength: Strength,
    /// The file or directory, as shown to people.
    pub path: PathBuf,
    /// What is there: "the marker `-- +goose Up`".
    pub what: String,
}

impl Evidence {
    pub fn new(strength: Strength, path: impl Into<PathBuf>, what: impl Into<String>) -> Self {
        Evidence { strength, path: path.into(), what: what.into() }
    }
}

/// A system with what speaks for it.
pub struct Candidate {
    pub format: &'static dyn Format,
    pub evidence: Vec<Evidence>,
}

impl std::fmt::Debug for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Candidate").field("format", &self.format.id()).field("evidence", &self.evidence).finish()
    }
}

impl Candidate {
    /// Strengths in one figure. Several pieces of one strength say no more than one.
    fn weight(&self) -> u32 {
        [(Strength::Strong, 100), (Strength::Medium, 10), (Strength::Weak, 1)]
            .into_iter()
            .filter(|(strength, _)| self.evidence.iter().any(|evidence| evidence.strength == *strength))
            .map(|(_, weight)| weight)
            .sum()
    }
}

/// Every system that something speaks for, the likeliest first. A dependency or a name alone is
/// nothing: `migrations/` belongs to everybody.
pub fn candidates(directory: &Directory) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = system::ALL
        .iter()
        .map(|format| Candidate { format: *format, evidence: format.detect(directory) })
        .filter(|candidate| candidate.evidence.iter().any(|evidence| evidence.strength > Strength::Weak))
        .collect();
    // Of equals the one that leaves fewer files out, then the one named first in the list of systems.
    found.sort_by_cached_key(|candidate| {
        let listed = if candidate.weight() < 100 { candidate.format.list(directory).entries.len() } else { 0 };
        std::cmp::Reverse((candidate.weight(), listed))
    });
    found
}

/// The system a directory belongs to.
pub fn detect(directory: &Directory) -> Option<Candidate> {
    candidates(directory).into_iter().next()
}
