//! MySQL and MariaDB.

use std::path::PathBuf;
use std::time::Duration;

use ::mysql::consts::CapabilityFlags;
use ::mysql::prelude::Queryable as _;
use ::mysql::{Conn, DriverError as MysqlDriverError, Error, Opts, OptsBuilder, SslOpts, Value};

use super::error::{DriverError, ServerError};
use super::url::{DatabaseUrl, Place, TlsMode, UrlError};
use super::{Cancel, Outcome, Row, ServerInfo, Session, SessionId};
use crate::engine::{Engine, Version};

pub(super) struct MysqlSession {
    connection: Conn,
    options: Opts,
    info: ServerInfo,
    id: SessionId,
}

impl MysqlSession {
    pub(super) fn connect(url: &DatabaseUrl) -> Result<Self, DriverError> {
        if url.database.is_none() {
            return Err(UrlError::NoDatabase("write it after the host, as in mysql://user@host/database").into());
        }
        let target = url.to_string();
        let failed = |error: &Error| DriverError::Connect { target: target.clone(), error: server_error(error) };
        let (connection, options) = open(url).map_err(|error| failed(&error))?;
        let mut session = MysqlSession {
            id: SessionId(connection.connection_id().to_string()),
            connection,
            options,
            info: ServerInfo {
                engine: url.engine,
                version: url.engine.default_version(),
                version_text: String::new(),
                database: url.database.clone().unwrap_or_default(),
                user: url.user.clone().unwrap_or_default(),
                read_only: None,
                created: false,
            },
        };
        session.describe().map_err(|error| DriverError::Connect { target, error })?;
        Ok(session)
    }

    fn describe(&mut self) -> Result<(), ServerError> {
        let row = self.query("SELECT VERSION(), CURRENT_USER(), @@global.read_only")?.into_iter().next().unwrap_or_default();
        let value = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
        let text = value(0);
        // The server says which of the two it is; the scheme of the address is only a guess.
        self.info.engine = if text.to_ascii_lowercase().contains("mariadb") { Engine::Mariadb } else { Engine::Mysql };
        let number = text.strip_prefix("5.5.5-").unwrap_or(&text);
        self.info.version = number.parse::<Version>().unwrap_or_else(|_| self.info.engine.default_version());
        self.info.version_text = text;
        self.info.user = value(1);
        if value(2) != "0" && !value(2).eq_ignore_ascii_case("off") {
            self.info.read_only = Some("read_only is on (a replica?)".to_owned());
        }
        Ok(())
    }

    fn lost(&self, error: &Error) -> ServerError {
        server_error(error)
    }
}

/// TLS is all or nothing in the protocol's client: `prefer` tries it and goes on without.
fn open(url: &DatabaseUrl) -> Result<(Conn, Opts), Error> {
    let plain = Opts::from(builder(url));
    let over_socket = matches!(url.place, Place::Socket { .. });
    if url.tls == TlsMode::Disable || (over_socket && url.tls == TlsMode::Prefer) {
        return Ok((Conn::new(plain.clone())?, plain));
    }
    let secure = Opts::from(OptsBuilder::from_opts(plain.clone()).ssl_opts(Some(tls(url))));
    match Conn::new(secure.clone()) {
        Ok(connection) => Ok((connection, secure)),
        Err(Error::DriverError(MysqlDriverError::TlsNotSupported) | Error::TlsError(_)) if url.tls == TlsMode::Prefer => {
            Ok((Conn::new(plain.clone())?, plain))
        }
        Err(error) => Err(error),
    }
}

fn tls(url: &DatabaseUrl) -> SslOpts {
    let root = ["ssl-ca", "sslrootcert", "ssl_ca"].into_iter().find_map(|name| url.parameter(name)).map(PathBuf::from);
    let options = SslOpts::default().with_root_cert_path(root);
    match url.tls {
        TlsMode::Disable | TlsMode::Prefer | TlsMode::Require => {
            options.with_danger_accept_invalid_certs(true).with_danger_skip_domain_validation(true)
        }
        TlsMode::VerifyCa => options.with_danger_skip_domain_validation(true),
        TlsMode::VerifyFull => options,
    }
}

