//! Lockgate reads a project's database migrations, says before they run what each statement will
//! do to the live database, refuses what is dangerous, and runs what passed.
//!
//! Data flows one way, left to right, and a module uses only what stands to its left:
//!
//! ```text
//! discover -> source -> migration -> sql -> change -> catalog -> effect -> facts -> rules -> finding
//!                                                                                             |
//!                                                            report <- suppress <-------------+
//!                                                               |
//!                            history -> plan -> gate -----------+-> apply -> driver -> history
//! ```
//!
//! Physics (`change`, `catalog`, `effect`: what a statement does) is kept apart from policy
//! (`rules/**/*.md`: whether that is acceptable).

#![warn(clippy::unwrap_used, clippy::expect_used)]
#![cfg_attr(not(test), warn(clippy::print_stdout, clippy::print_stderr))]

// What everything rests on.
pub mod engine;
pub mod source;
pub mod text;

// Reading: text into typed changes.
pub mod change;
pub mod migration;
pub mod sql;

// Physics: what exists, what a change does.
pub mod catalog;
pub mod effect;

// Policy: whether that is acceptable.
pub mod facts;
pub mod finding;
pub mod rules;
pub mod suppress;

// A run: which files, with which settings, through the whole pass, into a report.
pub mod config;
pub mod discover;
pub mod fix;
pub mod lint;
pub mod report;
pub mod schema;
pub mod stats;

// The runner: what is pending, what may run, running it, and what was run.
pub mod apply;
pub mod driver;
pub mod history;
pub mod plan;

// People.
pub mod cli;
