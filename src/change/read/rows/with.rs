//! WITH: the statement it introduces, and the statements inside it that write.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::Change;
use crate::change::read::{Read, Reading, dispatch, read_part};
use crate::engine::Engine;
use crate::sql::{Mark, Since, SyntaxError};

/// `WITH … SELECT | INSERT | UPDATE | DELETE | MERGE`
pub(in crate::change::read) fn with(reading: &mut Reading) -> Read {
    let start = reading.mark();
    let With { bodies, names, main } = parts(reading)?;
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
        let With { bodies, names, main: _ } = parts(reading)?;
        for (from, to) in bodies {
            changes.extend(written(reading, from, to, &names));
        }
    }
    reading.restore(to);
    Ok(changes)
}

/// What stands in front of the main statement.
struct With {
    /// Places of the bodies in their parentheses.
    bodies: Vec<(Mark, Mark)>,
    /// The names it gives to its queries.
    names: Vec<String>,
    /// Where the main statement begins.
    main: Mark,
}

fn parts(reading: &mut Reading) -> Result<With, SyntaxError> {
    reading.expect_word("WITH")?;
    reading.eat_word("RECURSIVE");
    let (mut bodies, mut names) = (Vec::new(), Vec::new());
    loop {
        names.push(reading.label()?.value);
        if reading.at(&Lexeme::LParen) {
            reading.skip_parens()?;
        }
        reading.expect_word("AS")?;
        reading.eat_word("NOT");
        reading.eat_word("MATERIALIZED");
        bodies.push(reading.skip_parens()?);
        if reading.is_postgres() {
            search_and_cycle(reading)?;
        } else if let Some(span) = reading.eat_word_at("CYCLE") {
            reading.comma_list(|cursor| cursor.label())?;
            reading.expect_word("RESTRICT")?;
            reading.needs(span, &[Since(Engine::Mariadb, 10, 5, 2)]);
        }
        if !reading.eat(&Lexeme::Comma) {
            return Ok(With { bodies, names, main: reading.mark() });
        }
    }
}

/// `SEARCH {DEPTH | BREADTH} FIRST BY columns SET column` and
/// `CYCLE columns SET column [TO value DEFAULT value] USING column` (PostgreSQL 14).
fn search_and_cycle(reading: &mut Reading) -> Result<(), SyntaxError> {
    let start = reading.mark();
    if reading.eat_word("SEARCH") {
        reading.eat_any_word(&["DEPTH", "BREADTH"]);
        reading.expect_words(&["FIRST", "BY"])?;
        reading.comma_list(|cursor| cursor.label())?;
        reading.expect_word("SET")?;
        reading.label()?;
    }
    if reading.eat_word("CYCLE") {
        reading.comma_list(|cursor| cursor.label())?;
        reading.expect_word("SET")?;
        reading.label()?;
        if reading.eat_word("TO") {
            reading.expression_until(&["DEFAULT"])?;
            reading.expect_word("DEFAULT")?;
            reading.expression_until(&["USING"])?;
        }
        reading.expect_word("USING")?;
        reading.label()?;
    }
    let span = reading.since(start);
    if !span.is_empty() {
        reading.needs(span, &[Since(Engine::Postgres, 14, 0, 0)]);
    }
    Ok(())
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
        Action::Merge { reads, .. } => reads,
        _ => return,
    };
    reads.retain(|read| read.schema.is_some() || !names.iter().any(|name| read.name.is(name)));
    for name in outer {
        if !reads.contains(name) && target.as_ref() != Some(name) {
            reads.push(name.clone());
        }
    }
}
