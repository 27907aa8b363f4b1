//! What goes with a dropped column, constraint or table, and what stands in the way.

use super::outcome::Outcome;
use super::scene::{Relation, Scene, filled};
use crate::catalog::{Constraint, Key, Table, View};
use crate::change::{Action, ConstraintKind, ObjectKind, ObjectName, TriggerEvent};
use crate::effect::{BreakageKind, FailureCause, LockMode, LossKind, Truth};

/// Something depends on what is dropped: refused, unless CASCADE takes it along.
pub(super) fn blocked(what: &str, by: &str, certain: Truth, out: &mut Outcome) {
    if out.names_wrong {
        return;
    }
    out.fail("2BP01", format!("{by} depends on {what}; CASCADE would take it along"), FailureCause::Schema, certain);
}

pub(super) fn column(scene: Scene<'_>, table: &Table, name: &str, cascade: bool, out: &mut Outcome) {
    let what = format!("{}.{name}", table.key);
    for index in table.indexes.iter().filter(|index| index.uses(name)) {
        out.lock_index(table, index, LockMode::AccessExclusive);
    }
    for constraint in table.constraints.iter().filter(|constraint| super::scene::constraint_uses(constraint, name)) {
        constraint_goes(scene, table, constraint, cascade, out);
    }
    for (view, certain) in scene.views_over_column(table, name) {
        if cascade {
            view_goes(scene, view, out);
        } else {
            blocked(&what, &format!("view {}", view.key), certain, out);
        }
    }
    for (routine, certain) in super::routine::holding_on(scene, &table.key, Some(name)) {
        if !cascade {
            blocked(&what, &format!("function {}", routine.key), certain, out);
        }
    }
    for other in &table.columns {
        if other.name != name && other.generated.as_ref().is_some_and(|generated| generated.expression.mentions(name)) {
            // Until 14 the generated column went along unasked.
            if cascade || scene.major < 15 {
                out.lose(LossKind::Column, format!("{}.{}", table.key, other.name), Truth::Yes);
            } else {
                blocked(&what, &format!("generated column {}", other.name), Truth::Yes, out);
            }
        }
    }
    for trigger in &table.triggers {
        let listed = trigger.events.iter().any(|event| match event {
            TriggerEvent::Update(columns) => columns.iter().any(|column| column.value == name),
            TriggerEvent::Insert | TriggerEvent::Delete | TriggerEvent::Truncate => false,
        });
        if (listed || trigger.row_columns.iter().any(|column| column == name)) && !cascade {
            blocked(&what, &format!("trigger {}", trigger.name), Truth::Yes, out);
        }
    }
    if let (false, Some(publication)) = (cascade, super::alter_table::publication_of(table, name)) {
        blocked(&what, &format!("publication {publication}"), Truth::Yes, out);
    }
    for (policy, condition) in &table.policy_conditions {
        if condition.mentions(name) && !cascade {
            blocked(&what, &format!("policy {policy}"), Truth::Yes, out);
        }
    }
    for sequence in scene.owned_sequences(&table.key, Some(name)) {
        out.lock_sequence(sequence, LockMode::AccessExclusive);
    }
}

pub(super) fn constraint(scene: Scene<'_>, table: &Table, constraint: &Constraint, cascade: bool, out: &mut Outcome) {
    constraint_goes(scene, table, constraint, cascade, out);
}

/// The index behind a key goes with it; dropping a foreign key removes triggers on both tables,
/// under ACCESS EXCLUSIVE on both (measured on 10 to 18).
fn constraint_goes(scene: Scene<'_>, table: &Table, constraint: &Constraint, cascade: bool, out: &mut Outcome) {
    match constraint.kind {
        ConstraintKind::ForeignKey => {
            if let Some(parent) = constraint.foreign_key.as_ref().and_then(|key| scene.table_at(&key.references)) {
                out.lock(parent, LockMode::AccessExclusive);
                for member in scene.descendants(parent) {
                    out.lock(member, LockMode::AccessExclusive);
                }
            }
        }
        ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::Exclusion => {
            if let Some(index) = constraint.index.as_ref().and_then(|name| table.indexes.iter().find(|index| index.name == *name)) {
                out.lock_index(table, index, LockMode::AccessExclusive);
                for (member, child) in super::scene::attached(scene, table, index) {
                    out.lock_index(member, child, LockMode::AccessExclusive);
                }
            }
            for (child, reference) in scene.referencing(&table.key) {
                let Some(key) = &reference.foreign_key else { continue };
                let points_here = if key.referenced_columns.is_empty() {
                    constraint.kind == ConstraintKind::PrimaryKey
                } else {
                    key.referenced_columns == constraint.columns
                };
                if !points_here || dropped_with(scene, child, reference) {
                    continue;
                }
                if cascade {
                    out.lock(child, LockMode::AccessExclusive);
                    out.break_client(
                        BreakageKind::Guarantee,
                        format!("{}.{}", child.key, reference.name),
                        "the foreign key is dropped along",
                        Truth::Yes,
                    );
                } else {
                    blocked(&constraint.name, &format!("foreign key {} of {}", reference.name, child.key), Truth::Yes, out);
                }
            }
        }
        ConstraintKind::Check | ConstraintKind::NotNull => {}
    }
}

