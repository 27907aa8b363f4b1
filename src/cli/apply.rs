//! `lockgate apply` and `lockgate rollback`: check, then run what passed.

use std::io::{self, BufRead as _, IsTerminal as _, Write};

use serde_json::json;

use super::args::{ApplyArgs, PlainFormat, RollbackArgs};
use super::exit::Exit;
use super::live::{Judged, Live, policy};
use super::plan::{document, show, write_blocked};
use super::terminal::Terminal;
use super::workspace::Workspace;
use crate::apply::{self, ApplyError, Assume, Changed, Human, Interrupt, Jsonl, Options, Progress};
use crate::driver::{Access, Place};
use crate::history;
use crate::plan::{self, Blocked, Cleared, Confirmation, Direction, Policy};

pub fn apply(args: &ApplyArgs, workspace: &Workspace, terminal: &Terminal) -> anyhow::Result<Exit> {
    // A dry run of a database that is not there yet would have to make it.
    let access = if args.dry_run { Access::Existing } else { Access::Create };
    let mut live = Live::open(workspace, &args.target, &args.read, access, terminal)?;
    let mut options = options(workspace);
    options.assume = match (args.assume_done, args.assume_not_done) {
        (true, _) => Some(Assume::Done),
        (_, true) => Some(Assume::NotDone),
        (false, false) => None,
    };
    if let Some(version) = &args.baseline {
        return baseline(live, version, &options, args.format, terminal);
    }
    let judged = live.pending(workspace, &args.read, &args.rules, args.to.as_deref())?;
    let policy = policy(workspace, &args.accept, &judged.checked.rules)?;
    let run = Run { live, judged, policy, options, format: args.format, dry_run: args.dry_run, terminal };
    run.go()
}

pub fn rollback(args: &RollbackArgs, workspace: &Workspace, terminal: &Terminal) -> anyhow::Result<Exit> {
    let mut live = Live::open(workspace, &args.target, &args.read, Access::Existing, terminal)?;
    let judged = live.reverts(workspace, &args.read, &args.rules, args.to.as_deref())?;
    let policy = policy(workspace, &args.accept, &judged.checked.rules)?;
    let run = Run { live, judged, policy, options: options(workspace), format: args.format, dry_run: args.dry_run, terminal };
    run.go()
}

fn options(workspace: &Workspace) -> Options {
    let settings = &workspace.settings.apply;
    let default = Options::default();
    Options {
        lock_wait: settings.wait_for_run,
        brief: settings.lock_timeout,
        normal: settings.lock_timeout.max(default.normal),
        attempts: settings.retries.saturating_add(1),
        pause: settings.retry_delay,
        ..default
    }
}

struct Run<'a> {
    live: Live,
    judged: Judged,
    policy: Policy,
    options: Options,
    format: PlainFormat,
    dry_run: bool,
    terminal: &'a Terminal,
}

