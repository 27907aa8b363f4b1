//! Indexes as the catalog knows them.

use crate::catalog::{Index, Table};
use crate::change::IndexKind;
use crate::engine::{Engine, Target};
use crate::fix::words;
use crate::sql::quoted;

/// `CREATE INDEX`, without a semicolon inside and with one at its end; nothing when the history
/// does not tell what the index is over.
pub fn create(table: &Table, index: &Index, target: Target) -> Option<String> {
    if index.keys.is_empty() {
        return None;
    }
    let kind = match index.kind {
        IndexKind::Plain if index.unique => "UNIQUE ",
        IndexKind::Plain => "",
        IndexKind::Fulltext => "FULLTEXT ",
        IndexKind::Spatial => "SPATIAL ",
        IndexKind::Vector => "VECTOR ",
    };
    let keys: Vec<String> = index.keys.iter().map(|key| words::index_key(key, target)).collect();
    let name = match target.engine {
        // SQLite wants the schema in front of the index, PostgreSQL in front of the table.
        Engine::Sqlite => words::within(&table.key.schema, &index.name, target),
        Engine::Postgres | Engine::Mysql | Engine::Mariadb => quoted(&index.name, target),
    };
    let on = match target.engine {
        Engine::Sqlite => quoted(&table.key.name, target),
        Engine::Postgres | Engine::Mysql | Engine::Mariadb => words::key(&table.key, target),
    };
    let only = if index.only { "ONLY " } else { "" };
    let method = index.method.as_str();
    let using = (target.engine == Engine::Postgres && !method.is_empty() && method != "btree").then(|| format!(" USING {method}"));
    let mut out = format!("CREATE {kind}INDEX {name} ON {only}{on}{} ({})", using.unwrap_or_default(), keys.join(", "));
    if !index.include.is_empty() {
        let include: Vec<String> = index.include.iter().map(|column| quoted(column, target)).collect();
        out.push_str(&format!(" INCLUDE ({})", include.join(", ")));
    }
    if index.nulls_not_distinct {
        out.push_str(" NULLS NOT DISTINCT");
    }
    if let Some(predicate) = &index.predicate {
        out.push_str(&format!(" WHERE {}", predicate.text.trim()));
    }
    if !index.visible {
        out.push_str(if target.engine == Engine::Mariadb { " IGNORED" } else { " INVISIBLE" });
    }
    out.push(';');
    Some(out)
}
