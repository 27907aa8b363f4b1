//! PostgreSQL's types, named as `format_type` prints them.

use sqlparser::tokenizer::{Token as Lexeme, Word};

use crate::change::DataType;
use crate::sql::{Cursor, SyntaxError};

pub(super) fn read(cursor: &mut Cursor) -> Result<DataType, SyntaxError> {
    cursor.eat_word("SETOF");
    let mut data_type = scalar(cursor)?;
    while cursor.eat(&Lexeme::LBracket) {
        let _ = cursor.number();
        cursor.expect(&Lexeme::RBracket)?;
        data_type.array = data_type.array.saturating_add(1);
    }
    if data_type.array == 0 && cursor.eat_word("ARRAY") {
        data_type.array = 1;
        if cursor.eat(&Lexeme::LBracket) {
            cursor.number()?;
            cursor.expect(&Lexeme::RBracket)?;
        }
    }
    Ok(data_type)
}

fn scalar(cursor: &mut Cursor) -> Result<DataType, SyntaxError> {
    match special(cursor)? {
        Some(data_type) => Ok(data_type),
        None => generic(cursor),
    }
}

fn named(name: &str, args: Vec<u64>) -> DataType {
    DataType { name: name.to_owned(), args, ..DataType::default() }
}

/// Types whose names are words of the grammar: several words, or arguments of their own kind.
fn special(cursor: &mut Cursor) -> Result<Option<DataType>, SyntaxError> {
    const SPECIAL: &[&str] =
        &["DOUBLE", "FLOAT", "NATIONAL", "CHARACTER", "CHAR", "NCHAR", "BIT", "VARCHAR", "TIMESTAMP", "TIME", "INTERVAL", "DEC"];
    // `pg_catalog.char`, a table's row type …
    if cursor.at_nth(1, &Lexeme::Period) {
        return Ok(None);
    }
    if cursor.at_word("DOUBLE") && !cursor.at_word_nth(1, "PRECISION") {
        return Ok(None);
    }
    let Some(word) = cursor.eat_any_word(SPECIAL) else { return Ok(None) };
    Ok(Some(match word {
        "DOUBLE" => {
            cursor.expect_word("PRECISION")?;
            named("double precision", Vec::new())
        }
        "FLOAT" => match cursor.type_numbers()?.first() {
            Some(&bits) if bits <= 24 => named("real", Vec::new()),
            _ => named("double precision", Vec::new()),
        },
        "DEC" => numeric(cursor)?,
        "BIT" => {
            let varying = cursor.eat_word("VARYING");
            let args = cursor.type_numbers()?;
            if varying { named("bit varying", args) } else { named("bit", if args.is_empty() { vec![1] } else { args }) }
        }
        "TIMESTAMP" | "TIME" => {
            let args = cursor.type_numbers()?;
            let zone = if cursor.eat_words(&["WITH", "TIME", "ZONE"]) {
                " with time zone"
            } else {
                cursor.eat_words(&["WITHOUT", "TIME", "ZONE"]);
                " without time zone"
            };
            named(&format!("{}{zone}", word.to_ascii_lowercase()), args)
        }
        "INTERVAL" => interval(cursor)?,
        "VARCHAR" => named("character varying", cursor.type_numbers()?),
        _ => {
            if word == "NATIONAL" && cursor.eat_any_word(&["CHARACTER", "CHAR"]).is_none() {
                return Err(cursor.error("CHARACTER"));
            }
            let varying = cursor.eat_word("VARYING");
            let args = cursor.type_numbers()?;
            match varying {
                true => named("character varying", args),
                // Without a length it is one character.
                false => named("character", if args.is_empty() { vec![1] } else { args }),
            }
        }
    }))
}

