use super::super::replica::LONG_AGO;
use super::*;
use crate::migration::{Directory, system};
use crate::rules::Selection;

/// Where and how severely a history of plain files is said to fail, gone through by so many threads.
fn failures(target: &str, threads: usize, files: &[&str]) -> Vec<String> {
    let files = files.iter().enumerate().map(|(number, text)| (format!("{:03}_step.sql", number + 1), (*text).to_owned()));
    judged(target, threads, files.collect(), "sql")
}

/// What failing-statement says of a history.
fn judged(target: &str, threads: usize, files: Vec<(String, String)>, system: &str) -> Vec<String> {
    judged_by("failing-statement", target, threads, files, system)
}

fn judged_by(rule: &str, target: &str, threads: usize, files: Vec<(String, String)>, system: &str) -> Vec<String> {
    let project = Project::new(Directory::in_memory("m", files), system::find(system).unwrap(), Vec::new());
    let selection = Selection { select: vec![rule.to_owned()], ..Selection::default() };
    let rules = Arc::new(RuleSet::select(&selection).unwrap());
    let pick = |_: &std::path::Path| Arc::clone(&rules);
    let options = Options::new(target.parse().unwrap(), &pick);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build().unwrap();
    let outcome = pool.install(|| Pass::new(&project, &options).run(&mut ()));
    outcome.findings.iter().map(|found| format!("{} {}", found.primary.path.display(), found.severity)).collect()
}

/// A history whose first migration makes one table, and whose second alters one that is made nowhere,
/// with so many more behind them.
fn begins_late(more: usize) -> Vec<String> {
    let mut files = vec!["CREATE TABLE inbox (id int PRIMARY KEY);", "ALTER TABLE memo ADD COLUMN note text;"];
    files.resize(2 + more, "INSERT INTO inbox VALUES (1);");
    failures("mysql@8.0", 1, &files)
}

#[test]
fn what_ran_long_ago_was_not_refused() {
    assert_eq!(begins_late(0), ["m/002_step.sql error"]);
    assert_eq!(begins_late(LONG_AGO + 1), Vec::<String>::new());
    // What the history contradicts it did, with so many behind it that it did run all the same.
    let mut files = vec!["CREATE TABLE inbox (id int PRIMARY KEY); CREATE TABLE inbox (id int PRIMARY KEY);"];
    files.resize(LONG_AGO, "INSERT INTO inbox VALUES (1);");
    assert_eq!(failures("mysql@8.0", 1, &files), ["m/001_step.sql error"]);
    files.push("INSERT INTO inbox VALUES (1);");
    assert_eq!(failures("mysql@8.0", 1, &files), ["m/001_step.sql note"]);
}

#[test]
fn side_by_side_nothing_else_is_found() {
    let mut files =
        vec!["CREATE TABLE kept (id int); CREATE TABLE other (id int); CREATE TABLE last (id int); CREATE VIEW seen AS SELECT 1 AS one;"];
    files.resize(200, "INSERT INTO other VALUES (1);");
    // Refused as a whole: whoever only follows believes that the table is gone, and that the name is
    // free from then on.
    files[WINDOW - 1] = "DROP TABLE last, seen;";
    files[WINDOW + 2] = "ALTER TABLE last ADD COLUMN more int;";
    files[70] = "DROP TABLE kept, seen;";
    files[75] = "ALTER TABLE kept ADD COLUMN early int;";
    files[110] = "ALTER TABLE kept ADD COLUMN late int;";
    files[120] = "ALTER TABLE kept ADD COLUMN late int;";
    files[190] = "CREATE TABLE kept (id int);";
    let alone = failures("postgres@16", 1, &files);
    assert_eq!(alone, ["m/064_step.sql note", "m/071_step.sql note", "m/121_step.sql note", "m/191_step.sql error"]);
    for threads in [2, 3, 4, 7] {
        assert_eq!(failures("postgres@16", threads, &files), alone, "{threads} threads");
    }
}

#[test]
fn nobody_writes_twice_on_top_of_what_fails() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let history = vec![
        file("01_a.sql", "CREATE TABLE inbox (id int PRIMARY KEY);"),
        file("02_b.sql", "ALTER TABLE memo ADD COLUMN note text;"),
        file("03_c.sql", "ALTER TABLE memo ADD COLUMN title text;"),
        file("04_d.sql", "ALTER TABLE tag ADD COLUMN title text;"),
    ];
    assert_eq!(judged("mysql@8.0", 1, history, "sql"), ["m/02_b.sql error"]);
}

