//! Statements beside tables and indexes, read whole.

use super::read;
use crate::change::{Action, InsertSource, Parsing, Predicate, Statement};
use crate::source::{Script, SourceId};

fn statements(text: &str, target: &str) -> Vec<Statement> {
    read(&Script::whole(SourceId(0), text.into()), target.parse().unwrap())
}

fn tables(text: &str, target: &str) -> Vec<String> {
    let changes = statements(text, target).into_iter().flat_map(|statement| statement.changes);
    changes.filter_map(|change| change.table.map(|table| table.to_string())).collect()
}

/// Where reading stopped, and how it went.
fn stopped<'a>(text: &'a str, target: &str) -> (&'static str, &'a str) {
    match &statements(text, target)[0].parsing {
        Parsing::Complete => ("complete", ""),
        Parsing::Partial { at, .. } => ("partial", at.slice(text)),
        Parsing::Failed { at, .. } => ("failed", at.slice(text)),
        Parsing::Unsupported { at, .. } => ("unsupported", at.slice(text)),
    }
}

#[test]
fn modifiers_are_no_tables() {
    assert_eq!(tables("UPDATE ONLY a SET b = 1; DELETE FROM ONLY c; TRUNCATE d, ONLY e", "postgres"), ["a", "c", "d", "e"]);
    assert_eq!(tables("UPDATE LOW_PRIORITY IGNORE a SET b = 1; DELETE QUICK FROM c; INSERT IGNORE d VALUES (1)", "mysql"), ["a", "c", "d"]);
    assert_eq!(tables("UPDATE OR IGNORE a SET b = 1; REPLACE INTO c VALUES (1)", "sqlite"), ["a", "c"]);
    assert_eq!(tables("UPDATE a x JOIN b ON x.i = b.i SET x.c = 1, b.d = 2; DELETE y FROM e y JOIN f", "mysql"), ["a", "b", "e"]);
}

#[test]
fn a_body_may_be_empty() {
    for body in ["''", "$$$$", "''''''"] {
        let text = format!("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS {body}");
        assert_eq!(stopped(&text, "postgres").0, "complete", "{text}");
    }
}

#[test]
fn every_write_inside_with_counts() {
    assert_eq!(tables("WITH x AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM x", "postgres"), ["a", "b"]);
    // A body reads the names before it, and they are no tables.
    let inner =
        &statements("WITH x AS (SELECT 1 i), y AS (INSERT INTO a SELECT i FROM x RETURNING i) UPDATE b SET c = 1 FROM y", "postgres")[0];
    assert!(inner.changes.iter().all(|change| match &change.action {
        Action::Insert(rows) => matches!(&rows.source, InsertSource::Query { reads, .. } if reads.is_empty()),
        Action::Update(rows) => rows.reads.is_empty(),
        _ => false,
    }));
}

