//! Versions and ranges of them, `--engine postgres@14..18`.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common::Sandbox;
use lockgate::engine::{Engine, TargetRange, Version};
use serde_json::Value;

/// Every version that the source or a rule compares with must be a step of its engine's range.
#[test]
fn every_version_that_matters_is_a_step() {
    let mut files = Vec::new();
    collect(Path::new("src"), &mut files);
    collect(Path::new("rules"), &mut files);
    let mut found = BTreeSet::new();
    for file in files.iter().filter(|file| !file.starts_with("src/engine")) {
        let text = fs::read_to_string(file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for (before, version) in numbers(text) {
            let named = Engine::ALL.into_iter().find(|engine| before.ends_with(&format!("Since(Engine::{}, ", title(*engine))));
            let engine = match before {
                it if it.ends_with("mysql_since(") => Some(Engine::Mysql),
                it if it.ends_with("mariadb_since(") => Some(Engine::Mariadb),
                it if it.ends_with("at_least(") => None,
                it if it.ends_with("version >= \"") || it.ends_with("version < \"") => None,
                _ if named.is_some() => named,
                _ => continue,
            };
            found.insert((engine, version));
        }
    }
    let found: Vec<_> = found.into_iter().filter(|(_, version)| version.major > 0).collect();
    assert!(found.len() > 60, "the source is read: {}", found.len());
    let steps: Vec<(Engine, Version)> = ["postgres@9.4..19", "mysql@5.5..9", "mariadb@5.1..13.0", "sqlite@3.7..3.60"]
        .iter()
        .flat_map(|range| {
            let range: TargetRange = range.parse().unwrap();
            range.steps().into_iter().map(move |step| (range.engine, step.version))
        })
        .collect();
    for (engine, version) in found {
        let splits = |(of, steps): (Engine, Vec<Version>)| {
            engine.is_none_or(|engine| engine == of)
                && steps.windows(2).any(|pair| pair[0] < version && pair[1] >= version && is_before(pair[0], version))
        };
        let by_engine = Engine::ALL.map(|of| (of, steps.iter().filter(|(engine, _)| *engine == of).map(|(_, version)| *version).collect()));
        assert!(by_engine.into_iter().any(splits), "src/engine/changes.rs does not know {version:?} of {engine:?}");
    }
}

/// Nothing lies between the end of a step and the version.
fn is_before(end: Version, version: Version) -> bool {
    match (version.minor, version.patch) {
        (_, 1..) => end == Version::new(version.major, version.minor, version.patch - 1),
        (1.., 0) => end == Version::series(&[version.major, version.minor - 1]),
        (0, 0) => end.major < version.major,
    }
}

fn title(engine: Engine) -> String {
    let name = engine.name();
    name[..1].to_uppercase() + &name[1..]
}

/// What looks like a version, with what stands before it.
fn numbers(text: &str) -> Vec<(&str, Version)> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    for (at, _) in text.match_indices(|c: char| c.is_ascii_digit()) {
        if at == 0 || bytes[at - 1].is_ascii_alphanumeric() || matches!(bytes[at - 1], b'.' | b'_') {
            continue;
        }
        let end = text[at..].find(['"', ')']).map_or(at, |end| at + end);
        let parts: Vec<u16> = text[at..end].split([',', '.']).filter_map(|part| part.trim().parse().ok()).collect();
        let [major, rest @ ..] = parts.as_slice() else { continue };
        let before = &text[text.floor_char_boundary(at.saturating_sub(26))..at];
        found.push((before, Version::new(*major, rest.first().copied().unwrap_or(0), rest.get(1).copied().unwrap_or(0))));
    }
    found
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

fn findings(sandbox: &Sandbox, arguments: &[&str]) -> Vec<Value> {
    let ran = sandbox.run(&[&["lint", "--format", "json"], arguments].concat());
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.shown()));
    report["findings"].as_array().unwrap().clone()
}

#[test]
fn a_range_reports_what_holds_on_any_version_of_it() {
    let sandbox = Sandbox::new();
    sandbox.write("m/001_t.sql", "CREATE TABLE t (id bigint PRIMARY KEY, a int);\n");
    let sql = "CREATE INDEX t_a ON t (a);\nALTER TABLE t ADD COLUMN b int DEFAULT 3;\nCREATE UNIQUE INDEX CONCURRENTLY t_b ON t (b) NULLS NOT DISTINCT;\n";
    sandbox.write("m/002_more.sql", &format!("-- lockgate:transaction none\n{sql}"));
    let found = findings(&sandbox, &["m/002_more.sql", "--engine", "postgres@10..16"]);
    let of = |rule: &str| {
        let found: Vec<_> = found.iter().filter(|finding| finding["rule"] == rule).collect();
        assert_eq!(found.len(), 1, "{rule} once: {found:?}");
        (found[0]["engine"].as_str().unwrap().to_owned(), found[0]["message"].as_str().unwrap().to_owned())
    };
    assert_eq!(of("blocking-index-build").0, "postgres@10..16");
    assert!(!of("blocking-index-build").1.contains("(on "));
    let (engine, message) = of("rewriting-column-default");
    assert!(engine == "postgres@10" && message.ends_with(" (on 10)"), "{engine}: {message}");
    let (engine, message) = of("unsupported-syntax");
    assert!(engine == "postgres@10..14" && message.ends_with(" (on 10 to 14)"), "{engine}: {message}");
}

#[test]
fn an_acceptance_that_one_version_needs_is_used() {
    let sandbox = Sandbox::new();
    sandbox.write("m/001_t.sql", "CREATE TABLE t (id bigint PRIMARY KEY);\n");
    let accepted = "-- lockgate:ignore rewriting-column-default: a small table\nALTER TABLE t ADD COLUMN b int DEFAULT 3;\n";
    sandbox.write("m/002_more.sql", accepted);
    sandbox.write("lockgate.toml", "engine = \"postgres@10..16\"\nmigrations = \"m\"\nstart-after = \"001\"\n");
    assert_eq!(findings(&sandbox, &[]), Vec::<Value>::new());
    sandbox.write("lockgate.toml", "engine = \"postgres@11..16\"\nmigrations = \"m\"\nstart-after = \"001\"\n");
    let found = findings(&sandbox, &[]);
    assert!(found.len() == 1 && found[0]["rule"] == "unused-suppression", "{found:?}");
}

#[test]
fn facts_of_a_range_stand_once_for_versions_that_agree() {
    let sandbox = Sandbox::new();
    sandbox.write("m/001_t.sql", "CREATE TABLE t (id int PRIMARY KEY, v int);\nALTER TABLE t ADD COLUMN w int FIRST;\n");
    let ran = sandbox.run(&["facts", "m", "--engine", "mysql@8.0..8.4", "--format", "json"]);
    let facts: Value = serde_json::from_str(&ran.stdout).unwrap();
    let engines: Vec<_> = facts["statements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["line"].as_u64().unwrap(), one["engine"].as_str().unwrap()))
        .collect();
    assert!(engines.contains(&(1, "mysql@8.0..8.4")), "{engines:?}");
    assert!(engines.contains(&(2, "mysql@8.0..8.0.28")) && engines.contains(&(2, "mysql@8.0.29..8.4")), "{engines:?}");
}

#[test]
fn a_range_that_is_none_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("m/001_t.sql", "SELECT 1;\n");
    let ran = sandbox.run(&["lint", "m", "--engine", "postgres@18..14"]);
    assert!(ran.code == 2 && ran.stderr.contains("is not a range of versions"), "{}", ran.shown());
}
