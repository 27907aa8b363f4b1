//! Marker lines and the stretches between them, for systems that keep up and down in one file.

use crate::source::Span;

/// One line of a text, without its line break.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub text: &'a str,
    pub span: Span,
    /// Where the next line starts.
    pub next: u32,
}

/// The lines of a text; `\n`, `\r\n` and a lone `\r` end one. The first is given without the three
/// blanks that stand for a byte order mark.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut at = 0usize;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let mark = if at == 0 && rest.get(..length)?.starts_with("   ") { 3 } else { 0 };
        let line = rest.get(mark..length)?;
        let after = rest.get(length..)?;
        let break_length = if after.starts_with("\r\n") { 2 } else { after.len().min(1) };
        let span = Span::new(offset(at + mark), offset(at + length));
        at += length + break_length;
        Some(Line { text: line, span, next: offset(at) })
    })
}

pub(crate) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The text with everything outside the sections blanked; line breaks stay, offsets hold.
pub(crate) fn keep(text: &str, sections: &[Span]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut at = 0usize;
    for section in sections {
        let (start, end) = (section.start as usize, (section.end as usize).min(text.len()));
        blank(text.get(at..start.max(at)).unwrap_or_default(), &mut kept);
        kept.push_str(text.get(start.max(at)..end).unwrap_or_default());
        at = end.max(at);
    }
    blank(text.get(at..).unwrap_or_default(), &mut kept);
    kept
}

/// A first section together with the comments above its marker: they belong to the file's first
/// script, and may hold directives.
pub(crate) fn with_header(text: &str, section: Span) -> Span {
    let header = Span::new(0, section.start);
    if statement_in(header.slice(text)) { section } else { header.to(section) }
}

fn blank(text: &str, into: &mut String) {
    into.extend(text.bytes().map(|byte| if byte == b'\n' || byte == b'\r' { char::from(byte) } else { ' ' }));
}

/// Whether a text holds anything but white space, comments and semicolons. An executable comment
/// (`/*! */`) is a statement.
pub(crate) fn statement_in(text: &str) -> bool {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
        if rest.is_empty() {
            return false;
        }
        if rest.starts_with("--") || rest.starts_with('#') {
            rest = rest.find(['\n', '\r']).and_then(|at| rest.get(at..)).unwrap_or_default();
        } else if rest.starts_with("/*") && !rest.starts_with("/*!") && !rest.starts_with("/*M!") {
            rest = rest.get(comment_length(rest)..).unwrap_or_default();
        } else {
            return true;
        }
    }
}

/// The length of the block comment a text starts with; comments nest.
fn comment_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0usize);
    while let Some(pair) = bytes.get(at..at + 2) {
        match pair {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_break_ends_a_line() {
        let found: Vec<_> = lines("a\r\nb\rc\n\nd").map(|line| (line.text, line.span.start, line.next)).collect();
        assert_eq!(found, [("a", 0, 3), ("b", 3, 5), ("c", 5, 7), ("", 7, 8), ("d", 8, 9)]);
    }

    #[test]
    fn keeping_sections_keeps_offsets() {
        assert_eq!(keep("é1\nb2\nc3", &[Span::new(0, 3), Span::new(7, 8)]), "é1\n  \nc ");
        assert_eq!(keep("abc", &[]), "   ");
    }

    #[test]
    fn comments_are_no_statements() {
        assert!(!statement_in(" -- x\n/* a /* b */ */ ; # y"));
        assert!(!statement_in("/* open"));
        assert!(statement_in("-- x\nSELECT 1"));
        assert!(statement_in("/*!40101 SET x=1 */"));
    }
}
