//! SQLite, in process.

use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, InterruptHandle, OpenFlags};

use super::error::{DriverError, ServerError};
use super::url::{DatabaseUrl, Place};
use super::{Access, Cancel, Outcome, Row, ServerInfo, Session, SessionId};
use crate::engine::{Engine, Version};

pub(super) struct SqliteSession {
    connection: Connection,
    info: ServerInfo,
    id: SessionId,
}

impl SqliteSession {
    pub(super) fn open(url: &DatabaseUrl, access: Access) -> Result<Self, DriverError> {
        let target = url.to_string();
        let (path, created) = match &url.place {
            Place::File(path) => {
                let there = path.exists() || path.to_string_lossy().starts_with("file:");
                if !there && access == Access::Existing {
                    return Err(DriverError::NoSuchFile { path: path.display().to_string() });
                }
                (Some(path), !there)
            }
            _ => (None, true),
        };
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if access == Access::Create {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let opened = match path {
            Some(path) => Connection::open_with_flags(path, flags),
            None => Connection::open_in_memory(),
        };
        let failed = |error: rusqlite::Error| DriverError::Connect { target: target.clone(), error: server_error(&error) };
        let connection = opened.map_err(failed)?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(failed)?;
        // The first read shows a file that is no database.
        let _: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
        // The library is compiled with foreign keys on; SQLite's documented default, and that of every
        // shell the author will have tried the script in, is off.
        let enforced = matches!(url.parameter("foreign_keys"), Some("on" | "1" | "true" | "yes"));
        connection.pragma_update(None, "foreign_keys", enforced).map_err(failed)?;
        let read_only = connection.is_readonly("main").unwrap_or(false);
        let version_text = rusqlite::version().to_owned();
        let info = ServerInfo {
            engine: Engine::Sqlite,
            version: version_text.parse::<Version>().unwrap_or_else(|_| Engine::Sqlite.default_version()),
            version_text,
            database: target,
            user: String::new(),
            read_only: read_only.then(|| "the file cannot be written".to_owned()),
            created,
        };
        Ok(SqliteSession { connection, info, id: SessionId(std::process::id().to_string()) })
    }
}

fn server_error(error: &rusqlite::Error) -> ServerError {
    match error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            let text = message.clone().unwrap_or_else(|| failure.to_string());
            ServerError::new(&code_name(failure), text)
        }
        rusqlite::Error::SqlInputError { error, msg, offset, .. } => ServerError {
            // A byte offset; SQLite gives -1 where it has none.
            position: u32::try_from(*offset).ok().map(|offset| offset.saturating_add(1)),
            ..ServerError::new(&code_name(error), msg.clone())
        },
        other => ServerError::new("SQLITE_ERROR", other.to_string()),
    }
}

