//! `lockgate plan`: what is pending, what it will do, whether it may run.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use super::args::{AcceptArgs, PlainFormat, PlanArgs};
use super::exit::Exit;
use super::live::{Judged, Live, policy};
use super::terminal::Terminal;
use super::workspace::{Checked, Workspace};
use crate::driver::Access;
use crate::effect::RelationKind;
use crate::plan::{self, Blocked, Plan, Step, Wrapping};
use crate::report::{self, Report};

pub fn plan(args: &PlanArgs, workspace: &Workspace, terminal: &Terminal) -> anyhow::Result<Exit> {
    let mut live = Live::open(workspace, &args.target, &args.read, Access::Existing, terminal)?;
    let judged = live.pending(workspace, &args.read, &args.rules, args.to.as_deref())?;
    let policy = policy(workspace, &AcceptArgs::default(), &judged.checked.rules)?;
    let blocked = plan::check(judged.plan.clone(), &judged.checked.findings, &policy).err();
    let mut out = io::BufWriter::new(io::stdout().lock());
    match args.format {
        PlainFormat::Human => {
            show(&judged, terminal, &mut out)?;
            match &blocked {
                Some(blocked) => write_blocked(blocked, terminal, &mut out)?,
                None if judged.plan.is_empty() => writeln!(out, "nothing is pending")?,
                None => writeln!(out, "{}", terminal.style.green("may run"))?,
            }
        }
        PlainFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &document(&judged, blocked.as_ref())?)?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(if blocked.is_some() { Exit::Findings } else { Exit::Success })
}

/// The plan and its findings, for people.
pub fn show(judged: &Judged, terminal: &Terminal, out: &mut dyn Write) -> anyhow::Result<()> {
    for migration in &judged.plan.migrations {
        let wrapping = match &migration.wrapping {
            Wrapping::Atomic => "one transaction, history included".to_owned(),
            Wrapping::Stepwise(why) => format!("statement by statement: {why}"),
        };
        let title = format!("{} {}", migration.version, migration.name);
        writeln!(out, "{} {}", terminal.style.bold(title.trim_end()), terminal.style.dim(&migration.path))?;
        writeln!(out, "  {}", terminal.style.dim(&wrapping))?;
        for step in migration.steps() {
            writeln!(out, "  {:>4}  {}", step.line, step.summary())?;
            writeln!(out, "        {}", terminal.style.dim(&what(step)))?;
        }
        writeln!(out)?;
    }
    write_findings(&judged.checked, terminal, out)
}

fn write_findings(checked: &Checked, terminal: &Terminal, out: &mut dyn Write) -> anyhow::Result<()> {
    if checked.findings.is_empty() && checked.suppressed.is_empty() {
        return Ok(());
    }
    let report = Report {
        findings: &checked.findings,
        suppressed: &checked.suppressed,
        problems: &[],
        rules: &[],
        summary: checked.summary,
        include_suppressed: true,
    };
    let load = |path: &std::path::Path| std::fs::read(path).ok().map(|bytes| crate::migration::decode(&bytes));
    report::write(report::Format::Human, &report, &load, terminal.style, out)?;
    Ok(())
}

/// Locks, time, and what the time rests on, in one line.
fn what(step: &Step) -> String {
    // Of equally strong locks the table's says more than its indexes'.
    let is_table = |lock: &crate::effect::Lock| !matches!(lock.kind, RelationKind::Index | RelationKind::Sequence);
    let strongest = step.locks.iter().max_by_key(|lock| (lock.mode, is_table(lock)));
    let lock = strongest.map_or_else(
        || "no lock on what exists".to_owned(),
        |lock| {
            let others = step.locks.len() - 1;
            let more = if others > 0 { format!(" (+{others})") } else { String::new() };
            format!("{} on {}{more}", lock.mode.prose(), lock.relation)
        },
    );
    let basis = if step.duration.basis.is_empty() { String::new() } else { format!(": {}", step.duration.basis) };
    format!("{lock} · {}{basis}", step.duration.class)
}

/// Why nothing runs, and what would let it.
pub fn write_blocked(blocked: &Blocked, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: nothing was executed", terminal.style.red("refused"))?;
    for blocker in &blocked.blockers {
        writeln!(out, "  {blocker}")?;
    }
    let mut rules: Vec<&str> = blocked.blockers.iter().filter_map(|blocker| blocker.rule()).collect();
    rules.sort_unstable();
    rules.dedup();
    if !rules.is_empty() {
        let allow: Vec<String> = rules.iter().map(|rule| format!("--allow '{rule}=REASON'")).collect();
        writeln!(out, "Change the migration, or accept the risk and say why: {}", allow.join(" "))?;
    }
    Ok(())
}

/// The plan as JSON.
pub fn document(judged: &Judged, blocked: Option<&Blocked>) -> anyhow::Result<Json> {
    let Checked { findings, suppressed, summary, .. } = &judged.checked;
    let report = Report { findings, suppressed, problems: &[], rules: &[], summary: *summary, include_suppressed: true };
    let mut bytes = Vec::new();
    report::write(report::Format::Json, &report, &|_| None, report::Style::default(), &mut bytes)?;
    let report: Json = serde_json::from_slice(&bytes)?;
    let blocked = blocked.map(|blocked| {
        let reasons: Vec<Json> =
            blocked.blockers.iter().map(|blocker| json!({ "reason": blocker.to_string(), "rule": blocker.rule() })).collect();
        json!(reasons)
    });
    Ok(json!({
        "version": 1,
        "plan": plan_json(&judged.plan),
        "findings": report["findings"],
        "accepted": report["suppressed"],
        "summary": report["summary"],
        "blocked": blocked,
    }))
}

fn plan_json(plan: &Plan) -> Json {
    let migrations: Vec<Json> = plan
        .migrations
        .iter()
        .map(|migration| {
            let statements: Vec<Json> = migration
                .steps()
                .map(|step| {
                    json!({
                        "path": step.path,
                        "line": step.line,
                        "sql": step.text(),
                        "locks": step.locks.iter().map(|lock| json!({ "relation": lock.relation, "mode": lock.mode.name() })).collect::<Vec<_>>(),
                        "duration": { "class": step.duration.class.name(), "basis": step.duration.basis },
                    })
                })
                .collect();
            json!({
                "version": migration.version,
                "name": migration.name,
                "path": migration.path,
                "transaction": migration.is_atomic(),
                "duration": migration.duration().name(),
                "statements": statements,
            })
        })
        .collect();
    json!({ "engine": plan.target.to_string(), "direction": plan.direction.name(), "hash": plan.hash(), "migrations": migrations })
}
