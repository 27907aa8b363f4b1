//! Where a database is: `postgres://`, `mysql://`, `mariadb://`, `sqlite:` or a file's path.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::engine::Engine;

/// A database address. `Display` leaves the password out.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    pub engine: Engine,
    pub place: Place,
    pub user: Option<String>,
    pub(super) password: Option<String>,
    pub database: Option<String>,
    pub tls: TlsMode,
    /// What else stood after the `?`, by lower-case name.
    pub parameters: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Hosts(Vec<Host>),
    /// A directory (PostgreSQL) or a file (MySQL).
    Socket {
        path: PathBuf,
        port: Option<u16>,
    },
    File(PathBuf),
    Memory,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    pub name: String,
    pub port: Option<u16>,
}

/// How far the server is trusted, in libpq's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsMode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// An address that cannot be read. None of these repeats the address: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    #[error("unknown kind of database `{0}`: use postgres://, mysql://, mariadb:// or sqlite:")]
    Scheme(String),
    #[error("the database address is empty")]
    Empty,
    #[error("the port in the database address is not a number (write special characters of a password as %XX)")]
    Port,
    #[error("the database address has a broken percent escape")]
    Escape,
    #[error("`{0}` is no TLS mode: use disable, prefer, require, verify-ca or verify-full")]
    TlsMode(String),
    #[error("the database address names no database: {0}")]
    NoDatabase(&'static str),
}

impl DatabaseUrl {
    /// A SQLite file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        DatabaseUrl::bare(Engine::Sqlite, Place::File(path.into()))
    }

    fn bare(engine: Engine, place: Place) -> Self {
        DatabaseUrl { engine, place, user: None, password: None, database: None, tls: TlsMode::Prefer, parameters: BTreeMap::new() }
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }
}

impl FromStr for DatabaseUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UrlError::Empty);
        }
        let Some((scheme, rest)) = split_scheme(text) else {
            return Ok(DatabaseUrl::file(text));
        };
        match scheme.to_ascii_lowercase().as_str() {
            "postgres" | "postgresql" => server(Engine::Postgres, rest),
            "mysql" => server(Engine::Mysql, rest),
            "mariadb" => server(Engine::Mariadb, rest),
            "sqlite" | "sqlite3" => Ok(sqlite(rest)),
            "file" => Ok(DatabaseUrl::bare(Engine::Sqlite, Place::File(PathBuf::from(text)))),
            other => Err(UrlError::Scheme(other.to_owned())),
        }
    }
}

/// `C:\data\app.db` is a path, `sqlite:app.db` is not; a word followed by `://` is always a scheme.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let word = scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let known = matches!(scheme.to_ascii_lowercase().as_str(), "sqlite" | "sqlite3" | "file");
    (word && (known || rest.starts_with("//"))).then_some((scheme, rest))
}

fn sqlite(rest: &str) -> DatabaseUrl {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    // Parameters of other tools (`?mode=rwc`) do not belong to the file's name.
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut url = if path == ":memory:" || path.is_empty() {
        DatabaseUrl::bare(Engine::Sqlite, Place::Memory)
    } else {
        DatabaseUrl::file(decode(path).unwrap_or_else(|_| path.to_owned()))
    };
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        url.parameters.insert(name.to_ascii_lowercase(), value.to_ascii_lowercase());
    }
    url
}

fn server(engine: Engine, rest: &str) -> Result<DatabaseUrl, UrlError> {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    // A password may hold a slash: the login ends at the last `@`.
    let (login, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
    let (hosts, database) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, password) = login.split_once(':').map_or((login, None), |(user, password)| (user, Some(password)));

    let mut url = DatabaseUrl::bare(engine, Place::Hosts(Vec::new()));
    url.user = present(decode(user)?);
    url.password = password.map(decode).transpose()?;
    url.database = present(decode(database)?);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        url.parameters.insert(decode(name)?.to_ascii_lowercase(), decode(value)?);
    }
    url.place = place(hosts, &url.parameters)?;
    for name in ["sslmode", "ssl-mode", "ssl_mode"] {
        if let Some(value) = url.parameters.get(name) {
            url.tls = value.parse()?;
        }
    }
    take_login(&mut url);
    Ok(url)
}

/// `?user=`, `?password=` and `?dbname=`, which libpq allows as well.
fn take_login(url: &mut DatabaseUrl) {
    if let Some(user) = url.parameters.remove("user") {
        url.user.get_or_insert(user);
    }
    if let Some(password) = url.parameters.remove("password") {
        url.password.get_or_insert(password);
    }
    if let Some(database) = url.parameters.remove("dbname") {
        url.database.get_or_insert(database);
    }
}

