//! REINDEX.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, Reindex, ReindexTarget};
use crate::engine::Engine;
use crate::sql::Since;

const CONCURRENTLY: &[Since] = &[Since(Engine::Postgres, 12, 0, 0)];

pub(in crate::change::read) fn reindex(reading: &mut Reading) -> Read {
    let start = reading.mark();
    reading.expect_word("REINDEX")?;
    if reading.is_sqlite() {
        let target = if reading.is_end() { None } else { Some(reading.object_name()?) };
        let action = Reindex { target: ReindexTarget::Any(target), concurrently: None, tablespace: None };
        return Ok(vec![Change::free(reading.since(start), Action::Reindex(action))]);
    }
    let (mut concurrently, mut tablespace) = (None, None);
    if reading.eat(&Lexeme::LParen) {
        loop {
            let option = reading.mark();
            if reading.eat_word("CONCURRENTLY") {
                let on = !matches!(reading.eat_any_word(&["FALSE", "OFF", "TRUE", "ON"]), Some("FALSE" | "OFF"));
                let span = reading.since(option);
                reading.needs(span, &[Since(Engine::Postgres, 14, 0, 0)]);
                concurrently = on.then_some(span);
            } else if reading.eat_word("TABLESPACE") {
                let span = reading.previous_span();
                reading.needs(span, &[Since(Engine::Postgres, 14, 0, 0)]);
                tablespace = Some(reading.ident()?);
            } else {
                reading.expect_word("VERBOSE")?;
                reading.eat_any_word(&["FALSE", "OFF", "TRUE", "ON"]);
            }
            if !reading.eat(&Lexeme::Comma) {
                break;
            }
        }
        reading.expect(&Lexeme::RParen)?;
    }
    let Some(kind) = reading.eat_any_word(&["INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM"]) else {
        return Err(reading.error("INDEX, TABLE, SCHEMA, DATABASE or SYSTEM"));
    };
    if let Some(span) = reading.eat_word_at("CONCURRENTLY") {
        reading.needs(span, CONCURRENTLY);
        concurrently = Some(span);
    }
    let mut table = None;
    let target = match kind {
        "INDEX" => ReindexTarget::Index(reading.object_name()?),
        "TABLE" => {
            let name = reading.object_name()?;
            table = Some(name.clone());
            ReindexTarget::Table(name)
        }
        "SCHEMA" => ReindexTarget::Schema(reading.ident()?),
        kind => {
            let name = if reading.is_end() { None } else { Some(reading.ident()?) };
            if name.is_none() {
                // The name of the database may be left out since 16.
                let span = reading.previous_span();
                reading.needs(span, &[Since(Engine::Postgres, 16, 0, 0)]);
            }
            if kind == "DATABASE" { ReindexTarget::Database(name) } else { ReindexTarget::System(name) }
        }
    };
    let action = Action::Reindex(Reindex { target, concurrently, tablespace });
    Ok(vec![Change::of(table, reading.since(start), action)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::read::testing::{action, needs};

    #[test]
    fn concurrently_is_found_in_both_places() {
        for sql in ["REINDEX TABLE CONCURRENTLY t", "REINDEX (VERBOSE, CONCURRENTLY) TABLE t"] {
            assert!(matches!(action("postgres@14", sql), Action::Reindex(reindex) if reindex.concurrently.is_some()), "{sql}");
        }
        assert!(
            matches!(action("postgres@14", "REINDEX (CONCURRENTLY false) INDEX i"), Action::Reindex(reindex) if reindex.concurrently.is_none())
        );
        assert_eq!(needs("postgres@11", "REINDEX INDEX CONCURRENTLY i"), "PostgreSQL 12");
    }
}
