//! Cloudflare D1 through wrangler: `migrations/0001_users.sql`, SQLite, no way back, in the order of
//! file names.

use super::super::{
    Directory, EngineEvidence, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Numbering, Reading, Strength,
    TransactionMode, VersionOrder,
};
use super::common::{self, leading_digits, words};
use crate::engine::{Engine, Target};
use crate::migration::format::NO_DOWNS;
use crate::migration::laying::{Cannot, DownPlace, Outside};

pub struct Wrangler;

const CONFIG: [&str; 3] = ["wrangler.toml", "wrangler.json", "wrangler.jsonc"];

/// The nearest configuration of wrangler that binds a D1 database.
fn config(directory: &Directory) -> Option<Evidence> {
    CONFIG.iter().find_map(|name| {
        let (path, text) = directory.above(name)?;
        text.contains("d1_databases").then(|| Evidence::new(Strength::Weak, path, "`d1_databases`"))
    })
}

impl Format for Wrangler {
    fn id(&self) -> &'static str {
        "wrangler"
    }

    fn title(&self) -> &'static str {
        "Wrangler (D1)"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        let names = common::names(directory, directory.own_sql().find(|file| leading_digits(file).is_some()));
        match (names, config(directory)) {
            (Some(names), Some(config)) => vec![names, config],
            _ => Vec::new(),
        }
    }

    fn list(&self, directory: &Directory) -> Listing {
        let mut listing = Listing::default();
        for file in directory.own_sql() {
            let stem = file.trim_end_matches(".sql");
            let name = leading_digits(stem).map_or(stem, |(_, rest)| rest);
            // The whole file name is what D1 records.
            listing.entries.push(Entry::new(file, words(name), file));
        }
        listing.sort(VersionOrder::FileName);
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        Ok(reading.whole_files(self, directory, entry)?.0)
    }

    fn transaction(&self, _target: Target) -> Option<TransactionMode> {
        // A batch of D1 is undone as a whole.
        Some(TransactionMode::PerMigration)
    }

    fn order(&self) -> VersionOrder {
        VersionOrder::FileName
    }

    fn has_downs(&self) -> bool {
        false
    }

    fn engine(&self, directory: &Directory) -> Option<EngineEvidence> {
        Some(EngineEvidence { engine: Engine::Sqlite, path: directory.root().to_path_buf(), what: "D1 is SQLite".to_owned() })
    }

    fn new_files(&self, directory: &Directory, name: &str, now: &str) -> Vec<NewFile> {
        let versions = directory.own_sql().filter_map(|file| leading_digits(file).map(|(digits, _)| digits));
        let version = Numbering::of(versions, Numbering::Sequence { width: 4, newest: 0 }).next(now);
        vec![NewFile::new(directory.path(&format!("{version}_{}.sql", common::slug(name))), "{up}\n")]
    }

    fn run_outside(&self, _files: &mut Vec<NewFile>, _outside: Outside, _target: Target) -> Result<(), Cannot> {
        Err(Cannot("D1 runs a migration as one batch"))
    }

    fn add_down(&self, _directory: &Directory, _entry: &Entry, _text: &str, _down: &str) -> Result<DownPlace, Cannot> {
        Err(NO_DOWNS)
    }
}
