//! REFERENCES: the far side of a foreign key.

use crate::change::{ForeignKey, Ident, RefAction};
use crate::engine::Engine;
use crate::sql::{Cursor, Since, SyntaxError};
use sqlparser::tokenizer::Token as Lexeme;

impl Cursor<'_> {
    /// `REFERENCES table [(columns)] [MATCH …] [ON DELETE …] [ON UPDATE …]`
    pub(crate) fn references(&mut self, columns: Vec<Ident>) -> Result<ForeignKey, SyntaxError> {
        self.expect_word("REFERENCES")?;
        let mut key = ForeignKey {
            columns,
            references: self.object_name()?,
            referenced_columns: Vec::new(),
            on_delete: RefAction::default(),
            on_delete_columns: Vec::new(),
            on_update: RefAction::default(),
            match_full: false,
            index_name: None,
        };
        if self.at(&Lexeme::LParen) {
            key.referenced_columns = self.paren_list(|cursor| {
                cursor.eat_period()?;
                cursor.column()
            })?;
        }
        loop {
            if self.eat_word("MATCH") {
                key.match_full = self.eat_word("FULL");
                if !key.match_full {
                    self.label()?;
                }
            } else if self.eat_words(&["ON", "DELETE"]) {
                (key.on_delete, key.on_delete_columns) = self.ref_action()?;
            } else if self.eat_words(&["ON", "UPDATE"]) {
                key.on_update = self.ref_action()?.0;
            } else if self.is_sqlite() && self.at_words(&["ON", "INSERT"]) {
                // SQLite reads and ignores it.
                self.eat_words(&["ON", "INSERT"]);
                self.ref_action()?;
            } else {
                return Ok(key);
            }
        }
    }

    /// The action, and the columns it is for where it names some.
    fn ref_action(&mut self) -> Result<(RefAction, Vec<Ident>), SyntaxError> {
        if self.eat_word("CASCADE") {
            Ok((RefAction::Cascade, Vec::new()))
        } else if self.eat_word("RESTRICT") {
            Ok((RefAction::Restrict, Vec::new()))
        } else if self.eat_words(&["NO", "ACTION"]) {
            Ok((RefAction::NoAction, Vec::new()))
        } else if self.eat_words(&["SET", "NULL"]) || self.at_words(&["SET", "DEFAULT"]) {
            let action = if self.eat_words(&["SET", "DEFAULT"]) { RefAction::SetDefault } else { RefAction::SetNull };
            // PostgreSQL 15: only some of the columns.
            let mut columns = Vec::new();
            if self.is_postgres() && self.at(&Lexeme::LParen) {
                let mark = self.mark();
                columns = self.ident_list()?;
                let span = self.since(mark);
                self.needs(span, &[Since(Engine::Postgres, 15, 0, 0)]);
            }
            Ok((action, columns))
        } else {
            Err(self.error("CASCADE, RESTRICT, SET NULL, SET DEFAULT or NO ACTION"))
        }
    }

    /// PostgreSQL 18 `PERIOD` before the last column of a temporal key.
    pub(crate) fn eat_period(&mut self) -> Result<(), SyntaxError> {
        let period = self.is_postgres() && self.at_word("PERIOD") && !self.at_nth(1, &Lexeme::Comma) && !self.at_nth(1, &Lexeme::RParen);
        if period {
            self.advance();
            let span = self.previous_span();
            self.needs(span, &[Since(Engine::Postgres, 18, 0, 0)]);
        }
        Ok(())
    }
}
