//! Which values tell one row of a table from another.

use super::{Context, walk};
use crate::engine::Engine;
use crate::sql::quoted_where_needed;

/// The columns to select so that a row can be found again: all of the key, for the rows that share
/// the first of them are others; or what every row has on this server.
pub(super) fn listed(cx: &Context<'_>) -> String {
    match (walk::key(cx), cx.target().engine) {
        (Some(columns), _) => columns.iter().map(|one| quoted_where_needed(one, cx.target()).into_owned()).collect::<Vec<_>>().join(", "),
        (None, Engine::Postgres) => "ctid".to_owned(),
        (None, Engine::Sqlite) => "rowid".to_owned(),
        (None, Engine::Mysql | Engine::Mariadb) => walk::column(cx),
    }
}

/// The same as one value that IN compares.
pub(super) fn row(cx: &Context<'_>) -> String {
    let columns = listed(cx);
    if walk::key(cx).is_some_and(|key| key.len() > 1) { format!("({columns})") } else { columns }
}
