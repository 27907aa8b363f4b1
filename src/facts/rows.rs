//! `rows.*`

use super::bulk::{is_bulk, is_narrow};
use super::ledger::Entry;
use super::value::Scale;
use super::{Context, Fact, FactType, Value, lookup};
use crate::change::{Action, Arbiter, InsertSource, ObjectName, OnConflict, Predicate, UpdateRows};
use crate::sql::expression::is_plain_join;

static PREDICATES: Scale = Scale { ordered: false, words: &["none", "always-true", "condition", "unread"] };

static CONFLICTS: Scale = Scale { ordered: false, words: &["fail", "ignore", "replace", "update"] };

fn predicate<'a>(cx: &Context<'a>) -> Option<&'a Predicate> {
    match &cx.change.action {
        Action::Update(update) => Some(&update.predicate),
        Action::Delete(delete) => Some(&delete.predicate),
        _ => None,
    }
}

/// A condition that no row fails: `1 = 1`, `true`, `'a' = 'a'`.
fn is_always_true(text: &str) -> bool {
    let mut text: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    while let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        if inner.contains(['(', ')']) {
            break;
        }
        text = inner.to_owned();
    }
    if matches!(text.as_str(), "true" | "1" | "nottrue=false" | "notfalse") {
        return true;
    }
    let constant = |side: &str| {
        side.parse::<i64>().is_ok()
            || matches!(side, "true" | "false")
            || (side.len() >= 2 && side.starts_with('\'') && side.ends_with('\''))
    };
    text.split_once('=').is_some_and(|(left, right)| left == right && constant(left))
}

/// An UPDATE that leaves no row out.
pub(super) fn is_every_row(update: &UpdateRows) -> bool {
    let all = match &update.predicate {
        Predicate::None => true,
        Predicate::Where(condition) => is_always_true(&condition.text),
        Predicate::Unread => false,
    };
    all && !update.limited && !update.joined
}

