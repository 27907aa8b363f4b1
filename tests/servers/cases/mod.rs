//! What is tried on the servers.

mod both;
mod crash;
mod fix;
mod mariadb;
mod postgres;

use std::process::{Child, Command, ExitCode, Stdio};

use crate::servers::Server;
use crate::servers::project::Project;

pub type Case = fn(&Server, &str);

/// The cases for a server, by name.
pub fn for_server(server: &Server) -> Vec<(&'static str, Case)> {
    let mut cases: Vec<(&'static str, Case)> = both::CASES.to_vec();
    cases.extend(if server.is_mysql_family() { mariadb::CASES } else { postgres::CASES });
    cases.extend(if server.is_mysql_family() { fix::MYSQL_FAMILY } else { fix::CASES });
    cases
}

/// A project on a database of its own.
fn project(server: &Server, database: &str) -> Project {
    Project::new(&server.database(database))
}

const CHILD: &str = "LOCKGATE_TEST_RUNNER";

/// This program again, as a runner in a process of its own: `directory` and address in a variable.
pub fn runner_to_be_killed() -> Option<ExitCode> {
    let said = std::env::var(CHILD).ok()?;
    let (directory, url) = said.split_once('|')?;
    let project = Project::at(directory, url);
    Some(if project.apply().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn runner(project: &Project, url: &str) -> Child {
    let directory = project.path().display().to_string();
    let program = std::env::current_exe().unwrap();
    Command::new(program).env(CHILD, format!("{directory}|{url}")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Waits until a query on the project's database answers with something.
#[track_caller]
fn until(project: &Project, query: &str) {
    let mut session = project.session();
    for _ in 0..300 {
        if session.query_value(query).ok().flatten().is_some_and(|value| value != "0") {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("never true: {query}");
}
