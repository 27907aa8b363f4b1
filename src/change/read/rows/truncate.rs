//! TRUNCATE.

use crate::change::read::engines::{MARIADB, MYSQL, POSTGRES};
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change};

pub(in crate::change::read) fn truncate(reading: &mut Reading) -> Read {
    let span = reading.expect_word("TRUNCATE")?;
    reading.needs(span, &[POSTGRES, MYSQL, MARIADB]);
    reading.eat_word("TABLE");
    if reading.is_mysql_family() {
        let table = reading.object_name()?;
        reading.lock_wait()?;
        reading.expect_end()?;
        let action = Action::Truncate { cascade: false, restart_identity: true, only: false, siblings: 1 };
        return Ok(vec![Change::on(table, reading.whole, action)]);
    }
    let names = reading.comma_list(|cursor| {
        let span = cursor.span();
        let (name, only) = cursor.table_with_only()?;
        Ok((name, only, span.to(cursor.previous_span())))
    })?;
    let restart_identity = reading.eat_words(&["RESTART", "IDENTITY"]);
    if !restart_identity {
        reading.eat_words(&["CONTINUE", "IDENTITY"]);
    }
    let cascade = reading.drop_behaviour();
    reading.expect_end()?;
    let siblings = u32::try_from(names.len()).unwrap_or(u32::MAX);
    let whole = reading.whole;
    let change = |(name, only, span)| {
        let span = if siblings <= 1 { whole } else { span };
        Change::on(name, span, Action::Truncate { cascade, restart_identity, only, siblings })
    };
    Ok(names.into_iter().map(change).collect())
}
