//! SQLite: refusals by their message, scans, rewrites, views that break, and what fails at COMMIT or
//! inside a transaction.

use lockgate::catalog::TableStatistics;
use lockgate::change::{Ident, ObjectName};
use lockgate::effect::{BreakageKind, Failure, FailureCause, Transactionality, Truth};
use lockgate::source::Span;
use serde::Deserialize;

use super::case::{Case, Server, cases, is_syntax_error, text};
use super::ledger::Ledger;
use super::replay::Replay;

/// Tables large enough for a scan of them to be seen.
const LARGE: [&str; 4] = ["t", "plain", "norowid", "auto"];

/// What the library did. What is not there was not looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// `SQLITE_ERROR: no such table: main.x`.
    error: Option<String>,
    /// Fails in a transaction and works outside.
    #[serde(default)]
    alone: bool,
    scan: Option<bool>,
    rewrite: Option<bool>,
    breaks_view: Option<bool>,
    #[serde(default)]
    commit_error: bool,
}

/// The first statement the shell refused, counted in lines.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    line: Option<usize>,
    error: Option<String>,
}

pub struct Suites {
    setup: String,
    cases: Vec<Case<Seen>>,
    shell: Vec<Case<Refusal>>,
}

pub fn suites() -> Suites {
    Suites { setup: text("sqlite/base.sql"), cases: cases("sqlite/base"), shell: cases("sqlite/shell") }
}

pub fn compare(suites: &Suites, ledger: &mut Ledger) {
    let server = ledger.server.clone();
    let mut prepared = Replay::new(server.target);
    prepared.catalog.begin_migration(false);
    prepared.apply(&suites.setup);
    for table in ["t", "parent", "child", "plain", "norowid", "auto"] {
        let key = prepared.catalog.resolve(&ObjectName::bare(Ident::new(table, Span::default())));
        prepared.catalog.set_statistics(&key, TableStatistics { rows: 10_000, bytes: 1_000_000 });
    }
    for case in &suites.cases {
        if let Some(seen) = case.on(&server) {
            let valid = !is_syntax_error(seen.error.as_deref());
            let run = case.pre.iter().chain(&case.session).flat_map(|sql| sql.split(";;"));
            run.chain(case.sql.split(";;").filter(|_| valid)).for_each(|sql| prepared.note_valid(&case.id, sql, ledger));
            one(case, seen, prepared.clone(), ledger);
        }
    }
    for case in &suites.shell {
        if let Some(seen) = case.on(&server) {
            let problem = first_refusal(case, seen, &server);
            let id = format!("sqlite/shell/{}", case.id);
            ledger.note(&id, "scripts", problem.is_none(), || format!("{}\n    {}", problem.unwrap_or_default(), case.sql));
        }
    }
}

