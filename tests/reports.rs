//! Every output format on one set of findings, and SARIF against the OASIS schema.

mod common;

use common::{Sandbox, snapshot_in};

/// Findings with a fix, a related place, a reason, non-ASCII text and a file that cannot be read.
fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("db/001 première.sql", "CREATE TABLE orders (id bigint PRIMARY KEY, \"é\" text, total int);\n");
    sandbox.write(
        "db/002_more.sql",
        "CREATE INDEX i ON orders (\"é\");\nALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;\n\
         ALTER TABLE orders VALIDATE CONSTRAINT positive;\n\
         -- lockgate:ignore dropping-column: gone since release 41, <b>&\"quoted\"\nALTER TABLE orders DROP COLUMN total;\n",
    );
    std::fs::write(sandbox.path("db/003_bytes.sql"), b"SELECT '\xff';\n").unwrap();
    sandbox
}

fn report(format: &str, more: &[&str]) -> String {
    let arguments: Vec<&str> =
        ["lint", "db", "--engine", "postgres@16", "--format", format].into_iter().chain(more.iter().copied()).collect();
    project().run(&arguments).stdout
}

#[test]
fn every_format() {
    for format in ["human", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson"] {
        // The version of the program is not what is tested.
        let text = report(format, &[]).replace(env!("CARGO_PKG_VERSION"), "VERSION");
        if format == "sarif" {
            // The rules' prose is long and changes with the rules.
            let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
            json["runs"][0]["tool"]["driver"]["rules"] = "...".into();
            for result in json["runs"][0]["results"].as_array_mut().unwrap() {
                result["ruleIndex"] = "...".into();
            }
            snapshot_in("report", format, &serde_json::to_string_pretty(&json).unwrap());
        } else {
            snapshot_in("report", format, &text);
        }
    }
}

#[test]
fn sarif_is_valid() {
    // The published schema has a bracket too many in one pattern, which is no regular expression.
    let schema = include_str!("data/sarif-2.1.0.schema.json").replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}?$");
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for more in [&[][..], &["--include-suppressed"], &["--select", "dropping-table"]] {
        let log: serde_json::Value = serde_json::from_str(&report("sarif", more)).unwrap();
        let errors: Vec<String> = validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let run = &log["runs"][0];
        for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
            for field in ["shortDescription", "fullDescription", "help"] {
                assert!(rule[field]["text"].as_str().is_some_and(|text| !text.is_empty()), "{field} of {}", rule["id"]);
            }
            assert!(rule["shortDescription"]["text"].as_str().unwrap().chars().count() <= 1024);
        }
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        }
        assert_eq!(run["columnKind"], "unicodeCodePoints");
    }
}

#[test]
fn accepted_findings_stay_out_of_sarif_unless_asked_for() {
    let results = |more: &[&str]| {
        let log: serde_json::Value = serde_json::from_str(&report("sarif", more)).unwrap();
        log["runs"][0]["results"].as_array().unwrap().iter().filter(|result| result["ruleId"] == "dropping-column").count()
    };
    assert_eq!(results(&[]), 0);
    assert_eq!(results(&["--include-suppressed"]), 1);
}

#[test]
fn gitlab_fingerprints_are_unique_and_survive_a_new_line() {
    let sandbox = Sandbox::new();
    let prints = |text: &str| {
        sandbox.write("db/001.sql", text);
        let ran = sandbox.run(&["lint", "db", "--engine", "postgres@16", "--format", "gitlab"]);
        let entries: Vec<serde_json::Value> = serde_json::from_str(&ran.stdout).unwrap();
        entries.iter().map(|entry| entry["fingerprint"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = prints("DROP TABLE a;\nDROP TABLE b;\nDROP TABLE a;\n");
    let mut unique = first.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), first.len(), "{first:?}");
    assert_eq!(prints("\n\n-- a comment\nDROP TABLE a;\nDROP   TABLE b;\nDROP TABLE a;\n"), first);
}

#[test]
fn an_output_file_gets_the_report_without_colour() {
    let sandbox = project();
    let ran = sandbox.run(&["lint", "db", "--engine", "postgres@16", "--color", "always", "--output-file", "report.txt"]);
    assert!(ran.stdout.is_empty(), "{}", ran.stdout);
    let text = sandbox.read("report.txt");
    assert!(text.contains("blocking-index-build") && !text.contains('\u{1b}'), "{text}");
    assert!(sandbox.run(&["lint", "db", "--engine", "postgres@16", "--color", "always"]).stdout.contains('\u{1b}'));
}

/// What comes again in every migration is read once, at the end.
#[test]
fn what_repeats_is_summed_up() {
    let sandbox = Sandbox::new();
    sandbox.write("db/001_schema.sql", "CREATE TABLE orders (id bigint PRIMARY KEY, a int); CREATE TABLE users (id bigint PRIMARY KEY);");
    for number in 10..24 {
        let sql = if number % 2 == 0 { "REINDEX TABLE orders;" } else { "VACUUM FULL users;" };
        sandbox.write(&format!("db/0{number}_more.sql"), sql);
    }
    let human = sandbox.run(&["lint", "db", "--engine", "postgres"]).stdout;
    assert!(
        human.contains("by rule\n     7  blocking-reindex            orders (7)\n     7  not-allowed-in-transaction  users (7)\n"),
        "{human}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&sandbox.run(&["lint", "db", "--engine", "postgres", "--format", "json"]).stdout).unwrap();
    assert_eq!(json["summary"]["rules"][0]["findings"], 7);
    assert_eq!(json["summary"]["rules"][0]["objects"][0]["name"], "orders");
}
