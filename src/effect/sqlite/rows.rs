//! INSERT, UPDATE, DELETE and SELECT.

use super::schema::{broken_trigger, broken_view};
use super::work::{Work, absent, filled, lacks};
use crate::catalog::{Table, TableKind};
use crate::change::{
    Arbiter, Change, DeleteRows, Expression, Ident, InsertRows, InsertSource, ObjectName, OnConflict, Predicate, TriggerEvent, UpdateRows,
};
use crate::effect::{FailureCause, LossKind, ScanReason, Truth};

/// The table to be written; views take no rows, except through INSTEAD OF triggers.
fn target<'a>(work: &mut Work<'a>, name: &ObjectName) -> Option<&'a Table> {
    if work.before.view(name).is_some() {
        work.refuse(format!("cannot modify {} because it is a view", name.name), Truth::Unknown);
        return None;
    }
    let system = name.name.value.to_ascii_lowercase();
    if matches!(system.as_str(), "sqlite_master" | "sqlite_schema") {
        // With writable_schema it depends on the connection's defensive mode.
        let allowed = work.before.session.is_off("writable_schema") == Some(false);
        work.refuse(format!("table {system} may not be modified"), if allowed { Truth::Unknown } else { Truth::Yes });
        work.write_lock(None);
        return None;
    }
    let table = work.existing_table(name);
    match table {
        Some(table) => work.write_lock(Some(&table.key)),
        None if work.effects.failures.is_empty() => work.write_lock(None),
        None => {}
    }
    table
}

pub(super) fn insert(work: &mut Work<'_>, change: &Change, insert: &InsertRows) {
    let Some(name) = &change.table else { return };
    let table = target(work, name);
    if let Some(table) = table {
        for column in &insert.columns {
            match lacks(table, &column.value) {
                Truth::No => {}
                certain => work.refuse(format!("table {} has no column named {column}", name.name), certain),
            }
            if table.column(&column.value).is_some_and(|column| column.generated.is_some()) {
                work.refuse(format!("cannot INSERT into generated column \"{column}\""), Truth::Yes);
            }
        }
        broken_triggers(work, table, |event| *event == TriggerEvent::Insert);
        widths(work, table, insert);
        arbiter(work, table, insert);
        required_columns(work, table, insert);
        parents(work, table);
    }
    if let InsertSource::Query { reads, .. } = &insert.source {
        for read in reads {
            match work.before.table(read) {
                Some(source) => {
                    work.scan(source, ScanReason::Query, Truth::Yes, true);
                    if let Some(table) = table {
                        rejected_rows(work, table, source, insert);
                    }
                }
                None if work.before.view(read).is_none() && absent(work.before, read) == Truth::Yes => {
                    work.refuse(format!("no such table: {}", read.name), Truth::Unknown);
                }
                None => {}
            }
        }
    }
}

/// The triggers a statement fires are compiled with it: a table that one of them names must be there.
fn broken_triggers(work: &mut Work<'_>, table: &Table, fired: impl Fn(&TriggerEvent) -> bool) {
    for trigger in table.triggers.iter().filter(|trigger| trigger.events.iter().any(&fired)) {
        if let Some((reason, certain)) = broken_trigger(work.before, trigger) {
            work.refuse(reason, certain);
            return;
        }
    }
}

/// As many values as columns.
fn widths(work: &mut Work<'_>, table: &Table, insert: &InsertRows) {
    let Some((narrow, wide)) = insert.width else { return };
    // Generated and hidden columns of virtual tables take no part.
    let whole = table.complete && !table.uncertain && table.kind == TableKind::Table;
    let plain = table.columns.iter().filter(|column| column.generated.is_none()).count() as u64;
    let wanted = match insert.columns.len() as u64 {
        0 if whole => plain,
        0 => return,
        listed => listed,
    };
    if (narrow, wide) != (wanted, wanted) {
        let given = if narrow == wanted { wide } else { narrow };
        let name = &table.key.name;
        work.refuse(
            match insert.columns.len() {
                0 => format!("table {name} has {wanted} columns but {given} values were supplied"),
                _ => format!("{given} values for {wanted} columns"),
            },
            Truth::Yes,
        );
    }
}

/// ON CONFLICT names a primary key or a unique index (lang_upsert).
fn arbiter(work: &mut Work<'_>, table: &Table, insert: &InsertRows) {
    let Some(Arbiter::Columns(columns)) = &insert.arbiter else { return };
    let names: Vec<String> = columns.iter().map(|column| column.value.clone()).collect();
    let rowid = matches!(names.as_slice(), [only] if rowid_alias(table, only) || only.eq_ignore_ascii_case("rowid"));
    if !rowid && !has_unique_key(table, &names) {
        work.refuse("ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint", Truth::Yes);
    }
}

