//! DROP TABLE: one change per name.

use crate::change::read::{Read, Reading};
use crate::change::{Action, Change};
use crate::engine::Engine;
use crate::sql::Since;

pub(in crate::change::read) fn drop_table(reading: &mut Reading) -> Read {
    let start = reading.mark();
    reading.expect_word("DROP")?;
    let temporary = reading.eat_word_at("TEMPORARY");
    if let Some(span) = temporary {
        reading.needs(span, &[Since(Engine::Mysql, 0, 0, 0), Since(Engine::Mariadb, 0, 0, 0)]);
    }
    let foreign = reading.eat_word_at("FOREIGN");
    if let Some(span) = foreign {
        reading.needs(span, &[Since(Engine::Postgres, 0, 0, 0)]);
    }
    if !(reading.is_mysql_family() && reading.eat_word("TABLES")) {
        reading.expect_word("TABLE")?;
    }
    let if_exists = reading.eat_if_exists();
    let names = reading.comma_list(|cursor| cursor.object_name())?;
    if let (true, Some(second)) = (reading.is_sqlite(), names.get(1)) {
        reading.refuse(second.span(), "a DROP TABLE for each table");
    }
    reading.lock_wait()?;
    let cascade = reading.drop_behaviour();
    let span = reading.since(start);
    let siblings = u32::try_from(names.len()).unwrap_or(u32::MAX);
    let action = Action::DropTable { if_exists, cascade, temporary: temporary.is_some(), foreign: foreign.is_some(), siblings };
    Ok(names.into_iter().map(|name| Change::on(name, span, action.clone())).collect())
}
