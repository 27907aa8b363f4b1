//! The dance in which a table is rebuilt: a second table, its rows copied, the names changed.

use super::{Context, shown_name};
use crate::catalog::{Column, Index, Key, Table, missing_columns};
use crate::change::{Action, Change, ConstraintKind, InsertSource, ObjectName};
use crate::effect::{Loss, LossKind};
use crate::engine::Engine;

pub(super) fn loses(cx: &Context<'_>) -> Vec<String> {
    let (Some(old), Some(new)) = (cx.table(), heir(cx)) else { return Vec::new() };
    let mut lost = Vec::new();
    if old.complete && new.complete {
        let missing = old.columns.iter().filter(|column| new.column(&column.name).is_none());
        // What an earlier migration copied under another name is not lost with the old table.
        let before = copied_before(cx).is_some_and(|copy| copy.key == new.key);
        lost.extend(missing.filter_map(|column| match cx.catalog().copied_as(&old.key, &column.name, new) {
            Some(_) if before => None,
            Some(name) => Some(format!("column {} (its values are in {name})", column.name)),
            None => Some(match cx.catalog().copied_aside(&old.key, &column.name) {
                Some(place) => format!("column {} (its values are in {place})", column.name),
                None => format!("column {}", column.name),
            }),
        }));
    }
    let own = old.indexes.iter().filter(|index| index.constraint.is_none() && !index.primary && !index.implied);
    let built = |wanted: &str| {
        let named = |change: &Change| matches!(&change.action, Action::CreateIndex(index) if index.name.as_ref().is_some_and(|name| name.name.is(wanted)));
        cx.later().any(named)
    };
    let missing = own.filter(|index| !built(&index.name) && new.index(&index.name).is_none() && !covered(cx, new, index));
    lost.extend(missing.map(|index| format!("index {}", index.name)));
    let made =
        |wanted: &str| cx.later().any(|change| matches!(&change.action, Action::CreateTrigger(trigger) if trigger.name.name.is(wanted)));
    lost.extend(old.triggers.iter().filter(|trigger| !made(&trigger.name)).map(|trigger| format!("trigger {}", trigger.name)));
    if old.autoincrement && !new.autoincrement && old.complete && new.complete {
        lost.push("AUTOINCREMENT".to_owned());
    }
    lost
}

/// The table that takes its place.
fn heir<'a>(cx: &Context<'a>) -> Option<&'a Table> {
    let name = cx.change.table.as_ref()?;
    let renamed = cx.later().find(|change| matches!(&change.action, Action::RenameTable { to } if to.name.is(&name.name.value)));
    let new = renamed.and_then(|change| change.table.as_ref()).and_then(|heir| cx.find(heir));
    new.or_else(|| heir_of_renamed(cx)).or_else(|| copied_before(cx))
}

/// Both tables, where both are known.
fn pair<'a>(cx: &Context<'a>) -> Option<(&'a Table, &'a Table)> {
    let (old, new) = (cx.table()?, heir(cx)?);
    (old.complete && new.complete).then_some((old, new))
}

/// What SQLite converts to another storage class while it copies, and cannot convert back: a text
/// that looks like a number (`007`) becomes one, a whole number above 2^53 a fraction (SQLite,
/// Datatypes, 3.1 and 4.2).
pub(super) fn retypes(cx: &Context<'_>) -> Vec<String> {
    let Some((old, new)) = pair(cx).filter(|_| cx.target().engine == Engine::Sqlite) else { return Vec::new() };
    let written = |column: &Column| column.data_type.as_ref().map(|one| one.name.clone()).unwrap_or_default();
    let changed = old.columns.iter().filter_map(|was| {
        let (from, to) = (written(was), written(new.column(&was.name)?));
        let lossy = match (Affinity::of(&from), Affinity::of(&to)) {
            (Affinity::Text, Affinity::Integer | Affinity::Real) | (Affinity::Integer, Affinity::Real) => true,
            // DATE, DATETIME and BOOLEAN are called numeric, and what they hold stays as it is.
            (Affinity::Text, Affinity::Numeric) => ["numeric", "decimal", "number"].contains(&to.as_str()),
            _ => false,
        };
        lossy.then(|| format!("{} from {} to {}", was.name, from.to_uppercase(), to.to_uppercase()))
    });
    changed.collect()
}

/// SQLite, Datatypes, 3.1: the type's name decides, by what it contains.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Affinity {
    Integer,
    Text,
    Blob,
    Real,
    Numeric,
}

impl Affinity {
    fn of(name: &str) -> Affinity {
        let has = |part: &str| name.contains(part);
        match name {
            _ if has("int") => Affinity::Integer,
            _ if has("char") || has("clob") || has("text") => Affinity::Text,
            "" => Affinity::Blob,
            _ if has("blob") => Affinity::Blob,
            _ if has("real") || has("floa") || has("doub") => Affinity::Real,
            _ => Affinity::Numeric,
        }
    }
}

/// Columns that the running version's INSERTs do not name and now have to.
pub(super) fn requires(cx: &Context<'_>) -> Vec<String> {
    let Some((old, new)) = pair(cx) else { return Vec::new() };
    // INTEGER PRIMARY KEY numbers itself.
    let is_key = |name: &str| new.primary_key().is_some_and(|key| key.columns.iter().any(|column| column.eq_ignore_ascii_case(name)));
    let unknown = |column: &&Column| {
        let given = column.default.is_some() || column.generated.is_some() || is_key(&column.name);
        column.not_null && !given && old.column(&column.name).is_none()
    };
    new.columns.iter().filter(unknown).map(|column| column.name.clone()).collect()
}

