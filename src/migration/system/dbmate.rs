//! dbmate: `20240131120000_users.sql` with `-- migrate:up` and `-- migrate:down` in one file. Files
//! run in the order of their names as text; the version is the digits in front.

use super::super::{
    Directory, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Problem, ProblemKind, Reading, TransactionMode,
    VersionOrder,
};
use super::common::{self, leading_digits, skipped, words};
use crate::engine::{Engine, Target};
use crate::migration::Down;
use crate::migration::laying;
use crate::migration::laying::{Cannot, DownPlace, Outside};
use crate::migration::section::{lines, offset, statement_in, with_header};
use crate::source::Span;

pub struct Dbmate;

/// A marker line: up or down, and whether it says `transaction:false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Marker {
    up: bool,
    wrapped: bool,
}

fn marker(line: &str) -> Option<Marker> {
    let rest = line.strip_prefix("--")?.trim_start().strip_prefix("migrate:")?;
    let (up, options) = match (rest.strip_prefix("up"), rest.strip_prefix("down")) {
        (Some(options), _) => (true, options),
        (_, Some(options)) => (false, options),
        _ => return None,
    };
    if !options.is_empty() && !options.starts_with(char::is_whitespace) {
        return None;
    }
    let wrapped = !options.split_whitespace().any(|option| option == "transaction:false");
    Some(Marker { up, wrapped })
}

struct Section {
    marker: Marker,
    line: Span,
    body: Span,
}

fn sections(text: &str) -> Vec<Section> {
    let end = offset(text.len());
    let mut sections: Vec<Section> = Vec::new();
    for line in lines(text) {
        if let Some(marker) = marker(line.text) {
            if let Some(last) = sections.last_mut() {
                last.body.end = line.span.start;
            }
            sections.push(Section { marker, line: line.span, body: Span::new(line.next, end) });
        }
    }
    sections
}

impl Format for Dbmate {
    fn id(&self) -> &'static str {
        "dbmate"
    }

    fn title(&self) -> &'static str {
        "dbmate"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        common::marker(directory, "dbmate", |line| marker(line).is_some()).into_iter().collect()
    }

    fn list(&self, directory: &Directory) -> Listing {
        let mut listing = Listing::default();
        for file in directory.own_sql() {
            match leading_digits(file) {
                Some((version, rest)) => {
                    let mut entry = Entry::new(version, words(rest.trim_end_matches(".sql")), file);
                    entry.down_expected = true;
                    listing.entries.push(entry);
                }
                None => listing.problems.push(skipped(directory, file, "dbmate passes over it: the name does not begin with a digit")),
            }
        }
        listing.sort(VersionOrder::FileName);
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        let opened = reading.open(directory, &entry.up)?;
        let path = directory.path(&entry.up);
        let mut problems = opened.problems.clone();
        problems.extend(opened.mark_problem(&path, self.title()));
        let mut wrong = |span: Span, message: &str| {
            problems.push(Problem::new(ProblemKind::Grammar, &path, message).at(opened.location(span)));
        };
        let sections = sections(&opened.text);
        let ups: Vec<&Section> = sections.iter().filter(|section| section.marker.up).collect();
        let downs: Vec<&Section> = sections.iter().filter(|section| !section.marker.up).collect();
        let Some(first) = ups.first() else {
            wrong(Span::new(0, 0), "dbmate refuses the file: there is no `-- migrate:up`");
            return Ok(reading.migration(self, directory, entry, opened.whole(), Down::Missing, problems));
        };
        match downs.first() {
            None => wrong(first.line, "dbmate refuses the file: there is no `-- migrate:down`, which it requires even when it is empty"),
            Some(down) if down.line.start < first.line.start => wrong(down.line, "`-- migrate:up` must stand before `-- migrate:down`"),
            Some(_) => {}
        }
        let before = Span::new(0, sections.first().map_or(0, |section| section.line.start));
        if statement_in(before.slice(&opened.text)) {
            wrong(before, "dbmate refuses statements before the first `-- migrate:up`");
        }
        for section in ups.iter().skip(1) {
            wrong(section.line, "a second `-- migrate:up`: dbmate would record the version twice and fail");
        }
        let bodies = |sections: &[&Section]| sections.iter().map(|section| section.body).collect::<Vec<_>>();
        let down = match downs.first() {
            Some(marker) => opened.down(opened.sections(&bodies(&downs)), marker.line),
            None => Down::Missing,
        };
        let mut up = bodies(&ups);
        if let Some(first) = up.first_mut() {
            *first = with_header(&opened.text, *first);
        }
        let mut migration = reading.migration(self, directory, entry, opened.sections(&up), down, problems);
        // Without a transaction the section goes over in one message.
        let unwrapped = match reading.target.engine {
            Engine::Postgres => TransactionMode::Batch,
            Engine::Mysql | Engine::Mariadb | Engine::Sqlite => TransactionMode::None,
        };
        if let Some(section) = ups.iter().find(|section| !section.marker.wrapped) {
            migration.transaction = unwrapped;
            migration.transaction_directive = Some(opened.location(section.line));
        }
        if downs.iter().any(|section| !section.marker.wrapped) {
            migration.down_transaction = unwrapped;
        }
        Ok(migration)
    }

    fn transaction(&self, _target: Target) -> Option<TransactionMode> {
        Some(TransactionMode::PerMigration)
    }

    fn order(&self) -> VersionOrder {
        VersionOrder::FileName
    }

    fn has_downs(&self) -> bool {
        true
    }

    fn new_files(&self, directory: &Directory, name: &str, now: &str) -> Vec<NewFile> {
        let path = directory.path(&format!("{now}_{}.sql", common::slug(name)));
        vec![NewFile::new(path, "-- migrate:up\n{up}\n\n-- migrate:down\n{down}\n")]
    }

    fn run_outside(&self, files: &mut Vec<NewFile>, outside: Outside, _target: Target) -> Result<(), Cannot> {
        let mark = |line: &str| format!("{} transaction:false", line.trim_end());
        let is = |up: bool| move |line: &str| marker(line).is_some_and(|marker| marker.up == up && marker.wrapped);
        laying::replace_line(files, is(true), mark);
        if outside.down {
            laying::replace_line(files, is(false), mark);
        }
        Ok(())
    }

    fn add_down(&self, _directory: &Directory, _entry: &Entry, text: &str, down: &str) -> Result<DownPlace, Cannot> {
        Ok(laying::section(text, "-- migrate:down", |line| marker(line).is_some_and(|marker| !marker.up), down))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_and_their_options() {
        let read = |line| marker(line).map(|marker| (marker.up, marker.wrapped));
        assert_eq!(read("-- migrate:up"), Some((true, true)));
        assert_eq!(read("--migrate:down transaction:false"), Some((false, false)));
        assert_eq!(read("-- migrate:up  x:y transaction:false"), Some((true, false)));
        assert_eq!(read("-- migrate:up transaction:False"), Some((true, true)));
        assert_eq!(read("-- migrate:upward"), None);
        assert_eq!(read("  -- migrate:up"), None);
    }

    #[test]
    fn files_run_in_name_order() {
        let directory = Directory::in_memory("m", [("10_b.sql", ""), ("9_a.sql", ""), ("x.sql", "")]);
        let listing = Dbmate.list(&directory);
        assert_eq!(listing.entries.iter().map(|entry| entry.version.as_str()).collect::<Vec<_>>(), ["10", "9"]);
        assert_eq!(listing.problems.len(), 1);
    }
}
