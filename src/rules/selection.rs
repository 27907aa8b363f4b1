//! Which rules are on, and how loud.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::builtin::builtin;
use super::file::RuleFileError;
use super::rule::Rule;
use crate::facts::nearest_of;
use crate::finding::Severity;

/// What a user chose. Names are rule ids, former ids or categories.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only these; empty for the default set.
    pub select: Vec<String>,
    /// These too, also rules that are off by default.
    pub extend: Vec<String>,
    pub ignore: Vec<String>,
    /// Other severities by name; `None` switches off.
    pub severities: BTreeMap<String, Option<Severity>>,
    /// Options by rule id.
    pub options: BTreeMap<String, toml::Table>,
    /// A team's own rules.
    pub own: Vec<Arc<Rule>>,
}

/// A selection that cannot be met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    #[error("there is no rule or category `{name}`{}", did_you_mean(.near))]
    Unknown { name: String, near: Option<String> },
    #[error("a rule `{0}` is built in: give yours another name")]
    Taken(String),
    #[error("the options of `{rule}`: {message}")]
    Options { rule: String, message: String },
    #[error(transparent)]
    Builtin(#[from] RuleFileError),
}

fn did_you_mean(near: &Option<String>) -> String {
    near.as_ref().map_or_else(String::new, |near| format!(": did you mean `{near}`?"))
}

/// A rule that is on.
#[derive(Debug, Clone)]
pub(super) struct Active {
    pub rule: Arc<Rule>,
    /// The user's severity, which replaces the rule's own.
    pub severity: Option<Severity>,
}

impl Selection {
    /// All known rules, on or off, with the user's options worked in.
    pub(super) fn known(&self) -> Result<Vec<Arc<Rule>>, SelectionError> {
        let mut rules: Vec<Arc<Rule>> = builtin().map_err(|error| error.clone())?.to_vec();
        for own in &self.own {
            if rules.iter().any(|rule| rule.id == own.id) {
                return Err(SelectionError::Taken(own.id.clone()));
            }
            rules.push(Arc::clone(own));
        }
        for (id, options) in &self.options {
            let position = rules.iter().position(|rule| rule.id == *id);
            let Some(slot) = position.and_then(|position| rules.get_mut(position)) else { return Err(unknown(id, &rules)) };
            let changed = super::file::read_rule(&slot.path, &slot.text, Some(options))
                .map_err(|error| SelectionError::Options { rule: id.clone(), message: error.message })?;
            *slot = Arc::new(changed);
        }
        Ok(rules)
    }

    /// Those that are on.
    pub(super) fn active(&self, known: &[Arc<Rule>]) -> Result<Vec<Active>, SelectionError> {
        let all = [&self.select, &self.extend, &self.ignore];
        for name in all.into_iter().flatten().chain(self.severities.keys()) {
            if !known.iter().any(|rule| is_named(rule, name)) {
                return Err(unknown(name, known));
            }
        }
        let named = |names: &[String], rule: &Rule| names.iter().any(|name| is_named(rule, name));
        let mut active = Vec::new();
        for rule in known {
            let own_severity = self.severity_of(rule);
            let wanted = match self.select.is_empty() {
                true => rule.enabled || matches!(own_severity, Some(Some(_))),
                false => named(&self.select, rule),
            };
            let on = (wanted || named(&self.extend, rule)) && !named(&self.ignore, rule) && own_severity != Some(None);
            if on {
                active.push(Active { rule: Arc::clone(rule), severity: own_severity.flatten() });
            }
        }
        Ok(active)
    }

    /// The user's word on a rule: its id counts before its category.
    fn severity_of(&self, rule: &Rule) -> Option<Option<Severity>> {
        let by_id = self.severities.iter().find(|(name, _)| **name == rule.id || rule.aliases.contains(name));
        by_id.or_else(|| self.severities.iter().find(|(name, _)| **name == rule.category)).map(|(_, severity)| *severity)
    }
}

fn is_named(rule: &Rule, name: &str) -> bool {
    rule.id == name || rule.category == name || rule.aliases.iter().any(|alias| alias == name)
}

fn unknown(name: &str, known: &[Arc<Rule>]) -> SelectionError {
    let names = known.iter().flat_map(|rule| [rule.id.as_str(), rule.category.as_str()]);
    SelectionError::Unknown { name: name.to_owned(), near: nearest_of(name, names).map(str::to_owned) }
}
