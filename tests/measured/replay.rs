//! Statements through the program's own way: read, predicted, replayed.

use std::collections::HashMap;
use std::sync::Arc;

use lockgate::catalog::{Callees, Catalog, Key, Rows};
use lockgate::change::{self, Action, Parsing, Statement};
use lockgate::effect::{Effects, FailureCause, predict};
use lockgate::engine::Target;
use lockgate::source::{Script, SourceId};

use super::ledger::{Ledger, UNDERSTOOD};

#[derive(Clone)]
pub struct Replay {
    pub catalog: Catalog,
}

/// A statement and what is predicted for it.
pub struct Predicted {
    pub statement: Statement,
    pub effects: Effects,
}

impl Predicted {
    /// Every clause was read and understood.
    pub fn complete(&self) -> bool {
        self.statement.parsing == Parsing::Complete && self.unread().is_none()
    }

    /// What was not understood, if anything.
    fn unread(&self) -> Option<String> {
        let opaque = self.statement.changes.iter().any(|change| matches!(change.action, Action::Opaque { .. }));
        (self.statement.parsing != Parsing::Complete || opaque).then(|| format!("{:?}", self.statement.parsing))
    }
}

impl Replay {
    pub fn new(target: Target) -> Replay {
        Replay { catalog: Catalog::new(target) }
    }

    pub fn read(&self, sql: &str) -> (Script, Vec<Statement>) {
        let script = Script::whole(SourceId(0), Arc::from(sql));
        let statements = change::read(&script, self.catalog.target);
        (script, statements)
    }

    /// Predicts each statement and applies those that are not certain to fail.
    pub fn run(&mut self, sql: &str) -> Vec<Predicted> {
        let (script, statements) = self.read(sql);
        let mut all = Vec::new();
        let mut callees = Callees::of(&script);
        for statement in statements {
            let statement = callees.follow(&statement, &self.catalog).unwrap_or(statement);
            let effects = predict(&statement, &self.catalog).whole;
            if effects.certain_failure().is_none_or(|failure| failure.cause == FailureCause::Transaction) {
                self.catalog.apply(&statement, callees.script());
            }
            all.push(Predicted { statement, effects });
        }
        all
    }

    /// What is predicted, without doing it.
    pub fn predict(&self, sql: &str) -> Vec<Predicted> {
        let (script, statements) = self.read(sql);
        let mut callees = Callees::of(&script);
        statements
            .into_iter()
            .map(|statement| {
                let statement = callees.follow(&statement, &self.catalog).unwrap_or(statement);
                let effects = predict(&statement, &self.catalog).whole;
                Predicted { statement, effects }
            })
            .collect()
    }

    /// Notes of each statement that a server took whether it is understood.
    pub fn note_valid(&self, case: &str, sql: &str, ledger: &mut Ledger) {
        let (_, statements) = self.read(sql);
        for statement in statements {
            let text = statement.span.slice(sql).to_owned();
            let one = Predicted { statement, effects: Effects::default() };
            let unread = one.unread();
            ledger.note(case, UNDERSTOOD, unread.is_none(), || format!("valid, and read as {}\n    {text}", unread.unwrap_or_default()));
        }
    }

    /// Does it, whatever is predicted.
    pub fn apply(&mut self, sql: &str) {
        let (script, statements) = self.read(sql);
        for statement in statements {
            self.catalog.apply(&statement, &script);
        }
    }

    /// An earlier migration.
    pub fn migrate(&mut self, sql: &str) {
        self.catalog.begin_migration(false);
        self.run(sql);
        self.catalog.end_migration();
    }

    pub fn rows(&self, table: &str) -> Rows {
        let (schema, name) = table.split_once('.').unwrap_or(("public", table));
        self.catalog.table_at(&Key::new(schema, name)).map_or(Rows::Assumed, |table| table.rows)
    }
}

/// The parts of a setup file: `-- table t`, or `-- table t for mysql 5.6`.
pub fn parts(text: &str) -> HashMap<String, String> {
    text.split("\n-- table ")
        .skip(1)
        .map(|part| {
            let (name, sql) = part.split_once('\n').expect("a name and statements");
            (name.to_owned(), sql.to_owned())
        })
        .collect()
}
