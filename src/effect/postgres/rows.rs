//! Statements over rows: UPDATE, DELETE, MERGE, COPY, TRUNCATE, SELECT, LOCK TABLE.

use super::alter_table;
use super::answered::{answers, only_condition, scanned};
use super::literal;
use super::outcome::Outcome;
use super::scene::{Relation, Scene, filled, has_storage, planned_indexes};
use super::view;
use super::words::{Word, words};
use crate::catalog::{Constraint, Table, TableKind};
use crate::change::{Action, Change, CopyRows, Deferral, DeleteRows, ObjectName, Predicate, RefAction, TriggerEvent, UpdateRows};
use crate::effect::{BreakageKind, FailureCause, LockMode, LossKind, ScanReason, Truth};

/// The table whose rows are changed. What happens to those of a view is told on the way.
pub(super) fn target<'a>(scene: Scene<'a>, change: &Change, out: &mut Outcome) -> Option<&'a Table> {
    let name = change.table.as_ref()?;
    match scene.relation(name) {
        Some(Relation::Table(table)) => Some(table),
        Some(Relation::View(view)) => {
            super::view_write::through(scene, change, view, out);
            None
        }
        Some(Relation::Sequence(_)) => {
            out.refuse("42809", format!("rows of the sequence \"{name}\" cannot be changed"));
            None
        }
        Some(Relation::Index(..)) => {
            out.refuse("42809", format!("\"{name}\" is an index"));
            None
        }
        None => {
            out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name));
            None
        }
    }
}

/// Locks the planner leaves on the indexes of a table it read under this lock.
pub(super) fn planner_mode(scene: Scene<'_>, mode: LockMode) -> LockMode {
    if scene.at_least(12) { mode } else { LockMode::AccessShare }
}

/// INITIALLY DEFERRED: the other table is looked at when the transaction commits, and locked then.
fn waits_for_commit(scene: Scene<'_>, constraint: &Constraint) -> bool {
    let open = scene.catalog.session.transaction.as_ref();
    constraint.deferral == Deferral::InitiallyDeferred && open.is_some_and(|open| !open.checks_at_once)
}

/// A row that references another table locks it FOR KEY SHARE: ROW SHARE on the table.
pub(super) fn look_up(scene: Scene<'_>, constraint: &Constraint, out: &mut Outcome) {
    if !constraint.enforced || waits_for_commit(scene, constraint) {
        return;
    }
    let Some(key) = constraint.foreign_key.as_ref() else { return };
    let Some(parent) = scene.table_at(&key.references) else { return };
    out.lock(parent, LockMode::RowShare);
    // Since 19 the key's index is probed without a query of its own.
    if scene.at_least(19) && parent.partitioning.is_none() {
        alter_table::lock_key(scene, parent, &key.referenced_columns, out);
        return;
    }
    out.lock_indexes(parent, planner_mode(scene, LockMode::RowShare));
    for member in scene.descendants(parent) {
        out.lock(member, LockMode::RowShare);
        out.lock_indexes(member, planner_mode(scene, LockMode::RowShare));
    }
}

