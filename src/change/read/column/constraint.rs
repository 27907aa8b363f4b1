//! Constraints of a table, and what qualifies any constraint.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::{CheckConstraint, ConstraintBody, ConstraintDef, Deferral, ExclusionConstraint, Ident, KeyConstraint};
use crate::engine::Engine;
use crate::source::Span;
use crate::sql::{Cursor, Since, SyntaxError};

impl ConstraintDef {
    pub(crate) fn of(body: ConstraintBody, span: Span) -> Self {
        ConstraintDef {
            name: None,
            body,
            not_valid: None,
            not_enforced: None,
            no_inherit: false,
            deferral: Deferral::default(),
            inline: false,
            if_not_exists: false,
            span,
        }
    }
}

impl Cursor<'_> {
    /// Whether a table constraint starts here rather than a column.
    pub(crate) fn at_table_constraint(&self) -> bool {
        match self.peek_word() {
            Some(word) if word.eq_ignore_ascii_case("EXCLUDE") => {
                self.is_postgres() && (self.at_word_nth(1, "USING") || self.at_nth(1, &Lexeme::LParen))
            }
            Some(word) if word.eq_ignore_ascii_case("NOT") => self.is_postgres() && self.at_word_nth(1, "NULL"),
            Some(_) => self.at_any_word(&["CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK"]),
            None => false,
        }
    }

    /// `[CONSTRAINT [name]] PRIMARY KEY | UNIQUE | FOREIGN KEY | CHECK | EXCLUDE | NOT NULL …`
    pub(crate) fn table_constraint(&mut self) -> Result<ConstraintDef, SyntaxError> {
        let start = self.mark();
        let (mut name, mut if_not_exists) = (None, false);
        if self.eat_word("CONSTRAINT") {
            if let Some(span) = self.eat_words_at(&["IF", "NOT", "EXISTS"]) {
                self.needs(span, &[Since(Engine::Mariadb, 10, 0, 2)]);
                if_not_exists = true;
            }
            if !(self.is_mysql_family() && self.at_any_word(&["PRIMARY", "UNIQUE", "FOREIGN", "CHECK"])) {
                name = Some(self.ident()?);
            }
        }
        let mut constraint = ConstraintDef::of(ConstraintBody::NotNull { column: Ident::default() }, Span::default());
        constraint.if_not_exists = if_not_exists;
        constraint.name = name;
        constraint.body = self.constraint_body(&mut constraint)?;
        if if_not_exists && !matches!(constraint.body, ConstraintBody::Check(_)) {
            let span = self.since(start);
            self.refuse(span, "IF NOT EXISTS behind FOREIGN KEY, UNIQUE or PRIMARY KEY");
        }
        while self.constraint_qualifier(&mut constraint)? {}
        constraint.span = self.since(start);
        Ok(constraint)
    }

    fn constraint_body(&mut self, constraint: &mut ConstraintDef) -> Result<ConstraintBody, SyntaxError> {
        if self.eat_words(&["PRIMARY", "KEY"]) {
            Ok(ConstraintBody::PrimaryKey(self.key_constraint(constraint)?))
        } else if self.eat_word("UNIQUE") {
            if self.eat_any_word(&["INDEX", "KEY"]).is_some() {
                let span = self.previous_span();
                self.needs(span, &[Since(Engine::Mysql, 0, 0, 0), Since(Engine::Mariadb, 0, 0, 0)]);
                if !self.is_mysql_family() && self.at_ident() {
                    self.ident()?;
                }
            }
            Ok(ConstraintBody::Unique(self.key_constraint(constraint)?))
        } else if self.eat_words(&["FOREIGN", "KEY"]) {
            if let Some(span) = self.eat_words_at(&["IF", "NOT", "EXISTS"]) {
                self.needs(span, &[Since(Engine::Mariadb, 10, 0, 2)]);
                constraint.if_not_exists = true;
            }
            let index_name = if self.is_mysql_family() && self.at_ident() { Some(self.ident()?) } else { None };
            let columns = self.paren_list(|cursor| {
                cursor.eat_period()?;
                cursor.column()
            })?;
            let mut key = self.references(columns)?;
            key.index_name = index_name;
            Ok(ConstraintBody::ForeignKey(key))
        } else if self.eat_word("CHECK") {
            let expression = self.paren_expression()?;
            self.on_conflict()?;
            Ok(ConstraintBody::Check(CheckConstraint { expression }))
        } else if self.eat_word("EXCLUDE") {
            self.exclusion().map(ConstraintBody::Exclusion)
        } else if let Some(span) = self.eat_words_at(&["NOT", "NULL"]) {
            self.needs(span, &[Since(Engine::Postgres, 18, 0, 0)]);
            Ok(ConstraintBody::NotNull { column: self.column()? })
        } else {
            Err(self.error("PRIMARY KEY, UNIQUE, FOREIGN KEY or CHECK"))
        }
    }

    /// What follows PRIMARY KEY or UNIQUE.
    fn key_constraint(&mut self, constraint: &mut ConstraintDef) -> Result<KeyConstraint, SyntaxError> {
        let mut key = KeyConstraint::default();
        if self.is_postgres() {
            if self.eat_words(&["USING", "INDEX"]) {
                key.using_index = Some(self.ident()?);
                return Ok(key);
            }
            self.nulls_distinct(&mut key.nulls_not_distinct)?;
        }
        if self.is_mysql_family() {
            if let Some(span) = self.eat_words_at(&["IF", "NOT", "EXISTS"]) {
                self.needs(span, &[Since(Engine::Mariadb, 10, 0, 2)]);
                constraint.if_not_exists = true;
            }
            if self.at_ident() {
                key.index_name = Some(self.ident()?);
            }
            key.method = self.index_type()?;
        }
        self.expect(&Lexeme::LParen)?;
        loop {
            key.columns.push(self.index_key()?);
            if let Some(span) = self.eat_words_at(&["WITHOUT", "OVERLAPS"]) {
                self.needs(span, &[Since(Engine::Postgres, 18, 0, 0), Since(Engine::Mariadb, 10, 5, 3)]);
                key.without_overlaps = true;
            }
            if self.is_sqlite() && self.eat_word("AUTOINCREMENT") {
                key.autoincrement = true;
            }
            if !self.eat(&Lexeme::Comma) {
                break;
            }
        }
        self.expect(&Lexeme::RParen)?;
        match self.engine() {
            Engine::Postgres => {
                if self.eat_word("INCLUDE") {
                    let span = self.previous_span();
                    self.needs(span, &[Since(Engine::Postgres, 11, 0, 0)]);
                    key.include = self.ident_list()?;
                }
                self.key_storage(&mut key)?;
            }
            Engine::Mysql | Engine::Mariadb => {
                let options = self.index_options()?;
                key.method = options.method.or(key.method);
                key.invisible = options.invisible;
                key.comment = options.comment;
            }
            Engine::Sqlite => key.on_conflict = self.on_conflict()?,
        }
        Ok(key)
    }

    /// `[WITH (…)] [USING INDEX TABLESPACE name]`
    pub(crate) fn key_storage(&mut self, key: &mut KeyConstraint) -> Result<(), SyntaxError> {
        if self.at_word("WITH") && self.at_nth(1, &Lexeme::LParen) {
            self.advance();
            self.skip_parens()?;
        }
        if self.eat_words(&["USING", "INDEX", "TABLESPACE"]) {
            key.tablespace = Some(self.ident()?);
        } else if self.at_words(&["USING", "BTREE"]) || self.at_words(&["USING", "HASH"]) {
            let span = self.span();
            self.needs(span, &[Since(Engine::Mysql, 0, 0, 0), Since(Engine::Mariadb, 0, 0, 0)]);
            self.index_type()?;
        }
        Ok(())
    }

    /// `NULLS [NOT] DISTINCT`, PostgreSQL 15.
    pub(crate) fn nulls_distinct(&mut self, not_distinct: &mut bool) -> Result<(), SyntaxError> {
        let mark = self.mark();
        if self.eat_word("NULLS") {
            *not_distinct = self.eat_word("NOT");
            self.expect_word("DISTINCT")?;
            let span = self.since(mark);
            self.needs(span, &[Since(Engine::Postgres, 15, 0, 0)]);
        }
        Ok(())
    }

    fn exclusion(&mut self) -> Result<ExclusionConstraint, SyntaxError> {
        let method = if self.eat_word("USING") { Some(self.ident()?) } else { None };
        let columns = self.paren_list(|cursor| {
            let mut key = cursor.index_key()?;
            cursor.expect_word("WITH")?;
            let from = cursor.mark();
            if cursor.eat_word("OPERATOR") {
                cursor.skip_parens()?;
            } else {
                while !cursor.is_end() && !cursor.at(&Lexeme::Comma) && !cursor.at(&Lexeme::RParen) {
                    cursor.advance();
                }
            }
            key.operator = Some(cursor.since(from).slice(cursor.text()).to_owned());
            Ok(key)
        })?;
        if let Some(span) = self.eat_word_at("INCLUDE") {
            self.needs(span, &[Since(Engine::Postgres, 11, 0, 0)]);
            self.ident_list()?;
        }
        let mut storage = KeyConstraint::default();
        self.key_storage(&mut storage)?;
        let predicate = if self.eat_word("WHERE") { Some(self.paren_expression()?) } else { None };
        Ok(ExclusionConstraint { method, columns, predicate })
    }

    /// One of `NOT VALID`, `[NOT] ENFORCED`, `NO INHERIT`, `[NOT] DEFERRABLE`, `INITIALLY …`.
    pub(crate) fn constraint_qualifier(&mut self, constraint: &mut ConstraintDef) -> Result<bool, SyntaxError> {
        if let Some(span) = self.eat_words_at(&["NOT", "VALID"]) {
            self.needs(span, &[Since(Engine::Postgres, 0, 0, 0)]);
            constraint.not_valid = Some(span);
        } else if self.at_word("ENFORCED") || self.at_words(&["NOT", "ENFORCED"]) {
            let mark = self.mark();
            let enforced = !self.eat_word("NOT");
            self.advance();
            let span = self.since(mark);
            self.needs(span, &[Since(Engine::Postgres, 18, 0, 0), Since(Engine::Mysql, 8, 0, 16)]);
            constraint.not_enforced = (!enforced).then_some(span);
        } else if let Some(span) = self.eat_words_at(&["NO", "INHERIT"]) {
            self.needs(span, &[Since(Engine::Postgres, 0, 0, 0)]);
            constraint.no_inherit = true;
        } else if let Some(deferral) = self.deferral()? {
            // `DEFERRABLE INITIALLY IMMEDIATE` stays deferrable.
            constraint.deferral = match (constraint.deferral, deferral) {
                (Deferral::Deferrable, Deferral::NotDeferrable) => Deferral::Deferrable,
                (_, deferral) => deferral,
            };
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// One deferral clause.
    pub(crate) fn deferral(&mut self) -> Result<Option<Deferral>, SyntaxError> {
        let mark = self.mark();
        let deferral = if self.eat_words(&["NOT", "DEFERRABLE"]) {
            Deferral::NotDeferrable
        } else if self.eat_word("DEFERRABLE") {
            Deferral::Deferrable
        } else if self.eat_words(&["INITIALLY", "DEFERRED"]) {
            Deferral::InitiallyDeferred
        } else if self.eat_words(&["INITIALLY", "IMMEDIATE"]) {
            Deferral::NotDeferrable
        } else {
            return Ok(None);
        };
        let span = self.since(mark);
        self.needs(span, &[Since(Engine::Postgres, 0, 0, 0), Since(Engine::Sqlite, 0, 0, 0)]);
        Ok(Some(deferral))
    }

    /// SQLite `ON CONFLICT resolution`.
    pub(crate) fn on_conflict(&mut self) -> Result<Option<String>, SyntaxError> {
        if !self.is_sqlite() || !self.eat_words(&["ON", "CONFLICT"]) {
            return Ok(None);
        }
        match self.eat_any_word(&["ROLLBACK", "ABORT", "FAIL", "IGNORE", "REPLACE"]) {
            Some(resolution) => Ok(Some(resolution.to_ascii_lowercase())),
            None => Err(self.error("ROLLBACK, ABORT, FAIL, IGNORE or REPLACE")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::read::testing::{action, needs};
    use crate::change::{Action, RefAction};

    fn added(target: &str, written: &str) -> ConstraintDef {
        match action(target, &format!("ALTER TABLE t ADD {written}")) {
            Action::AddConstraint(constraint) => *constraint,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn clauses_that_matter_are_kept() {
        let key = added(
            "postgres@18",
            "CONSTRAINT f FOREIGN KEY (a) REFERENCES s.p (id) ON DELETE SET NULL (a) DEFERRABLE INITIALLY DEFERRED NOT VALID",
        );
        assert!(key.not_valid.is_some());
        assert_eq!(key.deferral, Deferral::InitiallyDeferred);
        assert!(
            matches!(key.body, ConstraintBody::ForeignKey(key) if key.references.to_string() == "s.p" && key.on_delete == RefAction::SetNull)
        );

        let unique = added("postgres@14", "CONSTRAINT u UNIQUE USING INDEX i DEFERRABLE INITIALLY IMMEDIATE");
        assert_eq!(unique.deferral, Deferral::Deferrable);
        assert!(matches!(unique.body, ConstraintBody::Unique(key) if key.using_index.is_some()));

        let check = added("mysql@8.0", "CONSTRAINT c CHECK (a > 0) NOT ENFORCED");
        assert!(check.not_enforced.is_some());

        let not_null = added("postgres@18", "CONSTRAINT n NOT NULL a NOT VALID");
        assert!(not_null.not_valid.is_some() && matches!(not_null.body, ConstraintBody::NotNull { column } if column.value == "a"));

        let exclusion = added("postgres@14", "EXCLUDE USING gist (r WITH &&, (a + 1) WITH OPERATOR(pg_catalog.=)) WHERE (a > 0)");
        let ConstraintBody::Exclusion(exclusion) = exclusion.body else { panic!() };
        let operators: Vec<_> = exclusion.columns.iter().filter_map(|key| key.operator.as_deref()).collect();
        assert_eq!(operators, ["&&", "OPERATOR(pg_catalog.=)"]);

        let unique = added("mysql@8.0", "UNIQUE KEY u (a(10), b DESC) INVISIBLE");
        let ConstraintBody::Unique(key) = unique.body else { panic!() };
        assert_eq!(key.index_name.map(|name| name.value).as_deref(), Some("u"));
        assert_eq!(key.columns.first().and_then(|column| column.prefix), Some(10));
    }

    #[test]
    fn newer_syntax_names_its_version() {
        assert_eq!(needs("postgres@14", "ALTER TABLE t ADD UNIQUE NULLS NOT DISTINCT (a)"), "PostgreSQL 15");
        assert_eq!(needs("postgres@17", "ALTER TABLE t ADD CHECK (a > 0) NOT ENFORCED"), "PostgreSQL 18 or MySQL 8.0.16");
        assert_eq!(needs("postgres@17", "ALTER TABLE t ADD NOT NULL a"), "PostgreSQL 18");
        assert!(needs("mysql@8.0", "ALTER TABLE t ADD CHECK (a > 0) NOT VALID").starts_with("PostgreSQL"));
    }
}
