//! The SQL in our help, executed: what it says to do in place of a statement runs on the server, and
//! ends where the statement itself would have ended, or where `ends.toml` says and why.

pub mod advice;
pub mod attempt;
pub mod dump;
pub mod ends;
pub mod extract;
pub mod score;
