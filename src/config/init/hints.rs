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

/// The first telling word of each engine in the newest migrations.
pub(super) fn hints(project: &Project) -> Vec<Sign> {
    let mut signs: Vec<Sign> = Vec::new();
    for entry in project.entries.iter().rev().take(FILES) {
        let file = &entry.entry.up;
        let text = project.directory.peek(file).to_ascii_lowercase();
        for (word, engine) in HINTS {
            if text.contains(word) && !signs.iter().any(|sign| sign.engine == *engine) {
                let evidence = Evidence::new(Strength::Medium, project.directory.path(file), format!("the SQL says `{}`", word.trim()));
                signs.push(Sign { engine: *engine, version: None, evidence });
            }
        }
    }
    signs
}
