use std::sync::Arc;

use super::*;
use crate::catalog::{IndexState, Origin, Validity};
use crate::change::{ConstraintKind, Ident};
use crate::engine::{Engine, Target};
use crate::source::{SourceId, Span};

fn name(text: &str) -> ObjectName {
    let part = |text: &str| Ident::new(text, Span::default());
    match text.split_once('.') {
        Some((schema, name)) => ObjectName { schema: Some(part(schema)), name: part(name) },
        None => ObjectName::bare(part(text)),
    }
}

fn run(catalog: &mut Catalog, sql: &str) {
    let script = Script::whole(SourceId(0), Arc::from(sql));
    for statement in crate::change::read(&script, catalog.target) {
        catalog.apply(&statement, &script);
    }
}

fn migrate(catalog: &mut Catalog, sql: &str) {
    catalog.begin_migration(false);
    run(catalog, sql);
    catalog.end_migration();
}

fn after(engine: Engine, sql: &str) -> Catalog {
    let mut catalog = Catalog::new(Target::of(engine));
    migrate(&mut catalog, sql);
    catalog
}

fn indexes(catalog: &Catalog, table: &str) -> Vec<String> {
    catalog.table(&name(table)).unwrap().indexes.iter().map(|index| index.name.clone()).collect()
}

fn constraints(catalog: &Catalog, table: &str) -> Vec<String> {
    catalog.table(&name(table)).unwrap().constraints.iter().map(|constraint| constraint.name.clone()).collect()
}

fn columns(catalog: &Catalog, table: &str) -> Vec<String> {
    catalog.table(&name(table)).unwrap().columns.iter().map(|column| column.name.clone()).collect()
}

#[test]
fn postgres_makes_up_names() {
    let catalog = after(
        Engine::Postgres,
        "CREATE TABLE p (id bigserial PRIMARY KEY, code text UNIQUE);
         CREATE TABLE t (id int PRIMARY KEY, a int CHECK (a > 0), b int REFERENCES p, c int, UNIQUE (a, b), CHECK (a < b),
                         FOREIGN KEY (b, c) REFERENCES p (id, code));
         CREATE INDEX ON t (a); CREATE INDEX ON t (a); CREATE INDEX ON t (lower(c::text), b);",
    );
    assert_eq!(constraints(&catalog, "t"), ["t_pkey", "t_a_check", "t_b_fkey", "t_a_b_key", "t_check", "t_b_c_fkey"]);
    assert_eq!(indexes(&catalog, "t"), ["t_pkey", "t_a_b_key", "t_a_idx", "t_a_idx1", "t_lower_b_idx"]);
    assert!(catalog.sequence(&name("p_id_seq")).is_some());
    let id = catalog.table(&name("p")).unwrap().column("id").unwrap();
    assert!(id.not_null && id.default.is_some() && id.data_type.as_ref().unwrap().name == "bigint");
    let foreign = catalog.referencing_foreign_keys(&catalog.resolve(&name("p")));
    assert_eq!(foreign.len(), 2);
    assert_eq!(foreign[0].1.foreign_key.as_ref().unwrap().referenced_columns, ["id"]);
}

#[test]
fn mysql_names_keys_after_columns_and_indexes_foreign_keys() {
    let catalog = after(
        Engine::Mysql,
        "CREATE TABLE p (id int PRIMARY KEY);
         CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a int UNIQUE, b int, KEY (b), KEY (b, a), CHECK (a > 0),
                         FOREIGN KEY (a) REFERENCES p (id), c int, CONSTRAINT fk_c FOREIGN KEY (c) REFERENCES p (id));",
    );
    assert_eq!(indexes(&catalog, "t"), ["PRIMARY", "a", "fk_c", "b", "b_2"]);
    assert_eq!(constraints(&catalog, "t"), ["PRIMARY", "a", "t_chk_1", "t_ibfk_1", "fk_c"]);
    let mut catalog = catalog;
    migrate(&mut catalog, "ALTER TABLE t ADD INDEX by_c (c, b); ALTER TABLE t DROP COLUMN b;");
    assert_eq!(indexes(&catalog, "t"), ["PRIMARY", "a", "b_2", "by_c"]);
    assert_eq!(catalog.table(&name("T")).unwrap().index("b_2").unwrap().columns().collect::<Vec<_>>(), ["a"]);
}

