//! Statements kept in strings or by name: PREPARE, EXECUTE, EXECUTE IMMEDIATE.

use sqlparser::tokenizer::Token as Lexeme;

use super::block::{Code, plain_statement};
use crate::change::read::engines::{MARIADB, MYSQL, POSTGRES};
use crate::change::read::{Read, Reading, dispatch, read_part};
use crate::change::{Action, Change, Parsing, Statement};
use crate::engine::Target;
use crate::source::Span;
use crate::sql::{Token, string_value};

/// PostgreSQL `PREPARE name AS statement`; MySQL `PREPARE name FROM 'statement' | @variable`.
pub(in crate::change::read) fn prepare(reading: &mut Reading) -> Read {
    let span = reading.expect_word("PREPARE")?;
    reading.needs(span, &[POSTGRES, MYSQL, MARIADB]);
    reading.ident()?;
    if reading.is_mysql_family() {
        reading.expect_word("FROM")?;
        return prepared_string(reading);
    }
    if reading.at(&Lexeme::LParen) {
        reading.skip_parens()?;
    }
    reading.expect_word("AS")?;
    let Some(read) = dispatch::statement(reading) else { return Err(reading.error("a statement")) };
    let mut changes = read?;
    changes.iter_mut().for_each(|change| change.conditional = true);
    Ok(changes)
}

/// A string that is run sooner or later, or a variable nobody can look into.
fn prepared_string(reading: &mut Reading) -> Read {
    let tokens = reading.rest();
    if tokens.is_empty() {
        return Err(reading.error("a string or a variable"));
    }
    // A variable that holds a constant is as good as the constant.
    let held = super::variable::constant(tokens, reading.text(), reading.target());
    let tokens = held.as_ref().map_or(tokens, std::slice::from_ref);
    let mut inner = string_statements(tokens, reading.text(), reading.target(), reading.whole);
    reading.skip_rest();
    inner.iter_mut().flat_map(|statement| &mut statement.changes).for_each(|change| change.conditional = true);
    Ok(alone(reading, inner))
}

/// `EXECUTE name`: what it runs was read where it was prepared. MariaDB `EXECUTE IMMEDIATE 'text'`.
pub(in crate::change::read) fn execute(reading: &mut Reading) -> Read {
    let span = reading.expect_word("EXECUTE")?;
    reading.needs(span, &[POSTGRES, MYSQL, MARIADB]);
    if let Some(span) = reading.eat_word_at("IMMEDIATE") {
        reading.needs(span, &[MARIADB]);
        let tokens = reading.rest();
        let inner = string_statements(tokens, reading.text(), reading.target(), reading.whole);
        reading.skip_rest();
        return Ok(alone(reading, inner));
    }
    reading.ident()?;
    reading.skip_rest();
    Ok(vec![Change::free(reading.whole, Action::Nothing)])
}

/// The changes of a string that holds one statement, which steers the whole; several are parts.
fn alone(reading: &mut Reading, mut inner: Vec<Statement>) -> Vec<Change> {
    match (inner.len(), inner.pop()) {
        (1, Some(only)) if only.parts.is_empty() => {
            reading.modifiers = only.modifiers;
            only.changes
        }
        (_, last) => {
            inner.extend(last);
            reading.inner = inner;
            Vec::new()
        }
    }
}

/// PL/pgSQL `EXECUTE expression [INTO …] [USING …]`.
pub(super) fn executed(tokens: &[Token], text: &str, target: Target) -> Vec<Statement> {
    let whole = tokens.first().zip(tokens.last()).map_or(Span::default(), |(first, last)| first.span.to(last.span));
    string_statements(tokens.get(1..).unwrap_or(&[]), text, target, whole)
}

/// The statements of a constant string, or the note that they cannot be known.
fn string_statements(tokens: &[Token], text: &str, target: Target, whole: Span) -> Vec<Statement> {
    let unknown = |text: Option<String>| plain_statement("EXECUTE", Change::free(whole, Action::DynamicSql { text }));
    let constant = match tokens {
        [only] => Some(only),
        [first, next, ..] if ends_string(next) => Some(first),
        _ => None,
    };
    let Some(constant) = constant else {
        // `format('… %I …', x)`, `'…' || x`: the first string says what kind of statement it is.
        let head = tokens.iter().find_map(|token| plain(token, target));
        if is_query(tokens, target) {
            return vec![plain_statement("EXECUTE", Change::free(whole, Action::Nothing))];
        }
        return vec![unknown(head)];
    };
    let Some(value) = plain(constant, target) else { return vec![unknown(None)] };
    let Some(code) = Code::of(constant, text) else { return vec![unknown(Some(value))] };
    let tokens = code.tokens(target);
    let parts = tokens.split(|token| token.token == Lexeme::SemiColon).filter(|part| !part.is_empty());
    let read = parts.map(|part| {
        let statement = read_part(text, part, target);
        if matches!(statement.parsing, Parsing::Failed { .. }) { unknown(Some(value.clone())) } else { statement }
    });
    read.collect()
}

/// `'SELECT … ' || x INTO y`: whatever it is put together from, it reads a row into a variable. A query
/// whose result nobody takes is there for what it calls.
fn is_query(tokens: &[Token], target: Target) -> bool {
    let format =
        tokens.first().is_some_and(|token| matches!(&token.token, Lexeme::Word(word) if word.value.eq_ignore_ascii_case("format")));
    let head = tokens.get(if format { 2 } else { 0 }).and_then(|token| plain(token, target)).unwrap_or_default();
    let mut words = head.split_whitespace();
    let selects = words.next().is_some_and(|word| word.eq_ignore_ascii_case("select")) && words.next().is_some();
    let calls = head.contains('(') && !head.to_ascii_lowercase().contains(" from ");
    let mut depth = 0i32;
    let into = tokens.iter().any(|token| {
        match &token.token {
            Lexeme::LParen => depth += 1,
            Lexeme::RParen => depth -= 1,
            _ => {}
        }
        depth == 0 && matches!(&token.token, Lexeme::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("INTO"))
    });
    selects && !calls && into
}

fn plain(token: &Token, target: Target) -> Option<String> {
    match &token.token {
        Lexeme::DollarQuotedString(quoted) => Some(quoted.value.clone()),
        lexeme => string_value(lexeme, target).map(str::to_owned),
    }
}

fn ends_string(token: &Token) -> bool {
    matches!(&token.token, Lexeme::Word(word) if word.value.eq_ignore_ascii_case("USING") || word.value.eq_ignore_ascii_case("INTO"))
}
