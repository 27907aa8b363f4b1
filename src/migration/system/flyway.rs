//! Flyway: `V1_2__add_users.sql`, undo `U1_2__…`, repeatable `R__views.sql`, baseline `B…`, in a
//! directory tree; `V1_2__add_users.sql.conf` beside a script says how it runs.

use super::super::{
    Directory, Entry, Evidence, Format, Listing, LoadError, Migration, NewFile, Numbering, Problem, ProblemKind, Reading, TransactionMode,
    VersionOrder,
};
use super::common;
use super::flyway_transaction;
use crate::engine::{Engine, Target};
use crate::migration::Down;
use crate::migration::laying;
use crate::migration::laying::{Cannot, DownPlace, Outside};
use crate::migration::section::lines;

pub struct Flyway;

/// A script's name taken apart.
struct Name<'a> {
    kind: char,
    /// As written, with dots.
    version: String,
    description: &'a str,
}

fn parse(path: &str) -> Option<Name<'_>> {
    let file = path.rsplit('/').next()?;
    let stem = file.strip_suffix(".sql")?;
    let kind = stem.chars().next().filter(|kind| "VURB".contains(*kind))?;
    let (version, description) = stem.get(1..)?.split_once("__")?;
    let is_version = version.split(['.', '_']).all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let fits = if kind == 'R' { version.is_empty() } else { is_version };
    fits.then(|| Name { kind, version: version.replace('_', "."), description })
}

/// Scripts of the tree; those below a directory named after an engine are other projects.
fn scripts(directory: &Directory) -> Vec<String> {
    let foreign =
        |path: &str| path.rsplit_once('/').is_some_and(|(parents, _)| parents.split('/').any(|part| part.parse::<Engine>().is_ok()));
    directory.deep_files().into_iter().filter(|path| path.ends_with(".sql") && !foreign(path)).collect()
}

