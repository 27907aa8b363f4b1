//! Which migrations there are, and which of them are reported.
//!
//! A catalog needs every migration before the one that is looked at, so a hook that names three
//! changed files still gets whole projects; the entries not named are context. [`discover`] turns
//! paths into [`Project`]s: a path may be a migration directory, one file of it, a directory with
//! migration directories somewhere below (walked as `.gitignore` allows), a SQL file that belongs
//! to nothing, or standard input.

mod dialect;
mod engines;
mod error;
mod git;
mod names;
mod project;
mod roots;
mod select;
mod walk;

pub use error::DiscoverError;
pub use git::{ChangeKind, ChangedFiles, GitError, changed_since};
pub(crate) use names::engine_of_directory;
pub use project::{Discovery, Project, ProjectEntry, Standing};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::engine::Engine;
use crate::migration::Format;

/// An answer that depends on a path.
pub type ByPath<T> = Box<dyn Fn(&Path) -> T>;

/// What narrows a discovery down. Everything is optional.
#[derive(Default)]
pub struct Options {
    /// The system, when it is named rather than detected.
    pub system: Option<&'static dyn Format>,
    /// The engine, when it is named rather than detected.
    pub engine: Option<Engine>,
    /// Migrations up to and with this version are context only.
    pub start_after: Option<String>,
    /// What holds for one directory, where the configuration has several projects and the two
    /// above say nothing.
    pub scope: Option<ByPath<Scope>>,
    /// Only files changed since this git revision are reported.
    pub since: Option<String>,
    /// Says of an absolute path that it is not reported.
    pub exclude: Option<ByPath<bool>>,
    /// Whether `exclude` holds for files named one by one as well.
    pub force_exclude: bool,
    /// The text of standard input, and the path it stands for.
    pub stdin: Option<Stdin>,
}

/// What is said about one directory.
#[derive(Clone, Default)]
pub struct Scope {
    pub system: Option<&'static dyn Format>,
    pub engine: Option<Engine>,
    pub start_after: Option<String>,
}

/// Standard input.
pub struct Stdin {
    pub bytes: Vec<u8>,
    /// The file it stands for: the migrations around that file are its context.
    pub path: Option<PathBuf>,
}

/// The path that means standard input.
pub const STDIN: &str = "-";
/// What standard input is called when it stands for no file.
pub const STDIN_NAME: &str = "<stdin>";

/// Finds the projects that the paths name, lie in, or hold.
pub fn discover(paths: &[PathBuf], options: &Options) -> Result<Discovery, DiscoverError> {
    let mut found =
        Found { roots: roots::Roots::new(options), lone: BTreeMap::new(), named: Vec::new(), memory: Vec::new(), excluded: options };
    for path in paths {
        found.path(path)?;
    }
    let mut discovery = found.into_discovery();
    if let Some(reference) = &options.since {
        let near = paths.iter().find(|path| path.as_os_str() != STDIN).map_or(Path::new("."), PathBuf::as_path);
        let changed = changed_since(near, reference)?;
        select::only_changed(&mut discovery, &changed);
    }
    for project in &mut discovery.projects {
        let version = options.start_after.clone().or_else(|| options.scope(project.directory.root()).start_after);
        // Nothing at all is before everything.
        if let Some(version) = version.filter(|version| !version.is_empty()) {
            select::start_after(project, &version);
        }
    }
    Ok(discovery)
}

impl Options {
    fn scope(&self, directory: &Path) -> Scope {
        self.scope.as_ref().map(|scope| scope(directory)).unwrap_or_default()
    }
}

/// What the paths have led to so far.
struct Found<'a> {
    roots: roots::Roots<'a>,
    /// SQL files that belong to no project, by absolute path; true when named itself.
    lone: BTreeMap<PathBuf, bool>,
    /// The given paths, absolute.
    named: Vec<PathBuf>,
    /// Projects that are not on disk.
    memory: Vec<Project>,
    excluded: &'a Options,
}

