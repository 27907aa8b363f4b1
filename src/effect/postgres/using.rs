//! What a USING expression does with the column: nothing, casts, or something else.

use super::types::{self, Resolved};
use super::words::{Word, words};
use crate::catalog::Catalog;
use crate::change::{DataType, Expression, Ident};

pub(super) enum Using {
    /// The column itself.
    Column,
    /// The column through these casts, innermost first.
    Casts(Vec<Resolved>),
    Expression,
}

/// Reads `column`, `column::type…` and `CAST(column AS type)`, with any parentheses around.
pub(super) fn read(catalog: &Catalog, expression: &Expression, column: &str) -> Using {
    let mut steps = Vec::new();
    let found = casts(catalog, &words(&expression.text), column, &mut steps, 0);
    match (found, steps.is_empty()) {
        (false, _) => Using::Expression,
        (true, true) => Using::Column,
        (true, false) => Using::Casts(steps),
    }
}

fn casts(catalog: &Catalog, words: &[Word], column: &str, steps: &mut Vec<Resolved>, depth: u8) -> bool {
    if depth > 32 {
        return false;
    }
    let words = unwrapped(words);
    if let [Word::Name { text, called: false, .. }] = words {
        return text == column;
    }
    if let Some(at) = last_cast(words) {
        let (Some(inner), Some(target)) = (words.get(..at), words.get(at + 2..)) else { return false };
        return casts(catalog, inner, column, steps, depth + 1) && push(catalog, target, steps);
    }
    if let [Word::Name { text, called: true, .. }, rest @ ..] = words
        && text == "cast"
        && let Some(inner) = rest.strip_prefix(&[Word::Mark('(')]).and_then(|rest| rest.strip_suffix(&[Word::Mark(')')]))
        && let Some(at) = inner.iter().rposition(|word| matches!(word, Word::Name { text, .. } if text == "as"))
        && let (Some(value), Some(target)) = (inner.get(..at), inner.get(at + 1..))
    {
        return casts(catalog, value, column, steps, depth + 1) && push(catalog, target, steps);
    }
    false
}

fn push(catalog: &Catalog, words: &[Word], steps: &mut Vec<Resolved>) -> bool {
    match data_type(words) {
        Some(data_type) => {
            steps.push(types::resolve(catalog, &data_type));
            true
        }
        None => false,
    }
}

/// Without parentheses that enclose the whole.
fn unwrapped(mut words: &[Word]) -> &[Word] {
    while let [Word::Mark('('), inner @ .., Word::Mark(')')] = words {
        let mut depth = 0_i32;
        let balanced = inner.iter().all(|word| {
            match word {
                Word::Mark('(') => depth += 1,
                Word::Mark(')') => depth -= 1,
                Word::Mark(_) | Word::Name { .. } | Word::Literal(_) => {}
            }
            depth >= 0
        });
        if !balanced {
            break;
        }
        words = inner;
    }
    words
}

/// Where the outermost `::` stands.
fn last_cast(words: &[Word]) -> Option<usize> {
    let mut depth = 0_i32;
    let mut found = None;
    for (at, word) in words.iter().enumerate() {
        match word {
            Word::Mark('(' | '[') => depth += 1,
            Word::Mark(')' | ']') => depth -= 1,
            Word::Mark(':') if depth == 0 && matches!(words.get(at + 1), Some(Word::Mark(':'))) => found = Some(at),
            Word::Mark(_) | Word::Name { .. } | Word::Literal(_) => {}
        }
    }
    found
}

/// A type as written in a cast.
pub(super) fn data_type(words: &[Word]) -> Option<DataType> {
    let mut names: Vec<&str> = Vec::new();
    let mut schema = None;
    let mut args = Vec::new();
    let mut array = 0_u8;
    let mut rest = words;
    while let Some((word, tail)) = rest.split_first() {
        rest = tail;
        match word {
            Word::Name { text, quoted, .. } => {
                if matches!(tail.first(), Some(Word::Mark('.'))) {
                    schema = Some(text.as_str());
                    rest = tail.get(1..)?;
                } else if *quoted && text == "char" {
                    names.push("\"char\"");
                } else {
                    names.push(text);
                }
            }
            Word::Mark('(') => {
                let close = rest.iter().position(|word| *word == Word::Mark(')'))?;
                for word in rest.get(..close)? {
                    match word {
                        Word::Literal(number) => args.push(number.parse().ok()?),
                        Word::Mark(',') => {}
                        Word::Mark(_) | Word::Name { .. } => return None,
                    }
                }
                rest = rest.get(close + 1..)?;
            }
            Word::Mark('[') => {
                array = array.saturating_add(1);
                let close = rest.iter().position(|word| *word == Word::Mark(']'))?;
                rest = rest.get(close + 1..)?;
            }
            Word::Mark(_) | Word::Literal(_) => return None,
        }
    }
    let (name, fields) = match names.as_slice() {
        [] => return None,
        ["interval", fields @ ..] if !fields.is_empty() => ("interval".to_owned(), Some(fields.join(" "))),
        names => (names.join(" "), None),
    };
    Some(DataType {
        schema: schema.map(|schema| Ident { value: schema.to_owned(), ..Ident::default() }),
        name,
        args,
        array,
        fields,
        ..DataType::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_casts_are_read() {
        let read = data_type(&words("numeric(10, 2)"));
        assert_eq!(read.map(|found| (found.name, found.args)), Some(("numeric".to_owned(), vec![10, 2])));
        let read = data_type(&words("timestamp with time zone[]"));
        assert_eq!(read.map(|found| (found.name, found.array)), Some(("timestamp with time zone".to_owned(), 1)));
    }
}
