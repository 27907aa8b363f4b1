//! Watches a statement from beside it: who blocks it, how far it is, and whether somebody wants it
//! cancelled. The second connection is opened only for statements that take their time.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::interrupt::Interrupt;
use super::progress::{Event, Progress};
use crate::driver::{Access, Cancel, DatabaseUrl, ServerError, Session, SessionId, connect};
use crate::engine::Engine;
use crate::plan::Step;

const TICK: Duration = Duration::from_millis(100);
/// Most statements are over by then, and nobody wonders yet.
const PATIENCE: Duration = Duration::from_millis(1500);
const LOOK: Duration = Duration::from_secs(1);

/// What the watcher needs to know.
pub(super) struct Watched<'a> {
    pub url: &'a DatabaseUrl,
    pub interrupt: &'a Interrupt,
    /// The statement, for events; `None` for a COMMIT.
    pub step: Option<&'a Step>,
}

/// Runs `work` on the session while another thread watches; gives the answer and who was last seen
/// in the way.
pub(super) fn watched<T>(
    session: &mut dyn Session,
    progress: &mut dyn Progress,
    what: &Watched<'_>,
    work: impl FnOnce(&mut dyn Session) -> Result<T, ServerError>,
) -> (Result<T, ServerError>, Vec<String>) {
    let canceller = session.canceller();
    let (engine, id) = (session.engine(), session.id().clone());
    let (finished, over) = channel::<()>();
    std::thread::scope(|scope| {
        let watcher = scope.spawn(move || {
            let mut watcher = Watcher { engine, id, what, canceller, progress, second: None, failed: false, blockers: Vec::new() };
            watcher.run(&over);
            watcher.blockers
        });
        let answer = work(session);
        drop(finished);
        (answer, watcher.join().unwrap_or_default())
    })
}

struct Watcher<'a, 'p> {
    engine: Engine,
    id: SessionId,
    what: &'a Watched<'a>,
    canceller: Box<dyn Cancel>,
    progress: &'p mut dyn Progress,
    second: Option<Box<dyn Session>>,
    failed: bool,
    blockers: Vec<String>,
}

impl Watcher<'_, '_> {
    fn run(&mut self, over: &Receiver<()>) {
        let started = Instant::now();
        let mut looked = started;
        let mut cancelled: Option<Instant> = None;
        loop {
            match over.recv_timeout(TICK) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
            }
            // A cancel request may come just before the statement arrives: ask again until it is over.
            if self.what.interrupt.urgent() && cancelled.is_none_or(|at| at.elapsed() > LOOK) {
                cancelled = Some(Instant::now());
                if let Err(error) = self.canceller.cancel() {
                    self.progress.event(&Event::Note { text: &format!("cannot cancel the statement: {error}") });
                }
            }
            if started.elapsed() > PATIENCE && looked.elapsed() > LOOK {
                looked = Instant::now();
                self.look(started.elapsed());
            }
        }
    }

    fn look(&mut self, elapsed: Duration) {
        let Some(step) = self.what.step else { return };
        if self.engine == Engine::Sqlite || self.failed {
            return;
        }
        if self.second.is_none() {
            // Too many connections, or no right to a second one: the run does not depend on it.
            match connect(self.what.url, Access::Existing) {
                Ok(session) => self.second = Some(session),
                Err(_) => self.failed = true,
            }
        }
        let Some(second) = self.second.as_deref_mut() else { return };
        let blockers = blockers(second, self.engine, &self.id);
        if !blockers.is_empty() {
            self.progress.event(&Event::StatementBlocked { step, blockers: &blockers, elapsed });
            self.blockers = blockers;
        } else if let Some((phase, done, total)) = how_far(second, self.engine, &self.id) {
            self.progress.event(&Event::StatementProgress { step, phase: &phase, done, total, elapsed });
        }
    }
}

