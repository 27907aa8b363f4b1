//! `lockgate fix`: the migrations that the safe way needs, and missing ways back.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use anyhow::Context as _;

use super::args::FixArgs;
use super::exit::Exit;
use super::terminal::Terminal;
use super::workspace::{Workspace, listed};
use crate::discover::{self, STDIN};
use crate::fix::{self, File, Plan};
use crate::source::display_path;

pub fn fix(args: &FixArgs, workspace: &Workspace, terminal: &Terminal) -> anyhow::Result<Exit> {
    if args.paths.iter().any(|path| path.as_os_str() == STDIN) {
        anyhow::bail!("standard input has no migrations beside it: name a file or a directory");
    }
    let options = discover::Options { since: args.since.clone(), force_exclude: args.force_exclude, ..discover::Options::default() };
    let discovery = workspace.discover(&args.paths, &args.read, options)?;
    if discovery.is_empty() {
        anyhow::bail!("no migrations were found in {}; name a directory of migrations", listed(&args.paths));
    }
    let now = now();
    let book = workspace.rule_book(&args.rules)?;
    let mut plans = Vec::new();
    for project in &discovery.projects {
        let plan = |options: &crate::lint::Options<'_>| match args.down {
            true => fix::down::plan(project, options),
            false => fix::plan(project, options, &now),
        };
        // What the oldest version takes, the newer ones take as well.
        let target = workspace.range(project, &args.read, terminal).oldest();
        plans.push(workspace.with_options(project, &args.read, &book, target, plan)?);
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    for plan in &plans {
        if !args.diff {
            tell(plan, args.write, terminal, &mut out)?;
        }
        if !args.write {
            plan.files.iter().try_for_each(|file| show(file, &mut out))?;
        }
    }
    out.flush()?;
    drop(out);
    let files = plans.iter().map(|plan| plan.files.len()).sum::<usize>();
    let refused = plans.iter().map(|plan| plan.refused.len()).sum::<usize>();
    if args.write {
        // All of it or nothing, as far as can be told before.
        plans.iter().flat_map(|plan| &plan.files).try_for_each(is_as_it_was)?;
        plans.iter().flat_map(|plan| &plan.files).try_for_each(write)?;
        plans.iter().filter_map(|plan| plan.afterwards).for_each(|words| terminal.note(words));
        terminal.note(&format!("{files} file{} written", if files == 1 { "" } else { "s" }));
        return Ok(if refused > 0 { Exit::Findings } else { Exit::Success });
    }
    match (files, refused) {
        (0, 0) if args.down => terminal.note("no down script is missing"),
        (0, 0) => terminal.note("nothing to part: no open finding needs more than one migration"),
        (0, _) => {}
        (_, _) => terminal.note("nothing was written; --write does it"),
    }
    Ok(if files + refused > 0 { Exit::Findings } else { Exit::Success })
}

/// The time in UTC as migrations are numbered by it.
fn now() -> String {
    crate::history::timestamp(SystemTime::now()).chars().filter(char::is_ascii_digit).take(14).collect()
}

/// What is done to each finding, and what is not.
fn tell(plan: &Plan, written: bool, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let style = terminal.style;
    let mut paths: Vec<&Path> = plan.done.iter().map(|done| done.path.as_path()).collect();
    paths.extend(plan.refused.iter().map(|refused| refused.path.as_path()));
    paths.sort();
    paths.dedup();
    for path in paths {
        writeln!(out, "{}", style.bold(&display_path(path)))?;
        let mut new = Vec::new();
        for done in plan.done.iter().filter(|done| done.path == path) {
            writeln!(out, "  line {}, {}: {}", done.line, done.rule, done.title)?;
            for file in &done.new {
                if !new.contains(&file) {
                    new.push(file);
                }
            }
        }
        for file in new {
            writeln!(out, "  {} {}", if written { "new:" } else { "would be new:" }, display_path(file))?;
        }
        for refused in plan.refused.iter().filter(|refused| refused.path == path) {
            writeln!(out, "  line {}, {}: {} {}", refused.line, refused.rule, style.bold("left to you:"), refused.why)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn show(file: &File, out: &mut dyn Write) -> io::Result<()> {
    let name = display_path(&file.path);
    let before = file.before.as_deref().unwrap_or_default();
    let diff = similar::TextDiff::from_lines(before, &file.after);
    let old = if file.before.is_some() { format!("a/{name}") } else { "/dev/null".to_owned() };
    write!(out, "{}", diff.unified_diff().context_radius(3).header(&old, &format!("b/{name}")))
}

/// A file that is to change is still what it was when it was read, and a new one is not there.
fn is_as_it_was(file: &File) -> anyhow::Result<()> {
    let shown = display_path(&file.path);
    match &file.before {
        Some(before) => {
            let there = fs::read(&file.path).with_context(|| format!("cannot read `{shown}`"))?;
            anyhow::ensure!(there == before.as_bytes(), "`{shown}` was changed meanwhile, or is not UTF-8; nothing was written");
        }
        None => anyhow::ensure!(!file.path.exists(), "`{shown}` is there already; nothing was written"),
    }
    Ok(())
}

/// Writes one file. A new one never takes the place of another.
fn write(file: &File) -> anyhow::Result<()> {
    let shown = display_path(&file.path);
    match &file.before {
        Some(_) => fs::write(&file.path, &file.after).with_context(|| format!("cannot write `{shown}`")),
        None => {
            if let Some(parent) = file.path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                fs::create_dir_all(parent).with_context(|| format!("cannot make the directory of `{shown}`"))?;
            }
            let opened = OpenOptions::new().write(true).create_new(true).open(&file.path);
            let mut new = opened.with_context(|| format!("cannot create `{shown}`"))?;
            new.write_all(file.after.as_bytes()).with_context(|| format!("cannot write `{shown}`"))
        }
    }
}
