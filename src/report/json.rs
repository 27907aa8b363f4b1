//! The JSON that scripts and editors read. `version` changes when a field changes its meaning.

use std::io;

use serde::Serialize;

use super::tally::{RuleTally, tally};
use super::{Report, Summary, text};
use crate::finding::{Edit, Finding, Label, Problem, Safety};

#[derive(Serialize)]
struct Document<'a> {
    version: u8,
    findings: Vec<JsonFinding<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressed: Vec<JsonFinding<'a>>,
    problems: Vec<JsonProblem<'a>>,
    summary: JsonSummary<'a>,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    severity: &'a str,
    confidence: &'a str,
    message: &'a str,
    help: Option<&'a str>,
    path: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    statement_line: u32,
    /// The versions it holds on: `postgres@16`, `postgres@14..16`, `postgres@14,17..18`.
    engine: String,
    fix: Option<JsonFix<'a>>,
    related: Vec<JsonRelated<'a>>,
    notes: &'a [String],
    fingerprint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppression: Option<JsonSuppression<'a>>,
}

#[derive(Serialize)]
struct JsonSuppression<'a> {
    reason: Option<&'a str>,
    source: &'a str,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    safety: &'a str,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    start_byte: u32,
    end_byte: u32,
    text: &'a str,
}

#[derive(Serialize)]
struct JsonRelated<'a> {
    path: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    message: &'a str,
}

#[derive(Serialize)]
struct JsonProblem<'a> {
    severity: &'a str,
    path: String,
    line: Option<u32>,
    column: Option<u32>,
    message: &'a str,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonSummary<'a> {
    files: u32,
    migrations: u32,
    statements: u32,
    errors: u32,
    warnings: u32,
    notes: u32,
    suppressed: u32,
    /// What comes again and again, by rule and table.
    rules: Vec<RuleTally<'a>>,
}

pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let suppressed = if report.include_suppressed { report.suppressed } else { &[] };
    let document = Document {
        version: 1,
        findings: report.findings.iter().map(finding).collect(),
        suppressed: suppressed.iter().map(finding).collect(),
        problems: report.problems.iter().map(problem).collect(),
        summary: summary(report.summary, report.findings),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn finding(finding: &Finding) -> JsonFinding<'_> {
    let label = &finding.primary;
    JsonFinding {
        rule: &finding.rule,
        severity: finding.severity.name(),
        confidence: finding.confidence.name(),
        message: &finding.message,
        help: finding.help.as_deref(),
        path: text::path(&label.path),
        line: label.start.line,
        column: label.start.column,
        end_line: label.end.line,
        end_column: label.end.column,
        statement_line: finding.statement_line,
        engine: finding.engine.to_string(),
        fix: finding.fix.as_ref().map(|fix| JsonFix {
            title: &fix.title,
            safety: match fix.safety {
                Safety::Safe => "safe",
                Safety::Unsafe => "unsafe",
            },
            edits: fix.edits.iter().map(edit).collect(),
        }),
        related: finding.related.iter().map(related).collect(),
        notes: &finding.notes,
        fingerprint: &finding.fingerprint.0,
        suppression: finding.suppression.as_ref().map(|suppression| JsonSuppression {
            reason: suppression.reason.as_deref(),
            source: match suppression.source {
                crate::finding::SuppressionSource::Directive => "directive",
                crate::finding::SuppressionSource::Config => "config",
            },
        }),
    }
}

fn edit(edit: &Edit) -> JsonEdit<'_> {
    JsonEdit {
        line: edit.start.line,
        column: edit.start.column,
        end_line: edit.end.line,
        end_column: edit.end.column,
        start_byte: edit.span.start,
        end_byte: edit.span.end,
        text: &edit.text,
    }
}

fn related(label: &Label) -> JsonRelated<'_> {
    JsonRelated {
        path: text::path(&label.path),
        line: label.start.line,
        column: label.start.column,
        end_line: label.end.line,
        end_column: label.end.column,
        message: &label.message,
    }
}

fn problem(problem: &Problem) -> JsonProblem<'_> {
    JsonProblem {
        severity: problem.severity.name(),
        path: text::path(&problem.path),
        line: problem.line,
        column: problem.column,
        message: &problem.message,
        help: problem.help.as_deref(),
    }
}

fn summary(summary: Summary, findings: &[Finding]) -> JsonSummary<'_> {
    let Summary { files, migrations, statements, errors, warnings, notes, suppressed } = summary;
    JsonSummary { files, migrations, statements, errors, warnings, notes, suppressed, rules: tally(findings) }
}
