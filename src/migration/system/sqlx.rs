//! sqlx (Rust): `20240131120000_users.sql`, or a pair `.up.sql` / `.down.sql`, flat. The version is
//! what stands before the first underscore and must be a 64-bit number.

use super::super::{
    Directory, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Numbering, Problem, ProblemKind, Reading, Strength,
    TransactionMode, VersionOrder,
};
use super::common::{self, join_pairs, skipped, words};
use crate::engine::{Engine, Target};
use crate::migration::laying;
use crate::migration::laying::{Cannot, DownPlace, Outside};
use crate::migration::section::offset;
use crate::source::Span;

pub struct Sqlx;

/// sqlx looks for exactly this at the very first byte.
const NO_TRANSACTION: &str = "-- no-transaction";

enum Name<'a> {
    Up {
        version: i64,
        name: &'a str,
    },
    Down {
        version: i64,
        name: &'a str,
    },
    /// `x_y.sql`: sqlx stops with an error.
    BadVersion,
    /// Without an underscore, or not SQL: not looked at.
    Other,
}

fn parse(file: &str) -> Name<'_> {
    let Some((version, rest)) = file.split_once('_') else { return Name::Other };
    let Some(stem) = rest.strip_suffix(".sql") else { return Name::Other };
    let Ok(version) = version.parse::<i64>() else { return Name::BadVersion };
    match stem.strip_suffix(".down") {
        Some(name) => Name::Down { version, name },
        None => Name::Up { version, name: stem.strip_suffix(".up").unwrap_or(stem) },
    }
}

impl Format for Sqlx {
    fn id(&self) -> &'static str {
        "sqlx"
    }

    fn title(&self) -> &'static str {
        "sqlx"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        let example = directory.own_sql().find(|file| matches!(parse(file), Name::Up { .. }));
        let Some(names) = common::names(directory, example) else { return Vec::new() };
        let marker = directory.samples().iter().find_map(|(file, head)| {
            let what = format!("the line `{NO_TRANSACTION}` is sqlx's");
            head.starts_with(NO_TRANSACTION).then(|| Evidence::new(Strength::Strong, directory.path(file), what))
        });
        let used = common::dependency(directory, &["Cargo.toml", "Cargo.lock"], "sqlx");
        let config = common::config_file(directory, &["sqlx.toml"]);
        let found: Vec<Evidence> = config.into_iter().chain(marker).chain(used).collect();
        // Names alone are everybody's.
        if found.is_empty() { found } else { std::iter::once(names).chain(found).collect() }
    }

    fn list(&self, directory: &Directory) -> Listing {
        let (mut ups, mut downs, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for file in directory.own_sql() {
            match parse(file) {
                Name::Up { version, name } => ups.push(Entry::new(version.to_string(), words(name), file)),
                Name::Down { version, name } => downs.push((version.to_string(), words(name), file.to_owned())),
                Name::BadVersion => problems.push(
                    Problem::new(
                        ProblemKind::Grammar,
                        directory.path(file),
                        "sqlx stops here: what stands before the first underscore is no number",
                    )
                    .help("name it `<number>_<name>.sql`, or move it out of the directory"),
                ),
                Name::Other => problems.push(skipped(directory, file, "sqlx passes over it: there is no underscore in the name")),
            }
        }
        let mut listing = join_pairs(directory, ups, downs, VersionOrder::Numeric);
        listing.problems.extend(problems);
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        let (mut migration, opened) = reading.whole_files(self, directory, entry)?;
        let without = match reading.target.engine {
            // The whole file is still one simple query.
            Engine::Postgres => Some(TransactionMode::Batch),
            Engine::Sqlite => Some(TransactionMode::None),
            // The driver for MySQL does not look at the line.
            Engine::Mysql | Engine::Mariadb => None,
        };
        match (opened.text.find(NO_TRANSACTION), without) {
            (Some(0), Some(mode)) => {
                migration.transaction = mode;
                migration.transaction_directive = Some(opened.location(Span::new(0, offset(NO_TRANSACTION.len()))));
            }
            (Some(at), Some(_)) if opened.text.get(..at).is_some_and(|before| before.trim().is_empty()) => {
                let span = Span::new(offset(at), offset(at + NO_TRANSACTION.len()));
                let message = "sqlx does not see this line: it must stand at the very first byte of the file";
                migration.problems.push(Problem::new(ProblemKind::Grammar, directory.path(&entry.up), message).at(opened.location(span)));
            }
            _ => {}
        }
        if let (Some(file), Some(mode)) = (&entry.down, without)
            && directory.peek(file).starts_with(NO_TRANSACTION)
        {
            migration.down_transaction = mode;
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
        let listing = self.list(directory);
        let written = directory.own_sql().filter_map(|file| file.split_once('_').map(|(version, _)| version));
        let version = Numbering::of(written.filter(|version| version.parse::<u64>().is_ok()), Numbering::Timestamp).next(now);
        let stem = format!("{version}_{}", common::slug(name));
        if listing.entries.iter().any(|entry| entry.down_expected) {
            return vec![
                NewFile::new(directory.path(&format!("{stem}.up.sql")), "{up}\n"),
                NewFile::new(directory.path(&format!("{stem}.down.sql")), "{down}\n"),
            ];
        }
        vec![NewFile::new(directory.path(&format!("{stem}.sql")), "{up}\n")]
    }

    fn run_outside(&self, files: &mut Vec<NewFile>, outside: Outside, target: Target) -> Result<(), Cannot> {
        match target.engine {
            Engine::Postgres | Engine::Sqlite => {
                laying::on_top(files, &format!("{NO_TRANSACTION}\n"), outside.down);
                Ok(())
            }
            Engine::Mysql | Engine::Mariadb => Err(Cannot("sqlx looks for `-- no-transaction` on PostgreSQL and SQLite only")),
        }
    }

    fn add_down(&self, directory: &Directory, entry: &Entry, _text: &str, down: &str) -> Result<DownPlace, Cannot> {
        if entry.up.ends_with(".up.sql") {
            return Ok(laying::beside(directory, entry, &[".up.sql"], ".down.sql", down));
        }
        Err(Cannot("sqlx looks for a way back beside files that end in `.up.sql` only: rename this one, which its checksum allows"))
    }
}
