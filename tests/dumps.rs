//! A schema dump says the same as the migrations it came from, on every engine.
//!
//! The dumps under `tests/dumps` were taken from real servers that had run the migrations beside
//! them: pg_dump 15, mysqldump 9.7, mariadb-dump 10.11, the shell of SQLite 3.40.

mod common;

use std::path::Path;
use std::sync::Arc;

use common::Sandbox;
use lockgate::catalog::{Catalog, Origin, Rows, TableKind};
use lockgate::discover::{Project, Standing};
use lockgate::lint::{self, Outcome, Seen, Visitor};
use lockgate::migration::{Directory, system};
use lockgate::rules::{RuleSet, Selection};
use lockgate::schema::{SchemaDump, StandsAt};

/// The schema just before the last statement.
#[derive(Default)]
struct Last(Option<Catalog>);

impl Visitor for Last {
    fn statement(&mut self, seen: &Seen<'_>) {
        self.0 = Some(seen.before.clone());
    }
}

fn run(engine: &str, files: Vec<(String, String)>, dump: Option<&SchemaDump>) -> (Catalog, Outcome) {
    let mut last = Last::default();
    let outcome = check(engine, files, dump, None, &mut last);
    (last.0.expect("a statement"), outcome)
}

/// Looks at all of the files, or at one of them only.
fn check(
    engine: &str,
    files: Vec<(String, String)>,
    dump: Option<&SchemaDump>,
    only: Option<usize>,
    visitor: &mut (dyn Visitor + Send),
) -> Outcome {
    let mut project = Project::new(Directory::in_memory("m", files), system::PLAIN, Vec::new());
    for (at, entry) in project.entries.iter_mut().enumerate() {
        if only.is_some_and(|only| only != at) {
            entry.standing = Standing::NotNamed;
        }
    }
    let rules = Arc::new(RuleSet::select(&Selection::default()).unwrap());
    let pick = |_: &Path| Arc::clone(&rules);
    let options = lint::Options { schema: dump, judge: false, ..lint::Options::new(engine.parse().unwrap(), &pick) };
    lint::check(&project, &options, visitor)
}

fn migrations(engine: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dumps").join(engine).join("migrations");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())).collect()
}

/// Nothing, as the migration after all others.
fn last() -> (String, String) {
    ("999_last.sql".to_owned(), "SELECT 1;".to_owned())
}

/// MariaDB's JSON is a LONGTEXT with a check, and what has another character set is converted.
const SPELLED_OUT: [&str; 5] = [
    "column docs.j differs",
    "constraint j on docs is left behind",
    "column logs.what differs",
    "constraint what on logs is left behind",
    "column people.full_name differs",
];

fn says_the_same(engine: &str, ignored: &[&str]) {
    let name = engine.split('@').next().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dumps").join(name).join("schema.sql");
    let dump = SchemaDump::read(&path, StandsAt::Start).unwrap();
    let (dumped, outcome) = run(engine, vec![last()], Some(&dump));
    assert_eq!(outcome.problems, []);
    let mut files = migrations(name);
    files.push(last());
    let (replayed, _) = run(engine, files, None);
    let mut differences: Vec<String> = dumped.differences_from(&replayed).iter().map(ToString::to_string).collect();
    differences.retain(|difference| !ignored.contains(&difference.as_str()));
    assert_eq!(differences, Vec::<String>::new());
    assert!(!dumped.open_world, "open");
    assert!(dumped.dropped.is_empty(), "{:?}", dumped.dropped);
    assert!(dumped.tables.values().all(|table| table.complete || table.kind == TableKind::Virtual));
    assert!(dumped.tables.values().all(|table| dumped.origin(table.birth) == Origin::Before && table.rows == Rows::Assumed));
}

#[test]
fn postgres() {
    says_the_same("postgres@15", &[]);
}

#[test]
fn mysql() {
    says_the_same("mysql@9.7", &[]);
}

#[test]
fn mariadb() {
    says_the_same("mariadb@10.11", &SPELLED_OUT);
}

#[test]
fn sqlite() {
    says_the_same("sqlite@3.40", &[]);
}

/// What the schema was before each migration can be told from the dump that holds them all.
#[test]
fn what_a_dump_holds_can_be_taken_back_out() {
    for (engine, spelled) in [("postgres@15", &[][..]), ("mysql@9.7", &[]), ("mariadb@10.11", &SPELLED_OUT), ("sqlite@3.40", &[])] {
        let name = engine.split('@').next().unwrap();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dumps").join(name).join("schema.sql");
        let files = migrations(name);
        let newest = files.last().unwrap().0.trim_end_matches(".sql").to_owned();
        let dump = SchemaDump::read(&path, StandsAt::Version(newest)).unwrap();
        for judged in 1..files.len() {
            let (taken, _) = before(engine, &files, judged, Some(&dump));
            let (replayed, _) = before(engine, &files, judged, None);
            let mut differences: Vec<String> = taken.differences_from(&replayed).iter().map(ToString::to_string).collect();
            differences.retain(|difference| !spelled.contains(&difference.as_str()));
            assert_eq!(differences, Vec::<String>::new(), "{engine} before {}", files[judged].0);
            assert!(taken.dropped.is_empty());
        }
    }
}

/// The schema before one migration, which alone is judged.
fn before(engine: &str, files: &[(String, String)], judged: usize, dump: Option<&SchemaDump>) -> (Catalog, Outcome) {
    let mut first = First(None);
    let outcome = check(engine, files.to_vec(), dump, Some(judged), &mut first);
    (first.0.expect("a statement"), outcome)
}

