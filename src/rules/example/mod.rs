//! The examples of a rule file, which are its tests.
//!
//! A ```` ```sql ```` block is an example. `-- error` on a line expects this file's rule to report a
//! statement or clause starting there; a block without marks must be silent for it, and nothing that
//! is not marked may be reported by the default rules either: our own advice passes our own gate.

mod claim;
mod judge;
mod run;

pub use claim::{Claim, Mark, without_marks};
pub use judge::{Verdict, judge, test_rule};
pub use run::{Outcome, Seen, migrations, run};

use std::collections::BTreeMap;

use serde::Deserialize;

use super::markdown::Block;
use super::rule::Rule;
use crate::engine::Target;
use crate::facts::DownKind;
use crate::migration::TransactionMode;

/// One example, with everything around it.
#[derive(Debug, Clone)]
pub struct Example {
    /// `rule-id/examples/2`.
    pub name: String,
    pub sql: String,
    /// The line of the Markdown on which it starts.
    pub line: u32,
    /// What exists before, and holds rows.
    pub schema: String,
    pub down: Option<String>,
    /// What the fix must make of it.
    pub fixed: Option<String>,
    pub setting: Setting,
    pub marks: Vec<Mark>,
}

/// What a `toml config` block says.
#[derive(Debug, Clone)]
pub struct Setting {
    pub target: Target,
    pub transaction: TransactionMode,
    pub down: DownKind,
    /// Rows per table, as statistics would tell.
    pub rows: BTreeMap<String, u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Config {
    engine: Option<String>,
    transaction: Option<String>,
    down: Option<String>,
    #[serde(default)]
    rows: BTreeMap<String, u64>,
}

/// An example that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct ExampleError {
    pub line: u32,
    pub message: String,
}

/// Every example of a rule, in order.
pub fn examples(rule: &Rule) -> Result<Vec<Example>, ExampleError> {
    let mut found: Vec<Example> = Vec::new();
    let first = rule.engines.first().copied().unwrap_or(crate::engine::Engine::Postgres);
    let mut scopes: Vec<(Vec<String>, Scope)> = vec![(Vec::new(), Scope::new(Target::of(first)))];
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for block in rule.page.blocks.iter().skip(1) {
        let body = rule.text.get(block.body.clone()).unwrap_or_default();
        // What a section sets holds for it and for those inside it.
        scopes.retain(|(headings, _)| block.headings.starts_with(headings));
        let inherited = scopes.last().map(|(_, scope)| scope.clone()).unwrap_or_else(|| Scope::new(Target::of(first)));
        if scopes.last().is_none_or(|(headings, _)| *headings != block.headings) {
            scopes.push((block.headings.clone(), inherited));
        }
        let Some((_, scope)) = scopes.last_mut() else { continue };
        match (block.language.as_str(), block.tags.first().map(String::as_str)) {
            ("toml", Some("config")) => scope.configure(body).map_err(|message| ExampleError { line: block.line, message })?,
            ("sql", Some("schema")) => scope.schema = body.to_owned(),
            ("sql", Some("down")) => attach(&mut found, block, |example| {
                example.down = Some(body.to_owned());
                example.setting.down = if body.trim().is_empty() { DownKind::Empty } else { DownKind::Script };
            })?,
            ("sql", Some("fixed")) => attach(&mut found, block, |example| example.fixed = Some(body.to_owned()))?,
            ("sql", None) => {
                let section = slug(block, &rule.id);
                let count = counts.entry(section.clone()).or_default();
                *count += 1;
                found.push(Example {
                    name: format!("{section}/{count}"),
                    sql: body.to_owned(),
                    line: block.line,
                    schema: scope.schema.clone(),
                    down: None,
                    fixed: None,
                    setting: scope.setting.clone(),
                    marks: claim::marks(body).map_err(|(line, message)| ExampleError { line: block.line + line - 1, message })?,
                });
            }
            ("sql", Some(tag)) => {
                return Err(ExampleError { line: block.line, message: format!("there is no `sql {tag}`: use schema, fixed or down") });
            }
            _ => {}
        }
    }
    Ok(found)
}

fn attach(found: &mut [Example], block: &Block, change: impl FnOnce(&mut Example)) -> Result<(), ExampleError> {
    match found.last_mut() {
        Some(example) => {
            change(example);
            Ok(())
        }
        None => Err(ExampleError { line: block.line, message: "no example stands before it".to_owned() }),
    }
}

/// `rule-id/examples/mysql` from the headings.
fn slug(block: &Block, id: &str) -> String {
    let mut slug = id.to_owned();
    for heading in &block.headings {
        slug.push('/');
        let words = heading.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        slug.push_str(&words.collect::<Vec<_>>().join("-").to_lowercase());
    }
    slug
}

#[derive(Debug, Clone)]
struct Scope {
    setting: Setting,
    schema: String,
}

impl Scope {
    fn new(target: Target) -> Self {
        let setting = Setting { target, transaction: TransactionMode::None, down: DownKind::NotSupported, rows: BTreeMap::new() };
        Scope { setting, schema: String::new() }
    }

    fn configure(&mut self, body: &str) -> Result<(), String> {
        let config: Config = toml::from_str(body).map_err(|error| error.message().to_owned())?;
        if let Some(engine) = config.engine {
            self.setting.target = engine.parse().map_err(|error: crate::engine::TargetError| error.to_string())?;
        }
        self.setting.transaction = match config.transaction.as_deref() {
            Some("per-migration") => TransactionMode::PerMigration,
            Some("batch") => TransactionMode::Batch,
            Some("none") => TransactionMode::None,
            Some(other) => return Err(format!("there is no transaction mode `{other}`: use per-migration, batch or none")),
            None => self.setting.transaction,
        };
        self.setting.down = match config.down.as_deref() {
            Some("missing") => DownKind::Missing,
            Some("empty") => DownKind::Empty,
            Some("irreversible") => DownKind::Irreversible,
            Some(other) => return Err(format!("there is no down `{other}`: use missing, empty or irreversible")),
            None => self.setting.down,
        };
        self.setting.rows.extend(config.rows);
        Ok(())
    }
}
