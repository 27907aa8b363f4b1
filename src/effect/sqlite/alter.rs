//! ALTER TABLE.

use super::work::{Work, absent, filled, lacks};
use super::{add_column, drop_column, rename};
use crate::catalog::{Table, TableKind};
use crate::change::{Action, ConstraintBody, ConstraintKind, ObjectName};
use crate::effect::{BreakageKind, FailureCause, ScanReason, Truth};

pub(super) fn table(work: &mut Work<'_>, name: &ObjectName, action: &Action) {
    let before = work.before;
    let view = before.view(name);
    let Some(table) = before.table(name) else {
        if let Some(view) = view {
            refuse_view(work, &view.key.name, action);
        } else if name.name.value.to_ascii_lowercase().starts_with("sqlite_") {
            work.refuse(format!("table {} may not be altered", name.name), Truth::Yes);
        } else {
            match absent(before, name) {
                Truth::No => work.write_lock(None),
                certain => work.refuse(format!("no such table: {}", name.name), certain),
            }
        }
        return;
    };
    work.write_lock(Some(&table.key));
    match action {
        Action::AddColumn { column, .. } if table.kind != TableKind::Virtual => add_column::add(work, table, column),
        Action::AddColumn { .. } => work.refuse("virtual tables may not be altered", Truth::Yes),
        Action::DropColumn { column, .. } => drop_column::drop(work, table, column),
        Action::RenameColumn { from, to, .. } => rename::column(work, table, from, to),
        Action::RenameTable { to } => rename::table(work, table, to),
        Action::SetNotNull { column } if check_column(work, table, &column.value) => {
            // 3.53 reads every row before it writes the new definition.
            work.scan(table, ScanReason::Verify, Truth::Yes, true);
            let nulls = table.column(&column.value).is_none_or(|column| !column.not_null);
            if nulls {
                let certain = filled(table).and(Truth::Unknown);
                if certain.possible() {
                    work.fail("SQLITE_CONSTRAINT", "constraint failed", FailureCause::Data, certain);
                    work.unknown(format!("whether {}.{column} holds NULL", table.key), "whether SET NOT NULL is refused");
                }
                work.break_clients(
                    BreakageKind::Insert,
                    format!("{}.{column}", table.key),
                    "clients that write NULL are refused from now on",
                    Truth::Unknown,
                );
            }
        }
        Action::DropNotNull { column } => {
            check_column(work, table, &column.value);
        }
        Action::AddConstraint(def) => {
            if let ConstraintBody::Check(_) = &def.body {
                work.scan(table, ScanReason::Verify, Truth::Yes, true);
                let certain = filled(table).and(Truth::Unknown);
                if certain.possible() {
                    work.fail("SQLITE_CONSTRAINT", "constraint failed", FailureCause::Data, certain);
                }
            }
        }
        Action::DropConstraint { name: Some(name), .. } => match table.constraint(&name.value) {
            Some(constraint) if !matches!(constraint.kind, ConstraintKind::Check | ConstraintKind::NotNull) => {
                work.refuse(format!("constraint may not be dropped: {name}"), Truth::Yes);
            }
            Some(_) => {
                work.break_clients(BreakageKind::Guarantee, format!("{}.{name}", table.key), "rows are no longer checked", Truth::Yes)
            }
            None if table.complete => work.refuse(format!("no such constraint: {name}"), Truth::Yes),
            None => {}
        },
        _ => {}
    }
}

fn check_column(work: &mut Work<'_>, table: &Table, column: &str) -> bool {
    match lacks(table, column) {
        Truth::No => true,
        certain => {
            work.refuse(format!("no such column: {column}"), certain);
            certain != Truth::Yes
        }
    }
}

fn refuse_view(work: &mut Work<'_>, view: &str, action: &Action) {
    let reason = match action {
        Action::AddColumn { .. } => "Cannot add a column to a view".to_owned(),
        Action::DropColumn { .. } => format!("cannot drop column from view \"{view}\""),
        Action::RenameColumn { .. } => format!("cannot rename columns of view \"{view}\""),
        _ => format!("view {view} may not be altered"),
    };
    work.refuse(reason, Truth::Yes);
}
