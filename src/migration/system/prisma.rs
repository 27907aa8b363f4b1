//! Prisma: `20240131120000_users/migration.sql`; `migration_lock.toml` beside them names the engine.
//! There is no way back, and no way to opt out of sending a script as one message.

use super::super::{
    Directory, EngineEvidence, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Problem, ProblemKind, Reading, Strength,
    TransactionMode, VersionOrder,
};
use super::common;
use crate::engine::{Engine, Target};
use crate::migration::format::NO_DOWNS;
use crate::migration::laying::{Cannot, DownPlace, Outside};

pub struct Prisma;

const LOCK: &str = "migration_lock.toml";

impl Format for Prisma {
    fn id(&self) -> &'static str {
        "prisma"
    }

    fn title(&self) -> &'static str {
        "Prisma Migrate"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        let Some(file) = directory.files().find(|file| file.ends_with("/migration.sql")) else { return Vec::new() };
        let lock = directory.has(LOCK).then(|| Evidence::new(Strength::Strong, directory.path(LOCK), format!("`{LOCK}`")));
        common::names(directory, Some(file)).into_iter().chain(lock).collect()
    }

    fn list(&self, directory: &Directory) -> Listing {
        let mut listing = Listing::default();
        for name in directory.subdirectories() {
            let file = format!("{name}/migration.sql");
            if directory.has(&file) {
                let words = name.split_once('_').map_or(name, |(_, words)| words);
                listing.entries.push(Entry::new(name, common::words(words), file));
            } else {
                let problem =
                    Problem::new(ProblemKind::Missing, directory.path(name), "Prisma stops here: the directory has no `migration.sql`");
                listing.problems.push(problem);
            }
        }
        listing.sort(VersionOrder::Text);
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        Ok(reading.whole_files(self, directory, entry)?.0)
    }

    fn transaction(&self, target: Target) -> Option<TransactionMode> {
        Some(match target.engine {
            Engine::Postgres => TransactionMode::Batch,
            // Several statements in one message are no transaction there.
            Engine::Mysql | Engine::Mariadb | Engine::Sqlite => TransactionMode::None,
        })
    }

    fn order(&self) -> VersionOrder {
        VersionOrder::Text
    }

    fn has_downs(&self) -> bool {
        false
    }

    fn engine(&self, directory: &Directory) -> Option<EngineEvidence> {
        let text = directory.text(LOCK)?;
        let table: toml::Table = text.parse().ok()?;
        let provider = table.get("provider")?.as_str()?;
        let engine = match provider {
            "postgresql" => Engine::Postgres,
            "mysql" => Engine::Mysql,
            "sqlite" => Engine::Sqlite,
            _ => return None,
        };
        Some(EngineEvidence { engine, path: directory.path(LOCK), what: format!("provider = \"{provider}\"") })
    }

    fn new_files(&self, directory: &Directory, name: &str, now: &str) -> Vec<NewFile> {
        vec![NewFile::new(directory.path(&format!("{now}_{}/migration.sql", common::slug(name))), "{up}\n")]
    }

    /// A script of one statement is not wrapped.
    fn run_outside(&self, _files: &mut Vec<NewFile>, _outside: Outside, _target: Target) -> Result<(), Cannot> {
        Ok(())
    }

    fn add_down(&self, _directory: &Directory, _entry: &Entry, _text: &str, _down: &str) -> Result<DownPlace, Cannot> {
        Err(NO_DOWNS)
    }
}
