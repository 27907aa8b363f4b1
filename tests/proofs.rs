//! Every claim about locks, rewrites, scans, failures and algorithms, tried on real servers: the
//! examples of the rules and the tables of statements beside this file.
//!
//! The usual run takes every example and a sample of the statements, on the servers that are there.
//! `LOCKGATE_PROOFS=all` takes everything, and asks PostgreSQL 10 and 14 and MySQL as well, which
//! `tests/servers/install.sh 10 14 mysql` brings; `LOCKGATE_PROOF_VERSIONS=12,13` names other versions
//! of PostgreSQL, and `LOCKGATE_PROOF_FILE=mine.sql` tries the scenes of that file in place of all
//! these. At the end it prints how often model and server agreed.

#[allow(dead_code)]
mod proofs {
    pub mod case;
    pub mod compare;
    pub mod fill;
    pub mod help;
    pub mod lab;
    pub mod mysql;
    pub mod postgres;
    pub mod run;
    pub mod sqlite;
    pub mod tally;
}
#[allow(dead_code)]
mod servers;

use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Failed, Trial};
use lockgate::engine::Engine;
use lockgate::rules::{RuleSet, Selection};
use proofs::case::{self, Case};
use proofs::help::attempt::{self, Book};
use proofs::lab::Lab;
use proofs::mysql::Mysql;
use proofs::postgres::Postgres;
use proofs::sqlite::Sqlite;
use proofs::tally::Tally;
use servers::Server;

