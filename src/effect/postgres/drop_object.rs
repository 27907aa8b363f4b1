//! DROP of everything but tables and indexes.

use super::depend::{self, Dependent};
use super::drop as removal;

use super::object::{on_partitions, part_exists, table_of};
use super::outcome::Outcome;
use super::scene::{Relation, Scene};
use super::schema;
use crate::catalog::{Catalog, Key, Routine, Table};
use crate::change::{Action, Change, DataType, ObjectKind, ObjectName};
use crate::effect::{BreakageKind, FailureCause, LockMode, LossKind, Truth};

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
        ObjectKind::Type | ObjectKind::Domain => drop_type(scene, kind, name, if_exists, cascade, out),
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
                Relation::Table(table) if kind == ObjectKind::Rule => {
                    table.rules.iter().any(|rule| rule.name == name.name.value) || !table.complete
                }
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
        ObjectKind::Schema => schema::drop(scene, &name.name.value, if_exists, cascade, out),
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
            let mut users = depend::on(scene, &sequence.key.name, |words| depend::advances(words, &sequence.key));
            if let Some((owner, column)) = &sequence.owned_by
                && let Some(table) = scene.table_at(owner)
                && !users.iter().any(|user| matches!(user, Dependent::Default(user, name) if user.key == table.key && name == column))
                && let Some(known) = table.columns.iter().find(|known| {
                    known.name == *column
                        && (known.identity.is_some()
                            || known.data_type.as_ref().is_some_and(DataType::is_serial)
                            || known.default.as_ref().is_some_and(|default| default.expression.text.to_lowercase().contains("nextval")))
                })
            {
                users.push(Dependent::Default(table, &known.name));
            }
            depend::goes(scene, &format!("sequence {}", sequence.key), &users, Truth::Yes, cascade, out);
        }
        Some(_) => out.refuse("42809", format!("\"{name}\" is not a sequence")),
        None if if_exists => {}
        None => out.fail("42P01", format!("sequence \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name)),
    }
}

fn drop_type(scene: Scene<'_>, kind: ObjectKind, name: &ObjectName, if_exists: bool, cascade: bool, out: &mut Outcome) {
    let key = scene.catalog.resolve_type(name);
    let catalog = scene.catalog;
    if !(catalog.enums.contains_key(&key) || catalog.domains.contains_key(&key) || catalog.types.contains_key(&key)) {
        if let Some(Relation::Table(table)) = scene.relation(name) {
            out.refuse("2BP01", format!("the table {} requires its own type", table.key));
        } else if !if_exists {
            super::type_name::missing(scene, name, out);
        }
        return;
    }
    super::object::composite(scene, name, out);
    if kind == ObjectKind::Domain && !catalog.domains.contains_key(&key) {
        out.refuse("42809", format!("\"{name}\" is not a domain"));
        return;
    }
    type_goes(scene, &key, cascade, out);
}

/// What is of a type, casts to it, takes it or is made over it.
pub(super) fn type_goes(scene: Scene<'_>, key: &Key, cascade: bool, out: &mut Outcome) {
    let catalog = scene.catalog;
    let users = super::domain::users(scene, key);
    removal::column_types(scene, &format!("type {key}"), &users, cascade, out);
    for table in catalog.tables.values().filter(|table| table.of_type.as_ref() == Some(key)) {
        if cascade {
            removal::table_goes(scene, table, std::slice::from_ref(&table.key), true, out);
            out.lose(LossKind::Table, table.key.to_string(), Truth::Yes);
        } else {
            removal::blocked(&format!("type {key}"), &format!("table {}", table.key), Truth::Yes, out);
        }
    }
    let casts = depend::on(scene, &key.name, |words| depend::casts(words, key));
    depend::goes(scene, &format!("type {key}"), &casts, Truth::Yes, cascade, out);
    if !cascade {
        let takes = |routine: &&Routine| {
            let named = |data_type: &DataType| data_type.name == *key.name && catalog.resolve_type(&Catalog::type_name(data_type)) == *key;
            routine.returns.iter().any(named) || routine.parameters.iter().filter_map(|one| one.data_type.as_ref()).any(named)
        };
        let mut all =
            catalog.routines.values().flat_map(|one| std::iter::once(one.as_ref()).chain(one.overloads.iter().map(AsRef::as_ref)));
        if let Some(routine) = all.find(takes) {
            removal::blocked(&format!("type {key}"), &format!("function {}", routine.key), Truth::Yes, out);
        }
        if let Some(domain) = catalog
            .domains
            .values()
            .find(|domain| domain.base.name == *key.name && catalog.resolve_type(&Catalog::type_name(&domain.base)) == *key)
        {
            removal::blocked(&format!("type {key}"), &format!("type {}", domain.key), Truth::Yes, out);
        }
    }
}

