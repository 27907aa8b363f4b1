//! `[[ignore]]` in `lockgate.toml`: acceptances for files that must not change any more.

use std::path::{Path, PathBuf};

use globset::GlobSet;

use super::leftover::Report;
use super::{RuleNames, UNEXPLAINED, UNUSED};
use crate::engine::Target;
use crate::finding::{Finding, Label, Suppression, SuppressionSource};

/// One `[[ignore]]`.
#[derive(Debug, Clone)]
pub struct Ignore {
    /// The `path` as written.
    pub pattern: String,
    pub paths: GlobSet,
    /// Where the entry stands in the configuration.
    pub label: Label,
    /// Rule ids, each with its place.
    pub rules: Vec<(String, Label)>,
    pub reason: Option<String>,
}

/// All of them, and which have been of use.
#[derive(Debug, Clone, Default)]
pub struct IgnoreList {
    items: Vec<Ignore>,
    /// By item and rule.
    used: Vec<Vec<bool>>,
}

impl IgnoreList {
    pub fn new(items: Vec<Ignore>) -> Self {
        let used = items.iter().map(|item| vec![false; item.rules.len()]).collect();
        IgnoreList { items, used }
    }

    /// Marks every finding that an entry accepts. `matched` turns a finding's path into the one the
    /// globs are written for.
    pub fn apply(&mut self, findings: &mut [Finding], rules: &dyn RuleNames, matched: &dyn Fn(&Path) -> PathBuf) {
        for (item, used) in self.items.iter().zip(&mut self.used) {
            for ((id, _), used) in item.rules.iter().zip(used) {
                let Some(id) = rules.canonical(id) else { continue };
                for finding in
                    findings.iter_mut().filter(|finding| finding.rule == id && item.paths.is_match(matched(&finding.primary.path)))
                {
                    *used = true;
                    let accepted = Suppression { reason: item.reason.clone(), source: SuppressionSource::Config };
                    finding.suppression.get_or_insert(accepted);
                }
            }
        }
    }

    /// What there is to say about the entries themselves. An entry counts as unused only when a
    /// file it names was looked at: `linted` are those files' paths.
    pub fn leftovers(&self, rules: &dyn RuleNames, engine: Target, linted: &[PathBuf], matched: &dyn Fn(&Path) -> PathBuf) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut report = Report { rules, engine, findings: &mut findings };
        for (item, used) in self.items.iter().zip(&self.used) {
            let files: Vec<&PathBuf> = linted.iter().filter(|path| item.paths.is_match(matched(path))).collect();
            for ((id, label), used) in item.rules.iter().zip(used) {
                match rules.canonical(id) {
                    None => report.unknown(id, label, &item.pattern),
                    Some(known) if !used && files.iter().any(|file| rules.ran(known, file)) => {
                        let message = format!("`{id}` reports nothing in `{}`", item.pattern);
                        let help = "delete it: it would hide a later mistake".to_owned();
                        report.push(UNUSED, label, id, &item.pattern, &message, Some(help), None);
                    }
                    Some(_) => {}
                }
            }
            if item.reason.is_none() {
                let help = "add `reason = \"...\"`: why is this safe here?".to_owned();
                report.push(UNEXPLAINED, &item.label, "", &item.pattern, "this acceptance gives no reason", Some(help), None);
            }
        }
        findings
    }

    pub fn items(&self) -> &[Ignore] {
        &self.items
    }
}
