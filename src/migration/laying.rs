//! Laying files beside those of a project: a new migration that runs outside a transaction, a way
//! back for one that has none.

use super::section::{lines, offset};
use super::{Entry, NewFile};
use crate::source::Span;

/// Why a system cannot be given something, in a clause that says what to do instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Cannot(pub &'static str);

/// What must run outside a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutsideFor {
    /// One statement that the server refuses inside a transaction: CREATE INDEX CONCURRENTLY.
    Concurrently,
    /// A block that commits between its batches.
    Batches,
}

/// How a migration is to be marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outside {
    pub what: OutsideFor,
    /// The way back, too.
    pub down: bool,
}

/// Where a missing way back goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DownPlace {
    /// A file of its own.
    File(NewFile),
    /// Into the file that holds the way up: what to put at which byte.
    Insert { at: u32, text: String },
}

/// Puts a line on top of every script among the files.
pub(crate) fn on_top(files: &mut [NewFile], line: &str, down: bool) {
    for (number, file) in files.iter_mut().enumerate() {
        if number == 0 || down {
            file.template.insert_str(0, line);
        }
    }
}

/// Replaces the first line that is the marker, in the first file.
pub(crate) fn replace_line(files: &mut [NewFile], is_marker: impl Fn(&str) -> bool, make: impl Fn(&str) -> String) -> bool {
    let Some(file) = files.first_mut() else { return false };
    let found = lines(&file.template).find(|line| is_marker(line.text)).map(|line| (line.span, make(line.text)));
    let Some((span, new)) = found else { return false };
    file.template.replace_range(span.range(), &new);
    true
}

/// A section for the way back: behind its marker, or at the end with the marker in front.
pub(crate) fn section(text: &str, marker: &str, is_marker: impl Fn(&str) -> bool, down: &str) -> DownPlace {
    match lines(text).find(|line| is_marker(line.text)) {
        Some(line) => {
            let broken = line.next > line.span.end;
            let text = if broken { format!("{down}\n") } else { format!("\n{down}\n") };
            DownPlace::Insert { at: line.next, text }
        }
        None => at_end(text, &format!("{marker}\n{down}\n")),
    }
}

/// Behind everything, with an empty line between.
pub(crate) fn at_end(text: &str, words: &str) -> DownPlace {
    let gap = if text.ends_with("\n\n") || text.is_empty() {
        ""
    } else if text.ends_with('\n') {
        "\n"
    } else {
        "\n\n"
    };
    DownPlace::Insert { at: offset(text.len()), text: format!("{gap}{words}") }
}

/// Behind a stretch of a file that holds more than one migration.
pub(crate) fn behind(part: Span, text: &str, words: &str) -> DownPlace {
    let kept = part.slice(text).trim_end();
    let at = part.start + offset(kept.len());
    DownPlace::Insert { at, text: format!("\n{words}") }
}

/// A file whose name is the up script's with another end.
pub(crate) fn beside(directory: &super::Directory, entry: &Entry, from: &[&str], to: &str, down: &str) -> DownPlace {
    let stem = from.iter().find_map(|end| entry.up.strip_suffix(end)).unwrap_or(&entry.up);
    DownPlace::File(NewFile::new(directory.path(&format!("{stem}{to}")), format!("{down}\n")))
}
