//! One runner at a time.
//!
//! The lock is always polled. A session that waits inside `pg_advisory_lock` is a running statement
//! with a snapshot; the holder's `CREATE INDEX CONCURRENTLY` waits for that snapshot, and both end
//! in a deadlock (seen on PostgreSQL 15 and 18).
//!
//! On a server the lock belongs to the session, so a runner that was killed keeps it exactly as long
//! as its last statement goes on: waiting for the lock is waiting for the orphan.

use std::fmt;
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use super::ledger::Ledger;
use crate::driver::{DatabaseUrl, Place, ServerError, Session};
use crate::engine::Engine;

const POLL: Duration = Duration::from_millis(500);

/// Held while migrations run; given back when dropped or with the session.
#[derive(Debug)]
pub struct RunLock {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Postgres(i64),
    Named(String),
    File {
        file: File,
        path: PathBuf,
    },
    /// Nobody else can reach an in-memory database.
    Private,
}

/// Who has it, as far as can be seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holder {
    pub description: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.description.is_empty() { "another session" } else { &self.description };
        f.write_str(text)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("another run has the lock and kept it for {} s: {holder}", waited.as_secs())]
    Busy { holder: Holder, waited: Duration },
    #[error("interrupted while waiting for the lock of {holder}")]
    Interrupted { holder: Holder },
    #[error(
        "the connection goes through a pooler that changes the server session between statements, so no lock can be held: \
         connect to the server itself or use the pooler's session mode"
    )]
    Pooler,
    #[error("cannot take the lock: {0}")]
    Server(#[from] ServerError),
    #[error("cannot take the lock file {}: {error}", path.display())]
    File { path: PathBuf, error: std::io::Error },
}

/// Takes the lock, waiting up to `wait`. `waiting` hears of the holder at each try and says whether
/// to go on.
pub fn acquire(
    session: &mut dyn Session,
    ledger: &Ledger,
    url: &DatabaseUrl,
    wait: Duration,
    waiting: &mut dyn FnMut(&Holder, Duration) -> bool,
) -> Result<RunLock, LockError> {
    let kind = match session.engine() {
        Engine::Postgres => Kind::Postgres(key(ledger)),
        Engine::Mysql | Engine::Mariadb => Kind::Named(format!("lockgate:{:016x}", key(ledger))),
        Engine::Sqlite => match &url.place {
            Place::File(path) => return acquire_file(path, wait, waiting),
            _ => return Ok(RunLock { kind: Kind::Private }),
        },
    };
    let started = Instant::now();
    loop {
        if try_server(session, &kind)? {
            if let Kind::Postgres(key) = &kind {
                check_session(session, *key)?;
            }
            return Ok(RunLock { kind });
        }
        let holder = server_holder(session, &kind).unwrap_or_default();
        pause(started, wait, holder, waiting)?;
    }
}

fn pause(started: Instant, wait: Duration, holder: Holder, waiting: &mut dyn FnMut(&Holder, Duration) -> bool) -> Result<(), LockError> {
    let waited = started.elapsed();
    if waited >= wait {
        return Err(LockError::Busy { holder, waited });
    }
    if !waiting(&holder, waited) {
        return Err(LockError::Interrupted { holder });
    }
    std::thread::sleep(POLL.min(wait - waited));
    Ok(())
}

fn key(ledger: &Ledger) -> i64 {
    let digest = Sha256::digest(format!("lockgate {}", ledger.key()));
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(digest) {
        *to = from;
    }
    i64::from_be_bytes(bytes)
}

fn try_server(session: &mut dyn Session, kind: &Kind) -> Result<bool, ServerError> {
    let answer = match kind {
        Kind::Postgres(key) => session.query_value(&format!("SELECT pg_catalog.pg_try_advisory_lock({key})::text"))?,
        // A negative time means "for ever" to MySQL and nothing at all to MariaDB, which answers NULL
        // and does not lock. The answer counts, not the absence of an error.
        Kind::Named(name) => session.query_value(&format!("SELECT GET_LOCK('{name}', 0)"))?,
        Kind::File { .. } | Kind::Private => return Ok(true),
    };
    Ok(matches!(answer.as_deref(), Some("true" | "1")))
}

/// Behind a transaction pooler the lock was taken in a server session that is no longer ours.
fn check_session(session: &mut dyn Session, key: i64) -> Result<(), LockError> {
    let (high, low) = halves(key);
    let ours = session.query_value(&format!(
        "SELECT pg_catalog.pg_backend_pid() FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted \
         AND pid = pg_catalog.pg_backend_pid() AND classid = {high} AND objid = {low} AND objsubid = 1"
    ))?;
    if ours.as_deref() == Some(session.id().0.as_str()) { Ok(()) } else { Err(LockError::Pooler) }
}

