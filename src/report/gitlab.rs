//! GitLab Code Quality (a subset of the Code Climate format).

use std::io;

use serde_json::json;

use super::{Report, fingerprints, text};
use crate::finding::Severity;

pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let prints = fingerprints::unique(report.findings);
    let mut entries: Vec<_> = report
        .findings
        .iter()
        .zip(&prints)
        .map(|(finding, print)| {
            json!({
                // GitLab does not show check_name, so the rule stands in the description as well.
                "description": format!("{}: {}", finding.rule, text::with_help(finding)),
                "check_name": finding.rule,
                "fingerprint": print,
                "severity": match finding.severity {
                    Severity::Error => "critical",
                    Severity::Warning => "major",
                    Severity::Note => "info",
                },
                "location": {
                    "path": text::path(&finding.primary.path),
                    "lines": { "begin": finding.primary.start.line, "end": finding.primary.end.line },
                },
            })
        })
        .collect();
    entries.extend(report.problems.iter().map(|problem| {
        let path = text::path(&problem.path);
        json!({
            "description": problem.message,
            "check_name": "unreadable-file",
            "fingerprint": crate::finding::fingerprint("unreadable-file", &path, &problem.message, 0).0,
            "severity": "critical",
            "location": { "path": path, "lines": { "begin": problem.line.unwrap_or(1) } },
        })
    }));
    serde_json::to_writer_pretty(&mut *out, &entries)?;
    writeln!(out)
}
