//! Views and materialised views.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::read::engines::{MARIADB, MYSQL, POSTGRES, SQLITE};
use crate::change::read::mentions::mentions;
use crate::change::read::name::fold;
use crate::change::read::{Read, Reading, rows, table};
use crate::change::{Action, Change, CreateView, ObjectKind, ObjectName, QueryText};
use crate::engine::Engine;
use crate::sql::{Cursor, Mark, Since, SyntaxError};

/// `CREATE [OR REPLACE] [MATERIALIZED] VIEW name [(columns)] … AS query`
pub(in crate::change::read) fn create_view(reading: &mut Reading, noun: &str) -> Read {
    let before = reading.past_noun(noun)?;
    let materialized = noun == "MATERIALIZED VIEW";
    if before.or_replace && materialized {
        return Err(SyntaxError { at: before.replace_span, expected: "MATERIALIZED VIEW: it cannot be replaced".into() });
    }
    if before.or_replace {
        reading.needs(before.replace_span, &[POSTGRES, MYSQL, MARIADB]);
    }
    let start = reading.mark();
    let if_not_exists = reading.eat_if_not_exists();
    if if_not_exists && !materialized {
        let span = reading.since(start);
        reading.needs(span, &[SQLITE, Since(Engine::Mariadb, 10, 1, 3), Since(Engine::Mysql, 9, 1, 0)]);
    }
    let mut view = view(reading, before.or_replace, materialized, if_not_exists, before.temporary)?;
    let name = view.name.clone();
    if before.recursive {
        // Inside, its own name is the query's.
        view.reads.retain(|read| *read != name);
    }
    Ok(vec![Change::on(name, reading.whole, Action::CreateView(Box::new(view)))])
}

/// From the name on.
fn view(
    reading: &mut Reading,
    or_replace: bool,
    materialized: bool,
    if_not_exists: bool,
    temporary: bool,
) -> Result<CreateView, SyntaxError> {
    let name = reading.object_name()?;
    let columns = if reading.at(&Lexeme::LParen) { reading.ident_list()? } else { Vec::new() };
    if reading.is_postgres() {
        if reading.eat_word("USING") {
            reading.ident()?;
        }
        if reading.eat_word("WITH") {
            reading.skip_parens()?;
        }
        if reading.eat_word("TABLESPACE") {
            reading.ident()?;
        }
    }
    reading.expect_word("AS")?;
    let from = reading.mark();
    if !reading.at_any_word(&["SELECT", "WITH", "VALUES", "TABLE", "EXECUTE"]) && !reading.at(&Lexeme::LParen) {
        return Err(reading.error("a query"));
    }
    rows::check_query(reading)?;
    let mut to = reading.mark();
    let mut with_no_data = false;
    let tails: &[&[&str]] = &[
        &["WITH", "NO", "DATA"],
        &["WITH", "DATA"],
        &["WITH", "CHECK", "OPTION"],
        &["WITH", "CASCADED", "CHECK", "OPTION"],
        &["WITH", "LOCAL", "CHECK", "OPTION"],
    ];
    for (number, words) in tails.iter().enumerate() {
        if let Some(before) = reading.ends_with(from, words) {
            to = before;
            with_no_data = number == 0;
        }
    }
    let query = QueryText::new(reading.expression_text(from, to));
    let facts = reading.facts_between(from, to);
    let tokens = reading.tokens_between(from, to);
    Ok(CreateView {
        name,
        materialized,
        or_replace,
        if_not_exists,
        temporary,
        columns,
        reads: facts.reads,
        mentions: mentions(tokens),
        output: output(reading, from, to),
        query,
        with_no_data,
    })
}

impl Cursor<'_> {
    /// Where the words begin that end the stretch from a mark up to here.
    fn ends_with(&self, from: Mark, words: &[&str]) -> Option<Mark> {
        let mut probe = self.clone();
        probe.restore(from);
        let count = self.tokens_between(from, self.mark()).len().checked_sub(words.len())?;
        for _ in 0..count {
            probe.advance();
        }
        probe.at_words(words).then(|| probe.mark())
    }

    /// A stretch as an expression without a tree.
    fn expression_text(&self, from: Mark, to: Mark) -> crate::change::Expression {
        let span = self.between(from, to);
        crate::change::Expression { text: span.slice(self.text()).into(), tree: None, span }
    }
}

