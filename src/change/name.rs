//! Names, folded as the engine folds them.

use std::fmt;

use crate::source::Span;

/// One part of a name. `value` is what the engine would store: PostgreSQL folds unquoted names to
/// lower case; MySQL, MariaDB and SQLite keep the spelling and compare without case.
#[derive(Debug, Clone, Default)]
pub struct Ident {
    pub value: String,
    pub quoted: bool,
    pub span: Span,
}

impl Ident {
    pub fn new(value: impl Into<String>, span: Span) -> Self {
        Ident { value: value.into(), quoted: false, span }
    }

    /// Compares as engines compare column names: without ASCII case. PostgreSQL names are folded
    /// already, so only quoted names that differ in case alone could be confused.
    pub fn is(&self, other: &str) -> bool {
        self.value.eq_ignore_ascii_case(other)
    }
}

/// Equal when the names are; where they stand does not matter.
impl PartialEq for Ident {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Ident {}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value)
    }
}

/// A name with an optional schema (PostgreSQL), database (MySQL, MariaDB) or attached database
/// (SQLite) in front.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectName {
    pub schema: Option<Ident>,
    pub name: Ident,
}

impl ObjectName {
    pub fn bare(name: Ident) -> Self {
        ObjectName { schema: None, name }
    }

    pub fn span(&self) -> Span {
        match &self.schema {
            Some(schema) => schema.span.to(self.name.span),
            None => self.name.span,
        }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        write!(f, "{}", self.name)
    }
}
