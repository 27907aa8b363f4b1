//! From directories that hold SQL to the directories that are projects.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::engines::by_engine;
use super::{Options, Project};
use crate::engine::Engine;
use crate::migration::{Candidate, Directory, Evidence, Format, Strength, candidates};
use crate::source::shown;

/// The roots found so far; each directory is judged once.
pub(super) struct Roots<'a> {
    options: &'a Options,
    /// By absolute path; none for a directory that is no project, several for one that holds the
    /// files of several engines.
    judged: BTreeMap<PathBuf, Vec<Project>>,
    claimed: Vec<PathBuf>,
    /// By root, the directories below it in which migrations lie, however deep.
    holding: HashMap<PathBuf, HashSet<PathBuf>>,
    /// Whether a directory is the top of a repository.
    repositories: HashMap<PathBuf, bool>,
}

impl<'a> Roots<'a> {
    pub(super) fn new(options: &'a Options) -> Self {
        Roots { options, judged: BTreeMap::new(), claimed: Vec::new(), holding: HashMap::new(), repositories: HashMap::new() }
    }

    /// The system that is named for a directory.
    fn system(&self, directory: &Path) -> Option<&'static dyn Format> {
        self.options.system.or_else(|| self.options.scope(directory).system)
    }

    /// The engine that is named for a directory.
    fn engine(&self, directory: &Path) -> Option<Engine> {
        self.options.engine.or_else(|| self.options.scope(directory).engine)
    }

    fn projects(&mut self, directory: &Path) -> &[Project] {
        let (system, engine) = (self.system(directory), self.engine(directory));
        self.judged.entry(directory.to_path_buf()).or_insert_with(|| judge(directory, system, engine))
    }

    /// The directory and those above it, `most` in all. What lies outside the repository is another
    /// matter, and the root of a file system is nobody's project: listing it may take longer than
    /// everything else.
    fn within_repository(&mut self, directory: &Path, most: usize) -> Vec<PathBuf> {
        let mut within = vec![directory.to_path_buf()];
        let mut last = directory;
        while within.len() < most && !self.is_repository(last) {
            match last.parent() {
                Some(above) if above.parent().is_some() => last = above,
                _ => break,
            }
            within.push(last.to_path_buf());
        }
        within
    }

    fn is_repository(&mut self, directory: &Path) -> bool {
        if let Some(known) = self.repositories.get(directory) {
            return *known;
        }
        let is = directory.join(".git").exists();
        self.repositories.insert(directory.to_path_buf(), is);
        is
    }

    /// Whether a project of `root` has migrations in a directory below it. A directory per migration
    /// is asked about as often as there are migrations.
    fn holds(&mut self, root: &Path, directory: &Path) -> bool {
        if !self.holding.contains_key(root) {
            let files = self.projects(root).iter().flat_map(|project| project.entries.iter().map(|one| project.absolute(&one.entry.up)));
            let mut holding = HashSet::new();
            for file in files.collect::<Vec<_>>() {
                for directory in file.ancestors().skip(1).take_while(|directory| *directory != root) {
                    if !holding.insert(directory.to_path_buf()) {
                        break;
                    }
                }
            }
            self.holding.insert(root.to_path_buf(), holding);
        }
        self.holding.get(root).is_some_and(|holding| holding.contains(directory))
    }

    fn claim(&mut self, directory: &Path) {
        if !self.claimed.iter().any(|claimed| claimed == directory) {
            self.claimed.push(directory.to_path_buf());
        }
    }

    /// Claims the project that a directory holding SQL files is, or is part of.
    pub(super) fn claim_directory(&mut self, directory: &Path) -> bool {
        // A project that has files in a directory below it goes first: one directory per migration,
        // or a tree of them.
        let mut root = None;
        for ancestor in self.within_repository(directory, 4).split_off(1) {
            if self.holds(&ancestor, directory) {
                root = Some(ancestor);
            }
        }
        let root = match root {
            Some(root) => root,
            None if !self.projects(directory).is_empty() => directory.to_path_buf(),
            None => return false,
        };
        self.claim(&root);
        true
    }

    /// Claims the project that a file belongs to.
    pub(super) fn claim_file(&mut self, file: &Path) -> bool {
        let mut root = None;
        let Some(parent) = file.parent() else { return false };
        for ancestor in self.within_repository(parent, 4) {
            if self.projects(&ancestor).iter().any(|project| project.owns(file)) {
                root = Some(ancestor);
            }
        }
        if let Some(root) = &root {
            self.claim(root);
        }
        root.is_some()
    }

    /// Puts a text in front of a file, which need not exist, and claims its project.
    pub(super) fn overlay(&mut self, file: &Path, bytes: &[u8]) {
        let (Some(parent), Some(name)) = (file.parent(), file.file_name()) else { return };
        let name = name.to_string_lossy().into_owned();
        let mut candidates = vec![(parent.to_path_buf(), name.clone())];
        if let (Some(above), Some(own)) = (parent.parent(), parent.file_name()) {
            candidates.insert(0, (above.to_path_buf(), format!("{}/{name}", own.to_string_lossy())));
        }
        for (root, relative) in candidates {
            let Ok(mut directory) = Directory::read(shown(&root)) else { continue };
            directory.overlay(&relative, bytes);
            let projects = judge_directory(directory, self.system(&root), self.engine(&root));
            if projects.iter().any(|project| project.owns(file)) {
                self.judged.insert(root.clone(), projects);
                self.claim(&root);
                return;
            }
        }
        // It belongs to nothing: a project of its own.
        let project = Project::single_in_memory(&shown(file).to_string_lossy(), bytes);
        self.judged.insert(file.to_path_buf(), vec![project]);
        self.claim(file);
    }

    pub(super) fn into_projects(mut self) -> Vec<Project> {
        self.claimed.sort();
        let judged = &mut self.judged;
        self.claimed.iter().filter_map(|root| judged.remove(root)).flatten().collect()
    }
}

fn judge(directory: &Path, system: Option<&'static dyn Format>, engine: Option<Engine>) -> Vec<Project> {
    Directory::read(shown(directory)).map(|directory| judge_directory(directory, system, engine)).unwrap_or_default()
}

fn judge_directory(directory: Directory, system: Option<&'static dyn Format>, engine: Option<Engine>) -> Vec<Project> {
    let parts = by_engine(&directory, engine);
    // What all parts have in common says which system it is.
    let found: Vec<Candidate> = match system {
        Some(format) => {
            let evidence = vec![Evidence::new(Strength::Strong, directory.root(), "named by the configuration")];
            vec![Candidate { format, evidence }]
        }
        None => candidates(parts.first().map_or(&directory, |(_, part)| part)),
    };
    // The likeliest that has migrations here.
    for candidate in found {
        let of = |directory: &Directory| Project::new(directory.clone(), candidate.format, candidate.evidence.clone());
        let projects: Vec<Project> = match parts.as_slice() {
            [] => vec![of(&directory)],
            parts => parts.iter().map(|(engine, directory)| of(directory).of_engine(*engine)).collect(),
        };
        let projects: Vec<Project> = projects.into_iter().filter(|project| !project.entries.is_empty()).collect();
        if !projects.is_empty() {
            return projects;
        }
    }
    Vec::new()
}
