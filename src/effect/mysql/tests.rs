use super::assertion::{Asked, Lock};
use crate::catalog::Catalog;
use crate::change;
use crate::effect::{Algorithm, Dml, FailureCause, LossKind, StatementEffects, Truth, predict};
use crate::source::{Script, SourceId};

const ORDERS: &str = "CREATE TABLE orders (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, email varchar(50) NOT NULL DEFAULT 'x', total int, \
                      KEY by_total (total)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4; INSERT INTO orders (total) VALUES (1)";

fn before(target: &str, schema: &str) -> Catalog {
    let mut catalog = Catalog::new(target.parse().unwrap());
    catalog.begin_migration(false);
    let script = Script::whole(SourceId(0), schema.into());
    for statement in change::read(&script, catalog.target) {
        catalog.apply(&statement, &script);
    }
    catalog.end_migration();
    catalog.begin_migration(false);
    catalog
}

fn effects(target: &str, sql: &str) -> StatementEffects {
    let catalog = before(target, ORDERS);
    let script = Script::whole(SourceId(0), sql.into());
    predict(change::read(&script, catalog.target).first().unwrap(), &catalog)
}

#[test]
fn clauses_that_are_light_alone_can_be_heavy_together() {
    let together = effects("mysql@8.0.36", "ALTER TABLE orders ADD COLUMN note text, ADD INDEX by_email (email)");
    assert_eq!(together.whole.rebuild, Truth::Yes);
    assert!(together.changes.iter().all(|change| change.alone.is_some_and(|alone| !alone.rebuild)));
    let alone = effects("mysql@8.0.36", "ALTER TABLE orders ADD COLUMN note text");
    assert_eq!(alone.whole.algorithm, Some(Algorithm::Instant));
    assert_eq!(alone.whole.pin.as_deref(), Some("ALGORITHM=INSTANT"));
}

#[test]
fn versions_decide() {
    let drop = "ALTER TABLE orders DROP COLUMN email";
    assert_eq!(effects("mysql@8.0.28", drop).whole.rebuild, Truth::Yes);
    assert_eq!(effects("mysql@8.0.29", drop).whole.algorithm, Some(Algorithm::Instant));
    let retype = "ALTER TABLE orders MODIFY total bigint";
    assert_eq!(effects("mariadb@10.11", retype).whole.dml, Some(Dml::Blocked));
    assert_eq!(effects("mariadb@11.4", retype).whole.dml, Some(Dml::Allowed));
}

#[test]
fn modify_loses_what_it_does_not_repeat() {
    let modified = effects("mysql@8.0", "ALTER TABLE orders MODIFY email varchar(40)").whole;
    assert_eq!(modified.lost_attributes, ["NOT NULL", "DEFAULT"]);
    assert!(modified.losses.iter().any(|loss| loss.kind == LossKind::Values && loss.object == "orders.email"));
    assert_eq!(modified.algorithm, Some(Algorithm::Copy));
}

#[test]
fn assertions_that_cannot_be_met_fail_with_the_servers_number() {
    let failure = |target: &str, sql: &str| {
        let whole = effects(target, sql).whole;
        whole.failures.into_iter().find(|failure| failure.cause == FailureCause::Assertion).map(|failure| failure.code)
    };
    assert_eq!(failure("mysql@8.0", "ALTER TABLE orders ADD INDEX e (email), ALGORITHM=INSTANT").as_deref(), Some("1845"));
    assert_eq!(failure("mysql@8.0", "ALTER TABLE orders MODIFY total bigint, ALGORITHM=INPLACE").as_deref(), Some("1846"));
    assert_eq!(failure("mysql@8.0", "ALTER TABLE orders ADD COLUMN z int, ALGORITHM=INSTANT, LOCK=NONE").as_deref(), Some("1221"));
    assert_eq!(failure("mariadb@10.11", "ALTER TABLE orders ADD COLUMN z int, ALGORITHM=INSTANT, LOCK=NONE"), None);
}

