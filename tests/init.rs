//! What `init` makes of a repository.

mod common;

use std::fs;
use std::path::Path;

use common::Sandbox;
use lockgate::config::Settings;
use lockgate::config::init::propose;
use lockgate::engine::{Engine, Target};

fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

#[test]
fn system_engine_version_and_newest_migration_are_found_with_evidence() {
    let root = repository(&[
        ("compose.yaml", "services:\n  db:\n    image: postgres:15-alpine\n"),
        (".github/workflows/ci.yml", "services:\n  pg:\n    image: postgres:16\n"),
        ("go.mod", "require github.com/jackc/pgx/v5 v5.5.0\n"),
        ("db/migrations/00001_a.sql", "-- +goose Up\nCREATE TABLE t (a jsonb);\n"),
        ("db/migrations/00002_b.sql", "-- +goose Up\nCREATE TABLE u (a int);\n"),
    ]);
    let proposal = propose(root.path(), None).unwrap();
    let project = &proposal.projects[0];
    assert_eq!((project.format, project.directory.as_path()), ("goose", Path::new("db/migrations")));
    assert_eq!(project.target.to_string(), "postgres@15", "the oldest version named");
    assert_eq!(project.newest.as_deref(), Some("2"));
    assert!(project.engines[0].evidence.len() >= 4, "{:?}", project.engines);
    let settings = Settings::parse(&root.path().join("lockgate.toml"), &proposal.toml).unwrap();
    assert_eq!(settings.project.engine, Some(project.target.into()));
    assert_eq!(settings.project.start_after.as_deref(), Some("2"));
    assert_eq!(settings.directories(), [root.path().join("db/migrations")]);
}

#[test]
fn several_projects_each_get_their_own_settings() {
    let root = repository(&[
        ("a/migrations/1_x.sql", "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT);"),
        ("b/prisma/migrations/2024_x/migration.sql", ""),
        ("b/prisma/migrations/migration_lock.toml", "provider = \"mysql\""),
    ]);
    let proposal = propose(root.path(), None).unwrap();
    let settings = Settings::parse(&root.path().join("lockgate.toml"), &proposal.toml).unwrap();
    let engines: Vec<_> = settings.projects.iter().map(|project| project.engine.map(|target| target.engine)).collect();
    assert_eq!(engines, [Some(Engine::Sqlite), Some(Engine::Mysql)]);
}

#[test]
fn what_the_user_says_goes_first_and_nothing_found_is_said() {
    let root = repository(&[("m/1_x.sql", "SELECT 1;")]);
    let said = propose(root.path(), Some(Target::of(Engine::Mariadb))).unwrap();
    assert_eq!((said.projects[0].target.engine, said.projects[0].certain), (Engine::Mariadb, true));
    assert!(!propose(root.path(), None).unwrap().projects[0].certain);
    let empty = propose(repository(&[]).path(), None).unwrap();
    assert!(empty.projects.is_empty());
    Settings::parse(Path::new("lockgate.toml"), &empty.toml).unwrap();
}

#[test]
fn every_line_that_is_proposed_as_a_comment_would_be_accepted() {
    let root = repository(&[("m/1_x.sql", "SELECT 1;")]);
    let toml = propose(root.path(), None).unwrap().toml;
    let is_setting = |line: &str| {
        line.starts_with("# [") || line.split_once(" = ").is_some_and(|(key, _)| !key.trim_start_matches("# ").contains([' ', ':', '`']))
    };
    let uncommented: Vec<&str> =
        toml.lines().map(|line| if line.starts_with("# ") && is_setting(line) { &line[2..] } else { line }).collect();
    let text = uncommented.join("\n");
    let settings = Settings::parse(Path::new("lockgate.toml"), &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!((settings.large_table_rows, settings.apply.retries, settings.ignores.items().len()), (Some(100_000), 10, 1), "{text}");
}

#[test]
fn a_schema_dump_is_set_where_it_says_what_it_holds() {
    let users = "CREATE TABLE users (id bigint);\n";
    let list = "CREATE TABLE schema_migrations (version varchar(128));\nINSERT INTO schema_migrations (version) VALUES ('1'), ('2');\n";
    let migrations = [("db/migrations/1_a.sql", "-- migrate:up\nSELECT 1;"), ("db/migrations/2_b.sql", "-- migrate:up\nSELECT 1;")];
    let with = repository(&[migrations[0], migrations[1], ("db/schema.sql", &format!("{users}{list}"))]);
    let proposal = propose(with.path(), None).unwrap();
    let settings = Settings::parse(&with.path().join("lockgate.toml"), &proposal.toml).unwrap();
    assert_eq!(settings.project.schema, Some(with.path().join("db/schema.sql")));
    assert_eq!(proposal.projects[0].dump.as_ref().map(|dump| dump.listed), Some(2));
    let without = repository(&[migrations[0], migrations[1], ("db/structure.sql", users)]);
    let proposal = propose(without.path(), None).unwrap();
    assert_eq!(Settings::parse(&without.path().join("lockgate.toml"), &proposal.toml).unwrap().project.schema, None);
    assert!(proposal.toml.contains("# schema = \"db/structure.sql\"\n# schema-at = \"2\"\n"), "{}", proposal.toml);
}

/// The schema that editors get takes what Lockgate takes, and refuses a slip.
#[test]
fn the_json_schema_knows_the_keys() {
    let ran = Sandbox::new().run(&["init", "--json-schema"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let schema: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let takes = |text: &str| validator.is_valid(&serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap());
    assert!(takes(
        r#"
extends = "../base.toml"
engine = "postgres@16"
migrations = ["db/migrations"]
large-table-rows = 50_000
fail-on = "never"
[rules]
dropping-column = "note"
conventions = "off"
my-own = "error"
[options.wide-index]
most = 5
[[override]]
paths = ["legacy/**"]
rules = { dropping-column = "off" }
options = { naming = { table = "tbl_.*" } }
[[ignore]]
path = "db/migrations/0001_*.sql"
rules = ["dropping-table"]
reason = "was never used"
[apply]
retries = 3
[[project]]
migrations = "billing"
format = "goose"
"#
    ));
    for slip in ["enigne = \"mysql\"", "fail-on = \"loud\"", "[rules]\ndropping-column = \"warn\"", "[apply]\nretries = \"3\""] {
        assert!(!takes(slip), "{slip}");
    }
}
