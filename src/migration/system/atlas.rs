//! Atlas: `20240131120000_users.sql` beside `atlas.sum`; files run in the order of their names. The
//! way back is computed, not written. Directives stand in the comment block a file begins with.

use super::super::{
    Directory, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Problem, ProblemKind, Reading, Strength, TransactionMode,
    VersionOrder,
};
use super::common::{self, words};
use crate::engine::Target;
use crate::migration::format::NO_DOWNS;
use crate::migration::laying;
use crate::migration::laying::{Cannot, DownPlace, Outside};
use crate::migration::section::{Line, lines};

pub struct Atlas;

const SUM: &str = "atlas.sum";

/// The directives of the header: comment lines up to the first empty line.
fn header(text: &str) -> Vec<(Line<'_>, &str)> {
    let block: Vec<Line<'_>> = lines(text).take_while(|line| line.text.starts_with("--") || line.text.starts_with('#')).collect();
    let ended = lines(text).nth(block.len()).is_none_or(|line| line.text.trim().is_empty());
    // Without an empty line after it the block belongs to the first statement.
    if ended { block.into_iter().filter(|line| directive(line.text).is_some()).map(|line| (line, line.text)).collect() } else { Vec::new() }
}

/// The words of a directive line after `atlas:`.
fn directive(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim_start_matches(['-', '#']).trim().strip_prefix("atlas:")?;
    Some(rest.split_once(char::is_whitespace).map_or((rest, ""), |(name, value)| (name, value.trim())))
}

impl Format for Atlas {
    fn id(&self) -> &'static str {
        "atlas"
    }

    fn title(&self) -> &'static str {
        "Atlas"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        if !directory.has(SUM) || directory.own_sql().next().is_none() {
            return Vec::new();
        }
        // Atlas runs other systems' directories too; their markers then say how to read a file.
        let foreign = ["-- +goose", "-- migrate:", "-- +migrate", "--liquibase", "-- liquibase"];
        let is_foreign = |line: &str| foreign.iter().any(|marker| line.starts_with(marker));
        let pairs = directory.own_sql().any(|file| file.ends_with(".up.sql"));
        if pairs || common::marker(directory, "another system", is_foreign).is_some() {
            return Vec::new();
        }
        vec![Evidence::new(Strength::Strong, directory.path(SUM), format!("`{SUM}`"))]
    }

    fn list(&self, directory: &Directory) -> Listing {
        let mut listing = Listing::default();
        for file in directory.own_sql() {
            let stem = file.trim_end_matches(".sql");
            let (version, name) = stem.split_once('_').unwrap_or((stem, ""));
            // A checkpoint repeats the whole schema for new databases.
            let checkpoint =
                header(&directory.peek(file)).iter().any(|(_, line)| directive(line).is_some_and(|(name, _)| name == "checkpoint"));
            if !(checkpoint && !listing.entries.is_empty()) {
                listing.entries.push(Entry::new(version, words(name), file));
            }
        }
        listing.sort(VersionOrder::FileName);
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        let (mut migration, opened) = reading.whole_files(self, directory, entry)?;
        for (line, text) in header(&opened.text) {
            match directive(text) {
                Some(("txmode", mode)) => {
                    migration.transaction = if mode == "none" { TransactionMode::None } else { TransactionMode::PerMigration };
                    migration.transaction_directive = Some(opened.location(line.span));
                }
                Some(("delimiter", _)) => {
                    let message = "this file has a delimiter of its own; it is read as if statements ended with `;`";
                    migration
                        .problems
                        .push(Problem::new(ProblemKind::Grammar, directory.path(&entry.up), message).at(opened.location(line.span)));
                }
                _ => {}
            }
        }
        Ok(migration)
    }

    fn transaction(&self, _target: Target) -> Option<TransactionMode> {
        Some(TransactionMode::PerMigration)
    }

    fn order(&self) -> VersionOrder {
        VersionOrder::FileName
    }

    fn has_downs(&self) -> bool {
        false
    }

    fn new_files(&self, directory: &Directory, name: &str, now: &str) -> Vec<NewFile> {
        vec![NewFile::new(directory.path(&format!("{now}_{}.sql", common::slug(name))), "{up}\n")]
    }

    fn run_outside(&self, files: &mut Vec<NewFile>, outside: Outside, _target: Target) -> Result<(), Cannot> {
        laying::on_top(files, "-- atlas:txmode none\n\n", outside.down);
        Ok(())
    }

    fn add_down(&self, _directory: &Directory, _entry: &Entry, _text: &str, _down: &str) -> Result<DownPlace, Cannot> {
        Err(NO_DOWNS)
    }

    fn afterwards(&self) -> Option<&'static str> {
        Some("run `atlas migrate hash`: the sums in atlas.sum are those of the old files")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directive_counts_in_the_header_alone() {
        let found = |text: &str| {
            header(text)
                .into_iter()
                .filter_map(|(_, line)| directive(line).map(|(name, value)| format!("{name}={value}")))
                .collect::<Vec<_>>()
        };
        assert_eq!(found("-- words\n-- atlas:txmode none\n\nCREATE TABLE t ();"), ["txmode=none"]);
        assert_eq!(found("-- atlas:txmode none\nCREATE TABLE t ();"), Vec::<String>::new());
        assert_eq!(found("CREATE TABLE t ();\n-- atlas:txmode none\n\n"), Vec::<String>::new());
    }
}
