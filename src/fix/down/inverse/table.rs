//! Tables: made, dropped, renamed, and their properties.

use super::{Inverse, Scene};
use crate::catalog::spell::bound;
use crate::catalog::{Key, Table};
use crate::change::{Action, Change, ObjectName, PartitionAction, TriggerScope, TriggerState};
use crate::fix::down::constraint;
use crate::fix::down::table::create;
use crate::fix::words;

pub fn invert(scene: &Scene<'_>, change: &Change) -> Option<Inverse> {
    Some(match &change.action {
        Action::CreateTable(made) => {
            let there = scene.before.table(&made.name).is_some();
            match (there, made.if_not_exists) {
                (true, true) => Inverse::nothing(),
                (true, false) => Inverse::impossible(format!("it takes the place of a table: {}", scene.said(change))),
                (false, _) => Inverse::run(format!("DROP TABLE {};", scene.words(made.name.span()))),
            }
        }
        Action::DropTable { if_exists: true, .. } if change.table.as_ref().is_some_and(|name| scene.is_absent(name)) => Inverse::nothing(),
        Action::DropTable { .. } => dropped(scene, change),
        Action::RenameTable { to } => renamed(scene, change, to),
        Action::SetSchema { to } => {
            let old = scene.old(change)?;
            let name = format!("{}.{}", scene.words(to.span), scene.name(&old.key.name));
            Inverse::run(format!("ALTER TABLE {name} SET SCHEMA {};", scene.name(&old.key.schema)))
        }
        Action::RowSecurity { enable, force } => {
            let old = scene.old(change)?;
            let mut clauses = Vec::new();
            if enable.is_some_and(|enable| enable != old.row_security) {
                clauses.push(if old.row_security { "ENABLE ROW LEVEL SECURITY" } else { "DISABLE ROW LEVEL SECURITY" });
            }
            if force.is_some_and(|force| force != old.force_row_security) {
                clauses.push(if old.force_row_security { "FORCE ROW LEVEL SECURITY" } else { "NO FORCE ROW LEVEL SECURITY" });
            }
            Inverse::all(clauses.iter().flat_map(|clause| scene.alter(change, clause).statements).collect())
        }
        Action::SetTriggerState { trigger: TriggerScope::Named(name), .. } => {
            let old = scene.old(change)?.trigger(&name.value)?;
            let word = match old.state {
                TriggerState::Enable => "ENABLE",
                TriggerState::EnableReplica => "ENABLE REPLICA",
                TriggerState::EnableAlways => "ENABLE ALWAYS",
                TriggerState::Disable => "DISABLE",
            };
            scene.alter(change, &format!("{word} TRIGGER {}", scene.words(name.span)))
        }
        Action::SetLogged { logged } => scene.alter(change, if *logged { "SET UNLOGGED" } else { "SET LOGGED" }),
        Action::ReplicaIdentity { .. } => {
            let old = scene.old(change)?.replica_identity.clone().unwrap_or_else(|| "default".to_owned());
            scene
                .alter(change, &format!("REPLICA IDENTITY {}", old.to_uppercase()))
                .but("a replica identity by an index is to be checked by hand")
        }
        Action::AttachPartition { partition, .. } => scene.alter(change, &format!("DETACH PARTITION {}", scene.words(partition.span()))),
        Action::DetachPartition { partition, .. } => {
            let (_, old) = scene.before.table(partition)?.partition_of.as_ref()?;
            scene.alter(change, &format!("ATTACH PARTITION {} {}", scene.words(partition.span()), bound(old)))
        }
        Action::Partition(PartitionAction::Add { partitions, .. }) if !partitions.is_empty() => {
            let names: Vec<&str> = partitions.iter().map(|partition| scene.words(partition.name.span)).collect();
            scene.alter(change, &format!("DROP PARTITION {}", names.join(", ")))
        }
        Action::Inherit { parent } => scene.alter(change, &format!("NO INHERIT {}", scene.words(parent.span()))),
        Action::NoInherit { parent } => scene.alter(change, &format!("INHERIT {}", scene.words(parent.span()))),
        _ => return None,
    })
}

fn renamed(scene: &Scene<'_>, change: &Change, to: &ObjectName) -> Inverse {
    let Some(old) = scene.old(change) else {
        return Inverse::impossible(format!("the history does not know the table: {}", scene.said(change)));
    };
    // The new name lies in the old one's schema, unless it says otherwise.
    let schema = to.schema.as_ref().map_or(old.key.schema.as_str(), |schema| schema.value.as_str());
    let new = words::key(&Key::new(schema, to.name.value.as_str()), scene.target());
    Inverse::run(format!("ALTER TABLE {new} RENAME TO {};", scene.name(&written(change, old))))
}

/// The table's name as its author spelt it.
fn written(change: &Change, table: &Table) -> String {
    change.table.as_ref().map_or_else(|| table.key.name.clone(), |name| name.name.value.clone())
}

fn dropped(scene: &Scene<'_>, change: &Change) -> Inverse {
    let Some(old) = scene.old(change) else {
        return Inverse::impossible(format!("the history does not know the table: {}", scene.said(change)));
    };
    if !scene.before.dependent_views(&old.key).is_empty() {
        return Inverse::impossible(format!("views of {} went with it", old.key));
    }
    let mut statements = match create(scene.before, old) {
        Ok(statements) => statements,
        Err(why) => return Inverse::impossible(why),
    };
    // CASCADE takes the foreign keys that point at it.
    for (child, key) in scene.before.referencing_foreign_keys(&old.key) {
        if child.key == old.key || scene.after.table_at(&child.key).is_none_or(|child| child.constraint(&key.name).is_some()) {
            continue;
        }
        let Some(definition) = constraint::definition(child, key, scene.target()) else { continue };
        statements.push(format!("ALTER TABLE {} ADD {definition};", words::key(&child.key, scene.target())));
    }
    Inverse::all(statements).but(format!("the rows of {} do not come back", old.key))
}
