//! `lockgate facts`: every change as the rules see it, and what the statement will do.

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::{Map, Value as Json, json};

use super::args::{FactsArgs, PlainFormat};
use super::exit::Exit;
use super::terminal::Terminal;
use super::workspace::Workspace;
use crate::change::Parsing;
use crate::effect::{Dml, Effects, Failure, FailureCause, Transactionality, Truth};
use crate::engine::{Engine, Target, TargetRange};
use crate::facts::{self, Context, Fact, FactType, Value, print};
use crate::lint::{Locator, Seen, Visitor};

pub fn facts(args: &FactsArgs, workspace: &Workspace, terminal: &Terminal) -> anyhow::Result<Exit> {
    let mut out = io::stdout().lock();
    if args.list {
        return list(args.format, &mut out);
    }
    let mut seen = Collector::default();
    let looked = workspace.look(&args.paths, &args.read, terminal, &mut seen)?;
    seen.join();
    match args.format {
        PlainFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &json!({ "version": 1, "statements": seen.statements }))?;
            writeln!(out)?;
        }
        PlainFormat::Human => {
            let ranged = seen.statements.iter().any(|it| it["engine"].as_str().is_some_and(|engine| engine.contains("..")));
            for statement in &seen.statements {
                print_statement(statement, ranged, terminal, &mut out)?;
            }
        }
    }
    Ok(if looked.unreadable > 0 { Exit::Failure } else { Exit::Success })
}

#[derive(Default)]
struct Collector {
    statements: Vec<Json>,
    /// Of the project at hand.
    range: Option<TargetRange>,
    seen: Vec<(Target, Json)>,
}

impl Collector {
    /// Joins what was seen on each step of a range: a statement stands there once for all versions
    /// on which it is and does the same.
    fn join(&mut self) {
        let Some(range) = self.range.take() else { return };
        let steps = range.steps();
        let mut count: HashMap<(Target, String), usize> = HashMap::new();
        // By place in its file: what was seen there, and on which steps.
        let mut places: Vec<Vec<(Json, Vec<bool>)>> = Vec::new();
        let mut known: HashMap<(String, usize), usize> = HashMap::new();
        for (target, statement) in std::mem::take(&mut self.seen) {
            let path = statement["path"].as_str().unwrap_or_default().to_owned();
            let nth = count.entry((target, path.clone())).or_insert(0);
            *nth += 1;
            let place = *known.entry((path, *nth)).or_insert(places.len());
            if place == places.len() {
                places.push(Vec::new());
            }
            let Some(variants) = places.get_mut(place) else { continue };
            let on: Vec<bool> = steps.iter().map(|step| *step == target).collect();
            match variants.iter_mut().find(|(other, _)| *other == statement) {
                Some((_, held)) => held.iter_mut().zip(on).for_each(|(held, on)| *held |= on),
                None => variants.push((statement, on)),
            }
        }
        for (mut statement, on) in places.into_iter().flatten() {
            statement["engine"] = json!(range.held_on(&on).to_string());
            self.statements.push(statement);
        }
    }
}

impl Visitor for Collector {
    fn project(&mut self, range: TargetRange) {
        self.join();
        self.range = Some(range);
    }

    fn statement(&mut self, seen: &Seen<'_>) {
        if seen.direction != seen.scene.migration.direction || seen.direction == facts::Direction::Down {
            return;
        }
        let locator = Locator { sources: &seen.prepared.sources, script: seen.script };
        let changes: Vec<Json> = seen
            .scene
            .statement
            .changes
            .iter()
            .zip(&seen.effects.changes)
            .enumerate()
            .map(|(position, (change, effects))| {
                let context = Context::new(*seen.scene, position, change, effects);
                let mut values = Map::new();
                for fact in facts::all() {
                    let value = (fact.get)(&context);
                    // Of a range the statement says on which versions of it this is so.
                    let told = fact.name == "engine.version" && self.range.is_some_and(|range| !range.is_single());
                    if is_telling(&value) && !told {
                        values.insert(fact.name.to_owned(), json_value(&value, fact));
                    }
                }
                json!({
                    "kind": change.action.kind().name(),
                    "table": context.table_name(),
                    "facts": values,
                })
            })
            .collect();
        let statement = json!({
            "path": crate::source::display_path(&locator.path()),
            "line": locator.line(seen.statement.span),
            "sql_kind": seen.statement.verb,
            "sql": seen.statement.span.slice(&seen.script.text),
            "understood": understood(&seen.statement.parsing),
            "changes": changes,
            "effects": effects(&seen.effects.whole, &seen.statement.parsing, seen.before.target.engine),
        });
        self.seen.push((seen.before.target, statement));
    }
}

fn understood(parsing: &Parsing) -> &'static str {
    match parsing {
        Parsing::Complete => "completely",
        Parsing::Partial { .. } => "partly",
        Parsing::Unsupported { .. } => "not supported here",
        Parsing::Failed { .. } => "no",
    }
}