fn blockers(session: &mut dyn Session, engine: Engine, id: &SessionId) -> Vec<String> {
    let mut queries = Vec::new();
    match engine {
        Engine::Postgres => queries.push(format!(
            "SELECT 'process ' || a.pid || coalesce(', ' || a.usename, '') || coalesce(', ' || nullif(a.application_name, ''), '') \
             || coalesce(' from ' || host(a.client_addr), '') || coalesce(', ' || a.state, '') \
             || coalesce(', transaction open for ' || extract(epoch FROM date_trunc('second', clock_timestamp() - a.xact_start)) || ' s', '') \
             || coalesce(': ' || left(regexp_replace(a.query, '\\s+', ' ', 'g'), 120), '') \
             FROM (SELECT DISTINCT unnest(pg_catalog.pg_blocking_pids({id})) AS pid) b JOIN pg_catalog.pg_stat_activity a USING (pid)"
        )),
        Engine::Mysql | Engine::Mariadb => {
            let waits = format!("SELECT state FROM information_schema.processlist WHERE id = {id} AND state LIKE 'Waiting for %lock%'");
            let row_waits = format!("SELECT trx_state FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = {id} AND trx_state = 'LOCK WAIT'");
            let waiting = |session: &mut dyn Session, sql: &str| session.query_value(sql).ok().flatten().is_some();
            if !waiting(session, &waits) && !waiting(session, &row_waits) {
                return Vec::new();
            }
            if engine == Engine::Mysql {
                queries.push(format!(
                    "SELECT DISTINCT CONCAT('connection ', t.processlist_id, ', ', t.processlist_user, ', ', LOWER(t.processlist_command), \
                     ' for ', t.processlist_time, ' s', IF(t.processlist_info IS NULL, '', CONCAT(': ', LEFT(t.processlist_info, 120)))) \
                     FROM performance_schema.metadata_locks w \
                     JOIN performance_schema.threads m ON m.thread_id = w.owner_thread_id AND m.processlist_id = {id} \
                     JOIN performance_schema.metadata_locks g ON g.object_type = w.object_type AND g.object_schema <=> w.object_schema \
                       AND g.object_name <=> w.object_name AND g.lock_status = 'GRANTED' AND g.owner_thread_id <> w.owner_thread_id \
                     JOIN performance_schema.threads t ON t.thread_id = g.owner_thread_id \
                     WHERE w.lock_status = 'PENDING' AND t.processlist_id IS NOT NULL"
                ));
            }
            // MariaDB keeps no list of metadata locks by default: the oldest transactions are the suspects.
            queries.push(format!(
                "SELECT CONCAT('perhaps connection ', p.id, ', ', p.user, ' from ', p.host, ', transaction open for ', \
                 TIMESTAMPDIFF(SECOND, t.trx_started, NOW()), ' s', IF(p.info IS NULL, '', CONCAT(': ', LEFT(p.info, 120)))) \
                 FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id \
                 WHERE p.id <> {id} ORDER BY t.trx_started LIMIT 5"
            ));
        }
        Engine::Sqlite => {}
    }
    for query in queries {
        let rows = session.query(&query).unwrap_or_default();
        let found: Vec<String> = rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn how_far(session: &mut dyn Session, engine: Engine, id: &SessionId) -> Option<(String, u64, u64)> {
    let sql = match engine {
        Engine::Postgres => format!(
            "SELECT phase, greatest(blocks_done, tuples_done), greatest(blocks_total, tuples_total) \
             FROM pg_catalog.pg_stat_progress_create_index WHERE pid = {id} \
             UNION ALL SELECT phase, heap_blks_scanned, heap_blks_total FROM pg_catalog.pg_stat_progress_vacuum WHERE pid = {id} \
             UNION ALL SELECT phase, heap_blks_scanned, heap_blks_total FROM pg_catalog.pg_stat_progress_cluster WHERE pid = {id}"
        ),
        Engine::Mariadb => {
            format!("SELECT state, cast(progress AS unsigned), 100 FROM information_schema.processlist WHERE id = {id} AND progress > 0")
        }
        Engine::Mysql => format!(
            "SELECT e.event_name, e.work_completed, e.work_estimated FROM performance_schema.events_stages_current e \
             JOIN performance_schema.threads t ON t.thread_id = e.thread_id WHERE t.processlist_id = {id} AND e.work_estimated > 0"
        ),
        Engine::Sqlite => return None,
    };
    let row = session.query(&sql).ok()?.into_iter().next()?;
    let mut columns = row.into_iter().map(Option::unwrap_or_default);
    let phase = columns.next()?;
    let done = columns.next()?.parse().ok()?;
    let total = columns.next()?.parse().ok()?;
    Some((phase, done, total))
}
