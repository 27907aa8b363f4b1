//! What may follow a column's type, one attribute at a time.

use sqlparser::tokenizer::Token as Lexeme;

use super::default::{MYSQL_STOPS, POSTGRES_STOPS};
use super::definition::Draft;
use crate::change::{CheckConstraint, ConstraintBody, ConstraintDef, DataType, Ident, Identity, IndexKey, KeyConstraint, ObjectName};
use crate::engine::Engine;
use crate::source::Span;
use crate::sql::{Cursor, Mark, Since, SyntaxError};

const MYSQL: Since = Since(Engine::Mysql, 0, 0, 0);
const MARIADB: Since = Since(Engine::Mariadb, 0, 0, 0);
const POSTGRES: Since = Since(Engine::Postgres, 0, 0, 0);
const SQLITE: Since = Since(Engine::Sqlite, 0, 0, 0);

/// Reads one attribute; `false` when none starts here.
pub(super) fn read(cursor: &mut Cursor, draft: &mut Draft) -> Result<bool, SyntaxError> {
    if cursor.is_mariadb() && draft.column.generated.is_some() && cursor.at_any_word(&["NOT", "NULL", "DEFAULT", "COLLATE"]) {
        // MariaDB's generated columns take keys and comments only.
        cursor.refuse(cursor.span(), "MySQL");
    }
    let found = constraint(cursor, draft)? || value(cursor, draft)? || storage(cursor, draft)? || mysql(cursor, draft)?;
    check_sources(cursor, draft);
    Ok(found)
}

/// NOT NULL, keys, CHECK, REFERENCES and what qualifies them.
fn constraint(cursor: &mut Cursor, draft: &mut Draft) -> Result<bool, SyntaxError> {
    let start = cursor.mark();
    if cursor.eat_word("CONSTRAINT") {
        if cursor.is_mariadb() && !cursor.at_word_nth(1, "REFERENCES") {
            // Of a column's constraints only a foreign key has a name there.
            cursor.refuse(cursor.previous_span(), "a constraint of the table rather than of the column");
        }
        draft.constraint_start = Some(start);
        // MySQL: the name may be left out before CHECK.
        let unnamed = cursor.is_mysql_family() && cursor.at_word("CHECK");
        draft.constraint_name = if unnamed { None } else { Some(cursor.ident()?) };
    } else if cursor.eat_words(&["NOT", "NULL"]) {
        draft.column.not_null = Some(cursor.since(start));
        draft.column.not_null_name = draft.constraint_name.take();
        draft.constraint_start = None;
        cursor.on_conflict()?;
        if let Some(span) = cursor.eat_words_at(&["NO", "INHERIT"]) {
            cursor.needs(span, &[Since(Engine::Postgres, 18, 0, 0)]);
        }
    } else if cursor.eat_word("NULL") {
        draft.column.null = Some(cursor.previous_span());
        draft.constraint_name = None;
        cursor.on_conflict()?;
    } else if cursor.eat_words(&["PRIMARY", "KEY"]) || (cursor.is_mysql_family() && cursor.eat_word("KEY")) {
        let key = inline_key(cursor, draft)?;
        push(cursor, draft, start, ConstraintBody::PrimaryKey(key));
    } else if cursor.eat_word("UNIQUE") {
        if cursor.is_mysql_family() {
            cursor.eat_word("KEY");
        }
        let key = inline_key(cursor, draft)?;
        push(cursor, draft, start, ConstraintBody::Unique(key));
    } else if cursor.eat_word("CHECK") {
        let expression = cursor.paren_expression()?;
        let no_inherit = cursor.is_postgres() && cursor.eat_words(&["NO", "INHERIT"]);
        let conflict = cursor.span();
        if cursor.on_conflict()?.is_some() {
            cursor.refuse(conflict, "a constraint of the table rather than of the column");
        }
        push(cursor, draft, start, ConstraintBody::Check(CheckConstraint { expression }));
        if let Some(last) = draft.column.constraints.last_mut() {
            last.no_inherit = no_inherit;
        }
    } else if cursor.at_word("REFERENCES") {
        let columns = vec![draft.column.name.clone()];
        let key = cursor.references(columns)?;
        push(cursor, draft, start, ConstraintBody::ForeignKey(key));
    } else {
        return qualifier(cursor, draft);
    }
    Ok(true)
}

