//! MariaDB, from Debian's server package alone: its system tables are made by the server itself in
//! bootstrap mode, from the scripts the package brings.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;

use super::{Missing, Server, folder, free_port, run, server_command, spawn};

pub fn start(program: &Path) -> Result<Server, Missing> {
    if !program.exists() {
        return Err("MariaDB is not installed: run tests/servers/install.sh".to_owned());
    }
    let folder = folder()?;
    let path = folder.path();
    let data = path.join("data");
    run(server_command(Path::new("mkdir"), path).arg("-p").arg(data.join("mysql")))?;
    let common = |command: &mut std::process::Command| {
        command.arg("--no-defaults").arg(format!("--datadir={}", data.display())).arg(format!("--tmpdir={}", path.display()));
        command.args([
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=64M",
            "--skip-log-bin",
            "--sync-frm=0",
            "--innodb-flush-method=nosync",
            "--skip-innodb-doublewrite",
        ]);
    };
    let script = path.join("bootstrap.sql");
    std::fs::write(&script, bootstrap()?).map_err(|error| error.to_string())?;
    let mut command = server_command(program, path);
    common(&mut command);
    command.args(["--bootstrap", "--skip-networking", "--max-allowed-packet=16M"]);
    let output = command.stdin(File::open(&script).map_err(|error| error.to_string())?).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("MariaDB cannot make its system tables:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    let port = free_port();
    let mut command = server_command(program, path);
    common(&mut command);
    command.args([format!("--port={port}"), "--bind-address=127.0.0.1".to_owned()]);
    command.arg(format!("--socket={}", path.join("s").display())).arg(format!("--pid-file={}", path.join("pid").display()));
    let child = spawn(command, path)?;
    Server::new("mariadb".to_owned(), format!("mariadb://root@127.0.0.1:{port}"), "mysql", child, folder)
}

/// The package's own scripts, and a superuser without a password who may come from this machine.
fn bootstrap() -> Result<String, Missing> {
    let mut sql = "CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\n".to_owned();
    for name in ["system_tables", "performance_tables", "system_tables_data"] {
        let candidates = [format!("/usr/share/mysql/mysql_{name}.sql"), format!("/usr/share/mysql/mariadb_{name}.sql")];
        let found = candidates.iter().find_map(|path| std::fs::read_to_string(path).ok());
        sql.push_str(&found.ok_or_else(|| format!("the MariaDB package has no {name}.sql"))?);
        sql.push('\n');
    }
    for host in ["localhost", "127.0.0.1"] {
        let _ = writeln!(
            sql,
            "REPLACE INTO global_priv VALUES ('{host}', 'root', \
             '{{\"access\":18446744073709551615,\"plugin\":\"mysql_native_password\",\"authentication_string\":\"\"}}');"
        );
    }
    Ok(sql)
}
