//! Whom a file is for, by a word of its path: `1_users.mysql.up.sql`, `mysql_engine_7.1_to_7.2.sql`,
//! `2.5-upgrade-2.6-pg.sql`, `1.0_to_1.1/postgres84.sql`, `i9/oracle/001_users.sql`.
//!
//! A word between dots is the engine's mark. Anywhere else it may be a matter of the migration
//! (`004_add_pg_trgm.sql`): there it counts only in a place where at least two migrations have files
//! for two databases that differ in that word alone.

use std::collections::{BTreeMap, BTreeSet};

use super::names::engine_of_name;
use crate::engine::Engine;

/// Databases that Lockgate does not know: their files are no other engine's.
pub(super) const STRANGERS: [&str; 14] = [
    "cockroach",
    "cockroachdb",
    "crdb",
    "mssql",
    "sqlserver",
    "oracle",
    "h2",
    "hsqldb",
    "derby",
    "db2",
    "clickhouse",
    "spanner",
    "snowflake",
    "bigquery",
];

/// Words that mean such a database only beside the files of others.
const SHORT_FOR_STRANGERS: [&str; 12] =
    ["og", "opengauss", "gaussdb", "hsql", "sqlanywhere", "sybase", "informix", "firebird", "dm", "dameng", "oceanbase", "vertica"];

/// Whom a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum For {
    All,
    One(Engine),
    Stranger,
}

/// A file of a directory that holds the files of several databases.
#[derive(Debug)]
pub(super) struct Marked<'a> {
    pub file: &'a str,
    /// What the files of one migration share.
    pub key: String,
    pub whom: For,
}

/// The place of a word in a path: what stands before and behind it, and how far it is from one end of
/// its part of the path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// Parts of the path from the end: 0 is the file's name.
    part: usize,
    from_end: bool,
    words: usize,
    before: Option<char>,
    behind: Option<char>,
}

/// A word that names a database.
struct Mark<'a> {
    word: &'a str,
    whom: For,
    places: [Place; 2],
    /// The path without it and its ending.
    rest: String,
}

/// So many migrations must have files for two databases before a place is believed.
const ENOUGH: usize = 2;

/// Every SQL file with whom it is for.
pub(super) fn marked<'a>(files: impl IntoIterator<Item = &'a str>) -> Vec<Marked<'a>> {
    let files: Vec<(&str, Vec<Mark<'_>>)> = files.into_iter().map(|file| (file, marks(file))).collect();
    let mut twins: BTreeMap<(&Place, &str), BTreeSet<(For, &str)>> = BTreeMap::new();
    for mark in files.iter().flat_map(|(_, marks)| marks) {
        for place in &mark.places {
            twins.entry((place, &mark.rest)).or_default().insert((mark.whom, mark.word));
        }
    }
    let mut seen: BTreeMap<Place, usize> = BTreeMap::new();
    for ((place, _), words) in twins {
        if words.len() > 1 {
            *seen.entry(place.clone()).or_default() += 1;
        }
    }
    let believed = |place: &Place| seen.get(place).is_some_and(|times| *times >= ENOUGH);
    let told = files.into_iter().map(|(file, marks)| {
        let dotted = between_dots(file);
        match marks.into_iter().find(|mark| mark.places.iter().any(believed)) {
            Some(mark) if dotted.whom == For::All => Marked { file, key: mark.rest, whom: mark.whom },
            _ => dotted,
        }
    });
    told.collect()
}

/// The words of a path that name a database.
fn marks(file: &str) -> Vec<Mark<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    let parts = file.split('/').count();
    for (number, part) in file.split('/').enumerate() {
        let stem = part.strip_suffix(".sql").unwrap_or(part);
        let words: Vec<&str> = stem.split(['.', '_', '-', ' ']).collect();
        let mut at = 0;
        for (index, word) in words.iter().copied().enumerate() {
            let (from, to) = (start + at, start + at + word.len());
            at += word.len() + 1;
            let Some(whom) = whom(word) else { continue };
            let before = if index == 0 { None } else { file.get(..from).and_then(|text| text.chars().next_back()) };
            let behind = if index + 1 == words.len() { None } else { file.get(to..).and_then(|text| text.chars().next()) };
            let place = |from_end: bool| {
                let words = if from_end { words.len() - 1 - index } else { index };
                Place { part: parts - 1 - number, from_end, words, before, behind }
            };
            let rest = without(file, from, to);
            found.push(Mark { word, whom, places: [place(false), place(true)], rest });
        }
        start += part.len() + 1;
    }
    found
}

