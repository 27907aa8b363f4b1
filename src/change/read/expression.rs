//! Expressions: their text, where they end, and a tree when they are small.

use std::sync::Arc;

use sqlparser::tokenizer::{Token as Lexeme, Word};

use crate::change::Expression;
use crate::sql::{Cursor, Mark, SyntaxError, expression};

impl Cursor<'_> {
    /// The tokens between two marks as an expression.
    pub(crate) fn expression_between(&self, from: Mark, to: Mark) -> Expression {
        let tokens = self.tokens_between(from, to);
        let span = self.between(from, to);
        Expression { text: Arc::from(span.slice(self.text())), tree: expression::tree(tokens, self.engine()), span }
    }

    /// `( expression )`: what stands inside.
    pub(crate) fn paren_expression(&mut self) -> Result<Expression, SyntaxError> {
        let (from, to) = self.skip_parens()?;
        if from == to {
            self.restore(from);
            return Err(self.error("an expression"));
        }
        Ok(self.expression_between(from, to))
    }

    /// An expression up to a comma or closing parenthesis of this level, one of the words, or the
    /// end. A word ends it only where an operand could not follow, and never inside CASE … END.
    pub(crate) fn expression_until(&mut self, stops: &[&str]) -> Result<Expression, SyntaxError> {
        let start = self.mark();
        self.skip_expression(stops);
        if self.mark() == start {
            return Err(self.error("an expression"));
        }
        Ok(self.expression_between(start, self.mark()))
    }

    fn skip_expression(&mut self, stops: &[&str]) {
        let (mut depth, mut cases) = (0usize, 0usize);
        // Whether the token before asks for an operand: then a stop word is part of the expression.
        let mut open = true;
        while let Some(lexeme) = self.peek() {
            match lexeme {
                Lexeme::LParen | Lexeme::LBracket => depth += 1,
                Lexeme::RParen | Lexeme::RBracket if depth == 0 => break,
                Lexeme::RParen | Lexeme::RBracket => depth -= 1,
                Lexeme::Comma | Lexeme::SemiColon if depth == 0 => break,
                Lexeme::Word(Word { value, quote_style: None, .. }) if depth == 0 => {
                    if value.eq_ignore_ascii_case("CASE") {
                        cases += 1;
                    } else if value.eq_ignore_ascii_case("END") && cases > 0 {
                        cases -= 1;
                    } else if cases == 0 && !open && stops.iter().any(|stop| value.eq_ignore_ascii_case(stop)) && !self.is_tested() {
                        break;
                    }
                }
                _ => {}
            }
            open = match lexeme {
                Lexeme::Word(Word { value, quote_style: None, .. }) => OPERATOR_WORDS.iter().any(|word| value.eq_ignore_ascii_case(word)),
                Lexeme::RParen | Lexeme::RBracket | Lexeme::Word(_) => false,
                lexeme => !is_operand(lexeme),
            };
            self.advance();
        }
    }

    /// `NOT` or `NULL` that belongs to `IS NOT DISTINCT FROM`, `IS NULL`, `NOT IN`, `NOT LIKE` …
    fn is_tested(&self) -> bool {
        let after = |words: &[&str]| self.peek_word_nth(1).is_some_and(|next| words.iter().any(|word| next.eq_ignore_ascii_case(word)));
        self.at_word("NOT") && after(&["IN", "LIKE", "ILIKE", "BETWEEN", "SIMILAR", "REGEXP", "RLIKE", "GLOB", "MATCH"])
    }
}

/// Words behind which an operand must follow.
const OPERATOR_WORDS: &[&str] = &[
    "AND", "OR", "NOT", "IS", "IN", "LIKE", "ILIKE", "BETWEEN", "DISTINCT", "FROM", "DIV", "MOD", "XOR", "REGEXP", "RLIKE", "GLOB",
    "INTERVAL", "ARRAY", "COLLATE", "SIMILAR", "TO", "ESCAPE", "AT", "ZONE", "USING",
];

fn is_operand(lexeme: &Lexeme) -> bool {
    use Lexeme::{
        DollarQuotedString, DoubleQuotedString, EscapedStringLiteral, HexStringLiteral, NationalStringLiteral, Number, Placeholder,
        SingleQuotedByteStringLiteral, SingleQuotedString, UnicodeStringLiteral,
    };
    matches!(
        lexeme,
        Number(..)
            | SingleQuotedString(_)
            | DoubleQuotedString(_)
            | EscapedStringLiteral(_)
            | UnicodeStringLiteral(_)
            | NationalStringLiteral(_)
            | HexStringLiteral(_)
            | SingleQuotedByteStringLiteral(_)
            | DollarQuotedString(_)
            | Placeholder(_)
    )
}
