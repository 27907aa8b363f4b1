//! Metadata locks.

use super::draft::Draft;
use super::flags::Flags;
use crate::catalog::{Catalog, Key, Table};
use crate::change::{Action, Change, ConstraintBody, ObjectName};
use crate::effect::{Effects, Lock, LockMode, RelationKind};

pub(super) fn push(effects: &mut Effects, key: &Key, mode: LockMode) {
    let relation = key.to_string();
    match effects.locks.iter_mut().find(|lock| lock.relation == relation) {
        Some(lock) => lock.mode = lock.mode.max(mode),
        None => effects.locks.push(Lock { relation, kind: RelationKind::Table, mode }),
    }
}

/// An ALTER ends with an exclusive lock on its table. MySQL 8 takes the same on the tables at the
/// other end of foreign keys it makes, drops or refers to; MariaDB keeps writers out of the parent
/// while rows are checked (both measured).
pub(super) fn alter(effects: &mut Effects, draft: &Draft<'_>, change: Option<&Change>) {
    let Some(table) = draft.table else {
        if let Some(name) = change.and_then(|change| change.table.as_ref()) {
            push(effects, &draft.catalog.resolve(name), LockMode::MetadataExclusive);
        }
        return;
    };
    push(effects, &table.key, LockMode::MetadataExclusive);
    if draft.server.locks_foreign_tables() {
        children(effects, draft.catalog, table);
        if draft.flags.has(Flags::DROP_FOREIGN) {
            for key in table.foreign_keys().filter(|key| draft.dropped_constraints.iter().any(|name| name.eq_ignore_ascii_case(&key.name)))
            {
                if let Some(info) = &key.foreign_key {
                    push(effects, &info.references, LockMode::MetadataExclusive);
                }
            }
        }
    }
    if let Some(parent) = change.and_then(|change| added_parent(&change.action)) {
        let key = draft.catalog.resolve(parent);
        if draft.server.locks_foreign_tables() {
            push(effects, &key, LockMode::MetadataExclusive);
        } else if draft.session.checks_foreign_keys {
            push(effects, &key, LockMode::MetadataSharedNoWrite);
        }
    }
}

/// Tables whose foreign keys reference this one.
pub(super) fn children(effects: &mut Effects, catalog: &Catalog, table: &Table) {
    for (child, _) in catalog.referencing_foreign_keys(&table.key) {
        push(effects, &child.key, LockMode::MetadataExclusive);
    }
}

/// Tables this one's foreign keys reference.
pub(super) fn parents(effects: &mut Effects, table: &Table) {
    for info in table.foreign_keys().filter_map(|key| key.foreign_key.as_ref()) {
        push(effects, &info.references, LockMode::MetadataExclusive);
    }
}

fn added_parent(action: &Action) -> Option<&ObjectName> {
    let foreign = |body: &ConstraintBody| matches!(body, ConstraintBody::ForeignKey(_));
    match action {
        Action::AddConstraint(constraint) => match &constraint.body {
            ConstraintBody::ForeignKey(key) => Some(&key.references),
            _ => None,
        },
        Action::AddColumn { column, .. } => {
            column.constraints.iter().find(|constraint| foreign(&constraint.body)).and_then(|constraint| match &constraint.body {
                ConstraintBody::ForeignKey(key) => Some(&key.references),
                _ => None,
            })
        }
        _ => None,
    }
}
