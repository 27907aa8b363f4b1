//! `lockgate rules`: list them, start one, run their examples.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::json;

use super::args::{PlainFormat, RuleArgs, RulesArgs, RulesCommand};
use super::exit::Exit;
use super::terminal::Terminal;
use super::workspace::{Workspace, own_rules};
use crate::lint;
use crate::report::render_one;
use crate::rules::example::{self, Claim, Example};
use crate::rules::{Rule, builtin};

pub fn rules(args: &RulesArgs, workspace: &Workspace, terminal: &Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        None => list(args.format, workspace, terminal),
        Some(RulesCommand::New { name, dir }) => new(name, dir, terminal),
        Some(RulesCommand::Test { paths }) => test(paths, workspace, terminal),
    }
}

fn list(format: PlainFormat, workspace: &Workspace, terminal: &Terminal) -> anyhow::Result<Exit> {
    let book = workspace.rule_book(&RuleArgs::default())?;
    let rules = book.base();
    let mut all: Vec<&Arc<Rule>> = rules.known().filter_map(|id| rules.find(id)).collect();
    all.sort_by(|a, b| (&a.category, &a.id).cmp(&(&b.category, &b.id)));
    let mut out = io::stdout().lock();
    if format == PlainFormat::Json {
        let entries: Vec<_> = all
            .iter()
            .map(|rule| {
                json!({
                    "id": rule.id,
                    "category": rule.category,
                    "severity": rules.severity(&rule.id).map(|severity| severity.name()),
                    "default": if rule.enabled { rule.severity.name() } else { "off" },
                    "engines": rule.engines.iter().map(|engine| engine.name()).collect::<Vec<_>>(),
                    "summary": rule.summary,
                })
            })
            .collect();
        serde_json::to_writer_pretty(&mut out, &json!({ "version": 1, "rules": entries }))?;
        writeln!(out)?;
        return Ok(Exit::Success);
    }
    let mut category = "";
    for rule in all {
        if rule.category != category {
            category = &rule.category;
            writeln!(out, "{}", terminal.style.bold(category))?;
        }
        let severity = rules.severity(&rule.id).map_or("off", |severity| severity.name());
        let engines: String = rule.engines.iter().map(|engine| engine.name()).collect::<Vec<_>>().join(" ");
        writeln!(out, "  {:<34} {severity:<8} {}", rule.id, terminal.style.dim(&engines))?;
    }
    Ok(Exit::Success)
}

const TEMPLATE: &str = include_str!("rule_template.md");

fn new(name: &str, dir: &Path, terminal: &Terminal) -> anyhow::Result<Exit> {
    let Some((category, id)) = name.split_once('/') else {
        anyhow::bail!("name the rule with its category, as in `locking/{name}`");
    };
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    anyhow::ensure!(plain(category) && plain(id), "a rule's name is lower-case words joined by `-`, as in `locking/my-rule`");
    let known = builtin().map_err(|error| anyhow::anyhow!("{error}"))?;
    anyhow::ensure!(!known.iter().any(|rule| rule.id == id), "a rule `{id}` is built in: give yours another name");
    let folder = dir.join(category);
    let path = folder.join(format!("{id}.md"));
    anyhow::ensure!(!path.exists(), "`{}` exists already", path.display());
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    std::fs::write(&path, TEMPLATE.replace("my-rule", id)).with_context(|| format!("cannot write `{}`", path.display()))?;
    let mut out = io::stdout().lock();
    writeln!(out, "{}", path.display())?;
    let shown = dir.display();
    terminal.note(&format!("add `rule-paths = [\"{shown}\"]` to lockgate.toml, then run `lockgate rules test {shown}`"));
    Ok(Exit::Success)
}

fn test(paths: &[PathBuf], workspace: &Workspace, terminal: &Terminal) -> anyhow::Result<Exit> {
    let configured = &workspace.settings.rule_paths;
    let paths = if paths.is_empty() { configured.as_slice() } else { paths };
    let own = own_rules(paths)?;
    let tested: Vec<Arc<Rule>> =
        if paths.is_empty() { builtin().map_err(|error| anyhow::anyhow!("{error}"))?.to_vec() } else { own.clone() };
    let mut out = io::stdout().lock();
    let (mut passed, mut failed) = (0, 0);
    for rule in &tested {
        for (name, result) in verdicts(rule, &own)? {
            match result {
                Ok(()) => {
                    passed += 1;
                    if terminal.verbose {
                        writeln!(out, "{} {name}", terminal.style.green("ok"))?;
                    }
                }
                Err(why) => {
                    failed += 1;
                    writeln!(out, "{} {name}\n{why}", terminal.style.red("FAILED"))?;
                }
            }
        }
    }
    writeln!(out, "{passed} passed, {failed} failed")?;
    Ok(if failed > 0 { Exit::Findings } else { Exit::Success })
}

fn verdicts(rule: &Arc<Rule>, own: &[Arc<Rule>]) -> anyhow::Result<Vec<example::Verdict>> {
    if !rule.is_elsewhere() {
        return Ok(example::test_rule(rule, own)?);
    }
    let examples = example::examples(rule)?;
    Ok(examples.into_iter().map(|example| (example.name.clone(), lint::judge_sample(rule, &example))).collect())
}

/// What the rule's first bad example looks like to people.
pub fn first_diagnostic(rule: &Arc<Rule>) -> Option<String> {
    let examples = example::examples(rule).ok()?;
    let bad = |example: &&Example| example.marks.iter().any(|mark| matches!(mark.claim, Claim::Finding { rule: None, .. }));
    examples.iter().filter(bad).flat_map(|example| lint::sample(rule, example)).map(|(finding, text)| render_one(&finding, &text)).next()
}
