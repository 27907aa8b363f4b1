//! Which names a place of a query sees.

use sqlparser::ast;

use super::folded;
use crate::catalog::Catalog;
use crate::engine::Engine;

/// A name that stands for nothing, or for several things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stranger {
    Column(String),
    Relation(String),
    Ambiguous(String),
    /// A function that is not there, or not with so many arguments.
    Function(String),
    Miscounted(String),
    /// Another column than the one a CHECK belongs to.
    Elsewhere(String),
}

/// Something in FROM.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// The name it goes by.
    pub name: String,
    /// `None` where they are not known whole.
    pub columns: Option<Vec<String>>,
    /// It goes by no other name.
    pub strict: bool,
}

impl Source {
    pub fn table(name: &str, columns: Vec<String>) -> Source {
        Source { name: name.to_owned(), columns: Some(columns), strict: true }
    }

    pub fn unknown(name: impl Into<String>) -> Source {
        Source { name: name.into(), columns: None, strict: true }
    }

    /// The target of a statement that may have given it another name.
    pub fn unqualified(self) -> Source {
        Source { strict: false, ..self }
    }

    fn has(&self, column: &str) -> Option<bool> {
        self.columns.as_ref().map(|columns| columns.iter().any(|known| known.eq_ignore_ascii_case(column)))
    }
}

/// What is seen from inside one query, and from the queries around it.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub sources: &'a [Source],
    /// USING or NATURAL make one column of two.
    pub merged: bool,
    pub outer: Option<&'a Scope<'a>>,
    pub catalog: &'a Catalog,
}

impl Scope<'_> {
    /// A name by itself.
    pub fn column(&self, ident: &ast::Ident) -> Option<Stranger> {
        let name = folded(ident, self.catalog);
        let text = self.catalog.target.engine == Engine::Sqlite && ident.quote_style.is_some();
        if text || ident.quote_style.is_none() && is_word(&name) || name.starts_with(['@', ':', '$', '?']) {
            return None;
        }
        let mut scope = Some(self);
        while let Some(level) = scope {
            // A table's name stands for its whole row.
            if level.sources.iter().any(|source| source.columns.is_none() || source.name.eq_ignore_ascii_case(&name)) {
                return None;
            }
            match level.sources.iter().filter(|source| source.has(&name) == Some(true)).count() {
                0 => scope = level.outer,
                1 => return None,
                _ if level.merged => return None,
                _ => return Some(Stranger::Ambiguous(name)),
            }
        }
        Some(Stranger::Column(name))
    }

    /// `qualifier.column`
    pub fn qualified(&self, qualifier: &ast::Ident, column: &ast::Ident) -> Option<Stranger> {
        let (qualifier, column) = (folded(qualifier, self.catalog), folded(column, self.catalog));
        // SQLite names both in one.
        let sqlite = self.catalog.target.engine == Engine::Sqlite;
        let whole = || format!("{qualifier}.{column}");
        let of_row = ["new", "old", "excluded"].contains(&qualifier.to_lowercase().as_str());
        if is_word(&column) || of_row && !self.sources.iter().any(|source| source.name.eq_ignore_ascii_case(&qualifier)) {
            return None;
        }
        let mut scope = Some(self);
        while let Some(level) = scope {
            if let Some(source) = level.sources.iter().find(|source| source.name.eq_ignore_ascii_case(&qualifier)) {
                return (source.has(&column) == Some(false)).then(|| Stranger::Column(if sqlite { whole() } else { column.clone() }));
            }
            if level.sources.iter().any(|source| !source.strict || source.name.is_empty()) {
                return None;
            }
            scope = level.outer;
        }
        Some(if sqlite { Stranger::Column(whole()) } else { Stranger::Relation(qualifier) })
    }
}

/// Words that stand for a value without being a column, hidden columns, and units of time.
fn is_word(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    is_value(&lower)
        || WORDS.contains(&lower.as_str())
        || lower.starts_with("utc_")
        || lower.contains("_second")
        || lower.ends_with("_minute")
}

/// Words that are values by themselves; `name` in lower case.
pub(in crate::effect) fn is_value(name: &str) -> bool {
    VALUES.contains(&name)
}

const VALUES: &[&str] = &[
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "current_user",
    "session_user",
    "user",
    "system_user",
    "current_role",
    "current_catalog",
    "current_schema",
    "true",
    "false",
    "null",
];

const WORDS: &[&str] = &[
    "default",
    "unknown",
    "value",
    "ctid",
    "xmin",
    "xmax",
    "cmin",
    "cmax",
    "tableoid",
    "oid",
    "rowid",
    "_rowid_",
    "microsecond",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "quarter",
    "year",
    "day_hour",
    "year_month",
    "sysdate",
    "on",
    "off",
    "binary",
    "excluded",
    "row_number",
    "epoch",
];
