//! `ALTER [COLUMN] …`, `ALTER CONSTRAINT …`, `ALTER INDEX …` inside ALTER TABLE.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::{Action, Deferral, Ident, Identity};
use crate::engine::Engine;
use crate::sql::{Cursor, Since, SyntaxError};

const MYSQL: Since = Since(Engine::Mysql, 0, 0, 0);
const MARIADB: Since = Since(Engine::Mariadb, 0, 0, 0);
const POSTGRES: Since = Since(Engine::Postgres, 0, 0, 0);
const SQLITE_3_53: Since = Since(Engine::Sqlite, 3, 53, 0);

pub(super) fn alter(cursor: &mut Cursor) -> Result<Action, SyntaxError> {
    let start = cursor.mark();
    cursor.expect_word("ALTER")?;
    if cursor.is_mysql_family() && cursor.eat_any_word(&["INDEX", "KEY"]).is_some() {
        return index_visibility(cursor);
    }
    if cursor.eat_word("CHECK") {
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mysql, 8, 0, 16)]);
        return constraint(cursor);
    }
    if cursor.eat_word("CONSTRAINT") {
        let span = cursor.since(start);
        cursor.needs(span, &[POSTGRES, Since(Engine::Mysql, 8, 0, 19)]);
        return constraint(cursor);
    }
    cursor.eat_word("COLUMN");
    if let Some(span) = cursor.eat_words_at(&["IF", "EXISTS"]) {
        cursor.needs(span, &[Since(Engine::Mariadb, 10, 0, 2)]);
    }
    let column = cursor.column()?;
    column_action(cursor, column)
}

fn index_visibility(cursor: &mut Cursor) -> Result<Action, SyntaxError> {
    let start = cursor.mark();
    if cursor.eat_words(&["IF", "EXISTS"]) {
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mariadb, 10, 6, 0)]);
    }
    let index = cursor.ident()?;
    let mark = cursor.mark();
    if let Some(word) = cursor.eat_any_word(&["VISIBLE", "INVISIBLE"]) {
        let span = cursor.since(mark);
        cursor.needs(span, &[Since(Engine::Mysql, 8, 0, 0)]);
        return Ok(Action::SetIndexVisibility { index, visible: word == "VISIBLE" });
    }
    let visible = cursor.eat_word("NOT");
    cursor.expect_word("IGNORED")?;
    let span = cursor.since(mark);
    cursor.needs(span, &[Since(Engine::Mariadb, 10, 6, 0)]);
    Ok(Action::SetIndexVisibility { index, visible })
}

/// Behind `ALTER CONSTRAINT`: its enforcement, deferral and inheritance.
fn constraint(cursor: &mut Cursor) -> Result<Action, SyntaxError> {
    let name = cursor.ident()?;
    let (mut enforced, mut deferral, mut inherit) = (None, None, None);
    loop {
        let mark = cursor.mark();
        if cursor.at_word("ENFORCED") || cursor.at_words(&["NOT", "ENFORCED"]) {
            enforced = Some(!cursor.eat_word("NOT"));
            cursor.advance();
            let span = cursor.since(mark);
            cursor.needs(span, &[Since(Engine::Postgres, 18, 0, 0), Since(Engine::Mysql, 8, 0, 16)]);
        } else if cursor.at_word("INHERIT") || cursor.at_words(&["NO", "INHERIT"]) {
            let positive = !cursor.eat_word("NO");
            inherit = Some(positive);
            cursor.advance();
            let span = cursor.since(mark);
            cursor.needs(span, &[Since(Engine::Postgres, if positive { 18 } else { 0 }, 0, 0)]);
        } else if let Some(clause) = cursor.deferral()? {
            deferral = match (deferral, clause) {
                (Some(Deferral::Deferrable), Deferral::NotDeferrable) => deferral,
                _ => Some(clause),
            };
        } else {
            return Ok(Action::AlterConstraint { name, enforced, deferral, inherit });
        }
    }
}

