//! SQL files with a number in front, run in that order by whatever the team has: a shell loop,
//! `psql -f`, a runner of its own. Also Lockgate's own layout.
//!
//! Also a directory for each release, `1.9/…` before `1.10/…`, with files in it in their order.
//!
//! `001_users.sql`, `20240131120000-users.sql`, `2024-01-31_users.sql`, `v1.2.sql`; a way back
//! stands in `001_users.down.sql` (or `_down`, `.rollback`, `.undo`). A comment on top says how a
//! file is wrapped: `-- lockgate:transaction none`.

use std::collections::BTreeSet;

use super::super::directive::transaction_directive;
use super::super::{
    Directory, Down, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Numbering, Reading, Strength, TransactionMode,
    VersionOrder,
};
use super::common::{self, join_pairs, skipped, words};
use super::marks;
use crate::engine::{Engine, Target};
use crate::migration::laying;
use crate::migration::laying::{Cannot, DownPlace, Outside};

pub struct Plain;

const DOWN: [&str; 12] =
    [".down", "_down", "-down", ".rollback", "_rollback", "-rollback", ".undo", "_undo", ".revert", "_revert", "-downgrade", "_downgrade"];
const UP: [&str; 3] = [".up", "_up", "-up"];

struct Name<'a> {
    version: &'a str,
    name: &'a str,
    down: bool,
}

fn parse(file: &str) -> Option<Name<'_>> {
    let stem = file.strip_suffix(".sql")?;
    let down = DOWN.iter().find_map(|suffix| stem.strip_suffix(suffix));
    let up = UP.iter().find_map(|suffix| stem.strip_suffix(suffix));
    let rest = down.or(up).unwrap_or(stem);
    let start = usize::from(rest.starts_with(['v', 'V']));
    let digits = rest.get(start..)?;
    let length = version_length(digits)?;
    let (version, name) = digits.split_at_checked(length)?;
    Some(Name { version, name: name.trim_start_matches(['_', '-', '.', ' ']), down: down.is_some() })
}

/// Digits, and further digits after one separator: `20240131_120000`, `2024-01-31T12-00-00`, `1.2.3`.
fn version_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let mut length = digits(0);
    if length == 0 {
        return None;
    }
    while bytes.get(length).is_some_and(|byte| b"._-T".contains(byte)) {
        let more = digits(length + 1);
        let after = bytes.get(length + 1 + more);
        // `001_2fa.sql`: the 2 belongs to the name.
        if more == 0 || after.is_some_and(|byte| !b"._-T ".contains(byte)) {
            break;
        }
        length += 1 + more;
    }
    Some(length)
}

/// How this project ends the name of a way back: `.down.sql`.
fn down_ending(entry: &Entry) -> Option<String> {
    let stem = entry.down.as_deref()?.strip_suffix(".sql")?;
    let word = DOWN.iter().find(|word| stem.ends_with(**word))?;
    Some(format!("{word}.sql"))
}

/// The subdirectories that are releases (`12`, `v1.9`, `2024-01`), where a directory holds nothing
/// numbered of its own; one alone is a history of its own. A directory that has a part for each
/// engine (`i9/mysql/…`, `1.0_to_1.1/mysql5.sql`) is one by any name with a number.
fn releases(directory: &Directory) -> BTreeSet<&str> {
    if directory.own_sql().any(|file| parse(file).is_some()) {
        return BTreeSet::new();
    }
    let is_numbered = |name: &str| version_length(name.trim_start_matches(['v', 'V'])).is_some_and(|length| name.len() - length <= 1);
    let has_number = |name: &str| name.bytes().any(|byte| byte.is_ascii_digit());
    let is_release = |(release, own): &(&str, &str)| is_numbered(release) || is_of_engine(own) && has_number(release);
    let releases: BTreeSet<&str> = directory.files().filter_map(in_release).filter(is_release).map(|(release, _)| release).collect();
    if releases.len() < 2 { BTreeSet::new() } else { releases }
}

/// Whether a file of a release is named after an engine, or lies in a directory that is.
fn is_of_engine(own: &str) -> bool {
    let name = own.strip_suffix(".sql").unwrap_or(own).trim_end_matches(|c: char| c.is_ascii_digit());
    own.contains('/') || name.parse::<Engine>().is_ok()
}

/// A SQL file of a subdirectory: the directory and the file's own name. `up.sql` and its like
/// belong to a directory for each migration, another layout.
fn in_release(file: &str) -> Option<(&str, &str)> {
    file.split_once('/').filter(|(_, own)| own.ends_with(".sql") && !matches!(*own, "up.sql" | "down.sql" | "migration.sql"))
}

