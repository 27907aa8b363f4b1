//! How many helps were executed, and what came of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

#[derive(Default)]
pub struct Score {
    servers: Mutex<BTreeMap<String, Counts>>,
}

#[derive(Default)]
struct Counts {
    /// What became of a help, and how often.
    outcomes: BTreeMap<&'static str, u32>,
    statements: u32,
    to_fill_in: BTreeSet<String>,
    left_out: BTreeMap<String, u32>,
}

impl Score {
    fn with(&self, server: &str, change: impl FnOnce(&mut Counts)) {
        if let Ok(mut servers) = self.servers.lock() {
            change(servers.entry(server.to_owned()).or_default());
        }
    }

    pub fn count(&self, server: &str, outcome: &'static str) {
        self.with(server, |counts| *counts.outcomes.entry(outcome).or_default() += 1);
    }

    pub fn statements(&self, server: &str, number: u32) {
        self.with(server, |counts| counts.statements += number);
    }

    pub fn to_fill_in(&self, server: &str, rule: &str, sql: &str) {
        self.with(server, |counts| {
            counts.to_fill_in.insert(format!("{rule}: {}", sql.split_whitespace().collect::<Vec<_>>().join(" ")));
        });
    }

    pub fn left_out(&self, server: &str, why: String) {
        self.with(server, |counts| *counts.left_out.entry(why).or_default() += 1);
    }

    pub fn print(&self) {
        let Ok(servers) = self.servers.lock() else { return };
        eprintln!("helps executed");
        for (server, counts) in servers.iter() {
            let outcomes: Vec<String> = counts.outcomes.iter().map(|(what, number)| format!("{what} {number}")).collect();
            let left: Vec<String> = counts.left_out.iter().map(|(why, number)| format!("{number} {why}")).collect();
            eprintln!("  {server:<18} {} statements; {}; left out: {}", counts.statements, outcomes.join(", "), left.join(", "));
            for sql in &counts.to_fill_in {
                eprintln!("    to fill in: {sql}");
            }
        }
    }
}
