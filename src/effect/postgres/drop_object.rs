//! DROP of everything but tables and indexes.

use super::drop as removal;
use super::object::{on_partitions, part_exists, table_of};
use super::outcome::Outcome;
use super::scene::{Relation, Scene};
use super::words::{Word, words};
use crate::catalog::Table;
use crate::change::{Action, Change, DataType, ObjectKind, ObjectName};
use crate::effect::{BreakageKind, FailureCause, LockMode, RelationKind, Truth};

/// Columns whose default calls a function, or advances a sequence, of this name.
fn default_users<'a>(scene: Scene<'a>, name: &str, matches: impl Fn(&[Word]) -> bool) -> Vec<(&'a Table, String)> {
    let mut found = Vec::new();
    for table in scene.catalog.tables.values() {
        for column in &table.columns {
            let expressions = column
                .default
                .iter()
                .map(|default| &default.expression)
                .chain(column.generated.iter().map(|generated| &generated.expression));
            // Nearly no default names it: only those that do are taken apart.
            for expression in expressions.filter(|expression| mentions(&expression.text, name)) {
                if matches(&words(&expression.text)) {
                    found.push((table.as_ref(), column.name.clone()));
                }
            }
        }
    }
    found
}

/// Whether a name stands in a text, in any case. One with quotes in it is written differently there.
fn mentions(text: &str, name: &str) -> bool {
    if text.len() < name.len() {
        return false;
    }
    let (text, name) = (text.as_bytes(), name.as_bytes());
    let Some(first) = name.first().map(u8::to_ascii_lowercase) else { return true };
    let written_otherwise = name.iter().any(|byte| matches!(byte, b'"' | b'\'') || !byte.is_ascii());
    let mut starts = text.iter().enumerate().filter(|(_, byte)| byte.to_ascii_lowercase() == first);
    written_otherwise || starts.any(|(at, _)| text.get(at..at + name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name)))
}

pub(super) fn drop(
    scene: Scene<'_>,
    change: &Change,
    kind: ObjectKind,
    name: &ObjectName,
    if_exists: bool,
    cascade: bool,
    out: &mut Outcome,
) {
    match kind {
        ObjectKind::View | ObjectKind::MaterializedView => removal::view(scene, kind, name, if_exists, cascade, out),
        ObjectKind::Table | ObjectKind::ForeignTable => removal::table(scene, name, if_exists, cascade, out),
        ObjectKind::Sequence => drop_sequence(scene, name, if_exists, cascade, out),
        ObjectKind::Type | ObjectKind::Domain => drop_type(scene, name, if_exists, cascade, out),
        ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Aggregate => {
            drop_routine(scene, change, name, (if_exists, cascade), out)
        }
        ObjectKind::Trigger | ObjectKind::Rule | ObjectKind::Policy => {
            let Some(relation) = change.table.as_ref().and_then(|name| scene.relation(name)) else {
                if !if_exists {
                    let _ = table_of(scene, change, out);
                }
                return;
            };
            let there = if_exists || part_exists(kind, name, relation, out);
            let present = match relation {
                Relation::Table(table) if kind == ObjectKind::Trigger => {
                    table.triggers.iter().any(|it| it.name == name.name.value) || !table.complete
                }
                Relation::Table(table) if kind == ObjectKind::Policy => table.policies.contains(&name.name.value) || !table.complete,
                Relation::Table(table) if kind == ObjectKind::Rule => table.rules.contains(&name.name.value) || !table.complete,
                _ => true,
            };
            if there && present {
                out.lock_relation(relation, LockMode::AccessExclusive);
                on_partitions(scene, kind, relation, out);
            }
        }
        ObjectKind::Publication if !if_exists => {
            super::publication::is_missing(scene, &name.name.value, out);
        }
        ObjectKind::Schema => removal::schema(scene, &name.name.value, if_exists, cascade, out),
        ObjectKind::Extension => drop_extension(scene, &name.name.value, if_exists, cascade, out),
        ObjectKind::Statistics => {
            if scene.at_least(12)
                && let Some(table) = scene.catalog.statistics_owner(name)
            {
                out.lock(table, LockMode::ShareUpdateExclusive);
            }
        }
        ObjectKind::Database => {
            out.forbid_transaction();
            out.fail(
                "3D000",
                format!("database \"{name}\" may not exist"),
                FailureCause::Schema,
                if if_exists { Truth::No } else { Truth::Unknown },
            );
        }
        ObjectKind::Tablespace => out.forbid_transaction(),
        ObjectKind::Subscription => out.effects.transactionality = crate::effect::Transactionality::Unknown,
        _ => {}
    }
}

