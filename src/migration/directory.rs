//! What a migration system sees of the disk: the names of the files in and just below one
//! directory, and the way to read one of them. Tests, rule examples, standard input and editors
//! put texts in front of the disk.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// How much of a file is looked at to recognise its system.
const PEEK: u64 = 8 * 1024;
/// How far [`Directory::deep_files`] descends.
const DEPTH: usize = 6;
/// Never descended into: not a place where migrations are written by hand.
const PASSED_OVER: [&str; 8] = ["node_modules", "target", "vendor", "dist", "build", "__pycache__", "site-packages", "venv"];

/// One directory. Paths in it are relative to it, with forward slashes.
#[derive(Debug, Clone)]
pub struct Directory {
    root: PathBuf,
    on_disk: bool,
    /// Own files and those of immediate subdirectories, sorted.
    files: Vec<String>,
    /// Subdirectories of subdirectories, of which nothing is listed.
    below: Vec<String>,
    /// Texts that stand in front of the disk.
    memory: BTreeMap<String, Arc<[u8]>>,
    /// Read at first need: every system asks.
    samples: OnceLock<Vec<(String, String)>>,
}

impl Directory {
    /// Lists a directory on disk.
    pub fn read(root: impl Into<PathBuf>) -> std::io::Result<Self> {
        let root = root.into();
        let (mut files, mut below) = (Vec::new(), Vec::new());
        list(&root, "", 2, &mut files, &mut below)?;
        files.sort_unstable();
        Ok(Directory { root, on_disk: true, files, below, memory: BTreeMap::new(), samples: OnceLock::new() })
    }

    /// A directory that exists in memory only.
    pub fn in_memory<P: Into<String>, T: AsRef<[u8]>>(root: impl Into<PathBuf>, files: impl IntoIterator<Item = (P, T)>) -> Self {
        let memory: BTreeMap<String, Arc<[u8]>> = files.into_iter().map(|(path, text)| (path.into(), Arc::from(text.as_ref()))).collect();
        let files = memory.keys().filter(|path| !path.starts_with("../")).cloned().collect();
        Directory { root: root.into(), on_disk: false, files, below: Vec::new(), memory, samples: OnceLock::new() }
    }

    /// One file of a directory, without looking at the others.
    pub fn only(root: impl Into<PathBuf>, file: impl Into<String>) -> Self {
        Directory {
            root: root.into(),
            on_disk: true,
            files: vec![file.into()],
            below: Vec::new(),
            memory: BTreeMap::new(),
            samples: OnceLock::new(),
        }
    }

    /// Puts a text in front of one file (an editor's buffer, standard input); the file need not exist.
    pub fn overlay(&mut self, path: &str, bytes: impl Into<Arc<[u8]>>) {
        self.memory.insert(path.to_owned(), bytes.into());
        self.samples.take();
        if let Err(at) = self.files.binary_search_by(|file| file.as_str().cmp(path)) {
            self.files.insert(at, path.to_owned());
        }
    }

