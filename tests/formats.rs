//! Every migration system's fixture, as Lockgate reads it: which system is recognised, which
//! migrations in which order, what runs up and down, and how it is wrapped.

use std::fmt::Write as _;
use std::path::Path;

use lockgate::discover::{Options, Project, discover};
use lockgate::engine::{Engine, Target};
use lockgate::migration::{Directory, Down, LoadError, Migration, ProblemKind, Reading, TransactionMode, system};
use lockgate::source::{Location, Script, Sources};

/// The only project of a fixture.
fn project(fixture: &str) -> Project {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(fixture);
    let mut projects = discover(&[path], &Options::default()).unwrap().projects;
    assert_eq!(projects.len(), 1, "{projects:?}");
    projects.remove(0)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands in the file where a script has something: the text must be the file's own.
fn script(sources: &Sources, script: &Script) -> String {
    let file = sources.get(script.source).unwrap();
    assert_eq!(script.text.len(), file.text.len(), "a section keeps the file's offsets");
    one_line(&script.text)
}

fn place(sources: &Sources, location: Location) -> String {
    let file = sources.get(location.source).unwrap();
    format!("`{}`", one_line(location.span.slice(&file.text)))
}

fn mode(mode: TransactionMode) -> &'static str {
    match mode {
        TransactionMode::PerMigration => "wrapped",
        TransactionMode::None => "bare",
        TransactionMode::Batch => "batch",
    }
}

/// A project in a few lines.
fn told(fixture: &str, engine: Engine) -> String {
    let project = project(fixture);
    let mut text = String::new();
    let found = project.engine.as_ref().map_or("-", |found| found.engine.name());
    writeln!(text, "{} {found}", project.format.id()).unwrap();
    for entry in &project.entries {
        let entry = &entry.entry;
        let mut sources = Sources::default();
        let mut reading = Reading { target: Target::of(engine), transaction: None, sources: &mut sources };
        let migration: Migration = project.format.load(&project.directory, entry, &mut reading).unwrap();
        assert_eq!(migration.version, entry.version);
        write!(text, "{} [{}] {}: {}", migration.version, migration.name, mode(migration.transaction), script(&sources, &migration.up))
            .unwrap();
        if let Some(location) = migration.transaction_directive {
            write!(text, " <by {}>", place(&sources, location)).unwrap();
        }
        for location in &migration.placeholders {
            write!(text, " <stand-in {}>", place(&sources, *location)).unwrap();
        }
        let back = match &migration.down {
            Down::Script(down) => format!("{}: {}", mode(migration.down_transaction), script(&sources, down)),
            Down::Missing => "missing".to_owned(),
            Down::Empty(location) => format!("empty {}", place(&sources, *location)),
            Down::NotSupported => "none".to_owned(),
            Down::Irreversible(_) => "irreversible".to_owned(),
        };
        writeln!(text, " | {back}").unwrap();
        for problem in &migration.problems {
            let at = problem.location.map(|location| place(&sources, location)).unwrap_or_default();
            writeln!(text, "  {:?} {at}: {}", problem.kind, problem.message).unwrap();
        }
    }
    for problem in &project.problems {
        let file = problem.path.file_name().unwrap().to_string_lossy().into_owned();
        writeln!(text, "! {:?} {file}", problem.kind).unwrap();
    }
    text
}

fn check(fixture: &str, engine: Engine, expected: &str) {
    let expected: String = expected
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.trim().is_empty())
        .map(|line| format!("{}\n", line.strip_prefix("        ").unwrap_or(line)))
        .collect();
    let told = told(fixture, engine);
    assert!(told == expected, "{fixture} reads as\n{told}\nand not as\n{expected}");
}

#[test]
fn plain_files() {
    check(
        "plain",
        Engine::Postgres,
        "sql -
        0001 [create shops] wrapped: CREATE TABLE shops (id bigint PRIMARY KEY, title text NOT NULL); | missing
        0002 [add city] wrapped: ALTER TABLE shops ADD COLUMN city text; | wrapped: ALTER TABLE shops DROP COLUMN city;
        0010 [index city] wrapped: CREATE INDEX shops_city_idx ON shops (city); | empty `-- nothing to undo`
        ! Skipped seed.sql",
    );
}

