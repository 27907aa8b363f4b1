//! Every example of every rule as a named test: `cargo test --test rules dropping-column`.

mod common;
#[path = "rules/pairs.rs"]
mod pairs;
#[path = "rules/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use lockgate::facts;
use lockgate::lint::{judge_sample, sample};
use lockgate::report::render_one;
use lockgate::rules::example::{self, Claim, Example, judge};
use lockgate::rules::{Rule, RuleSet, Selection, builtin};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = vec![Trial::test("readme/facts", facts_are_current)];
    match builtin() {
        Err(error) => {
            let message = error.to_string();
            trials.push(Trial::test("rules/are-readable", move || Err(Failed::from(message))));
        }
        Ok(rules) => {
            let default = match RuleSet::select(&Selection::default()) {
                Ok(default) => Arc::new(default),
                Err(error) => panic!("{error}"),
            };
            trials.extend(table::trials(rules));
            trials.push(pairs::trial(rules, &default));
            for rule in rules {
                add(rule, &default, &mut trials);
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn add(rule: &Arc<Rule>, default: &Arc<RuleSet>, trials: &mut Vec<Trial>) {
    let (own, set) = (Arc::clone(rule), Arc::clone(default));
    trials.push(Trial::test(format!("{}/record", rule.id), move || record(&own, &set)));
    let own = Arc::clone(rule);
    trials.push(Trial::test(format!("{}/diagnostics", rule.id), move || diagnostics(&own)));
    let set = if rule.enabled {
        Arc::clone(default)
    } else {
        match RuleSet::select(&Selection { extend: vec![rule.id.clone()], ..Selection::default() }) {
            Ok(set) => Arc::new(set),
            Err(error) => panic!("{error}"),
        }
    };
    match example::examples(rule) {
        Err(error) => {
            let message = error.to_string();
            trials.push(Trial::test(format!("{}/examples", rule.id), move || Err(Failed::from(message))));
        }
        Ok(examples) => {
            for example in examples {
                let (rule, set) = (Arc::clone(rule), Arc::clone(&set));
                trials.push(Trial::test(example.name.clone(), move || test(&rule, &example, &set).map_err(Failed::from)));
            }
        }
    }
}

fn test(rule: &Arc<Rule>, example: &Example, rules: &RuleSet) -> Result<(), String> {
    if rule.is_elsewhere() { judge_sample(rule, example) } else { judge(rule, example, rules) }
}

/// Whether it shows what the rule itself reports.
fn marked(example: &Example) -> bool {
    example.marks.iter().any(|mark| matches!(mark.claim, Claim::Finding { rule: None, .. }))
}

/// What the rule says, as people see it: on each engine, and wherever it says something else.
fn diagnostics(rule: &Arc<Rule>) -> Result<(), Failed> {
    let examples = example::examples(rule).map_err(|error| error.to_string())?;
    let (mut shown, mut said) = (String::new(), BTreeSet::new());
    for example in examples.iter().filter(|example| marked(example)) {
        let engine = example.setting.target;
        for (finding, text) in sample(rule, example) {
            if said.insert((engine.engine, finding.help.clone(), finding.notes.clone())) {
                writeln!(shown, "-- {engine}\n{}", render_one(&finding, &text))?;
            }
        }
    }
    if shown.is_empty() {
        return Err("none of its examples gives a diagnostic".into());
    }
    common::snapshot_in("rules", &rule.id, &shown);
    Ok(())
}

/// What every rule owes its reader.
fn record(rule: &Rule, rules: &RuleSet) -> Result<(), Failed> {
    if rule.summary.len() < 20 {
        return Err("the record must be followed by a paragraph of prose".into());
    }
    for better in rule.yields_to() {
        if rules.find(better).is_none() {
            return Err(format!("it yields to `{better}`, which does not exist").into());
        }
    }
    let examples = example::examples(rule).map_err(|error| error.to_string())?;
    for engine in &rule.engines {
        if !examples.iter().any(|example| example.setting.target.engine == *engine && marked(example)) {
            return Err(format!("no example shows what it reports on {}", engine.title()).into());
        }
    }
    if examples.iter().all(marked) {
        return Err("no example shows what is right".into());
    }
    Ok(())
}

/// The reference in rules/README.md is what the facts say of themselves.
fn facts_are_current() -> Result<(), Failed> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/README.md");
    let page = std::fs::read_to_string(path)?;
    let (start, end) = ("<!-- facts -->\n", "<!-- /facts -->");
    let Some((head, rest)) = page.split_once(start) else { return Err("rules/README.md has lost its marker".into()) };
    let Some((current, tail)) = rest.split_once(end) else { return Err("rules/README.md has lost its end marker".into()) };
    let wanted = format!("\n{}\n", facts::reference());
    if current == wanted {
        return Ok(());
    }
    if std::env::var_os("LOCKGATE_UPDATE").is_some() {
        std::fs::write(path, format!("{head}{start}{wanted}{end}{tail}"))?;
        return Ok(());
    }
    Err("the facts in rules/README.md are out of date: run with LOCKGATE_UPDATE=1".into())
}
