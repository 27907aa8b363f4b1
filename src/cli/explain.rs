//! `lockgate explain`: a rule's page in the terminal, with what its diagnostics look like.

use std::io::{self, Write};

use super::args::ExplainArgs;
use super::exit::Exit;
use super::terminal::Terminal;
use super::workspace::Workspace;
use crate::engine::Engine;
use crate::rules::Rule;

pub fn explain(args: &ExplainArgs, workspace: &Workspace, terminal: &Terminal) -> anyhow::Result<Exit> {
    let book = workspace.rule_book(&super::args::RuleArgs::default())?;
    let rules = book.base();
    let Some(rule) = rules.find(&args.rule) else {
        let near = crate::facts::nearest_of(&args.rule, rules.known());
        let hint = near.map_or_else(|| "`lockgate rules` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
        anyhow::bail!("there is no rule `{}`: {hint}", args.rule);
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{}", terminal.style.bold(&rule.id))?;
    writeln!(out, "{}", terminal.style.dim(&facts_line(rule)))?;
    writeln!(out)?;
    let (prose, examples) = rule.prose().split_once("## Examples").unwrap_or((rule.prose(), ""));
    write_markdown(prose.trim_end(), terminal, &mut out)?;
    if let Some(shown) = super::rules::first_diagnostic(rule) {
        writeln!(out, "{}\n", terminal.style.bold("LOOKS LIKE"))?;
        for line in shown.trim_end().lines() {
            writeln!(out, "    {line}")?;
        }
        writeln!(out)?;
    }
    if !examples.is_empty() {
        writeln!(out, "{}", terminal.style.bold("EXAMPLES"))?;
        write_markdown(examples.trim_end(), terminal, &mut out)?;
    }
    Ok(Exit::Success)
}

fn facts_line(rule: &Rule) -> String {
    let engines = if rule.engines.len() == Engine::ALL.len() {
        "every engine".to_owned()
    } else {
        rule.engines.iter().map(|engine| engine.title()).collect::<Vec<_>>().join(", ")
    };
    let state = if rule.enabled { rule.severity.to_string() } else { format!("{}, off unless selected", rule.severity) };
    format!("{} · {state} · {engines}", rule.category)
}

/// Headings bold, code as it is, the tables and lists of Markdown are readable as they stand.
fn write_markdown(text: &str, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let mut in_code = false;
    for line in text.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
            continue;
        }
        if in_code {
            writeln!(out, "    {}", without_claims(line))?;
        } else if let Some(heading) = line.strip_prefix('#') {
            writeln!(out, "{}", terminal.style.bold(&heading.trim_start_matches('#').trim().to_uppercase()))?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    writeln!(out)
}

/// What an example's line may expect, at its end.
const EXPECTED: [&str; 3] = [" -- error", " -- warning", " -- note"];
/// What it may claim about the server.
const CLAIMED: [&str; 6] = [" -- lock:", " -- rewrite:", " -- scan:", " -- build:", " -- fails:", " -- algorithm:"];

/// A line of an example with its mark, without the claims that are for the tests.
fn without_claims(line: &str) -> &str {
    let mark = EXPECTED.into_iter().filter_map(|mark| Some(line.find(mark)? + mark.len())).min();
    let end = mark.or_else(|| CLAIMED.into_iter().filter_map(|claim| line.find(claim)).min());
    line.get(..end.unwrap_or(line.len())).unwrap_or(line).trim_end()
}
