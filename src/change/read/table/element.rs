//! What stands in the parentheses of CREATE TABLE.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::{CreateTable, LikeTable};
use crate::engine::Engine;
use crate::sql::{Cursor, Since, SyntaxError};

/// `( element, … )`. An element nobody can read is noted and skipped; its siblings stay.
pub(super) fn elements(cursor: &mut Cursor, table: &mut CreateTable, typeless: bool) -> Result<(), SyntaxError> {
    cursor.expect(&Lexeme::LParen)?;
    if cursor.is_postgres() && cursor.eat(&Lexeme::RParen) {
        return Ok(());
    }
    let mut read = 0usize;
    let mut first_error = None;
    loop {
        let mark = cursor.mark();
        match element(cursor, table, typeless).and_then(|()| at_border(cursor)) {
            Ok(()) => read += 1,
            Err(error) => {
                cursor.restore(mark);
                cursor.skip_item();
                first_error.get_or_insert(error);
            }
        }
        if cursor.eat(&Lexeme::Comma) {
            if cursor.at(&Lexeme::RParen) {
                let comma = cursor.previous_span();
                cursor.refuse(comma, "no comma before the closing parenthesis");
                cursor.advance();
                break;
            }
            continue;
        }
        if cursor.eat(&Lexeme::RParen) {
            break;
        }
        // SQLite's table constraints need no comma between them.
        if cursor.is_end() {
            return Err(first_error.unwrap_or_else(|| cursor.error("`,` or `)`")));
        }
    }
    match first_error {
        Some(error) if read == 0 => Err(error),
        Some(error) => {
            cursor.lose(error);
            Ok(())
        }
        None => Ok(()),
    }
}

fn at_border(cursor: &Cursor) -> Result<(), SyntaxError> {
    let border = cursor.at(&Lexeme::Comma) || cursor.at(&Lexeme::RParen) || (cursor.is_sqlite() && cursor.at_table_constraint());
    if border { Ok(()) } else { Err(cursor.error("`,` or `)`")) }
}

fn element(cursor: &mut Cursor, table: &mut CreateTable, typeless: bool) -> Result<(), SyntaxError> {
    if !cursor.is_sqlite() && cursor.at_word("LIKE") {
        table.likes.push(like(cursor)?);
    } else if cursor.is_mysql_family() && cursor.at_words(&["PERIOD", "FOR"]) {
        let span = cursor.span();
        cursor.needs(span, &[Since(Engine::Mariadb, 10, 3, 4)]);
        cursor.eat_words(&["PERIOD", "FOR"]);
        cursor.ident()?;
        cursor.ident_list()?;
    } else if cursor.at_index_element() {
        let span = cursor.span();
        cursor.needs(span, &[Since(Engine::Mysql, 0, 0, 0), Since(Engine::Mariadb, 0, 0, 0)]);
        let mut index = cursor.index_element()?;
        index.in_alter = false;
        table.indexes.push(index);
    } else if cursor.is_sqlite() && cursor.at_word("CONSTRAINT") && matches!(cursor.peek_nth(2), Some(Lexeme::Comma | Lexeme::RParen)) {
        // SQLite lets a constraint's name stand without a constraint.
        cursor.advance();
        cursor.ident()?;
    } else if cursor.at_table_constraint() {
        let constraint = cursor.table_constraint()?;
        if cursor.is_sqlite() && table.columns.is_empty() {
            cursor.refuse(constraint.span, "a column before the first constraint");
        }
        table.constraints.push(constraint);
    } else if typeless {
        table.columns.push(cursor.column_without_type()?);
    } else {
        let column = cursor.column_definition()?;
        if cursor.is_sqlite() && !table.constraints.is_empty() {
            cursor.refuse(column.span, "columns before constraints");
        }
        table.columns.push(column);
    }
    Ok(())
}

/// `LIKE source [INCLUDING option | EXCLUDING option]…`
fn like(cursor: &mut Cursor) -> Result<LikeTable, SyntaxError> {
    cursor.expect_word("LIKE")?;
    let mut like = LikeTable { source: cursor.object_name()?, including: Vec::new(), excluding: Vec::new() };
    while let Some(word) = cursor.eat_any_word(&["INCLUDING", "EXCLUDING"]) {
        let option = cursor.label()?.value.to_ascii_lowercase();
        let since = match option.as_str() {
            "compression" => 14,
            "generated" => 12,
            _ => 0,
        };
        let span = cursor.previous_span();
        cursor.needs(span, &[Since(Engine::Postgres, since, 0, 0)]);
        if word == "INCLUDING" {
            like.including.push(option);
        } else {
            like.excluding.push(option);
        }
    }
    Ok(like)
}
