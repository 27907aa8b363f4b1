//! sqlparser's tokens with exact byte offsets.
//!
//! sqlparser counts lines and characters, and its tokens tile the text: each begins where the one
//! before it ended. So one pass over the text turns every position into an offset.

use std::borrow::Cow;
use std::ops::Range;

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{self, Location, TokenWithSpan, Tokenizer, Word};

use super::expression::dialect;
use super::holes::join_holes;
use super::quick;
use super::scan::{Item, Scanner};
use super::token::Token;
use crate::engine::{Engine, Target};
use crate::source::Span;

/// Tokens the tokenizer refuses though the engine takes them are mended so many times a statement.
const MENDINGS: u32 = 200;

/// The tokens of a stretch of text, without white space and comments. Never fails: a character
/// nobody knows is a token of its own.
pub fn tokenise(text: &str, span: Span, target: Target) -> Vec<Token> {
    tokenise_into(text, span, &[], target, &mut Vec::new())
}

/// The tokens of a text that stands at an offset of another one, under the other's offsets.
pub fn tokenise_at(text: &str, offset: u32, target: Target) -> Vec<Token> {
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut tokens = tokenise(text, Span::new(0, end), target);
    for token in &mut tokens {
        token.span = Span::new(token.span.start.saturating_add(offset), token.span.end.saturating_add(offset));
    }
    tokens
}

/// The same, with stretches that count as white space, and a buffer to use again.
pub(super) fn tokenise_into(
    text: &str,
    span: Span,
    blanks: &[Range<usize>],
    target: Target,
    buffer: &mut Vec<TokenWithSpan>,
) -> Vec<Token> {
    let Some(stretch) = text.get(span.range()) else { return Vec::new() };
    let stretch = blanked(stretch, span, blanks);
    let mut tokens = Vec::new();
    let mut from = quick::lex(&stretch, span.start, target.engine, &mut tokens);
    let mut mendings = 0;
    while from < stretch.len() {
        buffer.clear();
        let rest = &stretch[from..];
        let result = Tokenizer::new(dialect(target.engine), rest).tokenize_with_location_into_buf(buffer);
        let offset = span.start + u32::try_from(from).unwrap_or(u32::MAX);
        let stopped = place(rest, offset, buffer, &mut tokens);
        if result.is_ok() || mendings == MENDINGS {
            break;
        }
        mendings += 1;
        let end = mend(rest, stopped, offset, target, &mut tokens);
        from += end;
    }
    join(text, target.engine, &mut tokens);
    tokens
}

/// Puts together what the tokenizer takes for several tokens.
fn join(text: &str, engine: Engine, tokens: &mut Vec<Token>) {
    if engine.is_mysql_family() {
        join_digits(text, tokens);
    }
    join_holes(text, engine, tokens);
}

/// MySQL's names may begin with digits; of `1ea10` the tokenizer makes a number and a word.
fn join_digits(text: &str, tokens: &mut Vec<Token>) {
    use tokenizer::Token as Lexeme;
    let digits = |token: &Token| matches!(&token.token, Lexeme::Number(number, false) if number.bytes().all(|byte| byte.is_ascii_digit()));
    let word = |token: &Token| matches!(&token.token, Lexeme::Word(word) if word.quote_style.is_none() && !word.value.starts_with('@'));
    let name = |pair: &[Token]| match pair {
        [first, second] => first.span.end == second.span.start && digits(first) && word(second),
        _ => false,
    };
    if !tokens.windows(2).any(name) {
        return;
    }
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens.drain(..) {
        match joined.last_mut() {
            Some(last) if last.span.end == token.span.start && digits(last) && word(&token) => {
                let span = last.span.to(token.span);
                *last = Token { token: plain_word(span.slice(text)), span };
            }
            _ => joined.push(token),
        }
    }
    *tokens = joined;
}

/// The stretch with what counts as white space replaced by it.
fn blanked<'a>(stretch: &'a str, span: Span, blanks: &[Range<usize>]) -> Cow<'a, str> {
    let (start, end) = (span.start as usize, span.end as usize);
    if !blanks.iter().any(|blank| blank.start < end && blank.end > start) {
        return Cow::Borrowed(stretch);
    }
    let mut out = String::with_capacity(stretch.len());
    let mut copied = start;
    for blank in blanks.iter().filter(|blank| blank.start < end && blank.end > start) {
        let (from, to) = (blank.start.max(copied), blank.end.min(end));
        out.push_str(stretch.get(copied - start..from - start).unwrap_or(""));
        // Line breaks stay, so that comments before them still end.
        out.extend(stretch.as_bytes()[from - start..to - start].iter().map(|&byte| if byte == b'\n' { '\n' } else { ' ' }));
        copied = to;
    }
    out.push_str(stretch.get(copied - start..).unwrap_or(""));
    Cow::Owned(out)
}

/// Appends the buffer's tokens with their offsets; answers where in `text` the last one ends.
fn place(text: &str, offset: u32, buffer: &mut Vec<TokenWithSpan>, tokens: &mut Vec<Token>) -> usize {
    tokens.reserve(buffer.len() / 2 + 1);
    let mut walk = Walk::new(text);
    let mut start = 0usize;
    for TokenWithSpan { mut token, span } in buffer.drain(..) {
        let end = walk.to(span.end);
        if let tokenizer::Token::Word(word) = &mut token {
            word.keyword = Keyword::NoKeyword;
        }
        if !matches!(token, tokenizer::Token::Whitespace(_)) {
            let at = |at: usize| offset + u32::try_from(at).unwrap_or(u32::MAX);
            tokens.push(Token { token, span: Span::new(at(start), at(end)) });
        }
        start = end;
    }
    start
}

