//! Triggers.

use sqlparser::tokenizer::Token as Lexeme;

use super::body;
use crate::change::read::engines::{MARIADB, POSTGRES, SQLITE};
use crate::change::read::mentions::{mentions, row_columns};
use crate::change::read::query::query_facts;
use crate::change::read::{Read, Reading, read_part};
use crate::change::{Action, Change, CreateTrigger, Ident, ObjectName, RowName, Statement, TriggerEvent, TriggerTiming};
use crate::engine::Engine;
use crate::sql::{Mark, Since, SyntaxError, Token};

/// `CREATE TRIGGER name timing event ON table …`
pub(in crate::change::read) fn create_trigger(reading: &mut Reading) -> Read {
    let before = reading.past_noun("TRIGGER")?;
    if before.or_replace {
        reading.needs(before.replace_span, &[Since(Engine::Postgres, 14, 0, 0), MARIADB]);
    }
    let start = reading.mark();
    let if_not_exists = reading.eat_if_not_exists();
    if if_not_exists {
        let span = reading.since(start);
        reading.needs(span, &[SQLITE, MARIADB, Since(Engine::Mysql, 8, 0, 29)]);
    }
    let name = reading.object_name()?;
    let timing = timing(reading)?;
    let mut events = vec![event(reading)?];
    while let Some(span) = reading.eat_word_at("OR") {
        reading.needs(span, &[POSTGRES, Since(Engine::Mariadb, 12, 0, 0)]);
        events.push(event(reading)?);
    }
    reading.expect_word("ON")?;
    let table = reading.object_name()?;
    let mut trigger = CreateTrigger {
        name,
        or_replace: before.or_replace,
        if_not_exists,
        constraint: before.constraint,
        temporary: before.temporary,
        timing,
        events,
        transition: false,
        for_each_row: !reading.is_postgres(),
        when: None,
        function: None,
        from: None,
        body: Vec::new(),
        row_columns: Vec::new(),
        mentions: Vec::new(),
        words: Vec::new(),
        row_names: Vec::new(),
        beside: None,
    };
    if reading.is_postgres() {
        postgres(reading, &mut trigger)?
    } else {
        with_body(reading, &mut trigger)?
    }
    reading.expect_end()?;
    Ok(vec![Change::on(table, reading.whole, Action::CreateTrigger(Box::new(trigger)))])
}

fn timing(reading: &mut Reading) -> Result<TriggerTiming, SyntaxError> {
    if let Some(span) = reading.eat_words_at(&["INSTEAD", "OF"]) {
        reading.needs(span, &[POSTGRES, SQLITE]);
        return Ok(TriggerTiming::InsteadOf);
    }
    match reading.eat_any_word(&["BEFORE", "AFTER"]) {
        Some("AFTER") => Ok(TriggerTiming::After),
        Some(_) => Ok(TriggerTiming::Before),
        // SQLite's default.
        None if reading.is_sqlite() => Ok(TriggerTiming::Before),
        None => Err(reading.error("BEFORE or AFTER")),
    }
}

fn event(reading: &mut Reading) -> Result<TriggerEvent, SyntaxError> {
    match reading.eat_any_word(&["INSERT", "UPDATE", "DELETE", "TRUNCATE"]) {
        Some("INSERT") => Ok(TriggerEvent::Insert),
        Some("DELETE") => Ok(TriggerEvent::Delete),
        Some("TRUNCATE") => {
            let span = reading.previous_span();
            reading.needs(span, &[POSTGRES]);
            Ok(TriggerEvent::Truncate)
        }
        Some(_) if reading.at_word("OF") => {
            let span = reading.span();
            reading.needs(span, &[POSTGRES, SQLITE, Since(Engine::Mariadb, 11, 8, 0)]);
            reading.advance();
            Ok(TriggerEvent::Update(reading.comma_list(|cursor| cursor.column())?))
        }
        Some(_) => Ok(TriggerEvent::Update(Vec::new())),
        None => Err(reading.error("INSERT, UPDATE or DELETE")),
    }
}

/// `[FROM t] [deferral] [REFERENCING …] [FOR EACH ROW] [WHEN (…)] EXECUTE FUNCTION f(…)`
fn postgres(reading: &mut Reading, trigger: &mut CreateTrigger) -> Result<(), SyntaxError> {
    if reading.eat_word("FROM") {
        trigger.from = Some(reading.object_name()?);
    }
    while reading.deferral()?.is_some() {}
    if reading.eat_word("REFERENCING") {
        let span = reading.previous_span();
        reading.needs(span, &[Since(Engine::Postgres, 10, 0, 0)]);
        trigger.transition = true;
        while reading.eat_any_word(&["OLD", "NEW"]).is_some() {
            if reading.eat_any_word(&["TABLE", "ROW"]).is_none() {
                return Err(reading.error("TABLE"));
            }
            reading.eat_word("AS");
            reading.ident()?;
        }
    }
    if reading.eat_word("FOR") {
        reading.eat_word("EACH");
        match reading.eat_any_word(&["ROW", "STATEMENT"]) {
            Some(word) => trigger.for_each_row = word == "ROW",
            None => return Err(reading.error("ROW or STATEMENT")),
        }
    }
    if reading.eat_word("WHEN") {
        let start = reading.mark();
        trigger.when = Some(reading.paren_expression()?);
        let tokens = reading.tokens_between(start, reading.mark());
        trigger.row_columns = row_columns(tokens);
        trigger.words = mentions(tokens);
    }
    reading.expect_word("EXECUTE")?;
    match reading.eat_any_word(&["FUNCTION", "PROCEDURE"]) {
        Some("FUNCTION") => {
            let span = reading.previous_span();
            reading.needs(span, &[Since(Engine::Postgres, 11, 0, 0)]);
        }
        Some(_) => {}
        None => return Err(reading.error("FUNCTION")),
    }
    trigger.function = Some(reading.object_name()?);
    reading.skip_parens()?;
    Ok(())
}

