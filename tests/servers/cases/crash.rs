//! Runners that die.

use super::{project, runner, until};
use crate::servers::Server;
use crate::servers::project::{Heard, Project};

/// Starts a runner of its own and kills it once `query` is true.
pub fn kill_when(project: &Project, url: &str, query: &str) {
    let mut child = runner(project, url);
    until(project, query);
    // Let the statement be well under way.
    std::thread::sleep(std::time::Duration::from_millis(200));
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A project whose first migration is written, and the address it runs at.
pub fn with(server: &Server, database: &str, migration: &str) -> (Project, String) {
    let project = project(server, database);
    project.write("001_a.sql", migration);
    (project, server.url(database))
}

pub fn heard(project: &Project) -> String {
    let mut heard = Heard::default();
    let outcome = project.apply_with(&Default::default(), &mut heard);
    let text = heard.text();
    match outcome {
        Ok(_) => text,
        Err(stopped) => format!("{text}\n{}", stopped.text()),
    }
}
