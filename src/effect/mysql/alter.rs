//! ALTER TABLE, CREATE INDEX, DROP INDEX: one answer for all actions together, and what each of them
//! would be alone.

use super::assertion::{Asked, Lock, Run, asked, run};
use super::charset::Text;
use super::draft::Draft;
use super::failure;
use super::flags::Flags;
use super::locks;
use super::outcome;
use super::verdict::{Verdict, answer};
use crate::catalog::{Catalog, Presence, Table};
use crate::change::{Action, Change, ConstraintBody, IndexKey, Statement};
use crate::effect::{Algorithm, Alone, Build, Dml, Effects, LockMode, Rewrite, Scan, ScanReason, Truth};

/// More actions than this are not taken apart one by one.
const MANY: usize = 24;

pub(super) fn effects(statement: &Statement, before: &Catalog) -> Vec<Effects> {
    let Some(name) = statement.changes.iter().find_map(|change| change.table.as_ref()) else {
        return statement.changes.iter().map(|_| Effects::default()).collect();
    };
    let table = before.table(name);
    let mut all: Vec<Effects> = statement.changes.iter().map(|change| outcome::of(change, table, before)).collect();
    for effects in &mut all {
        effects.implicit_commit = true;
    }
    if table.is_none() && !missing(statement, name, before, &mut all) {
        return all;
    }
    for (effects, change) in all.iter_mut().zip(&statement.changes) {
        effects.failures.extend(super::sequence::refuse_change(&change.action, name, before));
    }
    let draft = drafted(before, table, statement, None, false);
    let whole = answer(&draft);
    let server = draft.server;
    let (algorithm, lock) = asked(&statement.modifiers);
    let Ok(default) = run(&whole, Asked::Default, Lock::Default, server) else { return all };
    let lucky = run(&answer(&drafted(before, table, statement, None, true)), Asked::Default, Lock::Default, server).unwrap_or(default);
    for (at, failure) in &draft.failures {
        if let Some(effects) = all.get_mut(*at) {
            effects.failures.push(failure.clone());
        }
    }
    for (at, unknown) in &draft.unknowns {
        if let Some(effects) = all.get_mut(*at) {
            effects.unknowns.push(unknown.clone());
        }
    }
    // MariaDB looks first: where IF [NOT] EXISTS leaves nothing to do it waits for nobody (proven), and
    // no clause can be missed.
    // MySQL 5.6 does not wait either when a CHECK or a conversion leaves nothing to do (measured).
    let same_text = draft.flags == Flags::CONVERT && !draft.facts.converts_columns;
    let forgotten = |change: &Change| matches!(change.action, Action::AddConstraint(_) | Action::ConvertCharset { .. });
    let idle = match server.is_mariadb() {
        // An index dropped and made again is nothing to do either (proven on 10.11).
        true => {
            let key = |action: &Action| drops_key(action) || matches!(action, Action::CreateIndex(_) | Action::AddConstraint(_));
            let remade = |action: &Action| !draft.dropped_keys.is_empty() && key(action);
            draft.flags.is_empty() && statement.changes.iter().all(|change| tolerant(&change.action) || remade(&change.action))
        }
        false => server.forgets_checks() && (draft.flags.is_empty() || same_text) && statement.changes.iter().all(forgotten),
    };
    let (runs, pinned) = match run(&whole, algorithm, lock, server) {
        Ok(asked) => (asked, asked != default),
        Err(_) if idle && server.is_mariadb() => (default, false),
        Err(refusal) => {
            let harmless = run(&answer(&drafted(before, table, statement, None, true)), algorithm, lock, server).is_ok();
            let clause = if refusal.lock { statement.modifiers.lock.as_ref() } else { statement.modifiers.algorithm.as_ref() };
            let span =
                clause.or(statement.modifiers.algorithm.as_ref()).or(statement.modifiers.lock.as_ref()).map(|assertion| assertion.span);
            if let Some(first) = all.first_mut() {
                let certain = if harmless { Truth::Unknown } else { Truth::Yes };
                first.failures.push(failure::assertion(refusal.code, refusal.reason, certain, span));
            }
            (default, false)
        }
    };
    if draft.facts.added_fulltext > 1
        && !server.is_mariadb()
        && runs.algorithm == Algorithm::Inplace
        && let Some(last) = all.last_mut()
    {
        let reason = "InnoDB builds one FULLTEXT index in an ALTER: add them one by one, or with ALGORITHM=COPY";
        last.failures.push(failure::schema(1795, reason, Truth::Yes));
    }
    // It cannot be copied and it cannot be done without (measured).
    if whole.copy_refused && default.algorithm == Algorithm::Copy && asked(&statement.modifiers).0 == Asked::Default {
        let reason = "the rows would have to be copied, which cannot be done while a column of a foreign key is renamed";
        if let Some(first) = all.first_mut() {
            let place = if server.is_mariadb() { 0 } else { first.failures.len() };
            first.failures.insert(place, failure::schema(1846, reason, Truth::Yes));
        }
    }
    let alone = alone(before, table, statement, default);
    let causing = causing(before, table, statement, &alone, default);
    for (at, effects) in all.iter_mut().enumerate() {
        let own = alone.get(at).copied().unwrap_or(default);
        let joint = pinned || causing.get(at).copied().unwrap_or(true);
        let shown = if pinned {
            runs
        } else if joint || weight(own) > weight(runs) {
            runs
        } else {
            own
        };
        describe(effects, at, &draft, shown, lucky, before);
        effects.alone = Some(Alone { algorithm: own.algorithm, rebuild: own.rebuild, dml: own.dml });
        effects.pin = Some(pin(default, server, &whole.verdict));
        if !idle {
            locks::alter(effects, &draft, statement.changes.get(at));
        }
    }
    all
}

