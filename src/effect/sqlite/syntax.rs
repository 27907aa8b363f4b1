//! What this release's grammar does not have.

use crate::change::{Action, ConstraintBody, Parsing, Statement};
use crate::effect::{Failure, FailureCause, Truth};
use crate::engine::Target;

/// The statement does not compile.
pub(super) fn refusal(statement: &Statement, target: Target) -> Option<Failure> {
    let near = |word: &str| Some(failure(format!("near \"{word}\": syntax error")));
    if let Parsing::Unsupported { needs, .. } = &statement.parsing {
        let known = statement.changes.iter().find_map(|change| word(&change.action, target));
        return match known {
            Some(word) => near(word),
            None => Some(failure(format!("syntax error: this needs {needs}"))),
        };
    }
    if statement.verb.starts_with("ALTER TABLE") && statement.changes.len() > 1 {
        return near(",");
    }
    near(statement.changes.iter().find_map(|change| word(&change.action, target))?)
}

fn failure(reason: String) -> Failure {
    Failure { code: "SQLITE_ERROR".to_owned(), reason, cause: FailureCause::Syntax, certain: Truth::Yes, span: None }
}

/// The word at which the parser stops, where it does.
fn word(action: &Action, target: Target) -> Option<&'static str> {
    // ALTER COLUMN … NOT NULL and ADD/DROP CONSTRAINT came with 3.53.
    let constraints = target.at_least(3, 53, 0);
    match action {
        Action::AddColumn { if_not_exists: true, .. } => Some("EXISTS"),
        Action::DropColumn { if_exists: true, .. } if target.at_least(3, 35, 0) => Some("EXISTS"),
        // lang_altertable 5: DROP COLUMN since 3.35.
        Action::DropColumn { .. } if !target.at_least(3, 35, 0) => Some("DROP"),
        // Generated columns since 3.31.
        Action::AddColumn { column, .. } if column.generated.is_some() && !target.at_least(3, 31, 0) => Some("AS"),
        Action::CreateTable(create) if !target.at_least(3, 31, 0) && create.columns.iter().any(|column| column.generated.is_some()) => {
            Some("AS")
        }
        Action::CreateTable(create) if create.strict && !target.at_least(3, 37, 0) => Some("STRICT"),
        Action::RenameColumn { .. } if !target.at_least(3, 25, 0) => Some("COLUMN"),
        Action::SetNotNull { .. } | Action::DropNotNull { .. } if !constraints => Some("ALTER"),
        Action::SetType { .. } => Some(if constraints { "TYPE" } else { "ALTER" }),
        Action::SetDefault { .. } | Action::DropDefault { .. } => Some(if constraints { "DEFAULT" } else { "ALTER" }),
        Action::SetExpression { .. } | Action::DropExpression { .. } => Some(if constraints { "EXPRESSION" } else { "ALTER" }),
        Action::ModifyColumn { .. } => Some("MODIFY"),
        Action::AddConstraint(def) => match &def.body {
            ConstraintBody::Check(_) if constraints => None,
            _ if !constraints && def.name.is_some() => Some("CONSTRAINT"),
            ConstraintBody::Check(_) => Some("CHECK"),
            ConstraintBody::PrimaryKey(_) => Some("PRIMARY"),
            ConstraintBody::Unique(_) => Some("UNIQUE"),
            ConstraintBody::ForeignKey(_) => Some("FOREIGN"),
            ConstraintBody::Exclusion(_) => Some("EXCLUDE"),
            ConstraintBody::NotNull { .. } => Some("NOT"),
        },
        Action::DropConstraint { .. } if !constraints => Some(if target.at_least(3, 35, 0) { "CONSTRAINT" } else { "DROP" }),
        Action::Truncate { .. } => Some("TRUNCATE"),
        Action::CreateIndex(create) if create.concurrently.is_some() => Some("CONCURRENTLY"),
        Action::CreateIndex(create) if create.in_alter => Some("INDEX"),
        Action::DropIndex(drop) if drop.concurrently.is_some() => Some("CONCURRENTLY"),
        Action::RenameIndex { .. } => Some("INDEX"),
        Action::RenameConstraint { .. } => Some("CONSTRAINT"),
        Action::CreateEnum(_) | Action::CreateType { .. } => Some("TYPE"),
        Action::CreateSequence(_) => Some("SEQUENCE"),
        Action::CreateDomain(_) => Some("DOMAIN"),
        Action::CreateSchema { .. } => Some("SCHEMA"),
        Action::CreateExtension { .. } => Some("EXTENSION"),
        Action::LockTables(_) => Some("LOCK"),
        _ => None,
    }
}
