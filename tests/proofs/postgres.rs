//! PostgreSQL, looked at from inside the transaction: `pg_locks`, file nodes, the counters of the
//! transaction and the server's own DEBUG messages.

use std::collections::{BTreeMap, BTreeSet};

use lockgate::change::{Action, Predicate};
use lockgate::driver::{ServerError, Session};
use lockgate::engine::Target;

use super::compare::stronger;
use super::fill;
use super::lab::{Data, Lab, Locks, Observed, Probe};

pub struct Postgres {
    session: Box<dyn Session>,
    name: String,
    filled: BTreeSet<String>,
    lost: bool,
}

/// Relations that are not the system's own.
const RELATIONS: &str = "SELECT c.oid, CASE WHEN n.nspname = 'public' THEN c.relname \
     WHEN n.nspname LIKE 'pg_temp%' THEN 'pg_temp.' || c.relname ELSE n.nspname || '.' || c.relname END, \
     c.relkind, pg_relation_filenode(c.oid) \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.oid >= 16384 AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'";

const LOCKS: &str =
    "SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND relation >= 16384 AND granted";

const SCANS: &str = "SELECT relid, seq_tup_read FROM pg_stat_xact_all_tables \
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND seq_tup_read > 0";

/// Everything that a case can leave in its database.
const EMPTY: &str = "DO $$ DECLARE r record; BEGIN
  FOR r IN SELECT evtname FROM pg_event_trigger LOOP EXECUTE format('DROP EVENT TRIGGER %I CASCADE', r.evtname); END LOOP;
  FOR r IN SELECT pubname FROM pg_publication LOOP EXECUTE format('DROP PUBLICATION %I', r.pubname); END LOOP;
  FOR r IN SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' LOOP EXECUTE format('DROP EXTENSION %I CASCADE', r.extname); END LOOP;
  FOR r IN SELECT fdwname FROM pg_foreign_data_wrapper LOOP EXECUTE format('DROP FOREIGN DATA WRAPPER %I CASCADE', r.fdwname); END LOOP;
  FOR r IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', r.nspname); END LOOP;
  FOR r IN SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> current_user LOOP
    BEGIN EXECUTE format('DROP OWNED BY %I CASCADE', r.rolname); EXECUTE format('DROP ROLE %I', r.rolname);
    EXCEPTION WHEN others THEN NULL; END; END LOOP;
  CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO PUBLIC;
END $$";

struct Relation {
    name: String,
    kind: String,
    node: Option<String>,
}

type Relations = BTreeMap<String, Relation>;

impl Postgres {
    pub fn new(session: Box<dyn Session>) -> Self {
        let version = session.info().version;
        Postgres { name: format!("PostgreSQL {}", version.major), session, filled: BTreeSet::new(), lost: false }
    }

    fn rows(&mut self, query: &str) -> Vec<Vec<String>> {
        match self.session.query(query) {
            Ok(rows) => rows.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect(),
            Err(error) => {
                self.lost |= error.connection_lost;
                Vec::new()
            }
        }
    }

    fn execute(&mut self, sql: &str) -> Result<Vec<String>, ServerError> {
        self.session.execute(sql).map(|outcome| outcome.notices).inspect_err(|error| self.lost |= error.connection_lost)
    }

    fn relations(&mut self) -> Relations {
        let mut found = Relations::new();
        for row in self.rows(RELATIONS) {
            if let [oid, name, kind, node] = row.as_slice() {
                let node = (!node.is_empty()).then(|| node.clone());
                found.insert(oid.clone(), Relation { name: name.clone(), kind: kind.clone(), node });
            }
        }
        found
    }

    fn locks(&mut self, known: &Relations) -> BTreeMap<String, String> {
        let mut held: BTreeMap<String, String> = BTreeMap::new();
        for row in self.rows(LOCKS) {
            let [oid, mode] = row.as_slice() else { continue };
            if let Some(relation) = known.get(oid) {
                let strongest = held.entry(relation.name.clone()).or_default();
                *strongest = stronger(strongest, mode).to_owned();
            }
        }
        held
    }

    fn scans(&mut self) -> BTreeMap<String, u64> {
        self.rows(SCANS).into_iter().filter_map(|row| Some((row.first()?.clone(), row.get(1)?.parse().ok()?))).collect()
    }

