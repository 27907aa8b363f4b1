//! Directives: what they cover, and what is said about those that cover nothing.

use std::path::{Path, PathBuf};

use lockgate::engine::{Engine, Target};
use lockgate::finding::{Confidence, Finding, Label, Severity, apply_fixes, fingerprint};
use lockgate::source::{Script, SourceFile, Sources, Span};
use lockgate::sql;
use lockgate::suppress::{Ignore, IgnoreList, RuleNames, Suppressions, UNEXPLAINED, UNKNOWN, UNUSED};

struct Rules;

impl RuleNames for Rules {
    fn canonical(&self, id: &str) -> Option<&str> {
        match id {
            "old-name" => Some("dropping-table"),
            _ => self.all().into_iter().find(|known| *known == id),
        }
    }

    fn all(&self) -> Vec<&str> {
        vec!["dropping-table", "dropping-column", "switched-off"]
    }

    fn ran(&self, id: &str, _path: &Path) -> bool {
        id != "switched-off"
    }

    fn severity(&self, _id: &str, _path: &Path) -> Option<Severity> {
        Some(Severity::Warning)
    }
}

/// Reports every `DROP TABLE` and every `DROP COLUMN` of a text, at the DROP, then applies the
/// directives. Gives the lines (and rules) still open, the leftovers, and the text after fixing those.
fn run(text: &str, engine: Engine) -> (Vec<u32>, Vec<(String, String)>, String) {
    let target = Target::of(engine);
    let mut sources = Sources::default();
    let source = sources.add(SourceFile::new("m/1.sql", text));
    let script = Script::whole(source, text.into());
    let split = sql::split(text, target);
    let statements: Vec<Span> = split.pieces.iter().map(|piece| piece.span).collect();
    let mut findings: Vec<Finding> = [("DROP TABLE", "dropping-table"), ("DROP COLUMN", "dropping-column")]
        .into_iter()
        .flat_map(|(what, rule)| text.match_indices(what).map(move |(at, _)| (at, rule)))
        .filter(|(at, _)| statements.iter().any(|span| span.range().contains(at)))
        .map(|(at, rule)| finding(&sources, source, rule, at))
        .collect();
    let mut suppressions = Suppressions::default();
    suppressions.read(&sources, &script, &split.comments, &statements);
    suppressions.apply(&mut findings, &Rules);
    let left = suppressions.leftovers(&Rules, target);
    let (fixed, _) = apply_fixes(text, &left, false);
    let mut open: Vec<u32> =
        findings.iter().filter(|finding| finding.suppression.is_none()).map(|finding| finding.primary.start.line).collect();
    open.sort_unstable();
    let said = left.iter().map(|finding| (finding.rule.clone(), finding.primary.span.slice(text).to_owned())).collect();
    (open, said, fixed)
}

fn finding(sources: &Sources, source: lockgate::source::SourceId, rule: &str, at: usize) -> Finding {
    let at = u32::try_from(at).unwrap();
    let file = sources.get(source).unwrap();
    let primary = Label {
        path: file.path.clone(),
        span: Span::new(at, at + 4),
        start: file.position(at),
        end: file.position(at + 4),
        message: String::new(),
    };
    Finding {
        object: String::new(),
        rule: rule.to_owned(),
        severity: Severity::Error,
        confidence: Confidence::Certain,
        message: String::new(),
        statement_line: primary.start.line,
        primary,
        related: Vec::new(),
        help: None,
        notes: Vec::new(),
        fix: None,
        fingerprint: fingerprint(rule, "", "", 0),
        engine: Target::of(Engine::Postgres).into(),
        suppression: None,
    }
}

fn said(rule: &str, text: &str) -> (String, String) {
    (rule.to_owned(), text.to_owned())
}

#[test]
fn a_directive_covers_the_next_statement_or_the_one_on_its_line() {
    for (text, open) in [
        ("-- lockgate:ignore dropping-table: x\nDROP TABLE a;\nDROP TABLE b;", vec![3]),
        ("DROP TABLE a; -- lockgate:ignore dropping-table: x\nDROP TABLE b;", vec![2]),
        ("DROP TABLE a;\n/* lockgate:ignore dropping-table: x */ DROP TABLE b;", vec![1]),
        ("ALTER TABLE a\n  -- lockgate:ignore dropping-column: x\n  DROP COLUMN b;\nALTER TABLE a DROP COLUMN c;", vec![4]),
        ("-- lockgate:ignore old-name: x\n\n-- words\nDROP TABLE a;", vec![]),
        ("-- lockgate:ignore-file dropping-table: x\nDROP TABLE a;\nDROP TABLE b;\nALTER TABLE a DROP COLUMN c;", vec![4]),
        ("-- lockgate:ignore dropping-table, dropping-column: x\nALTER TABLE a DROP COLUMN c;\nDROP TABLE b;", vec![3]),
    ] {
        assert_eq!(run(text, Engine::Postgres).0, open, "{text}");
    }
    assert_eq!(run("# lockgate:ignore dropping-table: x\nDROP TABLE a;", Engine::Mysql).0, Vec::<u32>::new());
}

