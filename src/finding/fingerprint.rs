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

/// `ordinal` counts findings that would otherwise share a fingerprint, from 0.
pub fn fingerprint(rule: &str, object: &str, statement: &str, ordinal: u32) -> Fingerprint {
    let mut hash = Sha256::new();
    for part in [rule, object] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    // White space and letter case of the statement do not matter.
    for word in statement.split_whitespace() {
        hash.update(word.to_lowercase().as_bytes());
        hash.update([b' ']);
    }
    if ordinal > 0 {
        hash.update(ordinal.to_le_bytes());
    }
    let digest = hash.finalize();
    Fingerprint(digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect())
}
