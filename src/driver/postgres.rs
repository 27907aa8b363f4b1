//! PostgreSQL.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::postgres::config::SslMode;
use ::postgres::error::ErrorPosition;
use ::postgres::{CancelToken, Client, Config, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::{Details, DriverError, ServerError};
use super::url::{DatabaseUrl, Place, TlsMode};
use super::{Cancel, Outcome, Row, ServerInfo, Session, SessionId, pgpass};
use crate::engine::{Engine, Version};

/// How often the server looks whether we are still there while it works. Without it a killed
/// client's statement goes on to its end, locks held, and commits (seen on 15 and 18).
const CHECK_INTERVAL: &str = "2s";

pub(super) struct PostgresSession {
    client: Client,
    tls: MakeRustlsConnect,
    notices: Arc<Mutex<Vec<String>>>,
    info: ServerInfo,
    id: SessionId,
}

impl PostgresSession {
    pub(super) fn connect(url: &DatabaseUrl) -> Result<Self, DriverError> {
        let target = url.to_string();
        let tls_config = super::tls::client_config(url).map_err(|reason| DriverError::Tls { target: target.clone(), reason })?;
        let tls = MakeRustlsConnect::new(tls_config);
        let notices = Arc::new(Mutex::new(Vec::new()));
        let mut config = config(url);
        let sink = Arc::clone(&notices);
        config.notice_callback(move |notice| {
            let text = format!("{}: {}", notice.severity(), notice.message());
            sink.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        });
        let failed = |error: ServerError| DriverError::Connect { target: target.clone(), error };
        let mut client = config.connect(tls.clone()).map_err(|error| failed(server_error(&error)))?;
        // Servers before 14 and platforms without the means refuse it: then there is no such check.
        let _ = client.simple_query(&format!("SET client_connection_check_interval = '{CHECK_INTERVAL}'"));
        let (info, id) = describe(&mut client).map_err(|error| failed(server_error(&error)))?;
        notices.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(PostgresSession { client, tls, notices, info, id })
    }

    fn run(&mut self, statement: &str) -> Result<Vec<SimpleQueryMessage>, ServerError> {
        let answer = self.client.simple_query(statement);
        answer.map_err(|error| self.refused(&error))
    }

    fn refused(&self, error: &::postgres::Error) -> ServerError {
        let mut error = server_error(error);
        error.connection_lost |= self.client.is_closed();
        error
    }

    fn take_notices(&self) -> Vec<String> {
        std::mem::take(&mut *self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn config(url: &DatabaseUrl) -> Config {
    let mut config = Config::new();
    let user = url.user.clone().or_else(|| std::env::var("PGUSER").ok()).or_else(|| std::env::var("USER").ok());
    let user = user.unwrap_or_else(|| "postgres".to_owned());
    let database = url.database.clone().or_else(|| std::env::var("PGDATABASE").ok()).unwrap_or_else(|| user.clone());
    config.user(&user).dbname(&database);
    // A Unix socket is never encrypted, and rustls would refuse its path as a host name.
    let mut mode = match url.tls {
        TlsMode::Disable => SslMode::Disable,
        TlsMode::Prefer => SslMode::Prefer,
        TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull => SslMode::Require,
    };
    let (host, port) = match &url.place {
        Place::Hosts(hosts) if !hosts.is_empty() => {
            for host in hosts {
                config.host(&host.name);
                config.port(host.port.unwrap_or(5432));
            }
            hosts.first().map(|host| (host.name.clone(), host.port)).unwrap_or_default()
        }
        place => {
            let (path, port) = match place {
                Place::Socket { path, port } => (path.clone(), *port),
                _ => (PathBuf::from("/var/run/postgresql"), None),
            };
            mode = SslMode::Disable;
            config.host_path(&path);
            config.port(port.unwrap_or(5432));
            (path.to_string_lossy().into_owned(), port)
        }
    };
    config.ssl_mode(mode);
    let password = url.password.clone().or_else(|| std::env::var("PGPASSWORD").ok());
    if let Some(password) = password.or_else(|| pgpass::lookup(&host, port.unwrap_or(5432), &database, &user)) {
        config.password(password);
    }
    if let Some(options) = url.parameter("options") {
        config.options(options);
    }
    let seconds = url.parameter("connect_timeout").and_then(|text| text.parse().ok()).filter(|&seconds| seconds > 0);
    config.connect_timeout(Duration::from_secs(seconds.unwrap_or(10)));
    config.keepalives(true).keepalives_idle(Duration::from_secs(30)).application_name("lockgate");
    config
}

fn describe(client: &mut Client) -> Result<(ServerInfo, SessionId), ::postgres::Error> {
    let answer = client.simple_query(
        "SELECT current_setting('server_version'), current_database(), current_user, pg_backend_pid(), \
         pg_is_in_recovery()::text, current_setting('default_transaction_read_only')",
    )?;
    let row = rows(answer).into_iter().next().unwrap_or_default();
    let value = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
    let version_text = value(0);
    let version = version_text.parse::<Version>().unwrap_or_else(|_| Engine::Postgres.default_version());
    let read_only = if value(4) == "true" {
        Some("it is a standby (in recovery)".to_owned())
    } else if value(5) == "on" {
        Some("default_transaction_read_only is on".to_owned())
    } else {
        None
    };
    let info =
        ServerInfo { engine: Engine::Postgres, version, version_text, database: value(1), user: value(2), read_only, created: false };
    Ok((info, SessionId(value(3))))
}

fn rows(messages: Vec<SimpleQueryMessage>) -> Vec<Row> {
    let mut rows = Vec::new();
    for message in messages {
        if let SimpleQueryMessage::Row(row) = message {
            rows.push((0..row.len()).map(|at| row.try_get(at).ok().flatten().map(str::to_owned)).collect());
        }
    }
    rows
}

fn server_error(error: &::postgres::Error) -> ServerError {
    let Some(db) = error.as_db_error() else {
        let mut text = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(inner) = source {
            let inner_text = inner.to_string();
            if !text.contains(&inner_text) {
                text = format!("{text}: {inner_text}");
            }
            source = inner.source();
        }
        return ServerError::lost(text);
    };
    let code = db.code().code().to_owned();
    ServerError {
        // 57P01 to 57P03: the server is shutting down or ended this session. Class 08: connection.
        connection_lost: code.starts_with("57P0") || code.starts_with("08") || db.severity() == "FATAL",
        code,
        message: db.message().to_owned(),
        more: Some(Box::new(Details {
            detail: db.detail().map(str::to_owned),
            hint: db.hint().map(str::to_owned),
            context: db.where_().map(str::to_owned),
        })),
        position: match db.position() {
            Some(ErrorPosition::Original(position)) => Some(*position),
            Some(ErrorPosition::Internal { .. }) | None => None,
        },
    }
}

impl Session for PostgresSession {
    fn info(&self) -> &ServerInfo {
        &self.info
    }

    fn id(&self) -> &SessionId {
        &self.id
    }

    fn execute(&mut self, statement: &str) -> Result<Outcome, ServerError> {
        self.take_notices();
        let messages = self.run(statement)?;
        let mut rows = 0;
        for message in messages {
            if let SimpleQueryMessage::CommandComplete(count) = message {
                rows += count;
            }
        }
        Ok(Outcome { rows, notices: self.take_notices() })
    }

    fn query(&mut self, statement: &str) -> Result<Vec<Row>, ServerError> {
        Ok(rows(self.run(statement)?))
    }

    fn copy_in(&mut self, statement: &str, data: &str) -> Result<Outcome, ServerError> {
        self.take_notices();
        let copied = self.client.copy_in(statement).and_then(|mut writer| {
            // A write error is the server's refusal: `finish` tells its words.
            let _ = writer.write_all(data.as_bytes());
            writer.finish()
        });
        match copied {
            Ok(rows) => Ok(Outcome { rows, notices: self.take_notices() }),
            Err(error) => Err(self.refused(&error)),
        }
    }

    fn canceller(&self) -> Box<dyn Cancel> {
        Box::new(PostgresCancel { token: self.client.cancel_token(), tls: self.tls.clone() })
    }
}

struct PostgresCancel {
    token: CancelToken,
    tls: MakeRustlsConnect,
}

impl Cancel for PostgresCancel {
    fn cancel(&self) -> Result<(), ServerError> {
        self.token.cancel_query(self.tls.clone()).map_err(|error| server_error(&error))
    }
}
