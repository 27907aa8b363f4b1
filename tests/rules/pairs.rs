//! One hazard is reported once: two rules that point at the same words say different things, and
//! `tests/data/pairs.toml` says which.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use lockgate::finding::Severity;
use lockgate::rules::example::{self, Seen};
use lockgate::rules::{Rule, RuleSet};

const PAIRS: &str = include_str!("../data/pairs.toml");

pub fn trial(rules: &[Arc<Rule>], set: &Arc<RuleSet>) -> Trial {
    let (rules, set) = (rules.to_vec(), Arc::clone(set));
    Trial::test("pairs/one-hazard-once", move || judge(&rules, &set))
}

fn judge(rules: &[Arc<Rule>], set: &RuleSet) -> Result<(), Failed> {
    let listed: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(PAIRS)?;
    let found = found(rules, set)?;
    let mut faults = Vec::new();
    for ((one, other), example) in &found {
        let known = listed.get(one).is_some_and(|others| others.contains_key(other));
        if !known {
            faults.push(format!("[{one}] and [{other}] point at the same words in {example}: is it one hazard?"));
        }
    }
    for (one, others) in &listed {
        let gone = others.keys().filter(|other| !found.contains_key(&(one.clone(), (*other).clone())));
        faults.extend(gone.map(|other| format!("[{one}] and [{other}] no longer meet: take the line out")));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}

/// Pairs of rules, in the order of the alphabet, with an example where they meet.
fn found(rules: &[Arc<Rule>], set: &RuleSet) -> Result<BTreeMap<(String, String), String>, Failed> {
    let mut found = BTreeMap::new();
    for rule in rules.iter().filter(|rule| !rule.is_elsewhere()) {
        for example in example::examples(rule).map_err(|error| error.to_string())? {
            let seen = example::run(&example, &example.sql, set).seen;
            for pair in pairs(&seen) {
                found.entry(pair).or_insert_with(|| example.name.clone());
            }
        }
    }
    Ok(found)
}

fn pairs(seen: &[Seen]) -> BTreeSet<(String, String)> {
    // A note beside a warning is more to know about it, not a second alarm.
    let loud: Vec<&Seen> = seen.iter().filter(|seen| seen.severity > Severity::Note && !seen.span.is_empty()).collect();
    let mut pairs = BTreeSet::new();
    for (number, one) in loud.iter().enumerate() {
        for other in loud.iter().skip(number + 1).filter(|other| other.span == one.span && other.rule != one.rule) {
            let (first, second) = if one.rule < other.rule { (one, other) } else { (other, one) };
            pairs.insert((first.rule.clone(), second.rule.clone()));
        }
    }
    pairs
}
