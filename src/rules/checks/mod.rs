//! The door to code, for the few conditions that need it: those over a whole migration or history.
//!
//! The record, the prose and the examples stay in the rule's file; `check = "name"` names a
//! function listed here.

mod asymmetric_down;
mod duplicate_version;
mod edited_migration;
mod missing_migration;
mod out_of_order;

use super::hit::Related;
use crate::catalog::{Catalog, Difference};
use crate::change::Statement;
use crate::effect::Truth;
use crate::facts::{Ledger, MigrationFacts, Thresholds};
use crate::source::{Script, Span};

/// A migration at its end.
#[derive(Clone, Copy)]
pub struct MigrationScene<'a> {
    pub script: &'a Script,
    pub migration: &'a MigrationFacts<'a>,
    /// Those of the up script.
    pub statements: &'a [Statement],
    /// After the up script.
    pub after: &'a Catalog,
    /// What `Catalog::end_down` found; `None` when there is no down script.
    pub differences: Option<&'a [Difference]>,
    pub ledger: &'a Ledger,
    pub thresholds: Thresholds,
}

/// One migration as the history sees it.
#[derive(Debug, Clone, Copy)]
pub struct HistoryEntry<'a> {
    pub version: &'a str,
    /// Where it was read from, for messages.
    pub path: &'a str,
    /// What happened to its script since the revision compared with; `None` without such a
    /// revision, or when nothing did.
    pub change: Option<FileChange>,
    /// So many were written since that it has run.
    pub settled: bool,
}

/// What happened to a migration's file since the base branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileChange {
    Added,
    Modified,
    Deleted,
}

/// A function that finds hazards.
pub struct Check {
    pub name: &'static str,
    /// The placeholders it fills in messages.
    pub values: &'static [&'static str],
    pub run: Run,
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

pub enum Run {
    Migration(fn(&MigrationScene<'_>) -> Vec<Found>),
    History(fn(&[HistoryEntry<'_>]) -> Vec<Found>),
}

/// One hazard a check found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub truth: Truth,
    /// In the migration's script.
    pub span: Span,
    /// For the history: which entry.
    pub entry: Option<usize>,
    /// What it is about, for the fingerprint.
    pub object: String,
    pub values: Vec<(&'static str, String)>,
    pub related: Vec<Related>,
}

const CHECKS: &[Check] =
    &[asymmetric_down::CHECK, duplicate_version::CHECK, edited_migration::CHECK, missing_migration::CHECK, out_of_order::CHECK];

pub fn find(name: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.name == name)
}
