//! Reading one migration: its files, its scripts, their statements.

use crate::change::{self, Statement};
use crate::engine::{Engine, Target};
use crate::facts::writes_rows;
use crate::migration::{Directory, Down, Entry, Format, LoadError, Migration, Reading, TransactionMode};
use crate::source::{Script, Sources, Span};
use crate::sql::{Comment, Splitter};

/// A migration with everything that can be told without the ones before it.
#[derive(Debug)]
pub struct Prepared {
    pub migration: Migration,
    /// The files it came from; spans of its scripts point into these.
    pub sources: Sources,
    pub up: Read,
    /// `None` where there is no down script.
    pub down: Option<Read>,
}

/// The statements of a script. Those of a very large one are read as they are needed: held all at
/// once they would take many times the room of the text.
#[derive(Debug, Default)]
pub struct Read {
    /// All of them; of a very large script only those that do more than write rows.
    pub statements: Vec<Statement>,
    /// The script is very large.
    large: bool,
    /// Where each statement stands.
    pub spans: Vec<Span>,
    pub comments: Vec<Comment>,
}

/// Scripts with more text than this are read bit by bit.
const LARGE: usize = 2 * 1024 * 1024;
/// So many statements are read ahead of the one at hand: rules look no further.
const AHEAD: usize = 1_000;

impl Read {
    fn of(script: &Script, target: Target) -> Self {
        Read::within(LARGE, script, target)
    }

    fn within(limit: usize, script: &Script, target: Target) -> Self {
        let large = script.text.len() > limit;
        let mut splitter = Splitter::new(&script.text, target);
        let mut read = Read { large, ..Read::default() };
        for piece in splitter.by_ref() {
            let statement = change::read_piece(&script.text, &piece, target);
            read.spans.push(statement.span);
            if !(large && statement.changes.iter().all(|change| writes_rows(change.action.kind()))) {
                read.statements.push(statement);
            }
        }
        read.comments = splitter.into_comments();
        read
    }

    /// Whether it is read as it is needed, and anew by everyone who goes through it.
    pub fn is_large(&self) -> bool {
        self.large
    }

    /// Goes through the statements in order.
    pub fn walk<'a>(&'a self, script: &'a Script, target: Target) -> Walk<'a> {
        let splitter = self.large.then(|| Splitter::new(&script.text, target));
        Walk { splitter, script, target, held: if self.large { &[] } else { &self.statements }, window: Vec::new(), at: 0 }
    }

    /// Whether the script runs inside a transaction that its runner opened.
    pub fn wrapped(&self, mode: TransactionMode, target: Target) -> bool {
        match mode {
            TransactionMode::PerMigration => true,
            TransactionMode::None => false,
            // PostgreSQL makes one transaction of several statements in one message (manual
            // 54.2.2.1); the other engines run them one by one.
            TransactionMode::Batch => target.engine == Engine::Postgres && self.spans.len() > 1,
        }
    }
}

/// On the way through a script's statements.
pub struct Walk<'a> {
    /// Has something to give still; `None` where everything is held already.
    splitter: Option<Splitter<'a>>,
    script: &'a Script,
    target: Target,
    held: &'a [Statement],
    window: Vec<Statement>,
    at: usize,
}

impl Walk<'_> {
    /// The next statement, and those that follow it as far as rules look.
    pub fn step(&mut self) -> Option<(&Statement, &[Statement])> {
        if self.splitter.is_some() && self.window.len() <= self.at + AHEAD {
            self.read_ahead();
        }
        let list = if self.held.is_empty() { self.window.as_slice() } else { self.held };
        let found = list.get(self.at..)?.split_first()?;
        self.at += 1;
        Some(found)
    }

    fn read_ahead(&mut self) {
        self.window.drain(..self.at);
        self.at = 0;
        while let Some(splitter) = &mut self.splitter
            && self.window.len() < 4 * AHEAD
        {
            match splitter.next() {
                Some(piece) => self.window.push(change::read_piece(&self.script.text, &piece, self.target)),
                None => self.splitter = None,
            }
        }
    }
}

/// Reads a migration. `with_down` is false for migrations that are context only.
pub fn prepare(
    format: &dyn Format,
    directory: &Directory,
    entry: &Entry,
    target: Target,
    transaction: Option<TransactionMode>,
    with_down: bool,
    first_source: u32,
) -> Result<Prepared, LoadError> {
    let mut sources = Sources::numbered_from(first_source);
    let mut reading = Reading { target, transaction, sources: &mut sources };
    let migration = format.load(directory, entry, &mut reading)?;
    let up = Read::of(&migration.up, target);
    let down = match &migration.down {
        Down::Script(script) if with_down => Some(Read::of(script, target)),
        _ => None,
    };
    Ok(Prepared { migration, sources, up, down })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    #[test]
    fn a_large_script_is_read_bit_by_bit_and_no_differently() {
        let line = "-- a word\nINSERT INTO t VALUES (1, 'x');\nDROP TABLE u;\n";
        let text = line.repeat(3 * AHEAD);
        let target = Target::of(Engine::Postgres);
        let script = Script::whole(SourceId(0), text.as_str().into());
        let read = Read::within(1000, &script, target);
        let (statements, comments) = change::read_with_comments(&script, target);
        assert!(read.statements.len() == statements.len() / 2 && read.comments == comments);
        let mut walk = read.walk(&script, target);
        for (number, expected) in statements.iter().enumerate() {
            let (statement, following) = walk.step().unwrap();
            assert!(statement == expected && read.spans[number] == expected.span);
            assert!(following.len() >= AHEAD.min(statements.len() - number - 1));
        }
        assert!(walk.step().is_none());
    }
}