#[test]
fn a_missing_where_is_told_from_one_that_is_there() {
    let predicate = |text: &str| match &statements(text, "postgres")[0].changes[0].action {
        Action::Update(rows) => rows.predicate.clone(),
        Action::Delete(rows) => rows.predicate.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(predicate("UPDATE a SET b = (SELECT c FROM d WHERE e)"), Predicate::None);
    assert_eq!(predicate("DELETE FROM a USING b"), Predicate::None);
    assert!(matches!(predicate("UPDATE a SET b = 1 FROM c WHERE a.d = c.d"), Predicate::Where(_)));
}

#[test]
fn blocks_are_read_with_their_places() {
    let text = "DO $$ BEGIN IF x THEN DROP TABLE a; END IF; ALTER TABLE b ADD c int; EXECUTE 'DROP TABLE ' || d; END $$";
    let statement = &statements(text, "postgres")[0];
    let told: Vec<(&str, bool)> = statement.changes.iter().skip(1).map(|change| (change.span.slice(text), change.conditional)).collect();
    assert_eq!(told, [("DROP TABLE a", true), ("ADD c int", false), ("EXECUTE 'DROP TABLE ' || d", false)]);
    let quoted = "DO 'BEGIN UPDATE a SET b = ''c''; END'";
    assert_eq!(statements(quoted, "postgres")[0].changes[1].span.slice(quoted), "UPDATE a SET b = ''c''");
}

#[test]
fn strings_in_strings_keep_their_values() {
    for (text, labels) in [
        ("DO $$ BEGIN EXECUTE 'CREATE TYPE a AS ENUM (''b'', ''c''''d'', '''')'; END $$", ["b", "c'd", ""]),
        ("DO 'BEGIN EXECUTE ''CREATE TYPE a AS ENUM (''''b'''', ''''c''''''''d'''', '''''''')''; END'", ["b", "c'd", ""]),
    ] {
        let statement = &statements(text, "postgres")[0];
        let Action::CreateEnum(made) = &statement.changes[1].action else { panic!("{statement:?}") };
        assert_eq!(made.labels, labels, "{text}");
        assert!(statement.changes[1].span.slice(text).ends_with(')'), "{text}");
    }
}

#[test]
fn mistakes_are_placed() {
    assert_eq!(stopped("UPDATE a SET b = WHERE c", "postgres"), ("failed", "WHERE"));
    assert_eq!(stopped("SELECT * FORM a", "postgres"), ("failed", "FORM"));
    assert_eq!(stopped("INSERT INTO a VALUES (1,)", "postgres"), ("failed", ")"));
    assert_eq!(stopped("DELETE a", "postgres"), ("failed", "a"));
    assert_eq!(stopped("PRAGMA foreign_keys = ON", "mysql"), ("unsupported", "PRAGMA"));
    assert_eq!(
        stopped("CREATE OR REPLACE TRIGGER t BEFORE INSERT ON a EXECUTE FUNCTION f()", "postgres@13"),
        ("unsupported", "OR REPLACE")
    );
    assert_eq!(stopped("REPLACE INTO a VALUES (1)", "postgres"), ("unsupported", "REPLACE"));
}

#[test]
fn views_know_what_they_show() {
    let view = |text: &str| match &statements(text, "postgres")[0].changes[0].action {
        Action::CreateView(view) => view.as_ref().clone(),
        other => panic!("{other:?}"),
    };
    let shown = view("CREATE VIEW v AS SELECT a.b, c + 1 AS d, \"E\" FROM a JOIN f USING (g) WITH CHECK OPTION");
    assert_eq!(shown.output, ["b", "d", "E"]);
    assert_eq!(shown.reads.len(), 2);
    assert!(shown.query.written.text.ends_with("USING (g)"));
    assert!(view("CREATE MATERIALIZED VIEW v AS SELECT * FROM a WITH NO DATA").with_no_data);
}

#[test]
fn a_recursive_query_may_be_searched_and_kept_from_turning_in_circles() {
    let search = "WITH RECURSIVE g (f, t) AS (SELECT * FROM a UNION ALL SELECT * FROM g) ";
    for clauses in [
        "SEARCH DEPTH FIRST BY f, t SET s SELECT * FROM g",
        "SEARCH BREADTH FIRST BY f SET s CYCLE f, t SET c USING p SELECT * FROM g",
        "CYCLE f, t SET c TO 'Y' DEFAULT 'N' USING p INSERT INTO b SELECT f FROM g",
    ] {
        assert_eq!(stopped(&format!("{search}{clauses}"), "postgres@16").0, "complete", "{clauses}");
        assert_eq!(stopped(&format!("{search}{clauses}"), "postgres@13").0, "unsupported", "{clauses}");
    }
    assert_eq!(stopped(&format!("{search}CYCLE f, t RESTRICT SELECT * FROM g"), "mariadb@10.11").0, "complete");
    assert_eq!(stopped(&format!("{search}SEARCH DEPTH FIRST SELECT * FROM g"), "postgres@16").0, "failed");
}
