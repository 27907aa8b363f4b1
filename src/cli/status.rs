//! `lockgate status`: what is applied, pending, changed, failed.

use std::io::{self, Write};

use serde_json::json;

use super::args::{PlainFormat, StatusArgs};
use super::exit::Exit;
use super::live::Live;
use super::terminal::Terminal;
use super::workspace::Workspace;
use crate::driver::Access;
use crate::plan::{Standing, standings};

pub fn status(args: &StatusArgs, workspace: &Workspace, terminal: &Terminal) -> anyhow::Result<Exit> {
    let live = Live::open(workspace, &args.target, &args.read, Access::Existing, terminal)?;
    let all = standings(&live.migrations, &live.entries, live.start_after.as_deref());
    let mut out = io::stdout().lock();
    if args.format == PlainFormat::Json {
        let migrations: Vec<_> = all
            .iter()
            .map(|(standing, migration, entry)| {
                json!({
                    "version": migration.map(|migration| &migration.version).or(entry.map(|entry| &entry.version)),
                    "name": migration.map(|migration| &migration.name).or(entry.map(|entry| &entry.name)),
                    "state": standing.name(),
                    "started_at": entry.map(|entry| &entry.started_at),
                    "finished_at": entry.and_then(|entry| entry.finished_at.as_ref()),
                    "duration_ms": entry.and_then(|entry| entry.duration_ms),
                    "applied_by": entry.map(|entry| &entry.applied_by),
                    "accepted": entry.map(|entry| &entry.accepted),
                    "error": entry.and_then(|entry| entry.error.as_ref()),
                })
            })
            .collect();
        serde_json::to_writer_pretty(
            &mut out,
            &json!({ "version": 1, "database": live.session.info().database, "migrations": migrations }),
        )?;
        writeln!(out)?;
        return Ok(Exit::Success);
    }
    let info = live.session.info();
    writeln!(out, "{} on {} {}", terminal.style.bold(&info.database), info.engine.title(), info.version_text)?;
    for (standing, migration, entry) in &all {
        let version = migration.map(|migration| migration.version.as_str()).or(entry.map(|entry| entry.version.as_str())).unwrap_or("");
        let name = migration.map(|migration| migration.name.as_str()).or(entry.map(|entry| entry.name.as_str())).unwrap_or("");
        let word = format!("{:<12}", standing.name());
        let word = match standing {
            Standing::Applied | Standing::Marked | Standing::Baseline => terminal.style.dim(&word),
            Standing::Pending | Standing::RolledBack => terminal.style.yellow(&word),
            Standing::Edited | Standing::Missing | Standing::Failed | Standing::Running => terminal.style.red(&word),
        };
        let when = entry.map_or_else(String::new, |entry| format!("  {} by {}", entry.started_at, entry.applied_by));
        writeln!(out, "  {word} {version} {name}{}", terminal.style.dim(&when))?;
        for accepted in entry.iter().flat_map(|entry| &entry.accepted) {
            writeln!(out, "               {}", terminal.style.dim(&format!("accepted {}: {}", accepted.rule, accepted.reason)))?;
        }
        if let Some(error) = entry.and_then(|entry| entry.error.as_deref()) {
            writeln!(out, "               {error}")?;
        }
    }
    let pending = all.iter().filter(|(standing, ..)| standing.is_pending()).count();
    writeln!(out, "{pending} pending")?;
    Ok(Exit::Success)
}
