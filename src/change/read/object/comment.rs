//! COMMENT ON and SECURITY LABEL.

use sqlparser::tokenizer::Token as Lexeme;

use super::kind::kind;
use crate::change::read::engines::POSTGRES;
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, ObjectKind, ObjectName};

pub(in crate::change::read) fn comment(reading: &mut Reading) -> Read {
    let start = reading.mark();
    let label = reading.eat_words(&["SECURITY", "LABEL"]);
    if label {
        if reading.eat_word("FOR") {
            if reading.at_string() { drop(reading.string()?) } else { drop(reading.label()?) }
        }
    } else {
        reading.expect_word("COMMENT")?;
    }
    reading.expect_word("ON")?;
    let span = reading.since(start);
    reading.needs(span, &[POSTGRES]);
    let kind_start = reading.mark();
    let noun = noun(reading);
    if reading.mark() == kind_start {
        return Err(reading.error("the kind of an object"));
    }
    let kind = kind(&noun, reading);
    let (name, owner) = if kind == ObjectKind::Column { column(reading)? } else { unnamed_or_name(reading, &noun)? };
    if reading.at(&Lexeme::LParen) {
        reading.skip_parens()?;
    }
    let mut table = match kind {
        ObjectKind::Table | ObjectKind::View | ObjectKind::MaterializedView | ObjectKind::ForeignTable => Some(name.clone()),
        _ => owner,
    };
    while !reading.is_end() && !reading.at_word("IS") {
        if reading.eat_word("ON") {
            reading.eat_word("DOMAIN");
            table = Some(reading.object_name()?);
        } else {
            reading.advance();
        }
    }
    reading.expect_word("IS")?;
    if !reading.eat_word("NULL") {
        reading.string()?;
    }
    reading.expect_end()?;
    let action = Action::Comment { kind, name };
    Ok(vec![Change::of(table, reading.whole, action)])
}

/// A name, and the table it belongs to.
type Named = (ObjectName, Option<ObjectName>);

/// The words of the kind, upper case.
fn noun(reading: &mut Reading) -> String {
    let several: &[&[&str]] = &[
        &["MATERIALIZED", "VIEW"],
        &["FOREIGN", "TABLE"],
        &["FOREIGN", "DATA", "WRAPPER"],
        &["EVENT", "TRIGGER"],
        &["ACCESS", "METHOD"],
        &["LARGE", "OBJECT"],
        &["OPERATOR", "CLASS"],
        &["OPERATOR", "FAMILY"],
        &["TEXT", "SEARCH", "CONFIGURATION"],
        &["TEXT", "SEARCH", "DICTIONARY"],
        &["TEXT", "SEARCH", "PARSER"],
        &["TEXT", "SEARCH", "TEMPLATE"],
        &["PROCEDURAL", "LANGUAGE"],
        &["TRANSFORM", "FOR"],
    ];
    for words in several {
        if reading.eat_words(words) {
            return words.join(" ");
        }
    }
    let word = reading.peek_word().map(str::to_ascii_uppercase).unwrap_or_default();
    if !word.is_empty() {
        reading.advance();
    }
    word
}

/// `table.column`, `schema.table.column`
fn column(reading: &mut Reading) -> Result<Named, crate::sql::SyntaxError> {
    let mut parts = vec![reading.ident()?];
    while reading.eat(&Lexeme::Period) {
        parts.push(reading.label()?);
    }
    let name = parts.pop().unwrap_or_default();
    let table = parts.pop().map(|table| ObjectName { schema: parts.pop(), name: table });
    Ok((ObjectName::bare(name), table))
}

fn unnamed_or_name(reading: &mut Reading, noun: &str) -> Result<Named, crate::sql::SyntaxError> {
    if noun == "CAST" || noun == "LARGE OBJECT" {
        let start = reading.mark();
        if noun == "CAST" {
            reading.skip_parens().map(|_| ())?
        } else {
            reading.number().map(|_| ())?
        }
        let span = reading.since(start);
        let name = crate::change::Ident::new(span.slice(reading.text()), span);
        return Ok((ObjectName::bare(name), None));
    }
    reading.any_name().map(|name| (name, None))
}
