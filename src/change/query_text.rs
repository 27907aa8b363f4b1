//! A query as it is written, taken apart once for all who look into it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use sqlparser::ast::Query;

use super::Expression;
use crate::engine::Target;
use crate::sql::expression::query_of;

/// The text of a query, or of a statement that is one or holds one. Copies share the tree.
#[derive(Clone)]
pub struct QueryText {
    /// Without a tree of its own.
    pub written: Expression,
    query: Arc<OnceLock<Option<Box<Query>>>>,
}

impl QueryText {
    pub fn new(written: Expression) -> Self {
        QueryText { written, query: Arc::default() }
    }

    /// The tree, made when it is asked for first; `None` where the query is too large for one or is
    /// none of sqlparser's. `target` is the one that the statement was read for.
    pub fn query(&self, target: Target) -> Option<&Query> {
        self.query.get_or_init(|| query_of(&self.written.text, target)).as_deref()
    }
}

impl fmt::Debug for QueryText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written.fmt(f)
    }
}

impl PartialEq for QueryText {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}
