//! MariaDB's sequences: tables of one row, whose definition is fixed (measured on 10.5, 10.11 and 11.8).

use super::failure;
use super::locks::push;
use super::object::missing_table;
use super::server::Server;
use crate::catalog::{Catalog, Presence};
use crate::change::{Action, CreateSequence, ObjectName};
use crate::effect::{Effects, Failure, LockMode, Loss, LossKind, Truth};

pub(super) fn created(effects: &mut Effects, sequence: &CreateSequence, before: &Catalog) {
    let taken = before.presence(&sequence.name) == Presence::Present && !sequence.temporary;
    if !taken || sequence.if_not_exists {
        return;
    }
    if !sequence.or_replace {
        let reason = format!("there is already a table, view or sequence `{}`", sequence.name);
        effects.failures.push(failure::schema(1050, reason, Truth::Yes));
    } else if before.table(&sequence.name).is_some() {
        let key = before.resolve(&sequence.name);
        push(effects, &key, LockMode::MetadataExclusive);
        effects.losses.push(Loss { kind: LossKind::Table, object: key.to_string(), certain: Truth::Yes });
        effects.reversible = Truth::No;
    }
}

pub(super) fn altered(effects: &mut Effects, name: &ObjectName, if_exists: bool, before: &Catalog) {
    if before.table(name).is_some() || before.view(name).is_some() {
        effects.failures.push(failure::schema(4089, format!("`{name}` is no sequence"), Truth::Yes));
    } else if !if_exists {
        missing_table(effects, Some(name), before, 4091);
    }
}

pub(super) fn dropped(effects: &mut Effects, name: &ObjectName, if_exists: bool, before: &Catalog) {
    if before.table(name).is_some() || before.view(name).is_some() {
        effects.failures.push(failure::schema(4090, format!("`{name}` is no sequence"), Truth::Yes));
    } else if !if_exists {
        missing_table(effects, Some(name), before, 4091);
    }
}

/// Its one row changes by NEXTVAL and ALTER SEQUENCE only.
pub(super) fn refuse_rows(effects: &mut Effects, name: &ObjectName, before: &Catalog) {
    if is_sequence(name, before) {
        let reason = format!("`{name}` is a sequence: ALTER SEQUENCE changes where it stands");
        effects.failures.push(failure::schema(1031, reason, Truth::Yes));
    }
}

/// ALTER TABLE of a sequence: its columns stay what they are.
pub(super) fn refuse_change(action: &Action, name: &ObjectName, before: &Catalog) -> Option<Failure> {
    let shapes = matches!(
        action,
        Action::AddColumn { .. }
            | Action::DropColumn { .. }
            | Action::ModifyColumn { .. }
            | Action::RenameColumn { .. }
            | Action::AddConstraint(_)
            | Action::CreateIndex(_)
    );
    let reason = || format!("`{name}` is a sequence, whose columns cannot be changed");
    (shapes && is_sequence(name, before)).then(|| failure::schema(4086, reason(), Truth::Yes))
}

fn is_sequence(name: &ObjectName, before: &Catalog) -> bool {
    Server(before.target).is_mariadb() && before.table(name).is_none() && before.sequence(name).is_some()
}
