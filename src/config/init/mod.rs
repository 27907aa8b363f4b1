//! `lockgate init`: what a repository shows about its migrations and its database, and the
//! configuration that follows from it. Every conclusion comes with its evidence.

mod dump;
mod engine;
mod hints;
mod image;
mod manifest;
mod write;

pub use dump::FoundDump;
pub use engine::{EngineCase, engines};

use std::path::{Path, PathBuf};

use crate::discover::{DiscoverError, Options, Project, discover};
use crate::engine::{Engine, Target};
use crate::migration::Evidence;

/// What `init` proposes.
#[derive(Debug)]
pub struct Proposal {
    /// In the order of their paths.
    pub projects: Vec<Proposed>,
    /// The text of `lockgate.toml`.
    pub toml: String,
}

/// One project, with what speaks for each conclusion.
#[derive(Debug)]
pub struct Proposed {
    /// Relative to the directory that the configuration will stand in.
    pub directory: PathBuf,
    /// The migration system's id and name.
    pub format: &'static str,
    pub title: &'static str,
    pub evidence: Vec<Evidence>,
    pub migrations: usize,
    /// The newest migration: what `start-after` is set to.
    pub newest: Option<String>,
    /// The likeliest engine first; empty when nothing speaks for any.
    pub engines: Vec<EngineCase>,
    /// A dump of the schema, where one is kept.
    pub dump: Option<FoundDump>,
    /// The engine proposed, and whether anything says so.
    pub target: Target,
    pub certain: bool,
}

/// Looks around in a directory. `engine` is what the user says, if anything.
pub fn propose(directory: &Path, engine: Option<Target>) -> Result<Proposal, DiscoverError> {
    let discovery = discover(&[directory.to_path_buf()], &Options::default())?;
    // A lone file is no project to write a configuration for.
    let found = discovery.projects.iter().filter(|project| !project.evidence.is_empty());
    let projects: Vec<Proposed> = found.map(|project| judge(directory, project, engine)).collect();
    let toml = write::toml(&projects);
    Ok(Proposal { projects, toml })
}

fn judge(root: &Path, project: &Project, said: Option<Target>) -> Proposed {
    let engines = engines(root, project);
    let target = said.or_else(|| engines.first().map(EngineCase::target));
    let dump = dump::find(root, project, target.unwrap_or(Target::of(Engine::Postgres)));
    let absolute = |path: &Path| {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
    };
    let directory = absolute(project.directory.root());
    let directory = directory.strip_prefix(absolute(root)).map(Path::to_path_buf).unwrap_or(directory);
    Proposed {
        directory: if directory.as_os_str().is_empty() { PathBuf::from(".") } else { directory },
        format: project.format.id(),
        title: project.format.title(),
        evidence: project.evidence.clone(),
        migrations: project.entries.len(),
        newest: project.newest_version().map(str::to_owned),
        engines,
        dump,
        target: target.unwrap_or(Target::of(Engine::Postgres)),
        certain: target.is_some(),
    }
}