/// The table that took the name which this one had when the migration began, and its rows: this one
/// was renamed out of the way first.
pub(super) fn heir_of_renamed<'a>(cx: &Context<'a>) -> Option<&'a Table> {
    let old = own_key(cx)?;
    let name = cx.catalog().original_name(&old);
    let (heir, _) = cx.catalog().successor_of(&old)?;
    (name != old && heir.key == name).then_some(heir)
}

/// The table's key, be it known to the history or not.
fn own_key(cx: &Context<'_>) -> Option<Key> {
    cx.table().map(|table| table.key.clone()).or_else(|| cx.change.table.as_ref().map(|name| cx.catalog().resolve(name)))
}

/// The table that its rows were copied into earlier in this migration.
pub(super) fn copied_to<'a>(cx: &Context<'a>) -> Option<&'a Table> {
    cx.catalog().successor_of(&own_key(cx)?).map(|(heir, _)| heir)
}

/// Its rows wait in another table: a new one of its name is made further down, and filled from there.
pub(super) fn is_made_again(cx: &Context<'_>) -> bool {
    let (Some(name), Some(helper)) = (&cx.change.table, copied_to(cx)) else { return false };
    let same = |other: &ObjectName| cx.catalog().resolve(other) == cx.catalog().resolve(name);
    let made = |change: &Change| matches!(&change.action, Action::CreateTable(table) if same(&table.name));
    let filled = |change: &Change| match &change.action {
        Action::Insert(insert) => {
            let from = |reads: &[ObjectName]| reads.iter().any(|read| cx.catalog().resolve(read) == helper.key);
            change.table.as_ref().is_some_and(same) && matches!(&insert.source, InsertSource::Query { reads, .. } if from(reads))
        }
        _ => false,
    };
    cx.later().any(made) && cx.later().any(filled)
}

/// A table, or a column of one, whose rows were copied before, and which goes later in this
/// migration anyhow.
pub(super) fn is_saved(cx: &Context<'_>, object: &str) -> bool {
    let goes = |name: &str| {
        cx.later().any(|change| {
            matches!(change.action, Action::DropTable { .. }) && change.table.as_ref().is_some_and(|table| shown_name(table) == name)
        })
    };
    let table = if cx.relation(object).is_some() { object } else { object.rsplit_once('.').map_or(object, |(table, _)| table) };
    cx.scene.ledger.migration.was_copied(table) && goes(table)
}

/// The losses in other tables than the change's own, but for rows that were copied before. A table
/// renamed aside loses its columns under the name that it had.
pub(super) fn lost_elsewhere<'a>(cx: &'a Context<'_>) -> impl Iterator<Item = &'a Loss> {
    let own = cx.table_name();
    let before = own_key(cx).map(|key| cx.catalog().original_name(&key).to_string());
    cx.effects.losses.iter().filter(move |loss| {
        let table = if loss.kind == LossKind::Column { before.as_deref() } else { None };
        let mut names = [Some(own.as_str()), table].into_iter().flatten();
        let other = names.all(|name| loss.object != name && !loss.object.starts_with(&format!("{name}.")));
        other && !is_saved(cx, &loss.object)
    })
}

/// Whether a key of the new table, or an index built later, serves what the old index did: its
/// columns come first there. A column that went takes its index along.
fn covered(cx: &Context<'_>, new: &Table, old: &Index) -> bool {
    let columns: Vec<&str> = old.columns().collect();
    if columns.is_empty() {
        return false;
    }
    let starts = |names: &[&str]| names.len() >= columns.len() && names.iter().zip(&columns).all(|(a, b)| a.eq_ignore_ascii_case(b));
    let serves = |names: &[&str], unique: bool| starts(names) && (!old.unique || (unique && names.len() == columns.len()));
    let gone = new.complete && columns.iter().any(|column| new.column(column).is_none());
    let indexed = new.indexes.iter().any(|index| serves(&index.columns().collect::<Vec<_>>(), index.unique || index.primary));
    let constrained = new.constraints.iter().any(|constraint| {
        let unique = matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique);
        unique && serves(&constraint.columns.iter().map(String::as_str).collect::<Vec<_>>(), true)
    });
    let name = cx.catalog().original_name(&old_key(cx)).name;
    let built = || {
        let here = |change: &&Change| change.table.as_ref().is_some_and(|table| table.name.is(&name));
        cx.later().filter(here).any(|change| match &change.action {
            Action::CreateIndex(index) => {
                let columns = index.keys.iter().filter_map(|key| key.column_name()).map(|name| name.value.as_str());
                serves(&columns.collect::<Vec<_>>(), index.unique)
            }
            _ => false,
        })
    };
    gone || indexed || constrained || built()
}

pub(super) fn old_key(cx: &Context<'_>) -> Key {
    cx.table().map_or_else(|| Key::new("", ""), |table| table.key.clone())
}

/// The table that an earlier migration copied the rows into: most of the columns are there.
pub(super) fn copied_before<'a>(cx: &Context<'a>) -> Option<&'a Table> {
    let old = cx.table().filter(|old| old.complete)?;
    let whole = |new: &&Table| new.complete && missing_columns(old, new).len() * 2 < old.columns.len();
    cx.catalog().earlier_successors(&old.key).find(whole)
}
