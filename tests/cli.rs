//! What people and scripts see: output, exit codes, files. Snapshots are in `snapshots/cli`.

mod common;

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use common::{Sandbox, snapshot};

#[test]
fn help_of_every_command() {
    let sandbox = Sandbox::new();
    let commands = [
        "",
        "lint",
        "fix",
        "plan",
        "apply",
        "rollback",
        "status",
        "stats",
        "explain",
        "rules",
        "facts",
        "sql",
        "init",
        "completions",
        "man",
    ];
    let mut all = String::new();
    for command in commands {
        let mut arguments: Vec<&str> = command.split_whitespace().collect();
        arguments.push("--help");
        let ran = sandbox.run(&arguments);
        assert_eq!(ran.code, 0, "{command}: {}", ran.stderr);
        all.push_str(&format!("$ lockgate {}\n{}\n", arguments.join(" "), ran.stdout));
    }
    snapshot("help", &all);
}

#[test]
fn lint_reports_and_exits_by_what_it_finds() {
    let sandbox = Sandbox::new();
    sandbox.write("db/001_init.sql", "CREATE TABLE orders (id bigint PRIMARY KEY, email text);\n");
    sandbox.write("db/002_index.sql", "CREATE INDEX orders_email_idx ON orders (email);\n");
    let ran = sandbox.run(&["lint", "db", "--engine", "postgres@16"]);
    assert_eq!(ran.code, 1);
    snapshot("lint-human", &ran.shown());
    let ran = sandbox.run(&["lint", "db/001_init.sql", "--engine", "postgres@16"]);
    assert_eq!(ran.code, 0, "only what is named is reported: {}", ran.stdout);
    let ran = sandbox.run(&["lint", "db/002_index.sql", "--engine", "postgres@16", "--format", "concise"]);
    assert_eq!((ran.code, ran.stdout.lines().count()), (1, 1), "the directory is context: {}", ran.stdout);
    let ran = sandbox.run(&["lint", "db", "--engine", "postgres@16", "--fail-on", "never"]);
    assert_eq!(ran.code, 0);
    let ran = sandbox.run(&["lint", "db", "--engine", "postgres@16", "--ignore", "blocking-index-build"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    let ran = sandbox.run(&["lint", "db", "--engine", "postgres@16", "--select", "data-loss"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
}

#[test]
fn mistakes_of_usage_are_two_and_say_what_to_do() {
    let sandbox = Sandbox::new();
    sandbox.write("db/001_init.sql", "CREATE TABLE t (id int PRIMARY KEY);\n");
    sandbox.write("bad.toml", "enigne = \"postgres@16\"\n[rules]\ndroping-table = \"note\"\n");
    let mut all = String::new();
    for arguments in [
        &["lint", "nowhere"][..],
        &["lint", "db", "--engine", "oracle"],
        &["lint", "db", "--engine", "postgres@x"],
        &["lint", "db", "--engine", "sqlite", "--select", "droping-table"],
        &["lint", "db", "--config", "bad.toml"],
        &["lint", "db", "--system", "gose"],
        &["explain", "droping-table"],
        &["apply", "db"],
        &["apply", "db", "--database", "oracle://x/y"],
        &["rollback", "db", "--database", "sqlite:none.db"],
        &["stats", "--database", "postgres://u:secret@127.0.0.1:1/db"],
    ] {
        let ran = sandbox.run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}\n{}", ran.shown());
        assert!(!ran.stderr.contains("secret"), "a password is never shown: {}", ran.stderr);
        all.push_str(&format!("$ lockgate {}\n{}\n", arguments.join(" "), ran.stderr));
    }
    snapshot("usage-errors", &all);
}

#[test]
fn json_keeps_its_interface() {
    let sandbox = Sandbox::new();
    sandbox.write("db/001_init.sql", "CREATE TABLE orders (id bigint PRIMARY KEY, é text);\n");
    sandbox.write("db/002_index.sql", "/* é */ CREATE INDEX i ON orders (é);\n");
    let ran = sandbox.run(&["lint", "db", "--engine", "postgres@16", "--transaction", "none", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["version"], 1);
    let finding = &json["findings"][0];
    for key in ["rule", "severity", "confidence", "message", "help", "path", "engine"] {
        assert!(finding[key].is_string(), "{key} in {finding}");
    }
    assert_eq!(finding["rule"], "blocking-index-build");
    assert_eq!(finding["path"], "db/002_index.sql");
    assert_eq!((&finding["line"], &finding["statement_line"]), (&1.into(), &1.into()));
    assert_eq!(finding["column"], 9, "columns count characters, not bytes");
    assert!(finding["end_column"].as_u64() > finding["column"].as_u64());
    assert!(finding["fix"]["edits"].is_array(), "{finding}");
    assert!(finding["related"].is_array() && json["summary"]["errors"] == 1);
}

#[test]
fn facts_keep_their_interface() {
    let sandbox = Sandbox::new();
    sandbox.write("db/001_init.sql", "CREATE TABLE orders (id bigint PRIMARY KEY, email text);\n");
    sandbox.write("db/002_type.sql", "ALTER TABLE orders ALTER COLUMN email TYPE varchar(10);\n");
    let ran = sandbox.run(&["facts", "db/002_type.sql", "--engine", "postgres@16", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let statement = &json["statements"][0];
    assert_eq!((&statement["path"], &statement["line"]), (&"db/002_type.sql".into(), &1.into()));
    assert_eq!(statement["sql_kind"], "ALTER TABLE");
    assert_eq!(statement["changes"][0]["kind"], "set-type");
    assert_eq!(statement["changes"][0]["table"], "orders");
    assert!(statement["changes"][0]["facts"].is_object());
    let effects = &statement["effects"];
    let lock = serde_json::json!({ "relation": "orders", "mode": "AccessExclusiveLock" });
    assert!(effects["locks"].as_array().unwrap().contains(&lock), "{effects}");
    assert_eq!(effects["rewrites"], serde_json::json!(["orders"]));
    assert_eq!(effects["in_transaction"], "allowed");
    assert!(effects["scans"].is_array() && effects["builds"].is_array());
    assert!(effects["algorithm"].is_null() && effects["dml"].is_null() && effects["fails"].is_null());
    let ran = sandbox.run(&["facts", "db/002_type.sql", "--engine", "sqlite", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["statements"][0]["effects"]["fails"]["code"], "SQLITE_ERROR");
}

#[test]
fn standard_input_stands_for_a_file() {
    let sandbox = Sandbox::new();
    sandbox.write("db/001_init.sql", "CREATE TABLE orders (id bigint PRIMARY KEY, email text);\n");
    sandbox.write("db/002_next.sql", "SELECT 1;\n");
    let ran = sandbox.run_with(
        &["lint", "-", "--stdin-filename", "db/002_next.sql", "--engine", "postgres@16", "--format", "concise"],
        "DROP TABLE orders;\n",
    );
    assert_eq!(ran.code, 1, "{}", ran.shown());
    assert!(ran.stdout.starts_with("db/002_next.sql:1:"), "{}", ran.stdout);
    let ran = sandbox.run_with(&["lint", "-", "--engine", "postgres@16"], "DROP TABLE orders;\n");
    assert!(ran.stdout.contains("<stdin>:1:"), "{}", ran.shown());
}

/// What is advised can be run as it stands: nothing that the definition says gets lost.
#[test]
fn help_says_all_that_the_statement_says() {
    let sandbox = Sandbox::new();
    let help = |engine: &str, schema: &str, statement: &str| {
        sandbox.write("db/001_init.sql", schema);
        sandbox.write("db/002_change.sql", statement);
        sandbox.run(&["lint", "db/002_change.sql", "--engine", engine]).stdout
    };
    let people = "CREATE TABLE people (id bigint PRIMARY KEY, boss bigint NOT NULL, email text);\n";
    for (statement, said) in [
        (
            "ALTER TABLE people ADD lead char(1) DEFAULT 'N' CHECK (lead IN ('Y', 'N')) NOT NULL;",
            "ADD COLUMN lead char(1) DEFAULT 'N' NOT NULL;",
        ),
        ("CREATE UNIQUE INDEX i ON people (boss, email);", "FROM people WHERE email IS NOT NULL GROUP BY boss, email"),
        ("CREATE UNIQUE INDEX i ON people (email) WHERE email IS NOT NULL;", "WHERE email IS NOT NULL GROUP BY email"),
        ("ALTER TABLE people ADD FOREIGN KEY (boss) REFERENCES people (id);", "every row of `people` while writes to it wait\n"),
    ] {
        let shown = help("postgres@16", people, statement);
        assert!(shown.contains(said), "{said} in\n{shown}");
    }
    let replaced = help(
        "postgres@16",
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (a bigint CONSTRAINT b_a REFERENCES a);\n",
        "ALTER TABLE b DROP CONSTRAINT b_a, ADD CONSTRAINT b_a FOREIGN KEY (a) REFERENCES a ON DELETE CASCADE;",
    );
    assert!(replaced.contains("while nobody can read or write it or `a`"), "dropping a key locks both tables\n{replaced}");
    let whole = help(
        "mysql@8.0",
        "CREATE TABLE shop.orders (id int PRIMARY KEY, total int, code varchar(20));\n",
        "ALTER TABLE shop.orders MODIFY total int NOT NULL, MODIFY code text;",
    );
    let command = "gh-ost --database=shop --table=orders --alter='MODIFY total int NOT NULL, MODIFY code text' --execute";
    assert!(whole.contains(command) && whole.contains("D=shop,t=orders"), "{whole}");
    assert!(!whole.contains("writes go on"), "one action copies for all of them\n{whole}");
}

/// Generators part one change into many migrations of one name.
#[test]
fn migrations_of_one_name_are_undone_together() {
    let sandbox = Sandbox::new();
    let part = |number: u8, up: &str, down: &str| {
        sandbox.write(&format!("db/{number}_split.up.sql"), up);
        sandbox.write(&format!("db/{number}_split.down.sql"), down);
    };
    sandbox.write("db/1_init.up.sql", "CREATE TABLE a (id int PRIMARY KEY);\n");
    sandbox.write("db/1_init.down.sql", "DROP TABLE a;\n");
    part(2, "ALTER TABLE a ADD COLUMN b int;", "ALTER TABLE a DROP COLUMN c;");
    part(3, "ALTER TABLE a ADD COLUMN c int;", "ALTER TABLE a DROP COLUMN b;");
    part(4, "ALTER TABLE a ADD COLUMN d int;", "-- nothing\n");
    let shown = sandbox.run(&["lint", "db", "--engine", "postgres@16", "--format", "concise"]).stdout;
    let warned = shown.lines().filter(|line| line.contains("warning") && line.contains("-down")).count();
    assert_eq!(warned, 1, "{shown}");
    assert!(shown.contains("the migrations of this name do not give back the schema: column a.d is left behind"), "{shown}");
    part(4, "ALTER TABLE a ADD COLUMN d int;", "ALTER TABLE a DROP COLUMN d;");
    let shown = sandbox.run(&["lint", "db", "--engine", "postgres@16", "--format", "concise"]).stdout;
    assert!(!shown.lines().any(|line| line.contains("warning") && line.contains("-down")), "{shown}");
}

#[test]
fn one_broken_file_hides_nothing_else() {
    let sandbox = Sandbox::new();
    sandbox.write("db/001_init.sql", "CREATE TABLE orders (id bigint PRIMARY KEY, email text);\n");
    sandbox.write("db/002_broken.sql", "CREATE TABLE (;\nALTER TABLE orders DROP COLUMN email;\nSELECT 'never closed;\n");
    fs::write(sandbox.path("db/003_bytes.sql"), b"ALTER TABLE orders ADD COLUMN note text; -- \xff\xfe\nDROP TABLE orders;\n").unwrap();
    sandbox.write("db/004_good.sql", "CREATE INDEX i ON orders (id);\n");
    let ran = sandbox.run(&["lint", "db", "--engine", "postgres@16", "--format", "concise"]);
    snapshot("broken-files", &ran.shown());
    assert_eq!(ran.code, 2, "a file that cannot be read as text is a failure of its own");
    for expected in ["002_broken.sql:1:", "002_broken.sql:2:", "002_broken.sql:3:", "003_bytes.sql:1:", "003_bytes.sql:2:"] {
        assert!(ran.stdout.contains(expected), "{expected} in\n{}", ran.stdout);
    }
}

#[test]
fn any_depth_and_any_size_end_well() {
    let sandbox = Sandbox::new();
    let deep = format!("SELECT {}1{};\nDROP TABLE t;\n", "(".repeat(20_000), ")".repeat(20_000));
    sandbox.write(
        "deep/001.sql",
        &format!("CREATE TABLE t (id int PRIMARY KEY, a int CHECK ({}a > 0{}));\n", "(".repeat(20_000), ")".repeat(20_000)),
    );
    sandbox.write("deep/002.sql", &deep);
    sandbox.write("deep/003.sql", &format!("CREATE VIEW v AS SELECT {} AS x;\n", vec!["1"; 50_000].join(" + ")));
    sandbox.write("deep/004.sql", &format!("CREATE VIEW w AS {};\n", vec!["SELECT 1"; 20_000].join(" UNION ALL ")));
    for engine in ["postgres@16", "mysql@8.0", "mariadb@11.8", "sqlite"] {
        let ran = sandbox.run(&["lint", "deep", "--engine", engine, "--format", "concise"]);
        assert!(ran.code <= 2, "{engine}: {}", ran.shown());
        assert!(ran.stdout.contains("dropping-table"), "{engine}: what follows the deep statement is still seen\n{}", ran.stdout);
    }
    sandbox.write("words.sql", &format!("-- lockgate:ignore {}\nSELECT 1;\n", "word ".repeat(40_000)));
    let ran = sandbox.run(&["lint", "words.sql", "--engine", "postgres@16", "--format", "concise"]);
    assert!(ran.code == 1 && ran.stdout.lines().count() < 50, "{}", ran.stdout.lines().count());
    let mut big = fs::File::create(sandbox.path("big.sql")).unwrap();
    big.write_all(b"CREATE TABLE t (id int PRIMARY KEY, a text);\n").unwrap();
    let row =
        format!("INSERT INTO t (id, a) VALUES {};\n", vec!["(1, 'some text that fills a row'), (2, 'and more of it')"; 2_000].join(", "));
    for _ in 0..(50_000_000 / row.len() + 1) {
        big.write_all(row.as_bytes()).unwrap();
    }
    big.write_all(b"DROP TABLE t;\n").unwrap();
    drop(big);
    let ran = sandbox.run(&["lint", "big.sql", "--engine", "postgres@16", "--format", "json"]);
    assert_eq!(ran.code, 0, "a table made in the same file may go: {}", ran.stderr);
}

#[test]
fn a_closed_pipe_is_success() {
    let sandbox = Sandbox::new();
    for number in 1..200 {
        sandbox.write(&format!("db/{number:03}_drop.sql"), "DROP TABLE orders;\nDROP TABLE customers;\n");
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_lockgate"))
        .args(["lint", "db", "--engine", "postgres@16"])
        .current_dir(sandbox.root())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
}

#[test]
fn fixes_edit_the_source_and_leave_the_rest() {
    let sandbox = Sandbox::new();
    sandbox.write("lockgate.toml", "engine = \"postgres@16\"\nmigrations = \"db\"\ntransaction = \"none\"\n");
    sandbox.write("db/001_init.sql", "CREATE TABLE orders (id bigint PRIMARY KEY, email text);\n");
    sandbox.write("db/002_index.sql", "-- keep me\nCREATE  INDEX i ON orders (email);\n");
    let ran = sandbox.run(&["lint", "--diff"]);
    snapshot("fix-diff", &ran.shown());
    assert_eq!(sandbox.read("db/002_index.sql"), "-- keep me\nCREATE  INDEX i ON orders (email);\n", "--diff changes nothing");
    let ran = sandbox.run(&["lint", "--fix"]);
    assert_eq!(sandbox.read("db/002_index.sql"), "-- keep me\nCREATE  INDEX CONCURRENTLY i ON orders (email);\n");
    assert_eq!(ran.code, 0, "{}", ran.shown());
}

#[test]
fn suppressions_need_a_rule_and_a_reason() {
    let sandbox = Sandbox::new();
    sandbox.write("db/001_init.sql", "CREATE TABLE orders (id bigint PRIMARY KEY, email text);\n");
    sandbox.write(
        "db/002_drop.sql",
        "-- lockgate:ignore dropping-column: unused since 4.1\nALTER TABLE orders DROP COLUMN email;\n\
         -- lockgate:ignore dropping-table\nDROP TABLE orders;\n\
         -- lockgate:ignore droping-table: typo\nSELECT 1;\n\
         -- lockgate:ignore blocking-index-build: nothing here\nSELECT 2;\n",
    );
    let ran = sandbox.run(&["lint", "db", "--engine", "postgres@16", "--format", "concise", "--include-suppressed"]);
    snapshot("suppressions", &ran.shown());
    assert!(!ran.stdout.contains("[dropping-column]") && !ran.stdout.contains("[dropping-table]"), "{}", ran.stdout);
    for rule in ["unexplained-suppression", "unknown-suppression", "unused-suppression"] {
        assert!(ran.stdout.contains(rule), "{rule} in {}", ran.stdout);
    }
}

#[test]
fn since_reports_only_what_changed() {
    let sandbox = Sandbox::new();
    let git = |arguments: &[&str]| {
        let status = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"])
            .args(arguments)
            .current_dir(sandbox.root())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "git {arguments:?}");
    };
    sandbox.write("db/001_init.sql", "CREATE TABLE orders (id bigint PRIMARY KEY, email text);\n");
    sandbox.write("db/002_old.sql", "ALTER TABLE orders DROP COLUMN email;\n");
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "one"]);
    sandbox.write("db/003_new.sql", "DROP TABLE orders;\n");
    let ran = sandbox.run(&["lint", "db", "--engine", "postgres@16", "--since", "HEAD", "--format", "concise"]);
    assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.shown());
    assert!(ran.stdout.contains("003_new.sql") && ran.stdout.contains("dropping-table"), "{}", ran.stdout);
}

#[test]
fn statistics_tell_small_from_large() {
    let sandbox = Sandbox::new();
    sandbox.write("db/001_init.sql", "CREATE TABLE orders (id bigint PRIMARY KEY, email text);\n");
    sandbox.write("db/002_index.sql", "CREATE INDEX i ON orders (email);\n");
    let stats = r#"{"version":1,"engine":"postgres@16","measured_at":"2026-01-01T00:00:00Z","tables":[{"table":"orders","rows":ROWS,"bytes":8192}]}"#;
    for (rows, severity, code) in [("500", "note", 0), ("5000000", "error", 1)] {
        sandbox.write("stats.json", &stats.replace("ROWS", rows));
        let ran = sandbox.run(&["lint", "db", "--engine", "postgres@16", "--stats", "stats.json", "--format", "concise"]);
        assert_eq!(ran.code, code, "{rows}: {}", ran.shown());
        assert!(ran.stdout.contains(&format!("{severity}[blocking-index-build]")), "{rows}: {}", ran.stdout);
    }
}

#[test]
fn init_makes_the_first_day_quiet() {
    let sandbox = Sandbox::new();
    sandbox.write("migrations/001_init.up.sql", "CREATE TABLE orders (id bigserial PRIMARY KEY, email text);\n");
    sandbox.write("migrations/001_init.down.sql", "DROP TABLE orders;\n");
    sandbox.write("migrations/002_drop.up.sql", "ALTER TABLE orders DROP COLUMN email;\n");
    sandbox.write("migrations/002_drop.down.sql", "ALTER TABLE orders ADD COLUMN email text;\n");
    sandbox.write("docker-compose.yml", "services:\n  db:\n    image: postgres:15.4-alpine\n");
    let ran = sandbox.run(&["init"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    snapshot("init", &format!("{}\n{}", ran.shown(), sandbox.read("lockgate.toml")));
    let ran = sandbox.run(&["lint"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    sandbox.write("migrations/003_drop.up.sql", "DROP TABLE orders;\n");
    sandbox.write("migrations/003_drop.down.sql", "CREATE TABLE orders (id bigserial PRIMARY KEY);\n");
    let ran = sandbox.run(&["lint", "--format", "concise"]);
    assert!(ran.code == 1 && ran.stdout.contains("dropping-table"), "{}", ran.shown());
}

#[test]
fn own_rules_are_equal_to_built_in_ones() {
    let sandbox = Sandbox::new();
    sandbox.write("lockgate.toml", "engine = \"postgres@16\"\nmigrations = \"db\"\nrule-paths = [\"ours\"]\n");
    sandbox.write("db/001_init.sql", "CREATE TABLE tmp_orders (id bigint PRIMARY KEY);\n");
    assert_eq!(sandbox.run(&["rules", "new", "conventions/leftover-table", "--dir", "ours"]).code, 0);
    let ran = sandbox.run(&["rules", "test", "ours"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let ran = sandbox.run(&["lint", "--format", "concise"]);
    assert!(ran.code == 1 && ran.stdout.contains("[leftover-table]"), "{}", ran.shown());
    let rule = sandbox.read("ours/conventions/leftover-table.md");
    sandbox.write("ours/conventions/leftover-table.md", &rule.replace("table.temporary", "table.temporray"));
    let ran = sandbox.run(&["lint"]);
    assert_eq!(ran.code, 2);
    snapshot("own-rule-misspelt", &ran.shown());
}

#[test]
fn explain_shows_what_a_rule_looks_like() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["explain", "blocking-index-build"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for expected in ["WHY", "INSTEAD", "LOOKS LIKE", "error[blocking-index-build]", "CREATE INDEX CONCURRENTLY"] {
        assert!(ran.stdout.contains(expected), "{expected} in\n{}", ran.stdout);
    }
    let list = sandbox.run(&["rules", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&list.stdout).unwrap();
    for rule in list["rules"].as_array().unwrap() {
        let ran = sandbox.run(&["explain", rule["id"].as_str().unwrap()]);
        assert!(ran.code == 0 && ran.stdout.lines().count() > 5, "{rule}: {}", ran.shown());
    }
}

#[test]
fn apply_refuses_runs_and_rolls_back_on_sqlite() {
    let sandbox = Sandbox::new();
    sandbox.write("db/001_init.up.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY, email TEXT);\n");
    sandbox.write("db/001_init.down.sql", "DROP TABLE orders;\n");
    sandbox.write("db/002_drop.up.sql", "ALTER TABLE orders DROP COLUMN email;\n");
    sandbox.write("db/002_drop.down.sql", "ALTER TABLE orders ADD COLUMN email TEXT;\n");
    let database = ["--database", "sqlite:app.db"];
    let with = |arguments: &[&'static str]| -> Vec<&'static str> { arguments.iter().copied().chain(database).collect() };
    let ran = sandbox.run(&with(&["apply", "db"]));
    assert_eq!(ran.code, 1, "{}", ran.shown());
    assert!(ran.stdout.contains("nothing was executed"), "{}", ran.stdout);
    assert!(!sandbox.root().join("app.db").exists(), "a refused run leaves nothing behind");
    let ran = sandbox.run(&with(&["plan", "db", "--to", "001"]));
    assert!(ran.code == 0 && ran.stdout.contains("may run") && !sandbox.root().join("app.db").exists(), "{}", ran.shown());
    let ran = sandbox.run(&with(&["apply", "db", "--to", "001"]));
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let ran = sandbox.run(&with(&["apply", "db", "--allow", "dropping-column"]));
    assert_eq!(ran.code, 2, "an acceptance needs a reason: {}", ran.shown());
    let ran = sandbox.run(&with(&["apply", "db", "--allow", "dropping-column=unused since 4.1", "--dry-run"]));
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let ran = sandbox.run(&with(&["apply", "db", "--allow", "dropping-column=unused since 4.1"]));
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let ran = sandbox.run(&with(&["status", "db", "--format", "json"]));
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["migrations"][1]["state"], "applied");
    assert_eq!(json["migrations"][1]["accepted"][0]["reason"], "unused since 4.1");
    let ran = sandbox.run(&with(&["apply", "db"]));
    assert_eq!((ran.code, ran.stdout.trim()), (0, "nothing is pending"));
    let ran = sandbox.run(&with(&["rollback", "db"]));
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let ran = sandbox.run(&with(&["status", "db"]));
    assert!(ran.stdout.contains("rolled back"), "{}", ran.stdout);
    sandbox.write("db/003_bad.up.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY);\nINSERT INTO nowhere VALUES (1);\n");
    sandbox.write("db/003_bad.down.sql", "DROP TABLE a;\n");
    let ran = sandbox.run(&with(&["apply", "db", "--allow", "dropping-column=again", "--allow", "failing-statement=to see it fail"]));
    assert_eq!(ran.code, 3, "{}", ran.shown());
    assert!(ran.stderr.contains("003_bad.up.sql:2") && ran.stderr.contains("Nothing of 3 "), "{}", ran.stderr);
}

#[test]
fn what_a_program_would_fill_in_is_left_to_the_program() {
    for text in ["{{if .sqlite}}CREATE TABLE a (id integer);{{end}}\n", "{{ addColumnIfNeeded \"a\" \"b\" \"text\" }}\n"] {
        let sandbox = Sandbox::new();
        sandbox.write("db/001_a.sql", text);
        let allowed = ["apply", "db", "--database", "sqlite:a.db", "--allow", "dynamic-sql=seen"];
        let ran = sandbox.run(&allowed);
        assert_eq!(ran.code, 1, "{text}{}{}", ran.stdout, ran.stderr);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains("its own tool fills in"), "{said}");
    }
}
