//! One key of an index or key constraint.

use sqlparser::tokenizer::{Token as Lexeme, Word};

use crate::change::{IndexKey, IndexPart};
use crate::engine::Engine;
use crate::sql::{Cursor, Mark, Since, SyntaxError};

impl Cursor<'_> {
    /// A column or an expression, with its collation, operator class, prefix and order.
    pub(crate) fn index_key(&mut self) -> Result<IndexKey, SyntaxError> {
        let start = self.mark();
        let part = self.index_part()?;
        let mut key = IndexKey {
            part,
            descending: false,
            nulls_first: None,
            prefix: None,
            opclass: None,
            collation: None,
            operator: None,
            span: self.since(start),
        };
        match self.engine() {
            Engine::Postgres => self.postgres_key_options(&mut key)?,
            Engine::Mysql | Engine::Mariadb => {
                if key.column_name().is_some() && self.eat(&Lexeme::LParen) {
                    key.prefix = Some(self.number()?);
                    self.expect(&Lexeme::RParen)?;
                }
                key.descending = self.eat_any_word(&["ASC", "DESC"]) == Some("DESC");
            }
            Engine::Sqlite => {
                if self.eat_word("COLLATE") {
                    key.collation = Some(self.object_name()?);
                }
                key.descending = self.eat_any_word(&["ASC", "DESC"]) == Some("DESC");
                self.nulls_order(&mut key)?;
            }
        }
        key.span = self.since(start);
        Ok(key)
    }

    fn postgres_key_options(&mut self, key: &mut IndexKey) -> Result<(), SyntaxError> {
        if self.eat_word("COLLATE") {
            key.collation = Some(self.object_name()?);
        }
        let ordered = self.at_any_word(&["ASC", "DESC", "NULLS", "WITH"]) || self.at_words(&["WITHOUT", "OVERLAPS"]);
        if !ordered && self.at_ident() {
            key.opclass = Some(self.object_name()?);
            if self.at(&Lexeme::LParen) {
                let mark = self.mark();
                self.skip_parens()?;
                let span = self.since(mark);
                self.needs(span, &[Since(Engine::Postgres, 13, 0, 0)]);
            }
        }
        key.descending = self.eat_any_word(&["ASC", "DESC"]) == Some("DESC");
        self.nulls_order(key)
    }

    fn nulls_order(&mut self, key: &mut IndexKey) -> Result<(), SyntaxError> {
        if let Some(span) = self.eat_word_at("NULLS") {
            self.needs(span, &[Since(Engine::Postgres, 0, 0, 0), Since(Engine::Sqlite, 3, 30, 0)]);
            key.nulls_first = match self.eat_any_word(&["FIRST", "LAST"]) {
                Some(order) => Some(order == "FIRST"),
                None => return Err(self.error("FIRST or LAST")),
            };
        }
        Ok(())
    }

    fn index_part(&mut self) -> Result<IndexPart, SyntaxError> {
        let start = self.mark();
        if self.at(&Lexeme::LParen) && !self.is_sqlite() {
            let expression = self.paren_expression()?;
            let accepted_by = [Since(Engine::Postgres, 0, 0, 0), Since(Engine::Mysql, 8, 0, 13), Since(Engine::Sqlite, 0, 0, 0)];
            self.needs(expression.span, &accepted_by);
            return Ok(IndexPart::Expression(expression));
        }
        if self.is_sqlite() {
            return self.sqlite_part(start);
        }
        // A call: `lower(email)`, `pg_catalog.lower(email)`, `coalesce(a, b)`.
        if self.is_postgres() && matches!(self.peek(), Some(Lexeme::Word(_))) {
            let mut n = 1;
            while self.at_nth(n, &Lexeme::Period) {
                n += 2;
            }
            if self.at_nth(n, &Lexeme::LParen) {
                for _ in 0..n {
                    self.advance();
                }
                self.skip_parens()?;
                self.finish_bare_expression(start)?;
                return Ok(IndexPart::Expression(self.expression_between(start, self.mark())));
            }
            // Functions that are called without parentheses.
            const BARE: &[&str] = &[
                "CURRENT_DATE",
                "CURRENT_TIME",
                "CURRENT_TIMESTAMP",
                "LOCALTIME",
                "LOCALTIMESTAMP",
                "CURRENT_ROLE",
                "CURRENT_USER",
                "SESSION_USER",
                "SYSTEM_USER",
                "USER",
                "CURRENT_CATALOG",
                "CURRENT_SCHEMA",
            ];
            if self.eat_any_word(BARE).is_some() {
                return Ok(IndexPart::Expression(self.expression_between(start, self.mark())));
            }
        }
        let column = self.column()?;
        if self.is_postgres() && self.finish_bare_expression(start)? {
            return Ok(IndexPart::Expression(self.expression_between(start, self.mark())));
        }
        Ok(IndexPart::Column(column))
    }

    /// `a || b`, `a::date`: read on, and noted as refused for want of parentheses.
    fn finish_bare_expression(&mut self, start: Mark) -> Result<bool, SyntaxError> {
        let ended = matches!(self.peek(), None | Some(Lexeme::Comma | Lexeme::RParen | Lexeme::LParen | Lexeme::Word(_)));
        if !ended {
            self.expression_until(&["COLLATE", "ASC", "DESC", "NULLS", "WITH"])?;
            let span = self.since(start);
            self.refuse(span, "parentheses around the expression");
        }
        Ok(!ended)
    }

    /// Any expression; a lone name is a column, in single quotes as well.
    fn sqlite_part(&mut self, start: Mark) -> Result<IndexPart, SyntaxError> {
        let expression = self.expression_until(&["COLLATE", "ASC", "DESC", "NULLS", "AUTOINCREMENT"])?;
        let end = self.mark();
        if let [token] = self.tokens_between(start, end)
            && matches!(&token.token, Lexeme::Word(Word { .. }) | Lexeme::SingleQuotedString(_) | Lexeme::DoubleQuotedString(_))
        {
            self.restore(start);
            return Ok(IndexPart::Column(self.column()?));
        }
        Ok(IndexPart::Expression(expression))
    }
}
