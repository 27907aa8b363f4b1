//! Scripts of several statements: which of them is refused, and whether an open transaction was
//! committed on the way.

use lockgate::effect::{Transactionality, Truth};
use lockgate::engine::Engine;
use serde::Deserialize;

use super::case::{Case, cases, is_syntax_error, text};
use super::ledger::Ledger;
use super::replay::{Predicted, Replay};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The error of each step.
    errors: Vec<Option<String>>,
    /// Whether a row inserted before the ROLLBACK is there afterwards.
    committed: Option<bool>,
}

pub struct Suite {
    name: &'static str,
    setup: String,
    cases: Vec<Case<Seen>>,
}

pub fn postgres() -> Suite {
    Suite { name: "postgres/scripts", setup: text("postgres/base.sql"), cases: cases("postgres/scripts") }
}

pub fn mysql() -> Suite {
    let setup = "CREATE DATABASE gts; USE gts".to_owned();
    Suite { name: "mysql/scripts", setup, cases: cases("mysql/scripts") }
}

pub fn compare(suite: &Suite, ledger: &mut Ledger) {
    let server = ledger.server.clone();
    let mut prepared = Replay::new(server.target);
    prepared.migrate(&suite.setup);
    if server.target.engine.is_mysql_family() {
        prepared.apply("USE gts");
    }
    for case in &suite.cases {
        let Some(seen) = case.on(&server) else { continue };
        let mut replay = prepared.clone();
        for pre in &case.pre {
            replay.migrate(pre);
        }
        replay.catalog.begin_migration(false);
        one(&format!("{}/{}", suite.name, case.id), case, seen, replay, ledger);
    }
}

fn one(id: &str, case: &Case<Seen>, seen: &Seen, mut replay: Replay, ledger: &mut Ledger) {
    assert_eq!(case.steps.len(), seen.errors.len(), "{id}");
    let postgres = replay.catalog.target.engine == Engine::Postgres;
    let mut aborted = false;
    let (mut inserted, mut committed) = (false, false);
    for (step, error) in case.steps.iter().zip(&seen.errors) {
        if !is_syntax_error(error.as_deref()) {
            replay.note_valid(id, step, ledger);
        }
        if aborted && error.as_deref() == Some("25P02") {
            continue;
        }
        let ends = step.starts_with("COMMIT") || step.starts_with("ROLLBACK");
        if aborted && ends {
            // COMMIT of a transaction that failed takes it back.
            aborted = false;
            replay.apply(if step == "COMMIT" { "ROLLBACK" } else { step });
            continue;
        }
        // Statements sent in one message share a transaction.
        let mut trial = replay.clone();
        let alone = trial.read(step).1.len() < 2;
        let open = postgres && (!alone || trial.catalog.session.transaction.is_some());
        let predicted = trial.run(step);
        let agreed = match error {
            None => refusal(&predicted, open).is_none(),
            Some(code) => foreseen(&predicted, open, code),
        };
        ledger.note(id, "scripts", agreed, || {
            let failures: Vec<_> = predicted.iter().flat_map(|one| &one.effects.failures).map(|it| (&it.code, it.certain)).collect();
            format!("server {error:?}, predicted {:?} {failures:?} ({})\n    {step}", refusal(&predicted, open), case.why)
        });
        if !ends {
            committed |= inserted && predicted.iter().any(|one| one.effects.implicit_commit);
            inserted |= step.starts_with("INSERT");
        }
        match error {
            None => replay.apply(step),
            Some(_) => aborted = postgres && replay.catalog.session.transaction.is_some(),
        }
    }
    if let Some(seen) = seen.committed {
        ledger.note(id, "commits", seen == committed, || format!("committed: {seen}, predicted {committed} ({})", case.why));
    }
}

/// The error that is certain, given the transaction.
fn refusal(predicted: &[Predicted], open: bool) -> Option<String> {
    predicted.iter().find_map(|one| {
        let certain = one.effects.failures.iter().find(|failure| failure.certain == Truth::Yes).map(|failure| failure.code.clone());
        let forbidden = open && one.effects.transactionality == Transactionality::Forbidden;
        certain.or_else(|| (!one.complete()).then(|| "42601".to_owned())).or_else(|| forbidden.then(|| "25001".to_owned()))
    })
}

/// What depends on rows need only be possible.
fn foreseen(predicted: &[Predicted], open: bool, code: &str) -> bool {
    let rows = ["22", "23"].iter().any(|class| code.starts_with(class)) || code.len() == 4;
    let syntax = (code == "1064" || code == "42601") && !predicted.iter().all(Predicted::complete);
    let possible = predicted.iter().flat_map(|one| &one.effects.failures).any(|it| it.code == code && it.certain.possible());
    refusal(predicted, open).as_deref() == Some(code) || rows && possible || syntax
}
