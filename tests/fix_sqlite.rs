//! Ways back that `lockgate fix --down` writes, run on SQLite itself.

#![cfg(feature = "sqlite")]

use std::process::Command;

use lockgate::driver::{Access, Session, connect};
use lockgate::engine::{Engine, Target};
use lockgate::sql::split;

const FILES: &[(&str, &str)] = &[
    (
        "0001_init.sql",
        "CREATE TABLE customers (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL DEFAULT 'x' COLLATE NOCASE);
CREATE TABLE orders (id INTEGER PRIMARY KEY, number TEXT UNIQUE, total INT DEFAULT (1 + 1) CHECK (total >= 0), old TEXT,
  customer_id INT REFERENCES customers (id) ON DELETE CASCADE);
CREATE INDEX orders_old ON orders (old, lower(number) DESC) WHERE old IS NOT NULL;
CREATE VIEW big AS SELECT id FROM orders WHERE total > 100;
CREATE TRIGGER touch AFTER UPDATE ON orders BEGIN UPDATE customers SET name = 'y' WHERE id = NEW.customer_id; END;
INSERT INTO customers (name) VALUES ('a');
INSERT INTO orders VALUES (1, 'n', 2, 'o', 1);
",
    ),
    (
        "0002_many.sql",
        "CREATE TABLE refunds (id INTEGER PRIMARY KEY, order_id INT NOT NULL REFERENCES orders (id)) STRICT;
CREATE INDEX refunds_order ON refunds (order_id);
ALTER TABLE orders ADD COLUMN note TEXT;
DROP INDEX orders_old;
ALTER TABLE orders RENAME COLUMN number TO no;
DROP VIEW big;
DROP TRIGGER touch;
",
    ),
    ("0003_drop.sql", "ALTER TABLE orders DROP COLUMN old;\nDROP TABLE refunds;\nALTER TABLE customers RENAME TO people;\n"),
];

#[test]
fn the_way_back_leads_back() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    let path = |name: &str| folder.path().join(name);
    FILES.iter().for_each(|(name, text)| std::fs::write(path(name), text).unwrap());
    std::fs::write(path("0001_init.down.sql"), "DROP TABLE orders;\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
    command.args(["fix", "--down", "--write", "--no-config", "--engine", "sqlite@3.50"]).arg(folder.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let url = format!("sqlite:{}", path("app.db").display()).parse().unwrap();
    let mut session = connect(&url, Access::Create).unwrap();
    run(&mut *session, FILES[0].1);
    let mut shapes = Vec::new();
    for (_, text) in &FILES[1..] {
        shapes.push(shape(&mut *session));
        run(&mut *session, text);
    }
    for ((name, _), before) in FILES[1..].iter().zip(shapes).rev() {
        let down = std::fs::read_to_string(path(&name.replace(".sql", ".down.sql"))).unwrap();
        assert!(!down.contains("irreversible"), "{down}");
        run(&mut *session, &down);
        assert_eq!(shape(&mut *session), before, "after {name}:\n{down}");
    }
}

fn run(session: &mut dyn Session, text: &str) {
    for piece in split(text, Target::of(Engine::Sqlite)).pieces {
        let statement = piece.span.slice(text);
        session.execute(statement).unwrap_or_else(|error| panic!("{error}\n{statement}"));
    }
}

/// Tables by their columns, foreign keys and indexes: the text of a table that was altered differs.
fn shape(session: &mut dyn Session) -> Vec<String> {
    let queries = [
        "SELECT m.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk FROM sqlite_master m, pragma_table_xinfo(m.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY 1, 2",
        "SELECT m.name, f.\"table\", f.\"from\", f.\"to\", f.on_delete FROM sqlite_master m, pragma_foreign_key_list(m.name) f
         WHERE m.type = 'table' ORDER BY 1, 3",
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('view', 'trigger') ORDER BY 2",
        "SELECT i.name, i.\"unique\", i.partial, k.name, k.\"desc\" FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_xinfo(i.name) k
         WHERE m.type = 'table' AND i.origin = 'c' ORDER BY 1, k.seqno",
    ];
    let mut lines = Vec::new();
    for query in queries {
        for row in session.query(query).unwrap_or_else(|error| panic!("{error}\n{query}")) {
            lines.push(row.into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>().join("|"));
        }
    }
    lines
}