pub(super) fn update(scene: Scene<'_>, change: &Change, rows: &UpdateRows, out: &mut Outcome) {
    let Some(table) = target(scene, change, out) else { return };
    if table.kind == TableKind::MaterializedView {
        out.refuse("42809", format!("the materialized view \"{}\" cannot be changed", table.key));
        return;
    }
    if let Some((missing, _)) = rows.assignments.iter().find(|(name, _)| !table.columns.iter().any(|column| column.name == name.value))
        && table.complete
    {
        out.lock(table, LockMode::RowExclusive);
        out.refuse("42703", format!("column \"{missing}\" of \"{}\" does not exist", table.key));
        return;
    }
    if super::rule::replaced(scene, &table.rules, "update", out) {
        out.lock(table, LockMode::RowExclusive);
        return;
    }
    changed_rows(scene, table, rows.only, &rows.reads, rows.joined, &rows.predicate, out);
    for (name, value) in &rows.assignments {
        let column = table.columns.iter().find(|column| column.name == name.value);
        if let Some(data_type) = column.and_then(|column| column.data_type.as_ref()) {
            super::enums::unsafe_use(scene, data_type, value, out);
            if let Some(refusal) = value.tree.as_deref().and_then(|tree| literal::assigned(scene, data_type, tree)) {
                out.refuse(refusal.code, refusal.reason);
            }
        }
        let is_default = value.text.trim().eq_ignore_ascii_case("default");
        if column.is_some_and(|column| column.generated.is_some()) && !is_default {
            out.refuse("428C9", format!("\"{name}\" is a generated column: it takes DEFAULT only"));
        }
        let always = column.and_then(|column| column.identity.as_ref()).is_some_and(|identity| identity.always);
        if always && !is_default {
            out.refuse("428C9", format!("\"{name}\" is GENERATED ALWAYS AS IDENTITY: it takes DEFAULT only"));
        }
        if !rows.joined {
            literal::expression(scene, table, value, out);
        }
        if column.is_some_and(|column| column.not_null) && value.text.trim().eq_ignore_ascii_case("null") {
            let reason = format!("\"{name}\" of \"{}\" is NOT NULL", table.key);
            out.fail("23502", reason, FailureCause::Data, Truth::Unknown.min(filled(table)));
        }
    }
    // A key assigned to itself is not looked up.
    let assigned = |columns: &[String]| {
        columns.iter().any(|column| {
            rows.assignments.iter().any(|(name, value)| name.value == *column && !value.text.trim().eq_ignore_ascii_case(column))
        })
    };
    for constraint in table.foreign_keys().filter(|constraint| assigned(&constraint.columns)) {
        look_up(scene, constraint, out);
    }
    for (child, constraint) in scene.referencing(&table.key) {
        let Some(key) = &constraint.foreign_key else { continue };
        if assigned(&referenced(table, &key.referenced_columns)) {
            referenced_changes(scene, child, constraint, key.on_update, out);
        }
    }
    let touches = |event: &TriggerEvent| match event {
        TriggerEvent::Update(columns) => {
            columns.is_empty() || rows.assignments.iter().any(|(name, _)| columns.iter().any(|column| column.value == name.value))
        }
        TriggerEvent::Insert | TriggerEvent::Delete | TriggerEvent::Truncate => false,
    };
    super::fired::fire(scene, table, touches, out);
    for parent in scene.ancestors(table) {
        out.lock(parent, LockMode::AccessShare);
    }
    let whole = matches!(rows.predicate, Predicate::None) && !rows.joined;
    out.reversible(Truth::No);
    out.lose(
        LossKind::Values,
        table.key.to_string(),
        if whole { filled(table).min(Truth::Unknown) } else { Truth::Unknown.min(filled(table)) },
    );
}

pub(super) fn delete(scene: Scene<'_>, change: &Change, rows: &DeleteRows, out: &mut Outcome) {
    let Some(table) = target(scene, change, out) else { return };
    if table.kind == TableKind::MaterializedView {
        out.refuse("42809", format!("the materialized view \"{}\" cannot be changed", table.key));
        return;
    }
    if super::rule::replaced(scene, &table.rules, "delete", out) {
        out.lock(table, LockMode::RowExclusive);
        return;
    }
    changed_rows(scene, table, rows.only, &rows.reads, rows.joined, &rows.predicate, out);
    for (child, constraint) in scene.referencing(&table.key) {
        let Some(key) = &constraint.foreign_key else { continue };
        referenced_changes(scene, child, constraint, key.on_delete, out);
        let further = scene.referencing(&child.key).iter().any(|(other, _)| other.key != child.key && other.key != table.key);
        if key.on_delete == RefAction::Cascade && further {
            out.unknown(format!("whether rows of {} go along", child.key), "which further tables are locked");
        }
    }
    super::fired::fire(scene, table, |event| matches!(event, TriggerEvent::Delete), out);
    out.lose(LossKind::Rows, table.key.to_string(), filled(table));
}

