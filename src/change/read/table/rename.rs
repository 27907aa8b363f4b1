//! MySQL RENAME TABLE.

use crate::change::read::{Read, Reading};
use crate::change::{Action, Change};
use crate::engine::Engine;
use crate::sql::Since;

pub(in crate::change::read) fn rename_table(reading: &mut Reading) -> Read {
    let start = reading.mark();
    reading.expect_word("RENAME")?;
    if reading.eat_any_word(&["TABLE", "TABLES"]).is_none() {
        return Err(reading.error("TABLE"));
    }
    let span = reading.since(start);
    reading.needs(span, &[Since(Engine::Mysql, 0, 0, 0), Since(Engine::Mariadb, 0, 0, 0)]);
    if let Some(span) = reading.eat_words_at(&["IF", "EXISTS"]) {
        reading.needs(span, &[Since(Engine::Mariadb, 10, 5, 2)]);
        reading.modifiers.if_exists = true;
    }
    let mut changes = Vec::new();
    loop {
        let pair = reading.mark();
        let from = reading.object_name()?;
        reading.lock_wait()?;
        reading.expect_word("TO")?;
        let to = reading.object_name()?;
        changes.push(Change::on(from, reading.since(pair), Action::RenameTable { to }));
        if !reading.eat(&sqlparser::tokenizer::Token::Comma) {
            return Ok(changes);
        }
    }
}
