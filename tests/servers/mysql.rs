//! MySQL, from packages that `install.sh mysql` unpacked: its programs run with the loader and the
//! libraries they came with.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Missing, Server, folder, free_port, run, server_command, spawn};

/// The folder that holds it, if it was brought.
pub fn root(cache: &Path) -> Option<PathBuf> {
    Some(cache.join("mysql")).filter(|root| root.join(".complete").exists())
}

pub fn start(root: &Path) -> Result<Server, Missing> {
    let folder = folder()?;
    let path = folder.path();
    let usr = root.join("usr");
    let program = || {
        let mut command = server_command(&usr.join("lib64/ld-linux-x86-64.so.2"), path);
        command.arg("--library-path").arg(usr.join("lib/x86_64-linux-gnu")).arg(usr.join("sbin/mysqld"));
        common(&mut command, &usr, path);
        command
    };
    run(program().arg("--initialize-insecure"))?;
    // The account that comes with a new server may only use its socket.
    let accounts = path.join("accounts.sql");
    let sql = "CREATE USER IF NOT EXISTS 'root'@'127.0.0.1' IDENTIFIED BY '';\n\
               GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n";
    std::fs::write(&accounts, sql).map_err(|error| error.to_string())?;
    let port = free_port();
    let mut command = program();
    command.args([format!("--port={port}"), "--bind-address=127.0.0.1".to_owned()]);
    command.arg(format!("--socket={}", path.join("s").display())).arg(format!("--pid-file={}", path.join("pid").display()));
    command.arg(format!("--init-file={}", accounts.display()));
    let child = spawn(command, path)?;
    Server::new("mysql".to_owned(), format!("mysql://root@127.0.0.1:{port}"), "mysql", child, folder)
}

fn common(command: &mut Command, usr: &Path, path: &Path) {
    command.arg("--no-defaults").arg(format!("--basedir={}", usr.display()));
    command.arg(format!("--datadir={}", path.join("data").display())).arg(format!("--tmpdir={}", path.display()));
    command.arg(format!("--lc-messages-dir={}", usr.join("share/mysql").display()));
    command.arg(format!("--character-sets-dir={}", usr.join("share/mysql/charsets").display()));
    command.arg(format!("--plugin-dir={}", usr.join("lib/mysql/plugin").display()));
    command.args(["--secure-file-priv=NULL", "--mysqlx=OFF", "--skip-log-bin"]);
    command.args(["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--innodb-doublewrite=OFF"]);
}
