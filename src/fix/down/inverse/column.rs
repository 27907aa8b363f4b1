//! Columns: added, dropped, renamed, and their properties.

use super::{Inverse, Scene};
use crate::catalog::spell::{data_type, default_clause, definition};
use crate::catalog::{Column, Table};
use crate::change::{Action, Change, ConstraintKind, Ident};
use crate::engine::Engine;

use crate::fix::down::{constraint, index};
use crate::sql::quoted;

pub fn invert(scene: &Scene<'_>, change: &Change) -> Option<Inverse> {
    let word = |name: &Ident| scene.words(name.span);
    let column = |name: &Ident| scene.old(change).and_then(|table| table.column(&name.value));
    let unknown = || Inverse::impossible(format!("the history does not know the column: {}", scene.said(change)));
    Some(match &change.action {
        Action::AddColumn { column: added, .. } => match column(&added.name) {
            Some(_) => Inverse::nothing(),
            None => scene.alter(change, &format!("DROP COLUMN {}", word(&added.name))),
        },
        Action::DropColumn { column: name, .. } => match (scene.old(change), column(name)) {
            (Some(table), Some(old)) => dropped(scene, change, table, old),
            _ => unknown(),
        },
        Action::RenameColumn { from, to, .. } => match column(from) {
            Some(_) => scene.alter(change, &format!("RENAME COLUMN {} TO {}", word(to), word(from))),
            None => unknown(),
        },
        Action::SetType { column: name, .. } => match column(name).and_then(|old| old.data_type.as_ref()) {
            Some(old) => {
                let old = data_type(old, scene.target());
                let name = word(name);
                scene
                    .alter(change, &format!("ALTER COLUMN {name} TYPE {old} USING {name}::{old}"))
                    .but(format!("values that do not fit into {old} any more stop it"))
            }
            None => unknown(),
        },
        Action::ModifyColumn { column: name, definition: new, place, .. } => match (scene.old(change), column(name)) {
            (Some(table), Some(old)) => {
                let Some(definition) = definition(scene.before, table, old) else { return Some(unknown()) };
                let place = place.as_ref().map(|_| place_of(scene, table, old)).unwrap_or_default();
                let clause = if new.name.is(&name.value) {
                    format!("MODIFY COLUMN {definition}{place}")
                } else {
                    format!("CHANGE COLUMN {} {definition}{place}", word(&new.name))
                };
                scene.alter(change, &clause)
            }
            _ => unknown(),
        },
        Action::SetDefault { column: name, .. } | Action::DropDefault { column: name } => match column(name) {
            Some(old) => {
                let clause = match &old.default {
                    Some(default) => format!("SET {}", default_clause(default)),
                    None => "DROP DEFAULT".to_owned(),
                };
                scene.alter(change, &format!("ALTER COLUMN {} {clause}", word(name)))
            }
            None => unknown(),
        },
        Action::SetNotNull { column: name } => match column(name) {
            Some(old) if old.not_null => Inverse::nothing(),
            Some(_) => scene.alter(change, &format!("ALTER COLUMN {} DROP NOT NULL", word(name))),
            None => unknown(),
        },
        Action::DropNotNull { column: name } => match column(name) {
            Some(old) if !old.not_null => Inverse::nothing(),
            Some(_) => scene
                .alter(change, &format!("ALTER COLUMN {} SET NOT NULL", word(name)))
                .but(format!("rows in which {} is NULL by then stop it", name.value)),
            None => unknown(),
        },
        Action::AddIdentity { column: name, .. } => scene.alter(change, &format!("ALTER COLUMN {} DROP IDENTITY", word(name))),
        Action::DropIdentity { column: name, .. } => match column(name).and_then(|old| old.identity.as_ref()) {
            Some(old) => {
                let kind = if old.always { "ALWAYS" } else { "BY DEFAULT" };
                let clause = format!("ALTER COLUMN {} ADD GENERATED {kind} AS IDENTITY", word(name));
                scene.alter(change, &clause).but("its numbers begin at 1 again: set them behind the newest row")
            }
            None => unknown(),
        },
        Action::SetExpression { column: name, .. } => match column(name).and_then(|old| old.generated.as_ref()) {
            Some(old) => scene.alter(change, &format!("ALTER COLUMN {} SET EXPRESSION AS ({})", word(name), old.expression.text.trim())),
            None => unknown(),
        },
        _ => return None,
    })
}

/// The column again, with the keys and indexes that went with it.
fn dropped(scene: &Scene<'_>, change: &Change, table: &Table, old: &Column) -> Inverse {
    let target = scene.target();
    let filled = old.default.is_some() || old.identity.is_some() || old.generated.is_some() || old.auto_increment;
    let refuses = matches!(target.engine, Engine::Postgres | Engine::Sqlite);
    if old.not_null && !filled && refuses {
        return Inverse::impossible(format!("the values of {}.{} are gone, and it was NOT NULL without a default", table.key, old.name));
    }
    if !scene.before.dependent_views_on(&table.key, &old.name).is_empty() {
        return Inverse::impossible(format!("views that use {}.{} went with it", table.key, old.name));
    }
    let Some(definition) = definition(scene.before, table, old) else {
        return Inverse::impossible(format!("the history does not tell what {}.{} was", table.key, old.name));
    };
    let place = if target.engine.is_mysql_family() { place_of(scene, table, old) } else { String::new() };
    let mut inverse = scene.alter(change, &format!("ADD COLUMN {definition}{place}"));
    let new = scene.made(change);
    let gone = |name: &str| new.is_none_or(|new| new.constraint(name).is_none());
    for one in table.constraints_on(&old.name).filter(|one| gone(&one.name)) {
        match constraint::definition(table, one, target) {
            Some(definition) if target.engine != Engine::Sqlite => {
                inverse.statements.extend(scene.alter(change, &format!("ADD {definition}")).statements);
            }
            // A NOT NULL stands in the definition.
            _ if one.kind == ConstraintKind::NotNull => {}
            _ => {
                return Inverse::impossible(format!(
                    "the constraint {} of {} cannot be added to a table that is there",
                    one.name, table.key
                ));
            }
        }
    }
    let lost = |name: &str| new.is_none_or(|new| new.index(name).is_none());
    for one in table.indexes_on(&old.name).filter(|one| one.constraint.is_none() && !one.implied && lost(&one.name)) {
        match index::create(table, one, target) {
            Some(create) => inverse.statements.push(create),
            None => return Inverse::impossible(format!("the history does not tell what the index {} was over", one.name)),
        }
    }
    inverse.but(format!("the values of {}.{} do not come back", table.key, old.name))
}

/// MySQL and MariaDB: where the column stood.
fn place_of(scene: &Scene<'_>, table: &Table, column: &Column) -> String {
    let at = table.columns.iter().position(|other| other.name == column.name);
    let before = at.and_then(|at| at.checked_sub(1)).and_then(|at| table.columns.get(at));
    match before {
        None => " FIRST".to_owned(),
        Some(before) => format!(" AFTER {}", quoted(&before.name, scene.target())),
    }
}
