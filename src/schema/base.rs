//! The catalog that a dump makes, and which migrations are replayed over it.

use super::recorded::Recorded;
use super::{SchemaDump, StandsAt};
use crate::catalog::{Catalog, TableKind};
use crate::change::{self, Action, ObjectName, Parsing, Statement};
use crate::discover::{Project, ProjectEntry};
use crate::effect::{self, FailureCause};
use crate::engine::{Engine, Target};
use crate::finding::{Problem, Severity};
use crate::source::{Location, Script, SourceFile, SourceId, Sources};
use crate::sql::Splitter;

/// Where the replay starts.
pub struct Base {
    pub catalog: Catalog,
    pub problem: Option<Problem>,
    /// Of each entry whether its outcome is in the dump.
    inside: Vec<bool>,
    /// The first of these that is judged: from here on they are taken back out.
    first_judged: usize,
}

impl Base {
    pub fn of(dump: &SchemaDump, project: &Project, target: Target) -> Base {
        let sources = dump.sources();
        let mut catalog = Catalog::new(target);
        let mut recorded = Recorded::default();
        let mut unread = Unread::default();
        catalog.begin_migration(false);
        for (id, file) in sources.iter() {
            read(id, file, &mut catalog, &mut recorded, &mut unread);
        }
        catalog.end_migration();
        catalog.forget_dropped();
        // A dump tells everything, as far as it could be read.
        catalog.open_world = unread.count > 0;
        let inside = match &dump.stands_at {
            StandsAt::Start => vec![false; project.entries.len()],
            StandsAt::Version(version) => project.up_to(version),
            StandsAt::Listed { otherwise: Some(version) } if recorded.is_empty() => project.up_to(version),
            StandsAt::Listed { .. } => recorded.entries(project),
        };
        let judged = project.entries.iter().zip(&inside).position(|(entry, inside)| *inside && ProjectEntry::is_reported(entry));
        let problem = unread.problem(&sources);
        Base { catalog, problem, first_judged: judged.unwrap_or(project.entries.len()), inside }
    }

    /// How many of the migrations the dump holds.
    pub fn count(&self) -> usize {
        self.inside.iter().filter(|inside| **inside).count()
    }

    /// Whether an entry's outcome is there from the start: it is not replayed.
    pub fn holds(&self, entry: usize) -> bool {
        entry < self.first_judged && self.inside.get(entry) == Some(&true)
    }

    /// The entries to take back out of the dump, the newest first.
    pub fn to_take_back(&self) -> Vec<usize> {
        (self.first_judged..self.inside.len()).rev().filter(|entry| self.inside.get(*entry) == Some(&true)).collect()
    }

    /// The entries before those.
    pub fn held(&self) -> Vec<usize> {
        (0..self.first_judged.min(self.inside.len())).filter(|entry| self.holds(*entry)).collect()
    }
}

fn read(id: SourceId, file: &SourceFile, catalog: &mut Catalog, recorded: &mut Recorded, unread: &mut Unread) {
    let script = Script::whole(id, file.text.clone());
    for piece in Splitter::new(&script.text, catalog.target) {
        let statement = change::read_piece(&script.text, &piece, catalog.target);
        if let Parsing::Failed { at, expected } = &statement.parsing {
            unread.add(script.locate(*at), expected);
            continue;
        }
        if makes_own_table(&statement, catalog) {
            continue;
        }
        recorded.note(catalog, &statement, &piece, &script.text);
        // A dump ran once; what cannot run is none, and must not bend the catalog.
        if effect::predict(&statement, catalog).whole.certain_failure().is_none_or(|failure| failure.cause == FailureCause::Transaction) {
            catalog.apply(&statement, &script);
        }
    }
}

/// SQLite's shell writes down the tables that SQLite keeps for itself, and those in which a virtual
/// table keeps its own, which come and go with it.
fn makes_own_table(statement: &Statement, catalog: &Catalog) -> bool {
    if catalog.target.engine != Engine::Sqlite {
        return false;
    }
    let is_own = |name: &ObjectName| {
        let name = name.name.value.to_ascii_lowercase();
        let virtual_table = name.rsplit_once('_').filter(|(_, part)| SHADOWS.contains(part)).and_then(|(table, _)| {
            catalog.tables.iter().find(|(key, _)| key.name == table).map(|(_, table)| table.kind == TableKind::Virtual)
        });
        name.starts_with("sqlite_") || virtual_table == Some(true)
    };
    statement.changes.iter().any(|change| matches!(&change.action, Action::CreateTable(create) if is_own(&create.name)))
}

/// The tables behind FTS3 to FTS5 and R*Tree (manual, fts3 3, fts5 9, rtree 2).
const SHADOWS: [&str; 12] =
    ["data", "idx", "content", "docsize", "config", "segments", "segdir", "stat", "node", "parent", "rowid", "vocab"];

/// Statements nobody could read: one warning for all of them.
#[derive(Default)]
struct Unread {
    count: usize,
    first: Option<(Location, String)>,
}

impl Unread {
    fn add(&mut self, at: Location, expected: &str) {
        self.count += 1;
        self.first.get_or_insert_with(|| (at, expected.to_owned()));
    }

    fn problem(self, sources: &Sources) -> Option<Problem> {
        let (at, expected) = self.first?;
        let file = sources.get(at.source)?;
        let place = file.position(at.span.start);
        let message = match self.count {
            1 => format!("a statement of this schema dump could not be read: expected {expected}"),
            count => format!("{count} statements of this schema dump could not be read, the first here: expected {expected}"),
        };
        Some(Problem {
            path: file.path.clone(),
            line: Some(place.line),
            column: Some(place.column),
            severity: Severity::Warning,
            message,
            help: Some("what they make is not known to the checks; is the dump one of this engine?".to_owned()),
            fatal: false,
        })
    }
}
