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

pub use effects::{
    Algorithm, Alone, Breakage, BreakageKind, Build, Dml, Effects, Failure, FailureCause, Loss, LossKind, Rewrite, Scan, ScanReason,
    StatementEffects, Transactionality, Truth, Unknown,
};
pub use sqlite::ineffective_pragma;

pub use lock::{Lock, LockMode, RelationKind};

use crate::catalog::Catalog;
use crate::change::Statement;
use crate::engine::Engine;

/// What a statement will do to a database that looks like `before`.
pub fn predict(statement: &Statement, before: &Catalog) -> StatementEffects {
    let changes = match statement.taken_apart() {
        Some(parts) => sequence::effects(&parts, before),
        None => {
            let mut changes = of_one(statement, before);
            names::check(statement, before, &mut changes);
            changes
        }
    };
    let mut whole = Effects { reversible: Truth::Yes, ..Effects::default() };
    for effects in &changes {
        whole.absorb(effects);
    }
    StatementEffects { changes, whole }
}

/// One answer for each change of a statement that does not consist of others.
fn of_one(statement: &Statement, before: &Catalog) -> Vec<Effects> {
    match before.target.engine {
        Engine::Postgres => postgres::effects(statement, before),
        Engine::Mysql | Engine::Mariadb => mysql::effects(statement, before),
        Engine::Sqlite => sqlite::effects(statement, before),
    }
}
