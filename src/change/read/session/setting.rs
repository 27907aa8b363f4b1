//! Settings of the session or the server.

use sqlparser::tokenizer::{Token as Lexeme, Word};

use super::transaction::{isolation_level, modes};
use crate::change::read::engines::{MARIADB, MYSQL, POSTGRES};
use crate::change::read::{Read, Reading, dispatch};
use crate::change::{Action, Change, SetVariable, SettingScope};
use crate::source::Span;
use crate::sql::{Cursor, Mark, SyntaxError, string_value};

/// `SET …`
pub(in crate::change::read) fn set(reading: &mut Reading) -> Read {
    let span = reading.expect_word("SET")?;
    reading.needs(span, &[POSTGRES, MYSQL, MARIADB]);
    if reading.is_mysql_family() { mysql(reading) } else { postgres(reading) }
}

fn postgres(reading: &mut Reading) -> Read {
    if reading.eat_word("CONSTRAINTS") {
        if !reading.eat_word("ALL") {
            reading.comma_list(|cursor| cursor.object_name())?;
        }
        let deferred = match reading.eat_any_word(&["DEFERRED", "IMMEDIATE"]) {
            Some(word) => word == "DEFERRED",
            None => return Err(reading.error("DEFERRED or IMMEDIATE")),
        };
        reading.expect_end()?;
        return Ok(vec![Change::free(reading.whole, Action::SetConstraints { deferred })]);
    }
    let mut scope = SettingScope::Session;
    if reading.eat_word("LOCAL") {
        scope = SettingScope::Local;
    } else if reading.eat_words(&["SESSION", "CHARACTERISTICS", "AS", "TRANSACTION"]) {
        return transaction(reading, scope);
    } else if !reading.at_word_nth(1, "AUTHORIZATION") || reading.at_words(&["SESSION", "SESSION"]) {
        reading.eat_word("SESSION");
    }
    if reading.eat_word("TRANSACTION") {
        if reading.eat_word("SNAPSHOT") {
            reading.string()?;
            reading.expect_end()?;
            return Ok(vec![Change::free(reading.whole, Action::Nothing)]);
        }
        return transaction(reading, SettingScope::Local);
    }
    let name = if reading.eat_words(&["TIME", "ZONE"]) {
        "timezone".to_owned()
    } else if reading.eat_words(&["SESSION", "AUTHORIZATION"]) {
        "session_authorization".to_owned()
    } else if reading.at_word("ROLE") && !reading.at_nth(1, &Lexeme::Eq) && !reading.at_word_nth(1, "TO") {
        reading.advance();
        "role".to_owned()
    } else if reading.eat_word("NAMES") {
        if reading.is_end() {
            return one(reading, "client_encoding", scope, None, Vec::new());
        }
        "client_encoding".to_owned()
    } else if reading.at_word("SCHEMA") && !reading.at_nth(1, &Lexeme::Eq) {
        reading.advance();
        "search_path".to_owned()
    } else if reading.eat_words(&["XML", "OPTION"]) {
        "xmloption".to_owned()
    } else {
        let mut name = reading.label()?.value.to_ascii_lowercase();
        while reading.eat(&Lexeme::Period) {
            name.push('.');
            name.push_str(&reading.label()?.value.to_ascii_lowercase());
        }
        if reading.eat_words(&["FROM", "CURRENT"]) {
            return one(reading, &name, scope, None, Vec::new());
        }
        if !reading.eat(&Lexeme::Eq) && !reading.eat_word("TO") {
            return Err(reading.error("TO or `=`"));
        }
        name
    };
    let (value, values) = postgres_values(reading)?;
    one(reading, &name, scope, value, values)
}

/// The values behind TO: a list, or DEFAULT.
fn postgres_values(reading: &mut Reading) -> Result<(Option<String>, Vec<String>), SyntaxError> {
    if reading.eat_word("DEFAULT") {
        return Ok((None, Vec::new()));
    }
    let interval = reading.eat_word("INTERVAL");
    let values = reading.comma_list(|cursor| {
        let start = cursor.mark();
        if cursor.at_string() {
            return cursor.string();
        }
        match cursor.peek() {
            Some(Lexeme::Word(word)) => {
                let value = word.value.clone();
                cursor.advance();
                Ok(value)
            }
            Some(Lexeme::Minus | Lexeme::Plus) => {
                cursor.advance();
                match cursor.peek() {
                    Some(Lexeme::Number(..)) => cursor.advance(),
                    _ => return Err(cursor.error("a number")),
                };
                Ok(cursor.since(start).slice(cursor.text()).to_owned())
            }
            Some(Lexeme::Number(number, _)) => {
                cursor.advance();
                Ok(number.clone())
            }
            Some(Lexeme::Placeholder(_)) => {
                cursor.advance();
                Ok(cursor.since(start).slice(cursor.text()).to_owned())
            }
            _ => Err(cursor.error("a value")),
        }
    })?;
    if interval {
        while reading.peek_word().is_some() || reading.at(&Lexeme::LParen) {
            if reading.at(&Lexeme::LParen) {
                reading.skip_parens()?;
            }
            reading.advance();
        }
    }
    Ok((Some(values.join(", ")), values))
}

