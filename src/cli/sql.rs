//! `lockgate sql`: what would run, statement by statement, whatever system the project uses.

use std::io::{self, Write};

use super::args::SqlArgs;
use super::exit::Exit;
use super::terminal::Terminal;
use super::workspace::Workspace;
use crate::facts::Direction;
use crate::lint::{Locator, Prepared, Seen, Visitor};
use crate::migration::TransactionMode;

pub fn sql(args: &SqlArgs, workspace: &Workspace, terminal: &Terminal) -> anyhow::Result<Exit> {
    let wanted = if args.down { Direction::Down } else { Direction::Up };
    let mut printer = Printer { wanted, lines: Vec::new() };
    let looked = workspace.look(&args.paths, &args.read, terminal, &mut printer)?;
    let mut out = io::stdout().lock();
    for line in &printer.lines {
        writeln!(out, "{line}")?;
    }
    Ok(if looked.unreadable > 0 { Exit::Failure } else { Exit::Success })
}

struct Printer {
    wanted: Direction,
    lines: Vec<String>,
}

impl Visitor for Printer {
    fn wants_every_step(&self) -> bool {
        false
    }

    fn migration(&mut self, prepared: &Prepared, _entry: usize) {
        let migration = &prepared.migration;
        let mode = match self.wanted {
            Direction::Up => migration.transaction,
            Direction::Down => migration.down_transaction,
        };
        let mode = match mode {
            TransactionMode::PerMigration => "one transaction",
            TransactionMode::None => "no transaction: each statement on its own",
            TransactionMode::Batch => "one batch",
        };
        if !self.lines.is_empty() {
            self.lines.push(String::new());
        }
        self.lines.push(format!("-- {} {} ({mode})", migration.version, migration.name));
    }

    fn statement(&mut self, seen: &Seen<'_>) {
        if seen.direction != self.wanted {
            return;
        }
        let locator = Locator { sources: &seen.prepared.sources, script: seen.script };
        let place = format!("{}:{}", crate::source::display_path(&locator.path()), locator.line(seen.statement.span));
        self.lines.push(format!("-- {place}"));
        self.lines.push(format!("{};", seen.statement.span.slice(&seen.script.text)));
    }
}
