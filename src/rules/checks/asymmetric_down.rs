//! Up and then down does not give back the schema.

use super::{Check, Found, MigrationScene, Run};
use crate::catalog::Difference;
use crate::effect::Truth;

pub const CHECK: Check = Check { name: "asymmetric-down", values: &["difference", "all"], run: Run::Migration(run) };

fn run(scene: &MigrationScene<'_>) -> Vec<Found> {
    let differences = scene.differences.unwrap_or_default();
    if differences.is_empty() {
        return Vec::new();
    }
    let all: Vec<String> = differences.iter().map(Difference::to_string).collect();
    // Where something could not be followed, less can be said about what is there in the end.
    let truth = if scene.after.open_world { Truth::Unknown } else { Truth::Yes };
    vec![Found {
        truth,
        object: scene.migration.version.to_owned(),
        values: vec![("difference", listed(&all)), ("all", all.join("; "))],
        ..Found::default()
    }]
}

fn listed(differences: &[String]) -> String {
    match differences {
        [one] => one.clone(),
        [one, two] => format!("{one}, and {two}"),
        [one, two, rest @ ..] => format!("{one}, {two}, and {} more", rest.len()),
        [] => String::new(),
    }
}