fn one(reading: &mut Reading, name: &str, scope: SettingScope, value: Option<String>, values: Vec<String>) -> Read {
    reading.expect_end()?;
    let span = reading.whole;
    Ok(vec![Change::free(span, Action::SetVariable(SetVariable { name: name.to_owned(), scope, value, values, span }))])
}

/// `SET TRANSACTION` and its kin; the value is what was written.
fn transaction(reading: &mut Reading, scope: SettingScope) -> Read {
    let start = reading.mark();
    if reading.is_postgres() {
        if !modes(reading)?.1 {
            return Err(reading.error("a transaction mode"));
        }
    } else {
        reading.comma_list_of_modes()?;
    }
    let value = reading.since(start).slice(reading.text()).to_owned();
    one(reading, "transaction", scope, Some(value.clone()), vec![value])
}

impl Reading<'_> {
    fn comma_list_of_modes(&mut self) -> Result<(), SyntaxError> {
        loop {
            if self.eat_words(&["ISOLATION", "LEVEL"]) {
                isolation_level(self)?;
            } else if !self.eat_words(&["READ", "ONLY"]) && !self.eat_words(&["READ", "WRITE"]) {
                return Err(self.error("ISOLATION LEVEL, READ ONLY or READ WRITE"));
            }
            if !self.eat(&Lexeme::Comma) {
                return Ok(());
            }
        }
    }
}

/// PostgreSQL `RESET`, `DISCARD`.
pub(in crate::change::read) fn reset(reading: &mut Reading) -> Read {
    let span = reading.expect_word("RESET")?;
    if reading.is_mysql_family() {
        reading.skip_rest();
        return Ok(vec![Change::free(reading.whole, Action::Nothing)]);
    }
    reading.needs(span, &[POSTGRES]);
    let name = if reading.eat_words(&["TIME", "ZONE"]) {
        "timezone".to_owned()
    } else if reading.eat_words(&["TRANSACTION", "ISOLATION", "LEVEL"]) {
        "transaction".to_owned()
    } else if reading.eat_words(&["SESSION", "AUTHORIZATION"]) {
        "session_authorization".to_owned()
    } else {
        let mut name = reading.label()?.value.to_ascii_lowercase();
        while reading.eat(&Lexeme::Period) {
            name.push('.');
            name.push_str(&reading.label()?.value.to_ascii_lowercase());
        }
        name
    };
    one(reading, &name, SettingScope::Session, None, Vec::new())
}

pub(in crate::change::read) fn discard(reading: &mut Reading) -> Read {
    let span = reading.expect_word("DISCARD")?;
    reading.needs(span, &[POSTGRES]);
    match reading.eat_any_word(&["ALL", "PLANS", "SEQUENCES", "TEMP", "TEMPORARY"]) {
        Some("ALL") => one(reading, "all", SettingScope::Session, None, Vec::new()),
        Some(_) => {
            reading.expect_end()?;
            Ok(vec![Change::free(reading.whole, Action::Nothing)])
        }
        None => Err(reading.error("ALL, PLANS, SEQUENCES or TEMP")),
    }
}

/// MySQL and MariaDB: assignments of variables, and the forms that are named after SET.
fn mysql(reading: &mut Reading) -> Read {
    if reading.eat_word("STATEMENT") {
        let span = reading.previous_span();
        reading.needs(span, &[MARIADB]);
        reading.comma_list(|cursor| {
            cursor.object_name()?;
            cursor.expect(&Lexeme::Eq)?;
            cursor.expression_until(&["FOR"]).map(drop)
        })?;
        reading.expect_word("FOR")?;
        return dispatch::statement(reading).unwrap_or_else(|| Err(reading.error("a statement")));
    }
    if reading.at_any_word(&["PASSWORD", "ROLE", "RESOURCE"]) && !is_assigned(reading) || reading.at_words(&["DEFAULT", "ROLE"]) {
        reading.skip_rest();
        return Ok(vec![Change::free(reading.whole, Action::Nothing)]);
    }
    let start = reading.mark();
    let scope = scope(reading);
    if reading.eat_word("TRANSACTION") {
        return transaction(reading, scope.unwrap_or(SettingScope::Local));
    }
    reading.restore(start);
    let mut inherited = SettingScope::Session;
    let changes = reading.comma_list(|cursor| {
        let set = assignment(cursor, &mut inherited)?;
        Ok(Change::free(set.span, Action::SetVariable(set)))
    })?;
    reading.expect_end()?;
    Ok(changes)
}

