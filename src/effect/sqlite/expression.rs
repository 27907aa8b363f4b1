//! What the expressions of a schema may not hold: the schema must read the same at any time
//! (lang_expr, expridx 4, gencol 2.3, lang_createtable 3.7).

use sqlparser::tokenizer::{Token as Lexeme, Word};

use crate::change::{DefaultValue, Expression, Ident};
use crate::engine::Target;
use crate::source::Span;
use crate::sql::{Token, is_reserved, tokenise};

/// Where an expression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Index,
    PartialIndex,
    Check,
    Generated,
}

impl Place {
    fn title(self) -> &'static str {
        match self {
            Place::Index => "index expressions",
            Place::PartialIndex => "partial index WHERE clauses",
            Place::Check => "CHECK constraints",
            Place::Generated => "generated columns",
        }
    }
}

const AGGREGATES: &[&str] = &[
    "avg",
    "count",
    "group_concat",
    "json_group_array",
    "json_group_object",
    "jsonb_group_array",
    "jsonb_group_object",
    "string_agg",
    "sum",
    "total",
];

/// Functions that answer differently from one call to the next, or from one library to another.
const CHANGING: &[&str] = &[
    "changes",
    "last_insert_rowid",
    "load_extension",
    "random",
    "randomblob",
    "sqlite_compileoption_get",
    "sqlite_compileoption_used",
    "sqlite_log",
    "sqlite_source_id",
    "sqlite_version",
    "total_changes",
];

const NOW: &[&str] = &["current_date", "current_time", "current_timestamp"];

const DATES: &[&str] = &["date", "time", "datetime", "julianday", "strftime", "unixepoch"];

/// The first thing in the expression for which the library refuses it.
pub(super) fn problem(expression: &Expression, place: Place, target: Target) -> Option<String> {
    let tokens = tokens(expression, target);
    (0..tokens.len()).find_map(|at| problem_at(&tokens, at, place))
}

fn problem_at(tokens: &[Token], at: usize, place: Place) -> Option<String> {
    if matches!(tokens.get(at)?.token, Lexeme::Placeholder(_)) {
        return Some(format!("parameters prohibited in {}", place.title()));
    }
    let written = word(tokens, at)?;
    let name = written.to_ascii_lowercase();
    if name == "select" {
        return Some(format!("subqueries prohibited in {}", place.title()));
    }
    // A CHECK is only asked when a row is written, and may change its mind.
    let fixed = place != Place::Check;
    let changing = || Some(format!("non-deterministic functions prohibited in {}", place.title()));
    if fixed && NOW.contains(&name.as_str()) {
        return changing();
    }
    // Neither an index nor a generated column sees the row's number.
    if matches!(place, Place::Index | Place::Generated) && is_rowid(&name) && !is_part(tokens, at) {
        return Some(format!("no such column: {written}"));
    }
    if !matches!(tokens.get(at + 1)?.token, Lexeme::LParen) {
        return None;
    }
    let (arguments, close) = arguments(tokens, at + 1);
    if word(tokens, close + 1).is_some_and(|next| next.eq_ignore_ascii_case("over")) {
        return Some(format!("misuse of window function {written}()"));
    }
    if AGGREGATES.contains(&name.as_str()) || (matches!(name.as_str(), "min" | "max") && arguments == 1) {
        return Some(format!("misuse of aggregate function {written}()"));
    }
    if fixed && CHANGING.contains(&name.as_str()) { changing() } else { None }
}

/// A function of date and time that is asked for the present one: found out when a row is read.
pub(super) fn asks_for_now(expression: &Expression, target: Target) -> Option<String> {
    let tokens = tokens(expression, target);
    (0..tokens.len()).find_map(|at| {
        let name = word(&tokens, at)?;
        let called = DATES.iter().any(|date| name.eq_ignore_ascii_case(date));
        if !called || !matches!(tokens.get(at + 1)?.token, Lexeme::LParen) {
            return None;
        }
        let (count, close) = arguments(&tokens, at + 1);
        let inside = tokens.get(at + 2..close).unwrap_or_default();
        let now = |token: &Token| matches!(&token.token, Lexeme::SingleQuotedString(text) if text.eq_ignore_ascii_case("now"));
        let format_alone = name.eq_ignore_ascii_case("strftime") && count == 1;
        (count == 0 || format_alone || inside.iter().any(now)).then(|| name.to_ascii_lowercase())
    })
}

