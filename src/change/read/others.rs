//! Statements that are about neither tables nor indexes, by their leading words.

use sqlparser::tokenizer::Token as Lexeme;

use super::session::{lock, pragma, setting, transaction};
use super::{Read, Reading, administration, code, maintenance, object, rows};
use crate::change::Action;

/// Reads the statement; `None` when its words are unknown here too. `first` and `noun` are upper case.
pub(super) fn statement(reading: &mut Reading, first: &str, noun: &str) -> Option<Read> {
    Some(match first {
        "BEGIN" if reading.at_words(&["BEGIN", "NOT", "ATOMIC"]) => code::anonymous_block(reading),
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
        "CREATE" => return create(reading, noun),
        "ALTER" => return alter(reading, noun),
        "DROP" if noun.is_empty() => return drop_prepared(reading),
        "DROP" => object::drop_object(reading, noun),
        "RENAME" if reading.at_word_nth(1, "USER") => object::rename_user(reading),
        "GRANT" | "REVOKE" | "REASSIGN" => object::privileges(reading),
        "COMMENT" => object::comment(reading),
        "SECURITY" if reading.at_word_nth(1, "LABEL") => object::comment(reading),
        "IMPORT" => object::import_schema(reading),
        "REFRESH" => object::refresh(reading),
        "DO" => code::do_block(reading),
        "CALL" => administration::call(reading),
        "PREPARE" => code::prepare(reading),
        "EXECUTE" => code::execute(reading),
        "IF" | "CASE" | "WHILE" | "LOOP" | "REPEAT" | "FOR" if reading.is_mysql_family() => code::anonymous_block(reading),
        "VACUUM" => maintenance::vacuum(reading),
        "ANALYZE" | "ANALYSE" => maintenance::analyze(reading),
        "CLUSTER" | "REPACK" => maintenance::cluster(reading),
        "CHECKPOINT" => maintenance::checkpoint(reading),
        "ATTACH" | "DETACH" => maintenance::attach(reading),
        "FLUSH" => maintenance::flush(reading),
        "OPTIMIZE" => maintenance::mysql_maintenance(reading, || Action::Optimize),
        "CHECK" | "CHECKSUM" => maintenance::mysql_maintenance(reading, || Action::CheckTable),
        "REPAIR" => maintenance::mysql_maintenance(reading, || Action::RepairTable),
        "USE" => administration::use_database(reading),
        "EXPLAIN" => administration::explain(reading),
        other => return administration::idle(other).map(|engines| administration::nothing(reading, engines)),
    })
}

/// A statement that begins with a parenthesis: a query.
pub(super) fn parenthesised(reading: &mut Reading) -> Option<Read> {
    reading.at(&Lexeme::LParen).then(|| rows::select(reading))
}

fn create(reading: &mut Reading, noun: &str) -> Option<Read> {
    Some(match noun {
        "" => return None,
        "VIEW" | "MATERIALIZED VIEW" => object::create_view(reading, noun),
        "SEQUENCE" => object::create_sequence(reading),
        "TYPE" => object::create_type(reading),
        "DOMAIN" => object::create_domain(reading),
        "FUNCTION" | "PROCEDURE" => code::create_routine(reading, noun),
        "TRIGGER" => code::create_trigger(reading),
        "POLICY" => object::create_policy(reading),
        "RULE" => object::create_rule(reading),
        _ => object::create(reading, noun),
    })
}

fn alter(reading: &mut Reading, noun: &str) -> Option<Read> {
    Some(match noun {
        "" => return None,
        "DEFAULT PRIVILEGES" => object::privileges(reading),
        "VIEW" | "MATERIALIZED VIEW" => object::alter_view(reading, noun),
        "SEQUENCE" => object::alter_sequence(reading),
        "TYPE" => object::alter_type(reading),
        "DOMAIN" => object::alter_domain(reading),
        "FUNCTION" | "PROCEDURE" | "ROUTINE" | "AGGREGATE" => code::alter_routine(reading, noun),
        "POLICY" => object::alter_policy(reading),
        _ => object::alter(reading, noun),
    })
}

/// MySQL `DROP PREPARE name`.
fn drop_prepared(reading: &mut Reading) -> Option<Read> {
    let known = reading.is_mysql_family() && reading.at_word_nth(1, "PREPARE");
    known.then(|| administration::nothing(reading, &[super::engines::MYSQL, super::engines::MARIADB]))
}
