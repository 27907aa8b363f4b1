//! Drivers in dependency manifests, and database URLs in environment files. A URL's user, password
//! and host are never repeated.

use std::path::Path;

use super::engine::Sign;
use crate::engine::Engine;
use crate::migration::{Evidence, Strength};

/// The manifests that are looked into.
pub(super) const NAMES: [&str; 15] = [
    "Cargo.toml",
    "go.mod",
    "package.json",
    "pyproject.toml",
    "requirements.txt",
    "Gemfile",
    "composer.json",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "prisma/schema.prisma",
    "Gemfile.lock",
    "config/database.yml",
    "db/schema.rb",
    "mix.exs",
];

/// Driver packages, by manifest; in quotes where the bare word would say too little.
const DRIVERS: &[(&str, &str, Engine)] = &[
    ("Cargo.toml", "tokio-postgres", Engine::Postgres),
    ("Cargo.toml", "\"postgres\"", Engine::Postgres),
    ("Cargo.toml", "\"mysql\"", Engine::Mysql),
    ("Cargo.toml", "mysql_async", Engine::Mysql),
    ("Cargo.toml", "\"sqlite\"", Engine::Sqlite),
    ("Cargo.toml", "rusqlite", Engine::Sqlite),
    ("go.mod", "github.com/lib/pq", Engine::Postgres),
    ("go.mod", "github.com/jackc/pgx", Engine::Postgres),
    ("go.mod", "github.com/go-sql-driver/mysql", Engine::Mysql),
    ("go.mod", "github.com/mattn/go-sqlite3", Engine::Sqlite),
    ("go.mod", "modernc.org/sqlite", Engine::Sqlite),
    ("package.json", "\"pg\"", Engine::Postgres),
    ("package.json", "\"postgres\"", Engine::Postgres),
    ("package.json", "\"mysql2\"", Engine::Mysql),
    ("package.json", "\"mysql\"", Engine::Mysql),
    ("package.json", "\"mariadb\"", Engine::Mariadb),
    ("package.json", "\"better-sqlite3\"", Engine::Sqlite),
    ("package.json", "\"sqlite3\"", Engine::Sqlite),
    ("pyproject.toml", "psycopg", Engine::Postgres),
    ("pyproject.toml", "asyncpg", Engine::Postgres),
    ("pyproject.toml", "pymysql", Engine::Mysql),
    ("pyproject.toml", "mysqlclient", Engine::Mysql),
    ("pyproject.toml", "aiosqlite", Engine::Sqlite),
    ("requirements.txt", "psycopg", Engine::Postgres),
    ("requirements.txt", "asyncpg", Engine::Postgres),
    ("requirements.txt", "pymysql", Engine::Mysql),
    ("requirements.txt", "mysqlclient", Engine::Mysql),
    ("requirements.txt", "aiosqlite", Engine::Sqlite),
    ("Gemfile", "\"pg\"", Engine::Postgres),
    ("Gemfile", "\"mysql2\"", Engine::Mysql),
    ("Gemfile", "\"trilogy\"", Engine::Mysql),
    ("Gemfile", "\"sqlite3\"", Engine::Sqlite),
    ("composer.json", "ext-pdo_pgsql", Engine::Postgres),
    ("composer.json", "ext-pdo_mysql", Engine::Mysql),
    ("prisma/schema.prisma", "\"postgresql\"", Engine::Postgres),
    ("prisma/schema.prisma", "\"mysql\"", Engine::Mysql),
    ("prisma/schema.prisma", "\"sqlite\"", Engine::Sqlite),
    ("Gemfile.lock", " pg (", Engine::Postgres),
    ("Gemfile.lock", " mysql2 (", Engine::Mysql),
    ("Gemfile.lock", " trilogy (", Engine::Mysql),
    ("Gemfile.lock", " sqlite3 (", Engine::Sqlite),
    ("config/database.yml", "adapter: postgresql", Engine::Postgres),
    ("config/database.yml", "adapter: mysql2", Engine::Mysql),
    ("config/database.yml", "adapter: trilogy", Engine::Mysql),
    ("config/database.yml", "adapter: sqlite3", Engine::Sqlite),
    // What Rails dumps says so by what only one engine has.
    ("db/schema.rb", "enable_extension", Engine::Postgres),
    ("db/schema.rb", "ENGINE=InnoDB", Engine::Mysql),
    ("db/schema.rb", "charset: \"utf8mb", Engine::Mysql),
    ("mix.exs", ":postgrex", Engine::Postgres),
    ("mix.exs", ":myxql", Engine::Mysql),
    ("mix.exs", ":ecto_sqlite3", Engine::Sqlite),
];

