//! Findings into bytes: one file per format. Nothing here knows how a finding came about.

mod concise;
mod fingerprints;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod rdjson;
mod sarif;
mod style;
mod tally;
mod text;

pub use human::render_one;
pub use style::Style;

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::finding::{Finding, Problem, Severity};

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Source excerpts with labels, for people.
    Human,
    /// One line per finding: `path:line:column: severity[rule]: message`.
    Concise,
    /// One JSON document, for editors and scripts.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// GitHub workflow annotations.
    Github,
    /// GitLab Code Quality.
    Gitlab,
    /// JUnit XML.
    Junit,
    /// reviewdog's diagnostic format.
    Rdjson,
}

/// What a report is made from.
#[derive(Debug)]
pub struct Report<'a> {
    /// Not suppressed ones first in place: sorted by path, then position.
    pub findings: &'a [Finding],
    /// Findings that were accepted, for formats that show them.
    pub suppressed: &'a [Finding],
    /// Files and migrations that could not be read.
    pub problems: &'a [Problem],
    /// The rules that were checked, for SARIF.
    pub rules: &'a [RuleInfo],
    pub summary: Summary,
    pub include_suppressed: bool,
}

/// A rule as reports describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInfo {
    pub id: String,
    pub category: String,
    pub severity: Severity,
    /// One sentence.
    pub summary: String,
    /// The prose, Markdown.
    pub help: String,
    pub url: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    pub files: u32,
    pub migrations: u32,
    pub statements: u32,
    pub errors: u32,
    pub warnings: u32,
    pub notes: u32,
    pub suppressed: u32,
}

impl Summary {
    /// Counts the findings by severity.
    pub fn count(&mut self, findings: &[Finding]) {
        for finding in findings {
            let counter = match finding.severity {
                Severity::Error => &mut self.errors,
                Severity::Warning => &mut self.warnings,
                Severity::Note => &mut self.notes,
            };
            *counter += 1;
        }
    }
}

/// Reads a file's text for excerpts; `None` when it cannot be had any more.
pub type Load<'a> = &'a (dyn Fn(&Path) -> Option<Arc<str>> + Sync);

/// Writes the report.
pub fn write(format: Format, report: &Report<'_>, load: Load<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        Format::Human => human::write(report, load, style, out),
        Format::Concise => concise::write(report, out),
        Format::Json => json::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Github => github::write(report, out),
        Format::Gitlab => gitlab::write(report, out),
        Format::Junit => junit::write(report, out),
        Format::Rdjson => rdjson::write(report, out),
    }
}