fn code_name(failure: &rusqlite::ffi::Error) -> String {
    // Extended codes whose difference matters to somebody who reads the message.
    match failure.extended_code {
        517 => return "SQLITE_BUSY_SNAPSHOT".to_owned(),
        275 => return "SQLITE_CONSTRAINT_CHECK".to_owned(),
        787 => return "SQLITE_CONSTRAINT_FOREIGNKEY".to_owned(),
        1299 => return "SQLITE_CONSTRAINT_NOTNULL".to_owned(),
        1555 => return "SQLITE_CONSTRAINT_PRIMARYKEY".to_owned(),
        2067 => return "SQLITE_CONSTRAINT_UNIQUE".to_owned(),
        _ => {}
    }
    match failure.code {
        ErrorCode::DatabaseBusy => "SQLITE_BUSY",
        ErrorCode::DatabaseLocked => "SQLITE_LOCKED",
        ErrorCode::DiskFull => "SQLITE_FULL",
        ErrorCode::OperationInterrupted => "SQLITE_INTERRUPT",
        ErrorCode::ConstraintViolation => "SQLITE_CONSTRAINT",
        ErrorCode::ReadOnly => "SQLITE_READONLY",
        ErrorCode::DatabaseCorrupt => "SQLITE_CORRUPT",
        ErrorCode::NotADatabase => "SQLITE_NOTADB",
        ErrorCode::CannotOpen => "SQLITE_CANTOPEN",
        ErrorCode::SystemIoFailure => "SQLITE_IOERR",
        ErrorCode::PermissionDenied => "SQLITE_PERM",
        ErrorCode::TooBig => "SQLITE_TOOBIG",
        _ => "SQLITE_ERROR",
    }
    .to_owned()
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

impl Session for SqliteSession {
    fn info(&self) -> &ServerInfo {
        &self.info
    }

    fn id(&self) -> &SessionId {
        &self.id
    }

    fn execute(&mut self, statement: &str) -> Result<Outcome, ServerError> {
        // `changes` would give the count of the last statement that changed rows, which a CREATE did not.
        let before = self.connection.total_changes();
        let mut prepared = self.connection.prepare(statement).map_err(|error| server_error(&error))?;
        let returns_rows = prepared.column_count() > 0;
        let mut returned = 0;
        let mut rows = prepared.raw_query();
        while rows.next().map_err(|error| server_error(&error))?.is_some() {
            returned += 1;
        }
        drop(rows);
        drop(prepared);
        let rows = if returns_rows { returned } else { self.connection.total_changes() - before };
        Ok(Outcome { rows, notices: Vec::new() })
    }

    fn query(&mut self, statement: &str) -> Result<Vec<Row>, ServerError> {
        let mut prepared = self.connection.prepare(statement).map_err(|error| server_error(&error))?;
        let columns = prepared.column_count();
        let mut rows = prepared.raw_query();
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(|error| server_error(&error))? {
            all.push((0..columns).map(|at| row.get_ref(at).ok().and_then(text)).collect());
        }
        Ok(all)
    }

    fn copy_in(&mut self, _: &str, _: &str) -> Result<Outcome, ServerError> {
        Err(ServerError::new("", "COPY … FROM stdin is PostgreSQL's"))
    }

    fn canceller(&self) -> Box<dyn Cancel> {
        Box::new(SqliteCancel { handle: self.connection.get_interrupt_handle() })
    }

    fn in_transaction(&self) -> Option<bool> {
        Some(!self.connection.is_autocommit())
    }
}

struct SqliteCancel {
    handle: InterruptHandle,
}

impl Cancel for SqliteCancel {
    fn cancel(&self) -> Result<(), ServerError> {
        self.handle.interrupt();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_rows_and_errors() {
        let url: DatabaseUrl = "sqlite::memory:".parse().unwrap();
        let mut session = SqliteSession::open(&url, Access::Create).unwrap();
        session.execute("CREATE TABLE t (a INTEGER NOT NULL)").unwrap();
        assert_eq!(session.execute("INSERT INTO t VALUES (1), (2)").unwrap().rows, 2);
        assert_eq!(session.execute("CREATE TABLE u (a)").unwrap().rows, 0);
        assert_eq!(session.query("SELECT a, NULL FROM t ORDER BY a").unwrap()[1], [Some("2".to_owned()), None]);
        let error = session.execute("INSERT INTO t VALUES (NULL)").unwrap_err();
        assert_eq!(error.code, "SQLITE_CONSTRAINT_NOTNULL");
        let error = session.execute("SELECT nope FROM t").unwrap_err();
        assert_eq!((error.code.as_str(), error.position), ("SQLITE_ERROR", Some(8)));
    }

    #[test]
    fn a_file_that_is_not_there_is_not_made_by_reading() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::file(folder.path().join("a.db"));
        assert!(matches!(SqliteSession::open(&url, Access::Existing), Err(DriverError::NoSuchFile { .. })));
        assert!(SqliteSession::open(&url, Access::Create).unwrap().info().created);
        assert!(!SqliteSession::open(&url, Access::Existing).unwrap().info().created);
    }
}
