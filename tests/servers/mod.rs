//! Private database servers for the tests: started on free ports with data in a temporary folder,
//! ended with the value that holds them. Their programs come from `install.sh` beside this file.

mod mariadb;
mod mysql;
mod postgres;
pub mod project;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lockgate::driver::{Access, DatabaseUrl, Session, connect};

/// A running server.
pub struct Server {
    pub name: String,
    /// Without a database at its end.
    base: String,
    admin: &'static str,
    /// `None` for a server that somebody else has started.
    child: Option<Child>,
    // Removed after the server has ended.
    _folder: Option<tempfile::TempDir>,
}

/// What cannot be started, in a sentence.
pub type Missing = String;

impl Server {
    /// Every kind that this machine has.
    pub fn start_all() -> Result<Vec<Server>, Missing> {
        let cache = cache()?;
        let mut programs = postgres::programs(&cache)?;
        programs.sort();
        let mut servers = Vec::new();
        for bin in programs {
            servers.push(postgres::start(&bin)?);
        }
        servers.push(mariadb::start(Path::new("/usr/sbin/mariadbd"))?);
        match (std::env::var("LOCKGATE_TEST_MYSQL"), mysql::root(&cache)) {
            (Ok(base), _) => {
                let base = base.trim_end_matches("/test").trim_end_matches('/').to_owned();
                servers.push(Server { name: "mysql".to_owned(), base, admin: "mysql", child: None, _folder: None });
            }
            (Err(_), Some(root)) => servers.push(mysql::start(&root)?),
            (Err(_), None) => eprintln!(
                "\n*** SKIPPED: MySQL itself, which Debian's stable suite does not carry. `bash tests/servers/install.sh mysql` brings it, or set\n\
                 *** LOCKGATE_TEST_MYSQL=mysql://root@127.0.0.1:PORT to a server that may be filled with test databases.\n"
            ),
        }
        Ok(servers)
    }

    /// A PostgreSQL of this major version.
    pub fn start_postgres(major: &str) -> Result<Server, Missing> {
        postgres::start(&postgres::program(&cache()?, major)?)
    }

    /// MySQL or MariaDB.
    pub fn is_mysql_family(&self) -> bool {
        !self.base.starts_with("postgres")
    }

    /// The address of a new, empty database.
    pub fn database(&self, name: &str) -> String {
        let mut admin = self.session(self.admin);
        if self.child.is_none() {
            admin.execute(&format!("DROP DATABASE IF EXISTS {name}")).unwrap();
        }
        admin.execute(&format!("CREATE DATABASE {name}")).unwrap();
        self.url(name)
    }

    pub fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.base)
    }

    pub fn session(&self, database: &str) -> Box<dyn Session> {
        open(&self.url(database)).unwrap()
    }

    fn new(name: String, base: String, admin: &'static str, child: Child, folder: tempfile::TempDir) -> Result<Server, Missing> {
        let log = folder.path().join("log");
        let server = Server { name, base, admin, child: Some(child), _folder: Some(folder) };
        let started = Instant::now();
        loop {
            match open(&server.url(admin)) {
                Ok(_) => return Ok(server),
                Err(error) if started.elapsed() > Duration::from_secs(60) => {
                    let log = std::fs::read_to_string(&log).unwrap_or_default();
                    let tail: Vec<&str> = log.lines().rev().take(15).collect();
                    let tail: Vec<&str> = tail.into_iter().rev().collect();
                    return Err(format!("{} does not answer: {error}\n{}", server.name, tail.join("\n")));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }
}

fn open(url: &str) -> Result<Box<dyn Session>, String> {
    let url: DatabaseUrl = url.parse().map_err(|error| format!("{error}"))?;
    connect(&url, Access::Existing).map_err(|error| error.to_string())
}

impl Drop for Server {
    fn drop(&mut self) {
        let signal = if self.is_mysql_family() { "TERM" } else { "INT" };
        let Some(child) = &mut self.child else { return };
        // By its own process id. SIGINT is PostgreSQL's fast shutdown; MariaDB takes SIGTERM.
        let _ = Command::new("kill").arg(format!("-{signal}")).arg(child.id().to_string()).status();
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(20) {
            if matches!(child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn cache() -> Result<PathBuf, Missing> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/install.sh");
    let said = Command::new("bash").arg(script).arg("--where").output().map_err(|error| format!("bash: {error}"))?;
    Ok(PathBuf::from(String::from_utf8_lossy(&said.stdout).trim()))
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.starts_with(b"0"))
}

/// The account servers run as when the tests run as root: database servers refuse to be root.
const ACCOUNT: &str = "nobody";

/// A folder that the server may write: a short name, because the path of a socket is limited.
fn folder() -> Result<tempfile::TempDir, Missing> {
    let folder = tempfile::Builder::new().prefix("lg-").tempdir_in("/tmp").map_err(|error| error.to_string())?;
    if is_root() {
        run(Command::new("chown").arg(format!("{ACCOUNT}:")).arg(folder.path()))?;
    }
    Ok(folder)
}

/// A program of the server's, as the right account, that ends when the tests end however they end.
fn server_command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if is_root() {
        command.args(["--reuid", ACCOUNT, "--regid", "nogroup", "--clear-groups"]);
    }
    command.arg(program).current_dir(folder).env("LC_ALL", "C").env("HOME", folder);
    command
}

fn spawn(mut command: Command, folder: &Path) -> Result<Child, Missing> {
    let log = std::fs::File::create(folder.join("log")).map_err(|error| error.to_string())?;
    let errors = log.try_clone().map_err(|error| error.to_string())?;
    command.stdin(Stdio::null()).stdout(log).stderr(errors);
    command.spawn().map_err(|error| format!("{command:?}: {error}"))
}

fn run(command: &mut Command) -> Result<(), Missing> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?} failed:\n{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

/// A port nobody listens on at this moment.
fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).map_or(0, |address| address.port())
}
