//! Views, materialised views, and what reading them takes.

use super::outcome::Outcome;
use super::output::{self, Output};
use super::scene::{Relation, Scene, filled, planned_indexes};
use super::types::Family;
use crate::catalog::{Table, View};
use crate::change::{Change, CreateView, ObjectName};
use crate::effect::{Effects, FailureCause, LockMode, ScanReason, Truth, names};

const MAX_VIEW_DEPTH: u8 = 32;

/// A query reads these relations: ACCESS SHARE on each, on what views read in turn, and, once it
/// is planned, on every index of the tables.
pub(super) fn read(scene: Scene<'_>, names: &[ObjectName], planned: bool, scan: Truth, out: &mut Outcome) {
    for name in names {
        match scene.relation(name) {
            Some(relation) => read_relation(scene, relation, planned, scan, LockMode::AccessShare, out, MAX_VIEW_DEPTH),
            None => {
                let certain = scene.absence(name);
                if certain == Truth::Yes {
                    out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, certain);
                }
            }
        }
    }
}

/// The same for something that is known.
pub(super) fn read_below(scene: Scene<'_>, relation: Relation<'_>, scan: Truth, out: &mut Outcome) {
    read_relation(scene, relation, true, scan, LockMode::AccessShare, out, MAX_VIEW_DEPTH);
}

fn read_relation(scene: Scene<'_>, relation: Relation<'_>, planned: bool, scan: Truth, mode: LockMode, out: &mut Outcome, depth: u8) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match relation {
        Relation::Table(table) => {
            out.lock(table, mode);
            if !planned {
                return;
            }
            read_table(scene, table, scan, mode, out);
            for member in scene.descendants(table) {
                out.lock(member, mode);
                read_table(scene, member, scan, mode, out);
            }
        }
        Relation::View(view) => {
            out.lock_view(view, mode);
            if planned {
                for key in &view.reads {
                    if let Some(relation) = scene.relation_at(key) {
                        read_relation(scene, relation, planned, scan, LockMode::AccessShare, out, depth);
                    }
                }
            }
        }
        Relation::Sequence(sequence) => out.lock_sequence(sequence, mode),
        Relation::Index(..) => {}
    }
}

fn read_table(scene: Scene<'_>, table: &Table, scan: Truth, mode: LockMode, out: &mut Outcome) {
    if planned_indexes(scene, table) {
        out.lock_indexes(table, mode);
    }
    if scan.possible() {
        out.scan(table, ScanReason::Query, scan);
    }
}

pub(super) fn create(scene: Scene<'_>, change: &Change, create: &CreateView, out: &mut Outcome) {
    let mut key = scene.catalog.key(&create.name);
    if create.temporary {
        key.schema = "pg_temp".to_owned();
    }
    scene.schema_exists(&create.name, out);
    // The query is read before the view there is is compared with it.
    let mut looked_up = Effects::default();
    if create.or_replace {
        names::check_change(scene.statement, change, scene.catalog, &mut looked_up);
    }
    if !looked_up.failures.is_empty() {
        out.effects.failures.append(&mut looked_up.failures);
        return;
    }
    match scene.relation_at(&key) {
        Some(Relation::View(view)) if !view.materialized && create.or_replace && !create.materialized => {
            out.lock_view(view, LockMode::AccessExclusive);
            replace(scene, view, create, out);
        }
        Some(Relation::Table(_) | Relation::View(_) | Relation::Index(..) | Relation::Sequence(_)) if create.if_not_exists => return,
        Some(_) if create.or_replace => {
            out.refuse("42809", format!("\"{}\" is not a view", create.name));
            return;
        }
        Some(_) => {
            out.refuse("42P07", format!("relation \"{}\" already exists", create.name));
            return;
        }
        None => {}
    }
    if !create.output.is_empty() && create.columns.len() > create.output.len() {
        out.fail("42601", "CREATE VIEW specifies more column names than columns", FailureCause::Syntax, Truth::Yes);
    }
    let twice = create.output.iter().enumerate().find(|(at, name)| create.output.iter().take(*at).any(|other| other == *name));
    if let (Some((_, twice)), true) = (twice, create.columns.is_empty()) {
        out.refuse("42701", format!("column \"{twice}\" is there twice"));
    }
    if let Some(query) = create.query.query(scene.catalog.target) {
        let tables: Vec<&Table> = create.reads.iter().filter_map(|name| scene.table(name)).collect();
        let known = if tables.len() == create.reads.len() { tables.as_slice() } else { &[] };
        if let Some(refusal) = super::literal::in_query(scene, known, query.as_ref()) {
            out.refuse(refusal.code, refusal.reason);
        }
    }
    let filled_now = create.materialized && !create.with_no_data;
    read(scene, &create.reads, filled_now, Truth::from(filled_now), out);
}