/// The table is not in the catalog: true when the prediction goes on without it.
fn missing(statement: &Statement, name: &crate::change::ObjectName, before: &Catalog, all: &mut [Effects]) -> bool {
    if before.view(name).is_some() {
        if let Some(first) = all.first_mut() {
            first.failures.push(failure::schema(1347, format!("`{name}` is a view, not a table"), Truth::Yes));
        }
        return false;
    }
    let certain = match before.presence(name) {
        Presence::Dropped => Truth::Yes,
        Presence::NeverMade => Truth::Yes,
        Presence::Present | Presence::Unknown => Truth::No,
    };
    if certain == Truth::No || statement.modifiers.if_exists {
        return !statement.modifiers.if_exists || certain == Truth::No;
    }
    if let Some(first) = all.first_mut() {
        first.failures.push(failure::schema(1146, format!("the table `{name}` does not exist"), certain));
    }
    true
}

fn drafted<'a>(
    before: &'a Catalog,
    table: Option<&'a Table>,
    statement: &Statement,
    only: Option<&dyn Fn(usize) -> bool>,
    optimistic: bool,
) -> Draft<'a> {
    let changes = &statement.changes;
    let mut draft = Draft::new(before, table, optimistic);
    draft.copying = asked(&statement.modifiers).0 == Asked::Copy;
    draft.ignore = statement.modifiers.ignore;
    draft.returning = (changes.iter().enumerate())
        .filter(|(at, _)| only.is_none_or(|only| only(*at)))
        .filter_map(|(_, change)| match &change.action {
            Action::AddColumn { column, .. } => Some(column.name.value.clone()),
            _ => None,
        })
        .collect();
    draft.coming_parts = (changes.iter().enumerate())
        .filter(|(at, _)| only.is_none_or(|only| only(*at)))
        .flat_map(|(_, change)| added_parts(&change.action))
        .filter_map(|part| part.column_name().map(|name| name.value.clone()))
        .collect();
    for (_, change) in changes.iter().enumerate().filter(|(at, _)| only.is_none_or(|only| only(*at))) {
        match &change.action {
            Action::ConvertCharset { charset, collation } => {
                draft.converting = Some(Text::of(Some(charset), collation.as_deref(), draft.server));
            }
            Action::ModifyColumn { column, .. } => draft.modified.push(column.value.clone()),
            _ => {}
        }
    }
    // The server takes out what goes before it adds what comes, whatever their order, and the
    // character set of the whole decides what the columns beside it inherit (measured).
    for turn in 0..3 {
        for (at, change) in changes.iter().enumerate() {
            if turn_of(&change.action) == turn && only.is_none_or(|only| only(at)) {
                draft.apply(at, change);
            }
        }
    }
    draft.finish();
    if draft.flags.is_empty() && changes.iter().all(|change| tolerant(&change.action)) {
        draft.facts.rehashes = false;
    }
    draft.check_whole();
    draft
}

