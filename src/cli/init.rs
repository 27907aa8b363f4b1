//! `lockgate init`: look around, say what was found and why, write `lockgate.toml`.

use std::fs;
use std::io::{self, Write};

use anyhow::Context as _;

use super::args::InitArgs;
use super::exit::Exit;
use super::terminal::Terminal;
use crate::config::NAMES;
use crate::config::init::{Proposal, Proposed, propose};
use crate::migration::Evidence;
use crate::source::display_path;

/// So much evidence is shown for one conclusion.
const SHOWN: usize = 4;

pub fn init(args: &InitArgs, terminal: &Terminal) -> anyhow::Result<Exit> {
    if args.json_schema {
        let mut out = io::stdout().lock();
        serde_json::to_writer_pretty(&mut out, &crate::config::json_schema())?;
        writeln!(out)?;
        return Ok(Exit::Success);
    }
    let there = NAMES.iter().map(|name| args.dir.join(name)).find(|path| path.exists());
    if let Some(path) = there.filter(|_| !args.force && !args.dry_run) {
        anyhow::bail!("`{}` is already there; --force replaces it, --dry-run shows what would be written", display_path(&path));
    }
    let proposal = propose(&args.dir, args.engine)?;
    if args.dry_run {
        say(&proposal, terminal, &mut io::stderr().lock())?;
        io::stdout().lock().write_all(proposal.toml.as_bytes())?;
        return Ok(Exit::Success);
    }
    let path = args.dir.join(NAMES[0]);
    fs::write(&path, &proposal.toml).with_context(|| format!("cannot write `{}`", display_path(&path)))?;
    let mut out = io::stdout().lock();
    say(&proposal, terminal, &mut out)?;
    writeln!(out, "wrote {}", terminal.style.bold(&display_path(&path)))?;
    if !proposal.projects.is_empty() {
        writeln!(out, "next: `lockgate lint` (quiet until there is a new migration), `lockgate lint --since main` in CI")?;
    }
    Ok(Exit::Success)
}

fn say(proposal: &Proposal, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    if proposal.projects.is_empty() {
        writeln!(out, "no migrations were found here: say in the file where they are")?;
    }
    for project in &proposal.projects {
        let count = if project.migrations == 1 { "1 migration".to_owned() } else { format!("{} migrations", project.migrations) };
        writeln!(out, "{}: {}, {count}", terminal.style.bold(&display_path(&project.directory)), project.title)?;
        reasons(&project.evidence, terminal, out)?;
        engine(project, terminal, out)?;
        if let Some(dump) = &project.dump {
            let what = match dump.listed {
                0 => "a schema dump without a list of migrations: see the file".to_owned(),
                count => format!("starts from this schema dump, which holds {count} of them"),
            };
            writeln!(out, "  {}: {what}", terminal.style.bold(&display_path(&dump.path)))?;
        }
        if let Some(newest) = &project.newest {
            writeln!(out, "  what comes after {} is reported", terminal.style.bold(newest))?;
        }
    }
    Ok(())
}

fn engine(project: &Proposed, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let target = project.target;
    if !project.certain {
        return writeln!(out, "  taken as {target}: nothing here names the database");
    }
    writeln!(out, "  {}", terminal.style.bold(&target.to_string()))?;
    for case in &project.engines {
        if case.engine != target.engine {
            writeln!(out, "  but something speaks for {} too:", case.engine.title())?;
        }
        reasons(&case.evidence, terminal, out)?;
    }
    Ok(())
}

fn reasons(evidence: &[Evidence], terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    for reason in evidence.iter().take(SHOWN) {
        writeln!(out, "    {}", terminal.style.dim(&format!("{}: {}", display_path(&reason.path), reason.what)))?;
    }
    Ok(())
}
