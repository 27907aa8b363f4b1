//! A domain, said of a column of its base type.

use super::super::Context;
use super::{line, name};
use crate::change::{Action, DataType};
use crate::sql::one_line;

/// The base type of a new column's domain, as far as domains go.
pub(super) fn domain_base(cx: &Context<'_>) -> Option<String> {
    Some(super::super::column::printed_type(cx, super::super::constraint::base(cx, added_type(cx)?)))
}

/// A new column as it would be written over the base type of its domain: with the default that the
/// column says, or the domain.
pub(super) fn based(cx: &Context<'_>) -> Option<String> {
    let Action::AddColumn { column, .. } = &cx.change.action else { return None };
    let domain = cx.catalog().domain_of(added_type(cx)?)?;
    let rest = super::demand::unchecked_after(cx, column.data_type.as_ref()?.span.end)?;
    let given = column.default.is_none().then_some(domain.default.as_ref()).flatten();
    let default = given.map(|default| format!(" DEFAULT {}", one_line(&default.text))).unwrap_or_default();
    Some(format!("{}{default} {rest}", domain_base(cx)?).trim_end().to_owned())
}

fn added_type<'a>(cx: &Context<'a>) -> Option<&'a DataType> {
    match &cx.change.action {
        Action::AddColumn { column, .. } => column.data_type.as_ref().filter(|own| cx.catalog().domain_of(own).is_some()),
        _ => None,
    }
}

/// What a new column's domain demands, said of the column.
pub(super) fn domain_demand(cx: &Context<'_>) -> Option<String> {
    let column = name(cx, &cx.column_name()?.value);
    let mut demands = Vec::new();
    let mut next = added_type(cx);
    // A domain over a domain, and no deeper than anybody writes.
    for _ in 0..8 {
        let Some(domain) = next.and_then(|own| cx.catalog().domain_of(own)) else { break };
        demands.extend(domain.checks.iter().map(|one| format!("({})", said_of(&line(&one.check.expression), &column))));
        if domain.not_null {
            demands.push(format!("{column} IS NOT NULL"));
        }
        next = Some(&domain.base);
    }
    match demands.as_slice() {
        [] => None,
        [one] => Some(one.strip_prefix('(').and_then(|one| one.strip_suffix(')')).unwrap_or(one).to_owned()),
        several => Some(several.join(" AND ")),
    }
}

/// A condition of a domain with the column in the place of VALUE, texts left alone.
fn said_of(condition: &str, column: &str) -> String {
    let mut out = String::with_capacity(condition.len());
    for (number, part) in condition.split('\'').enumerate() {
        if number > 0 {
            out.push('\'');
        }
        if number % 2 == 1 {
            out.push_str(part);
            continue;
        }
        let mut rest = part;
        while !rest.is_empty() {
            let is_word = |c: char| c == '_' || c == '$' || c.is_alphanumeric();
            let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let (head, tail) = rest.split_at(word);
            out.push_str(if head.eq_ignore_ascii_case("value") { column } else { head });
            let gap = tail.find(is_word).unwrap_or(tail.len());
            let (between, tail) = tail.split_at(gap);
            out.push_str(between);
            rest = tail;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_said_of_the_column() {
        assert_eq!(said_of("length(trim(value)) > 10 AND VALUE <> 'value'", "id"), "length(trim(id)) > 10 AND id <> 'value'");
        assert_eq!(said_of("a_value IS NULL", "id"), "a_value IS NULL");
    }
}
