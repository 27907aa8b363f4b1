//! Running migrations on real servers: Debian's PostgreSQL, a newer one, and MariaDB.
//!
//! The servers are started once and ended with the run. Without them the run fails, unless
//! `LOCKGATE_SKIP_SERVERS=1` says that this is known.

#[path = "servers/cases/mod.rs"]
mod cases;
#[allow(dead_code)]
mod servers;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use servers::Server;

fn main() -> ExitCode {
    if let Some(code) = cases::runner_to_be_killed() {
        return code;
    }
    let arguments = Arguments::from_args();
    if std::env::var_os("LOCKGATE_SKIP_SERVERS").is_some_and(|value| value == "1") {
        eprintln!("\n*** SKIPPED: the tests on PostgreSQL and MariaDB servers (LOCKGATE_SKIP_SERVERS=1) ***\n");
        return ExitCode::SUCCESS;
    }
    if arguments.list {
        return libtest_mimic::run(&arguments, Vec::new()).exit_code();
    }
    let servers = match Server::start_all() {
        Ok(servers) => servers,
        Err(missing) => {
            eprintln!("\n*** {missing}\n*** Set LOCKGATE_SKIP_SERVERS=1 to do without these tests.\n");
            return ExitCode::FAILURE;
        }
    };
    let servers: Vec<Arc<Server>> = servers.into_iter().map(Arc::new).collect();
    let mut trials = Vec::new();
    for server in &servers {
        for (name, test) in cases::for_server(server) {
            let server = Arc::clone(server);
            let title = format!("{}::{name}", server.name);
            let database = format!("t_{name}");
            trials.push(Trial::test(title, move || {
                std::panic::catch_unwind(|| test(&server, &database)).map_err(|panic| {
                    let text = panic.downcast_ref::<String>().cloned();
                    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                    Failed::from(text.unwrap_or_else(|| "panicked".to_owned()))
                })
            }));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(servers);
    conclusion.exit_code()
}
