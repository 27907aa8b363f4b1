//! Which database, which version: the two facts every prediction depends on.

mod changes;
mod range;

pub use range::{TargetRange, Versions};

use std::fmt;
use std::str::FromStr;

/// A database engine Lockgate predicts and runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Engine {
    Postgres,
    Mysql,
    Mariadb,
    Sqlite,
}

impl Engine {
    pub const ALL: [Engine; 4] = [Engine::Postgres, Engine::Mysql, Engine::Mariadb, Engine::Sqlite];

    /// The name used on the command line, in rule files and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Postgres => "postgres",
            Engine::Mysql => "mysql",
            Engine::Mariadb => "mariadb",
            Engine::Sqlite => "sqlite",
        }
    }

    /// The name the vendor writes.
    pub fn title(self) -> &'static str {
        match self {
            Engine::Postgres => "PostgreSQL",
            Engine::Mysql => "MySQL",
            Engine::Mariadb => "MariaDB",
            Engine::Sqlite => "SQLite",
        }
    }

    /// MySQL and MariaDB share a grammar, implicit commits and Online DDL.
    pub fn is_mysql_family(self) -> bool {
        matches!(self, Engine::Mysql | Engine::Mariadb)
    }

    /// The version assumed when nothing names one: the oldest that is still widely run.
    pub fn default_version(self) -> Version {
        match self {
            Engine::Postgres => Version::series(&[14]),
            Engine::Mysql => Version::series(&[8, 0]),
            Engine::Mariadb => Version::series(&[10, 11]),
            Engine::Sqlite => Version::series(&[3, 40]),
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A server version. A part that was not written counts as the newest of its series:
/// `mysql@8.0` means the last 8.0 release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version {
    pub major: u16,
    pub minor: u16,
    pub patch: u16,
}

impl Version {
    /// An exact version.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Version { major, minor, patch }
    }

    /// A series: the parts not given count as the newest.
    pub fn series(parts: &[u16]) -> Self {
        let part = |i: usize| parts.get(i).copied().unwrap_or(u16::MAX);
        Version { major: part(0), minor: part(1), patch: part(2) }
    }

    /// Whether this version is `major.minor.patch` or newer.
    pub fn at_least(self, major: u16, minor: u16, patch: u16) -> bool {
        self >= Version::new(major, minor, patch)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.major)?;
        for part in [self.minor, self.patch] {
            if part == u16::MAX {
                break;
            }
            write!(f, ".{part}")?;
        }
        Ok(())
    }
}

impl FromStr for Version {
    type Err = TargetError;

    /// Reads `16`, `8.0.36`, `10.11.6-MariaDB-1:10.11`, `19rc1`: leading digits of each dotted part.
    fn from_str(text: &str) -> Result<Self, TargetError> {
        let mut parts = Vec::new();
        for piece in text.trim().split('.').take(3) {
            let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
            let Ok(number) = digits.parse::<u16>() else { break };
            parts.push(number);
            if digits.len() != piece.len() {
                break;
            }
        }
        if parts.is_empty() {
            return Err(TargetError::Version(text.to_owned()));
        }
        Ok(Version::series(&parts))
    }
}

/// An engine at a version: what a prediction is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Target {
    pub engine: Engine,
    pub version: Version,
}

impl Target {
    pub fn new(engine: Engine, version: Version) -> Self {
        Target { engine, version }
    }

    /// The engine at its default version.
    pub fn of(engine: Engine) -> Self {
        Target { engine, version: engine.default_version() }
    }

    pub fn at_least(self, major: u16, minor: u16, patch: u16) -> bool {
        self.version.at_least(major, minor, patch)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.engine, self.version)
    }
}

/// A `--engine` value that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    #[error("unknown engine `{0}`: use postgres, mysql, mariadb or sqlite, with a version as in `postgres@16`")]
    Engine(String),
    #[error("`{0}` is not a range of versions: write the older one first, as in `postgres@14..18` or `mysql@8.0..8.4`")]
    Range(String),
    #[error("`{0}` is not a version: write it as in `postgres@16` or `mysql@8.0.36`")]
    Version(String),
}

impl FromStr for Engine {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        match text.trim().to_ascii_lowercase().as_str() {
            "postgres" | "postgresql" | "pg" => Ok(Engine::Postgres),
            "mysql" => Ok(Engine::Mysql),
            "mariadb" => Ok(Engine::Mariadb),
            "sqlite" | "sqlite3" => Ok(Engine::Sqlite),
            _ => Err(TargetError::Engine(text.to_owned())),
        }
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        match text.split_once('@') {
            Some((engine, version)) => Ok(Target { engine: engine.parse()?, version: version.parse()? }),
            None => Ok(Target::of(text.parse()?)),
        }
    }
}
