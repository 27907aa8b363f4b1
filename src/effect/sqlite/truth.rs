//! Predictions against what SQLite was seen to do. Runs when `LOCKGATE_GROUND_TRUTH` names a folder
//! with `sqlite.jsonl` and `sqlite_truth.py`; says that it was skipped otherwise.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::catalog::{Catalog, TableStatistics};
use crate::change::{ObjectName, Statement};
use crate::effect::{BreakageKind, Effects, FailureCause, Transactionality, Truth};
use crate::engine::{Engine, Target};
use crate::source::{Script, SourceId};

/// Tables large enough for a scan of them to be seen.
const LARGE: [&str; 4] = ["t", "plain", "norowid", "auto"];

struct Outcome {
    effects: Vec<Effects>,
}

fn script(sql: &str) -> Script {
    Script::whole(SourceId(0), Arc::from(sql))
}

fn read(sql: &str, target: Target) -> Vec<Statement> {
    crate::change::read(&script(sql), target)
}

fn apply(catalog: &mut Catalog, sql: &str) {
    for statement in read(sql, catalog.target) {
        catalog.apply(&statement, &script(sql));
    }
}

fn predict(setup: &str, case: &Value, target: Target) -> Outcome {
    let texts = |field: &str| -> Vec<String> {
        case[field].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut catalog = Catalog::new(target);
    catalog.begin_migration(false);
    apply(&mut catalog, setup);
    for table in ["t", "parent", "child", "plain", "norowid", "auto"] {
        let key = catalog.resolve(&name(table));
        catalog.set_statistics(&key, TableStatistics { rows: 10_000, bytes: 1_000_000 });
    }
    for statement in texts("pre") {
        apply(&mut catalog, &statement);
    }
    catalog.end_migration();
    catalog.begin_migration(false);
    for statement in texts("session") {
        apply(&mut catalog, &statement);
    }
    let unsaid = !texts("session").iter().any(|statement| statement.contains("foreign_keys"));
    if unsaid {
        apply(&mut catalog, "PRAGMA foreign_keys=OFF");
    }
    apply(&mut catalog, "BEGIN");
    let mut effects = Vec::new();
    for text in case["sql"].as_str().unwrap_or("").split(";;") {
        for statement in read(text, target) {
            let predicted = crate::effect::predict(&statement, &catalog).whole;
            let failed = predicted.certain_failure().is_some();
            effects.push(predicted);
            if !failed {
                catalog.apply(&statement, &script(text));
            }
        }
    }
    Outcome { effects }
}

fn name(text: &str) -> ObjectName {
    ObjectName::bare(crate::change::Ident::new(text, crate::source::Span::default()))
}

fn disagreements(case: &Value, label: &str, seen: &Value, outcome: &Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    let sql = case["sql"].as_str().unwrap_or("").to_ascii_uppercase();
    let failures: Vec<_> = outcome.effects.iter().flat_map(|effects| &effects.failures).collect();
    let in_transaction = |cause| cause == FailureCause::Transaction;
    let certain = failures.iter().find(|it| it.certain == Truth::Yes && !in_transaction(it.cause));
    if seen["ok"] == true {
        if let Some(failure) = certain {
            wrong.push(format!("works, but predicted to fail: {}", failure.reason));
        }
        let forbidden = outcome.effects.iter().any(|effects| effects.transactionality == Transactionality::Forbidden);
        if (seen["tx_ok"] == false) != forbidden {
            wrong.push(format!("allowed in a transaction: {}", seen["tx_ok"]));
        }
        let scanned = |least: Truth, large: bool| {
            outcome
                .effects
                .iter()
                .flat_map(|effects| &effects.scans)
                .any(|scan| scan.certain >= least && (!large || LARGE.contains(&scan.table.as_str())))
        };
        if seen["scan"] == true && !scanned(Truth::Unknown, false) {
            wrong.push("scans, but none predicted".to_owned());
        }
        if seen["scan"] == false && scanned(Truth::Yes, true) {
            wrong.push("does not scan, but predicted to".to_owned());
        }
        // Pages of a new table and pages wiped by SECURE_DELETE are counted as rewritten there.
        let comparable =
            !sql.contains("CREATE TABLE") && !(label.contains("debian") && !sql.starts_with("ALTER")) && !sql.starts_with("INSERT");
        let rewritten = outcome.effects.iter().any(|effects| !effects.rewrites.is_empty());
        if comparable && seen["rewrite"].as_bool().is_some_and(|rewrite| rewrite != rewritten) {
            wrong.push(format!("rewrite: {}", seen["rewrite"]));
        }
        let view_broken = outcome.effects.iter().flat_map(|effects| &effects.breaks).any(|it| it.kind == BreakageKind::View);
        if seen["broken_views"].is_object() != view_broken && !sql.starts_with("CREATE VIEW") {
            wrong.push(format!("broken views: {}", seen["broken_views"]));
        }
        if seen["commit_error"].is_string() && failures.is_empty() {
            wrong.push("fails at COMMIT".to_owned());
        }
    } else {
        let error = seen["error"].as_str().unwrap_or("");
        // What depends on the rows is possible, not certain.
        let predicted = certain.or_else(|| failures.iter().find(|it| it.cause == FailureCause::Data && it.certain.possible()));
        match predicted {
            None => wrong.push(format!("fails: {error}")),
            Some(failure) => {
                let (code, message) = error.split_once(": ").unwrap_or(("", error));
                let same = failure.reason.starts_with(message) || message.contains("syntax error") && failure.cause == FailureCause::Syntax;
                if failure.code != code || !same {
                    wrong.push(format!("fails with {error}, predicted {}: {}", failure.code, failure.reason));
                }
            }
        }
    }
    wrong
}

#[test]
fn agrees_with_sqlite() {
    let Ok(folder) = std::env::var("LOCKGATE_GROUND_TRUTH") else {
        eprintln!("skipped: LOCKGATE_GROUND_TRUTH is not set");
        return;
    };
    let folder = Path::new(&folder);
    let program = std::fs::read_to_string(folder.join("sqlite_truth.py")).unwrap();
    let setup = program.split("SETUP = \"\"\"").nth(1).and_then(|rest| rest.split("\"\"\"").next()).unwrap();
    let (mut checked, mut wrong) = (0, Vec::new());
    for line in std::fs::read_to_string(folder.join("sqlite.jsonl")).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let results = case["results"].as_object().unwrap();
        for (label, result) in results {
            let seen = match result.as_str().and_then(|same| same.strip_prefix('=')) {
                Some(same) => &results[same],
                None => result,
            };
            if seen["skipped"].is_string() {
                continue;
            }
            let target = Target::new(Engine::Sqlite, label.split('-').next().unwrap().parse().unwrap());
            checked += 1;
            for problem in disagreements(&case, label, seen, &predict(setup, &case, target)) {
                wrong.push(format!("{} on {label}: {problem}\n    {}", case["id"], case["sql"]));
            }
        }
    }
    eprintln!("{checked} observations, {} disagreements", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Scripts run statement by statement in the shell; the first refusal is compared.
#[test]
fn agrees_with_the_shell() {
    let Ok(path) = std::env::var("LOCKGATE_SQLITE_SCRIPTS") else {
        eprintln!("skipped: LOCKGATE_SQLITE_SCRIPTS is not set");
        return;
    };
    let measured: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (mut checked, mut wrong) = (0, Vec::new());
    for case in measured["cases"].as_array().unwrap() {
        let sql = case["sql"].as_str().unwrap();
        for (version, seen) in case["measured"].as_object().unwrap() {
            // In memory there is no WAL; what a STRICT table thinks of a value is not looked at.
            if case["case"] == "pragma_jm_in_txn" || case["case"] == "strict_table" {
                continue;
            }
            checked += 1;
            let target = Target::new(Engine::Sqlite, version.parse().unwrap());
            if let Some(problem) = first_refusal(sql, target, seen["error"].as_str()) {
                wrong.push(format!("{} on {version}: {problem}\n    {sql}", case["case"]));
            }
        }
    }
    eprintln!("{checked} scripts, {} disagreements", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Compares the first statement refused; `None` when they agree.
fn first_refusal(sql: &str, target: Target, seen: Option<&str>) -> Option<String> {
    // `line 3: message`, sometimes with the shell's own prefix and a picture behind it.
    let seen = seen.and_then(|text| text.strip_prefix("line ")).and_then(|text| text.split_once(": "));
    let seen = seen.and_then(|(line, message)| Some((line.parse::<usize>().ok()?, message)));
    let mut catalog = Catalog::new(target);
    catalog.begin_migration(false);
    apply(&mut catalog, "PRAGMA foreign_keys=OFF");
    let mut possible: Vec<(usize, String)> = Vec::new();
    for statement in &read(sql, target) {
        // The scripts were run with a line for every `; `, also inside a trigger's body.
        let at = sql.get(..statement.span.start as usize).map_or(0, |before| before.matches("; ").count());
        let predicted = crate::effect::predict(statement, &catalog).whole;
        if let Some(failure) = predicted.certain_failure() {
            let agreed = seen.is_some_and(|(line, message)| line == at + 1 && agrees(&failure.reason, message, failure.cause))
                || possible.iter().any(|(line, _)| seen.is_some_and(|(seen, _)| *line == seen));
            return (!agreed).then(|| format!("predicted statement {} fails: {}; seen {seen:?}", at + 1, failure.reason));
        }
        possible.extend(predicted.failures.iter().map(|failure| (at + 1, failure.reason.clone())));
        let at_commit = predicted.failures.iter().filter(|failure| failure.reason.contains("at COMMIT"));
        possible.extend(at_commit.map(|failure| (at + 3, failure.reason.clone())));
        let breaks = predicted.breaks.iter().map(|it| it.reason.clone());
        possible.extend(breaks.flat_map(|reason| (at + 2..at + 9).map(move |later| (later, reason.clone()))));
        catalog.apply(statement, &script(sql));
    }
    match seen {
        Some((line, message)) if !possible.iter().any(|(at, _)| *at == line) => Some(format!("statement {line} fails: {message}")),
        _ => None,
    }
}

fn agrees(predicted: &str, seen: &str, cause: FailureCause) -> bool {
    seen.contains("syntax error") && cause == FailureCause::Syntax || seen.starts_with(predicted) || predicted.starts_with(seen)
}
