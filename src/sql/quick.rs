//! The tokens nearly everything consists of, read byte by byte: plain words, numbers, strings,
//! brackets and the common operators. At anything else it stops and leaves the rest to sqlparser,
//! whose tokens these are equal to but for their keywords, which are looked up when sqlparser's
//! parser is asked: see [`super::expression::parser`].

use sqlparser::ast::DollarQuotedString;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token as Lexeme, Word};

use super::token::Token;
use crate::engine::Engine;
use crate::source::Span;

/// Appends the tokens from the text's beginning up to the first that is not plain; answers where
/// that one begins. `offset` is where the text stands.
pub(super) fn lex(text: &str, offset: u32, engine: Engine, tokens: &mut Vec<Token>) -> usize {
    let bytes = text.as_bytes();
    let first = tokens.len();
    tokens.reserve(text.len() / 6);
    let mut at = 0;
    let place = |at: usize| offset.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    loop {
        let Some(&byte) = bytes.get(at) else { return at };
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            at += 1;
            continue;
        }
        if byte == b'-' && bytes.get(at + 1) == Some(&b'-') && !engine.is_mysql_family() {
            let line = bytes[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            match line {
                Some(length) if bytes[at + length] == b'\n' => at += length,
                Some(_) => break,
                None => return bytes.len(),
            }
            continue;
        }
        let after_word = tokens.get(first..).and_then(<[Token]>::last).is_some_and(|token| matches!(token.token, Lexeme::Word(_)));
        let Some((token, length)) = token(text, at, engine, after_word) else { break };
        tokens.push(Token { token, span: Span::new(place(at), place(at + length)) });
        at += length;
    }
    // What a token is may depend on the one before it.
    if tokens.len() > first
        && let Some(last) = tokens.pop()
    {
        at = (last.span.start - offset) as usize;
    }
    at
}

/// The token at a place, and its length.
fn token(text: &str, at: usize, engine: Engine, after_word: bool) -> Option<(Lexeme, usize)> {
    let rest = &text.as_bytes()[at..];
    let (&byte, more) = rest.split_first()?;
    let next = more.first().copied().unwrap_or(b' ');
    let postgres = engine == Engine::Postgres;
    let one = |lexeme| Some((lexeme, 1));
    let two = |lexeme| (!is_operator(more.get(1).copied().unwrap_or(b' '))).then_some((lexeme, 2));
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => word(text, at, rest),
        b'(' => one(Lexeme::LParen),
        b')' => one(Lexeme::RParen),
        b',' => one(Lexeme::Comma),
        b';' => one(Lexeme::SemiColon),
        b']' if postgres => one(Lexeme::RBracket),
        b'[' if postgres => one(Lexeme::LBracket),
        b'0'..=b'9' => number(text, at, rest),
        b'.' if next == b'_' => after_word.then_some((Lexeme::Period, 1)),
        b'.' => (!next.is_ascii_digit()).then_some((Lexeme::Period, 1)),
        b'\'' => {
            let length = quoted(rest, b'\'')?;
            let value = text.get(at + 1..at + length - 1)?;
            (postgres || engine == Engine::Sqlite || !value.contains('\\')).then(|| (Lexeme::SingleQuotedString(value.to_owned()), length))
        }
        b'"' | b'`' if (byte == b'`') == engine.is_mysql_family() => {
            let length = quoted(rest, byte)?;
            let value = text.get(at + 1..at + length - 1)?;
            Some((Lexeme::Word(Word { value: value.to_owned(), quote_style: Some(byte.into()), keyword: Keyword::NoKeyword }), length))
        }
        b':' if next == b':' => Some((Lexeme::DoubleColon, 2)),
        b'=' if !is_operator(next) => one(Lexeme::Eq),
        b'<' if !is_operator(next) => one(Lexeme::Lt),
        b'>' if !is_operator(next) => one(Lexeme::Gt),
        b'+' if !is_operator(next) => one(Lexeme::Plus),
        b'*' if !is_operator(next) => one(Lexeme::Mul),
        b'/' if !is_operator(next) => one(Lexeme::Div),
        b'-' if !is_operator(next) => one(Lexeme::Minus),
        b'<' if next == b'=' => two(Lexeme::LtEq),
        b'>' if next == b'=' => two(Lexeme::GtEq),
        b'<' if next == b'>' => two(Lexeme::Neq),
        b'!' if next == b'=' => two(Lexeme::Neq),
        b'|' if next == b'|' => two(Lexeme::StringConcat),
        b'$' if postgres => dollar(text, at, rest),
        _ => None,
    }
}

/// What may follow an operator to make another one of it.
fn is_operator(byte: u8) -> bool {
    matches!(byte, b'+' | b'-' | b'*' | b'/' | b'<' | b'>' | b'=' | b'~' | b'!' | b'@' | b'#' | b'%' | b'^' | b'&' | b'|' | b'`' | b'?')
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn word(text: &str, at: usize, rest: &[u8]) -> Option<(Lexeme, usize)> {
    let length = rest.iter().position(|&byte| !is_word_byte(byte)).unwrap_or(rest.len());
    let next = rest.get(length).copied().unwrap_or(b' ');
    // Longer than ASCII, a variable, or the letter before a string of another kind.
    if !next.is_ascii() || matches!(next, b'$' | b'@') || length == 1 && matches!(next, b'\'' | b'"' | b'&') {
        return None;
    }
    let value = text.get(at..at + length)?.to_owned();
    Some((Lexeme::Word(Word { value, quote_style: None, keyword: Keyword::NoKeyword }), length))
}

fn number(text: &str, at: usize, rest: &[u8]) -> Option<(Lexeme, usize)> {
    let digits = |from: usize| rest[from..].iter().position(|byte| !byte.is_ascii_digit()).map_or(rest.len(), |length| from + length);
    let mut length = digits(0);
    if rest.get(length) == Some(&b'.') {
        let whole = length + 1;
        length = digits(whole);
        if length == whole {
            return None;
        }
    }
    let next = rest.get(length).copied().unwrap_or(b' ');
    let plain = next.is_ascii() && !is_word_byte(next) && !matches!(next, b'.' | b'$' | b'@');
    plain.then(|| Some((Lexeme::Number(text.get(at..at + length)?.to_owned(), false), length)))?
}

/// The length of a string or name in quotes with no quote inside.
fn quoted(rest: &[u8], quote: u8) -> Option<usize> {
    let end = 1 + rest.get(1..)?.iter().position(|&byte| byte == quote)?;
    (end > 1 && rest.get(end + 1) != Some(&quote) || end == 1 && quote == b'\'' && rest.get(2) != Some(&quote)).then_some(end + 1)
}

/// A string in dollars.
fn dollar(text: &str, at: usize, rest: &[u8]) -> Option<(Lexeme, usize)> {
    let tag = 1 + rest.get(1..)?.iter().position(|&byte| !is_word_byte(byte))?;
    if rest.get(tag) != Some(&b'$') || rest.get(1).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let opening = text.get(at..at + tag + 1)?;
    let body = text.get(at + tag + 1..)?;
    let end = body.find(opening)?;
    let value = body.get(..end)?.to_owned();
    let untagged = tag == 1;
    if untagged && value.contains('$') {
        return None;
    }
    let tag = (!untagged).then(|| opening.trim_matches('$').to_owned());
    Some((Lexeme::DollarQuotedString(DollarQuotedString { value, tag }), 2 * opening.len() + end))
}