/// The schema before the first statement that is judged.
struct First(Option<Catalog>);

impl Visitor for First {
    fn statement(&mut self, seen: &Seen<'_>) {
        self.0.get_or_insert_with(|| seen.before.clone());
    }
}

/// What lint says, line by line.
fn lint(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let ran = sandbox.run(&[&["lint", "--format", "concise", "--no-config", "--engine", "postgres@16"], arguments].concat());
    ran.stdout + &ran.stderr
}

const BEFORE: &str = "\\restrict abc\nSET search_path = '';\n\
    CREATE TABLE public.users (id bigint NOT NULL, email text, name character varying(40) DEFAULT 'x'::character varying);\n\
    ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);\n\
    COPY public.users (id, email, name) FROM stdin;\n1\ta@b\tc\n\\.\n";

#[test]
fn without_a_list_the_dump_comes_before_the_first_migration() {
    let sandbox = Sandbox::new();
    sandbox.write("m/001_email.sql", "ALTER TABLE users ADD COLUMN phone text;\n");
    sandbox.write("m/002_index.sql", "CREATE INDEX users_phone ON users (phone);\nALTER TABLE users DROP COLUMN nick;\n");
    assert!(!lint(&sandbox, &["m"]).contains("failing-statement"), "whether there is a nick is not known");
    sandbox.write("dump.sql", BEFORE);
    let said = lint(&sandbox, &["m", "--schema", "dump.sql"]);
    assert!(said.contains("002_index.sql:1") && said.contains("[blocking-index-build]"), "{said}");
    assert!(said.contains("002_index.sql:2") && said.contains("[failing-statement]"), "there is no nick: {said}");
}

#[test]
fn what_the_dump_lists_is_not_replayed() {
    let sandbox = Sandbox::new();
    sandbox.write("m/20240101000000_users.sql", "CREATE TABLE users (id bigint PRIMARY KEY);\n");
    sandbox.write("m/20240102000000_phone.sql", "ALTER TABLE users ADD COLUMN phone text;\n");
    sandbox.write("m/20240103000000_index.sql", "CREATE INDEX users_name ON users (name);\nALTER TABLE users ADD COLUMN phone text;\n");
    let list = "CREATE TABLE schema_migrations (version text);\n\
        INSERT INTO \"schema_migrations\" (version) VALUES\n('20240102000000'),\n('20240101000000');\n";
    sandbox.write("dump.sql", &format!("{BEFORE}ALTER TABLE public.users ADD COLUMN phone text;\n{list}"));
    let said = lint(&sandbox, &["m/20240103000000_index.sql", "--schema", "dump.sql"]);
    assert!(said.contains(":1:1: error[blocking-index-build]"), "the dump alone knows the name: {said}");
    assert!(said.contains(":2:19: error[failing-statement]"), "phone is there already: {said}");
}

#[test]
fn a_migration_that_the_dump_holds_already_is_judged_on_the_schema_before_it() {
    let sandbox = Sandbox::new();
    let newest = "ALTER TABLE users ADD COLUMN phone text NOT NULL DEFAULT '';\n\
        CREATE INDEX users_phone ON users (phone);\nALTER TABLE users RENAME COLUMN mail TO email;\n\
        CREATE TABLE notes (id bigint PRIMARY KEY);\nCREATE INDEX notes_id ON notes (id);\n\
        ALTER TABLE users ALTER COLUMN name TYPE varchar(40);\nALTER TABLE users DROP COLUMN nick;\n";
    sandbox.write("m/0001_users.sql", "CREATE TABLE users (id bigint PRIMARY KEY, mail text, name varchar(80), nick text);\n");
    sandbox.write("m/0002_newest.sql", newest);
    let after = "ALTER TABLE public.users ADD COLUMN phone text DEFAULT ''::text NOT NULL;\n\
        CREATE INDEX users_phone ON public.users USING btree (phone);\n\
        CREATE TABLE public.notes (id bigint NOT NULL, CONSTRAINT notes_pkey PRIMARY KEY (id));\n\
        CREATE INDEX notes_id ON public.notes USING btree (id);\n\
        INSERT INTO public.schema_migrations (version) VALUES ('0001'), ('0002');\n";
    sandbox.write("dump.sql", &format!("{BEFORE}{after}"));
    let said = lint(&sandbox, &["m/0002_newest.sql", "--schema", "dump.sql"]);
    assert!(!said.contains("failing-statement"), "{said}");
    for expected in [":2:1: error[blocking-index-build]", "[renaming-column]", "[rewriting-column-type]", "[dropping-column]"] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(!said.contains(":5:1: "), "notes is new: {said}");
    // The same without a word of where it stands, and as the user says it.
    assert_eq!(lint(&sandbox, &["m/0002_newest.sql", "--schema", "dump.sql", "--schema-at", "0002"]), said);
}

#[test]
fn a_statement_nobody_can_read_is_one_warning_at_its_place() {
    let sandbox = Sandbox::new();
    sandbox.write("m/001_x.sql", "ALTER TABLE nicks DROP COLUMN nick;\n");
    sandbox.write("dump.sql", &format!("{BEFORE}CREATE TABLE (x);\nDROP TABLE public.users, ;\n"));
    let said = lint(&sandbox, &["m", "--schema", "dump.sql"]);
    assert!(said.contains("dump.sql:8:14: warning: 2 statements of this schema dump could not be read"), "{said}");
    assert!(!said.contains("failing-statement") && !said.contains("dropping-table"), "{said}");
    assert!(lint(&sandbox, &["m", "--schema", "nowhere.sql"]).contains("cannot read the schema dump `nowhere.sql`"));
}
