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

fn failure(history: &str, sql: &str) -> Option<String> {
    effects(16, history, sql).certain_failure().map(|failure| failure.code.clone())
}

#[test]
fn what_goes_in_the_same_statement_is_not_in_the_way() {
    let history = "CREATE TYPE a AS ENUM ('x'); CREATE TYPE b AS ENUM ('x');
        CREATE TABLE t (id int, s a DEFAULT 'x', c int, CONSTRAINT k CHECK (c > id));";
    let converted = "ALTER TABLE t ALTER s TYPE b USING s::text::b, ALTER s DROP DEFAULT, ALTER s SET DEFAULT 'x'";
    assert_eq!(failure(history, converted), None);
    assert_eq!(failure(history, "ALTER TABLE t ALTER s TYPE b USING s::text::b").as_deref(), Some("42804"));
    assert_eq!(failure(history, "ALTER TABLE t DROP COLUMN c, ADD CONSTRAINT k CHECK (id > 0)"), None);
}

#[test]
fn a_wider_key_goes_on_matching() {
    let history = format!("{TABLES} ALTER TABLE t ADD FOREIGN KEY (p) REFERENCES parent;");
    let causes = |sql: &str| effects(16, &history, sql).failures.iter().map(|one| one.code.clone()).collect::<Vec<_>>();
    assert!(causes("ALTER TABLE parent ALTER id TYPE bigint").is_empty());
    assert_eq!(causes("ALTER TABLE t ALTER p TYPE bigint USING p + 1"), ["23503"]);
    let keyed = format!("{TABLES} CREATE TABLE u (a int, b int UNIQUE, c char(36));");
    assert!(effects(16, &keyed, "CREATE UNIQUE INDEX i ON u (b, a)").failures.is_empty());
    assert_eq!(effects(16, &keyed, "CREATE UNIQUE INDEX i ON u (a)").failures.len(), 1);
    assert!(effects(16, &keyed, "ALTER TABLE u ALTER c TYPE varchar(40)").failures.is_empty());
}

#[test]
fn not_null_keeps_the_name_it_was_given_first() {
    let history = "CREATE TABLE t (a int NOT NULL); ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME COLUMN a TO b;";
    let code = |major, sql: &str| effects(major, history, sql).certain_failure().map(|failure| failure.code.clone());
    assert_eq!(code(18, "ALTER TABLE u RENAME CONSTRAINT t_a_not_null TO u_b_not_null"), None);
    assert_eq!(code(18, "ALTER TABLE u DROP CONSTRAINT t_a_not_null"), None);
    assert_eq!(code(17, "ALTER TABLE u DROP CONSTRAINT t_a_not_null").as_deref(), Some("42704"));
    assert_eq!(code(18, "ALTER TABLE u DROP CONSTRAINT t_a_check").as_deref(), Some("42704"));
}

#[test]
fn a_star_holds_the_columns_there_were() {
    let history = "CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT * FROM t; ALTER TABLE t ADD COLUMN c int;";
    assert_eq!(failure(history, "ALTER TABLE t DROP COLUMN c"), None);
    assert_eq!(failure(history, "ALTER TABLE t DROP COLUMN b").as_deref(), Some("2BP01"));
    let renamed = format!("{history} ALTER TABLE t RENAME COLUMN b TO d;");
    assert_eq!(failure(&renamed, "ALTER TABLE t DROP COLUMN d").as_deref(), Some("2BP01"));
    // Whose star it is, is not told from a query over two relations.
    let two = "CREATE TABLE t (a int); CREATE TABLE u (b int); CREATE VIEW v AS SELECT t.* FROM t, u;";
    assert_eq!(failure(two, "ALTER TABLE u DROP COLUMN b"), None);
}

