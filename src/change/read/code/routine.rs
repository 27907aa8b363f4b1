//! Functions and procedures.

use sqlparser::tokenizer::Token as Lexeme;

use super::block::{Code, inner_statements, query_statement};
use crate::change::read::engines::MARIADB;
use crate::change::read::{Read, Reading, read_part};
use crate::change::{Action, Change, CreateRoutine, DataType, ObjectKind, Parameter, Parsing, RoutineKind, Statement, Volatility};
use crate::engine::{Engine, Target};
use crate::source::Span;
use crate::sql::{Cursor, Since, SyntaxError, Token};

/// `CREATE [OR REPLACE] FUNCTION | PROCEDURE name (arguments) …`
pub(in crate::change::read) fn create_routine(reading: &mut Reading, noun: &str) -> Read {
    let before = reading.past_noun(noun)?;
    if before.or_replace && reading.is_mysql_family() {
        reading.needs(before.replace_span, &[MARIADB]);
    }
    let if_not_exists = reading.eat_if_not_exists();
    if if_not_exists {
        let span = reading.previous_span();
        reading.needs(span, &[Since(Engine::Mysql, 8, 0, 29), MARIADB]);
    }
    let name = reading.object_name()?;
    let kind = if noun == "PROCEDURE" { RoutineKind::Procedure } else { RoutineKind::Function };
    let mut routine = CreateRoutine {
        name,
        kind,
        or_replace: before.or_replace,
        if_not_exists,
        language: "sql".into(),
        volatility: Volatility::Volatile,
        arguments: 0,
        required: 0,
        parameters: Vec::new(),
        returns: None,
        body: None,
        body_text: None,
        security_definer: reading.is_mysql_family(),
        search_path: None,
        atomic: false,
    };
    if reading.is_mysql_family() && reading.at_word("RETURNS") && reading.has_word_within("SONAME", 4) {
        reading.skip_rest();
        return Ok(vec![Change::free(reading.whole, Action::CreateRoutine(Box::new(routine)))]);
    }
    arguments(reading, &mut routine)?;
    if reading.is_mysql_family() {
        mysql(reading, &mut routine)?
    } else {
        postgres(reading, &mut routine)?
    }
    Ok(vec![Change::free(reading.whole, Action::CreateRoutine(Box::new(routine)))])
}

/// The parameters; how many arguments must go in, and how many may.
fn arguments(reading: &mut Reading, routine: &mut CreateRoutine) -> Result<(), SyntaxError> {
    reading.expect(&Lexeme::LParen)?;
    if reading.eat(&Lexeme::RParen) {
        return Ok(());
    }
    loop {
        if matches!(reading.peek(), Some(Lexeme::Comma | Lexeme::RParen)) {
            return Err(reading.error("an argument"));
        }
        // `OUT` goes out; a name `out` is followed by a type. A procedure's are given all the same.
        let named = !matches!(reading.peek_nth(1), Some(Lexeme::Comma | Lexeme::RParen));
        let out = reading.is_postgres() && reading.at_word("OUT") && named;
        let variadic = reading.is_postgres() && reading.at_word("VARIADIC") && named;
        let start = reading.mark();
        reading.skip_item();
        let item = reading.part(start, reading.mark());
        let optional = item.rest().iter().any(|token| match &token.token {
            Lexeme::Eq | Lexeme::Assignment => true,
            Lexeme::Word(word) => word.quote_style.is_none() && word.value.eq_ignore_ascii_case("DEFAULT"),
            _ => false,
        });
        if variadic {
            routine.arguments = MANY;
        } else if !out || routine.kind == RoutineKind::Procedure {
            routine.arguments = routine.arguments.saturating_add(1);
            routine.required += u32::from(!optional && !out);
        }
        let (name, data_type) = declared(item, named);
        routine.parameters.push(Parameter { name, data_type, input: !out, optional });
        if !reading.eat(&Lexeme::Comma) {
            return reading.expect(&Lexeme::RParen);
        }
    }
}

/// `[mode] [name] type`; a name alone is a type.
fn declared(mut item: Cursor, named: bool) -> (Option<String>, Option<DataType>) {
    if named {
        item.eat_any_word(&["IN", "OUT", "INOUT", "VARIADIC"]);
    }
    let whole = |cursor: &mut Cursor| {
        let data_type = cursor.data_type().ok()?;
        (cursor.is_end() || cursor.at_word("DEFAULT") || cursor.at(&Lexeme::Eq) || cursor.at(&Lexeme::Assignment)).then_some(data_type)
    };
    let start = item.mark();
    if let Some(data_type) = whole(&mut item) {
        return (None, Some(data_type));
    }
    item.restore(start);
    let Ok(name) = item.ident() else { return (None, None) };
    (Some(name.value), whole(&mut item))
}

