//! What names a function, a sequence or a type in an expression or a query and so depends on it
//! (manual, Dependency Tracking): defaults, generated columns, CHECKs, expressions and predicates of
//! indexes, policies, conditions of triggers, domains, views.

use super::drop;
use super::outcome::Outcome;
use super::scene::Scene;
use super::words::{Word, words};
use crate::catalog::{Index, Key, Table, View};
use crate::effect::{BreakageKind, LockMode, LossKind, Truth};

/// Something whose definition names what is dropped.
pub(super) enum Dependent<'a> {
    Default(&'a Table, &'a str),
    Generated(&'a Table, &'a str),
    Check(&'a Table, &'a str),
    Index(&'a Table, &'a Index),
    Policy(&'a Table, &'a str),
    Trigger(&'a Table, &'a str),
    Domain(&'a Key),
    View(&'a View),
}

/// Everything in whose text the words are found. Nearly no text has the name: only those that do are
/// taken apart.
pub(super) fn on<'a>(scene: Scene<'a>, name: &str, matches: impl Fn(&[Word]) -> bool) -> Vec<Dependent<'a>> {
    let catalog: &'a crate::catalog::Catalog = scene.catalog;
    let named = Named::new(name);
    let uses = |text: &str| named.within(text) && matches(&words(text));
    let mut found = Vec::new();
    for table in catalog.tables.values().map(AsRef::as_ref) {
        for column in &table.columns {
            if column.default.as_ref().is_some_and(|default| uses(&default.expression.text)) {
                found.push(Dependent::Default(table, &column.name));
            }
            if column.generated.as_ref().is_some_and(|generated| uses(&generated.expression.text)) {
                found.push(Dependent::Generated(table, &column.name));
            }
        }
        for constraint in &table.constraints {
            if constraint.expression.as_ref().is_some_and(|expression| uses(&expression.text)) {
                found.push(Dependent::Check(table, &constraint.name));
            }
        }
        for index in &table.indexes {
            let keys = index.keys.iter().filter_map(|key| match &key.part {
                crate::change::IndexPart::Expression(expression) => Some(expression),
                crate::change::IndexPart::Column(_) => None,
            });
            if keys.chain(&index.predicate).any(|expression| uses(&expression.text)) {
                found.push(Dependent::Index(table, index));
            }
        }
        found.extend(
            table.policy_conditions.iter().filter(|(_, text)| uses(&text.text)).map(|(policy, _)| Dependent::Policy(table, policy)),
        );
        for trigger in table.triggers.iter() {
            if trigger.condition.as_ref().is_some_and(|condition| uses(&condition.text)) {
                found.push(Dependent::Trigger(table, &trigger.name));
            }
        }
    }
    for domain in catalog.domains.values() {
        if domain.checks.iter().any(|check| uses(&check.check.expression.text)) || domain.default.as_ref().is_some_and(|it| uses(&it.text))
        {
            found.push(Dependent::Domain(&domain.key));
        }
    }
    found.extend(catalog.views.values().filter(|view| uses(&view.query.text)).map(|view| Dependent::View(view)));
    found
}

/// What depends is refused, or goes along with CASCADE.
pub(super) fn goes(scene: Scene<'_>, what: &str, dependents: &[Dependent<'_>], certain: Truth, cascade: bool, out: &mut Outcome) {
    for dependent in dependents {
        if !cascade {
            drop::blocked(what, &dependent.title(), certain, out);
            continue;
        }
        if certain != Truth::Yes {
            out.unknown(format!("what depends on {what}"), "which relations are locked and lose a part");
            return;
        }
        match dependent {
            Dependent::Default(table, _) | Dependent::Policy(table, _) | Dependent::Trigger(table, _) => {
                out.lock(table, LockMode::AccessExclusive);
            }
            Dependent::Check(table, name) => {
                out.lock(table, LockMode::AccessExclusive);
                let object = format!("{}.{name}", table.key);
                out.break_client(BreakageKind::Guarantee, object, "the CHECK is dropped along", Truth::Yes);
            }
            Dependent::Generated(table, name) => {
                out.lock(table, LockMode::AccessExclusive);
                drop::column(scene, table, name, true, out);
                out.lose(LossKind::Column, format!("{}.{name}", table.key), Truth::Yes);
            }
            Dependent::Index(table, index) => {
                out.lock(table, LockMode::AccessExclusive);
                out.lock_index(table, index, LockMode::AccessExclusive);
            }
            Dependent::Domain(_) => {}
            Dependent::View(view) => drop::view_goes(scene, view, out),
        }
    }
}

