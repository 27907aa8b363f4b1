//! A condition as tokens.

use std::ops::Range;

use super::error::WhenError;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'a> {
    pub kind: Kind<'a>,
    pub span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind<'a> {
    /// A dotted name.
    Name(&'a str),
    Text(String),
    Number(i64),
    /// `&&`, `==`, `(` …
    Sign(&'static str),
}

const SIGNS: &[&str] = &["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ",", "."];

pub(super) fn tokens(source: &str) -> Result<Vec<Token<'_>>, WhenError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(first) = rest.chars().next() else { break };
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = if first.is_ascii_alphabetic() || first == '_' {
            let length = name_length(rest);
            (Kind::Name(rest.get(..length).unwrap_or(rest)), length)
        } else if first.is_ascii_digit()
            || (first == '-' && rest.get(1..).is_some_and(|tail| tail.starts_with(|c: char| c.is_ascii_digit())))
        {
            let length = 1 + rest.chars().skip(1).take_while(char::is_ascii_digit).count();
            let number = rest.get(..length).and_then(|digits| digits.parse().ok());
            (Kind::Number(number.ok_or_else(|| WhenError::new(at..at + length, "this number is too large"))?), length)
        } else if first == '"' || first == '\'' {
            text(rest, first, at)?
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Kind::Sign(sign), sign.len())
        } else {
            return Err(lone_sign(first, at));
        };
        tokens.push(Token { kind, span: at..at + length });
        at += length;
    }
    Ok(tokens)
}

/// Dots belong to a name when a letter follows and no method call does.
fn name_length(rest: &str) -> usize {
    let word = |text: &str| text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').count();
    let mut length = word(rest);
    loop {
        let Some(tail) = rest.get(length..).and_then(|tail| tail.strip_prefix('.')) else { return length };
        let next = word(tail);
        let called = tail.get(next..).is_some_and(|after| after.trim_start().starts_with('('));
        if next == 0 || called {
            return length;
        }
        length += 1 + next;
    }
}

fn text(rest: &str, quote: char, at: usize) -> Result<(Kind<'_>, usize), WhenError> {
    let mut value = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((offset, c)) = chars.next() {
        if c == quote {
            return Ok((Kind::Text(value), offset + 1));
        }
        // A backslash takes the next character as it is, so patterns keep theirs.
        if c == '\\' {
            match chars.next() {
                Some((_, next)) if next == quote || next == '\\' => value.push(next),
                Some((_, next)) => value.extend(['\\', next]),
                None => break,
            }
            continue;
        }
        value.push(c);
    }
    Err(WhenError::new(at..at + rest.len(), "this text is never closed"))
}

fn lone_sign(sign: char, at: usize) -> WhenError {
    let error = WhenError::new(at..at + sign.len_utf8(), format!("`{sign}` means nothing here"));
    match sign {
        '&' => error.help("write `&&`"),
        '|' => error.help("write `||`"),
        '=' => error.help("write `==`"),
        _ => error,
    }
}
