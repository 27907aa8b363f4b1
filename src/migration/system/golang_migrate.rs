//! golang-migrate: `000001_users.up.sql` and `000001_users.down.sql`, flat, versions as whole
//! numbers. It runs only versions greater than the one recorded; an older file added later silently
//! never runs.

use super::super::{
    Directory, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Numbering, Problem, ProblemKind, Reading, TransactionMode,
    VersionOrder,
};
use super::common::{self, join_pairs, leading_digits, skipped, words};
use super::marks;
use crate::engine::{Engine, Target};
use crate::migration::laying;
use crate::migration::laying::{Cannot, DownPlace, Outside};

pub struct GolangMigrate;

/// Version, name, and whether it is the down half. The version is an unsigned 64-bit number.
fn parse(file: &str) -> Option<(&str, &str, bool)> {
    let stem = file.strip_suffix(".sql")?;
    let (digits, rest) = leading_digits(stem)?;
    let rest = rest.strip_prefix('_')?;
    digits.parse::<u64>().ok()?;
    if let Some(name) = rest.strip_suffix(".up") {
        return Some((digits, name, false));
    }
    rest.strip_suffix(".down").map(|name| (digits, name, true))
}

impl Format for GolangMigrate {
    fn id(&self) -> &'static str {
        "golang-migrate"
    }

    fn title(&self) -> &'static str {
        "golang-migrate"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        // A numbered project with a `.down.sql` here and there is not golang-migrate's.
        let ups = directory.own_sql().filter(|file| matches!(parse(file), Some((.., false)))).count();
        let others = directory.own_sql().filter(|file| parse(file).is_none()).count();
        let example = directory.own_sql().find(|file| matches!(parse(file), Some((.., false))));
        let Some(names) = common::names(directory, example.filter(|_| ups > others)) else { return Vec::new() };
        let used = common::dependency(directory, &["go.mod"], "golang-migrate");
        std::iter::once(names).chain(used).collect()
    }

    fn list(&self, directory: &Directory) -> Listing {
        let (mut ups, mut downs, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for file in directory.own_sql() {
            match parse(file) {
                Some((version, name, true)) => downs.push((number(version), words(name), file.to_owned())),
                Some((version, name, false)) => ups.push(Entry::new(number(version), words(name), file)),
                None => problems.push(skipped(
                    directory,
                    file,
                    "golang-migrate passes over it: the name is not `<number>_<name>.up.sql` or `.down.sql`",
                )),
            }
        }
        let mut listing = join_pairs(directory, ups, downs, VersionOrder::Numeric);
        for pair in listing.entries.windows(2) {
            if let [first, second] = pair
                && first.version == second.version
            {
                let message = format!("golang-migrate refuses to start: `{}` has the same version", first.up);
                problems.push(Problem::new(ProblemKind::Grammar, directory.path(&second.up), message));
            }
        }
        listing.problems.extend(problems);
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        let mut migration = reading.whole_files(self, directory, entry)?.0;
        if reading.target.engine == Engine::Sqlite && reading.transaction.is_none() && runs_unwrapped(directory) {
            migration.transaction = TransactionMode::None;
            migration.down_transaction = TransactionMode::None;
        }
        // Not golang-migrate's, but of runners with the same names.
        if let Some(mode) = marks::by_name(&entry.up).filter(|_| reading.transaction.is_none()) {
            migration.transaction = mode;
        }
        Ok(migration)
    }

    fn transaction(&self, target: Target) -> Option<TransactionMode> {
        Some(match target.engine {
            // The file goes to the server in one simple query.
            Engine::Postgres => TransactionMode::Batch,
            // Several statements in one packet, each committed on its own.
            Engine::Mysql | Engine::Mariadb => TransactionMode::None,
            // Wrapped, unless the URL says `x-no-tx-wrap`.
            Engine::Sqlite => TransactionMode::PerMigration,
        })
    }

    fn order(&self) -> VersionOrder {
        VersionOrder::Numeric
    }

    fn has_downs(&self) -> bool {
        true
    }

    fn new_files(&self, directory: &Directory, name: &str, now: &str) -> Vec<NewFile> {
        // The width of the sequence is in the file names, not in the versions.
        let digits = directory.own_sql().filter_map(|file| parse(file).map(|(digits, ..)| digits));
        let version = Numbering::of(digits, Numbering::Timestamp).next(now);
        let stem = format!("{version}_{}", common::slug(name));
        vec![
            NewFile::new(directory.path(&format!("{stem}.up.sql")), "{up}\n"),
            NewFile::new(directory.path(&format!("{stem}.down.sql")), "{down}\n"),
        ]
    }

    fn run_outside(&self, _files: &mut Vec<NewFile>, _outside: Outside, target: Target) -> Result<(), Cannot> {
        match target.engine {
            // A file of one statement is not wrapped.
            Engine::Postgres | Engine::Mysql | Engine::Mariadb => Ok(()),
            Engine::Sqlite => Err(Cannot("golang-migrate wraps every file on SQLite, unless the URL says `x-no-tx-wrap`")),
        }
    }

    fn add_down(&self, directory: &Directory, entry: &Entry, _text: &str, down: &str) -> Result<DownPlace, Cannot> {
        Ok(laying::beside(directory, entry, &[".up.sql"], ".down.sql", down))
    }
}

