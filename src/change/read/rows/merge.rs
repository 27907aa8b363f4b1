//! MERGE.

use crate::change::read::engines::POSTGRES;
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change};
use crate::engine::Engine;
use crate::sql::Since;

pub(in crate::change::read) fn merge(reading: &mut Reading) -> Read {
    let start = reading.mark();
    let span = reading.expect_word("MERGE")?;
    if reading.is_postgres() {
        reading.needs(span, &[Since(Engine::Postgres, 15, 0, 0)]);
    } else {
        reading.needs(span, &[POSTGRES]);
    }
    reading.expect_word("INTO")?;
    let (table, _) = reading.table_with_only()?;
    reading.table_alias(&["USING"])?;
    if !reading.at_word("USING") {
        return Err(reading.error("USING"));
    }
    let using = reading.mark();
    super::select::check_query(reading)?;
    let mut whens = reading.part(using, reading.mark());
    let mut found = false;
    while !whens.is_end() && !found {
        found = whens.eat_word("WHEN") && whens.at_any_word(&["MATCHED", "NOT"]);
        whens.advance();
    }
    if !found {
        return Err(reading.error("WHEN MATCHED or WHEN NOT MATCHED"));
    }
    let (mut writes, mut deletes) = (false, false);
    let mut probe = reading.part(using, reading.mark());
    while !probe.is_end() {
        if let Some(span) = probe.eat_words_at(&["NOT", "MATCHED", "BY", "SOURCE"]) {
            reading.needs(span, &[Since(Engine::Postgres, 17, 0, 0)]);
        } else if probe.eat_word("THEN") {
            writes |= probe.at_any_word(&["INSERT", "UPDATE"]);
            deletes |= probe.at_word("DELETE");
        } else {
            probe.advance();
        }
    }
    let reads = super::others(reading.facts_between(start, reading.mark()).reads, &table);
    Ok(vec![Change::on(table, reading.whole, Action::Merge { reads, writes, deletes })])
}
