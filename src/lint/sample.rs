//! An example of a rule as a small project of its own, linted like any other: what `explain` and
//! the snapshots show.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::pass::{Options, check};
use crate::catalog::TableStatistics;
use crate::discover::{ChangeKind, Project, Standing};
use crate::facts::DownKind;
use crate::finding::{Finding, Severity};
use crate::migration::{Directory, Format, system};
use crate::rules::example::{Claim, Example, migrations, without_marks};
use crate::rules::{Rule, RuleSet, Selection};

/// Where the schema stands, in front of everything.
const SCHEMA: &str = "000_schema";
const EXAMPLE: &str = "001_example";

/// What the rule reports in the example, each with the text of its file.
pub fn sample(rule: &Arc<Rule>, example: &Example) -> Vec<(Finding, Arc<str>)> {
    let mut selection = Selection { own: own(rule), ..Selection::default() };
    // Acceptances are judged by what the other rules find.
    if rule.is_elsewhere() {
        selection.extend = vec![rule.id.clone()];
    } else {
        selection.select = vec![rule.id.clone()];
    }
    let Ok(rules) = RuleSet::select(&selection).map(Arc::new) else { return Vec::new() };
    let files = files(example);
    let project = project(example, &files);
    let pick = |_: &Path| Arc::clone(&rules);
    let statistics = example.setting.rows.iter().map(|(name, rows)| (name.clone(), TableStatistics { rows: *rows, bytes: rows * 100 }));
    let statistics = statistics.collect::<BTreeMap<_, _>>();
    let options =
        Options { transaction: Some(example.setting.transaction), statistics: &statistics, ..Options::new(example.setting.target, &pick) };
    let found = check(&project, &options, &mut ()).findings.into_iter().filter(|finding| finding.rule == rule.id);
    found.map(|finding| (text_of(&files, &finding), finding)).map(|(text, finding)| (finding, text)).collect()
}

/// Whether an example of a rule that another room speaks for shows what it claims.
pub fn judge_sample(rule: &Arc<Rule>, example: &Example) -> Result<(), String> {
    let found = sample(rule, example);
    let seen: BTreeSet<(u32, Severity)> = found.iter().map(|(finding, _)| (finding.primary.start.line, finding.severity)).collect();
    let claimed = example.marks.iter().filter_map(|mark| match &mark.claim {
        Claim::Finding { severity, rule: None, .. } => Some((mark.line, *severity)),
        _ => None,
    });
    let claimed: BTreeSet<(u32, Severity)> = claimed.collect();
    if seen == claimed { Ok(()) } else { Err(format!("example at line {}: claims {claimed:?}, found {seen:?}", example.line)) }
}

fn own(rule: &Arc<Rule>) -> Vec<Arc<Rule>> {
    if rule.path.starts_with("rules/") { Vec::new() } else { vec![Arc::clone(rule)] }
}

/// A file of the project, and what happened to it since the base branch.
struct File {
    name: String,
    text: Arc<str>,
    change: Option<ChangeKind>,
}

impl File {
    fn new(name: impl Into<String>, text: &str) -> Self {
        File { name: name.into(), text: text.into(), change: None }
    }
}

fn files(example: &Example) -> Vec<File> {
    let mut files = vec![File::new(format!("{SCHEMA}.sql"), &example.schema)];
    let sections = migrations(&example.sql);
    let numbered = example.sql.contains("-- migration:");
    for (heading, span) in &sections {
        let text = without_marks(span.slice(&example.sql));
        let (stem, change) = heading.split_once(" (").map_or((heading.as_str(), None), |(stem, change)| (stem, change_of(change)));
        let stem = if numbered { stem } else { EXAMPLE };
        let text = text.split_once('\n').filter(|_| numbered).map_or(text.as_str(), |(_, rest)| rest);
        files.push(File { change, ..File::new(format!("{stem}.sql"), text) });
    }
    match (&example.down, example.setting.down) {
        (Some(down), _) => files.push(File::new(format!("{EXAMPLE}.down.sql"), down)),
        (None, DownKind::Empty) => files.push(File::new(format!("{EXAMPLE}.down.sql"), "")),
        // Where no migration has a way back, none is missing.
        (None, DownKind::Missing) => files.push(File::new(format!("{SCHEMA}.down.sql"), "SELECT 1;")),
        (None, DownKind::Script | DownKind::NotSupported | DownKind::Irreversible) => {}
    }
    files
}

fn change_of(words: &str) -> Option<ChangeKind> {
    match words.trim_end_matches(')') {
        "added" => Some(ChangeKind::Added),
        "modified" => Some(ChangeKind::Modified),
        "deleted" => Some(ChangeKind::Deleted),
        _ => None,
    }
}

fn project(example: &Example, files: &[File]) -> Project {
    // Of the systems read here, tern's files can say that there is no way back.
    let irreversible = if example.setting.down == DownKind::Irreversible { system::find("tern").ok() } else { None };
    let format: &'static dyn Format = irreversible.unwrap_or(system::PLAIN);
    let there = files.iter().filter(|file| file.change != Some(ChangeKind::Deleted));
    let directory = Directory::in_memory("", there.map(|file| (file.name.as_str(), file.text.as_ref())));
    let mut project = Project::new(directory, format, Vec::new());
    for entry in &mut project.entries {
        if entry.entry.up.strip_suffix(".sql") == Some(SCHEMA) {
            entry.standing = Standing::NotNamed;
        }
        entry.up_change = files.iter().find(|file| file.name == entry.entry.up).and_then(|file| file.change);
        entry.change = entry.up_change;
    }
    let gone = files.iter().filter(|file| file.change == Some(ChangeKind::Deleted));
    project.deleted = gone.map(|file| file.name.as_str().into()).collect();
    project
}

fn text_of(files: &[File], finding: &Finding) -> Arc<str> {
    files.iter().find(|file| Path::new(&file.name) == finding.primary.path).map_or_else(|| "".into(), |file| Arc::clone(&file.text))
}
