//! DEFAULT and generation expressions.

use sqlparser::tokenizer::{Token as Lexeme, Word};

use crate::change::read::engines::POSTGRES;
use crate::change::{DefaultValue, Expression, Generated, GeneratedKind};
use crate::engine::Engine;
use crate::sql::{Cursor, Mark, Since, SyntaxError, Token, string_value};

/// Words that end a default and begin the next attribute.
pub(super) const POSTGRES_STOPS: &[&str] = &[
    "CONSTRAINT",
    "NOT",
    "NULL",
    "UNIQUE",
    "PRIMARY",
    "CHECK",
    "REFERENCES",
    "DEFAULT",
    "GENERATED",
    "COLLATE",
    "DEFERRABLE",
    "INITIALLY",
    "ENFORCED",
    "STORAGE",
    "COMPRESSION",
    "AUTO_INCREMENT",
    "COMMENT",
    "ON",
];
pub(super) const MYSQL_STOPS: &[&str] = &[
    "CONSTRAINT",
    "NOT",
    "NULL",
    "UNIQUE",
    "PRIMARY",
    "KEY",
    "CHECK",
    "REFERENCES",
    "DEFAULT",
    "GENERATED",
    "AS",
    "COLLATE",
    "COMMENT",
    "ON",
    "AUTO_INCREMENT",
    "VISIBLE",
    "INVISIBLE",
    "FIRST",
    "AFTER",
    "COLUMN_FORMAT",
    "STORAGE",
    "ENGINE_ATTRIBUTE",
    "SECONDARY_ENGINE_ATTRIBUTE",
    "SRID",
    "REF_SYSTEM_ID",
    "COMPRESSED",
    "WITH",
    "WITHOUT",
    "CHARACTER",
    "CHARSET",
    "ENFORCED",
    "PARTITION",
];

