//! The way back of a migration that has none: the inverse of each of its changes, the last first,
//! from what the history knows.
//!
//! It is taken only when it leads back to the schema before the migration; otherwise the script says
//! that there is no way back, and why.

pub mod constraint;
mod definitions;
pub mod index;
mod inverse;
mod script;
mod survey;
pub mod table;

use std::collections::BTreeMap;

use super::{Done, File, Plan, Refused, lay, prove};
use crate::discover::{Project, ProjectEntry, Standing};
use crate::lint;
use crate::migration::{Directory, Down, DownPlace, Migration};
use script::Way;

/// Writes the ways back that are missing.
pub fn plan(project: &Project, options: &lint::Options<'_>) -> Plan {
    let mut plan = Plan::default();
    let mut ways = survey::ways(project, options);
    if ways.is_empty() {
        return plan;
    }
    let mut directory = project.directory.clone();
    let mut refused = BTreeMap::new();
    write(project, &mut directory, &ways, &mut refused);
    // What does not lead back is not a way back, whatever it says.
    let objections = survey::objections(&whole(project, directory.clone()), options, &ways);
    if !objections.is_empty() {
        for (entry, why) in objections {
            if let Some(way) = ways.get_mut(&entry) {
                way.give_up(why);
            }
        }
        directory = project.directory.clone();
        refused.clear();
        write(project, &mut directory, &ways, &mut refused);
    }
    report(project, &directory, &ways, &refused, &mut plan);
    plan
}

/// The project with every migration looked at.
fn whole(project: &Project, directory: Directory) -> Project {
    let mut whole = prove::project_with(project, directory);
    whole.entries.iter_mut().for_each(|entry| entry.standing = Standing::Reported);
    whole
}

/// Lays each way back where the system looks for it.
fn write(project: &Project, directory: &mut Directory, ways: &BTreeMap<usize, Way>, refused: &mut BTreeMap<usize, String>) {
    // Several migrations may stand in one file: the last first, so that places hold.
    for (number, way) in ways.iter().rev() {
        let Some(ProjectEntry { entry, .. }) = project.entries.get(*number) else { continue };
        let words = way.script(project.format);
        let text = directory.text(&entry.up).unwrap_or_default();
        let written = match project.format.add_down(directory, entry, &text, &words) {
            Err(cannot) => Err(cannot.to_string()),
            Ok(DownPlace::Insert { at, text: more }) => match text.is_char_boundary(at as usize) {
                true => {
                    let mut text = text;
                    text.insert_str(at as usize, &more);
                    directory.overlay(&entry.up, text.into_bytes());
                    Ok(())
                }
                false => Err("the file is not UTF-8".to_owned()),
            },
            Ok(DownPlace::File(file)) => {
                let path = lay::relative(directory, &file.path);
                // A file without a statement keeps its comments.
                let there = directory.text(&path).map(|old| old.trim_end().to_owned()).filter(|old| !old.is_empty());
                let text = there.map_or(file.template.clone(), |old| format!("{old}\n{}", file.template));
                directory.overlay(&path, text.into_bytes());
                Ok(())
            }
        };
        if let Err(why) = written {
            refused.insert(*number, why);
        }
    }
}

fn report(project: &Project, directory: &Directory, ways: &BTreeMap<usize, Way>, refused: &BTreeMap<usize, String>, plan: &mut Plan) {
    for (number, way) in ways {
        let Some(ProjectEntry { entry, .. }) = project.entries.get(*number) else { continue };
        let (path, rule) = (project.directory.path(&entry.up), way.rule.to_owned());
        match refused.get(number) {
            Some(why) => plan.refused.push(Refused { rule, path, line: 1, why: why.clone() }),
            None => plan.done.push(Done { rule, path, line: 1, title: way.title(), new: Vec::new() }),
        }
    }
    let changed = directory.files().filter(|file| directory.text(file) != project.directory.text(file));
    for file in changed {
        let path = project.directory.path(file);
        plan.files.push(File { path, before: project.directory.text(file), after: directory.text(file).unwrap_or_default() });
    }
    if !plan.files.is_empty() {
        plan.afterwards = project.format.afterwards();
    }
}

/// The rule that misses the way back of a migration, if one could be written.
fn missing(migration: &Migration, can: bool) -> Option<&'static str> {
    match &migration.down {
        _ if migration.repeatable => None,
        Down::Missing => Some("missing-down"),
        Down::Empty(_) => Some("empty-down"),
        // Nobody expects one; whoever asks gets it all the same.
        Down::NotSupported => can.then_some("missing-down"),
        Down::Script(_) | Down::Irreversible(_) => None,
    }
}
