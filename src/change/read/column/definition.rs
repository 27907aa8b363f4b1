//! A column: name, type and attributes. All engines' attributes are read by one loop; one that
//! belongs to another engine is noted and read on.

use sqlparser::tokenizer::Token as Lexeme;

use super::attribute;
use crate::change::{ColumnDef, ConstraintDef, Ident};
use crate::engine::Engine;
use crate::sql::{Cursor, Mark, SyntaxError};

/// A definition half read: what CONSTRAINT named and where it stands.
pub(super) struct Draft {
    pub column: ColumnDef,
    pub constraint_name: Option<Ident>,
    /// Where the constraint being read starts: at CONSTRAINT, if written.
    pub constraint_start: Option<Mark>,
}

impl Draft {
    /// Files a constraint under the name that stood before it.
    pub fn constrain(&mut self, cursor: &Cursor, start: Mark, mut constraint: ConstraintDef) {
        constraint.name = self.constraint_name.take();
        constraint.span = cursor.since(self.constraint_start.take().unwrap_or(start));
        self.column.constraints.push(constraint);
    }
}

impl Cursor<'_> {
    /// `name type attributes…`
    pub(crate) fn column_definition(&mut self) -> Result<ColumnDef, SyntaxError> {
        let mark = self.mark();
        let name = self.column_in_own_table()?;
        self.column_definition_of(mark, name, false)
    }

    /// MySQL and MariaDB take `table.column` and `schema.table.column` as well.
    fn column_in_own_table(&mut self) -> Result<Ident, SyntaxError> {
        if !self.is_mysql_family() || !self.at_nth(1, &Lexeme::Period) {
            return self.column();
        }
        let mut name = self.label()?;
        while self.eat(&Lexeme::Period) {
            name = self.label()?;
        }
        Ok(name)
    }

    /// The elements of `PARTITION OF` and `OF`: `name [WITH OPTIONS] attributes…`
    pub(crate) fn column_without_type(&mut self) -> Result<ColumnDef, SyntaxError> {
        let mark = self.mark();
        let name = self.column()?;
        self.eat_words(&["WITH", "OPTIONS"]);
        self.column_definition_of(mark, name, true)
    }

    /// What follows a column's name.
    pub(crate) fn column_definition_of(&mut self, mark: Mark, name: Ident, typeless: bool) -> Result<ColumnDef, SyntaxError> {
        let mut column = ColumnDef { name, ..ColumnDef::default() };
        let serial = self.is_mysql_family() && self.at_word("SERIAL");
        column.data_type = match self.engine() {
            _ if typeless => None,
            Engine::Sqlite => self.sqlite_type()?,
            // A MariaDB column of a system-versioned table or a MySQL generated one still has a type.
            Engine::Postgres | Engine::Mysql | Engine::Mariadb => Some(self.data_type()?),
        };
        if serial {
            // BIGINT UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE
            let span = self.previous_span();
            column.not_null = Some(span);
            column.auto_increment = Some(span);
            column.constraints.push(attribute::inline_unique(&column.name, span));
        }
        let mut draft = Draft { column, constraint_name: None, constraint_start: None };
        while !self.is_end() && !self.at(&Lexeme::Comma) && !self.at(&Lexeme::RParen) {
            if !attribute::read(self, &mut draft)? {
                break;
            }
        }
        // SQLite lets a constraint's name stand without a constraint.
        if draft.constraint_name.is_some() && !self.is_sqlite() {
            return Err(self.error("a constraint"));
        }
        draft.column.span = self.since(mark);
        Ok(draft.column)
    }
}
