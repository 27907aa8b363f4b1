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
    /// Every one of these names.
    ContainsAll(Vec<String>),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(source: &str) -> (String, Option<String>) {
        let error = When::parse(source, &Options::new()).unwrap_err();
        (source[error.span].to_owned(), error.help)
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        assert_eq!(fault("!table.nwe && tx.open"), ("table.nwe".into(), Some("did you mean `table.new`?".into())));
        assert_eq!(fault("lock.mode >= \"sharp\""), ("\"sharp\"".into(), Some("did you mean \"share\"?".into())));
        assert_eq!(fault("table.new == \"yes\"").1.as_deref(), Some("write `table.new` or `!table.new`"));
        assert_eq!(fault("lock.mode").1.as_deref(), Some("for example `lock.mode == \"database-write\"`"));
        assert_eq!(fault("table.name.startWith(\"a\")").1.as_deref(), Some("did you mean `startsWith`?"));
        assert_eq!(fault("tx.open & tx.open").1.as_deref(), Some("write `&&`"));
        assert_eq!(fault("column.generated > \"none\"").0, "column.generated");
        assert_eq!(fault("tx.open tx.open").0, "tx.open");
        assert_eq!(fault("(tx.open").0, "");
        assert_eq!(fault("engine.version >= \"8.x\"").0, "\"8.x\"");
        assert_eq!(fault("statement.changes > option.most").0, "option.most");
        assert!(When::parse(&"(".repeat(5000), &Options::new()).is_err());
    }

    #[test]
    fn options_stand_for_literals() {
        let options = Options::from([
            ("most".to_owned(), OptionValue::Number(3)),
            ("kinds".to_owned(), OptionValue::List(vec!["plain".to_owned()])),
            ("strict".to_owned(), OptionValue::Flag(true)),
        ]);
        let source = "option.strict && statement.changes > option.most && index.kind in option.kinds && !!tx.open";
        let when = When::parse(source, &options).unwrap();
        assert_eq!(when.facts().iter().map(|fact| fact.name).collect::<Vec<_>>(), ["statement.changes", "index.kind", "tx.open"]);
    }
}
