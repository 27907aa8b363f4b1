//! What identifies a script's content.

use sha2::{Digest, Sha256};

use super::directive::directive_ranges;
use crate::engine::Target;
use crate::source::Script;

/// SHA-256 over a script, hexadecimal. Left out are what changes nothing: Lockgate's own directives
/// (so that accepting a risk after the fact is no edit), line ends (so that a checkout on Windows is
/// the same migration), a byte order mark, blanked sections, and white space around the whole.
pub fn checksum(script: &Script, target: Target) -> String {
    let mut hash = Sha256::new();
    let ranges = directive_ranges(&script.text, target);
    if ranges.is_empty() {
        feed(&mut hash, script.text.trim());
    } else {
        let mut text = String::with_capacity(script.text.len());
        let mut at = 0;
        for range in ranges {
            text.push_str(script.text.get(at..range.start).unwrap_or_default());
            at = at.max(range.end);
        }
        text.push_str(script.text.get(at..).unwrap_or_default());
        feed(&mut hash, text.trim());
    }
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 });
    hash.finalize().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn feed(hash: &mut Sha256, text: &str) {
    // Every kind of line break counts as `\n`.
    let mut rest = text;
    while let Some(at) = rest.find('\r') {
        hash.update(rest.get(..at).unwrap_or_default());
        hash.update("\n");
        let after = rest.get(at + 1..).unwrap_or_default();
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    hash.update(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;
    use crate::source::SourceId;

    fn of(text: &str) -> String {
        checksum(&Script::whole(SourceId(0), text.into()), Target::of(Engine::Postgres))
    }

    #[test]
    fn accepting_a_risk_is_no_edit() {
        let bare = of("a;\nDROP TABLE t;\nb;");
        assert_eq!(of("a;\n-- lockgate:ignore dropping-table: unused\nDROP TABLE t;\nb;"), bare);
        assert_eq!(of("a;\nDROP TABLE t; -- lockgate:ignore dropping-table: unused\nb;"), bare);
        assert_eq!(of("-- lockgate:ignore-file dropping-table: unused\n\na;\nDROP TABLE t;\nb;"), bare);
        assert_ne!(of("a;\n-- a word\nDROP TABLE t;\nb;"), bare);
    }

    #[test]
    fn line_ends_and_surrounding_space_do_not_count() {
        assert_eq!(of("a;\r\nb;\r\n"), of("  \n a;\nb;"));
        assert_eq!(of("a;\rb;"), of("a;\nb;"));
        assert_ne!(of("a;\nb;"), of("a; b;"));
        assert_eq!(of("").len(), 64);
    }
}
