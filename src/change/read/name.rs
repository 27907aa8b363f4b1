//! Names, folded and cut as the engine does it.

use sqlparser::tokenizer::{Token as Lexeme, Word};

use crate::change::{Ident, ObjectName};
use crate::engine::{Engine, Target};
use crate::source::Span;
use crate::sql::{Cursor, SyntaxError, fold_around, has_hole, is_reserved};

/// PostgreSQL cuts longer names silently (NAMEDATALEN - 1).
const POSTGRES_LONGEST: usize = 63;

impl Cursor<'_> {
    /// A name; a reserved word only in quotes.
    pub(crate) fn ident(&mut self) -> Result<Ident, SyntaxError> {
        self.name_of("a name", false)
    }

    /// A name where the engine takes reserved words as well: behind a dot, after AS.
    pub(crate) fn label(&mut self) -> Result<Ident, SyntaxError> {
        self.name_of("a name", true)
    }

    pub(crate) fn column(&mut self) -> Result<Ident, SyntaxError> {
        self.name_of("a column name", false)
    }

    /// Whether a name could start here.
    pub(crate) fn at_ident(&self) -> bool {
        match self.peek() {
            Some(Lexeme::Word(word)) => word.quote_style.is_some() || !is_reserved(&word.value, self.target()),
            Some(Lexeme::SingleQuotedString(_) | Lexeme::DoubleQuotedString(_)) => self.is_sqlite(),
            _ => false,
        }
    }

    fn name_of(&mut self, expected: &'static str, reserved_too: bool) -> Result<Ident, SyntaxError> {
        let span = self.span();
        let ident = match self.peek() {
            Some(Lexeme::Word(word)) if reserved_too || word.quote_style.is_some() || !is_reserved(&word.value, self.target()) => {
                fold(word, self.target(), span)
            }
            // SQLite takes a string where only a name can stand.
            Some(Lexeme::SingleQuotedString(text) | Lexeme::DoubleQuotedString(text)) if self.is_sqlite() => {
                Ident { value: text.clone(), quoted: true, span }
            }
            // MySQL under ANSI_QUOTES, which dumps switch on.
            Some(Lexeme::DoubleQuotedString(text)) if self.is_mysql_family() => Ident { value: text.clone(), quoted: true, span },
            _ => return Err(self.error(expected)),
        };
        self.advance();
        Ok(ident)
    }

    /// A name with its schema, if one is written. Of `database.schema.name` the last two count.
    pub(crate) fn object_name(&mut self) -> Result<ObjectName, SyntaxError> {
        let mut name = self.ident()?;
        let mut schema = None;
        while self.at(&Lexeme::Period) {
            self.advance();
            schema = Some(std::mem::replace(&mut name, self.label()?));
        }
        Ok(ObjectName { schema, name })
    }

    /// `( name, … )`
    pub(crate) fn ident_list(&mut self) -> Result<Vec<Ident>, SyntaxError> {
        self.paren_list(|cursor| cursor.column())
    }
}

pub(crate) fn fold(word: &Word, target: Target, span: Span) -> Ident {
    let quoted = word.quote_style.is_some();
    let mut value = word.value.clone();
    if target.engine == Engine::Postgres {
        let hole = !quoted && has_hole(&value);
        if hole {
            fold_around(&mut value);
        } else if !quoted {
            value.make_ascii_lowercase();
        }
        if !hole && value.len() > POSTGRES_LONGEST {
            let cut = (0..=POSTGRES_LONGEST).rev().find(|&at| value.is_char_boundary(at)).unwrap_or(0);
            value.truncate(cut);
        }
    }
    Ident { value, quoted, span }
}