fn column_action(cursor: &mut Cursor, column: Ident) -> Result<Action, SyntaxError> {
    let start = cursor.mark();
    let action = if cursor.eat_word("TYPE") || cursor.eat_words(&["SET", "DATA", "TYPE"]) {
        set_type(cursor, column)?
    } else if cursor.eat_words(&["SET", "DEFAULT"]) {
        let default = cursor.default_value(start)?;
        let span = cursor.since(start);
        cursor.needs(span, &[POSTGRES, MYSQL, MARIADB]);
        return Ok(Action::SetDefault { column, default });
    } else if cursor.eat_words(&["DROP", "DEFAULT"]) {
        let span = cursor.since(start);
        cursor.needs(span, &[POSTGRES, MYSQL, MARIADB]);
        return Ok(Action::DropDefault { column });
    } else if cursor.eat_words(&["SET", "NOT", "NULL"]) {
        let span = cursor.since(start);
        cursor.on_conflict()?;
        cursor.needs(span, &[POSTGRES, SQLITE_3_53]);
        return Ok(Action::SetNotNull { column });
    } else if cursor.eat_words(&["DROP", "NOT", "NULL"]) {
        let span = cursor.since(start);
        cursor.needs(span, &[POSTGRES, SQLITE_3_53]);
        return Ok(Action::DropNotNull { column });
    } else if cursor.is_mysql_family() && cursor.at_word("SET") && (cursor.at_word_nth(1, "VISIBLE") || cursor.at_word_nth(1, "INVISIBLE"))
    {
        cursor.advance();
        let value = cursor.label()?.value.to_ascii_lowercase();
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mysql, 8, 0, 23)]);
        return Ok(Action::SetColumnAttribute { column, attribute: "visibility".to_owned(), value });
    } else if cursor.is_mysql_family()
        && (cursor.at_words(&["SET", "MASKING", "POLICY"]) || cursor.at_words(&["DROP", "MASKING", "POLICY"]))
    {
        let set = cursor.at_word("SET");
        cursor.eat_words(&[if set { "SET" } else { "DROP" }, "MASKING", "POLICY"]);
        let value = if set { cursor.ident()?.value } else { String::new() };
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mysql, 9, 7, 0)]);
        return Ok(Action::SetColumnAttribute { column, attribute: "masking policy".to_owned(), value });
    } else {
        postgres(cursor, column)?
    };
    let span = cursor.since(start);
    cursor.needs(span, &[POSTGRES]);
    Ok(action)
}

fn set_type(cursor: &mut Cursor, column: Ident) -> Result<Action, SyntaxError> {
    let mut data_type = cursor.data_type()?;
    if cursor.eat_word("COLLATE") {
        data_type.collation = Some(cursor.object_name()?);
    }
    let using = if cursor.eat_word("USING") { Some(cursor.expression_until(&[])?) } else { None };
    Ok(Action::SetType { column, data_type, using })
}

