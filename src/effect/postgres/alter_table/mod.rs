//! ALTER TABLE: every action runs under the strongest lock any of them needs, in the server's
//! phases: drops first, then type changes, then columns, constraints and indexes, the rest last.

mod attribute;
mod column;
mod constraint;
mod foreign_key;
mod inherit;
mod level;
mod not_null;
mod property;
mod set_type;

pub(super) use foreign_key::add as add_foreign_key;
pub(super) use foreign_key::{lock_key, references, types_match};
pub(super) use set_type::publication_of;

use super::outcome::Outcome;
use super::partition;
use super::scene::{Relation, Scene, constraint_uses};
use crate::catalog::{Table, TableKind, postgres_columns};
use crate::change::{Action, Change, ColumnDef, ConstraintBody, ConstraintKind};
use crate::effect::{BreakageKind, FailureCause, LockMode, Truth};

/// The statement as one action of it sees it.
pub(super) struct Alter<'a> {
    pub scene: Scene<'a>,
    pub table: &'a Table,
    /// The table, and unless ONLY was written its partitions and children.
    pub family: Vec<&'a Table>,
    pub dropped_constraints: Vec<String>,
    pub dropped_columns: Vec<String>,
    pub added: Vec<&'a ColumnDef>,
}

impl<'a> Alter<'a> {
    fn new(scene: Scene<'a>, table: &'a Table) -> Self {
        let family = if scene.statement.modifiers.only { vec![table] } else { scene.with_descendants(table) };
        let mut alter = Alter { scene, table, family, dropped_constraints: Vec::new(), dropped_columns: Vec::new(), added: Vec::new() };
        for action in scene.actions() {
            match action {
                Action::DropConstraint { name: Some(name), .. } => alter.dropped_constraints.push(name.value.clone()),
                Action::DropColumn { column, .. } => {
                    // Constraints that use the column go with it (manual, ALTER TABLE).
                    let using = table.constraints.iter().filter(|known| constraint_uses(known, &column.value));
                    alter.dropped_constraints.extend(using.map(|known| known.name.clone()));
                    alter.dropped_columns.push(column.value.clone());
                }
                Action::AddColumn { column, .. } => alter.added.push(column),
                _ => {}
            }
        }
        alter
    }

    /// Whether a column exists when the later phases run.
    pub fn has_column(&self, name: &str) -> Truth {
        let known = self.table.columns.iter().any(|column| column.name == name) && !self.dropped_columns.iter().any(|gone| gone == name);
        if known || self.added.iter().any(|column| column.name.value == name) || is_system_column(name) {
            Truth::Yes
        } else if self.table.complete {
            Truth::No
        } else {
            Truth::Unknown
        }
    }

    /// Fails when the column is not there.
    fn need_column(&self, name: &str, out: &mut Outcome) {
        if self.has_column(name) == Truth::No {
            out.refuse("42703", format!("column \"{name}\" of \"{}\" does not exist", self.table.key));
        }
    }

    fn lock_family(&self, mode: LockMode, out: &mut Outcome) {
        for table in &self.family {
            out.lock(table, mode);
        }
    }

    pub fn is_partition(&self) -> bool {
        self.table.partition_of.is_some()
    }

    /// A column the parent gave: it cannot be dropped or retyped here alone.
    fn is_inherited(&self, column: &str) -> bool {
        let parents = self.table.inherits.iter().chain(self.table.partition_of.iter().map(|(parent, _)| parent));
        parents.filter_map(|parent| self.scene.table_at(parent)).any(|parent| parent.columns.iter().any(|known| known.name == column))
    }

    fn is_partition_key(&self, column: &str) -> bool {
        self.table.partitioning.as_ref().is_some_and(|partitioning| {
            partitioning.by.keys.iter().any(|key| match &key.part {
                crate::change::IndexPart::Column(name) => name.value == column,
                crate::change::IndexPart::Expression(expression) => expression.mentions(column),
            })
        })
    }
}

pub(super) fn is_system_column(name: &str) -> bool {
    matches!(name, "ctid" | "xmin" | "xmax" | "cmin" | "cmax" | "tableoid")
}

