//! What a rule looks at: one statement on its stage, and one change of it.

use std::cell::OnceCell;

use super::element::Element;
use super::ledger::Ledger;
use super::lookup;
use crate::catalog::{Catalog, Column, Key, Table};
use crate::change::{Action, Change, Ident, ObjectName, Statement};
use crate::effect::{Effects, StatementEffects};
use crate::engine::Target;
use crate::migration::{Down, Migration, TransactionMode};
use crate::source::{Script, Span};

/// Numbers a project may set.
#[derive(Debug, Clone, Copy)]
pub struct Thresholds {
    /// From how many rows on a table counts as large.
    pub large_table_rows: u64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds { large_table_rows: 100_000 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
}

impl Direction {
    pub fn name(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
        }
    }
}

/// Which way back a migration has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DownKind {
    Script,
    Missing,
    Empty,
    NotSupported,
    Irreversible,
}

/// What is known of the migration a statement stands in.
#[derive(Debug, Clone, Copy)]
pub struct MigrationFacts<'a> {
    pub version: &'a str,
    pub name: &'a str,
    /// How the script at hand is wrapped.
    pub transaction: TransactionMode,
    pub down: DownKind,
    pub direction: Direction,
    /// How many statements the script has.
    pub statements: u32,
    /// So many have been written since that it has run.
    pub settled: bool,
}

impl<'a> MigrationFacts<'a> {
    pub fn of(migration: &'a Migration, direction: Direction, statements: usize) -> Self {
        MigrationFacts {
            version: &migration.version,
            name: &migration.name,
            transaction: match direction {
                Direction::Up => migration.transaction,
                Direction::Down => migration.down_transaction,
            },
            down: DownKind::of(&migration.down),
            direction,
            statements: u32::try_from(statements).unwrap_or(u32::MAX),
            settled: false,
        }
    }
}

impl DownKind {
    pub fn of(down: &Down) -> Self {
        match down {
            Down::Script(_) => DownKind::Script,
            Down::Missing => DownKind::Missing,
            Down::Empty(_) => DownKind::Empty,
            Down::NotSupported => DownKind::NotSupported,
            Down::Irreversible(_) => DownKind::Irreversible,
        }
    }
}

/// One statement with all that was known just before it runs.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub script: &'a Script,
    pub statement: &'a Statement,
    /// The statements of the script that come after it.
    pub following: &'a [Statement],
    pub effects: &'a StatementEffects,
    pub before: &'a Catalog,
    pub migration: &'a MigrationFacts<'a>,
    /// What the statements before it in this migration did.
    pub ledger: &'a Ledger,
    pub thresholds: Thresholds,
}

/// One change of a scene: what every fact is asked about. Lookups are made once, at first need.
pub struct Context<'a> {
    pub scene: Scene<'a>,
    pub change: &'a Change,
    /// What this change does.
    pub effects: &'a Effects,
    /// Its number in the statement, from 0.
    pub position: usize,
    /// The column, constraint, index or name of it that is looked at alone.
    pub element: Option<Element<'a>>,
    table: OnceCell<Option<&'a Table>>,
    column: OnceCell<Option<&'a Column>>,
}

impl<'a> Context<'a> {
    pub fn new(scene: Scene<'a>, position: usize, change: &'a Change, effects: &'a Effects) -> Self {
        Context { scene, change, effects, position, element: None, table: OnceCell::new(), column: OnceCell::new() }
    }

    /// The same change with an eye on one thing that it defines.
    pub fn on(scene: Scene<'a>, position: usize, change: &'a Change, effects: &'a Effects, element: Element<'a>) -> Self {
        Context { element: Some(element), ..Context::new(scene, position, change, effects) }
    }

    /// What a finding points at when it points at the change.
    pub fn span(&self) -> Span {
        self.element.map_or(self.change.span, |element| element.span())
    }

