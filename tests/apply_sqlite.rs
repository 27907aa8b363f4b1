//! Running migrations on SQLite: what is done, what is recorded, and what is said when it fails.

#![cfg(feature = "sqlite")]

#[path = "servers/project.rs"]
#[allow(dead_code)]
mod project;

use lockgate::apply::{Changed, Interrupt, Stop};
use lockgate::driver::connect;
use lockgate::facts::Direction;
use lockgate::plan::{self, Allowance, Blocker, Confirmation, Policy, Wrapping};
use project::{Heard, Project, Stopped};

/// The program itself: exit code, standard output, standard error.
fn lockgate(project: &Project, arguments: &[&str]) -> (i32, String, String) {
    let output = command(project, arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

fn command(project: &Project, arguments: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_lockgate"));
    command.args(arguments).arg(project.path()).arg("--database").arg(project.url.to_string()).stdin(std::process::Stdio::null());
    command
}

/// A project and a database file beside it.
fn sqlite() -> (tempfile::TempDir, Project) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("app.db").display());
    (folder, Project::new(&url))
}

#[test]
fn what_is_pending_runs_once() {
    let (_folder, project) = sqlite();
    project.write("001_a.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY);\nINSERT INTO a VALUES (1), (2);\n");
    assert_eq!(project.apply().unwrap().ran.len(), 1);
    project.write("002_b.sql", "CREATE TABLE b (id INTEGER PRIMARY KEY);\n");
    let report = project.apply().unwrap();
    assert_eq!(report.ran.iter().map(|ran| ran.version.as_str()).collect::<Vec<_>>(), ["002"]);
    assert!(project.apply().unwrap().ran.is_empty());
    assert_eq!(project.states(), ["001 applied", "002 applied"]);
    assert_eq!(project.value("SELECT count(*) FROM a"), "2");
    let entry = &project.entries()[0];
    assert_eq!((entry.name.as_str(), entry.checksum.len()), ("a", 64));
    assert!(entry.finished_at.is_some() && entry.applied_by.contains('@'));
}

#[test]
fn a_failure_in_the_middle_leaves_nothing() {
    let (_folder, project) = sqlite();
    project.write("001_a.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY);\n");
    project.write("002_b.sql", "CREATE TABLE b (id INTEGER);\n\nINSERT INTO b\nVALUES (1, 2);\nCREATE TABLE c (id INTEGER);\n");
    let failure = project.apply().unwrap_err().failure();
    let place = failure.place.clone().unwrap();
    assert_eq!((place.line, place.statement.as_str()), (3, "INSERT INTO b\nVALUES (1, 2)"));
    assert!(place.path.ends_with("002_b.sql"), "{}", place.path);
    assert_eq!((failure.changed, failure.applied.clone()), (Changed::No, vec!["001".to_owned()]));
    assert!(matches!(&failure.stop, Stop::Refused(error) if error.code == "SQLITE_ERROR"), "{:?}", failure.stop);
    let text = failure.to_string();
    assert!(text.contains("Nothing of 002 is in the database.") && text.contains("this run completed: 001"), "{text}");
    assert_eq!(project.states(), ["001 applied", "002 failed"]);
    assert_eq!(project.value("SELECT count(*) FROM sqlite_schema WHERE name IN ('b', 'c')"), "0");
    // Mended, it starts afresh.
    project.write("002_b.sql", "CREATE TABLE b (id INTEGER);\n");
    project.apply().unwrap();
    assert_eq!(project.states(), ["001 applied", "002 failed", "002 applied"]);
}

