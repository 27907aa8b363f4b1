//! Replays cases measured on real servers and counts where the predictions agree.
//!
//! `LOCKGATE_MEASUREMENTS` names the directory they are in; without it there is nothing to compare.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::catalog::{Catalog, Key, Rows};
use crate::change::{self, Parsing, Statement};
use crate::effect::{Effects, FailureCause, Transactionality, Truth, predict};
use crate::engine::{Engine, Target, Version};
use crate::source::{Script, SourceId};

#[derive(Default, Debug)]
struct Tally {
    agreed: BTreeMap<&'static str, u32>,
    compared: BTreeMap<&'static str, u32>,
}

struct Replay {
    catalog: Catalog,
}

impl Replay {
    fn new(major: u16) -> Self {
        let target = Target { engine: Engine::Postgres, version: Version::series(&[major]) };
        Replay { catalog: Catalog::new(target) }
    }

    fn read(&self, sql: &str) -> (Script, Vec<Statement>) {
        let script = Script::whole(SourceId(0), sql.into());
        let statements = change::read(&script, self.catalog.target);
        (script, statements)
    }

    fn run(&mut self, sql: &str) -> Vec<(Parsing, Effects)> {
        let (script, statements) = self.read(sql);
        let mut all = Vec::new();
        for statement in &statements {
            let effects = predict(statement, &self.catalog).whole;
            if effects.certain_failure().is_none_or(|failure| failure.cause == FailureCause::Transaction) {
                self.catalog.apply(statement, &script);
            }
            all.push((statement.parsing.clone(), effects));
        }
        all
    }

    fn migrate(&mut self, sql: &str) {
        self.catalog.begin_migration(false);
        self.run(sql);
        self.catalog.end_migration();
    }

    fn rows(&self, table: &str) -> Rows {
        let (schema, name) = table.split_once('.').unwrap_or(("public", table));
        self.catalog.table_at(&Key::new(schema, name)).map_or(Rows::Assumed, |table| table.rows)
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn names(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Array(items) => items.iter().map(|item| text(item).to_owned()).collect(),
        Value::Object(map) => map.keys().cloned().collect(),
        _ => BTreeSet::new(),
    }
}

fn rank(mode: &str) -> usize {
    [
        "AccessShareLock",
        "RowShareLock",
        "RowExclusiveLock",
        "ShareUpdateExclusiveLock",
        "ShareLock",
        "ShareRowExclusiveLock",
        "ExclusiveLock",
        "AccessExclusiveLock",
    ]
    .iter()
    .position(|known| *known == mode)
    .unwrap_or(99)
}

/// What a server did, in one shape for both kinds of files.
struct Seen {
    error: Option<String>,
    locks: BTreeMap<String, String>,
    rewrites: BTreeSet<String>,
    scans: Option<BTreeSet<String>>,
    builds: Option<BTreeSet<String>>,
    transaction: Option<bool>,
    sampled: bool,
}

struct Report<'a> {
    tally: &'a mut Tally,
    id: &'a str,
    sql: &'a str,
    major: u16,
}

impl Report<'_> {
    fn note(&mut self, what: &'static str, agreed: bool, detail: impl FnOnce() -> String) {
        *self.tally.compared.entry(what).or_default() += 1;
        if agreed {
            *self.tally.agreed.entry(what).or_default() += 1;
        } else {
            println!("{:>2} {what:<9} {} | {} | {}", self.major, self.id, self.sql, detail());
        }
    }
}

