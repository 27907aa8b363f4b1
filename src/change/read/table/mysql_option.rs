//! MySQL's and MariaDB's table options.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::TableOption;
use crate::engine::Engine;
use crate::sql::{Cursor, Since, SyntaxError};

const NAMES: &[&str] = &[
    "ENGINE",
    "TYPE",
    "AUTO_INCREMENT",
    "AVG_ROW_LENGTH",
    "AUTOEXTEND_SIZE",
    "CHECKSUM",
    "TABLE_CHECKSUM",
    "COMMENT",
    "COMPRESSION",
    "CONNECTION",
    "DELAY_KEY_WRITE",
    "ENCRYPTION",
    "ENGINE_ATTRIBUTE",
    "INSERT_METHOD",
    "KEY_BLOCK_SIZE",
    "MAX_ROWS",
    "MIN_ROWS",
    "PACK_KEYS",
    "PASSWORD",
    "ROW_FORMAT",
    "SECONDARY_ENGINE",
    "SECONDARY_ENGINE_ATTRIBUTE",
    "STATS_AUTO_RECALC",
    "STATS_PERSISTENT",
    "STATS_SAMPLE_PAGES",
    "TABLESPACE",
    "STORAGE",
    "TRANSACTIONAL",
    "PAGE_CHECKSUM",
    "SEQUENCE",
    "IETF_QUOTES",
    "NODEGROUP",
];

/// Options MySQL did not always have. MariaDB takes any name and warns.
const SINCE: &[(&str, Since)] = &[
    ("compression", Since(Engine::Mysql, 5, 7, 8)),
    ("encryption", Since(Engine::Mysql, 5, 7, 11)),
    ("secondary_engine", Since(Engine::Mysql, 8, 0, 13)),
    ("engine_attribute", Since(Engine::Mysql, 8, 0, 21)),
    ("secondary_engine_attribute", Since(Engine::Mysql, 8, 0, 21)),
    ("autoextend_size", Since(Engine::Mysql, 8, 0, 23)),
    ("transactional", Since(Engine::Mariadb, 0, 0, 0)),
    ("page_checksum", Since(Engine::Mariadb, 0, 0, 0)),
    ("sequence", Since(Engine::Mariadb, 0, 0, 0)),
    ("ietf_quotes", Since(Engine::Mariadb, 0, 0, 0)),
];

/// One option; `None` when none starts here.
pub(super) fn read(cursor: &mut Cursor) -> Result<Option<TableOption>, SyntaxError> {
    let start = cursor.mark();
    let default = cursor.eat_word("DEFAULT");
    let name = if cursor.eat_word("CHARSET") || cursor.eat_words(&["CHARACTER", "SET"]) || cursor.eat_words(&["CHAR", "SET"]) {
        "default charset".to_owned()
    } else if cursor.eat_word("COLLATE") {
        "collate".to_owned()
    } else if default {
        cursor.restore(start);
        return Err(cursor.error("CHARACTER SET or COLLATE"));
    } else if cursor.eat_words(&["DATA", "DIRECTORY"]) {
        "data directory".to_owned()
    } else if cursor.eat_words(&["INDEX", "DIRECTORY"]) {
        "index directory".to_owned()
    } else if cursor.eat_words(&["START", "TRANSACTION"]) {
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mysql, 8, 0, 21)]);
        return Ok(Some(TableOption { name: "start transaction".to_owned(), value: String::new(), span: cursor.since(start) }));
    } else if cursor.at_word("UNION") && (cursor.at_nth(1, &Lexeme::Eq) || cursor.at_nth(1, &Lexeme::LParen)) {
        cursor.advance();
        "union".to_owned()
    } else if let Some(name) = known_name(cursor) {
        name
    } else if cursor.is_mysql_family() && cursor.at_ident() && cursor.at_nth(1, &Lexeme::Eq) {
        // An option of the storage engine.
        let name = cursor.ident()?;
        cursor.needs(name.span, &[Since(Engine::Mariadb, 0, 0, 0)]);
        name.value.to_ascii_lowercase()
    } else {
        return Ok(None);
    };
    let equals = cursor.eat(&Lexeme::Eq);
    let value = value(cursor)?;
    if cursor.is_mariadb() && equals && matches!(name.as_str(), "tablespace" | "autoextend_size") {
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mysql, 0, 0, 0)]);
    }
    if cursor.engine() == Engine::Mysql && equals && name == "tablespace" {
        let span = cursor.since(start);
        cursor.needs(span, &[Since(Engine::Mysql, 5, 7, 0)]);
    }
    if let (Engine::Mysql, Some((_, since))) = (cursor.engine(), SINCE.iter().find(|(option, _)| *option == name)) {
        let span = cursor.since(start);
        cursor.needs(span, &[*since]);
    }
    Ok(Some(TableOption { name, value, span: cursor.since(start) }))
}

/// An option by its word; without an equals sign it must be followed by a value.
fn known_name(cursor: &mut Cursor) -> Option<String> {
    let valued = cursor.at_nth(1, &Lexeme::Eq)
        || matches!(cursor.peek_nth(1), Some(Lexeme::Word(_) | Lexeme::Number(..)))
        || matches!(cursor.peek_nth(1), Some(Lexeme::SingleQuotedString(_) | Lexeme::DoubleQuotedString(_)));
    let name = if valued { cursor.eat_any_word(NAMES)? } else { return None };
    Some(if name == "TYPE" { "engine".to_owned() } else { name.to_ascii_lowercase() })
}

fn value(cursor: &mut Cursor) -> Result<String, SyntaxError> {
    let start = cursor.mark();
    if cursor.at_string() {
        return cursor.string();
    }
    if cursor.at(&Lexeme::LParen) {
        cursor.skip_parens()?;
        return Ok(cursor.since(start).slice(cursor.text()).to_owned());
    }
    match cursor.peek() {
        Some(Lexeme::Word(word)) => {
            let value = word.value.clone();
            cursor.advance();
            Ok(value)
        }
        Some(Lexeme::Number(digits, _)) => {
            let mut value = digits.clone();
            cursor.advance();
            // `AUTOEXTEND_SIZE = 64M`
            if let Some(unit) = cursor.eat_any_word(&["K", "M", "G"]) {
                value.push_str(unit);
            }
            Ok(value)
        }
        Some(Lexeme::HexStringLiteral(_)) => {
            cursor.advance();
            Ok(cursor.since(start).slice(cursor.text()).to_owned())
        }
        _ => Err(cursor.error("a value")),
    }
}
