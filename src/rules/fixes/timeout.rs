//! A limit for the wait.

use super::insertion;
use crate::engine::Engine;
use crate::facts::Context;
use crate::finding::Safety;
use crate::rules::hit::Remedy;

/// A limit in front of the statement. The migration may then fail where it would have waited, so a
/// person must look.
pub fn set(context: &Context<'_>) -> Option<Remedy> {
    if context.change.conditional {
        return None;
    }
    let words = match context.target().engine {
        // SET LOCAL ends with the transaction; outside one it would do nothing (manual, SET).
        Engine::Postgres if context.catalog().session.transaction.is_some() => "SET LOCAL lock_timeout = '2s';",
        Engine::Postgres => "SET lock_timeout = '2s';",
        Engine::Mysql | Engine::Mariadb => "SET SESSION lock_wait_timeout = 5;",
        Engine::Sqlite => return None,
    };
    let at = context.scene.statement.span.start;
    Some(insertion("limit the wait for the lock", Safety::Unsafe, at, &format!("{words}\n")))
}
