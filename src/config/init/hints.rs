//! What the SQL itself looks like.

use super::engine::Sign;
use crate::discover::Project;
use crate::engine::Engine;
use crate::migration::{Evidence, Strength};

/// Words that only one engine's migrations use.
const HINTS: &[(&str, Engine)] = &[
    ("auto_increment", Engine::Mysql),
    ("engine=innodb", Engine::Mysql),
    ("engine = innodb", Engine::Mysql),
    ("utf8mb4", Engine::Mysql),
    ("modify column", Engine::Mysql),
    ("autoincrement", Engine::Sqlite),
    ("pragma ", Engine::Sqlite),
    ("without rowid", Engine::Sqlite),
    ("sqlite_master", Engine::Sqlite),
    ("strftime(", Engine::Sqlite),
    ("insert or ignore", Engine::Sqlite),
    ("insert or replace", Engine::Sqlite),
    ("json_tree(", Engine::Sqlite),
    ("on duplicate key update", Engine::Mysql),
    ("insert ignore", Engine::Mysql),
    ("concurrently", Engine::Postgres),
    ("timestamptz", Engine::Postgres),
    ("jsonb", Engine::Postgres),
    ("bigserial", Engine::Postgres),
    (" serial", Engine::Postgres),
    ("plpgsql", Engine::Postgres),
    ("using gin", Engine::Postgres),
];
/// So many files are looked into.
const FILES: usize = 24;

/// The telling words of each engine in the newest migrations, each once: the engine with the most
/// of them is the likeliest.
pub(super) fn hints(project: &Project) -> Vec<Sign> {
    let mut signs: Vec<Sign> = Vec::new();
    for entry in project.entries.iter().rev().take(FILES) {
        let file = &entry.entry.up;
        let text = project.directory.peek(file).to_ascii_lowercase();
        for (word, engine) in HINTS {
            let what = format!("the SQL says `{}`", word.trim());
            // `jsonb(…)` and the like are functions of SQLite too.
            let found =
                text.match_indices(word).any(|(at, _)| !text.get(at + word.len()..).is_some_and(|rest| rest.starts_with(['(', '_'])));
            if found && !signs.iter().any(|sign| sign.evidence.what == what) {
                let evidence = Evidence::new(Strength::Medium, project.directory.path(file), what);
                signs.push(Sign { engine: *engine, version: None, evidence });
            }
        }
    }
    signs
}