fn effects(whole: &Effects, parsing: &Parsing, engine: Engine) -> Json {
    let sure = |truth: Truth| truth == Truth::Yes;
    let locks: Vec<Json> = whole.locks.iter().map(|lock| json!({ "relation": lock.relation, "mode": lock.mode.name() })).collect();
    let mut scans: Vec<&str> = whole.scans.iter().filter(|scan| sure(scan.certain)).map(|scan| scan.table.as_str()).collect();
    scans.sort_unstable();
    scans.dedup();
    let rewrites: Vec<&str> = whole.rewrites.iter().filter(|one| sure(one.certain)).map(|one| one.table.as_str()).collect();
    let builds: Vec<&str> = whole.builds.iter().filter(|one| sure(one.certain)).map(|one| one.index.as_str()).collect();
    let unknown: Vec<Json> = whole.unknowns.iter().map(|one| json!({ "what": one.what, "decides": one.decides })).collect();
    json!({
        "locks": locks,
        "rewrites": rewrites,
        "scans": scans,
        "builds": builds,
        "algorithm": whole.algorithm.map(|algorithm| algorithm.name()),
        "dml": whole.dml.map(|dml| match dml {
            Dml::Allowed => "allowed",
            Dml::Blocked => "blocked",
        }),
        "in_transaction": match (whole.transactionality, parsing) {
            (Transactionality::Forbidden, _) => "forbidden",
            (Transactionality::Unknown, _) | (_, Parsing::Failed { .. }) => "unknown",
            (Transactionality::Allowed, _) => "allowed",
        },
        "fails": fails(whole, parsing, engine),
        "unknown": unknown,
    })
}

/// The failure that is certain; the transaction the statement happens to stand in aside, which
/// `in_transaction` tells.
fn fails(whole: &Effects, parsing: &Parsing, engine: Engine) -> Option<Json> {
    if let Parsing::Unsupported { needs, .. } = parsing {
        let code = match engine {
            Engine::Postgres => "42601",
            Engine::Mysql | Engine::Mariadb => "1064",
            Engine::Sqlite => "SQLITE_ERROR",
        };
        let known = whole.failures.iter().find(|failure| failure.certain == Truth::Yes && failure.cause == FailureCause::Syntax);
        let code = known.map_or(code, |failure| failure.code.as_str());
        return Some(json!({ "code": code, "reason": format!("this syntax needs {needs}") }));
    }
    let certain = |failure: &&Failure| failure.certain == Truth::Yes && failure.cause != FailureCause::Transaction;
    let all = || whole.failures.iter().filter(certain);
    all()
        .find(|failure| failure.cause != FailureCause::Data)
        .or_else(|| all().next())
        .map(|failure| json!({ "code": failure.code, "reason": failure.reason }))
}

/// Empty answers would drown the others.
fn is_telling(value: &Value<'_>) -> bool {
    match value {
        Value::Flag(_) | Value::Number(_) | Value::Level(_) | Value::Version(_) | Value::Unknown => true,
        Value::Text(text) => !text.is_empty(),
        Value::Names(names) => !names.is_empty(),
    }
}

fn json_value(value: &Value<'_>, fact: &Fact) -> Json {
    match value {
        Value::Flag(Truth::Yes) => json!(true),
        Value::Flag(Truth::No) => json!(false),
        Value::Flag(Truth::Unknown) | Value::Unknown => json!("unknown"),
        Value::Number(number) => json!(number),
        Value::Names(names) => json!(names),
        Value::Text(_) | Value::Level(_) | Value::Version(_) => json!(print(value, fact.kind)),
    }
}

fn print_statement(statement: &Json, ranged: bool, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let text = |value: &Json| match value {
        Json::String(text) => text.clone(),
        Json::Bool(true) => "yes".to_owned(),
        Json::Bool(false) => "no".to_owned(),
        Json::Array(items) => {
            items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    let head = format!("{}:{}", text(&statement["path"]), statement["line"]);
    let engine = if ranged { format!(" on {}", text(&statement["engine"])) } else { String::new() };
    writeln!(out, "{} {}{}", terminal.style.bold(&head), text(&statement["sql_kind"]), terminal.style.dim(&engine))?;
    let effects = &statement["effects"];
    if let Some(locks) = effects["locks"].as_array() {
        for lock in locks {
            writeln!(out, "  locks     {} {}", text(&lock["relation"]), text(&lock["mode"]))?;
        }
    }
    for (name, title) in [("rewrites", "rewrites"), ("scans", "scans"), ("builds", "builds")] {
        if effects[name].as_array().is_some_and(|list| !list.is_empty()) {
            writeln!(out, "  {title:<9} {}", text(&effects[name]))?;
        }
    }
    for name in ["algorithm", "dml"] {
        if !effects[name].is_null() {
            writeln!(out, "  {name:<9} {}", text(&effects[name]))?;
        }
    }
    if effects["in_transaction"] != "allowed" {
        writeln!(out, "  in a transaction: {}", text(&effects["in_transaction"]))?;
    }
    if !effects["fails"].is_null() {
        writeln!(out, "  fails     {} {}", text(&effects["fails"]["code"]), text(&effects["fails"]["reason"]))?;
    }
    for change in statement["changes"].as_array().into_iter().flatten() {
        writeln!(out, "  {} {}", terminal.style.yellow(&text(&change["kind"])), text(&change["table"]))?;
        for (name, value) in change["facts"].as_object().into_iter().flatten() {
            writeln!(out, "    {} {}", terminal.style.dim(&format!("{name:<32}")), text(value))?;
        }
    }
    writeln!(out)
}

fn list(format: PlainFormat, out: &mut dyn Write) -> anyhow::Result<Exit> {
    match format {
        PlainFormat::Json => {
            let all: Vec<Json> =
                facts::all().map(|fact| json!({ "name": fact.name, "type": type_name(fact.kind), "meaning": fact.doc })).collect();
            serde_json::to_writer_pretty(&mut *out, &json!({ "version": 1, "facts": all }))?;
            writeln!(out)?;
        }
        PlainFormat::Human => {
            for fact in facts::all() {
                writeln!(out, "{:<34} {}", fact.name, fact.kind.title())?;
                writeln!(out, "    {}", fact.doc)?;
            }
        }
    }
    Ok(Exit::Success)
}

fn type_name(kind: FactType) -> String {
    kind.title().replace('`', "")
}
