//! Which engine a project runs on, from everything that says so.

use std::path::Path;

use super::hints::hints;
use super::{image, manifest};
use crate::discover::Project;
use crate::engine::{Engine, Target, Version};
use crate::migration::{Evidence, Strength};

/// An engine with what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineCase {
    pub engine: Engine,
    /// The oldest version that something names: what holds there holds on newer ones.
    pub version: Option<Version>,
    /// The strongest first.
    pub evidence: Vec<Evidence>,
}

impl EngineCase {
    pub fn target(&self) -> Target {
        Target::new(self.engine, self.version.unwrap_or_else(|| self.engine.default_version()))
    }

    fn weight(&self) -> usize {
        self.evidence
            .iter()
            .map(|evidence| match evidence.strength {
                Strength::Strong => 100,
                Strength::Medium => 10,
                Strength::Weak => 1,
            })
            .sum()
    }
}

/// A single sign.
pub(super) struct Sign {
    pub engine: Engine,
    pub version: Option<Version>,
    pub evidence: Evidence,
}

/// Files in which an image of a database server, or a URL, is likely named.
const COMPOSE: [&str; 6] =
    ["compose.yml", "compose.yaml", "docker-compose.yml", "docker-compose.yaml", ".gitlab-ci.yml", ".circleci/config.yml"];
const ENVIRONMENT: [&str; 6] = [".env", ".env.example", ".env.sample", ".env.local", ".env.development", ".envrc"];

/// Every engine that something speaks for, the likeliest first. Looked at are the repository's root
/// and the directories on the way to the migrations.
pub fn engines(root: &Path, project: &Project) -> Vec<EngineCase> {
    let mut signs = Vec::new();
    if let Some(found) = &project.engine {
        let evidence = Evidence::new(Strength::Strong, &found.path, &found.what);
        signs.push(Sign { engine: found.engine, version: None, evidence });
    }
    for directory in way(root, project.directory.root()) {
        signs.extend(named(&directory));
        for name in COMPOSE {
            signs.extend(read(&directory.join(name)).map(|(path, text)| image::signs(&path, &text)).unwrap_or_default());
        }
        let workflows = std::fs::read_dir(directory.join(".github/workflows")).into_iter().flatten().flatten();
        for entry in workflows {
            signs.extend(read(&entry.path()).map(|(path, text)| image::signs(&path, &text)).unwrap_or_default());
        }
        for name in ENVIRONMENT {
            signs.extend(read(&directory.join(name)).map(|(path, text)| manifest::environment(&path, &text)).unwrap_or_default());
        }
        for name in manifest::NAMES {
            signs.extend(read(&directory.join(name)).map(|(path, text)| manifest::dependencies(name, &path, &text)).unwrap_or_default());
        }
    }
    signs.extend(hints(project));
    cases(signs)
}

fn cases(signs: Vec<Sign>) -> Vec<EngineCase> {
    let mut cases: Vec<EngineCase> = Vec::new();
    for sign in signs {
        let case = match cases.iter_mut().position(|case| case.engine == sign.engine) {
            Some(at) => cases.get_mut(at),
            None => {
                cases.push(EngineCase { engine: sign.engine, version: None, evidence: Vec::new() });
                cases.last_mut()
            }
        };
        let Some(case) = case else { continue };
        case.version = match (case.version, sign.version) {
            (Some(known), Some(named)) => Some(known.min(named)),
            (known, named) => known.or(named),
        };
        if !case.evidence.contains(&sign.evidence) {
            case.evidence.push(sign.evidence);
        }
    }
    for case in &mut cases {
        case.evidence.sort_by_key(|evidence| std::cmp::Reverse(evidence.strength));
    }
    cases.sort_by_key(|case| std::cmp::Reverse(case.weight()));
    cases
}

/// A directory on the way that is named after an engine: `schema/mysql/v8/orders/versioned`.
fn named(directory: &Path) -> Option<Sign> {
    let name = directory.file_name()?.to_string_lossy();
    let engine = crate::discover::engine_of_directory(&name)?;
    let evidence = Evidence::new(Strength::Medium, crate::source::shown(directory), format!("a directory named `{name}`"));
    Some(Sign { engine, version: None, evidence })
}

/// The directories from the root down to the migrations.
fn way(root: &Path, migrations: &Path) -> Vec<std::path::PathBuf> {
    let absolute = |path: &Path| {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
    };
    let (root, migrations) = (absolute(root), absolute(migrations));
    let mut way: Vec<_> = migrations.ancestors().take_while(|directory| directory.starts_with(&root)).map(Path::to_path_buf).collect();
    if way.is_empty() {
        way.push(root);
    }
    way.reverse();
    way
}

/// A small text file, with the path as shown to people.
fn read(path: &Path) -> Option<(std::path::PathBuf, String)> {
    let small = std::fs::metadata(path).ok().filter(|metadata| metadata.is_file() && metadata.len() < 4 * 1024 * 1024);
    small?;
    Some((crate::source::shown(path), std::fs::read_to_string(path).ok()?))
}