#[test]
fn what_is_not_known_stays_unknown() {
    let catalog = before("mariadb@10.11", "CREATE TABLE notes (id int PRIMARY KEY, body varchar(63))");
    let script = Script::whole(SourceId(0), "ALTER TABLE notes MODIFY body varchar(64)".into());
    let statements = change::read(&script, catalog.target);
    let statement = statements.first().unwrap();
    let whole = predict(statement, &catalog).whole;
    assert_eq!((whole.algorithm, whole.rebuild), (Some(Algorithm::Copy), Truth::Unknown));
    assert!(!whole.unknowns.is_empty());
    assert_eq!(super::alter::attempt(statement, &catalog, Asked::Copy, Lock::None), Err(1846));
}

#[test]
fn tables_and_columns_that_are_missing_or_taken() {
    let code = |sql: &str| effects("mysql@8.0", sql).whole.certain_failure().map(|failure| failure.code.clone());
    assert_eq!(code("ALTER TABLE orders ADD COLUMN total int").as_deref(), Some("1060"));
    assert_eq!(code("ALTER TABLE orders DROP COLUMN nope").as_deref(), Some("1091"));
    assert_eq!(code("ALTER TABLE orders DROP PRIMARY KEY").as_deref(), Some("1075"));
    assert_eq!(code("CREATE TABLE orders (id int)").as_deref(), Some("1050"));
    assert_eq!(code("ALTER TABLE orders DROP PRIMARY KEY, MODIFY id int NOT NULL"), None);
}

#[test]
fn a_foreign_key_joins_what_is_stored_alike() {
    let refused = |parent: &str, child: &str| {
        let catalog = before("mysql@8.0.45", &format!("CREATE TABLE parent (a {parent} NOT NULL PRIMARY KEY)"));
        let sql = format!("CREATE TABLE child (b {child}, FOREIGN KEY (b) REFERENCES parent (a))");
        let script = Script::whole(SourceId(0), sql.into());
        let effects = predict(change::read(&script, catalog.target).first().unwrap(), &catalog);
        effects.changes.iter().any(|change| change.failures.iter().any(|failure| failure.code == "3780"))
    };
    assert!(!refused("varchar(40)", "char(36)"));
    assert!(!refused("decimal(10,2)", "datetime"));
    assert!(!refused("int zerofill", "int unsigned"));
    assert!(refused("int", "int unsigned"));
    assert!(refused("char(36)", "char(36) CHARACTER SET latin1"));
    assert!(refused("binary(16)", "char(16)"));
}

#[test]
fn a_column_of_a_foreign_key_keeps_its_type() {
    let code = |target: &str, sql: &str| {
        let schema = "CREATE TABLE parent (a varchar(40) NOT NULL PRIMARY KEY); \
                      CREATE TABLE child (b varchar(40), FOREIGN KEY (b) REFERENCES parent (a)); ";
        let (settings, sql) = sql.split_once(';').unwrap_or(("", sql));
        let catalog = before(target, &format!("{schema}{settings}"));
        let script = Script::whole(SourceId(0), sql.into());
        let effects = predict(change::read(&script, catalog.target).first().unwrap(), &catalog);
        effects.changes.iter().flat_map(|change| &change.failures).map(|failure| failure.code.clone()).next()
    };
    let longer = "ALTER TABLE child MODIFY b varchar(50)";
    assert_eq!(code("mysql@8.0.45", longer), None);
    assert_eq!(code("mariadb@10.11", longer).as_deref(), Some("1832"));
    assert_eq!(code("mysql@8.0.45", "ALTER TABLE child MODIFY b char(40)").as_deref(), Some("1832"));
    assert_eq!(code("mysql@8.0.45", "ALTER TABLE parent MODIFY a char(40) NOT NULL").as_deref(), Some("1833"));
}

