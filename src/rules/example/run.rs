//! Running an example through the whole pass: read, predict, judge, replay.

use super::Example;
use crate::catalog::{Callees, Catalog, Difference, TableStatistics};
use crate::change;
use crate::effect::{self, StatementEffects, Truth};
use crate::facts::{Direction, DownKind, Ledger, MigrationFacts, Scene, Thresholds};
use crate::finding::{Confidence, Severity};
use crate::migration::TransactionMode;
use crate::rules::{FileChange, HistoryEntry, Hit, Hits, MigrationScene, RuleSet};
use crate::source::{Script, SourceId, Span};

/// What came out.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub seen: Vec<Seen>,
    /// Each statement's first and last line, and what it does.
    pub effects: Vec<(u32, u32, StatementEffects)>,
    /// The example with every fix applied.
    pub fixed: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub rule: String,
    /// What it points at, in the example.
    pub span: Span,
    pub line: u32,
    pub severity: Severity,
    pub possible: bool,
    pub message: String,
}

/// Lints an example, or another text in its place.
pub fn run(example: &Example, sql: &str, rules: &RuleSet) -> Outcome {
    let setting = &example.setting;
    let mut catalog = Catalog::new(setting.target);
    if !example.schema.trim().is_empty() {
        let script = Script::whole(SourceId(0), example.schema.as_str().into());
        catalog.begin_migration(false);
        for statement in &change::read(&script, setting.target) {
            catalog.apply(statement, &script);
        }
        catalog.end_migration();
    }
    for (table, rows) in &setting.rows {
        let key = catalog.tables.keys().find(|key| key.name == *table).cloned();
        if let Some(key) = key {
            catalog.set_statistics(&key, TableStatistics { rows: *rows, bytes: rows * 100 });
        }
    }
    let mut outcome = Outcome { seen: Vec::new(), effects: Vec::new(), fixed: sql.to_owned() };
    let mut entries: Vec<(String, u32)> = Vec::new();
    let mut waiting: Vec<(String, Span)> = Vec::new();
    let sections = migrations(sql);
    for (version, section) in &sections {
        let script = Script::section(SourceId(0), sql, *section);
        entries.push((version.clone(), line_of(sql, section.start)));
        waiting.extend(migration(example, version, &script, rules, &mut catalog, &mut outcome));
    }
    in_the_end(example, sql, &waiting, rules, &catalog, &mut outcome);
    let listed: Vec<HistoryEntry<'_>> = entries
        .iter()
        .map(|(heading, _)| HistoryEntry {
            version: heading.split('_').next().unwrap_or_default(),
            path: heading,
            change: change_of(heading),
            settled: false,
        })
        .collect();
    for hit in rules.check_history(&listed, setting.target) {
        let line = hit.entry.and_then(|entry| entries.get(entry)).map_or(1, |(_, line)| *line);
        outcome.seen.push(seen(&hit, line));
    }
    outcome
}

/// `002_name (modified)`: what happened to the file since the base branch.
fn change_of(heading: &str) -> Option<FileChange> {
    match heading.rsplit_once('(')?.1.trim_end_matches(')') {
        "added" => Some(FileChange::Added),
        "modified" => Some(FileChange::Modified),
        "deleted" => Some(FileChange::Deleted),
        _ => None,
    }
}

