//! What a migration may change about the session and must not leave to the next one.

use crate::driver::{ServerError, Session, quote_ident};
use crate::engine::Engine;

/// The session as it was before anything ran.
#[derive(Debug, Default)]
pub(super) struct Home {
    restore: Vec<String>,
}

const MYSQL_SETTINGS: [&str; 11] = [
    "sql_mode",
    "foreign_key_checks",
    "unique_checks",
    "time_zone",
    "autocommit",
    "character_set_client",
    "character_set_connection",
    "character_set_results",
    "collation_connection",
    "lock_wait_timeout",
    "innodb_lock_wait_timeout",
];

const SQLITE_PRAGMAS: [&str; 6] =
    ["foreign_keys", "legacy_alter_table", "recursive_triggers", "ignore_check_constraints", "writable_schema", "busy_timeout"];

impl Home {
    pub fn remember(session: &mut dyn Session) -> Result<Home, ServerError> {
        let engine = session.engine();
        let mut restore = Vec::new();
        match engine {
            // What the server, the role and the address ask for are the defaults that RESET goes back
            // to; only our own setting has to be made again.
            Engine::Postgres => {
                restore.push("RESET ALL".to_owned());
                if let Some(interval) = session.query_value("SELECT current_setting('client_connection_check_interval', true)")? {
                    restore.push(format!("SET client_connection_check_interval = {}", session.quote(&interval)));
                }
            }
            Engine::Mysql | Engine::Mariadb => {
                for name in MYSQL_SETTINGS {
                    if let Some(value) = session.query_value(&format!("SELECT @@session.{name}"))? {
                        let number = value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty();
                        let value = if number { value } else { session.quote(&value) };
                        restore.push(format!("SET SESSION {name} = {value}"));
                    }
                }
                if let Some(database) = session.query_value("SELECT DATABASE()")? {
                    restore.push(format!("USE {}", quote_ident(engine, &database)));
                }
            }
            Engine::Sqlite => {
                for name in SQLITE_PRAGMAS {
                    if let Some(value) = session.query_value(&format!("PRAGMA {name}"))? {
                        restore.push(format!("PRAGMA {name} = {value}"));
                    }
                }
            }
        }
        Ok(Home { restore })
    }

    /// Puts everything back. What cannot be put back is not worth failing for.
    pub fn restore(&self, session: &mut dyn Session) {
        if session.engine().is_mysql_family() {
            let _ = session.execute("UNLOCK TABLES");
        }
        let _ = drop_role(session);
        for statement in &self.restore {
            let _ = session.execute(statement);
        }
    }
}

/// Takes back a role the migration put on, so that the ledger is written as whoever connected.
pub(super) fn drop_role(session: &mut dyn Session) -> Result<(), ServerError> {
    if session.engine() == Engine::Postgres {
        let user = session.query_value("SELECT current_user")?.unwrap_or_default();
        if user != session.info().user {
            session.execute("RESET SESSION AUTHORIZATION")?;
            session.execute("RESET ROLE")?;
        }
    }
    Ok(())
}
