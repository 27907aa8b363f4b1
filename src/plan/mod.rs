//! From what is pending to what will be sent, in which order, in which transactions, how patiently
//! and at whose risk.

mod builder;
mod class;
mod duration;
mod gate;
mod grouping;
mod pending;
mod probe;
mod resume;
mod revert;
mod step;

pub use builder::{Analysed, Planner};
pub use class::{Patience, Retry};
pub use duration::{Duration, DurationClass};
pub use gate::{Allowance, Blocked, Blocker, Cleared, Confirmation, Policy, check};
pub use pending::{Pending, Problem, ProblemKind, Standing, pending, standings};
pub use probe::{BuildKind, IndexBuild, Object, Probe};
pub use resume::{Doubt, Resume, resume};
pub use revert::{Revert, RevertError, revertible};
pub use step::{Group, GroupKind, Step};

pub use crate::facts::Direction;

use sha2::{Digest as _, Sha256};

use crate::engine::Target;

/// Everything that would run, in order.
#[derive(Debug, Clone)]
pub struct Plan {
    pub target: Target,
    pub direction: Direction,
    pub migrations: Vec<PlannedMigration>,
    /// What is wrong between the files and the ledger.
    pub problems: Vec<Problem>,
}

/// One migration's script, cut into what is sent.
#[derive(Debug, Clone)]
pub struct PlannedMigration {
    pub version: String,
    pub name: String,
    /// Of the up script, also when the down script runs.
    pub checksum: String,
    /// As shown to people.
    pub path: String,
    pub direction: Direction,
    pub wrapping: Wrapping,
    pub groups: Vec<Group>,
    /// The way back, to be kept in the ledger.
    pub down_script: Option<String>,
}

/// How a migration's statements and its row in the ledger hang together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrapping {
    /// All of it and its row in one transaction: it happens whole or not at all.
    Atomic,
    /// Statement by statement, each recorded before it is sent. Says why.
    Stepwise(String),
}

impl PlannedMigration {
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.groups.iter().flat_map(|group| &group.steps)
    }

    pub fn is_atomic(&self) -> bool {
        self.wrapping == Wrapping::Atomic
    }

    /// The longest of its statements, roughly.
    pub fn duration(&self) -> DurationClass {
        self.steps().map(|step| step.duration.class).max().unwrap_or(DurationClass::Instant)
    }
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.migrations.is_empty()
    }

    pub fn steps(&self) -> impl Iterator<Item = (&PlannedMigration, &Step)> {
        self.migrations.iter().flat_map(|migration| migration.steps().map(move |step| (migration, step)))
    }

    /// A name for exactly this sequence of statements in exactly these transactions: what was
    /// reviewed is what runs. Sizes, durations and paths do not change it.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        let mut add = |part: &str| {
            hash.update(part.len().to_le_bytes());
            hash.update(part.as_bytes());
        };
        add(self.target.engine.name());
        add(self.direction.name());
        for migration in &self.migrations {
            add("migration");
            add(&migration.version);
            add(&migration.checksum);
            for group in &migration.groups {
                add(match &group.kind {
                    GroupKind::Transaction { begin } => begin,
                    GroupKind::Alone => "alone",
                });
                for step in &group.steps {
                    add(&step.hash);
                }
            }
        }
        hex(&hash.finalize())
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