/// As many arguments as anybody likes.
const MANY: u32 = u32::MAX;

fn postgres(reading: &mut Reading, routine: &mut CreateRoutine) -> Result<(), SyntaxError> {
    if reading.eat_word("RETURNS") {
        // RETURNS NULL ON NULL INPUT is an option.
        if reading.eat_words(&["NULL", "ON", "NULL", "INPUT"]) {
        } else {
            routine.returns = Some(returned(reading)?);
        }
    }
    let mut language = None;
    let mut any = false;
    while !reading.is_end() {
        any = true;
        if reading.eat_word("LANGUAGE") {
            let name = reading.name_or_string()?;
            language = Some(name.to_ascii_lowercase());
        } else if reading.eat_word("AS") {
            definition(reading, routine)?;
        } else if reading.at_words(&["BEGIN", "ATOMIC"]) {
            let span = reading.span();
            reading.needs(span, &[Since(Engine::Postgres, 14, 0, 0)]);
            let whole = reading.skip_rest();
            routine.atomic = true;
            routine.body = Some(whole);
            routine.body_text = Some(whole.slice(reading.text()).to_owned());
        } else if reading.at_word("RETURN") {
            let span = reading.span();
            reading.needs(span, &[Since(Engine::Postgres, 14, 0, 0)]);
            reading.advance();
            let expression = reading.expression_until(&[])?;
            routine.atomic = true;
            routine.body = Some(expression.span);
            routine.body_text = Some(expression.text.to_string());
        } else {
            let start = reading.mark();
            let path = reading.at_words(&["SET", "SEARCH_PATH"]);
            option(reading, &mut routine.volatility, &mut routine.security_definer)?;
            if path {
                routine.search_path = schemas(reading.tokens_between(start, reading.mark()));
            }
        }
    }
    if !any {
        return Err(reading.error("AS"));
    }
    routine.language = language.unwrap_or_else(|| "sql".to_owned());
    Ok(())
}

/// `type`, `SETOF type`, `TABLE (…)`, `t.c%TYPE`
fn returned(cursor: &mut Cursor) -> Result<DataType, SyntaxError> {
    let start = cursor.mark();
    if cursor.eat_word("TABLE") {
        cursor.skip_parens()?;
        return Ok(DataType { name: "table".into(), span: cursor.since(start), ..DataType::default() });
    }
    cursor.eat_word("SETOF");
    let at = cursor.mark();
    let read = cursor.data_type();
    match read {
        Ok(data_type) if !cursor.at(&Lexeme::Mod) && !cursor.at(&Lexeme::Period) => Ok(data_type),
        other => {
            cursor.restore(at);
            let Ok(name) = cursor.object_name() else { return other };
            if cursor.eat(&Lexeme::Mod) {
                cursor.expect_word("TYPE")?;
            }
            Ok(DataType { schema: name.schema, name: name.name.value, span: cursor.since(start), ..DataType::default() })
        }
    }
}

/// `AS 'code'` or `AS 'file', 'symbol'`
fn definition(reading: &mut Reading, routine: &mut CreateRoutine) -> Result<(), SyntaxError> {
    let Some(token) = reading.rest().first() else { return Err(reading.error("a string of code")) };
    let Some(code) = Code::of(token, reading.text()) else { return Err(reading.error("a string of code")) };
    routine.body = Some(code.span);
    routine.body_text = Some(match &token.token {
        Lexeme::DollarQuotedString(quoted) => quoted.value.clone(),
        Lexeme::SingleQuotedString(text) | Lexeme::EscapedStringLiteral(text) => text.clone(),
        _ => code.span.slice(reading.text()).to_owned(),
    });
    reading.advance();
    if reading.eat(&Lexeme::Comma) {
        reading.string()?;
    }
    Ok(())
}

