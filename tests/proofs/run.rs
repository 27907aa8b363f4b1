//! Takes a case through a laboratory, as lint takes it through the model.

use lockgate::catalog::{Callees, Catalog, Presence};
use lockgate::change::{self, Action, Statement};
use lockgate::effect::{self, StatementEffects, Transactionality, Truth};
use lockgate::engine::Engine;
use lockgate::migration::TransactionMode;
use lockgate::rules::example::Claim;
use lockgate::source::{Script, SourceId, Span};

use super::case::{Case, is_data_code};
use super::compare::{self, Verdict};
use super::lab::{Data, Lab, Observed, Probe};
use super::tally::Tally;

/// Which claims a pass looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Rows that satisfy everything: locks, rewrites, scans, the schema's own refusals.
    Good,
    /// Rows that break promises: the failures they cause.
    Bad,
}

/// What a pass came to.
enum Ended {
    Done(Vec<(&'static str, bool)>, Vec<String>),
    /// Rows of this kind are refused where they should not matter.
    OtherRows(Vec<(&'static str, bool)>, Vec<String>),
    Skipped(String),
}

/// Everything that did not agree.
pub fn prove(case: &Case, lab: &mut dyn Lab, tally: &Tally) -> Result<(), String> {
    let mut faults = Vec::new();
    let mut passes = vec![Pass::Good];
    if case.wants_bad_rows() {
        passes.push(Pass::Bad);
    }
    for pass in passes {
        let kinds: &[Data] = match pass {
            Pass::Good => &[Data::Numbers, Data::Words, Data::Dates, Data::Uuids],
            Pass::Bad => &[Data::Hostile],
        };
        let mut last = None;
        for data in kinds {
            match attempt(case, lab, pass, *data)? {
                Ended::OtherRows(notes, seen) => last = last.or(Some((notes, seen))),
                Ended::Skipped(why) => {
                    tally.skip(format!("{} on {}: {why}", case.name, lab.name()));
                    last = None;
                    break;
                }
                Ended::Done(notes, seen) => {
                    last = Some((notes, seen));
                    break;
                }
            }
        }
        if let Some((notes, seen)) = last {
            tally.note(&lab.name(), &notes);
            faults.extend(seen);
        }
    }
    faults.dedup();
    if faults.is_empty() { Ok(()) } else { Err(format!("{}\n{}", lab.name(), faults.join("\n"))) }
}

fn attempt(case: &Case, lab: &mut dyn Lab, pass: Pass, data: Data) -> Result<Ended, String> {
    let mut catalog = Catalog::new(lab.target());
    if let Some(why) = prepare(case, lab, &mut catalog, data)? {
        return Ok(Ended::Skipped(why));
    }
    let (mut notes, mut faults, mut other) = (Vec::new(), Vec::new(), false);
    for range in &case.migrations {
        let span = Span::new(u32::try_from(range.start).unwrap_or(0), u32::try_from(range.end).unwrap_or(0));
        let script = Script::section(SourceId(1), case.sql.as_str(), span);
        let statements = change::read(&script, lab.target());
        let wrapped = match case.mode {
            TransactionMode::PerMigration => true,
            TransactionMode::None => false,
            TransactionMode::Batch => statements.len() > 1,
        };
        catalog.begin_migration(wrapped);
        if wrapped {
            lab.begin().map_err(|error| format!("BEGIN: {error}"))?;
        }
        let mut callees = Callees::of(&script);
        for (number, written) in statements.iter().enumerate() {
            if number % case.stride != 0 {
                continue;
            }
            let followed = callees.follow(written, &catalog);
            let statement = followed.as_ref().unwrap_or(written);
            let script = callees.script().clone();
            let sql = &case.sql[statement.span.range()];
            if sql.starts_with("{{") {
                return Ok(Ended::Skipped("a template writes the statement".to_owned()));
            }
            let predicted = effect::predict(statement, &catalog);
            let probe = Probe { sql, statement, predicted: &predicted, in_transaction: catalog.session.transaction.is_some() };
            let isolated = if case.apart { lab.isolate(&probe) } else { None };
            let undone = isolated.is_some();
            let seen = isolated.unwrap_or_else(|| lab.observe(&probe));
            if lab.lost() {
                return Err(format!("{}: the connection broke at:\n{sql}", lab.name()));
            }
            // A table the history never made: the example is about something else.
            let stranger = seen
                .error
                .as_ref()
                .is_some_and(|error| error.is_missing_object() || error.code == "1133" || error.message.starts_with("role \""))
                && predicted.whole.failures.is_empty();
            if stranger && (catalog.open_world || statement.verb == "DO")
                || stranger && is_unknown(statement, &catalog)
                || seen.error.as_ref().is_some_and(|error| error.code == "1133" || error.message.starts_with("role \""))
            {
                let why = seen.error.map(|error| error.to_string()).unwrap_or_default();
                return Ok(Ended::Skipped(format!("its schema does not have everything: {why}")));
            }
            if seen.skipped.is_some() {
                catalog.apply(statement, &script);
                continue;
            }
            let mut verdict = compare::compare(lab.target().engine, statement, &predicted, &seen);
            let next = statements.get(number + 1).map_or(u32::MAX, |next| line_of(&case.sql, next.span.start));
            let lines = line_of(&case.sql, statement.span.start)..next;
            // An older server that does not know the statement, as predicted: the example is not for it.
            let refused = !case.apart && is_older(lab) && refused_as_predicted(&predicted, &seen);
            let claimed = !refused && marks(case, lab, lines, pass, &seen, &mut verdict);
            if pass == Pass::Good && !claimed && seen.error.as_ref().is_some_and(|error| is_data_code(&error.code)) {
                other = true;
            }
            notes.append(&mut verdict.notes);
            let shown: String = sql.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
            faults.extend(verdict.faults.into_iter().map(|fault| format!("  {shown}\n      {fault}")));
            if refused {
                break;
            }
            if case.apart {
                // What failed has left everything as it was.
                let changed = !undone && (seen.error.is_none() || lab.target().engine != Engine::Mariadb);
                if changed && number + 1 < statements.len() {
                    catalog = Catalog::new(lab.target());
                    if let Some(why) = prepare(case, lab, &mut catalog, data)? {
                        return Ok(Ended::Skipped(why));
                    }
                    catalog.begin_migration(false);
                }
            } else if seen.error.is_none() {
                catalog.apply(statement, &script);
            }
        }
        catalog.end_migration();
        if wrapped && let Err(error) = lab.commit() {
            let known = statements.iter().any(effect_may_fail_late);
            if !known && !is_data_code(&error.code) {
                faults.push(format!("  COMMIT fails: {error}"));
            }
        }
    }
    Ok(if other { Ended::OtherRows(notes, faults) } else { Ended::Done(notes, faults) })
}

/// Older than what the examples are written for.
fn is_older(lab: &dyn Lab) -> bool {
    let target = lab.target();
    target.version.major < target.engine.default_version().major
}

fn refused_as_predicted(predicted: &StatementEffects, seen: &Observed) -> bool {
    let code = seen.error.as_ref().map(|error| error.code.as_str());
    let failed = predicted.whole.failures.iter().any(|failure| failure.certain == Truth::Yes && Some(failure.code.as_str()) == code);
    failed || seen.forbidden && predicted.whole.transactionality == Transactionality::Forbidden
}

/// It names a table of which the history says nothing.
fn is_unknown(statement: &Statement, catalog: &Catalog) -> bool {
    let presence = |change: &change::Change| change.table.as_ref().map(|name| catalog.presence(name));
    statement.changes.iter().filter_map(presence).any(|presence| matches!(presence, Presence::Unknown | Presence::NeverMade))
}

/// The script ended the runner's transaction itself.
fn effect_may_fail_late(statement: &Statement) -> bool {
    statement.changes.iter().any(|change| matches!(change.action, Action::Commit { .. } | Action::Rollback { .. }))
}

/// The schema on the server and in the catalog, and rows in its tables. `Some` says why not.
fn prepare(case: &Case, lab: &mut dyn Lab, catalog: &mut Catalog, data: Data) -> Result<Option<String>, String> {
    lab.reset()?;
    let script = Script::whole(SourceId(0), case.schema.as_str().into());
    catalog.begin_migration(false);
    for statement in &change::read(&script, lab.target()) {
        let sql = &case.schema[statement.span.range()];
        if let Err(error) = lab.prepare(sql) {
            return Ok(Some(format!("its schema cannot be made: {error}")));
        }
        catalog.apply(statement, &script);
    }
    if lab.target().engine == Engine::Postgres {
        // The laboratory's own setting decides between timestamp and timestamptz.
        let script = Script::whole(SourceId(2), "SET timezone = 'UTC'".into());
        for statement in &change::read(&script, lab.target()) {
            catalog.apply(statement, &script);
        }
    }
    catalog.end_migration();
    Ok(lab.fill(data).err())
}

/// Checks the marks of a statement; whether a failure by rows is claimed.
fn marks(case: &Case, lab: &dyn Lab, lines: std::ops::Range<u32>, pass: Pass, seen: &Observed, verdict: &mut Verdict) -> bool {
    let asked = case.version.is_none_or(|version| {
        let own = lab.target().version;
        own.major == version.major && (version.minor == u16::MAX || own.minor == version.minor)
    });
    let mut claimed = false;
    let own: Vec<&Claim> = case.marks.iter().filter(|mark| lines.contains(&mark.line)).map(|mark| &mark.claim).collect();
    let fails = own.iter().any(|claim| matches!(claim, Claim::Fails(code) if is_data_code(code)));
    for claim in own {
        let by_rows = matches!(claim, Claim::Fails(code) if is_data_code(code));
        claimed |= by_rows;
        let looked_at = match pass {
            Pass::Good => !by_rows && !(fails && seen.error.is_some()),
            Pass::Bad => by_rows,
        };
        if asked
            && looked_at
            && let Some(result) = compare::mark(claim, seen)
        {
            verdict.note("marks", result.is_ok(), || result.err().unwrap_or_default());
        }
    }
    claimed
}

fn line_of(text: &str, offset: u32) -> u32 {
    let head = text.get(..offset as usize).unwrap_or(text);
    u32::try_from(head.bytes().filter(|byte| *byte == b'\n').count() + 1).unwrap_or(u32::MAX)
}