fn builder(url: &DatabaseUrl) -> OptsBuilder {
    let password = url.password.clone().or_else(|| std::env::var("MYSQL_PWD").ok());
    let seconds = url.parameter("connect_timeout").and_then(|text| text.parse().ok()).filter(|&seconds| seconds > 0);
    let options = OptsBuilder::new()
        .user(url.user.clone().or_else(|| std::env::var("USER").ok()))
        .pass(password)
        .db_name(url.database.clone())
        // Otherwise the client leaves the address it was given for the server's own socket.
        .prefer_socket(false)
        .tcp_connect_timeout(Some(Duration::from_secs(seconds.unwrap_or(10))))
        .tcp_keepalive_time_ms(Some(30_000))
        .additional_capabilities(CapabilityFlags::empty())
        .connect_attrs(Some(std::collections::HashMap::from([("program_name", "lockgate")])));
    match &url.place {
        Place::Socket { path, .. } => options.socket(Some(path.to_string_lossy().into_owned())),
        Place::Hosts(hosts) => {
            let (name, port) = hosts.first().map_or(("localhost", None), |host| (host.name.as_str(), host.port));
            options.ip_or_hostname(Some(name)).tcp_port(port.unwrap_or(3306))
        }
        Place::File(_) | Place::Memory => options,
    }
}

fn server_error(error: &Error) -> ServerError {
    match error {
        Error::MySqlError(db) => ServerError {
            // 1053 shutdown, 1927 and 1152/1184 killed or aborted connection.
            connection_lost: matches!(db.code, 1053 | 1152 | 1184 | 1927),
            ..ServerError::new(&db.code.to_string(), db.message.clone())
        },
        // The codec's words are about packets and TLS records; what they mean is this.
        Error::CodecError(_) => ServerError::lost("the server closed the connection"),
        Error::IoError(error) => ServerError::lost(error.to_string()),
        Error::DriverError(_) | Error::TlsError(_) => ServerError::lost(error.to_string()),
        other => ServerError::new("", other.to_string()),
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::NULL => None,
        Value::Bytes(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        // The text protocol sends bytes only; the rest is for completeness.
        other => Some(other.as_sql(true).trim_matches('\'').to_owned()),
    }
}

impl Session for MysqlSession {
    fn info(&self) -> &ServerInfo {
        &self.info
    }

    fn id(&self) -> &SessionId {
        &self.id
    }

    fn execute(&mut self, statement: &str) -> Result<Outcome, ServerError> {
        let mut outcome = Outcome::default();
        let mut warnings = 0;
        let ran = self.connection.query_iter(statement).and_then(|mut result| {
            // CALL answers with several result sets; each must be read.
            while let Some(set) = result.iter() {
                outcome.rows += set.affected_rows();
                warnings = set.warnings();
                for row in set {
                    row?;
                    outcome.rows += 1;
                }
            }
            Ok(())
        });
        ran.map_err(|error| self.lost(&error))?;
        if warnings > 0 {
            for row in self.query("SHOW WARNINGS LIMIT 20")? {
                let mut parts = row.into_iter().map(Option::unwrap_or_default);
                let (level, code, message) = (parts.next(), parts.next(), parts.next());
                outcome.notices.push(format!(
                    "{} {}: {}",
                    level.unwrap_or_default(),
                    code.unwrap_or_default(),
                    message.unwrap_or_default()
                ));
            }
        }
        Ok(outcome)
    }

    fn query(&mut self, statement: &str) -> Result<Vec<Row>, ServerError> {
        let rows: Result<Vec<::mysql::Row>, Error> = self.connection.query(statement);
        let rows = rows.map_err(|error| self.lost(&error))?;
        Ok(rows.into_iter().map(|row| row.unwrap_raw().into_iter().map(|value| value.and_then(text)).collect()).collect())
    }

    fn copy_in(&mut self, _: &str, _: &str) -> Result<Outcome, ServerError> {
        Err(ServerError::new("", "COPY … FROM stdin is PostgreSQL's"))
    }

    fn canceller(&self) -> Box<dyn Cancel> {
        Box::new(MysqlCancel { options: self.options.clone(), id: self.connection.connection_id() })
    }
}

struct MysqlCancel {
    options: Opts,
    id: u32,
}

impl Cancel for MysqlCancel {
    fn cancel(&self) -> Result<(), ServerError> {
        let mut second = Conn::new(self.options.clone()).map_err(|error| server_error(&error))?;
        second.query_drop(format!("KILL QUERY {}", self.id)).map_err(|error| server_error(&error))
    }
}