/// CREATE OR REPLACE VIEW may add columns at the end and nothing else: names and types stay.
fn replace(scene: Scene<'_>, view: &View, create: &CreateView, out: &mut Outcome) {
    let query = create.query.query(scene.catalog.target);
    let new = query.as_ref().and_then(|query| output::of_query(scene, query));
    let old = output::of_view(scene, view);
    let names = |outputs: &Option<Vec<Output>>| outputs.iter().flatten().map(|output| output.name.clone()).collect::<Vec<_>>();
    let written: Vec<String> = if !create.columns.is_empty() {
        create.columns.iter().map(|column| column.value.clone()).collect()
    } else if !create.output.is_empty() {
        create.output.clone()
    } else {
        names(&new)
    };
    let known = if view.columns.is_empty() { names(&old) } else { view.columns.clone() };
    if known.is_empty() || written.is_empty() {
        out.unknown(format!("the columns of {}", view.key), "whether the view can be replaced");
        return;
    }
    if written.len() < known.len() {
        out.refuse("42P16", format!("columns cannot be dropped from the view \"{}\"", view.key));
        return;
    }
    if let Some((old, new)) = known.iter().zip(&written).find(|(old, new)| old != new) {
        out.refuse("42P16", format!("the view's column \"{old}\" cannot become \"{new}\""));
        return;
    }
    let (Some(old), Some(new)) = (old, new) else { return };
    for (old, new) in old.iter().zip(&new) {
        if let (Some(had), Some(gets)) = (&old.data_type, &new.data_type)
            && had.family != Family::Unknown
            && gets.family != Family::Unknown
            && (!had.same_base(gets) || had.modifier != gets.modifier || had.domain != gets.domain || had.least_field != gets.least_field)
        {
            out.refuse("42P16", format!("the type of the view's column \"{}\" cannot be changed", old.name));
            return;
        }
    }
}

pub(super) fn refresh(scene: Scene<'_>, name: &ObjectName, concurrently: bool, with_no_data: bool, out: &mut Outcome) {
    let key = scene.catalog.resolve(name);
    let Some(view) = scene.catalog.views.get(&key).filter(|view| view.materialized) else {
        match scene.relation(name) {
            Some(Relation::Table(table)) if table.kind == crate::catalog::TableKind::MaterializedView => {
                out.lock(table, if concurrently { LockMode::Exclusive } else { LockMode::AccessExclusive });
            }
            Some(Relation::View(_)) => out.refuse("42809", format!("\"{name}\" is not a materialized view")),
            Some(Relation::Table(_)) => out.refuse("0A000", format!("\"{name}\" is not a materialized view")),
            Some(_) => out.refuse("42809", format!("\"{name}\" is not a materialized view")),
            None => out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name)),
        }
        return;
    };
    if concurrently && with_no_data {
        out.fail("42601", "CONCURRENTLY and WITH NO DATA exclude each other", FailureCause::Syntax, Truth::Yes);
        return;
    }
    let table = scene.table_at(&key);
    if concurrently {
        if !view.populated {
            out.refuse("0A000", format!("\"{key}\" has never been filled, so CONCURRENTLY cannot be used"));
            return;
        }
        let usable = table.is_some_and(|table| {
            table
                .indexes
                .iter()
                .any(|index| index.unique && index.predicate.is_none() && index.keys.iter().all(|key| key.column_name().is_some()))
        });
        if !usable && table.is_some() {
            out.refuse("55000", format!("\"{key}\" has no unique index over whole rows, which CONCURRENTLY needs"));
            return;
        }
    }
    out.lock_view(view, if concurrently { LockMode::Exclusive } else { LockMode::AccessExclusive });
    if let Some(table) = table {
        if concurrently {
            out.lock_indexes(table, LockMode::RowExclusive);
            out.scan(table, ScanReason::Query, Truth::Yes);
        } else {
            out.rewrite(table, Truth::Yes, "the view's rows are computed anew");
            if with_no_data || table.indexes.is_empty() {
                out.effects.scans.clear();
            }
        }
    }
    if !with_no_data {
        for key in &view.reads {
            if let Some(relation) = scene.relation_at(key) {
                read_relation(scene, relation, true, Truth::Yes, LockMode::AccessShare, out, MAX_VIEW_DEPTH);
            }
        }
    } else {
        out.break_client(
            crate::effect::BreakageKind::View,
            key.to_string(),
            "reading it fails until it is refreshed",
            Truth::from(table.is_none_or(|table| filled(table) != Truth::No)),
        );
    }
}

/// LOCK TABLE on a view locks what it reads as well (11).
pub(super) fn lock_deep(scene: Scene<'_>, view: &View, mode: LockMode, out: &mut Outcome, depth: u8) {
    let Some(depth) = depth.checked_sub(1) else { return };
    out.lock_view(view, mode);
    for key in &view.reads {
        match scene.relation_at(key) {
            Some(Relation::Table(table)) => {
                for member in scene.with_descendants(table) {
                    out.lock(member, mode);
                }
            }
            Some(Relation::View(view)) => lock_deep(scene, view, mode, out, depth),
            Some(Relation::Index(..) | Relation::Sequence(_)) | None => {}
        }
    }
}
