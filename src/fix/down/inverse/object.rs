//! Views, types, sequences, routines, triggers and other objects.

use super::{Inverse, Scene};
use crate::change::{Action, Change, ObjectKind, ObjectName, RoutineKind};
use crate::engine::Engine;
use crate::fix::down::definitions::name_of;

pub fn invert(scene: &Scene<'_>, change: &Change) -> Option<Inverse> {
    let words = |name: &ObjectName| scene.words(name.span());
    let table = || scene.table_words(change);
    Some(match &change.action {
        Action::CreateView(view) => {
            let kind = if view.materialized { ObjectKind::MaterializedView } else { ObjectKind::View };
            match (scene.before.view(&view.name), view.if_not_exists) {
                (Some(_), true) => Inverse::nothing(),
                (Some(_), false) => again(scene, change, kind, &view.name, true),
                (None, _) => Inverse::run(format!("DROP {} {};", key_words(kind), words(&view.name))),
            }
        }
        Action::CreateSequence(sequence) => match scene.before.sequence(&sequence.name) {
            Some(_) => Inverse::nothing(),
            None => Inverse::run(format!("DROP SEQUENCE {};", words(&sequence.name))),
        },
        Action::CreateEnum(made) => Inverse::run(format!("DROP TYPE {};", words(&made.name))),
        Action::CreateType { name, .. } => Inverse::run(format!("DROP TYPE {};", words(name))),
        Action::CreateDomain(made) => Inverse::run(format!("DROP DOMAIN {};", words(&made.name))),
        Action::AddEnumValue { value, .. } => Inverse::impossible(format!("an enum keeps its labels: '{value}' cannot be taken out again")),
        Action::RenameEnumValue { name, from, to } => {
            let text = |value: &str| format!("'{}'", value.replace('\'', "''"));
            Inverse::run(format!("ALTER TYPE {} RENAME VALUE {} TO {};", words(name), text(to), text(from)))
        }
        Action::CreateRoutine(routine) => {
            let kind = match routine.kind {
                RoutineKind::Function => ObjectKind::Function,
                RoutineKind::Procedure => ObjectKind::Procedure,
            };
            match (scene.before.routine(&routine.name), routine.if_not_exists) {
                (Some(_), true) => Inverse::nothing(),
                (Some(_), false) => again(scene, change, kind, &routine.name, true),
                (None, _) => Inverse::run(format!("DROP {} {};", key_words(kind), words(&routine.name))),
            }
        }
        Action::CreateTrigger(trigger) => {
            let there = scene.old(change).is_some_and(|table| table.trigger(&trigger.name.name.value).is_some());
            match (there, trigger.if_not_exists) {
                (true, true) => Inverse::nothing(),
                (true, false) => again(scene, change, ObjectKind::Trigger, &trigger.name, true),
                (false, _) => Inverse::run(drop_trigger(scene, change, words(&trigger.name))),
            }
        }
        Action::CreateRule(rule) if !rule.or_replace => Inverse::run(format!("DROP RULE {} ON {};", scene.words(rule.name.span), table())),
        Action::CreatePolicy(policy) => Inverse::run(format!("DROP POLICY {} ON {};", scene.words(policy.name.span), table())),
        Action::CreateSchema { name: Some(name), .. } => match scene.before.schemas.contains_key(&name.value) {
            true => Inverse::nothing(),
            false => Inverse::run(format!("DROP SCHEMA {};", scene.words(name.span))),
        },
        Action::CreateExtension { name, .. } => match scene.before.extensions.contains_key(&name.value) {
            true => Inverse::nothing(),
            false => Inverse::run(format!("DROP EXTENSION {};", scene.words(name.span))),
        },
        Action::CreateObject { kind, name, or_replace: false, if_not_exists: false, .. } if *kind != ObjectKind::Other => {
            Inverse::run(format!("DROP {} {};", key_words(*kind), words(name)))
        }
        Action::DropObject { kind: ObjectKind::View | ObjectKind::MaterializedView, name, if_exists: true, .. }
            if scene.is_absent(name) =>
        {
            Inverse::nothing()
        }
        Action::DropObject { kind, name, .. } => match kind {
            ObjectKind::Schema => Inverse::run(format!("CREATE SCHEMA {};", words(name))),
            ObjectKind::Extension => Inverse::run(format!("CREATE EXTENSION {};", words(name))),
            kind => again(scene, change, *kind, name, false),
        },
        Action::RenameObject { kind, name, to, .. } if *kind != ObjectKind::Other => {
            let schema = name.schema.as_ref().map(|schema| format!("{}.", scene.words(schema.span))).unwrap_or_default();
            let new = format!("{schema}{}", scene.words(to.name.span));
            let (kind, old) = (key_words(*kind), scene.words(name.name.span));
            match kind {
                "TRIGGER" | "POLICY" | "RULE" => Inverse::run(format!("ALTER {kind} {new} ON {} RENAME TO {old};", table())),
                _ => Inverse::run(format!("ALTER {kind} {new} RENAME TO {old};")),
            }
        }
        _ => return None,
    })
}

