//! refinery (Rust): `V1__add_users.sql`, or `U1__…` for those that may be older than what ran last.
//! Names look like Flyway's; the manifest tells them apart. There is no way back and no opting out
//! of the transaction.

use super::super::{
    Directory, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Numbering, Reading, TransactionMode, VersionOrder,
};
use super::common::{self, skipped};
use crate::engine::Target;
use crate::migration::format::NO_DOWNS;
use crate::migration::laying::{Cannot, DownPlace, Outside};

pub struct Refinery;

/// Version and name; the version is a 64-bit number and the name has no hyphens.
fn parse(path: &str) -> Option<(i64, &str)> {
    let stem = path.rsplit('/').next()?.strip_suffix(".sql")?;
    let (version, name) = stem.strip_prefix(['U', 'V'])?.split_once("__")?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    Some((version.parse().ok()?, name)).filter(|_| is_name)
}

impl Format for Refinery {
    fn id(&self) -> &'static str {
        "refinery"
    }

    fn title(&self) -> &'static str {
        "refinery"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        let Some(names) = common::names(directory, common::in_tree(directory, |file| parse(file).is_some())) else { return Vec::new() };
        let config = common::config_file(directory, &["refinery.toml"]);
        let used = common::dependency(directory, &["Cargo.toml", "Cargo.lock"], "refinery");
        let found: Vec<Evidence> = config.into_iter().chain(used).collect();
        if found.is_empty() { found } else { std::iter::once(names).chain(found).collect() }
    }

    fn list(&self, directory: &Directory) -> Listing {
        let mut listing = Listing::default();
        for file in directory.deep_files().into_iter().filter(|file| file.ends_with(".sql")) {
            match parse(&file) {
                Some((version, name)) => listing.entries.push(Entry::new(version.to_string(), name.replace('_', " "), &file)),
                None => listing.problems.push(skipped(directory, &file, "refinery passes over it without a word: the name is not `V<number>__<name>.sql` with letters, digits and underscores only")),
            }
        }
        listing.sort(VersionOrder::Numeric);
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        Ok(reading.whole_files(self, directory, entry)?.0)
    }

    fn transaction(&self, _target: Target) -> Option<TransactionMode> {
        Some(TransactionMode::PerMigration)
    }

    fn order(&self) -> VersionOrder {
        VersionOrder::Numeric
    }

    fn has_downs(&self) -> bool {
        false
    }

    fn new_files(&self, directory: &Directory, name: &str, now: &str) -> Vec<NewFile> {
        let listing = self.list(directory);
        let version = common::next_version(&listing, Numbering::Sequence { width: 1, newest: 0 }, now);
        let beside = common::parent(listing.entries.last());
        vec![NewFile::new(directory.path(&format!("{beside}V{version}__{}.sql", common::slug(name))), "{up}\n")]
    }

    fn run_outside(&self, _files: &mut Vec<NewFile>, _outside: Outside, _target: Target) -> Result<(), Cannot> {
        Err(Cannot("refinery runs every migration in a transaction: run the statement by hand, and keep it out of the migrations"))
    }

    fn add_down(&self, _directory: &Directory, _entry: &Entry, _text: &str, _down: &str) -> Result<DownPlace, Cannot> {
        Err(NO_DOWNS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_refinery_passes_over_silently() {
        assert_eq!(parse("a/V1__add_users.sql"), Some((1, "add_users")));
        assert_eq!(parse("U7__x.sql"), Some((7, "x")));
        assert_eq!(parse("V1__add-users.sql"), None);
        assert_eq!(parse("V1.2__x.sql"), None);
    }
}
