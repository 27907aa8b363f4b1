//! A cursor over one statement's tokens: looking, eating, going back, and saying what was expected
//! where. It allocates nothing while it looks.

use std::borrow::Cow;

use sqlparser::tokenizer::{Token as Lexeme, Word};

use super::token::Token;
use crate::engine::{Engine, Target};
use crate::source::Span;

/// Where reading stopped and what would have been understood there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct SyntaxError {
    pub at: Span,
    pub expected: Cow<'static, str>,
}

/// Since when an engine has a piece of syntax; zeros for "always".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since(pub Engine, pub u16, pub u16, pub u16);

impl Since {
    fn holds(self, target: Target) -> bool {
        target.engine == self.0 && target.at_least(self.1, self.2, self.3)
    }

    pub fn title(self) -> String {
        let Since(engine, major, minor, patch) = self;
        match (major, minor, patch) {
            (0, ..) => engine.title().to_owned(),
            (_, 0, 0) if engine == Engine::Postgres => format!("{} {major}", engine.title()),
            (_, _, 0) => format!("{} {major}.{minor}", engine.title()),
            _ => format!("{} {major}.{minor}.{patch}", engine.title()),
        }
    }
}

/// A saved place, to go back to or to measure from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(usize);

#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    target: Target,
    /// The first syntax met that this engine or version refuses, and who accepts it.
    unsupported: Option<(Span, String)>,
    /// The first stretch that was recognised but not read.
    lost: Option<SyntaxError>,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str, tokens: &'a [Token], target: Target) -> Self {
        Cursor { text, tokens, at: 0, target, unsupported: None, lost: None }
    }

    pub fn target(&self) -> Target {
        self.target
    }

    pub fn engine(&self) -> Engine {
        self.target.engine
    }

    pub fn is_postgres(&self) -> bool {
        self.target.engine == Engine::Postgres
    }

    pub fn is_sqlite(&self) -> bool {
        self.target.engine == Engine::Sqlite
    }

    pub fn is_mysql_family(&self) -> bool {
        self.target.engine.is_mysql_family()
    }

    pub fn is_mariadb(&self) -> bool {
        self.target.engine == Engine::Mariadb
    }

    /// The whole script.
    pub fn text(&self) -> &'a str {
        self.text
    }

    // -- places

    pub fn mark(&self) -> Mark {
        Mark(self.at)
    }

    pub fn restore(&mut self, mark: Mark) {
        self.at = mark.0;
    }

    pub fn is_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The span of the next token; at the end an empty one after the last token.
    pub fn span(&self) -> Span {
        match self.tokens.get(self.at) {
            Some(token) => token.span,
            None => self.tokens.last().map_or(Span::default(), |token| Span::new(token.span.end, token.span.end)),
        }
    }

    /// The span of the token eaten last.
    pub fn previous_span(&self) -> Span {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(Span::default(), |token| token.span)
    }

    /// From a mark to the token eaten last.
    pub fn since(&self, mark: Mark) -> Span {
        self.between(mark, self.mark())
    }

    /// From one mark up to another, the second left out.
    pub fn between(&self, from: Mark, to: Mark) -> Span {
        let tokens = self.tokens_between(from, to);
        match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => self.tokens.get(from.0).map_or_else(
                || self.tokens.last().map_or(Span::default(), |token| Span::new(token.span.end, token.span.end)),
                |token| Span::new(token.span.start, token.span.start),
            ),
        }
    }

    pub fn tokens_between(&self, from: Mark, to: Mark) -> &'a [Token] {
        self.tokens.get(from.0..to.0).unwrap_or(&[])
    }

    /// The tokens not eaten yet.
    pub fn rest(&self) -> &'a [Token] {
        self.tokens.get(self.at..).unwrap_or(&[])
    }

    /// A cursor over a part of the same statement; what it notes has to be taken over with
    /// [`Cursor::absorb`].
    pub fn part(&self, from: Mark, to: Mark) -> Cursor<'a> {
        Cursor::new(self.text, self.tokens_between(from, to), self.target)
    }

    pub fn absorb(&mut self, part: Cursor<'a>) {
        if self.unsupported.is_none() {
            self.unsupported = part.unsupported;
        }
        if self.lost.is_none() {
            self.lost = part.lost;
        }
    }

    /// Goes back over tokens; `false` when there are not as many.
    pub fn step_back(&mut self, count: usize) -> bool {
        match self.at.checked_sub(count) {
            Some(at) => {
                self.at = at;
                true
            }
            None => false,
        }
    }

    // -- looking

    pub fn peek(&self) -> Option<&'a Lexeme> {
        self.peek_nth(0)
    }

    pub fn peek_nth(&self, n: usize) -> Option<&'a Lexeme> {
        self.tokens.get(self.at + n).map(|token| &token.token)
    }

    /// The next token, if it is a word without quotes.
    pub fn peek_word(&self) -> Option<&'a str> {
        self.peek_word_nth(0)
    }

    pub fn peek_word_nth(&self, n: usize) -> Option<&'a str> {
        match self.peek_nth(n) {
            Some(Lexeme::Word(Word { value, quote_style: None, .. })) => Some(value),
            _ => None,
        }
    }

    /// Whether the next token is this word, without quotes and in any case.
    pub fn at_word(&self, word: &str) -> bool {
        self.at_word_nth(0, word)
    }

    pub fn at_word_nth(&self, n: usize, word: &str) -> bool {
        self.peek_word_nth(n).is_some_and(|value| value.eq_ignore_ascii_case(word))
    }

    pub fn at_words(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(n, word)| self.at_word_nth(n, word))
    }

    pub fn at_any_word(&self, words: &[&str]) -> bool {
        self.peek_word().is_some_and(|value| words.iter().any(|word| value.eq_ignore_ascii_case(word)))
    }

    pub fn at(&self, lexeme: &Lexeme) -> bool {
        self.peek() == Some(lexeme)
    }

    pub fn at_nth(&self, n: usize, lexeme: &Lexeme) -> bool {
        self.peek_nth(n) == Some(lexeme)
    }

    // -- eating

    pub fn advance(&mut self) -> Option<&'a Token> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token)
    }

    pub fn eat(&mut self, lexeme: &Lexeme) -> bool {
        let found = self.at(lexeme);
        self.at += usize::from(found);
        found
    }

    pub fn eat_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        self.at += usize::from(found);
        found
    }

    /// Eats the word and says where it stands.
    pub fn eat_word_at(&mut self, word: &str) -> Option<Span> {
        self.eat_word(word).then(|| self.previous_span())
    }

    /// Eats all of the words in order, or none.
    pub fn eat_words(&mut self, words: &[&str]) -> bool {
        let found = self.at_words(words);
        if found {
            self.at += words.len();
        }
        found
    }

    pub fn eat_words_at(&mut self, words: &[&str]) -> Option<Span> {
        let mark = self.mark();
        self.eat_words(words).then(|| self.since(mark))
    }

    /// Eats one of the words and says which.
    pub fn eat_any_word(&mut self, words: &[&'static str]) -> Option<&'static str> {
        let value = self.peek_word()?;
        let found = words.iter().find(|word| value.eq_ignore_ascii_case(word))?;
        self.at += 1;
        Some(found)
    }

    pub fn eat_if_exists(&mut self) -> bool {
        self.eat_words(&["IF", "EXISTS"])
    }

    pub fn eat_if_not_exists(&mut self) -> bool {
        self.eat_words(&["IF", "NOT", "EXISTS"])
    }

    pub fn expect(&mut self, lexeme: &Lexeme) -> Result<(), SyntaxError> {
        if self.eat(lexeme) { Ok(()) } else { Err(self.error(format!("`{lexeme}`"))) }
    }

    pub fn expect_word(&mut self, word: &'static str) -> Result<Span, SyntaxError> {
        self.eat_word_at(word).ok_or_else(|| self.error(word))
    }

    pub fn expect_words(&mut self, words: &[&'static str]) -> Result<Span, SyntaxError> {
        let mark = self.mark();
        for word in words {
            self.expect_word(word)?;
        }
        Ok(self.since(mark))
    }

    pub fn expect_end(&self) -> Result<(), SyntaxError> {
        if self.is_end() { Ok(()) } else { Err(self.error("the end of the statement")) }
    }

    // -- literals

    /// A character string of any quoting, its quotes resolved; MySQL joins adjacent ones.
    pub fn string(&mut self) -> Result<String, SyntaxError> {
        let mut text = match self.peek().and_then(|lexeme| string_value(lexeme, self.target)) {
            Some(text) => text.to_owned(),
            None => return Err(self.error("a string")),
        };
        self.at += 1;
        while let Some(more) = self.peek().and_then(|lexeme| string_value(lexeme, self.target)) {
            text.push_str(more);
            self.at += 1;
        }
        Ok(text)
    }

    pub fn at_string(&self) -> bool {
        self.peek().is_some_and(|lexeme| string_value(lexeme, self.target).is_some())
    }

    /// A whole number without a sign.
    pub fn number(&mut self) -> Result<u64, SyntaxError> {
        match self.peek() {
            Some(Lexeme::Number(digits, _)) => match digits.parse() {
                Ok(number) => {
                    self.at += 1;
                    Ok(number)
                }
                Err(_) => Err(self.error("a whole number")),
            },
            _ => Err(self.error("a number")),
        }
    }

    // -- groups

    /// Items between commas; at least one.
    pub fn comma_list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T, SyntaxError>) -> Result<Vec<T>, SyntaxError> {
        let mut items = vec![item(self)?];
        while self.eat(&Lexeme::Comma) {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// `( item, … )`; at least one item.
    pub fn paren_list<T>(&mut self, item: impl FnMut(&mut Self) -> Result<T, SyntaxError>) -> Result<Vec<T>, SyntaxError> {
        self.expect(&Lexeme::LParen)?;
        let items = self.comma_list(item)?;
        self.expect(&Lexeme::RParen)?;
        Ok(items)
    }

    /// Eats a parenthesised group whatever it holds, and gives the marks of its inside.
    pub fn skip_parens(&mut self) -> Result<(Mark, Mark), SyntaxError> {
        let start = self.mark();
        self.expect(&Lexeme::LParen)?;
        let inside = self.mark();
        let mut depth = 1usize;
        while let Some(token) = self.advance() {
            match token.token {
                Lexeme::LParen => depth += 1,
                Lexeme::RParen => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok((inside, Mark(self.at - 1)));
                    }
                }
                _ => {}
            }
        }
        self.restore(start);
        Err(self.error("a closing parenthesis"))
    }

    /// Eats up to the next comma or closing parenthesis that belongs to this level, or the end.
    pub fn skip_item(&mut self) -> Span {
        let mark = self.mark();
        let mut depth = 0usize;
        while let Some(lexeme) = self.peek() {
            match lexeme {
                Lexeme::LParen => depth += 1,
                Lexeme::RParen if depth == 0 => break,
                Lexeme::RParen => depth -= 1,
                Lexeme::Comma if depth == 0 => break,
                _ => {}
            }
            self.at += 1;
        }
        self.since(mark)
    }

    /// Eats everything that is left.
    pub fn skip_rest(&mut self) -> Span {
        let mark = self.mark();
        self.at = self.tokens.len();
        self.since(mark)
    }

    // -- notes

    pub fn error(&self, expected: impl Into<Cow<'static, str>>) -> SyntaxError {
        SyntaxError { at: self.span(), expected: expected.into() }
    }

    /// Notes that `span` is accepted by these only; the first such note of a statement counts.
    pub fn needs(&mut self, span: Span, accepted_by: &[Since]) {
        if self.unsupported.is_none() && !accepted_by.iter().any(|since| since.holds(self.target)) {
            let mut titles: Vec<String> = accepted_by.iter().map(|since| since.title()).collect();
            titles.dedup();
            self.unsupported = Some((span, titles.join(" or ")));
        }
    }

    /// Notes that this engine has never accepted `span`.
    pub fn refuse(&mut self, span: Span, needs: impl Into<String>) {
        if self.unsupported.is_none() {
            self.unsupported = Some((span, needs.into()));
        }
    }

    pub fn unsupported(&self) -> Option<&(Span, String)> {
        self.unsupported.as_ref()
    }

    /// Notes that reading stopped at `error` and went on behind it.
    pub fn lose(&mut self, error: SyntaxError) {
        if self.lost.is_none() {
            self.lost = Some(error);
        }
    }

    pub fn lost(&self) -> Option<&SyntaxError> {
        self.lost.as_ref()
    }
}

/// The value of a character string token. Double quotes make strings in MySQL and MariaDB.
pub fn string_value(lexeme: &Lexeme, target: Target) -> Option<&str> {
    match lexeme {
        Lexeme::SingleQuotedString(text)
        | Lexeme::EscapedStringLiteral(text)
        | Lexeme::UnicodeStringLiteral(text)
        | Lexeme::NationalStringLiteral(text) => Some(text),
        Lexeme::DoubleQuotedString(text) if target.engine.is_mysql_family() => Some(text),
        Lexeme::DollarQuotedString(dollar) => Some(&dollar.value),
        _ => None,
    }
}
