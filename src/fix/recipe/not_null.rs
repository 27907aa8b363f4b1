//! SET NOT NULL: proven by a constraint that was checked while nobody waited.

use super::{Case, Here, Later, Moved, Proposal, Rewrite, Undo, What, refusal, rewrite};
use crate::change::Action;
use crate::fix::edit::Edit;

/// A CHECK that binds new rows here; the next migration validates it, sets NOT NULL without a scan,
/// and drops it. From PostgreSQL 18 on NOT NULL itself can be NOT VALID.
pub fn prove_first(case: &Case<'_>) -> Option<Proposal> {
    let Action::SetNotNull { column } = &case.change.action else { return None };
    if !case.target.at_least(12, 0, 0) {
        return refusal("before PostgreSQL 12 SET NOT NULL reads the table whatever was proven: keep a validated CHECK in its place");
    }
    if case.change.conditional {
        return refusal("it stands in a block: take it out of there first");
    }
    let (table, words) = (case.table_words(), case.words(column.span));
    let named = format!("{}_{}_not_null", case.table_name(), column.value);
    let name = case.proof(&column.value);
    let native = case.has_not_null_constraints();
    let moved = Moved {
        tables: vec![case.table_name().to_lowercase()],
        names: Vec::new(),
        columns: vec![column.value.to_lowercase()],
        what: if native { What::Check } else { What::Promise },
    };
    let validate = format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name};");
    if native {
        return rewrite(Rewrite {
            title: format!("`{}` is made NOT NULL for new rows; a migration of its own checks the old ones", column.value),
            here: Here::Edits(vec![Edit::replace(case.change.span, format!("ADD CONSTRAINT {name} NOT NULL {words} NOT VALID"))]),
            later: vec![Later { name: format!("validate_{named}"), up: vec![validate], joins: true, ..Later::default() }],
            undo: None,
            moved: Some(moved),
        });
    }
    let check = format!("ADD CONSTRAINT {name} CHECK ({words} IS NOT NULL) NOT VALID");
    let drop = format!("DROP CONSTRAINT {name}");
    let later = Later {
        name: format!("set_{named}"),
        up: vec![
            validate,
            format!("ALTER TABLE {table} ALTER COLUMN {words} SET NOT NULL;"),
            // In a statement of its own: in the same ALTER TABLE the proof would count as dropped.
            format!("ALTER TABLE {table} {drop};"),
        ],
        down: vec![format!("ALTER TABLE {table} {check};"), format!("ALTER TABLE {table} ALTER COLUMN {words} DROP NOT NULL;")],
        ..Later::default()
    };
    rewrite(Rewrite {
        title: format!("`{}` is proven by a CHECK that is validated while nobody waits; SET NOT NULL then reads nothing", column.value),
        here: Here::Edits(vec![Edit::replace(case.change.span, check)]),
        later: vec![later],
        undo: Some(Undo::NotNull { table: case.table_name().to_lowercase(), column: column.value.to_lowercase(), clause: drop }),
        moved: Some(moved),
    })
}
