//! Many rows, or a few: as far as a statement tells without statistics.

use super::ledger::Entry;
use super::lookup;
use crate::catalog::{Rows, Table};
use crate::change::{Action, Change, InsertSource, Predicate};

/// Whether a change writes many rows of a table that was there before: an UPDATE, DELETE or MERGE
/// that no value narrows, an INSERT fed by a query over a live table.
pub(super) fn is_bulk(entry: Entry<'_>, change: &Change) -> bool {
    let live = |table: Option<&Table>| table.is_none_or(|table| lookup::is_live(entry.before, table) && table.rows != Rows::None);
    if !live(lookup::table_of(entry.before, change)) {
        return false;
    }
    let none = |predicate: &Predicate| {
        change
            .table
            .as_ref()
            .is_some_and(|name| entry.proofs.leaves_none(predicate, &entry.before.resolve(name).to_string().to_lowercase()))
    };
    match &change.action {
        Action::Update(update) => !update.limited && !is_narrow(&update.predicate) && !none(&update.predicate),
        Action::Delete(delete) => !delete.limited && !is_narrow(&delete.predicate) && !none(&delete.predicate),
        Action::Merge { .. } => true,
        Action::Insert(insert) => match &insert.source {
            InsertSource::Query { reads, bounded, narrow, .. } => {
                !bounded && !narrow && reads.iter().any(|name| live(lookup::table(entry.before, name)))
            }
            InsertSource::Values { .. } | InsertSource::DefaultValues => false,
        },
        _ => false,
    }
}

/// A condition that compares a column with a value picks few rows, as far as one can tell without
/// statistics; `x IS NULL`, a range or a subquery may pick them all, unless it is `x IN (SELECT …)`
/// with such a condition of its own.
pub(super) fn is_narrow(predicate: &Predicate) -> bool {
    let Predicate::Where(condition) = predicate else { return false };
    let text = condition.text.to_ascii_lowercase();
    // Whatever else is demanded by AND leaves fewer.
    let outer = outside_parentheses(&text);
    let text = if is_list_of_few(&text) || !text.contains("select") { text } else { outer };
    if text.contains(" or ") {
        return false;
    }
    let is_value =
        |rest: &str| rest.trim_start().starts_with(|c: char| c == '\'' || c == ':' || c == '$' || c == '?' || c.is_ascii_digit());
    let constant =
        |head: &str| head.trim_end().ends_with(|c: char| c.is_ascii_digit() || c == '\'') && !head.contains(|c: char| c.is_alphabetic());
    let compared = text.match_indices('=').any(|(at, _)| {
        let head = text.get(..at).unwrap_or_default();
        let plain = !head.ends_with(['<', '>', '!']);
        plain && !constant(head) && is_value(text.get(at + 1..).unwrap_or_default())
    });
    compared
        || !text.contains("select")
            && (text.contains(" in (") || text.contains(" in("))
            && !text.contains(" in ()")
            && !text.contains(" in()")
}

/// Without what stands in parentheses, which are left empty.
fn outside_parentheses(text: &str) -> String {
    let mut depth = 0usize;
    let keep = |c: char| {
        depth = if c == ')' { depth.saturating_sub(1) } else { depth };
        let outside = depth == 0;
        depth += usize::from(c == '(');
        outside
    };
    text.chars()
        .filter({
            let mut keep = keep;
            move |c| keep(*c)
        })
        .collect()
}

/// `x IN (SELECT …)`, and nothing else that could pick more.
fn is_list_of_few(text: &str) -> bool {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c == '(').filter(|word| !word.is_empty()).take(3).collect();
    matches!(words.as_slice(), [_, "in", "select"]) && text.matches("select").count() == 1 && !text.contains(" not ")
}
