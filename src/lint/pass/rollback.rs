//! Down scripts in the order in which they run: from the newest on, each on what the one before it
//! left. A statement that is refused right after its own up script may be right there.

use std::collections::HashSet;

use super::{Pass, WINDOW};
use crate::catalog::Callees;
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

impl Replica<'_> {
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
