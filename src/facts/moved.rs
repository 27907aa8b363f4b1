//! Columns that a migration renamed, and those whose values it copied into others.

use sqlparser::ast::Expr;

use super::scene::shown_name;
use crate::change::{Action, Change, InsertSource, Predicate};

/// What the earlier statements did with the columns of tables, names in lower case.
#[derive(Debug, Clone, Default)]
pub struct MovedColumns {
    renamed: Vec<Move>,
    /// By an UPDATE of all rows that assigns the one to the other as it is.
    copied: Vec<Move>,
    /// By an UPDATE of some rows, or of all to a value computed from it.
    carried: Vec<Move>,
}

#[derive(Debug, Clone)]
struct Move {
    table: String,
    from: String,
    to: String,
}

/// Nobody moves more by hand.
const MOST: usize = 1_000;

impl MovedColumns {
    pub(super) fn note(&mut self, change: &Change) {
        let Some(table) = change.table.as_ref().map(|name| shown_name(name).to_lowercase()) else { return };
        let entry = |from: &str, to: &str| Move { table: table.clone(), from: from.to_lowercase(), to: to.to_lowercase() };
        match &change.action {
            Action::RenameColumn { from, to, .. } if self.renamed.len() < MOST => {
                self.renamed.push(entry(&from.value, &to.value));
                let old = from.value.to_lowercase();
                for moves in [&mut self.copied, &mut self.carried] {
                    moves.iter_mut().filter(|one| one.table == table && one.from == old).for_each(|one| one.from = to.value.to_lowercase());
                    moves.iter_mut().filter(|one| one.table == table && one.to == old).for_each(|one| one.to = to.value.to_lowercase());
                }
            }
            // Into another table, column by column.
            Action::Insert(insert) if self.carried.len() < MOST => {
                if let InsertSource::Query { reads, values, .. } = &insert.source {
                    let pairs = reads.iter().take(4).flat_map(|read| values.iter().take(256).map(move |value| (read, value)));
                    let pairs = pairs.filter(|(_, value)| !value.is_empty());
                    let carried = pairs.map(|(read, from)| Move {
                        table: shown_name(read).to_lowercase(),
                        from: from.to_lowercase(),
                        to: String::new(),
                    });
                    self.carried.extend(carried);
                }
            }
            Action::Update(update) if self.carried.len() < MOST => {
                let carried = update.assignments.iter().flat_map(|(to, value)| {
                    names_in(&value.text).filter(|from| !to.is(from)).take(64).map(|from| entry(from, &to.value)).collect::<Vec<_>>()
                });
                self.carried.extend(carried.take(MOST));
                // UPDATE other SET ... FROM this.
                for read in update.reads.iter().take(4) {
                    let words = update.assignments.iter().take(256).flat_map(|(_, value)| names_in(&value.text).take(64));
                    let own = shown_name(read).to_lowercase();
                    self.carried.extend(words.map(|from| Move { table: own.clone(), from: from.to_lowercase(), to: String::new() }));
                }
                if matches!(update.predicate, Predicate::None) && !update.joined && !update.limited && self.copied.len() < MOST {
                    let copies = update.assignments.iter().filter_map(|(to, value)| match value.tree.as_deref()? {
                        Expr::Identifier(from) => Some(entry(&from.value, &to.value)),
                        Expr::CompoundIdentifier(parts) => Some(entry(&parts.last()?.value, &to.value)),
                        _ => None,
                    });
                    self.copied.extend(copies);
                }
            }
            _ => {}
        }
    }

    /// The name a column had when the migration began, where it was another one.
    pub(super) fn original(&self, table: &str, column: &str) -> Option<String> {
        let (table, mut name) = (table.to_lowercase(), column.to_lowercase());
        let here = self.renamed.iter().rev().filter(|one| one.table == table);
        for one in here {
            if one.to == name {
                name.clone_from(&one.from);
            }
        }
        (name != column.to_lowercase()).then_some(name)
    }

    /// The columns of the same table that hold the column's values.
    pub(super) fn copies(&self, table: &str, column: &str) -> impl Iterator<Item = &str> {
        let (table, column) = (table.to_lowercase(), column.to_lowercase());
        self.copied.iter().filter(move |one| one.table == table && one.from == column).map(|one| one.to.as_str())
    }

    /// Whether another column, of this table or of another one, was given values that are made from it.
    pub(super) fn is_carried(&self, table: &str, column: &str) -> bool {
        let (table, column) = (table.to_lowercase(), column.to_lowercase());
        self.carried.iter().any(|one| one.table == table && one.from == column)
    }

    /// Whether an UPDATE took values out of the table into another one.
    pub(super) fn is_emptied_into_others(&self, table: &str) -> bool {
        let table = table.to_lowercase();
        self.carried.iter().any(|one| one.table == table && one.to.is_empty())
    }
}

/// The words of an expression outside of strings; some of them are columns.
fn names_in(text: &str) -> impl Iterator<Item = &str> {
    let outside = text.split('\'').step_by(2);
    outside.flat_map(|part| part.split(|c: char| !c.is_alphanumeric() && c != '_')).filter(|word| !word.is_empty())
}