/// The same for CREATE TABLE … AS, where a bare star stands for itself.
pub(in crate::change::read) fn output_or_star(cursor: &Cursor, from: Mark, to: Mark) -> Vec<String> {
    let names = output(cursor, from, to);
    let mut probe = cursor.part(from, to);
    let bare_star = names.is_empty() && probe.eat_word("SELECT") && probe.eat(&Lexeme::Mul) && probe.at_word("FROM");
    if bare_star { vec!["*".to_owned()] } else { names }
}

/// Names of a query's columns; none when a star or an expression without a name hides one.
fn output(cursor: &Cursor, from: Mark, to: Mark) -> Vec<String> {
    let mut cursor = cursor.part(from, to);
    while !cursor.is_end() && !cursor.at_word("SELECT") {
        if cursor.at(&Lexeme::LParen) && cursor.skip_parens().is_ok() {
            continue;
        }
        cursor.advance();
    }
    cursor.advance();
    if cursor.eat_word("DISTINCT") && cursor.eat_word("ON") {
        let _ = cursor.skip_parens();
    }
    cursor.eat_word("ALL");
    let mut names = Vec::new();
    loop {
        let item = cursor.mark();
        let mut last = None;
        let mut words = 0usize;
        while let Some(lexeme) = cursor.peek() {
            match lexeme {
                Lexeme::Comma => break,
                Lexeme::Word(_)
                    if cursor.at_any_word(&["FROM", "WHERE", "UNION", "ORDER", "GROUP", "LIMIT", "EXCEPT", "INTERSECT", "HAVING"])
                        && words > 0 =>
                {
                    break;
                }
                Lexeme::LParen => {
                    if cursor.skip_parens().is_err() {
                        return Vec::new();
                    }
                    // `count(*)` is called count in PostgreSQL; elsewhere it has no simple name.
                    words += 1;
                    continue;
                }
                Lexeme::Word(word) => last = Some(fold(word, cursor.target(), cursor.span()).value),
                _ => last = None,
            }
            words += 1;
            cursor.advance();
        }
        let tokens = cursor.tokens_between(item, cursor.mark());
        match (last, tokens.last().map(|token| &token.token)) {
            (Some(name), Some(Lexeme::Word(_))) => names.push(name),
            _ => return Vec::new(),
        }
        if !cursor.eat(&Lexeme::Comma) {
            return names;
        }
    }
}

/// `ALTER [MATERIALIZED] VIEW name …`
pub(in crate::change::read) fn alter_view(reading: &mut Reading, noun: &str) -> Read {
    reading.past_noun(noun)?;
    let materialized = noun == "MATERIALIZED VIEW";
    if reading.is_mysql_family() {
        let view = view(reading, true, false, false, false)?;
        let name = view.name.clone();
        return Ok(vec![Change::on(name, reading.whole, Action::CreateView(Box::new(view)))]);
    }
    if materialized && reading.at_words(&["ALL", "IN", "TABLESPACE"]) {
        reading.skip_rest();
        return Ok(vec![Change::free(
            reading.whole,
            Action::AlterObject {
                kind: ObjectKind::MaterializedView,
                name: ObjectName::default(),
                columns: Vec::new(),
                what: "all in tablespace".into(),
            },
        )]);
    }
    let kind = if materialized { ObjectKind::MaterializedView } else { ObjectKind::View };
    let if_exists = reading.eat_if_exists();
    reading.modifiers.if_exists = if_exists;
    let name = reading.object_name()?;
    let by_name = reading.at_words(&["RENAME", "TO"]) || reading.at_words(&["OWNER", "TO"]) || reading.at_words(&["SET", "SCHEMA"]);
    let depends = reading.at_word("DEPENDS") || reading.at_words(&["NO", "DEPENDS"]);
    if by_name || depends {
        let action = reading.object_action(kind, &name, if_exists)?;
        return Ok(vec![Change::on(name, reading.whole, action)]);
    }
    // Columns, options, storage: the same actions as a table's.
    table::actions(reading, &name)
}

/// `REFRESH MATERIALIZED VIEW [CONCURRENTLY] name [WITH [NO] DATA]`
pub(in crate::change::read) fn refresh(reading: &mut Reading) -> Read {
    let span = reading.expect_words(&["REFRESH", "MATERIALIZED", "VIEW"])?;
    reading.needs(span, &[POSTGRES]);
    let concurrently = reading.eat_word_at("CONCURRENTLY");
    let name = reading.object_name()?;
    let with_no_data = reading.eat_words(&["WITH", "NO", "DATA"]);
    if !with_no_data {
        reading.eat_words(&["WITH", "DATA"]);
    }
    reading.expect_end()?;
    Ok(vec![Change::on(name, reading.whole, Action::RefreshView { concurrently, with_no_data })])
}
