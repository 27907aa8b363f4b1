//! What the SQL itself looks like, for a project that names its engine nowhere.

use crate::discover::Project;
use crate::engine::Engine;

/// Words that only one engine's migrations use, with what each is worth.
const HINTS: &[(&str, Engine, u32)] = &[
    ("auto_increment", Engine::Mysql, 3),
    ("engine=innodb", Engine::Mysql, 3),
    ("engine = innodb", Engine::Mysql, 3),
    ("utf8mb4", Engine::Mysql, 3),
    ("modify column", Engine::Mysql, 2),
    ("`", Engine::Mysql, 1),
    ("autoincrement", Engine::Sqlite, 3),
    ("pragma ", Engine::Sqlite, 3),
    ("without rowid", Engine::Sqlite, 3),
    ("strftime(", Engine::Sqlite, 2),
    ("concurrently", Engine::Postgres, 3),
    ("timestamptz", Engine::Postgres, 3),
    ("jsonb", Engine::Postgres, 3),
    ("bigserial", Engine::Postgres, 3),
    (" serial", Engine::Postgres, 2),
    ("language plpgsql", Engine::Postgres, 3),
    ("using gin", Engine::Postgres, 3),
    ("::", Engine::Postgres, 1),
];

/// The engine with the most hints in the first files, when one stands out.
pub fn engine(project: &Project) -> Option<Engine> {
    let mut points = [0u32; Engine::ALL.len()];
    for entry in project.entries.iter().take(24) {
        let text = project.directory.peek(&entry.entry.up).to_lowercase();
        for (hint, engine, worth) in HINTS {
            if text.contains(hint) {
                points[*engine as usize] += worth;
            }
        }
    }
    let best = Engine::ALL.into_iter().max_by_key(|engine| points[*engine as usize])?;
    let most = points[best as usize];
    let alone = points.iter().filter(|count| **count == most).count() == 1;
    (most >= 2 && alone).then_some(best)
}