/// Whether migrations of several versions open a transaction of their own: wrapped in another not
/// one of them would have run, so that the URL must say `x-no-tx-wrap`.
fn runs_unwrapped(directory: &Directory) -> bool {
    let opening = directory.samples().iter().filter(|(_, text)| common::opens_transaction(text));
    let versions: std::collections::BTreeSet<&str> = opening.filter_map(|(file, _)| parse(file).map(|(version, ..)| version)).collect();
    versions.len() > 1
}

/// The version as the tool records it: without leading zeros.
fn number(digits: &str) -> String {
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() { "0".to_owned() } else { digits.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pairs_with_an_underscore_count() {
        assert_eq!(parse("000001_users.up.sql"), Some(("000001", "users", false)));
        assert_eq!(parse("1_a.b.down.sql"), Some(("1", "a.b", true)));
        assert_eq!(parse("1_.up.sql"), Some(("1", "", false)));
        assert_eq!(parse("1-users.up.sql"), None);
        assert_eq!(parse("1_users.sql"), None);
        assert_eq!(parse("99999999999999999999999_users.up.sql"), None);
    }

    #[test]
    fn a_history_of_own_transactions_is_not_wrapped() {
        let own = "PRAGMA foreign_keys = OFF;\nBEGIN;\nCREATE TABLE t (a int);\nCOMMIT;\n";
        let unwrapped =
            |first: &str, second: &str| runs_unwrapped(&Directory::in_memory("m", [("1_a.up.sql", first), ("2_b.up.sql", second)]));
        assert!(unwrapped(own, own));
        assert!(!unwrapped("CREATE TABLE t (a int);", own), "the newest alone may be a mistake");
        let trigger = "CREATE TRIGGER r AFTER INSERT ON t\nBEGIN\n  DELETE FROM t;\nEND;";
        assert!(!unwrapped(trigger, trigger));
    }

    #[test]
    fn two_files_of_one_version_are_refused() {
        let directory = Directory::in_memory("m", [("1_a.up.sql", ""), ("01_b.up.sql", ""), ("2_c.up.sql", "")]);
        let listing = GolangMigrate.list(&directory);
        assert_eq!(listing.entries.iter().map(|entry| entry.version.as_str()).collect::<Vec<_>>(), ["1", "1", "2"]);
        assert!(matches!(listing.problems.as_slice(), [problem] if problem.kind == ProblemKind::Grammar));
        assert!(listing.entries.iter().all(|entry| !entry.down_expected), "a project without downs is not asked for them");
    }

    #[test]
    fn a_new_pair_keeps_the_width() {
        let directory = Directory::in_memory("m", [("000009_a.up.sql", "")]);
        let files = GolangMigrate.new_files(&directory, "Add Users!", "20261120055247");
        assert_eq!(files.first().map(|file| file.path.clone()), Some("m/000010_add_users.up.sql".into()));
    }
}
