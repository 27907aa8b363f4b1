//! Clauses that steer a statement as a whole: ALGORITHM, LOCK, WAIT, CASCADE.

use sqlparser::tokenizer::Token as Lexeme;

use super::Reading;
use crate::change::Assertion;
use crate::engine::Engine;
use crate::sql::{Cursor, Since, SyntaxError};

impl Reading<'_> {
    /// `ALGORITHM [=] word` or `LOCK [=] word`.
    pub(super) fn algorithm_or_lock(&mut self) -> Result<bool, SyntaxError> {
        let start = self.mark();
        let equals = self.at_nth(1, &Lexeme::Eq);
        if !self.is_mysql_family() && !equals {
            return Ok(false);
        }
        let Some(clause) = self.eat_any_word(&["ALGORITHM", "LOCK"]) else { return Ok(false) };
        self.eat(&Lexeme::Eq);
        let known: &[&'static str] = if clause == "LOCK" {
            &["DEFAULT", "NONE", "SHARED", "EXCLUSIVE"]
        } else {
            &["DEFAULT", "INSTANT", "INPLACE", "COPY", "NOCOPY"]
        };
        let value = match self.eat_any_word(known) {
            Some(value) => value.to_ascii_lowercase(),
            // Unknown words are refused by the server when it runs, not by its grammar.
            None => self.label()?.value.to_ascii_lowercase(),
        };
        let span = self.since(start);
        self.needs(span, &[Since(Engine::Mysql, 5, 6, 0), Since(Engine::Mariadb, 10, 0, 0)]);
        let assertion = Some(Assertion { value, span: self.since(start) });
        match clause {
            "LOCK" => self.modifiers.lock = assertion,
            _ => self.modifiers.algorithm = assertion,
        }
        Ok(true)
    }

    /// MariaDB `WAIT n` or `NOWAIT`.
    pub(super) fn lock_wait(&mut self) -> Result<(), SyntaxError> {
        if !self.is_mysql_family() || !self.at_any_word(&["WAIT", "NOWAIT"]) {
            return Ok(());
        }
        let start = self.mark();
        self.modifiers.wait = if self.eat_word("NOWAIT") {
            Some(0)
        } else {
            self.eat_word("WAIT");
            match self.peek() {
                // Fractions of a second are taken too.
                Some(Lexeme::Number(digits, _)) if digits.contains('.') => {
                    let whole = digits.split('.').next().and_then(|whole| whole.parse().ok());
                    self.advance();
                    whole
                }
                _ => Some(self.number()?),
            }
        };
        let span = self.since(start);
        self.needs(span, &[Since(Engine::Mariadb, 10, 3, 0)]);
        Ok(())
    }
}

impl Cursor<'_> {
    /// `CASCADE` or `RESTRICT`, if written; whether it was CASCADE.
    pub(crate) fn drop_behaviour(&mut self) -> bool {
        let behaviour = self.eat_any_word(&["CASCADE", "RESTRICT"]);
        if behaviour.is_some() {
            let span = self.previous_span();
            self.needs(span, &[Since(Engine::Postgres, 0, 0, 0), Since(Engine::Mysql, 0, 0, 0), Since(Engine::Mariadb, 0, 0, 0)]);
        }
        behaviour == Some("CASCADE")
    }
}
