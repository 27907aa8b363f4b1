//! A few statements from end to end: reading, replaying, predicting.

use crate::catalog::Catalog;
use crate::change;
use crate::effect::{Effects, LockMode, Truth, predict};
use crate::engine::{Engine, Target, Version};
use crate::source::{Script, SourceId};

fn effects(major: u16, history: &str, sql: &str) -> Effects {
    let target = Target { engine: Engine::Postgres, version: Version::series(&[major]) };
    let mut catalog = Catalog::new(target);
    let script = Script::whole(SourceId(0), history.into());
    catalog.begin_migration(false);
    for statement in change::read(&script, target) {
        catalog.apply(&statement, &script);
    }
    catalog.end_migration();
    catalog.begin_migration(true);
    let script = Script::whole(SourceId(0), sql.into());
    let mut whole = Effects { reversible: Truth::Yes, ..Effects::default() };
    for statement in change::read(&script, target) {
        whole.absorb(&predict(&statement, &catalog).whole);
        catalog.apply(&statement, &script);
    }
    whole
}

fn lock(effects: &Effects, relation: &str) -> Option<LockMode> {
    effects.locks.iter().find(|lock| lock.relation == relation).map(|lock| lock.mode)
}

const TABLES: &str = "CREATE TABLE parent (id int PRIMARY KEY);
    CREATE TABLE t (id int PRIMARY KEY, a varchar(10), p int);
    INSERT INTO t SELECT g, 'x', g FROM generate_series(1, 100) g;";

#[test]
fn a_constant_default_is_free_from_11() {
    let sql = "ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 5";
    assert!(effects(11, TABLES, sql).rewrites.is_empty());
    assert_eq!(effects(10, TABLES, sql).rewrites.len(), 1);
    assert_eq!(effects(16, TABLES, "ALTER TABLE t ADD COLUMN c float8 DEFAULT random()").rewrites.len(), 1);
}

#[test]
fn a_foreign_key_locks_and_reads_both_tables() {
    let found = effects(16, TABLES, "ALTER TABLE t ADD FOREIGN KEY (p) REFERENCES parent");
    assert_eq!(lock(&found, "parent"), Some(LockMode::ShareRowExclusive));
    assert_eq!(found.scans.len(), 2);
    let found = effects(16, TABLES, "ALTER TABLE t ADD FOREIGN KEY (p) REFERENCES parent NOT VALID");
    assert!(found.scans.is_empty());
}

#[test]
fn a_refused_statement_does_nothing() {
    let history = format!("{TABLES} CREATE VIEW v AS SELECT a FROM t;");
    let found = effects(16, &history, "ALTER TABLE t ALTER COLUMN a TYPE varchar(20)");
    assert_eq!(found.certain_failure().map(|failure| failure.code.as_str()), Some("0A000"));
    assert!(found.locks.is_empty() && found.rewrites.is_empty());
}

#[test]
fn an_unknown_table_is_locked_and_nothing_more_is_claimed() {
    let found = effects(16, "", "ALTER TABLE legacy ALTER COLUMN a TYPE bigint");
    assert_eq!(lock(&found, "legacy"), Some(LockMode::AccessExclusive));
    assert!(found.rewrites.iter().all(|rewrite| rewrite.certain == Truth::Unknown));
    assert!(!found.unknowns.is_empty());
}

#[test]
fn a_new_label_waits_for_its_transaction() {
    let history = "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (m mood);";
    let found = effects(16, history, "ALTER TYPE mood ADD VALUE 'ok'; INSERT INTO t VALUES ('ok');");
    assert!(found.failures.iter().any(|failure| failure.code == "55P04"));
}
