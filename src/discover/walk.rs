//! Looking for SQL files below a directory, as `.gitignore` allows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::DiscoverError;

/// Directories that hold other people's files.
const PASSED_OVER: [&str; 9] = ["node_modules", "target", "vendor", "dist", "build", "__pycache__", "site-packages", "venv", ".venv"];

/// Every directory that holds SQL files directly, with those files; absolute paths, sorted.
pub(super) fn sql_directories(root: &Path) -> Result<BTreeMap<PathBuf, Vec<PathBuf>>, DiscoverError> {
    let mut found: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    let walk = WalkBuilder::new(root)
        .filter_entry(|entry| entry.depth() == 0 || !PASSED_OVER.iter().any(|name| entry.file_name() == *name))
        .build();
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            // A directory that may not be read is not ours; the root itself is.
            Err(error) if error.depth() == Some(0) => {
                let source = error.into_io_error().unwrap_or_else(|| std::io::ErrorKind::Other.into());
                return Err(DiscoverError::of(root, source));
            }
            Err(_) => continue,
        };
        let path = entry.path();
        let is_sql = path.extension().is_some_and(|extension| extension == "sql");
        if is_sql
            && entry.file_type().is_some_and(|kind| !kind.is_dir())
            && let Some(parent) = path.parent()
        {
            found.entry(parent.to_path_buf()).or_default().push(path.to_path_buf());
        }
    }
    for files in found.values_mut() {
        // Siblings: comparing their paths part by part would give the same order at many times the cost.
        files.sort_unstable_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
    }
    Ok(found)
}