/// One option of a PostgreSQL routine.
fn option(cursor: &mut Cursor, volatility: &mut Volatility, security_definer: &mut bool) -> Result<(), SyntaxError> {
    if cursor.eat_word("IMMUTABLE") {
        *volatility = Volatility::Immutable;
    } else if cursor.eat_word("STABLE") {
        *volatility = Volatility::Stable;
    } else if cursor.eat_word("VOLATILE") {
        *volatility = Volatility::Volatile;
    } else if cursor.eat_words(&["CALLED", "ON", "NULL", "INPUT"])
        || cursor.eat_words(&["RETURNS", "NULL", "ON", "NULL", "INPUT"])
        || cursor.eat_any_word(&["STRICT", "WINDOW", "LEAKPROOF"]).is_some()
        || cursor.eat_words(&["NOT", "LEAKPROOF"])
    {
    } else if cursor.at_word("SECURITY") || cursor.at_words(&["EXTERNAL", "SECURITY"]) {
        cursor.eat_word("EXTERNAL");
        cursor.advance();
        match cursor.eat_any_word(&["DEFINER", "INVOKER"]) {
            Some(word) => *security_definer = word == "DEFINER",
            None => return Err(cursor.error("DEFINER or INVOKER")),
        }
    } else if cursor.eat_word("PARALLEL") {
        cursor.label()?;
    } else if cursor.eat_any_word(&["COST", "ROWS"]).is_some() {
        match cursor.peek() {
            Some(Lexeme::Number(..)) => drop(cursor.advance()),
            _ => return Err(cursor.error("a number")),
        }
    } else if cursor.eat_word("SUPPORT") {
        cursor.object_name()?;
    } else if cursor.eat_words(&["TRANSFORM", "FOR", "TYPE"]) {
        cursor.data_type()?;
        while cursor.eat(&Lexeme::Comma) {
            cursor.expect_words(&["FOR", "TYPE"])?;
            cursor.data_type()?;
        }
    } else if cursor.at_any_word(&["SET", "RESET"]) {
        setting(cursor)?;
    } else if cursor.eat_word("WITH") {
        cursor.skip_parens()?;
    } else {
        return Err(cursor.error("an option of the routine"));
    }
    Ok(())
}

/// The schemas of `SET search_path TO a, "B", 'c'`; `None` for FROM CURRENT.
fn schemas(tokens: &[Token]) -> Option<Vec<String>> {
    let at = tokens.iter().position(|token| match &token.token {
        Lexeme::Eq => true,
        Lexeme::Word(word) => word.value.eq_ignore_ascii_case("TO"),
        _ => false,
    })?;
    let name = |token: &Token| match &token.token {
        Lexeme::Word(word) if word.quote_style.is_none() => Some(word.value.to_ascii_lowercase()),
        Lexeme::Word(word) => Some(word.value.clone()),
        Lexeme::SingleQuotedString(text) => Some(text.clone()),
        _ => None,
    };
    Some(tokens.get(at + 1..)?.iter().filter_map(name).filter(|name| !name.is_empty()).collect())
}

/// `SET name TO value, …` up to the next option.
fn setting(cursor: &mut Cursor) -> Result<(), SyntaxError> {
    let reset = cursor.at_word("RESET");
    cursor.advance();
    if cursor.eat_words(&["TIME", "ZONE"]) {
        cursor.advance();
        return Ok(());
    }
    cursor.label()?;
    while cursor.eat(&Lexeme::Period) {
        cursor.label()?;
    }
    if reset || cursor.eat_words(&["FROM", "CURRENT"]) {
        return Ok(());
    }
    if !cursor.eat(&Lexeme::Eq) && !cursor.eat_word("TO") {
        return Err(cursor.error("TO or `=`"));
    }
    loop {
        cursor.eat(&Lexeme::Minus);
        if cursor.advance().is_none() {
            return Err(cursor.error("a value"));
        }
        if !cursor.eat(&Lexeme::Comma) {
            return Ok(());
        }
    }
}

