//! PostgreSQL alone.

use std::time::Duration;

use lockgate::apply::{Changed, Interrupt, Stop};
use lockgate::facts::Direction;
use lockgate::plan::Wrapping;

use super::{Case, crash, project, until};
use crate::servers::Server;
use crate::servers::project::Heard;

pub const CASES: &[(&str, Case)] = &[
    ("atomic_failure", atomic_failure),
    ("commit_refused", commit_refused),
    ("stepwise_failure", stepwise_failure),
    ("lock_timeout_retried", lock_timeout_retried),
    ("lock_timeout_given_up", lock_timeout_given_up),
    ("killed_in_transaction", killed_in_transaction),
    ("killed_in_build", killed_in_build),
    ("failed_build", failed_build),
    ("cut_in_transaction", cut_in_transaction),
    ("cut_at_commit", cut_at_commit),
    ("cancelled", cancelled),
    ("copy_data", copy_data),
    ("session_is_restored", session_is_restored),
    ("builds_do_not_deadlock", builds_do_not_deadlock),
    ("read_only", read_only),
];

const SLEEPING: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep%' \
                        AND state = 'active' AND pid <> pg_backend_pid()";

fn atomic_failure(server: &Server, database: &str) {
    let project = project(server, database);
    project.write("001_a.sql", "CREATE TABLE a (id int);\nINSERT INTO a\n  SELECT id, nope FROM a;\n");
    let failure = project.apply().unwrap_err().failure();
    let place = failure.place.clone().unwrap();
    // The server's own position, in the file.
    assert_eq!((place.line, place.column), (3, 14), "{failure}");
    assert!(matches!(&failure.stop, Stop::Refused(error) if error.code == "42703"), "{failure}");
    assert_eq!(failure.changed, Changed::No);
    assert_eq!(project.value("SELECT to_regclass('a')::text"), "NULL");
    assert_eq!(project.states(), ["001 failed"]);
}

fn commit_refused(server: &Server, database: &str) {
    let project = project(server, database);
    project.write(
        "001_a.sql",
        "CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (a int REFERENCES a DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO b VALUES (1);\n",
    );
    let failure = project.apply().unwrap_err().failure();
    assert!(matches!(&failure.stop, Stop::Commit(error) if error.code == "23503"), "{failure}");
    assert_eq!(project.value("SELECT to_regclass('a')::text"), "NULL");
}

fn stepwise_failure(server: &Server, database: &str) {
    let project = project(server, database);
    project.write(
        "001_a.sql",
        "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\nCREATE INDEX CONCURRENTLY a_id ON a (id);\nINSERT INTO nowhere VALUES (1);\n",
    );
    let plan = project.plan(Direction::Up, None);
    assert!(
        matches!(&plan.migrations[0].wrapping, Wrapping::Stepwise(why) if why.contains("(line 3) cannot run inside a transaction")),
        "{plan:?}"
    );
    let failure = project.apply().unwrap_err().failure();
    assert_eq!(failure.done.iter().map(|done| done.line).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(failure.to_string().contains("The database is changed: a part of 001 is in it."), "{failure}");
    project.write(
        "001_a.sql",
        "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\nCREATE INDEX CONCURRENTLY a_id ON a (id);\nINSERT INTO a VALUES (2);\n",
    );
    project.apply().unwrap();
    assert_eq!(project.value("SELECT count(*) FROM a"), "2");
    assert_eq!(project.states(), ["001 applied"]);
    assert_eq!(project.steps(1).len(), 4);
}

fn lock_timeout_retried(server: &Server, database: &str) {
    let project = project(server, database);
    project.sql("CREATE TABLE a (id int)");
    project.write("001_a.sql", "CREATE TABLE b (id int);\nALTER TABLE a ADD COLUMN x int;\n");
    let mut reader = project.session();
    reader.execute("BEGIN").unwrap();
    reader.query("SELECT * FROM a").unwrap();
    let heard = Heard::default();
    std::thread::scope(|scope| {
        let (mut listening, project) = (heard.clone(), &project);
        let run = scope.spawn(move || project.apply_with(&Interrupt::default(), &mut listening).map(drop));
        until(project, "SELECT count(*) FROM pg_locks WHERE NOT granted");
        std::thread::sleep(Duration::from_millis(1100));
        reader.execute("COMMIT").unwrap();
        run.join().unwrap().unwrap();
    });
    assert!(heard.text().contains("retry canceling statement due to lock timeout (55P03)"), "{}", heard.text());
    assert_eq!(project.states(), ["001 applied"]);
}

fn lock_timeout_given_up(server: &Server, database: &str) {
    let mut project = project(server, database);
    project.options.brief = Duration::from_millis(3500);
    project.options.attempts = 1;
    project.sql("CREATE TABLE a (id int)");
    project.write("001_a.sql", "ALTER TABLE a ADD COLUMN x int;\n");
    let mut reader = project.session();
    reader.execute("BEGIN").unwrap();
    reader.query("SELECT * FROM a").unwrap();
    let failure = project.apply().unwrap_err().failure();
    assert_eq!(failure.changed, Changed::No);
    let text = failure.to_string();
    // Who was in the way, and what that session did last.
    assert!(text.contains(&format!("waited for process {}", reader.id())) && text.contains("SELECT * FROM a"), "{text}");
}

fn killed_in_transaction(server: &Server, database: &str) {
    let (project, url) = crash::with(server, database, "CREATE TABLE a (id int);\nSELECT pg_sleep(20);\n");
    crash::kill_when(&project, &url, SLEEPING);
    let started = std::time::Instant::now();
    project.write("001_a.sql", "CREATE TABLE a (id int);\n");
    let heard = crash::heard(&project);
    // The server noticed that the client is gone; otherwise it would have slept to the end with the lock held.
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}\n{heard}", started.elapsed());
    assert_eq!(project.states(), ["001 applied"], "{heard}");
}

