//! The proof: a plan is taken only when the history it makes leads to the same schema, and when the
//! rules find less in it than before.

use std::collections::BTreeMap;
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

/// Why the new history is not as good as the old one, if it is not. `rules` are those that were
/// served, with the files they were served in.
pub fn objection(
    old: (&Project, &Outcome, &Catalog),
    new: &Project,
    options: &lint::Options<'_>,
    served: &[(PathBuf, String)],
) -> Option<Objection> {
    let (_, before, schema) = old;
    let at = |path: &Path, why: String| Some(Objection { why, path: Some(path.to_path_buf()) });
    let after = lint::check(new, options, &mut ());
    if let Some(problem) = after.problems.iter().find(|problem| !before.problems.contains(problem)) {
        return at(&problem.path, format!("{}: {}", crate::source::display_path(&problem.path), problem.message));
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
    let more = |rule: &str| total(&is, rule) > total(&was, rule);
    if let Some((path, rule)) = is.keys().find(|key| more(&key.1) && !was.contains_key(*key)) {
        return at(path, format!("`{rule}` would then be reported in {}", crate::source::display_path(path)));
    }
    let grown = |key: &&(PathBuf, String)| is.get(*key) > was.get(*key);
    if let Some((path, rule)) = is.keys().filter(grown).find(|(_, rule)| more(rule)) {
        return at(path, format!("`{rule}` would then be reported once more in {}", crate::source::display_path(path)));
    }
    for (path, rule) in served {
        let number = |found: &Counts| found.get(&(path.clone(), rule.clone())).copied().unwrap_or(0);
        if number(&is) >= number(&was) {
            return at(path, format!("`{rule}` would still be reported in {}", crate::source::display_path(path)));
        }
    }
    let differences = replay(new, options).differences_from(schema);
    let first = differences.first()?;
    Some(Objection { why: format!("the schema would not be the same in the end: {first}"), path: None })
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
