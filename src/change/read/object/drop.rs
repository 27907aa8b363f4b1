//! DROP of anything but tables and indexes.

use sqlparser::tokenizer::Token as Lexeme;

use super::kind::{engines, kind};
use crate::change::read::query::count_arguments;
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, DataType, Ident, ObjectKind, ObjectName};
use crate::engine::Engine;
use crate::sql::{Cursor, Since, SyntaxError};

pub(in crate::change::read) fn drop_object(reading: &mut Reading, noun: &str) -> Read {
    let start = reading.mark();
    reading.expect_word("DROP")?;
    if noun == "OWNED" {
        return owned(reading);
    }
    if noun == "CAST" || noun == "TRANSFORM" || noun == "USER MAPPING" {
        let words: Vec<&str> = noun.split(' ').collect();
        reading.eat_words(&words);
        let span = reading.since(start);
        reading.needs(span, engines(noun));
        return unnamed(reading);
    }
    while !reading.is_end() && !reading.at_words(&noun.split(' ').collect::<Vec<_>>()) {
        reading.advance();
    }
    for _ in noun.split(' ') {
        reading.advance();
    }
    // TEXT SEARCH CONFIGURATION, LOGFILE GROUP, RESOURCE GROUP.
    reading.eat_any_word(&["CONFIGURATION", "DICTIONARY", "PARSER", "TEMPLATE", "GROUP"]);
    let span = reading.since(start);
    reading.needs(span, engines(noun));
    let kind = kind(noun, reading);
    let if_exists = reading.eat_if_exists();
    let names = reading.comma_list(|cursor| {
        let from = cursor.mark();
        let name = if kind == ObjectKind::Role { ObjectName::bare(cursor.account()?) } else { cursor.any_name()? };
        let (mut arguments, mut types) = (None, None);
        // Arguments of a routine, USING of an operator class.
        if cursor.at(&Lexeme::LParen) && !matches!(kind, ObjectKind::View | ObjectKind::Sequence | ObjectKind::Schema) && noun != "DATABASE"
        {
            arguments = count_arguments(cursor.rest());
            let start = cursor.mark();
            types = argument_types(cursor).ok();
            cursor.restore(start);
            cursor.skip_parens()?;
        }
        if noun.starts_with("OPERATOR ") && cursor.eat_word("USING") {
            cursor.ident()?;
        }
        Ok((name, (arguments, types), cursor.since(from)))
    })?;
    let table = owner(reading, kind)?;
    if kind == ObjectKind::Database {
        reading.eat_word("WITH");
        if reading.at(&Lexeme::LParen) {
            let span = reading.span();
            reading.needs(span, &[Since(Engine::Postgres, 13, 0, 0)]);
            reading.skip_parens()?;
        }
    }
    let cascade = reading.drop_behaviour();
    if reading.is_mysql_family() && reading.at_any_word(&["ENGINE", "WAIT", "NOWAIT", "FORCE"]) {
        reading.skip_rest();
    }
    reading.expect_end()?;
    let whole = reading.whole;
    let several = names.len() > 1;
    let change = |(name, (arguments, types), span): (ObjectName, (Option<u32>, Option<Vec<DataType>>), crate::source::Span)| {
        let table = table.clone().or_else(|| is_relation(kind).then(|| name.clone()));
        Change::of(table, if several { span } else { whole }, Action::DropObject { kind, name, arguments, types, if_exists, cascade })
    };
    Ok(names.into_iter().map(change).collect())
}

/// `(type, type)`, without modes and names.
fn argument_types(cursor: &mut Cursor) -> Result<Vec<DataType>, SyntaxError> {
    cursor.expect(&Lexeme::LParen)?;
    if cursor.at(&Lexeme::RParen) {
        return Ok(Vec::new());
    }
    let types = cursor.comma_list(|cursor| cursor.data_type())?;
    cursor.expect(&Lexeme::RParen)?;
    Ok(types)
}

fn is_relation(kind: ObjectKind) -> bool {
    matches!(kind, ObjectKind::View | ObjectKind::MaterializedView)
}

/// `ON table` of triggers, rules and policies.
fn owner(reading: &mut Reading, kind: ObjectKind) -> Result<Option<ObjectName>, SyntaxError> {
    match kind {
        ObjectKind::Trigger if !reading.is_postgres() => Ok(None),
        ObjectKind::Trigger | ObjectKind::Rule | ObjectKind::Policy => {
            reading.expect_word("ON")?;
            reading.object_name().map(Some)
        }
        _ => Ok(None),
    }
}

/// `DROP OWNED BY role, …`: everything a role owns.
fn owned(reading: &mut Reading) -> Read {
    let span = reading.expect_words(&["OWNED", "BY"])?;
    reading.needs(span, engines("OWNED"));
    let roles = reading.comma_list(|cursor| cursor.account())?;
    let cascade = reading.drop_behaviour();
    reading.expect_end()?;
    let whole = reading.whole;
    let change = |role| {
        let action = Action::DropObject {
            kind: ObjectKind::Other,
            name: ObjectName::bare(role),
            arguments: None,
            types: None,
            if_exists: false,
            cascade,
        };
        Change::free(whole, action)
    };
    Ok(roles.into_iter().map(change).collect())
}

/// Objects without a name of their own.
fn unnamed(reading: &mut Reading) -> Read {
    let if_exists = reading.eat_if_exists();
    if reading.is_end() {
        return Err(reading.error("what to drop"));
    }
    let span = reading.skip_rest();
    let text = span.slice(reading.text());
    let cascade = text.trim_end().to_ascii_uppercase().ends_with("CASCADE");
    let name = ObjectName::bare(Ident::new(text, span));
    Ok(vec![Change::free(
        reading.whole,
        Action::DropObject { kind: ObjectKind::Other, name, arguments: None, types: None, if_exists, cascade },
    )])
}
