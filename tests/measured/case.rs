//! What was measured, as the files beside this one say it.

use std::collections::BTreeMap;
use std::fs;

use lockgate::engine::Target;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A statement on prepared tables, or the steps of a script, and what servers did.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case<S> {
    pub id: String,
    #[serde(default)]
    pub sql: String,
    /// The parts of the setup file it needs, where that has parts.
    #[serde(default)]
    pub uses: Vec<String>,
    /// Statements that ran before, migrations of their own.
    #[serde(default)]
    pub pre: Vec<String>,
    /// Settings of the session that runs it.
    #[serde(default)]
    pub session: Vec<String>,
    #[serde(default)]
    pub no_transaction: bool,
    /// ALGORITHM and LOCK were asked for behind the actions of ALTER TABLE, not before them.
    #[serde(default)]
    pub clauses_last: bool,
    #[serde(default)]
    pub why: String,
    #[serde(default)]
    pub steps: Vec<String>,
    /// By the servers that did the same: `10-13`, `mysql@8.0.45 mysql@9.7.4`.
    pub seen: BTreeMap<String, S>,
}

impl<S> Case<S> {
    /// What this server did; `None` where the case's own preparation is not possible there.
    pub fn on(&self, server: &Server) -> Option<&S> {
        self.seen.iter().find(|(label, _)| server.is_among(label)).map(|(_, seen)| seen)
    }
}

/// A server that was measured: `postgres@17`.
#[derive(Clone)]
pub struct Server {
    pub name: String,
    pub target: Target,
}

impl Server {
    pub fn new(name: &str) -> Server {
        Server { name: name.to_owned(), target: name.parse().expect("a server") }
    }

    pub fn is_among(&self, label: &str) -> bool {
        let (engine, version) = self.name.split_once('@').expect("an engine and a version");
        label.split_whitespace().any(|one| {
            let one = one.strip_prefix(engine).and_then(|rest| rest.strip_prefix('@')).unwrap_or(one);
            match one.split_once('-').map(|(low, high)| (low.parse::<u16>(), high.parse::<u16>())) {
                Some((Ok(low), Ok(high))) => (low..=high).contains(&self.target.version.major),
                _ => one == version,
            }
        })
    }
}

/// Whether a server that answers with this error did not take the statement for SQL of its own:
/// unknown words count, as an ALGORITHM (MySQL 5.6) or a type (MariaDB) it has not heard of.
pub fn is_syntax_error(error: Option<&str>) -> bool {
    error.is_some_and(|error| matches!(error, "42601" | "1064" | "1800" | "4161") || error.contains("syntax error"))
}

/// The cases of a file, which must not be empty.
pub fn cases<S: DeserializeOwned>(name: &str) -> Vec<Case<S>> {
    let text = text(&format!("{name}.jsonl"));
    let cases: Vec<Case<S>> =
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}\n{line}"))).collect();
    assert!(!cases.is_empty(), "{name} has no cases");
    cases
}

pub fn text(name: &str) -> String {
    let path = format!("{}/tests/measured/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}
