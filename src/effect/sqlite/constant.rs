//! Which defaults ADD COLUMN takes for rows that are already there, and whether a CHECK lets them
//! pass: what `sqlite3ValueFromExpr` can turn into a value, and a little arithmetic of truth.

use crate::change::Expression;
use crate::effect::Truth;

/// A value as SQLite would store it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Number(f64),
    Text(String),
    Blob,
}

/// The value of a default that is constant in SQLite's eyes: a literal, signed or not, in
/// parentheses or not, or a CAST of one. `1 + 2` is not, nor is CURRENT_TIMESTAMP.
pub(super) fn constant(default: &Expression) -> Option<Value> {
    literal(default.text.trim(), 0)
}

fn literal(text: &str, depth: u8) -> Option<Value> {
    if depth > 16 {
        return None;
    }
    let text = text.trim();
    if let Some(inner) = parenthesised(text) {
        return literal(inner, depth + 1);
    }
    if let Some(rest) = text.strip_prefix('+') {
        return literal(rest, depth + 1);
    }
    if let Some(rest) = text.strip_prefix('-') {
        return match literal(rest, depth + 1)? {
            Value::Number(number) => Some(Value::Number(-number)),
            _ => None,
        };
    }
    let upper = text.to_ascii_uppercase();
    match upper.as_str() {
        "NULL" => return Some(Value::Null),
        "TRUE" => return Some(Value::Number(1.0)),
        "FALSE" => return Some(Value::Number(0.0)),
        "CURRENT_TIMESTAMP" | "CURRENT_DATE" | "CURRENT_TIME" => return None,
        _ => {}
    }
    if let Some(inner) = upper.strip_prefix("CAST").map(str::trim_start).and_then(parenthesised) {
        let operand = inner.rfind(" AS ")?;
        return literal(inner.get(..operand)?, depth + 1);
    }
    if upper.starts_with("X'") && upper.ends_with('\'') && upper.matches('\'').count() == 2 {
        return Some(Value::Blob);
    }
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"'))
        && let Some(inner) = text.get(1..text.len().checked_sub(1)?)
        && text.len() >= 2
        && text.ends_with(quote)
    {
        let doubled = format!("{quote}{quote}");
        let plain = inner.replace(&doubled, "");
        return (!plain.contains(quote)).then(|| Value::Text(inner.replace(&doubled, &quote.to_string())));
    }
    if let Some(hex) = upper.strip_prefix("0X") {
        return i64::from_str_radix(hex, 16).ok().map(|number| Value::Number(number as f64));
    }
    if text.chars().next().is_some_and(|c| c.is_ascii_digit() || c == '.') {
        return text.replace('_', "").parse::<f64>().ok().map(Value::Number);
    }
    // A bare word is taken for a string (lang_createtable 3.2: an identifier is one).
    let word = !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_');
    word.then(|| Value::Text(text.to_owned()))
}

/// The inside of parentheses that belong together.
fn parenthesised(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let mut depth = 0i32;
    let mut quote = None;
    for c in inner.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None => match c {
                '\'' | '"' | '`' => quote = Some(c),
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            },
        }
        if depth < 0 {
            return None;
        }
    }
    (depth == 0).then_some(inner)
}

