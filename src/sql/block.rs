//! Which `;` ends a statement: bodies of routines, triggers, events and rules hold their own.
//!
//! A [`Shape`] is fed the words and marks of one statement in order and answers whether a
//! delimiter ends it here. It never looks back and keeps a stack only of MySQL's blocks.

use crate::engine::Engine;

/// What the first words say about a statement.
#[derive(Debug)]
pub(super) enum Shape {
    /// Nothing but `;` matters.
    Plain,
    /// The words so far decide nothing yet.
    Head { words: u32, create: bool },
    /// INSERT or REPLACE: where the rows begin and what follows them.
    Insert(InsertShape),
    /// PostgreSQL COPY: whether data lines follow.
    Copy { from: bool, stdin: bool },
    /// PostgreSQL CREATE RULE: `;` inside parentheses separates its commands.
    Rule,
    /// PostgreSQL CREATE FUNCTION or PROCEDURE, which may have a `BEGIN ATOMIC` body.
    Atomic { depth: u32 },
    /// SQLite CREATE TRIGGER, which ends at `; END ;` alone.
    SqliteTrigger { begun: bool, after_semicolon: bool, ended: bool },
    /// MySQL and MariaDB routines, triggers and events.
    Block(Block),
}

#[derive(Debug, Default)]
pub(super) struct InsertShape {
    /// After the word VALUES.
    pub values_end: Option<usize>,
    /// The first word outside parentheses after the rows.
    pub tail: Option<usize>,
    pub rows: u64,
}

#[derive(Debug, Default)]
pub(super) struct Block {
    open: Vec<Opener>,
    /// An IF at the start of a statement whose THEN has not come.
    pending_if: Option<u32>,
    /// A statement may begin here.
    boundary: bool,
    in_body: bool,
    after_end: bool,
    after_dot: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opener {
    Case,
    Other,
}

impl Shape {
    pub fn new() -> Self {
        Shape::Head { words: 0, create: false }
    }

    /// A word outside quotes; `depth` is the depth of parentheses, `next` the byte after the word
    /// and the blanks that follow it.
    pub fn word(&mut self, word: &str, span: (usize, usize), depth: u32, next: Option<u8>, engine: Engine) {
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        match self {
            Shape::Plain | Shape::Rule => {}
            Shape::Head { words, create } => {
                let first = *words == 0;
                *words += 1;
                if let Some(shape) = head(word, first, create, engine) {
                    *self = shape;
                } else if *words > 40 {
                    *self = Shape::Plain;
                }
            }
            Shape::Insert(insert) if depth == 0 => {
                if insert.values_end.is_none() {
                    if is("VALUES") || (is("VALUE") && next == Some(b'(')) {
                        insert.values_end = Some(span.1);
                    } else if is("SELECT") {
                        *self = Shape::Plain;
                    }
                } else if insert.tail.is_none() && !is("ROW") {
                    insert.tail = Some(span.0);
                }
            }
            Shape::Insert(_) => {}
            Shape::Copy { from, stdin } if depth == 0 => {
                if is("FROM") {
                    *from = true;
                } else if *from && is("STDIN") {
                    *stdin = true;
                }
            }
            Shape::Copy { .. } => {}
            Shape::Atomic { depth: open } if depth == 0 => {
                if is("BEGIN") || (is("CASE") && *open > 0) {
                    *open += 1;
                } else if is("END") {
                    *open = open.saturating_sub(1);
                }
            }
            Shape::Atomic { .. } => {}
            Shape::SqliteTrigger { begun, after_semicolon, ended } => {
                *ended = *after_semicolon && is("END");
                *after_semicolon = false;
                *begun |= is("BEGIN");
            }
            Shape::Block(block) => block.word(word, depth, next, engine),
        }
    }

    /// A mark outside quotes; quotes and names in quotes come as `'`.
    pub fn mark(&mut self, byte: u8, depth: u32) {
        match self {
            Shape::Insert(insert) if byte == b'(' && depth == 0 && insert.values_end.is_some() && insert.tail.is_none() => insert.rows += 1,
            Shape::SqliteTrigger { after_semicolon, ended, .. } => {
                *after_semicolon = false;
                *ended = false;
            }
            Shape::Block(block) => block.mark(byte),
            _ => {}
        }
    }