/// `[NOT] DEFERRABLE`, `INITIALLY …`, `[NOT] ENFORCED`: of the constraint before.
fn qualifier(cursor: &mut Cursor, draft: &mut Draft) -> Result<bool, SyntaxError> {
    let mut nobody = ConstraintDef::of(ConstraintBody::NotNull { column: Ident::default() }, Span::default());
    let not_valid = cursor.at_words(&["NOT", "VALID"]).then(|| cursor.span());
    let found = cursor.constraint_qualifier(draft.column.constraints.last_mut().unwrap_or(&mut nobody))?;
    if let Some(span) = not_valid {
        cursor.refuse(span, "a constraint of the table rather than of the column");
    }
    Ok(found)
}

fn push(cursor: &Cursor, draft: &mut Draft, start: Mark, body: ConstraintBody) {
    let mut constraint = ConstraintDef::of(body, cursor.since(start));
    constraint.inline = true;
    draft.constrain(cursor, start, constraint);
}

/// The options of an inline PRIMARY KEY or UNIQUE.
fn inline_key(cursor: &mut Cursor, draft: &mut Draft) -> Result<KeyConstraint, SyntaxError> {
    let mut key = KeyConstraint { columns: vec![IndexKey::column(draft.column.name.clone())], ..KeyConstraint::default() };
    if cursor.is_sqlite() {
        if let (Some("DESC"), Some(column)) = (cursor.eat_any_word(&["ASC", "DESC"]), key.columns.first_mut()) {
            column.descending = true;
        }
        key.on_conflict = cursor.on_conflict()?;
        if let Some(span) = cursor.eat_word_at("AUTOINCREMENT") {
            key.autoincrement = true;
            draft.column.auto_increment = Some(span);
        }
    } else if cursor.is_postgres() {
        cursor.nulls_distinct(&mut key.nulls_not_distinct)?;
        cursor.key_storage(&mut key)?;
    }
    Ok(key)
}

pub(super) fn inline_unique(column: &Ident, span: Span) -> ConstraintDef {
    let key = KeyConstraint { columns: vec![IndexKey::column(column.clone())], ..KeyConstraint::default() };
    ConstraintDef { inline: true, ..ConstraintDef::of(ConstraintBody::Unique(key), span) }
}

/// DEFAULT, GENERATED, COLLATE.
fn value(cursor: &mut Cursor, draft: &mut Draft) -> Result<bool, SyntaxError> {
    let start = cursor.mark();
    if cursor.at_word("DEFAULT") {
        draft.constraint_name = None;
        draft.column.default = Some(cursor.default_clause()?);
    } else if cursor.at_word("GENERATED") || (cursor.at_word("AS") && (cursor.at_nth(1, &Lexeme::LParen) || cursor.at_word_nth(1, "ROW"))) {
        draft.constraint_name = None;
        generated(cursor, draft, start)?;
    } else if cursor.eat_word("COLLATE") {
        let collation = if cursor.is_mysql_family() { ObjectName::bare(cursor.charset_name()?) } else { cursor.object_name()? };
        if let Some(data_type) = &mut draft.column.data_type {
            if data_type.collation.is_some() && cursor.is_postgres() {
                cursor.refuse(collation.span(), "one COLLATE only");
            }
            data_type.collation = Some(collation);
        }
    } else {
        return Ok(false);
    }
    Ok(true)
}

