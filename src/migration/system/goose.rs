//! goose: `00001_users.sql` with `-- +goose Up` and `-- +goose Down` in one file. The version is
//! what stands before the first underscore, a whole number from 1.

use super::super::{
    Directory, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Numbering, Problem, ProblemKind, Reading, TransactionMode,
    VersionOrder,
};
use super::common::{self, skipped, words};
use crate::engine::Target;
use crate::migration::Down;
use crate::migration::laying;
use crate::migration::laying::{Cannot, DownPlace, Outside};
use crate::migration::section::{Line, lines, offset, with_header};
use crate::source::Span;

pub struct Goose;

/// An annotation line. Goose wants it at the start of the line and does not mind letter case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Annotation {
    Up,
    Down,
    StatementBegin,
    StatementEnd,
    NoTransaction,
    EnvsubOn,
    EnvsubOff,
    Unknown,
}

fn annotation(line: &str) -> Option<Annotation> {
    let rest = line.strip_prefix("--")?.trim_start();
    let rest = rest.strip_prefix("+goose")?;
    let words: Vec<String> = rest.split_whitespace().map(str::to_ascii_lowercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Some(match words.as_slice() {
        ["up"] => Annotation::Up,
        ["down"] => Annotation::Down,
        ["statementbegin"] => Annotation::StatementBegin,
        ["statementend"] => Annotation::StatementEnd,
        ["no", "transaction"] => Annotation::NoTransaction,
        ["envsub", "on"] => Annotation::EnvsubOn,
        ["envsub", "off"] => Annotation::EnvsubOff,
        _ => Annotation::Unknown,
    })
}

/// The number before the first underscore.
fn parse(file: &str) -> Option<(u64, &str)> {
    let (version, rest) = file.strip_suffix(".sql")?.split_once('_')?;
    let version = version.parse::<i64>().ok().filter(|version| *version >= 1)?;
    Some((version.unsigned_abs(), rest))
}

/// The version of a migration written in Go.
fn program(file: &str) -> Option<u64> {
    let (version, _) = file.strip_suffix(".go").filter(|stem| !stem.ends_with("_test"))?.split_once('_')?;
    version.parse().ok().filter(|version| *version >= 1)
}

/// What the annotations of a file say.
#[derive(Default)]
struct Read {
    up: Option<Span>,
    /// The down marker's line and its section.
    down: Option<(Span, Span)>,
    no_transaction: Option<Span>,
    placeholders: Vec<Span>,
    wrong: Vec<(Span, String)>,
}

fn read(text: &str) -> Read {
    let mut read = Read::default();
    let mut begun: Option<Span> = None;
    let mut substituted = false;
    for line in lines(text) {
        let Some(annotation) = annotation(line.text) else {
            if substituted {
                read.placeholders.extend(variables(line));
            }
            if line.text.trim_start().len() < line.text.len() && self::annotation(line.text.trim_start()).is_some() {
                read.wrong.push((line.span, "goose does not see this annotation: it must stand at the start of the line".to_owned()));
            }
            continue;
        };
        let rest = Span::new(line.next, offset(text.len()));
        match annotation {
            Annotation::Up if read.up.is_some() => {
                read.wrong.push((line.span, "a second `-- +goose Up`: goose refuses the file".to_owned()))
            }
            Annotation::Up if read.down.is_some() => {
                read.wrong.push((line.span, "`-- +goose Up` must stand before `-- +goose Down`".to_owned()))
            }
            Annotation::Up => read.up = Some(rest),
            Annotation::Down if read.up.is_none() => {
                read.wrong.push((line.span, "`-- +goose Down` without `-- +goose Up` before it".to_owned()))
            }
            Annotation::Down if read.down.is_some() => {
                read.wrong.push((line.span, "a second `-- +goose Down`: goose refuses the file".to_owned()))
            }
            Annotation::Down => {
                if let Some(up) = &mut read.up {
                    up.end = line.span.start;
                }
                read.down = Some((line.span, rest));
            }
            Annotation::StatementBegin => begun = Some(line.span),
            Annotation::StatementEnd if begun.is_none() => {
                read.wrong.push((line.span, "`-- +goose StatementEnd` without a StatementBegin".to_owned()))
            }
            Annotation::StatementEnd => begun = None,
            Annotation::NoTransaction => read.no_transaction = Some(line.span),
            Annotation::EnvsubOn => substituted = true,
            Annotation::EnvsubOff => substituted = false,
            Annotation::Unknown => read.wrong.push((line.span, "goose does not know this annotation".to_owned())),
        }
    }
    if let Some(span) = begun {
        read.wrong.push((span, "this `-- +goose StatementBegin` is never ended".to_owned()));
    }
    read
}

/// `${VAR}` in a line.
fn variables(line: Line<'_>) -> Vec<Span> {
    common::braced(line.text, "${").into_iter().map(|span| Span::new(line.span.start + span.start, line.span.start + span.end)).collect()
}

impl Format for Goose {
    fn id(&self) -> &'static str {
        "goose"
    }

    fn title(&self) -> &'static str {
        "goose"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        common::marker(directory, "goose", |line| annotation(line).is_some()).into_iter().collect()
    }

    fn list(&self, directory: &Directory) -> Listing {
        let mut listing = Listing::default();
        for file in directory.own_sql() {
            match parse(file) {
                Some((version, name)) => {
                    let mut entry = Entry::new(version.to_string(), words(name), file);
                    entry.down_expected = true;
                    listing.entries.push(entry);
                }
                None => listing.problems.push(skipped(
                    directory,
                    file,
                    "goose passes over it: the name does not begin with a number from 1 and an underscore",
                )),
            }
        }
        listing.sort(VersionOrder::Numeric);
        let programs: Vec<u64> = directory.own_files().filter_map(program).collect();
        let mut before = 0;
        for entry in &mut listing.entries {
            let version = entry.version.parse::<u64>().unwrap_or(u64::MAX);
            entry.after_program = programs.iter().any(|program| (before..version).contains(program));
            before = version;
        }
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        let mut opened = reading.open(directory, &entry.up)?;
        let path = directory.path(&entry.up);
        let read = read(&opened.text);
        let mut problems = opened.problems.clone();
        problems.extend(opened.mark_problem(&path, self.title()));
        for (span, message) in read.wrong {
            problems.push(Problem::new(ProblemKind::Grammar, &path, message).at(opened.location(span)));
        }
        let Some(up) = read.up else {
            // Without the annotation goose stops; the file is read whole all the same.
            let problem = Problem::new(ProblemKind::Grammar, &path, "goose refuses the file: there is no `-- +goose Up`");
            problems.push(
                problem.at(opened.location(Span::new(0, 0))).help("put `-- +goose Up` on a line of its own before the first statement"),
            );
            return Ok(reading.migration(self, directory, entry, opened.whole(), Down::Missing, problems));
        };
        let up = with_header(&opened.text, up);
        opened.stand_in(&read.placeholders);
        let down = match read.down {
            Some((marker, section)) => opened.down(opened.sections(&[section]), marker),
            None => Down::Missing,
        };
        let mut migration = reading.migration(self, directory, entry, opened.sections(&[up]), down, problems);
        migration.placeholders = read.placeholders.iter().map(|span| opened.location(*span)).collect();
        if let Some(span) = read.no_transaction {
            migration.transaction = TransactionMode::None;
            migration.down_transaction = TransactionMode::None;
            migration.transaction_directive = Some(opened.location(span));
        }
        Ok(migration)
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

    fn new_files(&self, directory: &Directory, name: &str, now: &str) -> Vec<NewFile> {
        let written = directory.own_sql().filter_map(|file| parse(file).and_then(|_| file.split_once('_')).map(|(version, _)| version));
        let version = Numbering::of(written, Numbering::Timestamp).next(now);
        let path = directory.path(&format!("{version}_{}.sql", common::slug(name)));
        vec![NewFile::new(path, "-- +goose Up\n{up}\n\n-- +goose Down\n{down}\n")]
    }

    fn run_outside(&self, files: &mut Vec<NewFile>, outside: Outside, _target: Target) -> Result<(), Cannot> {
        // The annotation counts for the whole file, wherever it stands.
        laying::on_top(files, "-- +goose NO TRANSACTION\n", outside.down);
        Ok(())
    }

    fn compound(&self, statement: &str) -> String {
        format!("-- +goose StatementBegin\n{statement}\n-- +goose StatementEnd")
    }

    fn add_down(&self, _directory: &Directory, _entry: &Entry, text: &str, down: &str) -> Result<DownPlace, Cannot> {
        Ok(laying::section(text, "-- +goose Down", |line| annotation(line) == Some(Annotation::Down), down))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_did_before_is_not_known() {
        let names = ["1_a.sql", "2_b.go", "2_b_test.go", "3_c.sql", "4_d.sql", "main.go", "9_e.go"];
        let listing = Goose.list(&Directory::in_memory("m", names.map(|name| (name, ""))));
        let after: Vec<&str> = listing.entries.iter().filter(|entry| entry.after_program).map(|entry| entry.version.as_str()).collect();
        assert_eq!(after, ["3"]);
    }

    #[test]
    fn annotations_are_read_as_goose_reads_them() {
        assert_eq!(annotation("-- +goose Up"), Some(Annotation::Up));
        assert_eq!(annotation("--+goose down"), Some(Annotation::Down));
        assert_eq!(annotation("-- +goose NO TRANSACTION"), Some(Annotation::NoTransaction));
        assert_eq!(annotation(" -- +goose Up"), None);
        assert_eq!(annotation("-- +goose Sideways"), Some(Annotation::Unknown));
    }

    #[test]
    fn versions_start_at_one() {
        assert_eq!(parse("00001_users.sql"), Some((1, "users")));
        assert_eq!(parse("0_users.sql"), None);
        assert_eq!(parse("users.sql"), None);
    }

    #[test]
    fn what_goose_refuses_is_told() {
        let wrong = |text: &str| read(text).wrong.len();
        assert_eq!(wrong("-- +goose Up\nx;\n-- +goose Down\ny;"), 0);
        assert_eq!(wrong("-- +goose Down\ny;"), 1);
        assert_eq!(wrong("-- +goose Up\n-- +goose Up\n"), 1);
        assert_eq!(wrong("-- +goose Up\n-- +goose StatementBegin\n"), 1);
        assert_eq!(wrong("-- +goose Up\n-- +goose StatementEnd\n  -- +goose Down"), 2);
    }
}