/// The same statement drops this foreign key too.
fn dropped_with(scene: Scene<'_>, child: &Table, reference: &Constraint) -> bool {
    scene.statement.changes.iter().any(|change| {
        let on_child = change.table.as_ref().is_some_and(|name| scene.catalog.resolve(name) == child.key);
        on_child
            && match &change.action {
                Action::DropConstraint { name: Some(name), .. } => name.value == reference.name,
                Action::DropColumn { column, .. } => reference.columns.contains(&column.value),
                _ => false,
            }
    })
}

/// Relations the statement names to be dropped.
fn named(scene: Scene<'_>) -> Vec<Key> {
    scene
        .statement
        .changes
        .iter()
        .filter_map(|change| match &change.action {
            Action::DropTable { .. } => change.table.as_ref(),
            Action::DropObject { kind: ObjectKind::View | ObjectKind::MaterializedView | ObjectKind::Sequence, name, .. } => Some(name),
            _ => None,
        })
        .map(|name| scene.catalog.resolve(name))
        .collect()
}

pub(super) fn table(scene: Scene<'_>, name: &ObjectName, if_exists: bool, cascade: bool, out: &mut Outcome) {
    match scene.relation(name) {
        Some(Relation::Table(table)) if table.kind != crate::catalog::TableKind::MaterializedView => {
            out.names_wrong = scene.statement.changes.iter().any(|change| {
                matches!(change.action, Action::DropTable { .. })
                    && change.table.as_ref().is_some_and(|name| match scene.relation(name) {
                        Some(Relation::Table(other)) => other.kind == crate::catalog::TableKind::MaterializedView,
                        Some(_) => true,
                        None => !if_exists && scene.absence(name) == Truth::Yes,
                    })
            });
            table_dropped(scene, table, cascade, out);
        }
        Some(_) => out.refuse("42809", format!("\"{name}\" is not a table")),
        None if if_exists => {}
        None => out.fail("42P01", format!("table \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name)),
    }
}

fn table_dropped(scene: Scene<'_>, table: &Table, cascade: bool, out: &mut Outcome) {
    let is_foreign = table.kind == crate::catalog::TableKind::Foreign;
    if is_foreign != (scene.statement.verb == "DROP FOREIGN TABLE") && scene.statement.verb.starts_with("DROP") {
        let wanted = if is_foreign { "is a foreign table" } else { "is not a foreign table" };
        out.refuse("42809", format!("\"{}\" {wanted}", table.key));
        return;
    }
    if !cascade {
        for (routine, certain) in super::routine::holding_on(scene, &table.key, None) {
            blocked(&table.key.to_string(), &format!("function {}", routine.key), certain, out);
        }
    }
    let going = named(scene);
    let mut family: Vec<&Table> = scene.descendants(table);
    family.retain(|member| member.partition_of.is_some() || cascade);
    for child in scene.children(&table.key) {
        if child.partition_of.is_none() && !going.contains(&child.key) && !cascade {
            blocked(&table.key.to_string(), &format!("table {}", child.key), Truth::Yes, out);
        }
    }
    if let Some(parent) = scene.ancestors(table).first() {
        out.lock(parent, LockMode::AccessExclusive);
        if let Some(default) = default_partition(scene, parent) {
            out.lock(default, LockMode::AccessExclusive);
        }
    }
    let all: Vec<Key> = going.iter().cloned().chain([table.key.clone()]).chain(family.iter().map(|member| member.key.clone())).collect();
    table_goes(scene, table, &all, cascade, out);
    for member in &family {
        table_goes(scene, member, &all, cascade, out);
    }
    let certain = if filled(table) == Truth::No && family.is_empty() { Truth::No } else { Truth::Yes };
    out.lose(LossKind::Table, table.key.to_string(), certain);
    out.break_client(BreakageKind::Name, table.key.to_string(), "the table is gone", Truth::Yes);
}

pub(super) fn default_partition<'a>(scene: Scene<'a>, parent: &Table) -> Option<&'a Table> {
    let recorded = parent.partitioning.as_ref().and_then(|partitioning| partitioning.default_partition.as_ref());
    recorded.and_then(|key| scene.table_at(key)).or_else(|| {
        scene
            .children(&parent.key)
            .into_iter()
            .find(|child| child.partition_of.as_ref().is_some_and(|(_, bound)| matches!(bound, crate::change::PartitionBound::Default)))
    })
}

