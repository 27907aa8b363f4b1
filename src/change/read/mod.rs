//! Tokens into typed changes: our own grammar of the four engines, a file per noun.
//!
//! Every statement function has the form `fn(&mut Reading) -> Result<Vec<Change>, SyntaxError>`; it
//! starts at the statement's first word and leaves the cursor where it stopped. What is left over
//! makes the statement partial. Syntax of another engine or a newer version is read all the same and
//! noted with [`Cursor::needs`].

mod administration;
mod code;
mod column;
mod common;
mod dispatch;
mod engines;
mod expression;
mod index;
mod maintenance;
mod mentions;
mod modifier;
mod name;
mod object;
mod others;
mod query;
mod rows;
mod second_opinion;
mod session;
mod table;
#[cfg(test)]
mod testing;

pub use code::read_routine;

use std::ops::{Deref, DerefMut};

use sqlparser::tokenizer::Token as Lexeme;

use super::{Action, Call, Change, ConstraintBody, ObjectName, Parsing, Part, QueryText, Statement, StatementModifiers};
use crate::engine::{Engine, Target};
use crate::source::{Script, Span};
use crate::sql::{Comment, Cursor, Piece, Splitter, SyntaxError, Token};

/// What a statement function returns.
pub(crate) type Read = Result<Vec<Change>, SyntaxError>;

/// One statement being read: a cursor over its tokens and the clauses that steer it as a whole.
pub(crate) struct Reading<'a> {
    cursor: Cursor<'a>,
    /// From the statement's first token to its last.
    pub whole: Span,
    /// Its rows were left out: see [`Piece::bulk`].
    pub bulk: bool,
    pub rows: Option<u64>,
    pub modifiers: StatementModifiers,
    /// The statements that this one runs: those of a block, of a constant string.
    pub inner: Vec<Statement>,
}

impl<'a> Deref for Reading<'a> {
    type Target = Cursor<'a>;

    fn deref(&self) -> &Cursor<'a> {
        &self.cursor
    }
}

impl DerefMut for Reading<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.cursor
    }
}

impl Change {
    pub(crate) fn of(table: Option<ObjectName>, span: Span, action: Action) -> Self {
        Change { span, table, action, conditional: false, computed: Vec::new(), within: None }
    }

    pub(crate) fn on(table: ObjectName, span: Span, action: Action) -> Self {
        Change::of(Some(table), span, action)
    }

    pub(crate) fn free(span: Span, action: Action) -> Self {
        Change::of(None, span, action)
    }
}

/// Every statement of a script, in order.
pub fn read(script: &Script, target: Target) -> Vec<Statement> {
    Splitter::new(&script.text, target).map(|piece| read_piece(&script.text, &piece, target)).collect()
}

/// Every statement of a script, and its comments.
pub fn read_with_comments(script: &Script, target: Target) -> (Vec<Statement>, Vec<Comment>) {
    let mut splitter = Splitter::new(&script.text, target);
    let statements = splitter.by_ref().map(|piece| read_piece(&script.text, &piece, target)).collect();
    (statements, splitter.into_comments())
}

/// One statement of a script.
pub fn read_piece(text: &str, piece: &Piece, target: Target) -> Statement {
    let reading = Reading {
        cursor: Cursor::new(text, &piece.tokens, target),
        whole: piece.span,
        bulk: piece.bulk,
        rows: piece.rows,
        modifiers: StatementModifiers::default(),
        inner: Vec::new(),
    };
    let mut statement = read_tokens(reading, &piece.tokens);
    if piece.doubtful {
        statement.changes.iter_mut().for_each(|change| change.conditional = true);
    }
    if let Some((at, why)) = &piece.broken {
        statement.parsing = Parsing::Failed { at: *at, expected: why.clone() };
    }
    if matches!(statement.parsing, Parsing::Complete | Parsing::Partial { .. })
        && let Some(at) = foreign_cast(&piece.tokens, target)
    {
        statement.parsing = Parsing::Unsupported { at, needs: engines::POSTGRES.title() };
    }
    statement
}

/// A cast in PostgreSQL's manner, where it means nothing to the engine.
fn foreign_cast(tokens: &[Token], target: Target) -> Option<Span> {
    let cast = || tokens.iter().find(|token| token.token == Lexeme::DoubleColon).map(|token| token.span);
    if target.engine == Engine::Postgres { None } else { cast() }
}

/// A statement that is part of another: of a body, of WITH.
pub(crate) fn read_part(text: &str, tokens: &[Token], target: Target) -> Statement {
    let whole = match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => Span::default(),
    };
    let cursor = Cursor::new(text, tokens, target);
    read_tokens(Reading { cursor, whole, bulk: false, rows: None, modifiers: StatementModifiers::default(), inner: Vec::new() }, tokens)
}

