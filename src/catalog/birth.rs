//! When an object came to be, relative to the statement being looked at.

/// The migration and the transaction (both counted through the history) in which something was
/// made. Statements outside any transaction count as one transaction each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Birth {
    pub migration: u32,
    pub transaction: u32,
    pub statement: u32,
}

/// An object's age as a rule sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Made by an earlier migration: clients know it, rows are in it.
    Before,
    /// Made earlier in this migration, committed since: visible, but nobody uses it yet.
    ThisMigration,
    /// Made in this very transaction: nobody else can see it.
    ThisTransaction,
    /// The history does not say. Treated as existing before.
    Unknown,
}

impl Birth {
    pub fn origin(self, now: Birth) -> Origin {
        if self.migration != now.migration {
            Origin::Before
        } else if self.transaction == now.transaction {
            Origin::ThisTransaction
        } else {
            Origin::ThisMigration
        }
    }
}

impl Origin {
    /// Nobody but this migration can be using it.
    pub fn is_new(self) -> bool {
        matches!(self, Origin::ThisMigration | Origin::ThisTransaction)
    }
}
