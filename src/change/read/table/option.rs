//! PostgreSQL's storage parameters.

use sqlparser::tokenizer::Token as Lexeme;

use crate::change::TableOption;
use crate::sql::{Cursor, SyntaxError};

impl Cursor<'_> {
    /// `( name [= value], … )`
    pub(crate) fn storage_parameters(&mut self) -> Result<Vec<TableOption>, SyntaxError> {
        self.paren_list(|cursor| {
            let start = cursor.mark();
            let mut name = cursor.label()?.value;
            while cursor.eat(&Lexeme::Period) {
                name.push('.');
                name.push_str(&cursor.label()?.value);
            }
            let mut value = String::new();
            if cursor.eat(&Lexeme::Eq) {
                let from = cursor.mark();
                value = if cursor.at_string() {
                    cursor.string()?
                } else {
                    cursor.skip_item();
                    cursor.since(from).slice(cursor.text()).to_owned()
                };
                if cursor.mark() == from {
                    return Err(cursor.error("a value"));
                }
            }
            Ok(TableOption { name, value, span: cursor.since(start) })
        })
    }
}
