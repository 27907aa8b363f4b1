//! What a discovery hands on.

use std::path::{Path, PathBuf};

use super::{ChangeKind, names};
use crate::engine::Engine;
use crate::migration::{Directory, EngineEvidence, Entry, Evidence, Format, Problem, system};

/// All projects that were found.
#[derive(Debug, Default)]
pub struct Discovery {
    /// By path.
    pub projects: Vec<Project>,
    /// SQL files that belong to no project, as shown to people.
    pub passed_over: Vec<PathBuf>,
}

impl Discovery {
    /// Whether there is not one migration, reported or not.
    pub fn is_empty(&self) -> bool {
        self.projects.is_empty()
    }

    pub fn reported(&self) -> impl Iterator<Item = (&Project, &ProjectEntry)> {
        self.projects
            .iter()
            .flat_map(|project| project.entries.iter().map(move |entry| (project, entry)))
            .filter(|(_, entry)| entry.is_reported())
    }
}

/// One migration directory (or one lone file).
pub struct Project {
    pub directory: Directory,
    /// The directory in the spelling paths are compared in.
    pub(super) root: PathBuf,
    pub format: &'static dyn Format,
    /// What speaks for the format.
    pub evidence: Vec<Evidence>,
    /// Which engine the directory itself names.
    pub engine: Option<EngineEvidence>,
    /// In the order in which the system runs them.
    pub entries: Vec<ProjectEntry>,
    /// What is wrong with the directory.
    pub problems: Vec<Problem>,
    /// One of several files that belong to no history: what ran before it nobody can tell.
    pub is_fragment: bool,
    /// Migration files of this directory that are gone since the revision compared with.
    pub deleted: Vec<PathBuf>,
}

impl std::fmt::Debug for Project {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Project")
            .field("root", &self.directory.root())
            .field("format", &self.format.id())
            .field("entries", &self.entries)
            .finish()
    }
}

/// A migration of a project, and whether it is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectEntry {
    pub entry: Entry,
    pub standing: Standing,
    /// What happened to it since the revision compared with; `None` without such a revision, or
    /// when nothing did.
    pub change: Option<ChangeKind>,
    /// The same for the file with its way up alone.
    pub up_change: Option<ChangeKind>,
}

impl ProjectEntry {
    pub fn is_reported(&self) -> bool {
        self.standing == Standing::Reported
    }
}

/// Whether a migration is reported, and if not, why not: then it is context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Reported,
    /// None of the given paths is it or holds it.
    NotNamed,
    /// Nothing changed in it since the revision compared with.
    NotChanged,
    /// Not newer than `start-after`.
    BeforeStart,
    /// The configuration excludes it.
    Excluded,
}

impl Project {
    /// A directory read as the given system.
    pub fn new(directory: Directory, format: &'static dyn Format, evidence: Vec<Evidence>) -> Self {
        let listing = format.list(&directory);
        let engine = format.engine(&directory).or_else(|| names::engine_in(directory.root()));
        let reported = |entry| ProjectEntry { entry, standing: Standing::Reported, change: None, up_change: None };
        Project {
            engine,
            entries: listing.entries.into_iter().map(reported).collect(),
            problems: listing.problems,
            root: names::absolute(directory.root()),
            directory,
            format,
            evidence,
            is_fragment: false,
            deleted: Vec::new(),
        }
    }

    /// The part of a directory that holds one engine's files.
    pub(super) fn of_engine(mut self, engine: Engine) -> Self {
        let path = self.directory.root().to_path_buf();
        self.engine = Some(EngineEvidence { engine, path, what: format!("files that name {}", engine.title()) });
        self
    }

    /// A file that belongs to no migration directory.
    pub(super) fn single(path: &Path) -> Option<Self> {
        let file = path.file_name()?.to_string_lossy().into_owned();
        let root = crate::source::shown(path.parent()?);
        let directory = Directory::only(root, file.clone());
        Some(Self::of_file(directory, &file))
    }

    pub(super) fn single_in_memory(name: &str, bytes: &[u8]) -> Self {
        Self::of_file(Directory::in_memory("", [(name, bytes)]), name)
    }

    fn of_file(directory: Directory, file: &str) -> Self {
        let stem = file.strip_suffix(".sql").unwrap_or(file);
        let entry = ProjectEntry { entry: Entry::new(stem, stem, file), standing: Standing::Reported, change: None, up_change: None };
        Project {
            engine: names::engine_in(directory.root()),
            root: names::absolute(directory.root()),
            directory,
            format: system::PLAIN,
            evidence: Vec::new(),
            entries: vec![entry],
            problems: Vec::new(),
            is_fragment: false,
            deleted: Vec::new(),
        }
    }

    /// The absolute path of one of its files.
    pub(super) fn absolute(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    /// Whether an absolute path is one of its migrations' files.
    pub fn owns(&self, path: &Path) -> bool {
        let Ok(inside) = path.strip_prefix(&self.root) else { return false };
        self.entries.iter().flat_map(|entry| entry.entry.files()).any(|file| Path::new(file) == inside)
    }

    /// The newest migration, as `start-after` takes it.
    pub fn newest_version(&self) -> Option<&str> {
        self.entries.iter().rev().map(|entry| &entry.entry).find(|entry| !entry.repeatable).map(|entry| entry.version.as_str())
    }
}
