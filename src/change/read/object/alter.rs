//! ALTER of objects that have no grammar of their own here.

use sqlparser::tokenizer::{Token as Lexeme, Word};

use super::kind::kind;
use crate::change::read::{Read, Reading};
use crate::change::{Action, Change, Ident, ObjectKind, ObjectName};
use crate::sql::{Cursor, SyntaxError};

/// `ALTER noun name [(arguments)] …`
pub(in crate::change::read) fn alter(reading: &mut Reading, noun: &str) -> Read {
    if noun == "SYSTEM" {
        return system(reading);
    }
    reading.past_noun(noun)?;
    reading.eat_any_word(&["CONFIGURATION", "DICTIONARY", "PARSER", "TEMPLATE", "GROUP"]);
    let kind = kind(noun, reading);
    let if_exists = reading.eat_if_exists();
    let name = match (noun, kind) {
        ("USER MAPPING", _) => {
            reading.expect_word("FOR")?;
            ObjectName::bare(reading.account()?)
        }
        ("LARGE OBJECT", _) => {
            let span = reading.span();
            let number = reading.number()?;
            ObjectName::bare(crate::change::Ident::new(number.to_string(), span))
        }
        ("INSTANCE", _) => return nothing(reading),
        (_, ObjectKind::Database) if reading.is_mysql_family() && !reading.at_ident() => ObjectName::default(),
        (_, ObjectKind::Database) if reading.is_mysql_family() && is_option(reading) => ObjectName::default(),
        (_, ObjectKind::Role) => ObjectName::bare(reading.account()?),
        _ => reading.any_name()?,
    };
    if reading.at(&Lexeme::LParen) && matches!(noun, "CAST" | "OPERATOR") {
        reading.skip_parens()?;
    }
    if noun.starts_with("OPERATOR ") && reading.eat_word("USING") {
        reading.ident()?;
    }
    let table = match kind {
        ObjectKind::Trigger | ObjectKind::Rule | ObjectKind::Policy if reading.eat_word("ON") => Some(reading.object_name()?),
        _ => None,
    };
    let mut tables: Vec<(Option<ObjectName>, Vec<Ident>)> = Vec::new();
    if kind == ObjectKind::Publication {
        let mut probe = reading.part(reading.mark(), reading.end_mark());
        if probe.eat_any_word(&["ADD", "DROP", "SET"]).is_some() && probe.at_word("TABLE") {
            tables = super::create::published(&mut probe).into_iter().map(|(table, columns)| (Some(table), columns)).collect();
        }
    }
    let action = reading.object_action(kind, &name, if_exists)?;
    if tables.is_empty() {
        tables.push((table, Vec::new()));
    }
    let whole = reading.whole;
    let change = |(table, its): (Option<ObjectName>, Vec<Ident>)| {
        let mut action = action.clone();
        if let Action::AlterObject { columns, .. } = &mut action {
            *columns = its;
        }
        Change::of(table, whole, action)
    };
    Ok(tables.into_iter().map(change).collect())
}

/// `ALTER DATABASE CHARACTER SET …` without a name.
fn is_option(cursor: &Cursor) -> bool {
    cursor.at_any_word(&["CHARACTER", "CHARSET", "COLLATE", "DEFAULT", "ENCRYPTION", "READ", "COMMENT"])
}

fn nothing(reading: &mut Reading) -> Read {
    reading.skip_rest();
    Ok(vec![Change::free(reading.whole, Action::Nothing)])
}

impl Reading<'_> {
    /// `RENAME TO`, `OWNER TO`, `SET SCHEMA`, or anything else, named by its first words.
    pub(in crate::change::read) fn object_action(
        &mut self,
        kind: ObjectKind,
        name: &ObjectName,
        if_exists: bool,
    ) -> Result<Action, SyntaxError> {
        // MySQL's characteristics of routines and users are all optional.
        let may_be_bare = self.is_mysql_family() && matches!(kind, ObjectKind::Procedure | ObjectKind::Function | ObjectKind::Role);
        if self.is_end() && !may_be_bare {
            return Err(self.error("what to alter"));
        }
        if self.is_postgres() {
            if self.eat_words(&["RENAME", "TO"]) {
                let to = ObjectName { schema: name.schema.clone(), name: self.ident()? };
                self.expect_end()?;
                return Ok(Action::RenameObject { kind, name: name.clone(), to, if_exists });
            }
            if self.eat_words(&["OWNER", "TO"]) {
                let to = self.account()?.value;
                self.expect_end()?;
                return Ok(Action::Owner { kind, to });
            }
            if self.eat_words(&["SET", "SCHEMA"]) {
                let to = self.ident()?;
                self.expect_end()?;
                return Ok(Action::SetObjectSchema { kind, name: name.clone(), to });
            }
        }
        let what = self.first_words();
        self.skip_rest();
        Ok(Action::AlterObject { kind, name: name.clone(), what, columns: Vec::new() })
    }

    /// Up to three words from here, in lower case.
    pub(in crate::change::read) fn first_words(&self) -> String {
        let mut words = Vec::new();
        for n in 0..3 {
            match self.peek_nth(n) {
                Some(Lexeme::Word(Word { value, quote_style: None, .. })) => words.push(value.to_ascii_lowercase()),
                _ => break,
            }
        }
        if words.is_empty() { "options".to_owned() } else { words.join(" ") }
    }
}

/// `ALTER SYSTEM SET | RESET`
fn system(reading: &mut Reading) -> Read {
    let span = reading.expect_words(&["ALTER", "SYSTEM"])?;
    reading.needs(span, &[crate::change::read::engines::POSTGRES]);
    if reading.eat_any_word(&["SET", "RESET"]).is_none() {
        return Err(reading.error("SET or RESET"));
    }
    let mut name = reading.label()?.value;
    while reading.eat(&Lexeme::Period) {
        name.push('.');
        name.push_str(&reading.label()?.value);
    }
    reading.skip_rest();
    Ok(vec![Change::free(reading.whole, Action::AlterSystem { name: name.to_ascii_lowercase() })])
}
