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

pub mod engine;
pub mod source;
pub mod text;

pub mod sql;

pub mod change;

pub mod catalog;
pub mod effect;

pub mod finding;

pub mod migration;

pub mod suppress;

pub mod discover;

pub mod config;

pub mod facts;
pub mod rules;

pub mod lint;

pub mod report;

pub mod stats;

pub mod driver;
pub mod history;

pub mod plan;

pub mod apply;

pub mod cli;
