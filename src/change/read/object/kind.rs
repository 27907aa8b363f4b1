//! Kinds of objects by the words that name them.

use sqlparser::tokenizer::{Token as Lexeme, Word};

use crate::change::read::Reading;
use crate::change::read::engines::{MARIADB, MYSQL, POSTGRES, SQLITE};
use crate::change::{Ident, ObjectKind, ObjectName};
use crate::engine::Engine;
use crate::source::Span;
use crate::sql::{Cursor, Since, SyntaxError};

/// The kind a noun of the dispatch stands for.
pub(super) fn kind(noun: &str, cursor: &Cursor) -> ObjectKind {
    match noun {
        "TABLE" => ObjectKind::Table,
        "VIEW" => ObjectKind::View,
        "MATERIALIZED VIEW" => ObjectKind::MaterializedView,
        "INDEX" => ObjectKind::Index,
        "SEQUENCE" => ObjectKind::Sequence,
        "TYPE" => ObjectKind::Type,
        "DOMAIN" => ObjectKind::Domain,
        "FUNCTION" | "ROUTINE" => ObjectKind::Function,
        "PROCEDURE" => ObjectKind::Procedure,
        "AGGREGATE" => ObjectKind::Aggregate,
        "TRIGGER" => ObjectKind::Trigger,
        "EVENT TRIGGER" => ObjectKind::EventTrigger,
        "RULE" => ObjectKind::Rule,
        "POLICY" => ObjectKind::Policy,
        // MySQL and MariaDB call a database a schema too.
        "SCHEMA" if cursor.is_mysql_family() => ObjectKind::Database,
        "SCHEMA" => ObjectKind::Schema,
        "DATABASE" => ObjectKind::Database,
        "EXTENSION" => ObjectKind::Extension,
        "ROLE" | "USER" | "GROUP" => ObjectKind::Role,
        "PUBLICATION" => ObjectKind::Publication,
        "SUBSCRIPTION" => ObjectKind::Subscription,
        "STATISTICS" => ObjectKind::Statistics,
        "FOREIGN TABLE" => ObjectKind::ForeignTable,
        "SERVER" => ObjectKind::Server,
        "TABLESPACE" => ObjectKind::Tablespace,
        "COLLATION" => ObjectKind::Collation,
        "EVENT" => ObjectKind::Event,
        "CONSTRAINT" => ObjectKind::Constraint,
        "COLUMN" => ObjectKind::Column,
        _ => ObjectKind::Other,
    }
}

/// Who has objects of this kind.
pub(super) fn engines(noun: &str) -> &'static [Since] {
    const PG10: Since = Since(Engine::Postgres, 10, 0, 0);
    const PG11: Since = Since(Engine::Postgres, 11, 0, 0);
    match noun {
        "VIEW" | "TRIGGER" => &[POSTGRES, MYSQL, MARIADB, SQLITE],
        "SEQUENCE" => &[POSTGRES, Since(Engine::Mariadb, 10, 3, 0)],
        "PROCEDURE" => &[PG11, MYSQL, MARIADB],
        "FUNCTION" | "SCHEMA" | "DATABASE" | "USER" | "SERVER" => &[POSTGRES, MYSQL, MARIADB],
        "ROLE" => &[POSTGRES, Since(Engine::Mysql, 8, 0, 0), MARIADB],
        "ROUTINE" => &[PG11],
        "PUBLICATION" | "SUBSCRIPTION" | "STATISTICS" => &[PG10],
        "PROPERTY GRAPH" => &[Since(Engine::Postgres, 19, 0, 0)],
        "EVENT" => &[MYSQL, MARIADB],
        "TABLESPACE" => &[POSTGRES, MYSQL],
        "PACKAGE" => &[MARIADB],
        "LOGFILE" | "INSTANCE" => &[MYSQL],
        "LIBRARY" => &[Since(Engine::Mysql, 9, 2, 0)],
        "MASKING POLICY" => &[Since(Engine::Mysql, 9, 7, 0)],
        "RESOURCE" | "SPATIAL REFERENCE SYSTEM" => &[Since(Engine::Mysql, 8, 0, 0)],
        _ => &[POSTGRES],
    }
}

