//! What a change defines: columns, constraints, indexes and names, wherever they are written.
//!
//! A column is the same column in CREATE TABLE, in ADD COLUMN and in MODIFY. Rules about columns
//! are asked about each of them, with the same facts, wherever it stands.

use crate::change::{Action, Change, ColumnDef, ConstraintBody, ConstraintDef, CreateIndex, Ident, ObjectKind};
use crate::source::Span;

/// One thing that a change defines.
#[derive(Debug, Clone, Copy)]
pub enum Element<'a> {
    Column(&'a ColumnDef),
    Constraint(&'a ConstraintDef),
    Index(&'a CreateIndex),
    Name(Named<'a>),
}

/// A name that something gets.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    pub name: &'a Ident,
    /// One of [`NAMED`].
    pub kind: &'static str,
}

/// What can get a name.
pub(super) const NAMED: &[&str] = &[
    "table",
    "column",
    "primary-key",
    "unique",
    "foreign-key",
    "check",
    "exclusion",
    "not-null",
    "constraint",
    "index",
    "unique-index",
    "view",
    "materialized-view",
    "sequence",
    "type",
    "domain",
    "function",
    "procedure",
    "trigger",
    "policy",
    "rule",
    "schema",
    "other",
];

/// What a rule may ask about, as named in its `on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementKind {
    Column,
    Constraint,
    Index,
    Name,
}

impl ElementKind {
    pub const ALL: [ElementKind; 4] = [ElementKind::Column, ElementKind::Constraint, ElementKind::Index, ElementKind::Name];

    pub fn name(self) -> &'static str {
        match self {
            ElementKind::Column => "column",
            ElementKind::Constraint => "constraint",
            ElementKind::Index => "index",
            ElementKind::Name => "name",
        }
    }
}

impl Element<'_> {
    /// Where it is written.
    pub fn span(&self) -> Span {
        match self {
            Element::Column(column) => column.span,
            Element::Constraint(constraint) => constraint.span,
            Element::Index(index) => {
                let start = index.name.as_ref().map_or(index.index_keyword, |name| name.span());
                index.keys.last().map_or(start, |last| start.to(last.span))
            }
            Element::Name(named) => named.name.span,
        }
    }
}

/// The elements of one kind that a change defines.
pub fn elements(change: &Change, kind: ElementKind) -> Vec<Element<'_>> {
    match kind {
        ElementKind::Column => columns(change).map(Element::Column).collect(),
        ElementKind::Constraint => constraints(change).map(Element::Constraint).collect(),
        ElementKind::Index => indexes(change).map(Element::Index).collect(),
        ElementKind::Name => names(change).into_iter().map(Element::Name).collect(),
    }
}

fn columns(change: &Change) -> impl Iterator<Item = &ColumnDef> {
    let (many, one): (&[ColumnDef], Option<&ColumnDef>) = match &change.action {
        Action::CreateTable(table) => (&table.columns, None),
        Action::AddColumn { column, .. } => (&[], Some(column)),
        Action::ModifyColumn { definition, .. } => (&[], Some(definition)),
        _ => (&[], None),
    };
    many.iter().chain(one)
}

/// Those of the table and those inside its columns.
fn constraints(change: &Change) -> impl Iterator<Item = &ConstraintDef> {
    let (many, one): (&[ConstraintDef], Option<&ConstraintDef>) = match &change.action {
        Action::CreateTable(table) => (&table.constraints, None),
        Action::AddConstraint(constraint) => (&[], Some(constraint)),
        _ => (&[], None),
    };
    columns(change).flat_map(|column| &column.constraints).chain(many).chain(one)
}

fn indexes(change: &Change) -> impl Iterator<Item = &CreateIndex> {
    let (many, one): (&[CreateIndex], Option<&CreateIndex>) = match &change.action {
        Action::CreateTable(table) => (&table.indexes, None),
        Action::CreateIndex(index) => (&[], Some(index)),
        _ => (&[], None),
    };
    many.iter().chain(one)
}

fn names(change: &Change) -> Vec<Named<'_>> {
    let mut found: Vec<Named<'_>> = Vec::new();
    found.extend(named_object(change));
    // A MODIFY keeps the name, a CHANGE gives a new one.
    let kept = |column: &ColumnDef| matches!(&change.action, Action::ModifyColumn { column: old, .. } if column.name.is(&old.value));
    found.extend(columns(change).filter(|column| !kept(column)).map(|column| Named { name: &column.name, kind: "column" }));
    for constraint in constraints(change) {
        let key = match &constraint.body {
            ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => key.index_name.as_ref(),
            ConstraintBody::ForeignKey(foreign) => foreign.index_name.as_ref(),
            ConstraintBody::Check(_) | ConstraintBody::Exclusion(_) | ConstraintBody::NotNull { .. } => None,
        };
        let kind = super::constraint::kind_word(constraint.body.kind());
        found.extend(constraint.name.as_ref().or(key).map(|name| Named { name, kind }));
    }
    for index in indexes(change) {
        let kind = if index.unique { "unique-index" } else { "index" };
        found.extend(index.name.as_ref().map(|name| Named { name: &name.name, kind }));
    }
    found.retain(|named| !named.name.value.is_empty());
    found
}

