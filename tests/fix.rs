//! `lockgate fix`: what it writes in every layout, and that the result is clean.

mod common;

use std::fs;
use std::path::Path;

use common::{Sandbox, snapshot};

const TABLES: &str = "CREATE TABLE customers (id bigint PRIMARY KEY);\n\
CREATE TABLE orders (id bigint PRIMARY KEY, number text, email text, customer_id bigint, total int, status text);\n";
const UP: &str = "-- nobody owes less than nothing\nALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total >= 0);\n\
-- found by number\nCREATE INDEX orders_number_idx ON orders (number);\n";
const DOWN: &str = "DROP INDEX orders_number_idx;\nALTER TABLE orders DROP CONSTRAINT total_positive;\n";
const UNDO_TABLES: &str = "DROP TABLE orders;\nDROP TABLE customers;\n";

/// A project of one system: what makes it recognised, and how a migration is laid.
struct Layout {
    system: &'static str,
    marks: &'static [(&'static str, &'static str)],
    lay: fn(u32, &str, &str) -> Vec<(String, String)>,
}

fn one(name: String, text: String) -> Vec<(String, String)> {
    vec![(name, text)]
}

const LAYOUTS: &[Layout] = &[
    Layout {
        system: "sql",
        marks: &[],
        lay: |n, up, down| vec![(format!("000{n}_m.sql"), up.to_owned()), (format!("000{n}_m.down.sql"), down.to_owned())],
    },
    Layout {
        system: "goose",
        marks: &[],
        lay: |n, up, down| one(format!("0000{n}_m.sql"), format!("-- +goose Up\n{up}\n-- +goose Down\n{down}")),
    },
    Layout {
        system: "dbmate",
        marks: &[],
        lay: |n, up, down| one(format!("2024010{n}000000_m.sql"), format!("-- migrate:up\n{up}\n-- migrate:down\n{down}")),
    },
    Layout {
        system: "sql-migrate",
        marks: &[],
        lay: |n, up, down| one(format!("2024010{n}000000-m.sql"), format!("-- +migrate Up\n{up}\n-- +migrate Down\n{down}")),
    },
    Layout {
        system: "tern",
        marks: &[("tern.conf", "")],
        lay: |n, up, down| one(format!("00{n}_m.sql"), format!("{up}\n---- create above / drop below ----\n{down}")),
    },
    Layout {
        system: "sqlx",
        marks: &[("sqlx.toml", "")],
        lay: |n, up, down| {
            vec![(format!("2024010{n}000000_m.up.sql"), up.to_owned()), (format!("2024010{n}000000_m.down.sql"), down.to_owned())]
        },
    },
    Layout {
        system: "diesel",
        marks: &[("diesel.toml", "")],
        lay: |n, up, down| {
            vec![(format!("2024-01-0{n}-000000_m/up.sql"), up.to_owned()), (format!("2024-01-0{n}-000000_m/down.sql"), down.to_owned())]
        },
    },
    Layout {
        system: "flyway",
        marks: &[("flyway.conf", "")],
        lay: |n, up, down| vec![(format!("V{n}__m.sql"), up.to_owned()), (format!("U{n}__m.sql"), down.to_owned())],
    },
    Layout {
        system: "golang-migrate",
        marks: &[],
        lay: |n, up, down| vec![(format!("00000{n}_m.up.sql"), up.to_owned()), (format!("00000{n}_m.down.sql"), down.to_owned())],
    },
    Layout { system: "atlas", marks: &[("atlas.sum", "h1:x")], lay: |n, up, _| one(format!("2024010{n}000000_m.sql"), up.to_owned()) },
    Layout {
        system: "liquibase-sql",
        marks: &[],
        lay: |n, up, down| {
            let rollback: String = down.lines().map(|line| format!("--rollback {line}\n")).collect();
            one(format!("2024010{n}000000_m.sql"), format!("--liquibase formatted sql\n\n--changeset ann:{n}\n{up}{rollback}"))
        },
    },
    Layout {
        system: "prisma",
        marks: &[("migration_lock.toml", "provider = \"postgresql\"")],
        lay: |n, up, _| one(format!("2024010{n}000000_m/migration.sql"), up.to_owned()),
    },
    Layout { system: "supabase", marks: &[], lay: |n, up, _| one(format!("2024010{n}000000_m.sql"), up.to_owned()) },
    Layout {
        system: "node-pg-migrate",
        marks: &[],
        lay: |n, up, down| one(format!("170409960000{n}_m.sql"), format!("-- Up Migration\n{up}\n-- Down Migration\n{down}")),
    },
    Layout { system: "refinery", marks: &[("refinery.toml", "")], lay: |n, up, _| one(format!("V{n}__m.sql"), up.to_owned()) },
    Layout {
        system: "drizzle",
        marks: &[(
            "meta/_journal.json",
            r#"{"dialect":"postgresql","entries":[{"idx":0,"when":1,"tag":"0001_m"},{"idx":1,"when":2,"tag":"0002_m"}]}"#,
        )],
        lay: |n, up, _| one(format!("000{n}_m.sql"), up.to_owned()),
    },
];

