//! One migration becomes several: what stays, what goes, and in which order it comes back.

use super::depend::depends;
use super::edit::{Edit, excerpt, without_clause};
use super::recipe::{Here, Later, Moved, Rewrite, Undo};
use super::words::Words;
use crate::change::{Action, Statement};
use crate::facts::changes_schema;
use crate::migration::OutsideFor;
use crate::source::Span;

/// A rewrite and the statement and change it is for.
pub struct Part<'a> {
    pub statement: Span,
    pub position: usize,
    pub change: Span,
    pub rewrite: &'a Rewrite,
}

/// A migration taken apart.
#[derive(Debug, Default)]
pub struct Draft {
    /// Edits of the statements that stay.
    pub edits: Vec<Edit>,
    /// Statements that go, and into which of the later migrations.
    pub leaving: Vec<(Span, usize)>,
    /// What stands in place of the first statement, where nothing would be left.
    pub in_place: Option<InPlace>,
    pub later: Vec<Later>,
    /// For the old way back: what goes into which of the later migrations.
    pub undo: Vec<(Undo, Option<usize>)>,
}

/// The first step, done in the migration at hand.
#[derive(Debug)]
pub struct InPlace {
    pub statement: Span,
    pub up: Vec<String>,
    pub down: Vec<String>,
    pub outside: Option<OutsideFor>,
}

/// Takes a migration apart. `name` is what its file is called.
pub fn assemble(name: &str, text: &str, statements: &[Statement], parts: &[Part<'_>]) -> Result<Draft, String> {
    let mut draft = Draft::default();
    let mut moved: Vec<Moved> = Vec::new();
    let mut carried: Vec<String> = Vec::new();
    // The later migration that takes up what must come after what was moved.
    let mut rest: Option<usize> = None;
    let mut tail = false;
    for statement in statements {
        let own: Vec<&Part<'_>> = parts.iter().filter(|part| part.statement == statement.span).collect();
        let apart: Vec<usize> = own.iter().map(|part| part.position).collect();
        let words = statement.span.slice(text);
        if carries(statement) {
            carried.push(format!("{words};"));
            continue;
        }
        tail = tail || moved.iter().any(|one| depends(one, statement, &Words::of(words), &apart));
        if tail && (statements.iter().any(is_control) || own.is_empty() && is_control(statement)) {
            return Err("statements behind it build on it, and the script opens a transaction of its own: part it by hand".to_owned());
        }
        let mut edits = Vec::new();
        let mut leaves = false;
        let all_leave = own.len() == statement.changes.len() && own.iter().all(|part| matches!(part.rewrite.here, Here::Leaves));
        for part in &own {
            match &part.rewrite.here {
                Here::Edits(own) => edits.extend(own.iter().cloned()),
                Here::Leaves if all_leave => leaves = true,
                Here::Leaves => edits.push(without_clause(text, part.change).ok_or("take the clause out of its statement first")?),
            }
        }
        if (leaves || tail) && is_fenced(text, statement.span) {
            return Err("take the statement out of its StatementBegin and StatementEnd first".to_owned());
        }
        if tail && !leaves {
            let at = match rest {
                Some(at) => at,
                None => {
                    draft.later.push(leftover(name, &carried));
                    *rest.insert(draft.later.len() - 1)
                }
            };
            if let Some(later) = draft.later.get_mut(at) {
                later.up.push(format!("{};", excerpt(text, statement.span, &edits)));
                // Rows have no way back that could be missed.
                if statement.changes.iter().any(|change| changes_schema(change.action.kind())) {
                    later.accepts.get_or_insert_with(|| format!("-- lockgate:ignore-file asymmetric-down: the way back stands in {name}"));
                }
            }
            draft.leaving.push((statement.span, at));
        } else {
            draft.edits.extend(edits);
        }
        for part in own {
            let first = add(&mut draft.later, &part.rewrite.later, &carried);
            rest = None;
            if leaves && !draft.leaving.iter().any(|(span, _)| *span == statement.span) {
                draft.leaving.push((statement.span, first));
            }
            if let Some(undo) = &part.rewrite.undo {
                draft.undo.push((undo.clone(), Some(first)));
            }
            moved.extend(part.rewrite.moved.clone());
        }
    }
    if statements
        .iter()
        .filter(|statement| !carries(statement))
        .all(|statement| draft.leaving.iter().any(|(span, _)| *span == statement.span))
    {
        stay(&mut draft);
    }
    Ok(draft)
}

/// Adds migrations behind those there are; says where the first one is.
fn add(all: &mut Vec<Later>, more: &[Later], carried: &[String]) -> usize {
    let mut first = None;
    for later in more {
        let joined = all.len().checked_sub(1).filter(|_| later.joins).and_then(|at| all.get_mut(at)).filter(|last| last.joins);
        if let Some(last) = joined {
            last.name = "validate_constraints".to_owned();
            last.up.extend(later.up.iter().cloned());
            first.get_or_insert(all.len() - 1);
            continue;
        }
        let mut later = later.clone();
        later.up.splice(0..0, carried.iter().cloned());
        all.push(later);
        first.get_or_insert(all.len() - 1);
    }
    first.unwrap_or(0)
}

fn leftover(name: &str, carried: &[String]) -> Later {
    let stem = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".sql").trim_end_matches(".up");
    let words = stem.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).trim_start_matches("__");
    Later { name: format!("finish_{words}"), up: carried.to_vec(), ..Later::default() }
}

/// Nothing would be left of the migration: its first step stays.
fn stay(draft: &mut Draft) {
    if draft.later.is_empty() {
        return;
    }
    let first = draft.later.remove(0);
    let here = draft.leaving.iter().position(|(_, at)| *at == 0);
    let Some((statement, _)) = here.map(|at| draft.leaving.remove(at)) else { return };
    draft.in_place = Some(InPlace { statement, up: first.up, down: first.down, outside: first.outside });
    for (_, at) in &mut draft.leaving {
        *at = at.saturating_sub(1);
    }
    for (_, at) in &mut draft.undo {
        *at = at.and_then(|at| at.checked_sub(1));
    }
}

/// Settings under which the statements behind them find their tables: they hold in the new
/// migrations, too.
fn carries(statement: &Statement) -> bool {
    statement.changes.iter().all(|change| match &change.action {
        Action::SetVariable(set) => set.name.eq_ignore_ascii_case("search_path"),
        Action::UseDatabase { .. } => true,
        _ => false,
    }) && !statement.changes.is_empty()
}

fn is_control(statement: &Statement) -> bool {
    statement.changes.iter().any(|change| matches!(change.action, Action::Begin { .. } | Action::Commit { .. } | Action::Rollback { .. }))
}

/// A marker of the migration system right in front of the statement belongs to it alone.
fn is_fenced(text: &str, statement: Span) -> bool {
    let before = text.get(..statement.start as usize).unwrap_or_default();
    before.lines().rev().find(|line| !line.trim().is_empty()).is_some_and(|line| line.to_ascii_lowercase().contains("statementbegin"))
}
