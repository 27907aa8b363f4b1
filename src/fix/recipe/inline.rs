//! Constraints written inside a new column: the column comes as before, and they come beside it,
//! where a CHECK and a foreign key can be NOT VALID and a key can take an index over.

use super::{Case, Here, Proposal, Rewrite, key, refusal, rewrite, validate};
use crate::change::{Action, ColumnDef, ConstraintBody, ConstraintDef, ConstraintKind};
use crate::engine::Engine;
use crate::fix::edit::Edit;
use crate::source::Span;

/// CHECK and REFERENCES of the column: added NOT VALID by clauses of their own, and validated in the
/// next migration.
pub fn unchecked(case: &Case<'_>, column: &ColumnDef) -> Option<Proposal> {
    let of_old_rows = |one: &&ConstraintDef| matches!(one.body, ConstraintBody::Check(_) | ConstraintBody::ForeignKey(_));
    let constraints: Vec<&ConstraintDef> = column.constraints.iter().filter(of_old_rows).collect();
    if constraints.is_empty() || case.target.engine != Engine::Postgres {
        return refusal("add the column first, and its constraint with NOT VALID in a statement of its own");
    }
    if let Some(why) = unreachable(case) {
        return refusal(why);
    }
    let mut edits = Vec::new();
    let mut later = Vec::new();
    let mut moved = validate::moved(case, "", vec![column.name.value.to_lowercase()]);
    moved.names.clear();
    for constraint in &constraints {
        let Some((name, words)) = name(case, column, constraint) else { return refusal("give the constraint a name") };
        edits.push(without(case, constraint));
        let demand = demand(case, column, constraint);
        edits.push(Edit::insert(case.change.span.end, format!(", ADD CONSTRAINT {words} {demand} NOT VALID")));
        later.push(validate::validation(case, &name, &words));
        moved.names.push(name.to_lowercase());
    }
    let column = &column.name.value;
    rewrite(Rewrite {
        title: format!("`{column}` comes without a look at the rows; a migration of its own checks them, and nobody waits for it"),
        here: Here::Edits(edits),
        later,
        undo: None,
        moved: Some(moved),
    })
}

/// UNIQUE of the column: its index is built CONCURRENTLY in the next migration, and the constraint
/// takes it over in the one after that.
pub fn unique(case: &Case<'_>, column: &ColumnDef) -> Option<Proposal> {
    let by_hand = "add the column without the key first; then build a unique index CONCURRENTLY, and add the key USING INDEX";
    let Some(constraint) = column.constraints.iter().find(|one| one.body.kind() == ConstraintKind::Unique) else { return refusal(by_hand) };
    let ConstraintBody::Unique(definition) = &constraint.body else { return refusal(by_hand) };
    if case.target.engine != Engine::Postgres || definition.tablespace.is_some() {
        return refusal(by_hand);
    }
    if let Some(why) = unreachable(case) {
        return refusal(why);
    }
    let Some((name, words)) = name(case, column, constraint) else { return refusal("give the constraint a name") };
    rewrite(key::taken_over(case, definition, constraint, "UNIQUE", (&name, &words), Here::Edits(vec![without(case, constraint)])))
}

fn unreachable(case: &Case<'_>) -> Option<&'static str> {
    let Action::AddColumn { if_not_exists, .. } = &case.change.action else { return Some("it is no new column") };
    match (case.change.conditional, *if_not_exists) {
        (true, _) => Some("it stands in a block: take it out of there first"),
        // Where the column is there already the server passes over its constraints, too.
        (_, true) => Some("IF NOT EXISTS passes over the constraint as well: take it off, or add the constraint by itself"),
        (false, false) => None,
    }
}

/// The constraint with the blank in front of it.
fn without(case: &Case<'_>, constraint: &ConstraintDef) -> Edit {
    let before = case.text.get(..constraint.span.start as usize).unwrap_or_default();
    let start = u32::try_from(before.trim_end().len()).unwrap_or(constraint.span.start);
    Edit::replace(Span::new(start, end(case, constraint)), "")
}

/// Where the constraint ends, with the words behind it that say when it is checked.
fn end(case: &Case<'_>, constraint: &ConstraintDef) -> u32 {
    let start = constraint.span.end;
    let rest = case.words(Span::new(start, case.change.span.end.max(start)));
    let (mut read, mut end) = (0, 0);
    for piece in rest.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        match word.to_ascii_uppercase().as_str() {
            "DEFERRABLE" | "INITIALLY" | "DEFERRED" | "IMMEDIATE" => end = read + word.len(),
            // NOT DEFERRABLE; NOT NULL is no part of it.
            "" | "NOT" => {}
            _ => break,
        }
        read += piece.len();
    }
    start + u32::try_from(end).unwrap_or(0)
}

/// What is demanded, as a constraint of the table would say it.
fn demand(case: &Case<'_>, column: &ColumnDef, constraint: &ConstraintDef) -> String {
    let start = constraint.name.as_ref().map_or(constraint.span.start, |name| name.span.end);
    let words = case.words(Span::new(start, end(case, constraint))).trim();
    match constraint.body.kind() {
        ConstraintKind::ForeignKey => format!("FOREIGN KEY ({}) {words}", case.words(column.name.span)),
        _ => words.to_owned(),
    }
}

/// The name written, or the one the server makes up.
fn name(case: &Case<'_>, column: &ColumnDef, constraint: &ConstraintDef) -> Option<(String, String)> {
    if let Some(name) = &constraint.name {
        return Some((name.value.clone(), case.words(name.span).to_owned()));
    }
    let kind = constraint.body.kind();
    let alike = |other: &&ConstraintDef| other.body.kind() == kind;
    let number =
        column.constraints.iter().filter(alike).filter(|other| other.name.is_none()).position(|other| std::ptr::eq(other, constraint))?;
    let after = case.after();
    let table = after.table(case.change.table.as_ref()?)?;
    let is_old = |name: &str| case.table().is_some_and(|table| table.constraint(name).is_some());
    let is_written = |name: &str| column.constraints.iter().any(|other| other.name.as_ref().is_some_and(|written| written.is(name)));
    let of_column = |columns: &[String]| columns.iter().all(|one| column.name.is(one));
    let mut new = table
        .constraints
        .iter()
        .filter(|one| one.kind == kind && one.inline && of_column(&one.columns) && !is_old(&one.name) && !is_written(&one.name));
    new.nth(number).map(|one| (one.name.clone(), case.quoted(&one.name))).filter(|(name, _)| !name.is_empty())
}