#[test]
fn golang_migrate() {
    let expected = "golang-migrate -
        1 [create shops] batch: CREATE TABLE shops (id bigint PRIMARY KEY); | batch: DROP TABLE shops;
        2 [add city] batch: ALTER TABLE shops ADD COLUMN city text; CREATE INDEX shops_city_idx ON shops (city); | empty ``
        10 [drop city] batch: ALTER TABLE shops DROP COLUMN city; | missing";
    check("golang-migrate", Engine::Postgres, expected);
    check("golang-migrate", Engine::Mysql, &expected.replace("batch:", "bare:"));
    check("golang-migrate", Engine::Sqlite, &expected.replace("batch:", "wrapped:"));
}

#[test]
fn sqlx() {
    let expected = "sqlx -
        20240101090000 [create shops] wrapped: CREATE TABLE shops (id bigint PRIMARY KEY, city text); | none
        20240102090000 [index city] batch: -- no-transaction CREATE INDEX CONCURRENTLY shops_city_idx ON shops (city); <by `-- no-transaction`> | none
        20240103090000 [late] wrapped: -- no-transaction DROP INDEX CONCURRENTLY shops_city_idx; | none
          Grammar `-- no-transaction`: sqlx does not see this line: it must stand at the very first byte of the file
        ! Skipped notes.sql";
    check("sqlx", Engine::Postgres, expected);
    // The driver for MySQL does not look at the line.
    let bare: Vec<&str> = expected.lines().filter(|line| !line.contains("Grammar")).collect();
    check("sqlx", Engine::Mysql, &bare.join("\n").replace("batch:", "wrapped:").replace(" <by `-- no-transaction`>", ""));
    check(
        "sqlx-pairs",
        Engine::Sqlite,
        "sqlx -
        1 [create shops] wrapped: CREATE TABLE shops (id bigint PRIMARY KEY); | wrapped: DROP TABLE shops;
        2 [add city] wrapped: ALTER TABLE shops ADD COLUMN city text; | missing",
    );
}

#[test]
fn diesel() {
    check(
        "diesel",
        Engine::Postgres,
        "diesel -
        20240101090000 [create shops] wrapped: CREATE TABLE shops (id bigint PRIMARY KEY, city text); | wrapped: DROP TABLE shops;
        20240102090000 [index city] batch: CREATE INDEX CONCURRENTLY shops_city_idx ON shops (city); <by `false`> | empty `-- This file should undo anything in `up.sql``
        20240103090000 [forgotten key] batch: DROP INDEX CONCURRENTLY shops_city_idx; <by `# the key is missing`> | missing
          Grammar `# the key is missing`: `run_in_transaction` is not set here, and Diesel takes that for false",
    );
}

#[test]
fn prisma() {
    check(
        "prisma",
        Engine::Mysql,
        "prisma mysql
        20240101090000_init [init] bare: -- CreateTable CREATE TABLE `shops` (`id` INTEGER NOT NULL, PRIMARY KEY (`id`)); | none
        20240102090000_city [city] bare: -- AlterTable ALTER TABLE `shops` ADD COLUMN `city` VARCHAR(191) NULL; | none",
    );
}

#[test]
fn goose() {
    check(
        "goose",
        Engine::Postgres,
        "goose -
        1 [create shops] wrapped: -- The shops of the town. -- +goose Up CREATE TABLE shops (id bigint PRIMARY KEY, city text); | wrapped: DROP TABLE shops;
        2 [index city] bare: -- +goose NO TRANSACTION -- +goose Up CREATE INDEX CONCURRENTLY shops_city_idx ON shops (city); <by `-- +goose NO TRANSACTION`> | empty `-- +goose Down`
        10 [function] wrapped: -- +goose up -- +goose StatementBegin CREATE FUNCTION one() RETURNS int AS $$ BEGIN RETURN 1; END; $$ LANGUAGE plpgsql; -- +goose StatementEnd | missing
        11 [variables] wrapped: -- +goose ENVSUB ON -- +goose Up CREATE TABLE __SCHEMA_.towns (id bigint); -- +goose ENVSUB OFF <stand-in `${SCHEMA}`> | wrapped: DROP TABLE towns;
        ! Skipped helper.sql",
    );
}

#[test]
fn dbmate() {
    check(
        "dbmate",
        Engine::Postgres,
        "dbmate -
        10 [second] batch: -- migrate:up transaction:false CREATE INDEX CONCURRENTLY shops_city_idx ON shops (city); <by `-- migrate:up transaction:false`> | wrapped: DROP INDEX shops_city_idx;
        1 [create shops] wrapped: -- migrate:up CREATE TABLE shops (id bigint PRIMARY KEY, city text); | wrapped: DROP TABLE shops;
        9 [no down] wrapped: -- migrate:up ALTER TABLE shops ADD COLUMN name text; | missing
          Grammar `-- migrate:up`: dbmate refuses the file: there is no `-- migrate:down`, which it requires even when it is empty",
    );
}

