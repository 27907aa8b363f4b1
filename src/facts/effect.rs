//! `effect.*`

use std::borrow::Cow;

use super::value::Scale;
use super::{Context, Fact, FactType, Value, lookup, rebuild};
use crate::catalog::{Rows, Table};
use crate::change::Action;
use crate::effect::{Algorithm, BreakageKind, Dml, Failure, FailureCause, Loss, LossKind, ScanReason, Transactionality, Truth};

static ALGORITHMS: Scale = Scale { ordered: true, words: &["none", "instant", "inplace", "copy"] };
static TRANSACTION: Scale = Scale { ordered: false, words: &["allowed", "forbidden", "unknown"] };
static LOSSES: Scale = Scale { ordered: false, words: &["none", "table", "column", "rows", "partition", "schema", "values", "recreated"] };
static CAUSES: Scale = Scale { ordered: false, words: &["none", "schema", "data", "syntax", "assertion", "transaction"] };

/// A table the effects name is one that others may be using, with rows in it; one that nobody knows
/// is, unless this very change makes it.
fn is_live(cx: &Context<'_>, relation: &str) -> bool {
    match cx.relation(relation) {
        Some(table) => lookup::is_live(cx.catalog(), table) && !super::table::is_empty(cx, table),
        None => !matches!(cx.change.action, Action::CreateTable(_) | Action::CreateView(_)),
    }
}

/// Another table than the change's own is read or written anew. An UPDATE or DELETE finds nothing
/// to do in an empty table, whatever it would be joined to.
fn reaches_others(cx: &Context<'_>, own: &Table) -> bool {
    if matches!(cx.change.action, Action::Update(_) | Action::Delete(_)) {
        return false;
    }
    let own = own.key.to_string();
    let reached = cx.effects.scans.iter().map(|scan| &scan.table).chain(cx.effects.rewrites.iter().map(|rewrite| &rewrite.table));
    reached.chain(cx.effects.builds.iter().map(|build| &build.table)).any(|table| *table != own)
}

fn worst(truths: impl Iterator<Item = Truth>) -> Truth {
    truths.max().unwrap_or(Truth::No)
}

