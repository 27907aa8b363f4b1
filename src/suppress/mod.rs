//! Findings that somebody accepted, and whether the acceptances still say something.
//!
//! Two ways lead here: a comment in the migration ([`Suppressions`]) and `[[ignore]]` in
//! `lockgate.toml` ([`IgnoreList`]), for files that must not change any more. Both name rules, never
//! everything, and owe a reason. A suppressed finding stays a finding: `plan` shows it and the run's
//! record keeps it.
//!
//! ```text
//! let mut suppressions = Suppressions::default();
//! suppressions.read(sources, &up, &up_comments, &up_statements);      // once per script
//! suppressions.read(sources, &down, &down_comments, &down_statements);
//! suppressions.apply(&mut findings, &rules);
//! findings.extend(suppressions.leftovers(&rules, target));
//! ```

mod cover;
mod ignore;
mod leftover;

pub use cover::Suppressions;
pub use ignore::{Ignore, IgnoreList};

use std::path::Path;

use crate::finding::Severity;

/// The findings about suppressions.
pub const UNUSED: &str = "unused-suppression";
pub const UNKNOWN: &str = "unknown-suppression";
pub const UNEXPLAINED: &str = "unexplained-suppression";

/// What has to be known about the rules of this run.
pub trait RuleNames {
    /// The present name of a rule: itself, or what a renamed one is called now. `None` when there
    /// is no such rule.
    fn canonical(&self, id: &str) -> Option<&str>;

    /// Every rule, for suggestions.
    fn all(&self) -> Vec<&str>;

    /// Whether the rule looked at this file, so that its silence means something.
    fn ran(&self, id: &str, path: &Path) -> bool;

    /// How a rule is reported for this file; `None` when it is off.
    fn severity(&self, id: &str, path: &Path) -> Option<Severity>;
}
