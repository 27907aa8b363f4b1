//! MySQL's and MariaDB's types, synonyms resolved as `SHOW CREATE TABLE` does.

use std::borrow::Cow;

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::{DataType, Ident, ObjectName};
use crate::engine::Engine;
use crate::source::Span;
use crate::sql::{Cursor, Since, SyntaxError, is_reserved};

pub(super) fn read(cursor: &mut Cursor) -> Result<DataType, SyntaxError> {
    let span = cursor.span();
    // MariaDB's types of other SQL modes: `oracle_schema.date`.
    if cursor.at_nth(1, &Lexeme::Period) {
        cursor.needs(span, &[Since(Engine::Mariadb, 10, 3, 0)]);
        cursor.advance();
        cursor.advance();
    }
    let Some(word) = cursor.peek_word() else { return Err(cursor.error("a data type")) };
    let written = word.to_ascii_lowercase();
    cursor.advance();
    let name = name(cursor, &written, span)?;
    let mut data_type = DataType { name: name.into_owned(), ..DataType::default() };
    match data_type.name.as_str() {
        "enum" | "set" => data_type.labels = cursor.paren_list(label)?,
        _ => data_type.args = cursor.type_numbers()?,
    }
    match written.as_str() {
        "bool" | "boolean" => data_type.args = vec![1],
        // FLOAT(p): the precision chooses the type.
        "float" if data_type.args.len() == 1 => {
            if data_type.args.first().is_some_and(|&bits| bits > 24) {
                data_type.name = "double".to_owned();
            }
            data_type.args.clear();
        }
        "serial" => data_type.unsigned = true,
        _ => {}
    }
    attributes(cursor, &mut data_type)?;
    // The national character set is utf8mb3, whatever the table's is.
    if matches!(written.as_str(), "national" | "nchar" | "nvarchar") {
        data_type.charset.get_or_insert_with(|| Ident::new("utf8mb3", span));
    }
    Ok(data_type)
}

/// A label of ENUM or SET: a string, with or without its character set in front, or its bytes.
fn label(cursor: &mut Cursor) -> Result<String, SyntaxError> {
    if cursor.peek_word().is_some_and(|word| word.starts_with('_')) {
        cursor.advance();
    }
    match cursor.peek() {
        Some(Lexeme::HexStringLiteral(_) | Lexeme::SingleQuotedByteStringLiteral(_)) => {}
        Some(Lexeme::Number(digits, _)) if digits.starts_with("0x") || digits.starts_with("0b") => {}
        Some(Lexeme::Word(word)) if word.quote_style.is_none() && word.value.starts_with("0x") => {}
        _ => return cursor.string(),
    }
    cursor.advance();
    Ok(cursor.previous_span().slice(cursor.text()).to_owned())
}

