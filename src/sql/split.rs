//! A script into statements, as the engine's own client would cut it.

use std::ops::Range;

use sqlparser::tokenizer::TokenWithSpan;

use super::block::{InsertShape, Shape};
use super::quotes::line_end;
use super::scan::{Item, Scanner};
use super::template;
use super::token::{Comment, Piece, Split};
use super::tokenise::tokenise_into;
use crate::engine::{Engine, Target};
use crate::source::Span;

/// An INSERT with more text than this in its rows is not worth tokens.
const BULK_ROWS: usize = 64 * 1024;
/// Nor is anything with more text outside quotes than this.
const BULK_CODE: usize = 1024 * 1024;
/// How much of it is tokenised all the same.
const BULK_HEAD: usize = 16 * 1024;
/// After so many unclosed quotes or bodies the rest is one broken piece: keeps the time linear.
const RECOVERIES: u32 = 16;

/// Cuts a script into statements.
pub fn split(text: &str, target: Target) -> Split {
    let mut splitter = Splitter::new(text, target);
    let pieces = splitter.by_ref().collect();
    Split { pieces, comments: splitter.into_comments() }
}

/// The statements of a script one by one, so that a large script need not be held as tokens.
pub struct Splitter<'a> {
    text: &'a str,
    scanner: Scanner<'a>,
    at: usize,
    comments: Vec<Comment>,
    /// Stretches of the current statement that count as white space.
    blanks: Vec<Range<usize>>,
    /// Statements from here on that hold no body after all.
    flat_until: usize,
    /// A quote that begins here is the broken one.
    suspect: Option<usize>,
    recoveries: u32,
    /// No `\.` closes COPY data from here on.
    no_copy_end: bool,
    buffer: Vec<TokenWithSpan>,
}

impl<'a> Splitter<'a> {
    pub fn new(text: &'a str, target: Target) -> Self {
        // Offsets are 32 bits wide: what lies beyond 4 GiB is not read.
        let text = if u32::try_from(text.len()).is_ok() { text } else { &text[..text.floor_char_boundary(u32::MAX as usize)] };
        Splitter {
            text,
            scanner: Scanner::new(text, target),
            at: 0,
            comments: Vec::new(),
            blanks: Vec::new(),
            flat_until: 0,
            suspect: None,
            recoveries: 0,
            no_copy_end: false,
            buffer: Vec::new(),
        }
    }

    /// The comments passed so far.
    pub fn into_comments(self) -> Vec<Comment> {
        self.comments
    }

    /// Passes white space, comments, empty statements and client commands.
    fn skip_to_statement(&mut self) {
        self.blanks.clear();
        loop {
            self.at = self.scanner.skip_space(self.at);
            if let Some(end) = self.client_line() {
                self.at = end;
                continue;
            }
            match self.scanner.item(self.at) {
                Item::Comment { text, end } => self.comment(text, end),
                Item::Blank { end, conditional } => {
                    self.scanner.conditional = conditional;
                    self.at = end;
                }
                Item::Delimiter { end } | Item::Client { end } => self.at = end,
                Item::End | Item::Word { .. } | Item::Quoted { .. } | Item::Unclosed { .. } | Item::Mark(_) => return,
            }
        }
    }

    fn comment(&mut self, text: (usize, usize), end: usize) {
        let start = self.at;
        self.at = end;
        let bytes = self.scanner.bytes;
        let own_line = bytes[..start].iter().rev().take_while(|&&byte| byte != b'\n').all(u8::is_ascii_whitespace);
        self.comments.push(Comment {
            span: span(start, end),
            text: self.text.get(text.0..text.1).unwrap_or("").trim().to_owned(),
            own_line,
        });
    }

