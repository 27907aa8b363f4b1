//! node-pg-migrate, its SQL files: `1706700000000_users.sql` with `-- Up Migration` and
//! `-- Down Migration`, or a pair `.up.sql` / `.down.sql`. A file without a marker is all up.
//! PostgreSQL only.

use super::super::{
    Directory, EngineEvidence, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Reading, TransactionMode, VersionOrder,
};
use super::common::{self, join_pairs, leading_digits, skipped, words};
use crate::engine::{Engine, Target};
use crate::migration::Down;
use crate::migration::laying;
use crate::migration::laying::{Cannot, DownPlace, Outside};
use crate::migration::section::{lines, offset, with_header};
use crate::source::Span;

pub struct NodePgMigrate;

/// Whether a line is the marker of a direction: dashes and blanks, then `up migration`.
fn marker(line: &str, direction: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix("--") else { return false };
    let mut words = rest.trim_start_matches(|c: char| c == '-' || c.is_whitespace()).split_whitespace();
    words.next().is_some_and(|word| word.eq_ignore_ascii_case(direction))
        && words.next().is_some_and(|word| word.get(..9).is_some_and(|word| word.eq_ignore_ascii_case("migration")))
}

impl Format for NodePgMigrate {
    fn id(&self) -> &'static str {
        "node-pg-migrate"
    }

    fn title(&self) -> &'static str {
        "node-pg-migrate"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        let marked = common::marker(directory, "node-pg-migrate", |line| marker(line, "up") || marker(line, "down"));
        let names = common::names(directory, directory.own_sql().find(|file| leading_digits(file).is_some()));
        let used = common::dependency(directory, &["package.json"], "node-pg-migrate");
        match (marked, names, used) {
            (Some(marked), _, used) => std::iter::once(marked).chain(used).collect(),
            (None, Some(names), Some(used)) => vec![names, used],
            _ => Vec::new(),
        }
    }

    fn list(&self, directory: &Directory) -> Listing {
        let (mut ups, mut downs, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for file in directory.own_sql() {
            let stem = file.trim_end_matches(".sql");
            let Some((version, _)) = leading_digits(stem) else {
                problems.push(skipped(directory, file, "node-pg-migrate expects a number in front"));
                continue;
            };
            let name = |stem: &str| words(stem.trim_start_matches(|c: char| c.is_ascii_digit()));
            match stem.strip_suffix(".down") {
                Some(stem) => downs.push((version.to_owned(), name(stem), file.to_owned())),
                None => ups.push(Entry::new(version, name(stem.strip_suffix(".up").unwrap_or(stem)), file)),
            }
        }
        let mut listing = join_pairs(directory, ups, downs, VersionOrder::Numeric);
        listing.problems.extend(problems);
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        if entry.down.is_some() {
            return Ok(reading.whole_files(self, directory, entry)?.0);
        }
        let opened = reading.open(directory, &entry.up)?;
        let find = |direction: &str| lines(&opened.text).find(|line| marker(line.text, direction)).map(|line| (line.span, line.next));
        let (up, down) = (find("up"), find("down"));
        let end = offset(opened.text.len());
        let up = match (up, down) {
            (Some((_, start)), Some((line, _))) if line.start > start => Span::new(start, line.start),
            (Some((_, start)), _) => Span::new(start, end),
            (None, Some((line, _))) => Span::new(0, line.start),
            (None, None) => Span::new(0, end),
        };
        let down = match (down, up) {
            (Some((line, start)), up) => {
                opened.down(opened.sections(&[Span::new(start, if up.start > start { up.start } else { end })]), line)
            }
            (None, _) => Down::Missing,
        };
        let script = opened.sections(&[with_header(&opened.text, up)]);
        Ok(reading.migration(self, directory, entry, script, down, opened.problems.clone()))
    }

    fn transaction(&self, _target: Target) -> Option<TransactionMode> {
        Some(TransactionMode::PerMigration)
    }

    fn order(&self) -> VersionOrder {
        VersionOrder::Numeric
    }

    fn has_downs(&self) -> bool {
        true
    }

    fn engine(&self, directory: &Directory) -> Option<EngineEvidence> {
        Some(EngineEvidence {
            engine: Engine::Postgres,
            path: directory.root().to_path_buf(),
            what: "node-pg-migrate runs on PostgreSQL alone".to_owned(),
        })
    }

    fn new_files(&self, directory: &Directory, name: &str, now: &str) -> Vec<NewFile> {
        // 17 digits: the time in UTC with milliseconds.
        let path = directory.path(&format!("{now}000_{}.sql", common::slug(name)));
        vec![NewFile::new(path, "-- Up Migration\n{up}\n\n-- Down Migration\n{down}\n")]
    }

    fn run_outside(&self, _files: &mut Vec<NewFile>, _outside: Outside, _target: Target) -> Result<(), Cannot> {
        Err(Cannot(
            "an SQL file of node-pg-migrate always runs in a transaction: write a JavaScript migration that calls `pgm.noTransaction()`",
        ))
    }

    fn add_down(&self, directory: &Directory, entry: &Entry, text: &str, down: &str) -> Result<DownPlace, Cannot> {
        if entry.up.ends_with(".up.sql") {
            return Ok(laying::beside(directory, entry, &[".up.sql"], ".down.sql", down));
        }
        Ok(laying::section(text, "-- Down Migration", |line| marker(line, "down"), down))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_loose() {
        for line in ["-- Up Migration", "--up migration", "  -- - UP   Migration here"] {
            assert!(marker(line, "up"), "{line}");
        }
        for line in ["-- set up migration", "Up Migration", "-- Down Migration", "-- up"] {
            assert!(!marker(line, "up"), "{line}");
        }
    }
}
