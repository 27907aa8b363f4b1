//! The effect models against what real servers did: a test for every server that was measured.
//!
//! `cargo test --test measured postgres@17`. The table at the end says how much was compared. What
//! disagrees must stand in `known.txt`, with the reason; what stands there must disagree.

mod case;
mod ledger;
mod mysql;
mod postgres;
mod replay;
mod scripts;
mod sqlite;

use std::sync::{Arc, Mutex};

use case::Server;
use ledger::{Known, Ledger};
use libtest_mimic::{Arguments, Failed, Trial};

const POSTGRES: [u8; 10] = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
const MYSQL: [&str; 6] = ["mysql@5.6.24", "mysql@8.0.45", "mysql@9.7.4", "mariadb@10.5.23", "mariadb@10.11.18", "mariadb@11.8.6"];
const SQLITE: [&str; 10] = [
    "sqlite@3.26.0",
    "sqlite@3.33.0",
    "sqlite@3.34.1",
    "sqlite@3.35.4",
    "sqlite@3.40.1",
    "sqlite@3.46.0",
    "sqlite@3.46.1",
    "sqlite@3.51.3",
    "sqlite@3.53.1",
    "sqlite@3.53.4",
];

/// The stack that lint's own threads have.
const STACK: usize = 64 << 20;

type Compare = Box<dyn FnOnce(&mut Ledger) + Send>;

fn main() {
    let arguments = Arguments::from_args();
    let known = Arc::new(ledger::known());
    let rows = Arc::new(Mutex::new(Vec::new()));
    let mut trials = Vec::new();
    let mut servers = Vec::new();
    let mut add = |server: Server, compare: Compare| {
        servers.push(server.clone());
        let (known, rows) = (Arc::clone(&known), Arc::clone(&rows));
        trials.push(Trial::test(server.name.clone(), move || {
            let run = move || {
                let mut ledger = Ledger::new(server);
                compare(&mut ledger);
                ledger
            };
            let thread = std::thread::Builder::new().stack_size(STACK).spawn(run).map_err(|error| error.to_string())?;
            let ledger = thread.join().map_err(|_| "it panics")?;
            let problems = ledger.judge(&known);
            rows.lock().map_err(|_| "a poisoned lock")?.push((ledger.server, ledger.counts));
            if problems.is_empty() { Ok(()) } else { Err(Failed::from(problems.join("\n"))) }
        }));
    };
    let suites = Arc::new((postgres::suites(), scripts::postgres()));
    for major in POSTGRES {
        let suites = Arc::clone(&suites);
        add(
            Server::new(&format!("postgres@{major}")),
            Box::new(move |ledger| {
                postgres::compare(&suites.0, ledger);
                scripts::compare(&suites.1, ledger);
            }),
        );
    }
    let suites = Arc::new((mysql::suites(), scripts::mysql()));
    for name in MYSQL {
        let suites = Arc::clone(&suites);
        add(
            Server::new(name),
            Box::new(move |ledger| {
                mysql::compare(&suites.0, ledger);
                scripts::compare(&suites.1, ledger);
            }),
        );
    }
    let suites = Arc::new(sqlite::suites());
    for name in SQLITE {
        let suites = Arc::clone(&suites);
        add(Server::new(name), Box::new(move |ledger| sqlite::compare(&suites, ledger)));
    }
    trials.push(Trial::test("known", move || servers_are_measured(&known, &servers)));
    let conclusion = libtest_mimic::run(&arguments, trials);
    println!("{}", ledger::table(&rows.lock().expect("the rows")));
    conclusion.exit();
}

/// A line of the list that no server reads would stay for ever.
fn servers_are_measured(known: &[Known], servers: &[Server]) -> Result<(), Failed> {
    for line in known {
        for label in line.servers.split_whitespace() {
            if !servers.iter().any(|server| server.is_among(label)) {
                return Err(format!("known.txt: `{label}` was not measured").into());
            }
        }
    }
    Ok(())
}