#[test]
fn flyway() {
    check(
        "flyway",
        Engine::Postgres,
        "flyway -
        1 [create shops] wrapped: CREATE TABLE __schema_.shops (id bigint PRIMARY KEY, city text); <stand-in `${schema}`> | missing
        1.1 [index city] bare: CREATE INDEX CONCURRENTLY shops_city_idx ON shops (city); | missing
        2 [mixed] bare: ALTER TABLE shops ADD COLUMN zip text; CREATE INDEX CONCURRENTLY shops_zip_idx ON shops (zip); | missing
          Grammar `CREATE INDEX CONCURRENTLY shops_zip_idx ON shops (zip)`: Flyway refuses a script that mixes statements which cannot run in a transaction with others
        10 [add name] bare: ALTER TABLE shops ADD COLUMN name text; <by `executeInTransaction=false`> | wrapped: ALTER TABLE shops DROP COLUMN name;
        R__views [views] wrapped: CREATE OR REPLACE VIEW cities AS SELECT DISTINCT city FROM shops; | none",
    );
}

#[test]
fn refinery() {
    check(
        "refinery",
        Engine::Postgres,
        "refinery -
        1 [create shops] wrapped: CREATE TABLE shops (id bigint PRIMARY KEY); | none
        3 [add city] wrapped: ALTER TABLE shops ADD COLUMN city text; | none
        ! Skipped V2__add-name.sql",
    );
}

#[test]
fn sql_migrate() {
    check(
        "sql-migrate",
        Engine::Postgres,
        "sql-migrate -
        1-create-shops.sql [create shops] wrapped: -- +migrate Up CREATE TABLE shops (id bigint PRIMARY KEY, city text); | wrapped: DROP TABLE shops;
        2-index-city.sql [index city] bare: -- +migrate Up notransaction CREATE INDEX CONCURRENTLY shops_city_idx ON shops (city); <by `-- +migrate Up notransaction`> | missing",
    );
}

#[test]
fn tern() {
    check(
        "tern",
        Engine::Postgres,
        "tern postgres
        1 [create shops] wrapped: CREATE TABLE shops (id bigint PRIMARY KEY, city text); | wrapped: DROP TABLE shops;
        2 [index city] bare: ---- tern: disable-tx ---- CREATE INDEX CONCURRENTLY shops_city_idx ON shops (city); <by `---- tern: disable-tx ----`> | irreversible
        3 [grant] wrapped: GRANT SELECT ON shops TO ___reader__; <stand-in `{{.reader}}`> | empty `---- create above / drop below ----`",
    );
}

#[test]
fn atlas() {
    check(
        "atlas",
        Engine::Mysql,
        "atlas -
        20240101 [create shops] wrapped: CREATE TABLE `shops` (`id` bigint PRIMARY KEY); | none
        20240102 [index] bare: -- atlas:txmode none CREATE INDEX `i` ON `shops` (`id`); <by `-- atlas:txmode none`> | none",
    );
}

#[test]
fn drizzle() {
    check(
        "drizzle",
        Engine::Sqlite,
        "drizzle sqlite
        0000_calm_river [calm river] wrapped: CREATE TABLE `shops` (`id` integer PRIMARY KEY); ; CREATE TABLE `towns` (`id` integer PRIMARY KEY); | none
        0001_brave_hill [brave hill] wrapped: ALTER TABLE `shops` ADD `city` text; | none",
    );
    check(
        "drizzle-1",
        Engine::Postgres,
        "drizzle postgres
        20240101090000_calm_river [calm river] wrapped: CREATE TABLE \"shops\" (\"id\" integer PRIMARY KEY); | none",
    );
}

#[test]
fn services() {
    check(
        "supabase",
        Engine::Postgres,
        "supabase postgres
        20240101090000 [create shops] batch: create table shops (id bigint primary key); | none
        20240102090000 [add city] batch: alter table shops add column city text; | none",
    );
    check(
        "wrangler",
        Engine::Sqlite,
        "wrangler sqlite
        0001_create_shops.sql [create shops] wrapped: CREATE TABLE shops (id INTEGER PRIMARY KEY); | none",
    );
}

