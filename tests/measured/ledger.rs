//! Counts where prediction and measurement agree, and holds the disagreements against the list of
//! those that are known.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::case::{Server, text};

/// One trial: a server.
pub struct Ledger {
    pub server: Server,
    pub counts: BTreeMap<&'static str, Count>,
    wrong: BTreeMap<(String, &'static str), Vec<String>>,
}

#[derive(Default, Clone, Copy)]
pub struct Count {
    pub agreed: u32,
    pub compared: u32,
}

/// A line of `known.txt`: `case | servers | what | why`.
pub struct Known {
    case: String,
    pub servers: String,
    what: String,
}

pub fn known() -> Vec<Known> {
    let lines = text("known.txt");
    lines
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let parts: Vec<&str> = line.split(" | ").map(str::trim).collect();
            let [case, servers, what, why] = parts[..] else { panic!("not `case | servers | what | why`: {line}") };
            assert!(why.len() > 15, "say why: {line}");
            Known { case: case.to_owned(), servers: servers.to_owned(), what: what.to_owned() }
        })
        .collect()
}

impl Ledger {
    pub fn new(server: Server) -> Ledger {
        Ledger { server, counts: BTreeMap::new(), wrong: BTreeMap::new() }
    }

    pub fn note(&mut self, case: &str, what: &'static str, agreed: bool, detail: impl FnOnce() -> String) {
        let count = self.counts.entry(what).or_default();
        count.compared += 1;
        if agreed {
            count.agreed += 1;
        } else {
            self.wrong.entry((case.to_owned(), what)).or_default().push(detail());
        }
    }

    /// What is wrong and not known, and what is known and not wrong.
    pub fn judge(&self, known: &[Known]) -> Vec<String> {
        let listed: BTreeSet<(&str, &str)> =
            known.iter().filter(|it| self.server.is_among(&it.servers)).map(|it| (it.case.as_str(), it.what.as_str())).collect();
        let mut problems: Vec<String> = Vec::new();
        for ((case, what), details) in &self.wrong {
            if !listed.contains(&(case.as_str(), *what)) {
                problems.extend(details.iter().map(|detail| format!("{} {case}: {what}: {detail}", self.server.name)));
            }
        }
        for (case, what) in listed {
            if !self.wrong.keys().any(|(wrong, kind)| wrong == case && *kind == what) {
                problems.push(format!("{} {case}: {what}: agrees now, or is no longer measured: take it off known.txt", self.server.name));
            }
        }
        problems
    }
}

/// A table for PostgreSQL, one for SQLite, one for MySQL and MariaDB: how many of the statements the
/// server took were understood, how much of what it was seen to do was predicted, and of what kind.
pub fn table(rows: &[(Server, BTreeMap<&'static str, Count>)]) -> String {
    let mut families: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for row in rows {
        let family = if row.0.target.engine.is_mysql_family() { "mysql" } else { row.0.target.engine.name() };
        families.entry(family).or_default().push(row);
    }
    let mut out = String::new();
    let mut all = [Count::default(); 2];
    for mut rows in families.into_values() {
        rows.sort_by_key(|(server, _)| (server.target.engine.name(), server.target.version));
        let kinds: BTreeSet<&str> = rows.iter().flat_map(|(_, counts)| counts.keys().copied()).filter(|kind| *kind != UNDERSTOOD).collect();
        out.push_str(&format!("\n{:<17}{:>16}{:>17}  =", "", "parsed/valid", "agreed/observed"));
        kinds.iter().for_each(|kind| out.push_str(&format!("{kind:>15}")));
        for (server, counts) in rows {
            let parsed = counts.get(UNDERSTOOD).copied().unwrap_or_default();
            let observed =
                counts.iter().filter(|(kind, _)| **kind != UNDERSTOOD).map(|(_, count)| *count).fold(Count::default(), Count::and);
            all = [all[0].and(parsed), all[1].and(observed)];
            out.push_str(&format!("\n{:<17}{parsed:>16}{observed:>17}  =", server.name));
            for kind in &kinds {
                let cell = counts.get(kind).map_or("-".to_owned(), Count::to_string);
                out.push_str(&format!("{cell:>15}"));
            }
        }
        out.push('\n');
    }
    let [parsed, observed] = all;
    out + &format!("\n{:<17}{parsed:>16}{observed:>17}\n", "all")
}

/// Statements a server took, read completely.
pub const UNDERSTOOD: &str = "understood";

impl Count {
    fn and(self, other: Count) -> Count {
        Count { agreed: self.agreed + other.agreed, compared: self.compared + other.compared }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.agreed, self.compared))
    }
}
