//! PostgreSQL ALTER INDEX.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, ObjectName};
use crate::engine::Engine;
use crate::sql::{Cursor, Mark, Since, SyntaxError};

pub(in crate::change::read) fn alter_index(reading: &mut Reading) -> Read {
    let start = reading.mark();
    reading.expect_words(&["ALTER", "INDEX"])?;
    let span = reading.since(start);
    reading.needs(span, &[Since(Engine::Postgres, 0, 0, 0)]);
    if reading.eat_words(&["ALL", "IN", "TABLESPACE"]) {
        return all_in_tablespace(reading, start);
    }
    let if_exists = reading.eat_if_exists();
    reading.modifiers.if_exists = if_exists;
    let index = reading.object_name()?;
    let actions = reading.comma_list(|cursor| {
        let mark = cursor.mark();
        let action = action(cursor, &index, if_exists)?;
        Ok(Change::free(cursor.since(mark), action))
    })?;
    Ok(actions)
}

fn all_in_tablespace(reading: &mut Reading, start: Mark) -> Read {
    let index = ObjectName::bare(reading.ident()?);
    if reading.eat_words(&["OWNED", "BY"]) {
        reading.comma_list(|cursor| cursor.label())?;
    }
    reading.expect_words(&["SET", "TABLESPACE"])?;
    let value = reading.ident()?.value;
    reading.modifiers.nowait = reading.eat_word("NOWAIT");
    let action = Action::AlterIndex { index, attribute: "all in tablespace".to_owned(), value, if_exists: false };
    Ok(vec![Change::free(reading.since(start), action)])
}

fn action(cursor: &mut Cursor, index: &ObjectName, if_exists: bool) -> Result<Action, SyntaxError> {
    let altered =
        |attribute: &str, value: String| Action::AlterIndex { index: index.clone(), attribute: attribute.to_owned(), value, if_exists };
    if cursor.eat_words(&["RENAME", "TO"]) {
        return Ok(Action::RenameIndex { from: index.clone(), to: cursor.ident()?, if_exists });
    }
    if cursor.eat_words(&["ATTACH", "PARTITION"]) {
        let span = cursor.previous_span();
        cursor.needs(span, &[Since(Engine::Postgres, 11, 0, 0)]);
        return Ok(Action::AttachIndexPartition { index: index.clone(), child: cursor.object_name()? });
    }
    if cursor.eat_words(&["SET", "TABLESPACE"]) {
        return Ok(altered("tablespace", cursor.ident()?.value));
    }
    if cursor.eat_words(&["OWNER", "TO"]) {
        return Ok(altered("owner", cursor.label()?.value));
    }
    let depends = cursor.mark();
    let no = cursor.eat_word_at("NO");
    if cursor.eat_words(&["DEPENDS", "ON", "EXTENSION"]) {
        if let Some(span) = no {
            cursor.needs(span, &[Since(Engine::Postgres, 13, 0, 0)]);
        }
        return Ok(altered("depends", cursor.ident()?.value));
    }
    cursor.restore(depends);
    if cursor.at_any_word(&["SET", "RESET"]) && cursor.at_nth(1, &Lexeme::LParen) {
        let attribute = if cursor.eat_word("SET") { "parameters" } else { "reset parameters" };
        cursor.eat_word("RESET");
        let (from, to) = cursor.skip_parens()?;
        let value = cursor.between(from, to).slice(cursor.text()).to_owned();
        return Ok(altered(attribute, value));
    }
    if cursor.eat_word("ALTER") {
        cursor.eat_word("COLUMN");
        // A number; a name is refused later, and only its options are changed that way.
        let column = if cursor.at_ident() { cursor.ident()?.value } else { cursor.number()?.to_string() };
        if cursor.at_any_word(&["SET", "RESET"]) && cursor.at_nth(1, &Lexeme::LParen) {
            cursor.advance();
            let (from, to) = cursor.skip_parens()?;
            return Ok(altered("column parameters", cursor.between(from, to).slice(cursor.text()).to_owned()));
        }
        cursor.expect_words(&["SET", "STATISTICS"])?;
        let span = cursor.previous_span();
        cursor.needs(span, &[Since(Engine::Postgres, 11, 0, 0)]);
        cursor.eat(&Lexeme::Minus);
        let value = if cursor.eat_word("DEFAULT") { "default".to_owned() } else { cursor.number()?.to_string() };
        return Ok(altered("statistics", format!("{column} {value}")));
    }
    Err(cursor.error("RENAME, SET, RESET, ATTACH PARTITION or ALTER COLUMN"))
}
