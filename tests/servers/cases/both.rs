//! What holds on every server.

use std::time::Duration;

use lockgate::apply::{Changed, Interrupt};
use lockgate::driver::measure;
use lockgate::facts::Direction;
use lockgate::history::State;

use super::{Case, project};
use crate::servers::Server;
use crate::servers::project::Heard;

pub const CASES: &[(&str, Case)] = &[
    ("runs_once", runs_once),
    ("racing", racing),
    ("rollback", rollback),
    ("drift", drift),
    ("sizes", sizes),
    ("odd_names", odd_names),
    ("wrong_address", wrong_address),
];

fn runs_once(server: &Server, database: &str) {
    let project = project(server, database);
    project.write("001_a.sql", "CREATE TABLE a (id int PRIMARY KEY);\nINSERT INTO a VALUES (1), (2);\n");
    project.write("002_b.sql", "INSERT INTO a VALUES (3);\n");
    assert_eq!(project.apply().unwrap().ran.len(), 2);
    assert!(project.apply().unwrap().ran.is_empty());
    assert_eq!(project.states(), ["001 applied", "002 applied"]);
    assert_eq!(project.value("SELECT count(*) FROM a"), "3");
    // Nothing is left of the lock.
    assert!(project.apply().is_ok());
}

fn racing(server: &Server, database: &str) {
    let project = project(server, database);
    let sleep = if server.is_mysql_family() { "CREATE TABLE slow AS SELECT SLEEP(1.5) AS s" } else { "SELECT pg_sleep(1.5)" };
    project.write("001_a.sql", &format!("CREATE TABLE a (id int);\n{sleep};\nINSERT INTO a VALUES (1);\n"));
    let plans = [project.cleared(Direction::Up, None).unwrap(), project.cleared(Direction::Up, None).unwrap()];
    let heard = Heard::default();
    let reports = std::thread::scope(|scope| {
        let runs = plans.each_ref().map(|cleared| {
            let mut heard = heard.clone();
            let project = &project;
            scope.spawn(move || project.run(cleared, &Interrupt::default(), &mut heard).unwrap())
        });
        runs.map(|run| run.join().unwrap())
    });
    let mut counts = reports.map(|report| (report.ran.len(), report.skipped.len()));
    counts.sort_unstable();
    assert_eq!(counts, [(0, 1), (1, 0)]);
    // It names who has the lock.
    let kind = if server.is_mysql_family() { "lock-wait connection" } else { "lock-wait process" };
    assert!(heard.text().contains(kind), "{}", heard.text());
    assert_eq!(project.states(), ["001 applied"]);
    assert_eq!(project.value("SELECT count(*) FROM a"), "1");
    // One that will not wait says so and has done nothing.
    let impatient = project;
    impatient.write("002_b.sql", &format!("{};\n", sleep.replace("TABLE slow", "TABLE slow2")));
    let (first, second) = (impatient.cleared(Direction::Up, None).unwrap(), impatient.cleared(Direction::Up, None).unwrap());
    std::thread::scope(|scope| {
        let shared = &impatient;
        let run = scope.spawn(move || shared.run(&first, &Interrupt::default(), &mut Heard::default()).map(drop));
        std::thread::sleep(Duration::from_millis(500));
        let mut hurried = impatient.options.clone();
        hurried.lock_wait = Duration::from_millis(100);
        let error =
            lockgate::apply::apply(impatient.session(), &impatient.url, &second, &hurried, &Interrupt::default(), &mut Heard::default());
        let error = error.unwrap_err();
        assert!(error.to_string().starts_with("another run has the lock"), "{error}");
        assert_eq!((error.changed(), error.executed()), (Changed::No, false));
        run.join().unwrap().unwrap();
    });
}

fn rollback(server: &Server, database: &str) {
    let project = project(server, database);
    project.write("001_a.up.sql", "CREATE TABLE a (id int);\n").write("001_a.down.sql", "DROP TABLE a;\n");
    project.write("002_b.up.sql", "ALTER TABLE a ADD COLUMN b int;\n").write("002_b.down.sql", "ALTER TABLE a DROP COLUMN b;\n");
    project.apply().unwrap();
    project.rollback(None).unwrap();
    let states: Vec<State> = project.entries().iter().map(|entry| entry.state).collect();
    assert_eq!(states, [State::Applied, State::RolledBack]);
    project.sql("SELECT id FROM a");
    assert!(project.session().query("SELECT b FROM a").is_err());
    project.apply().unwrap();
    project.sql("SELECT b FROM a");
    assert_eq!(project.entries().len(), 3);
}

fn drift(server: &Server, database: &str) {
    let project = project(server, database);
    project.write("001_a.sql", "CREATE TABLE a (id int);\n");
    project.apply().unwrap();
    project.write("001_a.sql", "CREATE TABLE a (id bigint);\n").write("002_b.sql", "CREATE TABLE b (id int);\n");
    let text = project.apply().unwrap_err().text();
    assert!(text.contains("001 was applied on") && text.contains("[edited-migration]"), "{text}");
    assert_eq!(project.states(), ["001 applied"]);
}

fn sizes(server: &Server, database: &str) {
    let project = project(server, database);
    let rows: Vec<String> = (0..2000).map(|row| format!("({row}, 'some text')")).collect();
    project.write(
        "001_a.sql",
        &format!(
            "CREATE TABLE a (id int PRIMARY KEY, x varchar(50));\nCREATE INDEX a_x ON a (x);\nINSERT INTO a VALUES {};\n",
            rows.join(", ")
        ),
    );
    project.apply().unwrap();
    project.sql(if server.is_mysql_family() { "ANALYZE TABLE a" } else { "ANALYZE a" });
    let tables = measure(project.session().as_mut()).unwrap();
    let [table] = &tables[..] else { panic!("{tables:?}") };
    assert_eq!((table.schema.as_str(), table.table.as_str()), ("", "a"));
    assert!((1500..2500).contains(&table.rows) && table.bytes >= 16_000, "{table:?}");
    assert!(table.indexes.iter().any(|index| index.name == "a_x" && index.bytes > 0), "{table:?}");
}

/// Text in the ledger comes back as it was, whatever is in it.
fn odd_names(server: &Server, database: &str) {
    let project = project(server, database);
    project.write("001_it's \\ \"odd\" `é`.up.sql", "CREATE TABLE a (id int);\n-- it's a \\ comment 🐘\n");
    project.write("001_it's \\ \"odd\" `é`.down.sql", "DROP TABLE a; -- it's \\ over 🐘\n");
    project.apply().unwrap();
    let entry = project.entries().remove(0);
    assert!(entry.name.contains("it's \\ \"odd\" `é`"), "{entry:?}");
    assert_eq!(entry.down_script.as_deref(), Some("DROP TABLE a; -- it's \\ over 🐘"));
}

fn wrong_address(server: &Server, database: &str) {
    let url: lockgate::driver::DatabaseUrl = server
        .url(database)
        .replace("127.0.0.1", "somebody:s3cret@127.0.0.1")
        .replace("root@", "")
        .replace("postgres@", "")
        .parse()
        .unwrap();
    let error = lockgate::driver::connect(&url, lockgate::driver::Access::Existing).err().unwrap().to_string();
    assert!(error.starts_with("cannot connect to") && !error.contains("s3cret"), "{error}");
    let strict: lockgate::driver::DatabaseUrl = format!("{}?sslmode=verify-full", server.url(database)).parse().unwrap();
    assert!(lockgate::driver::connect(&strict, lockgate::driver::Access::Existing).is_err(), "no TLS here, so this must not connect");
}
