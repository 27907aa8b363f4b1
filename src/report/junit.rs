//! JUnit XML: a test suite per file, a failed case per finding, one passing case for a clean run.

use std::io;

use super::{Report, text};

pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let failures = report.findings.len();
    let errors = report.problems.len();
    let tests = (failures + errors).max(1);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<testsuites name="lockgate" tests="{tests}" failures="{failures}" errors="{errors}">"#)?;
    let mut rest = report.findings;
    while let Some(first) = rest.first() {
        let path = &first.primary.path;
        let here = rest.iter().take_while(|finding| finding.primary.path == *path).count();
        let (suite, later) = rest.split_at(here);
        rest = later;
        let name = escape(&text::path(path));
        writeln!(out, r#"  <testsuite name="{name}" tests="{here}" failures="{here}" errors="0">"#)?;
        for finding in suite {
            let label = &finding.primary;
            writeln!(
                out,
                r#"    <testcase classname="{name}" name="{} at line {}" file="{name}" line="{}">"#,
                escape(&finding.rule),
                label.start.line,
                label.start.line
            )?;
            writeln!(
                out,
                r#"      <failure type="{}" message="{}">{}</failure>"#,
                finding.severity,
                escape(&finding.message),
                escape(&text::with_help(finding))
            )?;
            writeln!(out, "    </testcase>")?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    if !report.problems.is_empty() {
        writeln!(out, r#"  <testsuite name="unreadable files" tests="{errors}" failures="0" errors="{errors}">"#)?;
        for problem in report.problems {
            let name = escape(&text::path(&problem.path));
            writeln!(out, r#"    <testcase classname="{name}" name="read" file="{name}">"#)?;
            writeln!(out, r#"      <error message="{}"/>"#, escape(&problem.message))?;
            writeln!(out, "    </testcase>")?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    if failures + errors == 0 {
        writeln!(out, r#"  <testsuite name="lockgate" tests="1" failures="0" errors="0">"#)?;
        writeln!(out, r#"    <testcase classname="lockgate" name="{}"/>"#, text::counted(report.summary.migrations, "migration"))?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// XML 1.0 has no way to write most control characters: they are left out.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push('\t'),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
