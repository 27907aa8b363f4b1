//! What inputs are made from: the examples of the rules, and the fixtures.

use std::fs;
use std::path::Path;

use lockgate::engine::Target;
use lockgate::rules::{builtin, example};

/// A text, and the server it is meant for.
#[derive(Debug, Clone)]
pub struct Seed {
    pub text: String,
    pub target: Target,
}

pub struct Corpus {
    pub seeds: Vec<Seed>,
    pub targets: Vec<Target>,
}

impl Corpus {
    pub fn load() -> Corpus {
        let targets: Vec<Target> = ["postgres@16", "postgres@11", "mysql@8.0", "mysql@5.7", "mariadb@11.8", "sqlite"]
            .iter()
            .map(|name| name.parse().expect("a target"))
            .collect();
        let mut seeds = Vec::new();
        for rule in builtin().expect("the rules") {
            for example in example::examples(rule).expect("the examples") {
                let down = example.down.map(|down| format!("\n{down}")).unwrap_or_default();
                seeds.push(Seed { text: format!("{}\n{}{down}", example.schema, example.sql), target: example.setting.target });
            }
        }
        for (number, text) in WRITTEN.iter().enumerate() {
            seeds.push(Seed { text: (*text).to_owned(), target: targets[number % targets.len()] });
        }
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        collect(&fixtures, &mut |text| seeds.push(Seed { text, target: targets[seeds.len() % targets.len()] }));
        Corpus { seeds, targets }
    }
}

/// What neither examples nor fixtures hold.
const WRITTEN: [&str; 6] = [
    "CREATE TABLE a (b int); {{if .postgres}}ALTER TABLE a ADD c text;{{else if .mysql}}ALTER TABLE a ADD c blob;{{else}}{{end}}",
    "DO $$ BEGIN IF current_setting('server_version_num')::int >= 120000 THEN ALTER TYPE t ADD VALUE 'x'; ELSIF true THEN DROP TYPE t; ELSE COMMIT; END IF; END $$;",
    "CREATE INDEX {{if not .Tx}}CONCURRENTLY{{end}} a_b ON a (b);\n{{ addColumn \"a\" \"c\" }}\nDROP TABLE IF EXISTS {{ .Prefix }}a;",
    "DROP PROCEDURE IF EXISTS p; CREATE PROCEDURE p() BEGIN IF NOT EXISTS (SELECT 1) THEN ALTER TABLE a ADD d int; END IF; END; CALL p();",
    "CREATE TABLE n (a int); INSERT INTO n SELECT o.a FROM o LEFT JOIN p ON p.a = o.a WHERE o.b = 1; DROP TABLE o; ALTER TABLE n RENAME TO o;",
    "UPDATE a SET b = c || 'x' WHERE c = 'y'; ALTER TABLE a DROP COLUMN c; COMMIT; BEGIN; ALTER TABLE a ALTER COLUMN b TYPE jsonb USING to_jsonb(b);",
];

/// The SQL files below a directory, in an order of their own.
fn collect(directory: &Path, take: &mut dyn FnMut(String)) {
    let mut paths: Vec<_> = fs::read_dir(directory).expect("the fixtures").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, take);
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            take(String::from_utf8_lossy(&fs::read(&path).expect("a fixture")).into_owned());
        }
    }
}
