//! Data types and expressions as they were written.

use std::sync::Arc;

use sqlparser::ast;

use super::name::{Ident, ObjectName};
use crate::source::Span;

/// A data type as written, its name in one canonical spelling per engine.
///
/// PostgreSQL names are the ones `format_type` prints for the bare type (`integer`, `character
/// varying`, `timestamp with time zone`, `numeric`, `character`, `bit`, `bit varying` …); `serial`,
/// `bigserial` and `smallserial` stay as written. MySQL and MariaDB names are lower case synonyms
/// resolved (`integer` → `int`, `bool` → `tinyint`, `dec` → `decimal`); SQLite keeps the words as
/// written, lower-cased.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataType {
    pub schema: Option<Ident>,
    pub name: String,
    /// Length, precision and scale, fractional seconds, in written order.
    pub args: Vec<u64>,
    /// Scale may be negative in PostgreSQL 15+; then it stands here instead of in `args[1]`.
    pub negative_scale: Option<i64>,
    /// Number of array dimensions; 0 for a scalar.
    pub array: u8,
    /// PostgreSQL interval field restriction, lower case: `day`, `day to second`.
    pub fields: Option<String>,
    pub unsigned: bool,
    pub zerofill: bool,
    /// MySQL `BINARY` attribute or `BYTE`; rarely seen.
    pub binary: bool,
    pub charset: Option<Ident>,
    pub collation: Option<ObjectName>,
    /// MariaDB `COMPRESSED`: its values are.
    pub compressed: bool,
    /// Labels of a MySQL or MariaDB ENUM or SET.
    pub labels: Vec<String>,
    pub span: Span,
}

impl DataType {
    pub fn length(&self) -> Option<u64> {
        self.args.first().copied()
    }

    /// `serial`, `bigserial`, `smallserial` and their `serialN` spellings.
    pub fn is_serial(&self) -> bool {
        matches!(self.name.as_str(), "serial" | "bigserial" | "smallserial")
    }
}

/// An expression: always its text, and its tree when it is small enough to be worth one.
///
/// The tree is shared, never cloned: sqlparser's trees overflow small stacks when copied deep.
#[derive(Clone)]
pub struct Expression {
    pub text: Arc<str>,
    pub tree: Option<Arc<ast::Expr>>,
    pub span: Span,
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Expression({:?})", self.text)
    }
}

impl Expression {
    /// The words of the text that may be names of columns: quoted or not, outside string literals,
    /// not called as functions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        Names { text: &self.text, at: 0 }
    }

    /// Whether a column of this name may be meant somewhere in it.
    pub fn mentions(&self, column: &str) -> bool {
        self.names().any(|name| name.eq_ignore_ascii_case(column))
    }
}

struct Names<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Names<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let rest = self.text.get(self.at..)?;
            let first = rest.chars().next()?;
            let close = match first {
                '\'' | '"' | '`' => Some(first),
                '[' => Some(']'),
                _ => None,
            };
            if let Some(close) = close {
                let inner = self.at + 1;
                let length = self.text.get(inner..)?.find(close).unwrap_or(self.text.len() - inner);
                self.at = (inner + length + 1).min(self.text.len());
                if close != '\'' {
                    return self.text.get(inner..inner + length);
                }
            } else if first.is_alphabetic() || first == '_' {
                let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
                let start = self.at;
                self.at += length;
                let after = rest.get(length..).unwrap_or("");
                // `b'0'`, `x'ff'`, `_utf8'a'`: the kind of a literal.
                if !after.starts_with('\'') && !after.trim_start().starts_with('(') {
                    return self.text.get(start..start + length);
                }
            } else if first.is_ascii_digit() {
                let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
                self.at += length;
            } else {
                self.at += first.len_utf8();
            }
        }
    }
}

/// Equal when written equally, white space and case of words outside quotes aside.
impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        normalised(&self.text) == normalised(&other.text)
    }
}

fn normalised(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    for c in text.chars() {
        match quote {
            Some(q) => {
                out.push(c);
                if c == q {
                    quote = None;
                }
            }
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                out.push(c);
            }
            None if c.is_whitespace() => {}
            None => out.extend(c.to_lowercase()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_leave_out_strings_and_functions() {
        let text = "lower(\"E mail\") = 'status' AND t.total > 5e3 OR `x`";
        let expression = Expression { text: text.into(), tree: None, span: Span::default() };
        assert_eq!(expression.names().collect::<Vec<_>>(), ["E mail", "AND", "t", "total", "OR", "x"]);
        assert!(expression.mentions("TOTAL") && !expression.mentions("status"));
    }
}
