//! Prediction against observation.

use std::collections::{BTreeMap, BTreeSet};

use lockgate::change::{Parsing, Statement};
use lockgate::effect::{Algorithm, Dml, Effects, FailureCause, LockMode, StatementEffects, Transactionality, Truth};
use lockgate::engine::Engine;
use lockgate::rules::example::Claim;

use super::case::is_data_code;
use super::lab::{Locks, Observed};

/// The outcome of one statement: what was compared, and what did not agree.
#[derive(Default)]
pub struct Verdict {
    pub notes: Vec<(&'static str, bool)>,
    pub faults: Vec<String>,
}

impl Verdict {
    pub fn note(&mut self, what: &'static str, agreed: bool, detail: impl FnOnce() -> String) {
        self.notes.push((what, agreed));
        if !agreed {
            self.faults.push(format!("{what}: {}", detail()));
        }
    }
}

pub fn compare(engine: Engine, statement: &Statement, predicted: &StatementEffects, seen: &Observed) -> Verdict {
    let mut verdict = Verdict::default();
    let whole = &predicted.whole;
    failure(&mut verdict, engine, statement, whole, seen);
    if seen.error.is_some() || whole.certain_failure().is_some() {
        return verdict;
    }
    // What a block or a condition may leave out is predicted as if it ran.
    let perhaps = statement.changes.iter().any(|change| change.conditional);
    if let Some(seen_locks) = &seen.locks {
        locks(&mut verdict, whole, seen_locks, perhaps);
    }
    if let Some(rewrites) = seen.rewrites.as_ref().filter(|_| statement.verb != "TRUNCATE") {
        let of = |certain| whole.rewrites.iter().filter(|one| one.certain == certain).map(|one| one.table.clone()).collect();
        sets(&mut verdict, "rewrites", of(Truth::Yes), of(Truth::Unknown), rewrites, |_| false);
    }
    if let Some(scans) = &seen.scans {
        let of = |certain| whole.scans.iter().filter(|one| one.certain == certain).map(|one| one.table.clone()).collect();
        // A table without rows is read whole in no time, and nobody sees it.
        // SQLite counts the rows of a table without indexes in one step, and ALTER TABLE reads rows in
        // a statement of its own, whose steps are not told.
        let counted = engine == Engine::Sqlite && matches!(statement.verb.as_str(), "ANALYZE" | "ALTER TABLE");
        sets(&mut verdict, "scans", of(Truth::Yes), of(Truth::Unknown), scans, |table| counted || !seen.filled.contains(table));
    }
    if let Some(builds) = &seen.builds {
        let bare = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
        let of = |certain| whole.builds.iter().filter(|one| one.certain == certain).map(|one| bare(&one.index)).collect();
        sets(&mut verdict, "builds", of(Truth::Yes), of(Truth::Unknown), builds, |_| false);
    }
    if engine == Engine::Postgres {
        let agreed = match whole.transactionality {
            Transactionality::Allowed => !seen.forbidden,
            Transactionality::Forbidden => seen.forbidden,
            Transactionality::Unknown => true,
        };
        verdict.note("transaction", agreed, || format!("predicted {:?}, refused inside one: {}", whole.transactionality, seen.forbidden));
    }
    if let Some(online) = &seen.online {
        let unknown = !whole.unknowns.is_empty() || whole.rebuild == Truth::Unknown;
        let mine = whole.algorithm.map_or("none", Algorithm::name);
        verdict.note("algorithm", mine == online.algorithm || unknown, || format!("predicted {mine}, seen {}", online.algorithm));
        let writes = whole.dml != Some(Dml::Blocked);
        verdict.note("dml", writes == online.writes || unknown, || format!("predicted writes go on: {writes}, seen: {}", online.writes));
        let rebuilt = whole.rebuild == Truth::Yes;
        verdict.note("rebuild", rebuilt == online.rebuilt || unknown, || format!("predicted: {rebuilt}, seen: {}", online.rebuilt));
    }
    if let Some(commits) = seen.commits {
        verdict.note("commit", commits == whole.implicit_commit, || {
            format!("predicted {}, seen {commits}", if whole.implicit_commit { "implicit commit" } else { "none" })
        });
    }
    for (table, waits) in &seen.waits {
        let locked = whole.locks.iter().any(|lock| lock.relation == *table && lock.mode == LockMode::MetadataExclusive);
        verdict.note("waits", *waits == locked, || format!("waits for a reader of {table}: {waits}, predicted {locked}"));
    }
    verdict
}

fn failure(verdict: &mut Verdict, engine: Engine, statement: &Statement, whole: &Effects, seen: &Observed) {
    let complete = statement.parsing == Parsing::Complete;
    let known = || {
        let codes: Vec<String> = whole.failures.iter().map(|one| format!("{} {} ({:?})", one.code, one.reason, one.certain)).collect();
        format!("{}{}", codes.join("; "), if complete { "" } else { ", not read completely" })
    };
    let certain = whole.certain_failure();
    let Some(error) = &seen.error else {
        // What rows decide needs rows to be seen.
        let excused = certain.is_some_and(|one| one.cause == FailureCause::Data && seen.filled.is_empty());
        let agreed = certain.is_none_or(|_| excused || seen.forbidden) && complete;
        verdict.note("failure", agreed, || format!("it works, predicted: {}", known()));
        return;
    };
    let block = error.code == "25001" && whole.transactionality == Transactionality::Forbidden;
    let possible = whole.failures.iter().any(|one| {
        let sure = one.certain == Truth::Yes || one.certain == Truth::Unknown;
        sure && same_error(engine, &one.code, &one.reason, one.cause, &error.code, &error.message)
    });
    let syntax = (matches!(error.code.as_str(), "42601" | "1064") || error.message.contains("syntax error")) && !complete;
    verdict.note("failure", block || possible || syntax, || format!("it fails: {} {} / predicted: {}", error.code, error.message, known()));
}

/// SQLite has one code for nearly everything: there the words count.
fn same_error(engine: Engine, code: &str, reason: &str, cause: FailureCause, seen_code: &str, seen: &str) -> bool {
    if engine != Engine::Sqlite {
        return code == seen_code;
    }
    let syntax = seen.contains("syntax error") && cause == FailureCause::Syntax;
    let family = is_data_code(code) && is_data_code(seen_code) || cause == FailureCause::Data && code == seen_code;
    let (reason, seen) = (reason.to_lowercase(), seen.to_lowercase());
    family || syntax || code == seen_code && (reason.starts_with(&seen) || seen.starts_with(&reason))
}

fn rank(mode: &str) -> usize {
    let all = [
        LockMode::AccessShare,
        LockMode::RowShare,
        LockMode::RowExclusive,
        LockMode::ShareUpdateExclusive,
        LockMode::Share,
        LockMode::ShareRowExclusive,
        LockMode::Exclusive,
        LockMode::AccessExclusive,
    ];
    all.iter().position(|known| known.name() == mode).map_or(0, |at| at + 1)
}

pub fn stronger<'m>(one: &'m str, other: &'m str) -> &'m str {
    if rank(one) >= rank(other) { one } else { other }
}

/// Locks stay until the end of a transaction: a statement adds to what is held.
fn locks(verdict: &mut Verdict, whole: &Effects, seen: &Locks, perhaps: bool) {
    let mut wanted: BTreeMap<&str, &str> = BTreeMap::new();
    for lock in &whole.locks {
        let mode = wanted.entry(&lock.relation).or_insert("");
        *mode = stronger(mode, lock.mode.name());
    }
    if seen.sampled {
        let weak: Vec<String> = (seen.after.iter())
            .filter(|(relation, mode)| rank(wanted.get(relation.as_str()).unwrap_or(&"")) < rank(mode))
            .map(|(relation, mode)| format!("{relation} {mode}"))
            .collect();
        verdict.note("locks", weak.is_empty(), || format!("seen but not predicted: {weak:?}"));
        return;
    }
    let relations: BTreeSet<&str> = wanted.keys().copied().chain(seen.after.keys().map(String::as_str)).collect();
    let mut wrong = Vec::new();
    for relation in relations {
        let held = seen.before.get(relation).map_or("", String::as_str);
        let mine = stronger(wanted.get(relation).copied().unwrap_or(""), held);
        let real = seen.after.get(relation).map_or("", String::as_str);
        if mine != real && !(perhaps && rank(mine) > rank(real)) {
            wrong.push(format!("{relation}: predicted {}, seen {}", or_none(mine), or_none(real)));
        }
    }
    verdict.note("locks", wrong.is_empty(), || wrong.join("; "));
}

fn or_none(mode: &str) -> &str {
    if mode.is_empty() { "none" } else { mode }
}

fn sets(
    verdict: &mut Verdict,
    what: &'static str,
    certain: BTreeSet<String>,
    possible: BTreeSet<String>,
    seen: &BTreeSet<String>,
    invisible: impl Fn(&str) -> bool,
) {
    let extra: Vec<&String> = certain.iter().filter(|one| !seen.contains(*one) && !invisible(one)).collect();
    let missing: Vec<&String> = seen.iter().filter(|one| !certain.contains(*one) && !possible.contains(*one)).collect();
    verdict
        .note(what, extra.is_empty() && missing.is_empty(), || format!("predicted, not seen: {extra:?}; seen, not predicted: {missing:?}"));
}

/// A mark of an example against the server itself; `None` when this server cannot show it.
pub fn mark(claim: &Claim, seen: &Observed) -> Option<Result<(), String>> {
    let say = |held: bool, text: String| Some(if held { Ok(()) } else { Err(text) });
    if let Claim::Fails(code) = claim {
        let real = seen.error.as_ref().map(|error| error.code.as_str());
        let refused = code == "25001" && seen.forbidden;
        let held = refused || real.is_some_and(|real| real == code || real.starts_with("SQLITE") && real.starts_with(code.as_str()));
        return say(
            held,
            format!("claims failure {code}, the server: {}", seen.error.as_ref().map_or("works".to_owned(), ToString::to_string)),
        );
    }
    if let Some(error) = &seen.error {
        return match claim {
            Claim::Finding { .. } => None,
            _ => say(false, format!("claims {claim:?}, but the server refuses: {error}")),
        };
    }
    match claim {
        Claim::Finding { .. } | Claim::Fails(_) => None,
        Claim::Lock { relation, mode } => {
            if let Some(locks) = seen.locks.as_ref().filter(|locks| !locks.sampled) {
                let real = locks.after.get(relation).map_or("none", String::as_str);
                return say(real == mode, format!("claims {mode} on {relation}, seen {real}"));
            }
            let waits = seen.waits.get(relation)?;
            (mode == LockMode::MetadataExclusive.name())
                .then_some(())
                .and_then(|()| say(*waits, format!("claims {mode} on {relation}, but does not wait for its readers")))
        }
        Claim::Rewrite(table) => match (&seen.online, &seen.rewrites) {
            (Some(online), _) => say(online.rebuilt || online.algorithm == "copy", format!("claims that {table} is rewritten, it is not")),
            (None, Some(rewrites)) => say(rewrites.contains(table), format!("claims that {table} is rewritten, seen {rewrites:?}")),
            (None, None) => None,
        },
        Claim::Scan(table) => {
            let scans = seen.scans.as_ref()?;
            say(scans.contains(table), format!("claims that {table} is scanned, seen {scans:?}"))
        }
        Claim::Algorithm(word) => {
            let online = seen.online.as_ref()?;
            say(online.algorithm == word, format!("claims algorithm {word}, the server accepts {}", online.algorithm))
        }
    }
}
