//! CREATE TRIGGER, CREATE RULE and policies.

use super::object::table_of;
use super::outcome::Outcome;
use super::scene::{Relation, Scene};
use super::words::{Word, words};
use super::{explain, row_names, view};
use crate::catalog::TableKind;
use crate::change::{Change, CreatePolicy, CreateRule, CreateTrigger, Ident, ObjectName, TriggerEvent, TriggerTiming};
use crate::effect::{BreakageKind, FailureCause, LockMode, Truth};

pub(super) fn create_trigger(scene: Scene<'_>, change: &Change, trigger: &CreateTrigger, out: &mut Outcome) {
    let Some(relation) = table_of(scene, change, out) else { return };
    if trigger.constraint && trigger.timing == TriggerTiming::Before {
        out.fail("42601", "a constraint trigger runs AFTER", FailureCause::Syntax, Truth::Yes);
        return;
    }
    if trigger.timing == TriggerTiming::InsteadOf && (!trigger.for_each_row || trigger.when.is_some()) {
        out.refuse("0A000", "INSTEAD OF triggers are for each row, and have no WHEN");
        return;
    }
    if trigger.transition {
        if trigger.timing != TriggerTiming::After {
            out.refuse("42P17", "only AFTER triggers are given tables of the changed rows");
            return;
        }
        let listed = trigger.events.iter().any(|event| matches!(event, TriggerEvent::Update(columns) if !columns.is_empty()));
        if trigger.events.len() > 1 || listed {
            out.refuse("0A000", "tables of the changed rows are for triggers of one event, without a list of columns");
            return;
        }
    }
    if trigger.for_each_row && trigger.events.iter().any(|event| matches!(event, TriggerEvent::Truncate)) {
        out.refuse("0A000", "TRUNCATE has no triggers for each row");
    }
    out.lock_relation(relation, LockMode::ShareRowExclusive);
    if let Some(function) = &trigger.function
        && !scene.catalog.routines.contains_key(&scene.catalog.resolve_routine(function))
        && !matches!(
            function.name.value.as_str(),
            "suppress_redundant_updates_trigger"
                | "tsvector_update_trigger"
                | "tsvector_update_trigger_column"
                | "lo_manage"
                | "moddatetime"
        )
    {
        let certain = if scene.catalog.open_world || scene.catalog.routines.is_empty() { Truth::Unknown } else { Truth::Yes };
        out.fail("42883", format!("function \"{function}\" does not exist"), FailureCause::Schema, certain);
    }
    let returned = trigger.function.as_ref().and_then(|name| scene.catalog.routine(name)).and_then(|routine| routine.returns.as_ref());
    if let (Some(function), Some(returned)) = (&trigger.function, returned)
        && returned.name != "trigger"
    {
        out.refuse("42P17", format!("function {function} must return type trigger"));
    }
    if let Some(other) = trigger.from.as_ref().and_then(|name| scene.relation(name)) {
        out.lock_relation(other, LockMode::AccessShare);
    }
    match relation {
        Relation::Table(table) if table.kind == TableKind::MaterializedView => {
            out.refuse("42809", format!("\"{}\" is a materialized view: it takes no triggers", table.key));
        }
        Relation::Table(table) => {
            let named = trigger.events.iter().flat_map(|event| match event {
                TriggerEvent::Update(columns) => columns.as_slice(),
                TriggerEvent::Insert | TriggerEvent::Delete | TriggerEvent::Truncate => &[],
            });
            for missing in named.filter(|name| table.complete && !table.columns.iter().any(|column| column.name == name.value)) {
                out.refuse("42703", format!("column \"{missing}\" of \"{}\" does not exist", table.key));
            }
            row_names::condition(scene, trigger, table, out);
            let exists = table.triggers.iter().any(|known| known.name == trigger.name.name.value);
            if exists && !trigger.or_replace {
                out.refuse("42710", format!("trigger \"{}\" for relation \"{}\" already exists", trigger.name, table.key));
            }
            if trigger.timing == TriggerTiming::InsteadOf {
                out.refuse("42809", format!("\"{}\" is a table: it takes no INSTEAD OF triggers", table.key));
            }
            if table.partitioning.is_some() && trigger.for_each_row {
                if scene.major < 11 {
                    out.refuse("42809", "row triggers on partitioned tables need PostgreSQL 11");
                } else if trigger.timing == TriggerTiming::Before && scene.major < 13 {
                    out.refuse("42809", "BEFORE row triggers on partitioned tables need PostgreSQL 13");
                }
                for member in scene.descendants(table) {
                    out.lock(member, LockMode::ShareRowExclusive);
                }
            }
            out.break_client(BreakageKind::Trigger, table.key.to_string(), "every write runs it from then on", Truth::Unknown);
        }
        Relation::View(view) if view.materialized => out.refuse("42809", format!("\"{}\" takes no triggers", view.key)),
        Relation::View(view) => {
            if trigger.timing != TriggerTiming::InsteadOf && trigger.for_each_row {
                out.refuse("42809", format!("\"{}\" is a view: its row triggers are INSTEAD OF", view.key));
            }
        }
        Relation::Index(..) | Relation::Sequence(_) => out.refuse("42809", "triggers belong to tables and views"),
    }
}