#[test]
fn renames_reach_dependants() {
    let mut catalog = after(
        Engine::Postgres,
        "CREATE TABLE users (id serial PRIMARY KEY, email text);
         CREATE TABLE orders (id int, user_id int REFERENCES users (id));
         CREATE INDEX users_email ON users (lower(email)) WHERE email <> '';",
    );
    migrate(&mut catalog, "ALTER TABLE users RENAME TO people; ALTER TABLE people RENAME COLUMN email TO mail;");
    let people = catalog.resolve(&name("people"));
    assert_eq!(catalog.referencing_foreign_keys(&people).len(), 1);
    assert!(catalog.table_at(&people).unwrap().index("users_email").unwrap().uses("mail"));
    assert!(!catalog.table_at(&people).unwrap().index("users_email").unwrap().uses("email"));
    assert_eq!(catalog.owned_sequences(&people).len(), 1);
    assert_eq!(catalog.presence(&name("users")), crate::catalog::Presence::Dropped);
    assert_eq!(catalog.index(None, &name("users_email")).unwrap().0.key, people);
}

#[test]
fn rollbacks_undo_and_savepoints_nest() {
    let mut catalog = after(Engine::Postgres, "CREATE TABLE t (a int);");
    catalog.begin_migration(false);
    run(&mut catalog, "BEGIN; ALTER TABLE t ADD COLUMN b int; SAVEPOINT s; ALTER TABLE t ADD COLUMN c int; DROP TABLE t;");
    assert!(catalog.table(&name("t")).is_none());
    run(&mut catalog, "ROLLBACK TO s;");
    assert_eq!(columns(&catalog, "t"), ["a", "b"]);
    run(&mut catalog, "ROLLBACK;");
    assert_eq!(columns(&catalog, "t"), ["a"]);
}

#[test]
fn ages_follow_migrations_and_transactions() {
    let mut catalog = after(Engine::Postgres, "CREATE TABLE old (a int);");
    assert_eq!(catalog.table(&name("old")).unwrap().rows, Rows::Assumed);
    catalog.begin_migration(false);
    run(&mut catalog, "CREATE TABLE t (a int);");
    assert_eq!(catalog.origin_of(&name("t")), Origin::ThisMigration);
    run(&mut catalog, "BEGIN; CREATE TABLE u (a int);");
    assert_eq!(catalog.origin_of(&name("u")), Origin::ThisTransaction);
    assert_eq!(catalog.origin_of(&name("old")), Origin::Before);
    assert_eq!(catalog.table(&name("u")).unwrap().rows, Rows::None);
    run(&mut catalog, "INSERT INTO u VALUES (1);");
    assert_eq!(catalog.table(&name("u")).unwrap().rows, Rows::Some);
}

#[test]
fn a_column_that_no_row_could_have_taken_proves_the_table_empty() {
    let mut catalog = after(Engine::Postgres, "CREATE TABLE t (a int); CREATE TABLE u (a int);");
    catalog.begin_migration(false);
    run(&mut catalog, "ALTER TABLE t ADD COLUMN b int NOT NULL; ALTER TABLE u ADD COLUMN b int NOT NULL DEFAULT 1;");
    assert_eq!(["t", "u"].map(|table| catalog.table(&name(table)).unwrap().rows), [Rows::None, Rows::Assumed]);
    catalog.end_migration();
    assert_eq!(catalog.table(&name("t")).unwrap().rows, Rows::Assumed);
}

#[test]
fn partitions_in_a_circle_go_once() {
    let circle = "CREATE TABLE a PARTITION OF a FOR VALUES IN (1); CREATE TABLE b PARTITION OF c FOR VALUES IN (1);
                  CREATE TABLE c PARTITION OF b FOR VALUES IN (1); DROP TABLE a; DROP TABLE b CASCADE;";
    assert!(after(Engine::Postgres, circle).tables.is_empty());
}

#[test]
fn an_unknown_table_is_entered_as_incomplete() {
    let mut catalog = after(Engine::Postgres, "CREATE TABLE known (a int);");
    migrate(&mut catalog, "ALTER TABLE legacy ADD COLUMN a int;");
    let legacy = catalog.table(&name("legacy")).unwrap();
    assert!(!legacy.complete && legacy.column("a").is_some() && catalog.open_world);
    assert_eq!(catalog.origin_of(&name("legacy")), Origin::Unknown);
}