    /// The end of the line when it is a command of the client: `DELIMITER x`, `source f`, SQLite's
    /// `.mode`.
    fn client_line(&mut self) -> Option<usize> {
        let bytes = self.scanner.bytes;
        let engine = self.scanner.syntax.engine;
        let at = self.at;
        if engine == Engine::Sqlite && bytes.get(at) == Some(&b'.') {
            return Some(line_end(bytes, at));
        }
        if !engine.is_mysql_family() || !bytes.get(at)?.is_ascii_alphabetic() {
            return None;
        }
        let is = |word: &str| {
            bytes.get(at..at + word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
                && matches!(bytes.get(at + word.len()), Some(b' ' | b'\t'))
        };
        if is("DELIMITER") {
            let end = line_end(bytes, at);
            self.set_delimiter(self.text.get(at + "DELIMITER".len()..end).unwrap_or(""));
            Some(end)
        } else if is("SOURCE") {
            Some(line_end(bytes, at))
        } else {
            None
        }
    }

    fn set_delimiter(&mut self, rest: &str) {
        let delimiter = rest.split_whitespace().next().unwrap_or(";");
        let delimiter = delimiter.trim_matches(|c| matches!(c, '\'' | '"'));
        self.scanner.delimiter = if delimiter == ";" { Vec::new() } else { delimiter.as_bytes().to_vec() };
    }

    /// Reads one statement from `self.at`, where its first item stands.
    fn statement(&mut self) -> Piece {
        let start = self.at;
        let conditional = self.scanner.conditional;
        let comments = self.comments.len();
        let engine = self.scanner.syntax.engine;
        let mut shape = if start < self.flat_until { Shape::Plain } else { Shape::new() };
        let mut depth = 0u32;
        // After the last item that belongs to the statement.
        let mut end = start;
        let mut quoted = 0usize;
        let mut inner_delimiter = None;
        let mut cut = None;
        if let Some(end) = template::call_end(self.text, start) {
            self.at = end;
            return self.finish(start, end, quoted, cut, Shape::Plain);
        }
        loop {
            self.at = self.scanner.skip_space(self.at);
            let at = self.at;
            if cut.is_none() && end - start > BULK_HEAD {
                cut = Some(end);
            }
            match self.scanner.item(at) {
                Item::Word { end: word_end } => {
                    let word = self.text.get(at..word_end).unwrap_or("");
                    if at > start && !self.scanner.delimiter.is_empty() && self.is_delimiter_line(at, word) {
                        break;
                    }
                    if !matches!(shape, Shape::Plain) {
                        let next = self.scanner.bytes.get(self.scanner.skip_space(word_end)).copied();
                        shape.word(word, (at, word_end), depth, next, engine);
                    }
                    self.at = word_end;
                    end = word_end;
                    if engine.is_mysql_family()
                        && at == start
                        && word.eq_ignore_ascii_case("USE")
                        && let Some(line) = self.bare_use()
                    {
                        end = line;
                        self.at = line;
                        break;
                    }
                }
                Item::Quoted { end: quote_end } => {
                    if self.suspect == Some(at) {
                        return self.broken(start, at, "string");
                    }
                    shape.mark(b'\'', depth);
                    quoted += quote_end - at;
                    self.at = quote_end;
                    end = quote_end;
                }
                Item::Mark(byte) => {
                    shape.mark(byte, depth);
                    match byte {
                        b'(' => depth += 1,
                        b')' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    self.at = at + 1;
                    end = at + 1;
                }
                Item::Comment { text, end: comment_end } => {
                    quoted += comment_end - at;
                    self.comment(text, comment_end);
                }
                Item::Blank { end: blank_end, conditional } => {
                    self.scanner.conditional = conditional;
                    self.blanks.push(at..blank_end);
                    self.at = blank_end;
                }
                Item::Client { end: line } => {
                    self.at = line;
                    if engine == Engine::Postgres && !self.ends_at_client_command(at) {
                        self.blanks.push(at..line);
                        continue;
                    }
                    break;
                }
                Item::Delimiter { end: delimiter_end } => {
                    self.at = delimiter_end;
                    if !self.scanner.delimiter.is_empty() || shape.ends_at_semicolon(depth) {
                        break;
                    }
                    inner_delimiter.get_or_insert(at);
                    end = delimiter_end;
                }
                Item::Unclosed { what, comment } => {
                    if self.suspect.is_none() && !comment && self.recoveries < RECOVERIES {
                        // Perhaps an earlier quote is the odd one: a string that spans the end of
                        // a statement. Read again and stop there.
                        self.recoveries += 1;
                        self.suspect = Some(self.find_suspect(start, at));
                        self.rewind(start, conditional, comments);
                        return self.statement();
                    }
                    return self.broken(start, at, what);
                }
                Item::End => {
                    if inner_delimiter.is_some() && self.is_unfinished(&mut shape, depth) && self.recoveries < RECOVERIES {
                        self.recoveries += 1;
                        self.flat_until = start + 1;
                        self.rewind(start, conditional, comments);
                        return self.statement();
                    }
                    break;
                }
            }
        }
        if !self.scanner.delimiter.is_empty() {
            // `END;` before a delimiter of its own: the server takes one `;` at the end.
            let text = self.text.get(start..end).unwrap_or_default();
            let rest = text.strip_suffix(';').map(str::trim_end).filter(|rest| !rest.is_empty());
            end = rest.map_or(end, |rest| start + rest.len());
        }
        self.finish(start, end, quoted, cut, shape)
    }

    /// A body whose end never came.
    fn is_unfinished(&self, shape: &mut Shape, depth: u32) -> bool {
        !matches!(shape, Shape::SqliteTrigger { ended: true, .. }) && !shape.ends_at_semicolon(depth)
    }

    fn rewind(&mut self, start: usize, conditional: bool, comments: usize) {
        self.at = start;
        self.scanner.conditional = conditional;
        self.comments.truncate(comments);
        self.blanks.clear();
    }

    /// The first quote of the statement that reaches over a `;` at the end of a line, or the one
    /// that is never closed.
    fn find_suspect(&self, start: usize, unclosed: usize) -> usize {
        let bytes = self.scanner.bytes;
        let mut at = start;
        loop {
            at = self.scanner.skip_space(at);
            at = match self.scanner.item(at) {
                Item::Quoted { end } => {
                    let spans_statements = bytes[at] != b'$' && end <= unclosed && statement_end(&bytes[..end], at).is_some();
                    if spans_statements {
                        return at;
                    }
                    end
                }
                Item::End | Item::Unclosed { .. } => return unclosed,
                Item::Word { end }
                | Item::Comment { end, .. }
                | Item::Blank { end, .. }
                | Item::Delimiter { end }
                | Item::Client { end } => end,
                Item::Mark(_) => at + 1,
            };
            if at >= unclosed {
                return unclosed;
            }
        }
    }

    /// A statement with a quote that is never closed: it ends at the next `;` that ends a line.
    fn broken(&mut self, start: usize, quote: usize, what: &str) -> Piece {
        self.suspect = None;
        let bytes = self.scanner.bytes;
        let stop = if self.recoveries < RECOVERIES { statement_end(bytes, quote) } else { None };
        self.recoveries += 1;
        self.at = stop.map_or(bytes.len(), |semicolon| semicolon + 1);
        self.scanner.conditional = false;
        let end = trimmed_end(bytes, quote, stop.unwrap_or(bytes.len()));
        let mut tokens = Vec::new();
        if quote - start <= BULK_CODE {
            tokens = tokenise_into(self.text, span(start, quote), &self.blanks, self.scanner.target, &mut self.buffer);
        }
        Piece {
            span: span(start, end),
            tokens,
            broken: Some((span(quote, end), format!("the end of this {what}"))),
            doubtful: false,
            bulk: false,
            rows: None,
            data: None,
        }
    }

    fn finish(&mut self, start: usize, end: usize, quoted: usize, cut: Option<usize>, shape: Shape) -> Piece {
        let mut piece = Piece {
            span: span(start, end),
            tokens: Vec::new(),
            broken: None,
            doubtful: self.scanner.template.is_doubtful(start, end),
            bulk: false,
            rows: None,
            data: None,
        };
        let mut parts = [start..end, end..end];
        match shape {
            Shape::Insert(InsertShape { values_end: Some(values_end), tail, rows }) => {
                piece.rows = Some(rows);
                let tail = tail.unwrap_or(end);
                if tail - values_end > BULK_ROWS {
                    piece.bulk = true;
                    parts = [start..values_end, if end - tail > BULK_ROWS { end..end } else { tail..end }];
                }
            }
            Shape::Copy { from: true, stdin: true } => {
                let data = if self.no_copy_end { None } else { copy_data(self.scanner.bytes, self.at) };
                self.no_copy_end |= data.is_none();
                if let Some((data, lines, after)) = data {
                    piece.data = Some(span(data.start, data.end));
                    piece.rows = Some(lines);
                    piece.bulk = true;
                    self.at = after;
                }
            }
            _ => {}
        }
        if let Some(cut) = cut
            && !piece.bulk
            && (end - start).saturating_sub(quoted) > BULK_CODE
        {
            piece.bulk = true;
            parts[0] = start..cut;
        }
        for part in parts {
            if !part.is_empty() {
                let tokens = tokenise_into(self.text, span(part.start, part.end), &self.blanks, self.scanner.target, &mut self.buffer);
                if piece.tokens.is_empty() { piece.tokens = tokens } else { piece.tokens.extend(tokens) }
            }
        }
        piece
    }

    /// `DELIMITER` at the start of a line ends a statement whose own delimiter was forgotten.
    fn is_delimiter_line(&self, at: usize, word: &str) -> bool {
        word.eq_ignore_ascii_case("DELIMITER")
            && self.scanner.bytes[..at].ends_with(b"\n")
            && matches!(self.scanner.bytes.get(at + word.len()), Some(b' ' | b'\t'))
    }

    /// `USE db` may stand on a line of its own without a delimiter.
    fn bare_use(&self) -> Option<usize> {
        let bytes = self.scanner.bytes;
        let near = bytes.len().min(self.at + 256);
        let end = line_end(&bytes[..near], self.at);
        let line = self.text.get(self.at..end)?;
        let names_only = line.split_whitespace().count() == 1 && !line.contains([';', '#', '(']) && !line.contains("--");
        names_only.then(|| trimmed_end(bytes, self.at, end))
    }

    /// psql's `\g`, `\gexec`, `\watch` … send the statement; other commands interrupt it.
    fn ends_at_client_command(&self, at: usize) -> bool {
        let rest = &self.scanner.bytes[at + 1..];
        rest.starts_with(b"g") || rest.starts_with(b"watch") || rest.starts_with(b"crosstabview") || rest.starts_with(b"bind")
    }
}

impl Iterator for Splitter<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        self.skip_to_statement();
        if self.at >= self.scanner.bytes.len() {
            return None;
        }
        Some(self.statement())
    }
}

