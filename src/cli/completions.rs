//! `lockgate completions` and `lockgate man`.

use std::io::{self, Write};

use clap::CommandFactory;

use super::args::Cli;
use super::exit::Exit;

pub fn completions(shell: clap_complete::Shell) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "lockgate", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(Exit::Success)
}

pub fn man() -> anyhow::Result<Exit> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page)?;
    io::stdout().lock().write_all(&page)?;
    Ok(Exit::Success)
}
