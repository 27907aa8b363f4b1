//! Indexes.

use super::name::{Ident, ObjectName};
use super::types::Expression;
use crate::source::Span;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateIndex {
    /// `None`: the engine makes one up.
    pub name: Option<ObjectName>,
    pub kind: IndexKind,
    pub unique: bool,
    /// Span of `CONCURRENTLY`.
    pub concurrently: Option<Span>,
    pub if_not_exists: bool,
    pub or_replace: bool,
    /// PostgreSQL `ON ONLY table`.
    pub only: bool,
    /// Access method, lower case: `btree`, `gin` …
    pub method: Option<String>,
    pub keys: Vec<IndexKey>,
    pub include: Vec<Ident>,
    pub nulls_not_distinct: bool,
    pub predicate: Option<Expression>,
    pub tablespace: Option<Ident>,
    /// MySQL INVISIBLE, MariaDB IGNORED.
    pub invisible: bool,
    /// MySQL and MariaDB; empty where there is none.
    pub comment: String,
    /// An `ADD INDEX` action of ALTER TABLE (MySQL, MariaDB), not a statement of its own.
    pub in_alter: bool,
    /// Right after the word INDEX: where CONCURRENTLY would go.
    pub index_keyword: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IndexKind {
    #[default]
    Plain,
    Fulltext,
    Spatial,
    Vector,
}

/// One key of an index or of a key constraint.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexKey {
    pub part: IndexPart,
    pub descending: bool,
    pub nulls_first: Option<bool>,
    /// MySQL prefix length.
    pub prefix: Option<u64>,
    pub opclass: Option<ObjectName>,
    pub collation: Option<ObjectName>,
    /// `WITH operator` of an exclusion constraint.
    pub operator: Option<String>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum IndexPart {
    Column(Ident),
    Expression(Expression),
}

impl IndexKey {
    /// A plain column key.
    pub fn column(name: Ident) -> Self {
        let span = name.span;
        IndexKey {
            part: IndexPart::Column(name),
            descending: false,
            nulls_first: None,
            prefix: None,
            opclass: None,
            collation: None,
            operator: None,
            span,
        }
    }

    pub fn column_name(&self) -> Option<&Ident> {
        match &self.part {
            IndexPart::Column(name) => Some(name),
            IndexPart::Expression(_) => None,
        }
    }
}

/// DROP INDEX: one change per name.
#[derive(Debug, Clone, PartialEq)]
pub struct DropIndex {
    pub name: ObjectName,
    pub concurrently: Option<Span>,
    pub if_exists: bool,
    pub cascade: bool,
    /// How many indexes the statement names; CONCURRENTLY takes one only.
    pub siblings: u32,
    pub in_alter: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Reindex {
    pub target: ReindexTarget,
    pub concurrently: Option<Span>,
    pub tablespace: Option<Ident>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ReindexTarget {
    Index(ObjectName),
    Table(ObjectName),
    Schema(Ident),
    Database(Option<Ident>),
    System(Option<Ident>),
    /// SQLite `REINDEX` alone or with a collation, table or index name.
    Any(Option<ObjectName>),
}