#[test]
fn what_only_looks_like_a_directive_is_none() {
    let text = "INSERT INTO t VALUES ('\n-- lockgate:ignore dropping-table: x\n'); SELECT $$ -- lockgate:ignore dropping-table: x $$;\nDROP TABLE a;";
    assert_eq!(run(text, Engine::Postgres), (vec![4], vec![], text.to_owned()));
}

#[test]
fn an_unused_one_is_told_and_deleted() {
    let text = "CREATE TABLE a ();\n  -- lockgate:ignore dropping-table: x\nCREATE TABLE b ();\n";
    let (_, left, fixed) = run(text, Engine::Postgres);
    assert_eq!(left, [said(UNUSED, "dropping-table")]);
    assert_eq!(fixed, "CREATE TABLE a ();\nCREATE TABLE b ();\n");
    let text = "-- lockgate:ignore dropping-column, dropping-table: x\nDROP TABLE b;\n";
    assert_eq!(run(text, Engine::Postgres).2, "-- lockgate:ignore dropping-table: x\nDROP TABLE b;\n");
    let text = "-- lockgate:ignore dropping-table, dropping-column: x\nDROP TABLE b;\n";
    assert_eq!(run(text, Engine::Postgres).2, "-- lockgate:ignore dropping-table: x\nDROP TABLE b;\n");
    let text = "-- lockgate:ignore dropping-table, dropping-column: x\nCREATE TABLE b ();\n";
    assert_eq!(run(text, Engine::Postgres).2, "CREATE TABLE b ();\n");
}

#[test]
fn misplaced_ones_are_told() {
    let (open, left, _) = run("DROP TABLE a;\n-- lockgate:ignore-file dropping-table: x\n", Engine::Postgres);
    assert_eq!((open, left), (vec![1], vec![said(UNUSED, "dropping-table")]));
    let (_, left, _) = run("DROP TABLE a;\n-- lockgate:ignore dropping-table: x\n", Engine::Postgres);
    assert_eq!(left, [said(UNUSED, "dropping-table")]);
}

#[test]
fn a_rule_that_did_not_run_says_nothing() {
    assert_eq!(run("-- lockgate:ignore switched-off: x\nDROP TABLE a;", Engine::Postgres).1, []);
}

#[test]
fn unknown_and_unexplained_ones_are_told() {
    let (open, left, _) = run("-- lockgate:ignore droping-table: x\nDROP TABLE a;", Engine::Postgres);
    assert_eq!((open, left), (vec![2], vec![said(UNKNOWN, "droping-table")]));
    let (open, left, _) = run("-- lockgate:ignore dropping-table\nDROP TABLE a;", Engine::Postgres);
    assert_eq!((open, left), (vec![], vec![said(UNEXPLAINED, "-- lockgate:ignore dropping-table")]));
    assert_eq!(run("-- lockgate:ignore\nDROP TABLE a;", Engine::Postgres).1, [said(UNKNOWN, "-- lockgate:ignore")]);
    assert_eq!(run("-- lockgate:ingore dropping-table: x\nDROP TABLE a;", Engine::Postgres).1, [said(UNKNOWN, "ingore")]);
}

#[test]
fn the_configuration_accepts_for_files_that_must_not_change() {
    let mut sources = Sources::default();
    let source = sources.add(SourceFile::new("m/1.sql", "DROP TABLE a;"));
    let mut findings = vec![finding(&sources, source, "dropping-table", 0)];
    let label = |start| Label { path: "lockgate.toml".into(), span: Span::new(start, start + 1), ..findings_label(&sources, source) };
    let paths = globset::GlobSetBuilder::new().add(globset::Glob::new("/r/m/1.sql").unwrap()).build().unwrap();
    let rules = ["dropping-table", "dropping-column", "dropping-tabel"]
        .into_iter()
        .zip(0u32..)
        .map(|(id, at)| (id.to_owned(), label(at)))
        .collect();
    let mut list = IgnoreList::new(vec![Ignore { pattern: "m/1.sql".into(), paths, label: label(9), rules, reason: None }]);
    let rooted = |path: &Path| Path::new("/r").join(path);
    list.apply(&mut findings, &Rules, &rooted);
    assert!(findings[0].suppression.is_some());
    let left = |linted: &[PathBuf]| {
        list.leftovers(&Rules, Target::of(Engine::Postgres), linted, &rooted).into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    assert_eq!(left(&["m/1.sql".into()]), [UNUSED, UNKNOWN, UNEXPLAINED]);
    assert_eq!(left(&["m/2.sql".into()]), [UNKNOWN, UNEXPLAINED], "a file that was not looked at says nothing");
}

fn findings_label(sources: &Sources, source: lockgate::source::SourceId) -> Label {
    finding(sources, source, "", 0).primary
}