#[test]
fn graphile_migrate() {
    check(
        "graphile-migrate",
        Engine::Postgres,
        "graphile-migrate postgres
        000001 [shops] wrapped: --! Previous: - --! Hash: sha1:0 CREATE TABLE shops (id bigint PRIMARY KEY, city text); | none
        000002 [] batch: --! Previous: sha1:0 --! Hash: sha1:1 --! no-transaction CREATE INDEX CONCURRENTLY shops_city_idx ON shops (city); <by `--! no-transaction`> | none
        current [current] wrapped: GRANT CONNECT ON DATABASE _DATABASE_NAME TO reader; <stand-in `:DATABASE_NAME`> | none",
    );
}

#[test]
fn node_pg_migrate() {
    check(
        "node-pg-migrate",
        Engine::Postgres,
        "node-pg-migrate postgres
        1704099600000 [create shops] wrapped: -- Up Migration CREATE TABLE shops (id bigint PRIMARY KEY); | wrapped: DROP TABLE shops;
        1704186000000 [add city] wrapped: ALTER TABLE shops ADD COLUMN city text; | missing",
    );
}

#[test]
fn liquibase_formatted_sql() {
    check(
        "liquibase-sql",
        Engine::Postgres,
        "liquibase-sql -
        shops.sql::1::ann [1] wrapped: --changeset ann:1 CREATE TABLE shops (id bigint PRIMARY KEY, city text); | wrapped: DROP TABLE shops;
        shops.sql::2::ann [2] bare: --changeset ann:2 runInTransaction:false CREATE INDEX CONCURRENTLY shops_city_idx ON shops (city); <by `--changeset ann:2 runInTransaction:false`> | bare: DROP INDEX shops_city_idx;
        shops.sql::3::ann [3] wrapped:  | none
        shops.sql::4::ann lee [4] wrapped: --changeset \"ann lee\":4 runOnChange:true CREATE OR REPLACE VIEW v AS SELECT 1; | empty ``",
    );
}

/// Loads the only migration of a directory in memory.
fn load(format: &str, files: &[(&str, &[u8])], transaction: Option<TransactionMode>) -> Result<(Migration, Sources), LoadError> {
    let format = system::find(format).unwrap();
    let directory = Directory::in_memory("m", files.iter().copied());
    let listing = format.list(&directory);
    assert_eq!(listing.entries.len(), 1, "{listing:?}");
    let mut sources = Sources::default();
    let mut reading = Reading { target: Target::of(Engine::Postgres), transaction, sources: &mut sources };
    let migration = format.load(&directory, &listing.entries[0], &mut reading)?;
    Ok((migration, sources))
}

#[test]
fn the_user_says_how_files_are_wrapped_unless_the_file_does() {
    let asked = Some(TransactionMode::None);
    for (format, file, expected) in [
        ("sql", "SELECT 1;", TransactionMode::None),
        ("goose", "-- +goose Up\nSELECT 1;", TransactionMode::None),
        ("dbmate", "-- migrate:up transaction:false\nSELECT 1;\n-- migrate:down\n", TransactionMode::Batch),
        ("sqlx", "-- no-transaction\nSELECT 1;", TransactionMode::Batch),
    ] {
        let (migration, _) = load(format, &[("1_x.sql", file.as_bytes())], asked).unwrap();
        assert_eq!(migration.transaction, expected, "{format}");
    }
    let (migration, _) = load("golang-migrate", &[("1_x.up.sql", b"SELECT 1;")], None).unwrap();
    assert_eq!(migration.transaction, TransactionMode::Batch);
}

#[test]
fn the_wrong_encoding_is_told_and_read_all_the_same() {
    let (migration, sources) = load("sql", &[("1_x.sql", b"SELECT 'caf\xe9';\nDROP TABLE t;")], None).unwrap();
    assert_eq!(&*migration.up.text, "SELECT 'caf?';\nDROP TABLE t;");
    let problem = &migration.problems[0];
    assert_eq!(problem.kind, ProblemKind::Encoding);
    let location = problem.location.unwrap();
    assert_eq!(sources.get(location.source).unwrap().position(location.span.start).column, 12);

    let utf16: Vec<u8> = "\u{feff}DROP TABLE t;".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (migration, _) = load("sql", &[("1_x.sql", &utf16)], None).unwrap();
    assert_eq!(&*migration.up.text, "DROP TABLE t;");
    assert_eq!(migration.problems.len(), 1);

    let (migration, sources) =
        load("goose", &[("1_x.sql", "\u{feff}-- +goose Up\r\nDROP TABLE t;\r\n-- +goose Down\r\nSELECT 1;\r\n".as_bytes())], None).unwrap();
    assert_eq!(migration.up.text.trim_end(), "   -- +goose Up\r\nDROP TABLE t;");
    assert!(sources.get(migration.up.source).unwrap().text.starts_with('\u{feff}'), "offsets are the file's own");
    assert!(matches!(migration.down, Down::Script(_)));
}

