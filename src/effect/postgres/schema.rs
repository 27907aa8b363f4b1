//! DROP SCHEMA: what is in it stands in the way, or goes along with all that depends on it.

use super::drop::{blocked, table_goes, view_goes};
use super::drop_object::{routine_goes, type_goes};
use super::outcome::Outcome;
use super::scene::Scene;
use crate::catalog::{Key, Table};
use crate::effect::{BreakageKind, FailureCause, LockMode, LossKind, RelationKind, Truth};

pub(super) fn drop(scene: Scene<'_>, name: &str, if_exists: bool, cascade: bool, out: &mut Outcome) {
    let known = scene.catalog.knows_schema(name);
    if !known {
        let dropped = scene.catalog.dropped.keys().any(|key| key.schema == name);
        let certain = if dropped { Truth::Yes } else { scene.schema_absence(name) };
        if !if_exists {
            out.fail("3F000", format!("schema \"{name}\" does not exist"), FailureCause::Schema, certain);
        }
        if certain == Truth::Yes {
            return;
        }
    }
    let catalog = scene.catalog;
    let tables: Vec<&Table> = catalog.tables.values().map(AsRef::as_ref).filter(|table: &&Table| table.key.schema == name).collect();
    let inside = |key: &&Key| key.schema == name;
    let types: Vec<&Key> = catalog.enums.keys().chain(catalog.domains.keys()).chain(catalog.types.keys()).filter(inside).collect();
    let routines: Vec<&Key> = catalog.routines.keys().filter(inside).collect();
    if !cascade {
        let relations = tables.iter().map(|table| &table.key).chain(catalog.views.keys()).chain(catalog.sequences.keys());
        if let Some(member) = relations.filter(inside).chain(types).chain(routines).next() {
            blocked(&format!("schema {name}"), &member.to_string(), Truth::Yes, out);
        }
        out.break_client(BreakageKind::Name, name, "the schema is gone", Truth::Yes);
        return;
    }
    let all: Vec<Key> = tables.iter().map(|table| table.key.clone()).collect();
    for table in &tables {
        table_goes(scene, table, &all, true, out);
        out.lose(LossKind::Table, table.key.to_string(), Truth::Yes);
    }
    for view in catalog.views.values().filter(|view| view.key.schema == name) {
        view_goes(scene, view, out);
    }
    for sequence in catalog.sequences.values().filter(|sequence| sequence.key.schema == name) {
        out.lock_sequence(sequence, LockMode::AccessExclusive);
    }
    for key in types {
        if catalog.types.get(key).is_some_and(|known| known.attributes.is_some()) {
            out.lock_key(key, RelationKind::Table, LockMode::AccessExclusive);
        }
        type_goes(scene, key, true, out);
    }
    for key in routines {
        routine_goes(scene, key, true, out);
    }
    out.lose(LossKind::Schema, name, if known { Truth::from(!tables.is_empty()) } else { Truth::Unknown });
    out.break_client(BreakageKind::Name, name, "the schema is gone", Truth::Yes);
}
