//! SARIF 2.1.0. The only file that knows `serde-sarif`.
//!
//! Accepted findings are left out unless asked for: GitHub ignores `suppressions` and would open
//! an alert for each.

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};
use serde_sarif::sarif;

use super::{Report, RuleInfo, fingerprints, text};
use crate::finding::{Confidence, Edit, Finding, Label, Severity};
use crate::source::Position;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const HOME: &str = "https://github.com/lockgate/lockgate";
/// GitHub's limit for descriptions, in characters.
const LONGEST_DESCRIPTION: usize = 1024;

pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let driver = sarif::ToolComponent::builder()
        .name("Lockgate")
        .information_uri(HOME)
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(report.rules.iter().map(rule).collect::<Vec<_>>())
        .build();
    let prints = fingerprints::unique(report.findings);
    let mut results: Vec<_> = report.findings.iter().zip(&prints).map(|(finding, print)| result(finding, print, report.rules)).collect();
    if report.include_suppressed {
        let prints = fingerprints::unique(report.suppressed);
        results.extend(report.suppressed.iter().zip(&prints).map(|(finding, print)| result(finding, print, report.rules)));
    }
    let notifications: Vec<_> = report
        .problems
        .iter()
        .map(|problem| {
            let region = sarif::Region::builder().start_line(i64::from(problem.line.unwrap_or(1))).build();
            sarif::Notification::builder()
                .level(json!(level(problem.severity)))
                .message(message(&problem.message))
                .locations(vec![location_at(&text::uri(&problem.path), region)])
                .build()
        })
        .collect();
    let invocation = sarif::Invocation::builder()
        .execution_successful(!report.problems.iter().any(|problem| problem.fatal))
        .tool_execution_notifications(notifications)
        .build();
    let run = sarif::Run::builder()
        .tool(sarif::Tool::builder().driver(driver).build())
        .column_kind(json!("unicodeCodePoints"))
        .automation_details(sarif::RunAutomationDetails::builder().id("lockgate/").build())
        .invocations(vec![invocation])
        .results(results)
        .build();
    let log = sarif::Sarif::builder().schema(SCHEMA).version(json!("2.1.0")).runs(vec![run]).build();
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn rule(info: &RuleInfo) -> sarif::ReportingDescriptor {
    let mut extra = BTreeMap::new();
    extra.insert("precision".to_owned(), json!("very-high"));
    let problem = match info.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "recommendation",
    };
    extra.insert("problem.severity".to_owned(), json!(problem));
    let tags = vec!["database".to_owned(), "migration".to_owned(), info.category.clone()];
    let properties = sarif::PropertyBag::builder().tags(tags).additional_properties(extra).build();
    let help = sarif::MultiformatMessageString::builder().text(info.help.as_str()).markdown(info.help.as_str()).build();
    let mut descriptor = sarif::ReportingDescriptor::builder()
        .id(info.id.as_str())
        .name(info.id.as_str())
        .short_description(plain(&info.summary))
        .full_description(plain(&info.help))
        .help(help)
        .default_configuration(sarif::ReportingConfiguration::builder().level(json!(level(info.severity))).build())
        .properties(properties)
        .build();
    descriptor.help_uri = info.url.clone();
    descriptor
}

fn plain(text: &str) -> sarif::MultiformatMessageString {
    let short: String = text.chars().take(LONGEST_DESCRIPTION).collect();
    sarif::MultiformatMessageString::builder().text(short).build()
}

fn message(text: &str) -> sarif::Message {
    sarif::Message::builder().text(text).build()
}

fn result(finding: &Finding, print: &str, rules: &[RuleInfo]) -> sarif::Result {
    let mut words = text::with_help(finding);
    let related: Vec<_> = finding
        .related
        .iter()
        .enumerate()
        .map(|(index, label)| {
            let id = i64::try_from(index + 1).unwrap_or(i64::MAX);
            // Related locations are linked only where the message embeds them.
            words.push_str(&format!("\n[{}]({id})", escaped(&label.message)));
            let mut location = location(label);
            location.id = Some(id);
            location.message = Some(message(&label.message));
            location
        })
        .collect();
    let mut extra = BTreeMap::new();
    extra.insert("confidence".to_owned(), json!(finding.confidence.name()));
    extra.insert("engine".to_owned(), json!(finding.engine.to_string()));
    let mut result = sarif::Result::builder()
        .rule_id(finding.rule.as_str())
        .level(match finding.severity {
            Severity::Error => sarif::ResultLevel::Error,
            Severity::Warning => sarif::ResultLevel::Warning,
            Severity::Note => sarif::ResultLevel::Note,
        })
        .message(message(&words))
        .locations(vec![location(&finding.primary)])
        .partial_fingerprints(BTreeMap::from([("statementHash/v1".to_owned(), print.to_owned())]))
        .properties(sarif::PropertyBag::builder().additional_properties(extra).build())
        .build();
    result.rule_index = rules.iter().position(|rule| rule.id == finding.rule).and_then(|index| i64::try_from(index).ok());
    if finding.confidence == Confidence::Possible {
        result.rank = Some(50.0);
    }
    if !related.is_empty() {
        result.related_locations = Some(related);
    }
    if let Some(fix) = &finding.fix {
        let change = sarif::ArtifactChange::builder()
            .artifact_location(artifact(&text::uri(&finding.primary.path)))
            .replacements(fix.edits.iter().map(replacement).collect::<Vec<_>>())
            .build();
        result.fixes = Some(vec![sarif::Fix::builder().description(message(&fix.title)).artifact_changes(vec![change]).build()]);
    }
    if let Some(suppression) = &finding.suppression {
        let mut entry = sarif::Suppression::builder().kind(Value::from("inSource")).build();
        entry.justification = suppression.reason.clone();
        if suppression.source == crate::finding::SuppressionSource::Config {
            entry.kind = Value::from("external");
        }
        result.suppressions = Some(vec![entry]);
    }
    result
}

/// Square brackets and back-slashes have a meaning in SARIF messages (3.11.6).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

fn artifact(uri: &str) -> sarif::ArtifactLocation {
    sarif::ArtifactLocation::builder().uri(uri).build()
}

fn region(start: Position, end: Position) -> sarif::Region {
    sarif::Region::builder()
        .start_line(i64::from(start.line))
        .start_column(i64::from(start.column))
        .end_line(i64::from(end.line))
        .end_column(i64::from(end.column))
        .build()
}

fn location(label: &Label) -> sarif::Location {
    location_at(&text::uri(&label.path), region(label.start, label.end))
}

fn location_at(uri: &str, region: sarif::Region) -> sarif::Location {
    let place = sarif::PhysicalLocation::builder().artifact_location(artifact(uri)).region(region).build();
    sarif::Location::builder().physical_location(place).build()
}

fn replacement(edit: &Edit) -> sarif::Replacement {
    sarif::Replacement::builder()
        .deleted_region(region(edit.start, edit.end))
        .inserted_content(sarif::ArtifactContent::builder().text(edit.text.as_str()).build())
        .build()
}
