//! Code that runs at once: DO, MariaDB's BEGIN NOT ATOMIC.

use std::borrow::Cow;

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token as Lexeme, Word};

use super::body;
use super::dynamic;
use crate::change::read::engines::{MARIADB, MYSQL, POSTGRES};
use crate::change::read::{Read, Reading, read_part};
use crate::change::{Action, Change, Parsing, Statement, StatementModifiers};
use crate::engine::{Engine, Target};
use crate::source::Span;
use crate::sql::{Token, tokenise_at};

/// PostgreSQL `DO [LANGUAGE x] 'code'`; MySQL `DO expression`.
pub(in crate::change::read) fn do_block(reading: &mut Reading) -> Read {
    let span = reading.expect_word("DO")?;
    reading.needs(span, &[POSTGRES, MYSQL, MARIADB]);
    if reading.is_mysql_family() {
        let from = reading.mark();
        reading.comma_list(|cursor| cursor.expression_until(&[]).map(drop))?;
        let facts = reading.facts_between(from, reading.mark());
        let action = Action::Select { reads: facts.reads, calls: facts.calls, locks_rows: false };
        return Ok(vec![Change::free(reading.whole, action)]);
    }
    let mut language = "plpgsql".to_owned();
    let mut code = None;
    while !reading.is_end() {
        if reading.eat_word("LANGUAGE") {
            language = reading.name_or_string()?;
        } else if let Some(token) = reading.rest().first().filter(|_| code.is_none()) {
            code = Some(Code::of(token, reading.text()).ok_or_else(|| reading.error("a string of code"))?);
            reading.advance();
        } else {
            return Err(reading.error("the end of the statement"));
        }
    }
    let Some(code) = code else { return Err(reading.error("a string of code")) };
    if language.eq_ignore_ascii_case("plpgsql") {
        reading.inner = inner_statements(&code.tokens(reading.target()), reading.text(), reading.target());
    }
    Ok(vec![Change::free(reading.whole, Action::Block { language })])
}

/// MariaDB: a compound statement outside a routine.
pub(in crate::change::read) fn anonymous_block(reading: &mut Reading) -> Read {
    let span = reading.span();
    reading.needs(span, &[MARIADB]);
    reading.inner = inner_statements(reading.rest(), reading.text(), reading.target());
    reading.skip_rest();
    Ok(vec![Change::free(reading.whole, Action::Block { language: "sql".into() })])
}

/// The code inside a string token, whose tokens have the script's offsets.
pub(super) struct Code<'a> {
    text: Cow<'a, str>,
    /// Where each byte of the text stands in the script, and its end; empty where it stands there
    /// as it is.
    places: Vec<u32>,
    pub span: Span,
}

