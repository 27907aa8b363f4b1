//! SQLite PRAGMA.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::read::engines::SQLITE;
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, Pragma};
use crate::sql::SyntaxError;

pub(in crate::change::read) fn pragma(reading: &mut Reading) -> Read {
    let span = reading.expect_word("PRAGMA")?;
    reading.needs(span, &[SQLITE]);
    let first = reading.label()?;
    let (schema, name) = if reading.eat(&Lexeme::Period) { (Some(first.value), reading.label()?) } else { (None, first) };
    let value = if reading.eat(&Lexeme::Eq) {
        Some(value(reading)?)
    } else if reading.eat(&Lexeme::LParen) {
        let value = value(reading)?;
        reading.expect(&Lexeme::RParen)?;
        Some(value)
    } else {
        None
    };
    reading.expect_end()?;
    let pragma = Pragma { schema, name: name.value.to_ascii_lowercase(), value };
    Ok(vec![Change::free(reading.whole, Action::Pragma(pragma))])
}

fn value(reading: &mut Reading) -> Result<String, SyntaxError> {
    let negative = reading.eat(&Lexeme::Minus);
    if !negative {
        reading.eat(&Lexeme::Plus);
    }
    let text = match reading.peek() {
        Some(Lexeme::Number(number, _)) => number.clone(),
        Some(Lexeme::Word(word)) if !negative => word.value.to_ascii_lowercase(),
        Some(Lexeme::SingleQuotedString(text) | Lexeme::DoubleQuotedString(text)) if !negative => text.to_ascii_lowercase(),
        Some(Lexeme::HexStringLiteral(digits)) => format!("0x{digits}"),
        _ => return Err(reading.error("a value")),
    };
    reading.advance();
    Ok(if negative { format!("-{text}") } else { text })
}
