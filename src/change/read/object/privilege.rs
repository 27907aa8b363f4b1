//! Privileges: GRANT, REVOKE, default privileges, ownership.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::read::engines::{MARIADB, MYSQL, POSTGRES};
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, Ident, ObjectKind, ObjectName};
use crate::sql::SyntaxError;

/// `GRANT …`, `REVOKE …`, `ALTER DEFAULT PRIVILEGES …`, `REASSIGN OWNED …`
pub(in crate::change::read) fn privileges(reading: &mut Reading) -> Read {
    let start = reading.mark();
    let first = reading.eat_any_word(&["GRANT", "REVOKE", "ALTER", "REASSIGN"]);
    let mut tables = Vec::new();
    let mut columns = Vec::new();
    let mut objects = Vec::new();
    let mut revoke = first == Some("REVOKE");
    match first {
        Some("ALTER") => {
            let span = reading.expect_words(&["DEFAULT", "PRIVILEGES"])?;
            reading.needs(span, &[POSTGRES]);
            while !reading.is_end() && !reading.at_any_word(&["GRANT", "REVOKE"]) {
                if reading.eat_words(&["IN", "SCHEMA"]) {
                    objects.extend(named(reading, ObjectKind::Schema)?);
                } else {
                    reading.advance();
                }
            }
            match reading.eat_any_word(&["GRANT", "REVOKE"]) {
                Some(word) => revoke = word == "REVOKE",
                None => return Err(reading.error("GRANT or REVOKE")),
            }
        }
        Some("REASSIGN") => {
            let span = reading.expect_words(&["OWNED", "BY"])?;
            reading.needs(span, &[POSTGRES]);
            reading.comma_list(|cursor| cursor.account())?;
            reading.expect_word("TO")?;
            reading.account()?;
            reading.expect_end()?;
        }
        _ => {
            let span = reading.since(start);
            reading.needs(span, &[POSTGRES, MYSQL, MARIADB]);
            tables = granted(reading, revoke, &mut columns, &mut objects)?;
        }
    }
    reading.skip_rest();
    Ok(vec![Change::free(reading.whole, Action::Privileges { revoke, tables, columns, objects })])
}

/// The tables between ON and TO or FROM.
fn granted(
    reading: &mut Reading,
    revoke: bool,
    columns: &mut Vec<Ident>,
    objects: &mut Vec<(ObjectKind, ObjectName)>,
) -> Result<Vec<ObjectName>, SyntaxError> {
    let ends: &[&str] = if revoke { &["FROM"] } else { &["TO"] };
    // MySQL: one account may act as another.
    let mut any = reading.is_mysql_family() && reading.eat_words(&["PROXY", "ON"]);
    if any {
        reading.account()?;
    }
    while !reading.is_end() && !reading.at_word("ON") && !reading.at_any_word(ends) {
        if reading.at(&Lexeme::LParen) {
            let start = reading.mark();
            if let (true, Ok(named)) = (reading.is_postgres(), reading.ident_list()) {
                columns.extend(named);
            } else {
                reading.restore(start);
                reading.skip_parens()?;
            }
        } else {
            reading.advance();
        }
        any = true;
    }
    if !any {
        return Err(reading.error("a privilege"));
    }
    let mut tables = Vec::new();
    if reading.eat_word("ON") {
        let other = &[
            "ALL",
            "SCHEMA",
            "DATABASE",
            "DOMAIN",
            "FUNCTION",
            "PROCEDURE",
            "ROUTINE",
            "LANGUAGE",
            "LARGE",
            "PARAMETER",
            "TABLESPACE",
            "TYPE",
            "FOREIGN",
            "PACKAGE",
            "LIBRARY",
        ];
        let is_other = reading.at_any_word(other)
            && !matches!(reading.peek_nth(1), Some(Lexeme::Period | Lexeme::Comma))
            && !reading.at_word_nth(1, ends[0]);
        if !is_other && !reading.at(&Lexeme::Mul) {
            if !reading.eat_word("TABLE")
                && !matches!(reading.peek_nth(1), Some(Lexeme::Period | Lexeme::Comma))
                && !reading.at_word_nth(1, ends[0])
            {
                reading.eat_word("SEQUENCE");
            }
            tables = reading.comma_list(|cursor| cursor.object_name_or_star())?;
        } else if is_other && reading.is_postgres() {
            let kind = match reading.eat_any_word(&["SCHEMA", "FUNCTION", "PROCEDURE", "TYPE", "DOMAIN"]) {
                Some("SCHEMA") => Some(ObjectKind::Schema),
                Some("FUNCTION") => Some(ObjectKind::Function),
                Some("PROCEDURE") => Some(ObjectKind::Procedure),
                Some("TYPE") => Some(ObjectKind::Type),
                Some(_) => Some(ObjectKind::Domain),
                // ALL TABLES IN SCHEMA.
                None => {
                    while !reading.is_end() && !reading.at_any_word(ends) && !reading.at_words(&["IN", "SCHEMA"]) {
                        reading.advance();
                    }
                    reading.eat_words(&["IN", "SCHEMA"]).then_some(ObjectKind::Schema)
                }
            };
            if let Some(kind) = kind {
                objects.extend(named(reading, kind)?);
            }
        }
        while !reading.is_end() && !reading.at_any_word(ends) {
            reading.advance();
        }
    }
    // MySQL: REVOKE ALL PRIVILEGES, GRANT OPTION FROM …; SHOW-like forms have no end word.
    if !reading.at_any_word(ends) {
        return Err(reading.error(if revoke { "FROM" } else { "TO" }));
    }
    reading.advance();
    if reading.is_end() {
        return Err(reading.error("a role"));
    }
    Ok(tables)
}

/// Names of one kind, routines with or without their arguments.
fn named(reading: &mut Reading, kind: ObjectKind) -> Result<Vec<(ObjectKind, ObjectName)>, SyntaxError> {
    reading.comma_list(|cursor| {
        let name = cursor.any_name()?;
        if cursor.at(&Lexeme::LParen) {
            cursor.skip_parens()?;
        }
        Ok((kind, name))
    })
}

/// MySQL `RENAME USER a TO b, …`
pub(in crate::change::read) fn rename_user(reading: &mut Reading) -> Read {
    let span = reading.expect_words(&["RENAME", "USER"])?;
    reading.needs(span, &[MYSQL, MARIADB]);
    let whole = reading.whole;
    reading.comma_list(|cursor| {
        let name = ObjectName::bare(cursor.account()?);
        cursor.expect_word("TO")?;
        let to = ObjectName::bare(cursor.account()?);
        Ok(Change::free(whole, Action::RenameObject { kind: ObjectKind::Role, name, to, if_exists: false }))
    })
}
