//! MySQL and MariaDB: algorithm, rebuild, writers, metadata locks, implicit commits, errors, and what
//! ALGORITHM and LOCK clauses are answered with.

use std::collections::{BTreeMap, HashMap};

use lockgate::effect::{Algorithm, Dml, Effects, LockMode, Truth};
use serde::Deserialize;

use super::case::{Case, Server, cases, is_syntax_error, text};
use super::ledger::Ledger;
use super::replay::{Predicted, Replay, parts};

/// What a server did. What is not there was not looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    error: Option<String>,
    /// Of the least intrusive clauses it accepted.
    algorithm: Option<String>,
    /// Writers went on under them.
    dml: Option<bool>,
    rebuilt: Option<bool>,
    /// An open transaction was committed.
    commits: Option<bool>,
    /// Whether it waited for a transaction that had read the table.
    #[serde(default)]
    waits: BTreeMap<String, bool>,
    /// By clauses (`INPLACE+NONE`, `LOCK=SHARED`): `ok` or the error number.
    #[serde(default)]
    attempts: BTreeMap<String, String>,
}

pub struct Suite {
    name: &'static str,
    setup: HashMap<String, String>,
    cases: Vec<Case<Seen>>,
    /// The old MariaDB servers of this suite were set up with latin1.
    latin1: bool,
}

pub fn suites() -> Vec<Suite> {
    let suite = |name: &'static str, latin1| Suite { name, setup: parts(&text(&format!("{name}.sql"))), cases: cases(name), latin1 };
    vec![suite("mysql/base", false), suite("mysql/clauses", true)]
}

pub fn compare(suites: &[Suite], ledger: &mut Ledger) {
    let server = ledger.server.clone();
    for suite in suites {
        let old = suite.latin1 && server.name.starts_with("mariadb@10.");
        let charset = if old { "latin1" } else { "utf8mb4" };
        let mut empty = Replay::new(server.target);
        empty.catalog.begin_migration(false);
        empty.apply(&format!("CREATE DATABASE gt CHARACTER SET {charset}; USE gt; CREATE TABLE marker (x int) ENGINE=InnoDB"));
        let mut prepared: HashMap<&[String], Replay> = HashMap::new();
        for case in &suite.cases {
            let Some(seen) = case.on(&server) else { continue };
            let id = format!("{}/{}", suite.name, case.id);
            let run = case.pre.iter().chain(&case.session).chain((!is_syntax_error(seen.error.as_deref())).then_some(&case.sql));
            run.for_each(|sql| empty.note_valid(&id, sql, ledger));
            for (clauses, answer) in seen.attempts.iter().filter(|(_, answer)| !is_syntax_error(Some(answer))) {
                empty.note_valid(&format!("{id} [{clauses}] {answer}"), &with_clauses(&case.sql, clauses, case.clauses_last), ledger);
            }
            let mut replay = prepared.entry(&case.uses).or_insert_with(|| tables(suite, case, &empty, &server)).clone();
            case.pre.iter().for_each(|sql| replay.apply(sql));
            replay.catalog.end_migration();
            replay.catalog.begin_migration(false);
            case.session.iter().for_each(|sql| replay.apply(sql));
            one(&format!("{}/{}", suite.name, case.id), case, seen, &replay, ledger);
        }
    }
}

fn tables(suite: &Suite, case: &Case<Seen>, empty: &Replay, server: &Server) -> Replay {
    let mut replay = empty.clone();
    for name in &case.uses {
        let own = (server.name == "mysql@5.6.24").then(|| suite.setup.get(&format!("{name} for mysql 5.6"))).flatten();
        replay.apply(own.or_else(|| suite.setup.get(name)).unwrap_or_else(|| panic!("no table {name}")));
    }
    replay
}

fn one(id: &str, case: &Case<Seen>, seen: &Seen, replay: &Replay, ledger: &mut Ledger) {
    let predicted = replay.predict(&case.sql);
    let whole = &predicted.first().expect("a statement").effects;
    let mut note = |what, seen: &str, mine: &str| {
        ledger.note(id, what, seen == mine, || format!("server {seen}, predicted {mine}\n    {}", case.sql));
    };
    let error = seen.error.as_deref().unwrap_or("ok");
    note("errors", error, &outcome(&predicted, error));
    if let Some(commits) = seen.commits {
        note("commits", &commits.to_string(), &whole.implicit_commit.to_string());
    }
    if let Some(algorithm) = &seen.algorithm {
        note("algorithm", algorithm, whole.algorithm.map_or("none", Algorithm::name));
    }
    if let Some(dml) = seen.dml {
        note("dml", &dml.to_string(), &(whole.dml != Some(Dml::Blocked)).to_string());
    }
    if let Some(rebuilt) = seen.rebuilt {
        note("rebuild", &rebuilt.to_string(), &(whole.rebuild == Truth::Yes).to_string());
    }
    for (relation, waits) in &seen.waits {
        note("locks", &format!("{relation} waits: {waits}"), &format!("{relation} waits: {}", waits_for(whole, relation)));
    }
    for (clauses, expected) in &seen.attempts {
        let sql = with_clauses(&case.sql, clauses, case.clauses_last);
        let mine = outcome(&replay.predict(&sql), expected);
        note("assertions", &format!("[{clauses}] {expected}"), &format!("[{clauses}] {mine}"));
    }
}

fn waits_for(whole: &Effects, relation: &str) -> bool {
    whole.locks.iter().any(|lock| lock.relation.rsplit('.').next() == Some(relation) && lock.mode == LockMode::MetadataExclusive)
}

/// `ok` or an error number: the expected one where it is at least possible.
fn outcome(predicted: &[Predicted], expected: &str) -> String {
    let failures = || predicted.iter().flat_map(|one| &one.effects.failures);
    if expected != "ok" && failures().any(|failure| failure.code == expected && failure.certain.possible()) {
        return expected.to_owned();
    }
    if expected == "1064" && !predicted.iter().all(Predicted::complete) {
        return expected.to_owned();
    }
    failures().find(|failure| failure.certain == Truth::Yes).map_or("ok".to_owned(), |failure| failure.code.clone())
}

/// The statement with clauses: behind an index, and before the actions of ALTER TABLE, since nothing
/// may follow those on partitions.
fn with_clauses(sql: &str, clauses: &str, last: bool) -> String {
    let mut parts = Vec::new();
    for word in clauses.split('+') {
        match word {
            _ if word.starts_with("LOCK=") => parts.push(word.to_owned()),
            "NONE" | "SHARED" | "EXCLUSIVE" => parts.push(format!("LOCK={word}")),
            _ => parts.push(format!("ALGORITHM={word}")),
        }
    }
    let upper = sql.to_ascii_uppercase();
    let Some(rest) = upper.strip_prefix("ALTER TABLE ") else { return format!("{sql} {}", parts.join(" ")) };
    if last {
        return format!("{sql}, {}", parts.join(", "));
    }
    let named = rest.strip_prefix("IF EXISTS ").unwrap_or(rest);
    let (_, actions) = named.split_once(' ').expect("an action");
    let (head, actions) = (&sql[..sql.len() - actions.len()], &sql[sql.len() - actions.len()..]);
    let partitioning = ["PARTITION BY", "REMOVE PARTITIONING"].iter().any(|words| actions.to_ascii_uppercase().starts_with(words));
    format!("{head}{}{}{actions}", parts.join(", "), if partitioning { " " } else { ", " })
}
