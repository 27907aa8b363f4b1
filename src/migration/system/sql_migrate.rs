//! sql-migrate (rubenv): `20240131-users.sql` with `-- +migrate Up` and `-- +migrate Down` in one
//! file. The file's name is its id; files run by their leading number, then by name.

use super::super::{
    Directory, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Problem, ProblemKind, Reading, TransactionMode,
    VersionOrder,
};
use super::common::{self, leading_digits, words};
use crate::engine::Target;
use crate::migration::Down;
use crate::migration::laying;
use crate::migration::laying::{Cannot, DownPlace, Outside};
use crate::migration::section::{lines, offset, with_header};
use crate::source::Span;

pub struct SqlMigrate;

/// The words after `-- +migrate`, if the line is an annotation.
fn annotation(line: &str) -> Option<Vec<&str>> {
    Some(line.strip_prefix("-- +migrate")?.split_whitespace().collect())
}

/// Whether a line opens a section of this direction.
fn is_direction(line: &str, direction: &str) -> bool {
    annotation(line).is_some_and(|words| words.first().is_some_and(|word| word.eq_ignore_ascii_case(direction)))
}

struct Section {
    up: bool,
    notransaction: bool,
    line: Span,
    body: Span,
}

fn sections(text: &str) -> (Vec<Section>, Vec<(Span, String)>) {
    let (mut sections, mut wrong): (Vec<Section>, Vec<(Span, String)>) = (Vec::new(), Vec::new());
    for line in lines(text) {
        let Some(words) = annotation(line.text) else { continue };
        let up = match words.first().map(|word| word.to_ascii_lowercase()).as_deref() {
            Some("up") => true,
            Some("down") => false,
            Some("statementbegin" | "statementend") => continue,
            _ => {
                wrong.push((line.span, "sql-migrate does not know this annotation".to_owned()));
                continue;
            }
        };
        if let Some(last) = sections.last_mut() {
            last.body.end = line.span.start;
        }
        let notransaction = words.iter().skip(1).any(|word| *word == "notransaction");
        sections.push(Section { up, notransaction, line: line.span, body: Span::new(line.next, offset(text.len())) });
    }
    (sections, wrong)
}

impl Format for SqlMigrate {
    fn id(&self) -> &'static str {
        "sql-migrate"
    }

    fn title(&self) -> &'static str {
        "sql-migrate"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        common::marker(directory, "sql-migrate", |line| annotation(line).is_some()).into_iter().collect()
    }

    fn list(&self, directory: &Directory) -> Listing {
        let mut listing = Listing::default();
        for file in directory.own_sql() {
            let stem = file.trim_end_matches(".sql");
            let name = leading_digits(stem).map_or(stem, |(_, rest)| rest);
            let mut entry = Entry::new(file, words(name), file);
            entry.down_expected = true;
            listing.entries.push(entry);
        }
        listing.sort(VersionOrder::NumberThenText);
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        let opened = reading.open(directory, &entry.up)?;
        let path = directory.path(&entry.up);
        let mut problems = opened.problems.clone();
        problems.extend(opened.mark_problem(&path, self.title()));
        let (sections, wrong) = sections(&opened.text);
        for (span, message) in wrong {
            problems.push(Problem::new(ProblemKind::Grammar, &path, message).at(opened.location(span)));
        }
        let ups: Vec<&Section> = sections.iter().filter(|section| section.up).collect();
        let downs: Vec<&Section> = sections.iter().filter(|section| !section.up).collect();
        if ups.is_empty() {
            let problem = Problem::new(ProblemKind::Grammar, &path, "sql-migrate refuses the file: there is no `-- +migrate Up`");
            problems.push(problem.at(opened.location(Span::new(0, 0))));
        }
        let mut up: Vec<Span> = ups.iter().map(|section| section.body).collect();
        match up.first_mut() {
            Some(first) => *first = with_header(&opened.text, *first),
            None => up.push(Span::new(0, sections.first().map_or(opened.span().end, |section| section.line.start))),
        }
        let down = match downs.first() {
            Some(first) => opened.down(opened.sections(&downs.iter().map(|section| section.body).collect::<Vec<_>>()), first.line),
            None => Down::Missing,
        };
        let mut migration = reading.migration(self, directory, entry, opened.sections(&up), down, problems);
        if let Some(section) = ups.iter().find(|section| section.notransaction) {
            migration.transaction = TransactionMode::None;
            migration.transaction_directive = Some(opened.location(section.line));
        }
        if downs.iter().any(|section| section.notransaction) {
            migration.down_transaction = TransactionMode::None;
        }
        Ok(migration)
    }

    fn transaction(&self, _target: Target) -> Option<TransactionMode> {
        Some(TransactionMode::PerMigration)
    }

    fn order(&self) -> VersionOrder {
        VersionOrder::NumberThenText
    }

    fn has_downs(&self) -> bool {
        true
    }

    fn new_files(&self, directory: &Directory, name: &str, now: &str) -> Vec<NewFile> {
        let path = directory.path(&format!("{now}-{}.sql", common::slug(name)));
        vec![NewFile::new(path, "-- +migrate Up\n{up}\n\n-- +migrate Down\n{down}\n")]
    }

    fn run_outside(&self, files: &mut Vec<NewFile>, outside: Outside, _target: Target) -> Result<(), Cannot> {
        let mark = |line: &str| format!("{} notransaction", line.trim_end());
        laying::replace_line(files, |line| is_direction(line, "up"), mark);
        if outside.down {
            laying::replace_line(files, |line| is_direction(line, "down"), mark);
        }
        Ok(())
    }

    fn compound(&self, statement: &str) -> String {
        format!("-- +migrate StatementBegin\n{statement}\n-- +migrate StatementEnd")
    }

    fn add_down(&self, _directory: &Directory, _entry: &Entry, text: &str, down: &str) -> Result<DownPlace, Cannot> {
        Ok(laying::section(text, "-- +migrate Down", |line| is_direction(line, "down"), down))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_before_names() {
        let directory = Directory::in_memory("m", [("10_b.sql", ""), ("9_a.sql", ""), ("9_B.sql", ""), ("z.sql", "")]);
        let found: Vec<_> = SqlMigrate.list(&directory).entries.into_iter().map(|entry| entry.version).collect();
        assert_eq!(found, ["9_B.sql", "9_a.sql", "10_b.sql", "z.sql"]);
    }

    #[test]
    fn each_direction_has_its_own_word() {
        let (sections, wrong) = sections("-- +migrate Up notransaction\na;\n-- +migrate Down\nb;\n-- +migrate Sideways\n");
        assert_eq!(sections.iter().map(|section| (section.up, section.notransaction)).collect::<Vec<_>>(), [(true, true), (false, false)]);
        assert_eq!(wrong.len(), 1);
    }
}