/// MySQL: characteristics, then one statement.
fn mysql(reading: &mut Reading, routine: &mut CreateRoutine) -> Result<(), SyntaxError> {
    if reading.eat_word("RETURNS") {
        routine.returns = Some(reading.data_type()?);
        while reading.eat_any_word(&["CHARSET", "COLLATE"]).is_some() || reading.eat_words(&["CHARACTER", "SET"]) {
            reading.label()?;
        }
    }
    loop {
        if reading.eat_word("COMMENT") {
            reading.string()?;
        } else if reading.eat_word("LANGUAGE") {
            routine.language = reading.label()?.value.to_ascii_lowercase();
        } else if reading.eat_words(&["NOT", "DETERMINISTIC"]) {
            routine.volatility = Volatility::Volatile;
        } else if reading.eat_word("DETERMINISTIC") {
            routine.volatility = Volatility::Immutable;
        } else if reading.eat_words(&["SQL", "SECURITY"]) {
            match reading.eat_any_word(&["DEFINER", "INVOKER"]) {
                Some(word) => routine.security_definer = word == "DEFINER",
                None => return Err(reading.error("DEFINER or INVOKER")),
            }
        } else if !(reading.eat_words(&["CONTAINS", "SQL"])
            || reading.eat_words(&["NO", "SQL"])
            || reading.eat_words(&["READS", "SQL", "DATA"])
            || reading.eat_words(&["MODIFIES", "SQL", "DATA"]))
        {
            break;
        }
    }
    if routine.language != "sql" {
        reading.eat_word("AS");
        reading.eat_word("USING");
    }
    if reading.is_end() {
        return Err(reading.error("the body"));
    }
    let body: Span = reading.skip_rest();
    routine.body = Some(body);
    routine.body_text = Some(body.slice(reading.text()).to_owned());
    Ok(())
}

/// `ALTER FUNCTION | PROCEDURE | ROUTINE | AGGREGATE name [(types)] …`
pub(in crate::change::read) fn alter_routine(reading: &mut Reading, noun: &str) -> Read {
    reading.past_noun(noun)?;
    let kind = match noun {
        "PROCEDURE" => ObjectKind::Procedure,
        "AGGREGATE" => ObjectKind::Aggregate,
        _ => ObjectKind::Function,
    };
    let name = reading.object_name()?;
    if reading.at(&Lexeme::LParen) {
        reading.skip_parens()?;
    }
    let by_name = reading.at_any_word(&["RENAME", "OWNER", "DEPENDS", "NO"]) || reading.at_words(&["SET", "SCHEMA"]);
    if by_name || reading.is_mysql_family() || reading.is_end() {
        let action = reading.object_action(kind, &name, false)?;
        return Ok(vec![Change::free(reading.whole, action)]);
    }
    let what = reading.first_words();
    let (mut volatility, mut definer) = (Volatility::Volatile, false);
    while !reading.is_end() {
        if reading.eat_word("RESTRICT") {
            break;
        }
        option(reading, &mut volatility, &mut definer)?;
    }
    reading.expect_end()?;
    Ok(vec![Change::free(reading.whole, Action::AlterObject { kind, name, what, columns: Vec::new() })])
}

/// What a routine runs when it is called: the statements of its body, which stands at `body` of
/// `text`. `None` for languages nobody reads here.
pub fn read_routine(text: &str, body: Span, language: &str, target: Target) -> Option<Vec<Statement>> {
    let raw = body.slice(text);
    // Quotes inside a quoted body are doubled; MySQL's bodies stand by themselves.
    let quoted = target.engine == Engine::Postgres && text.get(..body.start as usize).is_some_and(|before| before.ends_with('\''));
    let code = if quoted { Code::quoted(raw, body.start, '\'', 1) } else { Code::verbatim(raw, body.start) };
    let tokens = code.tokens(target);
    match (target.engine, language) {
        (Engine::Postgres, "plpgsql") | (Engine::Mysql | Engine::Mariadb, "sql") => Some(inner_statements(&tokens, text, target)),
        (Engine::Postgres, "sql") => Some(sql_statements(&tokens, text, target)),
        _ => None,
    }
}

/// A list of statements, in BEGIN ATOMIC … END or not, or an expression.
fn sql_statements(tokens: &[Token], text: &str, target: Target) -> Vec<Statement> {
    let word = |at: usize, is: &str| matches!(tokens.get(at).map(|token| &token.token), Some(Lexeme::Word(word)) if word.value.eq_ignore_ascii_case(is));
    let atomic = word(0, "BEGIN") && word(1, "ATOMIC");
    let tokens = if atomic { tokens.get(2..tokens.len().saturating_sub(1)).unwrap_or_default() } else { tokens };
    let parts = tokens.split(|token| token.token == Lexeme::SemiColon).filter(|part| !part.is_empty());
    let read = parts.map(|part| match part.first().map(|token| &token.token) {
        // Not the bare expression of `RETURN expression`.
        Some(Lexeme::Word(first)) if !first.value.eq_ignore_ascii_case("RETURN") => Some(read_part(text, part, target))
            .filter(|statement| !matches!(statement.parsing, Parsing::Failed { .. }))
            .unwrap_or_else(|| query_statement(part, target)),
        _ => query_statement(part, target),
    });
    read.collect()
}
