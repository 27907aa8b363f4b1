//! MariaDB's sequences: tables of one row, whose definition is fixed (measured on 10.5, 10.11 and 11.8).

use super::failure;
use super::locks::push;
use super::object::missing_table;
use super::server::Server;
use crate::catalog::{Catalog, Presence};
use crate::change::{Action, CreateSequence, ObjectName, SequenceNumbers};
use crate::effect::{Effects, Failure, LockMode, Loss, LossKind, Truth};

/// Numbers that do not fit each other (`sequence_definition::check_and_adjust`).
fn bounds(numbers: &SequenceNumbers, whole: bool, before: &Catalog) -> Option<Failure> {
    let down = numbers.increment.is_some_and(|by| by < 0);
    let (lowest, highest) = (i128::from(i64::MIN), i128::from(i64::MAX));
    let own = |value: Option<i128>, otherwise: i128| value.or(whole.then_some(otherwise));
    let maximum = own(numbers.maximum, if down { -1 } else { highest - 1 });
    let minimum = own(numbers.minimum, if down { lowest + 1 } else { 1 });
    let start = numbers.start.or(if whole && down {
        maximum
    } else if whole {
        minimum
    } else {
        None
    });
    let over = |a: Option<i128>, b: Option<i128>| a.zip(b).is_some_and(|(a, b)| a > b);
    let ends = !before.target.at_least(11, 5, 0) && (numbers.maximum == Some(highest) || numbers.minimum == Some(lowest));
    let level = minimum.is_some() && minimum == maximum;
    let wrong =
        over(minimum, maximum) || level || over(minimum, start) || over(start, maximum) || ends || numbers.cache.is_some_and(|it| it < 0);
    wrong.then(|| failure::schema(4085, "the numbers of the sequence do not fit each other", Truth::Yes))
}

pub(super) fn created(effects: &mut Effects, sequence: &CreateSequence, before: &Catalog) {
    if sequence.data_type.is_none() {
        effects.failures.extend(bounds(&sequence.numbers, true, before));
    }
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

pub(super) fn altered(effects: &mut Effects, name: &ObjectName, numbers: &SequenceNumbers, if_exists: bool, before: &Catalog) {
    if before.sequence(name).is_some() {
        effects.failures.extend(bounds(numbers, false, before));
    }
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