#[test]
fn line_ends_and_directives_leave_the_checksum_alone() {
    let of = |text: &str| load("goose", &[("1_x.sql", text.as_bytes())], None).unwrap().0.checksum();
    let plain = of("-- +goose Up\nDROP TABLE t;\n-- +goose Down\n");
    assert_eq!(of("-- +goose Up\r\nDROP TABLE t;\r\n-- +goose Down\r\nSELECT 1;\r\n"), plain, "the way back is not what ran");
    assert_eq!(
        of("-- lockgate:ignore-file dropping-table: unused\n-- +goose Up\nDROP TABLE t; -- lockgate:ignore dropping-table: unused\n"),
        plain
    );
    assert_ne!(of("-- +goose Up\nDROP TABLE u;\n"), plain);
}

#[test]
fn what_a_system_refuses_is_still_read() {
    for (format, text) in [("goose", "DROP TABLE t;"), ("dbmate", "DROP TABLE t;"), ("sql-migrate", "DROP TABLE t;"), ("diesel", "")] {
        let file = if format == "diesel" { "1_x/up.sql" } else { "1_x.sql" };
        let (migration, _) = load(format, &[(file, text.as_bytes())], None).unwrap();
        assert_eq!(migration.problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(), [ProblemKind::Grammar], "{format}");
        assert_eq!(&*migration.up.text, text, "{format}");
    }
}

#[test]
fn every_system_writes_what_it_can_read() {
    for format in system::ALL {
        let empty = Directory::in_memory("m", Vec::<(String, String)>::new());
        let files = format.new_files(&empty, "Add Users", "20261120055247");
        let files: Vec<(String, String)> = files
            .iter()
            .map(|file| {
                (
                    file.path.strip_prefix("m").unwrap().to_string_lossy().into_owned(),
                    file.template.replace("{up}", "SELECT 1;").replace("{down}", "SELECT 2;"),
                )
            })
            .collect();
        let directory = Directory::in_memory("m", files);
        let listing = format.list(&directory);
        assert_eq!((listing.entries.len(), listing.problems.len()), (1, 0), "{}: {listing:?}", format.id());
        let mut sources = Sources::default();
        let mut reading = Reading { target: Target::of(Engine::Postgres), transaction: None, sources: &mut sources };
        let migration = format.load(&directory, &listing.entries[0], &mut reading).unwrap();
        assert!(migration.problems.is_empty(), "{}: {:?}", format.id(), migration.problems);
        assert!(migration.up.text.contains("SELECT 1;") && !migration.up.text.contains("SELECT 2;"), "{}", format.id());
    }
}

#[test]
fn a_marker_in_a_file_goes_before_its_name() {
    let detected = |files: &[(&str, &str)]| {
        lockgate::migration::detect(&Directory::in_memory("m", files.iter().copied())).map(|found| found.format.id())
    };
    assert_eq!(detected(&[("V1__x.sql", "-- +goose Up\n")]), Some("goose"));
    assert_eq!(detected(&[("atlas.sum", ""), ("1_x.sql", "-- +goose Up\n")]), Some("goose"));
    assert_eq!(detected(&[("V1__x.sql", "")]), Some("flyway"));
    assert_eq!(detected(&[("V1__x.sql", ""), ("../Cargo.toml", "refinery = \"0.8\"")]), Some("refinery"));
    assert_eq!(detected(&[("1_x.up.sql", ""), ("../Cargo.toml", "sqlx = \"0.8\"")]), Some("sqlx"));
    assert_eq!(detected(&[("1_x.up.sql", ""), ("../go.mod", "github.com/golang-migrate/migrate/v4")]), Some("golang-migrate"));
    assert_eq!(detected(&[("1_x.up.sql", "")]), Some("golang-migrate"));
    assert_eq!(detected(&[("1_x.sql", "")]), Some("sql"));
    assert_eq!(detected(&[("1_x/up.sql", "")]), Some("diesel"));
    assert_eq!(detected(&[("1_x/migration.sql", "")]), Some("prisma"));
    assert_eq!(detected(&[("1_x/migration.sql", ""), ("1_x/snapshot.json", "{}")]), Some("drizzle"));
    assert_eq!(detected(&[("V1__x.sql", ""), ("2_y.sql", ""), ("3_z.sql", "")]), Some("sql"), "the system that leaves fewer out");
    assert_eq!(detected(&[("query.sql", "")]), None);
}
