//! tern: `001_users.sql`, numbered without gaps from 1. One line parts the way up from the way down;
//! without it there is no way back. Files are Go templates. PostgreSQL only.

use super::super::{
    Directory, EngineEvidence, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Numbering, Problem, ProblemKind, Reading,
    TransactionMode, VersionOrder,
};
use super::common::{self, leading_digits, skipped, words};
use crate::engine::{Engine, Target};
use crate::migration::Down;
use crate::migration::laying;
use crate::migration::laying::{Cannot, DownPlace, Outside};
use crate::migration::section::{lines, offset};
use crate::source::Span;

pub struct Tern;

const SEPARATOR: &str = "---- create above / drop below ----";
const DISABLE: &str = "---- tern: disable-tx ----";

fn parse(file: &str) -> Option<(u32, &str)> {
    let (digits, rest) = leading_digits(file.strip_suffix(".sql")?)?;
    let name = rest.strip_prefix('_').filter(|name| !name.is_empty())?;
    Some((digits.parse().ok()?, name))
}

impl Format for Tern {
    fn id(&self) -> &'static str {
        "tern"
    }

    fn title(&self) -> &'static str {
        "tern"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        let marker = common::marker(directory, "tern", |line| line == SEPARATOR || line == DISABLE);
        let config =
            directory.has("tern.conf").then(|| Evidence::new(super::super::Strength::Strong, directory.path("tern.conf"), "`tern.conf`"));
        marker.into_iter().chain(config).collect()
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
                None => listing.problems.push(skipped(directory, file, "tern passes over it: the name is not `<number>_<name>.sql`")),
            }
        }
        listing.sort(VersionOrder::Numeric);
        for (entry, expected) in listing.entries.iter().zip(1u32..) {
            if entry.version != expected.to_string() {
                let message = format!("tern refuses to start: version {expected} is missing or there twice");
                listing.problems.push(Problem::new(ProblemKind::Missing, directory.path(&entry.up), message));
                break;
            }
        }
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        let mut opened = reading.open(directory, &entry.up)?;
        let placeholders = common::braced(&opened.text, "{{")
            .into_iter()
            .map(|span| Span::new(span.start, (span.end + 1).min(opened.span().end)))
            .collect::<Vec<_>>();
        let separator = lines(&opened.text).find(|line| line.text.trim_end() == SEPARATOR).map(|line| (line.span, line.next));
        let disabled: Vec<Span> = lines(&opened.text).filter(|line| line.text.trim_end() == DISABLE).map(|line| line.span).collect();
        opened.stand_in(&placeholders);
        let up = Span::new(0, separator.map_or(opened.span().end, |(line, _)| line.start));
        let down = match separator {
            Some((line, next)) => opened.down(opened.sections(&[Span::new(next, offset(opened.text.len()))]), line),
            // That is how a tern migration says it cannot be undone.
            None => Down::Irreversible(opened.location(Span::new(0, 0))),
        };
        let mut migration = reading.migration(self, directory, entry, opened.sections(&[up]), down, opened.problems.clone());
        migration.placeholders = placeholders.iter().map(|span| opened.location(*span)).collect();
        if let Some(line) = disabled.iter().find(|line| up.contains(**line)) {
            migration.transaction = TransactionMode::None;
            migration.transaction_directive = Some(opened.location(*line));
        }
        if disabled.iter().any(|line| !up.contains(*line)) {
            migration.down_transaction = TransactionMode::None;
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

    fn engine(&self, directory: &Directory) -> Option<EngineEvidence> {
        Some(EngineEvidence {
            engine: Engine::Postgres,
            path: directory.root().to_path_buf(),
            what: "tern runs on PostgreSQL alone".to_owned(),
        })
    }

    fn new_files(&self, directory: &Directory, name: &str, _now: &str) -> Vec<NewFile> {
        let newest = self.list(directory).entries.last().and_then(|entry| entry.version.parse().ok()).unwrap_or(0);
        let version = Numbering::Sequence { width: 3, newest }.next("");
        let path = directory.path(&format!("{version}_{}.sql", common::slug(name)));
        vec![NewFile::new(path, format!("{{up}}\n\n{SEPARATOR}\n\n{{down}}\n"))]
    }

    fn run_outside(&self, files: &mut Vec<NewFile>, outside: Outside, _target: Target) -> Result<(), Cannot> {
        laying::on_top(files, &format!("{DISABLE}\n"), false);
        if outside.down {
            laying::replace_line(files, |line| line.trim_end() == SEPARATOR, |line| format!("{line}\n{DISABLE}"));
        }
        Ok(())
    }

    fn add_down(&self, _directory: &Directory, _entry: &Entry, text: &str, down: &str) -> Result<DownPlace, Cannot> {
        Ok(laying::section(text, SEPARATOR, |line| line.trim_end() == SEPARATOR, down))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_refused() {
        let listing = Tern.list(&Directory::in_memory("m", [("001_a.sql", ""), ("003_c.sql", ""), ("x.sql", "")]));
        assert_eq!(listing.problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(), [ProblemKind::Skipped, ProblemKind::Missing]);
    }
}