fn name(cursor: &mut Cursor, written: &str, span: Span) -> Result<Cow<'static, str>, SyntaxError> {
    let known: &'static str = match written {
        "int" | "integer" | "int4" => "int",
        "tinyint" | "int1" | "bool" | "boolean" => "tinyint",
        "smallint" | "int2" => "smallint",
        "mediumint" | "int3" | "middleint" => "mediumint",
        "bigint" | "int8" | "serial" => "bigint",
        "decimal" | "dec" | "numeric" | "fixed" => "decimal",
        "float" | "float4" => "float",
        "double" => {
            cursor.eat_word("PRECISION");
            "double"
        }
        "real" | "float8" => "double",
        "bit" => "bit",
        "date" => "date",
        "time" => "time",
        "datetime" => "datetime",
        "timestamp" => "timestamp",
        "year" => "year",
        "char" | "character" | "nchar" => {
            if cursor.eat_any_word(&["VARYING", "VARCHAR", "VARCHARACTER"]).is_some() {
                "varchar"
            } else {
                "char"
            }
        }
        "national" => match cursor.eat_any_word(&["VARCHAR", "VARCHARACTER", "CHAR", "CHARACTER"]) {
            Some("VARCHAR" | "VARCHARACTER") => "varchar",
            Some(_) if cursor.eat_word("VARYING") => "varchar",
            Some(_) => "char",
            None => return Err(cursor.error("CHAR or VARCHAR")),
        },
        "varchar" | "varcharacter" | "nvarchar" => "varchar",
        "binary" => "binary",
        "varbinary" => "varbinary",
        "tinyblob" => "tinyblob",
        "blob" => "blob",
        "mediumblob" => "mediumblob",
        "longblob" => "longblob",
        "tinytext" => "tinytext",
        "text" => "text",
        "mediumtext" => "mediumtext",
        "longtext" => "longtext",
        "long" => match cursor.eat_any_word(&["VARBINARY", "VARCHAR", "VARCHARACTER", "CHAR", "CHARACTER"]) {
            Some("VARBINARY") => "mediumblob",
            Some("CHAR" | "CHARACTER") => {
                cursor.expect_word("VARYING")?;
                "mediumtext"
            }
            _ => "mediumtext",
        },
        "enum" => "enum",
        "set" => "set",
        "json" => {
            cursor.needs(span, &[Since(Engine::Mysql, 5, 7, 8), Since(Engine::Mariadb, 10, 2, 7)]);
            "json"
        }
        "geometry" => "geometry",
        "point" => "point",
        "linestring" => "linestring",
        "polygon" => "polygon",
        "multipoint" => "multipoint",
        "multilinestring" => "multilinestring",
        "multipolygon" => "multipolygon",
        "geometrycollection" | "geomcollection" => "geometrycollection",
        "vector" => {
            cursor.needs(span, &[Since(Engine::Mysql, 9, 0, 0), Since(Engine::Mariadb, 11, 7, 0)]);
            "vector"
        }
        "uuid" => {
            cursor.needs(span, &[Since(Engine::Mariadb, 10, 7, 0)]);
            "uuid"
        }
        "inet6" => {
            cursor.needs(span, &[Since(Engine::Mariadb, 10, 5, 0)]);
            "inet6"
        }
        "inet4" => {
            cursor.needs(span, &[Since(Engine::Mariadb, 10, 10, 0)]);
            "inet4"
        }
        _ => return foreign(cursor, written, span),
    };
    Ok(Cow::Borrowed(known))
}

/// A type of another engine's: read on, but it will be refused. MariaDB's types are open to plugins,
/// so its grammar takes any name.
fn foreign(cursor: &mut Cursor, written: &str, span: Span) -> Result<Cow<'static, str>, SyntaxError> {
    const POSTGRES: &[&str] = &[
        "jsonb",
        "timestamptz",
        "timetz",
        "bytea",
        "serial4",
        "serial8",
        "bigserial",
        "smallserial",
        "inet",
        "cidr",
        "money",
        "interval",
        "tsvector",
        "xml",
        "citext",
        "hstore",
        "oid",
    ];
    if let Some(name) = POSTGRES.iter().find(|name| **name == written) {
        cursor.needs(span, &[Since(Engine::Postgres, 0, 0, 0)]);
        return Ok(Cow::Borrowed(name));
    }
    if cursor.is_mariadb() && !is_reserved(written, cursor.target()) {
        return Ok(Cow::Owned(written.to_owned()));
    }
    Err(SyntaxError { at: span, expected: "a data type".into() })
}