#[test]
fn partitions_end_one_above_the_other() {
    let ranges = |by: &str, ends: &[&str]| {
        let parts: Vec<String> = ends.iter().enumerate().map(|(at, end)| format!("PARTITION p{at} VALUES LESS THAN {end}")).collect();
        format!("CREATE TABLE t (a int, d date) PARTITION BY RANGE {by} ({})", parts.join(", "))
    };
    let code = |schema: &str, sql: &str| {
        let catalog = before("mysql@8.0", schema);
        let script = Script::whole(SourceId(0), sql.into());
        let whole = predict(change::read(&script, catalog.target).first().unwrap(), &catalog).whole;
        whole.certain_failure().map(|failure| failure.code.clone())
    };
    let add = |end: &str| format!("ALTER TABLE t ADD PARTITION (PARTITION new VALUES LESS THAN {end})");
    for (by, ends, new, expected) in [
        ("(a)", vec!["(10)", "(20)"], "(20)", Some("1493")),
        ("(a)", vec!["(10)", "(20)"], "(21)", None),
        ("(a)", vec!["(-10)", "(9)"], "MAXVALUE", None),
        ("(a)", vec!["(10)", "MAXVALUE"], "(20)", Some("1481")),
        ("COLUMNS (d)", vec!["('2024-01-01')"], "('2023-12-31')", Some("1493")),
        ("COLUMNS (d)", vec!["('2024-01-01')"], "('2024-02-01')", None),
        ("(to_days(d))", vec!["(to_days('2024-01-01'))"], "(TO_DAYS('2023-01-01'))", Some("1493")),
        ("(a)", vec!["(10)"], "(5 + 5)", None),
    ] {
        assert_eq!(code(&ranges(by, &ends), &add(new)).as_deref(), expected, "{ends:?} {new}");
        let at_once: Vec<&str> = ends.iter().copied().chain([new]).collect();
        assert_eq!(code("", &ranges(by, &at_once)).as_deref(), expected, "{at_once:?}");
    }
    let list = "CREATE TABLE t (a int) PARTITION BY LIST (a) (PARTITION p0 VALUES IN (1, 2), PARTITION p1 VALUES IN (3, NULL))";
    assert_eq!(code(list, "ALTER TABLE t ADD PARTITION (PARTITION p2 VALUES IN (4, 2))").as_deref(), Some("1495"));
    assert_eq!(code(list, "ALTER TABLE t DROP PARTITION p0"), None);
    let reorganized = "ALTER TABLE t REORGANIZE PARTITION p1 INTO (PARTITION p1 VALUES LESS THAN (9), PARTITION p2 VALUES LESS THAN (8))";
    assert_eq!(code(&ranges("(a)", &["(5)", "(10)"]), reorganized).as_deref(), Some("1493"));
}

#[test]
fn instant_changes_of_columns_are_counted() {
    let target: crate::engine::Target = "mysql@8.0.36".parse().unwrap();
    let mut catalog = Catalog::new(target);
    let mut last = Vec::new();
    let adds = |from: usize, to: usize| (from..to).map(|n| format!("ALTER TABLE t ADD COLUMN c{n} int;")).collect::<String>();
    let sql = format!(
        "CREATE TABLE t (id int PRIMARY KEY); {}{}",
        adds(0, 64),
        "ALTER TABLE t DROP COLUMN c1, ALGORITHM=INSTANT; ALTER TABLE t DROP COLUMN c1; ALTER TABLE t ADD COLUMN z int;"
    );
    let script = Script::whole(SourceId(0), sql.as_str().into());
    for statement in &change::read(&script, target) {
        let effects = predict(statement, &catalog);
        last.push(
            effects
                .whole
                .certain_failure()
                .map_or_else(|| effects.whole.algorithm.map_or("", |it| it.name()).to_owned(), |it| it.code.clone()),
        );
        if effects.whole.certain_failure().is_none() {
            catalog.apply(statement, &script);
            crate::effect::remember(statement, &effects, &mut catalog);
        }
    }
    assert_eq!(last.split_off(63), ["instant", "instant", "4092", "inplace", "instant"]);
}

#[test]
fn whether_a_table_met_in_passing_has_a_primary_key_is_not_known() {
    let mut catalog = before("mysql@8.0.36", "ALTER TABLE notes ADD COLUMN code varchar(20) NOT NULL");
    catalog.open_world = true;
    let script = Script::whole(SourceId(0), "CREATE UNIQUE INDEX by_code ON notes (code)".into());
    let built = predict(change::read(&script, catalog.target).first().unwrap(), &catalog);
    assert_eq!(built.whole.rebuild, Truth::Unknown);
    let known = effects("mysql@8.0.36", "CREATE UNIQUE INDEX by_email ON orders (email)");
    assert_eq!(known.whole.rebuild, Truth::No);
}

