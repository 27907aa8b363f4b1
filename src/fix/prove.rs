//! The proof: a plan is taken only when the history it makes leads to the same schema, and when the
//! rules find less in it than before.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::catalog::Catalog;
use crate::discover::{Project, Standing};
use crate::finding::{Finding, Severity};
use crate::lint::{self, Outcome, Visitor};
use crate::migration::Directory;

/// The project as it would be: new migrations are reported, the others as before.
pub fn project_with(project: &Project, directory: Directory) -> Project {
    let mut new = Project::new(directory, project.format, project.evidence.clone());
    new.engine.clone_from(&project.engine);
    for entry in &mut new.entries {
        let old = project.entries.iter().find(|old| old.entry.up == entry.entry.up && old.entry.version == entry.entry.version);
        entry.standing = old.map_or(Standing::Reported, |old| old.standing);
    }
    new
}

/// What the whole history makes.
pub fn replay(project: &Project, options: &lint::Options<'_>) -> Catalog {
    let mut whole = project_with(project, project.directory.clone());
    if let Some(last) = whole.entries.last_mut() {
        last.standing = Standing::Reported;
    }
    let mut end = End(Catalog::new(options.target));
    lint::check(&whole, &lint::Options { judge: false, ..*options }, &mut end);
    end.0
}

struct End(Catalog);

impl Visitor for End {
    fn end(&mut self, schema: &Catalog) {
        self.0 = schema.clone();
    }
}

/// Something against a plan, and the file it is about where there is one.
#[derive(Debug)]
pub struct Objection {
    pub why: String,
    pub path: Option<PathBuf>,
}

/// Why the new history is not as good as the old one; nothing when it is. `served` are the rules that
/// were served, with the files they were served in.
pub fn objections(
    old: (&Project, &Outcome, &Catalog),
    new: &Project,
    options: &lint::Options<'_>,
    served: &[(PathBuf, String)],
) -> Vec<Objection> {
    let (_, before, schema) = old;
    let mut found = Vec::new();
    let mut object = |path: &Path, why: String| found.push(Objection { why, path: Some(path.to_path_buf()) });
    let after = lint::check(new, options, &mut ());
    for problem in after.problems.iter().filter(|problem| !before.problems.contains(problem)) {
        object(&problem.path, format!("{}: {}", crate::source::display_path(&problem.path), problem.message));
    }
    let rules = (options.rules)(Path::new(""));
    // Of locks that were there before, and drowned in a graver finding, a warning may be left.
    let drowned = |finding: &Finding| {
        let locking = rules.find(&finding.rule).is_some_and(|rule| rule.category == "locking");
        locking && finding.severity == Severity::Warning && !served.iter().any(|(_, rule)| *rule == finding.rule)
    };
    let (was, is) = (count(&before.findings, &drowned), count(&after.findings, &drowned));
    // A finding may move along with its statement, but there must not be more of them.
    let total = |found: &Counts, rule: &str| found.iter().filter(|((_, one), _)| one == rule).map(|(_, number)| number).sum::<usize>();
    let rules: BTreeSet<&str> = is.keys().map(|(_, rule)| rule.as_str()).collect();
    for rule in rules.into_iter().filter(|rule| total(&is, rule) > total(&was, rule)) {
        for (path, _) in is.keys().filter(|key| key.1 == rule && is.get(*key) > was.get(*key)) {
            object(path, format!("`{rule}` would then be reported in {}", crate::source::display_path(path)));
        }
    }
    for (path, rule) in served {
        let number = |found: &Counts| found.get(&(path.clone(), rule.clone())).copied().unwrap_or(0);
        if number(&is) >= number(&was) {
            object(path, format!("`{rule}` would still be reported in {}", crate::source::display_path(path)));
        }
    }
    if found.is_empty() {
        let differences = replay(new, options).differences_from(schema);
        let why = differences.first().map(|first| format!("the schema would not be the same in the end: {first}"));
        found.extend(why.map(|why| Objection { why, path: None }));
    }
    found
}

type Counts = BTreeMap<(PathBuf, String), usize>;

/// What is more than a note, by file and rule.
fn count(findings: &[Finding], drowned: &dyn Fn(&Finding) -> bool) -> Counts {
    let mut counts = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.severity > Severity::Note && !drowned(finding)) {
        *counts.entry((finding.primary.path.clone(), finding.rule.clone())).or_insert(0) += 1;
    }
    counts
}
