//! Small steps that many statements share.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::{Ident, ObjectName};
use crate::sql::{Cursor, Mark, SyntaxError};

impl Cursor<'_> {
    /// The place after the last token.
    pub(super) fn end_mark(&self) -> Mark {
        let mut probe = self.clone();
        probe.skip_rest();
        probe.mark()
    }

    /// Passes everything up to the parenthesis that closes this level, which stays.
    pub(super) fn skip_to_close(&mut self) {
        loop {
            self.skip_item();
            if !self.eat(&Lexeme::Comma) {
                return;
            }
        }
    }

    /// `t`, `s.t`, `t.*`
    pub(super) fn object_name_or_star(&mut self) -> Result<ObjectName, SyntaxError> {
        let mut name = self.ident()?;
        let mut schema: Option<Ident> = None;
        while self.eat(&Lexeme::Period) {
            if self.eat(&Lexeme::Mul) {
                break;
            }
            schema = Some(std::mem::replace(&mut name, self.label()?));
        }
        Ok(ObjectName { schema, name })
    }

    /// A name or a string of one token, as languages and labels are written.
    pub(super) fn name_or_string(&mut self) -> Result<String, SyntaxError> {
        match self.peek() {
            Some(Lexeme::SingleQuotedString(text)) => {
                self.advance();
                Ok(text.clone())
            }
            _ => self.label().map(|name| name.value),
        }
    }

    /// `[=]`
    pub(super) fn eat_equals(&mut self) {
        self.eat(&Lexeme::Eq);
    }

    /// Whether one of the words stands within the next few tokens.
    pub(super) fn has_word_within(&self, word: &str, tokens: usize) -> bool {
        (0..tokens).any(|n| self.at_word_nth(n, word))
    }
}