fn killed_in_build(server: &Server, database: &str) {
    let (project, url) = crash::with(server, database, "INSERT INTO a VALUES (1);\nCREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id);\n");
    project.sql("CREATE TABLE a (id int)");
    let mut writer = project.session();
    writer.execute("BEGIN").unwrap();
    writer.execute("INSERT INTO a VALUES (7)").unwrap();
    crash::kill_when(
        &project,
        &url,
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE UNIQUE%' AND state = 'active' AND wait_event_type = 'Lock' AND datname = current_database()",
    );
    // The server notices within two seconds that nobody is there to hear it.
    until(
        &project,
        "SELECT 1 - count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE UNIQUE%' AND state = 'active' AND datname = current_database()",
    );
    writer.execute("COMMIT").unwrap();
    assert_eq!(project.states(), ["001 running"]);
    let heard = crash::heard(&project);
    assert!(heard.contains("was not done (the database shows it)"), "{heard}");
    assert!(heard.contains("removing the invalid index \"public\".\"a_id\""), "{heard}");
    assert!(heard.contains("pass INSERT INTO a VALUES (1): done by an earlier run"), "{heard}");
    assert_eq!(project.states(), ["001 applied"], "{heard}");
    assert_eq!(project.value("SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass AND indisvalid"), "1");
    assert_eq!(project.value("SELECT count(*) FROM a"), "2");
}

fn failed_build(server: &Server, database: &str) {
    let project = project(server, database);
    project.sql("CREATE TABLE a AS SELECT 1 AS id FROM generate_series(1, 2)");
    project.write("001_a.sql", "CREATE UNIQUE INDEX CONCURRENTLY a_id ON a (id);\n");
    let failure = project.apply().unwrap_err().failure();
    let text = failure.to_string();
    assert!(text.contains("(23505)") && text.contains("The half-built index \"public\".\"a_id\" was removed."), "{text}");
    assert_eq!(failure.changed, Changed::No, "{text}");
    assert_eq!(project.value("SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass"), "0");
}

fn cut_in_transaction(server: &Server, database: &str) {
    let project = project(server, database);
    project.write("001_a.sql", "CREATE TABLE a (id int);\nSELECT pg_sleep(20);\n");
    let failure = std::thread::scope(|scope| {
        let run = scope.spawn(|| project.apply().unwrap_err().failure());
        until(&project, SLEEPING);
        project.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active' AND datname = current_database() AND pid <> pg_backend_pid()");
        run.join().unwrap()
    });
    assert_eq!(failure.changed, Changed::No, "{failure}");
    assert!(failure.to_string().contains("Nothing of 001 is in the database."), "{failure}");
}

/// The answer to COMMIT is lost: the ledger tells that it was done, and the run goes on.
fn cut_at_commit(server: &Server, database: &str) {
    let project = project(server, database);
    // A deferred trigger makes COMMIT last; what it waits for lets the test cut in at that moment.
    project.sql("CREATE TABLE gate (id int)");
    project.sql("CREATE FUNCTION nap() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(20); RETURN NULL; END'");
    project.sql("CREATE CONSTRAINT TRIGGER nap AFTER INSERT ON gate DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nap()");
    project.write("001_a.sql", "INSERT INTO gate VALUES (1);\n");
    let failure = std::thread::scope(|scope| {
        let run = scope.spawn(|| project.apply().unwrap_err().failure());
        let committing = "FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active' AND datname = current_database()";
        until(&project, &format!("SELECT count(*) {committing}"));
        project.sql(&format!("SELECT pg_terminate_backend(pid) {committing}"));
        run.join().unwrap()
    });
    assert!(matches!(failure.stop, Stop::Commit(_)), "{failure}");
    assert_eq!(failure.changed, Changed::No, "{failure}");
    assert_eq!(project.value("SELECT count(*) FROM gate"), "0");
}

