//! PostgreSQL: locks, rewrites, scans, index builds, failures, and what may run in a transaction.

use std::collections::{BTreeMap, BTreeSet};

use lockgate::catalog::Rows;
use lockgate::effect::{Effects, Transactionality, Truth};
use serde::Deserialize;

use super::case::{Case, cases, is_syntax_error, text};
use super::ledger::Ledger;
use super::replay::{Predicted, Replay};

/// What a server did. What is not there was not looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    error: Option<String>,
    /// The strongest lock on each relation that existed before.
    locks: Option<BTreeMap<String, String>>,
    rewritten: Option<BTreeSet<String>>,
    scanned: Option<BTreeSet<String>>,
    builds: Option<BTreeSet<String>>,
    /// Seen from a second session: very short locks may be missing.
    #[serde(default)]
    sampled: bool,
    /// It met no row to work on, so what is done for a row was not seen.
    #[serde(default)]
    rowless: bool,
    /// Refused inside a transaction block.
    #[serde(default)]
    alone: bool,
}

/// A file of cases and how it was measured.
pub struct Suite {
    name: &'static str,
    setup: String,
    cases: Vec<Case<Seen>>,
    /// It ran in the schema `s`, and ACCESS SHARE was not recorded.
    small: bool,
}

pub fn suites() -> Vec<Suite> {
    let suite = |name: &'static str, small| Suite { name, setup: text(&format!("{name}.sql")), cases: cases(name), small };
    vec![suite("postgres/base", false), suite("postgres/ops", true), suite("postgres/types", true)]
}

pub fn compare(suites: &[Suite], ledger: &mut Ledger) {
    let server = ledger.server.clone();
    for suite in suites {
        let mut prepared = Replay::new(server.target);
        prepared.catalog.begin_migration(false);
        prepared.note_valid(&format!("{}.sql", suite.name), &suite.setup, ledger);
        prepared.run(&suite.setup);
        if !suite.small {
            prepared.catalog.end_migration();
        }
        for case in &suite.cases {
            if let Some(seen) = case.on(&server) {
                let id = format!("{}/{}", suite.name, case.id);
                let valid = !is_syntax_error(seen.error.as_deref());
                let run = case.pre.iter().chain(&case.session).chain(valid.then_some(&case.sql));
                run.for_each(|sql| prepared.note_valid(&id, sql, ledger));
                one(suite, case, seen, prepared.clone(), ledger);
            }
        }
    }
}

