use super::*;
use crate::migration::{Directory, system};
use crate::rules::Selection;

/// Rules and files of what is found in a history whose first migration makes one table, and whose
/// second alters one that is made nowhere, with so many more behind them.
fn found(more: usize) -> Vec<String> {
    let mut files = vec![
        ("01_a.sql".to_owned(), "CREATE TABLE inbox (id int PRIMARY KEY);".to_owned()),
        ("02_b.sql".to_owned(), "ALTER TABLE memo ADD COLUMN note text;".to_owned()),
    ];
    files.extend((3..3 + more).map(|number| (format!("{number:02}_c.sql"), "INSERT INTO inbox VALUES (1);".to_owned())));
    judged(files, "sql")
}

/// What failing-statement says of a history.
fn judged(files: Vec<(String, String)>, system: &str) -> Vec<String> {
    let project = Project::new(Directory::in_memory("m", files), system::find(system).unwrap(), Vec::new());
    let selection = Selection { select: vec!["failing-statement".to_owned()], ..Selection::default() };
    let rules = Arc::new(RuleSet::select(&selection).unwrap());
    let pick = |_: &std::path::Path| Arc::clone(&rules);
    let options = Options {
        target: "mysql@8.0".parse().unwrap(),
        transaction: None,
        thresholds: Thresholds::default(),
        schema: None,
        statistics: &BTreeMap::new(),
        rules: &pick,
        direction: Direction::Up,
        judge: true,
    };
    let outcome = check(&project, &options, &mut ());
    outcome.findings.iter().map(|finding| finding.severity.to_string()).collect()
}

#[test]
fn what_ran_long_ago_was_not_refused() {
    assert_eq!(found(0), ["error"]);
    assert_eq!(found(LONG_AGO + 1), Vec::<String>::new());
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
    assert_eq!(judged(history, "sql"), ["error"]);
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
    assert_eq!(judged(history("DROP TABLE inbox;"), "golang-migrate"), ["note"]);
    assert_eq!(judged(history("DROP TABLE outbox;"), "golang-migrate"), ["error"]);
}
