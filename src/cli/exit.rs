//! Exit codes: the contract with deploy scripts.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Clean, applied, or nothing to do.
    Success,
    /// Findings, or the gate refused; nothing was executed.
    Findings,
    /// Usage, configuration, unreadable input, internal error; nothing was executed.
    Failure,
    /// A migration failed or was interrupted: the database may have changed.
    Broken,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Success => 0,
            Exit::Findings => 1,
            Exit::Failure => 2,
            Exit::Broken => 3,
        })
    }
}
