//! What the tests share: a scratch directory to run the binary in, and snapshots in `snapshots/`.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A directory of its own, with a git boundary so that no outer configuration is found.
pub struct Sandbox {
    directory: tempfile::TempDir,
}

/// What a run of the binary left behind.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Everything, for snapshots.
    pub fn shown(&self) -> String {
        format!("exit code {}\n--- stdout\n{}--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

impl Sandbox {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join(".git")).unwrap();
        Sandbox { directory }
    }

    pub fn root(&self) -> &Path {
        self.directory.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.root().join(name)).unwrap()
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    pub fn run_with(&self, arguments: &[&str], stdin: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
        command.args(arguments).current_dir(self.root()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for name in
            ["CI", "NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "DATABASE_URL", "LOCKGATE_ENGINE", "LOCKGATE_FORMAT", "LOCKGATE_CONFIG"]
        {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C.UTF-8").env("COLUMNS", "100");
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Compares with `snapshots/cli/<name>.snap`.
pub fn snapshot(name: &str, text: &str) {
    snapshot_in("cli", name, text);
}

pub fn snapshot_in(folder: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("{}/snapshots/{folder}", env!("CARGO_MANIFEST_DIR")));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
