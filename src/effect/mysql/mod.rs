use super::effects::Effects;
use crate::catalog::Catalog;
use crate::change::Statement;

/// One answer for each change of the statement, in order.
pub(super) fn effects(statement: &Statement, _before: &Catalog) -> Vec<Effects> {
    statement.changes.iter().map(|_| Effects::default()).collect()
}
