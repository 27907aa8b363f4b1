//! Directories that hold one history for several engines, told apart by the file names:
//! `1_users.mysql.up.sql`, `1_users.sqlite3.up.sql`, and `1_users.up.sql` for all the others. Each
//! engine has a project of its own, with the files that would run there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::names::{engine_of_directory, engine_of_name};
use crate::engine::Engine;
use crate::migration::Directory;

/// Databases that Lockgate does not know: their files are no other engine's.
const STRANGERS: [&str; 14] = [
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

/// Whether a directory below `root` is named after a database that Lockgate does not know.
pub(super) fn is_strangers(directory: &Path, root: &Path) -> bool {
    let Ok(below) = directory.strip_prefix(root) else { return false };
    below.components().any(|part| {
        let name = part.as_os_str().to_string_lossy().to_lowercase();
        let mut words = name.split(['-', '_', '.']);
        words.any(|word| STRANGERS.contains(&word)) && engine_of_directory(&name).is_none()
    })
}

/// Whom a file is for, by its name.
enum For {
    All,
    One(Engine),
    Stranger,
}

/// The directory as each engine sees it; empty when its files name no engine. `wanted` is the
/// engine it is read for, when that is known.
pub(super) fn by_engine(directory: &Directory, wanted: Option<Engine>) -> Vec<(Engine, Directory)> {
    let files: Vec<(&str, String, For)> = directory.own_sql().map(|file| (file, without_engine(file), whom(file))).collect();
    let named: BTreeSet<Engine> =
        files.iter().filter_map(|(.., whom)| if let For::One(engine) = whom { Some(*engine) } else { None }).collect();
    let strange = files.iter().any(|(.., whom)| matches!(whom, For::Stranger));
    if named.len() + usize::from(strange) < 2 {
        return Vec::new();
    }
    let engines: Vec<Engine> = match wanted {
        // MariaDB runs MySQL's files when it has none of its own.
        Some(Engine::Mariadb) if !named.contains(&Engine::Mariadb) => vec![Engine::Mysql],
        Some(engine) => vec![engine],
        None => named.into_iter().collect(),
    };
    engines.into_iter().map(|engine| (engine, directory.narrowed(&chosen(&files, engine)))).collect()
}

/// Of each migration the engine's own file, else the one for all.
fn chosen(files: &[(&str, String, For)], engine: Engine) -> BTreeSet<String> {
    let mut chosen: BTreeMap<&str, (&str, bool)> = BTreeMap::new();
    for (file, key, whom) in files {
        let own = match whom {
            For::All => false,
            For::One(named) if *named == engine => true,
            For::One(_) | For::Stranger => continue,
        };
        let best = chosen.entry(key).or_insert((file, own));
        if own && !best.1 {
            *best = (file, own);
        }
    }
    chosen.into_values().map(|(file, _)| file.to_owned()).collect()
}

/// The parts of a name between its first and its last.
fn parts(file: &str) -> impl Iterator<Item = &str> {
    let stem = file.strip_suffix(".sql").unwrap_or(file);
    stem.split('.').skip(1)
}

fn whom(file: &str) -> For {
    for part in parts(file) {
        if let Some(engine) = engine_of_name(part) {
            return For::One(engine);
        }
        if STRANGERS.contains(&part) {
            return For::Stranger;
        }
    }
    For::All
}

/// The name that the files of one migration share.
fn without_engine(file: &str) -> String {
    let mut name = file.split('.').next().unwrap_or_default().to_owned();
    for part in parts(file).filter(|part| engine_of_name(part).is_none() && !STRANGERS.contains(part) && *part != "autocommit") {
        name.push('.');
        name.push_str(part);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_of_other_databases() {
        let strange = |path: &str| is_strangers(Path::new(path), Path::new("/repo/h2"));
        assert!(strange("/repo/h2/clickhouse/migrations"));
        assert!(strange("/repo/h2/db/migration-hsqldb"));
        assert!(!strange("/repo/h2/db/migration"), "what is named was meant");
        assert!(!strange("/repo/h2/oracle-to-postgres"));
    }

    #[test]
    fn each_engine_sees_its_own_files() {
        let names = ["1_a.up.sql", "2_b.cockroach.up.sql", "2_b.mysql.up.sql", "2_b.up.sql", "3_c.autocommit.up.sql", "3_c.sqlite3.up.sql"];
        let directory = Directory::in_memory("m", names.map(|name| (name, "")));
        let seen = |wanted| {
            by_engine(&directory, wanted)
                .into_iter()
                .map(|(engine, directory)| (engine, directory.own_sql().map(str::to_owned).collect::<Vec<_>>().join(" ")))
                .collect::<Vec<_>>()
        };
        let mysql = (Engine::Mysql, "1_a.up.sql 2_b.mysql.up.sql 3_c.autocommit.up.sql".to_owned());
        let sqlite = (Engine::Sqlite, "1_a.up.sql 2_b.up.sql 3_c.sqlite3.up.sql".to_owned());
        let mut all = seen(None);
        all.sort();
        let mut expected = vec![mysql.clone(), sqlite];
        expected.sort();
        assert_eq!(all, expected);
        assert_eq!(seen(Some(Engine::Mariadb)), [mysql]);
        let plain = Directory::in_memory("m", [("1_a.up.sql", ""), ("V1.2__mysql.sql", "")]);
        assert!(by_engine(&plain, None).is_empty());
    }
}