fn drop_routine(scene: Scene<'_>, change: &Change, name: &ObjectName, (if_exists, cascade): (bool, bool), out: &mut Outcome) {
    let key = scene.catalog.resolve_routine(name);
    let (wanted, types) = match &change.action {
        Action::DropObject { arguments, types, .. } => (*arguments, types.as_deref()),
        _ => (None, None),
    };
    let takes = |known: &Routine| {
        wanted.is_none_or(|wanted| (known.required..=known.arguments).contains(&wanted))
            && !types.is_some_and(|types| known.takes_others_than(types))
    };
    let known = scene.catalog.routines.get(&key);
    if !known.is_some_and(|known| takes(known) || known.overloads.iter().any(|other| takes(other))) {
        if !if_exists {
            let certain = if scene.catalog.open_world || scene.catalog.routines.is_empty() { Truth::Unknown } else { Truth::Yes };
            out.fail("42883", format!("function \"{name}\" does not exist"), FailureCause::Schema, certain);
        }
        return;
    }
    let kind = match &change.action {
        Action::DropObject { kind, .. } => *kind,
        _ => ObjectKind::Function,
    };
    let verb = scene.statement.verb.as_str();
    let procedure = known.filter(|known| known.overloads.is_empty()).map(|known| known.is_procedure);
    if procedure.is_some_and(|procedure| match kind {
        ObjectKind::Procedure => !procedure,
        ObjectKind::Function => procedure && verb == "DROP FUNCTION",
        _ => false,
    }) && verb != "DROP ROUTINE"
    {
        out.refuse("42809", format!("\"{name}\" is not a {}", if kind == ObjectKind::Procedure { "procedure" } else { "function" }));
        return;
    }
    routine_goes(scene, &key, cascade, out);
    out.break_client(BreakageKind::Name, key.to_string(), "the function is gone", Truth::Unknown);
}

/// What calls a function, and the triggers that run it.
pub(super) fn routine_goes(scene: Scene<'_>, key: &Key, cascade: bool, out: &mut Outcome) {
    let users = depend::on(scene, &key.name, |words| depend::calls(words, key));
    // Which of several of a name is called, the types of the arguments decide; and the server's own come first.
    let known = scene.catalog.routines.get(key);
    let one = known.is_some_and(|known| known.overloads.is_empty()) && !super::volatility::is_builtin(&key.name);
    depend::goes(scene, &format!("function {key}"), &users, if one { Truth::Yes } else { Truth::Unknown }, cascade, out);
    for view in scene.catalog.views.values() {
        for trigger in view.triggers.iter().filter(|trigger| trigger.function.as_ref() == Some(key)) {
            if cascade {
                out.lock_view(view, LockMode::AccessExclusive);
            } else {
                out.refuse("2BP01", format!("trigger {} of {} depends on function {key}", trigger.name, view.key));
            }
        }
    }
    for table in scene.catalog.tables.values() {
        for trigger in table.triggers.iter().filter(|trigger| trigger.function.as_ref() == Some(key)) {
            if cascade {
                out.lock(table, LockMode::AccessExclusive);
            } else {
                out.refuse("2BP01", format!("trigger {} of {} depends on function {key}", trigger.name, table.key));
            }
        }
    }
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
