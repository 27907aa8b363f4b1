//! Adding a constraint without reading the rows.

use super::insertion;
use crate::change::{Action, ConstraintBody};
use crate::engine::Engine;
use crate::facts::Context;
use crate::finding::Safety;
use crate::rules::hit::Remedy;

/// `NOT VALID` behind a CHECK or foreign key. A person must still add the VALIDATE in a later
/// migration, so it is not the same outcome.
pub fn add(context: &Context<'_>) -> Option<Remedy> {
    let Action::AddConstraint(constraint) = &context.change.action else { return None };
    // Foreign keys of partitioned tables take it from version 18 on.
    let partitioned = context.table().is_some_and(|table| table.partitioning.is_some());
    let refused = partitioned && matches!(constraint.body, ConstraintBody::ForeignKey(_)) && !context.target().at_least(18, 0, 0);
    if context.target().engine != Engine::Postgres || refused {
        return None;
    }
    let can = matches!(constraint.body, ConstraintBody::Check(_) | ConstraintBody::ForeignKey(_));
    if !can || constraint.not_valid.is_some() || constraint.inline {
        return None;
    }
    let title = "add NOT VALID, and validate in a later migration";
    Some(insertion(title, Safety::Unsafe, constraint.span.end, " NOT VALID"))
}
