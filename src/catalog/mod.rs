//! What exists: the schema as the migration history built it.
//!
//! The catalog is replayed statement by statement. Tables are shared (`Arc`), so a copy of a
//! catalog, needed for savepoints and for comparing up with down, costs a map of pointers.

mod birth;
mod key;
mod object;
mod session;
mod table;

pub use birth::{Birth, Origin};
pub use key::Key;
pub use object::{Domain, DomainCheck, EnumLabel, EnumType, Routine, Sequence, View};
pub use session::{Session, Setting, Transaction};
pub use table::{
    Column, Constraint, ForeignKeyInfo, Index, IndexState, Partitioning, Rows, Table, TableKind, TableStatistics, Trigger, Validity,
};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::engine::Target;

/// Everything known to exist at one point of the history.
#[derive(Debug, Clone)]
pub struct Catalog {
    pub target: Target,
    pub tables: BTreeMap<Key, Arc<Table>>,
    pub views: BTreeMap<Key, Arc<View>>,
    pub enums: BTreeMap<Key, Arc<EnumType>>,
    pub domains: BTreeMap<Key, Arc<Domain>>,
    /// Composite, range and other types: known by name, with their birth.
    pub types: BTreeMap<Key, Birth>,
    pub sequences: BTreeMap<Key, Arc<Sequence>>,
    pub routines: BTreeMap<Key, Arc<Routine>>,
    pub schemas: BTreeMap<String, Birth>,
    pub extensions: BTreeMap<String, Birth>,
    /// Which table owns an index; in MySQL and MariaDB index names are per table, so the key's
    /// schema part is the table's name there.
    pub index_owners: BTreeMap<Key, Key>,
    /// Objects the history created and dropped again: referring to one is certain to fail.
    pub dropped: BTreeSet<Key>,
    pub session: Session,
    /// What the statement being looked at belongs to.
    pub now: Birth,
    /// Something was done that the replay could not follow (dynamic SQL, an unread statement), or
    /// a table was used that the history never made: absence from this catalog proves nothing.
    pub open_world: bool,
}