impl Dependent<'_> {
    fn title(&self) -> String {
        match self {
            Dependent::Default(table, name) => format!("the default of {}.{name}", table.key),
            Dependent::Generated(table, name) => format!("generated column {}.{name}", table.key),
            Dependent::Check(table, name) => format!("constraint {name} of {}", table.key),
            Dependent::Index(table, index) => format!("index {} of {}", index.name, table.key),
            Dependent::Policy(table, name) => format!("policy {name} of {}", table.key),
            Dependent::Trigger(table, name) => format!("trigger {name} of {}", table.key),
            Dependent::Domain(key) => format!("domain {key}"),
            Dependent::View(view) => format!("view {}", view.key),
        }
    }
}

/// A name as texts may write it.
struct Named {
    lower: String,
    upper: String,
    /// Its letters' case or its marks make it written in quotes.
    quoted: bool,
}

impl Named {
    fn new(name: &str) -> Named {
        Named { lower: name.to_owned(), upper: name.to_ascii_uppercase(), quoted: name.contains(['"', '\'']) }
    }

    fn within(&self, text: &str) -> bool {
        self.quoted || text.contains(&self.lower) || text.contains(&self.upper)
    }
}

/// Whether the words call a function of this key: by its schema, or without one.
pub(super) fn calls(words: &[Word], key: &Key) -> bool {
    words
        .iter()
        .enumerate()
        .any(|(at, word)| matches!(word, Word::Name { text, called: true, .. } if *text == key.name) && schema_fits(words, at, key))
}

/// Whether a value is cast to a type of this key: `x::type`, `CAST (x AS type)`, `type 'x'`.
pub(super) fn casts(words: &[Word], key: &Key) -> bool {
    words.iter().enumerate().any(|(at, word)| {
        let named = matches!(word, Word::Name { text, called: false, .. } if *text == key.name);
        if !named || !schema_fits(words, at, key) {
            return false;
        }
        let start = if qualified(words, at) { at - 2 } else { at };
        let before = start.checked_sub(1).and_then(|before| words.get(before));
        let written = match before {
            Some(Word::Mark(':')) => start.checked_sub(2).and_then(|before| words.get(before)) == Some(&Word::Mark(':')),
            // An alias is written so too, and is not followed by the end of a CAST.
            Some(Word::Name { text, quoted: false, .. }) if text == "as" => {
                matches!(words.get(at + 1), Some(Word::Mark(')' | '['))) && is_cast(words, start)
            }
            _ => false,
        };
        written || matches!(words.get(at + 1), Some(Word::Literal(_)))
    })
}

/// Whether the parenthesis around this place belongs to a CAST.
fn is_cast(words: &[Word], at: usize) -> bool {
    let mut depth = 0_usize;
    for (back, word) in words.iter().enumerate().take(at).rev() {
        match word {
            Word::Mark(')') => depth += 1,
            Word::Mark('(') if depth == 0 => {
                return back
                    .checked_sub(1)
                    .and_then(|before| words.get(before))
                    .is_some_and(|word| matches!(word, Word::Name { text, .. } if text == "cast"));
            }
            Word::Mark('(') => depth -= 1,
            _ => {}
        }
    }
    false
}

fn qualified(words: &[Word], at: usize) -> bool {
    at >= 2 && words.get(at - 1) == Some(&Word::Mark('.')) && matches!(words.get(at - 2), Some(Word::Name { .. }))
}

fn schema_fits(words: &[Word], at: usize, key: &Key) -> bool {
    if !qualified(words, at) {
        return true;
    }
    at.checked_sub(2).and_then(|at| words.get(at)).is_some_and(|word| matches!(word, Word::Name { text, .. } if *text == key.schema))
}

/// Whether the words name a sequence in a literal: `nextval('s')`.
pub(super) fn advances(words: &[Word], key: &Key) -> bool {
    let called = words.iter().any(|word| matches!(word, Word::Name { text, called: true, .. } if text == "nextval"));
    let named = |text: &str| match text.rsplit_once('.') {
        Some((schema, name)) => schema.trim_matches('"') == key.schema && name.trim_matches('"') == key.name,
        None => text.trim_matches('"') == key.name,
    };
    called && words.iter().any(|word| matches!(word, Word::Literal(text) if named(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cast_names_its_type_and_an_alias_does_not() {
        let key = Key::new("app", "mood");
        for text in ["x::app.mood", "x :: mood", "CAST(x AS app.mood)", "mood 'sad'", "x::mood[]"] {
            assert!(casts(&words(text), &key), "{text}");
        }
        for text in ["x AS mood", "mood", "other.mood(x)", "x::other.mood", "(SELECT x AS mood)"] {
            assert!(!casts(&words(text), &key), "{text}");
        }
    }
}
