//! DROP INDEX.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, DropIndex};
use crate::engine::Engine;
use crate::sql::Since;

pub(in crate::change::read) fn drop_index(reading: &mut Reading) -> Read {
    let start = reading.mark();
    reading.expect_words(&["DROP", "INDEX"])?;
    let concurrently = reading.eat_word_at("CONCURRENTLY");
    if let Some(span) = concurrently {
        reading.needs(span, &[Since(Engine::Postgres, 0, 0, 0)]);
    }
    let exists = reading.eat_words_at(&["IF", "EXISTS"]);
    if let Some(span) = exists {
        reading.needs(span, &[Since(Engine::Postgres, 0, 0, 0), Since(Engine::Mariadb, 10, 0, 2), Since(Engine::Sqlite, 0, 0, 0)]);
    }
    let names = reading.comma_list(|cursor| cursor.object_name())?;
    let mut table = None;
    if let Some(span) = reading.eat_word_at("ON") {
        reading.needs(span, &[Since(Engine::Mysql, 0, 0, 0), Since(Engine::Mariadb, 0, 0, 0)]);
        table = Some(reading.object_name()?);
        reading.lock_wait()?;
        while reading.algorithm_or_lock()? {
            let span = reading.previous_span();
            reading.needs(span, &[Since(Engine::Mysql, 5, 6, 0)]);
            reading.eat(&Lexeme::Comma);
        }
    } else if reading.is_mysql_family() {
        let span = reading.span();
        reading.refuse(span, "ON and the table's name");
    }
    if let (true, Some(second)) = (!reading.is_postgres(), names.get(1)) {
        reading.needs(second.span(), &[Since(Engine::Postgres, 0, 0, 0)]);
    }
    let cascade = reading.drop_behaviour();
    let span = reading.since(start);
    let siblings = u32::try_from(names.len()).unwrap_or(u32::MAX);
    let change = |name| {
        let action = DropIndex { name, concurrently, if_exists: exists.is_some(), cascade, siblings, in_alter: false };
        Change::of(table.clone(), span, Action::DropIndex(action))
    };
    Ok(names.into_iter().map(change).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::read::testing::{actions, needs, statement};

    #[test]
    fn one_change_per_index() {
        let actions = actions("postgres@14", "DROP INDEX CONCURRENTLY IF EXISTS a, s.b CASCADE");
        let all = actions.iter().all(|action| {
            matches!(action, Action::DropIndex(drop) if drop.siblings == 2 && drop.concurrently.is_some() && drop.cascade && drop.if_exists)
        });
        assert!(all && actions.len() == 2);
        assert!(statement("mysql@8.0", "DROP INDEX i ON t").changes.first().is_some_and(|change| change.table.is_some()));
        assert_eq!(needs("mysql@8.0", "DROP INDEX i"), "ON and the table's name");
    }
}