fn compare(report: &mut Report<'_>, replay: &Replay, predicted: &[(Parsing, Effects)], seen: &Seen, public_only: bool) {
    let mut whole = Effects::default();
    let mut complete = true;
    for (parsing, effects) in predicted {
        whole.absorb(effects);
        complete &= *parsing == Parsing::Complete;
    }
    let certain = whole.failures.iter().find(|failure| failure.certain == Truth::Yes);
    if let Some(error) = &seen.error {
        let code = error.get(..5).unwrap_or_default();
        let data = code.starts_with("22") || code.starts_with("23");
        let agreed = match code {
            "42601" => !complete || whole.failures.iter().any(|failure| failure.code == code),
            "25001" => whole.transactionality == Transactionality::Forbidden,
            _ if data => whole.failures.iter().any(|failure| failure.code == code && failure.certain.possible()),
            _ => certain.is_some_and(|failure| failure.code == code),
        };
        report.note("failure", agreed, || {
            format!("server {error} / predicted {:?}", whole.failures.iter().map(|f| (&f.code, f.certain)).collect::<Vec<_>>())
        });
        return;
    }
    report.note("failure", certain.is_none() && complete, || {
        format!("server ok / predicted {certain:?}, read completely: {complete} {:?}", predicted.iter().map(|p| &p.0).collect::<Vec<_>>())
    });
    if certain.is_some() {
        return;
    }
    let mut locks: BTreeMap<String, String> = BTreeMap::new();
    for lock in &whole.locks {
        locks.insert(lock.relation.clone(), lock.mode.name().to_owned());
    }
    if public_only {
        locks.retain(|_, mode| mode != "AccessShareLock");
    }
    let same = if seen.sampled {
        seen.locks.iter().all(|(relation, mode)| locks.get(relation).is_some_and(|mine| rank(mine) >= rank(mode)))
    } else {
        locks == seen.locks
    };
    report.note("locks", same, || {
        let only = |one: &BTreeMap<String, String>, other: &BTreeMap<String, String>| {
            one.iter()
                .filter(|(key, value)| other.get(*key) != Some(value))
                .map(|(key, value)| format!("{key}:{value}"))
                .collect::<Vec<_>>()
        };
        format!("server only {:?} / predicted only {:?}", only(&seen.locks, &locks), only(&locks, &seen.locks))
    });
    let rewrites: BTreeSet<String> =
        whole.rewrites.iter().filter(|rewrite| rewrite.certain == Truth::Yes).map(|rewrite| rewrite.table.clone()).collect();
    report.note("rewrites", rewrites == seen.rewrites, || format!("server {:?} / predicted {:?}", seen.rewrites, whole.rewrites));
    if let Some(scans) = &seen.scans {
        let yes: BTreeSet<String> = whole.scans.iter().filter(|scan| scan.certain == Truth::Yes).map(|scan| scan.table.clone()).collect();
        let maybe: BTreeSet<String> =
            whole.scans.iter().filter(|scan| scan.certain == Truth::Unknown).map(|scan| scan.table.clone()).collect();
        let extra = yes.iter().any(|table| !scans.contains(table) && replay.rows(table) == Rows::Some);
        let agreed = !extra && scans.iter().all(|table| yes.contains(table) || maybe.contains(table));
        report.note("scans", agreed, || format!("server {scans:?} / predicted {yes:?} perhaps {maybe:?}"));
    }
    if let Some(builds) = &seen.builds {
        let mine: BTreeSet<String> = whole
            .builds
            .iter()
            .filter(|build| build.certain == Truth::Yes)
            .map(|build| build.index.rsplit('.').next().unwrap_or_default().to_owned())
            .collect();
        report.note("builds", mine == *builds, || format!("server {builds:?} / predicted {mine:?}"));
    }
    if let Some(transaction) = seen.transaction {
        let agreed = match whole.transactionality {
            Transactionality::Allowed => transaction,
            Transactionality::Forbidden => !transaction,
            Transactionality::Unknown => true,
        };
        report.note("in_tx", agreed, || format!("server {transaction} / predicted {:?}", whole.transactionality));
    }
}

fn lines(path: &Path) -> Vec<Value> {
    std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(items) => items.iter().map(|item| text(item).to_owned()).collect(),
        _ => Vec::new(),
    }
}

fn print(title: &str, tally: &Tally) {
    println!("== {title}");
    for (what, compared) in &tally.compared {
        println!("   {what:<9} {} of {compared}", tally.agreed.get(what).copied().unwrap_or_default());
    }
}

fn wanted(major: u16) -> bool {
    std::env::var("LOCKGATE_MAJOR").map_or(true, |only| only.split(',').any(|one| one == major.to_string()))
}

#[test]
fn measured_cases() {
    let Ok(directory) = std::env::var("LOCKGATE_MEASUREMENTS") else { return };
    std::thread::Builder::new().stack_size(64 << 20).spawn(move || run_all(Path::new(&directory))).unwrap().join().unwrap();
}

fn run_all(directory: &Path) {
    for major in (10..=18).filter(|major| wanted(*major)) {
        let mut tally = Tally::default();
        ground_truth(directory, major, &mut tally);
        print(&format!("PostgreSQL {major}, ground truth"), &tally);
        for file in ["pg_observed_ops.jsonl", "pg_observed_type_changes.jsonl"] {
            let mut tally = Tally::default();
            observed(&directory.join("facts/observed").join(file), major, &mut tally);
            print(&format!("PostgreSQL {major}, {file}"), &tally);
        }
    }
}

