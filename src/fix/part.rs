//! One migration is taken apart, and what comes of it is put into the directory.

use std::path::PathBuf;

use super::Done;
use super::assemble::{Draft, Part, assemble};
use super::edit::{Edit, apply, leave};
use super::lay::{self, Laid, lay};
use super::recipe::{Proposal, Rewrite};
use super::survey::Found;
use super::undo::{Undone, undo};
use crate::discover::Project;
use crate::lint::{self, Prepared};
use crate::migration::{Directory, Down, Entry, NewFile, Outside};
use crate::source::SpanMap;

/// What came of one migration.
#[derive(Debug)]
pub struct Parted {
    /// Files that were changed or made, relative to the directory.
    pub changed: Vec<String>,
    pub done: Vec<Done>,
}

/// Takes the migration apart that the findings are about.
pub fn part(
    project: &Project,
    options: &lint::Options<'_>,
    directory: &mut Directory,
    found: &[Found],
    now: &str,
) -> Result<Parted, String> {
    let number = found.first().map_or(0, |one| one.entry);
    let entry = &project.entries.get(number).ok_or("the migration is gone")?.entry;
    let prepared = read(project, options, directory, entry)?;
    let text = text_of(directory, &entry.up)?;
    if !prepared.migration.placeholders.is_empty() && project.format.id() == "goose" {
        return Err("it holds values that are filled in when it runs: part it by hand".to_owned());
    }
    let rewrites: Vec<(&Found, &Rewrite)> = found
        .iter()
        .filter_map(|one| match &one.proposal {
            Proposal::Rewrite(rewrite) => Some((one, rewrite.as_ref())),
            Proposal::Refusal(_) => None,
        })
        .collect();
    let parts: Vec<Part<'_>> = rewrites
        .iter()
        .map(|(one, rewrite)| Part { statement: one.statement, position: one.position, change: one.change, rewrite })
        .collect();
    let mut draft = assemble(&entry.up, &text, &prepared.up.statements, &parts)?;
    let undone = way_back(&prepared, directory, entry, &mut draft)?;
    let mut laid = Vec::new();
    for later in &draft.later {
        laid.push(lay(project.format, directory, later, &entry.up, now, options.target)?);
    }
    let changed = rework(project, options, directory, entry, &text, &draft, &undone, &laid)?;
    let new: Vec<PathBuf> = laid.iter().map(|laid| project.directory.path(laid.name())).collect();
    let done = rewrites.iter().map(|(one, rewrite)| Done {
        rule: one.rule.clone(),
        path: one.path.clone(),
        line: one.line,
        title: rewrite.title.clone(),
        new: new.clone(),
    });
    let done = done.collect();
    let made = laid.into_iter().flat_map(|laid| laid.files.into_iter().map(|(path, _)| path));
    Ok(Parted { changed: changed.into_iter().chain(made).collect(), done })
}

pub fn read(project: &Project, options: &lint::Options<'_>, directory: &Directory, entry: &Entry) -> Result<Prepared, String> {
    let prepared = lint::prepare(project.format, directory, entry, options.target, options.transaction, true, 0);
    let prepared = prepared.map_err(|error| error.to_string())?;
    let down_is_plain = match &prepared.migration.down {
        Down::Script(script) => matches!(script.map, SpanMap::Same),
        Down::Missing | Down::Empty(_) | Down::NotSupported | Down::Irreversible(_) => true,
    };
    if !down_is_plain {
        return Err("it is written as a program: part it by hand".to_owned());
    }
    if prepared.up.statements.len() != prepared.up.spans.len() {
        return Err("the script is very large: part it by hand".to_owned());
    }
    Ok(prepared)
}

/// The text of a file, when it is what its bytes say.
fn text_of(directory: &Directory, file: &str) -> Result<String, String> {
    let bytes = directory.bytes(file).map_err(|error| format!("cannot read `{file}`: {error}"))?;
    String::from_utf8(bytes.to_vec()).map_err(|_| format!("`{file}` is not UTF-8"))
}

/// The old way back, and what of it goes into the new migrations'.
fn way_back(prepared: &Prepared, directory: &Directory, entry: &Entry, draft: &mut Draft) -> Result<Undone, String> {
    let (Down::Script(_), Some(read)) = (&prepared.migration.down, &prepared.down) else { return Ok(Undone::default()) };
    let text = text_of(directory, entry.down.as_deref().unwrap_or(&entry.up))?;
    let first = draft.in_place.as_ref().map(|first| first.down.clone()).unwrap_or_default();
    let undone = undo(&text, &read.statements, &draft.undo, &first);
    for (at, words) in &undone.moved {
        if let Some(later) = draft.later.get_mut(*at) {
            later.down = vec![words.clone()];
        }
    }
    Ok(undone)
}

/// Writes the migration's own files anew; says which.
#[allow(clippy::too_many_arguments, reason = "all of it is one migration's")]
fn rework(
    project: &Project,
    options: &lint::Options<'_>,
    directory: &mut Directory,
    entry: &Entry,
    text: &str,
    draft: &Draft,
    undone: &Undone,
    laid: &[Laid],
) -> Result<Vec<String>, String> {
    let goes = |text: &str, leaving: &[(crate::source::Span, usize)]| -> Vec<Edit> {
        let note = |at: usize| format!("moved to {}", laid.get(at).map_or("the next migration", Laid::name));
        leaving.iter().map(|(span, at)| leave(text, *span, &note(*at))).collect()
    };
    let mut edits = draft.edits.clone();
    edits.extend(goes(text, &draft.leaving));
    let mut changed = Vec::new();
    let separate = entry.down.as_deref().filter(|file| *file != entry.up);
    match separate {
        Some(file) => {
            let old = text_of(directory, file)?;
            let new = apply(&old, &undone.edits.iter().cloned().chain(goes(&old, &undone.leaving)).collect::<Vec<_>>());
            if new != old {
                directory.overlay(file, new.into_bytes());
                changed.push(file.to_owned());
            }
        }
        None => {
            edits.extend(undone.edits.iter().cloned());
            edits.extend(goes(text, &undone.leaving));
        }
    }
    let mut files = Vec::new();
    if let Some(first) = &draft.in_place {
        let words: Vec<String> = first.up.iter().map(|one| project.format.compound_if_needed(one)).collect();
        let words = words.join("\n");
        edits.push(Edit::replace(first.statement, words.trim_end_matches(';').to_owned()));
    }
    let after = apply(text, &edits);
    files.push(NewFile::new(directory.path(&entry.up), after));
    if let Some(what) = draft.in_place.as_ref().and_then(|first| first.outside) {
        // The way back is as it was: it needs no other wrapping, unless it was written anew.
        let down = !undone.edits.is_empty();
        project.format.run_outside(&mut files, Outside { what, down }, options.target).map_err(|cannot| cannot.to_string())?;
    }
    let mut own = Vec::new();
    for file in files {
        let path = lay::relative(directory, &file.path);
        let is_new = path != entry.up;
        if is_new && directory.has(&path) {
            return Err(format!("`{path}` is there already"));
        }
        if is_new || file.template != text {
            directory.overlay(&path, file.template.into_bytes());
            own.push(path);
        }
    }
    own.extend(changed);
    Ok(own)
}
