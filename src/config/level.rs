//! How loud a rule is, and from where on a run fails.

use crate::finding::Severity;

/// What a rule is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Off,
    On(Severity),
}

impl Level {
    pub const NAMES: [&str; 4] = ["error", "warning", "note", "off"];

    pub fn from_name(name: &str) -> Option<Level> {
        if name == "off" { Some(Level::Off) } else { Severity::from_name(name).map(Level::On) }
    }
}

/// The least severity that makes a run fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    Severity(Severity),
    Never,
}

impl FailOn {
    pub const NAMES: [&str; 4] = ["error", "warning", "note", "never"];

    pub fn from_name(name: &str) -> Option<FailOn> {
        if name == "never" { Some(FailOn::Never) } else { Severity::from_name(name).map(FailOn::Severity) }
    }
}

impl Default for FailOn {
    fn default() -> Self {
        FailOn::Severity(Severity::Warning)
    }
}
