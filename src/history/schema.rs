//! Where our tables are and how they are made.

use crate::driver::{ServerError, Session, quote_ident};
use crate::engine::Engine;

/// The qualified, quoted names of our tables. Qualified, because a migration may change
/// `search_path` or the current database before its own row is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    /// Unquoted, for messages and for the lock's key.
    pub schema: String,
    pub history: String,
    pub steps: String,
}

pub(super) const HISTORY: &str = "lockgate_history";
const STEPS: &str = "lockgate_steps";

impl Names {
    /// Finds the schema that has our tables, else the one new tables go to.
    pub fn locate(session: &mut dyn Session) -> Result<Names, ServerError> {
        let engine = session.engine();
        let schema = match engine {
            Engine::Postgres => {
                let found = session.query_value(&format!(
                    "SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                     WHERE c.oid = pg_catalog.to_regclass('{HISTORY}')"
                ))?;
                match found {
                    Some(schema) => schema,
                    None => session.query_value("SELECT pg_catalog.current_schema()")?.unwrap_or_else(|| "public".to_owned()),
                }
            }
            Engine::Mysql | Engine::Mariadb => session.query_value("SELECT DATABASE()")?.unwrap_or_default(),
            Engine::Sqlite => "main".to_owned(),
        };
        let qualified = |table| format!("{}.{}", quote_ident(engine, &schema), quote_ident(engine, table));
        Ok(Names { history: qualified(HISTORY), steps: qualified(STEPS), schema })
    }

    /// Which of our columns exist; empty when the table does not.
    pub fn exist(&self, session: &mut dyn Session) -> Result<bool, ServerError> {
        let schema = session.quote(&self.schema);
        let sql = match session.engine() {
            Engine::Postgres => format!(
                "SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                 WHERE n.nspname = {schema} AND c.relname IN ('{HISTORY}', '{STEPS}') AND c.relkind IN ('r', 'p')"
            ),
            Engine::Mysql | Engine::Mariadb => format!(
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = {schema} AND table_name IN ('{HISTORY}', '{STEPS}')"
            ),
            Engine::Sqlite => {
                format!("SELECT count(*) FROM main.sqlite_schema WHERE type = 'table' AND name IN ('{HISTORY}', '{STEPS}')")
            }
        };
        Ok(session.query_value(&sql)?.as_deref() == Some("2"))
    }

    /// The statements that make our tables; harmless where they are there.
    pub fn create(&self, engine: Engine) -> [String; 2] {
        let (short, long, big) = match engine {
            Engine::Postgres | Engine::Sqlite => ("text", "text", "bigint"),
            Engine::Mysql | Engine::Mariadb => ("varchar(255)", "longtext", "bigint"),
        };
        let suffix = if engine.is_mysql_family() { " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4" } else { "" };
        let history = &self.history;
        let steps = &self.steps;
        [
            format!(
                "CREATE TABLE IF NOT EXISTS {history} (\
                 ordinal {big} NOT NULL PRIMARY KEY, \
                 version {short} NOT NULL, \
                 name {short} NOT NULL, \
                 checksum {short} NOT NULL, \
                 state {short} NOT NULL, \
                 started_at {short} NOT NULL, \
                 finished_at {short}, \
                 duration_ms {big}, \
                 down_script {long}, \
                 applied_by {short} NOT NULL, \
                 lockgate_version {short} NOT NULL, \
                 accepted {long} NOT NULL, \
                 error {long}){suffix}"
            ),
            format!(
                "CREATE TABLE IF NOT EXISTS {steps} (\
                 ordinal {big} NOT NULL, \
                 position {big} NOT NULL, \
                 hash {short} NOT NULL, \
                 line {big} NOT NULL, \
                 statement {long} NOT NULL, \
                 state {short} NOT NULL, \
                 started_at {short} NOT NULL, \
                 finished_at {short}, \
                 error {long}, \
                 session {short} NOT NULL, \
                 PRIMARY KEY (ordinal, position)){suffix}"
            ),
        ]
    }
}