#[test]
fn partitions_take_what_their_parent_has() {
    let mut catalog = after(
        Engine::Postgres,
        "CREATE TABLE m (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
         CREATE INDEX m_at ON m (at);
         CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
         CREATE TABLE m2 (id int NOT NULL, at date NOT NULL);
         ALTER TABLE m ATTACH PARTITION m2 FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');",
    );
    assert_eq!(indexes(&catalog, "m1"), ["m1_pkey", "m1_at_idx"]);
    assert_eq!(indexes(&catalog, "m2"), ["m2_pkey", "m2_at_idx"]);
    migrate(&mut catalog, "ALTER TABLE m ADD COLUMN note text; DROP INDEX m_at; CREATE INDEX ON m (note);");
    assert_eq!(columns(&catalog, "m1"), ["id", "at", "note"]);
    assert_eq!(indexes(&catalog, "m2"), ["m2_pkey", "m2_note_idx"]);
    let parent = catalog.resolve(&name("m"));
    assert_eq!(catalog.partitions(&parent).len(), 2);
    migrate(&mut catalog, "ALTER TABLE m DETACH PARTITION m1; DROP TABLE m;");
    assert!(catalog.table(&name("m1")).is_some() && catalog.table(&name("m2")).is_none());
}

#[test]
fn dropping_a_column_takes_its_indexes_along() {
    let mut catalog = after(
        Engine::Postgres,
        "CREATE TABLE t (a int, b int, c int, UNIQUE (a, b), CHECK (a > c)); CREATE INDEX i ON t (c) WHERE a > 0; CREATE INDEX k ON t (c);",
    );
    migrate(&mut catalog, "ALTER TABLE t DROP COLUMN a;");
    assert_eq!(indexes(&catalog, "t"), ["k"]);
    assert!(constraints(&catalog, "t").is_empty());
}

#[test]
fn validity_is_kept() {
    let mut catalog = after(Engine::Postgres, "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (a int);");
    migrate(
        &mut catalog,
        "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES p NOT VALID;
         CREATE UNIQUE INDEX CONCURRENTLY u ON t (a);",
    );
    let table = catalog.table(&name("t")).unwrap();
    assert!(table.constraints.iter().all(|constraint| constraint.validity == Validity::NotValid));
    assert_eq!(table.index("u").unwrap().state, IndexState::Unknown);
    migrate(&mut catalog, "ALTER TABLE t VALIDATE CONSTRAINT c; ALTER TABLE t ADD CONSTRAINT uq UNIQUE USING INDEX u;");
    let table = catalog.table(&name("t")).unwrap();
    assert_eq!(table.constraint("c").unwrap().validity, Validity::Valid);
    assert_eq!(table.constraint("f").unwrap().validity, Validity::NotValid);
    assert_eq!(table.index("uq").unwrap().constraint.as_deref(), Some("uq"));
}

#[test]
fn sqlite_follows_its_own_rename_rules() {
    let schema = "CREATE TABLE p (id INTEGER PRIMARY KEY, k TEXT UNIQUE); CREATE TABLE c (p_id INT REFERENCES p(id));";
    let mut catalog = after(Engine::Sqlite, schema);
    assert_eq!(indexes(&catalog, "p"), ["sqlite_autoindex_p_1"]);
    migrate(&mut catalog, "ALTER TABLE p RENAME TO q;");
    assert_eq!(catalog.referencing_foreign_keys(&catalog.resolve(&name("q"))).len(), 1);
    let mut catalog = after(Engine::Sqlite, schema);
    migrate(&mut catalog, "PRAGMA legacy_alter_table=ON; ALTER TABLE p RENAME TO q;");
    assert_eq!(catalog.referencing_foreign_keys(&catalog.resolve(&name("q"))).len(), 0);
}

#[test]
fn a_copy_tells_where_each_column_went() {
    let schema = "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b TEXT); CREATE TABLE u (id INTEGER PRIMARY KEY, x INT, y TEXT);";
    let mut catalog = after(Engine::Sqlite, schema);
    catalog.begin_migration(true);
    run(&mut catalog, "INSERT INTO u (id, y, x) SELECT t.id, upper(b), a FROM t;");
    catalog.begin_migration(true);
    let went = |column: &str| catalog.copied_as(&catalog.resolve(&name("t")), column, catalog.table(&name("u")).unwrap());
    assert_eq!((went("a"), went("b"), went("id")), (Some("x"), None, Some("id")));
}