/// NOT NULL columns that get no value.
fn required_columns(work: &mut Work<'_>, table: &Table, insert: &InsertRows) {
    if insert.columns.is_empty() || insert.on_conflict == OnConflict::Ignore {
        return;
    }
    for column in &table.columns {
        let given = insert.columns.iter().any(|name| name.is(&column.name));
        let fills_itself = column.default.is_some() || column.generated.is_some() || rowid_alias(table, &column.name);
        if column.not_null && !given && !fills_itself {
            let certain = match &insert.source {
                InsertSource::Values { .. } | InsertSource::DefaultValues => Truth::Yes,
                InsertSource::Query { .. } => Truth::Unknown,
            };
            let reason = format!("NOT NULL constraint failed: {}.{}", table.key, column.name);
            work.fail("SQLITE_CONSTRAINT_NOTNULL", reason, FailureCause::Data, certain);
        }
    }
}

/// With foreign keys enforced, writing a child needs its parents: a table that is there, with a
/// unique key on the columns referred to (foreignkeys 3).
fn parents(work: &mut Work<'_>, table: &Table) {
    let enforced = work.foreign_keys();
    if enforced == Truth::No {
        return;
    }
    for foreign in table.foreign_keys() {
        let Some(info) = &foreign.foreign_key else { continue };
        match work.before.table_at(&info.references) {
            None => {
                let gone = Ident { value: info.references.name.clone(), quoted: true, span: crate::source::Span::default() };
                if absent(work.before, &ObjectName::bare(gone)) == Truth::Yes {
                    work.refuse(format!("no such table: main.{}", info.references.name), enforced);
                }
            }
            Some(parent) if !has_unique_key(parent, &info.referenced_columns) => mismatch(work, table, parent, enforced),
            Some(_) => {}
        }
    }
}

/// The same seen from the parent, whose rows cannot be deleted then.
fn children(work: &mut Work<'_>, table: &Table) {
    let enforced = work.foreign_keys();
    if enforced == Truth::No {
        return;
    }
    for (child, foreign) in work.before.referencing_foreign_keys(&table.key) {
        if foreign.foreign_key.as_ref().is_some_and(|info| !has_unique_key(table, &info.referenced_columns)) {
            mismatch(work, child, table, enforced);
        }
    }
}

fn mismatch(work: &mut Work<'_>, child: &Table, parent: &Table, certain: Truth) {
    work.refuse(format!("foreign key mismatch - \"{}\" referencing \"{}\"", child.key.name, parent.key.name), certain);
}

fn has_unique_key(parent: &Table, columns: &[String]) -> bool {
    let same = |key: &mut dyn Iterator<Item = &str>| {
        let key: Vec<&str> = key.collect();
        key.len() == columns.len() && columns.iter().all(|column| key.iter().any(|own| own.eq_ignore_ascii_case(column)))
    };
    let primary = parent.primary_key().is_some_and(|key| same(&mut key.columns.iter().map(String::as_str)));
    // A key that the history does not show may be there all the same.
    let unknown = !parent.complete || parent.uncertain || (columns.is_empty() && parent.primary_key().is_some());
    unknown || primary || parent.indexes.iter().any(|index| index.unique && index.predicate.is_none() && same(&mut index.columns()))
}

pub(super) fn rowid_alias(table: &Table, column: &str) -> bool {
    !table.without_rowid
        && table.primary_key().is_some_and(|key| key.columns.len() == 1 && key.columns.iter().all(|it| it.eq_ignore_ascii_case(column)))
        && table.column(column).and_then(|it| it.data_type.as_ref()).is_some_and(|it| it.name.eq_ignore_ascii_case("integer"))
}

/// A copy into a stricter table: rows may be refused, or silently left out.
fn rejected_rows(work: &mut Work<'_>, table: &Table, source: &Table, insert: &InsertRows) {
    let stricter = table.columns.iter().any(|column| {
        column.not_null && source.column(&column.name).is_some_and(|old| !old.not_null) && !rowid_alias(source, &column.name)
    });
    if !filled(source).possible() {
        return;
    }
    match insert.on_conflict {
        OnConflict::Ignore | OnConflict::Replace => work.lose(LossKind::Rows, source.key.to_string(), Truth::Unknown),
        OnConflict::Fail | OnConflict::Update if stricter => {
            for column in table.columns.iter().filter(|column| column.not_null) {
                if source.column(&column.name).is_some_and(|old| !old.not_null) {
                    let reason = format!("NOT NULL constraint failed: {}.{}", table.key, column.name);
                    work.fail("SQLITE_CONSTRAINT_NOTNULL", reason, FailureCause::Data, Truth::Unknown);
                }
            }
        }
        OnConflict::Fail | OnConflict::Update => {}
    }
}

