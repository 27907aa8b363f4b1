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
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        collect(&fixtures, &mut |text| seeds.push(Seed { text, target: targets[seeds.len() % targets.len()] }));
        Corpus { seeds, targets }
    }
}

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
