//! graphile-migrate: `committed/000001-users.sql` with a header of `--!` lines, and `current.sql`,
//! the one being written. PostgreSQL only, no way back.

use super::super::{
    Directory, EngineEvidence, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Reading, Strength, TransactionMode,
    VersionOrder,
};
use super::common::{leading_digits, words};
use crate::engine::{Engine, Target};
use crate::migration::Down;
use crate::migration::format::NO_DOWNS;
use crate::migration::laying;
use crate::migration::laying::{Cannot, DownPlace, Outside};
use crate::migration::section::{lines, offset};
use crate::source::Span;

pub struct GraphileMigrate;

const CURRENT: &str = "current.sql";
const NO_TRANSACTION: &str = "--! no-transaction";

/// Version and name of a committed file: `000001-users.sql`.
fn parse(file: &str) -> Option<(&str, &str)> {
    let (version, rest) = leading_digits(file.strip_prefix("committed/")?.strip_suffix(".sql")?)?;
    (rest.is_empty() || rest.starts_with('-')).then_some((version, rest))
}

/// `:DATABASE_NAME` and its like: a colon, not doubled, and capital letters.
fn placeholders(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for (at, _) in text.match_indices(':') {
        let length =
            bytes.iter().skip(at + 1).take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b'_').count();
        let first = bytes.get(at + 1).is_some_and(u8::is_ascii_uppercase);
        let doubled = at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(|before| *before == b':');
        let ends = bytes.get(at + 1 + length).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        if first && length > 1 && ends && !doubled {
            found.push(Span::new(offset(at), offset(at + 1 + length)));
        }
    }
    found
}

impl Format for GraphileMigrate {
    fn id(&self) -> &'static str {
        "graphile-migrate"
    }

    fn title(&self) -> &'static str {
        "graphile-migrate"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        let committed = directory.files().find(|file| parse(file).is_some() && directory.peek(file).starts_with("--! Previous:"));
        committed.map(|file| Evidence::new(Strength::Strong, directory.path(file), "the line `--! Previous:`")).into_iter().collect()
    }

    fn list(&self, directory: &Directory) -> Listing {
        let mut listing = Listing::default();
        for file in directory.files() {
            if let Some((version, name)) = parse(file) {
                listing.entries.push(Entry::new(version, words(name), file));
            }
        }
        listing.sort(VersionOrder::Text);
        let current = directory.files().filter(|file| *file == CURRENT || (file.starts_with("current/") && file.ends_with(".sql")));
        listing.entries.extend(current.map(|file| {
            let mut entry = Entry::new("current", words(file.trim_end_matches(".sql").trim_start_matches("current/")), file);
            entry.repeatable = true;
            entry
        }));
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        let mut opened = reading.open(directory, &entry.up)?;
        let placeholders = placeholders(&opened.text);
        opened.stand_in(&placeholders);
        let mut migration = reading.migration(self, directory, entry, opened.whole(), Down::NotSupported, opened.problems.clone());
        migration.placeholders = placeholders.iter().map(|span| opened.location(*span)).collect();
        // The first line of the body; the header before it is `--!` lines and an empty one.
        let body =
            lines(&opened.text).find(|line| !line.text.trim().is_empty() && !(line.text.starts_with("--! ") && line.text.contains(": ")));
        if let Some(line) = body.filter(|line| line.text.trim_end() == NO_TRANSACTION) {
            migration.transaction = TransactionMode::Batch;
            migration.transaction_directive = Some(opened.location(line.span));
        }
        Ok(migration)
    }

    fn transaction(&self, _target: Target) -> Option<TransactionMode> {
        Some(TransactionMode::PerMigration)
    }

    fn order(&self) -> VersionOrder {
        VersionOrder::Text
    }

    fn has_downs(&self) -> bool {
        false
    }

    fn engine(&self, directory: &Directory) -> Option<EngineEvidence> {
        Some(EngineEvidence {
            engine: Engine::Postgres,
            path: directory.root().to_path_buf(),
            what: "graphile-migrate runs on PostgreSQL alone".to_owned(),
        })
    }

    /// A new one is always written in `current.sql`; the tool commits it.
    fn new_files(&self, directory: &Directory, _name: &str, _now: &str) -> Vec<NewFile> {
        vec![NewFile::new(directory.path(CURRENT), "{up}\n")]
    }

    fn no_new_files(&self, directory: &Directory) -> Option<Cannot> {
        let why = "graphile-migrate knows one migration in the making, current.sql: commit it, and put the statements into the next";
        directory.has(CURRENT).then_some(Cannot(why))
    }

    fn run_outside(&self, files: &mut Vec<NewFile>, outside: Outside, _target: Target) -> Result<(), Cannot> {
        laying::on_top(files, &format!("{NO_TRANSACTION}\n"), outside.down);
        Ok(())
    }

    fn add_down(&self, _directory: &Directory, _entry: &Entry, _text: &str, _down: &str) -> Result<DownPlace, Cannot> {
        Err(NO_DOWNS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts_are_no_placeholders() {
        let found = |text: &str| placeholders(text).into_iter().map(|span| span.slice(text).to_owned()).collect::<Vec<_>>();
        assert_eq!(found("GRANT CONNECT ON DATABASE :DATABASE_NAME TO :DATABASE_VISITOR;"), [":DATABASE_NAME", ":DATABASE_VISITOR"]);
        assert_eq!(found("SELECT '1'::INT, a::text, '12:30', b[1:2]"), Vec::<String>::new());
    }

    #[test]
    fn the_current_one_stands_last() {
        let directory = Directory::in_memory(
            "m",
            [("committed/000002-b.sql", "--! Previous: x\n"), ("committed/000001.sql", "--! Previous: -\n"), ("current.sql", "")],
        );
        assert!(!GraphileMigrate.detect(&directory).is_empty());
        assert_eq!(
            GraphileMigrate.list(&directory).entries.into_iter().map(|entry| entry.version).collect::<Vec<_>>(),
            ["000001", "000002", "current"]
        );
    }
}