fn drop_sequence(scene: Scene<'_>, name: &ObjectName, if_exists: bool, cascade: bool, out: &mut Outcome) {
    match scene.relation(name) {
        Some(Relation::Sequence(sequence)) => {
            out.lock_sequence(sequence, LockMode::AccessExclusive);
            let own = sequence.key.name.clone();
            let mut users = default_users(scene, &sequence.key.name, |words| {
                let called = words.iter().any(|word| matches!(word, Word::Name { text, called: true, .. } if text == "nextval"));
                called && words.iter().any(|word| matches!(word, Word::Literal(text) if text.rsplit('.').next().is_some_and(|name| name.trim_matches('"') == own)))
            });
            if let Some((owner, column)) = &sequence.owned_by
                && let Some(table) = scene.table_at(owner)
                && !users.iter().any(|(user, name)| user.key == table.key && name == column)
                && table.columns.iter().any(|known| {
                    known.name == *column
                        && (known.identity.is_some()
                            || known.data_type.as_ref().is_some_and(DataType::is_serial)
                            || known.default.as_ref().is_some_and(|default| default.expression.text.to_lowercase().contains("nextval")))
                })
            {
                users.push((table, column.clone()));
            }
            removal::column_defaults(&format!("sequence {}", sequence.key), &users, cascade, out);
        }
        Some(_) => out.refuse("42809", format!("\"{name}\" is not a sequence")),
        None if if_exists => {}
        None => out.fail("42P01", format!("sequence \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name)),
    }
}

fn drop_type(scene: Scene<'_>, name: &ObjectName, if_exists: bool, cascade: bool, out: &mut Outcome) {
    let key = scene.catalog.resolve_type(name);
    let catalog = scene.catalog;
    if !(catalog.enums.contains_key(&key) || catalog.domains.contains_key(&key) || catalog.types.contains_key(&key)) {
        if !if_exists {
            let certain = if catalog.open_world || catalog.tables.is_empty() { Truth::Unknown } else { Truth::Yes };
            out.fail("42704", format!("type \"{name}\" does not exist"), FailureCause::Schema, certain);
        }
        return;
    }
    if catalog.types.contains_key(&key) {
        out.lock_key(&key, RelationKind::Table, LockMode::AccessExclusive);
    }
    let users = super::domain::users(scene, &key);
    removal::column_types(scene, &format!("type {key}"), &users, cascade, out);
}

fn drop_routine(scene: Scene<'_>, change: &Change, name: &ObjectName, (if_exists, cascade): (bool, bool), out: &mut Outcome) {
    let key = scene.catalog.resolve_routine(name);
    let wanted = match &change.action {
        Action::DropObject { arguments, .. } => *arguments,
        _ => None,
    };
    let takes = |known: &crate::catalog::Routine| wanted.is_none_or(|wanted| (known.required..=known.arguments).contains(&wanted));
    let known = scene.catalog.routines.get(&key);
    if !known.is_some_and(|known| takes(known) || known.overloads.iter().any(|other| takes(other))) {
        if !if_exists {
            let certain = if scene.catalog.open_world || scene.catalog.routines.is_empty() { Truth::Unknown } else { Truth::Yes };
            out.fail("42883", format!("function \"{name}\" does not exist"), FailureCause::Schema, certain);
        }
        return;
    }
    let users = default_users(scene, &key.name, |words| {
        words.iter().any(|word| matches!(word, Word::Name { text, called: true, .. } if *text == key.name))
    });
    removal::column_defaults(&format!("function {key}"), &users, cascade, out);
    for table in scene.catalog.tables.values() {
        for trigger in table.triggers.iter().filter(|trigger| trigger.function.as_ref() == Some(&key)) {
            if cascade {
                out.lock(table, LockMode::AccessExclusive);
            } else {
                out.refuse("2BP01", format!("trigger {} of {} depends on function {key}", trigger.name, table.key));
            }
        }
    }
    out.break_client(BreakageKind::Name, key.to_string(), "the function is gone", Truth::Unknown);
}

/// The types that well-known extensions bring.
pub(super) fn extension_types(name: &str) -> &'static [&'static str] {
    match name {
        "citext" => &["citext"],
        "hstore" => &["hstore"],
        "ltree" => &["ltree", "lquery", "ltxtquery"],
        "postgis" => &["geometry", "geography", "box2d", "box3d"],
        "vector" => &["vector", "halfvec", "sparsevec"],
        _ => &[],
    }
}

fn drop_extension(scene: Scene<'_>, name: &str, if_exists: bool, cascade: bool, out: &mut Outcome) {
    if !scene.catalog.extensions.contains_key(name) && !if_exists {
        let certain =
            if scene.catalog.open_world || name == "plpgsql" || scene.catalog.tables.is_empty() { Truth::Unknown } else { Truth::Yes };
        out.fail("42704", format!("extension \"{name}\" does not exist"), FailureCause::Schema, certain);
        return;
    }
    let brought = extension_types(name);
    let mut users: Vec<(&Table, String)> = Vec::new();
    for table in scene.catalog.tables.values() {
        for column in &table.columns {
            if column.data_type.as_ref().is_some_and(|data_type| brought.contains(&data_type.name.as_str())) {
                users.push((table.as_ref(), column.name.clone()));
            }
        }
    }
    removal::column_types(scene, &format!("extension {name}"), &users, cascade, out);
}
