//! Down scripts in the order in which they run: from the newest on, each on what the one before it
//! left. A statement that is refused right after its own up script may be right there, and so may
//! be a way back that is spread over several migrations of one name.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Pass, WINDOW};
use crate::catalog::{Callees, Catalog, Difference};
use crate::effect;
use crate::finding::{Confidence, Finding, Severity};
use crate::lint::locate::Locator;
use crate::lint::prepare::Prepared;
use crate::lint::replica::{Replica, is_refused};
use crate::migration::Down;
use crate::source::Span;

impl Pass<'_> {
    /// Takes back to a note what is refused only where a migration is rolled back alone.
    /// `reached`: the entries before it were replayed.
    pub(super) fn settle_downs(&self, replica: &mut Replica<'_>, reached: usize) {
        let refused: HashSet<(usize, Span)> = std::mem::take(&mut replica.refused_downs).into_iter().collect();
        let Some(first) = refused.iter().map(|(entry, _)| *entry).min() else { return };
        let entries: Vec<usize> = (first..reached).filter(|entry| self.is_replayed(*entry)).rev().collect();
        for window in entries.chunks(WINDOW) {
            for (entry, prepared) in self.load(window) {
                let Ok(prepared) = prepared else { return };
                let Some(runs) = replica.roll_back(&prepared) else { return };
                let alone = |span: &Span| refused.contains(&(entry, *span));
                for span in runs.into_iter().filter(alone) {
                    replica.excuse(&prepared, span);
                }
            }
        }
    }
}

/// What is said of one way back alone.
const ALONE: [&str; 2] = ["asymmetric-down", "empty-down"];

impl Pass<'_> {
    /// Generators part one change into a file for each statement, with its way back parted in the
    /// opposite order: no file undoes its own up script, all of them together do. What is said of
    /// such a one alone is taken back to a note.
    pub(super) fn settle_parts(&self, replica: &mut Replica<'_>) {
        let accused: HashSet<PathBuf> = replica
            .outcome
            .findings
            .iter()
            .filter(|found| ALONE.contains(&found.rule.as_str()))
            .map(|found| found.primary.path.clone())
            .collect();
        let named = |entry: usize| self.project.entries.get(entry).map(|entry| entry.entry.name.as_str()).filter(|name| !name.is_empty());
        let is_parted = |entry: usize| named(entry).is_some() && named(entry) == named(entry + 1);
        let Some(last) = (0..self.last_reported).rposition(is_parted) else { return };
        if accused.is_empty() || self.base.is_some() {
            return;
        }
        let mut alone = Replica::new(self.project, self.options);
        // The catalog before the series at hand, and its migrations so far.
        let mut series: Option<(Catalog, Vec<Arc<Prepared>>)> = None;
        let entries: Vec<usize> = (0..(last + 2).min(self.project.entries.len())).collect();
        for window in entries.chunks(WINDOW) {
            for (entry, prepared) in self.load(window) {
                let Ok(prepared) = prepared else { return };
                if series.is_none() && is_parted(entry) {
                    series = Some((alone.catalog.clone(), Vec::new()));
                }
                alone.follow(entry, &prepared);
                if let Some((_, parts)) = &mut series {
                    parts.push(prepared);
                }
                if !is_parted(entry)
                    && let Some((before, parts)) = series.take()
                    && let Some(differences) = alone.second().comes_back(&before, &parts)
                {
                    excuse_parts(&mut replica.outcome.findings, &parts, &differences);
                }
            }
        }
    }
}

/// What is said of one part alone becomes a note. Where all of them together do not give back the
/// schema either, that is said once.
fn excuse_parts(findings: &mut [Finding], parts: &[Arc<Prepared>], differences: &[Difference]) {
    let paths: HashSet<&PathBuf> = parts.iter().filter_map(|part| part.migration.paths.first()).collect();
    let here = |found: &Finding| paths.contains(&found.primary.path);
    let speaker = ALONE.into_iter().find(|rule| findings.iter().any(|found| found.rule == *rule && here(found)));
    let mut together = first_listed(differences);
    for finding in findings.iter_mut().filter(|found| ALONE.contains(&found.rule.as_str()) && here(found)) {
        if speaker == Some(finding.rule.as_str())
            && let Some(left) = together.take()
        {
            let together = format!("up and then down, the migrations of this name do not give back the schema: {left}");
            if finding.rule == ALONE[0] {
                finding.message = together;
                finding.notes.clear();
            } else {
                finding.notes.push(together);
            }
            continue;
        }
        finding.severity = finding.severity.min(Severity::Note);
        finding.notes.push(match differences {
            [] => "the down scripts of the migrations of this name, one after the other, do give back the schema".to_owned(),
            _ => "what undoes it may stand in another migration of this name: they are looked at together".to_owned(),
        });
    }
}

fn first_listed(differences: &[Difference]) -> Option<String> {
    match differences {
        [] => None,
        [one] => Some(one.to_string()),
        [one, two] => Some(format!("{one}, and {two}")),
        [one, two, rest @ ..] => Some(format!("{one}, {two}, and {} more", rest.len())),
    }
}

impl Replica<'_> {
    /// What is not as it was when the first of the last migrations began, after all their ways back;
    /// `None` where nobody comes back over one of them.
    fn comes_back(mut self, before: &Catalog, parts: &[Arc<Prepared>]) -> Option<Vec<Difference>> {
        let back = parts.iter().rev().all(|part| self.roll_back(part).is_some());
        back.then(|| self.catalog.differences_from(before))
    }

    /// The statements of a down script that the server takes; `None` where nobody comes back over.
    fn roll_back(&mut self, prepared: &Prepared) -> Option<Vec<Span>> {
        let (read, script) = match (&prepared.down, &prepared.migration.down) {
            (Some(read), Down::Script(script)) => (read, script),
            // Runners step over these.
            (_, Down::Missing | Down::Empty(_)) => return Some(Vec::new()),
            (None, Down::Script(_)) | (_, Down::NotSupported | Down::Irreversible(_)) => return None,
        };
        self.catalog.begin_migration(read.wrapped(prepared.migration.down_transaction, self.options.target));
        let mut runs = Vec::new();
        let mut walk = read.walk(script, self.options.target);
        let mut callees = Callees::of(script);
        while let Some((written, _)) = walk.step() {
            let followed = callees.follow(written, &self.catalog);
            let statement = followed.as_ref().unwrap_or(written);
            let effects = effect::predict(statement, &self.catalog);
            if !is_refused(&effects) {
                runs.push(written.span);
                self.catalog.apply(statement, callees.script());
                effect::remember(statement, &effects, &mut self.catalog);
            }
        }
        self.catalog.end_migration();
        Some(runs)
    }

    fn excuse(&mut self, prepared: &Prepared, statement: Span) {
        let Down::Script(script) = &prepared.migration.down else { return };
        let locator = Locator { sources: &prepared.sources, script };
        let place = locator.label(statement, "");
        let here = |finding: &&mut Finding| {
            finding.rule == "failing-statement" && finding.primary.path == place.path && finding.statement_line == place.start.line
        };
        for finding in self.outcome.findings.iter_mut().filter(here) {
            finding.severity = finding.severity.min(Severity::Note);
            finding.confidence = Confidence::Possible;
            finding.message = finding.message.replacen("the server will refuse this", "rolled back alone, the server will refuse this", 1);
            finding.notes.push("the down scripts of the migrations that follow leave another schema, on which it may run".to_owned());
        }
    }
}