/// What stands between CREATE and the noun.
#[derive(Debug, Default)]
pub(in crate::change::read) struct Before {
    pub or_replace: bool,
    /// `OR REPLACE`, where it was written.
    pub replace_span: Span,
    pub temporary: bool,
    pub constraint: bool,
    pub recursive: bool,
    pub unlogged: bool,
}

impl Reading<'_> {
    /// Passes the verb, what modifies it and the noun; notes whom the noun is known to.
    pub(in crate::change::read) fn past_noun(&mut self, noun: &str) -> Result<Before, SyntaxError> {
        let start = self.mark();
        let mut before = Before::default();
        let words: Vec<&str> = noun.split(' ').collect();
        self.advance();
        while !self.is_end() && !self.at_words(&words) {
            if let Some(span) = self.eat_words_at(&["OR", "REPLACE"]) {
                before.or_replace = true;
                before.replace_span = span;
            } else if self.eat_any_word(&["TEMP", "TEMPORARY"]).is_some() {
                before.temporary = true;
            } else if self.eat_word("CONSTRAINT") {
                before.constraint = true;
            } else if self.eat_word("RECURSIVE") {
                before.recursive = true;
            } else if self.eat_word("UNLOGGED") {
                before.unlogged = true;
            } else {
                // DEFINER = …, ALGORITHM = …, SQL SECURITY …
                self.advance();
            }
        }
        if !self.eat_words(&words) {
            return Err(self.error("what to create"));
        }
        let span = self.since(start);
        self.needs(span, engines(noun));
        Ok(before)
    }
}

impl Cursor<'_> {
    /// The name of a role or a MySQL account: `'user'@'host'`, `CURRENT_USER`.
    pub(in crate::change::read) fn account(&mut self) -> Result<Ident, SyntaxError> {
        let start = self.mark();
        let mut value = match self.peek() {
            Some(Lexeme::Word(Word { value, .. }) | Lexeme::SingleQuotedString(value) | Lexeme::DoubleQuotedString(value)) => value.clone(),
            _ => return Err(self.error("a name")),
        };
        self.advance();
        if self.is_mysql_family() {
            // Whether the host comes next; it may be empty.
            let mut joined = value.ends_with('@');
            loop {
                let host = std::mem::take(&mut joined);
                match self.peek() {
                    Some(Lexeme::AtSign) => {
                        value.push('@');
                        joined = true;
                    }
                    Some(Lexeme::Word(Word { value: part, .. })) if host || part.starts_with('@') => {
                        value.push_str(part);
                        joined = part == "@";
                    }
                    // A host without quotes: `u@127.0.0.1`, `u@db.example.com`.
                    Some(Lexeme::Number(part, _)) if value.contains('@') => value.push_str(part),
                    Some(Lexeme::Period) if value.contains('@') => {
                        value.push('.');
                        if let Some(Lexeme::Word(Word { value: part, .. })) = self.peek_nth(1) {
                            value.push_str(part);
                            self.advance();
                        }
                    }
                    Some(Lexeme::SingleQuotedString(part) | Lexeme::DoubleQuotedString(part)) if host => value.push_str(part),
                    _ => break,
                }
                self.advance();
            }
            if self.at(&Lexeme::LParen) && self.at_nth(1, &Lexeme::RParen) {
                self.advance();
                self.advance();
            }
        }
        Ok(Ident::new(value, self.since(start)))
    }

    /// The name of anything: an operator, a string, a word.
    pub(super) fn any_name(&mut self) -> Result<ObjectName, SyntaxError> {
        if self.at_string() || self.is_mysql_family() && self.peek_word_nth(1).is_some_and(|word| word.starts_with('@')) {
            return self.account().map(ObjectName::bare);
        }
        if let Ok(name) = self.object_name() {
            return Ok(name);
        }
        let start = self.mark();
        while !self.is_end() && !self.at(&Lexeme::LParen) && !self.at_any_word(&["USING", "RENAME", "OWNER", "SET", "FOR", "ON", "CASCADE"])
        {
            self.advance();
        }
        if self.mark() == start {
            return Err(self.error("a name"));
        }
        let span = self.since(start);
        Ok(ObjectName::bare(Ident::new(span.slice(self.text()), span)))
    }
}
