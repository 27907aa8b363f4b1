//! The pass: migrations in, findings out.
//!
//! Files are read and parsed in parallel, a window at a time, so that memory is bounded by the
//! largest files and not by the corpus. Then the history is replayed in order: predict, judge,
//! apply. Migrations that are context only are replayed without being judged. Where nobody looks on,
//! several replicas replay the same window side by side, each judging its share (`lanes.rs`).

mod judge;
mod lanes;
mod locate;
mod pass;
mod prepare;
mod range;
mod replica;
mod sample;

pub use judge::Names;
pub use locate::Locator;
pub use pass::{Options, Outcome, Seen, Visitor, check};
pub use prepare::{Prepared, prepare};
pub use range::merge;
pub use sample::{judge_sample, sample};
