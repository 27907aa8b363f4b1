//! The byte scanner: one lexical item after another, without allocating.

use super::conditional;
use super::quotes::{
    Syntax, block_comment_end, bracket_end, dollar_end, dollar_tag_end, is_dash_comment, is_escape_string, is_word_byte, line_end,
    quoted_end,
};
use super::template::Branches;
use crate::engine::{Engine, Target};

/// What stands at a place. Offsets are bytes; every end is after the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// The text is over.
    End,
    /// Letters, digits, `_`, `$` and everything beyond ASCII.
    Word {
        end: usize,
    },
    /// A string, a name in quotes or a dollar quote.
    Quoted {
        end: usize,
    },
    /// A quote or comment that is never closed.
    Unclosed {
        what: &'static str,
        comment: bool,
    },
    Comment {
        text: (usize, usize),
        end: usize,
    },
    /// Something that counts as white space: the marks of an executable comment that runs, or a
    /// whole one that does not.
    Blank {
        end: usize,
        conditional: bool,
    },
    Delimiter {
        end: usize,
    },
    /// A client command from here to the end of its line: psql's `\…`, mysql's `\G`.
    Client {
        end: usize,
    },
    /// Any other single byte.
    Mark(u8),
}

#[derive(Debug)]
pub(super) struct Scanner<'a> {
    pub bytes: &'a [u8],
    pub syntax: Syntax,
    pub target: Target,
    /// Empty for the ordinary `;`.
    pub delimiter: Vec<u8>,
    /// Inside an executable comment that runs.
    pub conditional: bool,
    /// What a template leaves out, and what it may leave out.
    pub template: Branches,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str, target: Target) -> Self {
        Scanner {
            bytes: text.as_bytes(),
            syntax: Syntax::of(target),
            target,
            delimiter: Vec::new(),
            conditional: false,
            template: Branches::of(text, target),
        }
    }

    /// The first byte at or after `at` that is not white space.
    pub fn skip_space(&self, mut at: usize) -> usize {
        while self.bytes.get(at).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == 0x0b) {
            at += 1;
        }
        // A byte order mark is no text.
        if at == 0 && self.bytes.starts_with(b"\xEF\xBB\xBF") { self.skip_space(3) } else { at }
    }

    /// The item at `at`, which is not white space.
    pub fn item(&self, at: usize) -> Item {
        let bytes = self.bytes;
        let Some(&byte) = bytes.get(at) else { return Item::End };
        if !self.delimiter.is_empty() && self.delimited(at) {
            return Item::Delimiter { end: at + self.delimiter.len() };
        }
        let next = bytes.get(at + 1).copied();
        if byte == b'{'
            && let Some(end) = self.template_end(at)
        {
            return Item::Blank { end, conditional: self.conditional };
        }
        match byte {
            b';' if self.delimiter.is_empty() => Item::Delimiter { end: at + 1 },
            b'\'' => {
                let backslash = self.syntax.backslash || (self.syntax.engine == Engine::Postgres && is_escape_string(bytes, at));
                quoted(quoted_end(bytes, at, backslash), "string")
            }
            b'"' => quoted(quoted_end(bytes, at, self.syntax.backslash), "quoted name"),
            b'`' if self.syntax.backticks => quoted(quoted_end(bytes, at, false), "quoted name"),
            b'[' if self.syntax.brackets => quoted(bracket_end(bytes, at), "quoted name"),
            b'$' if self.syntax.dollar_quotes => match dollar_tag_end(bytes, at) {
                Some(tag_end) => quoted(dollar_end(bytes, at, tag_end), "dollar-quoted string"),
                None => self.word(at),
            },
            b'-' if next == Some(b'-') && is_dash_comment(bytes, at, self.syntax) => {
                let end = line_end(bytes, at);
                Item::Comment { text: (at + 2, end), end }
            }
            b'#' if self.syntax.mysql_comments => {
                let end = line_end(bytes, at);
                Item::Comment { text: (at + 1, end), end }
            }
            b'/' if next == Some(b'*') => self.block_comment(at),
            b'*' if next == Some(b'/') && self.conditional => Item::Blank { end: at + 2, conditional: false },
            // A template's own statement; what it writes is a hole, see `holes`.
            b'{' if next == Some(b'%') => match bytes[at..].windows(2).position(|pair| pair == b"%}") {
                Some(length) => Item::Blank { end: at + length + 2, conditional: self.conditional },
                None => Item::Mark(byte),
            },
            // psql sends what stands between `\;` in one message; they are statements all the same.
            b'\\' if self.syntax.engine == Engine::Postgres && next == Some(b';') => Item::Delimiter { end: at + 2 },
            b'\\' if self.syntax.engine == Engine::Postgres => Item::Client { end: line_end(bytes, at) },
            b'\\' if self.syntax.mysql_comments && matches!(next, Some(b'g' | b'G')) => Item::Client { end: at + 2 },
            _ if is_word_byte(byte) => self.word(at),
            _ => Item::Mark(byte),
        }
    }

    /// The end of what a template leaves out from here on.
    fn template_end(&self, at: usize) -> Option<usize> {
        let found = self.template.left_out.binary_search_by_key(&at, |range| range.start).ok()?;
        self.template.left_out.get(found).map(|range| range.end)
    }

    fn word(&self, at: usize) -> Item {
        let mut end = at + 1;
        // In PostgreSQL a word may hold `$` but not begin with it: `a$b$` is a name.
        while let Some(&byte) = self.bytes.get(end) {
            if !is_word_byte(byte) || (!self.delimiter.is_empty() && self.delimited(end)) {
                break;
            }
            end += 1;
        }
        Item::Word { end }
    }

    fn delimited(&self, at: usize) -> bool {
        self.bytes.get(at..).is_some_and(|rest| rest.starts_with(&self.delimiter))
    }

    fn block_comment(&self, at: usize) -> Item {
        let bytes = self.bytes;
        if self.syntax.mysql_comments
            && let Some(opening) = conditional::opening(bytes, at, self.target)
        {
            if opening.runs {
                return Item::Blank { end: opening.end, conditional: true };
            }
            return match conditional::skipped_end(bytes, opening.end) {
                Some(end) => Item::Blank { end, conditional: self.conditional },
                None => Item::Unclosed { what: "comment", comment: true },
            };
        }
        match block_comment_end(bytes, at, self.syntax.nested_comments) {
            Some(end) => Item::Comment { text: (at + 2, end - 2), end },
            // SQLite closes an open comment at the end of the text.
            None if self.syntax.engine == Engine::Sqlite => Item::Comment { text: (at + 2, bytes.len()), end: bytes.len() },
            None => Item::Unclosed { what: "comment", comment: true },
        }
    }
}

fn quoted(end: Option<usize>, what: &'static str) -> Item {
    match end {
        Some(end) => Item::Quoted { end },
        None => Item::Unclosed { what, comment: false },
    }
}