fn place(hosts: &str, parameters: &BTreeMap<String, String>) -> Result<Place, UrlError> {
    let port = parameters.get("port").map(|port| port.parse().map_err(|_| UrlError::Port)).transpose()?;
    for name in ["host", "socket"] {
        if let Some(path) = parameters.get(name) {
            if path.starts_with('/') || name == "socket" {
                return Ok(Place::Socket { path: PathBuf::from(path), port });
            }
            return Ok(Place::Hosts(vec![Host { name: path.clone(), port }]));
        }
    }
    let mut list = Vec::new();
    for host in hosts.split(',').filter(|host| !host.is_empty()) {
        let (name, own_port) = split_port(host)?;
        let name = decode(name)?;
        if name.starts_with('/') {
            return Ok(Place::Socket { path: PathBuf::from(name), port: own_port.or(port) });
        }
        list.push(Host { name, port: own_port.or(port) });
    }
    if list.is_empty() && port.is_some() {
        list.push(Host { name: "localhost".to_owned(), port });
    }
    Ok(Place::Hosts(list))
}

/// `name`, `name:5432`, `[::1]:5432`.
fn split_port(host: &str) -> Result<(&str, Option<u16>), UrlError> {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, rest)) => (name, rest.strip_prefix(':')),
        None => host.rsplit_once(':').map_or((host, None), |(name, port)| (name, Some(port))),
    };
    match port {
        None | Some("") => Ok((name, None)),
        Some(port) => port.parse().map(|port| (name, Some(port))).map_err(|_| UrlError::Port),
    }
}

fn present(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn decode(text: &str) -> Result<String, UrlError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok()).ok_or(UrlError::Escape)?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| UrlError::Escape)?);
        rest = tail.get(2..).unwrap_or_default();
    }
    String::from_utf8(bytes).map_err(|_| UrlError::Escape)
}

impl FromStr for TlsMode {
    type Err = UrlError;

    /// libpq's names and MySQL's (`PREFERRED`, `VERIFY_IDENTITY`).
    fn from_str(text: &str) -> Result<Self, UrlError> {
        match text.to_ascii_lowercase().replace('_', "-").as_str() {
            "disable" | "disabled" => Ok(TlsMode::Disable),
            "allow" | "prefer" | "preferred" => Ok(TlsMode::Prefer),
            "require" | "required" => Ok(TlsMode::Require),
            "verify-ca" => Ok(TlsMode::VerifyCa),
            "verify-full" | "verify-identity" => Ok(TlsMode::VerifyFull),
            _ => Err(UrlError::TlsMode(text.to_owned())),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::File(path) => return write!(f, "{}", path.display()),
            Place::Memory => return f.write_str("an in-memory database"),
            Place::Hosts(_) | Place::Socket { .. } => {}
        }
        write!(f, "{}://", self.engine)?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        match &self.place {
            Place::Hosts(hosts) => {
                for (at, host) in hosts.iter().enumerate() {
                    let comma = if at > 0 { "," } else { "" };
                    write!(f, "{comma}{}", host.name)?;
                    if let Some(port) = host.port {
                        write!(f, ":{port}")?;
                    }
                }
            }
            Place::Socket { path, .. } => write!(f, "[{}]", path.display())?,
            Place::File(_) | Place::Memory => {}
        }
        write!(f, "/{}", self.database.as_deref().unwrap_or_default())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl From<&Path> for DatabaseUrl {
    fn from(path: &Path) -> Self {
        DatabaseUrl::file(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_read_and_never_shown() {
        let url: DatabaseUrl = "postgres://app:p%40ss:w@db.example:6432/shop?sslmode=verify-full".parse().unwrap();
        assert_eq!(url.password.as_deref(), Some("p@ss:w"));
        let slash: DatabaseUrl = "mysql://app:a/b:c@db/shop".parse().unwrap();
        assert_eq!((slash.password.as_deref(), slash.database.as_deref()), (Some("a/b:c"), Some("shop")));
        assert_eq!(url.tls, TlsMode::VerifyFull);
        assert_eq!(url.place, Place::Hosts(vec![Host { name: "db.example".to_owned(), port: Some(6432) }]));
        assert_eq!(format!("{url} {url:?}"), "postgres://app@db.example:6432/shop DatabaseUrl(postgres://app@db.example:6432/shop)");
    }

    #[test]
    fn sockets_and_files() {
        let url: DatabaseUrl = "postgresql://app@/shop?host=/run/pg&port=5433".parse().unwrap();
        assert_eq!(url.place, Place::Socket { path: "/run/pg".into(), port: Some(5433) });
        let url: DatabaseUrl = "postgres://%2Frun%2Fpg/shop".parse().unwrap();
        assert_eq!(url.place, Place::Socket { path: "/run/pg".into(), port: None });
        for text in ["sqlite:a b.db", "sqlite://a%20b.db?mode=rwc", "a b.db"] {
            assert_eq!(text.parse::<DatabaseUrl>().unwrap().place, Place::File("a b.db".into()), "{text}");
        }
        assert_eq!("sqlite::memory:".parse::<DatabaseUrl>().unwrap().place, Place::Memory);
        assert_eq!(r"C:\data\app.db".parse::<DatabaseUrl>().unwrap().engine, Engine::Sqlite);
        assert_eq!("mongodb://x".parse::<DatabaseUrl>(), Err(UrlError::Scheme("mongodb".to_owned())));
        assert_eq!("postgres://[::1]:x/".parse::<DatabaseUrl>(), Err(UrlError::Port));
    }
}