    /// The same directory with the files of those subdirectories of its subdirectories whose name is
    /// wanted: `1.2/mysql/users.sql`.
    pub fn with_layers(&self, is_wanted: &dyn Fn(&str) -> bool) -> Cow<'_, Self> {
        let wanted: Vec<&String> = self.below.iter().filter(|path| path.rsplit('/').next().is_some_and(is_wanted)).collect();
        if wanted.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut whole = self.clone();
        for layer in wanted {
            // What cannot be read hides nothing beside it.
            let _ = list(&self.root, &format!("{layer}/"), 1, &mut whole.files, &mut Vec::new());
        }
        whole.files.sort_unstable();
        whole.samples = OnceLock::new();
        Cow::Owned(whole)
    }

    /// The same directory with only these of its SQL files.
    pub fn narrowed(&self, to: &BTreeSet<String>) -> Self {
        let stays = |file: &&String| !file.ends_with(".sql") || to.contains(*file);
        Directory { files: self.files.iter().filter(stays).cloned().collect(), samples: OnceLock::new(), ..self.clone() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The directory's own name, lower case.
    pub fn name(&self) -> String {
        let name = self.root.canonicalize().unwrap_or_else(|_| self.root.clone());
        name.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default()
    }

    /// The path of a file in it, for reading and for people.
    pub fn path(&self, file: &str) -> PathBuf {
        if self.root.as_os_str().is_empty() || self.root == Path::new(".") { PathBuf::from(file) } else { self.root.join(file) }
    }

    /// Own files and those of immediate subdirectories, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// Files standing directly in the directory.
    pub fn own_files(&self) -> impl Iterator<Item = &str> {
        self.files().filter(|file| !file.contains('/'))
    }

    /// Files standing directly in the directory that end in `.sql`.
    pub fn own_sql(&self) -> impl Iterator<Item = &str> {
        self.own_files().filter(|file| file.ends_with(".sql"))
    }

    /// Names of immediate subdirectories that hold at least one file, sorted.
    pub fn subdirectories(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.files().filter_map(|file| file.split_once('/').map(|(name, _)| name)).collect();
        names.dedup();
        names
    }

    /// Every file below the directory, a few levels deep.
    pub fn deep_files(&self) -> Vec<String> {
        let mut files = self.files.clone();
        if self.on_disk {
            // A subdirectory that cannot be read is passed over: the rest still counts.
            let _ = list(&self.root, "", DEPTH, &mut files, &mut Vec::new());
        }
        files.sort_unstable();
        files.dedup();
        files
    }

    pub fn has(&self, file: &str) -> bool {
        self.files.binary_search_by(|own| own.as_str().cmp(file)).is_ok()
            || self.memory.contains_key(file)
            || (self.on_disk && self.root.join(file).is_file())
    }

    pub fn bytes(&self, file: &str) -> std::io::Result<Arc<[u8]>> {
        if let Some(bytes) = self.memory.get(file) {
            return Ok(Arc::clone(bytes));
        }
        if !self.on_disk {
            return Err(std::io::ErrorKind::NotFound.into());
        }
        fs::read(self.root.join(file)).map(Arc::from)
    }

    /// A whole small file (a manifest, a lock file), or nothing.
    pub fn text(&self, file: &str) -> Option<String> {
        self.bytes(file).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The first few kilobytes of a file; empty when it cannot be read.
    pub fn peek(&self, file: &str) -> String {
        let mut head = Vec::new();
        match self.memory.get(file) {
            Some(bytes) => head.extend(bytes.iter().take(PEEK as usize)),
            None if self.on_disk => {
                if let Ok(file) = fs::File::open(self.root.join(file)) {
                    let _ = file.take(PEEK).read_to_end(&mut head);
                }
            }
            None => {}
        }
        String::from_utf8_lossy(&head).trim_start_matches('\u{feff}').to_owned()
    }

    /// Heads of the first and last few SQL files: enough to recognise a system by its markers.
    pub fn samples(&self) -> &[(String, String)] {
        self.samples.get_or_init(|| {
            let all: Vec<&str> = self.own_sql().collect();
            let tail = all.len().saturating_sub(2).max(2.min(all.len()));
            let picked = all.iter().take(2).chain(all.iter().skip(tail));
            picked.map(|file| ((*file).to_owned(), self.peek(file))).collect()
        })
    }

    /// A file of that name in the directory or the nearest one above it, within the repository.
    pub fn above(&self, name: &str) -> Option<(PathBuf, String)> {
        for key in [name.to_owned(), format!("../{name}")] {
            if let Some(bytes) = self.memory.get(&key) {
                return Some((PathBuf::from(name), String::from_utf8_lossy(bytes).into_owned()));
            }
        }
        if !self.on_disk {
            return None;
        }
        let start = if self.root.as_os_str().is_empty() { Path::new(".") } else { &self.root };
        let start = std::path::absolute(start).ok()?;
        for directory in start.ancestors().take(16) {
            let path = directory.join(name);
            if let Ok(text) = fs::read_to_string(&path) {
                return Some((crate::source::shown(&path), text));
            }
            if directory.join(".git").exists() {
                return None;
            }
        }
        None
    }
}

/// Lists `depth` levels, and the directories of the level below.
fn list(root: &Path, prefix: &str, depth: usize, files: &mut Vec<String>, below: &mut Vec<String>) -> std::io::Result<()> {
    let directory = if prefix.is_empty() { root.to_path_buf() } else { root.join(prefix) };
    let directory = if directory.as_os_str().is_empty() { PathBuf::from(".") } else { directory };
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        // A link to a file counts, as it does for the tools; a link to a directory could be a loop.
        if kind.is_file() || (kind.is_symlink() && entry.path().is_file()) {
            files.push(path);
        } else if kind.is_dir() && !PASSED_OVER.contains(&name.as_str()) {
            if depth > 1 {
                // What cannot be read inside hides nothing beside it.
                let _ = list(root, &format!("{path}/"), depth - 1, files, below);
            } else {
                below.push(path);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_two_levels_and_overlays() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("a/b/c")).unwrap();
        fs::write(root.path().join("1.sql"), "x").unwrap();
        fs::write(root.path().join("a/up.sql"), "y").unwrap();
        fs::write(root.path().join("a/b/c/deep.sql"), "z").unwrap();
        fs::write(root.path().join(".hidden.sql"), "z").unwrap();
        let mut directory = Directory::read(root.path()).unwrap();
        directory.overlay("0.sql", *b"buffer");
        assert_eq!(directory.files().collect::<Vec<_>>(), ["0.sql", "1.sql", "a/up.sql"]);
        assert_eq!(directory.subdirectories(), ["a"]);
        assert_eq!(directory.peek("0.sql"), "buffer");
        assert!(directory.deep_files().contains(&"a/b/c/deep.sql".to_owned()));
    }
}
