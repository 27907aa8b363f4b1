//! CREATE INDEX of all engines, and the index elements of MySQL's tables.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, CreateIndex, IndexKind, ObjectName};
use crate::engine::Engine;
use crate::source::Span;
use crate::sql::{Cursor, Since, SyntaxError};

const MARIADB: Since = Since(Engine::Mariadb, 10, 0, 2);
const POSTGRES: Since = Since(Engine::Postgres, 0, 0, 0);
const MYSQL_FAMILY: &[Since] = &[Since(Engine::Mysql, 0, 0, 0), Since(Engine::Mariadb, 0, 0, 0)];

pub(in crate::change::read) fn create_index(reading: &mut Reading) -> Read {
    let start = reading.mark();
    reading.expect_word("CREATE")?;
    let mut index = CreateIndex::default();
    if let Some(span) = reading.eat_words_at(&["OR", "REPLACE"]) {
        reading.needs(span, &[Since(Engine::Mariadb, 10, 1, 4)]);
        index.or_replace = true;
    }
    index.unique = reading.eat_word("UNIQUE");
    index.kind = reading.index_kind();
    if index.kind != IndexKind::Plain {
        let span = reading.previous_span();
        reading.needs(span, MYSQL_FAMILY);
    }
    reading.expect_word("INDEX")?;
    index.index_keyword = after(reading.previous_span());
    if let Some(span) = reading.eat_word_at("CONCURRENTLY") {
        reading.needs(span, &[POSTGRES]);
        index.concurrently = Some(span);
    }
    if let Some(span) = reading.eat_words_at(&["IF", "NOT", "EXISTS"]) {
        reading.needs(span, &[Since(Engine::Postgres, 9, 5, 0), MARIADB, Since(Engine::Sqlite, 0, 0, 0)]);
        index.if_not_exists = true;
    }
    if reading.at_word("ON") && !index.if_not_exists {
        // Only PostgreSQL makes up a name.
        let span = reading.span();
        reading.needs(span, &[POSTGRES]);
    } else {
        let name = reading.object_name()?;
        if let (false, Some(schema)) = (reading.is_sqlite(), &name.schema) {
            // The index lives where its table does.
            reading.refuse(schema.span, "an index name without a schema");
        }
        index.name = Some(name);
    }
    if reading.at_any_word(&["USING", "TYPE"]) {
        let span = reading.span();
        reading.needs(span, MYSQL_FAMILY);
        index.method = reading.index_type()?;
    }
    reading.expect_word("ON")?;
    if let Some(span) = reading.eat_word_at("ONLY") {
        reading.needs(span, &[Since(Engine::Postgres, 11, 0, 0)]);
        index.only = true;
    }
    let table = reading.object_name()?;
    if let (true, Some(schema)) = (reading.is_sqlite(), &table.schema) {
        reading.refuse(schema.span, "the schema in front of the index's name");
    }
    if let Some(span) = reading.eat_word_at("USING") {
        reading.needs(span, &[POSTGRES]);
        index.method = Some(reading.ident()?.value.to_ascii_lowercase());
    }
    index.keys = reading.paren_list(|cursor| cursor.index_key())?;
    // MariaDB: WAIT stands between the keys and the options.
    reading.lock_wait()?;
    if reading.is_mysql_family() {
        let options = reading.index_options()?;
        index.invisible = options.invisible;
        index.comment = options.comment;
        index.method = options.method.or(index.method);
    }
    while reading.algorithm_or_lock()? {
        reading.eat(&Lexeme::Comma);
    }
    postgres_clauses(reading, &mut index)?;
    if reading.eat_word("WHERE") {
        let span = reading.previous_span();
        reading.needs(span, &[POSTGRES, Since(Engine::Sqlite, 3, 8, 0)]);
        index.predicate = Some(reading.expression_until(&[])?);
    }
    let span = reading.since(start);
    Ok(vec![Change::on(table, span, Action::CreateIndex(Box::new(index)))])
}

fn postgres_clauses(cursor: &mut Cursor, index: &mut CreateIndex) -> Result<(), SyntaxError> {
    if let Some(span) = cursor.eat_word_at("INCLUDE") {
        cursor.needs(span, &[Since(Engine::Postgres, 11, 0, 0)]);
        index.include = cursor.ident_list()?;
    }
    cursor.nulls_distinct(&mut index.nulls_not_distinct)?;
    if let Some(span) = cursor.eat_word_at("WITH") {
        cursor.needs(span, &[POSTGRES]);
        cursor.skip_parens()?;
    }
    if let Some(span) = cursor.eat_word_at("TABLESPACE") {
        cursor.needs(span, &[POSTGRES]);
        index.tablespace = Some(cursor.ident()?);
    }
    Ok(())
}

/// The place right behind a token.
fn after(span: Span) -> Span {
    Span::new(span.end, span.end)
}

