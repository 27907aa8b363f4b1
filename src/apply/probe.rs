//! Looks in the database for what a statement makes or removes.

use crate::driver::{ServerError, Session, quote_ident};
use crate::engine::Engine;
use crate::plan::{Object, Probe};

/// Whether the statement was done, as far as its object tells.
pub(super) fn is_done(session: &mut dyn Session, probe: &Probe) -> Result<bool, ServerError> {
    let sql = match session.engine() {
        Engine::Postgres => postgres(session, &probe.object),
        Engine::Mysql | Engine::Mariadb => mysql(session, &probe.object),
        Engine::Sqlite => sqlite(session, &probe.object),
    };
    let found = session.query_value(&sql)?.is_some_and(|count| count != "0");
    Ok(found == probe.present)
}

/// `to_regclass` of a possibly qualified name, as a literal.
pub(super) fn regclass(session: &dyn Session, schema: Option<&str>, name: &str) -> String {
    let name = quote_ident(Engine::Postgres, name);
    let qualified = schema.map_or_else(|| name.clone(), |schema| format!("{}.{name}", quote_ident(Engine::Postgres, schema)));
    format!("pg_catalog.to_regclass({})", session.quote(&qualified))
}

fn postgres(session: &dyn Session, object: &Object) -> String {
    match object {
        Object::Table { schema, table } => {
            format!("SELECT count(*) FROM pg_catalog.pg_class WHERE oid = {}", regclass(session, schema.as_deref(), table))
        }
        Object::Column { schema, table, column } => format!(
            "SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = {} AND attname = {} AND NOT attisdropped",
            regclass(session, schema.as_deref(), table),
            session.quote(column)
        ),
        // An index that is not valid is a build that did not end.
        Object::Index { schema, index, .. } => format!(
            "SELECT count(*) FROM pg_catalog.pg_index WHERE indexrelid = {} AND indisvalid",
            regclass(session, schema.as_deref(), index)
        ),
        Object::Constraint { schema, table, constraint } => format!(
            "SELECT count(*) FROM pg_catalog.pg_constraint WHERE conrelid = {} AND conname = {}",
            regclass(session, schema.as_deref(), table),
            session.quote(constraint)
        ),
    }
}

fn mysql(session: &dyn Session, object: &Object) -> String {
    let within = |schema: &Option<String>| schema.as_ref().map_or_else(|| "DATABASE()".to_owned(), |schema| session.quote(schema));
    match object {
        Object::Table { schema, table } => format!(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = {} AND table_name = {}",
            within(schema),
            session.quote(table)
        ),
        Object::Column { schema, table, column } => format!(
            "SELECT count(*) FROM information_schema.columns WHERE table_schema = {} AND table_name = {} AND column_name = {}",
            within(schema),
            session.quote(table),
            session.quote(column)
        ),
        Object::Index { schema, table, index } => format!(
            "SELECT count(*) FROM information_schema.statistics WHERE table_schema = {} AND table_name = {} AND index_name = {}",
            within(schema),
            session.quote(table.as_deref().unwrap_or_default()),
            session.quote(index)
        ),
        Object::Constraint { schema, table, constraint } => format!(
            "SELECT count(*) FROM information_schema.table_constraints \
             WHERE table_schema = {} AND table_name = {} AND constraint_name = {}",
            within(schema),
            session.quote(table),
            session.quote(constraint)
        ),
    }
}

fn sqlite(session: &dyn Session, object: &Object) -> String {
    let named = |kind: &str, name: &str| {
        format!("SELECT count(*) FROM sqlite_schema WHERE type IN ({kind}) AND lower(name) = lower({})", session.quote(name))
    };
    match object {
        Object::Table { table, .. } => named("'table', 'view'", table),
        Object::Index { index, .. } => named("'index'", index),
        Object::Column { table, column, .. } => format!(
            "SELECT count(*) FROM pragma_table_xinfo({}) WHERE lower(name) = lower({})",
            session.quote(table),
            session.quote(column)
        ),
        // SQLite cannot add or drop constraints: nothing to look for.
        Object::Constraint { .. } => "SELECT 0".to_owned(),
    }
}