fn generated(cursor: &mut Cursor, draft: &mut Draft, start: Mark) -> Result<(), SyntaxError> {
    let mut always = true;
    if cursor.eat_word("GENERATED") {
        if cursor.eat_words(&["BY", "DEFAULT"]) {
            always = false;
        } else {
            cursor.expect_word("ALWAYS")?;
        }
    } else {
        cursor.needs(cursor.span(), &[MYSQL, MARIADB, SQLITE]);
    }
    cursor.expect_word("AS")?;
    if cursor.eat_word("IDENTITY") {
        if cursor.at(&Lexeme::LParen) {
            cursor.skip_parens()?;
        }
        let span = cursor.since(start);
        cursor.needs(span, &[POSTGRES]);
        if draft.column.identity.is_some() {
            cursor.refuse(span, "one GENERATED AS IDENTITY only");
        }
        draft.column.identity = Some(Identity { always, span });
    } else if cursor.eat_word("ROW") {
        // MariaDB's system-versioning columns.
        if cursor.eat_any_word(&["START", "END"]).is_none() {
            return Err(cursor.error("START or END"));
        }
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mariadb, 10, 3, 0)]);
    } else {
        let generated = cursor.generated_expression(start)?;
        if !always {
            cursor.refuse(generated.span, "GENERATED ALWAYS");
        }
        if draft.column.generated.is_some() {
            cursor.refuse(generated.span, "one generation expression only");
        }
        draft.column.generated = Some(generated);
    }
    Ok(())
}

/// A column has one source of values: PostgreSQL's grammar checks it.
fn check_sources(cursor: &mut Cursor, draft: &Draft) {
    let column = &draft.column;
    let serial = column.data_type.as_ref().is_some_and(DataType::is_serial);
    let sources = [column.default.is_some() || serial, column.generated.is_some(), column.identity.is_some()];
    if cursor.is_postgres() && sources.iter().filter(|&&source| source).count() > 1 {
        cursor.refuse(cursor.previous_span(), "one of DEFAULT, GENERATED AS IDENTITY and GENERATED AS (expression)");
    }
    if let (true, Some(_), Some(null)) = (cursor.is_postgres(), &column.identity, column.null) {
        cursor.refuse(null, "an identity column that is not null");
    }
    if let (true, Some(_), Some(null)) = (cursor.is_postgres(), column.not_null, column.null) {
        cursor.refuse(null, "either NULL or NOT NULL");
    }
}