fn ground_truth(directory: &Path, major: u16, tally: &mut Tally) {
    let base = std::fs::read_to_string(directory.join("ground_truth/pg_setup_base.sql")).unwrap();
    let mut prepared = Replay::new(major);
    prepared.migrate(&base);
    let cases = std::env::var("LOCKGATE_CASES").map_or_else(|_| directory.join("ground_truth/postgres.jsonl"), Into::into);
    for case in lines(&cases) {
        let results = &case["results"];
        let mut result = &results[major.to_string()];
        while let Some(other) = result.as_str() {
            result = &results[other.trim_start_matches('=')];
        }
        if result["skipped"].as_bool() == Some(true) || result["skipped"].is_string() || result.is_null() {
            continue;
        }
        let mut replay = Replay { catalog: prepared.catalog.clone() };
        for pre in strings(&case["pre"]) {
            replay.migrate(&pre);
        }
        replay.catalog.begin_migration(true);
        replay.run("SET timezone = 'UTC'");
        for session in strings(&case["session"]) {
            replay.run(&session);
        }
        let sql = text(&case["sql"]).to_owned();
        let shadow = Replay { catalog: replay.catalog.clone() };
        let predicted = replay.run(&sql);
        let mut locks: BTreeMap<String, String> = BTreeMap::new();
        for lock in result["locks"].as_array().into_iter().flatten() {
            let (relation, mode) = (text(&lock["relation"]), text(&lock["mode"]));
            if relation.starts_with("toast") || text(&lock["kind"]) == "t" {
                continue;
            }
            let known = locks.entry(relation.to_owned()).or_insert_with(|| mode.to_owned());
            if rank(mode) > rank(known) {
                *known = mode.to_owned();
            }
        }
        let sampled = result["sampled"].as_bool() == Some(true);
        let real = |value: &Value| -> BTreeSet<String> {
            names(value).into_iter().filter(|name| !name.starts_with("toast") && !name.contains("_ccnew")).collect()
        };
        let mut builds = real(&result["indexes_built"]);
        builds.extend(real(&result["index_rebuilt"]));
        let seen = Seen {
            error: (result["ok"].as_bool() == Some(false)).then(|| text(&result["error"]).to_owned()),
            locks,
            rewrites: names(&result["rewritten"]),
            scans: (!sampled).then(|| names(&result["scanned"])),
            builds: (!sampled).then_some(builds),
            transaction: result["tx_ok"].as_bool(),
            sampled,
        };
        let mut report = Report { tally, id: text(&case["id"]), sql: &sql, major };
        compare(&mut report, &shadow, &predicted, &seen, false);
    }
}

fn covers(range: &str, major: u16) -> bool {
    let mut ends = range.split('-').filter_map(|end| end.parse::<u16>().ok());
    let low = ends.next().unwrap_or(0);
    (low..=ends.next().unwrap_or(low)).contains(&major)
}

fn observed(path: &Path, major: u16, tally: &mut Tally) {
    for case in lines(path) {
        let Some(result) = case["results"].as_array().unwrap().iter().find(|result| covers(text(&result["pg"]), major)) else { continue };
        if result.get("setup_error").is_some() {
            continue;
        }
        let mut replay = Replay::new(major);
        replay.catalog.begin_migration(false);
        replay.run("CREATE SCHEMA s; SET search_path = s, public");
        for setup in strings(&case["setup"]) {
            replay.run(&setup);
        }
        replay.catalog.end_migration();
        replay.catalog.begin_migration(text(&case["mode"]) == "tx");
        replay.run("SET search_path = s, public; SET timezone = 'UTC'");
        for setup in strings(&case["setup"]).iter().filter(|setup| setup.to_lowercase().starts_with("set time")) {
            replay.run(setup);
        }
        let sql = strings(&case["sql"]);
        let shadow = Replay { catalog: replay.catalog.clone() };
        let mut predicted = Vec::new();
        for one in &sql {
            predicted.extend(replay.run(one));
        }
        let locks: BTreeMap<String, String> =
            result["locks"].as_object().into_iter().flatten().map(|(key, value)| (key.clone(), text(value).to_owned())).collect();
        let waits = result.get("waits_for_writer").is_some() || result.get("ok").is_some();
        let prefixed = |set: BTreeSet<String>| set;
        let seen = Seen {
            error: result.get("error").map(|error| text(error).to_owned()),
            locks,
            rewrites: prefixed(names(&result["rewritten"])),
            scans: (!waits).then(|| names(&result["scanned"])),
            builds: None,
            transaction: None,
            sampled: waits,
        };
        let predicted: Vec<(Parsing, Effects)> = predicted
            .into_iter()
            .map(|(parsing, mut effects)| {
                let short = |name: &mut String| *name = name.trim_start_matches("s.").to_owned();
                effects.locks.iter_mut().for_each(|lock| short(&mut lock.relation));
                effects.rewrites.iter_mut().for_each(|rewrite| short(&mut rewrite.table));
                effects.scans.iter_mut().for_each(|scan| short(&mut scan.table));
                if waits || sql.iter().any(|sql| sql.starts_with("TRUNCATE")) {
                    effects.rewrites.clear();
                }
                (parsing, effects)
            })
            .collect();
        let seen = Seen {
            rewrites: if waits || sql.iter().any(|sql| sql.starts_with("TRUNCATE")) { BTreeSet::new() } else { seen.rewrites },
            ..seen
        };
        let joined = sql.join("; ");
        let mut report = Report { tally, id: text(&case["id"]), sql: &joined, major };
        compare(&mut report, &shadow, &predicted, &seen, true);
    }
}
