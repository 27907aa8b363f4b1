//! CREATE TRIGGER: what the servers refuse of a body before it has run once (measured on MySQL 8.0 and
//! 9.7, MariaDB 10.5, 10.11 and 11.8).

use super::failure;
use super::object::commits;
use super::server::Server;
use crate::catalog::{Catalog, Table};
use crate::change::{Action, Change, CreateTrigger, ObjectName, Parsing, Persistence, TriggerEvent, TriggerTiming};
use crate::effect::{Effects, Failure, Truth};

pub(super) fn created(effects: &mut Effects, trigger: &CreateTrigger, on: &ObjectName, table: Option<&Table>, before: &Catalog) {
    effects.failures.extend(rows(trigger));
    if on.schema.as_ref().is_some_and(|schema| schema.is("mysql")) {
        effects.failures.push(failure::schema(1465, "the server's own tables have no triggers", Truth::Yes));
    }
    let body = || trigger.body.iter().filter(|part| part.parsing == Parsing::Complete).flat_map(|part| &part.changes);
    if body().any(|change| ends(change, before)) {
        let reason = "what commits, by itself or by the way, cannot stand in a trigger";
        effects.failures.push(failure::schema(1422, reason, Truth::Yes));
    }
    if body().any(|change| matches!(change.action, Action::LockTables(_) | Action::UnlockTables)) {
        effects.failures.push(failure::schema(1314, "tables cannot be locked in a trigger", Truth::Yes));
    }
    super::object::missing_table(effects, Some(on), before, 1146);
    if before.view(on).is_some() {
        effects.failures.push(failure::schema(1347, format!("`{on}` is a view, which has no triggers"), Truth::Yes));
    }
    let Some(table) = table else { return };
    if table.persistence == Persistence::Temporary {
        effects.failures.push(failure::schema(1361, format!("`{on}` is a temporary table, which has no triggers"), Truth::Yes));
        return;
    }
    let name = &trigger.name.name.value;
    let own = table.trigger(name).is_some();
    // One name in the whole database.
    let taken = own || before.tables.iter().any(|(key, other)| key.schema == table.key.schema && other.trigger(name).is_some());
    if own && trigger.if_not_exists {
        return;
    }
    if taken && !(own && trigger.or_replace) {
        effects.failures.push(failure::schema(1359, format!("there is already a trigger `{}`", trigger.name), Truth::Yes));
        return;
    }
    let whole = table.complete && !table.uncertain;
    if let Some(beside) = trigger.beside.as_ref().filter(|_| whole) {
        let fits =
            table.trigger(&beside.value).is_some_and(|other| other.timing == trigger.timing && same_event(&other.events, &trigger.events));
        if !fits {
            let code = if Server(before.target).is_mariadb() { 4031 } else { 3011 };
            let reason = format!("no trigger `{beside}` runs at that time for that event");
            effects.failures.push(failure::schema(code, reason, Truth::Yes));
        }
    }
    if let Some(unknown) = trigger.row_names.iter().find(|name| table.column(&name.column.value).is_none()).filter(|_| whole) {
        let row = if unknown.old { "OLD" } else { "NEW" };
        effects.failures.push(failure::schema(1054, format!("`{on}` has no column for {row}.{}", unknown.column), Truth::Yes));
    }
}

/// Rows that the event does not have, or that cannot be changed any more.
fn rows(trigger: &CreateTrigger) -> Option<Failure> {
    let [event] = trigger.events.as_slice() else { return None };
    trigger.row_names.iter().find_map(|name| {
        let (missing, row) = match (event, name.old) {
            (TriggerEvent::Insert, true) => (true, "OLD"),
            (TriggerEvent::Delete, false) => (true, "NEW"),
            (_, true) => (false, "OLD"),
            (_, false) => (false, "NEW"),
        };
        if missing {
            Some(failure::schema(1363, format!("that event has no {row} row"), Truth::Yes))
        } else if name.set && (name.old || trigger.timing == TriggerTiming::After) {
            Some(failure::schema(1362, format!("the {row} row cannot be changed there"), Truth::Yes))
        } else {
            None
        }
    })
}

fn same_event(a: &[TriggerEvent], b: &[TriggerEvent]) -> bool {
    let kinds = |events: &[TriggerEvent]| events.iter().map(std::mem::discriminant).collect::<Vec<_>>();
    kinds(a) == kinds(b)
}

/// It ends a transaction, or opens one.
fn ends(change: &Change, before: &Catalog) -> bool {
    match &change.action {
        Action::Commit { .. } | Action::Begin { .. } => true,
        Action::CreateTable(_)
        | Action::DropTable { .. }
        | Action::Truncate { .. }
        | Action::RenameTable { .. }
        | Action::CreateIndex(_) => commits(&change.action, before),
        Action::AddColumn { .. } | Action::DropColumn { .. } | Action::ModifyColumn { .. } | Action::CreateView(_) => true,
        _ => false,
    }
}