/// One action on a table, view, index or sequence named by ALTER TABLE.
pub(super) fn effects(scene: Scene<'_>, change: &Change, out: &mut Outcome) {
    let Some(name) = &change.table else { return };
    let relation = match scene.relation(name) {
        Some(relation) => relation,
        None => {
            if !scene.statement.modifiers.if_exists {
                out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name));
            }
            return;
        }
    };
    match relation {
        Relation::Table(table) if scene.statement.verb == "ALTER FOREIGN TABLE" && table.kind != TableKind::Foreign => {
            out.refuse("42809", format!("\"{name}\" is not a foreign table"));
        }
        Relation::Table(table) if table.kind == TableKind::MaterializedView && !on_materialized(&change.action) => {
            out.refuse("42809", format!("\"{name}\" is a materialized view"));
        }
        Relation::Table(table) if table.of_type.is_some() && of_its_type(&change.action) => {
            out.refuse("42809", format!("\"{name}\" is a typed table: its columns are those of its type"));
        }
        Relation::Table(table) => on_table(&Alter::new(scene, table), change, out),
        Relation::View(_) | Relation::Index(..) | Relation::Sequence(_) => on_other(scene, relation, change, out),
    }
}

/// What only the type of a typed table decides.
fn of_its_type(action: &Action) -> bool {
    matches!(
        action,
        Action::AddColumn { .. }
            | Action::DropColumn { .. }
            | Action::SetType { .. }
            | Action::RenameColumn { .. }
            | Action::Inherit { .. }
    )
}

/// What can be altered on a materialised view.
fn on_materialized(action: &Action) -> bool {
    matches!(
        action,
        Action::RenameTable { .. }
            | Action::RenameColumn { .. }
            | Action::SetSchema { .. }
            | Action::Owner { .. }
            | Action::SetTablespace { .. }
            | Action::SetAccessMethod { .. }
            | Action::SetStorageParameters { .. }
            | Action::SetColumnAttribute { .. }
            | Action::ClusterOn { .. }
    )
}

/// ALTER TABLE accepts views, indexes and sequences for a few actions only.
fn on_other(scene: Scene<'_>, relation: Relation<'_>, change: &Change, out: &mut Outcome) {
    let view = matches!(relation, Relation::View(_));
    let index = matches!(relation, Relation::Index(..));
    let sequence = matches!(relation, Relation::Sequence(_));
    let allowed = match &change.action {
        Action::RenameTable { .. } | Action::Owner { .. } => true,
        Action::SetSchema { .. } => !index,
        Action::RenameColumn { .. } => view,
        Action::SetDefault { .. } | Action::DropDefault { .. } => view,
        Action::SetStorageParameters { .. } => view || index,
        Action::SetTablespace { .. } => index,
        Action::SetColumnAttribute { .. } | Action::AttachIndexPartition { .. } => index,
        Action::SetLogged { .. } => sequence && scene.at_least(15),
        _ => false,
    };
    if !allowed {
        let name = change.table.as_ref().map(ToString::to_string).unwrap_or_default();
        out.refuse("42809", format!("\"{name}\" is not a table"));
        return;
    }
    if matches!(change.action, Action::RenameColumn { .. }) && scene.statement.verb == "ALTER VIEW" && scene.major < 13 {
        out.fail("42601", "ALTER VIEW renames columns from PostgreSQL 13", FailureCause::Syntax, Truth::Yes);
        return;
    }
    let mode = match &change.action {
        Action::SetStorageParameters { options, .. } => level::storage_parameters(options),
        Action::SetColumnAttribute { .. } => LockMode::ShareUpdateExclusive,
        _ => LockMode::AccessExclusive,
    };
    out.lock_relation(relation, mode);
    if let (Action::SetTablespace { tablespace }, Relation::Index(table, index)) = (&change.action, relation)
        && tablespace.value != "pg_default"
    {
        out.build(table, &index.name, true, Truth::Yes);
    }
    if matches!(change.action, Action::RenameTable { .. } | Action::SetSchema { .. } | Action::RenameColumn { .. }) && (view || sequence) {
        let name = change.table.as_ref().map(ToString::to_string).unwrap_or_default();
        out.break_client(BreakageKind::Name, name, "it is known under another name afterwards", Truth::Yes);
    }
}

