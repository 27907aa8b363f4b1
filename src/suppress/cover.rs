//! Directives in comments, and what each of them covers.

use std::path::PathBuf;

use crate::finding::{Finding, Label, Suppression, SuppressionSource};
use crate::migration::{Directive, DirectiveScope, removal};
use crate::source::{Script, Sources, Span, SpanMap};
use crate::sql::Comment;

/// The directives of one migration's scripts.
#[derive(Debug, Default)]
pub struct Suppressions {
    pub(super) directives: Vec<Placed>,
}

/// A directive where it stands.
#[derive(Debug)]
pub(super) struct Placed {
    /// The comment.
    pub label: Label,
    pub text: String,
    pub covers: Cover,
    /// `lockgate:ingore`: the word that was meant to be one.
    pub bad_word: Option<Label>,
    pub rules: Vec<NamedRule>,
    pub reason: Option<String>,
    /// What goes when the directive is deleted; none in code, where the comment is not SQL's.
    pub removal: Option<Label>,
}

/// A rule id in a directive.
#[derive(Debug)]
pub(super) struct NamedRule {
    pub id: String,
    pub label: Label,
    pub used: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cover {
    /// Bytes of the file.
    Statement(Span),
    File,
    /// No statement follows.
    Nothing,
    /// `ignore-file` below the first statement.
    TooLate,
}

impl Suppressions {
    /// Takes in one script: its comments, and the spans of its statements in the script, in order.
    pub fn read(&mut self, sources: &Sources, script: &Script, comments: &[Comment], statements: &[Span]) {
        let Some(file) = sources.get(script.source) else { return };
        let path = PathBuf::from(file.display_path());
        let label = |span: Span| {
            let located = script.locate(span).span;
            let (start, end) = (file.position(located.start), file.position(located.end));
            Label { path: path.clone(), span: located, start, end, message: String::new() }
        };
        for comment in comments {
            let Some(directive) = Directive::parse(&comment.text) else { continue };
            if matches!(directive.scope, Some(DirectiveScope::Transaction | DirectiveScope::Irreversible)) {
                continue;
            }
            let raw = comment.span.slice(&script.text);
            let base = comment.span.start as usize + raw.find(comment.text.as_str()).unwrap_or(0);
            let inner = |range: &std::ops::Range<usize>| {
                let at = |offset: usize| u32::try_from(base + offset).unwrap_or(u32::MAX);
                Span::new(at(range.start), at(range.end))
            };
            let covers = match directive.scope {
                Some(DirectiveScope::File) if statements.first().is_some_and(|first| first.start < comment.span.start) => Cover::TooLate,
                Some(DirectiveScope::File) => Cover::File,
                Some(DirectiveScope::Statement) => match covered(&script.text, comment, statements) {
                    Some(statement) => Cover::Statement(script.locate(statement).span),
                    None => Cover::Nothing,
                },
                Some(DirectiveScope::Transaction | DirectiveScope::Irreversible) | None => Cover::Nothing,
            };
            let rules = directive.rules.iter().map(|range| NamedRule {
                id: comment.text.get(range.clone()).unwrap_or_default().to_owned(),
                label: label(inner(range)),
                used: false,
            });
            let plain = matches!(script.map, SpanMap::Same);
            // A script may be one section of its file, with the others blanked: the file decides.
            let range = removal(&file.text, comment.span);
            let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
            let range = label(Span::new(at(range.start), at(range.end)));
            self.directives.push(Placed {
                label: label(comment.span),
                text: comment.text.clone(),
                covers,
                bad_word: directive.scope.is_none().then(|| label(inner(&directive.word))),
                rules: rules.collect(),
                reason: directive.reason,
                removal: plain.then_some(range),
            });
        }
    }

    pub fn is_empty(&self) -> bool {
        self.directives.is_empty()
    }

    /// Marks every finding that a directive covers. A rule may be named by an old name.
    pub fn apply(&mut self, findings: &mut [Finding], rules: &dyn super::RuleNames) {
        for directive in &mut self.directives {
            for named in &mut directive.rules {
                let Some(id) = rules.canonical(&named.id) else { continue };
                for finding in findings.iter_mut().filter(|finding| finding.rule == id && finding.primary.path == directive.label.path) {
                    let covered = match directive.covers {
                        Cover::Statement(statement) => {
                            statement.start <= finding.primary.span.start && finding.primary.span.start <= statement.end
                        }
                        Cover::File => true,
                        Cover::Nothing | Cover::TooLate => false,
                    };
                    if covered {
                        named.used = true;
                        let accepted = Suppression { reason: directive.reason.clone(), source: SuppressionSource::Directive };
                        finding.suppression.get_or_insert(accepted);
                    }
                }
            }
        }
    }
}

/// The statement a comment speaks about: the one it stands in, the one before it on its line, else
/// the next.
fn covered(text: &str, comment: &Comment, statements: &[Span]) -> Option<Span> {
    let next = statements.partition_point(|statement| statement.start < comment.span.start);
    let before = next.checked_sub(1).and_then(|at| statements.get(at));
    if let Some(before) = before {
        let between = text.get(before.end as usize..comment.span.start as usize);
        if before.end > comment.span.start || between.is_some_and(|between| !between.contains(['\n', '\r'])) {
            return Some(*before);
        }
    }
    statements.get(next).copied()
}