const JVM: [(&str, Engine); 6] = [
    ("org.postgresql", Engine::Postgres),
    ("flyway-database-postgresql", Engine::Postgres),
    ("mysql-connector", Engine::Mysql),
    ("flyway-mysql", Engine::Mysql),
    ("mariadb-java-client", Engine::Mariadb),
    ("sqlite-jdbc", Engine::Sqlite),
];

pub(super) fn dependencies(name: &str, path: &Path, text: &str) -> Vec<Sign> {
    let jvm = matches!(name, "pom.xml" | "build.gradle" | "build.gradle.kts");
    let text = text.replace('\'', "\"");
    let drivers = DRIVERS.iter().filter(|(manifest, ..)| *manifest == name).map(|(_, package, engine)| (*package, *engine));
    let jvm = JVM.into_iter().filter(|_| jvm);
    let found = drivers.chain(jvm).filter(|(package, _)| text.contains(package));
    found
        .map(|(package, engine)| {
            let what = format!("`{}` is named", package.trim_matches(['"', ' ', '(', ':']));
            Sign { engine, version: None, evidence: Evidence::new(Strength::Weak, path, what) }
        })
        .collect()
}

/// Variables whose value is a database URL or the name of a driver.
pub(super) fn environment(path: &Path, text: &str) -> Vec<Sign> {
    let sign = |line: &str| {
        let line = line.trim().trim_start_matches("export ").trim_start();
        if line.starts_with('#') {
            return None;
        }
        let (name, value) = line.split_once('=')?;
        let (name, value) = (name.trim(), value.trim().trim_matches(['"', '\'']));
        let driver = matches!(name, "GOOSE_DRIVER" | "DB_CONNECTION" | "DB_DRIVER" | "DB_DIALECT");
        let word = if driver { value } else { scheme(name, value)? };
        let engine = engine(word)?;
        let what = if driver { format!("{name}={value}") } else { format!("{name}={word}:…") };
        Some(Sign { engine, version: None, evidence: Evidence::new(Strength::Strong, path, what) })
    };
    text.lines().filter_map(sign).collect()
}

/// The scheme of a variable that holds a URL.
fn scheme<'a>(name: &str, value: &'a str) -> Option<&'a str> {
    let is_url = name.ends_with("URL") || name.ends_with("URI") || name.ends_with("DSN") || name == "GOOSE_DBSTRING";
    let value = value.strip_prefix("jdbc:").unwrap_or(value);
    is_url.then(|| value.split_once(':').map(|(scheme, _)| scheme))?
}

fn engine(word: &str) -> Option<Engine> {
    // `postgresql+asyncpg`, `mysql2`.
    let word = word.split('+').next().unwrap_or(word);
    match word {
        "pgsql" => Some(Engine::Postgres),
        "mysql2" => Some(Engine::Mysql),
        "file" => Some(Engine::Sqlite),
        word => word.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_give_the_engine_and_keep_their_secrets() {
        let text =
            "# DATABASE_URL=mysql://x\nexport DATABASE_URL=\"postgres://app:hunter2@db/app\"\nGOOSE_DRIVER=sqlite3\nREDIS_URL=redis://x\n";
        let found = environment(Path::new(".env"), text);
        assert_eq!(found.iter().map(|sign| sign.engine).collect::<Vec<_>>(), [Engine::Postgres, Engine::Sqlite]);
        assert!(found.iter().all(|sign| !sign.evidence.what.contains("hunter2")), "no password is repeated");
    }

    #[test]
    fn drivers_are_whole_names() {
        let found =
            |name: &str, text: &str| dependencies(name, Path::new(name), text).into_iter().map(|sign| sign.engine).collect::<Vec<_>>();
        assert_eq!(found("package.json", r#"{"dependencies": {"pg": "8", "pgpass": "1"}}"#), [Engine::Postgres]);
        assert_eq!(found("package.json", r#"{"dependencies": {"pgpass": "1"}}"#), []);
        assert_eq!(found("Gemfile", "gem 'mysql2'"), [Engine::Mysql]);
        assert_eq!(found("Gemfile.lock", "    pg (1.5.6)\n    pg_query (5.1.0)\n"), [Engine::Postgres]);
        assert_eq!(found("Gemfile.lock", "    pg_query (5.1.0)\n"), []);
        assert_eq!(found("config/database.yml", "default: &default\n  adapter: mysql2\n"), [Engine::Mysql]);
        assert_eq!(found("db/schema.rb", "  enable_extension \"plpgsql\"\n"), [Engine::Postgres]);
        assert_eq!(found("build.gradle", "runtimeOnly 'org.mariadb.jdbc:mariadb-java-client:3'"), [Engine::Mariadb]);
    }
}