/// The new name of the object that the change makes or renames.
fn named_object(change: &Change) -> Option<Named<'_>> {
    let (name, kind) = match &change.action {
        Action::CreateTable(table) => (&table.name.name, "table"),
        Action::RenameTable { to } => (&to.name, "table"),
        Action::RenameColumn { to, .. } => (to, "column"),
        Action::RenameConstraint { to, .. } => (to, "constraint"),
        Action::RenameIndex { to, .. } => (to, "index"),
        Action::CreateView(view) => (&view.name.name, if view.materialized { "materialized-view" } else { "view" }),
        Action::CreateSequence(sequence) => (&sequence.name.name, "sequence"),
        Action::CreateEnum(one) => (&one.name.name, "type"),
        Action::CreateType { name, .. } => (&name.name, "type"),
        Action::CreateDomain(domain) => (&domain.name.name, "domain"),
        Action::CreateRoutine(routine) => {
            let procedure = routine.kind == crate::change::RoutineKind::Procedure;
            (&routine.name.name, if procedure { "procedure" } else { "function" })
        }
        Action::CreateTrigger(trigger) => (&trigger.name.name, "trigger"),
        Action::CreatePolicy(policy) => (&policy.name, "policy"),
        Action::CreateRule(rule) => (&rule.name, "rule"),
        Action::CreateSchema { name: Some(name), .. } => (name, "schema"),
        Action::CreateObject { kind, name, .. } => (&name.name, object_word(*kind)?),
        Action::RenameObject { kind, to, .. } => (&to.name, object_word(*kind)?),
        _ => return None,
    };
    Some(Named { name, kind })
}

/// Objects whose names a project chooses itself; an extension or a role has the name it has.
fn object_word(kind: ObjectKind) -> Option<&'static str> {
    Some(match kind {
        ObjectKind::Table | ObjectKind::ForeignTable => "table",
        ObjectKind::View => "view",
        ObjectKind::MaterializedView => "materialized-view",
        ObjectKind::Index => "index",
        ObjectKind::Sequence => "sequence",
        ObjectKind::Type => "type",
        ObjectKind::Domain => "domain",
        ObjectKind::Function | ObjectKind::Aggregate => "function",
        ObjectKind::Procedure => "procedure",
        ObjectKind::Trigger | ObjectKind::EventTrigger => "trigger",
        ObjectKind::Policy => "policy",
        ObjectKind::Rule => "rule",
        ObjectKind::Schema => "schema",
        ObjectKind::Constraint => "constraint",
        ObjectKind::Column => "column",
        ObjectKind::Publication | ObjectKind::Statistics | ObjectKind::Collation | ObjectKind::Event => "other",
        ObjectKind::Database
        | ObjectKind::Extension
        | ObjectKind::Role
        | ObjectKind::Subscription
        | ObjectKind::Server
        | ObjectKind::Tablespace
        | ObjectKind::Other => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Target;
    use crate::source::{Script, SourceId};

    fn named(sql: &str) -> Vec<String> {
        let script = Script::whole(SourceId(0), sql.into());
        let target = Target::of(crate::engine::Engine::Postgres);
        let statements = crate::change::read(&script, target);
        let changes = statements.iter().flat_map(|statement| &statement.changes);
        let all = changes.flat_map(names).map(|named| format!("{} {}", named.kind, named.name));
        all.collect()
    }

    #[test]
    fn names_are_found_wherever_they_are_given() {
        let made = named("CREATE TABLE a (b int CONSTRAINT c CHECK (b > 0), CONSTRAINT d UNIQUE (b));");
        assert_eq!(made, ["table a", "column b", "check c", "unique d"]);
        assert_eq!(named("ALTER TABLE a RENAME COLUMN b TO c, ADD COLUMN d int;"), ["column c", "column d"]);
        assert_eq!(named("CREATE UNIQUE INDEX x ON a (b); CREATE VIEW v AS SELECT 1; DROP TABLE a;"), ["unique-index x", "view v"]);
    }
}
