//! Path patterns of the configuration, relative to the directory it stands in.

use std::ops::Range;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::ConfigProblem;

/// Patterns, and the directory they are relative to.
#[derive(Debug, Clone, Default)]
pub struct PathGlobs {
    root: PathBuf,
    set: GlobSet,
}

impl PathGlobs {
    /// A pattern without a slash matches in every directory, as in `.gitignore`; one that names a
    /// directory matches everything in it.
    pub(super) fn new<'a>(root: &Path, patterns: impl IntoIterator<Item = (&'a str, Range<usize>)>) -> Result<Self, ConfigProblem> {
        let mut set = GlobSetBuilder::new();
        let broken = |span: &Range<usize>, error: &globset::Error| {
            ConfigProblem::new(span.clone(), format!("this is no path pattern: {}", error.kind()))
                .help("as in `db/migrations/2023*.sql` or `**/seed.sql`")
        };
        let mut last = 0..0;
        for (pattern, span) in patterns {
            let clean = pattern.trim_start_matches("./").trim_end_matches('/');
            let clean = if clean.contains('/') { clean.trim_start_matches('/').to_owned() } else { format!("**/{clean}") };
            for glob in [clean.clone(), format!("{clean}/**")] {
                let glob = GlobBuilder::new(&glob).literal_separator(true).build().map_err(|error| broken(&span, &error))?;
                set.add(glob);
            }
            last = span;
        }
        let set = set.build().map_err(|error| broken(&last, &error))?;
        Ok(PathGlobs { root: root.to_path_buf(), set })
    }

    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// Whether a path (absolute, or relative to the current directory) matches.
    pub fn is_match(&self, path: &Path) -> bool {
        !self.set.is_empty() && self.set.is_match(relative(&self.root, path))
    }

    pub fn set(&self) -> &GlobSet {
        &self.set
    }
}

/// A path relative to the configuration's directory.
pub(super) fn relative(root: &Path, path: &Path) -> PathBuf {
    if let Ok(inside) = path.strip_prefix(root) {
        return inside.to_path_buf();
    }
    let absolute = path
        .parent()
        .map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
        .and_then(|parent| parent.canonicalize().ok());
    let absolute = match (absolute, path.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => path.to_path_buf(),
    };
    absolute.strip_prefix(root).map(Path::to_path_buf).unwrap_or(absolute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_relative_to_the_file_they_stand_in() {
        let globs = PathGlobs::new(Path::new("/r"), [("seed.sql", 0..1), ("db/old", 0..1), ("./db/2023*.sql", 0..1)]).unwrap();
        for path in ["/r/seed.sql", "/r/a/b/seed.sql", "/r/db/old/x/y.sql", "/r/db/2023_a.sql"] {
            assert!(globs.is_match(Path::new(path)), "{path}");
        }
        for path in ["/r/db/sub/2023_a.sql", "/r/x/db/old/y.sql", "/other/db/old/x.sql"] {
            assert!(!globs.is_match(Path::new(path)), "{path}");
        }
        assert!(PathGlobs::new(Path::new("/r"), [("a[", 3..5)]).is_err_and(|problem| problem.span == (3..5)));
    }
}