fn migration(
    example: &Example,
    version: &str,
    script: &Script,
    rules: &RuleSet,
    catalog: &mut Catalog,
    outcome: &mut Outcome,
) -> Vec<(String, Span)> {
    let setting = &example.setting;
    let statements = change::read(script, setting.target);
    let wrapped = match setting.transaction {
        TransactionMode::PerMigration => true,
        TransactionMode::None => false,
        TransactionMode::Batch => statements.len() > 1,
    };
    let facts = MigrationFacts {
        version,
        name: version,
        transaction: setting.transaction,
        down: setting.down,
        direction: Direction::Up,
        statements: u32::try_from(statements.len()).unwrap_or(u32::MAX),
        settled: false,
    };
    let mut ledger = Ledger::new();
    let mut hits = Hits::default();
    catalog.begin_migration(wrapped);
    if setting.transaction == TransactionMode::Batch {
        catalog.in_one_message();
    }
    let mut callees = Callees::of(script);
    for (number, written) in statements.iter().enumerate() {
        let followed = callees.follow(written, catalog);
        let statement = followed.as_ref().unwrap_or(written);
        let script = callees.script();
        let earlier = hits.len();
        let effects = effect::predict(statement, catalog);
        let scene = Scene {
            script,
            statement,
            following: statements.get(number + 1..).unwrap_or_default(),
            effects: &effects,
            before: catalog,
            migration: &facts,
            ledger: &ledger,
            thresholds: Thresholds::default(),
        };
        rules.check_statement(&scene, &mut hits);
        hits.settle_after(earlier, &callees);
        ledger.record(statement, &effects, catalog);
        outcome.effects.push((line_of(&script.text, statement.span.start), line_of(&script.text, statement.span.end), effects));
        // What the server refuses changes nothing.
        if !outcome.effects.last().is_some_and(|(_, _, effects)| effects.whole.failures.iter().any(|failure| failure.certain == Truth::Yes))
        {
            catalog.apply(statement, script);
        }
    }
    catalog.end_migration();
    let differences = match (setting.down, &example.down) {
        (DownKind::Script, Some(down)) => Some(way_back(down, wrapped, catalog)),
        _ => None,
    };
    let scene = MigrationScene {
        script,
        migration: &facts,
        statements: &statements,
        after: catalog,
        differences: differences.as_deref(),
        ledger: &ledger,
        thresholds: Thresholds::default(),
    };
    rules.check_migration(&scene, &mut hits);
    let mut late = Hits::default();
    rules.check_in_the_end(&scene, &mut late);
    let waiting = late.iter().map(|hit| (hit.rule.id.clone(), script.locate(hit.span).span)).collect();
    outcome.seen.extend(hits.iter().map(|hit| seen(hit, line_of(&script.text, hit.span.start))));
    let mut edits: Vec<(Span, String)> = hits.into_iter().filter_map(|hit| hit.fix).flat_map(|fix| fix.edits).collect();
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    edits.dedup();
    for (span, text) in edits {
        if outcome.fixed.is_char_boundary(span.start as usize) && outcome.fixed.is_char_boundary(span.end as usize) {
            outcome.fixed.replace_range(span.range(), &text);
        }
    }
    waiting
}

/// What was found at the end of each migration is asked again when all of them have run.
fn in_the_end(example: &Example, sql: &str, waiting: &[(String, Span)], rules: &RuleSet, catalog: &Catalog, outcome: &mut Outcome) {
    if waiting.is_empty() {
        return;
    }
    for (version, section) in &migrations(sql) {
        let script = Script::section(SourceId(0), sql, *section);
        let statements = change::read(&script, example.setting.target);
        let facts = MigrationFacts {
            version,
            name: version,
            transaction: example.setting.transaction,
            down: example.setting.down,
            direction: Direction::Up,
            statements: 0,
            settled: false,
        };
        let scene = MigrationScene {
            script: &script,
            migration: &facts,
            statements: &statements,
            after: catalog,
            differences: None,
            ledger: &Ledger::new(),
            thresholds: Thresholds::default(),
        };
        let mut hits = Hits::default();
        rules.check_in_the_end(&scene, &mut hits);
        let late =
            hits.iter().filter(|hit| waiting.iter().any(|(rule, span)| *rule == hit.rule.id && *span == script.locate(hit.span).span));
        outcome.seen.extend(late.map(|hit| seen(hit, line_of(&script.text, hit.span.start))));
    }
}

fn way_back(down: &str, wrapped: bool, catalog: &mut Catalog) -> Vec<Difference> {
    let script = Script::whole(SourceId(0), down.into());
    catalog.begin_down(wrapped);
    for statement in &change::read(&script, catalog.target) {
        catalog.apply(statement, &script);
    }
    catalog.end_down()
}

fn seen(hit: &Hit, line: u32) -> Seen {
    let possible = hit.confidence == Confidence::Possible;
    Seen { rule: hit.rule.id.clone(), span: hit.span, line, severity: hit.severity, possible, message: hit.message.clone() }
}

/// `-- migration: 002_name` lines part an example into several migrations.
pub fn migrations(sql: &str) -> Vec<(String, Span)> {
    let mut sections: Vec<(String, Span)> = Vec::new();
    let mut offset = 0u32;
    for line in sql.split_inclusive('\n') {
        let length = u32::try_from(line.len()).unwrap_or(u32::MAX);
        if let Some(version) = line.trim().strip_prefix("-- migration:") {
            let version = version.split("--").next().unwrap_or_default().trim().to_owned();
            sections.push((version, Span::new(offset, offset)));
        }
        offset += length;
        match sections.last_mut() {
            Some((_, span)) => span.end = offset,
            None => sections.push(("1".to_owned(), Span::new(0, offset))),
        }
    }
    sections
}

fn line_of(text: &str, offset: u32) -> u32 {
    let head = text.get(..offset as usize).unwrap_or(text);
    u32::try_from(head.bytes().filter(|byte| *byte == b'\n').count() + 1).unwrap_or(u32::MAX)
}
