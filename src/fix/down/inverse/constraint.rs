//! Constraints and indexes.

use super::{Inverse, Scene};
use crate::catalog::{Constraint, Index, Table};
use crate::change::{Action, Change, ConstraintKind};
use crate::engine::Engine;
use crate::fix::down::{constraint, index};
use crate::fix::words;
use crate::sql::quoted;

pub fn invert(scene: &Scene<'_>, change: &Change) -> Option<Inverse> {
    Some(match &change.action {
        Action::AddConstraint(_) => added(scene, change),
        Action::DropConstraint { .. } => dropped(scene, change),
        Action::RenameConstraint { from, to } => {
            scene.alter(change, &format!("RENAME CONSTRAINT {} TO {}", scene.words(to.span), scene.words(from.span)))
        }
        Action::CreateIndex(made) => {
            let Some(table) = scene.made(change) else { return Some(unknown(scene, change)) };
            let old = scene.old(change);
            let written = made.name.as_ref().map(|name| name.name.value.as_str());
            if written.is_some_and(|name| old.is_some_and(|old| old.index(name).is_some())) {
                return Some(Inverse::nothing());
            }
            let new = |one: &&Index| {
                old.is_none_or(|old| old.index(&one.name).is_none()) && written.is_none_or(|name| one.name.eq_ignore_ascii_case(name))
            };
            let Some(new) = table.indexes.iter().find(new) else { return Some(unknown(scene, change)) };
            Inverse::run(drop_index(scene, table, &new.name, made.concurrently.is_some()))
        }
        Action::DropIndex(gone) => match scene.before.index(change.table.as_ref(), &gone.name) {
            Some((table, old)) => match index::create(table, old, scene.target()) {
                Some(create) if gone.concurrently.is_some() && scene.outside => {
                    Inverse::run(create.replacen("INDEX ", "INDEX CONCURRENTLY ", 1))
                }
                Some(create) => Inverse::run(create),
                None => unknown(scene, change),
            },
            None => unknown(scene, change),
        },
        Action::RenameIndex { from, to, .. } => {
            let (old, new) = (scene.words(from.name.span), scene.words(to.span));
            if scene.target().engine.is_mysql_family() {
                return Some(scene.alter(change, &format!("RENAME INDEX {new} TO {old}")));
            }
            let schema = from.schema.as_ref().map(|schema| format!("{}.", scene.words(schema.span))).unwrap_or_default();
            Inverse::run(format!("ALTER INDEX {schema}{new} RENAME TO {old};"))
        }
        Action::SetIndexVisibility { index, visible } => {
            let word = match (scene.target().engine, visible) {
                (Engine::Mariadb, true) => "IGNORED",
                (Engine::Mariadb, false) => "NOT IGNORED",
                (_, true) => "INVISIBLE",
                (_, false) => "VISIBLE",
            };
            scene.alter(change, &format!("ALTER INDEX {} {word}", scene.words(index.span)))
        }
        _ => return None,
    })
}

fn unknown(scene: &Scene<'_>, change: &Change) -> Inverse {
    Inverse::impossible(format!("the history does not know it: {}", scene.said(change)))
}

fn drop_index(scene: &Scene<'_>, table: &Table, name: &str, concurrently: bool) -> String {
    let target = scene.target();
    if target.engine.is_mysql_family() {
        return format!("DROP INDEX {} ON {};", quoted(name, target), words::key(&table.key, target));
    }
    let word = if concurrently && scene.outside { "CONCURRENTLY " } else { "" };
    format!("DROP INDEX {word}{};", words::within(&table.key.schema, name, target))
}

/// The constraints that the statement made, and what came with them.
fn added(scene: &Scene<'_>, change: &Change) -> Inverse {
    let (Some(new), target) = (scene.made(change), scene.target()) else { return unknown(scene, change) };
    let old = scene.old(change);
    let Action::AddConstraint(written) = &change.action else { return Inverse::nothing() };
    let kind = written.body.kind();
    let is_new = |one: &&Constraint| {
        let named = written.name.as_ref().is_none_or(|name| name.is(&one.name) || one.kind == ConstraintKind::PrimaryKey);
        one.kind == kind && named && old.is_none_or(|old| old.constraint(&one.name).is_none())
    };
    let Some(one) = new.constraints.iter().find(is_new) else {
        return if old.is_some_and(|old| old.constraints == new.constraints) { Inverse::nothing() } else { unknown(scene, change) };
    };
    let Some(clause) = constraint::drop_clause(one, target) else { return unknown(scene, change) };
    let mut inverse = scene.alter(change, &clause);
    // The index that MySQL and MariaDB make for a foreign key stays when the key goes.
    let implied = new.indexes.iter().filter(|index| index.implied && old.is_none_or(|old| old.index(&index.name).is_none()));
    if kind == ConstraintKind::ForeignKey && target.engine.is_mysql_family() {
        inverse.statements.extend(implied.map(|index| drop_index(scene, new, &index.name, false)));
    }
    let Some(old) = old else { return inverse };
    // USING INDEX: the index went into the constraint, and goes with it.
    for index in old.indexes.iter().filter(|index| index.constraint.is_none() && !index.implied) {
        let taken = new.indexes.iter().any(|other| other.constraint.as_ref() == Some(&one.name) && other.keys == index.keys)
            && new.index(&index.name).is_none_or(|other| other.constraint.is_some());
        if taken {
            inverse.statements.extend(index::create(old, index, target));
        }
    }
    // A primary key makes its columns NOT NULL, and they stay so without it.
    let made = |name: &String| {
        let not_null = |table: &Table| table.column(name).is_some_and(|column| column.not_null);
        !not_null(old) && not_null(new)
    };
    if kind == ConstraintKind::PrimaryKey && target.engine == Engine::Postgres {
        for column in one.columns.iter().filter(|name| made(name)) {
            inverse.statements.extend(scene.alter(change, &format!("ALTER COLUMN {} DROP NOT NULL", scene.name(column))).statements);
        }
    }
    inverse
}

/// The constraints that the statement dropped, on this table and on those that pointed at it.
fn dropped(scene: &Scene<'_>, change: &Change) -> Inverse {
    let (Some(old), target) = (scene.old(change), scene.target()) else { return unknown(scene, change) };
    let new = scene.made(change);
    let mut inverse = Inverse::default();
    let gone = |one: &&Constraint| new.is_none_or(|new| new.constraint(&one.name).is_none());
    for one in old.constraints.iter().filter(gone) {
        match constraint::definition(old, one, target) {
            Some(definition) => inverse.statements.extend(scene.alter(change, &format!("ADD {definition}")).statements),
            None if one.kind == ConstraintKind::NotNull => {}
            None => return Inverse::impossible(format!("the history does not tell what {} was: {}", one.name, scene.said(change))),
        }
    }
    for (child, key) in scene.before.referencing_foreign_keys(&old.key) {
        let lost = child.key != old.key && scene.after.table_at(&child.key).is_some_and(|child| child.constraint(&key.name).is_none());
        if let Some(definition) = constraint::definition(child, key, target).filter(|_| lost) {
            inverse.statements.push(format!("ALTER TABLE {} ADD {definition};", words::key(&child.key, target)));
        }
    }
    if inverse.statements.is_empty() { unknown(scene, change) } else { inverse }
}
