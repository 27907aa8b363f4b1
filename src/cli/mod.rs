//! The commands: one file each. The only room that talks to people about usage, and the only one
//! with `anyhow`.

mod apply;
mod args;
mod completions;
mod exit;
mod explain;
mod facts;
mod fix;
mod init;
mod lint;
mod live;
mod plan;
mod rules;
mod sql;
mod stats;
mod status;
mod terminal;
mod workspace;

use std::io;
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use exit::Exit;
use terminal::Terminal;
use workspace::Workspace;

/// Runs the program on the process's own arguments.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let terminal = Terminal::new(cli.global.color, cli.global.quiet, cli.global.verbose);
    match run(cli, &terminal) {
        Ok(exit) => exit.into(),
        Err(error) if is_broken_pipe(&error) => Exit::Success.into(),
        Err(error) => {
            terminal.error(&error);
            Exit::Failure.into()
        }
    }
}

fn run(cli: Cli, terminal: &Terminal) -> anyhow::Result<Exit> {
    let workspace = Workspace::open(&cli.global, terminal)?;
    match cli.command {
        Command::Lint(args) => lint::lint(&args, &workspace, terminal),
        Command::Fix(args) => fix::fix(&args, &workspace, terminal),
        Command::Explain(args) => explain::explain(&args, &workspace, terminal),
        Command::Rules(args) => rules::rules(&args, &workspace, terminal),
        Command::Facts(args) => facts::facts(&args, &workspace, terminal),
        Command::Sql(args) => sql::sql(&args, &workspace, terminal),
        Command::Completions { shell } => completions::completions(shell),
        Command::Man => completions::man(),
        Command::Plan(args) => plan::plan(&args, &workspace, terminal),
        Command::Apply(args) => apply::apply(&args, &workspace, terminal),
        Command::Rollback(args) => apply::rollback(&args, &workspace, terminal),
        Command::Status(args) => status::status(&args, &workspace, terminal),
        Command::Stats(args) => stats::stats(&args, terminal),
        Command::Init(args) => init::init(&args, terminal),
    }
}

/// A reader that went away (`| head`) has had enough: not a failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
