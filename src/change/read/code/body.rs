//! The statements inside a body: PL/pgSQL, MySQL's and MariaDB's compound statements, SQLite's
//! trigger bodies.
//!
//! One walk over the tokens that knows the words around statements (BEGIN, IF … THEN, LOOP, DECLARE,
//! handlers) and nothing of the statements themselves.

use std::ops::Range;

use sqlparser::tokenizer::{Token as Lexeme, Word};

use super::guard;
use crate::engine::{Engine, Target};
use crate::sql::Token;

/// One statement of a body, as a range of its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inner {
    pub tokens: Range<usize>,
    /// Under IF, in a loop, behind a RETURN, in a block that catches its errors.
    pub conditional: bool,
    /// A value that is computed: what is assigned or returned.
    pub expression: bool,
}

/// Splits a body. Declarations, assignments to variables and control words are left out.
pub(super) fn statements(tokens: &[Token], target: Target) -> Vec<Inner> {
    let engine = target.engine;
    let mut walk = Walk { tokens, target, engine, at: 0, open: Vec::new(), returned: false, declaring: false, found: Vec::new() };
    while walk.at < tokens.len() {
        walk.step();
    }
    walk.found
}

struct Walk<'a> {
    tokens: &'a [Token],
    target: Target,
    engine: Engine,
    at: usize,
    open: Vec<Open>,
    /// A RETURN or LEAVE came: what follows may never be reached.
    returned: bool,
    /// Between DECLARE and BEGIN of PL/pgSQL.
    declaring: bool,
    found: Vec<Inner>,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    /// A plain block, as opposed to IF, CASE and loops.
    block: bool,
    /// How many statements were found before it.
    found: usize,
    /// A handler catches its errors, and nobody hears of them.
    caught: bool,
    /// Of an IF whose condition the server's version decides: where its branches go.
    branch: Branch,
}

/// What is known of the branch at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Branch {
    /// Whether it is taken shows when it runs.
    Unknown,
    Taken,
    /// Another one is.
    Dead,
    /// None was taken so far.
    NotYet,
}

impl Branch {
    fn of(holds: Option<bool>) -> Self {
        match holds {
            Some(true) => Branch::Taken,
            Some(false) => Branch::NotYet,
            None => Branch::Unknown,
        }
    }

    /// The next one of the same IF, by its condition.
    fn next(self, holds: Option<bool>) -> Self {
        match self {
            Branch::Unknown => Branch::Unknown,
            Branch::Taken | Branch::Dead => Branch::Dead,
            Branch::NotYet => Branch::of(holds),
        }
    }
}

impl<'a> Walk<'a> {
    /// One statement or control word; always moves on.
    fn step(&mut self) {
        let start = self.at;
        if self.label() {
            return;
        }
        let Some(word) = self.word(self.at) else {
            self.go_to_semicolon();
            return;
        };
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        if self.declaring && !is("BEGIN") {
            self.go_to_semicolon();
            return;
        }
        if is("BEGIN") {
            self.declaring = false;
            self.at += 1;
            self.eat(&["NOT"]);
            self.eat(&["ATOMIC"]);
            self.push(true);
        } else if is("DECLARE") {
            self.declare();
        } else if is("IF") && !self.is_call() {
            self.push(false);
            let holds = self.condition();
            if let Some(open) = self.open.last_mut() {
                open.branch = Branch::of(holds);
            }
        } else if is("ELSIF") || is("ELSEIF") || is("WHEN") {
            let holds = self.condition();
            if let Some(open) = self.open.last_mut() {
                open.branch = open.branch.next(holds);
            }
        } else if is("ELSE") {
            self.at += 1;
            if let Some(open) = self.open.last_mut() {
                open.branch = open.branch.next(Some(true));
            }
        } else if is("CASE") {
            self.push(false);
            self.at += 1;
            self.go_to_word("THEN");
        } else if is("EXCEPTION") && self.engine == Engine::Postgres {
            // Errors of this block are caught: its statements may fail without a trace.
            let from = self.open.last().map_or(0, |open| open.found);
            self.found[from..].iter_mut().for_each(|inner| inner.conditional = true);
            self.at += 1;
        } else if is("LOOP") || (is("REPEAT") && !self.is_call()) {
            self.push(false);
            self.at += 1;
        } else if is("WHILE") || is("FOR") || is("FOREACH") {
            self.push(false);
            self.go_to_loop();
        } else if is("UNTIL") {
            self.go_to_word("REPEAT");
            self.open.pop();
            self.go_to_semicolon();
        } else if is("END") {
            self.open.pop();
            self.go_to_semicolon();
        } else if is("RETURN") || is("EXIT") || is("LEAVE") || is("ITERATE") || is("CONTINUE") {
            self.go_to_semicolon();
            let query = ["QUERY", "NEXT"].iter().any(|more| self.word(start + 1).is_some_and(|word| word.eq_ignore_ascii_case(more)));
            if self.engine == Engine::Postgres && is("RETURN") {
                self.found_one(if query { start } else { start + 1 }, !query);
            }
            // RETURN QUERY and RETURN NEXT collect rows and go on.
            self.returned |= !self.is_dead() && ((is("RETURN") && !query) || is("LEAVE"));
        } else {
            self.go_to_semicolon();
            // Assignments: `x := 1`, `x = 1`.
            let assigned = matches!(self.tokens.get(start + 1).map(|token| &token.token), Some(Lexeme::Assignment | Lexeme::Eq));
            if assigned {
                self.found_one(start + 2, true);
            } else if !is("NULL") && !is("RAISE") && !is("ASSERT") {
                self.found_one(start, false);
            }
        }
    }