/// The path without a word, without one of the separators beside it, and without its ending.
fn without(file: &str, from: usize, to: usize) -> String {
    let (head, tail) = (file.get(..from).unwrap_or_default(), file.get(to..).unwrap_or_default());
    let tail = tail.strip_suffix(".sql").unwrap_or(tail);
    let shorter = if head.ends_with('/') || head.is_empty() { tail.get(1..).unwrap_or_default() } else { tail };
    let head = if shorter.len() == tail.len() { head.get(..head.len().saturating_sub(1)).unwrap_or_default() } else { head };
    format!("{head}{shorter}")
}

/// `mysql5` and `postgres84` are for the engine, too.
pub(super) fn whom(word: &str) -> Option<For> {
    let lower = word.to_ascii_lowercase();
    let plain = lower.trim_end_matches(|c: char| c.is_ascii_digit());
    if let Some(engine) = engine_of_name(&lower).or_else(|| engine_of_name(plain)) {
        return Some(For::One(engine));
    }
    let is_strangers = |word: &str| STRANGERS.contains(&word) || SHORT_FOR_STRANGERS.contains(&word);
    (is_strangers(&lower) || is_strangers(plain)).then_some(For::Stranger)
}

/// By a part of the name between its first and its last: `1_users.mysql.up.sql`.
fn between_dots(file: &str) -> Marked<'_> {
    let name = file.rsplit('/').next().unwrap_or(file);
    let stem = name.strip_suffix(".sql").unwrap_or(name);
    let parts = || stem.split('.').skip(1);
    let is_strangers = |part: &str| STRANGERS.contains(&part);
    let whom = parts().find_map(|part| match engine_of_name(part) {
        Some(engine) => Some(For::One(engine)),
        None => is_strangers(part).then_some(For::Stranger),
    });
    let mut key = file.split('.').next().unwrap_or_default().to_owned();
    if file.contains('/') {
        key = file.strip_suffix(name).unwrap_or_default().to_owned() + stem.split('.').next().unwrap_or_default();
    }
    for part in parts().filter(|part| engine_of_name(part).is_none() && !is_strangers(part) && *part != "autocommit") {
        key.push('.');
        key.push_str(part);
    }
    Marked { file, key, whom: whom.unwrap_or(For::All) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[&str]) -> Vec<(String, For)> {
        marked(files.iter().copied()).into_iter().map(|marked| (marked.key, marked.whom)).collect()
    }

    #[test]
    fn a_word_counts_where_twins_show_it() {
        let (postgres, mysql) = (For::One(Engine::Postgres), For::One(Engine::Mysql));
        let ends = ["2.4-upgrade-2.5-pg.sql", "2.4-upgrade-2.5-mysql.sql", "2.5-upgrade-2.6-og.sql", "2.5-upgrade-2.6-mysql.sql"];
        assert_eq!(of(&ends).iter().map(|(_, whom)| *whom).collect::<Vec<_>>(), [postgres, mysql, For::Stranger, mysql]);
        let begins = ["mysql_engine_7.1.sql", "postgres_engine_7.1.sql", "mysql_engine_7.2.sql", "db2_engine_7.2.sql", "common.sql"];
        assert_eq!(of(&begins).iter().map(|(_, whom)| *whom).collect::<Vec<_>>(), [mysql, postgres, mysql, For::Stranger, For::All]);
        let named = ["1.0_to_1.1/mysql5.sql", "1.0_to_1.1/postgres84.sql", "1.1_to_1.2/mysql5.sql", "1.1_to_1.2/postgres91.sql"];
        assert_eq!(of(&named).iter().map(|(_, whom)| *whom).collect::<Vec<_>>(), [mysql, postgres, mysql, postgres]);
        assert_eq!(of(&named)[0].0, of(&named)[1].0);
    }

    #[test]
    fn a_word_alone_is_a_matter_of_the_migration() {
        for files in [["001_users.sql", "004_add_pg_trgm.sql", "005_drop_mysql.sql"], ["001_mysql.sql", "001_pg.sql", "002_users.sql"]] {
            assert!(of(&files).iter().all(|(_, whom)| *whom == For::All), "{files:?}");
        }
    }
}
