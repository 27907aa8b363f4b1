//! How lint compares with the bare parse of the same statements by sqlparser, and how memory grows
//! with the corpus: `cargo bench`.
//!
//! Figures are ratios taken in one run on one generated corpus, never absolute times.

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use lockgate::discover;
use lockgate::engine::Target;
use lockgate::facts::{Direction, Thresholds};
use lockgate::lint;
use lockgate::report::{self, Format, Report, Style, Summary};
use lockgate::rules::{RuleSet, Selection};
use lockgate::sql;
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

/// Migrations in the timed corpus.
const MIGRATIONS: usize = 600;

fn main() {
    let corpus = tempfile::tempdir().expect("a temporary directory");
    let directory = generate(corpus.path(), MIGRATIONS);
    let target: Target = "postgres@16".parse().expect("a target");
    let statements = statements(&directory, target);
    let bytes: usize = statements.iter().map(String::len).sum();
    println!("corpus: {MIGRATIONS} migrations, {} statements, {} kB", statements.len(), bytes / 1024);

    let mut criterion = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(5)).without_plots();
    let mut group = criterion.benchmark_group("lint");
    group.bench_function("sqlparser, bare parse", |bencher| bencher.iter(|| parse_all(&statements)));
    group.bench_function("lint, human report", |bencher| bencher.iter(|| lint_all(&directory, target)));
    group.finish();

    // The same two, in turns, so that a change of the machine's speed meets both.
    let mut ratios: Vec<f64> = (0..15)
        .map(|_| {
            let parse = timed(|| parse_all(&statements));
            let lint = timed(|| lint_all(&directory, target));
            lint.as_secs_f64() / parse.as_secs_f64()
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    println!("ratio lint / bare parse: median {:.2} (min {:.2}, max {:.2})", ratios[7], ratios[0], ratios[14]);

    memory(corpus.path());
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let started = Instant::now();
    black_box(work());
    started.elapsed()
}

fn parse_all(statements: &[String]) -> usize {
    let dialect = PostgreSqlDialect {};
    statements.iter().filter(|text| Parser::parse_sql(&dialect, text).is_ok()).count()
}

fn lint_all(directory: &Path, target: Target) -> usize {
    let discovery = discover::discover(&[directory.to_path_buf()], &discover::Options::default()).expect("a project");
    let rules = Arc::new(RuleSet::select(&Selection::default()).expect("the rules"));
    let pick = |_: &Path| Arc::clone(&rules);
    let options = lint::Options {
        target,
        transaction: None,
        thresholds: Thresholds::default(),
        statistics: &std::collections::BTreeMap::new(),
        rules: &pick,
        direction: Direction::Up,
        judge: true,
    };
    let outcome = lint::check(&discovery.projects[0], &options, &mut ());
    let report = Report {
        findings: &outcome.findings,
        suppressed: &[],
        problems: &[],
        rules: &[],
        summary: Summary::default(),
        include_suppressed: false,
    };
    let load = |path: &Path| fs::read_to_string(path).ok().map(Arc::from);
    let mut bytes = Vec::new();
    report::write(Format::Human, &report, &load, Style::default(), &mut bytes).expect("a report");
    bytes.len()
}

fn statements(directory: &Path, target: Target) -> Vec<String> {
    let mut files: Vec<PathBuf> = fs::read_dir(directory).expect("the corpus").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let mut statements = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).expect("a migration");
        statements.extend(sql::split(&text, target).pieces.iter().map(|piece| piece.span.slice(&text).to_owned()));
    }
    statements
}

/// Peak memory of the binary on a corpus and on one ten times as large.
fn memory(scratch: &Path) {
    let binary = env!("CARGO_BIN_EXE_lockgate");
    let peak = |migrations: usize| {
        let directory = generate(&scratch.join(format!("of-{migrations}")), migrations);
        let output = std::process::Command::new("/usr/bin/time")
            .args(["-f", "%M", binary, "lint", "--engine", "postgres@16", "--format", "concise", "--output-file", "/dev/null"])
            .arg(directory)
            .output()
            .ok()?;
        String::from_utf8_lossy(&output.stderr).lines().last()?.trim().parse::<u64>().ok()
    };
    match (peak(MIGRATIONS), peak(MIGRATIONS * 10)) {
        (Some(small), Some(large)) => println!("peak memory: {small} kB for {MIGRATIONS} migrations, {large} kB for {}", MIGRATIONS * 10),
        _ => println!("peak memory: not measured (/usr/bin/time is missing)"),
    }
}

/// A history like those of real applications: tables, columns, indexes, constraints, some rows.
fn generate(root: &Path, migrations: usize) -> PathBuf {
    let directory = root.join("migrations");
    fs::create_dir_all(&directory).expect("a directory");
    for number in 1..=migrations {
        let mut text = String::new();
        // The schema stays as large as it is; only the history grows.
        let table = number % 40;
        let old = (number + 7) % 40;
        let _ = match number % 6 {
            _ if number <= 40 => write!(
                text,
                "CREATE TABLE items_{table} (\n    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,\n    owner_id bigint NOT NULL,\n    \
                 title text NOT NULL,\n    state varchar(20) NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),\n    \
                 payload jsonb NOT NULL DEFAULT '{{}}'::jsonb,\n    created_at timestamptz NOT NULL DEFAULT now()\n);\n\
                 CREATE INDEX items_{table}_owner_idx ON items_{table} (owner_id);\n"
            ),
            0 => write!(
                text,
                "ALTER TABLE items_{old} ADD COLUMN note_{number} text, ADD COLUMN rank_{number} integer NOT NULL DEFAULT 0;\n\
                 COMMENT ON COLUMN items_{old}.note_{number} IS 'written by people';\n"
            ),
            1 => writeln!(
                text,
                "CREATE INDEX CONCURRENTLY items_{old}_i{number} ON items_{old} (state, created_at DESC) WHERE state = 'open';"
            ),
            2 => writeln!(
                text,
                "ALTER TABLE items_{old} ADD CONSTRAINT items_{old}_c{number} CHECK (length(title) < 500 AND owner_id > 0) NOT VALID;"
            ),
            3 => write!(
                text,
                "CREATE VIEW open_items_{number} AS\nSELECT i.id, i.title, o.title AS other\nFROM items_{old} i\nJOIN items_{table} o ON o.id = i.owner_id\n\
                 WHERE i.state = 'open' AND o.created_at > now() - interval '1 day'\nORDER BY i.created_at DESC;\n"
            ),
            4 => write!(
                text,
                "UPDATE items_{old} SET state = 'closed', payload = payload || '{{\"by\": \"migration\"}}'::jsonb WHERE id = {number};\n\
                 INSERT INTO items_{table} (owner_id, title) VALUES ({number}, 'first'), ({number}, 'second'), ({number}, 'third');\n"
            ),
            _ => write!(
                text,
                "CREATE FUNCTION touch_{number}() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  NEW.created_at := now();\n  RETURN NEW;\nEND;\n$$;\n\
                 CREATE TRIGGER touch_{number} BEFORE UPDATE ON items_{old} FOR EACH ROW EXECUTE FUNCTION touch_{number}();\n"
            ),
        };
        fs::write(directory.join(format!("{number:06}_change.sql")), text).expect("a migration");
    }
    directory
}