fn referenced(table: &Table, columns: &[String]) -> Vec<String> {
    if columns.is_empty() { table.primary_key().map(|key| key.columns.clone()).unwrap_or_default() } else { columns.to_vec() }
}

pub(super) fn changed_rows(
    scene: Scene<'_>,
    table: &Table,
    only: bool,
    reads: &[ObjectName],
    joined: bool,
    predicate: &Predicate,
    out: &mut Outcome,
) {
    for member in std::iter::once(table).chain(if only { Vec::new() } else { scene.descendants(table) }) {
        let pruned = member.key != table.key && super::prune::pruned(scene, &table.key, member, predicate);
        if pruned && scene.at_least(12) {
            continue;
        }
        out.lock(member, LockMode::RowExclusive);
        if planned_indexes(scene, member) {
            out.lock_indexes(member, LockMode::RowExclusive);
        }
        let certain = match (pruned, joined) {
            (true, _) => Truth::No,
            (false, true) => Truth::Yes,
            (false, false) => scanned(member, predicate),
        };
        if certain.possible() {
            out.scan(member, ScanReason::Query, certain);
        }
    }
    if scene.major < 14 {
        for parent in scene.ancestors(table) {
            out.lock(parent, LockMode::AccessShare);
        }
    }
    if let (Predicate::Where(condition), false) = (predicate, joined) {
        literal::expression(scene, table, condition, out);
    }
    let others: Vec<ObjectName> = reads.iter().filter(|name| scene.catalog.resolve(name) != table.key).cloned().collect();
    view::read(scene, &others, true, Truth::Yes, out);
}

/// Rows that others reference change: the referencing table is looked through or changed along.
pub(super) fn referenced_changes(scene: Scene<'_>, child: &Table, constraint: &Constraint, action: RefAction, out: &mut Outcome) {
    if !constraint.enforced || action == RefAction::NoAction && waits_for_commit(scene, constraint) {
        return;
    }
    let mode = match action {
        RefAction::NoAction | RefAction::Restrict => LockMode::RowShare,
        RefAction::Cascade | RefAction::SetNull | RefAction::SetDefault => LockMode::RowExclusive,
    };
    out.lock(child, mode);
    out.lock_indexes(child, if mode == LockMode::RowExclusive { mode } else { planner_mode(scene, mode) });
    let indexed = child
        .indexes
        .iter()
        .any(|index| index.columns().next().is_some_and(|first| constraint.columns.first().is_some_and(|own| own == first)));
    if !indexed {
        out.scan(child, ScanReason::ForeignKey, Truth::Yes);
    }
    if action == RefAction::Cascade {
        out.lose(LossKind::Rows, child.key.to_string(), Truth::Unknown.min(filled(child)));
    } else if matches!(action, RefAction::NoAction | RefAction::Restrict) {
        let reason = format!("rows of \"{}\" may still refer to it", child.key);
        out.fail("23503", reason, FailureCause::Data, Truth::Unknown.min(filled(child)));
    }
}

pub(super) fn copy(scene: Scene<'_>, change: &Change, rows: &CopyRows, out: &mut Outcome) {
    if !rows.from {
        match change.table.as_ref().map(|name| (name, scene.relation(name))) {
            // Until 12 COPY TO let go of its lock at the end of the statement.
            Some((_, Some(Relation::Table(table)))) => {
                if scene.at_least(13) {
                    out.lock(table, LockMode::AccessShare);
                }
                out.scan(table, ScanReason::Query, Truth::Yes);
            }
            Some((name, Some(_))) => out.refuse("42809", format!("COPY cannot read \"{name}\", which is not a table")),
            Some((name, None)) => {
                out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name));
            }
            None => view::read(scene, &rows.reads, true, Truth::Yes, out),
        }
        return;
    }
    let Some(table) = target(scene, change, out) else { return };
    out.lock(table, LockMode::RowExclusive);
    for constraint in table.foreign_keys() {
        look_up(scene, constraint, out);
    }
}

