//! Publications: what they are made of, and what they cannot be made of.

use super::object::{columns_exist, table_of};
use super::outcome::Outcome;
use super::scene::{Relation, Scene};
use crate::change::{Action, Change, Ident, ObjectName};
use crate::effect::{FailureCause, LockMode, Truth};

/// CREATE PUBLICATION: the name is free.
pub(super) fn is_new(scene: Scene<'_>, change: &Change, out: &mut Outcome) {
    if let Action::CreateObject { name, .. } = &change.action
        && scene.catalog.publications.contains_key(&name.name.value)
    {
        out.refuse("42710", format!("publication \"{name}\" already exists"));
    }
}

/// Publications are often made by hand; where the history makes some, one it did not make is not there.
pub(super) fn is_missing(scene: Scene<'_>, name: &str, out: &mut Outcome) -> bool {
    let catalog = scene.catalog;
    if catalog.publications.contains_key(name) || catalog.published(name).next().is_some() {
        return false;
    }
    let certain = if catalog.open_world || catalog.publications.is_empty() { Truth::Unknown } else { Truth::Yes };
    out.fail("42704", format!("publication \"{name}\" does not exist"), FailureCause::Schema, certain);
    certain == Truth::Yes
}

/// ALTER PUBLICATION … ADD, SET and DROP TABLE.
pub(super) fn alter(scene: Scene<'_>, change: &Change, name: &ObjectName, out: &mut Outcome) {
    if is_missing(scene, &name.name.value, out) {
        return;
    }
    // SET TABLE opens those that leave as well (measured).
    if matches!(&change.action, Action::AlterObject { what, .. } if what.starts_with("set table")) {
        for table in scene.catalog.published(&name.name.value) {
            out.lock(table, LockMode::ShareUpdateExclusive);
        }
    }
    if let Some(relation) = change.table.as_ref().and_then(|name| scene.relation(name)) {
        out.lock_relation(relation, LockMode::ShareUpdateExclusive);
        if let Action::AlterObject { columns, .. } = &change.action {
            lists(scene, relation, columns, out);
        }
        let adds = matches!(&change.action, Action::AlterObject { what, .. } if what.starts_with("add table"));
        if let (true, Relation::Table(table)) = (adds, relation)
            && table.publications.iter().any(|known| known.publication == name.name.value)
        {
            out.refuse("42710", format!("\"{}\" is in the publication \"{name}\" already", table.key));
        }
        let drops = matches!(&change.action, Action::AlterObject { what, .. } if what.starts_with("drop table"));
        let known = scene.catalog.published(&name.name.value).next().is_some();
        if let (true, true, Relation::Table(table)) = (drops, known, relation)
            && table.publications.iter().all(|known| known.publication != name.name.value)
        {
            out.refuse("42704", format!("\"{}\" is not in the publication \"{name}\"", table.key));
        }
    } else if change.table.is_some() {
        let _ = table_of(scene, change, out);
    }
}

/// The list of columns and the WHERE of one table name columns that it has.
pub(super) fn lists(scene: Scene<'_>, relation: Relation<'_>, columns: &[Ident], out: &mut Outcome) {
    if scene.at_least(15) {
        let named: Vec<Ident> = columns.iter().filter(|name| !is_other_word(&name.value)).cloned().collect();
        columns_exist(relation, &named, out);
    }
}

/// What stands in a WHERE beside columns: words of the grammar, types, and the functions it may call.
fn is_other_word(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "and",
        "or",
        "not",
        "is",
        "isnull",
        "notnull",
        "null",
        "true",
        "false",
        "unknown",
        "in",
        "any",
        "all",
        "some",
        "array",
        "between",
        "symmetric",
        "like",
        "ilike",
        "similar",
        "to",
        "escape",
        "distinct",
        "from",
        "case",
        "when",
        "then",
        "else",
        "end",
        "cast",
        "as",
        "collate",
        "at",
        "time",
        "zone",
        "row",
        "interval",
        "extract",
        "substring",
        "for",
        "position",
        "overlay",
        "trim",
        "both",
        "leading",
        "trailing",
        "coalesce",
        "nullif",
        "greatest",
        "least",
        "length",
        "char_length",
        "lower",
        "upper",
        "abs",
        "mod",
        "left",
        "right",
        "md5",
        "round",
        "floor",
        "ceil",
        "ceiling",
        "date_part",
        "date_trunc",
        "strpos",
        "starts_with",
        "replace",
        "btrim",
        "ltrim",
        "rtrim",
        "concat",
        "div",
        "sign",
        "trunc",
        "power",
        "sqrt",
        "year",
        "month",
        "day",
        "hour",
        "minute",
        "second",
        "epoch",
    ];
    WORDS.contains(&name) || super::types::is_builtin(super::types::internal_name(name)) || name.contains('_') && name.starts_with("pg")
}