/// MySQL, MariaDB and SQLite: the trigger carries its statements.
fn with_body(reading: &mut Reading, trigger: &mut CreateTrigger) -> Result<(), SyntaxError> {
    let each_row = reading.eat_words(&["FOR", "EACH", "ROW"]);
    if !each_row && reading.is_mysql_family() {
        return Err(reading.error("FOR EACH ROW"));
    }
    let code = reading.mark();
    if reading.is_sqlite() {
        if reading.eat_word("WHEN") {
            trigger.when = Some(reading.expression_until(&["BEGIN"])?);
        }
        if !reading.at_word("BEGIN") {
            return Err(reading.error("BEGIN"));
        }
    } else if reading.eat_any_word(&["FOLLOWS", "PRECEDES"]).is_some() {
        trigger.beside = Some(reading.ident()?);
    }
    if reading.is_end() {
        return Err(reading.error("the body"));
    }
    let start = reading.mark();
    reading.skip_rest();
    let end = reading.mark();
    if reading.is_sqlite() && !ends_with_end(reading, start, end) {
        return Err(reading.error("END"));
    }
    let tokens = reading.tokens_between(start, end);
    for inner in body::statements(tokens, reading.target()) {
        trigger.body.push(read_part(reading.text(), &tokens[inner.tokens], reading.target()));
    }
    let all = reading.tokens_between(code, end);
    trigger.row_columns = row_columns(all);
    trigger.words = mentions(all);
    if reading.is_mysql_family() {
        trigger.row_names = row_names(all);
    }
    trigger.mentions = mentioned_tables(&trigger.body);
    for name in query_facts(all, reading.target()).reads {
        if !trigger.mentions.contains(&name) {
            trigger.mentions.push(name);
        }
    }
    Ok(())
}

fn ends_with_end(reading: &Reading, start: Mark, end: Mark) -> bool {
    let last = reading.tokens_between(start, end).iter().rev().find(|token| token.token != Lexeme::SemiColon);
    matches!(last.map(|token| &token.token), Some(Lexeme::Word(word)) if word.value.eq_ignore_ascii_case("END"))
}

/// The tables the statements of a body write.
fn mentioned_tables(body: &[Statement]) -> Vec<ObjectName> {
    let mut names: Vec<ObjectName> = Vec::new();
    for name in body.iter().flat_map(|statement| &statement.changes).filter_map(|change| change.table.as_ref()) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// `NEW.column` and `OLD.column` in order, and which of them SET gives a value.
fn row_names(tokens: &[Token]) -> Vec<RowName> {
    let mut names = Vec::new();
    let (mut depth, mut setting) = (0_usize, None);
    for (at, token) in tokens.iter().enumerate() {
        match &token.token {
            Lexeme::LParen => depth += 1,
            Lexeme::RParen => depth = depth.saturating_sub(1),
            Lexeme::SemiColon => setting = None,
            Lexeme::Word(word) if word.value.eq_ignore_ascii_case("SET") => setting = Some(depth),
            Lexeme::Word(row) if row.value.eq_ignore_ascii_case("NEW") || row.value.eq_ignore_ascii_case("OLD") => {
                let next = |ahead: usize| tokens.get(at + ahead).map(|token| &token.token);
                let (Some(Lexeme::Period), Some(Lexeme::Word(column))) = (next(1), next(2)) else { continue };
                let before = at.checked_sub(1).and_then(|at| tokens.get(at)).map(|token| &token.token);
                let begins = match before {
                    Some(Lexeme::Word(word)) => word.value.eq_ignore_ascii_case("SET"),
                    Some(Lexeme::Comma) => setting == Some(depth),
                    _ => false,
                };
                let span = tokens.get(at + 2).map_or(token.span, |token| token.span);
                names.push(RowName {
                    old: row.value.eq_ignore_ascii_case("OLD"),
                    column: Ident::new(column.value.clone(), span),
                    set: begins && matches!(next(3), Some(Lexeme::Eq | Lexeme::Assignment)),
                });
            }
            _ => {}
        }
    }
    names
}
