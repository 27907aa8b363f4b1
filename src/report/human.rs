//! For people: excerpts with labels, the safe way below, a summary at the end.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use codespan_reporting::diagnostic::{Diagnostic, Label as CodeLabel};
use codespan_reporting::files::SimpleFile;
use codespan_reporting::term::{Chars, Config, emit_to_write_style};
use rayon::prelude::*;

use super::style::AnsiWriter;
use super::tally;
use super::text::{self, counted};
use super::{Load, Report, Style, Summary};
use crate::finding::{Confidence, Finding, Label, Severity};

/// A line longer than this is cut in excerpts: minified SQL and data lines help nobody.
const LONGEST_LINE: usize = 400;

/// So many files are drawn side by side, unless one of them has [`MANY`] findings.
const WINDOW: usize = 64;
const MANY: usize = 200;

/// A run of findings in one file shares the loaded text, so that output stays linear in them.
struct Loaded {
    path: PathBuf,
    file: SimpleFile<String, Arc<str>>,
    has_long_lines: bool,
}

pub fn write(report: &Report<'_>, load: Load<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let files: Vec<&[Finding]> = report.findings.chunk_by(|a, b| a.primary.path == b.primary.path).collect();
    for window in files.chunks(WINDOW) {
        // What a window holds in memory stays small: a file with very many findings is written as it is read.
        if window.iter().any(|findings| findings.len() > MANY) {
            window.iter().try_for_each(|findings| write_file(findings, load, style, out))?;
            continue;
        }
        let drawn = |findings: &&[Finding]| {
            let mut bytes = Vec::new();
            write_file(findings, load, style, &mut bytes).map(|()| bytes)
        };
        let drawn: Vec<io::Result<Vec<u8>>> = window.par_iter().map(drawn).collect();
        for bytes in drawn {
            out.write_all(&bytes?)?;
        }
    }
    if report.include_suppressed {
        for finding in report.suppressed {
            let reason = finding.suppression.as_ref().and_then(|s| s.reason.as_deref()).unwrap_or("no reason given");
            let place = format!("{}:{}", text::path(&finding.primary.path), finding.primary.start.line);
            writeln!(out, "{} {}[{}] {} ({reason})", style.dim("accepted"), place, finding.rule, finding.message)?;
        }
    }
    for problem in report.problems {
        let head = match problem.severity {
            Severity::Error => style.red("error"),
            Severity::Warning => style.yellow("warning"),
            Severity::Note => style.bold("note"),
        };
        write!(out, "{head}: {}", style.bold(&problem.message))?;
        let place = match (problem.line, problem.column) {
            (Some(line), Some(column)) => format!("{}:{line}:{column}", text::path(&problem.path)),
            (Some(line), None) => format!("{}:{line}", text::path(&problem.path)),
            _ => text::path(&problem.path),
        };
        writeln!(out, "\n  {} {place}", style.dim("-->"))?;
        if let Some(help) = &problem.help {
            writeln!(out, "  {} {help}", style.dim("="))?;
        }
        writeln!(out)?;
    }
    let unreadable = report.problems.iter().filter(|problem| problem.fatal).count();
    tally::write(report.findings, style, out)?;
    write_summary(report.summary, unreadable, style, out)
}

/// The findings of one file.
fn write_file(findings: &[Finding], load: Load<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let file = findings.first().and_then(|first| load_file(&first.primary.path, load));
    findings.iter().try_for_each(|finding| write_finding(finding, file.as_ref(), style, out))
}

