//! The connection to a database: one small trait and three engines behind it.
//!
//! Statements go out exactly as they are given, one at a time, over the protocol that leaves the
//! least behind on the server (PostgreSQL's simple protocol: an idle session of the extended one
//! keeps a snapshot that `CREATE INDEX CONCURRENTLY` elsewhere would wait for).

mod error;
mod literal;
mod measure;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod pgpass;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "postgres")]
mod tls;
mod url;

pub use error::{Details, DriverError, ServerError};
pub use literal::{quote_ident, quote_text};
pub use measure::measure;
pub use url::{DatabaseUrl, Host, Place, TlsMode, UrlError};

use std::fmt;

use crate::engine::{Engine, Target, Version};

/// What a statement left behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Rows changed or returned, as the server counts them.
    pub rows: u64,
    /// Notices and warnings, in the server's words.
    pub notices: Vec<String>,
}

/// One row as text; `None` is NULL.
pub type Row = Vec<Option<String>>;

/// Who answers at the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInfo {
    pub engine: Engine,
    pub version: Version,
    /// As the server writes it.
    pub version_text: String,
    /// The database's name, or the file of SQLite.
    pub database: String,
    pub user: String,
    /// Why it will refuse writes: a standby, a read-only server.
    pub read_only: Option<String>,
    /// SQLite: the file was not there before.
    pub created: bool,
}

impl ServerInfo {
    pub fn target(&self) -> Target {
        Target::new(self.engine, self.version)
    }
}

/// The server's name for a session: a process id, a connection id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct SessionId(pub String);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One connection.
pub trait Session: Send {
    fn info(&self) -> &ServerInfo;

    fn id(&self) -> &SessionId;

    /// Runs one statement.
    fn execute(&mut self, statement: &str) -> Result<Outcome, ServerError>;

    /// Runs one statement and gives its rows.
    fn query(&mut self, statement: &str) -> Result<Vec<Row>, ServerError>;

    /// PostgreSQL's `COPY … FROM stdin` with its data.
    fn copy_in(&mut self, statement: &str, data: &str) -> Result<Outcome, ServerError>;

    /// A handle that stops the statement in progress from another thread.
    fn canceller(&self) -> Box<dyn Cancel>;

    /// Inside a transaction block, as far as the connection itself knows; `None` where it does not.
    fn in_transaction(&self) -> Option<bool> {
        None
    }

    fn engine(&self) -> Engine {
        self.info().engine
    }

    /// The first value of the first row.
    fn query_value(&mut self, statement: &str) -> Result<Option<String>, ServerError> {
        Ok(self.query(statement)?.into_iter().next().and_then(|row| row.into_iter().next()).flatten())
    }

    fn quote(&self, text: &str) -> String {
        quote_text(self.engine(), text)
    }
}

/// Stops what a session is doing.
pub trait Cancel: Send {
    fn cancel(&self) -> Result<(), ServerError>;
}

/// Whether a SQLite file that does not exist is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Create,
    Existing,
}

/// Opens a session. The password never appears in an error.
pub fn connect(url: &DatabaseUrl, access: Access) -> Result<Box<dyn Session>, DriverError> {
    match url.engine {
        Engine::Postgres => {
            #[cfg(feature = "postgres")]
            return Ok(Box::new(postgres::PostgresSession::connect(url)?));
            #[cfg(not(feature = "postgres"))]
            return Err(DriverError::NotBuilt { engine: url.engine });
        }
        Engine::Mysql | Engine::Mariadb => {
            #[cfg(feature = "mysql")]
            return Ok(Box::new(mysql::MysqlSession::connect(url)?));
            #[cfg(not(feature = "mysql"))]
            return Err(DriverError::NotBuilt { engine: url.engine });
        }
        Engine::Sqlite => {
            #[cfg(feature = "sqlite")]
            return Ok(Box::new(sqlite::SqliteSession::open(url, access)?));
            #[cfg(not(feature = "sqlite"))]
            {
                let _ = access;
                Err(DriverError::NotBuilt { engine: url.engine })
            }
        }
    }
}
