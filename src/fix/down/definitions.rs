//! How the history last wrote what the catalog keeps no text of: functions, triggers, views.

use std::collections::BTreeMap;

use crate::change::{Action, Change, Ident, ObjectKind, ObjectName, RoutineKind, Statement};
use crate::fix::words::mentions;
use crate::source::Span;

/// Statements that make something, by kind and name; nothing where the text does not tell any more.
#[derive(Debug, Default)]
pub struct Definitions {
    texts: BTreeMap<(ObjectKind, String), Option<String>>,
}

impl Definitions {
    /// The statement that made it.
    pub fn find(&self, kind: ObjectKind, name: &str) -> Option<&str> {
        if let Some(text) = self.texts.get(&(kind, name.to_owned())) {
            return text.as_deref();
        }
        // DROP TRIGGER names no table on MySQL and SQLite, where the name is enough.
        let mut named = self.texts.iter().filter(|((one, key), _)| *one == kind && name.ends_with(' ') && key.starts_with(name));
        let (only, more) = (named.next()?, named.next());
        only.1.as_deref().filter(|_| more.is_none())
    }

    /// Takes a statement into account, after it ran.
    pub fn record(&mut self, statement: &Statement, text: &str) {
        for change in &statement.changes {
            let one = statement.changes.len() == 1 && !change.conditional;
            let words = one.then(|| words(statement.span, text));
            match &change.action {
                Action::CreateView(view) => {
                    let kind = if view.materialized { ObjectKind::MaterializedView } else { ObjectKind::View };
                    self.put(kind, &view.name, change, words);
                }
                Action::CreateRoutine(routine) => {
                    let kind = match routine.kind {
                        RoutineKind::Function => ObjectKind::Function,
                        RoutineKind::Procedure => ObjectKind::Procedure,
                    };
                    let key = (kind, name_of(kind, &routine.name, change));
                    // A second one of the name that replaces nothing is another one, told apart by its
                    // arguments.
                    let overloads = !routine.or_replace && self.texts.get(&key).is_some_and(Option::is_some);
                    self.texts.insert(key, words.filter(|_| !overloads));
                }
                Action::CreateTrigger(trigger) => self.put(ObjectKind::Trigger, &trigger.name, change, words),
                Action::CreatePolicy(policy) => self.put(ObjectKind::Policy, &ObjectName::bare(policy.name.clone()), change, words),
                Action::CreateRule(rule) => self.put(ObjectKind::Rule, &ObjectName::bare(rule.name.clone()), change, words),
                Action::CreateEnum(made) => self.put(ObjectKind::Type, &made.name, change, words),
                Action::CreateType { name, .. } => self.put(ObjectKind::Type, name, change, words),
                Action::CreateDomain(made) => self.put(ObjectKind::Domain, &made.name, change, words),
                Action::CreateSequence(made) => self.put(ObjectKind::Sequence, &made.name, change, words),
                Action::CreateObject { kind, name, .. } => self.put(*kind, name, change, words),
                // What was made is not what stands in its statement any more.
                Action::DropObject { kind, name, .. }
                | Action::RenameObject { kind, name, .. }
                | Action::AlterObject { kind, name, .. } => {
                    self.put(*kind, name, change, None);
                }
                Action::SetObjectSchema { kind, name, .. } => self.put(*kind, name, change, None),
                Action::AddEnumValue { name, .. } | Action::RenameEnumValue { name, .. } | Action::AlterTypeAttribute { name, .. } => {
                    self.put(ObjectKind::Type, name, change, None);
                }
                Action::AlterDomain { name, .. } => self.put(ObjectKind::Domain, name, change, None),
                Action::AlterSequence { name, .. } => self.put(ObjectKind::Sequence, name, change, None),
                Action::AlterPolicy { name } => self.put(ObjectKind::Policy, &ObjectName::bare(name.clone()), change, None),
                Action::RenameTable { .. } | Action::SetSchema { .. } => self.renamed(change.table.as_ref().map(|table| &table.name)),
                Action::RenameColumn { from, .. } => self.renamed(Some(from)),
                _ => {}
            }
        }
    }

    /// Views and triggers follow a table that gets another name; their words do not.
    fn renamed(&mut self, name: Option<&Ident>) {
        let follows = |kind: ObjectKind| {
            matches!(kind, ObjectKind::View | ObjectKind::MaterializedView | ObjectKind::Trigger | ObjectKind::Rule | ObjectKind::Policy)
        };
        for (_, text) in self.texts.iter_mut().filter(|((kind, _), _)| follows(*kind)) {
            let meant = |text: &String| name.is_none_or(|name| mentions(text, &name.value.to_lowercase()));
            *text = text.take().filter(|text| !meant(text));
        }
    }

    fn put(&mut self, kind: ObjectKind, name: &ObjectName, change: &Change, words: Option<String>) {
        self.texts.insert((kind, name_of(kind, name, change)), words);
    }
}

/// Triggers, rules and policies have names of their own on each table.
pub fn name_of(kind: ObjectKind, name: &ObjectName, change: &Change) -> String {
    let plain = |name: &ObjectName| name.to_string().to_lowercase();
    let on = match kind {
        ObjectKind::Trigger | ObjectKind::Rule | ObjectKind::Policy => change.table.as_ref().map(plain),
        _ => None,
    };
    format!("{} {}", plain(name), on.unwrap_or_default())
}

fn words(span: Span, text: &str) -> String {
    span.slice(text).to_owned()
}
