//! DROP COLUMN (lang_altertable 5): the rows are written anew without the column.

use super::schema::{broken_without, refuse_broken};
use super::work::{Work, filled, lacks};
use crate::catalog::{Table, TableKind};
use crate::change::{ConstraintKind, GeneratedKind, Ident};
use crate::effect::{BreakageKind, LossKind, Truth};

pub(super) fn drop(work: &mut Work<'_>, table: &Table, column: &Ident) {
    let name = &column.value;
    if table.kind == TableKind::Virtual {
        work.refuse(format!("cannot drop column from virtual table \"{}\"", table.key.name), Truth::Yes);
        return;
    }
    match lacks(table, name) {
        Truth::No if table.column(name).is_some() => {}
        Truth::Unknown => return lose(work, table, name),
        _ => {
            work.refuse(format!("no such column: \"{name}\""), Truth::Yes);
            return;
        }
    }
    for constraint in table.constraints_on(name) {
        let own = constraint.column.as_deref().is_some_and(|owner| owner.eq_ignore_ascii_case(name));
        match constraint.kind {
            ConstraintKind::PrimaryKey => {
                work.refuse(format!("cannot drop PRIMARY KEY column: \"{name}\""), Truth::Yes);
                return;
            }
            ConstraintKind::Unique if own => {
                work.refuse(format!("cannot drop UNIQUE column: \"{name}\""), Truth::Yes);
                return;
            }
            ConstraintKind::Unique | ConstraintKind::Check | ConstraintKind::ForeignKey if own => {}
            ConstraintKind::ForeignKey => work.refuse(
                format!("error in table {} after drop column: unknown column \"{name}\" in foreign key definition", table.key.name),
                Truth::Yes,
            ),
            ConstraintKind::Unique | ConstraintKind::Check | ConstraintKind::Exclusion | ConstraintKind::NotNull => {
                work.refuse(format!("error in table {} after drop column: no such column: {name}", table.key.name), Truth::Yes)
            }
        }
    }
    if table.complete && table.columns.len() == 1 {
        work.refuse(format!("cannot drop column \"{name}\": no other columns exist"), Truth::Yes);
    }
    refuse_broken(work);
    if table.generated_from(name).any(|generated| !generated.name.eq_ignore_ascii_case(name)) {
        work.refuse(format!("error in table {} after drop column: no such column: {name}", table.key.name), Truth::Yes);
    }
    for index in table.indexes_on(name).filter(|index| index.constraint.is_none()) {
        work.refuse(format!("error in index {} after drop column: no such column: {name}", index.name), Truth::Yes);
    }
    for (reason, certain) in broken_without(work.before, table, name) {
        work.refuse(reason, certain);
    }
    let dropped = table.column(name);
    let is_virtual = dropped.and_then(|column| column.generated.as_ref()).is_some_and(|it| it.kind == GeneratedKind::Virtual);
    if !is_virtual {
        work.rewrite(table, Truth::Yes, "every row is written without the column");
    }
    lose(work, table, name);
    for (owner, trigger) in work.before.triggers_mentioning(&table.key) {
        let writes =
            trigger.writes.iter().any(|(key, written)| *key == table.key && (written.eq_ignore_ascii_case(name) || written == "*"));
        if writes {
            work.break_clients(
                BreakageKind::Trigger,
                format!("{} on {}", trigger.name, owner.key),
                format!("its body still writes {}.{name}: every statement that fires it fails", table.key),
                Truth::Yes,
            );
        }
    }
}

fn lose(work: &mut Work<'_>, table: &Table, name: &str) {
    let object = format!("{}.{name}", table.key);
    let generated = table.column(name).is_some_and(|column| column.generated.is_some());
    if !generated && filled(table).possible() {
        work.lose(LossKind::Column, object.clone(), Truth::Yes);
    }
    if work.in_use(table) {
        work.break_clients(BreakageKind::Name, object, "clients that name the column fail", Truth::Yes);
    }
}
