//! PostgreSQL's types: enums, composites, ranges, base types.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, ColumnDef, CreateEnum, DataType, EnumValuePlace, Ident, ObjectKind, ObjectName};
use crate::engine::Engine;
use crate::sql::{Cursor, Since, SyntaxError};

/// `CREATE TYPE name …`
pub(in crate::change::read) fn create_type(reading: &mut Reading) -> Read {
    reading.past_noun("TYPE")?;
    let name = reading.object_name()?;
    let action = if reading.eat_words(&["AS", "ENUM"]) {
        reading.expect(&Lexeme::LParen)?;
        let labels = if reading.at(&Lexeme::RParen) { Vec::new() } else { reading.comma_list(|cursor| cursor.string())? };
        reading.expect(&Lexeme::RParen)?;
        Action::CreateEnum(CreateEnum { name, labels })
    } else if reading.eat_words(&["AS", "RANGE"]) {
        reading.skip_parens()?;
        Action::CreateType { name, attributes: None }
    } else if reading.eat_word("AS") {
        reading.expect(&Lexeme::LParen)?;
        let attributes = if reading.at(&Lexeme::RParen) { Vec::new() } else { reading.comma_list(attribute)? };
        reading.expect(&Lexeme::RParen)?;
        Action::CreateType { name, attributes: Some(attributes) }
    } else {
        if reading.at(&Lexeme::LParen) {
            reading.skip_parens()?;
        }
        Action::CreateType { name, attributes: None }
    };
    reading.expect_end()?;
    Ok(vec![Change::free(reading.whole, action)])
}

/// `name type [COLLATE c]`
fn attribute(cursor: &mut Cursor) -> Result<ColumnDef, SyntaxError> {
    let start = cursor.mark();
    let name = cursor.column()?;
    let mut data_type = cursor.data_type()?;
    if cursor.eat_word("COLLATE") {
        data_type.collation = Some(cursor.object_name()?);
    }
    Ok(ColumnDef { name, data_type: Some(data_type), span: cursor.since(start), ..ColumnDef::default() })
}

/// `ALTER TYPE name …`
pub(in crate::change::read) fn alter_type(reading: &mut Reading) -> Read {
    reading.past_noun("TYPE")?;
    let name = reading.object_name()?;
    if reading.eat_words(&["ADD", "VALUE"]) {
        let if_not_exists = reading.eat_if_not_exists();
        let value = reading.string()?;
        let place = if reading.eat_word("BEFORE") {
            Some(EnumValuePlace::Before(reading.string()?))
        } else if reading.eat_word("AFTER") {
            Some(EnumValuePlace::After(reading.string()?))
        } else {
            None
        };
        return done(reading, Action::AddEnumValue { name, value, if_not_exists, place });
    }
    if let Some(span) = reading.eat_words_at(&["RENAME", "VALUE"]) {
        reading.needs(span, &[Since(Engine::Postgres, 10, 0, 0)]);
        let from = reading.string()?;
        reading.expect_word("TO")?;
        let to = reading.string()?;
        return done(reading, Action::RenameEnumValue { name, from, to });
    }
    if reading.eat_words(&["RENAME", "ATTRIBUTE"]) {
        let attribute = reading.ident()?;
        reading.expect_word("TO")?;
        let to = Some(reading.ident()?);
        let cascade = reading.drop_behaviour();
        let what = "rename".into();
        return done(reading, Action::AlterTypeAttribute { name, attribute, what, data_type: None, to, if_exists: false, cascade });
    }
    let attribute_follows = |word: &str, reading: &Reading| reading.at_word(word) && reading.at_word_nth(1, "ATTRIBUTE");
    if attribute_follows("ADD", reading) || attribute_follows("DROP", reading) || attribute_follows("ALTER", reading) {
        return attributes(reading, &name);
    }
    if let Some(span) = reading.eat_words_at(&["DROP", "VALUE"]) {
        // Taken by the grammar since 17, refused by the server all the same.
        reading.needs(span, &[Since(Engine::Postgres, 17, 0, 0)]);
        reading.string()?;
        return done(reading, Action::AlterObject { kind: ObjectKind::Type, name, what: "drop value".into(), columns: Vec::new() });
    }
    if reading.at_word("SET") && reading.at_nth(1, &Lexeme::LParen) {
        let span = reading.span();
        reading.needs(span, &[Since(Engine::Postgres, 13, 0, 0)]);
    } else if !reading.at_words(&["RENAME", "TO"]) && !reading.at_words(&["OWNER", "TO"]) && !reading.at_words(&["SET", "SCHEMA"]) {
        return Err(reading.error("ADD, DROP, ALTER, RENAME, OWNER TO or SET"));
    }
    let action = reading.object_action(ObjectKind::Type, &name, false)?;
    Ok(vec![Change::free(reading.whole, action)])
}

fn done(reading: &mut Reading, action: Action) -> Read {
    reading.expect_end()?;
    Ok(vec![Change::free(reading.whole, action)])
}

/// `ADD | DROP | ALTER ATTRIBUTE …, …`
fn attributes(reading: &mut Reading, name: &ObjectName) -> Read {
    let changes = reading.comma_list(|cursor| {
        let start = cursor.mark();
        let mut if_exists = false;
        let (attribute, data_type, what): (Ident, Option<DataType>, &str) = if cursor.eat_words(&["ADD", "ATTRIBUTE"]) {
            let added = attribute(cursor)?;
            (added.name, added.data_type, "add")
        } else if cursor.eat_words(&["DROP", "ATTRIBUTE"]) {
            if_exists = cursor.eat_if_exists();
            (cursor.ident()?, None, "drop")
        } else {
            cursor.expect_words(&["ALTER", "ATTRIBUTE"])?;
            let attribute = cursor.ident()?;
            cursor.eat_words(&["SET", "DATA"]);
            cursor.expect_word("TYPE")?;
            let mut data_type = cursor.data_type()?;
            if cursor.eat_word("COLLATE") {
                data_type.collation = Some(cursor.object_name()?);
            }
            (attribute, Some(data_type), "type")
        };
        let cascade = cursor.drop_behaviour();
        let (name, what) = (name.clone(), what.into());
        let action = Action::AlterTypeAttribute { name, attribute, what, data_type, to: None, if_exists, cascade };
        Ok(Change::free(cursor.since(start), action))
    })?;
    reading.expect_end()?;
    Ok(changes)
}
