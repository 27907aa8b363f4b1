//! What exists: the schema as the migration history built it.
//!
//! The catalog is replayed statement by statement, in this order, for every migration:
//!
//! ```text
//! catalog.begin_migration(wrapped);
//! for statement in up   {
//!     let statement = callees.follow(statement, &catalog).unwrap_or(statement);
//!     effect::predict(&statement, &catalog);
//!     catalog.apply(&statement, callees.script());
//! }
//! catalog.end_migration();
//! // where there is a down script that is to be looked at:
//! catalog.begin_down(wrapped);
//! for statement in down { effect::predict(statement, &catalog); catalog.apply(statement, script); }
//! let differences = catalog.end_down();   // against the state before the up script
//! ```
//!
//! After `end_down` the catalog is again what it was after the up script. A statement that
//! `effect::predict` says is certain to fail should not be applied.
//! `end_migration` commits what the runner wrapped or the script left open.
//!
//! Reading is free: `tables` and the other shelves are `BTreeMap`s to look at, `lookup.rs` answers
//! the questions. Writing goes through the replay alone, which records what it replaces, so that
//! rollbacks and downs cost what they touch and not the size of the schema.

mod birth;
mod called;
mod difference;
mod given;
mod journal;
mod key;
mod links;
mod lookup;
mod object;
mod parts;
mod rebuild;
mod replay;
mod resolve;
mod session;
mod shelf;
pub mod spell;
mod table;

pub use birth::{Birth, Origin};
pub use called::Callees;
pub use difference::{Difference, DifferenceKind};
pub use given::{Given, constant_rows, filled_columns, is_default, written_rows};
pub use key::Key;
pub use lookup::{Presence, Usage};
pub use object::{Domain, DomainCheck, EnumLabel, EnumType, Fired, Routine, RowRule, Sequence, UserType, View};
pub use parts::Parts;
pub use rebuild::{Rebuild, RebuildLosses, RowCopy, missing_columns};
pub use replay::Lost;
pub use replay::naming::{postgres_columns, postgres_join};
pub use session::{Session, Setting, Transaction};
pub use shelf::Shelf;
pub use table::{
    Column, Constraint, ForeignKeyInfo, Index, IndexState, Partitioning, Published, Rows, Table, TableKind, TableStatistics, Trigger,
    Validity,
};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::Target;
use journal::Journal;
use links::Links;
use rebuild::Moves;

/// Everything known to exist at one point of the history.
#[derive(Debug, Clone)]
pub struct Catalog {
    pub target: Target,
    pub tables: Shelf<Key, Arc<Table>>,
    pub views: Shelf<Key, Arc<View>>,
    pub enums: Shelf<Key, Arc<EnumType>>,
    pub domains: Shelf<Key, Arc<Domain>>,
    /// Composite, range and base types.
    pub types: Shelf<Key, Arc<UserType>>,
    pub sequences: Shelf<Key, Arc<Sequence>>,
    pub routines: Shelf<Key, Arc<Routine>>,
    /// PostgreSQL schemas, MySQL and MariaDB databases.
    pub schemas: Shelf<String, Birth>,
    /// MySQL and MariaDB: character set and collation of databases, as CREATE and ALTER DATABASE
    /// said last, by folded name.
    pub database_text: BTreeMap<String, (Option<String>, Option<String>)>,
    pub extensions: Shelf<String, Birth>,
    /// PostgreSQL: publications and collations, by name.
    pub publications: Shelf<String, Birth>,
    pub collations: Shelf<String, Birth>,
    /// Which table owns an index. PostgreSQL and SQLite only: in MySQL and MariaDB index names are
    /// per table.
    pub index_owners: Shelf<Key, Key>,
    /// Tables, views, sequences and (outside MySQL) indexes the history created and dropped again:
    /// referring to one is certain to fail. The value is when it was dropped.
    pub dropped: Shelf<Key, Birth>,
    /// Functions and procedures the history created and of which it dropped the last of the name.
    pub dropped_routines: Shelf<Key, Birth>,
    pub session: Session,
    /// What the statement being looked at belongs to.
    pub now: Birth,
    /// Something was done that the replay could not follow (dynamic SQL, an unread statement), or
    /// a table was used that the history never made: absence from this catalog proves nothing.
    pub open_world: bool,
    links: Links,
    journal: Journal,
    moves: Moves,
    rebuilds: Vec<Rebuild>,
    /// Stands where a table is being worked on.
    stand_in: Arc<Table>,
}

impl Catalog {
    /// An empty database.
    pub fn new(target: Target) -> Self {
        Catalog {
            target,
            tables: Shelf::default(),
            views: Shelf::default(),
            enums: Shelf::default(),
            domains: Shelf::default(),
            types: Shelf::default(),
            sequences: Shelf::default(),
            routines: Shelf::default(),
            schemas: Shelf::default(),
            database_text: BTreeMap::new(),
            extensions: Shelf::default(),
            publications: Shelf::default(),
            collations: Shelf::default(),
            index_owners: Shelf::default(),
            dropped: Shelf::default(),
            dropped_routines: Shelf::default(),
            session: Session::opened(target.engine),
            now: Birth::default(),
            open_world: false,
            links: Links::default(),
            journal: Journal::default(),
            moves: Moves::default(),
            rebuilds: Vec::new(),
            stand_in: Arc::new(Table::named(Key::new("", ""), Birth::default())),
        }
    }
}