#[test]
fn statements_outside_a_transaction_are_resumed_after_the_failing_one() {
    let (_folder, project) = sqlite();
    // VACUUM cannot run in a transaction: the whole file goes statement by statement.
    project.write("001_a.sql", "CREATE TABLE a (id INTEGER);\nINSERT INTO a VALUES (1);\nVACUUM;\nINSERT INTO nowhere VALUES (1);\n");
    let plan = project.plan(Direction::Up, None);
    assert!(matches!(&plan.migrations[0].wrapping, Wrapping::Stepwise(why) if why.contains("VACUUM (line 3)")), "{plan:?}");
    let failure = project.apply().unwrap_err().failure();
    assert_eq!(failure.changed, Changed::Yes);
    assert_eq!(failure.done.iter().map(|done| done.line).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(failure.not_done.iter().map(|done| done.line).collect::<Vec<_>>(), [4]);
    assert_eq!(project.states(), ["001 failed"]);
    project.write("001_a.sql", "CREATE TABLE a (id INTEGER);\nINSERT INTO a VALUES (1);\nVACUUM;\nINSERT INTO a VALUES (2);\n");
    let mut heard = Heard::default();
    project.apply_with(&Interrupt::default(), &mut heard).unwrap();
    assert!(heard.text().contains("pass INSERT INTO a VALUES (1): done by an earlier run"), "{}", heard.text());
    assert_eq!(project.states(), ["001 applied"]);
    assert_eq!(project.value("SELECT group_concat(id) FROM a"), "1,2");
}

#[test]
fn a_statement_that_is_done_must_not_change_under_a_resumed_run() {
    let (_folder, project) = sqlite();
    project.write("001_a.sql", "CREATE TABLE a (id INTEGER);\nVACUUM;\nINSERT INTO nowhere VALUES (1);\n");
    project.apply().unwrap_err();
    project.write("001_a.sql", "CREATE TABLE a (id INTEGER, x INTEGER);\nVACUUM;\n");
    let text = project.apply().unwrap_err().text();
    assert!(text.contains("line 1 has changed since") && text.contains("CREATE TABLE a (id INTEGER)"), "{text}");
}

#[test]
fn foreign_keys_are_switched_around_the_transaction_and_checked() {
    let (_folder, project) = sqlite();
    let mut project = project;
    project.url = format!("sqlite:{}?foreign_keys=on", project.url).parse().unwrap();
    project.write(
        "001_a.sql",
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, x TEXT);\n\
         CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id) ON DELETE CASCADE);\n\
         INSERT INTO parent VALUES (1, 'a'), (2, 'b');\nINSERT INTO child VALUES (1, 1), (2, 2);\n",
    );
    let rebuild = |rows: &str| {
        format!(
            "PRAGMA foreign_keys=OFF;\nCREATE TABLE parent_new (id INTEGER PRIMARY KEY, x TEXT NOT NULL);\n\
             INSERT INTO parent_new SELECT id, x FROM parent{rows};\nDROP TABLE parent;\n\
             ALTER TABLE parent_new RENAME TO parent;\nPRAGMA foreign_keys=ON;\n"
        )
    };
    project.write("002_rebuild.sql", &rebuild(" WHERE id = 1"));
    let failure = project.apply().unwrap_err().failure();
    assert!(matches!(&failure.stop, Stop::Check(reason) if reason.contains("1 rows of child refer to rows of parent")), "{failure}");
    assert_eq!(project.value("SELECT count(*) FROM parent"), "2");
    project.write("002_rebuild.sql", &rebuild(""));
    project.apply().unwrap();
    // Inside the transaction the pragma would have done nothing, and the children would be gone.
    assert_eq!(project.value("SELECT count(*) FROM child"), "2");
}

#[test]
fn the_files_must_agree_with_the_ledger() {
    let (_folder, project) = sqlite();
    project.write("001_a.sql", "CREATE TABLE a (id INTEGER);\n").write("003_c.sql", "CREATE TABLE c (id INTEGER);\n");
    project.apply().unwrap();
    project.write("001_a.sql", "CREATE TABLE a (id INTEGER, x TEXT);\n");
    project.write("002_b.sql", "CREATE TABLE b (id INTEGER);\n");
    project.remove("003_c.sql");
    project.write("004_d.sql", "CREATE TABLE d (id INTEGER);\n");
    let stopped = project.apply().unwrap_err();
    let Stopped::Blocked(blocked) = &stopped else { panic!("{stopped:?}") };
    let rules: Vec<_> = blocked.blockers.iter().filter_map(Blocker::rule).collect();
    assert_eq!(rules, ["edited-migration", "missing-migration"], "{}", stopped.text());
    assert_eq!(project.states(), ["001 applied", "003 applied"]);
    project.write("003_c.sql", "CREATE TABLE c (id INTEGER);\n").write("001_a.sql", "CREATE TABLE a (id INTEGER);\n");
    let text = project.apply().unwrap_err().text();
    assert!(text.contains("002 is pending, but a newer migration is applied already [out-of-order-version]"), "{text}");
}