    /// Whether a `;` ends the statement.
    pub fn ends_at_semicolon(&mut self, depth: u32) -> bool {
        match self {
            Shape::Plain | Shape::Head { .. } | Shape::Insert(_) | Shape::Copy { .. } => true,
            Shape::Rule => depth == 0,
            Shape::Atomic { depth: open } => *open == 0,
            Shape::SqliteTrigger { begun, after_semicolon, ended } => {
                let ends = *ended || !*begun;
                *after_semicolon = true;
                *ended = false;
                ends
            }
            Shape::Block(block) => block.semicolon(),
        }
    }
}

/// The shape the head tells, once it does.
fn head(word: &str, first: bool, create: &mut bool, engine: Engine) -> Option<Shape> {
    let is = |other: &str| word.eq_ignore_ascii_case(other);
    let any = |others: &[&str]| others.iter().any(|other| word.eq_ignore_ascii_case(other));
    if first {
        return match word.len() {
            6 if is("CREATE") => {
                *create = true;
                None
            }
            6 if is("INSERT") => Some(Shape::Insert(InsertShape::default())),
            7 if is("REPLACE") => Some(Shape::Insert(InsertShape::default())),
            4 if is("COPY") && engine == Engine::Postgres => Some(Shape::Copy { from: false, stdin: false }),
            5 if is("ALTER") && engine.is_mysql_family() => None,
            5 if is("BEGIN") && engine == Engine::Mariadb => None,
            // MariaDB runs these outside routines too.
            _ if engine == Engine::Mariadb && any(&["IF", "CASE", "WHILE", "LOOP", "REPEAT", "FOR"]) => {
                let mut block = Block { boundary: true, in_body: true, ..Block::default() };
                block.word(word, 0, None, engine);
                Some(Shape::Block(block))
            }
            _ => Some(Shape::Plain),
        };
    }
    match engine {
        Engine::Postgres => {
            if any(&["OR", "REPLACE"]) {
                None
            } else if any(&["FUNCTION", "PROCEDURE"]) {
                Some(Shape::Atomic { depth: 0 })
            } else if is("RULE") {
                Some(Shape::Rule)
            } else {
                Some(Shape::Plain)
            }
        }
        Engine::Sqlite => {
            if any(&["TEMP", "TEMPORARY"]) {
                None
            } else if is("TRIGGER") {
                Some(Shape::SqliteTrigger { begun: false, after_semicolon: false, ended: false })
            } else {
                Some(Shape::Plain)
            }
        }
        Engine::Mysql | Engine::Mariadb => {
            if !*create {
                return Some(if is("NOT") {
                    // BEGIN NOT ATOMIC.
                    let mut block = Block { boundary: true, in_body: true, ..Block::default() };
                    block.word("BEGIN", 0, None, engine);
                    Shape::Block(block)
                } else if is("EVENT") {
                    Shape::Block(Block::default())
                } else {
                    Shape::Plain
                });
            }
            if any(&["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"]) {
                Some(Shape::Block(Block { boundary: true, ..Block::default() }))
            } else if any(&["TABLE", "INDEX", "VIEW", "DATABASE", "SCHEMA", "USER", "ROLE", "SEQUENCE", "UNIQUE", "SERVER"]) {
                Some(Shape::Plain)
            } else {
                None
            }
        }
    }
}

impl Block {
    fn word(&mut self, word: &str, depth: u32, next: Option<u8>, engine: Engine) {
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        let after_end = std::mem::take(&mut self.after_end);
        let boundary = std::mem::replace(&mut self.boundary, !self.in_body);
        if std::mem::take(&mut self.after_dot) || !(2..=6).contains(&word.len()) {
            return;
        }
        // `REPEAT('a', 3)` and `IF(a, b, c)` are calls.
        let opens = boundary && !after_end;
        if is("BEGIN") {
            self.open(Opener::Other);
        } else if is("END") {
            self.open.pop();
            self.pending_if = None;
            self.after_end = true;
        } else if is("CASE") && !after_end {
            self.open(Opener::Case);
        } else if is("IF") && opens {
            self.pending_if = Some(depth);
        } else if is("THEN") {
            if self.pending_if.take_if(|at| *at == depth).is_some() {
                self.open(Opener::Other);
            }
            self.boundary = true;
        } else if is("WHEN") {
            self.pending_if = None;
        } else if is("ELSE") {
            self.pending_if = None;
            self.boundary = true;
        } else if (is("LOOP") || (is("REPEAT") && next != Some(b'('))) && opens {
            self.open(Opener::Other);
            self.boundary = true;
        } else if is("WHILE") && opens {
            self.open(Opener::Other);
        } else if is("FOR") && opens && self.in_body && engine == Engine::Mariadb {
            self.open(Opener::Other);
        } else if is("DO") {
            self.boundary = true;
        }
    }

    fn open(&mut self, opener: Opener) {
        self.open.push(opener);
        self.in_body = true;
        // A CASE may be an expression: only its THEN and ELSE begin statements.
        self.boundary = opener == Opener::Other;
    }

    fn mark(&mut self, byte: u8) {
        self.after_end = false;
        self.after_dot = byte == b'.';
        // A label stands before its loop: `l: LOOP`.
        self.boundary = byte == b':' || !self.in_body;
    }

    fn semicolon(&mut self) -> bool {
        self.boundary = true;
        self.after_end = false;
        self.pending_if = None;
        self.open.is_empty()
    }
}