impl Format for Plain {
    fn id(&self) -> &'static str {
        "sql"
    }

    fn title(&self) -> &'static str {
        "numbered SQL files"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        common::names(directory, directory.own_sql().find(|file| parse(file).is_some()))
            .or_else(|| {
                let newest = releases(directory).pop_last()?;
                Some(Evidence::new(Strength::Medium, directory.root(), format!("directories named like the release `{newest}`")))
            })
            .into_iter()
            .collect()
    }

    fn list(&self, directory: &Directory) -> Listing {
        let (mut ups, mut downs, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for file in directory.own_sql() {
            match parse(file) {
                Some(Name { version, name, down: true }) => downs.push((version.to_owned(), words(name), file.to_owned())),
                Some(Name { version, name, down: false }) => ups.push(Entry::new(version, words(name), file)),
                None => problems.push(skipped(directory, file, "no number in front: not part of the numbered migrations beside it")),
            }
        }
        let releases = releases(directory);
        for (file, (release, own)) in directory.files().filter_map(|file| Some((file, in_release(file)?))) {
            if !releases.contains(&release) {
                continue;
            }
            // Several files of a release often have the same number: the whole name tells them apart.
            let own = own.rsplit('/').next().unwrap_or(own);
            let stem = own.strip_suffix(".sql").unwrap_or(own);
            let down = DOWN.iter().find_map(|suffix| stem.strip_suffix(suffix));
            let up = UP.iter().find_map(|suffix| stem.strip_suffix(suffix));
            let version = format!("{release}/{}", down.or(up).unwrap_or(stem));
            match down {
                Some(down) => downs.push((version, words(down), file.to_owned())),
                None => ups.push(Entry::new(version, words(up.unwrap_or(stem)), file)),
            }
        }
        let mut listing = join_pairs(directory, ups, downs, VersionOrder::Parts);
        listing.problems.extend(problems);
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        let (mut migration, opened) = reading.whole_files(self, directory, entry)?;
        // Who runs it is not known: an author who writes BEGIN or COMMIT knows that nobody else does.
        let asked = reading.transaction.is_some();
        let own = |file: &str, text: &str| match marks::marked(file, text) {
            _ if asked => None,
            None if common::controls_transaction(text) => Some(TransactionMode::None),
            marked => marked,
        };
        if let Some((mode, line)) = transaction_directive(&opened.text) {
            migration.transaction = mode;
            migration.transaction_directive = Some(opened.location(line));
        } else if let Some(mode) = own(&entry.up, &opened.text) {
            migration.transaction = mode;
        }
        if let Down::Script(script) = &migration.down {
            let said = transaction_directive(&script.text).map(|(mode, _)| mode);
            if let Some(mode) = said.or_else(|| own(entry.down.as_deref().unwrap_or_default(), &script.text)) {
                migration.down_transaction = mode;
            }
        }
        Ok(migration)
    }

    fn transaction(&self, _target: Target) -> Option<TransactionMode> {
        None
    }

    fn order(&self) -> VersionOrder {
        VersionOrder::Parts
    }

    fn has_downs(&self) -> bool {
        true
    }

    fn new_files(&self, directory: &Directory, name: &str, now: &str) -> Vec<NewFile> {
        let listing = self.list(directory);
        let version = common::next_version(&listing, Numbering::Sequence { width: 4, newest: 0 }, now);
        let newest = listing.entries.last();
        // `002-users.up.sql` is followed by `003-….up.sql`.
        let dashed = newest.is_some_and(|entry| !entry.up.contains('_') && entry.up.contains('-'));
        let name = if dashed { common::slug(name).replace('_', "-") } else { common::slug(name) };
        let stem = format!("{version}{}{name}", if dashed { '-' } else { '_' });
        let up = [".up.sql", "_up.sql", "-up.sql"].into_iter().find(|end| newest.is_some_and(|entry| entry.up.ends_with(end)));
        let mut files = vec![NewFile::new(directory.path(&format!("{stem}{}", up.unwrap_or(".sql"))), "{up}\n")];
        if let Some(end) = listing.entries.iter().find_map(down_ending) {
            files.push(NewFile::new(directory.path(&format!("{stem}{end}")), "{down}\n"));
        }
        files
    }

    fn run_outside(&self, files: &mut Vec<NewFile>, outside: Outside, _target: Target) -> Result<(), Cannot> {
        laying::on_top(files, "-- lockgate:transaction none\n", outside.down);
        Ok(())
    }

    fn add_down(&self, directory: &Directory, entry: &Entry, _text: &str, down: &str) -> Result<DownPlace, Cannot> {
        let listing = self.list(directory);
        let end = listing.entries.iter().find_map(down_ending).unwrap_or_else(|| ".down.sql".to_owned());
        let from = [".up.sql", "_up.sql", "-up.sql", ".sql"];
        Ok(laying::beside(directory, entry, &from, &end, down))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(file: &str) -> Option<(&str, &str, bool)> {
        parse(file).map(|name| (name.version, name.name, name.down))
    }

    #[test]
    fn many_ways_to_number() {
        assert_eq!(version("001_users.sql"), Some(("001", "users", false)));
        assert_eq!(version("20240131_120000_users.sql"), Some(("20240131_120000", "users", false)));
        assert_eq!(version("2024-01-31T12-00-00.users.down.sql"), Some(("2024-01-31T12-00-00", "users", true)));
        assert_eq!(version("v1.2.sql"), Some(("1.2", "", false)));
        assert_eq!(version("001_2fa.sql"), Some(("001", "2fa", false)));
        assert_eq!(version("7.up.sql"), Some(("7", "", false)));
        assert_eq!(version("seed.sql"), None);
        assert_eq!(version("001.txt"), None);
    }

    #[test]
    fn a_directory_for_each_release() {
        let listed = |files: &[&str]| {
            let directory = Directory::in_memory("m", files.iter().map(|file| (*file, "")));
            let detected = !Plain.detect(&directory).is_empty();
            (detected, Plain.list(&directory).entries.into_iter().map(|entry| entry.up).collect::<Vec<_>>())
        };
        let files = ["10/01_c.up.sql", "10/01_c.down.sql", "2/01_a.up.sql", "2/02_b.up.sql", "dump.sql"];
        assert_eq!(listed(&files), (true, ["2/01_a.up.sql", "2/02_b.up.sql", "10/01_c.up.sql"].map(str::to_owned).to_vec()));
        let layered = ["10_to_11/mysql5.sql", "9_to_10/mysql5.sql", "iD1/mysql/b.sql", "iD1/mysql/a.sql"];
        assert_eq!(listed(&layered).1, ["9_to_10/mysql5.sql", "10_to_11/mysql5.sql", "iD1/mysql/a.sql", "iD1/mysql/b.sql"]);
        // One alone is a history of its own, and a directory for each migration another layout.
        assert_eq!(listed(&["1.0/a.sql", "docs/b.sql"]), (false, vec![]));
        assert_eq!(listed(&["20240101/up.sql", "20240102/up.sql"]), (false, vec![]));
    }

    #[test]
    fn a_comment_on_top_says_how_a_file_is_wrapped() {
        let mode = |text: &str| {
            let directory = Directory::in_memory("m", [("1_a.sql", text)]);
            let mut sources = crate::source::Sources::default();
            let target = Target::of(crate::engine::Engine::Postgres);
            let mut reading = Reading { target, transaction: None, sources: &mut sources };
            Plain.load(&directory, &Entry::new("1", "a", "1_a.sql"), &mut reading).unwrap().transaction
        };
        assert_eq!(mode("-- an index\n-- lockgate:transaction none\nSELECT 1;"), TransactionMode::None);
        assert_eq!(mode("-- lockgate:transaction per-migration\nSELECT 1;"), TransactionMode::PerMigration);
        assert_eq!(mode("SELECT 1;\n-- lockgate:transaction none\n"), TransactionMode::PerMigration, "too late");
        assert_eq!(mode("-- lockgate:transaction sometimes\nSELECT 1;"), TransactionMode::PerMigration);
    }

    #[test]
    fn order_is_by_number_and_downs_find_their_ups() {
        let directory =
            Directory::in_memory("m", [("10_b.sql", ""), ("9_a.sql", ""), ("9_a.down.sql", ""), ("8_x.down.sql", ""), ("notes.sql", "")]);
        let listing = Plain.list(&directory);
        let found: Vec<_> = listing.entries.iter().map(|entry| (entry.up.as_str(), entry.down.as_deref())).collect();
        assert_eq!(found, [("9_a.sql", Some("9_a.down.sql")), ("10_b.sql", None)]);
        assert!(listing.entries.iter().all(|entry| entry.down_expected));
        assert_eq!(listing.problems.len(), 2);
    }
}
