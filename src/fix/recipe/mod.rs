//! How one clause that is dangerous in one migration is done safely in several.
//!
//! A recipe is asked about every change of a migration. What it proposes is taken up only where a
//! rule it serves has an open finding: what a project accepts or switches off stays as it is.

mod backfill;
mod concurrent;
mod inline;
mod key;
mod not_null;
mod partitioned;
mod validate;

use super::edit::Edit;
use crate::catalog::{Catalog, Table, postgres_join};
use crate::change::{Change, Statement};
use crate::engine::Target;
use crate::migration::OutsideFor;
use crate::source::{Script, Span};

/// A change on its stage, with the words of the file.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub target: Target,
    pub script: &'a Script,
    /// The file's own text: the script's may hold stand-ins.
    pub text: &'a str,
    pub statement: &'a Statement,
    pub change: &'a Change,
    pub before: &'a Catalog,
}

impl<'a> Case<'a> {
    /// As it stands in the file.
    pub fn words(&self, span: Span) -> &'a str {
        span.slice(self.text)
    }

    pub fn table(&self) -> Option<&'a Table> {
        self.before.table(self.change.table.as_ref()?)
    }

    /// The table's name as it is written, with its schema.
    pub fn table_words(&self) -> &'a str {
        self.change.table.as_ref().map_or("", |table| self.words(table.span()))
    }

    /// The table's name without its schema, for names that are made of it.
    pub fn table_name(&self) -> String {
        self.change.table.as_ref().map(|table| table.name.value.clone()).unwrap_or_default()
    }

    /// The catalog after the whole statement: knows the names the engine makes up.
    pub fn after(&self) -> Catalog {
        let mut after = self.before.clone();
        after.apply(self.statement, self.script);
        after
    }

    pub fn is_alone(&self) -> bool {
        self.statement.changes.len() == 1
    }

    /// From PostgreSQL 18 on NOT NULL itself can be NOT VALID.
    pub fn has_not_null_constraints(&self) -> bool {
        self.target.at_least(18, 0, 0)
    }

    /// What the constraint is called that proves a column NOT NULL: as the server would call its own,
    /// a CHECK as the rules' help calls it; no longer than the server keeps.
    pub fn proof(&self, column: &str) -> String {
        let end = if self.has_not_null_constraints() { "not_null" } else { "set" };
        self.quoted(&postgres_join(&self.table_name(), column, end))
    }

    /// A name, in quotes where the engine needs them.
    pub fn quoted(&self, name: &str) -> String {
        crate::sql::quoted(name, self.target)
    }
}

/// The safe way for one change.
#[derive(Debug, Clone)]
pub struct Rewrite {
    /// What is done, in a clause.
    pub title: String,
    pub here: Here,
    /// The migrations that come after this one, in order.
    pub later: Vec<Later>,
    /// What it means for the way back of the migration at hand.
    pub undo: Option<Undo>,
    /// What others may build on that is now there only later.
    pub moved: Option<Moved>,
}

/// What stays in the migration at hand.
#[derive(Debug, Clone)]
pub enum Here {
    /// Edits inside the statement.
    Edits(Vec<Edit>),
    /// Nothing: the statement goes, or its clause does.
    Leaves,
}

/// A migration to come.
#[derive(Debug, Clone, Default)]
pub struct Later {
    /// What the file is called after.
    pub name: String,
    pub up: Vec<String>,
    pub down: Vec<String>,
    pub outside: Option<OutsideFor>,
    /// Only reads rows, so that several can stand in one migration.
    pub joins: bool,
    /// Words for the reader of the file.
    pub comment: Option<String>,
    /// A directive that accepts what its way back leaves out.
    pub accepts: Option<String>,
}

/// The statement of the old way back that belongs to what was moved.
#[derive(Debug, Clone)]
pub enum Undo {
    /// `DROP INDEX name` or `CREATE INDEX name`: goes with it into the new migration's way back.
    Index(String),
    /// `DROP CONSTRAINT name`: the new migration's way back has it already; another clause may take
    /// its place.
    Constraint { table: String, name: String, clause: Option<String> },
    /// `ALTER COLUMN … DROP NOT NULL` becomes another clause.
    NotNull { table: String, column: String, clause: String },
}

/// Something that is now done later than the statements behind it.
#[derive(Debug, Clone)]
pub struct Moved {
    /// Tables it is about, lower case, without schema.
    pub tables: Vec<String>,
    /// Names by which others may refer to it, lower case.
    pub names: Vec<String>,
    /// Columns of which it proves something, lower case.
    pub columns: Vec<String>,
    pub what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Old rows are checked later.
    Check,
    /// An index is built or dropped later.
    Index { unique: bool },
    /// A key or NOT NULL is there later.
    Promise,
    /// Rows are written later.
    Rows,
}

/// What a recipe says to a change that it knows.
#[derive(Debug, Clone)]
pub enum Proposal {
    Rewrite(Box<Rewrite>),
    /// It cannot be done from here: why, and what to do.
    Refusal(String),
}

/// A recipe, with the rules whose findings call for it.
pub struct Recipe {
    pub rules: &'static [&'static str],
    pub propose: fn(&Case<'_>) -> Option<Proposal>,
}

pub const RECIPES: &[Recipe] = &[
    Recipe { rules: &["blocking-check-constraint", "blocking-foreign-key", "blocking-not-null-scan"], propose: validate::add_unchecked },
    Recipe { rules: &["validation-in-same-transaction"], propose: validate::move_out },
    Recipe { rules: &["blocking-not-null-scan"], propose: not_null::prove_first },
    Recipe {
        rules: &[
            "blocking-index-build",
            "blocking-index-drop",
            "blocking-reindex",
            "blocking-partition-detach",
            "concurrently-in-transaction",
        ],
        propose: concurrent::move_out,
    },
    Recipe { rules: &["blocking-unique-constraint", "blocking-primary-key"], propose: key::index_first },
    Recipe { rules: &["unbounded-update"], propose: backfill::in_batches },
];

fn rewrite(rewrite: Rewrite) -> Option<Proposal> {
    Some(Proposal::Rewrite(Box::new(rewrite)))
}

fn refusal(why: impl Into<String>) -> Option<Proposal> {
    Some(Proposal::Refusal(why.into()))
}
