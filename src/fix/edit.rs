//! Edits of a text: clauses and statements are taken out or replaced, everything else stays as it
//! was written, comments included.

use crate::source::Span;

/// What to put in place of which bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

impl Edit {
    pub fn insert(at: u32, text: impl Into<String>) -> Self {
        Edit { span: Span::new(at, at), text: text.into() }
    }

    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Edit { span, text: text.into() }
    }
}

/// The text with the edits done. Edits must not overlap; of those at one place the first comes first.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut order: Vec<&Edit> = edits.iter().collect();
    order.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len() + 128);
    let mut at = 0;
    for edit in order {
        let range = edit.span.range();
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(&edit.text);
        at = at.max(range.end);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// A stretch of the text with those edits done that lie in it.
pub fn excerpt(text: &str, span: Span, edits: &[Edit]) -> String {
    let inside = edits.iter().filter(|edit| span.contains(edit.span)).map(|edit| {
        let moved = Span::new(edit.span.start - span.start, edit.span.end - span.start);
        Edit { span: moved, text: edit.text.clone() }
    });
    apply(span.slice(text), &inside.collect::<Vec<_>>())
}

/// Takes a statement out, its semicolon included, and leaves a comment in its place.
pub fn leave(text: &str, statement: Span, note: &str) -> Edit {
    let mut span = statement;
    let rest = text.get(statement.end as usize..).unwrap_or_default();
    let blank = rest.len() - rest.trim_start().len();
    if rest.trim_start().starts_with(';') {
        span.end += u32::try_from(blank + 1).unwrap_or(0);
    }
    // A comment to the end of the line must not swallow what stands behind the statement.
    let behind = text.get(span.end as usize..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let comment = if behind.trim().is_empty() { format!("-- {note}") } else { format!("/* {note} */") };
    Edit::replace(span, comment)
}

/// Takes one clause out of a list, with the comma that parts it from its neighbour. Nothing when it
/// has no neighbour, or when something else than blanks stands between it and the comma.
pub fn without_clause(text: &str, clause: Span) -> Option<Edit> {
    let before = text.get(..clause.start as usize)?;
    let after = text.get(clause.end as usize..)?;
    if before.trim_end().ends_with(',') {
        let start = before.trim_end().len() - 1;
        return Some(Edit::replace(Span::new(u32::try_from(start).ok()?, clause.end), ""));
    }
    let rest = after.trim_start().strip_prefix(',')?;
    let end = text.len() - rest.trim_start().len();
    Some(Edit::replace(Span::new(clause.start, u32::try_from(end).ok()?), ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, part: &str) -> Span {
        let start = text.find(part).unwrap();
        Span::new(u32::try_from(start).unwrap(), u32::try_from(start + part.len()).unwrap())
    }

    #[test]
    fn a_statement_leaves_its_comments_where_they_are() {
        let text = "-- why\nDROP INDEX i ; -- really\nSELECT 1;";
        let gone = leave(text, span(text, "DROP INDEX i"), "see 2");
        assert_eq!(apply(text, &[gone]), "-- why\n/* see 2 */ -- really\nSELECT 1;");
        let text = "DROP INDEX i;\n";
        assert_eq!(apply(text, &[leave(text, span(text, "DROP INDEX i"), "see 2")]), "-- see 2\n");
    }

    #[test]
    fn a_clause_goes_with_one_comma() {
        let text = "ALTER TABLE t ADD a int, ADD UNIQUE (b),\n  ADD c int";
        let cut = |part: &str| apply(text, &[without_clause(text, span(text, part)).unwrap()]);
        assert_eq!(cut("ADD a int"), "ALTER TABLE t ADD UNIQUE (b),\n  ADD c int");
        assert_eq!(cut("ADD UNIQUE (b)"), "ALTER TABLE t ADD a int,\n  ADD c int");
        assert_eq!(cut("ADD c int"), "ALTER TABLE t ADD a int, ADD UNIQUE (b)");
        assert_eq!(without_clause("DROP x", Span::new(0, 6)), None);
    }
}