/// The first `;` from `at` on that nothing but white space follows on its line.
fn statement_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut from = at;
    loop {
        let semicolon = from + bytes.get(from..)?.iter().position(|&byte| byte == b';')?;
        let line = line_end(bytes, semicolon);
        if bytes[semicolon + 1..line].iter().all(u8::is_ascii_whitespace) {
            return Some(semicolon);
        }
        from = semicolon + 1;
    }
}

fn trimmed_end(bytes: &[u8], start: usize, mut end: usize) -> usize {
    while end > start + 1 && bytes[end - 1].is_ascii_whitespace() {
        end -= 1;
    }
    end
}

/// The data lines after a COPY statement up to `\.`: their place, their number, and where the
/// script goes on.
fn copy_data(bytes: &[u8], at: usize) -> Option<(Range<usize>, u64, usize)> {
    let start = line_end(bytes, at) + 1;
    // Nothing but a comment may stand behind the delimiter.
    let rest = bytes.get(at..start.min(bytes.len()))?.trim_ascii();
    if !rest.is_empty() && !rest.starts_with(b"--") {
        return None;
    }
    let mut line = start;
    let mut lines = 0;
    loop {
        let end = line_end(bytes, line);
        let text = bytes.get(line..end)?;
        if text.strip_suffix(b"\r").unwrap_or(text) == b"\\." {
            return Some((start..line, lines, end));
        }
        lines += 1;
        line = end + 1;
        if line > bytes.len() {
            return None;
        }
    }
}

fn span(start: usize, end: usize) -> Span {
    let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(end))
}

#[cfg(test)]
mod tests;
