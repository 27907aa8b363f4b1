//! For the tests of this folder: one statement read in one line.

use crate::change::{Action, Parsing, Statement, read};
use crate::engine::Target;
use crate::source::{Script, SourceId};

pub(crate) fn statement(target: &str, sql: &str) -> Statement {
    let target: Target = target.parse().unwrap();
    let mut statements = read::read(&Script::whole(SourceId(0), sql.into()), target);
    assert_eq!(statements.len(), 1, "{sql}");
    statements.remove(0)
}

/// The actions of a statement that must be understood as a whole.
pub(crate) fn actions(target: &str, sql: &str) -> Vec<Action> {
    let statement = statement(target, sql);
    assert_eq!(statement.parsing, Parsing::Complete, "{target}: {sql}");
    statement.changes.into_iter().map(|change| change.action).collect()
}

pub(crate) fn action(target: &str, sql: &str) -> Action {
    let mut actions = actions(target, sql);
    assert_eq!(actions.len(), 1, "{target}: {sql}");
    actions.remove(0)
}

/// Who accepts a statement that this target refuses.
pub(crate) fn needs(target: &str, sql: &str) -> String {
    match statement(target, sql).parsing {
        Parsing::Unsupported { needs, .. } => needs,
        other => panic!("{target}: {sql}: {other:?}"),
    }
}
