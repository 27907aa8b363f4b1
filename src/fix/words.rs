//! Names and key words of SQL.

use std::collections::HashSet;

use crate::catalog::{Index, Table};
use crate::change::{IndexKey, IndexPart};
use crate::engine::{Engine, Target};
use crate::source::Span;
use crate::sql::quoted;

/// A table's or index's name with its schema, where that is not the default one.
pub fn key(key: &crate::catalog::Key, target: Target) -> String {
    within(&key.schema, &key.name, target)
}

/// A name in a schema.
pub fn within(schema: &str, name: &str, target: Target) -> String {
    let default = schema.is_empty() || schema == "public" || schema == "main";
    let name = quoted(name, target);
    if default { name } else { format!("{}.{name}", quoted(schema, target)) }
}

/// The end of the first occurrence of a key word in a stretch of the text.
pub fn behind(text: &str, span: Span, keyword: &str) -> Option<u32> {
    let words = span.slice(text).to_ascii_uppercase();
    let part_of_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let bytes = words.as_bytes();
    let mut places = words.match_indices(keyword).map(|(at, _)| at);
    let at = places.find(|at| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        !part_of_word(before) && !part_of_word(bytes.get(at + keyword.len()))
    })?;
    Some(span.start + u32::try_from(at + keyword.len()).ok()?)
}

/// Whether a word stands in a text, in any letter case.
pub fn mentions(text: &str, word: &str) -> bool {
    let text = text.to_lowercase();
    let part_of_word = is_part;
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|tail| tail.chars().next());
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}

/// The words of a text, to be asked for many.
#[derive(Debug)]
pub struct Words {
    text: String,
    words: HashSet<String>,
}

impl Words {
    pub fn of(text: &str) -> Self {
        let text = text.to_lowercase();
        let words = text.split(|c: char| !is_part(c)).filter(|word| !word.is_empty()).map(str::to_owned).collect();
        Words { text, words }
    }

    /// Whether a name, in lower case, stands in the text.
    pub fn hold(&self, name: &str) -> bool {
        if name.chars().all(is_part) { self.words.contains(name) } else { self.text.contains(name) }
    }
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// The statement that makes an index as the catalog knows it, CONCURRENTLY where the engine has it;
/// nothing when the history does not tell how it was made.
pub fn create_index(table: &Table, index: &Index, target: Target) -> Option<String> {
    let create = super::down::index::create(table, index, target)?;
    let concurrently = match target.engine {
        Engine::Postgres => create.replacen("INDEX ", "INDEX CONCURRENTLY ", 1),
        Engine::Mysql | Engine::Mariadb | Engine::Sqlite => create,
    };
    Some(concurrently)
}

/// One key of an index, as it was written or as the catalog keeps it.
pub fn index_key(key: &IndexKey, target: Target) -> String {
    let mut out = match &key.part {
        IndexPart::Column(name) => quoted(&name.value, target),
        IndexPart::Expression(expression) => format!("({})", expression.text.trim()),
    };
    if let Some(prefix) = key.prefix {
        out.push_str(&format!("({prefix})"));
    }
    let object = |name: &crate::change::ObjectName| match &name.schema {
        Some(schema) => format!("{}.{}", quoted(&schema.value, target), quoted(&name.name.value, target)),
        None => quoted(&name.name.value, target),
    };
    if let Some(collation) = &key.collation {
        out.push_str(&format!(" COLLATE {}", object(collation)));
    }
    if let Some(opclass) = &key.opclass {
        out.push_str(&format!(" {}", object(opclass)));
    }
    if key.descending {
        out.push_str(" DESC");
    }
    match key.nulls_first {
        Some(true) => out.push_str(" NULLS FIRST"),
        Some(false) => out.push_str(" NULLS LAST"),
        None => {}
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_where_they_are_needed() {
        let postgres = Target::of(Engine::Postgres);
        assert_eq!(quoted("orders_2", postgres), "orders_2");
        assert_eq!(quoted("Orders", postgres), "\"Orders\"");
        assert_eq!(quoted("order", postgres), "\"order\"");
        assert_eq!(quoted("a\"b", postgres), "\"a\"\"b\"");
        assert_eq!(quoted("Orders", Target::of(Engine::Mysql)), "Orders");
        assert_eq!(quoted("a b", Target::of(Engine::Mariadb)), "`a b`");
    }

    #[test]
    fn words_are_whole_words() {
        assert!(mentions("ALTER TABLE Orders ADD", "orders") && !mentions("orders_2", "orders"));
        assert_eq!(behind("DROP INDEXES_x; INDEX", Span::new(0, 21), "INDEX"), Some(21));
    }
}
