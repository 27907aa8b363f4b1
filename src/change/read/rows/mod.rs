//! Statements that read and write rows.

mod copy;
mod delete;
mod insert;
mod merge;
mod select;
mod truncate;
mod update;
mod with;

pub(super) use copy::{copy, load_data};
pub(super) use delete::delete;
pub(super) use insert::insert;
pub(super) use merge::merge;
pub(super) use select::{check_query, select};
pub(super) use truncate::truncate;
pub(super) use update::update;
pub(super) use with::with;

use crate::change::{Expression, ObjectName, Predicate};
use sqlparser::tokenizer::Token as Lexeme;

use crate::engine::Engine;
use crate::sql::{Cursor, Mark, Since, SyntaxError};

use super::query::{QueryFacts, query_facts};

/// Clauses behind a WHERE.
const AFTER_WHERE: &[&str] = &["RETURNING", "ORDER", "LIMIT"];

impl Cursor<'_> {
    /// What the tokens between two places read and call.
    pub(super) fn facts_between(&self, from: Mark, to: Mark) -> QueryFacts {
        query_facts(self.tokens_between(from, to), self.target())
    }

    /// `WHERE condition`, if written.
    fn predicate(&mut self) -> Result<Predicate, SyntaxError> {
        if !self.eat_word("WHERE") {
            return Ok(Predicate::None);
        }
        self.whole_expression(AFTER_WHERE).map(Predicate::Where)
    }

    /// An expression that neither begins with a clause nor ends with an operator.
    fn whole_expression(&mut self, stops: &[&str]) -> Result<Expression, SyntaxError> {
        if self.at_any_word(&["WHERE", "FROM", "SET", "RETURNING", "ORDER", "LIMIT"]) {
            return Err(self.error("an expression"));
        }
        let start = self.mark();
        let expression = self.expression_until(stops)?;
        let last = self.tokens_between(start, self.mark()).last().map(|token| &token.token);
        if select::asks_for_more(last) {
            return Err(self.error("an expression"));
        }
        Ok(expression)
    }

    /// `[ORDER BY …] [LIMIT …]`: whether a LIMIT was written.
    fn order_and_limit(&mut self) -> Result<bool, SyntaxError> {
        if self.eat_words(&["ORDER", "BY"]) {
            self.comma_list(|cursor| cursor.expression_until(&["LIMIT", "RETURNING"]).map(drop))?;
        }
        let limited = self.eat_word("LIMIT");
        if limited {
            self.comma_list(|cursor| cursor.expression_until(&["RETURNING"]).map(drop))?;
        }
        Ok(limited)
    }

    /// `FOR PORTION OF period FROM a TO b`: only that stretch of time is written.
    fn portion(&mut self) -> Result<(), SyntaxError> {
        if let Some(span) = self.eat_words_at(&["FOR", "PORTION", "OF"]) {
            self.needs(span, &[Since(Engine::Mariadb, 10, 4, 3), Since(Engine::Postgres, 19, 0, 0)]);
            self.ident()?;
            if self.at(&Lexeme::LParen) {
                self.skip_parens()?;
            } else {
                self.expect_word("FROM")?;
                self.expression_until(&["TO"])?;
                self.expect_word("TO")?;
                self.expression_until(&["SET", "WHERE", "AS", "USING", "RETURNING"])?;
            }
        }
        Ok(())
    }

    /// `RETURNING …`
    fn returning(&mut self) -> Result<bool, SyntaxError> {
        let found = self.eat_word("RETURNING");
        if found {
            self.comma_list(|cursor| cursor.expression_until(&["INTO"]).map(drop))?;
        }
        Ok(found)
    }

    /// `[AS] alias`, unless one of the words follows that cannot be one here.
    fn table_alias(&mut self, stops: &[&str]) -> Result<Option<crate::change::Ident>, SyntaxError> {
        if self.eat_word("AS") {
            return self.ident().map(Some);
        }
        if self.at_ident() && !self.at_any_word(stops) { self.ident().map(Some) } else { Ok(None) }
    }
}

/// The tables read besides the target.
fn others(reads: Vec<ObjectName>, target: &ObjectName) -> Vec<ObjectName> {
    reads.into_iter().filter(|name| name != target).collect()
}
