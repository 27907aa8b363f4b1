//! `lockgate.toml`: from what the user wrote to what it means.
//!
//! The nearest `lockgate.toml` or `.lockgate.toml` counts, from the starting directory up to the
//! repository's root; it starts from the files it `extends`, and from nothing else. Paths in a file
//! are relative to it. Unknown keys and values
//! are errors that point at the place and suggest what was meant. Flags and environment variables
//! go before the file, the file before the defaults.

mod apply;
mod duration;
mod error;
mod extends;
mod globs;
pub mod init;
mod json_schema;
mod keys;
mod level;
mod project;
mod read;
mod settings;

pub use apply::ApplySettings;
pub use duration::{parse_duration, show_duration};
pub use error::{ConfigError, ConfigProblem};
pub use globs::PathGlobs;
pub use json_schema::json_schema;
pub use keys::{KEYS, Key};
pub use level::{FailOn, Level};
pub use project::ProjectSettings;
pub use settings::{Override, RuleLevel, Settings};

use std::path::{Path, PathBuf};

/// The names the file may have, the usual one first.
pub const NAMES: [&str; 2] = ["lockgate.toml", ".lockgate.toml"];

/// The nearest configuration file at or above a directory (or a file's directory), not beyond the
/// repository's root.
pub fn find(start: &Path) -> Option<PathBuf> {
    let start = if start.as_os_str().is_empty() { Path::new(".") } else { start };
    let start = start.canonicalize().or_else(|_| std::path::absolute(start)).ok()?;
    for directory in start.ancestors() {
        for name in NAMES {
            let path = directory.join(name);
            if path.is_file() {
                return Some(crate::source::shown(&path));
            }
        }
        if directory.join(".git").exists() {
            return None;
        }
    }
    None
}

/// Reads a configuration file.
pub fn load(path: &Path) -> Result<Settings, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_path_buf(), source })?;
    Settings::parse(path, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_counts_up_to_the_repository() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        std::fs::create_dir_all(at("repo/.git")).unwrap();
        std::fs::create_dir_all(at("repo/a/b")).unwrap();
        std::fs::write(at("lockgate.toml"), "").unwrap();
        assert_eq!(find(&at("repo/a/b")), None, "what lies outside the repository is not ours");
        std::fs::write(at("repo/.lockgate.toml"), "").unwrap();
        assert_eq!(find(&at("repo/a/b")), Some(at("repo").canonicalize().unwrap().join(".lockgate.toml")));
        std::fs::write(at("repo/a/lockgate.toml"), "").unwrap();
        assert_eq!(find(&at("repo/a/b")), Some(at("repo/a").canonicalize().unwrap().join("lockgate.toml")));
    }
}
