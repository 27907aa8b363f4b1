//! Parse, run, exit. The commands are in `lockgate::cli`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    lockgate::cli::main()
}