/// Whether a row with this value in the column passes the CHECK. A CHECK that is NULL passes.
pub(super) fn passes(check: &Expression, column: &str, value: &Value) -> Truth {
    match condition(check.text.trim(), column, value, 0) {
        Outcome::True | Outcome::Null => Truth::Yes,
        Outcome::False => Truth::No,
        Outcome::Unknown => Truth::Unknown,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    True,
    False,
    Null,
    Unknown,
}

impl From<bool> for Outcome {
    fn from(value: bool) -> Self {
        if value { Outcome::True } else { Outcome::False }
    }
}

fn condition(text: &str, column: &str, value: &Value, depth: u8) -> Outcome {
    if depth > 16 {
        return Outcome::Unknown;
    }
    let text = text.trim();
    if let Some(inner) = parenthesised(text) {
        return condition(inner, column, value, depth + 1);
    }
    let words = top_level_words(text);
    let between = words.iter().any(|(_, word)| word == "BETWEEN");
    if let Some((at, _)) = words.iter().find(|(_, word)| word == "OR") {
        let (left, right) = halves(text, *at, 2);
        return match (condition(left, column, value, depth + 1), condition(right, column, value, depth + 1)) {
            (Outcome::True, _) | (_, Outcome::True) => Outcome::True,
            (Outcome::Unknown, _) | (_, Outcome::Unknown) => Outcome::Unknown,
            (Outcome::Null, _) | (_, Outcome::Null) => Outcome::Null,
            (Outcome::False, Outcome::False) => Outcome::False,
        };
    }
    if !between && let Some((at, _)) = words.iter().find(|(_, word)| word == "AND") {
        let (left, right) = halves(text, *at, 3);
        return match (condition(left, column, value, depth + 1), condition(right, column, value, depth + 1)) {
            (Outcome::False, _) | (_, Outcome::False) => Outcome::False,
            (Outcome::Unknown, _) | (_, Outcome::Unknown) => Outcome::Unknown,
            (Outcome::Null, _) | (_, Outcome::Null) => Outcome::Null,
            (Outcome::True, Outcome::True) => Outcome::True,
        };
    }
    match words.first() {
        Some((0, word)) if word == "NOT" => {
            return match condition(text.get(3..).unwrap_or(""), column, value, depth + 1) {
                Outcome::True => Outcome::False,
                Outcome::False => Outcome::True,
                other => other,
            };
        }
        _ => {}
    }
    predicate(text, &words, column, value)
}

fn predicate(text: &str, words: &[(usize, String)], column: &str, value: &Value) -> Outcome {
    let operand = |text: &str| operand(text, column, value);
    let find = |wanted: &str| words.iter().find(|(_, word)| word == wanted).map(|(at, _)| *at);
    let negated = find("NOT").is_some();
    if let Some(at) = find("IS").or_else(|| find("NOTNULL")).or_else(|| find("ISNULL")) {
        let negated = negated || find("NOTNULL").is_some();
        let to_null = text.get(at..).is_some_and(|rest| rest.to_ascii_uppercase().ends_with("NULL"));
        return match operand(text.get(..at).unwrap_or("")) {
            Some(left) if to_null => Outcome::from((left == Value::Null) != negated),
            _ => Outcome::Unknown,
        };
    }
    if let Some(at) = find("BETWEEN") {
        let left = text.get(..find("NOT").unwrap_or(at).min(at)).unwrap_or("");
        let Some(and) = find("AND") else { return Outcome::Unknown };
        let low = text.get(at + "BETWEEN".len()..and).unwrap_or("");
        let high = text.get(and + "AND".len()..).unwrap_or("");
        return match (operand(left), operand(low), operand(high)) {
            (Some(Value::Null), _, _) => Outcome::Null,
            (Some(Value::Number(it)), Some(Value::Number(low)), Some(Value::Number(high))) => {
                Outcome::from((low <= it && it <= high) != negated)
            }
            _ => Outcome::Unknown,
        };
    }
    if let Some(at) = find("IN") {
        let left = text.get(..find("NOT").unwrap_or(at).min(at)).unwrap_or("");
        let Some(list) = text.get(at + "IN".len()..).map(str::trim).and_then(parenthesised) else { return Outcome::Unknown };
        let Some(left) = operand(left) else { return Outcome::Unknown };
        let items: Option<Vec<Value>> = split_commas(list).into_iter().map(|item| literal(item, 0)).collect();
        return match (left, items) {
            (Value::Null, _) => Outcome::Null,
            (left, Some(items)) if items.iter().all(|item| std::mem::discriminant(item) == std::mem::discriminant(&left)) => {
                Outcome::from(items.contains(&left) != negated)
            }
            _ => Outcome::Unknown,
        };
    }
    let Some((at, operator)) = comparison(text) else { return Outcome::Unknown };
    let right = operand(text.get(at + operator.len()..).unwrap_or(""));
    match (operand(text.get(..at).unwrap_or("")), right) {
        (Some(Value::Null), Some(_)) | (Some(_), Some(Value::Null)) => Outcome::Null,
        (Some(Value::Number(left)), Some(Value::Number(right))) => {
            left.partial_cmp(&right).map_or(Outcome::Unknown, |it| ordered(operator, it))
        }
        (Some(Value::Text(left)), Some(Value::Text(right))) if matches!(operator, "=" | "==" | "<>" | "!=") => {
            ordered(operator, left.cmp(&right))
        }
        _ => Outcome::Unknown,
    }
}

fn ordered(operator: &str, ordering: std::cmp::Ordering) -> Outcome {
    Outcome::from(match operator {
        "<=" => ordering.is_le(),
        ">=" => ordering.is_ge(),
        "<>" | "!=" => ordering.is_ne(),
        "<" => ordering.is_lt(),
        ">" => ordering.is_gt(),
        _ => ordering.is_eq(),
    })
}

fn operand(text: &str, column: &str, value: &Value) -> Option<Value> {
    let text = text.trim();
    let bare = text.trim_matches(['"', '`', '[', ']']);
    let name = bare.rsplit('.').next().unwrap_or(bare);
    if name.eq_ignore_ascii_case(column) {
        return Some(value.clone());
    }
    // Any other word would be another column.
    let first = text.chars().next()?;
    if first.is_alphabetic() && !["NULL", "TRUE", "FALSE"].iter().any(|word| word.eq_ignore_ascii_case(text)) {
        return None;
    }
    if first == '"' { None } else { literal(text, 0) }
}

fn comparison(text: &str) -> Option<(usize, &'static str)> {
    let mut found = None;
    top_level(text, |at, rest| {
        if found.is_none() {
            found = ["<=", ">=", "<>", "!=", "==", "=", "<", ">"]
                .into_iter()
                .find(|operator| rest.starts_with(operator))
                .map(|operator| (at, operator));
        }
    });
    found
}

fn top_level_words(text: &str) -> Vec<(usize, String)> {
    let mut words = Vec::new();
    let mut end = 0;
    top_level(text, |at, rest| {
        if at < end {
            return;
        }
        let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        if length > 0 {
            end = at + length;
            words.push((at, rest.get(..length).unwrap_or("").to_ascii_uppercase()));
        }
    });
    words
}

fn split_commas(text: &str) -> Vec<&str> {
    let mut commas = Vec::new();
    top_level(text, |at, rest| {
        if rest.starts_with(',') {
            commas.push(at);
        }
    });
    let mut parts = Vec::new();
    let mut start = 0;
    for comma in commas {
        parts.push(text.get(start..comma).unwrap_or(""));
        start = comma + 1;
    }
    parts.push(text.get(start..).unwrap_or(""));
    parts
}

/// Visits every character outside quotes and parentheses.
fn top_level<'a>(text: &'a str, mut visit: impl FnMut(usize, &'a str)) {
    let mut depth = 0i32;
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None => match c {
                '\'' | '"' | '`' => quote = Some(c),
                '(' => depth += 1,
                ')' => depth -= 1,
                _ if depth == 0 => visit(at, text.get(at..).unwrap_or("")),
                _ => {}
            },
        }
    }
}

