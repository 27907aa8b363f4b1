//! WITH: the statement it introduces, and the statements inside it that write.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::Change;
use crate::change::read::{Read, Reading, dispatch, read_part};
use crate::sql::{Mark, SyntaxError};

/// `WITH … SELECT | INSERT | UPDATE | DELETE | MERGE`
pub(in crate::change::read) fn with(reading: &mut Reading) -> Read {
    let start = reading.mark();
    let (bodies, main) = parts(reading)?;
    let names = common_names(reading, start, main);
    let mut changes = Vec::new();
    for (from, to) in bodies {
        changes.extend(written(reading, from, to, &names));
    }
    reading.restore(main);
    if reading.at_any_word(&["SELECT", "VALUES", "TABLE"]) || reading.at(&Lexeme::LParen) {
        // The whole statement is walked, so that the names of WITH are known.
        reading.restore(start);
        let query = super::select(reading)?;
        if changes.is_empty() {
            return Ok(query);
        }
        changes.extend(query);
        return Ok(changes);
    }
    let outer_reads = reading.facts_between(start, main).reads;
    let Some(read) = dispatch::statement(reading) else { return Err(reading.error("SELECT, INSERT, UPDATE, DELETE or MERGE")) };
    let mut own = read?;
    for change in &mut own {
        settle_reads(change, &names, &outer_reads);
    }
    changes.append(&mut own);
    Ok(changes)
}

/// The writing statements of the WITH that may begin at `from`.
pub(super) fn changes_between(reading: &mut Reading, from: Mark) -> Result<Vec<Change>, SyntaxError> {
    let to = reading.mark();
    reading.restore(from);
    let mut changes = Vec::new();
    if reading.at_word("WITH") {
        let (bodies, main) = parts(reading)?;
        let names = common_names(reading, from, main);
        for (from, to) in bodies {
            changes.extend(written(reading, from, to, &names));
        }
    }
    reading.restore(to);
    Ok(changes)
}

/// Places of a body in parentheses.
type Bodies = Vec<(Mark, Mark)>;

/// The bodies of the common table expressions, and where the main statement begins.
fn parts(reading: &mut Reading) -> Result<(Bodies, Mark), SyntaxError> {
    reading.expect_word("WITH")?;
    reading.eat_word("RECURSIVE");
    let mut bodies = Vec::new();
    loop {
        reading.label()?;
        if reading.at(&Lexeme::LParen) {
            reading.skip_parens()?;
        }
        reading.expect_word("AS")?;
        reading.eat_word("NOT");
        reading.eat_word("MATERIALIZED");
        bodies.push(reading.skip_parens()?);
        // SEARCH and CYCLE.
        while reading.at_any_word(&["SEARCH", "CYCLE"]) {
            reading.advance();
            while !reading.is_end()
                && !reading.at(&Lexeme::Comma)
                && !reading.at_any_word(&["SELECT", "CYCLE", "INSERT", "UPDATE", "DELETE"])
            {
                reading.advance();
            }
        }
        if !reading.eat(&Lexeme::Comma) {
            return Ok((bodies, reading.mark()));
        }
    }
}

/// The names WITH gives to its queries.
fn common_names(reading: &Reading, start: Mark, main: Mark) -> Vec<String> {
    let mut probe = reading.part(start, main);
    let mut names = Vec::new();
    probe.eat_word("WITH");
    probe.eat_word("RECURSIVE");
    while let Ok(name) = probe.label() {
        names.push(name.value);
        probe.skip_item();
        if !probe.eat(&Lexeme::Comma) {
            break;
        }
    }
    names
}

/// The changes of a body that writes; it may read what the WITH around it names.
fn written(reading: &Reading, from: Mark, to: Mark, names: &[String]) -> Vec<Change> {
    let tokens = reading.tokens_between(from, to);
    if !reading.part(from, to).at_any_word(&["INSERT", "UPDATE", "DELETE", "MERGE"]) {
        return Vec::new();
    }
    let mut changes = read_part(reading.text(), tokens, reading.target()).changes;
    for change in &mut changes {
        settle_reads(change, names, &[]);
    }
    changes
}

/// The names of WITH are no tables; what its queries read, the statement reads.
fn settle_reads(change: &mut Change, names: &[String], outer: &[crate::change::ObjectName]) {
    use crate::change::{Action, InsertSource};
    let target = change.table.clone();
    let reads = match &mut change.action {
        Action::Insert(rows) => match &mut rows.source {
            InsertSource::Query { reads, bounded, .. } => {
                *bounded = false;
                reads
            }
            _ => return,
        },
        Action::Update(rows) => &mut rows.reads,
        Action::Delete(rows) => &mut rows.reads,
        Action::Merge { reads } => reads,
        _ => return,
    };
    reads.retain(|read| read.schema.is_some() || !names.iter().any(|name| read.name.is(name)));
    for name in outer {
        if !reads.contains(name) && target.as_ref() != Some(name) {
            reads.push(name.clone());
        }
    }
}