#[test]
fn a_rebuild_is_known_by_its_rows() {
    let mut catalog = after(Engine::Sqlite, "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b TEXT); CREATE INDEX t_a ON t (a);");
    catalog.begin_migration(true);
    run(&mut catalog, "CREATE TABLE fresh (id INTEGER PRIMARY KEY, a INT); INSERT INTO fresh SELECT id, a FROM t;");
    assert_eq!(catalog.successor_of(&catalog.resolve(&name("t"))).unwrap().0.key.name, "fresh");
    run(&mut catalog, "DROP TABLE t; ALTER TABLE fresh RENAME TO t;");
    let [rebuild] = catalog.rebuilds() else { panic!("one rebuild") };
    assert!(rebuild.finished() && rebuild.atomic && !rebuild.renamed_first);
    let lost = rebuild.losses(&catalog);
    assert_eq!((lost.columns, lost.indexes), (vec!["b".to_owned()], vec!["t_a".to_owned()]));
}

#[test]
fn a_down_script_is_compared_and_undone() {
    let mut catalog = after(Engine::Postgres, "CREATE TABLE t (a int, b text NOT NULL);");
    catalog.begin_migration(true);
    run(&mut catalog, "ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN c int; CREATE INDEX i ON t (a);");
    catalog.end_migration();
    catalog.begin_down(true);
    run(&mut catalog, "ALTER TABLE t ADD COLUMN b text; DROP INDEX i;");
    let found: Vec<String> = catalog.end_down().iter().map(ToString::to_string).collect();
    assert_eq!(found, ["column t.b differs", "column t.c is left behind"]);
    assert_eq!(columns(&catalog, "t"), ["a", "c"]);
    assert_eq!(indexes(&catalog, "t"), ["i"]);
}

#[test]
fn a_down_may_break_its_lines_elsewhere() {
    let body = |text: &str| format!("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ {text} $$;");
    let history = format!("CREATE TABLE t (a int, b text); {}", body("SELECT 1"));
    let mut catalog = after(Engine::Postgres, &history);
    catalog.begin_migration(true);
    run(&mut catalog, &format!("ALTER TABLE t ALTER b SET DEFAULT 'x'; {}", body("SELECT 2")));
    catalog.end_migration();
    catalog.begin_down(true);
    run(&mut catalog, &format!("ALTER TABLE t ALTER b SET DEFAULT NULL; {}", body("select\n  1")));
    assert_eq!(catalog.end_down(), []);
}

#[test]
fn a_function_that_makes_tables_opens_the_world() {
    let history = "CREATE TABLE t (a int); CREATE FUNCTION f(n text) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN EXECUTE format('CREATE TABLE %I_0 (a int)', n); END $$; CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';";
    let catalog = after(Engine::Postgres, &format!("{history} SELECT g();"));
    assert_eq!(catalog.presence(&name("t_0")), crate::catalog::Presence::NeverMade);
    let catalog = after(Engine::Postgres, &format!("{history} SELECT f('t');"));
    assert_eq!(catalog.presence(&name("t_0")), crate::catalog::Presence::Unknown);
}

#[test]
fn a_down_of_an_unknown_table_is_fair() {
    let mut catalog = Catalog::new(Target::of(Engine::Postgres));
    catalog.begin_migration(true);
    run(&mut catalog, "ALTER TABLE legacy ADD COLUMN c int; ALTER TABLE legacy ALTER COLUMN d SET NOT NULL;");
    catalog.end_migration();
    catalog.begin_down(true);
    run(&mut catalog, "ALTER TABLE legacy DROP COLUMN c; ALTER TABLE legacy ALTER COLUMN d DROP NOT NULL;");
    assert_eq!(catalog.end_down(), []);
}

#[test]
fn mysql_commits_before_ddl() {
    let mut catalog = after(Engine::Mysql, "CREATE TABLE t (a int);");
    catalog.begin_migration(false);
    run(&mut catalog, "BEGIN; INSERT INTO t VALUES (1); ALTER TABLE t ADD COLUMN b int; ROLLBACK;");
    assert_eq!(columns(&catalog, "t"), ["a", "b"]);
}

#[test]
fn names_resolve_by_search_path() {
    let mut catalog = after(Engine::Postgres, "CREATE SCHEMA app; CREATE TABLE app.t (a int); CREATE TABLE \"T\" (b int);");
    assert!(catalog.table(&name("t")).is_none());
    catalog.begin_migration(false);
    run(&mut catalog, "SET search_path = app, public; ALTER TABLE t ADD COLUMN c int; CREATE TABLE u (a int);");
    assert_eq!(columns(&catalog, "app.t"), ["a", "c"]);
    assert!(catalog.table(&name("app.u")).is_some());
    run(&mut catalog, "BEGIN; SET LOCAL search_path = public; CREATE TABLE v (a int); COMMIT;");
    assert!(catalog.table(&name("public.v")).is_some());
    assert_eq!(catalog.current_schema(), "app");
}

