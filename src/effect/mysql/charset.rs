//! Character sets: how wide they are, where a column takes its own from, what converts in place.

use super::server::Server;
use crate::catalog::{Catalog, Column, Table};
use crate::change::DataType;

/// The character set and collation of a text column; `None` where the history does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Text {
    pub charset: Option<String>,
    pub collation: Option<String>,
}

impl Text {
    /// What was written for a column, a table or a database, completed from each other: a collation
    /// implies its character set, a character set its default collation.
    pub fn of(charset: Option<&str>, collation: Option<&str>, server: Server) -> Self {
        let collation = collation.map(alias_collation);
        let charset = match (charset.map(canonical), &collation) {
            (Some(charset), _) => Some(charset),
            (None, Some(collation)) => charset_of(collation),
            (None, None) => None,
        };
        let collation = collation.or_else(|| charset.as_deref().map(|charset| default_collation(charset, server)));
        Text { charset, collation }
    }

    /// Bytes one character may take: the least and the most that are possible.
    pub fn widths(&self) -> (u64, u64) {
        match self.charset.as_deref().map(width) {
            Some(width) => (width, width),
            None => (1, 4),
        }
    }
}

/// A table's default for new columns.
pub(super) fn table_text(table: &Table, catalog: &Catalog) -> Text {
    let server = Server(catalog.target);
    let option = |names: &[&str]| names.iter().find_map(|name| table.option(name));
    let charset = table.charset.as_deref().or_else(|| option(&["default charset", "default character set", "charset", "character set"]));
    let collation = table.collation.as_deref().or_else(|| option(&["collate", "default collate"]));
    if charset.is_some() || collation.is_some() { Text::of(charset, collation, server) } else { database_text(&table.key.schema, catalog) }
}

/// A database's default; without a word of the history MySQL 8's own, which hardly anybody changes.
pub(super) fn database_text(schema: &str, catalog: &Catalog) -> Text {
    let server = Server(catalog.target);
    if let Some((charset, collation)) = catalog.database_text.get(schema) {
        return Text::of(charset.as_deref(), collation.as_deref(), server);
    }
    if !server.is_mariadb() && server.0.at_least(8, 0, 1) {
        return Text::of(Some("utf8mb4"), None, server);
    }
    Text::default()
}

/// A column's own, else the table's.
pub(super) fn column_text(column: &Column, table_default: &Text, server: Server) -> Text {
    let written = column.data_type.as_ref();
    let charset =
        column.charset.as_deref().or_else(|| written.and_then(|data_type| data_type.charset.as_ref()).map(|name| name.value.as_str()));
    let collation = column
        .collation
        .as_deref()
        .or_else(|| written.and_then(|data_type| data_type.collation.as_ref()).map(|name| name.name.value.as_str()));
    let text = written_text(charset, collation, table_default, server);
    if written.is_some_and(|data_type| data_type.binary) { bytewise(text) } else { text }
}

/// The attribute BINARY: the collation of the character set that compares bytes.
fn bytewise(text: Text) -> Text {
    let collation = text.charset.as_deref().map(|charset| if charset == "binary" { charset.to_owned() } else { format!("{charset}_bin") });
    Text { collation, ..text }
}

/// What a column definition asks for, against the table's default.
pub(super) fn definition_text(data_type: &DataType, table_default: &Text, server: Server) -> Text {
    let charset = data_type.charset.as_ref().map(|name| name.value.as_str());
    let collation = data_type.collation.as_ref().map(|name| name.name.value.as_str());
    let text = written_text(charset, collation, table_default, server);
    if data_type.binary { bytewise(text) } else { text }
}

fn written_text(charset: Option<&str>, collation: Option<&str>, table_default: &Text, server: Server) -> Text {
    if charset.is_none() && collation.is_none() { table_default.clone() } else { Text::of(charset, collation, server) }
}

/// `utf8` is `utf8mb3`; names compare without case.
fn canonical(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    if name == "utf8" { "utf8mb3".to_owned() } else { name }
}

fn alias_collation(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.strip_prefix("utf8_") {
        Some(rest) => format!("utf8mb3_{rest}"),
        None => name,
    }
}

