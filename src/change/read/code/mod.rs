//! Code the database keeps or runs: routines, triggers, blocks, prepared and dynamic statements.

mod block;
mod body;
mod dynamic;
mod guard;
mod routine;
mod trigger;
mod variable;

pub(super) use block::{anonymous_block, do_block};
pub(super) use dynamic::{execute, prepare};
pub use routine::read_routine;
pub(super) use routine::{alter_routine, create_routine};
pub(super) use trigger::create_trigger;