fn one(case: &Case<Seen>, seen: &Seen, mut replay: Replay, ledger: &mut Ledger) {
    case.pre.iter().for_each(|sql| replay.apply(sql));
    replay.catalog.end_migration();
    replay.catalog.begin_migration(false);
    case.session.iter().for_each(|sql| replay.apply(sql));
    // The library that measured leaves foreign keys unchecked until told.
    if !case.session.iter().any(|sql| sql.contains("foreign_keys")) {
        replay.apply("PRAGMA foreign_keys=OFF");
    }
    replay.apply("BEGIN");
    let effects: Vec<_> = case.sql.split(";;").flat_map(|sql| replay.run(sql)).map(|one| one.effects).collect();
    let id = format!("sqlite/base/{}", case.id);
    let mut note = |what, agreed, detail: String| ledger.note(&id, what, agreed, || format!("{detail}\n    {}", case.sql));
    let failures: Vec<&Failure> = effects.iter().flat_map(|effects| &effects.failures).collect();
    let certain = failures.iter().find(|it| it.certain == Truth::Yes && it.cause != FailureCause::Transaction);
    if let Some(error) = &seen.error {
        // What depends on the rows is possible, not certain.
        let predicted = certain.or_else(|| failures.iter().find(|it| it.cause == FailureCause::Data && it.certain.possible()));
        let same = predicted.is_some_and(|failure| {
            let (code, message) = error.split_once(": ").unwrap_or(("", error));
            let worded = failure.reason.starts_with(message) || message.contains("syntax error") && failure.cause == FailureCause::Syntax;
            failure.code == code && worded
        });
        note("failures", same, format!("fails with {error}, predicted {:?}", predicted.map(|it| (&it.code, &it.reason))));
        return;
    }
    note("failures", certain.is_none(), format!("works, predicted {:?}", certain.map(|it| (&it.code, &it.reason))));
    let forbidden = effects.iter().any(|effects| effects.transactionality == Transactionality::Forbidden);
    note("in_transaction", seen.alone == forbidden, format!("refused: {}, predicted {forbidden}", seen.alone));
    if let Some(scan) = seen.scan {
        let scans = || effects.iter().flat_map(|effects| &effects.scans);
        let same = match scan {
            true => scans().any(|it| it.certain.possible()),
            false => !scans().any(|it| it.certain == Truth::Yes && LARGE.contains(&it.table.as_str())),
        };
        note("scans", same, format!("scans: {scan}, predicted {:?}", scans().collect::<Vec<_>>()));
    }
    if let Some(rewrite) = seen.rewrite {
        let mine = effects.iter().any(|effects| !effects.rewrites.is_empty());
        note("rewrites", rewrite == mine, format!("rewrites: {rewrite}, predicted {mine}"));
    }
    if let Some(breaks) = seen.breaks_view {
        let mine = effects.iter().flat_map(|effects| &effects.breaks).any(|it| it.kind == BreakageKind::View);
        note("views", breaks == mine, format!("breaks a view: {breaks}, predicted {mine}"));
    }
    if seen.commit_error {
        note("failures", !failures.is_empty(), "fails at COMMIT, predicted nothing".to_owned());
    }
}

/// Compares the first statement refused; `None` when they agree.
fn first_refusal(case: &Case<Refusal>, seen: &Refusal, server: &Server) -> Option<String> {
    let seen = seen.line.zip(seen.error.as_deref());
    let sql = case.sql.as_str();
    let mut replay = Replay::new(server.target);
    replay.catalog.begin_migration(false);
    replay.apply("PRAGMA foreign_keys=OFF");
    let mut possible: Vec<(usize, String)> = Vec::new();
    let (script, statements) = replay.read(sql);
    for statement in &statements {
        // The scripts were run with a line for every `; `, also inside a trigger's body.
        let at = sql.get(..statement.span.start as usize).map_or(0, |before| before.matches("; ").count());
        let predicted = lockgate::effect::predict(statement, &replay.catalog).whole;
        if let Some(failure) = predicted.certain_failure() {
            let agreed = seen.is_some_and(|(line, message)| line == at + 1 && same(failure, message))
                || possible.iter().any(|(line, _)| seen.is_some_and(|(seen, _)| *line == seen));
            return (!agreed).then(|| format!("predicted statement {} fails: {}; seen {seen:?}", at + 1, failure.reason));
        }
        possible.extend(predicted.failures.iter().map(|failure| (at + 1, failure.reason.clone())));
        let at_commit = predicted.failures.iter().filter(|failure| failure.reason.contains("at COMMIT"));
        possible.extend(at_commit.map(|failure| (at + 3, failure.reason.clone())));
        let breaks = predicted.breaks.iter().map(|it| it.reason.clone());
        possible.extend(breaks.flat_map(|reason| (at + 2..at + 9).map(move |later| (later, reason.clone()))));
        replay.catalog.apply(statement, &script);
    }
    match seen {
        Some((line, message)) if !possible.iter().any(|(at, _)| *at == line) => Some(format!("statement {line} fails: {message}")),
        _ => None,
    }
}

fn same(predicted: &Failure, seen: &str) -> bool {
    seen.contains("syntax error") && predicted.cause == FailureCause::Syntax
        || seen.starts_with(&predicted.reason)
        || predicted.reason.starts_with(seen)
}