fn one(suite: &Suite, case: &Case<Seen>, seen: &Seen, mut replay: Replay, ledger: &mut Ledger) {
    for pre in &case.pre {
        if suite.small {
            replay.run(pre);
        } else {
            replay.migrate(pre);
        }
    }
    if suite.small {
        replay.catalog.end_migration();
    }
    replay.catalog.begin_migration(!case.no_transaction);
    if suite.small {
        replay.run("SET search_path = s, public");
    }
    replay.run("SET timezone = 'UTC'");
    for session in &case.session {
        replay.run(session);
    }
    let before = replay.clone();
    let predicted = replay.run(&case.sql);
    let id = format!("{}/{}", suite.name, case.id);
    let mut note = |what, agreed, detail: &dyn Fn() -> String| ledger.note(&id, what, agreed, || format!("{}\n    {}", detail(), case.sql));
    let mut whole = Effects::default();
    predicted.iter().for_each(|one| whole.absorb(&one.effects));
    let complete = predicted.iter().all(Predicted::complete);
    let failures = || whole.failures.iter().map(|it| format!("{} ({:?}): {}", it.code, it.certain, it.reason)).collect::<Vec<_>>();
    if let Some(code) = &seen.error {
        note("failures", refused(code, &whole, complete), &|| format!("fails with {code}, predicted {:?}", failures()));
        return;
    }
    let certain = whole.certain_failure().is_some();
    note("failures", !certain && complete, &|| format!("succeeds, predicted {:?}, read completely: {complete}", failures()));
    if certain {
        return;
    }
    let short = |name: &str| if suite.small { name.trim_start_matches("s.").to_owned() } else { name.to_owned() };
    if let Some(locks) = &seen.locks {
        let mut mine: BTreeMap<String, String> =
            whole.locks.iter().map(|lock| (short(&lock.relation), lock.mode.name().trim_end_matches("Lock").to_owned())).collect();
        if suite.small {
            mine.retain(|_, mode| mode != "AccessShare");
        }
        let same = if seen.sampled {
            locks.iter().all(|(relation, mode)| mine.get(relation).is_some_and(|mine| rank(mine) >= rank(mode)))
        } else {
            // What is locked for a row that matches was not.
            mine.iter().all(|(relation, mode)| locks.get(relation).map_or(seen.rowless, |seen| seen == mode))
                && locks.keys().all(|relation| mine.contains_key(relation))
        };
        note("locks", same, &|| format!("server only {:?}, predicted only {:?}", only(locks, &mine), only(&mine, locks)));
    }
    if let Some(rewritten) = &seen.rewritten {
        let mine: BTreeSet<String> = whole.rewrites.iter().filter(|it| it.certain == Truth::Yes).map(|it| short(&it.table)).collect();
        note("rewrites", mine == *rewritten, &|| format!("server {rewritten:?}, predicted {:?}", whole.rewrites));
    }
    if let Some(scanned) = &seen.scanned {
        let scans = |certain| whole.scans.iter().filter(move |scan| scan.certain == certain);
        // A scan of a table without rows is not seen.
        let extra =
            !seen.rowless && scans(Truth::Yes).any(|it| !scanned.contains(&short(&it.table)) && before.rows(&it.table) == Rows::Some);
        let possible: BTreeSet<String> = scans(Truth::Yes).chain(scans(Truth::Unknown)).map(|it| short(&it.table)).collect();
        note("scans", !extra && scanned.is_subset(&possible), &|| format!("server {scanned:?}, predicted {:?}", whole.scans));
    }
    if let Some(builds) = &seen.builds {
        let certain = whole.builds.iter().filter(|build| build.certain == Truth::Yes);
        let mine: BTreeSet<String> = certain.map(|it| it.index.rsplit('.').next().unwrap_or_default().to_owned()).collect();
        note("builds", mine == *builds, &|| format!("server {builds:?}, predicted {mine:?}"));
    }
    if !suite.small {
        let agreed = match whole.transactionality {
            Transactionality::Allowed => !seen.alone,
            Transactionality::Forbidden => seen.alone,
            Transactionality::Unknown => true,
        };
        note("in_transaction", agreed, &|| format!("refused: {}, predicted {:?}", seen.alone, whole.transactionality));
    }
}

/// Whether an error was foreseen: what depends on the rows, or on what a server has beside its
/// schema (other databases, directories), need only be possible.
fn refused(code: &str, whole: &Effects, complete: bool) -> bool {
    let mut same = whole.failures.iter().filter(|failure| failure.code == code);
    match code {
        "42601" => !complete || same.next().is_some(),
        "25001" => whole.transactionality == Transactionality::Forbidden,
        "3D000" | "58P01" => same.any(|failure| failure.certain.possible()),
        _ if code.starts_with("22") || code.starts_with("23") => same.any(|failure| failure.certain.possible()),
        _ => same.any(|failure| failure.certain == Truth::Yes),
    }
}

fn only(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> Vec<String> {
    one.iter().filter(|(key, value)| other.get(*key) != Some(value)).map(|(key, value)| format!("{key}: {value}")).collect()
}

fn rank(mode: &str) -> usize {
    let modes =
        ["AccessShare", "RowShare", "RowExclusive", "ShareUpdateExclusive", "Share", "ShareRowExclusive", "Exclusive", "AccessExclusive"];
    modes.iter().position(|known| *known == mode).expect("a lock mode")
}
