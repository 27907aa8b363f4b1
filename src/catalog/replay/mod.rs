//! Statements into schema: what the catalog looks like after each of them.

use super::Catalog;
use crate::change::Statement;
use crate::source::Script;

impl Catalog {
    /// What the schema looks like after the statement.
    pub fn apply(&mut self, _statement: &Statement, _script: &Script) {
        self.next_statement();
    }
}