/// A function of the history that takes no such number of arguments.
pub(super) fn calls(scene: Scene<'_>, calls: &[crate::change::Call], out: &mut Outcome) {
    for call in calls {
        let Some(count) = call.arguments.filter(|_| !call.followed) else { continue };
        let Some(known) = scene.catalog.routine(&call.name) else { continue };
        let takes = |routine: &crate::catalog::Routine| (routine.required..=routine.arguments).contains(&count);
        if !takes(known) && !known.overloads.iter().any(|other| takes(other)) && !super::volatility::is_builtin(&call.name.name.value) {
            out.refuse("42883", format!("function {} takes another number of arguments", call.name));
        }
    }
}

pub(super) fn select(scene: Scene<'_>, reads: &[ObjectName], locks_rows: bool, out: &mut Outcome) {
    let text = scene.statement.modifiers.note.as_ref().map(|note| words(&note.written.text)).unwrap_or_default();
    for sequence in super::object::sequences_in(scene, &text) {
        out.lock_sequence(sequence, LockMode::RowExclusive);
    }
    let query = scene.statement.modifiers.note.as_ref().and_then(|note| note.query(scene.catalog.target));
    if let Some(query) = &query {
        let tables: Vec<&Table> = reads.iter().filter_map(|name| scene.table(name)).collect();
        let known = if tables.len() == reads.len() { tables.as_slice() } else { &[] };
        if let Some(refusal) = literal::in_query(scene, known, query.as_ref()) {
            out.refuse(refusal.code, refusal.reason);
        }
        if let Some(clause) = super::grouping::unlockable(scene, query).filter(|_| locks_rows) {
            out.refuse("0A000", format!("rows cannot be locked (FOR UPDATE) where the query has {clause}"));
        }
    }
    for name in super::object::relations_in(&text) {
        if scene.relation(&name).is_none() {
            out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(&name));
        }
    }
    let simple = !text.is_empty()
        && !text.iter().any(|word| matches!(word, Word::Name { text, quoted: false, .. } if matches!(text.as_str(), "where" | "limit" | "fetch" | "exists")));
    let scan = if simple { Truth::Yes } else { Truth::Unknown };
    if locks_rows {
        for name in reads {
            match scene.relation(name) {
                Some(Relation::Table(table)) => {
                    for member in scene.with_descendants(table) {
                        out.lock(member, LockMode::RowShare);
                        if planned_indexes(scene, member) {
                            out.lock_indexes(member, planner_mode(scene, LockMode::RowShare));
                        }
                        out.scan(member, ScanReason::Query, scan);
                    }
                }
                Some(Relation::View(view)) => {
                    view::lock_deep(scene, view, LockMode::RowShare, out, 32);
                    view::read(scene, std::slice::from_ref(name), true, scan, out);
                    if scene.at_least(12) {
                        for table in view.reads.iter().filter_map(|key| scene.table_at(key)).filter(|table| planned_indexes(scene, table)) {
                            out.lock_indexes(table, LockMode::RowShare);
                        }
                    }
                }
                Some(_) | None => view::read(scene, std::slice::from_ref(name), true, scan, out),
            }
        }
        return;
    }
    // One table and a condition that no index could answer.
    let whole = match (&query, reads) {
        (Some(query), [only]) if !simple => only_condition(query).zip(scene.table(only)).is_some_and(|(condition, table)| {
            scene.with_descendants(table).into_iter().all(|member| answers(member, condition) == Truth::Yes)
        }),
        _ => false,
    };
    view::read(scene, reads, true, if whole { Truth::Yes } else { scan }, out);
    if let (Some(query), [only]) = (&query, reads)
        && let (sqlparser::ast::SetExpr::Select(select), Some(table)) = (query.body.as_ref(), scene.table(only))
        && let (Some(condition), [from]) = (&select.selection, select.from.as_slice())
        && from.joins.is_empty()
        && text.iter().filter(|word| matches!(word, Word::Name { text, .. } if text == "select")).count() == 1
    {
        for member in scene.descendants(table).into_iter().filter(|member| super::prune::pruned_by(scene, &table.key, member, condition)) {
            let mut names = vec![member.key.to_string()];
            names.extend(member.indexes.iter().map(|index| super::scene::index_key(member, index).to_string()));
            // Before 12 every partition is locked when the query is planned, read or not.
            out.effects.locks.retain(|lock| !scene.at_least(12) || !names.contains(&lock.relation));
            out.effects.scans.retain(|scan| !names.contains(&scan.table));
        }
    }
}