impl<'a> Code<'a> {
    /// The code of a string token; `None` for other tokens.
    pub fn of(token: &Token, script: &'a str) -> Option<Code<'a>> {
        let raw = token.span.slice(script);
        let (prefix, outer) = match &token.token {
            Lexeme::DollarQuotedString(quoted) => {
                let tag = quoted.tag.as_ref().map_or(0, String::len) + 2;
                let inside = raw.get(tag..raw.len().checked_sub(tag)?)?;
                return Some(Code::verbatim(inside, token.span.start + u32::try_from(tag).ok()?));
            }
            Lexeme::SingleQuotedString(_) => (0, '\''),
            Lexeme::DoubleQuotedString(_) => (0, '"'),
            Lexeme::EscapedStringLiteral(_) => (1, '\''),
            _ => return None,
        };
        // A string in a string begins with two quotes, one in that with four; an odd number of
        // times that, where it begins with quotes of its own.
        let quotes = raw.get(prefix..)?.chars().take_while(|c| *c == outer).count();
        let mut width = 1 << quotes.trailing_zeros().min(8);
        // `''` holds nothing, and its quotes are all there is.
        while width > 1 && 2 * width > raw.len() - prefix {
            width /= 2;
        }
        let inside = raw.get(prefix + width..raw.len().checked_sub(width)?)?;
        Some(Code::quoted(inside, token.span.start + u32::try_from(prefix + width).ok()?, outer, width))
    }

    /// Code that stands at `start` as it is.
    pub fn verbatim(inside: &'a str, start: u32) -> Code<'a> {
        Code { text: Cow::Borrowed(inside), places: Vec::new(), span: over(inside, start) }
    }

    /// Code between quotes that are `width` characters wide, and twice that within it.
    pub fn quoted(inside: &'a str, start: u32, outer: char, width: usize) -> Code<'a> {
        if !inside.contains([outer, '\\']) {
            return Code::verbatim(inside, start);
        }
        let mut text = String::with_capacity(inside.len());
        let mut places = Vec::with_capacity(inside.len() + 1);
        let mut at = 0;
        while let Some(c) = inside.get(at..).and_then(|rest| rest.chars().next()) {
            let rest = inside.get(at..).unwrap_or_default();
            let (plain, length) = match (c, rest.chars().nth(1)) {
                (quote, _) if quote == outer && rest.chars().take_while(|c| *c == outer).take(2 * width).count() == 2 * width => {
                    (quote, 2 * width)
                }
                ('\\', Some(escaped @ ('\'' | '"' | '\\'))) => (escaped, 2),
                ('\\', Some('n' | 'r' | 't')) => ('\n', 2),
                _ => (c, c.len_utf8()),
            };
            text.push(plain);
            places.resize(text.len(), start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX)));
            at += length;
        }
        let span = over(inside, start);
        places.push(span.end);
        Code { text: Cow::Owned(text), places, span }
    }

    pub fn tokens(&self, target: Target) -> Vec<Token> {
        if self.places.is_empty() {
            return tokenise_at(&self.text, self.span.start, target);
        }
        let place = |at: u32| self.places.get(at as usize).copied().unwrap_or(self.span.end);
        let mut tokens = tokenise_at(&self.text, 0, target);
        tokens.iter_mut().for_each(|token| token.span = Span::new(place(token.span.start), place(token.span.end)));
        tokens
    }
}

fn over(inside: &str, start: u32) -> Span {
    Span::new(start, start.saturating_add(u32::try_from(inside.len()).unwrap_or(u32::MAX)))
}

/// The statements of a body that do something.
pub(super) fn inner_statements(tokens: &[Token], text: &str, target: Target) -> Vec<Statement> {
    let mut statements = Vec::new();
    for inner in body::statements(tokens, target) {
        let part = &tokens[inner.tokens.clone()];
        let mut found = if inner.expression { expression(part, target) } else { inner_statement(part, text, target) };
        if inner.conditional {
            found.iter_mut().flat_map(|statement| &mut statement.changes).for_each(|change| change.conditional = true);
        }
        statements.extend(found);
    }
    statements
}

/// What one statement of a body comes to: itself, or the statements of the string it runs.
fn inner_statement(tokens: &[Token], text: &str, target: Target) -> Vec<Statement> {
    let Some(Lexeme::Word(first)) = tokens.first().map(|token| &token.token) else { return Vec::new() };
    let is = |word: &str| first.value.eq_ignore_ascii_case(word);
    if target.engine == Engine::Postgres && is("EXECUTE") {
        return dynamic::executed(tokens, text, target);
    }
    // INTO puts a row into variables here.
    let mut tokens = without_into(tokens);
    if target.engine == Engine::Postgres && is("RETURN") {
        // RETURN QUERY statement, RETURN QUERY EXECUTE string.
        if word_is(&tokens, 2, "EXECUTE") {
            return dynamic::executed(tokens.get(2..).unwrap_or_default(), text, target);
        }
        if !STATEMENTS.iter().any(|verb| word_is(&tokens, 2, verb)) {
            return expression(&tokens, target);
        }
        tokens.drain(..2);
    } else if target.engine == Engine::Postgres && is("PERFORM") {
        if word_is(&tokens, 1, "SET_CONFIG") || word_is(&tokens, 3, "SET_CONFIG") {
            // A setting for what follows.
            let word = Word { value: "SELECT".to_owned(), quote_style: None, keyword: Keyword::SELECT };
            if let Some(first) = tokens.first_mut() {
                first.token = Lexeme::Word(word);
            }
            return vec![read_part(text, &tokens, target)];
        }
        return vec![query_statement(&tokens, target)];
    } else if !VERBS.iter().any(|verb| is(verb)) {
        return Vec::new();
    }
    let statement = read_part(text, &tokens, target);
    let kept = match statement.parsing {
        Parsing::Complete | Parsing::Partial { .. } | Parsing::Unsupported { .. } => true,
        // Rows with variables where names stand are common; schema changes are worth a note.
        Parsing::Failed { .. } => ["CREATE", "ALTER", "DROP"].iter().any(|verb| is(verb)),
    };
    if kept { vec![statement] } else { Vec::new() }
}

/// A value: worth a statement when it reads or calls something.
fn expression(tokens: &[Token], target: Target) -> Vec<Statement> {
    let statement = query_statement(tokens, target);
    let empty = |change: &Change| matches!(&change.action, Action::Select { reads, calls, .. } if reads.is_empty() && calls.is_empty());
    if statement.changes.iter().all(empty) { Vec::new() } else { vec![statement] }
}

fn word_is(tokens: &[Token], at: usize, word: &str) -> bool {
    matches!(tokens.get(at).map(|token| &token.token), Some(Lexeme::Word(found)) if found.value.eq_ignore_ascii_case(word))
}

/// A query whose rows go nowhere: what it reads and calls is told from its words.
pub(super) fn query_statement(tokens: &[Token], target: Target) -> Statement {
    let facts = crate::change::read::query::query_facts(tokens, target);
    let span = tokens.first().zip(tokens.last()).map_or(Span::default(), |(first, last)| first.span.to(last.span));
    let action = Action::Select { reads: facts.reads, calls: facts.calls, locks_rows: facts.locks_rows };
    plain_statement("SELECT", Change::free(span, action))
}

pub(super) fn plain_statement(verb: &str, change: Change) -> Statement {
    Statement {
        span: change.span,
        verb: verb.to_owned(),
        changes: vec![change],
        modifiers: StatementModifiers::default(),
        parsing: Parsing::Complete,
        parts: Vec::new(),
    }
}

/// What RETURN QUERY may run beside queries.
const STATEMENTS: &[&str] = &["INSERT", "UPDATE", "DELETE", "MERGE", "WITH"];

/// Words that begin a statement with effects of its own.
const VERBS: &[&str] = &[
    "CREATE", "ALTER", "DROP", "TRUNCATE", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "WITH", "SELECT", "LOCK", "COMMENT", "GRANT",
    "REVOKE", "SET", "RESET", "REFRESH", "CALL", "COPY", "REINDEX", "ANALYZE", "CLUSTER", "VACUUM", "COMMIT", "ROLLBACK", "RENAME",
    "SECURITY", "OPTIMIZE", "PREPARE", "EXECUTE",
];

/// The statement without `INTO [STRICT] variable, …`, where that is not INSERT's or MERGE's own.
fn without_into(tokens: &[Token]) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match &token.token {
            Lexeme::LParen => depth += 1,
            Lexeme::RParen => depth = depth.saturating_sub(1),
            Lexeme::Word(word) if depth == 0 && at > 0 && word.quote_style.is_none() && word.value.eq_ignore_ascii_case("INTO") => {
                let own = matches!(&tokens[at - 1].token, Lexeme::Word(before) if ["INSERT", "MERGE", "REPLACE", "IGNORE"].iter().any(|verb| before.value.eq_ignore_ascii_case(verb)));
                if !own {
                    at = after_targets(tokens, at + 1);
                    continue;
                }
            }
            _ => {}
        }
        out.push(token.clone());
        at += 1;
    }
    out
}

/// After `[STRICT] a, b.c`.
fn after_targets(tokens: &[Token], mut at: usize) -> usize {
    let word = |at: usize, is: &str| matches!(tokens.get(at).map(|token| &token.token), Some(Lexeme::Word(word)) if word.value.eq_ignore_ascii_case(is));
    if word(at, "STRICT") {
        at += 1;
    }
    loop {
        at += 1;
        match tokens.get(at).map(|token| &token.token) {
            Some(Lexeme::Comma | Lexeme::Period) => at += 1,
            _ => return at,
        }
    }
}
