//! What can be set for one project of several.

use std::path::{Path, PathBuf};

use super::read::Section;
use crate::engine::TargetRange;
use crate::migration::{Format, TransactionMode, system};

/// The settings of one set of migrations.
#[derive(Clone, Default)]
pub struct ProjectSettings {
    pub name: Option<String>,
    /// Directories, resolved against the configuration's own.
    pub migrations: Vec<PathBuf>,
    pub engine: Option<TargetRange>,
    pub format: Option<&'static dyn Format>,
    pub transaction: Option<TransactionMode>,
    pub start_after: Option<String>,
    /// The schema dump the history starts from.
    pub schema: Option<PathBuf>,
    /// The newest migration in it, as the user says; empty when it holds none.
    pub schema_at: Option<String>,
    pub stats: Option<PathBuf>,
}

impl std::fmt::Debug for ProjectSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProjectSettings")
            .field("name", &self.name)
            .field("migrations", &self.migrations)
            .field("engine", &self.engine)
            .field("format", &self.format.map(Format::id))
            .field("transaction", &self.transaction)
            .field("start_after", &self.start_after)
            .field("schema", &self.schema)
            .field("schema_at", &self.schema_at)
            .field("stats", &self.stats)
            .finish()
    }
}

impl ProjectSettings {
    /// What a section says; what it leaves open is taken from `outer`.
    pub(super) fn read(section: &Section<'_, '_>, base: &Path, outer: &ProjectSettings) -> Self {
        let own: Vec<PathBuf> = section.strings("migrations").into_iter().map(|path| super::settings::resolve(base, path.value)).collect();
        let transaction = |name: &str| match name {
            "per-migration" => Some(TransactionMode::PerMigration),
            "none" => Some(TransactionMode::None),
            _ => None,
        };
        ProjectSettings {
            name: section.string("name").map(|name| name.value.to_owned()),
            migrations: own,
            engine: section.parsed("engine", str::parse::<TargetRange>).or(outer.engine),
            format: section.parsed("format", system::find).or(outer.format),
            transaction: section.choice("transaction", &["per-migration", "none"], transaction).or(outer.transaction),
            start_after: section.string("start-after").map(|version| version.value.to_owned()).or_else(|| outer.start_after.clone()),
            schema: section.string("schema").map(|path| super::settings::resolve(base, path.value)).or_else(|| outer.schema.clone()),
            schema_at: section.string("schema-at").map(|version| version.value.to_owned()).or_else(|| outer.schema_at.clone()),
            stats: section.string("stats").map(|path| super::settings::resolve(base, path.value)).or_else(|| outer.stats.clone()),
        }
    }

    /// How long the part of a path is that one of the directories names; `None` when none does.
    pub(super) fn covers(&self, path: &Path) -> Option<usize> {
        let absolute = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_path_buf());
        let path = absolute(path);
        self.migrations
            .iter()
            .map(|directory| absolute(directory))
            .filter(|directory| path.starts_with(directory))
            .map(|directory| directory.components().count())
            .max()
    }
}
