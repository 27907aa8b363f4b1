//! What it does: locks, rewrites, scans, losses, breakage, failure. Physics without opinion.
//!
//! One room per engine. The models are held against what real servers did by `tests/measured/`.

mod effects;
mod lock;
mod mysql;
mod names;
mod postgres;
mod sequence;
mod sqlite;
#[cfg(test)]
mod testing;

pub use effects::{
    Algorithm, Alone, Breakage, BreakageKind, Build, Dml, Effects, Failure, FailureCause, Loss, LossKind, Rewrite, Scan, ScanReason,
    StatementEffects, Transactionality, Truth, Unknown,
};
pub use sqlite::ineffective_pragma;

pub use lock::{Lock, LockMode, RelationKind};

use crate::catalog::Catalog;
use crate::change::{Action, Parsing, Statement};
use crate::engine::Engine;

/// What a statement will do to a database that looks like `before`.
pub fn predict(statement: &Statement, before: &Catalog) -> StatementEffects {
    let mut changes = match statement.taken_apart() {
        Some(parts) => sequence::effects(&parts, before),
        None => {
            let mut changes = of_one(statement, before);
            names::check(statement, before, &mut changes);
            changes
        }
    };
    // Of a statement that was not read to its end nothing is certain to be refused for what was read.
    if matches!(statement.parsing, Parsing::Partial { .. } | Parsing::Failed { .. }) {
        let failures = changes.iter_mut().flat_map(|effects| &mut effects.failures);
        failures.for_each(|failure| failure.certain = failure.certain.min(Truth::Unknown));
    }
    let mut whole = Effects { reversible: Truth::Yes, ..Effects::default() };
    for effects in &changes {
        whole.absorb(effects);
    }
    StatementEffects { changes, whole }
}

/// Whether a statement may leave something behind beside the schema: see [`remember`].
pub fn leaves_traces(statement: &Statement, catalog: &Catalog) -> bool {
    catalog.target.engine == Engine::Mysql && statement.verb.starts_with("ALTER TABLE")
}

/// Tells the catalog what a statement leaves behind beside the schema, after it was applied: MySQL
/// counts the instant ALTERs of a table (`innodb_tables.total_row_versions`).
pub fn remember(statement: &Statement, effects: &StatementEffects, catalog: &mut Catalog) {
    if !leaves_traces(statement, catalog) {
        return;
    }
    let Some(key) = statement.changes.iter().find_map(|change| change.table.as_ref()).map(|name| catalog.resolve(name)) else { return };
    let stored = |column: &crate::change::ColumnDef| {
        column.generated.as_ref().is_none_or(|generated| generated.kind == crate::change::GeneratedKind::Stored)
    };
    let counts = statement.changes.iter().any(|change| match &change.action {
        Action::AddColumn { column, .. } => stored(column),
        Action::DropColumn { .. } => true,
        _ => false,
    });
    let Some(now) = catalog.table_at(&key).map(|table| table.row_versions) else { return };
    if effects.whole.rebuild == Truth::Yes && now > 0 {
        catalog.set_row_versions(&key, 0);
    } else if counts && effects.whole.algorithm == Some(Algorithm::Instant) {
        catalog.set_row_versions(&key, now.saturating_add(1));
    }
}

/// One answer for each change of a statement that does not consist of others.
fn of_one(statement: &Statement, before: &Catalog) -> Vec<Effects> {
    match before.target.engine {
        Engine::Postgres => postgres::effects(statement, before),
        Engine::Mysql | Engine::Mariadb => mysql::effects(statement, before),
        Engine::Sqlite => sqlite::effects(statement, before),
    }
}