pub(super) fn table_goes(scene: Scene<'_>, table: &Table, all: &[Key], cascade: bool, out: &mut Outcome) {
    out.lock(table, LockMode::AccessExclusive);
    out.lock_indexes(table, LockMode::AccessExclusive);
    for key in table.foreign_keys().filter_map(|constraint| constraint.foreign_key.as_ref()) {
        if let Some(parent) = scene.table_at(&key.references) {
            out.lock(parent, LockMode::AccessExclusive);
        }
    }
    for (child, reference) in scene.referencing(&table.key) {
        if all.contains(&child.key) {
            continue;
        }
        if cascade {
            out.lock(child, LockMode::AccessExclusive);
            let object = format!("{}.{}", child.key, reference.name);
            out.break_client(BreakageKind::Guarantee, object, "the foreign key is dropped along", Truth::Yes);
        } else {
            blocked(&table.key.to_string(), &format!("foreign key {} of {}", reference.name, child.key), Truth::Yes, out);
        }
    }
    for view in scene.views_over(&table.key) {
        if all.contains(&view.key) {
            continue;
        }
        if cascade {
            view_goes(scene, view, out);
        } else {
            blocked(&table.key.to_string(), &format!("view {}", view.key), Truth::Yes, out);
        }
    }
    for sequence in scene.owned_sequences(&table.key, None) {
        out.lock_sequence(sequence, LockMode::AccessExclusive);
    }
    // A policy of another table that reads this one.
    for other in scene.catalog.tables.values().filter(|other| !other.policy_conditions.is_empty() && !all.contains(&other.key)) {
        let reads = |condition: &crate::change::Expression| {
            super::trigger::read_in(condition).iter().any(|name| scene.catalog.resolve(name) == table.key)
        };
        let Some((policy, _)) = other.policy_conditions.iter().find(|(_, condition)| reads(condition)) else { continue };
        if cascade {
            out.lock(other, LockMode::AccessExclusive);
        } else {
            blocked(&table.key.to_string(), &format!("policy {policy} of {}", other.key), Truth::Yes, out);
        }
    }
}

/// A view dropped along, with everything that reads it.
pub(super) fn view_goes(scene: Scene<'_>, view: &View, out: &mut Outcome) {
    let catalog = scene.catalog;
    let above = catalog.dependent_views_recursive(&view.key);
    for view in std::iter::once(view).chain(above) {
        out.lock_view(view, LockMode::AccessExclusive);
        if let Some(table) = scene.table_at(&view.key) {
            out.lock_indexes(table, LockMode::AccessExclusive);
        }
        out.break_client(BreakageKind::Name, view.key.to_string(), "the view is dropped along", Truth::Yes);
    }
}

pub(super) fn view(scene: Scene<'_>, kind: ObjectKind, name: &ObjectName, if_exists: bool, cascade: bool, out: &mut Outcome) {
    let key = scene.catalog.resolve(name);
    let Some(view) = scene.catalog.views.get(&key) else {
        match scene.relation(name) {
            Some(_) => out.refuse("42809", format!("\"{name}\" is not a view")),
            None if if_exists => {}
            None => out.fail("42P01", format!("view \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name)),
        }
        return;
    };
    if view.materialized != (kind == ObjectKind::MaterializedView) {
        let article = if view.materialized { "a materialized view" } else { "a view" };
        out.refuse("42809", format!("\"{name}\" is {article}"));
        return;
    }
    let going = named(scene);
    out.lock_view(view, LockMode::AccessExclusive);
    if let Some(table) = scene.table_at(&key) {
        out.lock_indexes(table, LockMode::AccessExclusive);
    }
    for above in scene.views_over(&key) {
        if going.contains(&above.key) {
            continue;
        }
        if cascade {
            view_goes(scene, above, out);
        } else {
            blocked(&key.to_string(), &format!("view {}", above.key), Truth::Yes, out);
        }
    }
    out.break_client(BreakageKind::Name, key.to_string(), "the view is gone", Truth::Yes);
}

/// A type, domain or function that columns depend on.
pub(super) fn column_types(scene: Scene<'_>, what: &str, users: &[(&Table, String)], cascade: bool, out: &mut Outcome) {
    for (table, name) in users {
        if cascade {
            out.lock(table, LockMode::AccessExclusive);
            column(scene, table, name, true, out);
            out.lose(LossKind::Column, format!("{}.{name}", table.key), Truth::Yes);
        } else {
            blocked(what, &format!("column {}.{name}", table.key), Truth::Yes, out);
        }
    }
}
