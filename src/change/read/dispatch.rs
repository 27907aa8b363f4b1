//! From a statement's leading words to the function that reads it.

use sqlparser::tokenizer::Token as Lexeme;

use super::{Read, Reading, index, others, table};
use crate::change::{Action, Change};
use crate::sql::{Cursor, has_hole};

/// Reads a statement by its leading words; `None` when nobody here knows them.
pub(super) fn statement(reading: &mut Reading) -> Option<Read> {
    let Some(first) = reading.peek_word() else { return others::parenthesised(reading) };
    let first = first.to_ascii_uppercase();
    let noun = noun(reading).unwrap_or_default();
    Some(match (first.as_str(), noun) {
        // -- tables and indexes
        ("CREATE", "TABLE" | "FOREIGN TABLE") => table::create_table(reading),
        ("ALTER", "TABLE" | "FOREIGN TABLE") => table::alter_table(reading),
        ("DROP", "TABLE" | "FOREIGN TABLE") => table::drop_table(reading),
        ("DROP", _) if reading.at_word_nth(1, "TABLES") || reading.at_words(&["DROP", "TEMPORARY", "TABLES"]) => table::drop_table(reading),
        ("RENAME", _) if reading.at_word_nth(1, "TABLE") || reading.at_word_nth(1, "TABLES") => table::rename_table(reading),
        ("CREATE", "INDEX") => index::create_index(reading),
        ("ALTER", "INDEX") => index::alter_index(reading),
        ("DROP", "INDEX") => index::drop_index(reading),
        ("REINDEX", _) => index::reindex(reading),
        ("SELECT" | "WITH", _) if table::is_select_into(reading) => table::select_into(reading),

        // A template's call writes the whole statement.
        _ if is_written_by_template(reading, &first) => {
            while reading.advance().is_some() {}
            Ok(vec![Change::free(reading.whole, Action::DynamicSql { text: None })])
        }

        // -- everything else
        _ => return others::statement(reading, &first, noun),
    })
}

fn is_written_by_template(reading: &Reading, first: &str) -> bool {
    first.starts_with("{{") && has_hole(first) && reading.peek_nth(1).is_none()
}

/// The words that tell a statement's kind: `ALTER TABLE`, `CREATE INDEX`, `DO`.
pub(super) fn verb(cursor: &Cursor) -> String {
    let Some(first) = cursor.peek_word() else { return String::new() };
    let mut verb = first.to_ascii_uppercase();
    if matches!(verb.as_str(), "CREATE" | "ALTER" | "DROP")
        && let Some(noun) = noun(cursor)
    {
        verb.push(' ');
        verb.push_str(noun);
    }
    verb
}

/// What a CREATE, ALTER or DROP is about, modifiers in between (`OR REPLACE`, `UNIQUE`, `TEMPORARY`,
/// `DEFINER = …`) left out.
pub(super) fn noun(cursor: &Cursor) -> Option<&'static str> {
    for n in 1..18 {
        let word = match cursor.peek_nth(n)? {
            // DEFINER = CURRENT_USER()
            Lexeme::LParen if cursor.at_nth(n + 1, &Lexeme::RParen) && n < 16 => "",
            Lexeme::LParen | Lexeme::SemiColon => return None,
            _ => cursor.peek_word_nth(n).unwrap_or_default(),
        };
        let Some(noun) = NOUNS.iter().find(|noun| noun.eq_ignore_ascii_case(word)).copied() else { continue };
        let follows = |next: &str| cursor.at_word_nth(n + 1, next);
        return Some(match noun {
            "MATERIALIZED" if follows("VIEW") => "MATERIALIZED VIEW",
            "EVENT" if follows("TRIGGER") => "EVENT TRIGGER",
            "FOREIGN" if follows("TABLE") => "FOREIGN TABLE",
            "FOREIGN" if follows("DATA") => "FOREIGN DATA WRAPPER",
            "DEFAULT" if follows("PRIVILEGES") => "DEFAULT PRIVILEGES",
            "SPATIAL" if follows("REFERENCE") => "SPATIAL REFERENCE SYSTEM",
            "PROPERTY" if follows("GRAPH") => "PROPERTY GRAPH",
            "MASKING" if follows("POLICY") => "MASKING POLICY",
            "AGGREGATE" if cursor.is_mysql_family() && follows("FUNCTION") => continue,
            "DEFAULT" | "SPATIAL" | "MATERIALIZED" | "PROPERTY" | "MASKING" => continue,
            "LIBRARY" if !cursor.is_mysql_family() => continue,
            "ACCESS" => "ACCESS METHOD",
            "USER" if follows("MAPPING") => "USER MAPPING",
            "TEXT" => "TEXT SEARCH",
            "LARGE" => "LARGE OBJECT",
            "OPERATOR" if follows("CLASS") => "OPERATOR CLASS",
            "OPERATOR" if follows("FAMILY") => "OPERATOR FAMILY",
            noun => noun,
        });
    }
    None
}

const NOUNS: &[&str] = &[
    "TABLE",
    "INDEX",
    "VIEW",
    "MATERIALIZED",
    "SEQUENCE",
    "TYPE",
    "DOMAIN",
    "FUNCTION",
    "PROCEDURE",
    "ROUTINE",
    "AGGREGATE",
    "TRIGGER",
    "EVENT",
    "RULE",
    "POLICY",
    "SCHEMA",
    "DATABASE",
    "EXTENSION",
    "ROLE",
    "USER",
    "GROUP",
    "PUBLICATION",
    "SUBSCRIPTION",
    "STATISTICS",
    "FOREIGN",
    "SERVER",
    "TABLESPACE",
    "COLLATION",
    "CONVERSION",
    "CAST",
    "OPERATOR",
    "TEXT",
    "LANGUAGE",
    "ACCESS",
    "TRANSFORM",
    "DEFAULT",
    "SYSTEM",
    "LARGE",
    "OWNED",
    "PACKAGE",
    "LOGFILE",
    "INSTANCE",
    "RESOURCE",
    "SPATIAL",
    "PROPERTY",
    "LIBRARY",
    "MASKING",
];

/// The words without quotes a statement starts with, upper case; names stop it.
pub(super) fn leading_words(cursor: &Cursor) -> Vec<String> {
    let mut words = Vec::new();
    for n in 0..6 {
        let Some(word) = cursor.peek_word_nth(n) else { break };
        let upper = word.to_ascii_uppercase();
        if n > 0 && !NOUNS.contains(&upper.as_str()) && !MODIFIERS.contains(&upper.as_str()) {
            break;
        }
        words.push(upper);
    }
    words
}

const MODIFIERS: &[&str] = &[
    "OR",
    "REPLACE",
    "TEMP",
    "TEMPORARY",
    "UNLOGGED",
    "VIRTUAL",
    "GLOBAL",
    "LOCAL",
    "UNIQUE",
    "FULLTEXT",
    "CONCURRENTLY",
    "IF",
    "NOT",
    "EXISTS",
    "ONLY",
    "RECURSIVE",
    "CONSTRAINT",
    "ONLINE",
    "IGNORE",
    "DATA",
    "WRAPPER",
    "SEARCH",
    "CONFIGURATION",
    "DICTIONARY",
    "PARSER",
    "TEMPLATE",
    "METHOD",
    "MAPPING",
    "CLASS",
    "FAMILY",
    "PRIVILEGES",
    "OBJECT",
    "TRUSTED",
    "PROCEDURAL",
    "INTO",
    "FROM",
];