fn charset_of(collation: &str) -> Option<String> {
    // MariaDB's short uca1400 names stand for any Unicode character set.
    if collation.starts_with("uca1400") || collation == "default" {
        return None;
    }
    let charset = collation.split('_').next().unwrap_or(collation);
    Some(canonical(charset))
}

fn default_collation(charset: &str, server: Server) -> String {
    match charset {
        "binary" => "binary".to_owned(),
        "utf8mb4" if !server.is_mariadb() && server.0.at_least(8, 0, 1) => "utf8mb4_0900_ai_ci".to_owned(),
        // character_set_collations, MariaDB 11.5.
        "utf8mb4" | "utf8mb3" | "ucs2" | "utf16" | "utf32" if server.is_mariadb() && server.0.at_least(11, 5, 0) => {
            format!("{charset}_uca1400_ai_ci")
        }
        "latin1" => "latin1_swedish_ci".to_owned(),
        "big5" | "gbk" | "gb2312" | "gb18030" | "euckr" | "sjis" | "cp932" | "ujis" | "eucjpms" => format!("{charset}_default_ci"),
        other => format!("{other}_general_ci"),
    }
}

/// The most bytes a character takes.
pub(super) fn width(charset: &str) -> u64 {
    match charset {
        "utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030" => 4,
        "utf8mb3" | "utf8" | "ujis" | "eucjpms" => 3,
        "ucs2" | "big5" | "gbk" | "gb2312" | "euckr" | "sjis" | "cp932" => 2,
        _ => 1,
    }
}

/// How stored values of one collation relate to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conversion {
    /// Nothing changes.
    Same,
    /// The bytes stay, indexes on the column sort the same way.
    Rename,
    /// The bytes stay, but order and equality change.
    Resort,
    /// Every value is converted.
    Convert,
    Unknown,
}

pub(super) fn conversion(old: &Text, new: &Text, server: Server) -> Conversion {
    let (Some(from), Some(to)) = (&old.charset, &new.charset) else {
        return if old == new { Conversion::Same } else { Conversion::Unknown };
    };
    if from == to {
        return match old.collation == new.collation {
            true => Conversion::Same,
            false if server.converts_charset_in_place() => Conversion::Resort,
            false => Conversion::Convert,
        };
    }
    if !server.converts_charset_in_place() {
        return Conversion::Convert;
    }
    // Measured: utf8mb3 to utf8mb4 keeps the bytes; to binary only in MySQL.
    match (from.as_str(), to.as_str()) {
        ("utf8mb3", "utf8mb4") | ("ucs2", "utf16") => match (&old.collation, &new.collation) {
            (Some(old), Some(new)) if server.reindexes_collation() && same_order(old, new) => Conversion::Rename,
            _ => Conversion::Resort,
        },
        (_, "binary") if !server.is_mariadb() => Conversion::Resort,
        _ => Conversion::Convert,
    }
}

/// `utf8mb3_general_ci` and `utf8mb4_general_ci` sort the same way.
fn same_order(old: &str, new: &str) -> bool {
    let tail = |name: &str| name.split_once('_').map(|(_, tail)| tail.to_owned());
    tail(old) == tail(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collations_imply_charsets_and_compatible_ones_keep_bytes() {
        let server = Server("mysql@8.0".parse().unwrap());
        let three = Text::of(Some("utf8"), None, server);
        let four = Text::of(None, Some("utf8mb4_bin"), server);
        assert_eq!(three.charset.as_deref(), Some("utf8mb3"));
        assert_eq!(four.charset.as_deref(), Some("utf8mb4"));
        assert_eq!(conversion(&three, &four, server), Conversion::Resort);
        assert_eq!(conversion(&four, &three, server), Conversion::Convert);
        let maria = Server("mariadb@10.11".parse().unwrap());
        let (from, to) = (Text::of(Some("utf8"), None, maria), Text::of(Some("utf8mb4"), None, maria));
        assert_eq!(conversion(&from, &to, maria), Conversion::Rename);
    }
}
