//! Sequences.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::read::engines::MARIADB;
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, CreateSequence, DataType, Ident, ObjectKind, ObjectName, SequenceNumbers};
use crate::sql::{Cursor, SyntaxError};

/// What the options of a sequence say.
#[derive(Default)]
struct Options {
    owned_by: Option<(ObjectName, Ident)>,
    data_type: Option<DataType>,
    restarts: bool,
    numbers: SequenceNumbers,
    any: bool,
}

/// `CREATE SEQUENCE name …`
pub(in crate::change::read) fn create_sequence(reading: &mut Reading) -> Read {
    let before = reading.past_noun("SEQUENCE")?;
    if before.or_replace {
        reading.needs(before.replace_span, &[MARIADB]);
    }
    let if_not_exists = reading.eat_if_not_exists();
    let name = reading.object_name()?;
    let options = options(reading)?;
    if reading.is_mariadb() {
        // Table options.
        reading.skip_rest();
    }
    reading.expect_end()?;
    let Options { owned_by, data_type, numbers, .. } = options;
    let sequence =
        CreateSequence { name, if_not_exists, or_replace: before.or_replace, temporary: before.temporary, owned_by, data_type, numbers };
    Ok(vec![Change::free(reading.whole, Action::CreateSequence(Box::new(sequence)))])
}

/// `ALTER SEQUENCE name …`
pub(in crate::change::read) fn alter_sequence(reading: &mut Reading) -> Read {
    reading.past_noun("SEQUENCE")?;
    let if_exists = reading.eat_if_exists();
    let name = reading.object_name()?;
    let others = reading.at_words(&["RENAME", "TO"]) || reading.at_words(&["OWNER", "TO"]) || reading.at_words(&["SET", "SCHEMA"]);
    if others {
        let action = reading.object_action(ObjectKind::Sequence, &name, if_exists)?;
        return Ok(vec![match &action {
            Action::Owner { .. } => Change::on(name, reading.whole, action),
            _ => Change::free(reading.whole, action),
        }]);
    }
    if reading.eat_word("SET") {
        if let Some(word) = reading.eat_any_word(&["LOGGED", "UNLOGGED"]) {
            reading.expect_end()?;
            let action = Action::AlterObject {
                kind: ObjectKind::Sequence,
                name,
                columns: Vec::new(),
                what: format!("set {}", word.to_ascii_lowercase()),
            };
            return Ok(vec![Change::free(reading.whole, action)]);
        }
        return Err(reading.error("LOGGED, UNLOGGED or SCHEMA"));
    }
    let Options { owned_by, data_type, restarts, numbers, any } = options(reading)?;
    if !any {
        return Err(reading.error("a sequence option"));
    }
    reading.expect_end()?;
    let action = Action::AlterSequence { name, owned_by, if_exists, restarts, data_type, numbers: Box::new(numbers) };
    Ok(vec![Change::free(reading.whole, action)])
}

fn options(cursor: &mut Cursor) -> Result<Options, SyntaxError> {
    let mut options = Options::default();
    loop {
        if cursor.eat_word("AS") {
            options.data_type = Some(cursor.data_type()?);
        } else if cursor.eat_word("INCREMENT") {
            cursor.eat_word("BY");
            options.numbers.increment = value(cursor)?;
        } else if cursor.eat_word("NO") {
            if cursor.eat_any_word(&["MINVALUE", "MAXVALUE", "CYCLE", "CACHE"]).is_none() {
                return Err(cursor.error("MINVALUE, MAXVALUE or CYCLE"));
            }
        } else if let Some(word) = cursor.eat_any_word(&["MINVALUE", "MAXVALUE", "CACHE"]) {
            let number = value(cursor)?;
            match word {
                "MINVALUE" => options.numbers.minimum = number,
                "MAXVALUE" => options.numbers.maximum = number,
                _ => options.numbers.cache = number,
            }
        } else if cursor.eat_word("START") {
            cursor.eat_word("WITH");
            options.numbers.start = value(cursor)?;
        } else if cursor.eat_word("RESTART") {
            options.restarts = true;
            cursor.eat_word("WITH");
            if matches!(cursor.peek(), Some(Lexeme::Number(..) | Lexeme::Minus | Lexeme::Eq)) {
                options.numbers.restart = value(cursor)?;
            }
        } else if cursor.eat_words(&["OWNED", "BY"]) {
            options.owned_by = owner(cursor)?;
        } else if cursor.eat_words(&["SEQUENCE", "NAME"]) {
            cursor.object_name()?;
        } else if cursor.eat_any_word(&["CYCLE", "NOCYCLE", "NOMINVALUE", "NOMAXVALUE", "NOCACHE", "LOGGED", "UNLOGGED"]).is_none() {
            return Ok(options);
        }
        options.any = true;
    }
}

/// `[=] [-]number`; `None` where it is no whole number.
fn value(cursor: &mut Cursor) -> Result<Option<i128>, SyntaxError> {
    cursor.eat_equals();
    let negative = cursor.eat(&Lexeme::Minus);
    if !negative {
        cursor.eat(&Lexeme::Plus);
    }
    match cursor.peek() {
        Some(Lexeme::Number(number, _)) => {
            let number = number.parse::<i64>().ok().map(i128::from);
            cursor.advance();
            Ok(number.map(|number| if negative { -number } else { number }))
        }
        // A hole a tool fills.
        Some(Lexeme::Word(_)) if cursor.span().slice(cursor.text()).contains(['{', ':']) => {
            cursor.advance();
            Ok(None)
        }
        _ => Err(cursor.error("a number")),
    }
}

/// `table.column` or NONE.
fn owner(cursor: &mut Cursor) -> Result<Option<(ObjectName, Ident)>, SyntaxError> {
    if cursor.eat_word("NONE") {
        return Ok(None);
    }
    let mut parts = vec![cursor.ident()?];
    while cursor.eat(&Lexeme::Period) {
        parts.push(cursor.label()?);
    }
    let column = parts.pop().unwrap_or_default();
    let Some(table) = parts.pop() else { return Err(cursor.error("`.` and a column")) };
    Ok(Some((ObjectName { schema: parts.pop(), name: table }, column)))
}
