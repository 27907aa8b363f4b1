//! What goes on to enforce a constraint that is dropped.

use super::Context;
use crate::catalog::{Constraint, ForeignKeyInfo, IndexState, Key, Table};
use crate::change::{Action, Change, ConstraintBody, ConstraintKind, ForeignKey, Ident, IndexKey, IndexPart};

/// Another key or foreign key enforces as much, or what the constraint is about goes too.
pub(super) fn is_covered(cx: &Context<'_>, one: &Constraint) -> bool {
    goes_along(cx, one) || another_key(cx, one) || another_reference(cx, one)
}

/// The table, a column of the constraint or the table it references is dropped further down or in
/// the same statement.
fn goes_along(cx: &Context<'_>, one: &Constraint) -> bool {
    let Some(own) = cx.table() else { return false };
    let parent = one.foreign_key.as_ref().map(|foreign| &foreign.references);
    let uses = |column: &str| {
        one.columns.iter().any(|name| name.eq_ignore_ascii_case(column))
            || one.expression.as_ref().is_some_and(|expression| expression.mentions(column))
    };
    let drops = |change: &Change| {
        let Some(name) = &change.table else { return false };
        match &change.action {
            Action::DropColumn { column, .. } => uses(&column.value) && cx.catalog().resolve(name) == own.key,
            Action::DropTable { .. } => {
                let key = cx.catalog().resolve(name);
                key == own.key || parent == Some(&key)
            }
            _ => false,
        }
    };
    cx.scene.statement.changes.iter().any(drops) || cx.later().any(drops)
}

/// A key on some of its columns stands, or is added in the same statement or further down.
fn another_key(cx: &Context<'_>, one: &Constraint) -> bool {
    if !matches!(one.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique) {
        return false;
    }
    let Some(own) = cx.table() else { return false };
    let has = |column: &str| one.columns.iter().any(|name| name.eq_ignore_ascii_case(column));
    // What is equal in a column is equal in every expression of it: a key over lower(name) allows
    // no name twice.
    let among = |keys: &[IndexKey]| {
        keys.iter().all(|key| match &key.part {
            IndexPart::Column(column) => has(&column.value),
            IndexPart::Expression(expression) => expression.names().next().is_some() && expression.names().all(has),
        })
    };
    let stands = own.indexes.iter().any(|index| {
        index.unique
            && index.state == IndexState::Valid
            && index.predicate.is_none()
            && index.constraint.as_deref() != Some(&one.name)
            && Some(&index.name) != one.index.as_ref()
            && among(&index.keys)
    });
    let added = |change: &Change| {
        if change.table.as_ref().is_none_or(|name| cx.catalog().resolve(name) != own.key) {
            return false;
        }
        match &change.action {
            Action::AddConstraint(added) => match &added.body {
                ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => !key.columns.is_empty() && among(&key.columns),
                ConstraintBody::Check(_)
                | ConstraintBody::ForeignKey(_)
                | ConstraintBody::Exclusion(_)
                | ConstraintBody::NotNull { .. } => false,
            },
            Action::CreateIndex(create) => create.unique && create.predicate.is_none() && among(&create.keys),
            _ => false,
        }
    };
    // A primary key is more than its columns: replication goes by it.
    one.kind == ConstraintKind::Unique && (stands || cx.scene.statement.changes.iter().any(added) || cx.later().any(added))
}

/// A foreign key that demands as much stands, or is added in the same statement or further down: another name,
/// other actions, more columns, or a way over a table that itself points at the one meant.
fn another_reference(cx: &Context<'_>, one: &Constraint) -> bool {
    let (Some(own), Some(old)) = (cx.table(), &one.foreign_key) else { return false };
    let added = |change: &Change| {
        let here = change.table.as_ref().is_some_and(|name| cx.catalog().resolve(name) == own.key);
        let Action::AddConstraint(definition) = &change.action else { return false };
        let ConstraintBody::ForeignKey(new) = &definition.body else { return false };
        here && definition.not_enforced.is_none() && (is_same(cx, one, old, new) || leads_there(cx, own, one, old, new))
    };
    stands(own, one, old) || cx.scene.statement.changes.iter().any(added) || cx.later().any(added)
}

