//! Which statements share a transaction.

use super::Wrapping;
use super::step::{Group, GroupKind, Step};
use crate::engine::Engine;
use crate::migration::TransactionMode;

/// A statement of the script, or its own control of transactions.
#[derive(Debug, Clone)]
pub(super) enum Item {
    Step(Box<Step>),
    /// With its text.
    Begin(String),
    Commit,
    /// Of the whole transaction.
    Rollback,
}

pub(super) struct Grouped {
    pub wrapping: Wrapping,
    pub groups: Vec<Group>,
    /// The script opens and closes transactions in a way that cannot be followed.
    pub irregular: Option<&'static str>,
}

struct Segment {
    begin: Option<String>,
    steps: Vec<Step>,
}

pub(super) fn group(engine: Engine, mode: TransactionMode, items: Vec<Item>) -> Grouped {
    let (segments, irregular) = segments(items);
    if segments.iter().any(|segment| segment.begin.is_some()) {
        let (wrapping, groups) = explicit(engine, segments);
        return Grouped { wrapping, groups, irregular };
    }
    let steps: Vec<Step> = segments.into_iter().flat_map(|segment| segment.steps).collect();
    let (wrapping, groups) = implicit(engine, mode, steps);
    Grouped { wrapping, groups, irregular }
}

/// The script cut at its own BEGIN and COMMIT.
fn segments(items: Vec<Item>) -> (Vec<Segment>, Option<&'static str>) {
    let mut segments = vec![Segment { begin: None, steps: Vec::new() }];
    let mut irregular = None;
    let mut open = false;
    for item in items {
        match item {
            Item::Step(step) => segments.last_mut().into_iter().for_each(|segment| segment.steps.push(Step::clone(&step))),
            Item::Begin(_) if open => irregular = Some("it begins a transaction inside a transaction"),
            Item::Begin(text) => {
                open = true;
                segments.push(Segment { begin: Some(text), steps: Vec::new() });
            }
            Item::Commit => {
                // A COMMIT with nothing open does nothing, as in every client.
                if std::mem::take(&mut open) {
                    segments.push(Segment { begin: None, steps: Vec::new() });
                }
            }
            Item::Rollback => irregular = Some("it rolls its own transaction back"),
        }
    }
    if open {
        irregular = Some("it begins a transaction and never commits it");
    }
    segments.retain(|segment| !segment.steps.is_empty());
    (segments, irregular)
}

fn explicit(engine: Engine, segments: Vec<Segment>) -> (Wrapping, Vec<Group>) {
    let transactions = segments.iter().filter(|segment| segment.begin.is_some()).count();
    let rest_is_session = segments.iter().all(|segment| segment.begin.is_some() || segment.steps.iter().all(|step| step.session));
    let mut whole = transactions == 1 && rest_is_session;
    let mut groups = Vec::new();
    for segment in segments {
        let Some(begin) = segment.begin else {
            groups.extend(segment.steps.into_iter().map(alone));
            continue;
        };
        if segment.steps.iter().all(|step| step.fits) {
            groups.extend(transaction(engine, begin_text(engine, Some(begin)), segment.steps));
            continue;
        }
        whole = false;
        if engine.is_mysql_family() {
            // A statement that commits implicitly ends the transaction before it and begins none.
            groups.extend(runs(engine, segment.steps));
        } else {
            groups.extend(segment.steps.into_iter().map(alone));
        }
    }
    let wrapping =
        if whole { Wrapping::Atomic } else { Wrapping::Stepwise("the script begins and commits its own transactions".to_owned()) };
    (wrapping, groups)
}

/// Consecutive statements that fit a transaction share one; each of the others stands alone.
fn runs(engine: Engine, steps: Vec<Step>) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut run = Vec::new();
    for step in steps {
        if step.fits {
            run.push(step);
        } else {
            groups.extend(transaction(engine, begin_text(engine, None), std::mem::take(&mut run)));
            groups.push(alone(step));
        }
    }
    groups.extend(transaction(engine, begin_text(engine, None), run));
    groups
}

fn implicit(engine: Engine, mode: TransactionMode, steps: Vec<Step>) -> (Wrapping, Vec<Group>) {
    let working = steps.iter().filter(|step| !step.session).count();
    let wanted = match mode {
        TransactionMode::PerMigration => true,
        TransactionMode::Batch => working > 1 || steps.iter().all(|step| step.fits),
        TransactionMode::None => false,
    };
    let misfit = steps.iter().find(|step| !step.fits);
    match misfit {
        None if wanted => (Wrapping::Atomic, transaction(engine, begin_text(engine, None), steps)),
        None => (Wrapping::Stepwise("the migration asks for no transaction".to_owned()), steps.into_iter().map(alone).collect()),
        Some(step) => {
            let why = match (engine, wanted) {
                (Engine::Mysql | Engine::Mariadb, _) => {
                    format!("{} commits by itself in {}", step.verb, engine.title())
                }
                (_, true) => format!("{} (line {}) cannot run inside a transaction", step.verb, step.line),
                (_, false) => "the migration asks for no transaction".to_owned(),
            };
            (Wrapping::Stepwise(why), steps.into_iter().map(alone).collect())
        }
    }
}

fn begin_text(engine: Engine, own: Option<String>) -> String {
    match engine {
        // A deferred transaction that turns to writing may fail with a snapshot error that no
        // waiting cures; one that begins as a writer waits at the start.
        Engine::Sqlite => "BEGIN IMMEDIATE".to_owned(),
        Engine::Postgres => own.unwrap_or_else(|| "BEGIN".to_owned()),
        Engine::Mysql | Engine::Mariadb => own.unwrap_or_else(|| "START TRANSACTION".to_owned()),
    }
}

/// A transaction, with what has no effect inside one put around it: SQLite ignores
/// `PRAGMA foreign_keys` in a transaction without a word, and a rebuilt table then takes the rows
/// that refer to it along.
fn transaction(engine: Engine, begin: String, steps: Vec<Step>) -> Vec<Group> {
    if steps.is_empty() {
        return Vec::new();
    }
    if engine != Engine::Sqlite {
        return vec![Group { kind: GroupKind::Transaction { begin }, steps }];
    }
    let (mut before, mut inside, mut after) = (Vec::new(), Vec::new(), Vec::new());
    for step in steps {
        if !step.session || !is_hoisted(&step) {
            inside.push(step);
        } else if inside.is_empty() || (step.foreign_keys && switches_off(&step)) {
            before.push(alone(step));
        } else {
            after.push(alone(step));
        }
    }
    if !inside.is_empty() {
        before.push(Group { kind: GroupKind::Transaction { begin }, steps: inside });
    }
    before.extend(after);
    before
}

fn is_hoisted(step: &Step) -> bool {
    let words = step.text().to_ascii_lowercase();
    step.foreign_keys || ["journal_mode", "synchronous"].iter().any(|name| words.contains(name))
}

fn switches_off(step: &Step) -> bool {
    let text = step.text().to_ascii_lowercase();
    let value = text.rsplit(['=', '(']).next().unwrap_or_default().trim_matches([' ', ')', '\'', '"', ';']).to_owned();
    matches!(value.as_str(), "0" | "off" | "false" | "no")
}

fn alone(step: Step) -> Group {
    Group { kind: GroupKind::Alone, steps: vec![step] }
}
