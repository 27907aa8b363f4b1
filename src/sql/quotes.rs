//! Where quotes and comments end, on bytes. Every function takes the offset of the opening mark
//! and returns the offset after the closing one, or `None` when the text ends before it.

use crate::engine::{Engine, Target};

/// What an engine's lexer does differently.
#[derive(Debug, Clone, Copy)]
pub(super) struct Syntax {
    pub engine: Engine,
    /// `\` escapes inside `'…'` and `"…"`.
    pub backslash: bool,
    pub nested_comments: bool,
    pub dollar_quotes: bool,
    /// `#` starts a comment and `--` needs a blank after it.
    pub mysql_comments: bool,
    pub brackets: bool,
    pub backticks: bool,
}

impl Syntax {
    pub fn of(target: Target) -> Self {
        let mysql = target.engine.is_mysql_family();
        Syntax {
            engine: target.engine,
            backslash: mysql,
            nested_comments: target.engine == Engine::Postgres,
            dollar_quotes: target.engine == Engine::Postgres,
            mysql_comments: mysql,
            brackets: target.engine == Engine::Sqlite,
            backticks: mysql || target.engine == Engine::Sqlite,
        }
    }
}

/// `'…'`, `"…"` or `` `…` ``, where the mark doubled stands for itself.
pub(super) fn quoted_end(bytes: &[u8], open: usize, backslash: bool) -> Option<usize> {
    let quote = *bytes.get(open)?;
    let mut at = open + 1;
    while let Some(&byte) = bytes.get(at) {
        if byte == quote {
            if bytes.get(at + 1) != Some(&quote) {
                return Some(at + 1);
            }
            at += 2;
        } else if byte == b'\\' && backslash {
            at += 2;
        } else {
            at += 1;
        }
    }
    None
}

/// SQLite's `[name]`.
pub(super) fn bracket_end(bytes: &[u8], open: usize) -> Option<usize> {
    bytes.get(open..)?.iter().position(|&byte| byte == b']').map(|offset| open + offset + 1)
}

/// The end of the opening tag when a dollar quote starts here: `$$`, `$body$`, but not `$1`.
pub(super) fn dollar_tag_end(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'$' => return Some(at + 1),
            b'0'..=b'9' if at == open + 1 => return None,
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | 0x80.. => at += 1,
            _ => return None,
        }
    }
    None
}

/// The end of a dollar quote whose opening tag is `open..tag_end`.
pub(super) fn dollar_end(bytes: &[u8], open: usize, tag_end: usize) -> Option<usize> {
    let tag = bytes.get(open..tag_end)?;
    let mut at = tag_end;
    loop {
        at += bytes.get(at..)?.iter().position(|&byte| byte == b'$')?;
        if bytes.get(at..)?.starts_with(tag) {
            return Some(at + tag.len());
        }
        at += 1;
    }
}

/// The end of the line: before its `\n`, or the end of the text.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).and_then(|rest| rest.iter().position(|&byte| byte == b'\n')).map_or(bytes.len(), |offset| at + offset)
}

/// `/* … */`; in PostgreSQL comments nest.
pub(super) fn block_comment_end(bytes: &[u8], open: usize, nested: bool) -> Option<usize> {
    let mut depth = 1u32;
    let mut at = open + 2;
    while let Some(&byte) = bytes.get(at) {
        match (byte, bytes.get(at + 1)) {
            (b'*', Some(b'/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            (b'/', Some(b'*')) if nested => {
                depth += 1;
                at += 2;
            }
            _ => at += 1,
        }
    }
    None
}

/// Whether `--` at this place starts a comment.
pub(super) fn is_dash_comment(bytes: &[u8], at: usize, syntax: Syntax) -> bool {
    if bytes.get(at + 1) != Some(&b'-') {
        return false;
    }
    // MySQL wants a blank or control character, so that `5--1` stays arithmetic.
    !syntax.mysql_comments || bytes.get(at + 2).is_none_or(|&byte| byte <= b' ')
}

/// Whether a `'` at this place belongs to an `E'…'` string.
pub(super) fn is_escape_string(bytes: &[u8], open: usize) -> bool {
    let Some(prefix) = open.checked_sub(1) else { return false };
    matches!(bytes.get(prefix), Some(b'e' | b'E')) && prefix.checked_sub(1).is_none_or(|before| !is_word_byte(bytes[before]))
}

pub(super) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_end_where_the_engine_ends_them() {
        assert_eq!(quoted_end(b"'a''b'c", 0, false), Some(6));
        assert_eq!(quoted_end(br"'a\'b'c", 0, true), Some(6));
        assert_eq!(quoted_end(br"'a\'b", 0, false), Some(4));
        assert_eq!(quoted_end(b"'a", 0, false), None);
        assert_eq!(dollar_tag_end(b"$b$ $$ $b$", 0), Some(3));
        assert_eq!(dollar_end(b"$b$ $$ $b$", 0, 3), Some(10));
        assert_eq!(dollar_tag_end(b"$1$", 0), None);
        assert_eq!(block_comment_end(b"/* /* */ */", 0, true), Some(11));
        assert_eq!(block_comment_end(b"/* /* */ */", 0, false), Some(8));
        assert!(is_escape_string(b"E'", 1));
        assert!(!is_escape_string(b"re'", 2));
    }
}
