//! Statements that are about neither tables nor indexes, by their leading words.

use super::{Read, Reading};

/// Reads the statement; `None` when its words are unknown here too. `first` and `noun` are upper case.
pub(super) fn statement(_reading: &mut Reading, _first: &str, _noun: &str) -> Option<Read> {
    None
}