fn cancelled(server: &Server, database: &str) {
    let project = project(server, database);
    project.write("001_a.sql", "CREATE TABLE a (id int);\nSELECT pg_sleep(20);\nCREATE TABLE b (id int);\n");
    let interrupt = Interrupt::default();
    let failure = std::thread::scope(|scope| {
        let run = scope.spawn(|| project.apply_with(&interrupt, &mut Heard::default()).unwrap_err().failure());
        until(&project, SLEEPING);
        interrupt.request();
        interrupt.request();
        run.join().unwrap()
    });
    assert_eq!((failure.stop.clone(), failure.changed), (Stop::Interrupted, Changed::No), "{failure}");
    assert_eq!(project.value("SELECT to_regclass('a')::text"), "NULL");
}

fn copy_data(server: &Server, database: &str) {
    let project = project(server, database);
    project.write(
        "001_a.sql",
        "CREATE TABLE a (id int, x text);\nCOPY a (id, x) FROM stdin;\n1\tone; two\n2\t\\N\n\\.\n\nINSERT INTO a VALUES (3, 'c');\n",
    );
    project.apply().unwrap();
    assert_eq!(project.value("SELECT string_agg(id || coalesce(x, '-'), ',' ORDER BY id) FROM a"), "1one; two,2-,3c");
    project.write("002_b.sql", "COPY a FROM stdin;\nx\ty\n\\.\n");
    let failure = project.apply().unwrap_err().failure();
    assert!(matches!(&failure.stop, Stop::Refused(error) if error.code == "22P02"), "{failure}");
}

fn session_is_restored(server: &Server, database: &str) {
    let project = project(server, database);
    project.sql("CREATE SCHEMA other");
    project.sql(&format!("CREATE ROLE r_{database}_{}", server.name));
    project.sql(&format!("GRANT ALL ON SCHEMA other TO r_{database}_{}", server.name));
    project.write(
        "001_a.sql",
        &format!("SET search_path = other;\nSET ROLE r_{database}_{};\nSET lock_timeout = '7s';\nCREATE TABLE a (id int);\n", server.name),
    );
    project.write("002_b.sql", "CREATE TABLE b AS SELECT current_setting('lock_timeout') AS wait, current_user::text AS who;\n");
    project.apply().unwrap();
    assert_eq!(project.value("SELECT count(*) FROM other.a"), "0");
    assert_eq!(project.value("SELECT wait || ' ' || who FROM public.b"), "1s postgres");
    assert_eq!(project.states(), ["001 applied", "002 applied"]);
}

/// The runner that waits must not be in the way of the one that builds.
fn builds_do_not_deadlock(server: &Server, database: &str) {
    let project = project(server, database);
    project.sql("CREATE TABLE a AS SELECT g AS id FROM generate_series(1, 1000) g");
    project.write("001_a.sql", "CREATE INDEX CONCURRENTLY a_1 ON a (id);\nCREATE INDEX CONCURRENTLY a_2 ON a (id);\n");
    let mut writer = project.session();
    writer.execute("BEGIN").unwrap();
    writer.execute("INSERT INTO a VALUES (0)").unwrap();
    let plans = [(); 3].map(|()| project.cleared(Direction::Up, None).unwrap());
    std::thread::scope(|scope| {
        let runs = plans.each_ref().map(|cleared| {
            let project = &project;
            scope.spawn(move || project.run(cleared, &Interrupt::default(), &mut Heard::default()).map(drop))
        });
        std::thread::sleep(Duration::from_millis(2500));
        writer.execute("COMMIT").unwrap();
        for run in runs {
            run.join().unwrap().unwrap();
        }
    });
    assert_eq!(project.value("SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass AND indisvalid"), "2");
}

fn read_only(server: &Server, database: &str) {
    let project = project(server, database);
    project.write("001_a.sql", "CREATE TABLE a (id int);\n");
    project.sql(&format!("ALTER DATABASE {database} SET default_transaction_read_only = on"));
    let text = project.apply().unwrap_err().text();
    assert!(text.contains("does not take writes: default_transaction_read_only is on"), "{text}");
}
