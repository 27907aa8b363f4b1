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
    let text = script.text.as_ref();
    let start = text.len() - text.trim_start().len();
    let end = text.trim_end().len();
    let mut at = start;
    for range in directive_ranges(text, target) {
        feed(&mut hash, text.get(at..range.start.max(at)).unwrap_or_default());
        at = range.end.max(at);
    }
    feed(&mut hash, text.get(at..end.max(at)).unwrap_or_default());
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
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
    fn line_ends_and_surrounding_space_do_not_count() {
        assert_eq!(of("a;\r\nb;\r\n"), of("  \n a;\nb;"));
        assert_eq!(of("a;\rb;"), of("a;\nb;"));
        assert_ne!(of("a;\nb;"), of("a; b;"));
        assert_eq!(of("").len(), 64);
    }
}