#[test]
fn data_is_not_lost_without_a_word() {
    let (_folder, project) = sqlite();
    project.write("001_a.sql", "CREATE TABLE a (id INTEGER);\n");
    project.apply().unwrap();
    project.write("002_b.sql", "DROP TABLE a;\n");
    let plan = || project.plan(Direction::Up, None);
    let blocked = plan::check(plan(), &[], &Policy::default()).unwrap_err();
    assert_eq!(blocked.phrase.as_deref(), Some("lose a"));
    assert!(matches!(&blocked.blockers[..], [Blocker::Loss { line: 1, .. }]), "{blocked:?}");
    let with = |policy: Policy| plan::check(plan(), &[], &policy);
    let wrong = Confirmation { typed: "yes".to_owned(), by: "me".to_owned() };
    assert!(with(Policy { confirmation: Some(wrong), ..Policy::default() }).is_err());
    let empty = Allowance { rule: "dropping-table".to_owned(), reason: " ".to_owned() };
    assert!(with(Policy { allow: vec![empty], ..Policy::default() }).is_err());
    let typed = Confirmation { typed: "lose a".to_owned(), by: "me".to_owned() };
    let cleared = with(Policy { confirmation: Some(typed), ..Policy::default() }).unwrap();
    project.run(&cleared, &Interrupt::default(), &mut Heard::default()).unwrap();
    assert_eq!(project.entries()[1].accepted[0].reason, "confirmed at the terminal by me");
}

#[test]
fn rollback_runs_downs_newest_first_and_survives_a_deleted_file() {
    let (_folder, project) = sqlite();
    for (version, table) in [("001", "a"), ("002", "b"), ("003", "c")] {
        project.write(&format!("{version}_{table}.up.sql"), &format!("CREATE TABLE {table} (id INTEGER);\n"));
        project.write(&format!("{version}_{table}.down.sql"), &format!("DROP TABLE {table};\n"));
    }
    project.apply().unwrap();
    assert_eq!(project.entries()[2].down_script.as_deref(), Some("DROP TABLE c;"));
    let report = project.rollback(None).unwrap();
    assert_eq!(report.ran.iter().map(|ran| ran.version.as_str()).collect::<Vec<_>>(), ["3"]);
    assert_eq!(project.states(), ["1 applied", "2 applied", "3 rolled_back"]);
    let plan = project.plan(Direction::Down, Some("1"));
    assert_eq!(plan.migrations.iter().map(|migration| migration.version.as_str()).collect::<Vec<_>>(), ["2"]);
    project.apply().unwrap();
    assert_eq!(project.states().last().unwrap(), "3 applied");
    let report = project.rollback(Some("1")).unwrap();
    assert_eq!(report.ran.iter().map(|ran| ran.version.as_str()).collect::<Vec<_>>(), ["3", "2"]);
    assert_eq!(project.value("SELECT count(*) FROM sqlite_schema WHERE name IN ('a', 'b', 'c')"), "1");
}

#[test]
fn the_second_of_two_runners_waits_and_finds_it_done() {
    let (_folder, project) = sqlite();
    let rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) FROM n";
    project.write("001_a.sql", &format!("CREATE TABLE a AS {rows};\n"));
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
    assert!(heard.text().contains("lock-wait process"), "{}", heard.text());
    assert_eq!(project.states(), ["001 applied"]);
}

#[test]
fn the_first_interrupt_stops_at_a_boundary_and_the_second_cancels() {
    let (_folder, project) = sqlite();
    project.write("001_a.sql", "CREATE TABLE a (id INTEGER);\n").write("002_b.sql", "CREATE TABLE b (id INTEGER);\n");
    let interrupt = Interrupt::default();
    interrupt.request();
    let failure = project.apply_with(&interrupt, &mut Heard::default()).unwrap_err().failure();
    assert_eq!((failure.stop.clone(), failure.changed), (Stop::Interrupted, Changed::No));
    // For ever, were it not cancelled.
    let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    project.write("001_a.sql", &format!("CREATE TABLE a AS {endless};\n"));
    let interrupt = Interrupt::default();
    let failure = std::thread::scope(|scope| {
        let run = scope.spawn(|| project.apply_with(&interrupt, &mut Heard::default()).unwrap_err().failure());
        std::thread::sleep(std::time::Duration::from_millis(300));
        interrupt.request();
        interrupt.request();
        run.join().unwrap()
    });
    assert_eq!((failure.stop.clone(), failure.changed), (Stop::Interrupted, Changed::No), "{failure}");
    assert!(failure.to_string().contains("Run `lockgate apply` again to start it afresh."), "{failure}");
}