    fn look_for_rows(&mut self) {
        self.filled = fill::postgres::filled(self.session.as_mut());
    }

    /// Inside a transaction that is open: everything can be seen.
    fn inside(&mut self, probe: &Probe<'_>, seen: &mut Observed) -> Result<(), ServerError> {
        let known = self.relations();
        let before = self.locks(&known);
        let scanned = self.scans();
        // The checks of foreign keys plan once in a session, and only then look at every index.
        self.execute("DISCARD PLANS")?;
        self.execute("SET LOCAL client_min_messages = debug1")?;
        let rows = probe.statement.changes.iter().any(|change| {
            matches!(
                change.action,
                Action::Update(_) | Action::Delete(_) | Action::Insert(_) | Action::Select { .. } | Action::Merge { .. }
            )
        });
        // Without WHERE it reads its own table whole either way; the rows that foreign keys name it looks up.
        let whole = |action: &Action| matches!(action, Action::Update(update) if matches!(update.predicate, Predicate::None));
        let alone = probe.predicted.whole.scans.len() <= 1 && probe.statement.changes.iter().all(|change| whole(&change.action));
        let picky = rows && (alone || probe.predicted.whole.scans.is_empty());
        if picky {
            // An index that would serve on a large table serves here as well.
            self.execute("SET LOCAL enable_seqscan = off")?;
        }
        let said = self.execute(probe.sql);
        let notices = said?;
        self.execute("SET LOCAL client_min_messages = warning")?;
        if picky {
            self.execute("SET LOCAL enable_seqscan = on")?;
        }
        let after = self.locks(&known);
        let read = self.scans();
        let now = self.relations();
        seen.locks = Some(Locks { before, after, sampled: false });
        let grown = |oid: &&String| read.get(*oid).copied().unwrap_or(0) > scanned.get(*oid).copied().unwrap_or(0);
        seen.scans = Some(known.keys().filter(grown).filter_map(|oid| known.get(oid)).map(|one| one.name.clone()).collect());
        seen.rewrites = Some(rewritten(&known, &now));
        seen.builds = Some(built(&notices));
        Ok(())
    }

    /// As it is, in no transaction of ours.
    fn alone(&mut self, probe: &Probe<'_>, seen: &mut Observed) {
        let known = self.relations();
        match self.execute(probe.sql) {
            Ok(_) => {
                let now = self.relations();
                seen.rewrites = Some(rewritten(&known, &now));
            }
            Err(error) => seen.error = Some(error),
        }
    }
}

fn rewritten(before: &Relations, after: &Relations) -> BTreeSet<String> {
    let moved = |oid: &String, one: &Relation| after.get(oid).is_some_and(|now| now.node != one.node && one.node.is_some());
    let table = |one: &Relation| matches!(one.kind.as_str(), "r" | "m");
    before.iter().filter(|(oid, one)| table(one) && moved(oid, one)).map(|(_, one)| one.name.clone()).collect()
}

/// `building index "a" on table "b" serially`, without what belongs to TOAST or is only for a moment.
fn built(notices: &[String]) -> BTreeSet<String> {
    let named = notices.iter().filter_map(|notice| notice.split_once("building index \"")?.1.split_once('"'));
    let real = |name: &str| !name.starts_with("pg_toast") && !name.starts_with("pg_temp") && !name.contains("_ccnew");
    named.map(|(name, _)| name.to_owned()).filter(|name| real(name)).collect()
}

/// Words that only work outside of a transaction block, or that are about the transaction itself.
fn stands_alone(probe: &Probe<'_>) -> bool {
    let verb = probe.statement.verb.as_str();
    let first = verb.split(' ').next().unwrap_or_default();
    matches!(first, "BEGIN" | "START" | "COMMIT" | "END" | "ROLLBACK" | "ABORT" | "SAVEPOINT" | "RELEASE" | "PREPARE")
        || (matches!(first, "SET" | "LOCK" | "DECLARE" | "DISCARD" | "CALL" | "RESET") && !probe.in_transaction)
        || verb.starts_with("SET TRANSACTION")
        || verb.starts_with("SET CONSTRAINTS") && !probe.in_transaction
}

