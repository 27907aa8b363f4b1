//! A query as it is written, taken apart once for all who look into it one after another.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use sqlparser::ast::Query;

use super::Expression;
use crate::engine::Target;
use crate::sql::expression::query_of;

/// The text of a query, or of a statement that is one or holds one.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryText {
    /// Without a tree of its own.
    pub written: Expression,
}

/// The query a thread asked about last. Several checks look into one statement's query in turn, and
/// then nobody does again: a tree kept with every statement would take a hundred times its text.
struct Last {
    text: Arc<str>,
    target: Target,
    query: Option<Rc<Query>>,
}

thread_local! {
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
}

impl QueryText {
    pub fn new(written: Expression) -> Self {
        QueryText { written }
    }

    /// The tree; `None` where the query is too large for one or is none of sqlparser's. `target` is
    /// the one that the statement was read for.
    pub fn query(&self, target: Target) -> Option<Rc<Query>> {
        LAST.with_borrow_mut(|last| {
            let known = last.as_ref().filter(|last| Arc::ptr_eq(&last.text, &self.written.text) && last.target == target);
            if let Some(known) = known {
                return known.query.clone();
            }
            let query = query_of(&self.written.text, target).map(|query| Rc::new(*query));
            *last = Some(Last { text: Arc::clone(&self.written.text), target, query: query.clone() });
            query
        })
    }
}
