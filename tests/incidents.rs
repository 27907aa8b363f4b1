//! Statements that caused outages and lost data, and what Lockgate says to each: one test a case.
//! `cargo test --test incidents -- --nocapture` prints them with their sources.

use std::collections::BTreeMap;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use lockgate::engine::Target;
use lockgate::facts::DownKind;
use lockgate::finding::Severity;
use lockgate::migration::TransactionMode;
use lockgate::rules::example::{Example, Setting, run};
use lockgate::rules::{RuleSet, Selection};

const FILES: [(&str, &str, &str); 3] = [
    ("postgres", "postgres@14", include_str!("incidents/postgres.sql")),
    ("mysql", "mysql@8.0", include_str!("incidents/mysql.sql")),
    ("sqlite", "sqlite@3.40", include_str!("incidents/sqlite.sql")),
];

/// So many at least must be known by name and address.
const NAMED: usize = 100;

/// One statement or script that hurt.
struct Case {
    name: String,
    source: String,
    /// Where it can be read, and what happened.
    report: Option<(String, String)>,
    expect: Vec<(String, Severity)>,
    example: Example,
}

fn main() {
    let arguments = Arguments::from_args();
    let trials = match cases() {
        Ok(cases) => {
            let named = cases.iter().filter(|case| case.report.is_some()).count();
            let count = Trial::test("cases/have-names", move || match named {
                NAMED.. => Ok(()),
                _ => Err(Failed::from(format!("{named} cases name a write-up"))),
            });
            cases.into_iter().map(trial).chain([count]).collect()
        }
        Err(message) => vec![Trial::test("cases/are-readable", move || Err(Failed::from(message)))],
    };
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(case: Case) -> Trial {
    let case = Arc::new(case);
    Trial::test(case.name.clone(), move || ask(&case))
}

fn ask(case: &Case) -> Result<(), Failed> {
    // Those that ship switched off are asked where the case names them.
    let selection = Selection { extend: case.expect.iter().map(|(rule, _)| rule.clone()).collect(), ..Selection::default() };
    let rules = RuleSet::select(&selection).map_err(|error| error.to_string())?;
    let outcome = run(&case.example, &case.example.sql, &rules);
    let said: Vec<String> = outcome.seen.iter().map(|seen| format!("    {} [{}] {}", seen.severity, seen.rule, seen.message)).collect();
    let (address, happened) = case.report.as_ref().map_or(("", ""), |(address, happened)| (address, happened));
    println!("{}\n  {}\n  {address}\n  {happened}\n{}", case.name, case.source, said.join("\n"));
    for (rule, severity) in &case.expect {
        let heard = outcome.seen.iter().any(|seen| seen.rule == *rule && seen.severity >= *severity);
        if !heard {
            return Err(format!("{}\nexpected {severity} [{rule}], heard:\n{}", case.source, said.join("\n")).into());
        }
    }
    Ok(())
}

fn cases() -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for (file, engine, text) in FILES {
        for part in text.split("-- case: ").skip(1) {
            let (name, rest) = part.split_once('\n').unwrap_or((part, ""));
            cases.push(case(&format!("{file}/{}", name.trim()), engine, rest).map_err(|message| format!("{file}/{name}: {message}"))?);
        }
    }
    Ok(cases)
}

fn case(name: &str, engine: &str, text: &str) -> Result<Case, String> {
    let heads: BTreeMap<&str, &str> = text
        .lines()
        .map_while(|line| line.strip_prefix("-- "))
        .filter_map(|line| line.split_once(": "))
        .map(|(key, value)| (key, value.trim()))
        .collect();
    let body: String =
        text.lines().skip_while(|line| line.starts_with("-- ") && *line != "-- then:").map(|line| format!("{line}\n")).collect();
    let (schema, sql) = body.split_once("-- then:\n").ok_or("no `-- then:`")?;
    let transaction = match heads.get("transaction") {
        None => TransactionMode::None,
        Some(&"per-migration") => TransactionMode::PerMigration,
        Some(other) => return Err(format!("no transaction `{other}`")),
    };
    let target: Target = heads.get("engine").unwrap_or(&engine).parse().map_err(|error| format!("{error}"))?;
    let expect = heads.get("expect").ok_or("no `-- expect:`")?.split(", ").map(|one| {
        let (rule, severity) = one.split_once(' ').ok_or("write `rule severity`")?;
        Ok((rule.to_owned(), Severity::from_name(severity).ok_or("no such severity")?))
    });
    let report = match (heads.get("address"), heads.get("happened")) {
        (Some(address), Some(happened)) if address.starts_with("https://") => Some(((*address).to_owned(), (*happened).to_owned())),
        (None, None) => None,
        _ => return Err("write `-- address: https://...` and `-- happened:` together".to_owned()),
    };
    Ok(Case {
        report,
        name: name.to_owned(),
        source: (*heads.get("source").ok_or("no `-- source:`")?).to_owned(),
        expect: expect.collect::<Result<_, String>>()?,
        example: Example {
            name: name.to_owned(),
            sql: sql.to_owned(),
            line: 1,
            schema: schema.to_owned(),
            down: None,
            fixed: None,
            setting: Setting { target, transaction, down: DownKind::NotSupported, rows: BTreeMap::new() },
            marks: Vec::new(),
        },
    })
}