/// UNSIGNED, ZEROFILL and the character set; COLLATE may stand anywhere among the column's
/// attributes and is read with them.
fn attributes(cursor: &mut Cursor, data_type: &mut DataType) -> Result<(), SyntaxError> {
    loop {
        if cursor.eat_word("UNSIGNED") {
            data_type.unsigned = true;
        } else if cursor.eat_word("ZEROFILL") {
            (data_type.zerofill, data_type.unsigned) = (true, true);
        } else if cursor.eat_word("SIGNED") {
        } else if cursor.at_word("COMPRESSED") && cursor.at_word_nth(1, "BINARY") {
            // Otherwise it is read with the column's attributes.
            cursor.needs(cursor.span(), &[Since(Engine::Mariadb, 10, 3, 4)]);
            cursor.advance();
        } else if cursor.eat_word("BINARY") {
            data_type.binary = true;
        } else if cursor.eat_word("BYTE") {
            // CHAR BYTE is BINARY.
            let bytes = match data_type.name.as_str() {
                "varchar" => "varbinary",
                "text" => "blob",
                _ => "binary",
            };
            data_type.name = bytes.to_owned();
        } else if let Some(name) = cursor.eat_any_word(&["ASCII", "UNICODE"]) {
            let charset = if name == "ASCII" { "latin1" } else { "ucs2" };
            data_type.charset = Some(Ident::new(charset, cursor.previous_span()));
        } else if cursor.eat_word("CHARSET") || cursor.eat_words(&["CHARACTER", "SET"]) || cursor.eat_words(&["CHAR", "SET"]) {
            data_type.charset = Some(cursor.charset_name()?);
        } else if data_type.collation.is_none() && cursor.eat_word("COLLATE") {
            data_type.collation = Some(ObjectName::bare(cursor.charset_name()?));
        } else {
            return Ok(());
        }
    }
}

impl Cursor<'_> {
    /// A character set or collation: a name, a string, BINARY or DEFAULT.
    pub(crate) fn charset_name(&mut self) -> Result<Ident, SyntaxError> {
        let span = self.span();
        if self.at_string() {
            return Ok(Ident { value: self.string()?, quoted: true, span });
        }
        self.label()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Action;
    use crate::change::read::testing::{action, needs};

    fn data_type(target: &str, written: &str) -> DataType {
        match action(target, &format!("ALTER TABLE t MODIFY c {written}")) {
            Action::ModifyColumn { definition, .. } => definition.data_type.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn synonyms_are_resolved() {
        for (written, name, args) in [
            ("INTEGER(11)", "int", &[11][..]),
            ("bool", "tinyint", &[1]),
            ("dec(5,2)", "decimal", &[5, 2]),
            ("float(30)", "double", &[]),
            ("float(7,2)", "float", &[7, 2]),
            ("double precision", "double", &[]),
            ("national varchar(10)", "varchar", &[10]),
            ("char byte", "binary", &[]),
            ("long varbinary", "mediumblob", &[]),
        ] {
            let data_type = data_type("mysql@8.0", written);
            assert_eq!((data_type.name.as_str(), data_type.args.as_slice()), (name, args), "{written}");
        }
        assert_eq!(data_type("mariadb@11.8", "some_plugin_type").name, "some_plugin_type");
    }

    #[test]
    fn attributes_are_kept() {
        let text = data_type("mysql@8.0", "varchar(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
        assert_eq!(text.charset.map(|charset| charset.value).as_deref(), Some("utf8mb4"));
        assert_eq!(text.collation.map(|collation| collation.name.value).as_deref(), Some("utf8mb4_bin"));
        assert!(data_type("mysql@8.0", "int unsigned").unsigned && data_type("mysql@8.0", "int zerofill").zerofill);
        assert_eq!(data_type("mysql@8.0", "nchar varchar(5)").charset.map(|charset| charset.value).as_deref(), Some("utf8mb3"));
        assert_eq!(data_type("mysql@8.0", "enum('a','b''c')").labels, ["a", "b'c"]);
    }

    #[test]
    fn types_of_others_are_refused() {
        assert_eq!(needs("mysql@8.0", "ALTER TABLE t ADD c uuid"), "MariaDB 10.7");
        assert_eq!(needs("mysql@8.0", "ALTER TABLE t ADD c jsonb"), "PostgreSQL");
    }
}
