//! Supabase: `supabase/migrations/20240131120000_users.sql`, PostgreSQL always, no way back. A file
//! goes over as one batch.

use super::super::{
    Directory, EngineEvidence, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Reading, Strength, TransactionMode,
    VersionOrder,
};
use super::common::{self, leading_digits, skipped, words};
use crate::engine::{Engine, Target};
use crate::migration::format::NO_DOWNS;
use crate::migration::laying::{Cannot, DownPlace, Outside, OutsideFor};

pub struct Supabase;

fn parse(file: &str) -> Option<(&str, &str)> {
    let (version, rest) = leading_digits(file.strip_suffix(".sql")?)?;
    Some((version, rest.strip_prefix('_')?))
}

impl Format for Supabase {
    fn id(&self) -> &'static str {
        "supabase"
    }

    fn title(&self) -> &'static str {
        "Supabase"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        let named = directory.name() == "migrations" && common::parent_is(directory, "supabase");
        match directory.own_sql().find(|file| parse(file).is_some()) {
            Some(_) if named => vec![Evidence::new(Strength::Strong, directory.root(), "the directory `supabase/migrations`")],
            _ => Vec::new(),
        }
    }

    fn list(&self, directory: &Directory) -> Listing {
        let mut listing = Listing::default();
        for file in directory.own_sql() {
            match parse(file) {
                Some((version, name)) => listing.entries.push(Entry::new(version, words(name), file)),
                None => listing.problems.push(skipped(directory, file, "Supabase passes over it: the name is not `<number>_<name>.sql`")),
            }
        }
        listing.sort(VersionOrder::Text);
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        Ok(reading.whole_files(self, directory, entry)?.0)
    }

    fn transaction(&self, _target: Target) -> Option<TransactionMode> {
        Some(TransactionMode::Batch)
    }

    fn order(&self) -> VersionOrder {
        VersionOrder::Text
    }

    fn has_downs(&self) -> bool {
        false
    }

    fn engine(&self, directory: &Directory) -> Option<EngineEvidence> {
        Some(EngineEvidence { engine: Engine::Postgres, path: directory.root().to_path_buf(), what: "Supabase is PostgreSQL".to_owned() })
    }

    fn new_files(&self, directory: &Directory, name: &str, now: &str) -> Vec<NewFile> {
        vec![NewFile::new(directory.path(&format!("{now}_{}.sql", common::slug(name))), "{up}\n")]
    }

    /// Since version 2.109 the CLI sends statements with CONCURRENTLY outside the batch.
    fn run_outside(&self, _files: &mut Vec<NewFile>, outside: Outside, _target: Target) -> Result<(), Cannot> {
        match outside.what {
            OutsideFor::Concurrently => Ok(()),
            OutsideFor::Batches => Err(Cannot("Supabase sends a migration as one batch, in which nothing can commit: run it by hand")),
        }
    }

    fn add_down(&self, _directory: &Directory, _entry: &Entry, _text: &str, _down: &str) -> Result<DownPlace, Cannot> {
        Err(NO_DOWNS)
    }
}