impl Lab for Postgres {
    fn target(&self) -> Target {
        self.session.info().target()
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn reset(&mut self) -> Result<(), String> {
        let _ = self.execute("ROLLBACK");
        let failed = |error: ServerError| format!("the database cannot be emptied: {error}");
        self.execute("DISCARD ALL").map_err(failed)?;
        self.execute("SET client_min_messages = warning").map_err(failed)?;
        self.execute("SET timezone = 'UTC'").map_err(failed)?;
        self.execute(EMPTY).map_err(failed)?;
        for row in self.rows(
            "SELECT quote_ident(datname) FROM pg_database WHERE NOT datistemplate AND datname NOT IN ('postgres', current_database())",
        ) {
            self.execute(&format!("DROP DATABASE {}", row.concat())).map_err(failed)?;
        }
        Ok(())
    }

    fn prepare(&mut self, sql: &str) -> Result<(), ServerError> {
        self.execute(sql).map(drop)
    }

    fn fill(&mut self, data: Data) -> Result<(), String> {
        fill::postgres::fill(self.session.as_mut(), data)?;
        // The schema's own session settings end with it.
        for sql in ["RESET ALL", "SET client_min_messages = warning", "SET timezone = 'UTC'", "SET lock_timeout = '20s'"] {
            self.execute(sql).map_err(|error| error.to_string())?;
        }
        self.look_for_rows();
        Ok(())
    }

    fn begin(&mut self) -> Result<(), ServerError> {
        self.look_for_rows();
        self.execute("BEGIN").map(drop)
    }

    fn commit(&mut self) -> Result<(), ServerError> {
        self.execute("COMMIT").map(drop)
    }

    fn observe(&mut self, probe: &Probe<'_>) -> Observed {
        if probe.statement.changes.iter().any(|change| matches!(change.action, Action::Copy(_))) {
            return Observed { skipped: Some("COPY".to_owned()), ..Observed::default() };
        }
        if !probe.in_transaction {
            self.look_for_rows();
        }
        let mut seen = Observed { filled: self.filled.clone(), ..Observed::default() };
        if stands_alone(probe) {
            self.alone(probe, &mut seen);
            seen.forbidden = probe.predicted.whole.transactionality == lockgate::effect::Transactionality::Forbidden;
            return seen;
        }
        let (open, keep, undo) = if probe.in_transaction {
            ("SAVEPOINT lockgate_proof", "RELEASE SAVEPOINT lockgate_proof", "ROLLBACK TO SAVEPOINT lockgate_proof")
        } else {
            ("BEGIN", "COMMIT", "ROLLBACK")
        };
        let ran = self.execute(open).and_then(|_| self.inside(probe, &mut seen));
        let ended = match ran {
            Ok(()) => self.execute(keep),
            Err(error) => {
                let undone = self.execute(undo);
                if error.code == "25001" && !probe.in_transaction {
                    seen.forbidden = true;
                    self.alone(probe, &mut seen);
                } else {
                    seen.forbidden = error.code == "25001";
                    seen.error = Some(error);
                }
                undone
            }
        };
        if let Err(error) = ended
            && seen.error.is_none()
        {
            seen.error = Some(error);
        }
        seen
    }

    fn isolate(&mut self, probe: &Probe<'_>) -> Option<Observed> {
        if stands_alone(probe) {
            return None;
        }
        let mut seen = Observed { filled: self.filled.clone(), ..Observed::default() };
        let ran = self.execute("BEGIN").and_then(|_| self.inside(probe, &mut seen));
        let deferred = self.execute("SET CONSTRAINTS ALL IMMEDIATE");
        let _ = self.execute("ROLLBACK");
        match ran {
            // It has to run alone, and leaves what it does.
            Err(error) if error.code == "25001" => None,
            Err(error) => {
                seen.error = Some(error);
                Some(seen)
            }
            Ok(()) => {
                seen.error = deferred.err();
                Some(seen)
            }
        }
    }

    fn run(&mut self, sql: &str) -> Result<(), ServerError> {
        self.execute(sql).map(drop)
    }

    fn ask(&mut self, query: &str) -> Result<Vec<Vec<String>>, ServerError> {
        self.session.query(query).map(fill::plain)
    }

    fn lost(&self) -> bool {
        self.lost
    }
}
