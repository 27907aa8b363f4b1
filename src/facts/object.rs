//! Finding the view, type, sequence, function or schema that a change names.

use super::Context;
use crate::catalog::{Birth, Presence, Routine};
use crate::change::{Action, ObjectKind};

/// When the object a change names was made.
pub(super) fn object_birth(cx: &Context<'_>) -> Option<Birth> {
    let catalog = cx.catalog();
    let (name, kind) = match &cx.change.action {
        Action::DropObject { name, kind, .. }
        | Action::RenameObject { name, kind, .. }
        | Action::SetObjectSchema { name, kind, .. }
        | Action::AlterObject { name, kind, .. } => (name, *kind),
        // MySQL and MariaDB rename views and sequences as they rename tables.
        Action::RenameTable { .. } => {
            let name = cx.change.table.as_ref()?;
            let kind = if catalog.view(name).is_some() { ObjectKind::View } else { ObjectKind::Sequence };
            (name, kind)
        }
        Action::RefreshView { .. } => (cx.change.table.as_ref()?, ObjectKind::MaterializedView),
        Action::AddEnumValue { name, .. } | Action::RenameEnumValue { name, .. } => (name, ObjectKind::Type),
        Action::AlterSequence { name, .. } => (name, ObjectKind::Sequence),
        Action::AlterDomain { name, .. } => (name, ObjectKind::Domain),
        _ => return None,
    };
    match kind {
        ObjectKind::View | ObjectKind::MaterializedView => catalog.view(name).map(|view| view.birth),
        ObjectKind::Sequence => catalog.sequence(name).map(|sequence| sequence.birth),
        ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Aggregate => catalog.routine(name).map(|routine| routine.birth),
        ObjectKind::Domain => catalog.domain(name).map(|domain| domain.birth),
        ObjectKind::Type => {
            catalog.enum_type(name).map(|one| one.birth).or_else(|| catalog.types.get(&catalog.resolve_type(name)).map(|one| one.birth))
        }
        ObjectKind::Schema | ObjectKind::Database => catalog.schemas.get(&catalog.fold(&name.name)).copied(),
        ObjectKind::Extension => catalog.extensions.get(&name.name.value).copied(),
        _ => None,
    }
}

/// The history made it and dropped it again, or made only routines of that name with other arguments.
pub(super) fn is_gone(cx: &Context<'_>) -> bool {
    let Action::DropObject { name, kind, .. } = &cx.change.action else { return false };
    let catalog = cx.catalog();
    match kind {
        ObjectKind::View | ObjectKind::MaterializedView | ObjectKind::Sequence => catalog.presence(name) == Presence::Dropped,
        ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Aggregate => {
            misses(cx) || catalog.routine(name).is_none() && catalog.dropped_routines.contains_key(&catalog.resolve_routine(name))
        }
        _ => false,
    }
}

/// The history made routines of that name, and none of them takes so many arguments.
pub(super) fn misses(cx: &Context<'_>) -> bool {
    let Action::DropObject { name, arguments: Some(wanted), .. } = &cx.change.action else { return false };
    let takes = |known: &Routine| (known.required..=known.arguments).contains(wanted);
    let catalog = cx.catalog();
    !catalog.open_world && catalog.routine(name).is_some_and(|known| !takes(known) && !known.overloads.iter().any(|other| takes(other)))
}