fn word(cx: &Context<'_>) -> &'static str {
    match predicate(cx) {
        Some(Predicate::None) => "none",
        Some(Predicate::Where(condition)) if is_always_true(&condition.text) => "always-true",
        Some(Predicate::Where(_)) => "condition",
        Some(Predicate::Unread) | None => "unread",
    }
}

/// Nothing but columns that are equal: no condition of its own, no list of values, no subquery that
/// might choose.
fn is_whole_join(cx: &Context<'_>) -> bool {
    let Action::Update(update) = &cx.change.action else { return false };
    let joins = match &update.predicate {
        Predicate::None => true,
        Predicate::Where(condition) => condition.tree.as_deref().is_some_and(is_plain_join),
        Predicate::Unread => false,
    };
    let live = |name: &ObjectName| cx.find(name).is_none_or(|table| lookup::is_live(cx.catalog(), table));
    let chooses = || cx.words(cx.scene.statement.span).to_ascii_lowercase().contains("select");
    update.joined && !update.limited && joins && !update.reads.is_empty() && update.reads.iter().all(live) && !chooses()
}

/// What an INSERT that leaves out equal rows does not write is there already, word for word.
fn leaves_out_equals(cx: &Context<'_>) -> bool {
    let Action::Insert(insert) = &cx.change.action else { return false };
    let Some(Arbiter::Columns(arbiter)) = insert.arbiter.as_ref().filter(|_| insert.on_conflict == OnConflict::Ignore) else {
        return false;
    };
    let compared = |name: &str| arbiter.iter().any(|column| column.is(name));
    match (insert.columns.as_slice(), cx.table()) {
        ([], Some(table)) => table.complete && table.columns.iter().all(|column| compared(&column.name)),
        ([], None) => false,
        (filled, _) => filled.iter().all(|column| compared(&column.value)),
    }
}

pub(super) static FACTS: &[Fact] = &[
    Fact {
        name: "rows.predicate",
        kind: FactType::Level(&PREDICATES),
        doc: "The WHERE of an UPDATE or DELETE; `unread` when there is none to speak of or it was too long to read.",
        get: |cx| Value::word(&PREDICATES, word(cx)),
    },
    Fact {
        name: "rows.all",
        kind: FactType::Flag,
        doc: "An UPDATE or DELETE that touches every row: no WHERE (or one that is always true), no LIMIT, no join.",
        get: |cx| {
            let (limited, joined) = match &cx.change.action {
                Action::Update(update) => (update.limited, update.joined),
                Action::Delete(delete) => (delete.limited, delete.joined),
                _ => return Value::flag(false),
            };
            Value::flag(!limited && !joined && matches!(word(cx), "none" | "always-true"))
        },
    },
    Fact {
        name: "rows.joined",
        kind: FactType::Flag,
        doc: "The target of the UPDATE or DELETE is joined to another table.",
        get: |cx| match &cx.change.action {
            Action::Update(update) => Value::flag(update.joined),
            Action::Delete(delete) => Value::flag(delete.joined),
            _ => Value::flag(false),
        },
    },
    Fact {
        name: "rows.whole_join",
        kind: FactType::Flag,
        doc: "An UPDATE joined to another table that was there before, with nothing but the join to choose the rows: every row that has a partner.",
        get: |cx| Value::flag(is_whole_join(cx)),
    },
    Fact {
        name: "rows.limited",
        kind: FactType::Flag,
        doc: "The UPDATE or DELETE has a LIMIT.",
        get: |cx| match &cx.change.action {
            Action::Update(update) => Value::flag(update.limited),
            Action::Delete(delete) => Value::flag(delete.limited),
            _ => Value::flag(false),
        },
    },
    Fact {
        name: "rows.conflict",
        kind: FactType::Level(&CONFLICTS),
        doc: "What an INSERT does with a row that does not fit: it fails, or the row is left out, replaces another, or updates it.",
        get: |cx| {
            let word = match &cx.change.action {
                Action::Insert(insert) => match insert.on_conflict {
                    OnConflict::Fail => "fail",
                    OnConflict::Ignore => "ignore",
                    OnConflict::Replace => "replace",
                    OnConflict::Update => "update",
                },
                _ => "fail",
            };
            Value::word(&CONFLICTS, word)
        },
    },
    Fact {
        name: "rows.equals_left_out",
        kind: FactType::Flag,
        doc: "`ON CONFLICT ... DO NOTHING` over all columns that the INSERT fills: a row that is left out equals one that is there.",
        get: |cx| Value::flag(leaves_out_equals(cx)),
    },
    Fact {
        name: "rows.bulk",
        kind: FactType::Flag,
        doc: "Many rows of a table that was there before are written or copied in one statement.",
        get: |cx| {
            Value::flag(is_bulk(
                Entry {
                    statement: cx.scene.statement,
                    effects: cx.scene.effects,
                    before: cx.scene.before,
                    proofs: &cx.scene.ledger.proofs,
                },
                cx.change,
            ))
        },
    },
    Fact {
        name: "rows.narrow",
        kind: FactType::Flag,
        doc: "An UPDATE or DELETE whose condition compares a column with a value: few rows, as far as that tells.",
        get: |cx| Value::flag(predicate(cx).is_some_and(is_narrow)),
    },
    Fact {
        name: "rows.columns",
        kind: FactType::Names,
        doc: "The columns an UPDATE assigns or an INSERT names.",
        get: |cx| match &cx.change.action {
            Action::Update(update) => Value::Names(update.assignments.iter().map(|(name, _)| name.value.as_str().into()).collect()),
            Action::Insert(insert) => Value::Names(insert.columns.iter().map(|name| name.value.as_str().into()).collect()),
            _ => Value::Names(Vec::new()),
        },
    },
    Fact {
        name: "rows.assignments",
        kind: FactType::Text,
        doc: "What an UPDATE assigns, as written.",
        get: |cx| match &cx.change.action {
            Action::Update(update) => Value::text(crate::sql::one_line(cx.words(update.set))),
            _ => Value::text(""),
        },
    },
    Fact {
        name: "rows.from_live_table",
        kind: FactType::Flag,
        doc: "An INSERT that copies from a table which was there before.",
        get: |cx| match &cx.change.action {
            Action::Insert(insert) => match &insert.source {
                InsertSource::Query { reads, .. } => {
                    Value::flag(reads.iter().any(|name| cx.find(name).is_none_or(|table| lookup::is_live(cx.catalog(), table))))
                }
                InsertSource::Values { .. } | InsertSource::DefaultValues => Value::flag(false),
            },
            _ => Value::flag(false),
        },
    },
];

#[cfg(test)]
mod tests {
    use super::is_always_true;

    #[test]
    fn constant_conditions_are_seen_through() {
        for text in ["1=1", "( TRUE )", "'a' = 'a'", "1"] {
            assert!(is_always_true(text), "{text}");
        }
        for text in ["id = id", "1 = 2", "a = 1", "true = false"] {
            assert!(!is_always_true(text), "{text}");
        }
    }
}
