//! Table locks by hand.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::read::engines::{MARIADB, MYSQL, POSTGRES};
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, LockTables, TableLockMode};
use crate::sql::{Cursor, SyntaxError};

/// `LOCK …`
pub(in crate::change::read) fn lock(reading: &mut Reading) -> Read {
    let span = reading.expect_word("LOCK")?;
    reading.needs(span, &[POSTGRES, MYSQL, MARIADB]);
    if reading.is_mysql_family() {
        if reading.eat_words(&["INSTANCE", "FOR", "BACKUP"]) {
            reading.expect_end()?;
            return Ok(vec![Change::free(reading.whole, Action::Nothing)]);
        }
        if reading.eat_any_word(&["TABLES", "TABLE"]).is_none() {
            return Err(reading.error("TABLES"));
        }
        let tables = reading.comma_list(|cursor| {
            let table = cursor.object_name()?;
            if cursor.eat_word("AS") || (cursor.at_ident() && !cursor.at_any_word(&["READ", "WRITE", "LOW_PRIORITY"])) {
                cursor.ident()?;
            }
            Ok((table, mysql_mode(cursor)?))
        })?;
        reading.lock_wait()?;
        reading.expect_end()?;
        let nowait = reading.modifiers.wait == Some(0);
        return Ok(vec![Change::free(reading.whole, Action::LockTables(LockTables { tables, nowait }))]);
    }
    reading.eat_word("TABLE");
    let names = reading.comma_list(|cursor| cursor.table_with_only())?;
    reading.modifiers.only = !names.is_empty() && names.iter().all(|(_, only)| *only);
    let mut mode = TableLockMode::AccessExclusive;
    if reading.eat_word("IN") {
        mode = postgres_mode(reading)?;
        reading.expect_word("MODE")?;
    }
    let nowait = reading.eat_word("NOWAIT");
    reading.modifiers.nowait = nowait;
    reading.expect_end()?;
    let tables = names.into_iter().map(|(name, _)| (name, mode)).collect();
    Ok(vec![Change::free(reading.whole, Action::LockTables(LockTables { tables, nowait }))])
}

fn mysql_mode(cursor: &mut Cursor) -> Result<TableLockMode, SyntaxError> {
    if cursor.eat_word("READ") {
        cursor.eat_word("LOCAL");
        return Ok(TableLockMode::Read);
    }
    cursor.eat_word("LOW_PRIORITY");
    if !cursor.eat_word("WRITE") {
        return Err(cursor.error("READ or WRITE"));
    }
    cursor.eat_word("CONCURRENT");
    Ok(TableLockMode::Write)
}

fn postgres_mode(reading: &mut Reading) -> Result<TableLockMode, SyntaxError> {
    let modes: &[(&[&str], TableLockMode)] = &[
        (&["ACCESS", "SHARE"], TableLockMode::AccessShare),
        (&["ROW", "SHARE"], TableLockMode::RowShare),
        (&["ROW", "EXCLUSIVE"], TableLockMode::RowExclusive),
        (&["SHARE", "UPDATE", "EXCLUSIVE"], TableLockMode::ShareUpdateExclusive),
        (&["SHARE", "ROW", "EXCLUSIVE"], TableLockMode::ShareRowExclusive),
        (&["SHARE"], TableLockMode::Share),
        (&["EXCLUSIVE"], TableLockMode::Exclusive),
        (&["ACCESS", "EXCLUSIVE"], TableLockMode::AccessExclusive),
    ];
    for (words, mode) in modes {
        if reading.eat_words(words) {
            return Ok(*mode);
        }
    }
    Err(reading.error("a lock mode"))
}

/// `UNLOCK TABLES`
pub(in crate::change::read) fn unlock(reading: &mut Reading) -> Read {
    let span = reading.expect_word("UNLOCK")?;
    reading.needs(span, &[MYSQL, MARIADB]);
    let action = match reading.eat_any_word(&["TABLES", "TABLE", "INSTANCE"]) {
        Some("INSTANCE") => Action::Nothing,
        Some(_) => Action::UnlockTables,
        None => return Err(reading.error("TABLES")),
    };
    reading.expect_end()?;
    Ok(vec![Change::free(reading.whole, action)])
}

impl Cursor<'_> {
    /// `[ONLY] t [*]` or `ONLY (t)`; whether ONLY was written.
    pub(in crate::change::read) fn table_with_only(&mut self) -> Result<(crate::change::ObjectName, bool), SyntaxError> {
        let only = self.is_postgres() && self.eat_word("ONLY");
        if only && self.eat(&Lexeme::LParen) {
            let name = self.object_name()?;
            self.expect(&Lexeme::RParen)?;
            return Ok((name, only));
        }
        let name = self.object_name()?;
        if self.is_postgres() {
            self.eat(&Lexeme::Mul);
        }
        Ok((name, only))
    }
}