/// Walks a text from position to position; positions only grow.
struct Walk<'a> {
    text: &'a str,
    ascii: bool,
    at: usize,
    line: u64,
    column: u64,
}

impl<'a> Walk<'a> {
    fn new(text: &'a str) -> Self {
        Walk { text, ascii: text.is_ascii(), at: 0, line: 1, column: 1 }
    }

    fn to(&mut self, location: Location) -> usize {
        let bytes = self.text.as_bytes();
        while self.line < location.line {
            let Some(offset) = bytes[self.at..].iter().position(|&byte| byte == b'\n') else { break };
            self.at += offset + 1;
            self.line += 1;
            self.column = 1;
        }
        if self.ascii {
            let step = location.column.saturating_sub(self.column);
            self.at = (self.at + usize::try_from(step).unwrap_or(usize::MAX)).min(bytes.len());
            self.column = self.column.max(location.column);
        } else {
            while self.column < location.column && self.at < bytes.len() {
                self.at += 1;
                while !self.text.is_char_boundary(self.at) {
                    self.at += 1;
                }
                self.column += 1;
            }
        }
        self.at
    }
}

fn plain_word(text: &str) -> tokenizer::Token {
    tokenizer::Token::Word(Word { value: text.to_owned(), quote_style: None, keyword: Keyword::NoKeyword })
}

/// One token our own scanner reads where the tokenizer gave up; answers where it ends.
fn mend(text: &str, at: usize, offset: u32, target: Target, tokens: &mut Vec<Token>) -> usize {
    let scanner = Scanner::new(text, target);
    let from = at.min(text.len());
    let mut at = scanner.skip_space(from);
    while matches!(scanner.bytes.get(at), Some(b'e' | b'E' | b'x' | b'X' | b'n' | b'N' | b'u' | b'U' | b'&'))
        && matches!(scanner.bytes.get(at + 1), Some(b'\'' | b'&'))
    {
        at += 1;
    }
    let end = match scanner.item(at) {
        Item::Quoted { end } | Item::Word { end } | Item::Comment { end, .. } | Item::Blank { end, .. } | Item::Client { end } => end,
        Item::Delimiter { end } => end,
        Item::End | Item::Unclosed { .. } => text.len(),
        Item::Mark(_) => at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8),
    };
    let piece = text.get(at..end).unwrap_or("");
    let token = match piece.as_bytes().first() {
        Some(b'\'') => tokenizer::Token::SingleQuotedString(piece.trim_matches('\'').to_owned()),
        Some(b'.') => tokenizer::Token::Period,
        Some(byte) if byte.is_ascii_alphanumeric() || *byte == b'_' => plain_word(piece),
        Some(_) => tokenizer::Token::Char(piece.chars().next().unwrap_or(' ')),
        None => return end.max(from + 1),
    };
    let place = |at: usize| offset + u32::try_from(at).unwrap_or(u32::MAX);
    tokens.push(Token { token, span: Span::new(place(from.min(at)), place(end)) });
    end.max(from + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Tokens without the quick way.
    fn slowly(text: &str, engine: Engine) -> Option<Vec<Token>> {
        let mut buffer = Vec::new();
        Tokenizer::new(dialect(engine), text).tokenize_with_location_into_buf(&mut buffer).ok()?;
        let mut tokens = Vec::new();
        place(text, 0, &mut buffer, &mut tokens);
        join(text, engine, &mut tokens);
        Some(tokens)
    }

    fn agrees(text: &str) {
        for engine in Engine::ALL {
            let target = Target::of(engine);
            let Some(slow) = slowly(text, engine) else { continue };
            let quick = tokenise(text, Span::new(0, text.len() as u32), target);
            assert_eq!(quick, slow, "{engine}: {text}");
        }
    }

    #[test]
    fn the_quick_way_leads_to_the_same_tokens() {
        for text in [
            "CREATE TABLE s.t (a1 int DEFAULT 1.5, \"B c\" text DEFAULT 'x''y', `d` int, [e] int) -- end",
            "SELECT a._b, t.1a, 1a, 1e5, .5, 1., 0x1F, E'\\n', U&'x', n'y', x'00', b'1', _utf8'z', @v, @@w, $1, :x, a::int[1]",
            "x<>y!=z<=w>=v||u->'k'->>'l'#>>'{m}' ~* 'n' && o @> p <-> q ? r",
            "$$a$b$$ $t$ $$ $u$ $t$ $1 $$ $$ --\r\n/* /* */ */ 'é' é \u{a0} '\\' ''",
            "a--b\nc -- d\r\ne - -f -+g 1-1 #h\n%i % j",
        ] {
            agrees(text);
        }
    }

    proptest! {
        #[test]
        fn the_quick_way_is_the_same_for_any_text(
            pieces in prop::collection::vec(prop::sample::select(PIECES), 0..12),
            strange in "\\PC{0,3}",
        ) {
            agrees(&pieces.concat());
            agrees(&format!("{}{strange}", pieces.concat()));
        }
    }

    const PIECES: &[&str] = &[
        "a", "_", "e", "n", "x", "u", "b", "B1", " ", "\n", "\r", ".", "1", "0", "1.5", "'", "''", "'s'", "\"", "\"q\"", "`", "`r`", "$",
        "$$", "$t$", "(", ")", "[", "]", ",", ";", ":", "::", "=", "<", ">", "!", "-", "--", "/", "*", "+", "|", "||", "#", "@", "?", "&",
        "%", "^", "~", "é", "\\",
    ];
}