    /// What was passed since `start` is worth a look.
    fn found_one(&mut self, start: usize, expression: bool) {
        let end = self.at - usize::from(self.is(self.at - 1, &Lexeme::SemiColon));
        if end > start && !self.is_dead() {
            self.found.push(Inner { tokens: start..end, conditional: self.is_conditional(), expression });
        }
    }

    fn is_conditional(&self) -> bool {
        self.returned || self.open.iter().any(|open| !open.block && open.branch != Branch::Taken || open.caught)
    }

    /// No server of this version gets here.
    fn is_dead(&self) -> bool {
        self.open.iter().any(|open| matches!(open.branch, Branch::Dead | Branch::NotYet))
    }

    /// Passes the condition after the word at hand, up to THEN. Whether it holds, where the version says so.
    fn condition(&mut self) -> Option<bool> {
        let start = self.at + 1;
        self.go_to_word("THEN");
        guard::holds(self.tokens.get(start..self.at.saturating_sub(1)).unwrap_or_default(), self.target)
    }

    fn push(&mut self, block: bool) {
        self.open.push(Open { block, found: self.found.len(), caught: false, branch: Branch::Unknown });
    }

    /// `<<name>>` in PL/pgSQL, `name:` in MySQL.
    fn label(&mut self) -> bool {
        if self.is(self.at, &Lexeme::ShiftLeft) {
            self.at += 3;
            return true;
        }
        let mysql = self.engine.is_mysql_family();
        if mysql && self.word(self.at).is_some() && self.is(self.at + 1, &Lexeme::Colon) {
            self.at += 2;
            return true;
        }
        false
    }

    /// PL/pgSQL: a section of its own. MySQL: one declaration, of which a handler holds a statement.
    fn declare(&mut self) {
        if !self.engine.is_mysql_family() {
            self.declaring = true;
            self.at += 1;
            return;
        }
        let handler = (1..4).any(|n| self.word(self.at + n).is_some_and(|word| word.eq_ignore_ascii_case("HANDLER")));
        if !handler {
            self.go_to_semicolon();
            return;
        }
        // DECLARE kind HANDLER FOR conditions statement: what handles errors is no part of the plan.
        let start = self.at;
        while self.at < self.tokens.len() && !self.is(self.at, &Lexeme::SemiColon) {
            if self.word(self.at).is_some_and(|word| word.eq_ignore_ascii_case("BEGIN")) {
                self.skip_block();
                break;
            }
            self.at += 1;
        }
        if self.is(self.at, &Lexeme::SemiColon) {
            self.at += 1;
        }
        let says = |wanted: &str| (start..self.at).any(|at| self.word(at).is_some_and(|word| word.eq_ignore_ascii_case(wanted)));
        // The end of a cursor is no error, and RESIGNAL passes on what there was.
        let caught = !says("FOUND") && !says("RESIGNAL") && !says("SIGNAL");
        if let Some(open) = self.open.last_mut().filter(|_| caught) {
            open.caught = true;
        }
    }