fn scans(cx: &Context<'_>, test: fn(ScanReason) -> bool) -> Value<'static> {
    Value::Flag(worst(cx.effects.scans.iter().filter(|scan| test(scan.reason) && is_live(cx, &scan.table)).map(|scan| scan.certain)))
}

fn loss<'r>(cx: &'r Context<'_>) -> Option<&'r Loss> {
    cx.effects.losses.iter().max_by_key(|loss| loss.certain)
}

fn breaks(cx: &Context<'_>, kind: BreakageKind) -> Value<'static> {
    Value::Flag(worst(cx.effects.breaks.iter().filter(|one| one.kind == kind).map(|one| one.certain)))
}

/// Views and functions, or triggers, that are left failing.
fn broken<'r>(cx: &'r Context<'_>, kind: BreakageKind) -> Value<'r> {
    let mut names: Vec<Cow<'_, str>> = Vec::new();
    for one in cx.effects.breaks.iter().filter(|one| one.kind == kind && one.certain.possible()) {
        if !names.iter().any(|name| **name == *one.object) {
            names.push(one.object.as_str().into());
        }
    }
    Value::Names(names)
}

/// The failure to speak of: the surest one.
fn failure<'r>(cx: &'r Context<'_>) -> Option<&'r Failure> {
    cx.effects.failures.iter().filter(|one| one.certain.possible()).max_by_key(|one| (one.certain, one.cause != FailureCause::Data))
}

fn data_failure<'r>(cx: &'r Context<'_>) -> Option<&'r Failure> {
    let data = cx.effects.failures.iter().filter(|one| one.cause == FailureCause::Data && one.certain.possible());
    data.max_by_key(|one| one.certain)
}

/// A NULL in a column that is to be NOT NULL: 23502 of PostgreSQL; MySQL and MariaDB say that data
/// are cut off (1265) or that NULL is used wrongly (1138).
fn is_for_null(failure: &Failure) -> bool {
    failure.cause == FailureCause::Data && matches!(failure.code.as_str(), "23502" | "1138" | "1265")
}

pub(super) static FACTS: &[Fact] = &[
    Fact {
        name: "effect.rewrites",
        kind: FactType::Flag,
        doc: "A table that others may use is written anew.",
        get: |cx| Value::Flag(worst(cx.effects.rewrites.iter().filter(|one| is_live(cx, &one.table)).map(|one| one.certain))),
    },
    Fact {
        name: "effect.rewrite_reason",
        kind: FactType::Text,
        doc: "Why it is written anew, as half a sentence.",
        get: |cx| Value::maybe(cx.effects.rewrites.iter().max_by_key(|one| one.certain).map(|one| one.reason.as_str())),
    },
    Fact {
        name: "effect.scans",
        kind: FactType::Flag,
        doc: "A table that others may use is read whole, for whatever reason.",
        get: |cx| scans(cx, |_| true),
    },
    Fact {
        name: "effect.verifies",
        kind: FactType::Flag,
        doc: "Existing rows are read to check them against a constraint or a type.",
        get: |cx| scans(cx, |reason| matches!(reason, ScanReason::Verify | ScanReason::ForeignKey)),
    },
    Fact {
        name: "effect.scanned",
        kind: FactType::Names,
        doc: "The tables that are read whole.",
        get: |cx| {
            let mut names: Vec<Cow<'_, str>> = Vec::new();
            for scan in cx.effects.scans.iter().filter(|scan| scan.certain.possible()) {
                if !names.iter().any(|name| **name == *scan.table) {
                    names.push(scan.table.as_str().into());
                }
            }
            Value::Names(names)
        },
    },
    Fact {
        name: "effect.builds",
        kind: FactType::Flag,
        doc: "An index of a table that others may use is built.",
        get: |cx| Value::Flag(worst(cx.effects.builds.iter().filter(|one| is_live(cx, &one.table)).map(|one| one.certain))),
    },
    Fact {
        name: "effect.rebuilds_index",
        kind: FactType::Flag,
        doc: "An existing index is built anew.",
        get: |cx| Value::Flag(worst(cx.effects.builds.iter().filter(|one| one.rebuilt && is_live(cx, &one.table)).map(|one| one.certain))),
    },
    Fact {
        name: "effect.built",
        kind: FactType::Names,
        doc: "The indexes that are built or built anew.",
        get: |cx| Value::Names(cx.effects.builds.iter().map(|one| one.index.as_str().into()).collect()),
    },
    Fact {
        name: "effect.lasting",
        kind: FactType::Flag,
        doc: "The strongest lock is held while a table is read, written anew or indexed, so it grows with the rows.",
        get: |cx| match cx.table() {
            Some(table) if super::table::is_empty(cx, table) && !reaches_others(cx, table) => Value::flag(false),
            Some(_) | None => Value::Flag(cx.effects.lasting),
        },
    },
    Fact {
        name: "effect.algorithm",
        kind: FactType::Level(&ALGORITHMS),
        doc: "MySQL and MariaDB: how the table is altered.",
        get: |cx| {
            let word = match cx.effects.algorithm {
                None => "none",
                Some(Algorithm::Instant) => "instant",
                Some(Algorithm::Inplace) => "inplace",
                Some(Algorithm::Copy) => "copy",
            };
            Value::word(&ALGORITHMS, word)
        },
    },
    Fact {
        name: "effect.rebuilds",
        kind: FactType::Flag,
        doc: "MySQL and MariaDB: the whole table is built anew, in place or by copy.",
        get: |cx| Value::Flag(cx.effects.rebuild),
    },
    Fact {
        name: "effect.dml_blocked",
        kind: FactType::Flag,
        doc: "MySQL and MariaDB: writes wait until the change is done, and there are rows that make it long; unknown while it is not known whether the table is copied.",
        get: |cx| match cx.effects.dml {
            _ if cx.table().is_some_and(|table| table.rows == Rows::None) => Value::flag(false),
            Some(Dml::Blocked)
                if cx.effects.algorithm == Some(Algorithm::Copy)
                    && cx.effects.rebuild == Truth::Unknown
                    && !cx.effects.unknowns.is_empty() =>
            {
                Value::Unknown
            }
            dml => Value::flag(dml == Some(Dml::Blocked)),
        },
    },
    Fact {
        name: "effect.in_transaction",
        kind: FactType::Level(&TRANSACTION),
        doc: "Whether the statement may run inside a transaction block.",
        get: |cx| {
            let word = match cx.effects.transactionality {
                Transactionality::Allowed => "allowed",
                Transactionality::Forbidden => "forbidden",
                Transactionality::Unknown => "unknown",
            };
            Value::word(&TRANSACTION, word)
        },
    },
    Fact {
        name: "effect.implicit_commit",
        kind: FactType::Flag,
        doc: "It commits the open transaction, before and after.",
        get: |cx| Value::flag(cx.effects.implicit_commit),
    },
    Fact {
        name: "effect.loses",
        kind: FactType::Flag,
        doc: "Data will be gone.",
        get: |cx| Value::Flag(worst(cx.effects.losses.iter().map(|loss| loss.certain))),
    },
    Fact {
        name: "effect.loss",
        kind: FactType::Level(&LOSSES),
        doc: "What kind of data will be gone.",
        get: |cx| {
            let word = match loss(cx).map(|loss| loss.kind) {
                None => "none",
                Some(LossKind::Table) => "table",
                Some(LossKind::Column) => "column",
                Some(LossKind::Rows) => "rows",
                Some(LossKind::Partition) => "partition",
                Some(LossKind::Schema) => "schema",
                Some(LossKind::Values) => "values",
                Some(LossKind::Recreated) => "recreated",
            };
            Value::word(&LOSSES, word)
        },
    },
    Fact {
        name: "effect.loses_values",
        kind: FactType::Flag,
        doc: "Values are cut, rounded or refused by the new type.",
        get: |cx| Value::Flag(worst(cx.effects.losses.iter().filter(|loss| loss.kind == LossKind::Values).map(|loss| loss.certain))),
    },
    Fact {
        name: "effect.narrows",
        kind: FactType::Flag,
        doc: "The new type cannot hold every value that the old one can; unknown when the old type is.",
        get: |cx| {
            let lost = cx.effects.losses.iter().filter(|loss| loss.kind == LossKind::Values).map(|loss| loss.certain);
            // A MODIFY may be refused for other reasons, such as a NULL.
            let by_type = matches!(cx.change.action, Action::SetType { .. });
            let refused = cx.effects.failures.iter().filter(|one| by_type && one.cause == FailureCause::Data).map(|one| one.certain);
            let narrows = worst(lost.chain(refused)).possible();
            match cx.column().and_then(|column| column.data_type.as_ref()) {
                Some(_) => Value::flag(narrows),
                None if narrows => Value::Unknown,
                None => Value::flag(false),
            }
        },
    },
    Fact {
        name: "effect.recreates",
        kind: FactType::Flag,
        doc: "The same column is dropped and added again, so its values are gone.",
        get: |cx| Value::Flag(worst(cx.effects.losses.iter().filter(|loss| loss.kind == LossKind::Recreated).map(|loss| loss.certain))),
    },
    Fact {
        name: "effect.lost",
        kind: FactType::Names,
        doc: "What will be gone, by name; tables whose rows were copied before, and that go later on, are not counted.",
        get: |cx| {
            let lost = cx.effects.losses.iter().filter(|loss| !rebuild::is_saved(cx, &loss.object));
            Value::Names(lost.map(|loss| loss.object.as_str().into()).collect())
        },
    },
    Fact {
        name: "effect.loses_others",
        kind: FactType::Flag,
        doc: "Rows or values of other tables than the change's own are gone as well, unless they were copied before and their table goes later on.",
        get: |cx| Value::Flag(worst(rebuild::lost_elsewhere(cx).map(|loss| loss.certain))),
    },
    Fact {
        name: "effect.lost_elsewhere",
        kind: FactType::Names,
        doc: "The other tables than the change's own whose rows or values are gone as well, each once.",
        get: |cx| {
            let mut names: Vec<&str> = Vec::new();
            for loss in rebuild::lost_elsewhere(cx).filter(|loss| loss.certain.possible()) {
                if !names.contains(&loss.object.as_str()) {
                    names.push(&loss.object);
                }
            }
            Value::Names(names.into_iter().map(Into::into).collect())
        },
    },
    Fact {
        name: "effect.fails_on_nulls",
        kind: FactType::Flag,
        doc: "Rows with NULL in the column stop it, and nothing else does.",
        get: |cx| {
            let mut failures = cx.effects.failures.iter().filter(|one| one.certain.possible()).peekable();
            Value::flag(failures.peek().is_some() && failures.all(is_for_null))
        },
    },
    Fact {
        name: "effect.breaks_names",
        kind: FactType::Flag,
        doc: "A name that running clients use is gone.",
        get: |cx| breaks(cx, BreakageKind::Name),
    },
    Fact {
        name: "effect.breaks_views",
        kind: FactType::Flag,
        doc: "A view or function is left failing.",
        get: |cx| breaks(cx, BreakageKind::View),
    },
    Fact {
        name: "effect.breaks_triggers",
        kind: FactType::Flag,
        doc: "A trigger is left failing on every write.",
        get: |cx| breaks(cx, BreakageKind::Trigger),
    },
    Fact {
        name: "effect.breaks_inserts",
        kind: FactType::Flag,
        doc: "The running version's INSERT fails.",
        get: |cx| breaks(cx, BreakageKind::Insert),
    },
    Fact {
        name: "effect.breaks_guarantees",
        kind: FactType::Flag,
        doc: "A guarantee or attribute that clients rely on is gone.",
        get: |cx| breaks(cx, BreakageKind::Guarantee),
    },
    Fact {
        name: "effect.broken",
        kind: FactType::Names,
        doc: "What breaks, by name.",
        get: |cx| Value::Names(cx.effects.breaks.iter().map(|one| one.object.as_str().into()).collect()),
    },
    Fact {
        name: "effect.broken_views",
        kind: FactType::Names,
        doc: "The views and functions that are left failing.",
        get: |cx| broken(cx, BreakageKind::View),
    },
    Fact {
        name: "effect.broken_triggers",
        kind: FactType::Names,
        doc: "The triggers that are left failing on every write.",
        get: |cx| broken(cx, BreakageKind::Trigger),
    },
    Fact {
        name: "effect.breakage",
        kind: FactType::Text,
        doc: "Why it breaks, in words.",
        get: |cx| Value::text(cx.effects.breaks.iter().map(|one| one.reason.as_str()).collect::<Vec<_>>().join("; ")),
    },
    Fact {
        name: "effect.fails",
        kind: FactType::Flag,
        doc: "The server refuses it, whatever the rows: schema, version, syntax or a clause that cannot be met.",
        get: |cx| Value::Flag(worst(cx.effects.failures.iter().filter(|one| one.cause != FailureCause::Data).map(|one| one.certain))),
    },
    Fact {
        name: "effect.refused",
        kind: FactType::Flag,
        doc: "The server is certain to refuse it, whatever the rows; never unknown.",
        get: |cx| Value::flag(cx.effects.failures.iter().any(|one| one.cause != FailureCause::Data && one.certain == Truth::Yes)),
    },
    Fact {
        name: "effect.fails_on_data",
        kind: FactType::Flag,
        doc: "Existing rows may make the server refuse it.",
        get: |cx| Value::Flag(worst(cx.effects.failures.iter().filter(|one| one.cause == FailureCause::Data).map(|one| one.certain))),
    },
    Fact {
        name: "effect.might_fail_on_data",
        kind: FactType::Flag,
        doc: "There can be rows that make the server refuse it; whether there are is another question.",
        get: |cx| Value::flag(cx.effects.failures.iter().any(|one| one.cause == FailureCause::Data && one.certain.possible())),
    },
    Fact {
        name: "effect.data_failure",
        kind: FactType::Text,
        doc: "Why rows may make the server refuse it, in words.",
        get: |cx| Value::maybe(data_failure(cx).map(|one| one.reason.as_str())),
    },
    Fact {
        name: "effect.data_failure_code",
        kind: FactType::Text,
        doc: "The server's error code if they do.",
        get: |cx| Value::maybe(data_failure(cx).map(|one| one.code.as_str())),
    },
    Fact {
        name: "effect.failure",
        kind: FactType::Text,
        doc: "Why the server refuses it, in words.",
        get: |cx| Value::maybe(failure(cx).map(|one| one.reason.as_str())),
    },
    Fact {
        name: "effect.failure_code",
        kind: FactType::Text,
        doc: "The server's error code: SQLSTATE, MySQL error number or SQLite result.",
        get: |cx| Value::maybe(failure(cx).map(|one| one.code.as_str())),
    },
    Fact {
        name: "effect.failure_cause",
        kind: FactType::Level(&CAUSES),
        doc: "What makes it fail.",
        get: |cx| {
            let word = match failure(cx).map(|one| one.cause) {
                None => "none",
                Some(FailureCause::Schema) => "schema",
                Some(FailureCause::Data) => "data",
                Some(FailureCause::Syntax) => "syntax",
                Some(FailureCause::Assertion) => "assertion",
                Some(FailureCause::Transaction) => "transaction",
            };
            Value::word(&CAUSES, word)
        },
    },
    Fact {
        name: "effect.reversible",
        kind: FactType::Flag,
        doc: "A down script could bring back what was there, rows included.",
        get: |cx| Value::Flag(cx.effects.reversible),
    },
    Fact {
        name: "effect.unknown",
        kind: FactType::Names,
        doc: "What could not be told and would decide.",
        get: |cx| Value::Names(cx.effects.unknowns.iter().map(|one| one.what.as_str().into()).collect()),
    },
];
