//! Putting fixes into a text: non-overlapping edits, in one pass, the rest left for the next run.

use super::{Edit, Finding, Safety};

/// The text with the fixes applied, and how many were. A fix that overlaps an earlier one is left
/// out whole: running again gets it.
pub fn apply_fixes<'a>(text: &str, findings: impl IntoIterator<Item = &'a Finding>, unsafe_too: bool) -> (String, usize) {
    let mut taken: Vec<&Edit> = Vec::new();
    let mut applied = 0;
    for finding in findings {
        let Some(fix) = &finding.fix else { continue };
        if fix.edits.is_empty() || (fix.safety == Safety::Unsafe && !unsafe_too) {
            continue;
        }
        let fits = fix.edits.iter().all(|edit| text.get(edit.span.range()).is_some());
        // Two findings may ask for the same edit: once is enough.
        let asked_already = fix.edits.iter().all(|edit| taken.contains(&edit));
        let free = fix.edits.iter().all(|edit| taken.iter().all(|other| !overlap(edit, other)));
        if fits && free && !asked_already {
            taken.extend(&fix.edits);
            applied += 1;
        }
    }
    taken.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in taken {
        let range = edit.span.range();
        out.push_str(text.get(at..range.start).unwrap_or(""));
        out.push_str(&edit.text);
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    (out, applied)
}

/// Two insertions at one place have no order, so they count as overlapping.
fn overlap(a: &Edit, b: &Edit) -> bool {
    let (a, b) = (a.span, b.span);
    (a.start < b.end && b.start < a.end) || a.start == b.start
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::{Confidence, Fingerprint, Fix, Label, Severity};
    use super::*;
    use crate::engine::{Engine, Target};
    use crate::source::{Position, Span};

    fn finding(safety: Safety, edits: &[(u32, u32, &str)]) -> Finding {
        let at = Position { line: 1, column: 1 };
        let label = Label { path: PathBuf::from("a.sql"), span: Span::new(0, 0), start: at, end: at, message: String::new() };
        let edits =
            edits.iter().map(|(start, end, text)| Edit { span: Span::new(*start, *end), start: at, end: at, text: (*text).to_owned() });
        Finding {
            object: String::new(),
            rule: "r".to_owned(),
            severity: Severity::Error,
            confidence: Confidence::Certain,
            message: String::new(),
            primary: label,
            related: Vec::new(),
            help: None,
            notes: Vec::new(),
            fix: Some(Fix { title: String::new(), safety, edits: edits.collect() }),
            fingerprint: Fingerprint(String::new()),
            statement_line: 1,
            engine: Target::of(Engine::Sqlite).into(),
            suppression: None,
        }
    }

    #[test]
    fn applies_in_order_and_leaves_overlaps_out() {
        let findings = [
            finding(Safety::Safe, &[(6, 6, "B ")]),
            finding(Safety::Safe, &[(0, 0, "A ")]),
            finding(Safety::Safe, &[(4, 7, "overlaps")]),
            finding(Safety::Unsafe, &[(9, 10, "!")]),
        ];
        assert_eq!(apply_fixes("hello world", &findings, false), ("A hello B world".to_owned(), 2));
        assert_eq!(apply_fixes("hello world", &findings, true), ("A hello B wor!d".to_owned(), 3));
    }
}