fn halves(text: &str, at: usize, length: usize) -> (&str, &str) {
    (text.get(..at).unwrap_or(""), text.get(at + length..).unwrap_or(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn expression(text: &str) -> Expression {
        Expression { text: text.into(), tree: None, span: Span::default() }
    }

    /// As SQLite 3.26, 3.40 and 3.53 answer.
    #[test]
    fn constants_are_sqlite_s() {
        for text in ["5", "-5", "(5)", "((5))", "(-(5))", "+5", "'x'", "x'00'", "(true)", "NULL", "foo", "cast(5 as text)"] {
            assert!(constant(&expression(text)).is_some(), "{text}");
        }
        for text in ["CURRENT_TIMESTAMP", "(1 + 2)", "(random())", "(1=1)", "('a' || 'b')", "(~5)", "('x' collate nocase)"] {
            assert!(constant(&expression(text)).is_none(), "{text}");
        }
    }

    #[test]
    fn checks_are_weighed() {
        let number = Value::Number(-5.0);
        assert_eq!(passes(&expression("c1 > 0"), "c1", &number), Truth::No);
        assert_eq!(passes(&expression("c1 > 0"), "c1", &Value::Null), Truth::Yes);
        assert_eq!(passes(&expression("c1 IS NOT NULL"), "c1", &Value::Null), Truth::No);
        assert_eq!(passes(&expression("c1 > other"), "c1", &number), Truth::Unknown);
        assert_eq!(passes(&expression("c1 IN ('a', 'b') OR c1 = 'x'"), "c1", &Value::Text("x".into())), Truth::Yes);
        assert_eq!(passes(&expression("c1 NOT BETWEEN 1 AND 5"), "c1", &Value::Number(3.0)), Truth::No);
    }
}
