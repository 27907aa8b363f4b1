//! Unique constraints and primary keys: the index first, where nobody waits.

use super::{Case, Here, Later, Moved, Proposal, Rewrite, Undo, What, inline, refusal, rewrite};
use crate::change::{Action, ConstraintBody, ConstraintDef, Deferral, KeyConstraint};
use crate::fix::edit::{Edit, without_clause};
use crate::migration::OutsideFor;

/// CREATE UNIQUE INDEX CONCURRENTLY in the next migration, the constraint USING INDEX in the one
/// after it. A primary key's nullable columns are proven NOT NULL on the way.
pub fn index_first(case: &Case<'_>) -> Option<Proposal> {
    let constraint = match &case.change.action {
        Action::AddConstraint(constraint) if !constraint.inline => constraint,
        Action::AddColumn { column, .. } => return inline::unique(case, column),
        _ => return None,
    };
    let (key, primary) = match &constraint.body {
        ConstraintBody::PrimaryKey(key) => (key, true),
        ConstraintBody::Unique(key) => (key, false),
        ConstraintBody::Check(_) | ConstraintBody::ForeignKey(_) | ConstraintBody::Exclusion(_) | ConstraintBody::NotNull { .. } => {
            return None;
        }
    };
    if key.using_index.is_some() {
        return None;
    }
    if key.without_overlaps || key.tablespace.is_some() {
        return refusal("a key WITHOUT OVERLAPS or in a tablespace of its own cannot take an index over");
    }
    if case.change.conditional {
        return refusal("it stands in a block: take it out of there first");
    }
    let unproven = if primary { nullable(case, key) } else { Vec::new() };
    if !unproven.is_empty() && !case.target.at_least(12, 0, 0) {
        return refusal("before PostgreSQL 12 NOT NULL cannot be proven without reading the table under a lock");
    }
    let Some((name, words)) = name(case, constraint) else { return refusal("give the constraint a name") };
    if unproven.is_empty() {
        let here = match case.is_alone() {
            true => Here::Leaves,
            false => match without_clause(case.text, case.change.span) {
                Some(edit) => Here::Edits(vec![edit]),
                None => return refusal("take the clause out of its ALTER TABLE first"),
            },
        };
        let kind = if primary { "PRIMARY KEY" } else { "UNIQUE" };
        return rewrite(taken_over(case, key, constraint, kind, (&name, &words), here));
    }
    let table = case.table_words();
    let build = Later {
        name: format!("create_{name}"),
        up: vec![create(case, key, &words)],
        down: vec![format!("DROP INDEX CONCURRENTLY IF EXISTS {}{words};", schema(case))],
        outside: Some(OutsideFor::Concurrently),
        ..Later::default()
    };
    // Every scan goes before the first lock that would be held through the next one.
    let native = case.has_not_null_constraints();
    let (mut up, mut after) = (Vec::new(), Vec::new());
    let mut down = vec![format!("ALTER TABLE {table} DROP CONSTRAINT {words};")];
    let mut checks = Vec::new();
    for (column, check) in unproven.iter().zip(checks_of(case, &unproven)) {
        let column = case.quoted(column);
        up.push(format!("ALTER TABLE {table} VALIDATE CONSTRAINT {check};"));
        if native {
            checks.push(format!("ADD CONSTRAINT {check} NOT NULL {column} NOT VALID"));
            continue;
        }
        let promise = format!("ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID");
        after.push(format!("ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;"));
        after.push(format!("ALTER TABLE {table} DROP CONSTRAINT {check};"));
        down.push(format!("ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL;"));
        down.push(format!("ALTER TABLE {table} {promise};"));
        checks.push(promise);
    }
    up.append(&mut after);
    up.push(format!("ALTER TABLE {table} ADD CONSTRAINT {words} PRIMARY KEY USING INDEX {words}{};", deferral(constraint.deferral)));
    // The index goes with its constraint: the way back of the migration before finds it gone.
    let note = "-- lockgate:ignore-file asymmetric-down: the index goes with its constraint".to_owned();
    let add = Later { name: format!("add_{name}"), up, down, accepts: Some(note), ..Later::default() };
    let dropped: Vec<String> = checks_of(case, &unproven).map(|check| format!("DROP CONSTRAINT {check}")).collect();
    rewrite(Rewrite {
        title: format!("the index of `{name}` is built CONCURRENTLY first, and the constraint takes it over in a moment"),
        // New rows are held to it from now on.
        here: Here::Edits(vec![Edit::replace(case.change.span, checks.join(", "))]),
        later: vec![build, add],
        undo: Some(Undo::Constraint {
            table: case.table_name().to_lowercase(),
            name: name.to_lowercase(),
            clause: Some(dropped.join(", ")),
        }),
        moved: Some(Moved {
            tables: vec![case.table_name().to_lowercase()],
            names: vec![name.to_lowercase()],
            columns: Vec::new(),
            what: What::Promise,
        }),
    })
}

