//! Up and then down does not give back the schema.

use super::{Check, Found, MigrationScene, Run};
use crate::catalog::{Catalog, Key, Table};
use crate::effect::Truth;

pub const CHECK: Check = Check { name: "asymmetric-down", values: &["difference"], run: Run::Migration(run) };

fn run(scene: &MigrationScene<'_>) -> Vec<Found> {
    let Some(after) = scene.after_down else { return Vec::new() };
    // Where something could not be followed nothing can be said about what is there in the end.
    if scene.after.open_world && !scene.before.open_world {
        return Vec::new();
    }
    let differences = differences(scene.before, after);
    if differences.is_empty() {
        return Vec::new();
    }
    vec![Found { truth: Truth::Yes, object: scene.migration.version.to_owned(), values: vec![("difference", listed(&differences))], ..Found::default() }]
}

fn listed(differences: &[String]) -> String {
    match differences {
        [one] => one.clone(),
        [one, two] => format!("{one}, and {two}"),
        [one, two, rest @ ..] => format!("{one}, {two}, and {} more", rest.len()),
        [] => String::new(),
    }
}

/// What the way back does not restore, in words.
fn differences(before: &Catalog, after: &Catalog) -> Vec<String> {
    let mut found = Vec::new();
    names(before.tables.keys(), after.tables.keys(), "table", &mut found);
    names(before.views.keys(), after.views.keys(), "view", &mut found);
    names(before.enums.keys(), after.enums.keys(), "type", &mut found);
    names(before.domains.keys(), after.domains.keys(), "domain", &mut found);
    names(before.routines.keys(), after.routines.keys(), "function", &mut found);
    for (key, old) in &before.tables {
        if let Some(new) = after.tables.get(key) {
            // A table first met in this migration's ALTER tells nothing about what it had before.
            if old.complete && new.complete {
                table(key, old, new, &mut found);
            }
        }
    }
    for (key, old) in &before.enums {
        if let Some(new) = after.enums.get(key) {
            let labels = |one: &crate::catalog::EnumType| one.labels.iter().map(|label| label.value.clone()).collect::<Vec<_>>();
            names(labels(old).iter(), labels(new).iter(), &format!("value of `{key}`"), &mut found);
        }
    }
    found
}

fn table(key: &Key, old: &Table, new: &Table, found: &mut Vec<String>) {
    let names_of = |table: &Table| table.columns.iter().map(|column| column.name.to_lowercase()).collect::<Vec<_>>();
    names(names_of(old).iter(), names_of(new).iter(), &format!("column of `{key}`"), found);
    for column in &old.columns {
        let Some(back) = new.columns.iter().find(|other| other.name.eq_ignore_ascii_case(&column.name)) else { continue };
        let shown = format!("`{key}.{}`", column.name);
        let same_type = match (&column.data_type, &back.data_type) {
            (Some(a), Some(b)) => (&a.name, &a.args, a.array, a.unsigned) == (&b.name, &b.args, b.array, b.unsigned),
            (None, _) | (_, None) => true,
        };
        if !same_type {
            found.push(format!("{shown} has another type"));
        }
        if column.not_null != back.not_null {
            found.push(format!("{shown} {}", if back.not_null { "is left NOT NULL" } else { "may be NULL" }));
        }
        let default = |column: &crate::catalog::Column| column.default.as_ref().map(|default| default.expression.clone());
        if default(column) != default(back) {
            found.push(format!("{shown} has another default"));
        }
    }
    let indexes = |table: &Table| {
        let own = table.indexes.iter().filter(|index| index.constraint.is_none() && !index.primary);
        own.map(|index| index.name.to_lowercase()).collect::<Vec<_>>()
    };
    names(indexes(old).iter(), indexes(new).iter(), "index", found);
    let constraints = |table: &Table| table.constraints.iter().map(|one| one.name.to_lowercase()).collect::<Vec<_>>();
    names(constraints(old).iter(), constraints(new).iter(), &format!("constraint of `{key}`"), found);
    let triggers = |table: &Table| table.triggers.iter().map(|one| one.name.to_lowercase()).collect::<Vec<_>>();
    names(triggers(old).iter(), triggers(new).iter(), "trigger", found);
}

fn names<'n, T: std::fmt::Display + PartialEq + 'n>(
    old: impl Iterator<Item = &'n T> + Clone,
    new: impl Iterator<Item = &'n T> + Clone,
    what: &str,
    found: &mut Vec<String>,
) {
    for name in old.clone().filter(|name| !new.clone().any(|other| other == *name)) {
        found.push(format!("the {what} `{name}` is missing"));
    }
    for name in new.filter(|name| !old.clone().any(|other| other == *name)) {
        found.push(format!("the {what} `{name}` is left"));
    }
}