fn interval(cursor: &mut Cursor) -> Result<DataType, SyntaxError> {
    const FIELDS: &[&str] = &["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];
    let mut fields = cursor.eat_any_word(FIELDS).map(str::to_ascii_lowercase);
    if let Some(fields) = &mut fields
        && cursor.eat_word("TO")
    {
        let Some(last) = cursor.eat_any_word(FIELDS) else { return Err(cursor.error("an interval field")) };
        fields.push_str(" to ");
        fields.push_str(&last.to_ascii_lowercase());
    }
    Ok(DataType { fields, ..named("interval", cursor.type_numbers()?) })
}

fn numeric(cursor: &mut Cursor) -> Result<DataType, SyntaxError> {
    let mut data_type = named("numeric", Vec::new());
    if cursor.eat(&Lexeme::LParen) {
        data_type.args.push(cursor.number()?);
        if cursor.eat(&Lexeme::Comma) {
            if cursor.eat(&Lexeme::Minus) {
                // A negative scale is refused before 15, by the type, not by the grammar.
                data_type.negative_scale = i64::try_from(cursor.number()?).ok().map(|scale| -scale);
            } else {
                data_type.args.push(cursor.number()?);
            }
        }
        cursor.expect(&Lexeme::RParen)?;
    }
    Ok(data_type)
}

fn generic(cursor: &mut Cursor) -> Result<DataType, SyntaxError> {
    let quoted = matches!(cursor.peek(), Some(Lexeme::Word(Word { quote_style: Some(_), .. })));
    let mut written = match cursor.object_name() {
        Ok(name) => name,
        Err(error) => return Err(SyntaxError { expected: "a data type".into(), ..error }),
    };
    if written.schema.as_ref().is_some_and(|schema| schema.value == "pg_catalog") {
        written.schema = None;
    }
    let canonical = if written.schema.is_some() || quoted && written.name.value == "char" { None } else { synonym(&written.name.value) };
    if canonical == Some("numeric") {
        return numeric(cursor);
    }
    let name = match canonical {
        Some(name) => name.to_owned(),
        None if quoted && written.name.value == "char" => "\"char\"".to_owned(),
        None => written.name.value,
    };
    let mut data_type = DataType { schema: written.schema, name, ..DataType::default() };
    if cursor.eat(&Lexeme::LParen) {
        let mut words: Vec<String> = Vec::new();
        cursor.comma_list(|cursor| {
            let mark = cursor.mark();
            match cursor.number() {
                Ok(number) => data_type.args.push(number),
                // `geometry(Point, 4326)`
                Err(error) => {
                    if cursor.skip_item().is_empty() {
                        return Err(error);
                    }
                    words.push(cursor.since(mark).slice(cursor.text()).to_ascii_lowercase());
                }
            }
            Ok(())
        })?;
        cursor.expect(&Lexeme::RParen)?;
        data_type.fields = (!words.is_empty()).then(|| words.join(","));
    }
    Ok(data_type)
}

fn synonym(name: &str) -> Option<&'static str> {
    Some(match name {
        "int" | "int4" | "integer" => "integer",
        "int8" | "bigint" => "bigint",
        "int2" | "smallint" => "smallint",
        "serial4" => "serial",
        "serial8" => "bigserial",
        "serial2" => "smallserial",
        "bool" => "boolean",
        "float4" => "real",
        "float8" => "double precision",
        "decimal" | "numeric" => "numeric",
        "varchar" => "character varying",
        "varbit" => "bit varying",
        "timestamp" => "timestamp without time zone",
        "timestamptz" => "timestamp with time zone",
        "time" => "time without time zone",
        "timetz" => "time with time zone",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Action;
    use crate::change::read::testing::action;

    fn data_type(written: &str) -> DataType {
        match action("postgres@18", &format!("ALTER TABLE t ALTER c TYPE {written}")) {
            Action::SetType { data_type, .. } => data_type,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_are_those_of_format_type() {
        for (written, name, args) in [
            ("int4", "integer", &[][..]),
            ("pg_catalog.int8", "bigint", &[]),
            ("serial8", "bigserial", &[]),
            ("VARCHAR(10)", "character varying", &[10]),
            ("char", "character", &[1]),
            ("national char varying (3)", "character varying", &[3]),
            ("float(24)", "real", &[]),
            ("float", "double precision", &[]),
            ("dec(10,2)", "numeric", &[10, 2]),
            ("timestamptz(3)", "timestamp with time zone", &[3]),
            ("time(2) without time zone", "time without time zone", &[2]),
            ("bit varying(5)", "bit varying", &[5]),
            ("\"char\"", "\"char\"", &[]),
        ] {
            let data_type = data_type(written);
            assert_eq!((data_type.name.as_str(), data_type.args.as_slice()), (name, args), "{written}");
        }
    }

    #[test]
    fn arrays_fields_scales_and_schemas_are_kept() {
        assert_eq!(data_type("int[3][]").array, 2);
        assert_eq!(data_type("text array[4]").array, 1);
        assert_eq!(data_type("interval day to second(3)").fields.as_deref(), Some("day to second"));
        assert_eq!(data_type("numeric(10, -2)").negative_scale, Some(-2));
        let other = data_type("Geo.geometry(Point, 4326)");
        assert_eq!(other.schema.map(|schema| schema.value).as_deref(), Some("geo"));
        assert_eq!((other.fields.as_deref(), other.args.as_slice()), (Some("point"), &[4326][..]));
    }
}
