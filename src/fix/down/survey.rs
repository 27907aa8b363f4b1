//! Goes along the history, and undoes every statement of the migrations that have no way back.

use std::collections::BTreeMap;

use super::definitions::Definitions;
use super::inverse::{Scene, of_statement};
use super::script::Way;
use super::{missing, whole};
use crate::catalog::Difference;
use crate::change::{Action, InsertSource};
use crate::discover::Project;
use crate::effect::Truth;
use crate::facts::{Direction, changes_schema};
use crate::lint::{self, Prepared, Seen, Visitor};
use crate::migration::TransactionMode;

/// The ways back that are missing, by entry.
pub fn ways(project: &Project, options: &lint::Options<'_>) -> BTreeMap<usize, Way> {
    let mut surveyor = Surveyor {
        project,
        can: project.format.has_downs(),
        definitions: Definitions::default(),
        ways: BTreeMap::new(),
        schema: Vec::new(),
    };
    let every = whole(project, project.directory.clone());
    lint::check(&every, &lint::Options { judge: false, ..*options }, &mut surveyor);
    let Surveyor { mut ways, schema, .. } = surveyor;
    ways.retain(|entry, _| schema.contains(entry));
    for way in ways.values_mut().filter(|way| way.moves_rows && way.drops) {
        way.give_up("rows were moved and their old place was dropped: going back must move them again".to_owned());
    }
    ways
}

struct Surveyor<'a> {
    project: &'a Project,
    can: bool,
    definitions: Definitions,
    ways: BTreeMap<usize, Way>,
    /// Entries that change the schema.
    schema: Vec<usize>,
}

impl Visitor for Surveyor<'_> {
    fn migration(&mut self, prepared: &Prepared, entry: usize) {
        let wanted = self.project.entries.get(entry).is_some_and(|entry| entry.is_reported());
        if let Some(rule) = missing(&prepared.migration, self.can).filter(|_| wanted) {
            self.ways.insert(entry, Way { rule, ..Way::default() });
        }
    }

    fn statement(&mut self, seen: &Seen<'_>) {
        if seen.direction != Direction::Up {
            return;
        }
        let text = seen.prepared.sources.get(seen.script.source).map_or(&*seen.script.text, |file| &file.text);
        let refused = seen.effects.whole.failures.iter().any(|failure| failure.certain == Truth::Yes);
        if let Some(way) = self.ways.get_mut(&seen.entry).filter(|_| !refused) {
            let mut after = seen.before.clone();
            after.apply(seen.statement, seen.script);
            let outside = seen.prepared.migration.down_transaction != TransactionMode::PerMigration;
            let scene =
                Scene { before: seen.before, after: &after, statement: seen.statement, text, definitions: &self.definitions, outside };
            way.add(of_statement(&scene));
            for change in &seen.statement.changes {
                way.drops |= matches!(change.action, Action::DropTable { .. } | Action::DropColumn { .. });
                way.moves_rows |= match &change.action {
                    Action::Update(_) => true,
                    Action::Insert(insert) => matches!(insert.source, InsertSource::Query { bounded: false, .. }),
                    _ => false,
                };
            }
            if seen.statement.changes.iter().any(|change| changes_schema(change.action.kind())) && !self.schema.contains(&seen.entry) {
                self.schema.push(seen.entry);
            }
        }
        self.definitions.record(seen.statement, text);
    }
}

/// Why ways back do not lead back, by entry.
pub fn objections(project: &Project, options: &lint::Options<'_>, ways: &BTreeMap<usize, Way>) -> BTreeMap<usize, String> {
    let mut referee = Referee { ways, found: BTreeMap::new() };
    lint::check(project, &lint::Options { judge: false, ..*options }, &mut referee);
    referee.found
}

struct Referee<'a> {
    ways: &'a BTreeMap<usize, Way>,
    found: BTreeMap<usize, String>,
}

impl Visitor for Referee<'_> {
    fn statement(&mut self, seen: &Seen<'_>) {
        if seen.direction != Direction::Down || !self.ways.contains_key(&seen.entry) {
            return;
        }
        if let Some(failure) = seen.effects.whole.failures.iter().find(|failure| failure.certain == Truth::Yes) {
            let words = seen.statement.span.slice(&seen.script.text);
            self.found.entry(seen.entry).or_insert_with(|| format!("{} ({words})", failure.reason));
        }
    }

    fn way_back(&mut self, entry: usize, differences: &[Difference]) {
        if !self.ways.contains_key(&entry) {
            return;
        }
        if let Some(difference) = differences.first() {
            self.found.entry(entry).or_insert_with(|| format!("what was written for it does not lead back: {difference}"));
        }
    }
}
