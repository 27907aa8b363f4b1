//! One line per finding, for editors' error formats and for grep.

use std::io;

use super::{Report, text};

pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    for finding in report.findings {
        let label = &finding.primary;
        writeln!(
            out,
            "{}:{}:{}: {}[{}]: {}",
            text::path(&label.path),
            label.start.line,
            label.start.column,
            finding.severity,
            finding.rule,
            finding.message
        )?;
    }
    for problem in report.problems {
        let (line, column) = (problem.line.unwrap_or(1), problem.column.unwrap_or(1));
        writeln!(out, "{}:{line}:{column}: {}: {}", text::path(&problem.path), problem.severity, problem.message)?;
    }
    Ok(())
}
