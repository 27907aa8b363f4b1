//! Transactions and savepoints.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::read::engines::{MARIADB, MYSQL, POSTGRES};
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change};
use crate::engine::Engine;
use crate::sql::{Since, SyntaxError};

/// `BEGIN`, `START TRANSACTION`.
pub(in crate::change::read) fn begin(reading: &mut Reading) -> Read {
    let mut read_only = false;
    let mut immediate = false;
    if let Some(span) = reading.eat_words_at(&["START", "TRANSACTION"]) {
        reading.needs(span, &[POSTGRES, MYSQL, MARIADB]);
        if reading.is_mysql_family() {
            if !reading.is_end() {
                reading.comma_list(|cursor| {
                    if cursor.eat_words(&["WITH", "CONSISTENT", "SNAPSHOT"]) || cursor.eat_words(&["READ", "WRITE"]) {
                        Ok(())
                    } else if cursor.eat_words(&["READ", "ONLY"]) {
                        read_only = true;
                        Ok(())
                    } else {
                        Err(cursor.error("WITH CONSISTENT SNAPSHOT, READ WRITE or READ ONLY"))
                    }
                })?;
            }
        } else {
            read_only = modes(reading)?.0;
        }
    } else {
        reading.expect_word("BEGIN")?;
        if reading.is_sqlite() {
            immediate = reading.eat_any_word(&["DEFERRED", "IMMEDIATE", "EXCLUSIVE", "CONCURRENT"]).is_some_and(|mode| mode != "DEFERRED");
            if reading.eat_word("TRANSACTION") && reading.at_ident() {
                reading.ident()?;
            }
        } else if reading.is_postgres() {
            reading.eat_any_word(&["WORK", "TRANSACTION"]);
            read_only = modes(reading)?.0;
        } else {
            reading.eat_word("WORK");
        }
    }
    reading.expect_end()?;
    Ok(vec![Change::free(reading.whole, Action::Begin { read_only, immediate })])
}

/// PostgreSQL's transaction modes: whether READ ONLY is among them, and whether there was any.
pub(super) fn modes(reading: &mut Reading) -> Result<(bool, bool), SyntaxError> {
    let mut read_only = false;
    let mut any = false;
    loop {
        if reading.eat_words(&["ISOLATION", "LEVEL"]) {
            isolation_level(reading)?;
        } else if reading.eat_words(&["READ", "ONLY"]) {
            read_only = true;
        } else if !(reading.eat_words(&["READ", "WRITE"]) || reading.eat_words(&["NOT", "DEFERRABLE"]) || reading.eat_word("DEFERRABLE")) {
            return if any && !reading.is_end() { Err(reading.error("a transaction mode")) } else { Ok((read_only, any)) };
        }
        any = true;
        reading.eat(&Lexeme::Comma);
    }
}

pub(super) fn isolation_level(reading: &mut Reading) -> Result<(), SyntaxError> {
    let found = reading.eat_word("SERIALIZABLE")
        || reading.eat_words(&["REPEATABLE", "READ"])
        || reading.eat_words(&["READ", "COMMITTED"])
        || reading.eat_words(&["READ", "UNCOMMITTED"]);
    if found { Ok(()) } else { Err(reading.error("SERIALIZABLE, REPEATABLE READ, READ COMMITTED or READ UNCOMMITTED")) }
}

/// `COMMIT`, `END`.
pub(in crate::change::read) fn commit(reading: &mut Reading) -> Read {
    reading.advance();
    if reading.is_postgres() && reading.eat_word("PREPARED") {
        reading.string()?;
        return ended(reading, Action::Nothing);
    }
    let chain = ending(reading)?;
    ended(reading, Action::Commit { chain })
}

/// `ROLLBACK`, `ABORT`, and back to a savepoint.
pub(in crate::change::read) fn rollback(reading: &mut Reading) -> Read {
    reading.advance();
    if reading.is_postgres() && reading.eat_word("PREPARED") {
        reading.string()?;
        return ended(reading, Action::Nothing);
    }
    let start = reading.mark();
    work(reading);
    if reading.eat_word("TO") {
        reading.eat_word("SAVEPOINT");
        let name = reading.ident()?;
        return ended(reading, Action::RollbackToSavepoint { name });
    }
    reading.restore(start);
    let chain = ending(reading)?;
    ended(reading, Action::Rollback { chain })
}

fn work(reading: &mut Reading) {
    match (reading.is_mysql_family(), reading.is_sqlite()) {
        (true, _) => reading.eat_word("WORK"),
        (_, true) => reading.eat_word("TRANSACTION"),
        _ => reading.eat_any_word(&["WORK", "TRANSACTION"]).is_some(),
    };
}

/// `[WORK] [AND [NO] CHAIN] [[NO] RELEASE]`: whether a new transaction follows.
fn ending(reading: &mut Reading) -> Result<bool, SyntaxError> {
    work(reading);
    let mut chain = false;
    if !reading.is_sqlite() && reading.eat_word("AND") {
        let no = reading.eat_word("NO");
        let span = reading.expect_word("CHAIN")?;
        reading.needs(span, &[Since(Engine::Postgres, 12, 0, 0), MYSQL, MARIADB]);
        chain = !no;
    }
    if reading.is_mysql_family() {
        let no = reading.eat_word("NO");
        if no {
            reading.expect_word("RELEASE")?;
        } else {
            reading.eat_word("RELEASE");
        }
    }
    Ok(chain)
}

fn ended(reading: &mut Reading, action: Action) -> Read {
    reading.expect_end()?;
    Ok(vec![Change::free(reading.whole, action)])
}

pub(in crate::change::read) fn savepoint(reading: &mut Reading) -> Read {
    reading.expect_word("SAVEPOINT")?;
    let name = reading.ident()?;
    ended(reading, Action::Savepoint { name })
}

pub(in crate::change::read) fn release(reading: &mut Reading) -> Read {
    reading.expect_word("RELEASE")?;
    if reading.is_mysql_family() {
        reading.expect_word("SAVEPOINT")?;
    } else {
        reading.eat_word("SAVEPOINT");
    }
    let name = reading.ident()?;
    ended(reading, Action::ReleaseSavepoint { name })
}

/// MySQL and MariaDB `XA …`: distributed transactions.
pub(in crate::change::read) fn distributed(reading: &mut Reading) -> Read {
    let span = reading.expect_word("XA")?;
    reading.needs(span, &[MYSQL, MARIADB]);
    let action = if reading.eat_any_word(&["START", "BEGIN"]).is_some() {
        Action::Begin { read_only: false, immediate: false }
    } else if reading.eat_word("COMMIT") {
        Action::Commit { chain: false }
    } else if reading.eat_word("ROLLBACK") {
        Action::Rollback { chain: false }
    } else if reading.eat_any_word(&["END", "PREPARE", "RECOVER"]).is_some() {
        Action::Nothing
    } else {
        return Err(reading.error("START, END, PREPARE, COMMIT, ROLLBACK or RECOVER"));
    };
    reading.skip_rest();
    Ok(vec![Change::free(reading.whole, action)])
}

/// PostgreSQL `PREPARE TRANSACTION 'id'`: ends the session's transaction.
pub(in crate::change::read) fn prepare_transaction(reading: &mut Reading) -> Read {
    let span = reading.expect_words(&["PREPARE", "TRANSACTION"])?;
    reading.needs(span, &[POSTGRES]);
    reading.string()?;
    ended(reading, Action::Commit { chain: false })
}
