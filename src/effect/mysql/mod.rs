//! MySQL 5.7 to 9.7 and MariaDB 10.5 to 11.8: Online DDL, metadata locks, refusals.
//!
//! An ALTER TABLE is drafted on the catalog's table (`draft`, with `column`, `key`, `constraint` and
//! `table_options`), which yields the flags the servers' SQL layer would hand to InnoDB. `verdict`
//! answers as InnoDB does, `assertion` holds ALGORITHM and LOCK against the answer, `alter` puts it
//! all together. Everything else is in `partition`, `object` and `rows`.

mod alter;
mod assertion;
mod bounds;
mod charset;
mod column;
mod constraint;
mod create;
mod definition;
mod draft;
mod exchange;
mod expression;
mod failure;
mod flags;
mod function;
mod given;
mod hidden;
mod key;
mod key_change;
mod key_length;
mod literal;
mod locks;
mod narrow;
mod object;
mod outcome;
mod output;
mod partition;
mod partition_key;
mod reference;
mod rows;
mod sequence;
mod server;
mod session;
mod table_options;
#[cfg(test)]
mod tests;
mod trigger;
mod twice;
mod types;
mod verdict;
mod versioned;
mod view;

use super::effects::{Effects, Truth};
use crate::catalog::Catalog;
use crate::change::{Action, Change, Parsing, Statement};
use crate::engine::Engine;
use crate::source::Span;
use crate::sql::expression::written_of;

/// One answer for each change of the statement, in order.
pub(super) fn effects(statement: &Statement, before: &Catalog) -> Vec<Effects> {
    let renames = statement.verb.starts_with("RENAME");
    let mut all = if statement.changes.iter().any(|change| matches!(change.action, Action::Partition(_))) {
        partition::effects(statement, before)
    } else if !renames && !statement.changes.is_empty() && statement.changes.iter().all(|change| is_alter(&change.action)) {
        alter::effects(statement, before)
    } else {
        object::effects(statement, before)
    };
    if let Parsing::Unsupported { at, needs } = &statement.parsing {
        for effects in &mut all {
            effects.implicit_commit = false;
            // A clause that is not understood is refused for nothing else.
            effects.failures.retain(|failure| failure.span.is_none_or(|span| span.end <= at.start || span.start >= at.end));
        }
        let reason = format!("{} does not know this syntax: it needs {needs}", server::Server(before.target).title());
        // To MariaDB the name of a type is a name like others (measured on 10.5 and 10.11).
        let unknown_type =
            before.target.engine == Engine::Mariadb && types_of(statement).any(|it| it.start <= at.start && at.end <= it.end);
        let code = if unknown_type { 4161 } else { 1064 };
        if let Some(first) = all.first_mut() {
            first.failures.insert(0, failure::syntax(code, reason, *at));
        }
    }
    if let Parsing::Failed { at, expected } = &statement.parsing
        && let Some(first) = all.first_mut()
    {
        let mut failure = failure::syntax(1064, format!("the server would find a syntax error here: expected {expected}"), *at);
        failure.certain = Truth::Unknown;
        first.failures.push(failure);
    }
    if let ([change], [effects]) = (statement.changes.as_slice(), all.as_mut_slice()) {
        of_text(effects, change, statement, before);
    }
    all
}

/// What the statement's own text tells beyond what was read of it.
fn of_text(effects: &mut Effects, change: &Change, statement: &Statement, before: &Catalog) {
    let note = statement.modifiers.note.as_ref();
    match &change.action {
        Action::Insert(_) | Action::Update(_) | Action::Delete(_) => {
            let Some(written) = note.and_then(|note| written_of(&note.written.text, before.target)) else { return };
            given::check(effects, change, &written, before);
            if before.target.engine == Engine::Mysql {
                twice::check(effects, change, statement, &written, before);
            }
        }
        Action::CreateView(view) => effects.failures.extend(output::of_view(view, before)),
        Action::CreateTable(create) if create.as_query.is_some() => {
            let query = note.and_then(|note| note.query(before.target));
            effects.failures.extend(query.and_then(|query| output::twice(&query, before)));
        }
        _ => {}
    }
}

/// Where the statement names the types of columns.
fn types_of(statement: &Statement) -> impl Iterator<Item = Span> {
    let columns = statement.changes.iter().flat_map(|change| match &change.action {
        Action::AddColumn { column: definition, .. } | Action::ModifyColumn { definition, .. } => std::slice::from_ref(&**definition),
        Action::CreateTable(create) => create.columns.as_slice(),
        _ => &[],
    });
    columns.filter_map(|column| column.data_type.as_ref()).map(|data_type| data_type.span)
}

/// Actions of ALTER TABLE and of the index statements, which are ALTERs to the server.
fn is_alter(action: &Action) -> bool {
    matches!(
        action,
        Action::AddColumn { .. }
            | Action::DropColumn { .. }
            | Action::RenameColumn { .. }
            | Action::ModifyColumn { .. }
            | Action::SetDefault { .. }
            | Action::DropDefault { .. }
            | Action::SetColumnAttribute { .. }
            | Action::AddConstraint(_)
            | Action::DropConstraint { .. }
            | Action::AlterConstraint { .. }
            | Action::CreateIndex(_)
            | Action::DropIndex(_)
            | Action::RenameIndex { .. }
            | Action::SetIndexVisibility { .. }
            | Action::TableOptions(_)
            | Action::ConvertCharset { .. }
            | Action::ForceRebuild
            | Action::OrderBy
            | Action::Keys { .. }
            | Action::SystemVersioning { .. }
            | Action::Period { .. }
            | Action::RenameTable { .. }
    )
}
