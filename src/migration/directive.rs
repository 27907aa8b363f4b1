//! Lockgate's own comments: `lockgate:ignore rule-id[, rule-id]: reason`. Their grammar is here, to
//! the left of `suppress`, because a checksum leaves them out.

use std::ops::Range;

use super::TransactionMode;
use crate::engine::Target;
use crate::source::Span;

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
    /// `irreversible: why`, in a way back without a statement: there is none. It accepts nothing.
    Irreversible,
    /// `transaction none` or `transaction per-migration`, on top of a plain SQL file: how it is
    /// wrapped. It accepts nothing.
    Transaction,
}

impl DirectiveScope {
    pub fn word(self) -> &'static str {
        match self {
            DirectiveScope::Statement => "ignore",
            DirectiveScope::File => "ignore-file",
            DirectiveScope::Irreversible => "irreversible",
            DirectiveScope::Transaction => "transaction",
        }
    }
}

const PREFIX: &str = "lockgate:";

impl Directive {
    /// Reads a comment's text (without its markers); `None` when it is not addressed to Lockgate.
    pub fn parse(comment: &str) -> Option<Directive> {
        let start = comment.len() - comment.trim_start().len();
        if !comment.get(start..)?.starts_with(PREFIX) {
            return None;
        }
        let mut at = start + PREFIX.len();
        at += leading_space(comment, at);
        let rest = comment.get(at..)?;
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(rest.len());
        let word = at..at + length;
        let scope = [DirectiveScope::Statement, DirectiveScope::File, DirectiveScope::Irreversible, DirectiveScope::Transaction]
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

/// What the comments on top of a file say about its transaction: `-- lockgate:transaction none`.
/// The span is the line's.
pub(crate) fn transaction_directive(text: &str) -> Option<(TransactionMode, Span)> {
    for line in super::section::lines(text) {
        let words = line.text.trim();
        let Some(comment) = words.strip_prefix("--") else {
            if words.is_empty() {
                continue;
            }
            return None;
        };
        let Some(found) = Directive::parse(comment.trim()).filter(|found| found.scope == Some(DirectiveScope::Transaction)) else {
            continue;
        };
        let comment = comment.trim();
        let mode = match found.rules.first().and_then(|word| comment.get(word.clone())) {
            Some("none") => TransactionMode::None,
            Some("per-migration") => TransactionMode::PerMigration,
            _ => continue,
        };
        return Some((mode, line.span));
    }
    None
}

/// Where a way back says that there is none: `-- lockgate:irreversible: the rows are gone`.
pub(crate) fn irreversible(text: &str) -> Option<Span> {
    let declares = |comment: &str| Directive::parse(comment).is_some_and(|found| found.scope == Some(DirectiveScope::Irreversible));
    super::section::lines(text).find(|line| line.text.trim().strip_prefix("--").is_some_and(declares)).map(|line| line.span)
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

/// The stretches of a text that are directives: the comment with the blanks before it, and its
/// whole line when nothing else stands there.
pub(crate) fn directive_ranges(text: &str, target: Target) -> Vec<Range<usize>> {
    // Cutting a script costs more than hashing it; nearly all have no directive.
    if !text.contains(PREFIX) {
        return Vec::new();
    }
    let comments = crate::sql::split(text, target).comments;
    let directives = comments.iter().filter(|comment| Directive::parse(&comment.text).is_some());
    directives.map(|comment| removal(text, comment.span)).collect()
}

/// What goes when a comment is taken out of a text.
pub fn removal(text: &str, comment: Span) -> Range<usize> {
    let Range { start, end } = comment.range();
    // The `\r` of a line break may count as the comment's.
    let mut end = start + text.get(start..end).map_or(0, |comment| comment.trim_end().len());
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    let indented = before.trim_end_matches([' ', '\t']);
    let rest = after.trim_start_matches([' ', '\t']);
    let own_line = indented.is_empty() || indented.ends_with(['\n', '\r']);
    let ends_line = rest.is_empty() || rest.starts_with(['\n', '\r']);
    match (own_line, ends_line) {
        (true, true) => {
            end = text.len() - rest.len();
            end += if rest.starts_with("\r\n") { 2 } else { rest.len().min(1) };
            indented.len()..end
        }
        (false, true) => indented.len()..end,
        // Between two words one blank must stay.
        (true, false) | (false, false) => start..text.len() - rest.len(),
    }
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
    fn taking_a_directive_out_leaves_what_was_there_before() {
        for (with, without) in [
            ("a;\n  -- lockgate:ignore x: y\nb;", "a;\nb;"),
            ("a; -- lockgate:ignore x: y\r\nb;", "a;\r\nb;"),
            ("-- lockgate:ignore x: y", ""),
            ("a /* lockgate:ignore x: y */ b;", "a b;"),
            ("/* lockgate:ignore x:\n y */\r\nb;", "b;"),
        ] {
            let mut text = with.to_owned();
            for range in directive_ranges(with, Target::of(crate::engine::Engine::Postgres)).into_iter().rev() {
                text.replace_range(range, "");
            }
            assert_eq!(text, without);
        }
    }

    #[test]
    fn a_directive_in_a_string_is_none() {
        assert!(directive_ranges("SELECT '-- lockgate:ignore x: y'", Target::of(crate::engine::Engine::Postgres)).is_empty());
    }

    #[test]
    fn what_is_missing_is_seen() {
        assert_eq!(Directive::parse("lockgate:ignore-file dropping-table:  ").unwrap().reason, None);
        assert_eq!(ids("lockgate:ignore : because"), Vec::<&str>::new());
        assert_eq!(Directive::parse("lockgate:ingore x: y").unwrap().scope, None);
        assert_eq!(Directive::parse("lockgatex"), None);
        assert_eq!(Directive::parse("see lockgate:ignore x: y"), None);
        assert_eq!(Directive::parse("lockgate: IGNORE x: y").unwrap().scope, Some(DirectiveScope::Statement));
        assert_eq!(Directive::parse("é"), None);
    }
}