#[test]
fn down_scripts_run_from_the_newest_on() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let history = |last_down: &str| {
        vec![
            file("1_a.up.sql", "CREATE TABLE inbox (id int PRIMARY KEY);"),
            file("1_a.down.sql", "DROP TABLE outbox;"),
            file("2_b.up.sql", "CREATE TABLE outbox (id int PRIMARY KEY);"),
            file("2_b.down.sql", last_down),
        ]
    };
    let found = |last_down: &str| judged("mysql@8.0", 1, history(last_down), "golang-migrate");
    assert_eq!(found("DROP TABLE inbox;"), ["m/1_a.down.sql note"]);
    assert_eq!(found("DROP TABLE outbox;"), ["m/1_a.down.sql error"]);
}

#[test]
fn a_way_back_may_be_spread_over_migrations_of_one_name() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let found = |rule: &str, last_down: &str| {
        let history = vec![
            file("1_a.up.sql", "CREATE TABLE inbox (id int PRIMARY KEY);"),
            file("1_a.down.sql", "DROP TABLE inbox;"),
            file("2_b.up.sql", "ALTER TABLE inbox ADD COLUMN state int;"),
            file("2_b.down.sql", "ALTER TABLE inbox DROP COLUMN state;"),
            file("3_b.up.sql", "ALTER TABLE inbox ADD COLUMN done int;"),
            file("3_b.down.sql", last_down),
            file("4_b.up.sql", "ALTER TABLE inbox DROP COLUMN done;"),
            file("4_b.down.sql", "-- nothing"),
        ];
        judged_by(rule, "postgres@16", 1, history, "golang-migrate")
    };
    assert_eq!(found("empty-down", "SELECT 1;"), ["m/4_b.up.sql note"]);
    assert_eq!(found("empty-down", "ALTER TABLE inbox ADD COLUMN done int;"), ["m/4_b.up.sql warning"]);
}

#[test]
fn a_way_back_that_is_refused_leads_nowhere() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let found = |down: &str| {
        let history = vec![file("1_a.up.sql", "CREATE TABLE inbox (id int PRIMARY KEY);"), file("1_a.down.sql", down)];
        judged_by("asymmetric-down", "postgres@16", 1, history, "golang-migrate")
    };
    assert_eq!(found("CREATE TABLE outbox (id int);"), ["m/1_a.up.sql warning"]);
    assert_eq!(found("DROP TABLE outbox;"), Vec::<String>::new());
    assert_eq!(found("CREATE TABLE outbox (id int, CONSTRAINT filled NOT NULL id);"), Vec::<String>::new());
}

#[test]
fn migrations_of_one_release_are_deployed_together() {
    let files = |second: &str, third: &str| {
        let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        vec![
            file("1.0/01_a.sql", "CREATE TABLE other (id bigint PRIMARY KEY);"),
            file(&format!("{second}/01_a.sql"), "CREATE TABLE a (id bigint PRIMARY KEY, b int);"),
            file(&format!("{third}/02_b.sql"), "CREATE INDEX a_b ON a (b);"),
        ]
    };
    let found = |files| judged_by("blocking-index-build", "postgres@16", 1, files, "sql");
    assert_eq!(found(files("1.1", "1.1")), Vec::<String>::new(), "nobody uses the table yet");
    assert_eq!(found(files("1.1", "1.2")).len(), 1, "it was released with 1.1");
}

#[test]
fn one_number_twice_is_settled_when_much_was_written_since() {
    let files = |more: usize| {
        let names = ["001_a.sql".to_owned(), "001_b.sql".to_owned()].into_iter().chain((0..more).map(|n| format!("{:03}_c.sql", n + 2)));
        names.map(|name| (name, "SELECT 1;".to_owned())).collect::<Vec<_>>()
    };
    let found = |more| judged_by("duplicate-version", "postgres@16", 1, files(more), "sql");
    assert_eq!(found(3), ["m/001_b.sql error"]);
    assert_eq!(found(LONG_AGO), ["m/001_b.sql note"]);
}