/// It says IF EXISTS or IF NOT EXISTS.
fn tolerant(action: &Action) -> bool {
    match action {
        Action::AddColumn { if_not_exists, .. } => *if_not_exists,
        Action::DropColumn { if_exists, .. } | Action::DropConstraint { if_exists, .. } => *if_exists,
        Action::CreateIndex(create) => create.if_not_exists,
        Action::DropIndex(drop) => drop.if_exists,
        _ => false,
    }
}

fn turn_of(action: &Action) -> u8 {
    match action {
        action if drops_key(action) => 0,
        Action::TableOptions(_) | Action::ConvertCharset { .. } => 1,
        _ => 2,
    }
}

/// The parts of the key that the action adds.
fn added_parts(action: &Action) -> &[IndexKey] {
    match action {
        Action::CreateIndex(index) => &index.keys,
        Action::AddConstraint(constraint) => match &constraint.body {
            ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => &key.columns,
            _ => &[],
        },
        _ => &[],
    }
}

fn drops_key(action: &Action) -> bool {
    matches!(action, Action::DropIndex(_) | Action::DropConstraint { .. })
}

/// What each action would be in an ALTER of its own.
fn alone(before: &Catalog, table: Option<&Table>, statement: &Statement, default: Run) -> Vec<Run> {
    let changes = &statement.changes;
    if changes.len() < 2 || changes.len() > MANY {
        return changes.iter().map(|_| default).collect();
    }
    (0..changes.len())
        .map(|at| {
            let draft = drafted(before, table, statement, Some(&|other| other == at), false);
            run(&answer(&draft), Asked::Default, Lock::Default, draft.server).unwrap_or(default)
        })
        .collect()
}

/// The actions without which the whole would be lighter; all of them when no single one is.
fn causing(before: &Catalog, table: Option<&Table>, statement: &Statement, alone: &[Run], default: Run) -> Vec<bool> {
    let changes = &statement.changes;
    let heaviest = alone.iter().copied().reduce(worse).unwrap_or(default);
    if changes.len() < 2 || weight(heaviest) >= weight(default) {
        return alone.iter().map(|own| weight(*own) >= weight(default)).collect();
    }
    if changes.len() > MANY {
        return vec![true; changes.len()];
    }
    let lighter: Vec<bool> = (0..changes.len())
        .map(|at| {
            let draft = drafted(before, table, statement, Some(&|other| other != at), false);
            run(&answer(&draft), Asked::Default, Lock::Default, draft.server).is_ok_and(|without| weight(without) < weight(default))
        })
        .collect();
    if lighter.contains(&true) { lighter } else { vec![true; changes.len()] }
}

fn weight(run: Run) -> (bool, bool, Algorithm) {
    (run.dml == Dml::Blocked, run.rebuild, run.algorithm)
}

fn worse(a: Run, b: Run) -> Run {
    Run { algorithm: a.algorithm.max(b.algorithm), rebuild: a.rebuild || b.rebuild, dml: a.dml.max(b.dml) }
}

