//! Directories that hold one history for several engines, told apart by words in the paths of the
//! files (`dialect.rs`). Each engine has a project of its own, with the files that would run there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::dialect::{For, Marked, STRANGERS, marked, whom};
use super::names::engine_of_directory;
use crate::engine::Engine;
use crate::migration::Directory;

/// Whether a directory below `root` is named after a database that Lockgate does not know.
pub(super) fn is_strangers(directory: &Path, root: &Path) -> bool {
    let Ok(below) = directory.strip_prefix(root) else { return false };
    below.components().any(|part| {
        let name = part.as_os_str().to_string_lossy().to_lowercase();
        let mut words = name.split(['-', '_', '.']);
        words.any(|word| STRANGERS.contains(&word)) && engine_of_directory(&name).is_none()
    })
}

/// The directory as each engine sees it; empty when its files name no engine. `wanted` is the
/// engine it is read for, when that is known.
pub(super) fn by_engine(directory: &Directory, wanted: Option<Engine>) -> Vec<(Engine, Directory)> {
    let is_database = |name: &str| whom(name).is_some();
    let whole = directory.with_layers(&is_database);
    let files = marked(whole.files().filter(|file| file.ends_with(".sql")));
    engines(&files, wanted).into_iter().map(|engine| (engine, whole.narrowed(&chosen(&files, engine)))).collect()
}

/// Of SQL files that belong to no project, those that are for the engine they are read for.
pub(super) fn for_engine(files: &[String], wanted: Option<Engine>) -> Option<BTreeSet<String>> {
    let files = marked(files.iter().map(String::as_str));
    let engine = engines(&files, Some(wanted?)).pop()?;
    Some(chosen(&files, engine))
}

/// The engines that files are for; none when they name no two databases.
fn engines(files: &[Marked<'_>], wanted: Option<Engine>) -> Vec<Engine> {
    let named: BTreeSet<Engine> =
        files.iter().filter_map(|file| if let For::One(engine) = file.whom { Some(engine) } else { None }).collect();
    let strange = files.iter().any(|file| file.whom == For::Stranger);
    if named.len() + usize::from(strange) < 2 {
        return Vec::new();
    }
    match wanted {
        // MariaDB runs MySQL's files when it has none of its own.
        Some(Engine::Mariadb) if !named.contains(&Engine::Mariadb) => vec![Engine::Mysql],
        Some(engine) => vec![engine],
        None => named.into_iter().collect(),
    }
}

/// Of each migration the engine's own file, else MySQL's for MariaDB, else the one for all.
fn chosen(files: &[Marked<'_>], engine: Engine) -> BTreeSet<String> {
    let mut chosen: BTreeMap<&str, (&str, u8)> = BTreeMap::new();
    for Marked { file, key, whom } in files {
        let near = match whom {
            For::All => 0,
            For::One(named) if *named == engine => 2,
            For::One(Engine::Mysql) if engine == Engine::Mariadb => 1,
            For::One(_) | For::Stranger => continue,
        };
        let best = chosen.entry(key).or_insert((file, near));
        if near > best.1 {
            *best = (file, near);
        }
    }
    chosen.into_values().map(|(file, _)| file.to_owned()).collect()
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
