//! Runs what the gate has cleared.
//!
//! Wherever the engine can, a migration and its row in the ledger share one transaction: it happens
//! whole or not at all. Where it cannot, every statement is recorded before it is sent, so that
//! whoever comes after a crash knows which statement is in doubt and looks for it in the database.

mod aftermath;
mod concurrent;
mod error;
mod foreign_keys;
mod interrupt;
mod mark;
mod options;
mod probe;
mod progress;
mod recovery;
mod run;
mod session;
mod statement;
mod stepwise;
mod transaction;
mod watch;

pub use error::{ApplyError, Changed, DoneStatement, Failure, Place, Stop};
pub use interrupt::Interrupt;
pub use mark::mark;
pub use options::{Assume, Options};
pub use progress::{Event, Human, Jsonl, Progress, Silent};
pub use run::{Ran, Report, apply};