/// Algorithm, rewrites, scans and builds of one action.
fn describe(effects: &mut Effects, at: usize, draft: &Draft<'_>, runs: Run, lucky: Run, before: &Catalog) {
    let _ = before;
    effects.algorithm = Some(runs.algorithm);
    effects.dml = Some(runs.dml);
    effects.rebuild = match (runs.rebuild, lucky.rebuild) {
        (false, _) => Truth::No,
        (true, true) => Truth::Yes,
        (true, false) => Truth::Unknown,
    };
    let certain = effects.rebuild;
    let Some(table) = draft.table else {
        if runs.rebuild {
            effects.lasting = Truth::Unknown;
        }
        return;
    };
    let name = table.key.to_string();
    let under = Some(if runs.dml == Dml::Blocked { LockMode::MetadataSharedNoWrite } else { LockMode::MetadataShared });
    if runs.rebuild {
        let reason = draft
            .causes
            .iter()
            .find(|(cause, _)| *cause == at)
            .or(draft.causes.first())
            .map_or_else(|| "the clauses of this ALTER together need a rebuild".to_owned(), |(_, text)| text.clone());
        effects.rewrites.push(Rewrite { table: name.clone(), certain, reason });
        effects.scans.push(Scan { table: name.clone(), reason: ScanReason::Rewrite, certain, under });
        for key in draft.keys.iter().filter(|key| key.old && !key.primary) {
            effects.builds.push(Build { index: key.name.clone(), table: name.clone(), rebuilt: true, certain });
        }
    }
    for (_, index, rebuilt) in draft.builds.iter().filter(|(built, _, _)| *built == at) {
        effects.builds.push(Build { index: index.clone(), table: name.clone(), rebuilt: *rebuilt, certain: Truth::Yes });
        if !runs.rebuild {
            effects.scans.push(Scan { table: name.clone(), reason: ScanReason::IndexBuild, certain: Truth::Yes, under });
        }
    }
    let works = runs.rebuild || draft.builds.iter().any(|(built, _, _)| *built == at);
    if works && runs.dml == Dml::Blocked {
        effects.lasting = if runs.rebuild { certain } else { Truth::Yes };
    }
}

/// The clause that makes the server refuse anything worse.
fn pin(runs: Run, server: super::server::Server, verdict: &Verdict) -> String {
    match (runs.algorithm, runs.dml) {
        (Algorithm::Instant, _) if matches!(verdict, Verdict::Simple) && server.is_mariadb() => "ALGORITHM=INSTANT".to_owned(),
        (Algorithm::Instant, _) => "ALGORITHM=INSTANT".to_owned(),
        (Algorithm::Inplace, Dml::Allowed) if server.is_mariadb() && !runs.rebuild => "ALGORITHM=NOCOPY, LOCK=NONE".to_owned(),
        (Algorithm::Inplace, Dml::Allowed) => "ALGORITHM=INPLACE, LOCK=NONE".to_owned(),
        (Algorithm::Inplace, Dml::Blocked) => "ALGORITHM=INPLACE, LOCK=SHARED".to_owned(),
        (Algorithm::Copy, Dml::Allowed) => "ALGORITHM=COPY, LOCK=NONE".to_owned(),
        (Algorithm::Copy, Dml::Blocked) => "ALGORITHM=COPY, LOCK=SHARED".to_owned(),
    }
}

/// What the server would answer to these clauses, for tests of assertions.
#[cfg(test)]
pub(super) fn attempt(statement: &Statement, before: &Catalog, algorithm: Asked, lock: Lock) -> Result<Run, u16> {
    let table = statement.changes.iter().find_map(|change| change.table.as_ref()).and_then(|name| before.table(name));
    let draft = drafted(before, table, statement, None, false);
    run(&answer(&draft), algorithm, lock, draft.server).map_err(|refusal| refusal.code)
}