fn on_table(alter: &Alter<'_>, change: &Change, out: &mut Outcome) {
    let table = alter.table;
    let renames = matches!(
        change.action,
        Action::RenameTable { .. } | Action::RenameColumn { .. } | Action::RenameConstraint { .. } | Action::SetSchema { .. }
    );
    if !renames {
        alter.scene.no_pending_checks("ALTER", table, out);
    }
    if !matches!(change.action, Action::AttachPartition { .. } | Action::DetachPartition { .. }) {
        out.lock(table, level::of(&alter.scene, &change.action));
    }
    match &change.action {
        Action::AddColumn { column, if_not_exists, .. } => column::add(alter, column, *if_not_exists, out),
        Action::DropColumn { column, if_exists, cascade } => column::drop(alter, &column.value, *if_exists, *cascade, out),
        Action::RenameColumn { from, to, .. } => column::rename(alter, &from.value, &to.value, out),
        Action::SetType { column, data_type, using } => set_type::set(alter, &column.value, data_type, using.as_ref(), out),
        Action::SetDefault { column, default } => attribute::set_default(alter, &column.value, Some(default), out),
        Action::DropDefault { column } => attribute::set_default(alter, &column.value, None, out),
        Action::SetNotNull { column } => not_null::set(alter, &column.value, out),
        Action::DropNotNull { column } => not_null::drop(alter, &column.value, out),
        Action::SetExpression { column, .. } => attribute::set_expression(alter, &column.value, out),
        Action::DropExpression { column, if_exists } => attribute::drop_expression(alter, &column.value, *if_exists, out),
        Action::AddIdentity { column, .. } => attribute::add_identity(alter, &column.value, out),
        Action::AlterIdentity { column } => attribute::alter_identity(alter, &column.value, false, false, out),
        Action::DropIdentity { column, if_exists } => attribute::alter_identity(alter, &column.value, true, *if_exists, out),
        Action::SetColumnAttribute { column, attribute, value } => {
            if column.value.parse::<u32>().is_err() {
                alter.need_column(&column.value, out);
            }
            attribute::storable(alter, &column.value, &attribute.to_lowercase(), value, out);
            // Options such as n_distinct are the table's own.
            if !attribute.ends_with("parameters") {
                alter.lock_family(level::of(&alter.scene, &change.action), out);
            }
        }
        Action::AddConstraint(constraint) => constraint::add(alter, constraint, out),
        Action::DropConstraint { name: Some(name), if_exists, cascade, .. } => {
            constraint::drop(alter, &name.value, *if_exists, *cascade, out);
        }
        Action::DropConstraint { name: None, .. } => {}
        Action::ValidateConstraint { name } => constraint::validate(alter, &name.value, out),
        Action::RenameConstraint { from, to } => constraint::rename(alter, &from.value, &to.value, out),
        Action::AlterConstraint { name, enforced, deferral, inherit } => {
            constraint::alter(alter, &name.value, *enforced, deferral.is_some(), inherit.is_some(), out);
        }
        Action::AttachPartition { partition, bound } => partition::attach(alter.scene, table, partition, bound, out),
        Action::DetachPartition { partition, concurrently, finalize } => {
            partition::detach(alter.scene, table, partition, concurrently.is_some(), *finalize, out);
        }
        Action::Inherit { parent } => inherit::inherit(alter, parent, true, out),
        Action::NoInherit { parent } => inherit::inherit(alter, parent, false, out),
        Action::OfType { type_name } => inherit::of_type(alter, type_name.as_ref(), out),
        other => property::set(alter, other, out),
    }
}

/// What a constraint definition is called when it was given no name.
pub(super) fn made_up_name(table: &Table, body: &ConstraintBody) -> String {
    let columns = |keys: &[crate::change::IndexKey]| postgres_columns(keys, &[]);
    let name = &table.key.name;
    let free = |base: String| {
        let taken = |name: &str| table.constraints.iter().any(|it| it.name == name) || table.indexes.iter().any(|it| it.name == name);
        if !taken(&base) {
            return base;
        }
        (1..1000).map(|n| format!("{base}{n}")).find(|name| !taken(name)).unwrap_or(base)
    };
    match body.kind() {
        ConstraintKind::PrimaryKey => free(format!("{name}_pkey")),
        ConstraintKind::Unique => match body {
            ConstraintBody::Unique(key) => {
                let included: String = key.include.iter().map(|column| format!("_{column}")).collect();
                free(format!("{name}_{}{included}_key", columns(&key.columns)))
            }
            _ => free(format!("{name}_key")),
        },
        ConstraintKind::Exclusion => match body {
            ConstraintBody::Exclusion(key) => free(format!("{name}_{}_excl", columns(&key.columns))),
            _ => free(format!("{name}_excl")),
        },
        ConstraintKind::Check => free(format!("{name}_check")),
        ConstraintKind::ForeignKey => free(format!("{name}_fkey")),
        ConstraintKind::NotNull => free(format!("{name}_not_null")),
    }
}
