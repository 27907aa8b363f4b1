//! Every example of every rule as a named test: `cargo test --test rules dropping-column`.

use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use lockgate::facts;
use lockgate::rules::example::{self, judge};
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
                trials.push(Trial::test(example.name.clone(), move || judge(&rule, &example, &set).map_err(Failed::from)));
            }
        }
    }
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
    if rule.is_elsewhere() {
        return Ok(());
    }
    let examples = example::examples(rule).map_err(|error| error.to_string())?;
    let marked =
        |example: &example::Example| example.marks.iter().any(|mark| matches!(mark.claim, example::Claim::Finding { rule: None, .. }));
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
