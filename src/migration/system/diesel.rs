//! Diesel: one directory per migration with `up.sql`, mostly `down.sql`, sometimes `metadata.toml`.
//! The version is the directory's name up to the first underscore, dashes removed; it is compared
//! as text.

use super::super::{
    Directory, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Numbering, Problem, ProblemKind, Reading, TransactionMode,
    VersionOrder,
};
use super::common::{self, words};
use crate::engine::{Engine, Target};
use crate::migration::laying;
use crate::migration::laying::{Cannot, DownPlace, Outside};
use crate::migration::section::statement_in;

pub struct Diesel;

fn parse(name: &str) -> (String, &str) {
    let (version, rest) = name.split_once('_').unwrap_or((name, ""));
    (version.replace('-', ""), rest)
}

impl Format for Diesel {
    fn id(&self) -> &'static str {
        "diesel"
    }

    fn title(&self) -> &'static str {
        "Diesel"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        let Some(up) = directory.files().find(|file| file.ends_with("/up.sql")) else { return Vec::new() };
        let names = common::names(directory, Some(up));
        let config = common::config_file(directory, &["diesel.toml"]);
        let used = common::dependency(directory, &["Cargo.toml", "Cargo.lock"], "diesel");
        names.into_iter().chain(config).chain(used).collect()
    }

    fn list(&self, directory: &Directory) -> Listing {
        let mut listing = Listing::default();
        for name in directory.subdirectories() {
            let file = |file: &str| format!("{name}/{file}");
            if !directory.has(&file("up.sql")) {
                let problem = Problem::new(ProblemKind::Missing, directory.path(name), "Diesel stops here: the directory has no `up.sql`");
                listing.problems.push(problem);
                continue;
            }
            let (version, rest) = parse(name);
            let mut entry = Entry::new(version, words(rest), file("up.sql"));
            entry.down = Some(file("down.sql")).filter(|down| directory.has(down));
            entry.beside = Some(file("metadata.toml")).filter(|metadata| directory.has(metadata)).into_iter().collect();
            listing.entries.push(entry);
        }
        let expected = common::are_expected(listing.entries.iter().filter(|entry| entry.down.is_some()).count(), listing.entries.len());
        for entry in &mut listing.entries {
            entry.down_expected = expected;
        }
        listing.sort(VersionOrder::Text);
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        let (mut migration, opened) = reading.whole_files(self, directory, entry)?;
        if !statement_in(&opened.text) {
            let problem = Problem::new(ProblemKind::Grammar, directory.path(&entry.up), "Diesel refuses an `up.sql` without a statement");
            migration.problems.push(problem.at(opened.location(opened.span())));
        }
        if let Some(metadata) = entry.beside.first() {
            self.read_metadata(directory, metadata, &mut migration, reading)?;
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
        true
    }

    fn new_files(&self, directory: &Directory, name: &str, now: &str) -> Vec<NewFile> {
        let stem = format!("{}_{}", dashed(now), common::slug(name));
        let stem = match Numbering::of(self.list(directory).entries.iter().map(|entry| entry.version.as_str()), Numbering::Timestamp) {
            Numbering::Timestamp => stem,
            sequence @ Numbering::Sequence { .. } => format!("{}_{}", sequence.next(now), common::slug(name)),
        };
        vec![
            NewFile::new(directory.path(&format!("{stem}/up.sql")), "{up}\n"),
            NewFile::new(directory.path(&format!("{stem}/down.sql")), "{down}\n"),
        ]
    }

    fn run_outside(&self, files: &mut Vec<NewFile>, _outside: Outside, _target: Target) -> Result<(), Cannot> {
        if let Some(directory) = files.first().and_then(|up| up.path.parent()) {
            files.push(NewFile::new(directory.join("metadata.toml"), "run_in_transaction = false\n"));
        }
        Ok(())
    }

    fn add_down(&self, directory: &Directory, entry: &Entry, _text: &str, down: &str) -> Result<DownPlace, Cannot> {
        Ok(laying::beside(directory, entry, &["up.sql"], "down.sql", down))
    }
}

/// `20240131120000` as Diesel names a directory: `2024-01-31-120000`.
fn dashed(now: &str) -> String {
    match (now.get(..4), now.get(4..6), now.get(6..8), now.get(8..)) {
        (Some(year), Some(month), Some(day), Some(time)) => format!("{year}-{month}-{day}-{time}"),
        _ => now.to_owned(),
    }
}

impl Diesel {
    /// A `metadata.toml` that leaves the key out means *false* to Diesel; one that is no TOML is
    /// passed over.
    fn read_metadata(
        &self,
        directory: &Directory,
        file: &str,
        migration: &mut Migration,
        reading: &mut Reading<'_>,
    ) -> Result<(), LoadError> {
        let opened = reading.open(directory, file)?;
        let path = directory.path(file);
        let table = match toml::de::DeTable::parse(&opened.text) {
            Ok(table) => table,
            Err(error) => {
                let message = format!("Diesel passes over this file: {}", error.message());
                migration.problems.push(Problem::new(ProblemKind::Grammar, path, message).at(opened.location(opened.span())));
                return Ok(());
            }
        };
        let value = table.get_ref().get("run_in_transaction");
        let wrapped = match value.map(|value| value.get_ref()) {
            Some(toml::de::DeValue::Boolean(wrapped)) => *wrapped,
            Some(_) => true,
            None => false,
        };
        if value.is_none() {
            let message = "`run_in_transaction` is not set here, and Diesel takes that for false";
            let problem = Problem::new(ProblemKind::Grammar, path, message).at(opened.location(opened.span()));
            migration.problems.push(problem.help("write `run_in_transaction = true`, or delete the file"));
        }
        if !wrapped {
            // Without a transaction of its own the file goes over in one message.
            let mode = match reading.target.engine {
                Engine::Postgres => TransactionMode::Batch,
                Engine::Mysql | Engine::Mariadb | Engine::Sqlite => TransactionMode::None,
            };
            migration.transaction = mode;
            migration.down_transaction = mode;
            let span = value.map_or(opened.span(), |value| {
                let range = value.span();
                crate::source::Span::new(super::super::section::offset(range.start), super::super::section::offset(range.end))
            });
            migration.transaction_directive = Some(opened.location(span));
        }
        Ok(())
    }
}
