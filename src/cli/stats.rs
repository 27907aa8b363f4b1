//! `lockgate stats`: table sizes into a small file that can be committed.

use std::io::{self, Write};
use std::path::Path;
use std::str::FromStr;
use std::time::SystemTime;

use anyhow::Context as _;

use super::args::StatsArgs;
use super::exit::Exit;
use super::terminal::Terminal;
use crate::driver::{self, Access, DatabaseUrl};
use crate::history;
use crate::stats::Stats;

pub fn stats(args: &StatsArgs, terminal: &Terminal) -> anyhow::Result<Exit> {
    let url = DatabaseUrl::from_str(&args.database).context("cannot read the database address")?;
    let mut session = driver::connect(&url, Access::Existing)?;
    let tables = driver::measure(session.as_mut()).context("cannot measure the tables")?;
    let stats = Stats::new(session.info().target(), history::timestamp(SystemTime::now()), tables);
    let text = stats.to_json();
    if args.output_file == Path::new("-") {
        io::stdout().lock().write_all(text.as_bytes())?;
        return Ok(Exit::Success);
    }
    std::fs::write(&args.output_file, text).with_context(|| format!("cannot write `{}`", args.output_file.display()))?;
    let number = stats.tables.len();
    terminal.note(&format!("{number} table{} measured into {}", if number == 1 { "" } else { "s" }, args.output_file.display()));
    Ok(Exit::Success)
}