/// What only PostgreSQL can do to a column.
fn postgres(cursor: &mut Cursor, column: Ident) -> Result<Action, SyntaxError> {
    let start = cursor.mark();
    if cursor.eat_words(&["SET", "EXPRESSION", "AS"]) {
        let expression = cursor.paren_expression()?;
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Postgres, 17, 0, 0)]);
        return Ok(Action::SetExpression { column, expression });
    }
    if cursor.eat_words(&["DROP", "EXPRESSION"]) {
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Postgres, 13, 0, 0)]);
        return Ok(Action::DropExpression { column, if_exists: cursor.eat_if_exists() });
    }
    if cursor.eat_words(&["ADD", "GENERATED"]) {
        let always = cursor.eat_word("ALWAYS");
        if !always {
            cursor.expect_words(&["BY", "DEFAULT"])?;
        }
        cursor.expect_words(&["AS", "IDENTITY"])?;
        if cursor.at(&Lexeme::LParen) {
            cursor.skip_parens()?;
        }
        return Ok(Action::AddIdentity { column, identity: Identity { always, span: cursor.since(start) } });
    }
    if cursor.eat_words(&["DROP", "IDENTITY"]) {
        return Ok(Action::DropIdentity { column, if_exists: cursor.eat_if_exists() });
    }
    if cursor.at_word("RESTART") || cursor.at_word("SET") && identity_option(cursor) {
        identity_options(cursor)?;
        return Ok(Action::AlterIdentity { column });
    }
    let attribute = |attribute: &str, value: String| Action::SetColumnAttribute { column, attribute: attribute.to_owned(), value };
    if cursor.eat_words(&["SET", "STATISTICS"]) {
        let from = cursor.mark();
        cursor.eat(&Lexeme::Minus);
        if cursor.eat_word("DEFAULT") {
            let span = cursor.previous_span();
            cursor.needs(span, &[Since(Engine::Postgres, 17, 0, 0)]);
        } else {
            cursor.number()?;
        }
        return Ok(attribute("statistics", cursor.since(from).slice(cursor.text()).to_owned()));
    }
    if cursor.eat_words(&["SET", "STORAGE"]) {
        if cursor.at_word("DEFAULT") {
            let span = cursor.span();
            cursor.needs(span, &[Since(Engine::Postgres, 16, 0, 0)]);
        }
        return Ok(attribute("storage", cursor.label()?.value));
    }
    if cursor.eat_words(&["SET", "COMPRESSION"]) {
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Postgres, 14, 0, 0)]);
        return Ok(attribute("compression", cursor.label()?.value));
    }
    if let Some(word) = cursor.eat_any_word(&["SET", "RESET", "OPTIONS"]) {
        let (from, to) = cursor.skip_parens()?;
        let value = cursor.between(from, to).slice(cursor.text()).to_owned();
        let name = match word {
            "SET" => "parameters",
            "RESET" => "reset parameters",
            _ => "options",
        };
        return Ok(attribute(name, value));
    }
    Err(cursor.error("TYPE, SET or DROP"))
}

/// Whether SET is followed by an option of an identity column's sequence.
fn identity_option(cursor: &Cursor) -> bool {
    const OPTIONS: &[&str] =
        &["GENERATED", "INCREMENT", "MINVALUE", "MAXVALUE", "NO", "START", "RESTART", "CACHE", "CYCLE", "OWNED", "SEQUENCE", "AS"];
    OPTIONS.iter().any(|option| cursor.at_word_nth(1, option))
}

/// `SET GENERATED …`, `SET option …`, `RESTART [WITH n]`, one or more.
fn identity_options(cursor: &mut Cursor) -> Result<(), SyntaxError> {
    loop {
        if cursor.eat_word("RESTART") {
            restart(cursor)?;
        } else if cursor.eat_word("SET") {
            if cursor.eat_word("GENERATED") {
                if !cursor.eat_word("ALWAYS") {
                    cursor.expect_words(&["BY", "DEFAULT"])?;
                }
            } else if cursor.eat_word("RESTART") {
                restart(cursor)?;
            } else if cursor.eat_word("NO") {
                cursor.label()?;
            } else if cursor.eat_word("CYCLE") {
            } else if cursor.eat_any_word(&["OWNED", "SEQUENCE", "AS"]).is_some() {
                while !cursor.is_end() && !cursor.at(&Lexeme::Comma) {
                    cursor.advance();
                }
            } else {
                cursor.label()?;
                cursor.eat_any_word(&["BY", "WITH"]);
                cursor.eat(&Lexeme::Minus);
                cursor.number()?;
            }
        } else {
            return Ok(());
        }
    }
}

fn restart(cursor: &mut Cursor) -> Result<(), SyntaxError> {
    let with = cursor.eat_word("WITH");
    let minus = cursor.eat(&Lexeme::Minus);
    let number = matches!(cursor.peek(), Some(Lexeme::Number(..)));
    if with || minus || number {
        cursor.number()?;
    }
    Ok(())
}