impl Format for Flyway {
    fn id(&self) -> &'static str {
        "flyway"
    }

    fn title(&self) -> &'static str {
        "Flyway"
    }

    fn detect(&self, directory: &Directory) -> Vec<Evidence> {
        let Some(names) = common::names(directory, common::in_tree(directory, |file| parse(file).is_some())) else { return Vec::new() };
        let config = common::config_file(directory, &["flyway.conf", "flyway.toml"]);
        let used = common::dependency(directory, &["pom.xml", "build.gradle", "build.gradle.kts"], "flyway-core");
        std::iter::once(names).chain(config).chain(used).collect()
    }

    fn list(&self, directory: &Directory) -> Listing {
        let mut listing = Listing::default();
        let (mut undos, mut baselines, mut repeatables) = (Vec::new(), Vec::new(), Vec::new());
        for path in scripts(directory) {
            let Some(name) = parse(&path) else {
                let why = "Flyway passes over it: the name is not `V<version>__<description>.sql`, `U…`, `R__…` or `B…`";
                listing.problems.push(common::skipped(directory, &path, why));
                continue;
            };
            let words = name.description.replace('_', " ");
            match name.kind {
                'U' => undos.push((name.version, path.clone())),
                'B' => baselines.push(Entry::new(name.version, words, &path)),
                'R' => {
                    let mut entry = Entry::new(format!("R__{}", name.description), words, &path);
                    entry.repeatable = true;
                    repeatables.push(entry);
                }
                _ => listing.entries.push(Entry::new(name.version, words, &path)),
            }
        }
        let order = self.order();
        for (version, path) in undos {
            match listing.entries.iter_mut().find(|entry| order.compare(&entry.version, &version).is_eq()) {
                Some(entry) => entry.down = Some(path),
                None => listing.problems.push(Problem::new(
                    ProblemKind::Missing,
                    directory.path(&path),
                    "this undo script has no versioned script",
                )),
            }
        }
        // A baseline stands for the scripts up to it; where those are still there it says nothing new.
        baselines.retain(|baseline| !listing.entries.iter().any(|entry| order.compare(&entry.version, &baseline.version).is_le()));
        listing.entries.extend(baselines);
        listing.sort(order);
        repeatables.sort_by(|a, b| a.name.cmp(&b.name));
        listing.entries.extend(repeatables);
        let expected = common::are_expected(listing.entries.iter().filter(|entry| entry.down.is_some()).count(), listing.entries.len());
        for entry in &mut listing.entries {
            entry.down_expected = expected && !entry.repeatable;
            entry.beside = Some(format!("{}.conf", entry.up)).filter(|conf| directory.has(conf)).into_iter().collect();
        }
        listing
    }

    fn load(&self, directory: &Directory, entry: &Entry, reading: &mut Reading<'_>) -> Result<Migration, LoadError> {
        let conf = match entry.beside.first() {
            Some(file) => Some((reading.open(directory, file)?, file)),
            None => None,
        };
        let setting = |name: &str| {
            let (opened, _) = conf.as_ref()?;
            let line = lines(&opened.text).find(|line| line.text.split_once('=').is_some_and(|(key, _)| key.trim() == name))?;
            let value = line.text.split_once('=').map(|(_, value)| value.trim().to_ascii_lowercase())?;
            Some((value, opened.location(line.span)))
        };
        let mut opened = reading.open(directory, &entry.up)?;
        let mut problems = opened.problems.clone();
        let placeholders = match setting("placeholderReplacement") {
            Some((value, _)) if value == "false" => Vec::new(),
            _ => common::braced(&opened.text, "${"),
        };
        opened.stand_in(&placeholders);
        let down = match &entry.down {
            Some(file) => {
                let mut back = reading.open(directory, file)?;
                back.stand_in(&common::braced(&back.text, "${"));
                problems.extend(back.problems.iter().cloned());
                back.down(back.whole(), back.span())
            }
            None if entry.down_expected => Down::Missing,
            None => Down::NotSupported,
        };
        let mut migration = reading.migration(self, directory, entry, opened.whole(), down, problems);
        migration.placeholders = placeholders.iter().map(|span| opened.location(*span)).collect();
        match setting("executeInTransaction") {
            Some((value, location)) => {
                migration.transaction = if value == "false" { TransactionMode::None } else { TransactionMode::PerMigration };
                migration.transaction_directive = Some(location);
            }
            // Flyway looks into the script, whatever the setting is.
            None => {
                let found = flyway_transaction::look(&opened.text, reading.target);
                if found.outside.is_some() {
                    migration.transaction = TransactionMode::None;
                }
                if let (Some(span), true) = (found.outside, found.inside) {
                    let message = "Flyway refuses a script that mixes statements which cannot run in a transaction with others";
                    let problem = Problem::new(ProblemKind::Grammar, directory.path(&entry.up), message).at(opened.location(span));
                    migration.problems.push(problem.help("give this statement a script of its own (or set `flyway.mixed=true`)"));
                }
            }
        }
        Ok(migration)
    }

    fn transaction(&self, _target: Target) -> Option<TransactionMode> {
        Some(TransactionMode::PerMigration)
    }

    fn order(&self) -> VersionOrder {
        VersionOrder::Parts
    }

    fn has_downs(&self) -> bool {
        true
    }

    fn new_files(&self, directory: &Directory, name: &str, now: &str) -> Vec<NewFile> {
        let listing = self.list(directory);
        let versions =
            listing.entries.iter().filter(|entry| !entry.repeatable).map(|entry| entry.version.split('.').next().unwrap_or_default());
        let version = Numbering::of(versions, Numbering::Sequence { width: 1, newest: 0 }).next(now);
        // The scripts lie in a tree: beside the newest.
        let beside = common::parent(listing.entries.iter().rev().find(|entry| !entry.repeatable));
        let script =
            |kind: char, place: &str| NewFile::new(directory.path(&format!("{beside}{kind}{version}__{}.sql", common::slug(name))), place);
        let mut files = vec![script('V', "{up}\n")];
        if listing.entries.iter().any(|entry| entry.down.is_some()) {
            files.push(script('U', "{down}\n"));
        }
        files
    }

    fn run_outside(&self, files: &mut Vec<NewFile>, outside: Outside, _target: Target) -> Result<(), Cannot> {
        let scripts: Vec<_> = files.iter().take(if outside.down { files.len() } else { 1 }).map(|file| file.path.clone()).collect();
        for script in scripts {
            let mut path = script.into_os_string();
            path.push(".conf");
            files.push(NewFile::new(path, "executeInTransaction=false\n"));
        }
        Ok(())
    }

    fn add_down(&self, directory: &Directory, entry: &Entry, _text: &str, down: &str) -> Result<DownPlace, Cannot> {
        let (parents, file) = entry.up.rsplit_once('/').map_or(("", entry.up.as_str()), |(parents, file)| (parents, file));
        let rest = file.strip_prefix('V').ok_or(Cannot("only a versioned script can have an undo script"))?;
        let undo = if parents.is_empty() { format!("U{rest}") } else { format!("{parents}/U{rest}") };
        Ok(laying::beside(directory, &Entry { up: undo, ..entry.clone() }, &[], "", down))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_part_by_part() {
        let files = [
            "V10__c.sql",
            "V2__b.sql",
            "sub/V1_1__a.sql",
            "R__views.sql",
            "U2__b.sql",
            "V2__b.sql.conf",
            "mysql/V3__x.sql",
            "V3-x.sql",
            "B2__base.sql",
        ];
        let listing = Flyway.list(&Directory::in_memory("m", files.map(|file| (file, ""))));
        let found: Vec<_> =
            listing.entries.iter().map(|entry| (entry.version.as_str(), entry.down.is_some(), entry.beside.len())).collect();
        assert_eq!(found, [("1.1", false, 0), ("2", true, 1), ("10", false, 0), ("R__views", false, 0)]);
        assert_eq!(listing.problems.len(), 1);
    }

    #[test]
    fn a_baseline_counts_where_nothing_older_is_left() {
        let listing = Flyway.list(&Directory::in_memory("m", [("B5__base.sql", ""), ("V6__x.sql", "")]));
        assert_eq!(listing.entries.iter().map(|entry| entry.version.as_str()).collect::<Vec<_>>(), ["5", "6"]);
    }
}