impl Cursor<'_> {
    /// `DEFAULT expression`
    pub(crate) fn default_clause(&mut self) -> Result<DefaultValue, SyntaxError> {
        let start = self.mark();
        self.expect_word("DEFAULT")?;
        let from = self.mark();
        let expression = match self.engine() {
            Engine::Postgres => {
                let expression = self.expression_until(POSTGRES_STOPS)?;
                self.check_restricted(from);
                expression
            }
            Engine::Mysql | Engine::Mariadb => match self.before_engine_option() {
                Some(literal) => literal,
                None => self.expression_until(MYSQL_STOPS)?,
            },
            Engine::Sqlite => self.sqlite_default()?,
        };
        let (expression, parenthesised) = self.unwrapped(from, expression);
        self.check_mysql_default(from, &expression, parenthesised);
        Ok(DefaultValue { expression, span: self.since(start), parenthesised })
    }

    /// A literal before an option of MariaDB's storage engine: `0 FLAG = 1`.
    fn before_engine_option(&mut self) -> Option<Expression> {
        let from = self.mark();
        let literal = matches!(self.peek(), Some(Lexeme::Number(..))) || self.at_string() || self.at_word("NULL");
        let option = literal && self.at_nth(2, &Lexeme::Eq) && self.peek_word_nth(1).is_some();
        option.then(|| self.advance())?;
        Some(self.expression_between(from, self.mark()))
    }

    /// The default of a column definition is a restricted expression in PostgreSQL (`b_expr`): tests
    /// and logic need parentheses.
    fn check_restricted(&mut self, from: Mark) {
        const LOGIC: &[&str] = &["AND", "OR", "IN", "LIKE", "ILIKE", "BETWEEN", "SIMILAR", "ISNULL", "NOTNULL", "OVERLAPS"];
        let mut probe = self.clone();
        probe.restore(from);
        let (mut depth, mut cases) = (0usize, 0usize);
        while probe.mark() < self.mark() {
            match probe.peek() {
                Some(Lexeme::LParen | Lexeme::LBracket) => depth += 1,
                Some(Lexeme::RParen | Lexeme::RBracket) => depth = depth.saturating_sub(1),
                _ if depth > 0 => {}
                _ if probe.at_word("CASE") => cases += 1,
                _ if probe.at_word("END") => cases = cases.saturating_sub(1),
                _ if cases > 0 => {}
                _ => {
                    let test = probe.at_word("IS") && !probe.at_word_nth(1, "DISTINCT") && !probe.at_word_nth(2, "DISTINCT");
                    let zone = probe.at_words(&["AT", "TIME", "ZONE"]);
                    let negation = probe.mark() == from && probe.at_word("NOT");
                    if test || zone || negation || probe.at_any_word(LOGIC) {
                        self.refuse(probe.span(), "parentheses around the expression");
                        return;
                    }
                }
            }
            probe.advance();
        }
    }

    /// A default without the word DEFAULT: of `SET DEFAULT`.
    pub(crate) fn default_value(&mut self, start: Mark) -> Result<DefaultValue, SyntaxError> {
        let from = self.mark();
        let expression = if self.is_sqlite() { self.sqlite_default()? } else { self.expression_until(&[])? };
        let (expression, parenthesised) = self.unwrapped(from, expression);
        self.check_mysql_default(from, &expression, parenthesised);
        if self.engine() == Engine::Mysql && !parenthesised && starts_with_now(self.tokens_between(from, self.mark())) {
            // Here MySQL takes a literal or parentheses, unlike in a column's definition.
            self.refuse(expression.span, "parentheses around the expression");
        }
        Ok(DefaultValue { expression, span: self.since(start), parenthesised })
    }

    /// Takes the parentheses off an expression that stands in them as a whole.
    fn unwrapped(&self, from: Mark, expression: Expression) -> (Expression, bool) {
        let to = self.mark();
        let mut probe = self.clone();
        probe.restore(from);
        match probe.skip_parens() {
            Ok((inside, end)) if probe.mark() == to && inside < end => (self.expression_between(inside, end), true),
            _ => (expression, false),
        }
    }

    /// A sign and one term, or an expression in parentheses; a call needs them as well.
    fn sqlite_default(&mut self) -> Result<Expression, SyntaxError> {
        let from = self.mark();
        while self.eat(&Lexeme::Minus) || self.eat(&Lexeme::Plus) {}
        if self.at(&Lexeme::LParen) {
            self.skip_parens()?;
        } else if self.at(&Lexeme::Comma) || self.advance().is_none() {
            return Err(self.error("a default value"));
        } else if self.at(&Lexeme::LParen) {
            self.skip_parens()?;
            let span = self.since(from);
            self.refuse(span, "parentheses around the expression");
        }
        let ended = matches!(self.peek(), None | Some(Lexeme::Comma | Lexeme::RParen | Lexeme::Word(_)));
        if !ended {
            // An operator: read on to where the next attribute starts.
            self.expression_until(MYSQL_STOPS)?;
            let span = self.since(from);
            self.refuse(span, "parentheses around the expression");
        }
        Ok(self.expression_between(from, self.mark()))
    }

    /// MySQL takes literals and the current time bare, anything else in parentheses since 8.0.13;
    /// MariaDB takes any expression since 10.2.1.
    fn check_mysql_default(&mut self, from: Mark, expression: &Expression, parenthesised: bool) {
        if !self.is_mysql_family() {
            return;
        }
        let span = expression.span;
        if self.tokens_between(from, self.mark()).iter().any(|token| token.token == Lexeme::DoubleColon) {
            // A cast in PostgreSQL's manner, which parentheses do not help.
            self.needs(span, &[POSTGRES]);
        } else if parenthesised {
            self.needs(span, &[Since(Engine::Mysql, 8, 0, 13), Since(Engine::Mariadb, 10, 2, 1)]);
        } else if !self.is_plain_default(from) {
            self.needs(span, &[Since(Engine::Mariadb, 10, 2, 1)]);
            if !self.is_call(from) {
                self.refuse(span, "parentheses around the expression");
            }
        }
    }

    fn is_plain_default(&self, from: Mark) -> bool {
        let tokens = self.tokens_between(from, self.mark());
        if starts_with_now(tokens) {
            return true;
        }
        match tokens {
            [only] => match word(Some(only)) {
                Some(word) => ["NULL", "TRUE", "FALSE"].iter().any(|literal| word.eq_ignore_ascii_case(literal)),
                None => true,
            },
            [sign, Token { token: Lexeme::Number(..), .. }] => matches!(sign.token, Lexeme::Minus | Lexeme::Plus),
            // `_latin1 0xFF`
            [first, Token { token: Lexeme::HexStringLiteral(_) | Lexeme::SingleQuotedByteStringLiteral(_), .. }] => {
                word(Some(first)).is_some_and(|word| word.starts_with('_'))
            }
            // `_utf8mb4'…'`, `DATE '…'`
            [first, second] if string_value(&second.token, self.target()).is_some() => word(Some(first)).is_some_and(|word| {
                word.starts_with('_') || ["DATE", "TIME", "TIMESTAMP"].iter().any(|prefix| word.eq_ignore_ascii_case(prefix))
            }),
            tokens => tokens.iter().all(|token| string_value(&token.token, self.target()).is_some()),
        }
    }

    /// MariaDB takes a call without parentheses, operators only within.
    fn is_call(&self, from: Mark) -> bool {
        let to = self.mark();
        let mut probe = self.clone();
        probe.restore(from);
        if probe.at_any_word(&["NEXT", "PREVIOUS"]) && probe.at_word_nth(1, "VALUE") && probe.at_word_nth(2, "FOR") {
            return true;
        }
        // `CASE … END`, `MATCH (a) AGAINST (…)`, `@a := 1`
        let last = self.tokens_between(from, to).last();
        if probe.at_word("CASE") && word(last).is_some_and(|last| last.eq_ignore_ascii_case("END")) {
            return true;
        }
        if probe.at_word("MATCH") || probe.peek_word().is_some_and(|word| word.starts_with('@')) {
            return true;
        }
        if probe.object_name().is_err() && probe.advance().is_none() {
            return false;
        }
        let called = !probe.at(&Lexeme::LParen) || probe.skip_parens().is_ok();
        if probe.eat_word("OVER") && probe.skip_parens().is_err() {
            return false;
        }
        called && probe.mark() == to
    }

    /// `( expression ) [STORED | VIRTUAL]`, from behind AS.
    pub(crate) fn generated_expression(&mut self, start: Mark) -> Result<Generated, SyntaxError> {
        let expression = self.paren_expression()?;
        let written = self.eat_any_word(&["STORED", "VIRTUAL", "PERSISTENT"]);
        let span = self.since(start);
        let versions = [
            Since(Engine::Postgres, 12, 0, 0),
            Since(Engine::Mysql, 5, 7, 6),
            Since(Engine::Mariadb, 5, 2, 0),
            Since(Engine::Sqlite, 3, 31, 0),
        ];
        let [_, mysql, mariadb, sqlite] = versions;
        let kind = match written {
            Some("VIRTUAL") | None => {
                self.needs(span, &[Since(Engine::Postgres, 18, 0, 0), mysql, mariadb, sqlite]);
                GeneratedKind::Virtual
            }
            Some("PERSISTENT") => {
                self.needs(span, &[mariadb]);
                GeneratedKind::Stored
            }
            Some(_) => {
                self.needs(span, &versions);
                GeneratedKind::Stored
            }
        };
        Ok(Generated { expression, kind, implied: written.is_none(), span })
    }
}