/// PostgreSQL's STORAGE, COMPRESSION and OPTIONS.
fn storage(cursor: &mut Cursor, draft: &mut Draft) -> Result<bool, SyntaxError> {
    let start = cursor.mark();
    if !cursor.is_postgres() {
        return Ok(false);
    }
    if cursor.eat_word("STORAGE") {
        draft.column.storage = Some(cursor.label()?);
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Postgres, 16, 0, 0)]);
    } else if cursor.eat_word("COMPRESSION") {
        draft.column.compression = Some(cursor.label()?);
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Postgres, 14, 0, 0)]);
    } else if cursor.at_word("OPTIONS") && cursor.at_nth(1, &Lexeme::LParen) {
        cursor.advance();
        cursor.skip_parens()?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// MySQL's and MariaDB's own attributes.
fn mysql(cursor: &mut Cursor, draft: &mut Draft) -> Result<bool, SyntaxError> {
    let start = cursor.mark();
    let column = &mut draft.column;
    if let Some(word) = cursor.eat_any_word(&["AUTO_INCREMENT", "AUTOINCREMENT"]) {
        let span = cursor.previous_span();
        column.auto_increment = Some(span);
        if word == "AUTO_INCREMENT" {
            cursor.needs(span, &[MYSQL, MARIADB]);
        } else if cursor.is_sqlite() {
            // SQLite has it behind PRIMARY KEY only, where it is read with the key.
            cursor.refuse(span, "AUTOINCREMENT behind PRIMARY KEY");
        } else {
            cursor.needs(span, &[SQLITE]);
        }
        return Ok(true);
    }
    if cursor.at_words(&["ON", "UPDATE"]) && !cursor.is_sqlite() {
        cursor.advance();
        cursor.advance();
        let stops = if cursor.is_postgres() { POSTGRES_STOPS } else { MYSQL_STOPS };
        column.on_update = Some(cursor.expression_until(stops)?);
        let span = cursor.since(start);
        cursor.needs(span, &[MYSQL, MARIADB]);
        return Ok(true);
    }
    if cursor.at_word("COMMENT") {
        cursor.advance();
        column.comment = Some(cursor.string()?);
        let span = cursor.since(start);
        cursor.needs(span, &[MYSQL, MARIADB]);
        return Ok(true);
    }
    if !cursor.is_mysql_family() {
        // Attributes of MySQL's types: read, so that what follows is.
        let found = cursor.eat_any_word(&["UNSIGNED", "ZEROFILL"]).is_some();
        if found || cursor.eat_words(&["CHARACTER", "SET"]) || cursor.eat_word("CHARSET") {
            if !found {
                cursor.charset_name()?;
            }
            let span = cursor.since(start);
            cursor.needs(span, &[MYSQL, MARIADB]);
            return Ok(true);
        }
        return Ok(false);
    }
    if let Some(word) = cursor.eat_any_word(&["VISIBLE", "INVISIBLE"]) {
        column.invisible = Some(word == "INVISIBLE");
        let span = cursor.previous_span();
        let mariadb = if word == "INVISIBLE" { Since(Engine::Mariadb, 10, 3, 0) } else { Since(Engine::Mysql, 8, 0, 23) };
        cursor.needs(span, &[Since(Engine::Mysql, 8, 0, 23), mariadb]);
    } else if cursor.eat_words(&["NOT", "SECONDARY"]) {
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mysql, 8, 0, 2)]);
    } else if cursor.eat_words(&["MASKING", "POLICY"]) {
        cursor.ident()?;
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mysql, 9, 7, 0)]);
    } else if cursor.eat_words(&["SERIAL", "DEFAULT", "VALUE"]) {
        let span = cursor.since(start);
        (column.not_null, column.auto_increment) = (Some(span), Some(span));
        column.constraints.push(inline_unique(&column.name, span));
    } else if cursor.eat_word("SRID") {
        column.srid = Some(cursor.number()?);
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mysql, 8, 0, 3)]);
    } else if cursor.eat_word("REF_SYSTEM_ID") {
        cursor.expect(&Lexeme::Eq)?;
        column.srid = Some(cursor.number()?);
        let span = cursor.since(start);
        cursor.needs(span, &[MARIADB]);
    } else if cursor.eat_any_word(&["COLUMN_FORMAT", "STORAGE"]).is_some() {
        cursor.label()?;
        let span = cursor.since(start);
        cursor.needs(span, &[MYSQL]);
    } else if cursor.eat_any_word(&["ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"]).is_some() {
        cursor.eat(&Lexeme::Eq);
        cursor.string()?;
    } else if cursor.eat_words(&["CHARACTER", "SET"]) || cursor.eat_word("CHARSET") {
        let charset = cursor.charset_name()?;
        if let Some(data_type) = &mut column.data_type {
            data_type.charset = Some(charset);
        }
    } else if cursor.eat_word("COMPRESSED") {
        column.compression = Some(Ident::new("compressed", cursor.previous_span()));
        if let Some(data_type) = &mut column.data_type {
            data_type.compressed = true;
        }
        if cursor.eat(&Lexeme::Eq) {
            cursor.charset_name()?;
        }
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mariadb, 10, 3, 4)]);
    } else if cursor.eat_words(&["WITH", "SYSTEM"]) || cursor.eat_words(&["WITHOUT", "SYSTEM"]) {
        cursor.expect_word("VERSIONING")?;
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mariadb, 10, 3, 4)]);
    } else if cursor.at_ident() && cursor.at_nth(1, &Lexeme::Eq) && !cursor.at_any_word(&["ALGORITHM", "LOCK"]) {
        // An option of the storage engine: `name = value`.
        cursor.ident()?;
        cursor.advance();
        cursor.advance();
        let span = cursor.since(start);
        cursor.needs(span, &[MARIADB]);
    } else {
        return Ok(false);
    }
    Ok(true)
}
