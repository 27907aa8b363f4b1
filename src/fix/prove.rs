//! The proof: a plan is taken only when the history it makes leads to the same schema, and when the
//! rules find less in it than before.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::catalog::Catalog;
use crate::change::Statement;
use crate::discover::{Project, ProjectEntry, Standing};
use crate::effect::{self, Truth};
use crate::finding::{Finding, Severity};
use crate::lint::{self, Outcome};
use crate::migration::Directory;
use crate::source::Script;

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
    let mut catalog = Catalog::new(options.target);
    for (number, ProjectEntry { entry, .. }) in project.entries.iter().enumerate() {
        let first = u32::try_from(number).unwrap_or(u32::MAX).saturating_mul(16);
        let read = lint::prepare(project.format, &project.directory, entry, options.target, options.transaction, false, first);
        let Ok(prepared) = read else {
            catalog.open_world = true;
            continue;
        };
        catalog.begin_migration(prepared.up.wrapped(prepared.migration.transaction, options.target));
        let mut walk = prepared.up.walk(&prepared.migration.up, options.target);
        while let Some((statement, _)) = walk.step() {
            step(&mut catalog, statement, &prepared.migration.up);
        }
        catalog.end_migration();
    }
    catalog
}

/// What the server is certain to refuse changes nothing.
pub fn step(catalog: &mut Catalog, statement: &Statement, script: &Script) {
    let refused = effect::predict(statement, catalog).whole.failures.iter().any(|failure| failure.certain == Truth::Yes);
    if !refused {
        catalog.apply(statement, script);
    }
}

/// Why the new history is not as good as the old one, if it is not. `rules` are those that were
/// served, with the files they were served in.
pub fn objection(
    old: (&Project, &Outcome, &Catalog),
    new: &Project,
    options: &lint::Options<'_>,
    served: &[(PathBuf, String)],
) -> Option<String> {
    let (_, before, schema) = old;
    let after = lint::check(new, options, &mut ());
    if let Some(problem) = after.problems.iter().find(|problem| !before.problems.contains(problem)) {
        return Some(format!("{}: {}", crate::source::display_path(&problem.path), problem.message));
    }
    let (was, is) = (count(&before.findings), count(&after.findings));
    for ((path, rule), number) in &is {
        let old = was.get(&(path.clone(), rule.clone())).copied().unwrap_or(0);
        if *number > old {
            return Some(format!("`{rule}` would then be reported in {}", crate::source::display_path(path)));
        }
    }
    for (path, rule) in served {
        let number = |found: &BTreeMap<(PathBuf, String), usize>| found.get(&(path.clone(), rule.clone())).copied().unwrap_or(0);
        if number(&is) >= number(&was) {
            return Some(format!("`{rule}` would still be reported in {}", crate::source::display_path(path)));
        }
    }
    let differences = replay(new, options).differences_from(schema);
    differences.first().map(|difference| format!("the schema would not be the same in the end: {difference}"))
}

/// What is more than a note, by file and rule.
fn count(findings: &[Finding]) -> BTreeMap<(PathBuf, String), usize> {
    let mut counts = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.severity > Severity::Note) {
        *counts.entry((finding.primary.path.clone(), finding.rule.clone())).or_insert(0) += 1;
    }
    counts
}