impl Found<'_> {
    fn path(&mut self, path: &Path) -> Result<(), DiscoverError> {
        if path.as_os_str() == STDIN {
            return self.stdin();
        }
        let metadata = std::fs::metadata(path).map_err(|source| DiscoverError::of(path, source))?;
        let absolute = names::absolute(path);
        self.named.push(absolute.clone());
        if metadata.is_dir() {
            self.directory(&absolute)
        } else {
            if !(self.excluded.force_exclude && self.is_excluded(&absolute)) {
                self.file(absolute);
            }
            Ok(())
        }
    }

    fn file(&mut self, path: PathBuf) {
        if !self.roots.claim_file(&path) && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql")) {
            self.lone.insert(path, true);
        }
    }

    fn directory(&mut self, directory: &Path) -> Result<(), DiscoverError> {
        // A migration directory that is named is read even where `.gitignore` would hide it.
        self.roots.claim_directory(directory);
        for (holder, files) in walk::sql_directories(directory)? {
            let files: Vec<PathBuf> = files.into_iter().filter(|file| !self.is_excluded(file)).collect();
            if files.is_empty() {
                continue;
            }
            // `db/h2/`, `clickhouse/migrations/`: nobody named them, and their SQL is another database's.
            if engines::is_strangers(&holder, directory) || !self.roots.claim_directory(&holder) {
                for file in files {
                    self.lone.entry(file).or_insert(false);
                }
            }
        }
        Ok(())
    }

    fn stdin(&mut self) -> Result<(), DiscoverError> {
        let Some(stdin) = &self.excluded.stdin else { return Err(DiscoverError::NoStdin) };
        match &stdin.path {
            Some(path) => {
                let absolute = names::absolute(path);
                self.named.push(absolute.clone());
                self.roots.overlay(&absolute, &stdin.bytes);
            }
            None => self.memory.push(Project::single_in_memory(STDIN_NAME, &stdin.bytes)),
        }
        Ok(())
    }

    fn is_excluded(&self, path: &Path) -> bool {
        self.excluded.exclude.as_ref().is_some_and(|excludes| excludes(path))
    }

    fn into_discovery(self) -> Discovery {
        let mut discovery = Discovery { projects: self.memory, ..Discovery::default() };
        let named = self.named;
        let excluded = |file: &PathBuf| self.excluded.exclude.as_ref().is_some_and(|excludes| excludes(file));
        for mut project in self.roots.into_projects() {
            let root = project.root.clone();
            let all_named = named.iter().any(|path| root.starts_with(path));
            for entry in &mut project.entries {
                let is_file_named = |file: &Path| named.iter().any(|path| file.starts_with(path));
                let is_named = all_named || entry.entry.files().any(|file| is_file_named(&root.join(file)));
                let is_excluded = || {
                    let by_name = !self.excluded.force_exclude && entry.entry.files().any(|file| named.contains(&root.join(file)));
                    !by_name && entry.entry.files().all(|file| excluded(&root.join(file)))
                };
                entry.standing = match is_named {
                    false => Standing::NotNamed,
                    true if self.excluded.exclude.is_some() && is_excluded() => Standing::Excluded,
                    true => Standing::Reported,
                };
            }
            discovery.projects.push(project);
        }
        // A query or a dump somewhere in a repository is no migration; but somebody who names a
        // file, or a directory with nothing else in it, means it.
        let nothing_else = discovery.projects.is_empty();
        let shown: Vec<String> = self.lone.keys().map(|path| crate::source::display_path(path)).collect();
        let several = self.lone.len() > 1;
        let meant = engines::for_engine(&shown, self.excluded.engine);

        for ((path, is_named), shown) in self.lone.into_iter().zip(shown) {
            if !is_named && meant.as_ref().is_some_and(|meant| !meant.contains(&shown)) {
                continue;
            }
            if discovery.projects.iter().any(|project| project.owns(&path)) {
                continue;
            }
            if is_named || nothing_else {
                let project = Project::single(&path);
                discovery.projects.extend(project.map(|project| Project { is_fragment: !is_named && several, ..project }));
            } else {
                discovery.passed_over.push(crate::source::shown(&path));
            }
        }
        discovery
    }
}