    /// The name of the column the change works on.
    pub fn column_name(&self) -> Option<&'a Ident> {
        match self.element {
            Some(Element::Column(column)) => Some(&column.name),
            Some(Element::Constraint(_) | Element::Index(_) | Element::Name(_)) | None => lookup::column_name(self.change),
        }
    }

    pub fn target(&self) -> Target {
        self.scene.before.target
    }

    pub fn catalog(&self) -> &'a Catalog {
        self.scene.before
    }

    /// The table the change works on, as it was before the statement.
    pub fn table(&self) -> Option<&'a Table> {
        *self.table.get_or_init(|| lookup::table_of(self.scene.before, self.change))
    }

    /// The table was made by an earlier change of the same statement: in a block of code, before
    /// which it was not there.
    pub fn made_in_block(&self) -> bool {
        let (None, Some(name)) = (self.table(), &self.change.table) else { return false };
        let shown = shown_name(name);
        let before = self.scene.statement.changes.iter().take(self.position);
        before.into_iter().any(|change| matches!(&change.action, Action::CreateTable(table) if shown_name(&table.name) == shown))
    }

    /// The column the change works on, as it was before the statement.
    pub fn column(&self) -> Option<&'a Column> {
        *self.column.get_or_init(|| {
            let name = self.column_name()?;
            self.table()?.columns.iter().find(|column| column.name.eq_ignore_ascii_case(&name.value))
        })
    }

    /// The changes that come after this one in the migration, as far as anybody looks.
    pub fn later(&self) -> impl Iterator<Item = &'a Change> + use<'a> {
        let rest = self.scene.statement.changes.iter().skip(self.position + 1);
        rest.chain(self.scene.following.iter().flat_map(|statement| &statement.changes)).take(FARTHEST)
    }

    /// The same, far enough for the scripts that drop every constraint before they add them again.
    pub fn much_later(&self) -> impl Iterator<Item = &'a Change> + use<'a> {
        let rest = self.scene.statement.changes.iter().skip(self.position + 1);
        rest.chain(self.scene.following.iter().flat_map(|statement| &statement.changes)).take(MUCH_FARTHER)
    }

    /// Whether [`Context::later`] reaches the script's end.
    pub fn is_read_to_the_end(&self) -> bool {
        self.later().count() < FARTHEST
    }

    /// A table by the name written in the statement.
    pub fn find(&self, name: &ObjectName) -> Option<&'a Table> {
        lookup::table(self.scene.before, name)
    }

    /// A table by the name effects use.
    pub fn relation(&self, shown: &str) -> Option<&'a Table> {
        lookup::shown(self.scene.before, shown)
    }

    /// The words of the script under a span.
    pub fn words(&self, span: Span) -> &'a str {
        span.slice(&self.scene.script.text)
    }

    /// The table's name in the spelling of the statement: engines that do not tell case apart keep
    /// it folded.
    pub fn spelled_table_name(&self) -> String {
        match (self.table(), &self.change.table) {
            (Some(table), Some(name)) if name.name.value.eq_ignore_ascii_case(&table.key.name) => {
                Key::new(table.key.schema.as_str(), name.name.value.as_str()).to_string()
            }
            _ => self.table_name(),
        }
    }

    /// The table's name as effects and the catalog write it.
    pub fn table_name(&self) -> String {
        match (self.table(), &self.change.table) {
            (Some(table), _) => table.key.to_string(),
            (None, Some(name)) => shown_name(name),
            (None, None) => String::new(),
        }
    }
}

/// What belongs together stands nearer than this, even in dumps that drop everything before they
/// create it; without an end every DROP of a very large script would read the rest of the script.
const FARTHEST: usize = 1_000;

/// For the few facts that only compare a name.
const MUCH_FARTHER: usize = 5_000;

/// A name as [`Key`] would show it: `public.` left out.
pub fn shown_name(name: &ObjectName) -> String {
    let schema = name.schema.as_ref().map(|schema| schema.value.as_str()).unwrap_or_default();
    Key::new(schema, name.name.value.as_str()).to_string()
}
