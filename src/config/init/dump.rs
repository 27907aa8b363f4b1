//! A schema dump that a repository keeps beside its migrations.

use std::path::{Path, PathBuf};

use crate::discover::Project;
use crate::engine::Target;
use crate::schema::{Base, SchemaDump, StandsAt};

/// A dump, and how much of the history it says it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundDump {
    /// Relative to the directory that the configuration will stand in.
    pub path: PathBuf,
    /// How many of the migrations it lists as applied; 0 where it has no list, or one of others.
    pub listed: usize,
}

/// Where tools put theirs, seen from the directory that holds the migrations' directory, or from
/// the repository's root: Rails, dbmate, Laravel, Supabase, sqlc.
const NAMES: [&str; 15] = [
    "structure.sql",
    "schema.sql",
    "db/structure.sql",
    "db/schema.sql",
    "schema/pgsql-schema.sql",
    "schema/mysql-schema.sql",
    "schema/mariadb-schema.sql",
    "schema/sqlite-schema.sql",
    "database/schema/pgsql-schema.sql",
    "database/schema/mysql-schema.sql",
    "database/schema/mariadb-schema.sql",
    "database/schema/sqlite-schema.sql",
    "schemas",
    "supabase/schemas",
    "sql/schema.sql",
];

/// The dump that lists most of the project's migrations, else the first one there is.
pub(super) fn find(root: &Path, project: &Project, target: Target) -> Option<FoundDump> {
    let beside = project.directory.root().join("..");
    let places: Vec<PathBuf> = [beside.as_path(), root].into_iter().filter_map(|place| place.canonicalize().ok()).collect();
    let base = root.canonicalize().ok()?;
    let mut best: Option<FoundDump> = None;
    for place in places.iter().filter(|place| place.starts_with(&base)) {
        for path in NAMES.map(|name| place.join(name)).into_iter().filter(|path| path.exists() && !project.owns(path)) {
            let Ok(dump) = SchemaDump::read(&path, StandsAt::Listed { otherwise: None }) else { continue };
            let made = Base::of(&dump, project, target);
            let found = FoundDump { path: path.strip_prefix(&base).unwrap_or(&path).to_path_buf(), listed: made.count() };
            if !made.catalog.tables.is_empty() && best.as_ref().is_none_or(|best| best.listed < found.listed) {
                best = Some(found);
            }
        }
    }
    best
}
