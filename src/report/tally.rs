//! The same finding again and again across a history, read as one: by rule, and by table.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::Style;
use crate::finding::{Finding, Severity};

/// How often a rule spoke, and of what.
#[derive(Debug, Serialize)]
pub(super) struct RuleTally<'a> {
    pub rule: &'a str,
    /// The most severe of its findings.
    #[serde(serialize_with = "name_of")]
    pub severity: Severity,
    pub findings: u32,
    /// Tables as a rule; versions for what is said of a whole migration.
    pub objects: Vec<ObjectTally<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct ObjectTally<'a> {
    pub name: &'a str,
    pub findings: u32,
}

fn name_of<S: serde::Serializer>(severity: &Severity, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(severity.name())
}

/// The rules with what they spoke of, the loudest and most frequent first.
pub(super) fn tally(findings: &[Finding]) -> Vec<RuleTally<'_>> {
    let mut by_rule: BTreeMap<&str, (Severity, u32, BTreeMap<&str, u32>)> = BTreeMap::new();
    for finding in findings {
        let (severity, count, objects) = by_rule.entry(&finding.rule).or_insert((finding.severity, 0, BTreeMap::new()));
        *severity = finding.severity.max(*severity);
        *count += 1;
        if !finding.object.is_empty() {
            *objects.entry(&finding.object).or_default() += 1;
        }
    }
    let mut all: Vec<RuleTally<'_>> = by_rule
        .into_iter()
        .map(|(rule, (severity, findings, objects))| {
            let mut objects: Vec<_> = objects.into_iter().map(|(name, findings)| ObjectTally { name, findings }).collect();
            objects.sort_by_key(|object| std::cmp::Reverse(object.findings));
            RuleTally { rule, severity, findings, objects }
        })
        .collect();
    all.sort_by_key(|one| std::cmp::Reverse((one.severity, one.findings)));
    all
}

/// Fewer findings are seen at a glance.
const WORTH_IT: usize = 10;
/// So many tables are named for each rule.
const NAMED: usize = 4;

/// For people, above the last line: which findings come again and again. Nothing where none does.
pub(super) fn write(findings: &[Finding], style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let all = tally(findings);
    if findings.len() < WORTH_IT || all.iter().all(|one| one.findings < 3) {
        return Ok(());
    }
    writeln!(out, "{}", style.bold("by rule"))?;
    let width = all.iter().map(|one| one.rule.len()).max().unwrap_or(0);
    for one in &all {
        let named = one.objects.iter().take(NAMED).map(|object| match object.findings {
            1 => object.name.to_owned(),
            more => format!("{} ({more})", object.name),
        });
        let mut objects = named.collect::<Vec<_>>().join(", ");
        if let Some(more) = one.objects.len().checked_sub(NAMED).filter(|more| *more > 0) {
            objects.push_str(&format!(" and {more} more"));
        }
        let count = match one.severity {
            Severity::Error => style.red(&format!("{:>6}", one.findings)),
            Severity::Warning => style.yellow(&format!("{:>6}", one.findings)),
            Severity::Note => style.bold(&format!("{:>6}", one.findings)),
        };
        writeln!(out, "{count}  {:<width$}  {}", one.rule, style.dim(&objects))?;
    }
    writeln!(out)
}
