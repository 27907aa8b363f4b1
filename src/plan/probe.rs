//! How to see in the database whether a statement was done, when nobody heard the answer.

use crate::change::{Action, ObjectName, ReindexTarget, Statement};
use crate::engine::Engine;

/// Something whose presence tells that the statement was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    pub object: Object,
    /// Whether it is there once the statement is done.
    pub present: bool,
}

/// Names as the engine stores them; no schema means the current one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    Table {
        schema: Option<String>,
        table: String,
    },
    Column {
        schema: Option<String>,
        table: String,
        column: String,
    },
    /// `table` is known where index names belong to tables.
    Index {
        schema: Option<String>,
        table: Option<String>,
        index: String,
    },
    Constraint {
        schema: Option<String>,
        table: String,
        constraint: String,
    },
}

/// An index being built, rebuilt or dropped CONCURRENTLY.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexBuild {
    pub schema: Option<String>,
    pub table: Option<String>,
    /// Not known when the engine is to name it.
    pub index: Option<String>,
    pub kind: BuildKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuildKind {
    Create,
    Drop,
    Rebuild,
}

fn schema(name: &ObjectName) -> Option<String> {
    name.schema.as_ref().map(|schema| schema.value.clone())
}

/// The first change of the statement that can be looked for: one ALTER with several actions is done
/// whole or not at all on every engine (measured on MySQL 8.0 and MariaDB 10.11).
pub(super) fn probe(engine: Engine, statement: &Statement) -> Option<Probe> {
    // Several tables in one DROP: MariaDB may have dropped some of them.
    if let [change] = statement.changes.as_slice()
        && let Action::DropTable { siblings, .. } = &change.action
        && *siblings > 1
    {
        return None;
    }
    statement.changes.iter().find_map(|change| of_action(engine, change.table.as_ref(), &change.action))
}

fn of_action(engine: Engine, on: Option<&ObjectName>, action: &Action) -> Option<Probe> {
    let found = |object, present| Some(Probe { object, present });
    let table = |name: &ObjectName| Object::Table { schema: schema(name), table: name.name.value.clone() };
    let column = |column: &str| on.map(|on| Object::Column { schema: schema(on), table: on.name.value.clone(), column: column.to_owned() });
    let constraint =
        |name: &str| on.map(|on| Object::Constraint { schema: schema(on), table: on.name.value.clone(), constraint: name.to_owned() });
    let index = |name: &ObjectName| {
        let named_by_table = engine.is_mysql_family();
        let owner = on.map(|on| on.name.value.clone());
        let place = name.schema.as_ref().or_else(|| on.and_then(|on| on.schema.as_ref()));
        (!named_by_table || owner.is_some()).then(|| Object::Index {
            schema: place.map(|schema| schema.value.clone()),
            table: owner,
            index: name.name.value.clone(),
        })
    };
    match action {
        Action::CreateTable(create) => found(table(&create.name), true),
        Action::DropTable { .. } => found(table(on?), false),
        Action::RenameTable { to } => {
            let mut to = to.clone();
            to.schema = to.schema.or_else(|| on.and_then(|on| on.schema.clone()));
            found(table(&to), true)
        }
        Action::AddColumn { column: new, .. } => found(column(&new.name.value)?, true),
        Action::DropColumn { column: old, .. } => found(column(&old.value)?, false),
        Action::RenameColumn { to, .. } => found(column(&to.value)?, true),
        Action::CreateIndex(create) => found(index(create.name.as_ref()?)?, true),
        Action::DropIndex(drop) => found(index(&drop.name)?, false),
        Action::DropConstraint { name: Some(name), .. } => found(constraint(&name.value)?, false),
        Action::AddConstraint(new) => found(constraint(&new.name.as_ref()?.value)?, true),
        _ => None,
    }
}

pub(super) fn index_build(statement: &Statement) -> Option<IndexBuild> {
    let change = statement.changes.first()?;
    let on = change.table.as_ref();
    match &change.action {
        Action::CreateIndex(create) if create.concurrently.is_some() => Some(IndexBuild {
            schema: on.and_then(schema),
            table: on.map(|on| on.name.value.clone()),
            index: create.name.as_ref().map(|name| name.name.value.clone()),
            kind: BuildKind::Create,
        }),
        Action::DropIndex(drop) if drop.concurrently.is_some() => {
            Some(IndexBuild { schema: schema(&drop.name), table: None, index: Some(drop.name.name.value.clone()), kind: BuildKind::Drop })
        }
        Action::Reindex(reindex) if reindex.concurrently.is_some() => match &reindex.target {
            ReindexTarget::Index(name) => {
                Some(IndexBuild { schema: schema(name), table: None, index: Some(name.name.value.clone()), kind: BuildKind::Rebuild })
            }
            ReindexTarget::Table(name) => {
                Some(IndexBuild { schema: schema(name), table: Some(name.name.value.clone()), index: None, kind: BuildKind::Rebuild })
            }
            ReindexTarget::Schema(_) | ReindexTarget::Database(_) | ReindexTarget::System(_) | ReindexTarget::Any(_) => None,
        },
        _ => None,
    }
}
