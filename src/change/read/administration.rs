//! Statements that neither change a schema nor rows, and those that run others.

use sqlparser::tokenizer::Token as Lexeme;

use super::engines::{MARIADB, MYSQL, POSTGRES};
use super::query::count_arguments;
use super::{Read, Reading, dispatch};
use crate::change::{Action, Call, Change};
use crate::engine::Engine;
use crate::sql::Since;

/// Recognised and without effect on schema, locks or data.
pub(super) fn nothing(reading: &mut Reading, engines: &[Since]) -> Read {
    let span = reading.span();
    reading.needs(span, engines);
    reading.skip_rest();
    Ok(vec![Change::free(reading.whole, Action::Nothing)])
}

/// Who has a statement of this first word that changes nothing here; `None` for other words.
pub(super) fn idle(first: &str) -> Option<&'static [Since]> {
    Some(match first {
        "SHOW" => &[POSTGRES, MYSQL, MARIADB],
        "LISTEN" | "NOTIFY" | "UNLISTEN" | "DECLARE" | "FETCH" | "MOVE" | "CLOSE" => &[POSTGRES],
        "DEALLOCATE" => &[POSTGRES, MYSQL, MARIADB],
        "DESCRIBE" | "DESC" | "HELP" | "KILL" | "PURGE" | "CHANGE" | "STOP" | "START" | "INSTALL" | "UNINSTALL" | "HANDLER" | "BINLOG"
        | "CACHE" | "CLONE" | "SHUTDOWN" | "RESTART" | "SIGNAL" | "RESIGNAL" | "GET" => &[MYSQL, MARIADB],
        "BACKUP" => &[MARIADB],
        _ => return None,
    })
}

/// `EXPLAIN …`: with ANALYZE it runs what it explains.
pub(super) fn explain(reading: &mut Reading) -> Read {
    reading.advance();
    let mut runs = false;
    if reading.is_sqlite() {
        reading.eat_words(&["QUERY", "PLAN"]);
    } else if reading.at(&Lexeme::LParen) && reading.is_postgres() && !reading.at_word_nth(1, "SELECT") {
        reading.paren_list(|cursor| {
            let analyze = cursor.at_any_word(&["ANALYZE", "ANALYSE"]);
            if !analyze && !cursor.at_any_word(OPTIONS) {
                return Err(cursor.error("an option of EXPLAIN"));
            }
            let span = cursor.skip_item();
            let text = span.slice(cursor.text()).to_ascii_lowercase();
            runs |= analyze && !["off", "false", "0"].iter().any(|off| text.ends_with(off));
            Ok(())
        })?;
    } else {
        while let Some(word) = reading.eat_any_word(&["ANALYZE", "ANALYSE", "VERBOSE", "EXTENDED", "PARTITIONS"]) {
            runs |= word.starts_with("ANALY");
        }
        if reading.at_word("FORMAT") && reading.at_nth(1, &Lexeme::Eq) {
            reading.advance();
            reading.advance();
            reading.advance();
        }
    }
    explain_inner(reading, runs)
}

const OPTIONS: &[&str] =
    &["VERBOSE", "COSTS", "SETTINGS", "GENERIC_PLAN", "BUFFERS", "SERIALIZE", "WAL", "TIMING", "SUMMARY", "MEMORY", "FORMAT", "IO"];

/// What is explained; read for its effects only when it runs.
pub(super) fn explain_inner(reading: &mut Reading, runs: bool) -> Read {
    if reading.is_end() {
        return Err(reading.error("a statement"));
    }
    if reading.is_postgres() && !explains(reading) {
        return Err(reading.error("a query, or a statement that changes rows or keeps the outcome of a query"));
    }
    let another = reading.is_mysql_family() && reading.at_words(&["FOR", "CONNECTION"]);
    let inner = if (runs || reading.is_postgres()) && !another { dispatch::statement(reading) } else { None };
    match inner {
        Some(read) if runs => read,
        Some(read) => Ok(vec![Change::free(reading.whole, Action::Explain { planned: read? })]),
        None => {
            reading.skip_rest();
            Ok(vec![Change::free(reading.whole, Action::Nothing)])
        }
    }
}

/// What PostgreSQL can plan (manual, EXPLAIN).
fn explains(reading: &Reading) -> bool {
    let keeps =
        reading.at_word("REFRESH") || reading.at_word("CREATE") && matches!(dispatch::noun(reading), Some("TABLE" | "MATERIALIZED VIEW"));
    let plans = ["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "WITH", "TABLE", "EXECUTE", "DECLARE"];
    reading.at(&Lexeme::LParen) || reading.at_any_word(&plans) || keeps
}

/// `USE database`
pub(super) fn use_database(reading: &mut Reading) -> Read {
    let span = reading.expect_word("USE")?;
    reading.needs(span, &[MYSQL, MARIADB]);
    let name = reading.label()?;
    reading.expect_end()?;
    Ok(vec![Change::free(reading.whole, Action::UseDatabase { name })])
}

/// `CALL name(…)`
pub(super) fn call(reading: &mut Reading) -> Read {
    let span = reading.expect_word("CALL")?;
    reading.needs(span, &[Since(Engine::Postgres, 11, 0, 0), MYSQL, MARIADB]);
    let name = reading.object_name()?;
    // MySQL takes a call without parentheses as one without arguments.
    let mut arguments = Some(0);
    if reading.at(&Lexeme::LParen) {
        arguments = count_arguments(reading.rest());
        reading.skip_parens()?;
    } else if reading.is_postgres() {
        return Err(reading.error("`(`"));
    }
    reading.expect_end()?;
    Ok(vec![Change::free(reading.whole, Action::CallRoutine(Call { name, arguments, followed: false }))])
}
