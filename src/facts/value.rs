//! What a fact can be.

use std::borrow::Cow;

use crate::effect::Truth;
use crate::engine::Version;

/// The type of a fact, which decides what a condition may do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactType {
    /// Yes, no or unknown; written bare in a condition.
    Flag,
    Number,
    Text,
    /// Several names; `contains`, and joined with commas in a message.
    Names,
    /// One of a fixed list of words.
    Level(&'static Scale),
    /// A server version, compared with `"8.0.29"`.
    Version,
}

impl FactType {
    /// As people read it in the reference.
    pub fn title(self) -> String {
        match self {
            FactType::Flag => "flag".to_owned(),
            FactType::Number => "number".to_owned(),
            FactType::Text => "text".to_owned(),
            FactType::Names => "names".to_owned(),
            FactType::Version => "version".to_owned(),
            FactType::Level(scale) => {
                let words: Vec<String> = scale.words.iter().map(|word| format!("`{word}`")).collect();
                words.join(if scale.ordered { " < " } else { ", " })
            }
        }
    }
}

/// The words a level can be. Ordered scales can be compared with `<` and `>=`.
#[derive(Debug, PartialEq, Eq)]
pub struct Scale {
    pub ordered: bool,
    pub words: &'static [&'static str],
}

impl Scale {
    pub fn rank(&self, word: &str) -> Option<usize> {
        self.words.iter().position(|known| *known == word)
    }
}

/// A fact's answer for one change.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Flag(Truth),
    Number(i64),
    Text(Cow<'a, str>),
    Names(Vec<Cow<'a, str>>),
    /// A rank in the fact's scale.
    Level(usize),
    Version(Version),
    /// It cannot be told.
    Unknown,
}

impl<'a> Value<'a> {
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Value::Text(text.into())
    }

    pub fn flag(flag: impl Into<Truth>) -> Self {
        Value::Flag(flag.into())
    }

    pub fn count(number: impl TryInto<i64>) -> Self {
        Value::Number(number.try_into().unwrap_or(i64::MAX))
    }

    /// An empty text stands for "there is none".
    pub fn maybe(text: Option<impl Into<Cow<'a, str>>>) -> Self {
        match text {
            Some(text) => Value::Text(text.into()),
            None => Value::Text(Cow::Borrowed("")),
        }
    }

    /// The word of a level, which must stand in the scale; unknown otherwise.
    pub fn word(scale: &'static Scale, word: &str) -> Self {
        scale.rank(word).map_or(Value::Unknown, Value::Level)
    }
}

/// A value as a message or `lockgate facts` prints it.
pub fn print(value: &Value<'_>, kind: FactType) -> String {
    match value {
        Value::Flag(Truth::Yes) => "yes".to_owned(),
        Value::Flag(Truth::No) => "no".to_owned(),
        Value::Flag(Truth::Unknown) | Value::Unknown => "unknown".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.to_string(),
        Value::Names(names) => names.join(", "),
        Value::Version(version) => version.to_string(),
        Value::Level(rank) => match kind {
            FactType::Level(scale) => scale.words.get(*rank).copied().unwrap_or("").to_owned(),
            FactType::Flag | FactType::Number | FactType::Text | FactType::Names | FactType::Version => rank.to_string(),
        },
    }
}
