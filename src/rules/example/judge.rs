//! Whether an example shows what it claims.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::claim::without_marks;
use super::{Claim, Example, Mark, Outcome, Seen, examples, run};
use crate::effect::{StatementEffects, Transactionality, Truth};
use crate::finding::Severity;
use crate::rules::{Rule, RuleSet, Selection, SelectionError};

/// The name of an example, and what is not as it claims.
pub type Verdict = (String, Result<(), String>);

/// Every example of a rule with its verdict. `own` are a team's rules, the rule itself among them
/// when it is one.
pub fn test_rule(rule: &Arc<Rule>, own: &[Arc<Rule>]) -> Result<Vec<Verdict>, SelectionError> {
    let selection = Selection { extend: vec![rule.id.clone()], own: own.to_vec(), ..Selection::default() };
    let rules = RuleSet::select(&selection)?;
    Ok(match examples(rule) {
        Ok(examples) => examples.iter().map(|example| (example.name.clone(), judge(rule, example, &rules))).collect(),
        Err(error) => vec![(rule.id.clone(), Err(error.to_string()))],
    })
}

/// Runs an example and compares; the error says what is not as it claims.
pub fn judge(rule: &Rule, example: &Example, rules: &RuleSet) -> Result<(), String> {
    let outcome = run(example, &example.sql, rules);
    let mut faults = findings(rule, example, &outcome);
    for mark in &example.marks {
        let belongs = |(first, _, _): &&(u32, u32, StatementEffects)| *first <= mark.line;
        let effects = outcome.effects.iter().rfind(belongs).map(|(_, _, effects)| effects);
        if let Some(fault) = effects.and_then(|effects| proof(mark, effects)) {
            faults.push(fault);
        }
    }
    if let Some(fixed) = &example.fixed {
        let made = without_marks(&outcome.fixed);
        if made != without_marks(fixed) {
            faults.push(format!("the fix makes of it:\n{made}"));
        }
        let again = run(example, fixed, rules);
        if let Some(seen) = again.seen.iter().find(|seen| seen.rule == rule.id) {
            faults.push(format!("the fixed text is reported again: {}", seen.message));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(format!("example at line {}:\n{}", example.line, faults.join("\n"))) }
}

/// Expected against seen: of this rule everything counts, of others what is more than a note.
fn findings(rule: &Rule, example: &Example, outcome: &Outcome) -> Vec<String> {
    type Key<'k> = (u32, &'k str, Severity, bool);
    let expected: BTreeSet<Key<'_>> = example
        .marks
        .iter()
        .filter_map(|mark| match &mark.claim {
            Claim::Finding { severity, rule: named, possible } => {
                Some((mark.line, named.as_deref().unwrap_or(&rule.id), *severity, *possible))
            }
            Claim::Lock { .. } | Claim::Rewrite(_) | Claim::Scan(_) | Claim::Fails(_) | Claim::Algorithm(_) => None,
        })
        .collect();
    let key = |seen: &'_ Seen| (seen.line, seen.rule.clone(), seen.severity, seen.possible);
    let mut faults = Vec::new();
    for (line, id, severity, possible) in &expected {
        let wanted = (*line, (*id).to_owned(), *severity, *possible);
        if !outcome.seen.iter().any(|seen| key(seen) == wanted) {
            faults.push(format!("line {line}: expected {severity}{} [{id}]", if *possible { "?" } else { "" }));
        }
    }
    for seen in &outcome.seen {
        let counts = seen.rule == rule.id || seen.severity > Severity::Note;
        if counts && !expected.contains(&(seen.line, seen.rule.as_str(), seen.severity, seen.possible)) {
            let doubt = if seen.possible { "?" } else { "" };
            faults.push(format!("line {}: unexpected {}{doubt} [{}] {}", seen.line, seen.severity, seen.rule, seen.message));
        }
    }
    faults
}

/// A proof against the prediction; servers test it again.
fn proof(mark: &Mark, effects: &StatementEffects) -> Option<String> {
    let whole = &effects.whole;
    let line = mark.line;
    match &mark.claim {
        Claim::Finding { .. } => None,
        Claim::Lock { relation, mode } => {
            let locks: Vec<&str> = whole.locks.iter().filter(|lock| lock.relation == *relation).map(|lock| lock.mode.name()).collect();
            (!locks.contains(&mode.as_str())).then(|| format!("line {line}: claims {mode} on {relation}, predicted: {locks:?}"))
        }
        Claim::Rewrite(table) => {
            let rewritten =
                whole.rewrites.iter().any(|one| one.table == *table && one.certain == Truth::Yes) || whole.rebuild == Truth::Yes;
            (!rewritten).then(|| format!("line {line}: claims that {table} is rewritten, which is not predicted"))
        }
        Claim::Scan(table) => {
            let scanned = whole.scans.iter().any(|scan| scan.table == *table && scan.certain == Truth::Yes);
            (!scanned).then(|| format!("line {line}: claims that {table} is scanned, which is not predicted"))
        }
        Claim::Fails(code) => {
            let codes: Vec<&str> = whole.failures.iter().map(|failure| failure.code.as_str()).collect();
            // Inside a transaction block: the server's active_sql_transaction, or SQLite's own words.
            let block = code == "25001" && whole.transactionality == Transactionality::Forbidden;
            (!block && !codes.contains(&code.as_str())).then(|| format!("line {line}: claims failure {code}, predicted: {codes:?}"))
        }
        Claim::Algorithm(word) => {
            let predicted = whole.algorithm.map(crate::effect::Algorithm::name);
            (predicted != Some(word.as_str())).then(|| format!("line {line}: claims algorithm {word}, predicted: {predicted:?}"))
        }
    }
}
