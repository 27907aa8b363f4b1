//! What can be wrong with migration files, apart from their SQL.

use std::path::PathBuf;

use crate::source::Location;

/// Something wrong that did not keep the rest from being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub kind: ProblemKind,
    /// As shown to people.
    pub path: PathBuf,
    /// Where in the file, when it was opened.
    pub location: Option<Location>,
    pub message: String,
    pub help: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// The file's bytes are not what the tool or the server expects.
    Encoding,
    /// The system would refuse the file, or read it differently than it looks.
    Grammar,
    /// The system passes over the file, though it looks like a migration.
    Skipped,
    /// A file that must be there is not.
    Missing,
}

impl ProblemKind {
    /// Whether the system itself would stop.
    pub fn is_error(self) -> bool {
        match self {
            ProblemKind::Encoding | ProblemKind::Grammar | ProblemKind::Missing => true,
            ProblemKind::Skipped => false,
        }
    }
}

impl Problem {
    pub fn new(kind: ProblemKind, path: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Problem { kind, path: path.into(), location: None, message: message.into(), help: None }
    }

    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Why a migration could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{} is larger than 4 GiB", path.display())]
    TooLarge { path: PathBuf },
    #[error("{}: {message}", path.display())]
    Broken { path: PathBuf, message: String },
}

impl LoadError {
    /// The file, as shown to people.
    pub fn path(&self) -> &std::path::Path {
        match self {
            LoadError::Read { path, .. } | LoadError::TooLarge { path } | LoadError::Broken { path, .. } => path,
        }
    }
}