/// A foreign key under another name demands the same already.
fn stands(own: &Table, one: &Constraint, old: &ForeignKeyInfo) -> bool {
    let same = |other: &&Constraint| {
        other.name != one.name
            && other.enforced
            && other.columns == one.columns
            && other.foreign_key.as_ref().is_some_and(|new| {
                new.references == old.references
                    && (new.referenced_columns.is_empty()
                        || old.referenced_columns.is_empty()
                        || new.referenced_columns == old.referenced_columns)
            })
    };
    own.constraints.iter().any(|other| same(&other))
}

/// The same columns point at the same table.
fn is_same(cx: &Context<'_>, one: &Constraint, old: &ForeignKeyInfo, new: &ForeignKey) -> bool {
    let same = |a: &[String], b: &[Ident]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.eq_ignore_ascii_case(&b.value));
    same(&one.columns, &new.columns)
        && cx.catalog().resolve(&new.references) == old.references
        && (new.referenced_columns.is_empty()
            || old.referenced_columns.is_empty()
            || same(&old.referenced_columns, &new.referenced_columns))
}

/// Each of the columns arrives where it pointed at before: at once, or through a foreign key of the
/// table that it points at from now on.
fn leads_there(cx: &Context<'_>, own: &Table, one: &Constraint, old: &ForeignKeyInfo, new: &ForeignKey) -> bool {
    // With MATCH SIMPLE a NULL in any column lets the row pass unchecked.
    let mut further = new.columns.iter().filter(|name| !one.columns.iter().any(|column| name.is(column)));
    if !new.match_full && !further.all(|name| is_set(cx, own, name)) {
        return false;
    }
    let next = cx.catalog().resolve(&new.references);
    let written: Vec<String> = new.referenced_columns.iter().map(|name| name.value.clone()).collect();
    let (there, middle) = (pointed_at(cx, &old.references, &old.referenced_columns), pointed_at(cx, &next, &written));
    let step = |own: &String| new.columns.iter().position(|name| name.is(own)).and_then(|at| middle.get(at));
    let Some(steps) = one.columns.iter().map(step).collect::<Option<Vec<&String>>>() else { return false };
    if steps.len() != there.len() {
        return false;
    }
    if next == old.references {
        return steps.iter().zip(&there).all(|(a, b)| a.eq_ignore_ascii_case(b));
    }
    let Some(table) = cx.catalog().table_at(&next) else { return false };
    table.constraints.iter().any(|key| {
        let Some(info) = key.foreign_key.as_ref().filter(|info| info.references == old.references) else { return false };
        let end = pointed_at(cx, &info.references, &info.referenced_columns);
        let arrives = |(from, to): (&&String, &String)| {
            let at = key.columns.iter().position(|column| column.eq_ignore_ascii_case(from));
            at.and_then(|at| end.get(at)).is_some_and(|end| end.eq_ignore_ascii_case(to))
        };
        key.columns.len() == steps.len() && steps.iter().zip(&there).all(arrives)
    })
}

/// The column is NOT NULL, or becomes so in this migration.
fn is_set(cx: &Context<'_>, own: &Table, name: &Ident) -> bool {
    let sets = |change: &Change| {
        let here = change.table.as_ref().is_some_and(|table| cx.catalog().resolve(table) == own.key);
        here && matches!(&change.action, Action::SetNotNull { column } if column.is(&name.value))
    };
    own.column(&name.value).is_some_and(|column| column.not_null) || cx.scene.statement.changes.iter().any(sets) || cx.later().any(sets)
}

/// The columns that a foreign key points at: those it writes, or the primary key.
fn pointed_at(cx: &Context<'_>, table: &Key, written: &[String]) -> Vec<String> {
    match written {
        [] => cx.catalog().table_at(table).and_then(|table| Some(table.primary_key()?.columns.clone())).unwrap_or_default(),
        _ => written.to_vec(),
    }
}
