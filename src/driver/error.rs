//! What can go wrong between us and a server.

use std::fmt;

use super::url::UrlError;
use crate::engine::Engine;

/// A statement the server refused, or a connection that broke under it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerError {
    /// SQLSTATE (PostgreSQL), error number (MySQL, MariaDB), result code name (SQLite).
    pub code: String,
    pub message: String,
    pub more: Option<Box<Details>>,
    /// Characters into the statement, from 1.
    pub position: Option<u32>,
    /// The connection is gone: whether the statement took effect is not known.
    pub connection_lost: bool,
}

/// What PostgreSQL adds to a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    pub detail: Option<String>,
    pub hint: Option<String>,
    /// In which routine or statement it happened.
    pub context: Option<String>,
}

impl ServerError {
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        ServerError { code: code.to_owned(), message: message.into(), ..ServerError::default() }
    }

    pub fn lost(message: impl Into<String>) -> Self {
        ServerError { connection_lost: true, ..ServerError::new("", message) }
    }

    /// Somebody else holds a lock for longer than we wait: nothing was done.
    pub fn is_lock_timeout(&self) -> bool {
        // MariaDB's ER_LOCK_WAIT_TIMEOUT and MySQL's are both 1205; MySQL 3572 is NOWAIT.
        matches!(self.code.as_str(), "55P03" | "1205" | "3572" | "SQLITE_BUSY" | "SQLITE_LOCKED" | "SQLITE_BUSY_SNAPSHOT")
    }

    /// The server chose us as the victim of a deadlock, or could not serialise.
    pub fn is_deadlock(&self) -> bool {
        matches!(self.code.as_str(), "40P01" | "40001" | "1213")
    }

    /// Stopped on request: ours, an administrator's, or by `statement_timeout`.
    pub fn is_cancelled(&self) -> bool {
        matches!(self.code.as_str(), "57014" | "1317" | "1969" | "3024" | "SQLITE_INTERRUPT")
    }

    pub fn is_disk_full(&self) -> bool {
        matches!(self.code.as_str(), "53100" | "1114" | "1021" | "SQLITE_FULL")
    }

    /// The object the statement names does not exist.
    pub fn is_missing_object(&self) -> bool {
        matches!(self.code.as_str(), "42P01" | "1146")
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.code.is_empty() {
            write!(f, " ({})", self.code)?;
        }
        Ok(())
    }
}

impl std::error::Error for ServerError {}

/// A connection that could not be had.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    #[error("{0}")]
    Url(#[from] UrlError),
    #[error("this build of lockgate has no {} driver: build it with the `{engine}` feature", engine.title())]
    NotBuilt { engine: Engine },
    #[error("cannot connect to {target}: {error}")]
    Connect { target: String, error: ServerError },
    #[error("cannot set up TLS for {target}: {reason}")]
    Tls { target: String, reason: String },
    #[error("there is no database file {path}")]
    NoSuchFile { path: String },
    #[error("{target} is version {version}, which lockgate does not support: {needs} is needed")]
    TooOld { target: String, version: String, needs: &'static str },
}
