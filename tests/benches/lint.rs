//! How lint compares with the bare parse of the same statements by sqlparser, and how memory grows
//! with the corpus: `cargo bench`. `cargo bench --bench lint -- --on DIR --engine mysql@8.0` compares
//! the two on the migrations of a directory instead.
//!
//! Figures are ratios taken in one run on one generated corpus, never absolute times. The ratio of
//! wall times flatters lint on several processors, because the bare parse uses one; so the bench also
//! runs itself with a single thread and compares the processor time of the whole process.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use lockgate::discover::{self, Project};
use lockgate::engine::{Engine, Target};
use lockgate::lint;
use lockgate::migration::TransactionMode;
use lockgate::report::{self, Format, Report, Style, Summary};
use lockgate::rules::{RuleSet, Selection};
use lockgate::sql;
use sqlparser::dialect::{Dialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;

/// Migrations in the timed corpus.
const MIGRATIONS: usize = 600;

/// After so many steps, a multiple of six, things are dropped again: only the history grows.
const LIFE: usize = 720;

/// Tells the second run that it is the one with a single thread.
const ALONE: &str = "--alone";

fn main() {
    let target: Target = argument("--engine").as_deref().unwrap_or("postgres@16").parse().expect("a target");
    if let Some(directory) = argument("--on") {
        return on(Path::new(&directory), target);
    }
    let corpus = tempfile::tempdir().expect("a temporary directory");
    let directory = generate(corpus.path(), MIGRATIONS);
    let statements = statements(&directory, target);
    if std::env::args().any(|argument| argument == ALONE) {
        return alone(&statements, &directory, target);
    }
    let bytes: usize = statements.iter().map(String::len).sum();
    println!("corpus: {MIGRATIONS} migrations, {} statements, {} kB", statements.len(), bytes / 1024);

    let mut criterion = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(5)).without_plots();
    let mut group = criterion.benchmark_group("lint");
    group.bench_function("sqlparser, bare parse", |bencher| bencher.iter(|| parse_all(&statements, target)));
    group.bench_function("lint, human report", |bencher| bencher.iter(|| lint_all(&directory, target)));
    group.finish();

    // The same two, in turns, so that a change of the machine's speed meets both.
    ratios("wall time", 15, || (timed(|| parse_all(&statements, target)), timed(|| lint_all(&directory, target))));
    let itself = std::env::current_exe().expect("the bench");
    let again = std::process::Command::new(itself).arg(ALONE).env("RAYON_NUM_THREADS", "1").status();
    if !again.is_ok_and(|status| status.success()) {
        println!("ratio of processor time: not measured");
    }
    memory(corpus.path());
}

fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

/// The same comparison on somebody's migrations: whatever lint reads there, split beforehand for the
/// bare parse.
fn on(directory: &Path, target: Target) {
    let statements = statements(directory, target);
    let bytes: usize = statements.iter().map(String::len).sum();
    let understood = parse_all(&statements, target);
    println!("{}: {} statements, {} kB; sqlparser takes {understood}", directory.display(), statements.len(), bytes / 1024);
    ratios("wall time", 9, || (timed(|| parse_all(&statements, target)), timed(|| lint_all(directory, target))));
}

/// Processor time instead of wall time: what the machine does beside it hardly matters. The kernel
/// counts it in hundredths of a second, so each is done several times.
fn alone(statements: &[String], directory: &Path, target: Target) {
    const ROUNDS: u32 = 20;
    let spent = |work: &dyn Fn()| {
        let before = processor_time();
        (0..ROUNDS).for_each(|_| work());
        processor_time() - before
    };
    let parse = || _ = black_box(parse_all(statements, target));
    let lint = || _ = black_box(lint_all(directory, target));
    lint();
    ratios("processor time, one thread", 9, || (spent(&parse), spent(&lint)));
}

