//! Every call to `git`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::names;

/// What happened to a file since a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    Added,
    Modified,
    Deleted,
}

/// The files that differ between a revision and the working tree, untracked ones too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangedFiles {
    files: BTreeMap<PathBuf, ChangeKind>,
}

impl ChangedFiles {
    /// What happened to the file of an absolute path.
    pub fn kind(&self, path: &Path) -> Option<ChangeKind> {
        self.files.get(path).copied()
    }

    pub fn deleted(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().filter(|(_, kind)| **kind == ChangeKind::Deleted).map(|(path, _)| path.as_path())
    }
}

#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("cannot run `git`: {0}; `--since` needs it")]
    Start(#[from] std::io::Error),
    #[error("`{}` is not in a git repository; `--since` compares with one", .0.display())]
    NoRepository(PathBuf),
    #[error("git knows no revision `{reference}`{hint}")]
    UnknownRevision { reference: String, hint: &'static str },
    #[error("`git {command}` failed: {message}")]
    Failed { command: String, message: String },
}

/// Compares the working tree around `near` with the point where it left `reference`.
pub fn changed_since(near: &Path, reference: &str) -> Result<ChangedFiles, GitError> {
    let start = if near.is_dir() { near } else { near.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")) };
    let top = match git(start, &["rev-parse", "--show-toplevel"]) {
        Err(GitError::Failed { .. }) => return Err(GitError::NoRepository(near.to_path_buf())),
        top => names::absolute(Path::new(top?.trim_end_matches(['\n', '\r']))),
    };
    let commit = git(&top, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{reference}^{{commit}}")]);
    let commit = match commit {
        Err(GitError::Failed { .. }) => return Err(unknown(&top, reference)),
        commit => commit?.trim().to_owned(),
    };
    // What others did on the base branch meanwhile is not ours. Without a common ancestor (a
    // shallow clone) the revision itself has to do.
    let base = match git(&top, &["merge-base", &commit, "HEAD"]) {
        Ok(base) => base.trim().to_owned(),
        Err(GitError::Failed { .. }) => commit,
        Err(error) => return Err(error),
    };
    let mut changed = ChangedFiles::default();
    let diff = git(&top, &["diff", "--name-status", "--no-renames", "--no-ext-diff", "-z", &base, "--"])?;
    let mut fields = diff.split('\0');
    while let (Some(status), Some(path)) = (fields.next(), fields.next()) {
        let kind = match status.bytes().next() {
            Some(b'A') => ChangeKind::Added,
            Some(b'D') => ChangeKind::Deleted,
            Some(_) => ChangeKind::Modified,
            None => break,
        };
        changed.files.insert(top.join(path), kind);
    }
    let untracked = git(&top, &["ls-files", "--others", "--exclude-standard", "-z"])?;
    for path in untracked.split('\0').filter(|path| !path.is_empty()) {
        changed.files.insert(top.join(path), ChangeKind::Added);
    }
    Ok(changed)
}

fn unknown(top: &Path, reference: &str) -> GitError {
    let shallow = git(top, &["rev-parse", "--is-shallow-repository"]).is_ok_and(|answer| answer.trim() == "true");
    let hint = if shallow { ": the clone is shallow; fetch it whole (`fetch-depth: 0` in a GitHub workflow)" } else { "" };
    GitError::UnknownRevision { reference: reference.to_owned(), hint }
}

fn git(directory: &Path, arguments: &[&str]) -> Result<String, GitError> {
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(["-c", "core.quotePath=false"])
        .args(arguments)
        // Reading must not take the index lock from whoever works there.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(GitError::Failed { command: arguments.first().copied().unwrap_or_default().to_owned(), message })
}