#[test]
fn a_unique_key_is_a_constraint_of_its_kind() {
    let catalog = after(Engine::Mariadb, "CREATE TABLE t (a int, b int CHECK (b > 0), CHECK (a > b), UNIQUE KEY k (a));");
    let table = catalog.table(&name("t")).unwrap();
    assert_eq!(constraints(&catalog, "t"), ["b", "CONSTRAINT_1", "k"]);
    assert_eq!(table.constraint("k").unwrap().kind, ConstraintKind::Unique);
}

#[test]
fn a_called_procedure_leaves_doubt_where_it_may_have_worked() {
    let tables = "CREATE TABLE a (id int, KEY k (id)); CREATE TABLE b (id int); CREATE TABLE c (id int);";
    let doubted = |routine: &str| {
        let catalog = after(Engine::Mysql, &format!("{tables}\n{routine}"));
        ["a", "b", "c"].into_iter().filter(|table| catalog.table(&name(table)).unwrap().uncertain).collect::<Vec<_>>()
    };
    assert_eq!(doubted("CREATE PROCEDURE p() ALTER TABLE a DROP KEY k; CALL p();"), ["a"]);
    assert_eq!(doubted("CREATE PROCEDURE p() DELETE FROM a; CALL p();"), [] as [&str; 0]);
    assert_eq!(doubted("CALL drop_index_if_there('b', 'k');"), ["b"]);
    assert_eq!(doubted("CALL tidy();"), ["a", "b", "c"]);
}

#[test]
fn a_query_does_not_prove_that_there_are_rows() {
    let rows = |sql: &str, table: &str| after(Engine::Postgres, sql).table(&name(table)).unwrap().rows;
    let old = "CREATE TABLE old (a int); CREATE TABLE t (a int);";
    let mut catalog = after(Engine::Postgres, old);
    migrate(&mut catalog, "INSERT INTO t SELECT a FROM old; UPDATE old SET a = 1;");
    assert_eq!(["old", "t"].map(|table| catalog.table(&name(table)).unwrap().rows), [Rows::Assumed, Rows::Assumed]);
    assert_eq!(rows("CREATE TABLE t (a int); INSERT INTO t SELECT 1;", "t"), Rows::Some);
}

#[test]
fn what_goes_with_a_dropped_object() {
    let mut catalog = after(
        Engine::Postgres,
        "CREATE TABLE p (a int); CREATE UNIQUE INDEX u ON p (a);
         CREATE TABLE c (a int CONSTRAINT fk REFERENCES p (a));
         CREATE VIEW v1 AS SELECT a FROM p; CREATE VIEW v2 AS SELECT a FROM v1;",
    );
    migrate(&mut catalog, "DROP INDEX u CASCADE; DROP VIEW v1, v2;");
    assert_eq!(constraints(&catalog, "c"), [] as [&str; 0]);
    assert!(catalog.views.is_empty());
}

#[test]
fn text_run_at_run_time_leaves_doubt_about_what_the_script_named() {
    let mut catalog = after(Engine::Postgres, "CREATE TABLE a (x int); CREATE TABLE b (x int); CREATE VIEW v AS SELECT x FROM a;");
    migrate(
        &mut catalog,
        "DO $$ DECLARE text text := pg_get_viewdef('v'); BEGIN
           DROP VIEW v; ALTER TABLE a ADD COLUMN y int; EXECUTE format('CREATE VIEW v AS %s', text);
         END $$;",
    );
    assert_eq!(catalog.presence(&name("v")), crate::catalog::Presence::Unknown);
    assert!(catalog.table(&name("a")).unwrap().uncertain);
    assert!(!catalog.table(&name("b")).unwrap().uncertain);
}

#[test]
fn a_row_passed_whole_rests_on_no_column() {
    let tables = "CREATE TABLE t (a int, b int); CREATE VIEW whole AS SELECT f(t.*) AS x FROM t; CREATE VIEW each AS SELECT t.* FROM t;";
    let mut catalog = after(Engine::Postgres, tables);
    migrate(&mut catalog, "ALTER TABLE t DROP COLUMN b CASCADE;");
    assert!(catalog.views.contains_key(&catalog.resolve(&name("whole"))));
    assert!(!catalog.views.contains_key(&catalog.resolve(&name("each"))));
}