pub(super) fn update(work: &mut Work<'_>, change: &Change, update: &UpdateRows) {
    let Some(name) = &change.table else { return };
    let Some(table) = target(work, name) else { return };
    for (column, value) in &update.assignments {
        let required = table.column(&column.value).is_some_and(|column| column.not_null);
        if required && value.text.trim().eq_ignore_ascii_case("null") {
            let reason = format!("NOT NULL constraint failed: {}.{}", table.key, column.value);
            work.fail("SQLITE_CONSTRAINT_NOTNULL", reason, FailureCause::Data, Truth::Unknown);
        }
        match lacks(table, &column.value) {
            Truth::No => {}
            certain => work.refuse(format!("no such column: {column}"), certain),
        }
        if table.column(&column.value).is_some_and(|column| column.generated.is_some()) {
            work.refuse(format!("cannot UPDATE generated column \"{column}\""), Truth::Yes);
        }
    }
    let fired = |event: &TriggerEvent| match event {
        TriggerEvent::Update(columns) => {
            columns.is_empty() || columns.iter().any(|column| update.assignments.iter().any(|(name, _)| name.is(&column.value)))
        }
        _ => false,
    };
    broken_triggers(work, table, fired);
    let touched = |column: &String| update.assignments.iter().any(|(name, _)| name.is(column));
    if table.foreign_keys().any(|foreign| foreign.columns.iter().any(touched)) {
        parents(work, table);
    }
    let whole = if update.joined { Truth::Unknown } else { reads_whole(table, &update.predicate) };
    work.scan(table, ScanReason::Query, whole, true);
    if update.predicate == Predicate::None && !update.limited && !update.joined {
        work.rewrite(table, Truth::Yes, "every row is written");
    }
    scan_read(work, &update.reads);
}

pub(super) fn delete(work: &mut Work<'_>, change: &Change, delete: &DeleteRows) {
    let Some(name) = &change.table else { return };
    let Some(table) = target(work, name) else { return };
    let all = delete.predicate == Predicate::None && !delete.limited && !delete.joined;
    children(work, table);
    broken_triggers(work, table, |event| *event == TriggerEvent::Delete);
    // Without WHERE the pages are let go unread, unless a trigger or a foreign key wants every row
    // (lang_delete 3).
    let wanted = table.triggers.iter().any(|trigger| trigger.events.contains(&TriggerEvent::Delete));
    let referenced = !work.before.referencing_foreign_keys(&table.key).is_empty();
    let whole = match &delete.predicate {
        _ if all && wanted => Truth::Yes,
        _ if all && referenced => work.foreign_keys(),
        _ if all => Truth::No,
        predicate => reads_whole(table, predicate),
    };
    work.scan(table, ScanReason::Query, whole, true);
    scan_read(work, &delete.reads);
    if filled(table).possible() {
        let certain = if all { filled(table) } else { Truth::Unknown };
        work.lose(LossKind::Rows, table.key.to_string(), certain);
    }
}

pub(super) fn select(work: &mut Work<'_>, reads: &[ObjectName]) {
    for read in reads {
        if let Some(table) = work.before.table(read) {
            work.scan(table, ScanReason::Query, Truth::Unknown, false);
        } else if let Some(view) = work.before.view(read) {
            if let Some((reason, certain)) = broken_view(work.before, view) {
                work.refuse(reason, certain);
            }
            for table in view.reads.iter().filter_map(|key| work.before.table_at(key)) {
                work.scan(table, ScanReason::Query, Truth::Unknown, false);
            }
        } else if absent(work.before, read) == Truth::Yes && !is_function(&read.name.value) {
            work.refuse(format!("no such table: {}", read.name), Truth::Yes);
        }
    }
}

/// Table-valued functions may be written without parentheses.
fn is_function(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["pragma_", "json_", "jsonb_", "fts", "dbstat", "generate_series", "bytecode", "tables_used"]
        .iter()
        .any(|start| name.starts_with(start))
}

fn scan_read(work: &mut Work<'_>, reads: &[ObjectName]) {
    for read in reads {
        if let Some(table) = work.before.table(read) {
            work.scan(table, ScanReason::Query, Truth::Unknown, true);
        }
    }
}

/// Whether a condition has to be tried on every row: not when it pins the first column of an index
/// or the row's own number.
fn reads_whole(table: &Table, predicate: &Predicate) -> Truth {
    match predicate {
        Predicate::None => Truth::Yes,
        Predicate::Unread => Truth::Unknown,
        Predicate::Where(condition) => {
            if pinned(condition, |column| rowid_alias(table, column) || column.eq_ignore_ascii_case("rowid")) {
                Truth::No
            } else if pinned(condition, |column| {
                table.indexes.iter().any(|index| index.columns().next().is_some_and(|first| first.eq_ignore_ascii_case(column)))
            }) {
                Truth::No
            } else {
                Truth::Yes
            }
        }
    }
}

/// `column = …` or `column IN (…)` as one of the conditions joined by AND.
fn pinned(condition: &Expression, indexed: impl Fn(&str) -> bool) -> bool {
    let text = condition.text.to_ascii_lowercase();
    if text.contains(" or ") {
        return false;
    }
    text.split(" and ").any(|part| {
        let part = part.trim().trim_start_matches('(');
        let end = part.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.' || c == '"')).unwrap_or(part.len());
        let column = part.get(..end).unwrap_or("").trim_matches('"');
        let column = column.rsplit('.').next().unwrap_or(column);
        let rest = part.get(end..).unwrap_or("").trim_start();
        !column.is_empty() && (rest.starts_with('=') || rest.starts_with("in ") || rest.starts_with("in(")) && indexed(column)
    })
}
