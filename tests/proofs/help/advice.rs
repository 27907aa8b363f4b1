//! Every help that the rules give in a case, with what stands before and after it.

use std::collections::HashSet;
use std::sync::Arc;

use lockgate::catalog::{Callees, Catalog};
use lockgate::change::{self, Action, Statement};
use lockgate::effect::{self, Truth};
use lockgate::engine::Target;
use lockgate::facts::{Direction, DownKind, Ledger, MigrationFacts, Scene, Thresholds};
use lockgate::migration::TransactionMode;
use lockgate::rules::{Hits, RuleSet};
use lockgate::source::{Script, SourceId, Span};

use super::super::case::Case;

#[derive(Debug, Clone)]
pub struct Advice {
    pub rule: String,
    pub help: String,
    /// Statements of the case that ran before.
    pub earlier: Vec<String>,
    pub statement: String,
    /// Of an ALTER TABLE with several actions, those that are done before and after the one that
    /// was refused.
    pub first: Option<String>,
    pub last: Option<String>,
}

/// What the rules say, asked as lint asks them.
pub fn collect(case: &Case, target: Target, rules: &Arc<RuleSet>) -> Vec<Advice> {
    let mut found = Vec::new();
    let mut said = HashSet::new();
    let mut earlier: Vec<String> = Vec::new();
    let mut catalog = schema(case, target);
    for range in &case.migrations {
        let span = Span::new(u32::try_from(range.start).unwrap_or(0), u32::try_from(range.end).unwrap_or(0));
        let script = Script::section(SourceId(1), case.sql.as_str(), span);
        let statements = change::read(&script, target);
        let wrapped = match case.mode {
            TransactionMode::PerMigration => true,
            TransactionMode::None => false,
            TransactionMode::Batch => statements.len() > 1,
        };
        let facts = MigrationFacts {
            version: "1",
            name: "1",
            transaction: case.mode,
            down: DownKind::NotSupported,
            direction: Direction::Up,
            statements: u32::try_from(statements.len()).unwrap_or(u32::MAX),
            settled: false,
        };
        let mut ledger = Ledger::new();
        let mut hits = Hits::default();
        catalog.begin_migration(wrapped);
        let mut callees = Callees::of(&script);
        for (number, written) in statements.iter().enumerate() {
            if number % case.stride != 0 {
                continue;
            }
            if case.apart {
                catalog = schema(case, target);
                catalog.begin_migration(wrapped);
                ledger = Ledger::new();
                hits = Hits::default();
                earlier.clear();
            }
            let before = hits.len();
            let followed = callees.follow(written, &catalog);
            let statement = followed.as_ref().unwrap_or(written);
            let effects = effect::predict(statement, &catalog);
            let following = if case.apart { &[] } else { statements.get(number + 1..).unwrap_or_default() };
            let scene = Scene {
                script: callees.script(),
                statement,
                following,
                effects: &effects,
                before: &catalog,
                migration: &facts,
                ledger: &ledger,
                thresholds: Thresholds::default(),
            };
            rules.check_statement(&scene, &mut hits);
            hits.settle_after(before, &callees);
            let sql = case.sql.get(statement.span.range()).unwrap_or_default().to_owned();
            for hit in hits.iter().skip(before) {
                // What stands in a routine has its names and variables from there.
                let Some(help) = hit.help.clone().filter(|_| !in_body(statement, hit.span)) else { continue };
                if said.insert((hit.rule.id.clone(), help.clone(), sql.clone())) {
                    let (mut first, last) = parts(case, statement, hit.span);
                    first = first.or_else(|| other_drops(statement, &help));
                    let (earlier, statement) = (earlier.clone(), sql.clone());
                    found.push(Advice { rule: hit.rule.id.clone(), help, earlier, statement, first, last });
                }
            }
            ledger.record(statement, &effects, &catalog);
            if !effects.whole.failures.iter().any(|failure| failure.certain == Truth::Yes) {
                catalog.apply(statement, callees.script());
                earlier.push(sql);
            }
        }
        catalog.end_migration();
    }
    found
}

fn schema(case: &Case, target: Target) -> Catalog {
    let mut catalog = Catalog::new(target);
    let script = Script::whole(SourceId(0), case.schema.as_str().into());
    catalog.begin_migration(false);
    for statement in &change::read(&script, target) {
        catalog.apply(statement, &script);
    }
    catalog.end_migration();
    catalog
}

/// The other actions of the same ALTER TABLE, as statements of their own.
fn parts(case: &Case, statement: &Statement, hit: Span) -> (Option<String>, Option<String>) {
    let mut spans: Vec<Span> = statement.changes.iter().map(|change| change.span).collect();
    spans.dedup();
    let own = spans.iter().position(|span| span.start <= hit.start && hit.end <= span.end);
    let several = spans.len() > 1 && statement.verb == "ALTER TABLE";
    let (Some(own), true) = (own, several) else { return (None, None) };
    let text = |span: Span| case.sql.get(span.range()).unwrap_or_default();
    let head = case.sql.get(statement.span.start as usize..spans.first().map_or(0, |span| span.start as usize)).unwrap_or_default();
    // As the server does it: what is dropped goes first.
    let drops = |at: &usize| *at < own || spans.get(*at).is_some_and(|span| text(*span).to_uppercase().starts_with("DROP"));
    let (first, last): (Vec<usize>, Vec<usize>) = (0..spans.len()).filter(|at| *at != own).partition(drops);
    let joined = |numbers: Vec<usize>| {
        let clauses: Vec<&str> = numbers.iter().filter_map(|at| spans.get(*at)).map(|span| text(*span)).collect();
        (!clauses.is_empty()).then(|| format!("{head}{}", clauses.join(", ")))
    };
    (joined(first), joined(last))
}

/// The indexes that the same statement drops and the help says nothing of.
fn other_drops(statement: &Statement, help: &str) -> Option<String> {
    let names = statement.changes.iter().filter_map(|change| match &change.action {
        Action::DropIndex(drop) => Some(drop.name.to_string()),
        _ => None,
    });
    let others: Vec<String> = names.filter(|name| !help.contains(name.as_str())).collect();
    (!others.is_empty()).then(|| format!("DROP INDEX {}", others.join(", ")))
}

/// The place is in the body of a routine that the statement calls or fires.
fn in_body(statement: &Statement, hit: Span) -> bool {
    statement.changes.iter().any(|change| change.within.is_some() && (change.span == hit || statement.span == hit))
}
