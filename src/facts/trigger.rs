//! Triggers that are put in the place of others.

use super::Context;
use crate::catalog::{Catalog, Key};
use crate::change::{Action, Change, CreateTrigger, ObjectKind};

/// Another trigger for the same table, the same moment and all of the events: whatever its name, it
/// is what does the work from now on.
pub(super) fn succeeds(cx: &Context<'_>, created: &CreateTrigger, by: &Change) -> bool {
    let Action::DropObject { kind: ObjectKind::Trigger, name, .. } = &cx.change.action else { return false };
    // MySQL and SQLite do not write the table of a trigger that is dropped.
    let named = cx.change.table.as_ref().and_then(|table| cx.find(table));
    let owner = named.or_else(|| cx.catalog().tables.values().find(|table| table.trigger(&name.name.value).is_some()).map(|it| &**it));
    let Some(owner) = owner else { return false };
    let Some(dropped) = owner.trigger(&name.name.value) else { return false };
    let here = by.table.as_ref().is_some_and(|table| cx.catalog().resolve(table) == owner.key);
    here && dropped.timing == created.timing && dropped.events.iter().all(|event| created.events.contains(event))
}

/// The names of the triggers that execute a function.
pub(super) fn calling(catalog: &Catalog, function: &Key) -> Vec<String> {
    let triggers = catalog.tables.values().flat_map(|table| &table.triggers);
    let mut names: Vec<String> =
        triggers.filter(|trigger| trigger.function.as_ref() == Some(function)).map(|trigger| trigger.name.clone()).collect();
    names.sort();
    names
}
