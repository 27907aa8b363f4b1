//! Facts: everything below this room, flattened to named, typed, documented answers.
//!
//! A rule never looks at syntax, catalog or effects; it names facts. Each fact is declared once,
//! with its type, its meaning and its accessor, and that declaration feeds the checker of
//! conditions, the placeholders of messages, `lockgate facts` and the reference in
//! `rules/README.md`. If three rules ask the same question it is a fact.

mod bulk;
mod change;
mod clause;
mod column;
mod constraint;
mod covered;
mod effect;
mod element;
mod engine;
mod index;
mod keys;
mod ledger;
mod lock;
pub mod lookup;
mod migration;
mod moved;
mod name;
mod object;
mod proof;
mod rebuild;
mod reference;
mod rows;
mod scene;
mod sql;
mod statement;
mod table;
mod transaction;
mod trigger;
mod value;
mod walk;

pub use element::{Element, ElementKind, Named, elements};
pub use ledger::{Ledger, Tally, changes_schema, writes_rows};
pub use reference::reference;
pub use scene::{Context, Direction, DownKind, MigrationFacts, Scene, Thresholds, shown_name};
pub use value::{FactType, Scale, Value, print};

use std::collections::HashMap;
use std::sync::OnceLock;

/// Whether the statistics, or a key that takes one value only, show the change's table to be small.
pub fn is_small(context: &Context<'_>) -> bool {
    table::is_small(context)
}

/// The constraint of the catalog that the change names.
pub fn existing_constraint<'a>(context: &Context<'a>) -> Option<&'a crate::catalog::Constraint> {
    constraint::existing(context)
}

/// One question a rule may ask.
pub struct Fact {
    /// `group.name`.
    pub name: &'static str,
    pub kind: FactType,
    /// What it means, in one sentence.
    pub doc: &'static str,
    pub get: for<'r, 'a> fn(&'r Context<'a>) -> Value<'r>,
}

impl std::fmt::Debug for Fact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Fact {
    /// The group a fact belongs to: what stands before the dot.
    pub fn group(&self) -> &'static str {
        self.name.split('.').next().unwrap_or(self.name)
    }
}

/// The groups, with what they are about, in the order of the reference.
pub const GROUPS: &[(&str, &str, &[Fact])] = &[
    ("engine", "the database the prediction is made for", engine::FACTS),
    ("statement", "the statement as it was read", statement::FACTS),
    ("change", "the one action at hand: an `ALTER TABLE` with three actions is three changes", change::FACTS),
    ("table", "the table the change works on, as it was before the statement", table::FACTS),
    ("column", "the column the change works on", column::FACTS),
    ("constraint", "the constraint the change adds, validates or drops", constraint::FACTS),
    ("index", "the index the change builds, drops or renames", index::FACTS),
    ("name", "a name that the change gives to something; for rules on `name`", name::FACTS),
    ("rows", "the rows a change of data touches", rows::FACTS),
    ("lock", "the locks the change takes on tables that the running application may use", lock::FACTS),
    ("effect", "what the change does", effect::FACTS),
    ("tx", "the transaction the statement runs in, and what was done in it before", transaction::FACTS),
    ("sql", "pieces of SQL for the help, made of this statement's own names", sql::FACTS),
    ("migration", "the migration, and what its earlier statements did", migration::FACTS),
];

/// Every fact, in the order of the reference.
pub fn all() -> impl Iterator<Item = &'static Fact> {
    GROUPS.iter().flat_map(|(_, _, facts)| facts.iter())
}

/// A fact by its full name. A bare group stands for its `.name`: `table` is `table.name`.
pub fn find(name: &str) -> Option<&'static Fact> {
    static INDEX: OnceLock<HashMap<&'static str, &'static Fact>> = OnceLock::new();
    let index = INDEX.get_or_init(|| {
        let mut index = HashMap::new();
        for fact in all() {
            index.insert(fact.name, fact);
            if let Some(group) = fact.name.strip_suffix(".name") {
                index.insert(group, fact);
            }
        }
        index
    });
    index.get(name).copied()
}

/// The known fact whose name is nearest to a misspelt one.
pub fn nearest(name: &str) -> Option<&'static str> {
    nearest_of(name, all().flat_map(|fact| [Some(fact.name), fact.name.strip_suffix(".name")]).flatten())
}

/// The word nearest to a misspelt one, when one is near enough to be meant.
pub fn nearest_of<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).clamp(1, 4);
    known.map(|candidate| (distance(word, candidate), candidate)).filter(|(far, _)| *far <= limit).min().map(|(_, candidate)| candidate)
}

/// How many letters must be changed, put in, left out or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().take(64).collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    let cell = |rows: &[Vec<usize>], i: usize, j: usize| rows.get(i).and_then(|row| row.get(j)).copied().unwrap_or(usize::MAX / 2);
    for (i, from) in a.iter().enumerate() {
        rows.push(vec![i + 1]);
        for (j, to) in b.iter().enumerate() {
            let mut best = (cell(&rows, i, j) + usize::from(from != to)).min(cell(&rows, i, j + 1) + 1).min(cell(&rows, i + 1, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(to) && b.get(j - 1) == Some(from);
            if swapped {
                best = best.min(cell(&rows, i - 1, j - 1) + 1);
            }
            if let Some(row) = rows.last_mut() {
                row.push(best);
            }
        }
    }
    cell(&rows, a.len(), b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_grouped_and_documented() {
        let mut seen = std::collections::HashSet::new();
        for (group, _, facts) in GROUPS {
            for fact in *facts {
                assert_eq!(fact.group(), *group, "{} stands in the wrong group", fact.name);
                assert!(seen.insert(fact.name), "{} is declared twice", fact.name);
                assert!(fact.doc.ends_with('.') && fact.doc.len() > 8, "{} wants a sentence of documentation", fact.name);
            }
        }
    }

    #[test]
    fn misspelt_names_are_recognised() {
        assert_eq!(nearest("table.nwe"), Some("table.new"));
        assert_eq!(nearest("lock.block_writes"), Some("lock.blocks_writes"));
        assert_eq!(nearest("weather"), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
