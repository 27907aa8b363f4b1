//! DELETE, from one table or several.

use sqlparser::tokenizer::Token as Lexeme;

use super::update::TABLE_STOPS;
use crate::change::read::engines::{MARIADB, MYSQL, POSTGRES, SQLITE};
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, DeleteRows, ObjectName, Predicate};
use crate::engine::Engine;
use crate::sql::{Since, SyntaxError};

pub(in crate::change::read) fn delete(reading: &mut Reading) -> Read {
    reading.expect_word("DELETE")?;
    let from = reading.mark();
    let mysql = reading.is_mysql_family();
    if mysql {
        while reading.eat_any_word(&["LOW_PRIORITY", "QUICK", "IGNORE", "HISTORY"]).is_some() {}
        if !reading.at_word("FROM") {
            return several(reading, false);
        }
    }
    reading.expect_word("FROM")?;
    if mysql && is_list(reading) {
        return several(reading, true);
    }
    let (table, only) = reading.table_with_only()?;
    if mysql {
        if reading.eat_word("PARTITION") {
            reading.ident_list()?;
        }
        // MariaDB: system versioning.
        if reading.eat_words(&["BEFORE", "SYSTEM_TIME"]) {
            reading.expression_until(&["WHERE"])?;
        }
    }
    reading.portion()?;
    reading.table_alias(TABLE_STOPS)?;
    if reading.is_sqlite() {
        if reading.eat_words(&["INDEXED", "BY"]) {
            reading.ident()?;
        } else {
            reading.eat_words(&["NOT", "INDEXED"]);
        }
    }
    let joined = reading.is_postgres() && reading.at_word("USING");
    if joined {
        skip_tables(reading)?;
    }
    let predicate = if reading.is_postgres() && reading.at_words(&["WHERE", "CURRENT", "OF"]) {
        reading.advance();
        let start = reading.mark();
        reading.skip_rest();
        Predicate::Where(reading.expression_between(start, reading.mark()))
    } else {
        reading.predicate()?
    };
    let before_limit = reading.mark();
    let limited = reading.order_and_limit()?;
    if reading.mark() > before_limit {
        let span = reading.since(before_limit);
        reading.needs(span, &[MYSQL, MARIADB, SQLITE]);
    }
    if reading.returning()? {
        let span = reading.previous_span();
        reading.needs(span, &[POSTGRES, MARIADB, Since(Engine::Sqlite, 3, 35, 0)]);
    }
    reading.expect_end()?;
    let mut reads = reading.facts_between(from, reading.mark()).reads;
    remove_target(&mut reads, &table);
    let rows = DeleteRows { only, reads, joined, predicate, limited };
    Ok(vec![Change::on(table, reading.whole, Action::Delete(Box::new(rows)))])
}

/// The target is named once behind FROM; a second mention in a subquery is the same name.
fn remove_target(reads: &mut Vec<ObjectName>, table: &ObjectName) {
    if let Some(at) = reads.iter().position(|name| name == table) {
        reads.remove(at);
    }
}

/// `FROM a, b USING …` or `FROM a.* USING …`
fn is_list(reading: &Reading) -> bool {
    let mut probe = reading.part(reading.mark(), reading.end_mark());
    if probe.object_name_or_star().is_err() {
        return false;
    }
    matches!(probe.peek(), Some(Lexeme::Comma)) || probe.at_word("USING")
}

/// MySQL: `DELETE a, b FROM tables` or `DELETE FROM a, b USING tables`; the names may be aliases.
fn several(reading: &mut Reading, using: bool) -> Read {
    let names = reading.comma_list(|cursor| cursor.object_name_or_star())?;
    if using {
        reading.expect_word("USING")?;
    } else {
        reading.expect_word("FROM")?;
    }
    let start = reading.mark();
    let tables = tables(reading)?;
    let predicate = reading.predicate()?;
    let limited = reading.order_and_limit()?;
    reading.returning()?;
    reading.expect_end()?;
    let mut reads = reading.facts_between(start, reading.mark()).reads;
    for (table, _) in &tables {
        if !reads.contains(table) {
            reads.push(table.clone());
        }
    }
    let span = reading.whole;
    let changes = names.into_iter().map(|name| {
        let aliased =
            tables.iter().find(|(_, alias)| name.schema.is_none() && alias.as_ref().is_some_and(|alias| alias.is(&name.name.value)));
        let named = tables.iter().find(|(table, _)| table.name.is(&name.name.value));
        let table = aliased.or(named).map_or_else(|| name.clone(), |(table, _)| table.clone());
        let rows = DeleteRows {
            only: false,
            reads: super::others(reads.clone(), &table),
            joined: tables.len() > 1,
            predicate: predicate.clone(),
            limited,
        };
        Change::on(table, span, Action::Delete(Box::new(rows)))
    });
    Ok(changes.collect())
}

/// Joined tables up to WHERE, with their aliases.
fn tables(reading: &mut Reading) -> Result<Vec<(ObjectName, Option<crate::change::Ident>)>, SyntaxError> {
    let mut tables = Vec::new();
    let mut expects = true;
    while !reading.is_end() && !reading.at_any_word(&["WHERE", "ORDER", "LIMIT", "RETURNING"]) {
        if expects && !reading.at(&Lexeme::LParen) {
            let table = reading.object_name()?;
            let alias = reading.table_alias(TABLE_STOPS)?;
            tables.push((table, alias));
            expects = false;
        } else if reading.at(&Lexeme::LParen) && expects && !reading.at_word_nth(1, "SELECT") && !reading.at_word_nth(1, "WITH") {
            reading.advance();
        } else if reading.at(&Lexeme::LParen) {
            reading.skip_parens()?;
            expects = false;
        } else {
            expects = reading.at(&Lexeme::Comma) || reading.at_any_word(&["JOIN", "STRAIGHT_JOIN"]);
            reading.advance();
        }
    }
    if expects { Err(reading.error("a table")) } else { Ok(tables) }
}

/// `USING tables`, up to WHERE or RETURNING of this level.
fn skip_tables(reading: &mut Reading) -> Result<(), SyntaxError> {
    reading.advance();
    if reading.is_end() || reading.at_any_word(&["WHERE", "RETURNING"]) {
        return Err(reading.error("a table"));
    }
    while !reading.is_end() && !reading.at_any_word(&["WHERE", "RETURNING"]) {
        if reading.at(&Lexeme::LParen) {
            reading.skip_parens()?;
        } else {
            reading.advance();
        }
    }
    Ok(())
}
