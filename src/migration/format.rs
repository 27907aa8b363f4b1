//! What it takes to be a migration system.

use std::cmp::Ordering;
use std::path::PathBuf;

use super::{Cannot, Directory, DownPlace, Evidence, LoadError, Migration, Outside, Problem, Reading, TransactionMode, VersionOrder};
use crate::engine::{Engine, Target};
use crate::source::Span;

/// A migration system: how its directory looks, in which order it runs what, and how its files
/// become scripts. One file under `system/` each.
pub trait Format: Sync {
    /// The name in `lockgate.toml` and on the command line.
    fn id(&self) -> &'static str;

    /// The name people know it by.
    fn title(&self) -> &'static str;

    /// What in this directory speaks for the system. Nothing when nothing does.
    fn detect(&self, directory: &Directory) -> Vec<Evidence>;

    /// The migrations in the order in which the system runs them. Reads names, and contents only
    /// where order or number stands in them; keeps none.
    fn list(&self, directory: &Directory) -> Listing;

    /// Reads one migration.
    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError>;

    /// How the system wraps a file that says nothing about it, or `None` when it is up to the
    /// settings.
    fn transaction(&self, target: Target) -> Option<TransactionMode>;

    /// How versions are compared.
    fn order(&self) -> VersionOrder;

    /// Whether a migration of this system can have a way back.
    fn has_downs(&self) -> bool;

    /// Which engine the directory itself names, if it does.
    fn engine(&self, _directory: &Directory) -> Option<EngineEvidence> {
        None
    }

    /// The files of a new migration to stand after all others. `now` is the time in UTC as
    /// `YYYYMMDDhhmmss`.
    fn new_files(&self, directory: &Directory, name: &str, now: &str) -> Vec<NewFile>;

    /// Why nobody but the system's own tool can lay a new migration beside the others, where it is so.
    fn no_new_files(&self, _directory: &Directory) -> Option<Cannot> {
        None
    }

    /// Changes the files of one migration, the up script's first, so that it runs outside a
    /// transaction; files may be added. A file of a migration that is there already is given whole.
    fn run_outside(&self, files: &mut Vec<NewFile>, outside: Outside, target: Target) -> Result<(), Cannot>;

    /// A statement with semicolons inside, as the system wants it marked.
    fn compound(&self, statement: &str) -> String {
        statement.to_owned()
    }

    /// The same for a statement that may have none.
    fn compound_if_needed(&self, statement: &str) -> String {
        let inside = statement.trim_end().trim_end_matches(';').contains(';');
        if inside { self.compound(statement) } else { statement.to_owned() }
    }

    /// Where the way back of a migration goes that has none; `text` is the up script's file.
    fn add_down(&self, directory: &Directory, entry: &Entry, text: &str, down: &str) -> Result<DownPlace, Cannot>;

    /// What is left to a person after files were added or changed.
    fn afterwards(&self) -> Option<&'static str> {
        None
    }
}

/// What systems without a way back say.
pub(crate) const NO_DOWNS: Cannot = Cannot("this system has no way back: write the next migration so that it undoes this one");

/// One migration before it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub version: String,
    pub name: String,
    /// The file that holds the up script, relative to the directory.
    pub up: String,
    /// The file that holds the down script, where it is another one.
    pub down: Option<String>,
    /// Further files that belong to it (`metadata.toml`, `V1__x.sql.conf`).
    pub beside: Vec<String>,
    /// The stretch of `up` that is this migration, where a file holds several.
    pub part: Option<Span>,
    /// Whether the project writes downs, so that a missing one is worth a word.
    pub down_expected: bool,
    pub repeatable: bool,
    /// A migration written as a program runs right before it: what that did is not known.
    pub after_program: bool,
}

impl Entry {
    pub fn new(version: impl Into<String>, name: impl Into<String>, up: impl Into<String>) -> Self {
        Entry {
            version: version.into(),
            name: name.into(),
            up: up.into(),
            down: None,
            beside: Vec::new(),
            part: None,
            down_expected: false,
            repeatable: false,
            after_program: false,
        }
    }

    /// Whether it is deployed together with the other one: both stand in the directory of one release
    /// (`1.9/02_users.sql`), or are parts that a program cut one migration into
    /// (`20211019000001000002_flow`, Ory).
    pub fn is_of_release_of(&self, other: &Entry) -> bool {
        let release = |entry: &Entry| entry.version.split_once('/').map(|(release, _)| release.to_owned());
        let whole = |entry: &Entry| {
            let parted = entry.version.len() >= 18 && entry.version.bytes().all(|byte| byte.is_ascii_digit());
            entry.version.get(..14).filter(|_| parted).map(|whole| (whole.to_owned(), entry.name.clone()))
        };
        release(self).is_some_and(|own| release(other) == Some(own)) || whole(self).is_some_and(|own| whole(other) == Some(own))
    }

    /// All its files, relative to the directory, the up script's first.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let beside = self.beside.iter().map(String::as_str);
        std::iter::once(self.up.as_str()).chain(self.down.as_deref()).chain(beside)
    }
}

/// What a directory holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// In the order in which the system runs them.
    pub entries: Vec<Entry>,
    /// Files that look like migrations and are none, and what the system would refuse.
    pub problems: Vec<Problem>,
}

impl Listing {
    /// Sorts by version, equal versions by file name.
    pub(crate) fn sort(&mut self, order: VersionOrder) {
        self.entries.sort_by(|a, b| {
            let versions = match order {
                VersionOrder::FileName => Ordering::Equal,
                VersionOrder::Listed => return Ordering::Equal,
                _ => order.compare(&a.version, &b.version),
            };
            versions.then_with(|| a.up.cmp(&b.up))
        });
    }
}

/// A file to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    pub path: PathBuf,
    /// The markers the system needs; the statements go where `{up}` and `{down}` stand.
    pub template: String,
}

impl NewFile {
    pub fn new(path: impl Into<PathBuf>, template: impl Into<String>) -> Self {
        NewFile { path: path.into(), template: template.into() }
    }
}

/// An engine, and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineEvidence {
    pub engine: Engine,
    /// As shown to people.
    pub path: PathBuf,
    /// What stands there: "provider = \"postgresql\"".
    pub what: String,
}

/// A `format` that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown migration system `{name}`{}", suggestion.map(|id| format!(": did you mean `{id}`?")).unwrap_or_default())]
pub struct UnknownFormat {
    pub name: String,
    pub suggestion: Option<&'static str>,
}
