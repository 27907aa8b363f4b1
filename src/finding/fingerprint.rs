//! A name for a finding that survives lines being inserted above it.

use std::fmt;

use sha2::{Digest, Sha256};

/// SHA-256 over rule, object and normalised statement, hexadecimal, first 32 digits; no path and
/// no line, so that moving a file or a statement keeps it. Repeats get an ordinal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub String);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// So much of a statement counts: enough to tell statements apart, and many findings about one very
/// long statement stay cheap.
const LONGEST: usize = 4096;

/// `ordinal` counts findings that would otherwise share a fingerprint, from 0.
pub fn fingerprint(rule: &str, object: &str, statement: &str, ordinal: u32) -> Fingerprint {
    let mut hash = Sha256::new();
    for part in [rule, object] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let statement = statement.get(..statement.floor_char_boundary(LONGEST)).unwrap_or(statement);
    // White space and letter case of the statement do not matter.
    let mut words = String::with_capacity(statement.len() + 1);
    for word in statement.split_whitespace() {
        if word.is_ascii() {
            words.extend(word.chars().map(|c| c.to_ascii_lowercase()));
        } else {
            words.push_str(&word.to_lowercase());
        }
        words.push(' ');
    }
    hash.update(words.as_bytes());
    if ordinal > 0 {
        hash.update(ordinal.to_le_bytes());
    }
    let digest = hash.finalize();
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 });
    Fingerprint(digest.iter().take(16).flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
}