/// How pg_locks shows a 64-bit key: two unsigned halves.
fn halves(key: i64) -> (u32, u32) {
    let bits = key.cast_unsigned();
    (u32::try_from(bits >> 32).unwrap_or_default(), u32::try_from(bits & 0xffff_ffff).unwrap_or_default())
}

fn server_holder(session: &mut dyn Session, kind: &Kind) -> Option<Holder> {
    let sql = match kind {
        Kind::Postgres(key) => {
            let (high, low) = halves(*key);
            format!(
                "SELECT 'process ' || a.pid || coalesce(', ' || a.usename, '') || coalesce(' from ' || host(a.client_addr), '') \
                 || coalesce(', ' || nullif(a.application_name, ''), '') || coalesce(', connected since ' || date_trunc('second', a.backend_start), '') \
                 || CASE WHEN a.state = 'active' THEN ', running for ' || extract(epoch FROM date_trunc('second', clock_timestamp() - a.query_start)) \
                 || ' s: ' || left(regexp_replace(a.query, '\\s+', ' ', 'g'), 120) ELSE coalesce(', ' || a.state, '') END \
                 FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid \
                 WHERE l.locktype = 'advisory' AND l.granted AND l.classid = {high} AND l.objid = {low} AND l.objsubid = 1"
            )
        }
        Kind::Named(name) => format!(
            "SELECT CONCAT('connection ', p.id, ', ', p.user, ' from ', p.host, ', ', LOWER(p.command), ' for ', p.time, ' s', \
             IF(p.info IS NULL, '', CONCAT(': ', LEFT(p.info, 120)))) \
             FROM information_schema.processlist p WHERE p.id = IS_USED_LOCK('{name}')"
        ),
        Kind::File { .. } | Kind::Private => return None,
    };
    let description = session.query_value(&sql).ok().flatten()?;
    Some(Holder { description })
}

/// SQLite has no session to hang a lock on. A file beside the database, locked through the operating
/// system, is given back when the process ends however it ends; the database file itself must not be
/// locked, closing it again would take SQLite's own locks away (POSIX).
fn acquire_file(database: &Path, wait: Duration, waiting: &mut dyn FnMut(&Holder, Duration) -> bool) -> Result<RunLock, LockError> {
    let mut name = database.file_name().unwrap_or_default().to_owned();
    name.push("-lockgate");
    let path = database.with_file_name(name);
    let problem = |error| LockError::File { path: path.clone(), error };
    let who = super::whoami();
    let started = Instant::now();
    loop {
        let mut file = File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(problem)?;
        match file.try_lock() {
            Ok(()) if is_still(&file, &path) => {
                let now = super::timestamp(std::time::SystemTime::now());
                let note = format!("process {}, {who}, since {now}", std::process::id());
                let _ = file.set_len(0).and_then(|()| file.write_all(note.as_bytes()));
                return Ok(RunLock { kind: Kind::File { file, path } });
            }
            // The holder removed it between our opening and our locking.
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                let mut description = String::new();
                // The holder writes its name just after it has the lock.
                for _ in 0..5 {
                    let _ = file.rewind().and_then(|()| file.read_to_string(&mut description));
                    if !description.is_empty() {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(10));
                }
                pause(started, wait, Holder { description }, waiting)?;
            }
            Err(std::fs::TryLockError::Error(error)) => return Err(problem(error)),
        }
    }
}

#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(ours), Ok(there)) => ours.ino() == there.ino() && ours.dev() == there.dev(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_still(_: &File, _: &Path) -> bool {
    true
}

impl RunLock {
    /// Gives the lock back. A session that is gone has given it back already.
    pub fn release(self, session: &mut dyn Session) {
        match &self.kind {
            Kind::Postgres(key) => drop(session.query_value(&format!("SELECT pg_catalog.pg_advisory_unlock({key})"))),
            Kind::Named(name) => drop(session.query_value(&format!("SELECT RELEASE_LOCK('{name}')"))),
            Kind::File { .. } | Kind::Private => {}
        }
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        if let Kind::File { file, path } = &self.kind {
            // Removed while still held, so that nobody can be left holding a name that is gone.
            let _ = std::fs::remove_file(path);
            let _ = file.unlock();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_runner_on_a_file_hears_who_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("app.db");
        let first = acquire_file(&database, Duration::ZERO, &mut |_, _| true).unwrap();
        let second = acquire_file(&database, Duration::ZERO, &mut |_, _| true);
        let Err(LockError::Busy { holder, .. }) = second else { panic!("{second:?}") };
        assert!(holder.description.starts_with(&format!("process {}", std::process::id())), "{holder}");
        drop(first);
        assert!(acquire_file(&database, Duration::ZERO, &mut |_, _| true).is_ok());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
