//! Asking the rules, and turning their hits into findings.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::locate::{Locator, label};
use super::pass::{Options, Outcome, entry_of, first_id};
use super::prepare::{Prepared, Read};
use crate::catalog::{Catalog, Difference};
use crate::discover::Project;
use crate::facts::{Direction, Ledger, MigrationFacts, Scene};
use crate::finding::{Finding, Fix, Label, Severity, fingerprint};
use crate::migration::{Down, Migration, Reading};
use crate::rules::{HistoryEntry, Hit, Hits, MigrationScene, Related, RuleSet};
use crate::source::{Location, Script, Sources};
use crate::suppress::{RuleNames, Suppressions};

/// Hits of one migration, by the script they were found in.
#[derive(Default)]
pub(super) struct BothHits {
    up: Hits,
    down: Hits,
}

impl BothHits {
    fn of(&mut self, direction: Direction) -> &mut Hits {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }
}

pub(super) struct Judge<'a> {
    project: &'a Project,
    options: &'a Options<'a>,
    /// Version, name and path of every migration so far, for rules over the history.
    history: Vec<(usize, String, String, String)>,
    /// Files of other migrations that a finding pointed into.
    elsewhere: HashMap<usize, Sources>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(project: &'a Project, options: &'a Options<'a>) -> Self {
        Judge { project, options, history: Vec::new(), elsewhere: HashMap::new() }
    }

    fn rules(&self, migration: &Migration) -> Arc<RuleSet> {
        (self.options.rules)(migration.paths.first().map_or(Path::new(""), |path| path))
    }

    /// Notes a migration down, reported or not.
    pub(super) fn enter(&mut self, entry: usize, prepared: &Prepared) {
        let migration = &prepared.migration;
        if !migration.repeatable {
            let path = migration.paths.first().map(|path| crate::source::display_path(path)).unwrap_or_default();
            self.history.push((entry, migration.version.clone(), migration.name.clone(), path));
        }
    }

    pub(super) fn statement(&self, migration: &Migration, scene: &Scene<'_>, hits: &mut BothHits) {
        self.rules(migration).check_statement(scene, hits.of(scene.migration.direction));
    }

    /// Only what keeps a down script from running at all: its hazards are its author's wish, and are
    /// judged when it is to be run.
    pub(super) fn down_statement(&self, migration: &Migration, scene: &Scene<'_>, hits: &mut BothHits) {
        let earlier = hits.down.len();
        self.rules(migration).check_statement(scene, &mut hits.down);
        hits.down.retain_after(earlier, |hit| matches!(hit.rule.category.as_str(), "validity" | "analysis"));
    }

    /// The migration as a whole, at its end.
    pub(super) fn migration(
        &self,
        prepared: &Prepared,
        differences: Option<&[Difference]>,
        ledger: &Ledger,
        after: &Catalog,
        hits: &mut BothHits,
    ) {
        let migration = &prepared.migration;
        let facts = MigrationFacts::of(migration, Direction::Up, prepared.up.statements.len());
        let scene = MigrationScene {
            script: &migration.up,
            migration: &facts,
            statements: &prepared.up.statements,
            after,
            differences,
            ledger,
            thresholds: self.options.thresholds,
        };
        self.rules(migration).check_migration(&scene, &mut hits.up);
    }

    /// Hits into findings, suppressions applied.
    pub(super) fn finish(&mut self, entry: usize, prepared: &Prepared, hits: BothHits, outcome: &mut Outcome) {
        let migration = &prepared.migration;
        let mut findings = Vec::new();
        let mut ordinals: HashMap<(String, String, String), u32> = HashMap::new();
        for hit in hits.up {
            findings.push(self.finding(entry, prepared, &migration.up, hit, &mut ordinals));
        }
        if let Down::Script(script) = &migration.down {
            for hit in hits.down {
                findings.push(self.finding(entry, prepared, script, hit, &mut ordinals));
            }
        }
        let mut suppressions = Suppressions::default();
        let spans = |read: &Read| read.statements.iter().map(|statement| statement.span).collect::<Vec<_>>();
        suppressions.read(&prepared.sources, &migration.up, &prepared.up.comments, &spans(&prepared.up));
        if let (Down::Script(script), Some(read)) = (&migration.down, &prepared.down) {
            suppressions.read(&prepared.sources, script, &read.comments, &spans(read));
        }
        if !suppressions.is_empty() {
            let rules = self.rules(migration);
            let names = Names(&rules);
            suppressions.apply(&mut findings, &names);
            findings.extend(suppressions.leftovers(&names, self.options.target));
        }
        let (accepted, open): (Vec<_>, Vec<_>) = findings.into_iter().partition(|finding| finding.suppression.is_some());
        outcome.findings.extend(open);
        outcome.suppressed.extend(accepted);
    }

    fn finding(
        &mut self,
        entry: usize,
        prepared: &Prepared,
        script: &Script,
        hit: Hit,
        ordinals: &mut HashMap<(String, String, String), u32>,
    ) -> Finding {
        let locator = Locator { sources: &prepared.sources, script };
        let statement = hit.statement.slice(&script.text);
        let statement = statement.get(..statement.floor_char_boundary(LONGEST_HASHED)).unwrap_or(statement);
        let count = ordinals.entry((hit.rule.id.clone(), hit.object.clone(), statement.to_owned())).or_insert(0);
        let ordinal = *count;
        *count += 1;
        let related = hit.related.iter().filter_map(|related| match related {
            Related::Here { span, message } => Some(locator.label(*span, message.as_str())),
            Related::There { location, message } => self.place(entry, prepared, *location, message),
        });
        let related: Vec<Label> = related.collect();
        let fix = hit.fix.as_ref().map(|fix| Fix {
            title: fix.title.clone(),
            safety: fix.safety,
            edits: fix.edits.iter().map(|(span, text)| locator.edit(*span, text.as_str())).collect(),
        });
        Finding {
            rule: hit.rule.id.clone(),
            severity: hit.severity,
            confidence: hit.confidence,
            primary: locator.label(hit.span, hit.label.as_str()),
            related,
            fix,
            fingerprint: fingerprint(&hit.rule.id, &hit.object, statement, ordinal),
            statement_line: locator.line(hit.statement),
            message: hit.message,
            help: hit.help,
            notes: hit.notes,
            engine: self.options.target,
            suppression: None,
        }
    }

    /// A place that may lie in another migration: its file is read again, for this once.
    fn place(&mut self, entry: usize, prepared: &Prepared, location: Location, message: &str) -> Option<Label> {
        let other = entry_of(location.source);
        if other == entry {
            return label(&prepared.sources, location, message);
        }
        let (project, options) = (self.project, self.options);
        let sources = self.elsewhere.entry(other).or_insert_with(|| {
            let mut sources = Sources::numbered_from(first_id(other));
            if let Some(found) = project.entries.get(other) {
                let mut reading = Reading { target: options.target, transaction: options.transaction, sources: &mut sources };
                // What could be read before is still there; if not, the place is left out.
                let _ = project.format.load(&project.directory, &found.entry, &mut reading);
            }
            sources
        });
        let mut found = label(sources, location, message)?;
        // A long definition is named by its first line.
        if found.end.line > found.start.line {
            found.end = found.start;
        }
        Some(found)
    }

    /// Rules over all migrations together.
    pub(super) fn history(&mut self, outcome: &mut Outcome) {
        let entries: Vec<HistoryEntry<'_>> = self
            .history
            .iter()
            .map(|(_, version, name, path)| HistoryEntry { version: version.as_str(), name: name.as_str(), path: path.as_str() })
            .collect();
        let rules = (self.options.rules)(Path::new(""));
        let hits = rules.check_history(&entries, self.options.target);
        for hit in hits {
            let Some(&(index, ..)) = hit.entry.and_then(|number| self.history.get(number)) else { continue };
            let Some(found) = self.project.entries.get(index).filter(|entry| entry.is_reported()) else { continue };
            let loaded = super::prepare(
                self.project.format,
                &self.project.directory,
                &found.entry,
                self.options.target,
                self.options.transaction,
                false,
                first_id(index),
            );
            if let Ok(prepared) = loaded {
                self.finish_history(index, &prepared, hit, outcome);
            }
        }
    }

    /// A finding about the history may be accepted by a directive of the migration it names.
    fn finish_history(&mut self, entry: usize, prepared: &Prepared, hit: Hit, outcome: &mut Outcome) {
        let mut findings = vec![self.finding(entry, prepared, &prepared.migration.up, hit, &mut HashMap::new())];
        let mut suppressions = Suppressions::default();
        let spans: Vec<_> = prepared.up.statements.iter().map(|statement| statement.span).collect();
        suppressions.read(&prepared.sources, &prepared.migration.up, &prepared.up.comments, &spans);
        let rules = self.rules(&prepared.migration);
        suppressions.apply(&mut findings, &Names(&rules));
        for finding in findings {
            if finding.suppression.is_some() { outcome.suppressed.push(finding) } else { outcome.findings.push(finding) }
        }
    }
}

/// So much of a statement counts for its fingerprint: enough to tell statements apart.
const LONGEST_HASHED: usize = 4096;

/// What suppressions ask about the rules of this run.
pub struct Names<'a>(pub &'a RuleSet);

impl RuleNames for Names<'_> {
    fn canonical(&self, id: &str) -> Option<&str> {
        self.0.find(id).map(|rule| rule.id.as_str())
    }

    fn all(&self) -> Vec<&str> {
        self.0.known().collect()
    }

    fn ran(&self, id: &str, _path: &Path) -> bool {
        self.0.severity(id).is_some()
    }

    fn severity(&self, id: &str, _path: &Path) -> Option<Severity> {
        self.0.severity(id)
    }
}