impl Run<'_> {
    fn go(mut self) -> anyhow::Result<Exit> {
        let terminal = self.terminal;
        let human = self.format == PlainFormat::Human;
        if human && !(terminal.quiet && self.judged.checked.findings.is_empty()) {
            let mut out = io::stdout().lock();
            show(&self.judged, terminal, &mut out)?;
        }
        let mut cleared = plan::check(self.judged.plan.clone(), &self.judged.checked.findings, &self.policy);
        if let Err(blocked) = &cleared
            && !self.dry_run
            && let Some(typed) = confirmation(blocked, human, terminal)?
        {
            self.policy.confirmation = Some(Confirmation { typed, by: history::whoami() });
            cleared = plan::check(self.judged.plan.clone(), &self.judged.checked.findings, &self.policy);
        }
        match cleared {
            Err(blocked) => {
                let exit = self.refuse(&blocked);
                self.leave_no_trace();
                exit
            }
            Ok(_) if self.judged.plan.is_empty() => self.nothing(),
            Ok(_) if self.dry_run => self.dry(),
            Ok(cleared) => self.execute(&cleared),
        }
    }

    fn refuse(&self, blocked: &Blocked) -> anyhow::Result<Exit> {
        let mut out = io::stdout().lock();
        match self.format {
            PlainFormat::Human => write_blocked(blocked, self.terminal, &mut out)?,
            PlainFormat::Json => writeln!(out, "{}", json!({ "event": "refused", "document": document(&self.judged, Some(blocked))? }))?,
        }
        Ok(Exit::Findings)
    }

    /// A SQLite file that connecting has made, and that nothing was written to, goes again.
    fn leave_no_trace(self) {
        let created = self.live.session.info().created;
        drop(self.live.session);
        if let (true, Place::File(path)) = (created, &self.live.url.place)
            && std::fs::metadata(path).is_ok_and(|metadata| metadata.len() == 0)
        {
            // Left behind, it is only an empty file.
            let _ = std::fs::remove_file(path);
        }
    }

    fn nothing(&self) -> anyhow::Result<Exit> {
        let mut out = io::stdout().lock();
        match self.format {
            PlainFormat::Human => writeln!(out, "nothing is pending")?,
            PlainFormat::Json => writeln!(out, "{}", json!({ "event": "done", "ran": [], "outcome": "nothing-pending" }))?,
        }
        Ok(Exit::Success)
    }

    fn dry(&self) -> anyhow::Result<Exit> {
        let mut out = io::stdout().lock();
        match self.format {
            PlainFormat::Human => {
                let verdict = format!("{} would run", counted(self.judged.plan.migrations.len()));
                writeln!(out, "{verdict}; nothing was executed (--dry-run)")?;
            }
            PlainFormat::Json => writeln!(out, "{}", json!({ "event": "dry-run", "document": document(&self.judged, None)? }))?,
        }
        Ok(Exit::Success)
    }

    fn execute(self, cleared: &Cleared) -> anyhow::Result<Exit> {
        let interrupt = Interrupt::install();
        let mut progress: Box<dyn Progress> = match self.format {
            PlainFormat::Human => Box::new(Human::new(io::stderr().is_terminal(), self.terminal.quiet)),
            PlainFormat::Json => Box::new(Jsonl::new(Box::new(io::stdout()))),
        };
        let result = apply::apply(self.live.session, &self.live.url, cleared, &self.options, &interrupt, progress.as_mut());
        drop(progress);
        let mut out = io::stdout().lock();
        match result {
            Ok(report) => {
                let ran: Vec<&str> = report.ran.iter().map(|ran| ran.version.as_str()).collect();
                match self.format {
                    PlainFormat::Json => {
                        writeln!(out, "{}", json!({ "event": "done", "ran": ran, "skipped": report.skipped, "outcome": "applied" }))?;
                    }
                    PlainFormat::Human => {
                        let verb = match cleared.plan().direction {
                            Direction::Up => "applied",
                            Direction::Down => "rolled back",
                        };
                        let elapsed = report.elapsed.as_secs_f64();
                        writeln!(out, "{} {} in {elapsed:.1} s", self.terminal.style.green(verb), counted(ran.len()))?;
                        for version in &report.skipped {
                            writeln!(out, "  {version} had been done by another run")?;
                        }
                    }
                }
                Ok(Exit::Success)
            }
            Err(error) => {
                let exit = exit_of(&error);
                match self.format {
                    PlainFormat::Json => {
                        let changed = match error.changed() {
                            Changed::No => "no",
                            Changed::Yes => "yes",
                            Changed::Unknown => "unknown",
                        };
                        writeln!(out, "{}", json!({ "event": "failed", "message": error.to_string(), "changed": changed }))?;
                    }
                    PlainFormat::Human => self.terminal.failure(&error.to_string()),
                }
                Ok(exit)
            }
        }
    }
}

/// A migration that was begun and did not end is 3, whether or not it left something behind; what
/// stopped before the first statement is 2.
fn exit_of(error: &ApplyError) -> Exit {
    if error.executed() { Exit::Broken } else { Exit::Failure }
}

/// Asks for the words that confirm the loss of data, where a person can answer.
fn confirmation(blocked: &Blocked, human: bool, terminal: &Terminal) -> anyhow::Result<Option<String>> {
    let Some(phrase) = &blocked.phrase else { return Ok(None) };
    if !human || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(None);
    }
    let mut out = io::stderr().lock();
    for blocker in &blocked.blockers {
        writeln!(out, "  {blocker}")?;
    }
    write!(out, "{} type `{phrase}` to go on: ", terminal.error_style.red("This destroys data;"))?;
    out.flush()?;
    let mut typed = String::new();
    io::stdin().lock().read_line(&mut typed)?;
    Ok(Some(typed))
}

fn baseline(live: Live, version: &str, options: &Options, format: PlainFormat, terminal: &Terminal) -> anyhow::Result<Exit> {
    let version = &live.spelled(version).to_owned();
    let mut session = live.session;
    let interrupt = Interrupt::install();
    let mut progress = Human::new(false, terminal.quiet);
    let marked = apply::mark(session.as_mut(), &live.url, &live.migrations, version, options, &interrupt, &mut progress)?;
    let mut out = io::stdout().lock();
    match format {
        PlainFormat::Human => writeln!(out, "recorded {} as applied, without running anything", counted(marked.len()))?,
        PlainFormat::Json => writeln!(out, "{}", json!({ "event": "done", "marked": marked, "outcome": "baseline" }))?,
    }
    Ok(Exit::Success)
}

fn counted(number: usize) -> String {
    format!("{number} migration{}", if number == 1 { "" } else { "s" })
}