fn is_assigned(reading: &Reading) -> bool {
    matches!(reading.peek_nth(1), Some(Lexeme::Eq | Lexeme::Assignment)) && !reading.at_word("PASSWORD")
}

fn scope(cursor: &mut Cursor) -> Option<SettingScope> {
    match cursor.eat_any_word(&["GLOBAL", "SESSION", "LOCAL", "PERSIST", "PERSIST_ONLY"])? {
        "SESSION" | "LOCAL" => Some(SettingScope::Session),
        _ => Some(SettingScope::Global),
    }
}

/// One assignment; a scope word holds for those after it too.
fn assignment(cursor: &mut Cursor, inherited: &mut SettingScope) -> Result<SetVariable, SyntaxError> {
    let start = cursor.mark();
    if cursor.eat_word("NAMES")
        || cursor.eat_words(&["CHARACTER", "SET"])
        || cursor.eat_words(&["CHAR", "SET"])
        || cursor.eat_word("CHARSET")
    {
        let value = if cursor.at_string() { cursor.string()? } else { cursor.label()?.value };
        if cursor.eat_word("COLLATE") && !cursor.at_string() {
            cursor.label()?;
        } else if cursor.at_string() {
            cursor.string()?;
        }
        let values = vec![value.clone()];
        return Ok(SetVariable {
            name: "names".into(),
            scope: SettingScope::Session,
            value: Some(value),
            values,
            span: cursor.since(start),
        });
    }
    let before = cursor.mark();
    if !matches!(cursor.peek_nth(1), Some(Lexeme::Eq | Lexeme::Assignment))
        && let Some(scope) = scope(cursor)
    {
        *inherited = scope;
    } else {
        cursor.restore(before);
    }
    let (name, scope) = variable(cursor, *inherited)?;
    if !cursor.eat(&Lexeme::Eq) && !cursor.eat(&Lexeme::Assignment) {
        return Err(cursor.error("`=`"));
    }
    let from = cursor.mark();
    cursor.expression_until(&[])?;
    let value = plain_value(cursor, from);
    Ok(SetVariable { name, scope, values: value.clone().into_iter().collect(), value, span: cursor.since(start) })
}

/// `x`, `@x`, `@@x`, `@@session.x`, `cache.x`, and what scope it has.
fn variable(cursor: &mut Cursor, inherited: SettingScope) -> Result<(String, SettingScope), SyntaxError> {
    let written = match cursor.peek() {
        Some(Lexeme::Word(Word { value, .. })) => value.clone(),
        Some(Lexeme::AtSign) => "@".to_owned(),
        _ => return Err(cursor.error("a variable")),
    };
    if let Some(system) = written.strip_prefix("@@") {
        cursor.advance();
        let mut name = system.to_ascii_lowercase();
        let mut scope = inherited;
        while cursor.eat(&Lexeme::Period) {
            match name.as_str() {
                "global" | "persist" | "persist_only" => scope = SettingScope::Global,
                "session" | "local" => scope = SettingScope::Session,
                _ => {}
            }
            name = cursor.label()?.value.to_ascii_lowercase();
        }
        return Ok((name, scope));
    }
    if let Some(user) = written.strip_prefix('@') {
        cursor.advance();
        let mut name = user.to_ascii_lowercase();
        // `@'name'`, @`name`, `@a.b`
        if name.is_empty() {
            name = if cursor.at_string() { cursor.string()? } else { cursor.label()?.value };
        }
        while cursor.eat(&Lexeme::Period) {
            name.push('.');
            name.push_str(&cursor.label()?.value);
        }
        return Ok((name, SettingScope::User));
    }
    let mut name = cursor.label()?.value.to_ascii_lowercase();
    while cursor.eat(&Lexeme::Period) {
        // `NEW.column` in a trigger; structured variables (`hot.key_buffer_size`).
        name.push('.');
        name.push_str(&cursor.label()?.value.to_ascii_lowercase());
    }
    Ok((name, inherited))
}

/// The text of a value without its quotes; `None` for DEFAULT.
fn plain_value(cursor: &Cursor, from: Mark) -> Option<String> {
    let tokens = cursor.tokens_between(from, cursor.mark());
    match tokens {
        [only] if matches!(&only.token, Lexeme::Word(word) if word.value.eq_ignore_ascii_case("DEFAULT")) => None,
        [only] => {
            let text = string_value(&only.token, cursor.target()).map(str::to_owned);
            Some(text.unwrap_or_else(|| only.span.slice(cursor.text()).to_owned()))
        }
        _ => Some(text_of(cursor.between(from, cursor.mark()), cursor.text())),
    }
}

fn text_of(span: Span, text: &str) -> String {
    span.slice(text).to_owned()
}