/// Those whose tool leaves no way to run a file outside a transaction, or to add one.
const UNABLE: &[&str] = &["node-pg-migrate", "refinery", "drizzle"];

impl Layout {
    fn project(&self, up: &str, down: &str) -> Sandbox {
        let sandbox = Sandbox::new();
        for (name, text) in self.marks {
            sandbox.write(&format!("db/{name}"), text);
        }
        let files = (self.lay)(1, TABLES, UNDO_TABLES).into_iter().chain((self.lay)(2, up, down));
        files.for_each(|(name, text)| sandbox.write(&format!("db/{name}"), &text));
        sandbox
    }

    fn fix(&self, sandbox: &Sandbox, more: &[&str]) -> common::Ran {
        let mut arguments = vec!["fix", "db", "--engine", "postgres@16", "--system", self.system];
        arguments.extend(more);
        sandbox.run(&arguments)
    }

    /// Rules that report something more than a note.
    fn reported(&self, sandbox: &Sandbox) -> Vec<String> {
        let ran = sandbox.run(&["lint", "db", "--engine", "postgres@16", "--system", self.system, "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.shown()));
        let findings = json["findings"].as_array().unwrap();
        let loud = findings.iter().filter(|finding| finding["severity"] != "note");
        loud.map(|finding| format!("{} {}", finding["path"].as_str().unwrap(), finding["rule"].as_str().unwrap())).collect()
    }
}

/// Every file of the project, with names that hold the day made plain.
fn tree(root: &Path) -> String {
    let mut files = Vec::new();
    walk(root, root, &mut files);
    files.sort();
    let mut out = String::new();
    for (name, text) in files {
        out.push_str(&format!("--> {name}\n{text}\n"));
    }
    plain(&out)
}

fn walk(root: &Path, directory: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(root, &path, files);
        } else {
            files.push((path.strip_prefix(root).unwrap().display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The time of the run stands in some names.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("20") {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let length = tail.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'-').count();
        let stamp = tail[..length].trim_end_matches('-');
        let length = stamp.len();
        let digits = stamp.bytes().filter(u8::is_ascii_digit).count();
        // The time in UTC, to the second or the millisecond.
        let is_now = digits >= 14 && !stamp.starts_with("2024");
        out.push_str(if is_now { "<now>" } else { stamp });
        rest = &tail[length.max(2)..];
        if length < 2 {
            out.push_str(&tail[length..2]);
        }
    }
    out.push_str(rest);
    out
}

#[test]
fn every_layout_gets_its_own_files_and_is_clean() {
    let mut all = String::new();
    for layout in LAYOUTS {
        let sandbox = layout.project(UP, DOWN);
        let before = layout.reported(&sandbox);
        assert!(before.iter().any(|one| one.contains("blocking-index-build")), "{}: {before:?}", layout.system);
        let ran = layout.fix(&sandbox, &["--write"]);
        let after = layout.reported(&sandbox);
        if UNABLE.contains(&layout.system) {
            assert_eq!(ran.code, 1, "{}: {}", layout.system, ran.shown());
            assert!(ran.stdout.contains("left to you"), "{}", ran.shown());
        } else {
            assert_eq!(ran.code, 0, "{}: {}", layout.system, ran.shown());
            assert!(after.is_empty(), "{}: {after:?}\n{}", layout.system, tree(&sandbox.root().join("db")));
            let again = layout.fix(&sandbox, &[]);
            assert_eq!(again.code, 0, "{}: {}", layout.system, again.shown());
        }
        all.push_str(&format!("===== {}\n{}\n{}\n", layout.system, plain(&ran.shown()), tree(&sandbox.root().join("db"))));
    }
    snapshot("fix-layouts", &all);
}

fn plain_project(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    files.iter().for_each(|(name, text)| sandbox.write(name, text));
    sandbox
}

const FIX: [&str; 4] = ["fix", "db", "--engine", "postgres@16"];

fn fix(sandbox: &Sandbox, more: &[&str]) -> common::Ran {
    sandbox.run(&FIX.iter().chain(more).copied().collect::<Vec<_>>())
}

#[test]
fn the_plan_shows_every_step_and_writes_nothing() {
    let sandbox = plain_project(&[
        ("db/0001_init.sql", TABLES),
        (
            "db/0002_change.sql",
            "-- totals are positive\nALTER TABLE orders ADD CHECK (total >= 0), ADD COLUMN note text; -- since 4.1\n\
             /* login */ ALTER TABLE orders ALTER COLUMN email SET NOT NULL;\nUPDATE orders SET status = 'open';\n\
             ALTER TABLE orders ADD CONSTRAINT orders_number_key UNIQUE (number);\n\
             UPDATE orders SET total = 0 FROM customers;\n",
        ),
    ]);
    let before = tree(&sandbox.root().join("db"));
    let ran = fix(&sandbox, &[]);
    assert_eq!(ran.code, 1);
    snapshot("fix-plan", &ran.shown());
    assert_eq!(tree(&sandbox.root().join("db")), before);
}

#[test]
fn a_diff_can_be_applied_by_git() {
    let sandbox = plain_project(&[("db/0001_init.sql", TABLES), ("db/0002_m.sql", UP)]);
    let ran = fix(&sandbox, &["--diff"]);
    assert_eq!(ran.code, 1);
    let written = plain_project(&[("db/0001_init.sql", TABLES), ("db/0002_m.sql", UP)]);
    assert_eq!(fix(&written, &["--write"]).code, 0);
    fs::write(sandbox.root().join("patch"), &ran.stdout).unwrap();
    let git = std::process::Command::new("git").args(["apply", "patch"]).current_dir(sandbox.root()).output().unwrap();
    assert!(git.status.success(), "{}\n{}", String::from_utf8_lossy(&git.stderr), ran.stdout);
    assert_eq!(tree(&sandbox.root().join("db")), tree(&written.root().join("db")));
}

#[test]
fn what_was_applied_or_accepted_is_left_alone() {
    let accepted = "-- lockgate:ignore blocking-index-build: the table is tiny\nCREATE INDEX i ON orders (number);\n";
    let sandbox = plain_project(&[
        ("lockgate.toml", "engine = \"postgres@16\"\nstart-after = \"0002\"\n"),
        ("db/0001_init.sql", TABLES),
        ("db/0002_m.sql", UP),
        ("db/0003_accepted.sql", accepted),
    ]);
    let ran = fix(&sandbox, &["--write"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.shown());
    assert_eq!(sandbox.read("db/0002_m.sql"), UP);
    assert_eq!(sandbox.read("db/0003_accepted.sql"), accepted);
}

#[test]
fn what_others_build_on_keeps_its_place() {
    let sandbox = plain_project(&[
        ("db/0001_init.sql", TABLES),
        ("db/0002_key.sql", "ALTER TABLE orders ADD CONSTRAINT orders_number_key UNIQUE (number);\n"),
        ("db/0003_child.sql", "CREATE TABLE lines (id bigint PRIMARY KEY, number text REFERENCES orders (number));\n"),
    ]);
    let ran = fix(&sandbox, &["--write"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("`0003_child.sql` comes after it and builds on it"), "{}", ran.shown());
    assert_eq!(fs::read_dir(sandbox.root().join("db")).unwrap().count(), 3);
}

#[test]
fn statements_behind_it_move_along() {
    let sandbox = plain_project(&[
        ("db/0001_init.sql", TABLES),
        (
            "db/0002_move.sql",
            "ALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = status;\nALTER TABLE orders DROP COLUMN status;\n\
             CREATE TABLE lines (id bigint PRIMARY KEY);\n",
        ),
    ]);
    assert_eq!(fix(&sandbox, &["--write", "--select", "unbounded-update"]).code, 0);
    snapshot("fix-tail", &tree(&sandbox.root().join("db")));
}

#[test]
fn a_down_is_written_or_said_to_be_impossible() {
    let sandbox = plain_project(&[
        ("db/0001_init.sql", TABLES),
        ("db/0001_init.down.sql", UNDO_TABLES),
        ("db/0002_add.sql", "ALTER TABLE orders ADD COLUMN note text;\nCREATE INDEX orders_note ON orders (note);\n"),
        ("db/0003_drop.sql", "ALTER TABLE orders DROP COLUMN total;\nALTER TABLE orders RENAME TO purchases;\n"),
        ("db/0004_enum.sql", "CREATE TYPE mood AS ENUM ('sad');\n"),
        ("db/0005_label.sql", "ALTER TYPE mood ADD VALUE 'ok';\n"),
        ("db/0006_key.sql", "ALTER TABLE purchases ALTER COLUMN number SET NOT NULL;\n"),
        ("db/0007_gone.sql", "ALTER TABLE purchases DROP COLUMN number;\n"),
        ("db/0007_gone.down.sql", "-- to be written\n"),
    ]);
    let ran = fix(&sandbox, &["--down", "--write"]);
    assert_eq!(ran.code, 0);
    let all = format!("{}\n{}", ran.shown(), tree(&sandbox.root().join("db")));
    snapshot("fix-down", &all);
    let lint = sandbox.run(&["lint", "db", "--engine", "postgres@16", "--select", "reversibility", "--format", "concise"]);
    let loud: Vec<&str> = lint.stdout.lines().filter(|line| !line.contains(" note[")).collect();
    assert!(loud.is_empty(), "{}", lint.stdout);
}

#[test]
fn a_missing_down_goes_where_each_system_looks_for_it() {
    for layout in LAYOUTS {
        let format = lockgate::migration::system::find(layout.system).unwrap();
        if !format.has_downs() {
            continue;
        }
        let sandbox = Sandbox::new();
        layout.marks.iter().for_each(|(name, text)| sandbox.write(&format!("db/{name}"), text));
        (layout.lay)(1, TABLES, UNDO_TABLES).into_iter().for_each(|(name, text)| sandbox.write(&format!("db/{name}"), &text));
        let mut files = (layout.lay)(2, "ALTER TABLE orders ADD COLUMN note text;\n", "");
        files.truncate(1);
        files.iter().for_each(|(name, text)| sandbox.write(&format!("db/{name}"), text));
        let ran = layout.fix(&sandbox, &["--down", "--write"]);
        assert_eq!(ran.code, 0, "{}: {}", layout.system, ran.shown());
        let sql = sandbox.run(&["sql", "db", "--engine", "postgres@16", "--system", layout.system, "--down"]);
        assert!(sql.stdout.contains("DROP COLUMN note"), "{}: {}\n{}", layout.system, sql.shown(), tree(&sandbox.root().join("db")));
        let again = layout.fix(&sandbox, &["--down"]);
        assert_eq!((again.code, again.stdout.as_str()), (0, ""), "{}: {}", layout.system, again.shown());
    }
}

const WIDER: &str = "CREATE INDEX orders_total_idx ON orders (total);\nCREATE INDEX orders_email_idx ON orders (email);\n\
CREATE TABLE events (id bigint, at timestamptz) PARTITION BY RANGE (at);\n\
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n\
CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');\n";

/// What is left of one migration and its way back, and that nothing above a note is reported.
fn fixed(up: &str, down: &str) -> String {
    let sandbox = plain_project(&[
        ("db/0001_init.sql", &format!("{TABLES}{WIDER}")),
        ("db/0001_init.down.sql", &format!("DROP TABLE events;\n{UNDO_TABLES}")),
        ("db/0002_m.sql", up),
        ("db/0002_m.down.sql", down),
    ]);
    let ran = fix(&sandbox, &["--write"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let lint = sandbox.run(&["lint", "db", "--engine", "postgres@16", "--format", "concise"]);
    let loud: Vec<&str> = lint.stdout.lines().filter(|line| !line.contains(" note[")).collect();
    assert!(loud.is_empty(), "{}\n{}", lint.stdout, tree(&sandbox.root().join("db")));
    let files = tree(&sandbox.root().join("db"));
    files.split("--> ").filter(|file| !file.starts_with("0001") && !file.is_empty()).map(|file| format!("--> {file}")).collect()
}

#[test]
fn constraints_inside_a_column_come_beside_it() {
    let mut all = String::new();
    for column in [
        "pieces int NOT NULL DEFAULT 1 CHECK (pieces > 0) CONSTRAINT few CHECK (pieces < 9), ADD COLUMN note text",
        "code text UNIQUE DEFERRABLE INITIALLY DEFERRED CHECK (code <> '')",
    ] {
        let names = if column.contains("note") { "pieces, DROP COLUMN note" } else { "code" };
        all.push_str(&fixed(&format!("ALTER TABLE orders ADD COLUMN {column};\n"), &format!("ALTER TABLE orders DROP COLUMN {names};\n")));
    }
    all.push_str(&fixed(
        "ALTER TABLE orders ADD COLUMN shop_id bigint DEFAULT 1 REFERENCES customers (id) ON DELETE CASCADE;\n\
         CREATE INDEX orders_shop_idx ON orders (shop_id);\n",
        "DROP INDEX orders_shop_idx;\nALTER TABLE orders DROP COLUMN shop_id;\n",
    ));
    snapshot("fix-inline", &all);
}

#[test]
fn each_index_and_each_partition_gets_its_own_migration() {
    let drops = fixed(
        "DROP INDEX IF EXISTS orders_total_idx, orders_email_idx;\n",
        "CREATE INDEX orders_total_idx ON orders (total);\nCREATE INDEX orders_email_idx ON orders (email);\n",
    );
    let parts = fixed("CREATE UNIQUE INDEX ON events (id, at) WITH (fillfactor = 90);\n", "DROP INDEX events_id_at_idx;\n");
    snapshot("fix-several", &format!("{drops}{parts}"));
}

#[test]
fn a_name_that_is_made_up_is_no_longer_than_the_server_keeps() {
    let (table, column) = ("settlements_of_all_the_counterparties_abroad", "confirmed_by_the_clearing_house");
    let sandbox = plain_project(&[
        ("db/0001_init.sql", &format!("CREATE TABLE {table} (id bigint PRIMARY KEY, {column} text);\n")),
        ("db/0002_m.sql", &format!("ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;\n")),
    ]);
    let ran = fix(&sandbox, &["--write"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let name = "settlements_of_all_the_counte_confirmed_by_the_clearing_hou_set";
    assert_eq!(name.len(), 63);
    assert!(sandbox.read("db/0002_m.sql").contains(&format!("ADD CONSTRAINT {name} CHECK")), "{}", tree(&sandbox.root().join("db")));
}
