//! PostgreSQL: indexes built CONCURRENTLY. A build that fails leaves an index that is kept up to date
//! by every write and used by no query, and `IF NOT EXISTS` takes it for the real one the next time.

use super::probe::regclass;
use super::progress::Event;
use super::run::Runner;
use crate::driver::{ServerError, Session, quote_ident};
use crate::engine::Engine;
use crate::plan::{BuildKind, IndexBuild};

impl Runner<'_> {
    /// Removes what an earlier build of this very index left. `Err(Ok(reason))`: somebody is
    /// building it right now.
    pub(super) fn clear_leftover(&mut self, build: &IndexBuild) -> Result<(), Result<String, ServerError>> {
        if build.kind != BuildKind::Create {
            return Ok(());
        }
        for index in invalid(self.session.as_mut(), build).map_err(Err)? {
            if let Some(builder) = builder(self.session.as_mut(), &index).map_err(Err)? {
                return Err(Ok(format!("index {index} is being built by {builder}")));
            }
            let text = format!("removing the invalid index {index}, which an earlier build left behind");
            self.progress.event(&Event::Note { text: &text });
            self.session.execute("SET lock_timeout = 0").map_err(Err)?;
            self.patience = None;
            self.session.execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {index}")).map_err(Err)?;
        }
        Ok(())
    }

    /// After a statement that was accepted: the index must be valid.
    pub(super) fn check_valid(&mut self, build: &IndexBuild) -> Result<Option<String>, ServerError> {
        match build.kind {
            BuildKind::Drop => Ok(None),
            BuildKind::Create | BuildKind::Rebuild => {
                let left = invalid(self.session.as_mut(), build)?;
                Ok(left.first().map(|index| format!("index {index} exists but is not valid: no query uses it")))
            }
        }
    }

    /// After a build that failed: removes its half. Says what became of it.
    pub(super) fn clean_up(&mut self, build: &IndexBuild) -> Option<String> {
        if build.kind == BuildKind::Drop {
            return None;
        }
        let left = invalid(self.session.as_mut(), build).ok()?;
        let mut said = Vec::new();
        for index in left {
            let _ = self.session.execute("SET lock_timeout = 0");
            self.patience = None;
            said.push(match self.session.execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {index}")) {
                Ok(_) => format!("The half-built index {index} was removed."),
                Err(error) => {
                    format!("A half-built index {index} is left and could not be removed ({error}): every write maintains it. Drop it with DROP INDEX CONCURRENTLY {index}.")
                }
            });
        }
        (!said.is_empty()).then(|| said.join(" "))
    }
}

/// Invalid indexes by the name that is built, or, where the server names it, on the table, as
/// qualified quoted names. A partitioned table's parent index is invalid by design until its
/// children are attached.
fn invalid(session: &mut dyn Session, build: &IndexBuild) -> Result<Vec<String>, ServerError> {
    let schema = build.schema.as_deref();
    let which = match (&build.index, &build.table) {
        (Some(index), _) => {
            let name = session.quote(index);
            match (build.kind, &build.table) {
                (BuildKind::Create, Some(table)) => {
                    format!("x.indrelid = {} AND i.relname = {name}", regclass(session, schema, table))
                }
                // A rebuild works on a copy beside it.
                _ => format!(
                    "x.indrelid = (SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = {}) \
                     AND (i.relname = {name} OR i.relname ~ '_cc(new|old)[0-9]*$')",
                    regclass(session, schema, index)
                ),
            }
        }
        (None, Some(table)) => {
            let table = regclass(session, schema, table);
            match build.kind {
                BuildKind::Rebuild => format!("x.indrelid = {table} AND i.relname ~ '_cc(new|old)[0-9]*$'"),
                BuildKind::Create | BuildKind::Drop => format!("x.indrelid = {table}"),
            }
        }
        (None, None) => return Ok(Vec::new()),
    };
    let rows = session.query(&format!(
        "SELECT n.nspname, i.relname FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = i.relnamespace WHERE NOT x.indisvalid AND i.relkind = 'i' AND {which}"
    ))?;
    let quoted = rows.into_iter().map(|row| {
        let parts: Vec<String> = row.into_iter().flatten().map(|part| quote_ident(Engine::Postgres, &part)).collect();
        parts.join(".")
    });
    Ok(quoted.collect())
}

/// Who is building it.
fn builder(session: &mut dyn Session, index: &str) -> Result<Option<String>, ServerError> {
    let literal = session.quote(index);
    session.query_value(&format!(
        "SELECT 'process ' || l.pid || coalesce(', ' || a.usename, '') || coalesce(', ' || nullif(a.application_name, ''), '') \
         FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_index x ON x.indexrelid = pg_catalog.to_regclass({literal}) \
         LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid \
         WHERE l.relation IN (x.indrelid, x.indexrelid) AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted \
         AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) \
         AND coalesce(a.query, '') ~* '\\mconcurrently\\M' LIMIT 1"
    ))
}
