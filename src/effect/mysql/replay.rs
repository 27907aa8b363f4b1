//! Replays measured cases against the prediction. Runs when LOCKGATE_MY_TRUTH names a directory with
//! `my_setup.json` and results in lines of JSON (`mysql.jsonl`, `mariadb.jsonl`, `probes*.jsonl`):
//! each a statement, the tables it runs on, and what servers did with and without clauses.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::alter;
use super::assertion::{Asked, Lock};
use crate::catalog::Catalog;
use crate::change;
use crate::effect::{Algorithm, Dml, FailureCause, Truth, predict};
use crate::engine::Target;
use crate::source::{Script, SourceId};

#[derive(Default)]
struct Score {
    right: u32,
    wrong: Vec<String>,
}

impl Score {
    fn note(&mut self, id: &str, expected: &str, got: &str) {
        if expected == got {
            self.right += 1;
        } else {
            self.wrong.push(format!("{id}: expected {expected}, predicted {got}"));
        }
    }
}

fn run(catalog: &mut Catalog, sql: &str) {
    let script = Script::whole(SourceId(0), sql.into());
    for statement in change::read(&script, catalog.target) {
        catalog.apply(&statement, &script);
    }
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn setup(case: &Value, setups: &Value, target: Target) -> Vec<String> {
    if case.get("setup").is_some() {
        return strings(&case["setup"]);
    }
    let mut all = Vec::new();
    let uses = if case["uses"].is_array() { strings(&case["uses"]) } else { vec!["t".to_owned()] };
    for name in uses {
        let entry = &setups[name.as_str()];
        let variant = if entry.is_array() {
            entry
        } else {
            let key = match target.engine {
                crate::engine::Engine::Mariadb => "mariadb",
                _ if !target.at_least(5, 7, 8) => "mysql56",
                _ => "mysql",
            };
            entry.get(key).unwrap_or(&entry["default"])
        };
        all.extend(strings(variant));
    }
    all.extend(strings(&case["pre"]));
    all
}

fn number(error: &str) -> String {
    error.chars().take_while(char::is_ascii_digit).collect()
}

/// `instant`, `inplace` or `copy` and whether writers go on, from the least intrusive accepted clauses.
fn measured(result: &Value) -> Option<(String, String)> {
    let copied = result["default"]["affected"].as_i64().unwrap_or(0) > 0;
    let best = result["best"].as_str()?;
    let (algorithm, lock) = best.split_once('+').unwrap_or((best, "NONE"));
    let algorithm = match algorithm {
        _ if copied => "copy",
        "INSTANT" => "instant",
        "NOCOPY" | "INPLACE" => "inplace",
        _ => "copy",
    };
    let dml = if lock == "NONE" { "allowed" } else { "blocked" };
    Some((algorithm.to_owned(), dml.to_owned()))
}

fn clauses(key: &str) -> (Asked, Lock) {
    let mut algorithm = Asked::Default;
    let mut lock = Lock::Default;
    for word in key.split('+') {
        match word.strip_prefix("LOCK=").unwrap_or(word) {
            "INSTANT" => algorithm = Asked::Instant,
            "NOCOPY" => algorithm = Asked::Nocopy,
            "INPLACE" => algorithm = Asked::Inplace,
            "COPY" => algorithm = Asked::Copy,
            "NONE" => lock = Lock::None,
            "SHARED" => lock = Lock::Shared,
            "EXCLUSIVE" => lock = Lock::Exclusive,
            _ => {}
        }
    }
    (algorithm, lock)
}

fn replay(case: &Value, result: &Value, server: &str, setups: &Value, scores: &mut BTreeMap<String, Score>) {
    let engine = if server.starts_with("1") { "mariadb" } else { "mysql" };
    let Ok(target) = format!("{engine}@{server}").parse::<Target>() else { return };
    let mut catalog = Catalog::new(target);
    catalog.begin_migration(false);
    let charset = if case["lab"].as_bool() == Some(true) && server.starts_with("10.") { "latin1" } else { "utf8mb4" };
    run(&mut catalog, &format!("CREATE DATABASE gt CHARACTER SET {charset}; USE gt; CREATE TABLE marker (x int) ENGINE=InnoDB"));
    for sql in setup(case, setups, target) {
        run(&mut catalog, &sql);
    }
    catalog.end_migration();
    catalog.begin_migration(false);
    for sql in strings(&case["session"]) {
        run(&mut catalog, &sql);
    }
    let sql = case["sql"].as_str().unwrap_or_default();
    let script = Script::whole(SourceId(0), Arc::from(sql));
    let statements = change::read(&script, target);
    let Some(statement) = statements.first() else { return };
    let effects = predict(statement, &catalog);
    let id = format!("{server} {} | {}", case["id"].as_str().unwrap_or(""), sql.chars().take(110).collect::<String>());
    let mut score = |what: &str, expected: &str, got: &str| scores.entry(format!("{what} {server}")).or_default().note(&id, expected, got);
    let whole = &effects.whole;
    let outcome = &result["default"];
    let error = outcome["error"].as_str().map(number).unwrap_or_default();
    let certain =
        whole.failures.iter().find(|failure| failure.certain == Truth::Yes).map(|failure| failure.code.clone()).unwrap_or_default();
    let possible = whole.failures.iter().any(|failure| failure.certain != Truth::No && failure.code == error);
    let shown = if error.is_empty() {
        certain.clone()
    } else if possible {
        error.clone()
    } else {
        format!("{certain} (of {:?})", whole.failures.iter().map(|f| f.code.as_str()).collect::<Vec<_>>())
    };
    score("error", &error, &shown);
    if let Some(commit) = result["implicit_commit"].as_bool().filter(|_| error.is_empty() || error == "1064") {
        score("commit", &commit.to_string(), &whole.implicit_commit.to_string());
    }
    if error.is_empty() {
        if let Some((algorithm, dml)) = measured(result) {
            score("algorithm", &algorithm, whole.algorithm.map_or("none", Algorithm::name));
            score("dml", &dml, if whole.dml == Some(Dml::Blocked) { "blocked" } else { "allowed" });
        }
        let altering = sql.to_ascii_uppercase().starts_with("ALTER TABLE") || sql.to_ascii_uppercase().contains(" INDEX ");
        if altering {
            let rebuilt =
                outcome["rebuilt"].as_array().is_some_and(|list| !list.is_empty()) || outcome["affected"].as_i64().unwrap_or(0) > 1;
            score("rebuild", &rebuilt.to_string(), &(whole.rebuild == Truth::Yes).to_string());
        }
    }
    for (relation, waits) in result["mdl"].as_object().into_iter().flatten() {
        let waits_for = waits["waits"].as_bool().unwrap_or(false);
        let locked = whole.locks.iter().any(|lock| {
            lock.relation.rsplit('.').next() == Some(relation.as_str()) && lock.mode == crate::effect::LockMode::MetadataExclusive
        });
        if outcome["ok"].as_bool() == Some(true) {
            score("waits", &format!("{relation} {waits_for}"), &format!("{relation} {locked}"));
        }
    }
    let syntax = matches!(&statement.parsing, change::Parsing::Unsupported { .. });
    let schema = whole.failures.iter().find(|failure| failure.certain == Truth::Yes && failure.cause == FailureCause::Schema);
    let data = whole.failures.iter().any(|failure| failure.cause == FailureCause::Data && failure.code == error);
    let partition = statement.changes.iter().any(|change| matches!(change.action, change::Action::Partition(_)));
    for (key, attempt) in result["attempts"].as_object().into_iter().flatten() {
        let attempt = attempt.as_str().unwrap_or_default();
        let expected = if attempt.starts_with("ok") { "ok".to_owned() } else { number(attempt) };
        if partition || syntax || expected == "1064" || target.engine == crate::engine::Engine::Mysql && !target.at_least(5, 7, 0) {
            continue;
        }
        let (algorithm, lock) = clauses(key);
        let got = match alter::attempt(statement, &catalog, algorithm, lock) {
            Err(code) => match schema {
                Some(failure) if failure.code == expected => failure.code.clone(),
                _ => code.to_string(),
            },
            Ok(_) => match schema {
                Some(failure) => failure.code.clone(),
                None if data && expected != "ok" => expected.clone(),
                None => "ok".to_owned(),
            },
        };
        scores.entry(format!("attempt {server}")).or_default().note(&format!("{id} [{key}]"), &expected, &got);
    }
}

fn lines(path: &Path) -> Vec<Value> {
    std::fs::read_to_string(path).unwrap_or_default().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[test]
fn measured_cases_agree() {
    let Ok(directory) = std::env::var("LOCKGATE_MY_TRUTH") else { return };
    let directory = Path::new(&directory);
    let setups: Value =
        std::fs::read_to_string(directory.join("my_setup.json")).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let mut files: Vec<_> = std::fs::read_dir(directory).unwrap().filter_map(Result::ok).map(|entry| entry.path()).collect();
    files.retain(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name == "mysql.jsonl" || name == "mariadb.jsonl" || (name.starts_with("probes") && name.ends_with(".jsonl"))
    });
    files.sort();
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    for case in files.iter().flat_map(|path| lines(path)) {
        let results = case["results"].as_object().cloned().unwrap_or_default();
        for (server, result) in &results {
            let mut result = result;
            while let Some(other) = result.as_str().and_then(|text| text.strip_prefix('=')) {
                result = &results[other];
            }
            if result.get("skipped").is_none() {
                replay(&case, result, server, &setups, &mut scores);
            }
        }
    }
    let mut wrong = 0;
    for (what, score) in &scores {
        println!("{what}: {} of {}", score.right, score.right + u32::try_from(score.wrong.len()).unwrap_or(0));
        wrong += score.wrong.len();
    }
    for line in scores.iter().flat_map(|(what, score)| score.wrong.iter().map(move |line| format!("{what}: {line}"))) {
        println!("{line}");
    }
    assert!(std::env::var("LOCKGATE_MY_STRICT").is_err() || wrong == 0, "{wrong} disagreements");
}
