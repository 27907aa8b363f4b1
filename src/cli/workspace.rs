//! What every command that reads migrations needs first: configuration, projects, the engine.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::args::{Global, ReadArgs, WrapMode};
use super::terminal::Terminal;
use crate::discover::{self, Discovery, Project};
use crate::engine::{Engine, Target};
use crate::facts::Direction;
use crate::lint::{self, Visitor};
use crate::migration::{TransactionMode, system};
use crate::report::Problem;

/// The configuration in force.
pub struct Workspace {}

/// What a look at the projects came to.
pub struct Looked {
    pub unreadable: usize,
}

impl Workspace {
    pub fn open(_global: &Global) -> anyhow::Result<Workspace> {
        Ok(Workspace {})
    }

    /// The projects that paths lead to; the configured directory, or here, when there are none.
    pub fn discover(&self, paths: &[PathBuf], read: &ReadArgs, mut options: discover::Options) -> anyhow::Result<Discovery> {
        let here = [PathBuf::from(".")];
        let paths = if paths.is_empty() { &here[..] } else { paths };
        if let Some(name) = &read.system {
            options.system = Some(system::find(name)?);
        }
        Ok(discover::discover(paths, &options)?)
    }

    /// Which engine and version a project is for: what was asked for, what the configuration says,
    /// what the project itself shows, else PostgreSQL, said aloud.
    pub fn target(&self, project: &Project, read: &ReadArgs, terminal: &Terminal) -> Target {
        if let Some(target) = read.engine {
            return target;
        }
        if let Some(evidence) = &project.engine {
            terminal.detail(&format!("{}: {} ({})", evidence.path.display(), evidence.engine.title(), evidence.what));
            return Target::of(evidence.engine);
        }
        let target = Target::of(Engine::Postgres);
        terminal.note(&format!("no engine is given for {}: taken as {target} (say --engine, or `lockgate init`)", shown_root(project)));
        target
    }

    pub fn transaction(&self, read: &ReadArgs) -> Option<TransactionMode> {
        read.transaction.map(|mode| match mode {
            WrapMode::PerMigration => TransactionMode::PerMigration,
            WrapMode::None => TransactionMode::None,
        })
    }

    /// Walks the projects without judging them.
    pub fn look(
        &self,
        paths: &[PathBuf],
        read: &ReadArgs,
        terminal: &Terminal,
        visitor: &mut (dyn Visitor + Send),
    ) -> anyhow::Result<Looked> {
        let discovery = self.discover(paths, read, discover::Options::default())?;
        if discovery.is_empty() {
            anyhow::bail!("no migrations were found in {}", listed(paths));
        }
        let rules = crate::rules::RuleSet::select(&crate::rules::Selection::default()).context("cannot read the rules")?;
        let rules = std::sync::Arc::new(rules);
        let pick = |_: &Path| std::sync::Arc::clone(&rules);
        let mut unreadable = 0;
        for project in &discovery.projects {
            let options = lint::Options {
                target: self.target(project, read, terminal),
                transaction: self.transaction(read),
                thresholds: crate::facts::Thresholds::default(),
                statistics: &[],
                rules: &pick,
                direction: Direction::Up,
                judge: false,
            };
            let outcome = lint::check(project, &options, visitor);
            for error in &outcome.unreadable {
                terminal.problem(&problem(error));
            }
            unreadable += outcome.unreadable.len();
        }
        Ok(Looked { unreadable })
    }
}

pub fn problem(error: &crate::migration::LoadError) -> Problem {
    Problem { path: error.path().to_path_buf(), line: None, column: None, message: error.to_string(), help: None }
}

pub fn shown_root(project: &Project) -> String {
    let root = project.directory.root();
    if root.as_os_str().is_empty() { "this file".to_owned() } else { format!("`{}`", crate::source::display_path(root)) }
}

pub fn listed(paths: &[PathBuf]) -> String {
    if paths.is_empty() {
        return "the current directory".to_owned();
    }
    paths.iter().map(|path| format!("`{}`", crate::source::display_path(path))).collect::<Vec<_>>().join(", ")
}
