//! MariaDB and MySQL: every schema change commits by itself.

use std::time::Duration;

use lockgate::apply::{Assume, Changed, Interrupt, Stop};
use lockgate::facts::Direction;
use lockgate::plan::Wrapping;

use super::{Case, crash, project, until};
use crate::servers::Server;
use crate::servers::project::Heard;

pub const CASES: &[(&str, Case)] = &[
    ("stepwise_failure", stepwise_failure),
    ("rows_are_atomic", rows_are_atomic),
    ("lock_timeout_retried", lock_timeout_retried),
    ("lock_timeout_given_up", lock_timeout_given_up),
    ("killed_and_done", killed_and_done),
    ("killed_and_unknown", killed_and_unknown),
    ("cut", cut),
    ("cancelled", cancelled),
    ("locked_tables", locked_tables),
    ("session_is_restored", session_is_restored),
    ("routines", routines),
];

const SLEEPING: &str =
    "SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE '%SLEEP(%' AND id <> CONNECTION_ID()";

fn stepwise_failure(server: &Server, database: &str) {
    let project = project(server, database);
    project.write(
        "001_a.sql",
        "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\nALTER TABLE a ADD COLUMN id int;\nCREATE TABLE b (id int);\n",
    );
    let plan = project.plan(Direction::Up, None);
    assert!(matches!(&plan.migrations[0].wrapping, Wrapping::Stepwise(why) if why.contains("commits by itself")), "{plan:?}");
    let failure = project.apply().unwrap_err().failure();
    assert!(matches!(&failure.stop, Stop::Refused(error) if error.code == "1060"), "{failure}");
    assert_eq!(failure.place.as_ref().unwrap().line, 3);
    assert_eq!(failure.done.iter().map(|done| done.line).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(failure.not_done.iter().map(|done| done.line).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(project.states(), ["001 failed"]);
    project.write(
        "001_a.sql",
        "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\nALTER TABLE a ADD COLUMN x int;\nCREATE TABLE b (id int);\n",
    );
    project.apply().unwrap();
    assert_eq!(project.value("SELECT count(*) FROM a"), "1");
    assert_eq!(project.states(), ["001 applied"]);
}

fn rows_are_atomic(server: &Server, database: &str) {
    let project = project(server, database);
    project.sql("CREATE TABLE a (id int PRIMARY KEY)");
    project.write("001_a.sql", "INSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\nINSERT INTO a VALUES (1);\n");
    assert!(project.plan(Direction::Up, None).migrations[0].is_atomic());
    let failure = project.apply().unwrap_err().failure();
    assert_eq!(failure.changed, Changed::No);
    assert_eq!(project.value("SELECT count(*) FROM a"), "0");
    // A table without transactions keeps what was written, and that is said.
    project.sql("CREATE TABLE m (id int PRIMARY KEY) ENGINE=MyISAM");
    project.write("001_a.sql", "INSERT INTO m VALUES (1);\nINSERT INTO m VALUES (1);\n");
    let failure = project.apply().unwrap_err().failure();
    assert_eq!(failure.changed, Changed::Yes, "{failure}");
}

fn lock_timeout_retried(server: &Server, database: &str) {
    let project = project(server, database);
    project.sql("CREATE TABLE a (id int)");
    project.write("001_a.sql", "ALTER TABLE a ADD COLUMN x int;\n");
    let mut reader = project.session();
    reader.execute("START TRANSACTION").unwrap();
    reader.query("SELECT * FROM a").unwrap();
    let heard = Heard::default();
    std::thread::scope(|scope| {
        let (mut listening, project) = (heard.clone(), &project);
        let run = scope.spawn(move || project.apply_with(&Interrupt::default(), &mut listening).map(drop));
        until(project, "SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE() AND state LIKE '%metadata lock%'");
        std::thread::sleep(Duration::from_millis(1300));
        reader.execute("COMMIT").unwrap();
        run.join().unwrap().unwrap();
    });
    assert!(heard.text().contains("retry Lock wait timeout exceeded"), "{}", heard.text());
}

fn lock_timeout_given_up(server: &Server, database: &str) {
    let mut project = project(server, database);
    project.options.brief = Duration::from_secs(4);
    project.options.attempts = 1;
    project.sql("CREATE TABLE a (id int)");
    project.write("001_a.sql", "ALTER TABLE a ADD COLUMN x int;\n");
    let mut reader = project.session();
    reader.execute("START TRANSACTION").unwrap();
    reader.query("SELECT * FROM a").unwrap();
    let failure = project.apply().unwrap_err().failure();
    let text = failure.to_string();
    assert_eq!(failure.changed, Changed::No, "{text}");
    assert!(text.contains(&format!("connection {}", reader.id())), "{text}");
}

/// The server goes on without the client; the next run waits for it and sees what it did.
fn killed_and_done(server: &Server, database: &str) {
    let (project, url) =
        crash::with(server, database, "CREATE TABLE a (id int);\nCREATE TABLE b AS SELECT SLEEP(3) AS s;\nCREATE TABLE c (id int);\n");
    crash::kill_when(&project, &url, SLEEPING);
    assert_eq!(project.states(), ["001 running"]);
    let heard = crash::heard(&project);
    assert!(heard.contains("lock-wait connection"), "{heard}");
    assert!(heard.contains("line 2: the statement an earlier run was sending when it died was done (the database shows it)"), "{heard}");
    assert_eq!(project.states(), ["001 applied"], "{heard}");
    assert_eq!(project.value("SELECT count(*) FROM b"), "1");
}

fn killed_and_unknown(server: &Server, database: &str) {
    let (mut project, url) = crash::with(
        server,
        database,
        "CREATE TABLE a (id int);\nALTER TABLE a COMMENT = 'before';\nCALL nap();\nINSERT INTO a VALUES (2);\n",
    );
    project.sql("CREATE PROCEDURE nap() BEGIN INSERT INTO a VALUES (1); DO SLEEP(2); END");
    crash::kill_when(&project, &url, SLEEPING);
    let heard = crash::heard(&project);
    assert!(heard.contains("nothing shows whether it was done") && heard.contains("001_a.sql:3: CALL nap()"), "{heard}");
    assert_eq!(project.states(), ["001 running"], "{heard}");
    project.options.assume = Some(Assume::Done);
    let heard = crash::heard(&project);
    assert!(heard.contains("was done (as you said)"), "{heard}");
    assert_eq!(project.states(), ["001 applied"], "{heard}");
    assert_eq!(project.value("SELECT group_concat(id ORDER BY id) FROM a"), "1,2");
}

fn cut(server: &Server, database: &str) {
    let mut project = project(server, database);
    project.options.brief = Duration::from_secs(30);
    project.sql("CREATE TABLE held (id int)");
    let mut reader = project.session();
    reader.execute("START TRANSACTION").unwrap();
    reader.query("SELECT * FROM held").unwrap();
    let migration = "CREATE TABLE a (id int);\nALTER TABLE held ADD COLUMN x int;\n";
    project.write("001_a.sql", migration);
    let waiting = "FROM information_schema.processlist WHERE db = DATABASE() AND state LIKE '%metadata lock%'";
    let failure = std::thread::scope(|scope| {
        let run = scope.spawn(|| project.apply().unwrap_err().failure());
        until(&project, &format!("SELECT count(*) {waiting}"));
        let id = project.value(&format!("SELECT min(id) {waiting}"));
        project.sql(&format!("KILL CONNECTION {id}"));
        run.join().unwrap()
    });
    let text = failure.to_string();
    assert!(text.contains("The connection broke, and the statement was not done: the database shows it."), "{text}");
    assert_eq!(failure.done.iter().map(|done| done.line).collect::<Vec<_>>(), [1], "{text}");
    reader.execute("COMMIT").unwrap();
    project.apply().unwrap();
    assert_eq!(project.states(), ["001 applied"]);
}

fn cancelled(server: &Server, database: &str) {
    let project = project(server, database);
    project.write("001_a.sql", "CREATE TABLE a (id int);\nCREATE TABLE b AS SELECT id FROM a UNION SELECT SLEEP(20);\n");
    let interrupt = Interrupt::default();
    let failure = std::thread::scope(|scope| {
        let run = scope.spawn(|| project.apply_with(&interrupt, &mut Heard::default()).unwrap_err().failure());
        until(&project, SLEEPING);
        interrupt.request();
        interrupt.request();
        run.join().unwrap()
    });
    assert_eq!((failure.stop.clone(), failure.changed), (Stop::Interrupted, Changed::Yes), "{failure}");
    assert_eq!(failure.done.len(), 1);
}

/// As dumps are written: between LOCK and UNLOCK not even the ledger can be used.
fn locked_tables(server: &Server, database: &str) {
    let project = project(server, database);
    project.write(
        "001_a.sql",
        "CREATE TABLE a (id int PRIMARY KEY);\nLOCK TABLES a WRITE;\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\nUNLOCK TABLES;\nINSERT INTO a VALUES (3);\n",
    );
    project.apply().unwrap();
    assert_eq!(project.value("SELECT count(*) FROM a"), "3");
    assert_eq!(project.steps(1).len(), 6);
    project.write("002_b.sql", "LOCK TABLES a WRITE;\nINSERT INTO a VALUES (4);\nINSERT INTO a VALUES (4);\nUNLOCK TABLES;\n");
    let failure = project.apply().unwrap_err().failure();
    assert_eq!(failure.done.iter().map(|done| done.line).collect::<Vec<_>>(), [1, 2], "{failure}");
}

fn session_is_restored(server: &Server, database: &str) {
    let project = project(server, database);
    project.write("001_a.sql", "SET foreign_key_checks = 0;\nSET sql_mode = '';\nSET autocommit = 0;\nUSE mysql;\nSELECT 1;\n");
    project.write(
        "002_b.sql",
        "CREATE TABLE b (f int, c int, m int);\nINSERT INTO b SELECT @@foreign_key_checks, @@autocommit, @@sql_mode LIKE '%STRICT%';\n",
    );
    project.apply().unwrap();
    assert_eq!(project.value("SELECT CONCAT(f, c, m) FROM b"), "111");
}

fn routines(server: &Server, database: &str) {
    let project = project(server, database);
    project.write(
        "001_a.sql",
        "CREATE TABLE a (id int);\nDELIMITER $$\nCREATE PROCEDURE p()\nBEGIN\n  INSERT INTO a VALUES (1);\n  INSERT INTO a VALUES (2);\nEND$$\nDELIMITER ;\nCALL p();\n",
    );
    project.apply().unwrap();
    assert_eq!(project.value("SELECT count(*) FROM a"), "2");
}
