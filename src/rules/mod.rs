//! Policy: whether what a statement does is acceptable here.
//!
//! A rule is one Markdown file (`rules/<category>/<id>.md`): record, prose, examples, proofs. This
//! room reads such files, checks them, asks their conditions and words their findings.
//!
//! ```text
//! let rules = RuleSet::select(&Selection::default())?;       // once per run (or per severity map)
//! // for each migration:
//! let facts = MigrationFacts::of(&migration, Direction::Up, statements.len());
//! let (mut ledger, mut hits) = (Ledger::new(), Vec::new());
//! catalog.begin_migration(wrapped);
//! for (number, statement) in statements.iter().enumerate() {
//!     let effects = effect::predict(statement, &catalog);
//!     let scene = Scene { script, statement, following: &statements[number + 1..], effects: &effects, before: &catalog, migration: &facts, ledger: &ledger, thresholds };
//!     rules.check_statement(&scene, &mut hits);
//!     ledger.record(statement, &effects, &catalog);
//!     catalog.apply(statement, script);
//! }
//! let differences = ...;                                     // begin_down, apply the down script, end_down
//! rules.check_migration(&MigrationScene { differences, .. }, &mut hits);
//! catalog.end_migration();
//! // once per history:
//! rules.check_history(&entries, target);
//! ```
//!
//! Spans of hits and of their fixes are spans of the scene's script.

mod builtin;
mod candidates;
mod checks;
pub mod example;
mod file;
mod fixes;
mod hit;
mod identifier;
mod markdown;
mod message;
mod record;
mod rule;
mod selection;
mod set;
mod when;

pub use builtin::builtin;
pub use checks::{FileChange, HistoryEntry, MigrationScene};
pub use file::{RuleFileError, read_rule};
pub use hit::{Hit, Hits, Related, Remedy};
pub use markdown::{Block, Page};
pub use rule::{Rule, Subject};
pub use selection::{Selection, SelectionError};
pub use set::{RuleSet, first_line};
pub use when::{OptionValue, Options, When, WhenError};
