//! The old way back, after a step of the migration went into another one.

use super::edit::{Edit, excerpt, without_clause};
use super::recipe::Undo;
use super::words::behind;
use crate::change::{Action, Change, Statement};
use crate::source::Span;

/// What becomes of the old down script.
#[derive(Debug, Default)]
pub struct Undone {
    pub edits: Vec<Edit>,
    /// Statements that go, and into which of the later migrations.
    pub leaving: Vec<(Span, usize)>,
    /// The way back of a later migration, in its author's words.
    pub moved: Vec<(usize, String)>,
}

/// Goes through the down script. `first` is the way back of a first step that stayed where it was.
pub fn undo(text: &str, statements: &[Statement], undos: &[(Undo, Option<usize>)], first: &[String]) -> Undone {
    let mut done = Undone::default();
    for (undo, later) in undos {
        let found = statements.iter().find_map(|statement| {
            let at = statement.changes.iter().position(|change| !change.conditional && fits(undo, change))?;
            Some((statement, statement.changes.get(at)?))
        });
        let Some((statement, change)) = found else { continue };
        let alone = statement.changes.len() == 1;
        match (undo, later) {
            // The old statement serves as well as before.
            (Undo::Index(_), None) => {}
            (Undo::Index(_), Some(later)) if alone => {
                done.leaving.push((statement.span, *later));
                done.moved.push((*later, concurrently(text, statement.span)));
            }
            (Undo::Index(_), Some(_)) => {}
            (Undo::NotNull { clause, .. } | Undo::Constraint { clause: Some(clause), .. }, _) => {
                done.edits.push(Edit::replace(change.span, clause.clone()));
            }
            (Undo::Constraint { clause: None, .. }, Some(later)) if alone => done.leaving.push((statement.span, *later)),
            (Undo::Constraint { clause: None, .. }, None) if alone => {
                let instead = first.join("\n");
                done.edits.push(Edit::replace(statement.span, instead.trim_end_matches(';').to_owned()));
            }
            (Undo::Constraint { clause: None, .. }, _) => done.edits.extend(without_clause(text, change.span)),
        }
    }
    done
}

fn fits(undo: &Undo, change: &Change) -> bool {
    let on = |wanted: &str| change.table.as_ref().is_some_and(|table| table.name.is(wanted));
    match (undo, &change.action) {
        (Undo::Index(name), Action::DropIndex(drop)) => drop.name.name.is(name) && drop.siblings <= 1 && !drop.in_alter,
        (Undo::Index(name), Action::CreateIndex(index)) => {
            index.name.as_ref().is_some_and(|written| written.name.is(name)) && !index.in_alter
        }
        (Undo::Constraint { table, name, .. }, Action::DropConstraint { name: Some(written), .. }) => on(table) && written.is(name),
        (Undo::NotNull { table, column, .. }, Action::DropNotNull { column: written }) => on(table) && written.is(column),
        _ => false,
    }
}

/// The statement with CONCURRENTLY behind INDEX.
fn concurrently(text: &str, statement: Span) -> String {
    let there = statement.slice(text).to_ascii_uppercase().contains("CONCURRENTLY");
    let edit = behind(text, statement, "INDEX").filter(|_| !there).map(|at| Edit::insert(at, " CONCURRENTLY"));
    format!("{};", excerpt(text, statement, &edit.into_iter().collect::<Vec<_>>()))
}