/// Its commands are analysed when it is made: what they name is locked as for a query that is not
/// planned (proven).
pub(super) fn create_rule(scene: Scene<'_>, change: &Change, rule: &CreateRule, out: &mut Outcome) {
    let Some(relation) = table_of(scene, change, out) else { return };
    if let Relation::Table(table) = relation {
        if table.kind == TableKind::MaterializedView {
            out.refuse("0A000", format!("\"{}\" is a materialized view: it takes no rules", table.key));
            return;
        }
        if table.rules.iter().any(|known| known.name == rule.name.value) && !rule.or_replace {
            out.refuse("42710", format!("rule \"{}\" for relation \"{}\" already exists", rule.name, table.key));
        }
        if rule.event == "select" && scene.at_least(16) {
            out.refuse("42809", format!("\"{}\" is a table: a rule cannot make it a view", table.key));
        }
    }
    out.lock_relation(relation, LockMode::AccessExclusive);
    view::read(scene, &rule.reads, false, Truth::No, out);
    row_names::of_rule(relation, &rule.row_columns, out);
    for command in &rule.commands {
        let scene = Scene { statement: command, ..scene };
        for change in &command.changes {
            explain::analysed(scene, change, true, out);
        }
    }
}

pub(super) fn policy(scene: Scene<'_>, change: &Change, name: &str, create: bool, reads: &[ObjectName], out: &mut Outcome) {
    let Some(relation) = table_of(scene, change, out) else { return };
    if !matches!(relation, Relation::Table(_)) {
        out.refuse("42809", "policies belong to tables");
        return;
    }
    out.lock_relation(relation, LockMode::AccessExclusive);
    if let Relation::Table(table) = relation {
        for read in reads {
            match scene.relation(read) {
                Some(Relation::Table(other)) if other.key == table.key => {}
                Some(other) => out.lock_relation(other, LockMode::AccessShare),
                None => {}
            }
        }
        let exists = table.policies.iter().any(|known| known == name);
        if create && exists {
            out.refuse("42710", format!("policy \"{name}\" for table \"{}\" already exists", table.key));
        } else if !create && !exists && table.complete {
            out.refuse("42704", format!("policy \"{name}\" for table \"{}\" does not exist", table.key));
        }
    }
}

/// Tables that an ALTER POLICY reads.
pub(super) fn read_in_note(scene: Scene<'_>) -> Vec<ObjectName> {
    let note = scene.statement.modifiers.note.as_ref();
    note.map(|note| read_in(&note.written)).unwrap_or_default()
}

/// Tables in subqueries of a policy's conditions: they are looked at when it is made (proven).
pub(super) fn read_by(policy: &CreatePolicy) -> Vec<ObjectName> {
    policy.using.iter().chain(&policy.with_check).flat_map(read_in).collect()
}

/// Tables in the subqueries of an expression.
pub(super) fn read_in(expression: &crate::change::Expression) -> Vec<ObjectName> {
    let mut found = Vec::new();
    let words = words(&expression.text);
    for (at, pair) in words.windows(2).enumerate() {
        let [Word::Name { text: before, quoted: false, .. }, Word::Name { text, .. }] = pair else { continue };
        if !matches!(before.as_str(), "from" | "join") {
            continue;
        }
        found.push(match (words.get(at + 2), words.get(at + 3)) {
            (Some(Word::Mark('.')), Some(Word::Name { text: name, .. })) => {
                ObjectName { schema: Some(Ident::new(text, expression.span)), name: Ident::new(name, expression.span) }
            }
            _ => ObjectName::bare(Ident::new(text, expression.span)),
        });
    }
    found
}