pub(super) fn truncate(scene: Scene<'_>, change: &Change, cascade: bool, restart: bool, only: bool, out: &mut Outcome) {
    let Some(name) = &change.table else { return };
    let table = match scene.relation(name) {
        Some(Relation::Table(table)) if table.kind == TableKind::Foreign && scene.major < 14 => {
            out.refuse("42809", format!("the foreign table \"{name}\" cannot be truncated before PostgreSQL 14"));
            return;
        }
        Some(Relation::Table(table)) if table.kind != TableKind::MaterializedView => table,
        Some(_) => {
            out.refuse("42809", format!("\"{name}\" is not a table"));
            return;
        }
        None => {
            out.fail("42P01", format!("relation \"{name}\" does not exist"), FailureCause::Schema, scene.absence(name));
            return;
        }
    };
    if only && table.partitioning.is_some() {
        out.refuse("42809", "a partitioned table keeps no rows itself: ONLY would empty nothing");
        return;
    }
    let mut named: Vec<&Table> = Vec::new();
    for other in &scene.statement.changes {
        if let (Action::Truncate { .. }, Some(name)) = (&other.action, &other.table)
            && let Some(table) = scene.table(name)
        {
            named.extend(scene.with_descendants(table));
        }
    }
    let mut emptied: Vec<&Table> = if only { vec![table] } else { scene.with_descendants(table) };
    let mut at = 0;
    while let Some(current) = emptied.get(at).copied() {
        at += 1;
        for (child, constraint) in scene.referencing(&current.key) {
            let known = emptied.iter().chain(&named).any(|known| known.key == child.key);
            if known {
                continue;
            }
            if cascade {
                emptied.extend(scene.with_descendants(child));
            } else {
                out.refuse("0A000", format!("\"{}\" is referenced by \"{}\" ({})", current.key, child.key, constraint.name));
                return;
            }
        }
    }
    for member in emptied {
        scene.no_pending_checks("TRUNCATE", member, out);
        super::fired::fire(scene, member, |event| matches!(event, TriggerEvent::Truncate), out);
        out.lock(member, LockMode::AccessExclusive);
        if scene.major < 14 {
            for parent in scene.ancestors(member) {
                out.lock(parent, LockMode::AccessShare);
            }
        }
        if has_storage(member) {
            out.lock_indexes(member, LockMode::AccessExclusive);
            // The files are replaced by empty ones: nothing is read.
            for index in &member.indexes {
                out.build(member, &index.name, true, Truth::Yes);
            }
        }
        if restart {
            for sequence in scene.owned_sequences(&member.key, None) {
                out.lock_sequence(sequence, LockMode::AccessExclusive);
            }
        }
        out.lose(LossKind::Rows, member.key.to_string(), filled(member));
        if member.key != table.key && member.partition_of.is_none() {
            out.break_client(BreakageKind::Guarantee, member.key.to_string(), "it is emptied along", Truth::Yes);
        }
    }
}