/// What the history last wrote under this name, once more. `over`: it takes the place of what is
/// there now.
fn again(scene: &Scene<'_>, change: &Change, kind: ObjectKind, name: &ObjectName, over: bool) -> Inverse {
    let Some(text) = scene.definitions.find(kind, &name_of(kind, name, change)) else {
        return Inverse::impossible(format!("the history does not tell how it was made: {}", scene.said(change)));
    };
    let create = format!("{};", text.trim().trim_end_matches(';'));
    if !over {
        return Inverse::run(create);
    }
    // The old definition may not take the new one's place in one step: other columns, another result.
    let drop = match kind {
        ObjectKind::Trigger => drop_trigger(scene, change, scene.words(name.span())),
        kind => format!("DROP {} {};", key_words(kind), scene.words(name.span())),
    };
    let routine = matches!(kind, ObjectKind::Function | ObjectKind::Procedure);
    if routine && scene.target().engine == Engine::Postgres {
        return Inverse::run(replacing(&create));
    }
    Inverse::all(vec![drop, create])
}

/// CREATE as CREATE OR REPLACE: triggers and defaults may use the function.
fn replacing(create: &str) -> String {
    let rest = create.get("CREATE".len()..).unwrap_or_default();
    if rest.trim_start().to_ascii_uppercase().starts_with("OR REPLACE") { create.to_owned() } else { format!("CREATE OR REPLACE{rest}") }
}

fn drop_trigger(scene: &Scene<'_>, change: &Change, name: &str) -> String {
    match scene.target().engine {
        Engine::Postgres => format!("DROP TRIGGER {name} ON {};", scene.table_words(change)),
        Engine::Mysql | Engine::Mariadb | Engine::Sqlite => format!("DROP TRIGGER {name};"),
    }
}

fn key_words(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Table => "TABLE",
        ObjectKind::View => "VIEW",
        ObjectKind::MaterializedView => "MATERIALIZED VIEW",
        ObjectKind::Index => "INDEX",
        ObjectKind::Sequence => "SEQUENCE",
        ObjectKind::Type => "TYPE",
        ObjectKind::Domain => "DOMAIN",
        ObjectKind::Function => "FUNCTION",
        ObjectKind::Procedure => "PROCEDURE",
        ObjectKind::Aggregate => "AGGREGATE",
        ObjectKind::Trigger => "TRIGGER",
        ObjectKind::EventTrigger => "EVENT TRIGGER",
        ObjectKind::Rule => "RULE",
        ObjectKind::Policy => "POLICY",
        ObjectKind::Schema => "SCHEMA",
        ObjectKind::Database => "DATABASE",
        ObjectKind::Extension => "EXTENSION",
        ObjectKind::Role => "ROLE",
        ObjectKind::Publication => "PUBLICATION",
        ObjectKind::Subscription => "SUBSCRIPTION",
        ObjectKind::Statistics => "STATISTICS",
        ObjectKind::ForeignTable => "FOREIGN TABLE",
        ObjectKind::Server => "SERVER",
        ObjectKind::Tablespace => "TABLESPACE",
        ObjectKind::Collation => "COLLATION",
        ObjectKind::Event => "EVENT",
        ObjectKind::Constraint => "CONSTRAINT",
        ObjectKind::Column => "COLUMN",
        ObjectKind::Other => "",
    }
}
