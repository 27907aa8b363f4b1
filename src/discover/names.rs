//! Paths: one spelling to compare them by, and what a directory's name says.

use std::path::{Component, Path, PathBuf};

use crate::engine::Engine;
use crate::migration::EngineEvidence;

/// A path in the one spelling that paths are compared in: absolute, links to directories resolved
/// as far as they exist, no `.` and no `..`. A link to a file stays what it is: it was named.
pub(super) fn absolute(path: &Path) -> PathBuf {
    let here = |path: &Path| if path.as_os_str().is_empty() { PathBuf::from(".") } else { path.to_path_buf() };
    if here(path).is_dir()
        && let Ok(path) = here(path).canonicalize()
    {
        return path;
    }
    // A file, perhaps one that is not there (an editor's new buffer): its directory may be.
    if let (Some(parent), Some(name)) = (path.parent(), path.file_name())
        && let Ok(parent) = here(parent).canonicalize()
    {
        return parent.join(name);
    }
    let mut clean = PathBuf::new();
    for component in std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

/// The engine a directory is named after: `mysql`, `migrations-sqlite`, but not `mysql-to-postgres`.
pub(crate) fn engine_of_directory(name: &str) -> Option<Engine> {
    let mut engines = name.split(['-', '_', '.']).filter_map(engine_of_name);
    let first = engines.next()?;
    engines.all(|engine| engine == first).then_some(first)
}

/// The engine of that name.
pub(super) fn engine_of_name(name: &str) -> Option<Engine> {
    match name.to_ascii_lowercase().as_str() {
        "postgres" | "postgresql" | "pg" | "psql" | "pgsql" => Some(Engine::Postgres),
        "mysql" => Some(Engine::Mysql),
        "mariadb" => Some(Engine::Mariadb),
        "sqlite" | "sqlite3" => Some(Engine::Sqlite),
        _ => None,
    }
}

/// The engine that the last parts of a path name: `migrations/mysql`, `sqlite/migrations`.
pub(super) fn engine_in(root: &Path) -> Option<EngineEvidence> {
    let path = absolute(root);
    path.ancestors().take(3).find_map(|ancestor| {
        let name = ancestor.file_name()?.to_string_lossy().into_owned();
        let engine = engine_of_directory(&name)?;
        Some(EngineEvidence { engine, path: crate::source::shown(ancestor), what: format!("a directory named `{name}`") })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_may_name_its_engine() {
        assert_eq!(engine_in(Path::new("/x/migrations/mysql")).map(|found| found.engine), Some(Engine::Mysql));
        assert_eq!(engine_in(Path::new("/x/sqlite3/migrations")).map(|found| found.engine), Some(Engine::Sqlite));
        assert_eq!(engine_in(Path::new("/x/server-sqlite/migrations")).map(|found| found.engine), Some(Engine::Sqlite));
        assert_eq!(engine_in(Path::new("/x/mysql-to-postgres/migrations")), None);
        assert_eq!(engine_in(Path::new("/postgres/a/b/c")), None);
    }

    #[test]
    fn spellings_of_a_missing_path_agree() {
        assert_eq!(absolute(Path::new("/nowhere/a/../b/./c")), PathBuf::from("/nowhere/b/c"));
    }
}
