//! Statements that run others: blocks, calls of known routines, CREATE SCHEMA with elements.
//!
//! Their parts run one after another, each on what the ones before it left.

use std::borrow::Cow;

use super::{Effects, Failure, FailureCause, Transactionality, Truth, names, of_one};
use crate::catalog::{Catalog, Key, Presence};
use crate::change::{Action, Change, Ident, ObjectName, Statement};
use crate::engine::Engine;
use crate::source::{Script, SourceId};

/// One answer for each change of the parts, in order.
pub(super) fn effects(parts: &[Statement], before: &Catalog) -> Vec<Effects> {
    let script = Script::whole(SourceId(0), "".into());
    let mut now = Cow::Borrowed(before);
    let mut all: Vec<Effects> = Vec::new();
    let mut stopped = false;
    for (number, part) in parts.iter().enumerate() {
        if stopped {
            all.extend(part.changes.iter().map(|_| Effects { reversible: Truth::Yes, ..Effects::default() }));
            continue;
        }
        let mut some = of_one(part, &now);
        if number == 0 {
            // The statement that calls; in the bodies that follow a name may be a variable.
            names::check(part, &now, &mut some);
        }
        for (change, effects) in part.changes.iter().zip(&mut some) {
            inside(change, effects, parts, before);
            // What an earlier part made, nobody else can be waiting for.
            effects.locks.retain(|lock| existed(before, &lock.relation));
        }
        stopped = some.iter().any(|effects| effects.certain_failure().is_some_and(|failure| failure.cause != FailureCause::Transaction));
        all.extend(some);
        if !stopped && number + 1 < parts.len() && part.changes.iter().any(|change| leaves_something(&change.action)) {
            now.to_mut().apply(part, &script);
        }
    }
    if stopped && before.target.engine == Engine::Postgres {
        all.iter_mut().for_each(undo);
    }
    all
}

/// What is different for a statement that runs inside another.
fn inside(change: &Change, effects: &mut Effects, parts: &[Statement], before: &Catalog) {
    if before.target.engine == Engine::Postgres {
        not_in_a_function(change, effects, parts, before);
    }
    if change.conditional {
        // It may not be reached, and what it raises may be caught.
        for failure in &mut effects.failures {
            failure.certain = failure.certain.min(Truth::Unknown);
        }
    }
}

/// What PostgreSQL refuses in a transaction it refuses in a body as well (PreventInTransactionBlock:
/// "cannot be executed from a function"). COMMIT belongs to procedures and DO, called outside any
/// transaction (manual 43.8).
fn not_in_a_function(change: &Change, effects: &mut Effects, parts: &[Statement], before: &Catalog) {
    let refuse = |effects: &mut Effects, code: &str, reason: &str| {
        effects.failures.retain(|failure| failure.cause != FailureCause::Transaction);
        let (code, reason) = (code.to_owned(), reason.to_owned());
        effects.failures.push(Failure { code, reason, cause: FailureCause::Schema, certain: Truth::Yes, span: None });
    };
    if effects.transactionality == Transactionality::Forbidden {
        refuse(effects, "25001", "this cannot be executed from a function or a block");
    }
    if matches!(change.action, Action::LockTables(_)) {
        // A body always runs in a transaction.
        effects.failures.retain(|failure| failure.cause != FailureCause::Transaction);
    }
    if matches!(change.action, Action::Commit { .. } | Action::Rollback { .. }) {
        let first = parts.first().and_then(|part| part.changes.first()).map(|change| &change.action);
        if matches!(first, Some(Action::CallRoutine(_) | Action::Block { .. })) {
            effects.transactionality = Transactionality::Forbidden;
            if before.session.transaction.is_some() {
                let (code, reason) = ("2D000".to_owned(), "this cannot end the transaction that it was called in".to_owned());
                effects.failures.push(Failure { code, reason, cause: FailureCause::Transaction, certain: Truth::Yes, span: None });
            }
        } else {
            refuse(effects, "2D000", "a function cannot end the transaction it runs in");
        }
    }
}

/// The parts that follow find another schema, or other rows.
fn leaves_something(action: &Action) -> bool {
    match action {
        Action::Block { .. } | Action::Explain { .. } | Action::Nothing | Action::Select { .. } | Action::Comment { .. } => false,
        Action::CallRoutine(call) => !call.followed,
        _ => true,
    }
}

/// One part was refused, and PostgreSQL takes back what the others did.
fn undo(effects: &mut Effects) {
    let failures = std::mem::take(&mut effects.failures);
    let transactionality = effects.transactionality;
    *effects = Effects { reversible: Truth::Yes, transactionality, ..Effects::default() };
    effects.failures = failures.into_iter().filter(|failure| failure.certain == Truth::Yes).collect();
}

fn existed(before: &Catalog, relation: &str) -> bool {
    let usual = if before.target.engine == Engine::Postgres { "public" } else { "" };
    let (schema, name) = relation.split_once('.').unwrap_or((usual, relation));
    let key = Key::new(schema, name);
    before.tables.contains_key(&key)
        || before.views.contains_key(&key)
        || before.sequences.contains_key(&key)
        || before.index_owners.contains_key(&key)
        || before.types.contains_key(&key)
        || before.presence(&ObjectName { schema: None, name: Ident { value: name.to_owned(), ..Ident::default() } }) == Presence::Unknown
}
