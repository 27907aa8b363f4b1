//! Asking the rules, and turning their hits into findings.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::locate::{Locator, label};
use super::pass::{Options, Outcome, entry_of, first_id};
use super::prepare::Prepared;
use super::replica::LONG_AGO;
use crate::catalog::{Callees, Catalog, Difference};
use crate::discover::{ChangeKind, Project};
use crate::facts::{Direction, Ledger, MigrationFacts, Scene};
use crate::finding::{Finding, Fix, Label, Severity, fingerprint};
use crate::migration::{Down, Migration, Reading};
use crate::rules::{FileChange, HistoryEntry, Hit, Hits, MigrationScene, Related, RuleSet, first_line};
use crate::source::{Location, Position, Script, Sources, Span};
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

/// A migration that is asked about again in the end.
struct Waiting {
    entry: usize,
    /// Rules and places where they may have something to say.
    found: Vec<(String, Span)>,
    /// As it was read; a long history is read again where it is needed.
    prepared: Option<Arc<Prepared>>,
}

/// So much text of waiting migrations is kept rather than read again.
const KEPT: usize = 256 * 1024;

pub(super) struct Judge<'a> {
    project: &'a Project,
    options: &'a Options<'a>,
    /// Migrations of which something may have to be said when the history is over.
    waiting: Vec<Waiting>,
    /// Bytes of text that waiting migrations hold.
    kept: usize,
    /// Files of other migrations that a finding pointed into.
    elsewhere: HashMap<usize, Sources>,
    /// The files of the schema dump.
    dump: Option<Sources>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(project: &'a Project, options: &'a Options<'a>) -> Self {
        Judge { project, options, waiting: Vec::new(), kept: 0, elsewhere: HashMap::new(), dump: None }
    }

    fn rules(&self, migration: &Migration) -> Arc<RuleSet> {
        (self.options.rules)(migration.paths.first().map_or(Path::new(""), |path| path))
    }

    pub(super) fn statement(&self, migration: &Migration, scene: &Scene<'_>, callees: &Callees, hits: &mut BothHits) {
        let hits = hits.of(scene.migration.direction);
        let earlier = hits.len();
        self.rules(migration).check_statement(scene, hits);
        hits.settle_after(earlier, callees);
    }

    /// Only what keeps a down script from running at all: its hazards are its author's wish, and are
    /// judged when it is to be run.
    pub(super) fn down_statement(&self, migration: &Migration, scene: &Scene<'_>, callees: &Callees, hits: &mut BothHits) {
        let earlier = hits.down.len();
        self.rules(migration).check_statement(scene, &mut hits.down);
        hits.down.retain_after(earlier, |hit| matches!(hit.rule.category.as_str(), "validity" | "analysis"));
        hits.down.settle_after(earlier, callees);
    }

    fn scene<'s>(
        &self,
        prepared: &'s Prepared,
        facts: &'s MigrationFacts<'s>,
        after: &'s Catalog,
        ledger: &'s Ledger,
    ) -> MigrationScene<'s> {
        MigrationScene {
            script: &prepared.migration.up,
            migration: facts,
            statements: &prepared.up.statements,
            after,
            differences: None,
            ledger,
            thresholds: self.options.thresholds,
        }
    }

    /// The migration as a whole, at its end.
    pub(super) fn migration(
        &mut self,
        entry: usize,
        prepared: &Prepared,
        differences: Option<&[Difference]>,
        ledger: &Ledger,
        after: &Catalog,
        hits: &mut BothHits,
    ) {
        let migration = &prepared.migration;
        let facts = MigrationFacts::of(migration, Direction::Up, prepared.up.spans.len());
        let scene = MigrationScene { differences, ..self.scene(prepared, &facts, after, ledger) };
        let rules = self.rules(migration);
        rules.check_migration(&scene, &mut hits.up);
        let mut later = Hits::default();
        rules.check_in_the_end(&scene, &mut later);
        if !later.is_empty() {
            let found = later.iter().map(|hit| (hit.rule.id.clone(), hit.span)).collect();
            self.waiting.push(Waiting { entry, found, prepared: None });
        }
    }

    /// Whether something is still to be said when the history is over.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Holds on to a migration that is done with, as long as there is room and it is still to be asked
    /// about.
    pub(super) fn keep(&mut self, entry: usize, prepared: &Arc<Prepared>) {
        let size = prepared.migration.up.text.len();
        if let Some(last) = self.waiting.last_mut().filter(|last| last.entry == entry)
            && self.kept + size <= KEPT
        {
            self.kept += size;
            last.prepared = Some(Arc::clone(prepared));
        }
    }

    /// The migrations that wait with another judge, all further on in the history.
    pub(super) fn absorb(&mut self, other: &mut Judge<'a>) {
        other.kept = 0;
        for mut one in other.waiting.drain(..) {
            let size = one.prepared.as_ref().map_or(0, |prepared| prepared.migration.up.text.len());
            if self.kept + size > KEPT {
                one.prepared = None;
            } else {
                self.kept += size;
            }
            self.waiting.push(one);
        }
    }

    /// Asks again about the migrations that wait, with the schema that all of them made.
    pub(super) fn in_the_end(&mut self, after: &Catalog, outcome: &mut Outcome) {
        for Waiting { entry: index, found, prepared } in std::mem::take(&mut self.waiting) {
            let Some(prepared) = prepared.or_else(|| self.reload(index).map(Arc::new)) else { continue };
            let migration = &prepared.migration;
            let facts = MigrationFacts::of(migration, Direction::Up, prepared.up.spans.len());
            let ledger = Ledger::new();
            let scene = self.scene(&prepared, &facts, after, &ledger);
            let mut hits = Hits::default();
            self.rules(migration).check_in_the_end(&scene, &mut hits);
            hits.retain_after(0, |hit| found.iter().any(|(rule, span)| *rule == hit.rule.id && *span == hit.span));
            self.finish_late(index, &prepared, hits, outcome);
        }
    }

    fn reload(&self, index: usize) -> Option<Prepared> {
        let found = self.project.entries.get(index).filter(|entry| entry.is_reported())?;
        let (format, directory) = (self.project.format, &self.project.directory);
        super::prepare(format, directory, &found.entry, self.options.target, self.options.transaction, false, first_id(index)).ok()
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
        suppressions.read(&prepared.sources, &migration.up, &prepared.up.comments, &prepared.up.spans);
        if let (Down::Script(script), Some(read)) = (&migration.down, &prepared.down) {
            suppressions.read(&prepared.sources, script, &read.comments, &read.spans);
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
            object: hit.object,
            statement_line: locator.line(hit.statement),
            message: hit.message,
            help: hit.help,
            notes: hit.notes,
            engine: self.options.target.into(),
            suppression: None,
        }
    }

    /// A place that may lie in another migration: its file is read again, for this once.
    fn place(&mut self, entry: usize, prepared: &Prepared, location: Location, message: &str) -> Option<Label> {
        if crate::schema::is_in_dump(location.source) {
            let dump = self.dump.get_or_insert_with(|| self.options.schema.map(|dump| dump.sources()).unwrap_or_default());
            return first_line_of(label(dump, location, message)?);
        }
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
        first_line_of(label(sources, location, message)?)
    }

    /// Rules over all migrations together.
    pub(super) fn history(&mut self, outcome: &mut Outcome) {
        let project = self.project;
        let paths: Vec<String> =
            project.entries.iter().map(|entry| crate::source::display_path(&project.directory.path(&entry.entry.up))).collect();
        let settled = |number: usize| !self.options.pending && number + LONG_AGO < project.entries.len();
        let numbered = project.entries.iter().zip(&paths).enumerate().filter(|(_, (entry, _))| !entry.entry.repeatable);
        let (mut numbers, mut entries): (Vec<Option<usize>>, Vec<HistoryEntry<'_>>) = numbered
            .map(|(number, (entry, path))| {
                let change = entry.up_change.map(|change| match change {
                    ChangeKind::Added => FileChange::Added,
                    ChangeKind::Modified => FileChange::Modified,
                    ChangeKind::Deleted => FileChange::Deleted,
                });
                (Some(number), HistoryEntry { version: &entry.entry.version, path, change, settled: settled(number) })
            })
            .unzip();
        let gone: Vec<String> = project.deleted.iter().map(|path| crate::source::display_path(path)).collect();
        for path in gone.iter().filter(|path| path.ends_with(".sql") && !path.ends_with(".down.sql")) {
            numbers.push(None);
            entries.push(HistoryEntry { version: path, path, change: Some(FileChange::Deleted), settled: false });
        }
        let rules = (self.options.rules)(Path::new(""));
        for hit in rules.check_history(&entries, self.options.target) {
            match hit.entry.and_then(|number| numbers.get(number)) {
                Some(Some(index)) => {
                    if let Some(prepared) = self.reload(*index) {
                        let mut hits = Hits::default();
                        let span = if hit.span.is_empty() { first_line(&prepared.migration.up.text) } else { hit.span };
                        hits.extend([Hit { span, ..hit }]);
                        self.finish_late(*index, &prepared, hits, outcome);
                    }
                }
                Some(None) => outcome.findings.push(self.without_file(hit)),
                None => {}
            }
        }
    }

    /// A finding about a file that is not there any more.
    fn without_file(&self, hit: Hit) -> Finding {
        let start = Position { line: 1, column: 1 };
        Finding {
            rule: hit.rule.id.clone(),
            severity: hit.severity,
            confidence: hit.confidence,
            primary: Label { path: hit.object.as_str().into(), span: Span::default(), start, end: start, message: hit.label },
            related: Vec::new(),
            fix: None,
            fingerprint: fingerprint(&hit.rule.id, &hit.object, "", 0),
            object: hit.object,
            statement_line: 1,
            message: hit.message,
            help: hit.help,
            notes: hit.notes,
            engine: self.options.target.into(),
            suppression: None,
        }
    }

    /// A finding made after its migration was left may be accepted by a directive of it.
    fn finish_late(&mut self, entry: usize, prepared: &Prepared, hits: Hits, outcome: &mut Outcome) {
        let mut ordinals = HashMap::new();
        let mut findings: Vec<Finding> =
            hits.into_iter().map(|hit| self.finding(entry, prepared, &prepared.migration.up, hit, &mut ordinals)).collect();
        let mut suppressions = Suppressions::default();
        suppressions.read(&prepared.sources, &prepared.migration.up, &prepared.up.comments, &prepared.up.spans);
        let rules = self.rules(&prepared.migration);
        suppressions.apply(&mut findings, &Names(&rules));
        for finding in findings {
            if finding.suppression.is_some() { outcome.suppressed.push(finding) } else { outcome.findings.push(finding) }
        }
    }
}

/// A long definition is named by its first line.
fn first_line_of(mut label: Label) -> Option<Label> {
    if label.end.line > label.start.line {
        label.end = label.start;
    }
    Some(label)
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
        // What is asked later may still use its suppression.
        self.0.severity(id).is_some() && !self.0.is_late(id)
    }

    fn severity(&self, id: &str, _path: &Path) -> Option<Severity> {
        self.0.severity(id)
    }
}
