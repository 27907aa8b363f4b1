//! What the README shows is what the program does.

use std::fmt::Write as _;
use std::fs;

use lockgate::engine::Engine;
use lockgate::rules::builtin;

/// The rule list between the README's markers is the rules'. `LOCKGATE_UPDATE=1` writes it anew.
#[test]
fn the_rule_list_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let page = fs::read_to_string(path).unwrap();
    let (head, rest) = page.split_once("<!-- rules -->\n").expect("the README has lost its marker");
    let (current, tail) = rest.split_once("<!-- /rules -->").expect("the README has lost its end marker");
    let wanted = rule_list();
    if current != wanted && std::env::var_os("LOCKGATE_UPDATE").is_some() {
        fs::write(path, format!("{head}<!-- rules -->\n{wanted}<!-- /rules -->{tail}")).unwrap();
        return;
    }
    assert!(current == wanted, "the rule list in README.md is out of date: run this test with LOCKGATE_UPDATE=1");
}

fn rule_list() -> String {
    let mut rules: Vec<_> = builtin().unwrap().to_vec();
    rules.sort_by(|a, b| (&a.category, &a.id).cmp(&(&b.category, &b.id)));
    let mut out = String::from("\n| rule | severity | P | M | A | S |\n|---|---|---|---|---|---|\n");
    for rule in &rules {
        let severity = if rule.enabled { rule.severity.name() } else { "off" };
        let _ = write!(out, "| [{id}](rules/{}/{id}.md) | {severity} ", rule.category, id = rule.id);
        for engine in [Engine::Postgres, Engine::Mysql, Engine::Mariadb, Engine::Sqlite] {
            let _ = write!(out, "| {} ", if rule.applies_to(engine) { "•" } else { "" });
        }
        out.push_str("|\n");
    }
    out.push_str("\nP PostgreSQL, M MySQL, A MariaDB, S SQLite.\n");
    out
}

/// The output block at the top is what the program prints for that migration.
#[test]
fn the_first_output_is_real() {
    let directory = tempfile::tempdir().unwrap();
    let migrations = directory.path().join("db/migrations");
    fs::create_dir_all(&migrations).unwrap();
    fs::write(migrations.join("0001_init.sql"), "CREATE TABLE orders (id bigint PRIMARY KEY, email text);\n").unwrap();
    fs::write(migrations.join("0002_index.sql"), "CREATE INDEX orders_email_idx ON orders (email);\n").unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_lockgate"))
        .args(["lint", "db/migrations", "--engine", "postgres@16", "--no-config"])
        .env("LC_ALL", "C.UTF-8")
        .current_dir(directory.path())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    assert!(page.contains(printed.trim_end()), "the README shows something else than\n{printed}");
}
