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