/// Of this process, ended threads included.
fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn ratios(what: &str, rounds: usize, measure: impl Fn() -> (Duration, Duration)) {
    let mut ratios: Vec<f64> = (0..rounds).map(|_| measure()).map(|(parse, lint)| lint.as_secs_f64() / parse.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    println!("ratio lint / bare parse, {what}: median {:.2} (min {:.2}, max {:.2})", ratios[rounds / 2], ratios[0], ratios[rounds - 1]);
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let started = Instant::now();
    black_box(work());
    started.elapsed()
}

fn parse_all(statements: &[String], target: Target) -> usize {
    let dialect: &dyn Dialect = match target.engine {
        Engine::Postgres => &PostgreSqlDialect {},
        Engine::Mysql | Engine::Mariadb => &MySqlDialect {},
        Engine::Sqlite => &SQLiteDialect {},
    };
    statements.iter().filter(|text| Parser::parse_sql(dialect, text).is_ok()).count()
}

fn lint_all(directory: &Path, target: Target) -> usize {
    let discovery = discover::discover(&[directory.to_path_buf()], &discover::Options::default()).expect("a project");
    let rules = Arc::new(RuleSet::select(&Selection::default()).expect("the rules"));
    let pick = |_: &Path| Arc::clone(&rules);
    let options = lint::Options { transaction: Some(TransactionMode::None), ..lint::Options::new(target, &pick) };
    let mut findings = Vec::new();
    for project in &discovery.projects {
        findings.extend(lint::check(project, &options, &mut ()).findings);
    }
    let report =
        Report { findings: &findings, suppressed: &[], problems: &[], rules: &[], summary: Summary::default(), include_suppressed: false };
    let load = |path: &Path| fs::read_to_string(path).ok().map(Arc::from);
    let mut bytes = Vec::new();
    report::write(Format::Human, &report, &load, Style::default(), &mut bytes).expect("a report");
    bytes.len()
}

fn statements(directory: &Path, target: Target) -> Vec<String> {
    let discovery = discover::discover(&[directory.to_path_buf()], &discover::Options::default()).expect("a project");
    let files: BTreeSet<PathBuf> = discovery.projects.iter().flat_map(files).collect();
    let mut statements = Vec::new();
    for file in files {
        let text = String::from_utf8_lossy(&fs::read(file).expect("a migration")).into_owned();
        statements.extend(sql::split(&text, target).pieces.iter().map(|piece| piece.span.slice(&text).to_owned()));
    }
    statements
}

fn files(project: &Project) -> impl Iterator<Item = PathBuf> {
    let names = project.entries.iter().flat_map(|one| std::iter::once(&one.entry.up).chain(&one.entry.down));
    names.map(|name| project.directory.root().join(name))
}

/// Peak memory of the binary on a corpus and on one ten times as large: once with the whole report,
/// which grows with what is found, and once with a rule that finds nothing, which leaves what is kept
/// of the corpus itself.
fn memory(scratch: &Path) {
    let binary = env!("CARGO_BIN_EXE_lockgate");
    let peak = |migrations: usize, more: &[&str]| {
        let directory = generate(&scratch.join(format!("of-{migrations}")), migrations);
        let output = std::process::Command::new("/usr/bin/time")
            .args(["-f", "%M", binary, "lint", "--engine", "postgres@16", "--format", "concise", "--output-file", "/dev/null"])
            .args(more)
            .arg(directory)
            .output()
            .ok()?;
        String::from_utf8_lossy(&output.stderr).lines().last()?.trim().parse::<u64>().ok()
    };
    for (what, more) in [("with its findings", &[][..]), ("without findings", &["--select", "dropping-schema"])] {
        match (peak(MIGRATIONS, more), peak(MIGRATIONS * 10, more)) {
            (Some(small), Some(large)) => {
                println!("peak memory, {what}: {small} kB for {MIGRATIONS} migrations, {large} kB for {}", MIGRATIONS * 10);
            }
            _ => println!("peak memory: not measured (/usr/bin/time is missing)"),
        }
    }
}

/// A history like those of real applications: tables, columns, indexes, constraints, some rows. A
/// migration does five things and more, the mean of the seventeen repositories that were counted.
fn generate(root: &Path, migrations: usize) -> PathBuf {
    let directory = root.join("migrations");
    fs::create_dir_all(&directory).expect("a directory");
    for number in 1..=migrations {
        let mut text = String::new();
        for step in 0..STEPS {
            change(&mut text, number * STEPS + step);
        }
        fs::write(directory.join(format!("{number:06}_change.sql")), text).expect("a migration");
    }
    directory
}

/// Each step is one to four statements.
const STEPS: usize = 3;
/// The first steps make these tables.
const TABLES: usize = 40 * STEPS;

/// Appends what one step does. The schema stays as large as it is; only the history grows.
fn change(text: &mut String, number: usize) {
    let table = number % TABLES;
    let old = (number + 7) % TABLES;
    let _ = match number % 6 {
        _ if number < TABLES + STEPS => write!(
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
        1 => {
            writeln!(text, "CREATE INDEX CONCURRENTLY items_{old}_i{number} ON items_{old} (state, created_at DESC) WHERE state = 'open';")
        }
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
    // What such a step made a while ago goes.
    if let Some(earlier) = number.checked_sub(LIFE).filter(|earlier| *earlier >= TABLES + STEPS) {
        let table = (earlier + 7) % TABLES;
        let _ = match number % 6 {
            0 => write!(text, "ALTER TABLE items_{table} DROP COLUMN note_{earlier}, DROP COLUMN rank_{earlier};\n"),
            1 => write!(text, "DROP INDEX CONCURRENTLY items_{table}_i{earlier};\n"),
            2 => write!(text, "ALTER TABLE items_{table} DROP CONSTRAINT items_{table}_c{earlier};\n"),
            3 => write!(text, "DROP VIEW open_items_{earlier};\n"),
            4 => Ok(()),
            _ => write!(text, "DROP TRIGGER touch_{earlier} ON items_{table};\nDROP FUNCTION touch_{earlier}();\n"),
        };
    }
}
