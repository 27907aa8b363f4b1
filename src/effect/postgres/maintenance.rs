//! VACUUM, ANALYZE and the like.

use super::outcome::Outcome;
use super::scene::{Relation, Scene, has_storage};
use crate::change::{Ident, ObjectName};
use crate::effect::{FailureCause, LockMode, Truth};

pub(super) fn vacuum(scene: Scene<'_>, name: Option<&ObjectName>, full: bool, out: &mut Outcome) {
    out.forbid_transaction();
    let Some(name) = name else {
        // Everything the database holds, one table after the other.
        for table in scene.catalog.tables.values().filter(|table| full && super::scene::has_storage(table)) {
            out.lock(table, LockMode::AccessExclusive);
            out.rewrite(table, Truth::Yes, "VACUUM FULL writes the table anew without dead rows");
        }
        return;
    };
    let Some(Relation::Table(table)) = scene.relation(name) else {
        missing(scene, name, out);
        return;
    };
    for member in scene
        .with_descendants(table)
        .into_iter()
        .filter(|member| scene.at_least(18) || member.key == table.key || member.partition_of.is_some())
    {
        if full {
            out.lock(member, LockMode::AccessExclusive);
            out.rewrite(member, Truth::Yes, "VACUUM FULL writes the table anew without dead rows");
        } else {
            out.lock(member, LockMode::ShareUpdateExclusive);
            out.lock_indexes(member, LockMode::RowExclusive);
        }
    }
}

pub(super) fn analyze(scene: Scene<'_>, name: Option<&ObjectName>, columns: &[Ident], out: &mut Outcome) {
    let Some(name) = name else {
        // Everything the database holds, one table after the other.
        for table in scene.catalog.tables.values() {
            out.lock(table, LockMode::ShareUpdateExclusive);
            out.lock_indexes(table, LockMode::AccessShare);
        }
        return;
    };
    let Some(Relation::Table(table)) = scene.relation(name) else {
        missing(scene, name, out);
        return;
    };
    super::object::columns_exist(Relation::Table(table), columns, out);
    for member in scene.with_descendants(table) {
        // Until 17 inheritance children are only sampled for the table's own statistics (measured).
        let sampled = !scene.at_least(18) && member.key != table.key && member.partition_of.is_none();
        out.lock(member, if sampled { LockMode::AccessShare } else { LockMode::ShareUpdateExclusive });
        if has_storage(member) && !sampled {
            out.lock_indexes(member, LockMode::AccessShare);
        }
    }
}

fn missing(scene: Scene<'_>, name: &ObjectName, out: &mut Outcome) {
    if scene.relation(name).is_none() {
        out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name));
    }
}