/// A place to try things, and the server that has to live as long.
struct Bench {
    lab: Mutex<Box<dyn Lab>>,
    engine: Engine,
    name: String,
    _server: Option<Arc<Server>>,
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let mut cases = match case::rule_examples() {
        Ok(cases) => cases,
        Err(error) => {
            eprintln!("the rules cannot be read: {error}");
            return ExitCode::FAILURE;
        }
    };
    for (engine, file, text) in [
        (Engine::Postgres, "postgres", include_str!("proofs/statements/postgres.sql")),
        (Engine::Postgres, "postgres-kinds", include_str!("proofs/statements/postgres_kinds.sql")),
        (Engine::Postgres, "postgres-physics", include_str!("proofs/statements/postgres_physics.sql")),
        (Engine::Postgres, "postgres-depends", include_str!("proofs/statements/postgres_depends.sql")),
        (Engine::Mariadb, "mariadb", include_str!("proofs/statements/mysql.sql")),
        (Engine::Mysql, "mysql", include_str!("proofs/statements/mysql.sql")),
        (Engine::Mariadb, "mariadb-refused", include_str!("proofs/statements/mysql_refused.sql")),
        (Engine::Mysql, "mysql-refused", include_str!("proofs/statements/mysql_refused.sql")),
        (Engine::Mariadb, "mariadb-algorithms", include_str!("proofs/statements/mysql_algorithms.sql")),
        (Engine::Mysql, "mysql-algorithms", include_str!("proofs/statements/mysql_algorithms.sql")),
        (Engine::Mariadb, "mariadb-objects", include_str!("proofs/statements/mysql_objects.sql")),
        (Engine::Mysql, "mysql-objects", include_str!("proofs/statements/mysql_objects.sql")),
        (Engine::Sqlite, "sqlite", include_str!("proofs/statements/sqlite.sql")),
    ] {
        cases.extend(case::scenes(engine, file, text));
    }
    for (engine, file, text) in [
        (Engine::Postgres, "help-postgres", include_str!("proofs/help/postgres.sql")),
        (Engine::Mariadb, "help-mariadb", include_str!("proofs/help/mysql.sql")),
        (Engine::Mysql, "help-mysql", include_str!("proofs/help/mysql.sql")),
        (Engine::Sqlite, "help-sqlite", include_str!("proofs/help/sqlite.sql")),
    ] {
        cases.extend(case::scenes(engine, file, text));
    }
    if let Ok(path) = std::env::var("LOCKGATE_PROOF_FILE") {
        match std::fs::read_to_string(&path) {
            Ok(text) => cases = case::scenes(Engine::Postgres, "own", &text),
            Err(error) => {
                eprintln!("{path}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    for case in cases.iter_mut().filter(|case| case.apart && !all_of_them() && !case.name.starts_with("help")) {
        case.stride = match case.engine {
            Engine::Postgres => 3,
            Engine::Mysql | Engine::Mariadb => 8,
            Engine::Sqlite => 1,
        };
    }
    let benches = match benches(arguments.list) {
        Ok(benches) => benches,
        Err(missing) => {
            eprintln!("\n*** {missing}\n*** Set LOCKGATE_SKIP_SERVERS=1 to prove what SQLite does alone.\n");
            return ExitCode::FAILURE;
        }
    };
    let tally = Arc::new(Tally::default());
    let mut trials = Vec::new();
    let book = match Book::new() {
        Ok(book) => Arc::new(book),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    trials.extend(helps(&cases, &benches, &book));
    for case in cases.into_iter().map(Arc::new) {
        for bench in benches.iter().filter(|bench| bench.engine == case.engine) {
            let (case, bench, tally) = (Arc::clone(&case), Arc::clone(bench), Arc::clone(&tally));
            trials.push(Trial::test(format!("{}::{}", bench.name, case.name), move || prove(&case, &bench, &tally)));
        }
    }
    // One at a time on each server.
    arguments.test_threads = arguments.test_threads.or(Some(benches.len()));
    let conclusion = libtest_mimic::run(&arguments, trials);
    tally.print();
    book.score.print();
    drop(benches);
    conclusion.exit_code()
}

/// What the rules advise in each case, executed.
fn helps(cases: &[Case], benches: &[Arc<Bench>], book: &Arc<Book>) -> Vec<Trial> {
    let rules = |id: &str| RuleSet::select(&Selection { extend: vec![id.to_owned()], ..Selection::default() });
    let default = RuleSet::select(&Selection::default()).map(Arc::new);
    let mut trials = Vec::new();
    for case in cases.iter().filter(|case| !case.apart || all_of_them() || case.name.starts_with("help")) {
        let id = case.name.split('/').next().unwrap_or_default();
        let Some(rules) = rules(id).map(Arc::new).or_else(|_| default.as_ref().map(Arc::clone)).ok() else { continue };
        // One server of each kind tells enough of every day; MySQL is rarely there.
        let usual = if case.engine == Engine::Mysql { 0 } else { 1 };
        let number = if all_of_them() { usize::MAX } else { usual };
        for bench in benches.iter().filter(|bench| bench.engine == case.engine).take(number) {
            let (case, bench, book, rules) = (case.clone(), Arc::clone(bench), Arc::clone(book), Arc::clone(&rules));
            trials.push(Trial::test(format!("{}::help/{}", bench.name, case.name), move || {
                let mut lab = bench.lab.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                attempt::prove(&case, lab.as_mut(), &rules, &book).map_err(Failed::from)
            }));
        }
    }
    trials
}

fn all_of_them() -> bool {
    std::env::var("LOCKGATE_PROOFS").is_ok_and(|value| value == "all")
}

fn prove(case: &Case, bench: &Bench, tally: &Tally) -> Result<(), Failed> {
    let mut lab = bench.lab.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    proofs::run::prove(case, lab.as_mut(), tally).map_err(Failed::from)
}

fn benches(listing: bool) -> Result<Vec<Arc<Bench>>, String> {
    let bench = |lab: Box<dyn Lab>, server: Option<Arc<Server>>| {
        Arc::new(Bench { engine: lab.target().engine, name: lab.name().replace(' ', "_"), lab: Mutex::new(lab), _server: server })
    };
    let mut all = vec![bench(Box::new(Sqlite::new().map_err(|error| error.to_string())?), None)];
    if listing {
        return Ok(all);
    }
    if std::env::var_os("LOCKGATE_SKIP_SERVERS").is_some_and(|value| value == "1") {
        eprintln!("\n*** SKIPPED: the proofs on PostgreSQL and MariaDB servers (LOCKGATE_SKIP_SERVERS=1) ***\n");
        return Ok(all);
    }
    let mut servers = Server::start_all()?;
    if all_of_them() && !servers.iter().any(|one| one.name == "mysql") {
        return Err("MySQL is not there: run tests/servers/install.sh mysql".to_owned());
    }
    let majors =
        std::env::var("LOCKGATE_PROOF_VERSIONS").unwrap_or_else(|_| if all_of_them() { "10,14".to_owned() } else { String::new() });
    for major in majors.split(',').map(str::trim).filter(|major| !major.is_empty()) {
        if !servers.iter().any(|one| one.name == format!("postgres_{major}")) {
            servers.push(Server::start_postgres(major)?);
        }
    }
    for server in servers.into_iter().map(Arc::new) {
        server.database("proofs");
        let lab: Box<dyn Lab> = if server.is_mysql_family() {
            let admin = server.session("mysql");
            Box::new(Mysql::new(server.session("proofs"), admin, "proofs"))
        } else {
            Box::new(Postgres::new(server.session("proofs")))
        };
        all.push(bench(lab, Some(server)));
    }
    Ok(all)
}
