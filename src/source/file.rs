//! A source file as it was read, and the conversion of its byte offsets to lines and columns.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Which file of a [`Sources`] a location points into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u32);

/// A place as people count: line and column from 1, columns in Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// One text file. `path` is what reports show: relative where possible, forward slashes.
#[derive(Debug)]
pub struct SourceFile {
    pub path: PathBuf,
    pub text: Arc<str>,
    line_starts: OnceLock<Vec<u32>>,
    /// How many characters stand before every [`STRIDE`]th byte: a file may be one long line.
    strides: OnceLock<Vec<u32>>,
}

const STRIDE: usize = 4096;

impl SourceFile {
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Self {
        SourceFile { path: path.into(), text: text.into(), line_starts: OnceLock::new(), strides: OnceLock::new() }
    }

    /// The path with forward slashes on every system.
    pub fn display_path(&self) -> String {
        display_path(&self.path)
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let mut starts = vec![0u32];
            for (at, &byte) in bytes.iter().enumerate() {
                // `\r\n` counts once, at the `\n`; a lone `\r` ends a line as well.
                if byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                    starts.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
                }
            }
            starts
        })
    }

    /// The line (from 1) that holds a byte offset.
    pub fn line_of(&self, offset: u32) -> u32 {
        let starts = self.line_starts();
        u32::try_from(starts.partition_point(|&start| start <= offset)).unwrap_or(u32::MAX)
    }

    /// Line and column of a byte offset; an offset past the end is the end.
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        let line = self.line_of(offset);
        let start = self.line_starts()[(line - 1) as usize] as usize;
        let offset = offset as usize;
        let column = if offset - start <= STRIDE {
            characters(self.text.as_bytes(), start, offset)
        } else {
            self.before(offset) - self.before(start)
        };
        Position { line, column: column.saturating_add(1) }
    }

    /// The characters before an offset.
    fn before(&self, offset: usize) -> u32 {
        let bytes = self.text.as_bytes();
        let strides = self.strides.get_or_init(|| {
            let mut sum = 0;
            let counted = bytes.chunks(STRIDE).map(|chunk| {
                let before = sum;
                sum += characters(chunk, 0, chunk.len());
                before
            });
            counted.collect()
        });
        let index = (offset / STRIDE).min(strides.len().saturating_sub(1));
        strides.get(index).copied().unwrap_or(0) + characters(bytes, index * STRIDE, offset)
    }

    /// The byte offsets at which a line (from 1) starts and ends, without its line break.
    pub fn line_range(&self, line: u32) -> Option<std::ops::Range<usize>> {
        let starts = self.line_starts();
        let index = (line as usize).checked_sub(1)?;
        let start = *starts.get(index)? as usize;
        let end = starts.get(index + 1).map_or(self.text.len(), |&next| next as usize);
        let line = self.text.get(start..end)?;
        Some(start..start + line.trim_end_matches(['\n', '\r']).len())
    }

    pub fn line_count(&self) -> u32 {
        u32::try_from(self.line_starts().len()).unwrap_or(u32::MAX)
    }
}

/// How many characters begin in a stretch.
fn characters(bytes: &[u8], start: usize, end: usize) -> u32 {
    let stretch = bytes.get(start..end).unwrap_or_default();
    u32::try_from(stretch.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()).unwrap_or(u32::MAX)
}

/// A path with forward slashes and no leading `./`.
pub fn display_path(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = text.strip_prefix("./").unwrap_or(&text);
    if cfg!(windows) { text.replace('\\', "/") } else { text.to_owned() }
}

/// A path as people see it: relative to the current directory where it lies below it.
pub fn shown(path: &Path) -> PathBuf {
    let relative = std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_path_buf));
    match relative {
        Some(relative) if relative.as_os_str().is_empty() => PathBuf::from("."),
        Some(relative) => relative,
        None => path.strip_prefix("./").unwrap_or(path).to_path_buf(),
    }
}

/// Some files of one run, numbered from `first` on.
#[derive(Debug, Default)]
pub struct Sources {
    first: u32,
    files: Vec<SourceFile>,
}

impl Sources {
    /// An empty set whose ids begin at `first`: sets that are filled side by side stay apart.
    pub fn numbered_from(first: u32) -> Self {
        Sources { first, files: Vec::new() }
    }

    pub fn add(&mut self, file: SourceFile) -> SourceId {
        let id = self.id(self.files.len());
        self.files.push(file);
        id
    }

    fn id(&self, index: usize) -> SourceId {
        SourceId(self.first.saturating_add(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// A file of this set.
    pub fn get(&self, id: SourceId) -> Option<&SourceFile> {
        self.files.get(id.0.checked_sub(self.first)? as usize)
    }

    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, file)| (self.id(index), file))
    }

    pub fn len(&self) -> usize {
        self.files.len()
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_crlf_is_one_break() {
        let file = SourceFile::new("a.sql", "é x\r\ny\rz");
        assert_eq!(file.position(3), Position { line: 1, column: 3 });
        assert_eq!(file.position(6), Position { line: 2, column: 1 });
        assert_eq!(file.position(8), Position { line: 3, column: 1 });
        assert_eq!(file.position(999), Position { line: 3, column: 2 });
        assert_eq!(file.line_range(1), Some(0..4));
    }

    #[test]
    fn columns_of_a_long_line_are_the_same_from_near_and_from_far() {
        let file = SourceFile::new("a.sql", format!("x\n{}", "é1".repeat(10_000)));
        for characters in [0u32, 1, 2, 2731, 5000, 19_999, 20_000] {
            let offset = 2 + characters / 2 * 3 + characters % 2 * 2;
            assert_eq!(file.position(offset), Position { line: 2, column: characters + 1 });
        }
    }
}
