//! Constraints: added without a look at the rows, checked in a migration of their own.

use super::{Case, Here, Later, Moved, Proposal, Rewrite, What, inline, refusal, rewrite};
use crate::change::{Action, ConstraintBody, ConstraintDef, Expression};
use crate::engine::Engine;
use crate::fix::edit::Edit;

/// `NOT VALID` here, VALIDATE in the next migration.
pub fn add_unchecked(case: &Case<'_>) -> Option<Proposal> {
    let constraint = match &case.change.action {
        Action::AddConstraint(constraint) if !constraint.inline => constraint,
        Action::AddColumn { column, .. } => return inline::unchecked(case, column),
        _ => return None,
    };
    let knows_not_valid = match &constraint.body {
        ConstraintBody::Check(_) | ConstraintBody::ForeignKey(_) => true,
        // PostgreSQL 18.
        ConstraintBody::NotNull { .. } => case.has_not_null_constraints(),
        ConstraintBody::PrimaryKey(_) => {
            return refusal("prove NOT NULL first: CHECK (column IS NOT NULL) NOT VALID, and VALIDATE in a migration of its own");
        }
        ConstraintBody::Unique(_) | ConstraintBody::Exclusion(_) => false,
    };
    if !knows_not_valid || constraint.not_valid.is_some() {
        return None;
    }
    match case.target.engine {
        Engine::Postgres => {}
        Engine::Mysql | Engine::Mariadb => {
            return refusal("this engine has no NOT VALID: let gh-ost or pt-online-schema-change copy in the background");
        }
        Engine::Sqlite => return None,
    }
    if case.change.conditional {
        return refusal("it stands in a block: write NOT VALID there, and VALIDATE in the next migration");
    }
    let mut edits = vec![Edit::insert(constraint.span.end, " NOT VALID")];
    let (name, words) = match &constraint.name {
        Some(name) => (name.value.clone(), case.words(name.span).to_owned()),
        None => {
            let name = made_up(case, constraint)?;
            let words = case.quoted(&name);
            // The next migration needs the name, so it is not left to the server.
            edits.push(Edit::insert(constraint.span.start, format!("CONSTRAINT {words} ")));
            (name, words)
        }
    };
    rewrite(Rewrite {
        title: format!("`{name}` is added NOT VALID; a migration of its own checks the rows that are there, and nobody waits for it"),
        here: Here::Edits(edits),
        later: vec![validation(case, &name, &words)],
        undo: None,
        moved: Some(moved(case, &name, mentioned(&constraint.body))),
    })
}

/// VALIDATE goes into the next migration, where the lock of ADD CONSTRAINT is long gone.
pub fn move_out(case: &Case<'_>) -> Option<Proposal> {
    let Action::ValidateConstraint { name } = &case.change.action else { return None };
    if case.change.conditional {
        return refusal("it stands in a block: move it to the next migration by hand");
    }
    let there = case.table().and_then(|table| table.constraint(&name.value));
    let proven = there.and_then(|one| one.expression.as_ref()).map(words_of).unwrap_or_default();
    rewrite(Rewrite {
        title: format!("`{}` is validated in a migration of its own, after the lock of ADD CONSTRAINT is gone", name.value),
        here: Here::Leaves,
        later: vec![validation(case, &name.value, case.words(name.span))],
        undo: None,
        moved: Some(moved(case, &name.value, proven)),
    })
}

pub(super) fn validation(case: &Case<'_>, name: &str, words: &str) -> Later {
    let table = case.table_name();
    let about = if name.starts_with(&table) { name.to_owned() } else { format!("{table}_{name}") };
    Later {
        name: format!("validate_{about}"),
        up: vec![format!("ALTER TABLE {} VALIDATE CONSTRAINT {words};", case.table_words())],
        joins: true,
        ..Later::default()
    }
}

pub(super) fn moved(case: &Case<'_>, name: &str, columns: Vec<String>) -> Moved {
    Moved { tables: vec![case.table_name().to_lowercase()], names: vec![name.to_lowercase()], columns, what: What::Check }
}

/// What a condition may say something about.
fn mentioned(body: &ConstraintBody) -> Vec<String> {
    match body {
        ConstraintBody::Check(check) => words_of(&check.expression),
        ConstraintBody::NotNull { column } => vec![column.value.to_lowercase()],
        ConstraintBody::ForeignKey(_) | ConstraintBody::PrimaryKey(_) | ConstraintBody::Unique(_) | ConstraintBody::Exclusion(_) => {
            Vec::new()
        }
    }
}

fn words_of(expression: &Expression) -> Vec<String> {
    expression.names().map(str::to_lowercase).collect()
}

/// The name the server would give it.
fn made_up(case: &Case<'_>, constraint: &ConstraintDef) -> Option<String> {
    let kind = constraint.body.kind();
    let unnamed: Vec<&ConstraintDef> = case
        .statement
        .changes
        .iter()
        .filter_map(|change| match &change.action {
            Action::AddConstraint(other) if other.name.is_none() && other.body.kind() == kind => Some(other.as_ref()),
            _ => None,
        })
        .collect();
    let number = unnamed.iter().position(|other| other.span == constraint.span)?;
    let after = case.after();
    let table = after.table(case.change.table.as_ref()?)?;
    let is_old = |name: &str| case.table().is_some_and(|table| table.constraint(name).is_some());
    let is_written = |name: &str| {
        case.statement.changes.iter().any(|change| match &change.action {
            Action::AddConstraint(other) => other.name.as_ref().is_some_and(|written| written.is(name)),
            _ => false,
        })
    };
    let mut new = table.constraints.iter().filter(|one| one.kind == kind && !is_old(&one.name) && !is_written(&one.name));
    new.nth(number).map(|one| one.name.clone()).filter(|name| !name.is_empty())
}