impl Cursor<'_> {
    fn index_kind(&mut self) -> IndexKind {
        match self.eat_any_word(&["FULLTEXT", "SPATIAL", "VECTOR"]) {
            Some("FULLTEXT") => IndexKind::Fulltext,
            Some("SPATIAL") => IndexKind::Spatial,
            Some(_) => {
                let span = self.previous_span();
                self.needs(span, &[Since(Engine::Mariadb, 11, 7, 0)]);
                IndexKind::Vector
            }
            None => IndexKind::Plain,
        }
    }

    /// Whether an index element of CREATE TABLE or `ADD INDEX` starts here. Only MySQL and MariaDB
    /// have them; elsewhere the words are names.
    pub(crate) fn at_index_element(&self) -> bool {
        if !self.is_mysql_family() {
            return self.is_sqlite() && self.at_word("INDEX");
        }
        self.at_any_word(&["INDEX", "KEY", "FULLTEXT", "SPATIAL"])
            || (self.at_word("VECTOR") && (self.at_word_nth(1, "INDEX") || self.at_word_nth(1, "KEY")))
    }

    /// `[FULLTEXT | SPATIAL | VECTOR] {INDEX | KEY} [name] [USING method] (keys) options`
    pub(crate) fn index_element(&mut self) -> Result<CreateIndex, SyntaxError> {
        let mut index = CreateIndex { kind: self.index_kind(), in_alter: true, ..CreateIndex::default() };
        self.eat_any_word(&["INDEX", "KEY"]);
        index.index_keyword = after(self.previous_span());
        if let Some(span) = self.eat_words_at(&["IF", "NOT", "EXISTS"]) {
            self.needs(span, &[MARIADB]);
            index.if_not_exists = true;
        }
        if self.at_ident() && !self.at_any_word(&["USING", "TYPE"]) {
            index.name = Some(ObjectName::bare(self.ident()?));
        }
        index.method = self.index_type()?;
        index.keys = self.paren_list(|cursor| cursor.index_key())?;
        let options = self.index_options()?;
        index.invisible = options.invisible;
        index.comment = options.comment;
        index.method = options.method.or(index.method);
        Ok(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::read::testing::{action, needs};

    fn created(target: &str, sql: &str) -> CreateIndex {
        match action(target, sql) {
            Action::CreateIndex(index) => *index,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_clause_is_kept() {
        let sql = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY s.t USING gin \
                   (a COLLATE \"C\" gin_trgm_ops DESC NULLS LAST, lower(b), (c + 1)) INCLUDE (d) NULLS NOT DISTINCT \
                   WITH (fastupdate = off) TABLESPACE x WHERE a > 0 AND b IS NOT NULL";
        let index = created("postgres@18", sql);
        assert_eq!(index.concurrently.map(|span| span.slice(sql)), Some("CONCURRENTLY"));
        assert_eq!(sql.get(..index.index_keyword.start as usize), Some("CREATE UNIQUE INDEX"));
        assert!(index.unique && index.only && index.if_not_exists && index.nulls_not_distinct);
        assert_eq!((index.method.as_deref(), index.include.len(), index.keys.len()), (Some("gin"), 1, 3));
        assert_eq!(index.predicate.map(|predicate| predicate.text.to_string()).as_deref(), Some("a > 0 AND b IS NOT NULL"));
        // A collation makes no expression of a column.
        let first = index.keys.first().unwrap();
        assert!(first.column_name().is_some_and(|name| name.value == "a") && first.collation.is_some() && first.opclass.is_some());
        assert!(first.descending && first.nulls_first == Some(false));
        assert!(index.keys.iter().skip(1).all(|key| key.column_name().is_none()));
    }

    #[test]
    fn a_prefix_is_no_call_and_a_lone_name_is_a_column() {
        let index = created("mysql@8.0", "CREATE INDEX i USING BTREE ON t (a(10), b DESC) INVISIBLE ALGORITHM=INPLACE LOCK=NONE");
        assert_eq!(index.keys.first().map(|key| (key.prefix, key.column_name().is_some())), Some((Some(10), true)));
        assert!(index.invisible);
        let index = created("sqlite", "CREATE INDEX i ON t ('a', \"b\", lower(c), d || e COLLATE NOCASE DESC) WHERE a > 0");
        let columns = index.keys.iter().filter(|key| key.column_name().is_some()).count();
        assert_eq!((columns, index.keys.last().is_some_and(|key| key.descending && key.collation.is_some())), (2, true));
    }

    #[test]
    fn mysql_indexes_inside_alter_are_not_columns() {
        let index = created("mariadb@11.8", "ALTER TABLE t ADD VECTOR INDEX (v) M=8 DISTANCE=cosine");
        assert!(index.in_alter && index.kind == IndexKind::Vector);
        let index = created("mysql@8.0", "ALTER TABLE t ADD FULLTEXT KEY f (a) WITH PARSER ngram");
        assert_eq!((index.kind, index.name.is_some()), (IndexKind::Fulltext, true));
    }

    #[test]
    fn others_clauses_are_refused_and_still_read() {
        assert_eq!(needs("mysql@8.0", "CREATE INDEX CONCURRENTLY i ON t (a)"), "PostgreSQL");
        assert_eq!(needs("mysql@8.0", "CREATE INDEX IF NOT EXISTS i ON t (a)"), "PostgreSQL 9.5 or MariaDB 10.0.2 or SQLite");
        assert_eq!(needs("mysql@5.7", "CREATE INDEX i ON t ((a + 1))"), "PostgreSQL or MySQL 8.0.13 or SQLite");
        assert_eq!(needs("postgres@14", "CREATE INDEX i ON t (a || b)"), "parentheses around the expression");
        assert_eq!(needs("postgres@10", "CREATE INDEX i ON t (a) INCLUDE (b)"), "PostgreSQL 11");
    }
}
