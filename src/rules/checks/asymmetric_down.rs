//! Up and then down does not give back the schema.

use super::{Check, Found, MigrationScene, Run};
use crate::catalog::{Difference, DifferenceKind};
use crate::change::{Action, Statement};
use crate::effect::Truth;

pub const CHECK: Check = Check { name: "asymmetric-down", values: &["difference", "all", "advice"], run: Run::Migration(run) };

fn run(scene: &MigrationScene<'_>) -> Vec<Found> {
    let all = scene.differences.unwrap_or_default();
    let differences: Vec<&Difference> = all.iter().filter(|one| !is_taken_again(one, scene.statements)).collect();
    if differences.is_empty() {
        return Vec::new();
    }
    let all: Vec<String> = differences.iter().map(ToString::to_string).collect();
    let advice = match differences.iter().all(|one| one.kind == DifferenceKind::Stays) {
        true => "no statement takes a value out of an enum: write ADD VALUE IF NOT EXISTS, so that the migration can be applied again",
        false => "add to the down script what undoes the rest, in reverse order",
    };
    // Where something could not be followed, less can be said about what is there in the end.
    let truth = if scene.after.open_world { Truth::Unknown } else { Truth::Yes };
    vec![Found {
        truth,
        object: scene.migration.version.to_owned(),
        values: vec![("difference", listed(&all)), ("all", all.join("; ")), ("advice", advice.to_owned())],
        ..Found::default()
    }]
}

/// A value that stays in its enum, and that the up script adds only where it is missing: it can be
/// left there, and the migration applied again.
fn is_taken_again(difference: &Difference, statements: &[Statement]) -> bool {
    let tolerant = |action: &Action| match action {
        Action::AddEnumValue { value, if_not_exists, .. } => {
            *if_not_exists && difference.object.starts_with(&format!("value '{value}' of "))
        }
        _ => false,
    };
    difference.kind == DifferenceKind::Stays
        && statements.iter().flat_map(|statement| &statement.changes).any(|change| tolerant(&change.action))
}

fn listed(differences: &[String]) -> String {
    match differences {
        [one] => one.clone(),
        [one, two] => format!("{one}, and {two}"),
        [one, two, rest @ ..] => format!("{one}, {two}, and {} more", rest.len()),
        [] => String::new(),
    }
}
