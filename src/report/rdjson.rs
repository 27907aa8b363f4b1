//! reviewdog's Diagnostic Format, with fixes as suggestions.

use std::io;

use serde_json::json;

use super::{Report, text};
use crate::finding::Severity;
use crate::source::Position;

pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let range = |start: Position, end: Position| {
        json!({
            "start": { "line": start.line, "column": start.column },
            "end": { "line": end.line, "column": end.column },
        })
    };
    let diagnostics: Vec<_> = report
        .findings
        .iter()
        .map(|finding| {
            let suggestions: Vec<_> = finding
                .fix
                .iter()
                .flat_map(|fix| &fix.edits)
                .map(|edit| json!({ "range": range(edit.start, edit.end), "text": edit.text }))
                .collect();
            json!({
                "message": text::with_help(finding),
                "location": {
                    "path": text::path(&finding.primary.path),
                    "range": range(finding.primary.start, finding.primary.end),
                },
                "severity": match finding.severity {
                    Severity::Error => "ERROR",
                    Severity::Warning => "WARNING",
                    Severity::Note => "INFO",
                },
                "code": { "value": finding.rule },
                "suggestions": suggestions,
            })
        })
        .collect();
    let document = json!({ "source": { "name": "lockgate" }, "diagnostics": diagnostics });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