    /// Passes `BEGIN … END;` whatever it holds.
    fn skip_block(&mut self) {
        let mut depth = 0usize;
        while let Some(token) = self.tokens.get(self.at) {
            if let Lexeme::Word(Word { value, quote_style: None, .. }) = &token.token {
                if value.eq_ignore_ascii_case("BEGIN") || value.eq_ignore_ascii_case("CASE") {
                    depth += 1;
                } else if value.eq_ignore_ascii_case("END") {
                    let closes = !self
                        .word(self.at + 1)
                        .is_some_and(|word| ["IF", "LOOP", "WHILE", "REPEAT"].iter().any(|other| word.eq_ignore_ascii_case(other)));
                    depth -= usize::from(closes && depth > 0);
                    if self.word(self.at + 1).is_some_and(|word| word.eq_ignore_ascii_case("CASE")) {
                        self.at += 1;
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
            self.at += 1;
        }
        self.go_to_semicolon();
    }

    /// After the next `;` outside parentheses.
    fn go_to_semicolon(&mut self) {
        let mut depth = 0usize;
        while let Some(token) = self.tokens.get(self.at) {
            self.at += 1;
            match token.token {
                Lexeme::LParen => depth += 1,
                Lexeme::RParen => depth = depth.saturating_sub(1),
                Lexeme::SemiColon if depth == 0 => return,
                _ => {}
            }
        }
    }

    /// After the next such word that belongs to this statement, CASE … END passed over.
    fn go_to_word(&mut self, wanted: &str) {
        let mut cases = 0usize;
        while self.at < self.tokens.len() {
            let word = self.word(self.at);
            self.at += 1;
            let Some(word) = word else { continue };
            if word.eq_ignore_ascii_case("CASE") {
                cases += 1;
            } else if word.eq_ignore_ascii_case("END") {
                cases = cases.saturating_sub(1);
            } else if cases == 0 && word.eq_ignore_ascii_case(wanted) {
                return;
            }
        }
    }

    /// After LOOP (PL/pgSQL, MariaDB) or DO (MySQL).
    fn go_to_loop(&mut self) {
        while self.at < self.tokens.len() {
            let word = self.word(self.at);
            self.at += 1;
            if word
                .is_some_and(|word| word.eq_ignore_ascii_case("LOOP") || (self.engine.is_mysql_family() && word.eq_ignore_ascii_case("DO")))
            {
                return;
            }
        }
    }

    fn eat(&mut self, words: &[&str]) {
        if self.word(self.at).is_some_and(|word| words.iter().any(|other| word.eq_ignore_ascii_case(other))) {
            self.at += 1;
        }
    }

    /// `REPEAT('a', 3)` as an expression statement does not occur; `IF(` does not begin one either
    /// in MySQL, where a condition may stand in parentheses.
    fn is_call(&self) -> bool {
        self.is(self.at + 1, &Lexeme::LParen) && self.word(self.at).is_some_and(|word| word.eq_ignore_ascii_case("REPEAT"))
    }

    fn is(&self, at: usize, lexeme: &Lexeme) -> bool {
        self.tokens.get(at).is_some_and(|token| token.token == *lexeme)
    }

    fn word(&self, at: usize) -> Option<&'a str> {
        match self.tokens.get(at).map(|token| &token.token) {
            Some(Lexeme::Word(Word { value, quote_style: None, .. })) => Some(value),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;
    use crate::sql::tokenise;

    fn inner(text: &str, target: &str) -> Vec<(String, bool)> {
        let target: crate::engine::Target = target.parse().unwrap();
        let tokens = tokenise(text, Span::new(0, text.len() as u32), target);
        let told = |inner: Inner| {
            let span = tokens[inner.tokens.start].span.to(tokens[inner.tokens.end - 1].span);
            (span.slice(text).to_owned(), inner.conditional)
        };
        statements(&tokens, target).into_iter().filter(|inner| !inner.expression).map(told).collect()
    }

    #[test]
    fn plpgsql_is_taken_apart() {
        let text = "<<a>> DECLARE x int := 1; lock text; BEGIN
            CREATE TABLE a (b int);
            IF CASE WHEN x THEN 1 END = 1 THEN DROP TABLE c; ELSIF y THEN NULL; ELSE EXECUTE 'x'; END IF;
            x := 2; FOR r IN SELECT 1 LOOP UPDATE d SET e = 1; END LOOP;
            BEGIN CREATE TYPE f; EXCEPTION WHEN duplicate_object THEN RAISE NOTICE 'x'; END;
            ALTER TABLE g ADD h int; RETURN; DROP TABLE i; END";
        assert_eq!(
            inner(text, "postgres"),
            [
                ("CREATE TABLE a (b int)".to_owned(), false),
                ("DROP TABLE c".to_owned(), true),
                ("EXECUTE 'x'".to_owned(), true),
                ("UPDATE d SET e = 1".to_owned(), true),
                ("CREATE TYPE f".to_owned(), true),
                ("ALTER TABLE g ADD h int".to_owned(), false),
                ("DROP TABLE i".to_owned(), true),
            ]
        );
    }

    #[test]
    fn the_version_decides_which_branch_runs() {
        let text =
            "BEGIN IF current_setting('server_version_num')::int >= 120000 THEN DROP TABLE a; ELSE DROP TABLE b; END IF; DROP TABLE c; END";
        let told = |table: &str| (format!("DROP TABLE {table}"), false);
        assert_eq!(inner(text, "postgres@16"), [told("a"), told("c")]);
        assert_eq!(inner(text, "postgres@11"), [told("b"), told("c")]);
    }

    #[test]
    fn mysql_is_taken_apart() {
        let text = "l: BEGIN DECLARE x INT; DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; END;
            IF (a) THEN DELETE FROM b; END IF; WHILE c DO INSERT INTO d VALUES (1); END WHILE; UPDATE e SET f = CASE WHEN 1 THEN 2 END; END";
        assert_eq!(
            inner(text, "mysql"),
            [
                ("DELETE FROM b".to_owned(), true),
                ("INSERT INTO d VALUES (1)".to_owned(), true),
                ("UPDATE e SET f = CASE WHEN 1 THEN 2 END".to_owned(), true),
            ]
        );
        let passed_on = "BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END; DELETE FROM a; END";
        assert_eq!(inner(passed_on, "mysql"), [("DELETE FROM a".to_owned(), false)]);
    }
}
