//! ALTER TYPE of a composite type: ADD, DROP, ALTER and RENAME ATTRIBUTE.

use super::object::composite as locked;
use super::outcome::Outcome;
use super::scene::Scene;
use super::type_name;
use crate::change::{Action, Change};
use crate::effect::LockMode;

pub(super) fn alter(scene: Scene<'_>, change: &Change, out: &mut Outcome) {
    let Action::AlterTypeAttribute { name, attribute, what, data_type, to, if_exists, cascade } = &change.action else { return };
    type_name::named(scene, name, out);
    locked(scene, name, out);
    if let Some(data_type) = data_type {
        type_name::exists(scene, data_type, out);
        type_name::collates(scene, data_type, out);
    }
    let key = scene.catalog.resolve_type(name);
    if what == "type"
        && let Some((table, column)) = scene.catalog.columns_of_type(&key).first()
    {
        out.refuse("0A000", format!("the type is used by {}.{}", table.key, column.name));
        return;
    }
    if *cascade {
        for table in scene.catalog.tables.values().filter(|table| table.of_type.as_ref() == Some(&key)) {
            out.lock(table, LockMode::AccessExclusive);
        }
    } else if scene.catalog.tables.values().any(|table| table.of_type.as_ref() == Some(&key)) {
        out.refuse("2BP01", format!("\"{name}\" is the type of a typed table: say CASCADE"));
        return;
    }
    let attributes = scene.catalog.types.get(&key).and_then(|known| known.attributes.as_ref());
    if let Some(attributes) = attributes {
        let has = |name: &str| attributes.iter().any(|(known, _)| known == name);
        let taken = if what == "add" { Some(attribute) } else { to.as_ref() };
        if let Some(taken) = taken.filter(|taken| has(&taken.value)) {
            out.refuse("42701", format!("attribute \"{taken}\" of \"{name}\" already exists"));
        }
        if what != "add" && !if_exists && !has(&attribute.value) && scene.statement.changes.len() == 1 {
            out.refuse("42703", format!("attribute \"{attribute}\" of \"{name}\" does not exist"));
        }
    }
}