/// One finding as it would be shown, without colour; for `explain` and snapshots.
pub fn render_one(finding: &Finding, text: &Arc<str>) -> String {
    let mut bytes = Vec::new();
    let loaded = loaded(&finding.primary.path, Arc::clone(text));
    if write_finding(finding, Some(&loaded), Style::default(), &mut bytes).is_err() {
        return String::new();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn load_file(path: &Path, load: Load<'_>) -> Option<Loaded> {
    Some(loaded(path, load(path)?))
}

fn loaded(path: &Path, text: Arc<str>) -> Loaded {
    let has_long_lines = text.lines().any(|line| line.len() > LONGEST_LINE);
    Loaded { path: path.to_owned(), file: SimpleFile::new(text::path(path), text), has_long_lines }
}

fn write_finding(finding: &Finding, file: Option<&Loaded>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(file) = file else { return write_without_excerpt(finding, style, out) };
    let text = file.file.source();
    let labels: Vec<&Label> =
        std::iter::once(&finding.primary).chain(finding.related.iter().filter(|label| label.path == file.path)).collect();
    let shows = |label: &Label| {
        let range = label.span.range();
        text.get(range.clone()).is_some() && !(file.has_long_lines && on_long_line(text, range.start))
    };
    if !labels.iter().all(|label| shows(label)) {
        return write_without_excerpt(finding, style, out);
    }
    let severity = match finding.severity {
        Severity::Error => codespan_reporting::diagnostic::Severity::Error,
        Severity::Warning => codespan_reporting::diagnostic::Severity::Warning,
        Severity::Note => codespan_reporting::diagnostic::Severity::Note,
    };
    let labels = labels
        .into_iter()
        .enumerate()
        .map(|(index, label)| {
            let range = first_line(text, label.span.range());
            let made = if index == 0 { CodeLabel::primary((), range) } else { CodeLabel::secondary((), range) };
            made.with_message(label.message.as_str())
        })
        .collect();
    let diagnostic = Diagnostic::new(severity)
        .with_code(finding.rule.as_str())
        .with_message(finding.message.as_str())
        .with_labels(labels)
        .with_notes(notes(finding, &file.path));
    let mut config = Config::default();
    if style.ascii {
        config.chars = Chars::ascii();
    }
    let mut writer = AnsiWriter { out, colour: style.colour };
    emit_to_write_style(&mut writer, &config, &file.file, &diagnostic).map_err(|error| match error {
        codespan_reporting::files::Error::Io(error) => error,
        other => io::Error::other(other),
    })
}

/// Excerpts show one line: a label that spans several is cut at the first line's end.
fn first_line(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let end = text[range.clone()].find(['\n', '\r']).map_or(range.end, |at| range.start + at);
    range.start..end
}

/// Looks no further than matters: a file may be one line of many megabytes.
fn on_long_line(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let (head, tail) = bytes.split_at(at.min(bytes.len()));
    let is_within = |byte: &&u8| **byte != b'\n';
    let before = head.iter().rev().take_while(is_within).take(LONGEST_LINE + 1).count();
    let after = tail.iter().take_while(is_within).take(LONGEST_LINE + 1).count();
    before + after > LONGEST_LINE
}

fn notes(finding: &Finding, shown: &Path) -> Vec<String> {
    let mut notes = Vec::new();
    for label in finding.related.iter().filter(|label| label.path != shown) {
        notes.push(format!("{}:{}:{}: {}", text::path(&label.path), label.start.line, label.start.column, label.message));
    }
    if let Some(help) = &finding.help {
        notes.push(format!("help: {help}"));
    }
    notes.extend(finding.notes.iter().cloned());
    if finding.confidence == Confidence::Possible {
        notes.push("possible: the history does not settle it".to_owned());
    }
    if let Some(fix) = &finding.fix {
        notes.push(format!("fix: {} (lockgate lint --fix)", fix.title));
    }
    notes
}

fn write_without_excerpt(finding: &Finding, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let head = format!("{}[{}]", finding.severity, finding.rule);
    let head = match finding.severity {
        Severity::Error => style.red(&head),
        Severity::Warning => style.yellow(&head),
        Severity::Note => style.bold(&head),
    };
    let label = &finding.primary;
    writeln!(out, "{head}: {}", style.bold(&finding.message))?;
    writeln!(out, "  {} {}:{}:{}", style.dim("-->"), text::path(&label.path), label.start.line, label.start.column)?;
    for note in notes(finding, &label.path) {
        writeln!(out, "  {} {}", style.dim("="), note.replace('\n', "\n    "))?;
    }
    writeln!(out)
}

fn write_summary(summary: Summary, problems: usize, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let scope = format!("{}, {}", counted(summary.migrations, "migration"), counted(summary.statements, "statement"));
    let mut parts = Vec::new();
    if summary.errors > 0 {
        parts.push(style.red(&counted(summary.errors, "error")));
    }
    if summary.warnings > 0 {
        parts.push(style.yellow(&counted(summary.warnings, "warning")));
    }
    if summary.notes > 0 {
        parts.push(style.bold(&counted(summary.notes, "note")));
    }
    if problems > 0 {
        parts.push(style.red(&counted(u32::try_from(problems).unwrap_or(u32::MAX), "unreadable file")));
    }
    let verdict = if parts.is_empty() { style.green("nothing to report") } else { parts.join(", ") };
    let accepted = if summary.suppressed > 0 { format!(", {} accepted", summary.suppressed) } else { String::new() };
    writeln!(out, "{verdict}{accepted} ({scope})")
}