/// Why a default is none.
pub(super) fn default_problem(column: &Ident, default: &DefaultValue, target: Target) -> Option<String> {
    if !default.parenthesised {
        return None;
    }
    let tokens = tokens(&default.expression, target);
    if word(&tokens, 0).is_some_and(|first| first.eq_ignore_ascii_case("select")) {
        return Some(format!("near \"{}\": syntax error", word(&tokens, 0).unwrap_or_default()));
    }
    let column_like = |at: usize| {
        let Some(Lexeme::Word(Word { value, quote_style, .. })) = tokens.get(at).map(|token| &token.token) else { return false };
        let plain = match quote_style {
            // A name nobody knows is a string in double quotes.
            Some('"') => false,
            Some(_) => true,
            None => !is_reserved(value, target) && !NOW.iter().chain(&["true", "false"]).any(|word| value.eq_ignore_ascii_case(word)),
        };
        let called = matches!(tokens.get(at + 1).map(|token| &token.token), Some(Lexeme::LParen));
        let named = at.checked_sub(1).and_then(|before| word(&tokens, before));
        let of_type = named.is_some_and(|before| ["as", "collate"].iter().any(|word| before.eq_ignore_ascii_case(word)));
        plain && !called && !of_type
    };
    let select = (0..tokens.len()).any(|at| word(&tokens, at).is_some_and(|word| word.eq_ignore_ascii_case("select")));
    // `CAST (x AS two words)`: only a name by itself is certainly a column.
    let is_column = tokens.len() == 1 && column_like(0);
    (select || is_column).then(|| format!("default value of column [{}] is not constant", column.value))
}

/// Parameters have no value when a view is read.
pub(super) fn has_parameters(expression: &Expression, target: Target) -> bool {
    tokens(expression, target).iter().any(|token| matches!(token.token, Lexeme::Placeholder(_)))
}

/// Those the library brings along; a program may bring more, which a migration cannot rely on.
pub(super) fn is_collation(name: &str) -> bool {
    ["binary", "nocase", "rtrim"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

pub(super) fn is_rowid(name: &str) -> bool {
    ["rowid", "oid", "_rowid_"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

pub(super) fn is_now(name: &str) -> bool {
    NOW.iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn tokens(expression: &Expression, target: Target) -> Vec<Token> {
    let end = u32::try_from(expression.text.len()).unwrap_or(u32::MAX);
    tokenise(&expression.text, Span::new(0, end), target)
}

fn word(tokens: &[Token], at: usize) -> Option<&str> {
    match tokens.get(at).map(|token| &token.token) {
        Some(Lexeme::Word(Word { value, quote_style: None, .. })) => Some(value),
        _ => None,
    }
}

/// Whether a dot stands before or behind.
fn is_part(tokens: &[Token], at: usize) -> bool {
    let dot = |at: Option<usize>| at.and_then(|at| tokens.get(at)).is_some_and(|token| token.token == Lexeme::Period);
    dot(at.checked_sub(1)) || dot(Some(at + 1))
}

/// How many arguments stand in the parentheses that open at `at`, and where they close.
fn arguments(tokens: &[Token], at: usize) -> (usize, usize) {
    let (mut depth, mut commas) = (0usize, 0usize);
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match token.token {
            Lexeme::LParen => depth += 1,
            Lexeme::RParen => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return (if index == at + 1 { 0 } else { commas + 1 }, index);
                }
            }
            Lexeme::Comma if depth == 1 => commas += 1,
            _ => {}
        }
    }
    (commas + 1, tokens.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, place: Place) -> Option<String> {
        problem(&Expression { text: text.into(), tree: None, span: Span::default() }, place, "sqlite@3.46".parse().unwrap())
    }

    /// As SQLite 3.35, 3.46 and 3.53 answer.
    #[test]
    fn a_schema_reads_the_same_at_any_time() {
        for text in ["a > 1", "lower(a) || 'select'", "max(a, b)", "a IN (1, 2)", "t.rowid > 1", "date(a)", "\"random\" + 1"] {
            assert_eq!(said(text, Place::Check), None, "{text}");
            assert_eq!(said(text, Place::PartialIndex), None, "{text}");
        }
        let index = |text| said(text, Place::Index).unwrap_or_default();
        assert_eq!(index("a + (SELECT 1)"), "subqueries prohibited in index expressions");
        assert_eq!(index("Max(a)"), "misuse of aggregate function Max()");
        assert_eq!(index("row_number() OVER ()"), "misuse of window function row_number()");
        assert_eq!(index("a = ?1"), "parameters prohibited in index expressions");
        assert_eq!(index("rowid + 1"), "no such column: rowid");
        assert_eq!(said("random() > a", Place::Check), None);
        assert_eq!(said("current_timestamp", Place::Generated).unwrap(), "non-deterministic functions prohibited in generated columns");
    }
}
