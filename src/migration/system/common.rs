//! What several systems share.

use std::collections::HashMap;
use std::path::Path;

use super::super::{Directory, Entry, Evidence, Listing, Numbering, Problem, ProblemKind, Strength, VersionOrder};

/// Leading ASCII digits and what follows them.
pub(super) fn leading_digits(text: &str) -> Option<(&str, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 { None } else { text.split_at_checked(length) }
}

/// `_` and `-` in a file name stand for spaces.
pub(super) fn words(name: &str) -> String {
    name.replace(['_', '-'], " ").trim().to_owned()
}

/// A name as it goes into a file name.
pub(super) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('_') && !slug.is_empty() {
            slug.push('_');
        }
    }
    slug.trim_end_matches('_').to_owned()
}

/// The first sampled file in which a line is the system's marker.
pub(super) fn marker(directory: &Directory, title: &str, is_marker: impl Fn(&str) -> bool) -> Option<Evidence> {
    directory.samples().iter().find_map(|(file, head)| {
        let line = head.lines().find(|line| is_marker(line))?;
        Some(Evidence::new(Strength::Strong, directory.path(file), format!("the line `{}` is {title}'s", line.trim_end())))
    })
}

/// A mention of a package in a manifest of the directory or above it.
pub(super) fn dependency(directory: &Directory, manifests: &[&str], package: &str) -> Option<Evidence> {
    manifests.iter().find_map(|name| {
        let (path, text) = directory.above(name)?;
        mentions(&text, package).then(|| Evidence::new(Strength::Weak, path, format!("`{package}` is a dependency")))
    })
}

/// Whether a manifest names a package as a whole word.
fn mentions(text: &str, package: &str) -> bool {
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    text.match_indices(package).any(|(at, _)| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let after = text.get(at + package.len()..).and_then(|tail| tail.chars().next());
        !before.is_some_and(part_of_name) && !after.is_some_and(part_of_name)
    })
}

/// A configuration file of the system in the directory or above it.
pub(super) fn config_file(directory: &Directory, names: &[&str]) -> Option<Evidence> {
    names.iter().find_map(|name| {
        let (path, _) = directory.above(name)?;
        Some(Evidence::new(Strength::Strong, path, format!("`{name}`")))
    })
}

/// File names of the system's pattern.
pub(super) fn names(directory: &Directory, example: Option<&str>) -> Option<Evidence> {
    let example = example?;
    Some(Evidence::new(Strength::Medium, directory.root(), format!("files named like `{example}`")))
}

/// A note that a system passes over a file.
pub(super) fn skipped(directory: &Directory, file: &str, why: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::Skipped, directory.path(file), why)
}

/// Joins the halves of pairs: `up` files with the `down` files of the same key. Each half is the
/// version, the name and the file. A down without an up is a problem.
pub(super) fn join_pairs(directory: &Directory, ups: Vec<Entry>, downs: Vec<(String, String, String)>, order: VersionOrder) -> Listing {
    let mut listing = Listing { entries: ups, problems: Vec::new() };
    let expected = are_expected(downs.len(), listing.entries.len());
    for entry in &mut listing.entries {
        entry.down_expected = expected;
    }
    let mut by_version: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, entry) in listing.entries.iter().enumerate() {
        by_version.entry(entry.version.clone()).or_default().push(at);
    }
    for (version, name, file) in downs {
        // Of several ups of one version, the one of the same name.
        let free: Vec<usize> = by_version
            .get(&version)
            .into_iter()
            .flatten()
            .copied()
            .filter(|at| listing.entries.get(*at).is_some_and(|entry| entry.down.is_none()))
            .collect();
        let named = free.iter().find(|at| listing.entries.get(**at).is_some_and(|entry| entry.name == name));
        match named.or(free.first()).and_then(|at| listing.entries.get_mut(*at)) {
            Some(entry) => entry.down = Some(file),
            None => listing.problems.push(
                Problem::new(ProblemKind::Missing, directory.path(&file), "this down script has no up script of the same version")
                    .help("nothing will ever run it; add the up script or delete the file"),
            ),
        }
    }
    listing.sort(order);
    listing
}

/// Whether a project writes ways back: one that wrote one for fewer than every tenth migration has
/// given it up, or never began.
pub(super) fn are_expected(downs: usize, ups: usize) -> bool {
    downs > 0 && downs * 10 >= ups
}

/// The directory in which a migration lies, with a slash behind it; empty for the root of a tree.
pub(super) fn parent(entry: Option<&Entry>) -> String {
    entry.and_then(|entry| entry.up.rsplit_once('/')).map(|(parent, _)| format!("{parent}/")).unwrap_or_default()
}

/// Whether a script opens a transaction of its own. A trigger's body begins as well, without a
/// semicolon.
pub(super) fn opens_transaction(text: &str) -> bool {
    const OPENING: [&str; 7] = [
        "BEGIN;",
        "BEGIN TRANSACTION;",
        "BEGIN WORK;",
        "BEGIN IMMEDIATE;",
        "BEGIN EXCLUSIVE;",
        "START TRANSACTION;",
        "BEGIN IMMEDIATE TRANSACTION;",
    ];
    text.lines().any(|line| OPENING.iter().any(|opening| line.trim().eq_ignore_ascii_case(opening)))
}

/// Whether a script opens or ends transactions of its own.
pub(super) fn controls_transaction(text: &str) -> bool {
    let ends = |line: &str| ["COMMIT;", "COMMIT WORK;", "COMMIT TRANSACTION;"].iter().any(|end| line.trim().eq_ignore_ascii_case(end));
    opens_transaction(text) || text.lines().any(ends)
}

/// The version of the next migration.
pub(super) fn next_version(listing: &Listing, habit: Numbering, now: &str) -> String {
    Numbering::of(listing.entries.iter().map(|entry| entry.version.as_str()), habit).next(now)
}

/// Whether the path is `name` itself or lies in a directory of that name.
pub(super) fn parent_is(directory: &Directory, name: &str) -> bool {
    let root = std::path::absolute(directory.root()).unwrap_or_else(|_| directory.root().to_path_buf());
    root.parent().and_then(Path::file_name).is_some_and(|parent| parent.eq_ignore_ascii_case(name))
}

/// Stretches from `open` to the next `}` in a text: `${name}`.
pub(super) fn braced(text: &str, open: &str) -> Vec<crate::source::Span> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(open)).map(|start| at + start) {
        let Some(length) = text.get(start..).and_then(|rest| rest.find('}')) else { break };
        at = start + length + 1;
        found.push(crate::source::Span::new(crate::migration::section::offset(start), crate::migration::section::offset(at)));
    }
    found
}

/// An example of the pattern, for systems that search a tree: files of the directory itself, or of
/// its subdirectories when its name says that it is the tree's root.
pub(super) fn in_tree(directory: &Directory, fits: impl Fn(&str) -> bool) -> Option<&str> {
    let is_root = || ["migration", "migrations"].contains(&directory.name().as_str());
    directory.own_sql().find(|file| fits(file)).or_else(|| if is_root() { directory.files().find(|file| fits(file)) } else { None })
}
