//! GitHub workflow commands. GitHub shows ten errors and ten warnings per step, so the worst come
//! first and everything is printed in the log as well.

use std::io;

use super::{Report, text};
use crate::finding::Severity;

pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut order: Vec<_> = report.findings.iter().collect();
    order.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    for finding in order {
        let level = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let label = &finding.primary;
        // GitHub takes columns only for a range within one line.
        let columns = if label.start.line == label.end.line {
            format!(",col={},endColumn={}", label.start.column, label.end.column)
        } else {
            String::new()
        };
        writeln!(
            out,
            "::{level} file={},line={},endLine={}{columns},title={}::{}",
            property(&text::path(&label.path)),
            label.start.line,
            label.end.line,
            property(&finding.rule),
            data(&text::with_help(finding))
        )?;
    }
    for problem in report.problems {
        writeln!(
            out,
            "::error file={},line={},title=lockgate::{}",
            property(&text::path(&problem.path)),
            problem.line.unwrap_or(1),
            data(&problem.message)
        )?;
    }
    let summary = report.summary;
    writeln!(
        out,
        "lockgate: {}, {}, {}",
        text::counted(summary.errors, "error"),
        text::counted(summary.warnings, "warning"),
        text::counted(summary.notes, "note")
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
