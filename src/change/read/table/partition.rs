//! PostgreSQL's partitioning clauses.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::{Expression, PartitionBound, PartitionBy};
use crate::engine::Engine;
use crate::sql::{Cursor, Since, SyntaxError};

impl Cursor<'_> {
    /// `PARTITION BY {RANGE | LIST | HASH} (keys)`
    pub(super) fn partition_by(&mut self) -> Result<PartitionBy, SyntaxError> {
        let start = self.mark();
        self.expect_words(&["PARTITION", "BY"])?;
        let strategy = self.label()?.value;
        let keys = self.paren_list(|cursor| cursor.index_key())?;
        Ok(PartitionBy { strategy: strategy.to_ascii_lowercase(), keys, partitions: Vec::new(), count: None, span: self.since(start) })
    }

    /// `DEFAULT` or `FOR VALUES …`
    pub(super) fn partition_bound(&mut self) -> Result<PartitionBound, SyntaxError> {
        let start = self.mark();
        if self.eat_word("DEFAULT") {
            let span = self.since(start);
            self.needs(span, &[Since(Engine::Postgres, 11, 0, 0)]);
            return Ok(PartitionBound::Default);
        }
        self.expect_words(&["FOR", "VALUES"])?;
        if self.eat_word("IN") {
            return Ok(PartitionBound::List(self.bound_values()?));
        }
        if self.eat_word("FROM") {
            let from = self.bound_values()?;
            self.expect_word("TO")?;
            let to = self.bound_values()?;
            return Ok(PartitionBound::Range { from, to });
        }
        self.expect_word("WITH")?;
        let (mut modulus, mut remainder) = (None, None);
        self.paren_list(|cursor| {
            if cursor.eat_word("MODULUS") {
                modulus = Some(cursor.number()?);
            } else {
                cursor.expect_word("REMAINDER")?;
                remainder = Some(cursor.number()?);
            }
            Ok(())
        })?;
        let span = self.since(start);
        self.needs(span, &[Since(Engine::Postgres, 11, 0, 0)]);
        match (modulus, remainder) {
            (Some(modulus), Some(remainder)) => Ok(PartitionBound::Hash { modulus, remainder }),
            _ => Err(self.error("MODULUS and REMAINDER")),
        }
    }

    /// Literals; expressions since PostgreSQL 12.
    fn bound_values(&mut self) -> Result<Vec<Expression>, SyntaxError> {
        self.paren_list(|cursor| {
            let from = cursor.mark();
            let value = cursor.expression_until(&[])?;
            let signed = matches!(cursor.tokens_between(from, cursor.mark()), [sign, _] if sign.token == Lexeme::Minus);
            if !signed && cursor.tokens_between(from, cursor.mark()).len() > 1 {
                cursor.needs(value.span, &[Since(Engine::Postgres, 12, 0, 0)]);
            }
            Ok(value)
        })
    }

    /// Whether the parenthesis opens an empty group.
    pub(super) fn at_empty_parens(&self) -> bool {
        self.at(&Lexeme::LParen) && self.at_nth(1, &Lexeme::RParen)
    }
}