#[test]
fn reorganising_a_list_drops_the_rows_it_leaves_out() {
    let list = "CREATE TABLE notes (id int) PARTITION BY LIST (id) (PARTITION a VALUES IN (1, 2, 3), PARTITION b VALUES IN (4)); \
                INSERT INTO notes VALUES (3)";
    for (into, lost) in [("PARTITION c VALUES IN (1, 2)", true), ("PARTITION c VALUES IN (3, 1), PARTITION d VALUES IN (2)", false)] {
        let catalog = before("mysql@8.0.36", list);
        let script = Script::whole(SourceId(0), format!("ALTER TABLE notes REORGANIZE PARTITION a INTO ({into})").as_str().into());
        let effects = predict(change::read(&script, catalog.target).first().unwrap(), &catalog);
        assert_eq!(effects.whole.losses.iter().any(|loss| loss.kind == LossKind::Rows), lost, "{into}");
    }
}

/// Measured on MySQL 8.0 and 9.7 and MariaDB 10.5, 10.11 and 11.8.
#[test]
fn both_families_refuse_with_their_own_numbers() {
    let schema = "CREATE TABLE t (id int PRIMARY KEY, a int, b int NOT NULL, s varchar(20), v int AS (a + b) VIRTUAL);
        CREATE TABLE n (a int NOT NULL, b int NOT NULL, UNIQUE KEY ua (a), UNIQUE KEY ub (b));
        CREATE TABLE l (id int NOT NULL) PARTITION BY LIST (id) (PARTITION p VALUES IN (1, NULL), PARTITION q VALUES IN (2));";
    for (sql, mysql, mariadb) in [
        ("ALTER TABLE t ADD COLUMN n int AS (nobodys(a)) STORED", "3763", "1901"),
        ("ALTER TABLE t ADD CHECK (nobodys(a) > 0)", "3814", "1901"),
        ("SELECT nobodys(1) FROM t", "1305", "1305"),
        ("SELECT abs(1, 2) FROM t", "1582", "1582"),
        ("UPDATE t SET v = 1", "3105", "ok"),
        ("ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (v)", "3106", "1903"),
        ("ALTER TABLE t ADD KEY `PRIMARY` (a)", "1280", "1280"),
        ("ALTER TABLE t ADD KEY (s(0))", "1391", "1391"),
        ("ALTER TABLE t DROP COLUMN id, ADD COLUMN id int PRIMARY KEY", "1068", "1068"),
        ("ALTER TABLE t ADD COLUMN bits bit(1) DEFAULT b'0'", "ok", "ok"),
        ("ALTER TABLE l ADD PARTITION (PARTITION r VALUES IN (NULL))", "1495", "1495"),
        ("ALTER TABLE l REORGANIZE PARTITION q INTO (PARTITION q VALUES IN (1))", "1495", "1495"),
        ("CREATE TABLE z (id int) ENGINE=MyISAM PARTITION BY HASH (id) PARTITIONS 2", "1178", "ok"),
        ("CREATE TEMPORARY TABLE z (id int) PARTITION BY HASH (id) PARTITIONS 2", "1562", "1506"),
    ] {
        let code = |engine| crate::effect::testing::code(engine, &format!("{schema}{sql}"));
        assert_eq!((code("mysql@9.7").as_str(), code("mariadb@11.8").as_str()), (mysql, mariadb), "{sql}");
    }
    let heir = "ALTER TABLE n DROP INDEX ua";
    for (target, expected) in [("mysql@9.7", Algorithm::Copy), ("mariadb@11.8", Algorithm::Inplace)] {
        let catalog = before(target, schema);
        let script = Script::whole(SourceId(0), heir.into());
        let found = predict(change::read(&script, catalog.target).first().unwrap(), &catalog);
        assert_eq!(found.whole.algorithm, Some(expected), "{target}");
    }
}