#[test]
fn a_script_with_its_own_transaction_keeps_it() {
    let (_folder, project) = sqlite();
    project.write("001_a.sql", "BEGIN;\nCREATE TABLE a (id INTEGER);\nINSERT INTO a VALUES (1);\nCOMMIT;\n");
    assert!(project.plan(Direction::Up, None).migrations[0].is_atomic());
    project.apply().unwrap();
    project.write(
        "002_b.sql",
        "BEGIN;\nINSERT INTO a VALUES (2);\nCOMMIT;\nBEGIN;\nINSERT INTO a VALUES (3);\nINSERT INTO x VALUES (4);\nCOMMIT;\n",
    );
    let failure = project.apply().unwrap_err().failure();
    assert_eq!(failure.changed, Changed::Yes);
    assert_eq!(failure.done.iter().map(|done| done.line).collect::<Vec<_>>(), [2]);
    assert_eq!(project.value("SELECT group_concat(id) FROM a"), "1,2");
    project.write("003_c.sql", "BEGIN;\nCREATE TABLE c (id INTEGER);\n");
    let text = project.apply().unwrap_err().text();
    assert!(text.contains("003 cannot be run: it begins a transaction and never commits it"), "{text}");
}

#[test]
fn a_database_busy_with_somebody_else_is_tried_again() {
    let (_folder, project) = sqlite();
    project.write("001_a.sql", "CREATE TABLE a (id INTEGER);\n");
    let mut other = connect(&project.url, lockgate::driver::Access::Create).unwrap();
    other.execute("CREATE TABLE other (id INTEGER)").unwrap();
    // The ledger's own tables are there already, so that what waits is the migration.
    lockgate::history::Ledger::locate(other.as_mut()).unwrap().create(other.as_mut()).unwrap();
    other.execute("BEGIN IMMEDIATE").unwrap();
    let heard = Heard::default();
    std::thread::scope(|scope| {
        let mut listening = heard.clone();
        let project = &project;
        let run = scope.spawn(move || project.apply_with(&Interrupt::default(), &mut listening).map(drop));
        std::thread::sleep(std::time::Duration::from_millis(1900));
        other.execute("COMMIT").unwrap();
        run.join().unwrap().unwrap();
    });
    assert!(heard.text().contains("retry database is locked (SQLITE_BUSY)"), "{}", heard.text());
}

#[test]
fn the_program_says_by_its_exit_code_what_happened() {
    let (_folder, project) = sqlite();
    project.write("001_a.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY);\nINSERT INTO a VALUES (1);\n");
    let (code, out, errors) = lockgate(&project, &["apply"]);
    assert_eq!(code, 0, "{out}{errors}");
    assert!(out.contains("applied 1 migration"), "{out}");
    assert_eq!(lockgate(&project, &["apply"]).0, 0);
    project.write("002_b.sql", "DROP TABLE a;\n");
    let (code, out, errors) = lockgate(&project, &["apply"]);
    assert_eq!(code, 1, "{out}{errors}");
    assert!(out.contains("nothing was executed") && out.contains("dropping-table"), "{out}");
    assert_eq!(project.states(), ["001 applied"]);
    // Only the rows can tell that it fails.
    project.write("002_b.sql", "CREATE TABLE b (id INTEGER);\nINSERT INTO a (id) VALUES (1);\n");
    let (code, out, errors) = lockgate(&project, &["apply"]);
    assert_eq!(code, 3, "{out}{errors}");
    assert!(errors.contains("UNIQUE constraint failed: a.id") && errors.contains("Nothing of 002 is in the database."), "{errors}");
    let (code, out, _) = lockgate(&project, &["status"]);
    assert_eq!(code, 0);
    assert!(out.contains("failed") && out.contains("1 pending"), "{out}");
}

#[cfg(unix)]
#[test]
fn two_signals_stop_the_program_in_the_middle_of_a_statement() {
    let (_folder, project) = sqlite();
    let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0";
    project.write("001_a.sql", &format!("CREATE TABLE a (id INTEGER);\nINSERT INTO a {endless};\n"));
    let mut child = command(&project, &["apply", "--format", "json"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut told = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    // Signals sent before the statement is on its way would only test the easy case.
    while !(line.contains("statement-started") && line.contains("INSERT")) {
        line.clear();
        assert!(std::io::BufRead::read_line(&mut told, &mut line).unwrap() > 0, "it ended before the statement was sent");
    }
    for _ in 0..2 {
        std::thread::sleep(std::time::Duration::from_millis(200));
        assert!(std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    }
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut told, &mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3), "{rest}");
    assert!(rest.contains("was interrupted"), "{rest}");
    assert_eq!(project.value("SELECT count(*) FROM sqlite_schema WHERE name = 'a'"), "0");
}