/// A key whose columns need no proof: the index, then the constraint. `name`: what it is called, and
/// how that is written.
pub(super) fn taken_over(
    case: &Case<'_>,
    key: &KeyConstraint,
    constraint: &ConstraintDef,
    kind: &str,
    (name, words): (&str, &str),
    here: Here,
) -> Rewrite {
    let table = case.table_words();
    let build = Later {
        name: format!("create_{name}"),
        up: vec![create(case, key, words)],
        down: vec![format!("DROP INDEX CONCURRENTLY IF EXISTS {}{words};", schema(case))],
        outside: Some(OutsideFor::Concurrently),
        ..Later::default()
    };
    let add = Later {
        name: format!("add_{name}"),
        up: vec![format!("ALTER TABLE {table} ADD CONSTRAINT {words} {kind} USING INDEX {words}{};", deferral(constraint.deferral))],
        down: vec![format!("ALTER TABLE {table} DROP CONSTRAINT {words};")],
        accepts: Some("-- lockgate:ignore-file asymmetric-down: the index goes with its constraint".to_owned()),
        ..Later::default()
    };
    Rewrite {
        title: format!("the index of `{name}` is built CONCURRENTLY first, and the constraint takes it over in a moment"),
        here,
        later: vec![build, add],
        undo: Some(Undo::Constraint { table: case.table_name().to_lowercase(), name: name.to_lowercase(), clause: None }),
        moved: Some(Moved {
            tables: vec![case.table_name().to_lowercase()],
            names: vec![name.to_lowercase()],
            columns: Vec::new(),
            what: What::Promise,
        }),
    }
}

/// The names of the CHECKs that prove columns NOT NULL.
fn checks_of<'c>(case: &'c Case<'_>, columns: &'c [String]) -> impl Iterator<Item = String> + use<'c> {
    columns.iter().map(|column| case.proof(column))
}

/// The key's columns of which nothing says that they hold no NULL.
fn nullable(case: &Case<'_>, key: &KeyConstraint) -> Vec<String> {
    let known = |name: &str| case.table().and_then(|table| table.column(name)).is_some_and(|column| column.not_null);
    key.columns.iter().filter_map(|key| key.column_name()).map(|name| name.value.clone()).filter(|name| !known(name)).collect()
}

/// The constraint's name, and how it is written.
fn name(case: &Case<'_>, constraint: &ConstraintDef) -> Option<(String, String)> {
    if let Some(name) = &constraint.name {
        return Some((name.value.clone(), case.words(name.span).to_owned()));
    }
    let kind = constraint.body.kind();
    let after = case.after();
    let table = after.table(case.change.table.as_ref()?)?;
    let is_old = |name: &str| case.table().is_some_and(|table| table.constraint(name).is_some());
    let mut new = table.constraints.iter().filter(|one| one.kind == kind && !is_old(&one.name));
    let (one, more) = (new.next()?, new.next());
    more.is_none().then(|| (one.name.clone(), case.quoted(&one.name)))
}

fn create(case: &Case<'_>, key: &KeyConstraint, name: &str) -> String {
    let columns: Vec<&str> = key.columns.iter().map(|key| case.words(key.span)).collect();
    let include: Vec<&str> = key.include.iter().map(|column| case.words(column.span)).collect();
    let include = if include.is_empty() { String::new() } else { format!(" INCLUDE ({})", include.join(", ")) };
    let nulls = if key.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
    format!("CREATE UNIQUE INDEX CONCURRENTLY {name} ON {} ({}){include}{nulls};", case.table_words(), columns.join(", "))
}

/// An index lives in its table's schema.
fn schema(case: &Case<'_>) -> String {
    let schema = case.change.table.as_ref().and_then(|table| table.schema.as_ref());
    schema.map(|schema| format!("{}.", case.words(schema.span))).unwrap_or_default()
}

fn deferral(deferral: Deferral) -> &'static str {
    match deferral {
        Deferral::NotDeferrable => "",
        Deferral::Deferrable => " DEFERRABLE",
        Deferral::InitiallyDeferred => " DEFERRABLE INITIALLY DEFERRED",
    }
}
