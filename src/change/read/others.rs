//! Statements that are about neither tables nor indexes, by their leading words.

use sqlparser::tokenizer::Token as Lexeme;

use super::session::{lock, pragma, setting, transaction};
use super::{Read, Reading, rows};

/// Reads the statement; `None` when its words are unknown here too. `first` and `noun` are upper case.
pub(super) fn statement(reading: &mut Reading, first: &str, noun: &str) -> Option<Read> {
    let _ = noun;
    Some(match first {
        "BEGIN" => transaction::begin(reading),
        "START" if reading.at_word_nth(1, "TRANSACTION") => transaction::begin(reading),
        "COMMIT" | "END" => transaction::commit(reading),
        "ROLLBACK" | "ABORT" => transaction::rollback(reading),
        "SAVEPOINT" => transaction::savepoint(reading),
        "RELEASE" => transaction::release(reading),
        "XA" => transaction::distributed(reading),
        "PREPARE" if reading.at_word_nth(1, "TRANSACTION") => transaction::prepare_transaction(reading),
        "SET" => setting::set(reading),
        "RESET" => setting::reset(reading),
        "DISCARD" => setting::discard(reading),
        "PRAGMA" => pragma::pragma(reading),
        "LOCK" => lock::lock(reading),
        "UNLOCK" => lock::unlock(reading),
        "INSERT" | "REPLACE" => rows::insert(reading),
        "UPDATE" => rows::update(reading),
        "DELETE" => rows::delete(reading),
        "MERGE" => rows::merge(reading),
        "SELECT" | "VALUES" | "TABLE" => rows::select(reading),
        "WITH" => rows::with(reading),
        "TRUNCATE" => rows::truncate(reading),
        "COPY" => rows::copy(reading),
        "LOAD" => rows::load_data(reading),
        _ => return None,
    })
}

/// A statement that begins with a parenthesis: a query.
pub(super) fn parenthesised(reading: &mut Reading) -> Option<Read> {
    reading.at(&Lexeme::LParen).then(|| rows::select(reading))
}