fn read_tokens(mut reading: Reading, tokens: &[Token]) -> Statement {
    let span = reading.whole;
    let target = reading.target();
    let verb = dispatch::verb(&reading);
    let start = reading.mark();
    let outcome = dispatch::statement(&mut reading);
    let unsupported = reading.unsupported().cloned();
    let (changes, parsing) = match outcome {
        Some(Ok(changes)) => {
            let nothing_read = changes.iter().all(|change| matches!(change.action, Action::Opaque { .. }));
            let parsing = match (unsupported, reading.lost(), reading.is_end()) {
                (Some((at, needs)), ..) => Parsing::Unsupported { at, needs },
                (None, Some(lost), _) if nothing_read => second_opinion::on(tokens, target, lost.clone()),
                (None, Some(lost), _) if second_opinion::is_certain(lost, tokens, target) => {
                    Parsing::Failed { at: lost.at, expected: lost.expected.to_string() }
                }
                (None, Some(lost), _) => Parsing::Partial { at: lost.at, expected: lost.expected.to_string() },
                (None, None, false) => {
                    let error = reading.error("the end of the statement");
                    let certain = second_opinion::is_certain(&error, tokens, target);
                    let (at, expected) = (reading.skip_rest(), error.expected.into_owned());
                    if certain { Parsing::Failed { at, expected } } else { Parsing::Partial { at, expected } }
                }
                (None, None, true) => Parsing::Complete,
            };
            (changes, parsing)
        }
        Some(Err(error)) => {
            let parsing = match unsupported {
                Some((at, needs)) => Parsing::Unsupported { at, needs },
                None => second_opinion::on(tokens, target, error),
            };
            reading.restore(start);
            reading.inner.clear();
            (vec![opaque(&reading, span)], parsing)
        }
        None => {
            let error = reading.error("a statement");
            (vec![opaque(&reading, span)], second_opinion::on(tokens, target, error))
        }
    };
    let selects = |change: &Change| matches!(&change.action, Action::CreateTable(create) if create.as_query.is_some());
    // PostgreSQL reads the names of UPDATE and DELETE on ways of its own.
    let written = matches!(verb.as_str(), "REPLACE" | "UPDATE" | "DELETE") && target.engine != Engine::Postgres;
    if written || matches!(verb.as_str(), "INSERT" | "SELECT" | "WITH" | "ALTER POLICY") || changes.iter().any(selects) {
        reading.modifiers.note = small_text(&reading, tokens, span);
    }
    let mut changes = changes;
    if target.engine == Engine::Postgres {
        changes.iter_mut().for_each(|change| change.computed = computed(change, tokens, target));
    }
    // Changes are large, statements many, and nearly all have one change.
    changes.shrink_to_fit();
    let mut statement = Statement { span, verb, changes, modifiers: reading.modifiers, parsing, parts: Vec::new() };
    if !reading.inner.is_empty() {
        statement.parts.push(Part {
            changes: statement.changes.len(),
            verb: statement.verb.clone(),
            modifiers: StatementModifiers::default(),
            parsing: statement.parsing.clone(),
        });
        reading.inner.into_iter().for_each(|inner| statement.include(inner));
    }
    statement
}

/// The text of a short query: what it says about sequences and labels is looked up there.
fn small_text(cursor: &Cursor, tokens: &[Token], span: Span) -> Option<QueryText> {
    if tokens.len() > 400 {
        return None;
    }
    let text = cursor.text().get(span.start as usize..span.end as usize).filter(|text| text.len() < 8192)?;
    Some(QueryText::new(super::Expression { text: text.into(), tree: None, span }))
}

/// Expressions of more tokens than this are not searched for calls.
const MOST_SEARCHED: usize = 4_000;

/// What the expressions call that a change computes values by.
fn computed(change: &Change, tokens: &[Token], target: Target) -> Vec<Call> {
    let computes = match &change.action {
        Action::Insert(_) | Action::Update(_) | Action::Delete(_) | Action::Merge { .. } => true,
        Action::CreateTable(create) => create.as_query.is_some(),
        Action::AddColumn { column, .. } => column.default.is_some() || column.generated.is_some(),
        Action::SetType { using, .. } => using.is_some(),
        Action::AddConstraint(constraint) => matches!(constraint.body, ConstraintBody::Check(_)) && constraint.not_valid.is_none(),
        _ => false,
    };
    if !computes {
        return Vec::new();
    }
    let from = tokens.partition_point(|token| token.span.start < change.span.start);
    let to = tokens.partition_point(|token| token.span.end <= change.span.end);
    let own = tokens.get(from..to).unwrap_or_default();
    if own.len() > MOST_SEARCHED { Vec::new() } else { query::query_facts(own, target).calls }
}

/// What can still be told of a statement nobody could read: its leading words and the name behind them.
fn opaque(cursor: &Cursor, span: Span) -> Change {
    let words = dispatch::leading_words(cursor);
    let mut names = cursor.clone();
    for _ in &words {
        names.advance();
    }
    let name = names.object_name().ok();
    Change::free(span, Action::Opaque { words, name })
}

#[cfg(test)]
mod tests;
