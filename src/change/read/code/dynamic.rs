//! Statements kept in strings or by name: PREPARE, EXECUTE, EXECUTE IMMEDIATE.

use sqlparser::tokenizer::Token as Lexeme;

use super::block::Code;
use crate::change::read::engines::{MARIADB, MYSQL, POSTGRES};
use crate::change::read::{Read, Reading, dispatch, read_part};
use crate::change::{Action, Change, Parsing};
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
    let mut changes = string_changes(tokens, reading.text(), reading.target(), reading.whole);
    reading.skip_rest();
    changes.iter_mut().for_each(|change| change.conditional = true);
    Ok(changes)
}

/// `EXECUTE name`: what it runs was read where it was prepared. MariaDB `EXECUTE IMMEDIATE 'text'`.
pub(in crate::change::read) fn execute(reading: &mut Reading) -> Read {
    let span = reading.expect_word("EXECUTE")?;
    reading.needs(span, &[POSTGRES, MYSQL, MARIADB]);
    if let Some(span) = reading.eat_word_at("IMMEDIATE") {
        reading.needs(span, &[MARIADB]);
        let tokens = reading.rest();
        let changes = string_changes(tokens, reading.text(), reading.target(), reading.whole);
        reading.skip_rest();
        return Ok(changes);
    }
    reading.ident()?;
    reading.skip_rest();
    Ok(vec![Change::free(reading.whole, Action::Nothing)])
}

/// PL/pgSQL `EXECUTE expression [INTO …] [USING …]`.
pub(super) fn executed(tokens: &[Token], text: &str, target: Target) -> Vec<Change> {
    let whole = tokens.first().zip(tokens.last()).map_or(Span::default(), |(first, last)| first.span.to(last.span));
    string_changes(tokens.get(1..).unwrap_or(&[]), text, target, whole)
}

/// The changes of a constant string, or the note that the statement cannot be known.
fn string_changes(tokens: &[Token], text: &str, target: Target, whole: Span) -> Vec<Change> {
    let constant = match tokens {
        [only] => Some(only),
        [first, next, ..] if ends_string(next) => Some(first),
        _ => None,
    };
    let Some(constant) = constant else {
        // `format('… %I …', x)`, `'…' || x`: the first string says what kind of statement it is.
        let hint = tokens.iter().find_map(|token| plain(token, target));
        return vec![Change { span: whole, table: None, action: Action::DynamicSql { text: hint }, conditional: false }];
    };
    let Some(value) = plain(constant, target) else {
        return vec![Change { span: whole, table: None, action: Action::DynamicSql { text: None }, conditional: false }];
    };
    let Some(code) = Code::of(constant, text) else {
        return vec![Change { span: whole, table: None, action: Action::DynamicSql { text: Some(value) }, conditional: false }];
    };
    let mut changes = Vec::new();
    for part in code.tokens(target).split(|token| token.token == Lexeme::SemiColon) {
        if part.is_empty() {
            continue;
        }
        let statement = read_part(text, part, target);
        if matches!(statement.parsing, Parsing::Failed { .. }) {
            changes.push(Change::free(whole, Action::DynamicSql { text: Some(value.clone()) }));
        } else {
            changes.extend(statement.changes);
        }
    }
    changes
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