fn word(token: Option<&Token>) -> Option<&str> {
    match token.map(|token| &token.token) {
        Some(Lexeme::Word(Word { value, quote_style: None, .. })) => Some(value),
        _ => None,
    }
}

/// `CURRENT_TIMESTAMP` and its synonyms.
fn starts_with_now(tokens: &[Token]) -> bool {
    const NOW: &[&str] = &["CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP"];
    word(tokens.first()).is_some_and(|word| NOW.iter().any(|now| word.eq_ignore_ascii_case(now)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::read::testing::{action, needs};
    use crate::change::{Action, ColumnDef};

    fn column(target: &str, written: &str) -> ColumnDef {
        match action(target, &format!("ALTER TABLE t ADD COLUMN c {written}")) {
            Action::AddColumn { column, .. } => *column,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn defaults_end_where_the_next_attribute_starts() {
        for (target, written, text, parenthesised) in [
            ("postgres@14", "text DEFAULT 'x'::text || 'y' NOT NULL", "'x'::text || 'y'", false),
            ("postgres@14", "bool DEFAULT 1 IS NOT DISTINCT FROM 2 NOT NULL", "1 IS NOT DISTINCT FROM 2", false),
            ("postgres@14", "int DEFAULT CASE WHEN true THEN NULL END NOT NULL", "CASE WHEN true THEN NULL END", false),
            ("postgres@14", "int DEFAULT NULL NOT NULL", "NULL", false),
            ("postgres@14", "timestamptz DEFAULT (now() AT TIME ZONE 'utc') NOT NULL", "now() AT TIME ZONE 'utc'", true),
            ("mysql@8.0", "int DEFAULT (1 + (2)) NOT NULL", "1 + (2)", true),
            ("mysql@8.0", "datetime(6) DEFAULT now(6) ON UPDATE now(6) NOT NULL", "now(6)", false),
            ("mariadb@10.11", "char(36) DEFAULT uuid() NOT NULL", "uuid()", false),
            ("sqlite", "int DEFAULT -5 NOT NULL", "-5", false),
            ("sqlite", "int DEFAULT (random()) NOT NULL", "random()", true),
        ] {
            let column = column(target, written);
            let default = column.default.unwrap();
            assert_eq!((&*default.expression.text, default.parenthesised), (text, parenthesised), "{written}");
            assert!(column.not_null.is_some(), "{written}");
        }
    }

    #[test]
    fn defaults_that_need_parentheses_are_told() {
        assert_eq!(needs("mysql@8.0", "ALTER TABLE t ADD c char(36) DEFAULT uuid()"), "MariaDB 10.2.1");
        assert_eq!(needs("mysql@5.7", "ALTER TABLE t ADD c int DEFAULT (1 + 2)"), "MySQL 8.0.13 or MariaDB 10.2.1");
        assert_eq!(needs("mysql@8.0", "ALTER TABLE t ALTER c SET DEFAULT now()::timestamp"), "PostgreSQL");
        assert_eq!(needs("mariadb@10.11", "ALTER TABLE t ADD c int DEFAULT ('1'::int)"), "PostgreSQL");
        for (target, sql) in [
            ("sqlite", "ALTER TABLE t ADD c text DEFAULT datetime('now')"),
            ("postgres@18", "ALTER TABLE t ADD c timestamp DEFAULT now() AT TIME ZONE 'utc'"),
            ("mysql@8.0", "ALTER TABLE t ALTER c SET DEFAULT CURRENT_TIMESTAMP"),
        ] {
            assert_eq!(needs(target, sql), "parentheses around the expression", "{sql}");
        }
    }

    #[test]
    fn the_kind_of_a_generated_column_follows_the_engine() {
        for (target, written, kind, implied) in [
            ("postgres@18", "int GENERATED ALWAYS AS (a)", GeneratedKind::Virtual, true),
            ("postgres@12", "int GENERATED ALWAYS AS (a) STORED", GeneratedKind::Stored, false),
            ("mysql@5.7", "int AS (a)", GeneratedKind::Virtual, true),
            ("mariadb@10.5", "int AS (a) PERSISTENT", GeneratedKind::Stored, false),
            ("sqlite@3.40", "AS (a)", GeneratedKind::Virtual, true),
        ] {
            let generated = column(target, written).generated.unwrap();
            assert_eq!((generated.kind, generated.implied), (kind, implied), "{target}");
        }
        assert!(needs("postgres@17", "ALTER TABLE t ADD c int GENERATED ALWAYS AS (a)").starts_with("PostgreSQL 18"));
    }
}
