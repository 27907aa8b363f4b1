//! The condition language: a typed subset of CEL's syntax in three-valued logic.
//!
//! ```text
//! !table.new && lock.blocks_writes && (index.kind == "plain" || engine.version >= "8.0.29")
//! ```
//!
//! Flags are written bare, ordered levels compare, texts match. Every name, type and word is
//! checked when the rule is loaded, so a misspelt fact can never quietly be false; every fact may
//! answer "unknown", and the condition then does too, unless the rest decides it.

mod check;
mod error;
mod eval;
mod lexer;
mod parser;
mod pattern;

pub use error::WhenError;
pub use pattern::Pattern;

use std::collections::BTreeMap;

use crate::effect::Truth;
use crate::engine::Version;
use crate::facts::{Context, Fact};

/// A checked condition, ready to be asked.
#[derive(Debug)]
pub struct When {
    root: Node,
}

/// Options of a rule, which a condition may name as `option.x` wherever a literal may stand.
pub type Options = BTreeMap<String, OptionValue>;

#[derive(Debug, Clone, PartialEq)]
pub enum OptionValue {
    Flag(bool),
    Number(i64),
    Text(String),
    List(Vec<String>),
}

impl std::fmt::Display for OptionValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OptionValue::Flag(flag) => write!(f, "{flag}"),
            OptionValue::Number(number) => write!(f, "{number}"),
            OptionValue::Text(text) => f.write_str(text),
            OptionValue::List(words) => f.write_str(&words.join(", ")),
        }
    }
}

#[derive(Debug)]
enum Node {
    Literal(bool),
    Flag(&'static Fact),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Compare(&'static Fact, Operator, Literal),
    In(&'static Fact, Vec<Literal>),
    Method(&'static Fact, Method),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, PartialEq)]
enum Literal {
    Number(i64),
    Text(String),
    Level(usize),
    Version(Version),
}

#[derive(Debug)]
enum Method {
    Matches(Pattern),
    StartsWith(String),
    EndsWith(String),
    Contains(String),
}

impl When {
    /// Reads and checks a condition. Spans of errors are offsets into `source`.
    pub fn parse(source: &str, options: &Options) -> Result<When, WhenError> {
        let tokens = lexer::tokens(source)?;
        let tree = parser::parse(&tokens, source.len())?;
        Ok(When { root: check::check(&tree, options)? })
    }

    /// Asks it about one change.
    pub fn ask(&self, context: &Context<'_>) -> Truth {
        self.root.ask(context)
    }

    /// The facts it names.
    pub fn facts(&self) -> Vec<&'static Fact> {
        let mut found = Vec::new();
        self.root.collect(&mut found);
        found
    }
}

impl Node {
    fn collect(&self, found: &mut Vec<&'static Fact>) {
        match self {
            Node::Literal(_) => {}
            Node::Flag(fact) | Node::Compare(fact, ..) | Node::In(fact, _) | Node::Method(fact, _) => found.push(fact),
            Node::Not(inner) => inner.collect(found),
            Node::And(parts) | Node::Or(parts) => parts.iter().for_each(|part| part.collect(found)),
        }
    }
}
