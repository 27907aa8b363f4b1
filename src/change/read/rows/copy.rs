//! COPY and LOAD DATA: rows from files.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::read::engines::{MARIADB, MYSQL, POSTGRES};
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, CopyRows, InsertRows, InsertSource, ObjectName, OnConflict};

/// PostgreSQL `COPY t | (query) FROM | TO …`
pub(in crate::change::read) fn copy(reading: &mut Reading) -> Read {
    let span = reading.expect_word("COPY")?;
    reading.needs(span, &[POSTGRES]);
    let mut table: Option<ObjectName> = None;
    let mut reads = Vec::new();
    if reading.at(&Lexeme::LParen) {
        let (from, to) = reading.skip_parens()?;
        reads = reading.facts_between(from, to).reads;
    } else {
        reading.eat_word("BINARY");
        table = Some(reading.object_name()?);
        if reading.at(&Lexeme::LParen) {
            reading.ident_list()?;
        }
    }
    let from = match reading.eat_any_word(&["FROM", "TO"]) {
        Some(word) => word == "FROM",
        None => return Err(reading.error("FROM or TO")),
    };
    let stdin = reading.eat_any_word(&["STDIN", "STDOUT"]).is_some();
    if !stdin {
        reading.eat_word("PROGRAM");
        reading.string()?;
    }
    // Options old and new, then WHERE.
    reading.eat_word("WITH");
    while !reading.is_end() {
        if reading.at(&Lexeme::LParen) {
            reading.skip_parens()?;
        } else {
            reading.advance();
        }
    }
    let action = Action::Copy(CopyRows { from, stdin, reads });
    Ok(vec![Change::of(table, reading.whole, action)])
}

/// MySQL and MariaDB `LOAD DATA … INTO TABLE t …`: an INSERT of unknown size.
pub(in crate::change::read) fn load_data(reading: &mut Reading) -> Read {
    let span = reading.expect_word("LOAD")?;
    if reading.is_postgres() {
        // A library into the session.
        reading.string()?;
        reading.expect_end()?;
        return Ok(vec![Change::free(reading.whole, Action::Nothing)]);
    }
    reading.needs(span, &[MYSQL, MARIADB]);
    if reading.eat_words(&["INDEX", "INTO", "CACHE"]) {
        reading.skip_rest();
        return Ok(vec![Change::free(reading.whole, Action::Nothing)]);
    }
    if reading.eat_any_word(&["DATA", "XML"]).is_none() {
        return Err(reading.error("DATA"));
    }
    let mut on_conflict = OnConflict::Fail;
    while !reading.is_end() && !reading.at_words(&["INTO", "TABLE"]) {
        if reading.eat_word("REPLACE") {
            on_conflict = OnConflict::Replace;
        } else if reading.eat_word("IGNORE") {
            on_conflict = OnConflict::Ignore;
        } else {
            reading.advance();
        }
    }
    reading.expect_words(&["INTO", "TABLE"])?;
    let table = reading.object_name()?;
    reading.skip_rest();
    let rows = InsertRows {
        columns: Vec::new(),
        source: InsertSource::Values { rows: None },
        on_conflict,
        overriding: false,
        width: None,
        arbiter: None,
    };
    Ok(vec![Change::on(table, reading.whole, Action::Insert(Box::new(rows)))])
}
