//! Options of MySQL and MariaDB indexes.

use sqlparser::tokenizer::Token as Lexeme;

use crate::engine::Engine;
use crate::sql::{Cursor, Since, SyntaxError};

/// What the options said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct IndexOptions {
    pub method: Option<String>,
    pub invisible: bool,
    pub comment: String,
}

impl Cursor<'_> {
    /// `USING method` or `TYPE method` before the keys.
    pub(crate) fn index_type(&mut self) -> Result<Option<String>, SyntaxError> {
        if self.eat_word("USING") || self.eat_word("TYPE") { Ok(Some(self.label()?.value.to_ascii_lowercase())) } else { Ok(None) }
    }

    /// Whatever options stand behind the keys.
    pub(crate) fn index_options(&mut self) -> Result<IndexOptions, SyntaxError> {
        let mut options = IndexOptions::default();
        loop {
            let mark = self.mark();
            if let Some(method) = self.index_type()? {
                options.method = Some(method);
            } else if self.eat_word("KEY_BLOCK_SIZE") {
                self.eat(&Lexeme::Eq);
                self.number()?;
            } else if self.eat_word("COMMENT") {
                options.comment = self.string()?;
            } else if self.eat_words(&["WITH", "PARSER"]) {
                self.ident()?;
            } else if let Some(word) = self.eat_any_word(&["VISIBLE", "INVISIBLE"]) {
                options.invisible = word == "INVISIBLE";
                let span = self.since(mark);
                // MariaDB reads VISIBLE, not its opposite.
                let mariadb = if options.invisible { Since(Engine::Mysql, 8, 0, 0) } else { Since(Engine::Mariadb, 0, 0, 0) };
                self.needs(span, &[Since(Engine::Mysql, 8, 0, 0), mariadb]);
            } else if self.eat_words(&["NOT", "IGNORED"]) || self.at_word("IGNORED") {
                options.invisible = self.eat_word("IGNORED");
                let span = self.since(mark);
                self.needs(span, &[Since(Engine::Mariadb, 10, 6, 0)]);
            } else if self.eat_any_word(&["ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"]).is_some() {
                self.eat(&Lexeme::Eq);
                self.string()?;
            } else if self.at_ident() && self.at_nth(1, &Lexeme::Eq) && !self.at_any_word(&["ALGORITHM", "LOCK"]) {
                // An option of the storage engine: `CLUSTERING = YES`, `M = 8`.
                self.ident()?;
                self.advance();
                self.advance();
                let span = self.since(mark);
                self.needs(span, &[Since(Engine::Mariadb, 0, 0, 0)]);
            } else {
                return Ok(options);
            }
        }
    }
}
