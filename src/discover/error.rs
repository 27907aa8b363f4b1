//! Why nothing could be looked at.

use std::path::{Path, PathBuf};

use super::GitError;
use crate::text::closest;

#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    #[error("there is no file or directory `{}`{}", path.display(), suggestion.as_ref().map(|near| format!(": did you mean `{}`?", near.display())).unwrap_or_default())]
    NoSuchPath { path: PathBuf, suggestion: Option<PathBuf> },
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("standard input was not read")]
    NoStdin,
    #[error(transparent)]
    Git(#[from] GitError),
}

impl DiscoverError {
    pub(super) fn of(path: &Path, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::NotFound => DiscoverError::NoSuchPath { path: path.to_path_buf(), suggestion: neighbour(path) },
            _ => DiscoverError::Unreadable { path: path.to_path_buf(), source },
        }
    }
}

/// The path that exists and is spelled most alike: the first part that is missing is compared with
/// what stands beside it.
fn neighbour(path: &Path) -> Option<PathBuf> {
    let missing = path.ancestors().take_while(|ancestor| !ancestor.as_os_str().is_empty() && !ancestor.exists()).last()?;
    let name = missing.file_name()?.to_string_lossy().into_owned();
    let parent = missing.parent().unwrap_or(Path::new(""));
    let here = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let names: Vec<String> =
        std::fs::read_dir(here).ok()?.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let near = closest(&name, names.iter().map(String::as_str))?;
    let rest = path.strip_prefix(missing).ok()?;
    let whole = parent.join(near);
    let whole = if rest.as_os_str().is_empty() { whole } else { whole.join(rest) };
    whole.exists().then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_any_part_of_a_path_is_met_with_the_right_one() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("db/migrations")).unwrap();
        std::fs::write(root.path().join("db/migrations/001_users.sql"), "").unwrap();
        let near = |path: &str| neighbour(&root.path().join(path));
        assert_eq!(near("db/migratons/001_users.sql"), Some(root.path().join("db/migrations/001_users.sql")));
        assert_eq!(near("db/migrations/001_user.sql"), Some(root.path().join("db/migrations/001_users.sql")));
        assert_eq!(near("db/nothing/like/it"), None);
    }
}
