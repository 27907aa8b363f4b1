//! drizzle-kit. Before 1.0: `0001_name.sql` in the order of `meta/_journal.json`, which alone decides
//! what counts. Since 1.0: `20240131120000_name/migration.sql` beside `snapshot.json`. Everything
//! pending runs in one transaction; there is no way back.

use std::collections::HashSet;

use super::super::{
    Directory, EngineEvidence, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Problem, ProblemKind, Reading, Strength,
    TransactionMode, VersionOrder,
};
use super::common::{self, skipped, words};
use crate::engine::{Engine, Target};
use crate::migration::format::NO_DOWNS;
use crate::migration::laying::{Cannot, DownPlace, Outside};
use crate::source::Script;

pub struct Drizzle;

const JOURNAL: &str = "meta/_journal.json";
const BREAKPOINT: &str = "--> statement-breakpoint";

fn journal(directory: &Directory) -> Option<serde_json::Value> {
    serde_json::from_str(&directory.text(JOURNAL)?).ok()
}

fn engine_of(dialect: &str) -> Option<Engine> {
    match dialect {
        "postgresql" | "pg" => Some(Engine::Postgres),
        "mysql" => Some(Engine::Mysql),
        "sqlite" | "turso" => Some(Engine::Sqlite),
        _ => None,
    }
}

impl Format for Drizzle {
    fn id(&self) -> &'static str {
        "drizzle"
    }

    fn title(&self) -> &'static str {
        "drizzle-kit"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        let snapshot = directory.files().find(|file| {
            file.strip_suffix("/snapshot.json").is_some_and(|name| !name.contains('/') && directory.has(&format!("{name}/migration.sql")))
        });
        let file = if directory.has(JOURNAL) { Some(JOURNAL) } else { snapshot };
        file.map(|file| Evidence::new(Strength::Strong, directory.path(file), format!("`{file}`"))).into_iter().collect()
    }

    fn list(&self, directory: &Directory) -> Listing {
        if directory.has(JOURNAL) { journal_listing(directory) } else { directory_listing(directory) }
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        let opened = reading.open(directory, &entry.up)?;
        // drizzle cuts here itself; to a server `-->` is not always a comment.
        let cut = format!(";{}", " ".repeat(BREAKPOINT.len() - 1));
        let up = Script::whole(opened.id, opened.text.replace(BREAKPOINT, &cut).into());
        Ok(reading.migration(self, directory, entry, up, crate::migration::Down::NotSupported, opened.problems.clone()))
    }

    fn transaction(&self, _target: Target) -> Option<TransactionMode> {
        Some(TransactionMode::PerMigration)
    }

    fn order(&self) -> VersionOrder {
        VersionOrder::Listed
    }

    fn has_downs(&self) -> bool {
        false
    }

    fn engine(&self, directory: &Directory) -> Option<EngineEvidence> {
        let (file, value) = match journal(directory) {
            Some(value) => (JOURNAL.to_owned(), value),
            None => {
                let file = directory.files().filter(|file| file.ends_with("/snapshot.json")).last()?.to_owned();
                let value = serde_json::from_str(&directory.text(&file)?).ok()?;
                (file, value)
            }
        };
        let dialect = value.get("dialect")?.as_str()?;
        Some(EngineEvidence { engine: engine_of(dialect)?, path: directory.path(&file), what: format!("\"dialect\": \"{dialect}\"") })
    }

    /// The file alone is not enough: drizzle-kit writes the journal or the snapshot beside it.
    fn new_files(&self, directory: &Directory, name: &str, now: &str) -> Vec<NewFile> {
        let path = if directory.has(JOURNAL) {
            format!("{:04}_{}.sql", self.list(directory).entries.len(), common::slug(name))
        } else {
            format!("{now}_{}/migration.sql", common::slug(name))
        };
        vec![NewFile::new(directory.path(&path), "{up}\n")]
    }

    fn no_new_files(&self, _directory: &Directory) -> Option<Cannot> {
        Some(Cannot(
            "drizzle-kit keeps a journal and a snapshot for every migration: make an empty one with `drizzle-kit generate --custom` and put the statements there",
        ))
    }

    fn run_outside(&self, _files: &mut Vec<NewFile>, _outside: Outside, _target: Target) -> Result<(), Cannot> {
        Err(Cannot(
            "drizzle runs everything that is pending in one transaction: run the statement by hand, and keep it out of the migrations",
        ))
    }

    fn add_down(&self, _directory: &Directory, _entry: &Entry, _text: &str, _down: &str) -> Result<DownPlace, Cannot> {
        Err(NO_DOWNS)
    }
}

fn directory_listing(directory: &Directory) -> Listing {
    let mut listing = Listing::default();
    for name in directory.subdirectories() {
        let file = format!("{name}/migration.sql");
        if directory.has(&file) {
            listing.entries.push(Entry::new(name, words(name.split_once('_').map_or(name, |(_, words)| words)), file));
        }
    }
    listing
}

fn journal_listing(directory: &Directory) -> Listing {
    let mut listing = Listing::default();
    let Some(journal) = journal(directory) else {
        listing.problems.push(Problem::new(ProblemKind::Grammar, directory.path(JOURNAL), "the journal is not valid JSON"));
        return listing;
    };
    let mut entries: Vec<&serde_json::Value> =
        journal.get("entries").and_then(|entries| entries.as_array()).into_iter().flatten().collect();
    entries.sort_by_key(|entry| entry.get("idx").and_then(serde_json::Value::as_u64));
    let mut newest = 0;
    for entry in entries {
        let Some(tag) = entry.get("tag").and_then(|tag| tag.as_str()) else { continue };
        let file = format!("{tag}.sql");
        if !directory.has(&file) {
            let message = format!("the journal names `{file}`, which is not there");
            listing.problems.push(Problem::new(ProblemKind::Missing, directory.path(JOURNAL), message));
            continue;
        }
        let when = entry.get("when").and_then(serde_json::Value::as_u64).unwrap_or(0);
        if when < newest {
            let message = "its time in the journal is older than that of the one before: drizzle passes over it without a word where that one has run";
            let problem = Problem::new(ProblemKind::Grammar, directory.path(&file), message);
            listing.problems.push(problem.help("generate the migration anew, on top of the others"));
        }
        newest = newest.max(when);
        listing.entries.push(Entry::new(tag, words(tag.split_once('_').map_or(tag, |(_, words)| words)), file));
    }
    let known: HashSet<String> = listing.entries.iter().map(|entry| entry.up.clone()).collect();
    for file in directory.own_sql().filter(|file| !known.contains(*file)) {
        listing.problems.push(skipped(directory, file, "not in the journal: drizzle never runs it"));
    }
    listing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_decides() {
        let journal = r#"{"dialect":"mysql","entries":[{"idx":1,"when":5,"tag":"0001_b"},{"idx":0,"when":9,"tag":"0000_a"},{"idx":2,"when":10,"tag":"0002_gone"}]}"#;
        let directory = Directory::in_memory("m", [(JOURNAL, journal), ("0000_a.sql", ""), ("0001_b.sql", ""), ("0009_other.sql", "")]);
        let listing = Drizzle.list(&directory);
        assert_eq!(listing.entries.iter().map(|entry| entry.version.as_str()).collect::<Vec<_>>(), ["0000_a", "0001_b"]);
        assert_eq!(
            listing.problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(),
            [ProblemKind::Grammar, ProblemKind::Missing, ProblemKind::Skipped]
        );
        assert_eq!(Drizzle.engine(&directory).map(|found| found.engine), Some(Engine::Mysql));
    }
}
