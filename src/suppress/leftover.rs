//! Directives that suppress nothing, name no rule, or give no reason.

use std::path::Path;

use super::cover::{Cover, NamedRule, Placed};
use super::{RuleNames, Suppressions, UNEXPLAINED, UNKNOWN, UNUSED};
use crate::engine::Target;
use crate::finding::{Confidence, Edit, Finding, Fix, Label, Safety, fingerprint};
use crate::source::{Position, Span};
use crate::text::closest;

impl Suppressions {
    /// What there is to say about the directives themselves, after [`Suppressions::apply`].
    pub fn leftovers(&self, rules: &dyn RuleNames, engine: Target) -> Vec<Finding> {
        let mut findings = Vec::new();
        for directive in &self.directives {
            let mut report = Report { rules, engine, findings: &mut findings };
            report.directive(directive);
        }
        findings
    }
}

/// So many names of one directive are looked at.
const MOST_NAMES: usize = 32;

/// Makes the findings about one acceptance, in a migration or in the configuration.
pub(super) struct Report<'a> {
    pub rules: &'a dyn RuleNames,
    pub engine: Target,
    pub findings: &'a mut Vec<Finding>,
}

impl Report<'_> {
    fn directive(&mut self, directive: &Placed) {
        if let Some(word) = &directive.bad_word {
            let help =
                "write `lockgate:ignore RULE: reason` above the statement, or `lockgate:ignore-file RULE: reason` above the first one";
            self.push(UNKNOWN, word, "", &directive.text, "Lockgate does not know this directive", Some(help.to_owned()), None);
            return;
        }
        if directive.rules.is_empty() {
            let help = "name the rule: a directive never accepts everything";
            self.push(UNKNOWN, &directive.label, "", &directive.text, "this directive names no rule", Some(help.to_owned()), None);
        }
        // A comment that names hundreds of rules is a text that happens to begin like a directive.
        for named in directive.rules.iter().take(MOST_NAMES) {
            match self.rules.canonical(&named.id) {
                None => self.unknown(&named.id, &named.label, &directive.text),
                Some(id) if !named.used && self.rules.ran(id, &directive.label.path) => {
                    let (message, help) = unused(directive, &named.id);
                    let fix = removal_fix(directive, named, self.rules);
                    self.push(UNUSED, &named.label, &named.id, &directive.text, &message, Some(help), fix);
                }
                Some(_) => {}
            }
        }
        if directive.reason.is_none() && directive.rules.iter().any(|named| self.rules.canonical(&named.id).is_some()) {
            let help = "say after a colon why this is safe here, as in `: 200 rows, no traffic at night`";
            self.push(UNEXPLAINED, &directive.label, "", &directive.text, "this acceptance gives no reason", Some(help.to_owned()), None);
        }
    }

    /// A name no rule has, with the likely one as a fix.
    pub(super) fn unknown(&mut self, id: &str, label: &Label, text: &str) {
        let near = closest(id, self.rules.all()).map(str::to_owned);
        let help = match &near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`lockgate rules` lists the rules; a reason goes after a colon".to_owned(),
        };
        let fix = near.filter(|_| !label.span.is_empty()).map(|near| Fix {
            title: format!("write `{near}`"),
            safety: Safety::Unsafe,
            edits: vec![Edit { span: label.span, start: label.start, end: label.end, text: near }],
        });
        self.push(UNKNOWN, label, id, text, &format!("there is no rule `{id}`"), Some(help), fix);
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn push(
        &mut self,
        rule: &str,
        label: &Label,
        object: &str,
        text: &str,
        message: &str,
        help: Option<String>,
        fix: Option<Fix>,
    ) {
        let Some(severity) = self.rules.severity(rule, &label.path) else { return };
        self.findings.push(Finding {
            object: String::new(),
            rule: rule.to_owned(),
            severity,
            confidence: Confidence::Certain,
            message: message.to_owned(),
            primary: label.clone(),
            related: Vec::new(),
            help,
            notes: Vec::new(),
            fix,
            fingerprint: fingerprint(rule, object, text, 0),
            statement_line: label.start.line,
            engine: self.engine.into(),
            suppression: None,
        });
    }
}

fn unused(directive: &Placed, id: &str) -> (String, String) {
    match directive.covers {
        Cover::TooLate => (
            format!("this accepts `{id}` for the file, but stands below the first statement, where it does nothing"),
            "move it above the first statement".to_owned(),
        ),
        Cover::Nothing => (
            format!("no statement follows for which `{id}` could be accepted"),
            "delete it, or move it above the statement it is meant for".to_owned(),
        ),
        Cover::Statement(_) => (format!("`{id}` does not report this statement"), "delete it: it would hide a later mistake".to_owned()),
        Cover::File => (format!("`{id}` reports nothing in this file"), "delete it: it would hide a later mistake".to_owned()),
    }
}

/// Deletes the id, or the whole comment when no other id in it is of use.
fn removal_fix(directive: &Placed, named: &NamedRule, rules: &dyn RuleNames) -> Option<Fix> {
    let whole = directive.removal.as_ref()?;
    let path: &Path = &directive.label.path;
    let useless = |rule: &NamedRule| !rule.used && rules.canonical(&rule.id).is_some_and(|id| rules.ran(id, path));
    let deletion = |from: (Span, Position), to: (Span, Position)| Edit {
        span: Span::new(from.0.start, to.0.end),
        start: from.1,
        end: to.1,
        text: String::new(),
    };
    let comment = deletion((whole.span, whole.start), (whole.span, whole.end));
    let edit = if directive.rules.iter().all(useless) {
        // One comment, one edit: the others would overlap it.
        if directive.rules.first().is_some_and(|first| first.label.span != named.label.span) {
            return None;
        }
        comment
    } else {
        let at = directive.rules.iter().position(|rule| rule.label.span == named.label.span)?;
        let own = &named.label;
        // With the comma and blanks between it and its neighbour.
        match (at.checked_sub(1).and_then(|before| directive.rules.get(before)), directive.rules.get(at + 1)) {
            (_, Some(next)) => {
                let end = Span::new(own.span.start, next.label.span.start);
                deletion((own.span, own.start), (end, next.label.start))
            }
            (Some(before), None) => {
                let start = Span::new(before.label.span.end, own.span.end);
                deletion((start, before.label.end), (own.span, own.end))
            }
            (None, None) => comment,
        }
    };
    let title = format!("delete the unused `{}`", named.id);
    Some(Fix { title, safety: Safety::Safe, edits: vec![edit] })
}