#[test]
fn a_renamed_function_keeps_its_triggers() {
    let history = "CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
        ALTER FUNCTION f() RENAME TO h; DROP FUNCTION h() CASCADE;";
    assert_eq!(failure(history, "CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION h()"), None);
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

#[test]
fn publications_hold_the_columns_they_name() {
    let history = "CREATE TABLE t (id int, a int, b int, c int); CREATE TABLE u (id int);
        CREATE PUBLICATION p FOR TABLE t (id, a) WHERE (b > 1);";
    let fails = |sql: &str| failure(history, sql);
    for column in ["a", "b"] {
        assert_eq!(fails(&format!("ALTER TABLE t ALTER COLUMN {column} TYPE bigint")).as_deref(), Some("0A000"));
        assert_eq!(fails(&format!("ALTER TABLE t DROP COLUMN {column}")).as_deref(), Some("2BP01"));
        assert_eq!(fails(&format!("ALTER TABLE t DROP COLUMN {column} CASCADE")), None);
    }
    assert_eq!(fails("ALTER TABLE t DROP COLUMN c"), None);
    assert_eq!(fails("ALTER PUBLICATION p ADD TABLE t").as_deref(), Some("42710"));
    let set = format!("{history} ALTER PUBLICATION p SET TABLE u, t;");
    assert_eq!(failure(&set, "ALTER TABLE t ALTER COLUMN a TYPE bigint"), None);
    let locked = |sql: &str| effects(16, &set, sql).locks.iter().map(|lock| lock.relation.clone()).collect::<Vec<_>>();
    assert_eq!(locked("ALTER PUBLICATION p SET TABLE u"), ["t", "u"]);
    assert_eq!(failure(&format!("{history} DROP PUBLICATION p;"), "ALTER TABLE t DROP COLUMN a"), None);
}

#[test]
fn dropping_statistics_locks_their_table() {
    let history = "CREATE TABLE t (a int, b int); CREATE STATISTICS s ON a, b FROM t;";
    let locks = |major, history: &str| effects(major, history, "DROP STATISTICS s").locks.len();
    assert_eq!((locks(12, history), locks(11, history)), (1, 0));
    assert_eq!(locks(16, &format!("{history} DROP STATISTICS s;")), 0);
}

#[test]
fn a_function_is_replaced_under_the_names_of_its_inputs() {
    let history = "CREATE FUNCTION f(a int, b double precision DEFAULT 1) RETURNS int LANGUAGE sql AS 'select 1';
        CREATE FUNCTION g(int, character varying(10)) RETURNS int LANGUAGE sql AS 'select 1';";
    let fails = |sql: &str| failure(history, &format!("CREATE OR REPLACE FUNCTION {sql} LANGUAGE sql AS 'select 2'"));
    assert_eq!(fails("f(a integer, b float8 DEFAULT 2) RETURNS integer"), None);
    assert_eq!(fails("f(c int, b double precision DEFAULT 1) RETURNS int").as_deref(), Some("42P13"));
    assert_eq!(fails("f(a int, b double precision) RETURNS int").as_deref(), Some("42P13"));
    assert_eq!(fails("f(a int, b double precision DEFAULT 1) RETURNS text").as_deref(), Some("42P13"));
    assert_eq!(fails("f(a bigint, b double precision) RETURNS text"), None);
    assert_eq!(fails("g(x int, y varchar) RETURNS int"), None);
    let again = "CREATE FUNCTION f(x int, y double precision) RETURNS int LANGUAGE sql AS 'select 1'";
    assert_eq!(failure(history, again).as_deref(), Some("42723"));
}

#[test]
fn triggers_and_rules_that_lead_back_to_themselves_come_to_an_end() {
    let history = "CREATE TABLE t (id int primary key, n int); CREATE TABLE u (id int); CREATE TABLE v (id int);
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE t SET n = 1 WHERE id = 2;
        INSERT INTO v VALUES (1); RETURN NEW; END $$;
        CREATE TRIGGER x AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();
        CREATE RULE a AS ON INSERT TO t DO ALSO INSERT INTO u VALUES (1);
        CREATE RULE b AS ON INSERT TO u DO ALSO INSERT INTO t VALUES (1);";
    let locked = |sql: &str| effects(16, history, sql).locks.iter().map(|lock| lock.relation.clone()).collect::<Vec<_>>();
    assert_eq!(locked("UPDATE t SET n = 3"), ["t", "t_pkey", "v"]);
    assert_eq!(locked("INSERT INTO u VALUES (1)"), ["u", "t"]);
}

#[test]
fn a_dropped_policy_holds_no_column() {
    let history = "CREATE TABLE t (id int, a int); CREATE POLICY p ON t USING (a > 0);";
    assert_eq!(failure(history, "ALTER TABLE t DROP COLUMN a").as_deref(), Some("2BP01"));
    assert_eq!(failure(&format!("{history} DROP POLICY p ON t;"), "ALTER TABLE t DROP COLUMN a"), None);
}
