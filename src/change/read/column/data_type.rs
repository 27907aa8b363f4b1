//! Data types: which engine's grammar reads them, and SQLite's, which takes any words.

use sqlparser::tokenizer::{Token as Lexeme, Word};

use super::{mysql_type, postgres_type};
use crate::change::DataType;
use crate::engine::Engine;
use crate::sql::{Cursor, SyntaxError, is_reserved};

impl Cursor<'_> {
    /// A data type in the engine's canonical spelling.
    pub(crate) fn data_type(&mut self) -> Result<DataType, SyntaxError> {
        let mark = self.mark();
        let mut data_type = match self.engine() {
            Engine::Postgres => postgres_type::read(self)?,
            Engine::Mysql | Engine::Mariadb => mysql_type::read(self)?,
            Engine::Sqlite => match self.sqlite_type()? {
                Some(data_type) => data_type,
                None => return Err(self.error("a data type")),
            },
        };
        data_type.span = self.since(mark);
        Ok(data_type)
    }

    /// SQLite: any words, then up to two numbers; `None` for a column without a type.
    pub(crate) fn sqlite_type(&mut self) -> Result<Option<DataType>, SyntaxError> {
        let mark = self.mark();
        let mut name = String::new();
        loop {
            let word = match self.peek() {
                Some(Lexeme::Word(Word { value, quote_style: None, .. })) => {
                    let generated = value.eq_ignore_ascii_case("GENERATED") && self.at_word_nth(1, "ALWAYS");
                    let charset = value.eq_ignore_ascii_case("CHARACTER") && self.at_word_nth(1, "SET");
                    if generated || charset || is_reserved(value, self.target()) {
                        break;
                    }
                    value
                }
                Some(Lexeme::Word(Word { value, .. }) | Lexeme::SingleQuotedString(value) | Lexeme::DoubleQuotedString(value)) => value,
                _ => break,
            };
            if !name.is_empty() {
                name.push(' ');
            }
            name.extend(word.chars().map(|c| c.to_ascii_lowercase()));
            self.advance();
        }
        if name.is_empty() {
            return Ok(None);
        }
        let mut data_type = DataType { name, ..DataType::default() };
        if self.eat(&Lexeme::LParen) {
            self.comma_list(|cursor| {
                let negative = cursor.eat(&Lexeme::Minus);
                let _ = !negative && cursor.eat(&Lexeme::Plus);
                match cursor.number() {
                    Ok(number) if negative => data_type.negative_scale = i64::try_from(number).ok().map(|number| -number),
                    Ok(number) => data_type.args.push(number),
                    // `VARCHAR(MAX)`, `ENUM('a', 'b')`: read, and refused.
                    Err(_) if cursor.at_ident() => {
                        let word = cursor.ident()?;
                        cursor.refuse(word.span, "numbers as the arguments of a type");
                    }
                    Err(error) => match cursor.peek() {
                        Some(Lexeme::Number(..)) => drop(cursor.advance()),
                        _ => return Err(error),
                    },
                }
                Ok(())
            })?;
            self.expect(&Lexeme::RParen)?;
        }
        data_type.span = self.since(mark);
        Ok(Some(data_type))
    }

    /// MySQL's grammar takes any number as a length and judges it later.
    fn length(&mut self) -> Result<u64, SyntaxError> {
        match self.peek() {
            Some(Lexeme::Number(digits, _)) if self.is_mysql_family() => {
                let whole = digits.split('.').next().unwrap_or_default();
                if whole.is_empty() || !whole.bytes().all(|digit| digit.is_ascii_digit()) {
                    return self.number();
                }
                self.advance();
                Ok(whole.parse().unwrap_or(u64::MAX))
            }
            _ => self.number(),
        }
    }

    /// `(n, …)` behind a type's name, if written.
    pub(super) fn type_numbers(&mut self) -> Result<Vec<u64>, SyntaxError> {
        if self.at(&Lexeme::LParen) { self.paren_list(|cursor| cursor.length()) } else { Ok(Vec::new()) }
    }
}
